"""The configuration as an immutable value, which can be checked before an app is served."""

from collections import deque
from collections.abc import Iterator, KeysView, Mapping, ValuesView
from dataclasses import dataclass
from typing import Any

from ..problems import COLLECTIONS, ConfigProblem
from .parameters import DEFAULTS, Parameters


@dataclass(frozen=True)
class CORSConfig(Parameters):
    """The parameters of `CORSMiddleware`, with the same names, order and defaults, as an immutable value.

    Lists become tuples, sets become frozensets, and iterators are consumed into tuples. Collections of your own classes
    are kept as they are. Pass the value as `CORSMiddleware(app, config=...)`; `dataclasses.replace` makes a changed
    copy. Creating it never raises for a wrong value: `problems` reports those.
    """

    def __post_init__(self) -> None:
        for name in (*COLLECTIONS, "accept"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))

    def problems(self) -> tuple[ConfigProblem, ...]:
        """Return the problems of these parameters, and notes about them, in the order of the parameters.

        There are at most ten problems of one code; the last of them tells how many more values share it. Nothing is
        raised: values for which the middleware would raise an exception are reported here as ordinary problems.
        Those whose code is in `accept` are marked as `accepted`.
        """
        # Imported late: making a configuration does not need the checks.
        from .checks.parameters import problems_of

        return problems_of(self)


def parameters_given(config: CORSConfig | None, given: Mapping[str, Any]) -> Parameters:
    """Return the configuration of a middleware: `config`, or the parameters among the arguments `given`.

    Raises `TypeError` if both are given, or `config` is not a `CORSConfig`.
    """
    parameters = {name: given[name] for name in DEFAULTS}
    parameters["accept"] = _frozen(parameters["accept"])
    if config is None:
        return Parameters(**parameters)
    if not isinstance(config, CORSConfig):
        raise TypeError(f"config= takes a CORSConfig, and this is of type {type(config).__name__}.")
    changed = [name for name, value in parameters.items() if not _is_default(value, DEFAULTS[name])]
    if changed:
        raise TypeError(
            f"config= holds all parameters, so {', '.join(changed)} cannot be given beside it. "
            f"Put {'them' if len(changed) > 1 else 'it'} into the CORSConfig; "
            f"dataclasses.replace(config, {changed[0]}=...) makes one that differs."
        )
    return config


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(default, tuple) and isinstance(value, (list, set, frozenset, deque, dict)):
        return tuple(value) == default
    return value is default or bool(value == default)


def _frozen(value: Any) -> Any:
    """Return an immutable copy of `value` if its class is a built-in one, and otherwise `value` itself."""
    if type(value) in (list, deque, dict) or issubclass(type(value), (Iterator, KeysView, ValuesView)):
        try:
            return tuple(value)
        except Exception:  # from an iterator of the user's: it is reported as no collection, if it is none
            return value
    return frozenset(value) if type(value) is set else value
