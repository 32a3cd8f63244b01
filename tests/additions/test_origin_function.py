"""`allow_origin_func`: when it is asked, how often, with what, and what comes of its answers and its failures."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import asyncio
import copy
import functools
import logging
import threading
from collections import UserDict
from collections.abc import Callable
from types import ModuleType
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from support.asgi import OnlyContains, drive
from support.exchange import CONFIG, ORIGIN, OTHER, exchange, get, hello, http, preflight
from support.reference import CORSMiddleware as Reference

# Allowed by the function alone.
TENANT = "https://tenant.example.net"


class Asked:
    """A function of origin and scope that writes down what it is asked."""

    def __init__(self, answer: Any = True) -> None:
        self.answer = answer
        self.calls: list[tuple[str, Any]] = []

    def __call__(self, origin: str, scope: Any) -> Any:
        self.calls.append((origin, scope))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @property
    def origins(self) -> list[str]:
        return [origin for origin, _ in self.calls]


def by_coroutine(asked: Asked) -> Callable[..., Any]:
    async def function(origin: str, scope: Any) -> Any:
        return asked(origin, scope)

    return function


def by_awaitable(asked: Asked) -> Callable[..., Any]:
    class Answer:
        def __await__(self) -> Any:
            return asked(*self.question)
            yield

        def __init__(self, *question: Any) -> None:
            self.question = question

    return Answer


KINDS: dict[str, Callable[[Asked], Callable[..., Any]]] = {
    "a function": lambda asked: asked,
    "a coroutine function": by_coroutine,
    "an awaitable": by_awaitable,
    "a partial": lambda asked: functools.partial(lambda more, origin, scope: asked(origin, scope), "more"),
}


@pytest.fixture(params=KINDS)
def function_of(request: pytest.FixtureRequest) -> Any:
    return KINDS[request.param]


REQUESTS: dict[str, Callable[[str], Any]] = {
    "actual": get,
    "preflight": preflight,
    "preflight for PUT": lambda origin: preflight(origin, "PUT"),
    "headers in a tuple": lambda origin: {**get(origin), "headers": tuple(get(origin)["headers"])},
}


@pytest.mark.parametrize("request_of", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("answer", [True, False])
def test_decides_what_nothing_else_allows(
    fastcors: ModuleType, function_of: Any, answer: bool, request_of: Callable[[str], Any]
) -> None:
    asked = Asked(answer)
    middleware = fastcors.CORSMiddleware(hello, **CONFIG, allow_origin_func=function_of(asked))
    listed = {**CONFIG, "allow_origins": [ORIGIN, TENANT] if answer else [ORIGIN]}
    assert exchange(middleware, request_of(TENANT)) == exchange(Reference(hello, **listed), request_of(TENANT))
    assert asked.origins == [TENANT], "once"


@pytest.mark.parametrize("request_of", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("origin", [ORIGIN, None, "https://a.example.com", "https://b.example.com"])
def test_is_not_asked_otherwise(
    fastcors: ModuleType, origin: str | None, request_of: Callable[[str | None], Any]
) -> None:
    asked = Asked()
    config = {**CONFIG, "allow_origin_regex": r"https://a\.example\.com"}
    middleware = fastcors.CORSMiddleware(
        hello, **config, allow_origin_patterns=["https://*.example.com"], allow_origin_func=asked
    )
    listed = {**config, "allow_origins": [ORIGIN, "https://b.example.com"]}
    assert exchange(middleware, request_of(origin)) == exchange(Reference(hello, **listed), request_of(origin))
    assert asked.calls == []


@pytest.mark.parametrize("credentials", [True, False])
def test_is_not_asked_where_every_origin_is_allowed(fastcors: ModuleType, credentials: bool) -> None:
    asked = Asked()
    config = {"allow_origins": ["*"], "allow_credentials": credentials}
    middleware = fastcors.CORSMiddleware(hello, **config, allow_origin_func=asked)
    for scope in (get, preflight):
        assert exchange(middleware, scope(TENANT)) == exchange(Reference(hello, **config), scope(TENANT))
    # A control byte is refused where it would be echoed, whoever would allow it.
    exchange(middleware, get("https://a\x01"))
    assert asked.calls == []


def test_control_bytes_are_refused_unasked(fastcors: ModuleType) -> None:
    asked = Asked()
    middleware = fastcors.CORSMiddleware(hello, allow_origin_func=asked, check_websocket_origin=True)
    for scope in (get, preflight):
        sent = exchange(middleware, scope("https://tenant\x01.example"))
        assert b"access-control-allow-origin" not in dict(sent[0]["headers"])
    assert asked.calls == []


WRONG: dict[str, Any] = {
    "nothing": None,
    "one": 1,
    "text": "yes",
    "an origin": TENANT,
    "an exception": LookupError("the database is down"),
    "several": ExceptionGroup("several", [OSError()]),
}


@pytest.mark.thread_unsafe(reason="caplog records what every thread logs")
@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG)
def test_fails_closed(fastcors: ModuleType, function_of: Any, answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    middleware = fastcors.CORSMiddleware(hello, **CONFIG, allow_origin_func=function_of(Asked(answer)))
    for scope in (get, preflight):
        caplog.clear()
        assert exchange(middleware, scope(TENANT)) == exchange(Reference(hello, **CONFIG), scope(TENANT))
        (record,) = caplog.records
        assert (record.name, record.levelno) == ("fastcors", logging.ERROR)
        assert f"allow_origin_func failed, so that it allows no origin={TENANT!r}" in record.message
        assert record.exc_info is not None
        raised = record.exc_info[1]
        assert raised is answer if isinstance(answer, Exception) else f"returned {answer!r}" in str(raised)


def test_log_cannot_be_forged(fastcors: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    middleware = fastcors.CORSMiddleware(hello, allow_origin_func=Asked(OSError()))
    exchange(middleware, get("https://\x85" + "a" * 10_000))
    assert "\x85" not in caplog.text
    assert caplog.messages[0].endswith("(10009 characters)")
    assert len(caplog.messages[0]) < 400


def test_more_than_an_exception_goes_on(fastcors: ModuleType) -> None:
    def function(origin: str, scope: Any) -> bool:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        exchange(fastcors.CORSMiddleware(hello, allow_origin_func=function), preflight(TENANT))


def test_app_does_not_wait_for_it(fastcors: ModuleType) -> None:
    happened = []

    async def function(origin: str, scope: Any) -> bool:
        happened.append("asked")
        return True

    async def app(scope: Any, receive: Any, send: Any) -> None:
        happened.append("app started")
        await hello(scope, receive, send)

    exchange(fastcors.CORSMiddleware(app, allow_origin_func=function), get(TENANT))
    assert happened == ["app started", "asked"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_it_may_wait(fastcors: ModuleType, backend: str) -> None:
    sent: list[Any] = []

    async def function(origin: str, scope: Any) -> bool:
        await anyio.sleep(0.001)
        return origin == TENANT

    async def receive() -> Any:
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    middleware = fastcors.CORSMiddleware(hello, allow_origin_func=function)
    anyio.run(middleware, get(TENANT), receive, send, backend=backend)
    assert (b"access-control-allow-origin", TENANT.encode()) in sent[0]["headers"]
    anyio.run(middleware, preflight(OTHER), receive, send, backend=backend)
    assert sent[2]["status"] == 400


def test_is_given_the_scope(fastcors: ModuleType) -> None:
    asked = Asked(False)
    middleware = fastcors.CORSMiddleware(hello, allow_origin_func=asked)
    scopes: tuple[Any, ...] = (get(TENANT), preflight(TENANT), UserDict(get(TENANT)))
    for scope in scopes:
        exchange(middleware, scope)
        assert asked.calls.pop()[1] is scope


def test_once_though_the_response_starts_anew(fastcors: ModuleType) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for status in (200, 500):
            await send({"type": "http.response.start", "status": status, "headers": []})

    asked = Asked()
    sent = exchange(fastcors.CORSMiddleware(app, allow_origin_func=asked), get(TENANT))
    assert [dict(message["headers"])[b"access-control-allow-origin"] for message in sent] == [TENANT.encode()] * 2
    assert asked.origins == [TENANT]


def test_those_inside_ask_for_themselves(fastcors: ModuleType) -> None:
    outer, inner = Asked(False), Asked(True)

    async def answer(request: Any) -> PlainTextResponse:
        return PlainTextResponse("hello")

    part = fastcors.CORSMiddleware(Starlette(routes=[Route("/", answer)]), allow_origin_func=inner)
    app = fastcors.CORSMiddleware(Starlette(routes=[Mount("/part", part)]), allow_origin_func=outer)
    response = TestClient(app).get("/part/", headers={"Origin": TENANT})
    assert response.headers["access-control-allow-origin"] == TENANT
    assert (outer.origins, inner.origins) == ([TENANT], [TENANT])


def test_assigned_deleted_and_copied(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello, [ORIGIN])

    def status() -> Any:
        return exchange(middleware, preflight(TENANT))[0]["status"]

    assert "allow_origin_func" not in vars(middleware), "nothing more than Starlette's"
    assert status() == 400
    middleware.allow_origin_func = Asked()
    assert status() == 200
    assert exchange(copy.copy(middleware), preflight(TENANT))[0]["status"] == 200
    middleware.allow_origin_func = None
    assert status() == 400
    middleware.allow_origin_func = Asked()
    del middleware.allow_origin_func
    assert status() == 400
    with pytest.raises(TypeError, match="allow_origin_func='https://a' cannot be called"):
        middleware.allow_origin_func = "https://a"
    for wrong in (7, False):
        with pytest.raises(TypeError, match=f"allow_origin_func={wrong} cannot be called"):
            fastcors.CORSMiddleware(hello, allow_origin_func=wrong)


def test_assigned_while_a_request_runs(fastcors: ModuleType) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        middleware.allow_origin_func = asked
        await hello(scope, receive, send)

    asked = Asked()
    middleware = fastcors.CORSMiddleware(app)
    sent = exchange(middleware, get(TENANT))
    assert (b"access-control-allow-origin", TENANT.encode()) in sent[0]["headers"]
    assert asked.origins == [TENANT]


def subclasses(base: Any, called: list[str]) -> dict[str, Any]:
    class Asking(base):
        def is_allowed_origin(self, origin: str) -> bool:
            called.append(origin)
            return bool(super().is_allowed_origin(origin))

    class Answering(base):
        def preflight_response(self, request_headers: Any) -> Any:
            called.append(request_headers["origin"])
            return super().preflight_response(request_headers)

    class Sending(base):
        async def send(self, message: Any, send: Any, request_headers: Any) -> None:
            called.append(request_headers["origin"])
            await super().send(message, send, request_headers)

    class NameOfItsOwn(base):
        def allow_origin_func(self, origin: str) -> bool:
            raise AssertionError

    return {"is_allowed_origin": Asking, "preflight_response": Answering, "send": Sending, "the name": NameOfItsOwn}


# How often the override is called for an actual request and a preflight.
OVERRIDES = {"is_allowed_origin": (1, 1), "preflight_response": (0, 1), "send": (2, 0)}


@pytest.mark.parametrize(("name", "times"), OVERRIDES.items(), ids=OVERRIDES)
def test_beside_overrides(fastcors: ModuleType, function_of: Any, name: str, times: tuple[int, int]) -> None:
    asked, called = Asked(), list[str]()
    middleware = subclasses(fastcors.CORSMiddleware, called)[name](
        hello, [ORIGIN], allow_origin_func=function_of(asked)
    )
    for origin in (TENANT, ORIGIN):
        plain = Reference(hello, [ORIGIN, TENANT])
        for scope, count in ((get(origin), times[0]), (preflight(origin), times[1])):
            called.clear()
            assert exchange(middleware, {**scope}) == exchange(plain, {**scope})
            assert called == [origin] * count
    assert asked.origins == [TENANT, TENANT]


def test_a_name_of_a_subclass(fastcors: ModuleType) -> None:
    middleware = subclasses(fastcors.CORSMiddleware, [])["the name"](hello, [ORIGIN])
    for scope in (get, preflight):
        assert exchange(middleware, scope(TENANT)) == exchange(Reference(hello, [ORIGIN]), scope(TENANT))


def test_origins_of_a_class_of_their_own_are_asked_once(fastcors: ModuleType) -> None:
    class Counting(OnlyContains):
        def __contains__(self, value: object) -> bool:
            looked_for.append(value)
            return super().__contains__(value)

    looked_for: list[object] = []
    middleware = fastcors.CORSMiddleware(hello, Counting((ORIGIN,)), allow_origin_func=Asked())
    for scope in (get, preflight):
        looked_for.clear()
        assert exchange(middleware, scope(TENANT)) == exchange(Reference(hello, [TENANT]), scope(TENANT))
        assert looked_for == [TENANT]


@pytest.mark.parametrize("name", ["allow_methods", "allow_headers"])
def test_what_can_be_gone_through_once_is_gone_through_once(fastcors: ModuleType, name: str) -> None:
    def outcome(middleware: Any) -> Any:
        setattr(middleware, name, (value for value in ("GET", "x-token")))
        return exchange(middleware, preflight(TENANT, names="x-token"))

    config = {"allow_headers": ["X-Token"]}
    middleware = fastcors.CORSMiddleware(hello, allow_origin_func=Asked(), **config)
    assert outcome(middleware) == outcome(Reference(hello, [TENANT], **config))


def test_refusals_are_reported_once(fastcors: ModuleType) -> None:
    refusals: list[Any] = []
    middleware = fastcors.CORSMiddleware(
        hello, [ORIGIN], allow_origin_func=Asked(False), on_refusal=lambda *refusal: refusals.append(refusal[:2])
    )
    exchange(middleware, get(TENANT))
    exchange(middleware, preflight(TENANT, "PUT"))
    exchange(middleware, preflight(ORIGIN, "PUT"))
    assert refusals == [(TENANT, ("origin",)), (TENANT, ("origin", "method")), (ORIGIN, ("method",))]


def test_send_called_by_hand(fastcors: ModuleType) -> None:
    """Without a request there is nobody to ask about."""
    asked = Asked()
    middleware = fastcors.CORSMiddleware(hello, [ORIGIN], allow_origin_func=asked)
    headers = type("Headers", (), {"get": lambda self, name: TENANT})()
    message = {"type": "http.response.start", "status": 200, "headers": []}
    exchange(lambda scope, receive, send: middleware.send(message, send, headers), http("GET"))
    assert (message["headers"], asked.calls) == ([(b"vary", b"Origin")], [])


EVIL = "https://evil.example"
HOOKED: dict[str, Callable[[Any], Any]] = {
    "plain": lambda base: base,
    "hooks": lambda base: type("Sub", (base,), {"send": lambda self, *args, **named: base.send(self, *args, **named)}),
    "asked": lambda base: type("Sub", (base,), {"is_allowed_origin": lambda self, origin: origin == ORIGIN}),
}


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize("subclass", HOOKED)
@pytest.mark.parametrize("request_of", REQUESTS.values(), ids=REQUESTS)
def test_an_answer_is_about_one_origin(
    fastcors: ModuleType, function_of: Any, request_of: Callable[[str], Any], subclass: str, copied: bool
) -> None:
    """A scope that is used again, or copied, for a request from another origin gets an answer of its own."""
    asked = Asked()
    asked_of = Asked()
    asked.answer, asked_of.answer = True, False

    def decide(origin: str, scope: Any) -> Any:
        return (asked if origin == TENANT else asked_of)(origin, scope)

    config = {**CONFIG, "allow_origin_func": decide}
    middleware = HOOKED[subclass](fastcors.CORSMiddleware)(hello, **config)
    scope = request_of(TENANT)
    for _ in range(2):
        assert allowed_origin(exchange(middleware, scope)) == TENANT
    again = dict(scope) if copied else scope
    again["headers"] = request_of(EVIL)["headers"]
    assert allowed_origin(exchange(middleware, again)) is None
    assert asked_of.origins == [EVIL]


def allowed_origin(messages: list[Any]) -> str | None:
    named = dict(messages[0]["headers"]).get(b"access-control-allow-origin")
    return None if named is None else str(named.decode())


@pytest.mark.parametrize("subclass", HOOKED)
def test_an_answer_is_about_one_scope(fastcors: ModuleType, function_of: Any, subclass: str) -> None:
    """The function may look at the path, or the host: each request asks for itself, with the same scope too."""
    asked = Asked()
    middleware = HOOKED[subclass](fastcors.CORSMiddleware)(hello, **CONFIG, allow_origin_func=function_of(asked))
    scope = get(TENANT)
    for answer in (True, False, True):
        asked.answer = answer
        scope["path"] = f"/{answer}"
        assert (allowed_origin(exchange(middleware, scope)) == TENANT) is answer
    assert len(asked.calls) == 3


def test_an_answer_of_another_function(fastcors: ModuleType) -> None:
    """One that is assigned after a start decides about the next start of the same response."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        middleware.allow_origin_func = lambda origin, scope: False
        await send({"type": "http.response.start", "status": 500, "headers": []})

    middleware = fastcors.CORSMiddleware(app, **CONFIG, allow_origin_func=lambda origin, scope: True)
    first, second = exchange(middleware, get(TENANT))
    assert [allowed_origin([start]) for start in (first, second)] == [TENANT, None]


