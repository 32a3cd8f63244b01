"""Hooks that are patched after the first request, in the ways in which instrumentation does it.

Some ways put an object in place that compares equal to what was there, or leave the function and exchange its code.
"""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import copy
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FunctionType, ModuleType
from typing import Any
from unittest import mock

import pytest
import wrapt
from data.hooks import HOOKS
from starlette.responses import Response
from support.exchange import CONFIG, ORIGIN, OTHER, answers, both, exchange, get, hello, preflight
from support.live import EqualDescriptor, EqualObject


def refusing(*arguments: Any, **named: Any) -> bool:
    return False


# The code of a patch can run as that of a hook, among the names of another module, so each imports what it needs.


def answering(*arguments: Any, **named: Any) -> Response:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("patched", status_code=299)


async def responding(*arguments: Any, **named: Any) -> None:
    from starlette.responses import PlainTextResponse

    await PlainTextResponse("patched", status_code=299)(*arguments[-3:])


async def sending(*arguments: Any, send: Any, **named: Any) -> None:
    message = next(value for value in arguments if isinstance(value, dict))
    await send({**message, "patched": True})


def naming_nobody(*arguments: Any, **named: Any) -> None:
    return None


PATCHES: dict[str, Callable[..., Any]] = dict(
    zip(HOOKS, (refusing, answering, responding, sending, naming_nobody), strict=True)
)


def by_wrapt(cls: Any, hook: str) -> Callable[[], None]:
    """As OpenTelemetry and Datadog patch what they find by name."""
    original = inspect.getattr_static(cls, hook)
    wrapt.wrap_function_wrapper(cls, hook, lambda wrapped, self, args, kwargs: PATCHES[hook](*args, **kwargs))
    return lambda: setattr(cls, hook, original)


def by_functools(cls: Any, hook: str) -> Callable[[], None]:
    """As Sentry patches."""
    original = inspect.getattr_static(cls, hook)
    patch = functools.wraps(getattr(cls, hook))(lambda *args, **kwargs: PATCHES[hook](*args, **kwargs))
    setattr(cls, hook, staticmethod(patch) if isinstance(original, staticmethod) else patch)
    return lambda: setattr(cls, hook, original)


def by_mock(cls: Any, hook: str) -> Callable[[], None]:
    patch = mock.patch.object(cls, hook, PATCHES[hook])
    patch.start()
    return patch.stop


def by_an_equal_descriptor(cls: Any, hook: str) -> Callable[[], None]:
    original = inspect.getattr_static(cls, hook)
    setattr(cls, hook, EqualDescriptor(original, lambda *args, **kwargs: PATCHES[hook](*args, **kwargs)))
    return lambda: setattr(cls, hook, original)


def by_an_equal_object(cls: Any, hook: str) -> Callable[[], None]:
    original = inspect.getattr_static(cls, hook)
    setattr(cls, hook, EqualObject(original, lambda *args, **kwargs: PATCHES[hook](*args, **kwargs)))
    return lambda: setattr(cls, hook, original)


def by_code(cls: Any, hook: str) -> Callable[[], None]:
    """As debuggers and Datadog's probes do: the function stays, its code is another."""
    function = getattr(cls, hook)
    assert isinstance(function, FunctionType)
    code, defaults = function.__code__, function.__kwdefaults__
    function.__code__ = PATCHES[hook].__code__
    function.__kwdefaults__ = PATCHES[hook].__kwdefaults__

    def back() -> None:
        function.__code__, function.__kwdefaults__ = code, defaults

    return back


WAYS: dict[str, Callable[[Any, str], Callable[[], None]]] = {
    "wrapt": by_wrapt,
    "functools": by_functools,
    "mock": by_mock,
    "an equal descriptor": by_an_equal_descriptor,
    "an equal object": by_an_equal_object,
    "code": by_code,
}


def whole_class(base: Any) -> tuple[Any, Any]:
    return base, base


def of_a_subclass(base: Any) -> tuple[Any, Any]:
    used = type("Subclass", (base,), {})
    return used, used


def of_its_parent(base: Any) -> tuple[Any, Any]:
    return type("Subclass", (base,), {}), base


def of_a_mixin(base: Any) -> tuple[Any, Any]:
    """One that has each hook, and hands on."""

    class Mixin:
        def is_allowed_origin(self, origin: str) -> Any:
            return super().is_allowed_origin(origin)  # type: ignore[misc]

        def preflight_response(self, request_headers: Any) -> Any:
            return super().preflight_response(request_headers)  # type: ignore[misc]

        async def simple_response(self, scope: Any, receive: Any, send: Any, request_headers: Any) -> None:
            await super().simple_response(scope, receive, send, request_headers)  # type: ignore[misc]

        async def send(self, message: Any, send: Any, request_headers: Any) -> None:
            await super().send(message, send, request_headers)  # type: ignore[misc]

        @staticmethod
        def allow_explicit_origin(headers: Any, origin: str) -> None:
            base.allow_explicit_origin(headers, origin)

    return type("Subclass", (Mixin, base), {}), Mixin


