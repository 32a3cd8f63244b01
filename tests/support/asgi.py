"""Runs a middleware on raw ASGI, without a server or an event loop, and records what can be observed.

A `Case` is only data. It builds new objects for each run, and its repr is the Python code that makes it. So anyone can
run a divergence, wherever it was found, as a test.
"""

import dataclasses
import functools
import re
import warnings
from collections import UserDict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from support.live import Patch, assign_meanwhile, in_a_child, patch

# For the scripts: configurations that are odd on purpose cause warnings. pytest has filters of its own.
warnings.filterwarnings("ignore", r".*\[[a-z-]+\]$")


class Text(str):
    __slots__ = ()


class Octets(bytes):
    __slots__ = ()


class Pair(tuple[Any, ...]):
    __slots__ = ()


class Mapping(dict[str, Any]):
    pass


class OnlyContains:
    """A container that only supports `in`."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values

    def __contains__(self, value: object) -> bool:
        return value in self.values


@dataclasses.dataclass(frozen=True)
class Make:
    """An object that is built again for each run."""

    kind: str
    of: Any = ()


def _once(values: Any) -> Iterator[Any]:
    yield from values


BUILDERS: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "dict": dict.fromkeys,
    "items": lambda pairs: dict(pair for pair in pairs if len(pair) == 2).items(),
    "generator": _once,
    "only contains": OnlyContains,
    "mapping": Mapping,
    "user dict": UserDict,
    "pair": Pair,
    "text": Text,
    "octets": Octets,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "plain dict": dict,
    "pattern": re.compile,
}


def build(value: Any) -> Any:
    """Return the object that `value` describes."""
    if isinstance(value, Make):
        return BUILDERS[value.kind](build(value.of))
    if type(value) in (list, tuple):
        return type(value)(build(item) for item in value)
    if type(value) is dict:
        return {key: build(item) for key, item in value.items()}
    return value


@dataclasses.dataclass(frozen=True)
class Request:
    """A connection, and the app's actions: messages to send, or exceptions to raise in their place. With `again`, the
    scope of the last connection is used again, if that is a dict.
    """

    scope: Any
    sends: tuple[Any, ...] = ()
    again: bool = False


@dataclasses.dataclass(frozen=True)
class Change:
    """A change that a running service makes to its middleware between two requests; or `meanwhile`, when the line with
    this number is executed for a request.
    """

    attribute: str
    action: str
    arguments: tuple[Any, ...] = ()
    meanwhile: int = 0


@dataclasses.dataclass(frozen=True)
class Case:
    """A configuration, then requests and changes in turn, perhaps with a subclass that overrides some hooks. `nested`
    is the number of other middlewares of the class around the app. With `forks`, the last steps run in a child process.
    """

    config: dict[str, Any]
    steps: tuple[Request | Change | Patch, ...]
    overrides: tuple[str, ...] = ()
    nested: int = 0
    forks: bool = False


class Raised(Exception):
    """The exception that an app of the tests raises."""


def shown(value: Any) -> str:
    """Return the repr of `value` without the addresses of objects."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def drive(awaitable: Awaitable[Any]) -> None:
    """Run a coroutine that never waits."""
    iterator = awaitable.__await__()
    try:
        next(iterator)
    except StopIteration:
        return
    raise AssertionError("something waited for an event loop")


class _App:
    """An ASGI app that follows the script of one request and records what it sees."""

    def __init__(self) -> None:
        self.sends: list[Any] = []
        self.seen: list[Any] = []
        self.scope: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = scope.get("headers")
        seen = [(*pair,) if isinstance(pair, tuple) else pair for pair in headers] if type(headers) is list else headers
        self.seen.append(("scope", id(scope), id(receive), type(headers), shown(seen)))
        for message in self.sends:
            if message is Raised:
                raise Raised
            await send(message)