@pytest.mark.parametrize("tenants", [{}, {"allow_origin_func": lambda origin, scope: False}])
def test_an_answer_is_the_middlewares_that_asked(fastcors: ModuleType, tenants: Any) -> None:
    """An override that hands a preflight on to another middleware."""
    tenant = fastcors.CORSMiddleware(hello, [ORIGIN], **tenants)

    class Router(fastcors.CORSMiddleware):  # type: ignore[name-defined]  # a module at run time
        def preflight_response(self, request_headers: Any) -> Any:
            return tenant.preflight_response(request_headers)

    router = Router(hello, allow_origin_func=lambda origin, scope: True)
    assert allowed_origin(exchange(router, preflight(EVIL))) is None
    assert allowed_origin(exchange(router, preflight(ORIGIN))) == ORIGIN


def withdraw_all(middleware: Any) -> None:
    middleware.allow_origin_func, middleware.allow_origins = None, []


WITHDRAWALS: dict[str, Callable[[Any], object]] = {
    "all": withdraw_all,
    "the function": lambda middleware: setattr(middleware, "allow_origin_func", None),
    "the listed origin": lambda middleware: middleware.allow_origins.remove(ORIGIN),
    "by a patch": lambda middleware: setattr(middleware, "is_allowed_origin", lambda origin: False),
}


