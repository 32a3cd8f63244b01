"""Refusals made visible: a line in the log `fastcors` and a call of `on_refusal` for each request that is refused.

One request is reported the same whichever way it is answered: by the core, or in full by the hooks.
"""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core.)

import ast
import copy
import functools
import logging
import pickle
import re
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from starlette.datastructures import Headers
from support.asgi import Make, build, subclass
from support.exchange import CONFIG, CONNECTIONS, ORIGIN, OTHER, exchange, get, hello, http, preflight
from support.paths import App

# Of a test that reads the log, or changes what it is set to.
LOG = pytest.mark.thread_unsafe(reason="reads one log, which all threads write")

ANY_WITH_CREDENTIALS = {"allow_origins": ["*"], "allow_headers": ["*"], "allow_credentials": True}
CONTROL = ORIGIN + "\x01"


@pytest.fixture
def debug(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """The log at DEBUG."""
    with caplog.at_level(logging.DEBUG, "fastcors"):
        yield caplog


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "fastcors"]


class Refusals:
    """An `on_refusal` that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def __call__(self, origin: str, reasons: tuple[str, ...], scope: Any) -> None:
        self.told.append((origin, reasons, scope))


# A configuration, a request, and the reasons for which it is refused; none: it is not.
REQUESTS: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    "allowed": (CONFIG, get(), ()),
    "without Origin": (CONFIG, get(None), ()),
    "another origin": (CONFIG, get(OTHER), ("origin",)),
    "another origin, without credentials": ({"allow_origins": [ORIGIN]}, get(OTHER), ("origin",)),
    "another origin, OPTIONS": (CONFIG, http("OPTIONS", origin=OTHER), ("origin",)),
    "control byte": ({"allow_origin_regex": "(?s:.*)"}, get(CONTROL), ("origin",)),
    "control byte, any origin": (ANY_WITH_CREDENTIALS, get(CONTROL), ("origin",)),
    "any origin": ({"allow_origins": ["*"]}, get(OTHER), ()),
    "any origin, with credentials": (ANY_WITH_CREDENTIALS, get(OTHER), ()),
    "no origin allowed": ({}, get(), ("origin",)),
    "an origin outside latin-1's text": (CONFIG, get("https://\xe9.example"), ("origin",)),
    "preflight allowed": (CONFIG, preflight(), ()),
    "preflight, origin": (CONFIG, preflight(OTHER), ("origin",)),
    "preflight, method": (CONFIG, preflight(method="PUT"), ("method",)),
    "preflight, headers": (CONFIG, preflight(names="x-other"), ("headers",)),
    "preflight, private network": (CONFIG, preflight(private_network="true"), ("private-network",)),
    "preflight, all": (
        CONFIG,
        preflight(OTHER, "PUT", "x-other", "true"),
        ("origin", "method", "headers", "private-network"),
    ),
    "preflight, control byte": (ANY_WITH_CREDENTIALS, preflight(CONTROL), ("origin",)),
    "preflight, control byte in the names": (ANY_WITH_CREDENTIALS, preflight(names="x\x01"), ("headers",)),
}

# How a request is handed in, its response answered, and which hooks are overridden: each takes another way.
WAYS: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    "plain": ("plain dict", hello, ()),
    "scope a mapping": ("mapping", hello, ()),
    "scope a user dict": ("user dict", hello, ()),
    "app sends a generator": ("plain dict", App(Make("generator", ((b"x-own", b"1"),))), ()),
    "app sends our headers": ("plain dict", App([(b"vary", b"Cookie"), (b"access-control-allow-origin", b"*")]), ()),
    "is_allowed_origin overridden": ("plain dict", hello, ("is_allowed_origin",)),
    "preflight_response overridden": ("plain dict", hello, ("preflight_response",)),
    "simple_response overridden": ("plain dict", hello, ("simple_response",)),
    "send overridden": ("plain dict", hello, ("send",)),
    "allow_explicit_origin overridden": ("plain dict", hello, ("allow_explicit_origin",)),
}


@LOG
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("request_", REQUESTS)
def test_refused_is_reported_once(
    fastcors: ModuleType, debug: pytest.LogCaptureFixture, request_: str, way: str
) -> None:
    config, scope, reasons = REQUESTS[request_]
    kind, app, overrides = WAYS[way]
    refusals = Refusals()
    middleware = subclass(fastcors.CORSMiddleware, overrides, [])(app, **config, on_refusal=refusals)
    handed_in = build(Make(kind, scope))
    silent = subclass(fastcors.CORSMiddleware, overrides, [])(app, **config)
    with_report = exchange(middleware, handed_in)
    assert len(lines(debug)) == bool(reasons)
    assert with_report == exchange(silent, build(Make(kind, scope)))
    origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
    assert [told[:2] for told in refusals.told] == ([(origin, reasons)] if reasons else [])
    assert all(told[2] is handed_in for told in refusals.told)


@LOG
@pytest.mark.parametrize("scope", [get(OTHER), preflight(OTHER)], ids=["actual", "preflight"])
def test_question_of_explain_is_not_reported(
    fastcors: ModuleType, debug: pytest.LogCaptureFixture, scope: dict[str, Any]
) -> None:
    refusals = Refusals()
    exchange(fastcors.CORSMiddleware(hello, on_refusal=refusals), scope | {fastcors.refusals.EXPLAINING: True})
    assert (refusals.told, lines(debug)) == ([], [])


@LOG
@pytest.mark.parametrize("connection", CONNECTIONS)
def test_nothing_else_is_reported(fastcors: ModuleType, debug: pytest.LogCaptureFixture, connection: str) -> None:
    refusals = Refusals()
    exchange(fastcors.CORSMiddleware(App(), **CONFIG, on_refusal=refusals), CONNECTIONS[connection]())
    assert (refusals.told, lines(debug)) == ([], [])


# An override that refuses in a way of its own reports what it likes to.
def test_answers_that_nobody_asked_for_are_not_reported(fastcors: ModuleType) -> None:
    refusals = Refusals()
    middleware = fastcors.CORSMiddleware(hello, on_refusal=refusals)
    headers = Headers({"origin": OTHER, "access-control-request-method": "GET"})
    assert middleware.preflight_response(headers).status_code == 400
    assert not middleware.is_allowed_origin(OTHER)
    assert refusals.told == []


def test_override_with_headers_of_its_own_is_not_reported(fastcors: ModuleType) -> None:
    base: Any = fastcors.CORSMiddleware

    class Subclass(base):
        async def send(self, message: Any, send: Any, request_headers: Headers) -> None:
            await super().send(message, send, {"origin": request_headers["origin"]})

        def preflight_response(self, request_headers: Headers) -> Any:
            return super().preflight_response({**request_headers})

    refusals = Refusals()
    for scope in (get(), preflight()):
        exchange(Subclass(hello, on_refusal=refusals), scope)
    assert refusals.told == []


def test_override_that_asks_twice_is_reported_once(fastcors: ModuleType) -> None:
    base: Any = fastcors.CORSMiddleware

    class Subclass(base):
        def preflight_response(self, request_headers: Headers) -> Any:
            super().preflight_response(request_headers)
            return super().preflight_response(request_headers)

    refusals = Refusals()
    exchange(Subclass(hello, on_refusal=refusals), preflight())
    assert len(refusals.told) == 1


def test_each_response_that_starts_is_reported(fastcors: ModuleType) -> None:
    # An error's response may follow one that the server refused.
    again = {"type": "http.response.start", "status": 500, "headers": []}
    refusals = Refusals()
    exchange(fastcors.CORSMiddleware(App((), (again,)), on_refusal=refusals), get())
    assert len(refusals.told) == 2


LINES: dict[str, tuple[dict[str, Any], str]] = {
    "origin": (
        get(OTHER) | {"path": "/items"},
        f"actual request refused (origin): origin='{OTHER}' path='/items' method='GET'",
    ),
    "no path": (
        {"type": "http", "method": "PUT", "headers": [(b"origin", b"null")]},
        "actual request refused (origin): origin='null' method='PUT'",
    ),
    "preflight": (
        preflight(OTHER, "PUT", "x-other, x-token", "true"),
        "preflight refused (origin, method, headers, private-network): "
        f"origin='{OTHER}' path='/' method='PUT' headers='x-other, x-token' private-network='true'",
    ),
    "preflight that names no header": (
        preflight(method="PUT"),
        f"preflight refused (method): origin='{ORIGIN}' path='/' method='PUT'",
    ),
    "as long as is shown in full": (
        get("https://" + "a" * 192),
        f"actual request refused (origin): origin='https://{'a' * 192}' path='/' method='GET'",
    ),
    "longer by one character": (
        get("https://" + "a" * 193),
        f"actual request refused (origin): origin='https://{'a' * 192}'... (201 characters) path='/' method='GET'",
    ),
    "long": (
        get("https://" + "a" * 9999),
        f"actual request refused (origin): origin='https://{'a' * 192}'... (10007 characters) path='/' method='GET'",
    ),
}


@LOG
@pytest.mark.parametrize("case", LINES)
def test_line_of_the_log(fastcors: ModuleType, debug: pytest.LogCaptureFixture, case: str) -> None:
    scope, expected = LINES[case]
    exchange(fastcors.CORSMiddleware(hello, **CONFIG), scope)
    assert lines(debug) == [expected]
    assert debug.records[0].levelno == logging.DEBUG


HOSTILE = {
    "line break": "\r\nERROR forged",
    "terminal escape": "\x1b[2J\x9b31m",
    "NUL and delete": "\0\x7f",
    "next line": "\x85forged",
    "bidirectional override": "\u202egnp.exe",
    "line separator": "\u2028forged\u2029",
    "zero width": "\u200b\ufeff",
    "surrogate": "\ud800",
    "quote": "' path='/admin",
    "format": "%s%n{0}",
    "long": "\u65e5" * 99_999,
}


@LOG
@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("where", ["origin", "path", "method", "names", "private_network"])
def test_no_line_can_be_forged(fastcors: ModuleType, debug: pytest.LogCaptureFixture, where: str, value: str) -> None:
    hostile = HOSTILE[value]
    raw = hostile.encode("utf-8", "surrogatepass").decode("latin-1")
    scope = preflight(**{"origin": OTHER} | ({where: raw} if where != "path" else {}))
    scope["path"] = "/" + hostile
    exchange(fastcors.CORSMiddleware(hello), scope)
    (line,) = lines(debug)
    assert re.fullmatch(r"[ -~]+", line)
    assert len(line) < 5_000
    # What comes after a name is a literal that ends where it seems to.
    literals = dict(re.findall(r""" ([a-z-]+)=('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", line))
    name = {"names": "headers", "private_network": "private-network"}.get(where, where)
    assert ast.literal_eval(literals[name]) == (scope["path"] if where == "path" else raw)[:200]


@LOG
@pytest.mark.parametrize("scope", [get(OTHER), preflight(OTHER)], ids=["actual", "preflight"])
def test_callback_that_raises_changes_no_answer(
    fastcors: ModuleType, caplog: pytest.LogCaptureFixture, scope: dict[str, Any]
) -> None:
    def raising(*_: object) -> None:
        raise LookupError("no metrics today")

    expected = exchange(fastcors.CORSMiddleware(hello, **CONFIG), scope)
    assert exchange(fastcors.CORSMiddleware(hello, **CONFIG, on_refusal=raising), scope) == expected
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("fastcors", logging.ERROR)
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)


