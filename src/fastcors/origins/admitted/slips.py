"""Finds a `?` that makes optional something else than its author meant, as in `https://(www|m)?example\\.com`.

Such a pattern admits one or two more domains, which anyone can register. One owner might have them all, so this is not
decided but suspected, and only told where the pattern has no other fault.
"""

import re
from collections.abc import Iterator
from typing import Any

from ..regex.parsing import parsed

_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")


def slips(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield in words what each such `?` makes optional. Raises `NoAutomaton` or `RecursionError`."""
    yield from _in_sequence(parsed(str.__str__(pattern.pattern), pattern.flags & ~re.DEBUG))


def _in_sequence(tree: Any) -> Iterator[str]:
    items = list(tree)
    for at, (operator, argument) in enumerate(items):
        if repr(operator) == "SUBPATTERN":
            yield from _in_sequence(argument[3])
        elif repr(operator) == "BRANCH":
            for alternative in argument[1]:
                yield from _in_sequence(alternative)
        elif repr(operator) in _REPEATS and argument[:2] == (0, 1):
            found = _slip(items[max(0, at - 1) : at], list(argument[2]), items[at + 1 : at + 3])
            if found:
                yield found


def _slip(before: list[Any], optional: list[Any], after: list[Any]) -> str:
    character = _literal(optional) if len(optional) == 1 else ""
    label_follows = _literal(after).isalnum()
    if character == "." and label_follows and _literal(before[::-1]).isalnum():
        return "the dot"
    if character.isalpha() and not label_follows and _ends_host(after) and _literal(before[::-1]).isalpha():
        return f"the letter {character}"
    if label_follows and optional and repr(optional[0][0]) == "SUBPATTERN" and _is_label(optional[0][1][3]):
        return "a label without its dot"
    return ""


def _literal(items: list[Any]) -> str:
    return chr(items[0][1]) if items and repr(items[0][0]) == "LITERAL" else ""


def _ends_host(after: list[Any]) -> bool:
    return not after or repr(after[0][0]) == "AT" or (_literal(after) == ":" and _literal(after[1:]) != "/")


def _is_label(tree: Any) -> bool:
    """Tell whether each text of a group is a label, without the dot that should end it."""
    items = list(tree)
    if len(items) == 1 and repr(items[0][0]) == "BRANCH":
        return all(map(_is_label, items[0][1][1]))
    return bool(items) and all(_literal([item]).isalnum() for item in items)