@pytest.mark.parametrize("function", [lambda origin, scope: origin == TENANT, lambda origin, scope: False])
@pytest.mark.parametrize("withdraw", WITHDRAWALS)
@pytest.mark.parametrize("origin", [ORIGIN, TENANT])
def test_what_an_override_withdraws(fastcors: ModuleType, origin: str, withdraw: str, function: Any) -> None:
    class Withdrawing(fastcors.CORSMiddleware):  # type: ignore[name-defined]  # a module at run time
        def preflight_response(self, request_headers: Any) -> Any:
            WITHDRAWALS[withdraw](self)
            return super().preflight_response(request_headers)

    middleware = Withdrawing(hello, [ORIGIN], allow_origin_func=function)
    still = {
        "all": False,
        "the function": origin == ORIGIN,
        "the listed origin": origin == TENANT and function(origin, None),
        "by a patch": origin == TENANT and function(origin, None),
    }
    assert allowed_origin(exchange(middleware, preflight(origin))) == (origin if still[withdraw] else None)


def test_an_override_that_asks_again(fastcors: ModuleType) -> None:
    """The first answer failed for another reason; what the function said still counts, and is reported once."""
    asked, refusals = Asked(), list[Any]()

    class Retrying(fastcors.CORSMiddleware):  # type: ignore[name-defined]  # a module at run time
        def preflight_response(self, request_headers: Any) -> Any:
            response = super().preflight_response(request_headers)
            if response.status_code == 400:
                self.allow_methods = ["PUT"]
                super().preflight_response(request_headers)
                response = super().preflight_response(request_headers)
            return response

    middleware = Retrying(hello, allow_origin_func=asked, on_refusal=lambda *told: refusals.append(told[:2]))
    assert allowed_origin(exchange(middleware, preflight(TENANT, "PUT"))) == TENANT
    assert (len(asked.calls), refusals) == (1, [(TENANT, ("method",))])


