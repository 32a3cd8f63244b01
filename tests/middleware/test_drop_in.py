"""How servers, frameworks and apps call the middleware and its methods, and how they await what it returns."""

import asyncio
import functools
import types
from collections.abc import Awaitable, Callable, Generator
from types import ModuleType
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import trio
from starlette.datastructures import Headers, MutableHeaders
from support.asgi import drive
from support.exchange import (
    CONFIG,
    CONFIGS,
    CONNECTIONS,
    ORIGIN,
    OTHER,
    answers,
    both,
    exchange,
    get,
    hello,
    in_a_task,
    lifespan,
    nothing_received,
    preflight,
    served,
    websocket,
)


async def waiting_app(scope: Any, receive: Any, send: Any) -> None:
    await anyio.lowlevel.checkpoint()
    await receive()
    await hello(scope, receive, send)
    await anyio.lowlevel.checkpoint()


def awaited(app: Any, *connection: Any) -> None:
    async def main() -> None:
        await app(*connection)

    asyncio.run(main())


def run(app: Any, *connection: Any) -> None:
    asyncio.run(app(*connection))


def gathered(app: Any, *connection: Any) -> None:
    async def main() -> None:
        await asyncio.gather(app(*connection))

    asyncio.run(main())


def within_a_timeout(app: Any, *connection: Any) -> None:
    async def main() -> None:
        await asyncio.wait_for(app(*connection), 10)

    asyncio.run(main())


def on_trio(app: Any, *connection: Any) -> None:
    trio.run(app, *connection)


def in_a_nursery(app: Any, *connection: Any) -> None:
    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(app, *connection)

    trio.run(main)


def in_a_task_group(app: Any, *connection: Any, backend: str = "asyncio") -> None:
    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(app, *connection)

    anyio.run(main, backend=backend)


RUNNERS: dict[str, Callable[..., None]] = {
    "awaited": awaited,
    "asyncio.run": run,
    "asyncio.create_task": in_a_task,
    "asyncio.gather": gathered,
    "asyncio.wait_for": within_a_timeout,
    "trio.run": on_trio,
    "trio nursery": in_a_nursery,
    "anyio task group": in_a_task_group,
    "anyio task group on trio": functools.partial(in_a_task_group, backend="trio"),
}


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("runner", RUNNERS)
def test_way_to_run(fastcors: ModuleType, runner: str, connection: str) -> None:
    def scenario(base: Any) -> Any:
        return served(RUNNERS[runner], base(waiting_app, **CONFIG), CONNECTIONS[connection]())

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert [message["type"] for message in ours] == ["http.response.start", "http.response.body"]


class App:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await hello(scope, receive, send)

    async def method(self, scope: Any, receive: Any, send: Any) -> None:
        await hello(scope, receive, send)


class Waiting:
    """Awaitable, and no coroutine."""

    def __init__(self, awaitable: Awaitable[None]) -> None:
        self.awaitable = awaitable

    def __await__(self) -> Generator[Any, Any, None]:
        return self.awaitable.__await__()


@types.coroutine
def generator_app(scope: Any, receive: Any, send: Any) -> Generator[Any, Any, None]:
    yield from hello(scope, receive, send).__await__()


def raising_app(scope: Any, receive: Any, send: Any) -> Any:
    raise PermissionError("before there is anything to await")


APPS: dict[str, Any] = {
    "coroutine function": hello,
    "object": App(),
    "bound method": App().method,
    "partial": functools.partial(hello),
    "function that returns a coroutine": lambda *connection: hello(*connection),
    "function that returns a future": lambda *connection: asyncio.ensure_future(hello(*connection)),
    "function that returns an awaitable": lambda *connection: Waiting(hello(*connection)),
    "generator": generator_app,
    "function that returns nothing": lambda *connection: None,
    "function that raises": raising_app,
    "not callable": None,
}


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("app", APPS)
def test_kind_of_app(fastcors: ModuleType, app: str, connection: str) -> None:
    def scenario(base: Any) -> Any:
        return served(in_a_task, base(APPS[app], **CONFIG), CONNECTIONS[connection]())

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours


@pytest.mark.parametrize("connection", [websocket, lifespan])
def test_other_connections_pass_untouched(fastcors: ModuleType, connection: Callable[[], dict[str, Any]]) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((scope, receive, send))

    async def send(message: Any) -> None: ...

    scope = connection()
    before = dict(scope)
    drive(fastcors.CORSMiddleware(app, **CONFIG)(scope, nothing_received, send))
    assert all(ours is theirs for ours, theirs in zip(seen, (scope, nothing_received, send), strict=True))
    assert scope == before


def test_app_gets_scope_and_receive_of_the_server(fastcors: ModuleType) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((scope, receive))

    scope = get()
    drive(fastcors.CORSMiddleware(app, **CONFIG)(scope, nothing_received, None))
    assert seen[0] is scope
    assert seen[1] is nothing_received


