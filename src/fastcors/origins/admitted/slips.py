"""Finds a part of an origin regex that is optional by mistake, as in `https://(www|m)?example\\.com`.

Such a pattern admits one or two more domains, which anyone can register. But one owner might have them all. So a slip
is only suspected, and only reported if the pattern has no other fault.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..regex.parsing import parsed
from .spelled_hosts import hosts_spelled_by

_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_MOST = 8


class Slip(NamedTuple):
    """An optional part in words, and the hosts that the pattern spells out without it and with it."""

    optional: str
    without: set[str]
    having: set[str]


def slips(pattern: re.Pattern[str]) -> Iterator[Slip]:
    """Yield the optional parts that may be slips. Raises `NoAutomaton` or `RecursionError`."""
    # Parsed again, because this tree is changed below.
    root = parsed.__wrapped__(str.__str__(pattern.pattern), pattern.flags & ~re.DEBUG)
    for count, (tree, at, optional, required) in enumerate(_optional_parts(root)):
        if count == _MOST:
            return
        item = tree[at]
        tree.data[at : at + 1] = []
        without = hosts_spelled_by(root)
        tree.data[at:at] = required
        having = hosts_spelled_by(root)
        tree.data[at : at + len(required)] = [item]
        yield Slip(optional, without, having)


def _optional_parts(tree: Any) -> Iterator[tuple[Any, int, str, list[Any]]]:
    """Yield the sequence that holds an optional part, its place there, its name in words, and the part itself."""
    for at, (operator, argument) in enumerate(list(tree)):
        name, inner = repr(operator), []
        required: list[Any] = []
        if name == "SUBPATTERN":
            inner = [argument[3]]
        elif name == "BRANCH":
            inner = argument[1]
            full = [each for each in inner if len(each)]
            required = [(operator, (argument[0], full))] if len(full) < len(inner) else []
        elif name in _REPEATS:
            inner = [argument[2]]
            required = list(argument[2]) if argument[:2] == (0, 1) else []
        words = _words(required, _character(list(tree)[at - 1 : at]).isalnum())
        if words:
            yield tree, at, words, required
        for each in inner:
            yield from _optional_parts(each)


def _words(optional: list[Any], follows_letter: bool) -> str:
    """Return an optional part in words, if it is a dot, a letter or a label without the dot that should end it."""
    character = _character(optional) if len(optional) == 1 else ""
    if character == ".":
        return "the dot"
    if character.isalnum() and follows_letter:
        return f"the letter {character}"
    # As in `https://s?shop\\.com`, which names two domains.
    if character and repr(optional[0][0]) == "LITERAL":
        return ""
    return "a label without its dot" if _is_label(optional) else ""


def _character(items: list[Any]) -> str:
    """Return the character that the first of `items` stands for, also in a group; an empty text for another item."""
    if not items:
        return ""
    operator, argument = items[0]
    if repr(operator) == "SUBPATTERN" and len(argument[3]) == 1:
        return _character(list(argument[3]))
    return "." if repr(operator) == "ANY" else chr(argument) if repr(operator) == "LITERAL" else ""


def _is_label(tree: Any) -> bool:
    """Tell whether each text of `tree` consists of letters and digits."""
    items = list(tree)
    return bool(items) and all(_is_part_of_label(*item) for item in items)


def _is_part_of_label(operator: Any, argument: Any) -> bool:
    name = repr(operator)
    if name == "LITERAL":
        return chr(argument).isalnum()
    if name == "SUBPATTERN":
        return _is_label(argument[3])
    if name == "BRANCH":
        return all(map(_is_label, argument[1]))
    # `re` makes such a set of `(a|b)`.
    return name == "IN" and all(repr(member) == "LITERAL" and chr(code).isalnum() for member, code in argument)
