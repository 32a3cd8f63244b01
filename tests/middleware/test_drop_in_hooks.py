"""The five methods that people override, patch and call.

Each is called whenever Starlette calls it, as often, and with the same arguments, whatever became of it since the
first request.
"""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from data.hooks import HOOKS
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from support.exchange import CONFIG, CONFIGS, OTHER, answers, both, exchange, get, hello


def shown(value: Any) -> Any:
    """Return what can be compared of an argument."""
    if isinstance(value, str):
        return value
    raw = getattr(value, "raw", None)
    return raw if raw is not None else value.get("type") if isinstance(value, dict) else callable(value)


def recording(base: Any, hook: str, calls: list[Any]) -> Any:
    """Return a subclass whose `hook` writes down what it is called with, and then does what Starlette's does."""

    def record(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        calls.append((hook, [shown(value) for value in args], {name: shown(value) for name, value in kwargs.items()}))

    def override(self: Any, *args: Any, **kwargs: Any) -> Any:
        record(args, kwargs)
        return getattr(base, hook)(self, *args, **kwargs)

    def static_override(*args: Any, **kwargs: Any) -> Any:
        record(args, kwargs)
        return getattr(base, hook)(*args, **kwargs)

    is_static = isinstance(inspect.getattr_static(base, hook), staticmethod)
    return type("Recording", (base,), {hook: staticmethod(static_override) if is_static else override})


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("hook", HOOKS)
def test_override_gets_the_arguments_of_starlette(fastcors: ModuleType, hook: str, config: str) -> None:
    def scenario(base: Any) -> Any:
        calls: list[Any] = []
        return answers(recording(base, hook, calls)(hello, **CONFIGS[config])), calls

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("hook", HOOKS)
def test_override_is_called(fastcors: ModuleType, hook: str) -> None:
    calls: list[Any] = []
    answers(recording(fastcors.CORSMiddleware, hook, calls)(hello, **CONFIG))
    assert calls


def own_origins(base: Any) -> Any:
    class Subclass(base):
        def is_allowed_origin(self, origin: str) -> bool:
            return origin.endswith(".example.org")

    return Subclass


def more_origins(base: Any) -> Any:
    class Subclass(base):
        def is_allowed_origin(self, origin: str) -> Any:
            return super().is_allowed_origin(origin) or super().is_allowed_origin(origin=origin.replace("org", "com"))

    class Other(Subclass):
        def is_allowed_origin(self, origin: str) -> Any:
            return origin == OTHER or super().is_allowed_origin(origin=origin)

    return Other


def truthy_origin(base: Any) -> Any:
    class Subclass(base):
        def is_allowed_origin(self, origin: str) -> Any:
            return [origin] if origin == OTHER else None

    return Subclass


def raising_origin(base: Any) -> Any:
    class Subclass(base):
        def is_allowed_origin(self, origin: str) -> bool:
            raise PermissionError(origin)

    return Subclass


def static_origin(base: Any) -> Any:
    class Subclass(base):
        @staticmethod
        def is_allowed_origin(origin: str) -> bool:
            return origin == OTHER

    return Subclass


def class_origin(base: Any) -> Any:
    class Subclass(base):
        allowed = (OTHER,)

        @classmethod
        def is_allowed_origin(cls, origin: str) -> bool:
            return origin in cls.allowed

    return Subclass


def partial_origin(base: Any) -> Any:
    class Subclass(base):
        is_allowed_origin = functools.partial(lambda other, origin: origin == other, OTHER)

    return Subclass


def own_preflight(base: Any) -> Any:
    class Subclass(base):
        def preflight_response(self, request_headers: Headers) -> PlainTextResponse:
            return PlainTextResponse(request_headers["origin"], status_code=203, headers={"X-Own": "yes"})

    return Subclass


def more_preflight(base: Any) -> Any:
    class Subclass(base):
        def preflight_response(self, request_headers: Headers) -> Any:
            response = super().preflight_response(request_headers)
            response.headers["X-More"] = str(response.status_code)
            return response

    return Subclass


def own_simple_response(base: Any) -> Any:
    class Subclass(base):
        async def simple_response(self, scope: Any, receive: Any, send: Any, request_headers: Headers) -> None:
            response = PlainTextResponse("closed for repairs", status_code=503, headers=self.simple_headers)
            await response(scope, receive, send)

    return Subclass


def more_simple_response(base: Any) -> Any:
    class Subclass(base):
        async def simple_response(self, scope: Any, receive: Any, send: Any, request_headers: Headers) -> None:
            async def marking_send(message: Any) -> None:
                await send({**message, "marked": True})

            await super().simple_response(scope, receive, marking_send, request_headers)

    return Subclass


def own_send(base: Any) -> Any:
    class Subclass(base):
        async def send(self, message: Any, send: Any, request_headers: Headers) -> None:
            await send({**message, "origin": request_headers.get("Origin"), "host": request_headers["host"]})

    return Subclass


def more_send(base: Any) -> Any:
    class Subclass(base):
        async def send(self, message: Any, send: Any, request_headers: Headers) -> None:
            await super().send(message, send=send, request_headers=request_headers)
            if message["type"] == "http.response.start":
                message["headers"].append((b"too", b"late"))
            await super().send({"type": "http.response.debug"}, send, request_headers)

    return Subclass


def own_explicit_origin(base: Any) -> Any:
    class Subclass(base):
        @staticmethod
        def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
            headers["X-Origin"] = origin

    return Subclass


def more_explicit_origin(base: Any) -> Any:
    class Subclass(base):
        @staticmethod
        def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
            base.allow_explicit_origin(headers, origin)
            headers["Timing-Allow-Origin"] = origin

    return Subclass


def two_hooks(base: Any) -> Any:
    return more_send(own_origins(base))


def explicit_origin_of_an_instance(base: Any) -> Any:
    class Subclass(base):
        def allow_explicit_origin(self, headers: MutableHeaders, origin: str) -> None:
            headers["X-Origin"] = f"{origin} {self.allow_credentials}"

    return Subclass


SUBCLASSES: tuple[Callable[[Any], Any], ...] = (
    own_origins,
    more_origins,
    truthy_origin,
    raising_origin,
    static_origin,
    class_origin,
    partial_origin,
    own_preflight,
    more_preflight,
    own_simple_response,
    more_simple_response,
    own_send,
    more_send,
    own_explicit_origin,
    more_explicit_origin,
    two_hooks,
    explicit_origin_of_an_instance,
)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("subclass", SUBCLASSES)
def test_subclass(fastcors: ModuleType, subclass: Callable[[Any], Any], config: str) -> None:
    ours, theirs = both(fastcors, lambda base: answers(subclass(base)(hello, **CONFIGS[config])))
    assert ours == theirs


@pytest.mark.parametrize("subclass", SUBCLASSES)
def test_subclass_answers_otherwise(fastcors: ModuleType, subclass: Callable[[Any], Any]) -> None:
    own = fastcors.CORSMiddleware
    assert answers(subclass(own)(hello, **CONFIG)) != answers(own(hello, **CONFIG))


async def _own_send(self: Any, message: Any, send: Any, request_headers: Headers) -> None:
    await send({**message, "patched": True})


async def _own_simple_response(self: Any, scope: Any, receive: Any, send: Any, request_headers: Headers) -> None:
    await send({"type": "http.response.start", "status": 599, "headers": []})


# As a function of the middleware, which an instance and a class get in a way of their own.
PATCHES: dict[str, Callable[..., Any]] = {
    "is_allowed_origin": lambda self, origin: origin == OTHER,
    "preflight_response": lambda self, request_headers: PlainTextResponse(request_headers["origin"], status_code=299),
    "simple_response": _own_simple_response,
    "send": _own_send,
    "allow_explicit_origin": lambda self, headers, origin: headers.append("x-origin", origin),
}


@pytest.mark.parametrize("hook", HOOKS)
def test_patched_on_the_instance_and_back(fastcors: ModuleType, hook: str) -> None:
    def scenario(base: Any) -> Any:
        middleware, untouched = base(hello, **CONFIG), base(hello, **CONFIG)
        seen = [answers(middleware)]
        setattr(middleware, hook, functools.partial(PATCHES[hook], middleware))
        seen += [answers(middleware), answers(untouched)]
        delattr(middleware, hook)
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    before, patched, untouched, after = ours
    assert before == untouched == after != patched


@pytest.mark.parametrize("of_a_subclass", [False, True])
@pytest.mark.parametrize("hook", HOOKS)
def test_patched_on_the_class_after_the_first_request_and_back(
    fastcors: ModuleType, hook: str, of_a_subclass: bool
) -> None:
    def scenario(base: Any) -> Any:
        used = type("Subclass", (base,), {}) if of_a_subclass else base
        middleware = used(hello, **CONFIG)
        seen = [answers(middleware)]
        with mock.patch.object(base, hook, PATCHES[hook]):
            seen.append(answers(middleware))
        with mock.patch.object(used, hook, PATCHES[hook]):
            seen.append(answers(middleware))
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    before, patched_on_the_base, patched, after = ours
    assert before == after
    assert patched_on_the_base == patched != before


def test_mock_instead_of_is_allowed_origin(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello, **CONFIG)
    with mock.patch.object(fastcors.CORSMiddleware, "is_allowed_origin", return_value=True) as is_allowed_origin:
        start, _ = exchange(middleware, get(OTHER))
    is_allowed_origin.assert_called_once_with(origin=OTHER)
    assert (b"access-control-allow-origin", OTHER.encode()) in start["headers"]


def test_class_of_the_instance_exchanged(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        seen = [answers(middleware)]
        for subclass in (own_origins, own_send):
            middleware.__class__ = subclass(base)
            seen.append(answers(middleware))
        middleware.__class__ = base
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    before, own_origin, sent, after = ours
    assert before == after
    assert before != own_origin != sent != before


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("unpatched", [False, True])
def test_patched_or_unpatched_while_the_app_runs(fastcors: ModuleType, hook: str, unpatched: bool) -> None:
    """The hooks called when the response starts are those of that moment; `send` was taken when the request came."""

    def scenario(base: Any) -> Any:
        async def patching_app(scope: Any, receive: Any, send: Any) -> None:
            if unpatched:
                delattr(middleware, hook)
            else:
                setattr(middleware, hook, functools.partial(PATCHES[hook], middleware))
            await hello(scope, receive, send)

        middleware = base(patching_app, **CONFIG)
        if unpatched:
            setattr(middleware, hook, functools.partial(PATCHES[hook], middleware))
        return exchange(middleware, get())

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
