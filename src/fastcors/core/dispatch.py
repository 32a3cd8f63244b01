"""Where the middleware keeps what is compiled."""

from operator import is_
from typing import TYPE_CHECKING, Any

from .compiled_policy import CompiledPolicy
from .hooks import code_of


class PolicyCache:
    """The policy compiled since an attribute was last assigned, or None.

    An assignment puts a new, empty cache in place of this one. What is still being compiled from the attributes before
    it then ends up in a cache that no request looks at, whoever interrupted the compilation to assign. `shared`: the
    instance was given another `__dict__`, which others can write to.
    """

    __slots__ = ("policy", "shared")

    def __init__(self, shared: bool = False) -> None:
        self.policy: CompiledPolicy | None = None
        self.shared = shared


class Dispatcher:
    """What the compiled core's call slot is: it takes a connection to its answer.

    A subclass provides `_fastcors_compile`, `_fastcors_slow_respond`, `_fastcors_slow_send`,
    `_fastcors_request`, `_fastcors_refused` and `is_allowed_origin`.
    """

    __slots__ = ("_fastcors_cache",)

    _fastcors_cache: PolicyCache

    if not TYPE_CHECKING:

        def __new__(cls, *args: object, **kwargs: object) -> "Dispatcher":
            # As the compiled core's: past what follows in the MRO.
            self = object.__new__(cls)
            object.__setattr__(self, "_fastcors_cache", PolicyCache())
            return self


def use_call_slot(cls: type) -> None:
    """Nothing to do: the compiled core's short way into an instance has no like in Python."""


def current(middleware: Any) -> Any:
    compiled = middleware._fastcors_cache.policy
    if compiled is None:
        return middleware._fastcors_compile(True)
    return compiled if _is_current(compiled, middleware) else middleware._fastcors_compile(False)


def _is_current(compiled: CompiledPolicy, middleware: Any) -> bool:
    """Tell whether the class has the hooks that it had, or others of which each look-up makes a new object."""
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
