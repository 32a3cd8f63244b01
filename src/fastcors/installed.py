"""Makes Starlette's own class construct ours, for code that has to keep Starlette's class.

Some libraries look for that very class among an app's middleware (`middleware.cls is CORSMiddleware`) and take an app
with any other class for one without CORS. So the class remains where it is, and only what calling it returns changes.
"""

from collections.abc import Callable
from typing import Any

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware

from . import compiling
from .middleware import CORSMiddleware

# For the type checker any class: it is given another `__new__`.
_STARLETTES: Any = StarletteCORSMiddleware

_installed = False


def install() -> None:
    """Make every call of Starlette's `CORSMiddleware` return ours, wherever and however the class was imported.

    The class itself, its subclasses and the instances that exist already are unchanged. An app that is already serving
    has its instance, so call this before the first request. Calling it again does nothing; `uninstall` reverts it.
    """
    global _installed
    with compiling.LOCK:
        _installed = True
        # Tried out, because another package may have replaced `__new__` since the last call.
        if not isinstance(_STARLETTES.__new__(_STARLETTES, None), CORSMiddleware):
            before = _STARLETTES.__new__ if "__new__" in vars(_STARLETTES) else None
            # Not the function but its `__call__`: of a function named `__new__`, `inspect.signature` would show the
            # parameters in place of those of `__init__`, for subclasses too.
            _STARLETTES.__new__ = _constructor(before).__call__


def uninstall() -> None:
    """Make calls of Starlette's `CORSMiddleware` return its own instances again. Instances made so far stay as they
    are. Without `install` this does nothing.
    """
    global _installed
    # The class keeps the `__new__`, which now does what `object.__new__` does. After `del`, CPython would refuse every
    # argument: "object.__new__() takes exactly one argument".
    with compiling.LOCK:
        _installed = False


def _constructor(before: Callable[..., Any] | None) -> Any:
    """Return a `__new__` for Starlette's class, which had its own `__new__`, `before`, or None."""

    def construct(cls: type[Any], /, *args: Any, **kwargs: Any) -> Any:
        # Copying and unpickling an instance of Starlette's passes no arguments, and must return one of Starlette's.
        # So does a call that forgot them, for which Starlette's `__init__` then raises.
        if _installed and cls is _STARLETTES and (args or kwargs):
            # `__init__` is called next, by the interpreter, because this is an instance of a subclass.
            return CORSMiddleware.__new__(CORSMiddleware)
        if before is not None:
            return before(cls, *args, **kwargs)
        following: Callable[..., Any] = super(_STARLETTES, cls).__new__
        # `object.__new__` refuses arguments when a class defines `__new__`, and ignored them before.
        return following(cls) if following is object.__new__ else following(cls, *args, **kwargs)

    return construct
