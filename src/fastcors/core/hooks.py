"""The hooks: methods that a subclass may override and instrumentation may patch, and how such changes are noticed."""

from operator import attrgetter
from typing import Any, NamedTuple

from .policy import ClassState


class Hooks(NamedTuple):
    """One item per hook: the class's attribute, the function of this package, or that function's code."""

    is_allowed_origin: Any
    preflight_response: Any
    simple_response: Any
    send: Any
    allow_explicit_origin: Any


code_of = attrgetter("__code__")

# Stands for a hook for which each look-up makes a new object, such as a class method.
_UNSTABLE = object()


def class_version(cls: type, names: frozenset[str]) -> Hooks:
    """Return the hooks of `cls` as a look-up finds them, which is cheap enough to repeat for each request."""
    found = []
    for name in Hooks._fields:
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
    return Hooks(*found)


def unstable_hooks(version: Hooks, class_state: ClassState) -> list[tuple[Any, str, object]]:
    """Return the hooks that a look-up cannot be compared with: the namespace that has each, its name, and itself."""
    mro, stored, _, _ = class_state
    unstable = [name for name, hook in version._asdict().items() if hook is _UNSTABLE]
    return [(next(vars(base) for base in mro if name in vars(base)), name, stored[name]) for name in unstable]
