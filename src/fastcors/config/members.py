"""The members of a parameter that takes a collection of strings, and which collections are safe to inspect.

Only the type of a configured value is inspected. `isinstance`, `==`, `bool` and `repr` would run code of its class,
which may raise.
"""

from collections import deque
from typing import Any

from ..problems import class_name, shown
from ..standard.headers import holds_line_break

MOST_CHARACTERS = 50_000
"""The most characters in the members of a parameter that are examined."""


def one_or_many(value: Any) -> Any:
    """Return `value`; a string becomes a collection of this one string. Otherwise, its characters and substrings would
    count as configured values. `"*"` means the same either way, so it stays.
    """
    if not isinstance(value, str) or value == "*":
        return value
    return (value,) if value else ()


def is_text(value: object) -> bool:
    """Tell whether `value` is a string, by its type alone."""
    return issubclass(type(value), str)


def plain(value: Any) -> Any:
    """Return a string of any class as a `str`, and any other value unchanged."""
    return str.__str__(value) if is_text(value) else value


def truth(value: object) -> bool:
    """Return the truth of `value`. It is true if `bool` raises an exception, as it does for a NumPy array."""
    try:
        return bool(value)
    except Exception:
        return True


def type_name(value: object) -> str:
    return class_name(type(value))


def is_inspected(value: object) -> bool:
    """Tell whether `value` is a string or a built-in collection. Other classes, subclasses of these included, are not
    iterated, because that could have side effects.
    """
    return is_text(value) or type(value) in (list, tuple, set, frozenset, deque, dict)


def members(value: Any, ordered: bool = True) -> list[Any]:
    """Return the members of an inspected collection, each string as a `str`. With `ordered`, the members of a set have
    a stable order.
    """
    if is_text(value):
        return [plain(value)] if plain(value) else []
    if not is_inspected(value):
        return []
    # A shortcut: there can be very many members, and nearly all are of type `str` already.
    plainly = [member if type(member) is str else plain(member) for member in value]
    if ordered and type(value) in (set, frozenset):
        _put_in_order(plainly)
    return plainly


_BUILT_IN = frozenset({int, float, bool, bytes, type(None)})
_MOST_SHOWN = 1_000
"""The most members of other types that are sorted by their text, which takes a hundred times as long."""


def _put_in_order(values: list[Any]) -> None:
    kinds = set(map(type, values))
    if kinds == {str}:
        values.sort()
    elif kinds <= {str, *_BUILT_IN}:
        values.sort(key=lambda value: value if type(value) is str else repr(value))
    elif len(values) <= _MOST_SHOWN:
        values.sort(key=lambda value: value if type(value) is str else shown(value))
    else:
        values.sort(key=lambda value: value if type(value) is str else type_name(value))


def texts(value: Any, ordered: bool = True) -> list[str]:
    """Return those members that could become part of a header."""
    return [member for member in members(value, ordered) if type(member) is str and not holds_line_break(member)]
