"""`check_websocket_origin`: which pages may open a WebSocket, how others are told, and that it is off by default."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import asyncio
import copy
import logging
import sys
from collections import UserDict
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect
from support.exchange import ORIGIN, OTHER
from support.serving import serving
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

DENIAL: dict[str, Any] = {"websocket.http.response": {}}
ACCEPTED = ["websocket.accept"]
CLOSED = ["websocket.close"]
DENIED = ["websocket.http.response.start", "websocket.http.response.body"]


def handshake(origin: str | None, *hosts: str, scheme: str | None = "ws", **more: Any) -> dict[str, Any]:
    headers = [(b"host", host.encode()) for host in hosts or ("api.example.com",)]
    if origin is not None:
        headers.append((b"origin", origin.encode("latin-1")))
    scope = {"type": "websocket", "path": "/", "headers": headers, "subprotocols": [], **more}
    return scope if scheme is None else {**scope, "scheme": scheme}


async def accepting(scope: Any, receive: Any, send: Any) -> None:
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})


def outcome(app: Any, scope: Any, received: str = "websocket.connect") -> list[Any]:
    """Return the messages that `app` sends in answer to a handshake."""
    sent: list[Any] = []

    async def receive() -> Any:
        await anyio.lowlevel.checkpoint()
        return {"type": received}

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def kinds(app: Any, scope: Any) -> list[str]:
    return [message["type"] for message in outcome(app, scope)]


def checking(fastcors: ModuleType, **config: Any) -> Any:
    return fastcors.CORSMiddleware(accepting, check_websocket_origin=True, **config)


# The page's origin, the Host, the connection's scheme; whether the page is the host's own.
OWN: dict[str, tuple[str, str, str | None, bool]] = {
    "the same host": ("http://api.example.com", "api.example.com", "ws", True),
    "encrypted": ("https://api.example.com", "api.example.com", "wss", True),
    "encrypted as far as a proxy": ("https://api.example.com", "api.example.com", "ws", True),
    "a server that tells no scheme": ("https://api.example.com", "api.example.com", None, True),
    "a page that was not encrypted": ("http://api.example.com", "api.example.com", "wss", False),
    "the same port": ("http://localhost:8000", "localhost:8000", "ws", True),
    "another port": ("http://localhost:3000", "localhost:8000", "ws", False),
    "a port and none": ("http://localhost:8000", "localhost", "ws", False),
    "none and a port": ("http://localhost", "localhost:8000", "ws", False),
    "the default port named": ("https://api.example.com", "api.example.com:443", "wss", True),
    "the default port of the other scheme": ("https://api.example.com", "api.example.com:80", "ws", False),
    "Host in upper case": ("https://api.example.com", "API.Example.com", "wss", True),
    "IPv4": ("http://127.0.0.1:8000", "127.0.0.1:8000", "ws", True),
    "IPv6": ("http://[::1]:8000", "[::1]:8000", "ws", True),
    "IPv6 without a port": ("http://[::1]", "[::1]", "ws", True),
    "a sibling": ("https://www.example.com", "api.example.com", "wss", False),
    "the parent": ("https://example.com", "api.example.com", "wss", False),
    "a longer name": ("https://api.example.com.evil.example", "api.example.com", "wss", False),
    "a shorter name": ("https://api.example.co", "api.example.com", "wss", False),
    "opaque": ("null", "null", "ws", False),
    "a browser extension": ("chrome-extension://abcdef", "abcdef", "ws", False),
    "no host in the origin": ("https://", "api.example.com", "wss", False),
    "a user in the origin": ("https://api.example.com@evil.example", "api.example.com", "wss", False),
    "a user in Host": ("https://api.example.com", "evil@api.example.com", "wss", False),
    "a path in the origin": ("https://api.example.com/", "api.example.com/", "wss", False),
    "an empty Host": ("https://", "", "wss", False),
    "a colon and no port": ("http://localhost:", "localhost:", "ws", False),
    "no address in the brackets": ("http://[x]", "[x]", "ws", False),
    "outside ASCII": ("https://\xe9.example.com", "\xc9.example.com", "wss", False),
}


@pytest.mark.parametrize(("origin", "host", "scheme", "own"), OWN.values(), ids=OWN)
def test_own_origin(fastcors: ModuleType, origin: str, host: str, scheme: str | None, own: bool) -> None:
    app = checking(fastcors)
    assert kinds(app, handshake(origin, host, scheme=scheme)) == (ACCEPTED if own else CLOSED)


def test_which_host_is_unclear(fastcors: ModuleType) -> None:
    own = "http://api.example.com"
    assert kinds(checking(fastcors), handshake(own, "api.example.com", "evil.example")) == CLOSED
    assert kinds(checking(fastcors), {**handshake(own), "headers": [(b"origin", own.encode())]}) == CLOSED


POLICIES: dict[str, tuple[dict[str, Any], dict[str | None, bool]]] = {
    "none": ({}, {None: True, ORIGIN: False, "null": False, "": False}),
    "listed": ({"allow_origins": [ORIGIN]}, {None: True, ORIGIN: True, OTHER: False, ORIGIN + ":1": False}),
    "null listed": ({"allow_origins": ["null"]}, {"null": True, ORIGIN: False}),
    "every origin": ({"allow_origins": ["*"]}, {ORIGIN: True, "null": True}),
    "regex": ({"allow_origin_regex": r"https://.*\.example\.com"}, {ORIGIN: True, OTHER: False}),
    "pattern": ({"allow_origin_patterns": ["https://*.example.com"]}, {ORIGIN: True, OTHER: False}),
    "outside latin-1": ({"expose_headers": ["\u0100"], "allow_origins": [ORIGIN]}, {ORIGIN: True, OTHER: False}),
}


@pytest.mark.parametrize(("config", "origins"), POLICIES.values(), ids=POLICIES)
def test_allowed_origins(fastcors: ModuleType, config: dict[str, Any], origins: dict[str | None, bool]) -> None:
    app = checking(fastcors, **config)
    for origin, accepted in origins.items():
        assert kinds(app, handshake(origin)) == (ACCEPTED if accepted else CLOSED), origin


@pytest.mark.parametrize("config", [{"allow_origins": ["*"]}, {"allow_origins": [ORIGIN, OTHER]}])
@pytest.mark.parametrize("second", [ORIGIN, OTHER, "http://api.example.com", ""])
def test_two_origins(fastcors: ModuleType, config: dict[str, Any], second: str) -> None:
    """A browser sends one. Which of two counts is not for each server on the way to decide anew."""
    refusals: list[Any] = []
    app = checking(fastcors, **config, on_refusal=lambda *refusal: refusals.append(refusal[:2]))
    scope = handshake(ORIGIN)
    scope["headers"].append((b"origin", second.encode()))
    assert kinds(app, scope) == CLOSED
    assert refusals == [(f"{ORIGIN}, {second}", ("origin",))]


def test_off_unless_asked_for(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(accepting, allow_origins=[ORIGIN])
    assert kinds(middleware, handshake(OTHER)) == ACCEPTED
    assert "check_websocket_origin" not in vars(middleware), "nothing more than Starlette's"
    middleware.check_websocket_origin = True
    assert kinds(middleware, handshake(OTHER)) == CLOSED
    assert kinds(copy.copy(middleware), handshake(OTHER)) == CLOSED
    middleware.check_websocket_origin = False
    assert kinds(middleware, handshake(OTHER)) == ACCEPTED
    middleware.check_websocket_origin = True
    del middleware.check_websocket_origin
    assert kinds(middleware, handshake(OTHER)) == ACCEPTED


def test_what_a_refusal_sends(fastcors: ModuleType) -> None:
    app = checking(fastcors)
    start, body = outcome(app, handshake(OTHER, extensions=DENIAL))
    assert start["status"] == 403
    assert dict(start["headers"])[b"content-length"] == b"%d" % len(body["body"])
    start["headers"].append((b"x-server", b"its own"))
    assert (b"x-server", b"its own") not in outcome(app, handshake(OTHER, extensions=DENIAL))[0]["headers"]
    assert kinds(app, handshake(OTHER, extensions=None)) == CLOSED
    (close,) = outcome(app, handshake(OTHER, extensions={}))
    assert close["code"] == 1008
    assert outcome(app, handshake(OTHER), received="websocket.disconnect") == []


def test_other_connections_pass(fastcors: ModuleType) -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    middleware = fastcors.CORSMiddleware(app, check_websocket_origin=True)
    for kind in ("lifespan", "http", "webtransport"):
        assert outcome(middleware, {"type": kind, "method": "GET", "headers": []}) == []
    assert seen == ["lifespan", "http", "webtransport"]


def subclasses(base: Any) -> dict[str, Any]:
    class Asking(base):
        def is_allowed_origin(self, origin: str) -> bool:
            return origin == OTHER

    class InFull(base):
        async def send(self, message: Any, send: Any, request_headers: Any) -> None:
            await super().send(message, send, request_headers)

    class NameOfItsOwn(base):
        def check_websocket_origin(self) -> bool:
            return True

    return {"is_allowed_origin": Asking, "send": InFull, "the name": NameOfItsOwn}


def test_in_subclasses(fastcors: ModuleType) -> None:
    kind = subclasses(fastcors.CORSMiddleware)
    asking = kind["is_allowed_origin"](accepting, check_websocket_origin=True)
    assert [kinds(asking, handshake(origin)) for origin in (ORIGIN, OTHER)] == [CLOSED, ACCEPTED]
    in_full = kind["send"](accepting, [ORIGIN], check_websocket_origin=True)
    assert [kinds(in_full, handshake(origin)) for origin in (ORIGIN, OTHER)] == [ACCEPTED, CLOSED]
    assert kinds(kind["the name"](accepting, [ORIGIN]), handshake(OTHER)) == ACCEPTED


SCOPES = {
    "headers in a tuple": lambda scope: {**scope, "headers": tuple(scope["headers"])},
    "headers in a generator": lambda scope: {**scope, "headers": (pair for pair in scope["headers"])},
    "a mapping": UserDict,
}


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_unusual_scopes(fastcors: ModuleType, scope: Any) -> None:
    for origin, sent in ((OTHER, CLOSED), (ORIGIN, ACCEPTED)):
        assert kinds(checking(fastcors, allow_origins=[ORIGIN]), scope(handshake(origin))) == sent


def test_refusal_is_reported(fastcors: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    refusals: list[Any] = []
    app = checking(fastcors, allow_origins=[ORIGIN], on_refusal=lambda *refusal: refusals.append(refusal))
    with caplog.at_level(logging.DEBUG, "fastcors"):
        for origin in (ORIGIN, None, "http://api.example.com"):
            kinds(app, handshake(origin))
        assert refusals == []
        scope = handshake(OTHER)
        kinds(app, scope)
    assert refusals == [(OTHER, ("origin",), scope)]
    assert caplog.messages == [f"WebSocket refused (origin): origin={OTHER!r} path='/'"]


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_in_an_app(fastcors: ModuleType, backend: Any) -> None:
    app = fastcors.add_cors(
        Starlette(routes=[WebSocketRoute("/", echo)]), allow_origins=[ORIGIN], check_websocket_origin=True
    )
    client = TestClient(app, backend=backend)
    for headers in ({"Origin": ORIGIN}, {"Origin": "http://testserver"}, {}):
        with client.websocket_connect("/", headers=headers) as websocket:
            websocket.send_text("hello")
            assert websocket.receive_text() == "hello"
    refused = pytest.raises((WebSocketDenialResponse, WebSocketDisconnect))
    with refused as caught, client.websocket_connect("/", headers={"Origin": OTHER}):
        pass
    assert getattr(caught.value, "status_code", None) == 403 or getattr(caught.value, "code", None) == 1008


SERVED = f"""
from fastcors import COMPILED, CORSMiddleware


