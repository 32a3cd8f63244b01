"""A page, and a WebSocket that only it and the origin `INTEROP_PAGE` may open."""

import os
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from interop.subjects import cors_middleware


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse("<!doctype html><title>own</title>")


async def greet(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


inner = Starlette(routes=[Route("/", page), WebSocketRoute("/ws", greet)])
app: Any = cors_middleware()(inner, allow_origins=[os.environ["INTEROP_PAGE"]], check_websocket_origin=True)