@pytest.mark.parametrize("subclass", HOOKED)
def test_an_origin_withdrawn_between_two_starts(fastcors: ModuleType, subclass: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        middleware.allow_origins.clear()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    used = HOOKED[subclass](fastcors.CORSMiddleware)
    middleware = used(app, [ORIGIN], allow_origin_func=lambda origin, scope: False)
    second = ORIGIN if subclass == "asked" else None
    assert [allowed_origin([start]) for start in exchange(middleware, get(ORIGIN))] == [ORIGIN, second]


def test_headers_of_a_request_are_copied(fastcors: ModuleType) -> None:
    """Deeply, by an override, though the scope cannot be; a copy is about no request that could be asked about."""
    asked = Asked()

    class Copying(fastcors.CORSMiddleware):  # type: ignore[name-defined]  # a module at run time
        def preflight_response(self, request_headers: Any) -> Any:
            return super().preflight_response(copy.deepcopy(request_headers))

    for config in ({}, {"allow_origin_func": asked}):
        middleware = Copying(hello, [ORIGIN], **config)
        for origin, allowed in ((ORIGIN, ORIGIN), (EVIL, None)):
            scope = {**preflight(origin), "lock": threading.Lock()}
            assert allowed_origin(exchange(middleware, scope)) == allowed


def test_a_copied_send_asks_no_second_time(fastcors: ModuleType) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for sending in (copy.copy(send), send):
            await sending({"type": "http.response.start", "status": 200, "headers": []})

    asked = Asked()
    middleware = fastcors.CORSMiddleware(app, allow_origin_func=asked)
    assert [allowed_origin([start]) for start in exchange(middleware, get(TENANT))] == [TENANT, TENANT]
    assert len(asked.calls) == 1


def test_a_preflight_whose_scope_changes_before_it_is_awaited(fastcors: ModuleType) -> None:
    """What was found out about one origin is not used for another."""
    asked = Asked(False)
    middleware = fastcors.CORSMiddleware(hello, **CONFIG, allow_origin_func=asked)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = preflight(ORIGIN, "PUT")
    running = middleware(scope, None, send)
    scope["headers"] = preflight(EVIL, "PUT")["headers"]
    drive(running)
    assert allowed_origin(sent) != EVIL


def test_websockets(fastcors: ModuleType, function_of: Any) -> None:
    async def greet(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})

    for answer in (True, False):
        asked = Asked(answer)
        app = fastcors.CORSMiddleware(
            greet, [ORIGIN], allow_origin_func=function_of(asked), check_websocket_origin=True
        )
        client = TestClient(app)
        for origin in (ORIGIN, "http://testserver"):
            client.websocket_connect("/", headers={"Origin": origin}).__enter__()
        assert asked.origins == []
        if answer:
            client.websocket_connect("/", headers={"Origin": TENANT}).__enter__()
        else:
            with pytest.raises(WebSocketDisconnect):
                client.websocket_connect("/", headers={"Origin": TENANT}).__enter__()
        assert asked.origins == [TENANT]


