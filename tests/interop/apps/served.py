"""The app behind every server: FastAPI with the middleware inside, or the middleware as the outermost app.

`INTEROP_PLACE` says which; the servers are pointed at `interop.apps.served:app` and told no interface.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse

from interop.subjects import cors_middleware

ORIGIN = "https://app.example.com"
CONFIG: dict[str, Any] = {
    "allow_origins": [ORIGIN],
    "allow_origin_regex": r"https://client-\d+\.example\.com",
    "allow_methods": ["GET", "PUT"],
    "allow_headers": ["X-Token"],
    "allow_credentials": True,
    "expose_headers": ["X-Total-Count"],
}
ENDLESS_SECONDS = 60

started: list[str] = []
ended: list[str] = []
waiting: dict[str, list[asyncio.Event]] = {}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    started.append("yes")
    yield


inner = FastAPI(lifespan=lifespan)


@inner.get("/")
async def root() -> dict[str, Any]:
    return {"started": started}


@inner.get("/subject")
async def subject() -> str:
    return os.environ["INTEROP_SUBJECT"]


@inner.put("/item")
async def item(request: Request) -> dict[str, Any]:
    return {"length": len(await request.body())}


@inner.get("/stream")
async def stream() -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        for number in range(5):
            await asyncio.sleep(0.001)
            yield b"%d," % number * 1000

    return StreamingResponse(chunks(), media_type="text/plain", headers={"Vary": "Accept"})


@inner.get("/endless")
async def endless(key: str) -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        try:
            for _ in range(ENDLESS_SECONDS * 100):
                yield b"more\n" * 100
                await asyncio.sleep(0.01)
        finally:
            ended.append(key)

    return StreamingResponse(chunks(), media_type="text/plain")


@inner.get("/ended")
async def was_ended(key: str) -> bool:
    return key in ended


@inner.get("/broken")
async def broken() -> None:
    raise ZeroDivisionError("on purpose")


@inner.get("/together")
async def together(request: Request, key: str, count: int) -> dict[str, Any]:
    """Answer no request before so many have come."""
    events = waiting.setdefault(key, [])
    events.append(asyncio.Event())
    if len(events) == count:
        for event in events:
            event.set()
    await asyncio.wait_for(events[-1].wait(), 30) if len(events) < count else None
    return {"origin": request.headers.get("origin"), "client": request.client and request.client.port}


@inner.websocket("/ws")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


if os.environ["INTEROP_PLACE"] == "inside":
    inner.add_middleware(cors_middleware(), **CONFIG)
    app: Any = inner
else:
    app = cors_middleware()(inner, **CONFIG)
