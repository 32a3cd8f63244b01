"""The configuration as a value that can be checked before anything is served."""

from collections import deque
from collections.abc import Iterator, KeysView, Mapping, ValuesView
from dataclasses import dataclass
from typing import Any

from ..problems import COLLECTIONS, ConfigProblem
from .parameters import DEFAULTS, Parameters


@dataclass(frozen=True)
class CORSConfig(Parameters):
    """The parameters of `CORSMiddleware`, with the same names, order and defaults, as an immutable value.

    Lists and tuples are held as tuples, sets as frozensets, and what can be gone through only once is gone through
    now. A collection of a class of its own stays the object that it is. `CORSMiddleware(app, config=...)` takes it;
    `dataclasses.replace` makes another of it. Nothing is checked until `problems` is called, so nothing is raised.
    """

    def __post_init__(self) -> None:
        for name in COLLECTIONS:
            object.__setattr__(self, name, _frozen(getattr(self, name)))

    def problems(self) -> tuple[ConfigProblem, ...]:
        """Return what is wrong with these parameters, and what is worth knowing, in the order of the parameters.

        At most ten problems of one code; the last of those says how many more values share it. Nothing is raised:
        what the middleware would refuse with an exception is a problem like the others.
        """
        # The checks take longer to import than a configuration takes to be made.
        from .checks.parameters import problems_of

        return problems_of(self)


def parameters_given(config: CORSConfig | None, given: Mapping[str, Any]) -> Parameters:
    """Return what a middleware is configured with: `config`, or the parameters `given` by name beside others.

    Raises `TypeError` for both at once, and where `config` is something else.
    """
    parameters = {name: given[name] for name in DEFAULTS}
    if config is None:
        return Parameters(**parameters)
    if not isinstance(config, CORSConfig):
        raise TypeError(f"config= takes a CORSConfig, and this is of type {type(config).__name__}.")
    beside = [name for name, value in parameters.items() if not _is_default(value, DEFAULTS[name])]
    if beside:
        raise TypeError(
            f"config= holds all parameters, so {', '.join(beside)} cannot be given beside it. "
            f"Put {'them' if len(beside) > 1 else 'it'} into the CORSConfig; "
            f"dataclasses.replace(config, {beside[0]}=...) makes one that differs."
        )
    return config


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(default, tuple) and isinstance(value, (list, set, frozenset, deque, dict)):
        return tuple(value) == default
    return value is default or bool(value == default)


def _frozen(value: Any) -> Any:
    """Return `value` as something that nobody changes, where it is of a standard class."""
    if type(value) in (list, deque, dict) or isinstance(value, (Iterator, KeysView, ValuesView)):
        return tuple(value)
    return frozenset(value) if type(value) is set else value