CALLS: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "by position": lambda app, scope, receive, send: app(scope, receive, send),
    "by keyword": lambda app, scope, receive, send: app(send=send, scope=scope, receive=receive),
    "mixed": lambda app, scope, receive, send: app(scope, send=send, receive=receive),
    "none": lambda app, scope, receive, send: app(),
    "too few": lambda app, scope, receive, send: app(scope),
    "too many": lambda app, scope, receive, send: app(scope, receive, send, None),
    "twice": lambda app, scope, receive, send: app(scope, receive, send, scope=scope),
    "misspelt": lambda app, scope, receive, send: app(scope, receive, sned=send),
}


@pytest.mark.parametrize("how", ["instance", "method"])
@pytest.mark.parametrize("name", CALLS)
def test_arguments(fastcors: ModuleType, name: str, how: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        app = middleware if how == "instance" else middleware.__call__
        return exchange(lambda scope, receive, send: CALLS[name](app, scope, receive, send), get())

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert (ours == [TypeError]) is (name not in ("by position", "by keyword", "mixed"))


def test_other_app(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        before = answers(middleware)
        middleware.app = raising_app
        raised = answers(middleware), exchange(middleware, websocket())
        middleware.app = base(hello, allow_origins=[OTHER])
        return before, raised, answers(middleware)

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[2]


REQUEST_HEADERS = {
    "no header": {},
    "allowed": {"origin": ORIGIN, "access-control-request-method": "POST"},
    "refused": {"origin": OTHER, "access-control-request-method": "PUT", "access-control-request-headers": "x-a"},
    "upper case": {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"},
    "no method": {"origin": ORIGIN},
}


def value_or_error(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:
        return type(error)


def call_preflight(middleware: Any, headers: Headers) -> Any:
    response = middleware.preflight_response(request_headers=headers)
    return type(response).__name__, response.status_code, response.body, response.raw_headers


def call_simple(middleware: Any, headers: Headers) -> Any:
    # The scope is another request's: it is the headers handed over that count.
    return exchange(
        lambda scope, receive, send: middleware.simple_response(scope, receive, send, request_headers=headers), get()
    )


def call_sent(middleware: Any, headers: Headers, message: dict[str, Any]) -> Any:
    return exchange(lambda scope, receive, send: middleware.send(message, send=send, request_headers=headers), get())


def call_explicit(middleware: Any) -> Any:
    headers = MutableHeaders({"vary": "Accept", "access-control-allow-origin": "*"})
    middleware.allow_explicit_origin(headers, OTHER)
    type(middleware).allow_explicit_origin(headers, ORIGIN)
    return headers.raw


DIRECT_CALLS: dict[str, Callable[[Any, Headers], Any]] = {
    "is_allowed_origin": lambda middleware, headers: (
        middleware.is_allowed_origin(origin=headers.get("origin", "")),
        middleware.is_allowed_origin(headers.get("origin", "")),
        type(middleware).is_allowed_origin(middleware, origin=headers.get("origin", "")),
    ),
    "preflight_response": call_preflight,
    "simple_response": call_simple,
    "send a start": lambda middleware, headers: call_sent(
        middleware, headers, {"type": "http.response.start", "status": 200, "headers": [(b"vary", b"Cookie")]}
    ),
    "send a start without headers": lambda middleware, headers: call_sent(
        middleware, headers, {"type": "http.response.start", "status": 200}
    ),
    "send a body": lambda middleware, headers: call_sent(middleware, headers, {"type": "http.response.body"}),
    "send without type": lambda middleware, headers: call_sent(middleware, headers, {}),
    "allow_explicit_origin": lambda middleware, headers: call_explicit(middleware),
}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("headers", REQUEST_HEADERS)
@pytest.mark.parametrize("call", DIRECT_CALLS)
def test_called_directly(fastcors: ModuleType, call: str, headers: str, config: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIGS[config])
        return value_or_error(lambda: DIRECT_CALLS[call](middleware, Headers(REQUEST_HEADERS[headers])))

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("scope", [get, preflight])
def test_call_method_called_directly(fastcors: ModuleType, scope: Callable[[], dict[str, Any]]) -> None:
    middleware = fastcors.CORSMiddleware(hello, **CONFIG)
    expected = exchange(middleware, scope())
    assert expected[0]["status"] == 200
    assert exchange(middleware.__call__, scope()) == expected
    assert exchange(functools.partial(fastcors.CORSMiddleware.__call__, middleware), scope()) == expected


def test_simple_response_hands_scope_and_receive_on(fastcors: ModuleType) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((scope, receive))

    scope = get()
    middleware = fastcors.CORSMiddleware(app)
    drive(middleware.simple_response(scope, nothing_received, None, request_headers=Headers()))
    assert seen[0] is scope
    assert seen[1] is nothing_received
