"""The hooks, which a subclass may override and instrumentation may patch, and the detection of such changes."""

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

# Stands for a hook whose look-up makes a new object each time, such as a class method.
_UNSTABLE = object()


def class_version(cls: type, names: frozenset[str]) -> Hooks:
    """Return the hooks of `cls` by looking them up, which is cheap enough to repeat for each request."""
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
        except Exception:  # raised by a descriptor that only works on instances
            stable = False
        found.append(function if stable else _UNSTABLE)
    return Hooks(*found)


def unstable_hooks(version: Hooks, class_state: ClassState) -> list[tuple[Any, str, object]]:
    """Return the hooks that no look-up can compare: for each the namespace that has it, its name, and itself."""
    mro, stored, _, _ = class_state
    unstable = [name for name, hook in version._asdict().items() if hook is _UNSTABLE]
    return [(next(vars(base) for base in mro if name in vars(base)), name, stored[name]) for name in unstable]