CHANGES: dict[str, Callable[[Any], Any]] = {
    "preflight headers in place": lambda middleware: middleware.preflight_headers.update({"X-New": "1"}),
    "preflight headers": lambda middleware: setattr(middleware, "preflight_headers", {"X-New": "1"}),
    "headers that cannot be encoded": lambda middleware: middleware.preflight_headers.update({"X-New": "\u65e5"}),
    "simple headers": lambda middleware: middleware.simple_headers.update({"X-New": "1"}),
    "methods": lambda middleware: middleware.allow_methods.append("PUT"),
    "header names": lambda middleware: setattr(middleware, "allow_all_headers", True),
    "every origin": lambda middleware: setattr(middleware, "allow_all_origins", True),
    "no function": lambda middleware: setattr(middleware, "allow_origin_func", None),
}


@pytest.mark.parametrize("asked", [get(TENANT), preflight(TENANT, "PUT", "X-Other")], ids=["actual", "preflight"])
@pytest.mark.parametrize("answer", [True, False])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_function_that_changes_the_configuration(
    fastcors: ModuleType, function_of: Any, change: Any, answer: bool, asked: Any
) -> None:
    """Its change counts, as it does for a request that takes the slow path because its headers are no list."""

    def run(scope: Any) -> Any:
        class Changing(Asked):
            def __call__(self, origin: str, scope: Any) -> Any:
                change(middleware)
                return super().__call__(origin, scope)

        config = copy.deepcopy(CONFIG) | {"allow_origin_func": function_of(Changing(answer))}
        middleware = fastcors.CORSMiddleware(hello, **config)
        return exchange(middleware, scope)

    assert run(dict(asked)) == run(asked | {"headers": tuple(asked["headers"])})


