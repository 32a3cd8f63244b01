"""Bounds how long `re` may take to match a text as short as an origin.

`re` goes through the ways to match a pattern one after the other, so their number bounds the time. It is counted before
`re` matches anything here, because nothing can stop a match that takes too long.
"""

import re
from typing import Any

from ..regex.budget import NoAutomaton
from ..regex.parsing import parsed

_MOST_WAYS = 20_000
_LENGTH = 40
"""The length of an origin that is tried."""
_ENDLESS = _MOST_WAYS + 1
_MOST_COPIES = 14
"""The most copies that an item with two or more ways may have."""
_SINGLE = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})

# A pattern with at most one group, which is not repeated, and at most two repeats.
_TAME = re.compile(r"[^(*+?{]*+(?:\((?!\?)[^()*+?{]*+\)(?![*+?{])[^(*+?{]*+)?(?:[*+?][^(*+?{]*+){0,2}")


def is_quick(pattern: re.Pattern[str]) -> bool:
    """Tell whether `re` certainly decides quickly whether `pattern` matches an origin."""
    try:
        return _of_sequence(parsed(str.__str__(pattern.pattern), pattern.flags & ~re.DEBUG)) <= _MOST_WAYS
    except NoAutomaton:  # It is too long to be parsed again.
        return _TAME.fullmatch(pattern.pattern) is not None
    except RecursionError:
        return False


def _of_sequence(tree: Any) -> int:
    ways = 1
    for operator, argument in tree:
        ways = min(ways * _of_item(repr(operator), argument), _ENDLESS)
    return ways


def _of_item(operator: str, argument: Any) -> int:
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _of_repeat(*argument)
    if operator == "BRANCH":
        return min(sum(map(_of_sequence, argument[1])), _ENDLESS)
    if operator == "GROUPREF_EXISTS":
        return sum(_of_sequence(tree) for tree in argument[1:] if tree is not None)
    inner = {"SUBPATTERN": 3, "ASSERT": 1, "ASSERT_NOT": 1}.get(operator)
    if inner is not None:
        return _of_sequence(argument[inner])
    return _of_sequence(argument) if operator == "ATOMIC_GROUP" else 1


def _of_repeat(least: int, most: int, tree: Any) -> int:
    inner, optional = _of_sequence(tree), min(most - least, _LENGTH) + 1
    if inner == 1:
        # `re` counts the copies of a group even if they take no text.
        return optional if len(tree) == 1 and repr(tree[0][0]) in _SINGLE else min(least + optional, _ENDLESS)
    # The ways of the copies multiply.
    return min(sum(inner**count for count in range(least, most + 1)), _ENDLESS) if most <= _MOST_COPIES else _ENDLESS