@pytest.mark.parametrize("scope", [get(OTHER), preflight(OTHER)], ids=["actual", "preflight"])
def test_interrupt_passes(fastcors: ModuleType, scope: dict[str, Any]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exchange(fastcors.CORSMiddleware(hello, on_refusal=interrupted), scope)


@LOG
def test_scope_that_cannot_be_shown_changes_no_answer(fastcors: ModuleType, debug: pytest.LogCaptureFixture) -> None:
    scope = get(OTHER) | {"path": 7}
    assert exchange(fastcors.CORSMiddleware(hello), scope) == exchange(fastcors.CORSMiddleware(hello), get(OTHER))
    assert debug.records[0].levelno == logging.ERROR


def raising(*_: object) -> None:
    raise LookupError("no log today")


def with_filter(logger: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logger, "filters", [raising])


def with_handler(logger: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = logging.Handler()
    handler.emit = raising  # type: ignore[assignment]  # a stub
    monkeypatch.setattr(logger, "handlers", [handler])


@LOG
@pytest.mark.parametrize("scope", [get(OTHER), preflight(OTHER)], ids=["actual", "preflight"])
@pytest.mark.parametrize("breaks", [with_filter, with_handler])
@pytest.mark.parametrize("parameters", [{}, {"on_refusal": raising}, {"allow_origin_func": raising}], ids=str)
def test_log_that_raises_changes_no_answer(
    fastcors: ModuleType,
    debug: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    parameters: dict[str, Any],
    breaks: Callable[[logging.Logger, pytest.MonkeyPatch], None],
    scope: dict[str, Any],
) -> None:
    expected = exchange(fastcors.CORSMiddleware(hello, **CONFIG), scope)
    breaks(logging.getLogger("fastcors"), monkeypatch)
    assert exchange(fastcors.CORSMiddleware(hello, **CONFIG, **parameters), dict(scope)) == expected


async def coroutine_function(*_: object) -> None:
    raise AssertionError("nobody calls it")


class Awaited:
    async def __call__(self, *_: object) -> None:
        raise AssertionError("nobody calls it")


NO_CALLBACKS = {
    "coroutine function": (coroutine_function, "coroutine function"),
    "partial of one": (functools.partial(coroutine_function, 1), "coroutine function"),
    "object that is called like one": (Awaited(), "coroutine function"),
    "number": (7, "cannot be called"),
    "False": (False, "cannot be called"),
}


@pytest.mark.parametrize("case", NO_CALLBACKS)
def test_what_is_no_callback_is_an_error_at_once(fastcors: ModuleType, case: str) -> None:
    callback, text = NO_CALLBACKS[case]
    with pytest.raises(TypeError, match=rf"on_refusal=.* {text}"):
        fastcors.CORSMiddleware(hello, on_refusal=callback)
    middleware = fastcors.CORSMiddleware(hello)
    with pytest.raises(TypeError, match=text):
        middleware.on_refusal = callback
    assert middleware.on_refusal is None


# In a class, what a partial is depends on the Python.
@pytest.mark.parametrize("case", [case for case in NO_CALLBACKS if case != "partial of one"])
def test_what_is_no_callback_is_an_error_in_a_class_too(fastcors: ModuleType, case: str) -> None:
    callback, text = NO_CALLBACKS[case]
    own = type("Own", (fastcors.CORSMiddleware,), {"on_refusal": callback})
    with pytest.raises(TypeError, match=rf"on_refusal=.* {text}"):
        own(hello)


def test_on_refusal_is_keyword_only(fastcors: ModuleType) -> None:
    with pytest.raises(TypeError):
        fastcors.CORSMiddleware(hello, (), (), (), False, None, False, (), 600, print)


@pytest.mark.parametrize("scope", [get(OTHER), preflight(OTHER)], ids=["actual", "preflight"])
def test_callback_counts_from_its_assignment_on(fastcors: ModuleType, scope: dict[str, Any]) -> None:
    middleware = fastcors.CORSMiddleware(hello, **CONFIG)
    first, second = Refusals(), Refusals()
    exchange(middleware, scope)
    middleware.on_refusal = first
    exchange(middleware, scope)
    middleware.on_refusal = second
    exchange(middleware, scope)
    exchange(middleware, scope)
    del middleware.on_refusal
    exchange(middleware, scope)
    assert (len(first.told), len(second.told)) == (1, 2)


def test_callback_may_be_a_method_of_a_subclass(fastcors: ModuleType) -> None:
    base: Any = fastcors.CORSMiddleware

    class Subclass(base):
        def on_refusal(self, origin: str, reasons: tuple[str, ...], scope: Any) -> None:
            told.append((self, origin, reasons))

    told: list[Any] = []
    middleware = Subclass(hello, **CONFIG)
    exchange(middleware, get(OTHER))
    assert told == [(middleware, OTHER, ("origin",))]
    del Subclass.on_refusal
    exchange(middleware, preflight(OTHER))
    assert len(told) == 1


def by_level(level: int) -> Callable[[logging.Logger], None]:
    return lambda logger: logger.setLevel(level)


def by_root(logger: logging.Logger) -> None:
    logger.setLevel(logging.NOTSET)
    logging.getLogger().setLevel(logging.DEBUG)


# What turns the log on, or off, in a service that runs.
CHANGES: dict[str, tuple[Callable[[logging.Logger], object], int]] = {
    "DEBUG": (by_level(logging.DEBUG), 1),
    "below DEBUG": (by_level(1), 1),
    "INFO": (by_level(logging.INFO), 0),
    "the root's level": (by_root, 1),
    "disabled": (lambda logger: setattr(logger, "disabled", True), 0),
    "all disabled": (lambda logger: logging.disable(logging.DEBUG), 0),
}


@LOG
@pytest.mark.parametrize("scope", [get(OTHER), preflight(OTHER)], ids=["actual", "preflight"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("before", [logging.DEBUG, logging.WARNING])
def test_level_counts_from_its_change_on(
    fastcors: ModuleType, caplog: pytest.LogCaptureFixture, before: int, change: str, scope: dict[str, Any]
) -> None:
    logger = logging.getLogger("fastcors")
    middleware = fastcors.CORSMiddleware(hello, **CONFIG)
    turn, expected = CHANGES[change]
    root_before = logging.getLogger().level
    with caplog.at_level(before, "fastcors"):
        caplog.handler.setLevel(logging.NOTSET)
        try:
            exchange(middleware, scope)
            assert len(lines(caplog)) == (before == logging.DEBUG)
            caplog.clear()
            turn(logger)
            exchange(middleware, scope)
            exchange(middleware, scope)
            assert len(lines(caplog)) == 2 * expected
        finally:
            logging.disable(logging.NOTSET)
            logger.disabled = False
            logging.getLogger().setLevel(root_before)


@LOG
@pytest.mark.parametrize("scope", [get(OTHER), preflight(OTHER)], ids=["actual", "preflight"])
def test_off_is_known_without_a_call(fastcors: ModuleType, scope: dict[str, Any]) -> None:
    base: Any = fastcors.CORSMiddleware

    class Subclass(base):
        def _fastcors_refused(self, *arguments: Any) -> None:
            called.append(arguments)
            super()._fastcors_refused(*arguments)

    called: list[Any] = []
    middleware = Subclass(hello, **CONFIG)
    logging.getLogger("fastcors").setLevel(logging.NOTSET)  # which forgets what it knew
    for _ in range(3):
        exchange(middleware, scope)
    assert len(called) == 1


class Own(logging.Logger):
    """A logger that decides by itself."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  # logging's name
        super().isEnabledFor(level)
        return True


class Uncached(logging.Logger):
    """A logger without what today's keeps."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        del self._cache  # type: ignore[attr-defined]  # logging's own

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  # logging's name
        return True


class Shown(logging.Handler):
    def __init__(self, shown: list[str]) -> None:
        super().__init__()
        self.shown = shown

    def emit(self, record: logging.LogRecord) -> None:
        self.shown.append(record.getMessage())


@LOG
@pytest.mark.parametrize("kind", [Own, Uncached])
def test_logger_of_another_class_is_asked_each_time(
    fastcors: ModuleType, monkeypatch: pytest.MonkeyPatch, kind: type[logging.Logger]
) -> None:
    logger = kind("fastcors")
    shown: list[str] = []
    logger.addHandler(Shown(shown))
    monkeypatch.setattr(fastcors.refusals, "LOGGER", logger)
    middleware = fastcors.CORSMiddleware(hello, **CONFIG)
    for _ in range(3):
        exchange(middleware, get(OTHER))
    assert len(shown) == 3


def refuse(origin: str, reasons: tuple[str, ...], scope: Any) -> None:
    """A callback that can be pickled."""
    scope["told"] = (origin, reasons)


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copy_keeps_the_callback(
    fastcors: ModuleType, monkeypatch: pytest.MonkeyPatch, how: Callable[[Any], Any]
) -> None:
    monkeypatch.setitem(sys.modules, "fastcors", fastcors)
    monkeypatch.setitem(sys.modules, "fastcors.middleware", fastcors.middleware)
    scope = get(OTHER)
    exchange(how(fastcors.CORSMiddleware(hello, **CONFIG, on_refusal=refuse)), scope)
    assert scope["told"] == (OTHER, ("origin",))


def test_callback_may_change_the_middleware(fastcors: ModuleType) -> None:
    def allow(origin: str, reasons: tuple[str, ...], scope: Any) -> None:
        middleware.allow_origins = [origin]
        middleware.on_refusal = None
        scope.clear()

    middleware = fastcors.CORSMiddleware(hello, **CONFIG, on_refusal=allow)
    for scope in (get, preflight):
        middleware.allow_origins, middleware.on_refusal = [ORIGIN], allow
        refused = exchange(middleware, scope(OTHER))
        assert refused != exchange(middleware, scope(OTHER))
        assert refused == exchange(fastcors.CORSMiddleware(hello, **CONFIG), scope(OTHER))
