"""What a parameter that takes a collection of strings holds, and what of it can be gone through without an effect."""

from collections import deque
from typing import Any

from ..problems import shown
from ..standard.headers import holds_line_break


def one_or_many(value: Any) -> Any:
    """Return `value`, or the one value that it is when it is a string: iterating over a string, or searching
    it, would take its characters and substrings for the configured values. `"*"` means the same either way.
    """
    if not isinstance(value, str) or value == "*":
        return value
    return (value,) if value else ()


_LOOKED_THROUGH = (list, tuple, set, frozenset, deque, dict)


def is_looked_through(value: object) -> bool:
    """Tell whether `value` can be gone through without an effect. A collection of another class, be it derived from
    one of these, is left alone.
    """
    return isinstance(value, str) or type(value) in _LOOKED_THROUGH


def members(value: Any) -> list[Any]:
    """Return the members of a collection that is looked through, in an order that is always the same."""
    if isinstance(value, str):
        return [value] if value else []
    if type(value) in (set, frozenset):
        return sorted(value, key=lambda member: member if isinstance(member, str) else shown(member))
    return list(value) if is_looked_through(value) else []


def texts(value: Any) -> list[str]:
    """Return those members that could become part of a header."""
    return [member for member in members(value) if isinstance(member, str) and not holds_line_break(member)]
