"""Makes Starlette's own class construct ours, for code that has to keep Starlette's class.

Some libraries look for that very class among an app's middleware (`middleware.cls is CORSMiddleware`). If they find
another class, they assume that the app has no CORS middleware. So the class stays, and only calls of it return another
object.
"""

from collections.abc import Callable
from typing import Any

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware

from . import compiling
from .middleware import CORSMiddleware

# Typed as Any, because type checkers refuse the assignment of `__new__`.
_STARLETTES: Any = StarletteCORSMiddleware

_installed = False


def install() -> None:
    """Make Starlette's `CORSMiddleware` construct fastcors' middleware, wherever and however the class was imported.

    Call it at start-up: an app constructs its middleware when it starts, and existing instances do not change. The
    class remains the same object, and its subclasses are unchanged. A second call does nothing. `uninstall` reverts it.
    """
    global _installed
    with compiling.LOCK:
        _installed = True
        # A trial call tells whether `__new__` is ours: another package may have wrapped or replaced it.
        if not isinstance(_STARLETTES.__new__(_STARLETTES, None), CORSMiddleware):
            before = _STARLETTES.__new__ if "__new__" in vars(_STARLETTES) else None
            # This is the function's `__call__`, which `inspect.signature` ignores. For a function, it would show the
            # function's parameters for this class and its subclasses, instead of those of `__init__`.
            _STARLETTES.__new__ = _constructor(before).__call__


def uninstall() -> None:
    """Make Starlette's `CORSMiddleware` construct its own instances again.

    Existing instances stay what they are. Without a previous `install` this does nothing.
    """
    global _installed
    # The class keeps its `__new__`, which now does what `object.__new__` does. If it were deleted, CPython would refuse
    # all arguments of the class: "object.__new__() takes exactly one argument".
    with compiling.LOCK:
        _installed = False


def _constructor(before: Callable[..., Any] | None) -> Any:
    """Return a `__new__` for Starlette's class, which had its own `__new__`, `before`, or None."""

    def construct(cls: type[Any], /, *args: Any, **kwargs: Any) -> Any:
        # Copying and unpickling call this without arguments, and have to produce Starlette's class. A constructor call
        # without arguments comes here too; then Starlette's `__init__` raises its TypeError.
        if _installed and cls is _STARLETTES and (args or kwargs):
            # The interpreter then calls our `__init__`, because this is an instance of a subclass.
            return CORSMiddleware.__new__(CORSMiddleware)
        if before is not None:
            return before(cls, *args, **kwargs)
        following: Callable[..., Any] = super(_STARLETTES, cls).__new__
        # `object.__new__` ignores the arguments of a class without `__new__`, and refuses those of a class with one.
        return following(cls) if following is object.__new__ else following(cls, *args, **kwargs)

    return construct