PLACES = {"class": whole_class, "subclass": of_a_subclass, "parent": of_its_parent, "mixin": of_a_mixin}


@contextmanager
def untouched(*classes: Any) -> Iterator[None]:
    """Leave the classes as they were, whatever became of a test."""
    with ExitStack() as stack:
        for cls in classes:
            for name in HOOKS:
                if name in vars(cls):
                    stack.callback(setattr, cls, name, vars(cls)[name])
        yield


# A function that calls super() takes no code from one that does not.
WAYS_AND_PLACES = [(way, place) for way in WAYS for place in PLACES if (way, place) != ("code", "mixin")]


@pytest.mark.thread_unsafe(reason="patches the class itself")
@pytest.mark.parametrize(("way", "place"), WAYS_AND_PLACES)
@pytest.mark.parametrize("hook", HOOKS)
def test_patched_after_the_first_request_and_back(fastcors: ModuleType, hook: str, way: str, place: str) -> None:
    def scenario(base: Any) -> Any:
        used, patched = PLACES[place](base)
        with untouched(base):
            middleware = used(hello, **CONFIG)
            seen = [answers(middleware)]
            back = WAYS[way](patched, hook)
            try:
                seen += [answers(middleware), answers(middleware)]
            finally:
                back()
            return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    before, once, twice, after = ours
    assert before == after != once == twice


@pytest.mark.parametrize("way", ["wrapt", "functools", "mock", "an equal object"])
@pytest.mark.parametrize("hook", HOOKS)
def test_patched_on_an_instance(fastcors: ModuleType, hook: str, way: str) -> None:
    def scenario(base: Any) -> Any:
        middleware, other = base(hello, **CONFIG), base(hello, **CONFIG)
        seen = [answers(middleware)]
        WAYS[way](middleware, hook)
        return [*seen, answers(middleware), answers(other)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    before, patched, other = ours
    assert before == other != patched


@pytest.mark.thread_unsafe(reason="patches the class itself")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hook", ["is_allowed_origin", "allow_explicit_origin"])
def test_patched_while_the_app_runs(fastcors: ModuleType, hook: str, way: str) -> None:
    """What is called when the response starts is looked up then."""

    def scenario(base: Any) -> Any:
        async def patching_app(scope: Any, receive: Any, send: Any) -> None:
            backs.append(WAYS[way](base, hook))
            await hello(scope, receive, send)

        backs: list[Callable[[], None]] = []
        with untouched(base):
            middleware = base(patching_app, **CONFIG)
            try:
                return exchange(middleware, get())
            finally:
                backs[0]()

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert (b"access-control-allow-origin", ORIGIN.encode()) not in ours[0]["headers"]


def test_no_foreign_comparison_on_the_request_path(fastcors: ModuleType) -> None:
    """An `__eq__` may take any time, raise, or say what it likes."""

    class Raising(EqualObject):
        def __eq__(self, other: object) -> bool:
            raise AssertionError("compared")

        __hash__ = None  # type: ignore[assignment]

    used: Any = type("Subclass", (fastcors.CORSMiddleware,), {})
    middleware = used(hello, **CONFIG)
    answers(middleware)
    for _ in range(2):
        setattr(used, "is_allowed_origin", Raising(None, lambda **named: named["origin"] == OTHER))  # noqa: B010
        for request in (get, preflight):
            assert (b"access-control-allow-origin", OTHER.encode()) in exchange(middleware, request(OTHER))[0][
                "headers"
            ]
            exchange(middleware, request(ORIGIN))


@pytest.mark.parametrize("way", ["assigned", "wrapt", "an equal object"])
def test_on_refusal_of_the_class(fastcors: ModuleType, way: str) -> None:
    """It may come, change and go after the first refusal."""

    def first(origin: str, reasons: Any, scope: Any) -> None:
        told.append(("first", origin))

    def second(*arguments: Any) -> None:
        told.append(("second", arguments[0]))

    told: list[Any] = []
    used: Any = type("Subclass", (fastcors.CORSMiddleware,), {})
    middleware = used(hello, **CONFIG)
    exchange(middleware, get(OTHER))
    used.on_refusal = staticmethod(first)
    exchange(middleware, get(OTHER))
    exchange(middleware, preflight(OTHER))
    if way == "assigned":
        used.on_refusal = staticmethod(second)
    elif way == "wrapt":
        wrapt.wrap_function_wrapper(used, "on_refusal", lambda wrapped, self, args, kwargs: second(*args))
    else:
        used.on_refusal = EqualObject(first, lambda *arguments: second(*arguments))
    exchange(middleware, get(OTHER))
    exchange(middleware, preflight(OTHER))
    used.on_refusal = None
    exchange(middleware, get(OTHER))
    assert told == [("first", OTHER)] * 2 + [("second", OTHER)] * 2


def test_a_class_method_as_a_hook(fastcors: ModuleType) -> None:
    """Each look-up of it makes a new object; that is no change."""

    def scenario(base: Any) -> Any:
        class Classwide(base):
            allowed = (ORIGIN,)

            @classmethod
            def is_allowed_origin(cls, origin: str) -> bool:
                return origin in cls.allowed

        middleware = Classwide(hello, **CONFIG)
        seen = [answers(middleware)]
        Classwide.allowed = (OTHER,)
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1]


