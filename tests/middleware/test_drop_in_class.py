"""What frameworks and instrumentation do to a middleware class: inherit, mix in, replace its `__call__`, look at it."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import asyncio
import functools
import inspect
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import ModuleType
from typing import Any, Generic, TypeVar

import pytest
import starlette.middleware.cors
from conftest import load
from support.exchange import CONFIG, OTHER, REQUESTS, answers, both, exchange, hello, websocket
from support.reference import CORSMiddleware as Reference

T = TypeVar("T")

# asyncio's is deprecated since 3.14.
DETECTORS = {"inspect": inspect.iscoroutinefunction} | (
    {"asyncio": asyncio.iscoroutinefunction} if sys.version_info < (3, 14) else {}
)


def tracing(calls: list[Any], original: Any) -> Any:
    """Return an async `__call__` around `original`, as Sentry assigns to middleware classes."""

    async def traced_call(self: Any, scope: Any, receive: Any, send: Any, **kwargs: Any) -> None:
        calls.append((type(self).__name__, scope["type"], scope.get("method")))
        await original(self, scope, receive, send, **kwargs)

    return traced_call


def plain_subclass(base: Any) -> Any:
    return type("Subclass", (base,), {})


def late_subclass(base: Any) -> Any:
    """Return a class that makes a subclass for each instance, so that it is made while the base is patched."""
    return lambda *args, **kwargs: plain_subclass(base)(*args, **kwargs)


@pytest.fixture
def fresh(fastcors: ModuleType) -> ModuleType:
    """The package imported anew, on the core of `fastcors`: where `__call__` was replaced, it is Python for good."""
    return load("compiled" if fastcors.COMPILED else "python")


USED: dict[str, Callable[[Any], Any]] = {
    "the class": lambda base: base,
    "a subclass made before": plain_subclass,
    "a subclass made after": late_subclass,
}


@pytest.mark.thread_unsafe(reason="patches Starlette's own class, which all threads share")
@pytest.mark.parametrize("used", USED)
def test_call_replaced_on_the_class_and_restored(fresh: ModuleType, used: str) -> None:
    def scenario(base: Any) -> Any:
        calls: list[Any] = []
        make = USED[used](base)
        middleware = make(hello, **CONFIG)
        seen: list[Any] = [answers(middleware)]
        original = base.__call__
        try:
            base.__call__ = tracing(calls, original)
            seen += [answers(middleware), answers(make(hello, **CONFIG)), list(calls)]
        finally:
            base.__call__ = original
        return [*seen, answers(middleware), answers(make(hello, **CONFIG)), calls]

    ours, theirs = both(fresh, scenario)
    assert len(theirs[3]) == len(theirs[-1]) == 2 * len(REQUESTS)
    assert [call[1:] for call in ours[3]] == [call[1:] for call in theirs[3]]
    assert ours == theirs


def _delete(cls: Any, original: Any) -> None:
    del cls.__call__


def _assign(cls: Any, original: Any) -> None:
    cls.__call__ = original


@pytest.mark.parametrize("restore", [_delete, _assign])
def test_call_replaced_on_a_subclass_and_restored(fresh: ModuleType, restore: Callable[..., None]) -> None:
    def scenario(base: Any) -> Any:
        calls: list[Any] = []
        subclass = plain_subclass(base)
        middleware, other = subclass(hello, **CONFIG), base(hello, **CONFIG)
        original = subclass.__call__
        subclass.__call__ = tracing(calls, original)
        seen = [answers(middleware), answers(other), list(calls)]
        restore(subclass, original)
        return [*seen, answers(middleware), calls]

    ours, theirs = both(fresh, scenario)
    assert ours == theirs
    assert len(ours[2]) == len(ours[-1]) == len(REQUESTS)


def test_call_replaced_reads_like_a_function(fastcors: ModuleType) -> None:
    call = fastcors.CORSMiddleware.__call__
    assert (call.__name__, call.__qualname__) == ("__call__", "CORSMiddleware.__call__")
    assert functools.wraps(call)(lambda: None).__wrapped__ is call
    parameters = inspect.signature(call).parameters.values()
    theirs = inspect.signature(Reference.__call__).parameters.values()
    assert [(p.name, p.kind, p.default) for p in parameters] == [(p.name, p.kind, p.default) for p in theirs]


def test_call_assigned_to_the_instance_is_not_called(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        middleware.__call__ = None
        return answers(middleware), middleware.__call__

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def own_call(base: Any, calls: list[Any]) -> Any:
    class Subclass(base):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            calls.append(scope["type"])
            await super().__call__(scope, receive, send)

    return Subclass


def inherited_own_call(base: Any, calls: list[Any]) -> Any:
    return plain_subclass(own_call(base, calls))


def own_call_of_a_mixin(base: Any, calls: list[Any]) -> Any:
    class Mixin:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            calls.append(scope["type"])
            await super().__call__(scope, receive, send)  # type: ignore[misc]  # the next in line has one

    return type("Mixed", (Mixin, base), {})


def call_given_to_a_mixin_later(base: Any, calls: list[Any]) -> Any:
    class Mixin:
        pass

    mixed = type("Mixed", (Mixin, base), {})
    answers(mixed(hello))

    async def call(self: Any, scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["type"])
        await super(Mixin, self).__call__(scope, receive, send)

    Mixin.__call__ = call  # type: ignore[method-assign]  # that is the case
    return mixed


def call_that_is_no_coroutine_function(base: Any, calls: list[Any]) -> Any:
    class Subclass(base):
        def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
            calls.append(scope["type"])
            return super().__call__(scope, receive, send)

    return Subclass


@pytest.mark.parametrize(
    "subclass",
    [
        own_call,
        inherited_own_call,
        own_call_of_a_mixin,
        call_given_to_a_mixin_later,
        call_that_is_no_coroutine_function,
    ],
)
def test_own_call(fastcors: ModuleType, subclass: Callable[..., Any]) -> None:
    def scenario(base: Any) -> Any:
        calls: list[Any] = []
        middleware = subclass(base, calls)(hello, **CONFIG)
        return answers(middleware), exchange(middleware, websocket()), calls

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[-1] == ["http"] * len(REQUESTS) + ["websocket"]


def mixin_before(base: Any) -> Any:
    class Mixin:
        def is_allowed_origin(self, origin: str) -> Any:
            return origin == OTHER or super().is_allowed_origin(origin=origin)  # type: ignore[misc]  # as above

    return type("Mixed", (Mixin, base), {})


def mixin_after(base: Any) -> Any:
    class Mixin:
        def is_allowed_origin(self, origin: str) -> bool:
            raise AssertionError("the middleware's own comes first")

    return type("Mixed", (base, Mixin), {})


def abstract_mixin(base: Any) -> Any:
    class Tenants(ABC):
        @abstractmethod
        def tenants(self) -> list[str]: ...

        def is_allowed_origin(self, origin: str) -> bool:
            return origin in self.tenants()

    class Abstract(Tenants, base):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Abstract(hello)

    class Concrete(Abstract):
        def tenants(self) -> list[str]:
            return [OTHER]

    return Concrete


def generic_subclass(base: Any) -> Any:
    class Subclass(base, Generic[T]):
        pass

    return Subclass[int]


def subclass_with_class_arguments(base: Any) -> Any:
    class Registered:
        registry: list[str] = []

        def __init_subclass__(cls, *, label: str, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            cls.registry.append(label)

    class Subclass(Registered, base, label="cors"):
        pass

    assert Subclass.registry == ["cors"]
    return Subclass


def subclass_with_slots(base: Any) -> Any:
    class Subclass(base):
        __slots__ = ("note",)

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.note = "kept"
            super().__init__(*args, **kwargs)

    assert Subclass(hello).note == "kept"
    return Subclass


@pytest.mark.parametrize(
    "subclass",
    [
        plain_subclass,
        mixin_before,
        mixin_after,
        abstract_mixin,
        generic_subclass,
        subclass_with_class_arguments,
        subclass_with_slots,
    ],
)
def test_inheritance(fastcors: ModuleType, subclass: Callable[[Any], Any]) -> None:
    ours, theirs = both(fastcors, lambda base: answers(subclass(base)(hello, **CONFIG)))
    assert ours == theirs


def test_is_a_middleware_of_starlette(fastcors: ModuleType) -> None:
    theirs = starlette.middleware.cors.CORSMiddleware
    assert issubclass(fastcors.CORSMiddleware, theirs)
    assert isinstance(fastcors.CORSMiddleware(hello), theirs)
    assert isinstance(plain_subclass(fastcors.CORSMiddleware)(hello), theirs)


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("subclass", [lambda base: base, plain_subclass, mixin_before, abstract_mixin])
def test_call_is_a_coroutine_function(fastcors: ModuleType, subclass: Callable[[Any], Any], detector: str) -> None:
    """Servers look: where it is none they serve the app as ASGI 2 or as WSGI."""
    is_coroutine_function = DETECTORS[detector]
    used = subclass(fastcors.CORSMiddleware)
    assert is_coroutine_function(used.__call__)
    assert is_coroutine_function(used(hello).__call__)
    assert callable(used(hello))


def test_signature(fastcors: ModuleType) -> None:
    ours = list(inspect.signature(fastcors.CORSMiddleware).parameters.values())
    theirs = list(inspect.signature(Reference).parameters.values())
    assert len(theirs) == 9
    assert [(p.name, p.kind, p.default) for p in ours[:9]] == [(p.name, p.kind, p.default) for p in theirs]
    assert all(p.kind is p.KEYWORD_ONLY and p.default is not p.empty for p in ours[9:])