def test_a_configuration_that_takes_turns(fastcors: ModuleType) -> None:
    """It cannot be encoded when the function has answered, and can be a moment later, as if by another thread."""

    async def function(origin: str, scope: Any) -> bool:
        middleware.preflight_headers = good | {"X-New": "\u65e5"}
        return True

    middleware = fastcors.CORSMiddleware(hello, **CONFIG, allow_origin_func=function)
    good, compile_it = dict(middleware.preflight_headers), middleware._fastcors_compile

    def compile_and_repair(stale: bool) -> Any:
        compiled = compile_it(stale)
        if middleware.preflight_headers != good:
            middleware.preflight_headers = dict(good)
        return compiled

    object.__setattr__(middleware, "_fastcors_compile", compile_and_repair)
    start = exchange(middleware, preflight(TENANT, "GET", "X-Token"))[0]
    # Headers of either configuration, and none of anything else.
    assert start is UnicodeEncodeError or (start["status"], allowed_origin([start])) == (200, TENANT)


@pytest.mark.parametrize("headers", [list, tuple])
def test_a_start_that_waits_while_another_is_sent(fastcors: ModuleType, headers: Callable[[Any], Any]) -> None:
    refused: list[Any] = []
    scope = get(TENANT)
    scope["headers"] = headers(scope["headers"])

    async def run() -> None:
        decided = asyncio.Event()
        calls: list[str] = []

        async def function(origin: str, scope: Any) -> bool:
            calls.append(origin)
            if len(calls) == 1:
                await decided.wait()
            return False

        async def app(scope: Any, receive: Any, send: Any) -> None:
            first = asyncio.create_task(send({"type": "http.response.start", "status": 200, "headers": []}))
            await asyncio.sleep(0)
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            decided.set()
            await first

        async def send(message: Any) -> None:
            pass

        middleware = fastcors.CORSMiddleware(
            app, **CONFIG, allow_origin_func=function, on_refusal=lambda *told: refused.append(told[2])
        )
        await middleware(scope, None, send)

    asyncio.run(run())
    assert refused == [scope, scope]


@pytest.mark.parametrize("asked", [get(TENANT), preflight(TENANT)], ids=["actual", "preflight"])
def test_it_is_asked_in_the_task_of_the_request(fastcors: ModuleType, asked: Any) -> None:
    tasks: list[str] = []

    def function(origin: str, scope: Any) -> bool:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task.get_name())
        return True

    async def send(message: Any) -> None:
        pass

    async def run() -> None:
        await asyncio.create_task(middleware(asked, None, send), name="request")

    middleware = fastcors.CORSMiddleware(hello, **CONFIG, allow_origin_func=function)
    asyncio.run(run())
    assert tasks == ["request"]
