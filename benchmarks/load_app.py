"""The apps that load.py serves: bare ASGI and FastAPI; without CORS, with Starlette's middleware, with fastcors', and
with the same response headers sent by the app itself. The last one shows what the headers alone cost a server.

`FASTCORS_LOAD` selects one, as in "ASGI/Starlette". Servers import `load_app:app`.
"""

import os
from typing import Any

from exchanges import ORIGIN, App, replying
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from scenarios import FOUR_ORIGINS
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware

import fastcors

BY_THE_APP = "by the app"
MIDDLEWARE: dict[str, Any] = {"Starlette": StarletteCORSMiddleware, "fastcors": fastcors.CORSMiddleware}
HEADERS = (
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-allow-origin", ORIGIN),
    (b"vary", b"Origin"),
)
CONFIG: dict[str, Any] = {name: list(value) if type(value) is tuple else value for name, value in FOUR_ORIGINS.items()}


def _bare(variant: str) -> App:
    middleware, plain = MIDDLEWARE.get(variant), replying(HEADERS if variant == BY_THE_APP else ())

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await plain(scope, receive, send)
            return
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    # Servers look for a coroutine function. An instance of the middleware looks like one itself.
    return app if middleware is None else middleware(app, **CONFIG)


def _fastapi(variant: str) -> FastAPI:
    app = FastAPI()
    headers = {name.decode(): value.decode() for name, value in HEADERS} if variant == BY_THE_APP else None
    if variant in MIDDLEWARE:
        app.add_middleware(MIDDLEWARE[variant], **CONFIG)

    @app.get("/")
    async def root() -> JSONResponse:
        return JSONResponse({}, headers=headers)

    return app


_framework, _, _variant = os.environ["FASTCORS_LOAD"].partition("/")
app: Any = (_fastapi if _framework == "FastAPI" else _bare)(_variant)