async def echo(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({{"type": "websocket.accept"}})
    text = (await receive())["text"]
    await send({{"type": "websocket.send", "text": f"{{text}} {{COMPILED}}"}})
    await send({{"type": "websocket.close"}})


app = CORSMiddleware(echo, allow_origins=[{ORIGIN!r}], check_websocket_origin=True)
"""
UVICORN = ["uvicorn", "served:app", "--fd", "{fd}", "--lifespan", "off", "--ws"]
COMMANDS = {
    "uvicorn, websockets": [*UVICORN, "websockets"],
    "uvicorn, websockets-sansio": [*UVICORN, "websockets-sansio"],
    "uvicorn, wsproto": [*UVICORN, "wsproto"],
    "hypercorn": ["hypercorn", "served:app", "--bind", "fd://{fd}"],
}


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are not handed over by number there")
@pytest.mark.parametrize("server", COMMANDS)
def test_served(fastcors: ModuleType, server: str, tmp_path: Path) -> None:
    pytest.importorskip(COMMANDS[server][0])
    with serving(COMMANDS[server], SERVED, fastcors.COMPILED, tmp_path) as client:
        own = str(client.base_url).rstrip("/")
        url = own.replace("http", "ws")
        for origin in (None, ORIGIN, own):
            given = None if origin is None else Origin(origin)
            with connect(url, origin=given, proxy=None, open_timeout=20) as connection:
                connection.send("hello")
                assert connection.recv(timeout=20) == f"hello {fastcors.COMPILED}"
        for origin in (OTHER, "null", own + "0"):
            with (
                pytest.raises(InvalidStatus) as caught,
                connect(url, origin=Origin(origin), proxy=None, open_timeout=20),
            ):
                pass
            assert caught.value.response.status_code == 403
