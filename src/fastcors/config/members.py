"""The members of a parameter that takes a collection of strings, and which collections are safe to inspect."""

from collections import deque
from typing import Any

from ..problems import shown
from ..standard.headers import holds_line_break


def one_or_many(value: Any) -> Any:
    """Return `value`, with a string as a collection of this one string: iterating over a string, or searching it, would
    treat its characters and substrings as configured values. `"*"` means the same either way, so it stays.
    """
    if not isinstance(value, str) or value == "*":
        return value
    return (value,) if value else ()


def is_inspected(value: object) -> bool:
    """Tell whether `value` is a string or a built-in collection. Other classes, subclasses of these included, are not
    iterated, because that could have side effects.
    """
    return isinstance(value, str) or type(value) in (list, tuple, set, frozenset, deque, dict)


def members(value: Any) -> list[Any]:
    """Return the members of a collection that is inspected, in a stable order."""
    if isinstance(value, str):
        return [value] if value else []
    if type(value) in (set, frozenset):
        return sorted(value, key=lambda member: member if isinstance(member, str) else shown(member))
    return list(value) if is_inspected(value) else []


def texts(value: Any) -> list[str]:
    """Return those members that could become part of a header."""
    return [member for member in members(value) if isinstance(member, str) and not holds_line_break(member)]