def subclass(base: Any, overrides: tuple[str, ...], called: list[Any]) -> Any:
    """Return a subclass of `base` that overrides these hooks. Each override changes something and records its calls."""

    class Overriding(base):  # type: ignore[misc]  # the base is given at run time
        pass

    def is_allowed_origin(self: Any, origin: str) -> bool:
        called.append(("is_allowed_origin", origin))
        return origin.endswith(":3000") or base.is_allowed_origin(self, origin)

    def preflight_response(self: Any, request_headers: Any) -> Any:
        called.append(("preflight_response", shown(request_headers.raw)))
        response = base.preflight_response(self, request_headers)
        response.headers["x-preflight"] = "seen"
        return response

    async def simple_response(self: Any, scope: Any, receive: Any, send: Any, request_headers: Any) -> None:
        called.append(("simple_response", shown(request_headers.raw)))
        await base.simple_response(self, scope, receive, send, request_headers=request_headers)

    async def send(self: Any, message: Any, send: Any, request_headers: Any) -> None:
        called.append(("send", shown(message), shown(request_headers.raw)))
        await base.send(self, message, send, request_headers)

    def allow_explicit_origin(headers: Any, origin: str) -> None:
        called.append(("allow_explicit_origin", origin))
        base.allow_explicit_origin(headers, origin)
        headers["x-explicit"] = "seen"

    hooks = (is_allowed_origin, preflight_response, simple_response, send, staticmethod(allow_explicit_origin))
    for hook in hooks:
        if hook.__name__ in overrides:
            setattr(Overriding, hook.__name__, hook)
    return Overriding


def _app_headers(message: Any) -> Any:
    headers = message.get("headers") if isinstance(message, dict | UserDict) else None
    return headers if type(headers) in (list, tuple) else None


def observe(middleware_class: Callable[..., Any], case: Case) -> list[Any]:
    """Return everything that a server, an app and a caller can see of `case` with this middleware."""
    app = _App()
    called: list[Any] = []
    inner: Any = app
    for _ in range(case.nested):
        inner = middleware_class(inner, allow_origins=["https://a.example"], expose_headers=["X-Inner"])
    if case.overrides:
        middleware_class = subclass(middleware_class, case.overrides, called)
    if any(isinstance(step, Patch) for step in case.steps):
        middleware_class = type("Patched", (middleware_class,), {})  # type: ignore[arg-type]  # it is a class
    try:
        middleware = middleware_class(inner, **build(case.config))
    except Exception as error:
        return [("construction", type(error))]
    take = functools.partial(_step, middleware_class, middleware, app, called)
    observed = [seen for step in case.steps[:2] for seen in take(step)]
    if case.forks:
        observed.append(in_a_child(lambda: repr([take(step) for step in case.steps[2:]])))
    else:
        observed += [seen for step in case.steps[2:] for seen in take(step)]
    return [*observed, ("hooks called", called)]


def _step(cls: Any, middleware: Any, app: _App, called: list[Any], step: Request | Change | Patch) -> list[Any]:
    if isinstance(step, Request):
        return _request(middleware, app, step)
    if isinstance(step, Patch):
        patch(cls, middleware, step, called)
        return []
    if not step.meanwhile:
        return [_change(middleware, step)]
    changed: list[Any] = []
    assign_meanwhile(
        middleware,
        lambda: changed.append(_change(middleware, step)),
        step.meanwhile,
        # Not compared: it may be answered from before or after the change.
        lambda: _request(middleware, app, Request({"type": "http", "method": "GET", "headers": []})),
    )
    return changed


def _scope(app: _App, request: Request) -> Any:
    scope = build(request.scope)
    if request.again and type(scope) is dict and type(app.scope) is dict:
        app.scope.update(scope)
        return app.scope
    app.scope = scope
    return scope


def _request(middleware: Any, app: _App, request: Request) -> list[Any]:
    scope = _scope(app, request)
    app.sends = [build(message) for message in request.sends]
    app.seen = []
    before = [shown(_app_headers(message)) for message in app.sends]
    given = [_app_headers(message) for message in app.sends]
    sent: list[Any] = []

    async def receive() -> None:
        raise AssertionError("nobody asked for the body")

    async def send(message: Any) -> None:
        ours = next((place for place, own in enumerate(app.sends) if own is message), "not the app's")
        sent.append((ours, type(message), sorted((key, shown(value)) for key, value in message.items())))
        sent.append(type(message.get("headers")))

    error = None
    try:
        drive(middleware(scope, receive, send))
    except Exception as raised:
        error = type(raised)
    seen = [
        (kind, scope_id == id(scope), receive_id == id(receive), *rest)
        for kind, scope_id, receive_id, *rest in app.seen
    ]
    untouched = [shown(headers) for headers in given] == before
    return [("sent", sent), ("seen", seen), ("error", error), ("the app's own headers untouched", untouched)]


def _change(middleware: Any, change: Change) -> Any:
    itself = change.arguments == (Make("itself"),)
    arguments = (middleware,) if itself else build(change.arguments)
    try:
        if change.action == "assign":
            setattr(middleware, change.attribute, arguments[0])
        elif change.action == "delete":
            delattr(middleware, change.attribute)
        else:
            getattr(getattr(middleware, change.attribute), change.action)(*arguments)
    except Exception as error:
        return ("changed", type(error))
    return ("changed", None)
