"""A configuration that raises: under a server the start fails; everywhere else the constructor raises."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core.)

import asyncio
import functools
import re
import traceback
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import MethodType, ModuleType
from typing import Any, NamedTuple

import anyio
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from support.exchange import ORIGIN


class Wrong(NamedTuple):
    """A configuration, the exception that it raises, and what the message has to name."""

    parameters: dict[str, Any]
    error: str
    names: str


WRONG: dict[str, Wrong] = {
    "strict": Wrong({"allow_origins": [f"{ORIGIN}/"], "strict": True}, "CORSConfigError", "allow_origins"),
    "a line break": Wrong({"allow_headers": ["X-A\r\nX-B"]}, "ValueError", "allow_headers"),
    "a pattern": Wrong({"allow_origin_patterns": ["https://*"]}, "OriginPatternError", "allow_origin_patterns"),
    "a function": Wrong({"allow_origin_func": "yes"}, "TypeError", "allow_origin_func"),
    "a callback": Wrong({"on_refusal": "yes"}, "TypeError", "on_refusal"),
    "a regex": Wrong({"allow_origin_regex": "https://("}, re.error.__name__, "allow_origin_regex"),
    "config": Wrong({"config": {"allow_origins": ["*"]}}, "TypeError", "config="),
}
PREFLIGHT = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}


def added(kind: Callable[..., Any], middleware: Any, parameters: dict[str, Any], **more: Any) -> Any:
    app = kind(**more)
    app.add_middleware(GZipMiddleware)
    app.add_middleware(middleware, **parameters)
    app.add_middleware(BaseHTTPMiddleware, dispatch=lambda request, call_next: call_next(request))
    return app


def listed(kind: Callable[..., Any], middleware: Any, parameters: dict[str, Any], **more: Any) -> Any:
    return kind(middleware=[Middleware(middleware, **parameters)], **more)


APPS: dict[str, Callable[..., Any]] = {
    f"{kind.__name__}, {way.__name__}": functools.partial(way, kind)
    for kind in (Starlette, FastAPI)
    for way in (added, listed)
}


def started(app: Any) -> tuple[list[Any], BaseException | None]:
    """Return the messages with which `app` answers a server that starts it, and the exception that it ends with."""
    sent: list[Any] = []
    messages = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))

    async def receive() -> Any:
        await anyio.lowlevel.checkpoint()
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    try:
        asyncio.run(app({"type": "lifespan", "state": {}}, receive, send))
    except Exception as error:
        return sent, error
    return sent, None


@contextmanager
def raising(wrong: Wrong) -> Iterator[pytest.ExceptionInfo[Exception]]:
    with pytest.raises(Exception, match=r".") as caught:
        yield caught
    assert caught.type.__name__ == wrong.error


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("app_with", APPS.values(), ids=APPS)
def test_fails_the_start(fastcors: ModuleType, app_with: Callable[..., Any], wrong: Wrong) -> None:
    app = app_with(fastcors.CORSMiddleware, wrong.parameters)
    (message,), error = started(app)
    assert message["type"] == "lifespan.startup.failed"
    assert wrong.names in message["message"]
    assert wrong.error in message["message"].splitlines()[0]
    assert type(error).__name__ == wrong.error
    # A server that goes on in spite of it.
    client = TestClient(app)
    for ask in (client.get, client.options):
        with raising(wrong) as caught:
            ask("/", headers=PREFLIGHT)
        assert caught.value is error
    with raising(wrong), client.websocket_connect("/"):
        pass


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("app_with", APPS.values(), ids=APPS)
def test_raises_without_a_lifespan(fastcors: ModuleType, app_with: Callable[..., Any], wrong: Wrong) -> None:
    client = TestClient(app_with(fastcors.CORSMiddleware, wrong.parameters))
    for _ in range(2):
        with raising(wrong):
            client.get("/", headers=PREFLIGHT)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_raises_in_the_test_client(fastcors: ModuleType, wrong: Wrong) -> None:
    with raising(wrong), TestClient(added(FastAPI, fastcors.CORSMiddleware, wrong.parameters)):
        pass


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_raises_where_a_person_makes_it(fastcors: ModuleType, wrong: Wrong) -> None:
    with raising(wrong):
        fastcors.CORSMiddleware(Starlette(), **wrong.parameters)
    with raising(wrong):
        fastcors.add_cors(Starlette(), **wrong.parameters)
    with raising(wrong):
        added(FastAPI, fastcors.CORSMiddleware, wrong.parameters).build_middleware_stack()


def test_raises_in_the_lifespan_of_an_app(fastcors: ModuleType) -> None:
    """Starlette is being called with a lifespan scope there too, but it is a person who makes the middleware."""
    raised: list[str] = []
    strict = WRONG["strict"].parameters
    makers: list[Callable[[], Any]] = [
        lambda: fastcors.CORSMiddleware(Starlette(), **strict),
        lambda: added(FastAPI, fastcors.CORSMiddleware, strict).build_middleware_stack(),
        lambda: TestClient(added(Starlette, fastcors.CORSMiddleware, strict)).get("/"),
    ]

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        for make in makers:
            try:
                make()
            except fastcors.CORSConfigError as error:
                raised.append(error.problems[0].code)
        yield

    sent, error = started(added(FastAPI, fastcors.CORSMiddleware, {}, lifespan=lifespan))
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert error is None
    assert raised == ["origin-trailing-slash"] * 3


def test_the_message_has_every_problem(fastcors: ModuleType) -> None:
    parameters = {"allow_origins": ["*"], "allow_credentials": True, "allow_methods": ["get"], "strict": True}
    (message,), error = started(added(FastAPI, fastcors.CORSMiddleware, parameters))
    assert message["message"] == "".join(traceback.format_exception_only(error)).strip()
    assert [line[:2] for line in message["message"].splitlines()[1:]] == ["- ", "- "]
    assert "[origin-asterisk-with-credentials]" in message["message"]
    assert "[method-lower-case]" in message["message"]


def test_a_warning_that_is_an_error(fastcors: ModuleType) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", fastcors.CORSConfigWarning)
        (message,), error = started(added(FastAPI, fastcors.CORSMiddleware, {"allow_origins": [f"{ORIGIN}/"]}))
    assert message["type"] == "lifespan.startup.failed"
    assert isinstance(error, fastcors.CORSConfigWarning)


def test_a_right_configuration(fastcors: ModuleType) -> None:
    steps: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        steps.append("start")
        yield
        steps.append("end")

    routes = [Route("/", lambda _: PlainTextResponse("hello"))]
    parameters = {"allow_origins": [ORIGIN], "strict": True}
    app = added(Starlette, fastcors.CORSMiddleware, parameters, routes=routes, lifespan=lifespan)
    with TestClient(app) as client:
        assert client.get("/", headers=PREFLIGHT).headers["access-control-allow-origin"] == ORIGIN
        assert steps == ["start"]
    assert steps == ["start", "end"]


def subclass(base: Any) -> Any:
    class Growing(base):
        def __init__(self, app: Any, **parameters: Any) -> None:
            super().__init__(app, **parameters)
            self.allow_origins.append("https://other.example.com")
            self.preflight_headers["X-More"] = "yes"

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await super().__call__(scope, receive, send)

    return Growing


def test_in_a_subclass(fastcors: ModuleType) -> None:
    (message,), error = started(added(Starlette, subclass(fastcors.CORSMiddleware), WRONG["strict"].parameters))
    assert message["type"] == "lifespan.startup.failed"
    assert isinstance(error, fastcors.CORSConfigError)


def test_the_middleware_keeps_its_class(fastcors: ModuleType) -> None:
    made: list[Any] = []

    def factory(app: Any, **parameters: Any) -> Any:
        made.append(fastcors.CORSMiddleware(app, **parameters))
        return made[0]

    app = added(Starlette, factory, WRONG["a regex"].parameters)
    assert started(app)[0][0]["type"] == "lifespan.startup.failed"
    assert type(made[0]) is fastcors.CORSMiddleware
    assert made[0].allow_origin_regex is None


def test_a_stack_built_by_instrumentation(fastcors: ModuleType) -> None:
    app = added(FastAPI, fastcors.CORSMiddleware, WRONG["strict"].parameters)
    build = type(app).build_middleware_stack
    app.build_middleware_stack = MethodType(lambda self: GZipMiddleware(build(self)), app)
    assert started(app)[0][0]["type"] == "lifespan.startup.failed"


def test_the_traceback_does_not_grow(fastcors: ModuleType) -> None:
    app = added(Starlette, fastcors.CORSMiddleware, WRONG["strict"].parameters)
    _, error = started(app)
    lengths = set()
    for _ in range(3):
        with pytest.raises(fastcors.CORSConfigError):
            TestClient(app).get("/")
        assert error is not None
        lengths.add(len(traceback.extract_tb(error.__traceback__)))
    assert len(lengths) == 1