def test_a_static_method_in_place_of_a_function(fastcors: ModuleType) -> None:
    """A look-up on the class finds the same function either way, and a call passes another first argument."""

    def scenario(base: Any) -> Any:
        def allow(headers: Any, origin: Any = None) -> None:
            seen.append(type(headers).__name__)

        used: Any = type("Subclass", (base,), {"allow_explicit_origin": staticmethod(allow)})
        seen: list[Any] = []
        middleware = used(hello, **CONFIG)
        seen.append(exchange(middleware, get()))
        used.allow_explicit_origin = allow
        seen.append(exchange(middleware, get()))
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_a_dict_as_request_headers(fastcors: ModuleType) -> None:
    """Starlette asks for "Origin": to a dict, that is another name than "origin"."""

    def scenario(base: Any) -> Any:
        class Handing(base):
            async def send(self, message: Any, send: Any, request_headers: Any) -> None:
                await super().send(message, send=send, request_headers={"Origin": request_headers["origin"]})

        return exchange(Handing(hello, **CONFIG), get()), exchange(Handing(hello, **CONFIG), get(OTHER))

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


class OfInstances:
    """A descriptor that is for instances alone."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            raise AttributeError
        return lambda *args, **kwargs: PATCHES["is_allowed_origin"](*args, **kwargs)


def test_a_descriptor_of_instances_alone(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        used: Any = type("Subclass", (base,), {"is_allowed_origin": OfInstances()})
        middleware = used(hello, **CONFIG)
        seen = [answers(middleware)]
        del used.is_allowed_origin
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1]


def test_a_property_of_the_metaclass(fastcors: ModuleType) -> None:
    """A look-up on the class finds it; one on an instance does not."""

    def scenario(base: Any) -> Any:
        meta = type("Meta", (type,), {"is_allowed_origin": property(lambda cls: None)})
        parent: Any = type("Parent", (base,), {})
        used: Any = meta("Subclass", (parent,), {})
        middleware = used(hello, **CONFIG)
        seen = [answers(middleware)]
        parent.is_allowed_origin = PATCHES["is_allowed_origin"]
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1]


def test_state_of_a_mixin(fastcors: ModuleType) -> None:
    """Its own way to be copied, which is not ours."""

    def scenario(base: Any) -> Any:
        class Mixin:
            app: Any
            allow_origins: Any

            def __getstate__(self) -> Any:
                return self.app, self.allow_origins

            def __setstate__(self, state: Any) -> None:
                self.app, self.allow_origins = state

        used: Any = type("Subclass", (base, Mixin), {})
        return copy.copy(used(hello, **CONFIG)).allow_origins

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_a_proxy_of_an_instance(fastcors: ModuleType) -> None:
    """It claims to be of our class, and is not."""

    def scenario(base: Any) -> Any:
        proxy = wrapt.ObjectProxy(base(hello, **CONFIG))
        return exchange(functools.partial(base.__call__, proxy), get()), answers(proxy)

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.thread_unsafe(reason="patches the class itself")
@pytest.mark.parametrize("hook", HOOKS)
def test_code_that_comes_back_makes_it_fast_again(fastcors: ModuleType, hook: str) -> None:
    middleware = fastcors.CORSMiddleware(hello, **CONFIG)
    with untouched(fastcors.CORSMiddleware):
        back = by_code(fastcors.CORSMiddleware, hook)
        try:
            answers(middleware)
        finally:
            back()
    answers(middleware)
    assert not middleware._fastcors_cache.policy.takes_slow_path
