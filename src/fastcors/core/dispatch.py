"""The cache of the middleware's compiled policy."""

import functools
import sys
from operator import is_
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar

from .compiled_policy import CompiledPolicy
from .coroutines import flagged
from .hooks import code_of


class PolicyCache:
    """The policy compiled since the last assignment to an attribute, or None.

    An assignment replaces this cache with a new, empty one. If it interrupts a compilation, the policy of the previous
    attributes ends up in a cache that no request reads. `shared`: the instance was given another `__dict__`, to which
    others can write.
    """

    __slots__ = ("policy", "shared")

    def __init__(self, shared: bool = False) -> None:
        self.policy: CompiledPolicy | None = None
        self.shared = shared


class Dispatcher:
    """The base class of the middleware, which `use_call_slot` gives a `__call__`.

    A subclass provides `_fastcors_compile`, `_fastcors_slow_respond`, `_fastcors_slow_send`,
    `_fastcors_request`, `_fastcors_refused` and `is_allowed_origin`.
    """

    __slots__ = ("_fastcors_cache",)

    _fastcors_cache: PolicyCache
    _fastcors_for_another: ClassVar[Any]
    _fastcors_respond: ClassVar[Any]

    if not TYPE_CHECKING:

        def __new__(cls, *args: object, **kwargs: object) -> "Dispatcher":
            # As in the compiled core, this skips the classes that follow in the MRO.
            self = object.__new__(cls)
            object.__setattr__(self, "_fastcors_cache", PolicyCache())
            return self


def use_call_slot(cls: Any) -> None:
    """Make `cls.__call__` a plain function that returns the app's coroutine. An `async def` adds one of its own.

    The `async def` is kept for objects of other classes. A plain function can pass for a coroutine function only on
    CPython: see `flagged`.
    """
    if sys.implementation.name == "cpython" and "__call__" in vars(cls):  # pragma: no branch
        original = Dispatcher._fastcors_for_another = cls.__call__
        code = flagged(Dispatcher._fastcors_respond.__code__, co_name="__call__", co_qualname=original.__qualname__)
        call = FunctionType(code, Dispatcher._fastcors_respond.__globals__)
        cls.__call__ = functools.update_wrapper(call, original, updated=())
        # It replaces the original and does not call it.
        del cls.__call__.__wrapped__


def current(middleware: Any) -> Any:
    compiled = middleware._fastcors_cache.policy
    if compiled is None:
        return middleware._fastcors_compile(True)
    return compiled if _is_current(compiled, middleware) else middleware._fastcors_compile(False)


def _is_current(compiled: CompiledPolicy, middleware: Any) -> bool:
    """Tell whether the class still has the hooks for which `compiled` was made."""
    cls = type(middleware)
    if compiled.patched:
        return cls is compiled.cls and all(namespace.get(name) is hook for namespace, name, hook in compiled.patched)
    return (
        cls is compiled.cls
        and cls.is_allowed_origin is compiled.is_allowed_origin
        and cls.preflight_response is compiled.preflight_response
        and cls.simple_response is compiled.simple_response
        and cls.send is compiled.send
        and middleware.allow_explicit_origin is compiled.allow_explicit_origin
        and all(map(is_, map(code_of, compiled.functions), compiled.codes))
    )
