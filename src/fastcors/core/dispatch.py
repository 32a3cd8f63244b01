"""Where the middleware keeps what is compiled."""

from typing import TYPE_CHECKING, Any

from .compiled_policy import CompiledPolicy


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

    A subclass provides `_fastcors_compile`, `_fastcors_respond_in_full`, `_fastcors_send_in_full`,
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


def _current(middleware: Any) -> Any:
    compiled = middleware._fastcors_cache.policy
    if compiled is None:
        return middleware._fastcors_compile(True)
    return compiled if compiled.is_current(middleware) else middleware._fastcors_compile(False)
