"""Sends an app every kind of request that the CORS protocol distinguishes, without a server, and returns the results.

A scenario is a function of the middleware class. It has to return the same with our class and with Starlette's.
"""

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

import anyio

from support.asgi import drive
from support.reference import CORSMiddleware as Reference

Scope: TypeAlias = dict[str, Any]
Scenario: TypeAlias = Callable[[Any], Any]

ORIGIN = "https://app.example.com"
OTHER = "https://other.example.org"

CONFIG: dict[str, Any] = {
    "allow_origins": [ORIGIN],
    "allow_methods": ["GET", "POST"],
    "allow_headers": ["X-Token"],
    "allow_credentials": True,
    "expose_headers": ["X-Total-Count"],
}
CONFIGS: dict[str, dict[str, Any]] = {
    "one origin": CONFIG,
    "every origin": {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"]},
    "every origin with credentials": {"allow_origins": ["*"], "allow_credentials": True},
    "a regex": {"allow_origin_regex": r"https://.*\.example\.com", "allow_private_network": True},
}


def http(method: str, **headers: str | None) -> Scope:
    """Return the scope of a request with these headers. Names have `_` for `-`, and a value of None leaves a header
    out.
    """
    given = {"host": "api.example.com"}
    given |= {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
    }


def get(origin: str | None = ORIGIN) -> Scope:
    return http("GET", origin=origin)


def preflight(
    origin: str = ORIGIN, method: str = "GET", names: str | None = None, private_network: str | None = None
) -> Scope:
    return http(
        "OPTIONS",
        origin=origin,
        access_control_request_method=method,
        access_control_request_headers=names,
        access_control_request_private_network=private_network,
    )


def websocket() -> Scope:
    return {"type": "websocket", "path": "/", "headers": [(b"origin", OTHER.encode())], "subprotocols": []}


def lifespan() -> Scope:
    return {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}


REQUESTS: dict[str, Callable[[], Scope]] = {
    "without Origin": lambda: get(None),
    "from the origin": get,
    "from another origin": lambda: get(OTHER),
    "preflight": preflight,
    "preflight from another origin": lambda: preflight(OTHER),
    "preflight for PUT": lambda: preflight(method="PUT"),
    "preflight for a header": lambda: preflight(names="x-token"),
    "preflight for another header": lambda: preflight(names="x-token, x-other"),
    "preflight to the private network": lambda: preflight(private_network="true"),
}


CONNECTIONS: dict[str, Callable[[], dict[str, Any]]] = {
    "actual": get,
    "actual without Origin": lambda: get(None),
    "preflight": preflight,
    "websocket": websocket,
    "lifespan": lifespan,
}


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """An app that answers every request in the same way, with a Vary of its own."""
    headers = [(b"content-type", b"text/plain"), (b"vary", b"Accept-Encoding")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


async def nothing_received() -> Any:
    raise LookupError("nobody should have asked for the body")


def exchange(app: Any, scope: Scope) -> list[Any]:
    """Return copies of the messages that `app` sends, and the type of the exception that ends it."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append({key: list(value) if key == "headers" else value for key, value in message.items()})

    try:
        drive(app(scope, nothing_received, send))
    except AssertionError:
        raise
    except Exception as error:
        sent.append(type(error))
    return sent


def in_a_task(app: Any, *connection: Any) -> None:
    async def main() -> None:
        await asyncio.create_task(app(*connection))

    asyncio.run(main())


def served(runner: Callable[..., None], app: Any, scope: dict[str, Any]) -> list[Any]:
    """Return the messages that a server receives if it runs `app` in this way, then the type of an exception."""
    sent: list[Any] = []

    async def receive() -> Any:
        await anyio.lowlevel.checkpoint()
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        sent.append(message)

    try:
        runner(app, scope, receive, send)
    except Exception as error:
        sent.append(type(error))
    return sent


def answers(app: Any) -> dict[str, list[Any]]:
    """Return the results of one request of each kind."""
    return {name: exchange(app, request()) for name, request in REQUESTS.items()}


def both(fastcors: ModuleType, scenario: Scenario) -> tuple[Any, Any]:
    """Return the results of `scenario` with our class and with Starlette's."""
    return scenario(fastcors.CORSMiddleware), scenario(Reference)
