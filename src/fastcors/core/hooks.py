"""The methods that a subclass may override or instrumentation may patch, and how a change of them is noticed."""

from operator import attrgetter
from typing import Any

from .names import ClassState

_HOOKS = ("is_allowed_origin", "preflight_response", "simple_response", "send", "allow_explicit_origin")
_code_of = attrgetter("__code__")

# Stands for a hook of which each look-up makes a new object, as of a class method.
_UNSTABLE = object()


def class_version(cls: type, names: frozenset[str]) -> tuple[object, ...]:
    """Return the hooks of `cls` as a look-up finds them, which is cheap enough to repeat for each request."""
    found = []
    for name in _HOOKS:
        stored: Any = None
        for base in cls.__mro__:  # pragma: no branch  # one of them has it
            if name in base.__dict__:
                stored = base.__dict__[name]
                break
        function = stored.__func__ if type(stored) is staticmethod else stored
        try:
            stable = getattr(cls, name) is function is getattr(cls, name)
        except Exception:  # of a descriptor that is for instances alone
            stable = False
        found.append(function if stable else _UNSTABLE)
    return tuple(found)


def _unstable_hooks(version: tuple[object, ...], class_state: ClassState) -> list[tuple[Any, str, object]]:
    """Return where the class has each hook that a look-up cannot be compared with, by name, and the hook itself."""
    mro, stored, _, _ = class_state
    unstable = [name for name, hook in zip(_HOOKS, version, strict=True) if hook is _UNSTABLE]
    return [(next(vars(base) for base in mro if name in vars(base)), name, stored[name]) for name in unstable]
