"""Decides whether `re` itself matches a pattern in linear time, so that it can do without an automaton.

`re` goes through the ways to match a pattern one after the other. A way is a sequence of items that each match one
character, some of them repeated: one alternative of each branch, one count of each repeated group. A pattern whose
ways are few and short takes as long as all its ways together. One way takes linear time if each repeated item but the
first follows an item that is not repeated and matches none of the same characters:

- `fullmatch` begins at one place only, so the items up to the first repeated one are tried once, and that one runs
  forward once.
- When it gives characters back, the next item is tried at most once at each place of the text.
- An item that is not repeated hands on at most one place for each place at which it was tried. So it is tried at most
  once at each place as long as that is true for the item before it.
- A later repeated item is tried right after a character that it does not match itself. It cannot run past the next
  place where it is tried, so its runs do not overlap. Together they take linear time, and they end in different places.

By induction each item is tried at most once at each place.
"""

import re
from typing import Any, NamedTuple, TypeAlias

from .budget import NoAutomaton
from .parsing import parsed
from .program import LATIN_1, UNBOUNDED, characters

MAX_ITEMS = 1_000
"""The most items of all ways of a pattern together."""
MAX_REPEATED = 64
"""The most items that can be tried at each place: those of all ways from the first repeated one on."""
_MAX_COPIES = 4
_SINGLE = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})


class _Item(NamedTuple):
    characters: frozenset[str]
    repeated: bool = False


_Way: TypeAlias = tuple[_Item, ...]


class _NotProved(Exception):
    pass


def is_linear(pattern: re.Pattern[str]) -> bool:
    """Tell whether `pattern.fullmatch` provably takes linear time for every text of latin-1 characters."""
    # DEBUG would print the tree again.
    flags = pattern.flags & ~re.DEBUG
    try:
        ways = _ways(parsed(str.__str__(pattern.pattern), flags), flags)
    except (_NotProved, NoAutomaton, RecursionError):
        return False
    return sum(map(_tried, ways)) <= MAX_REPEATED and all(map(_is_linear, ways))


def _tried(way: _Way) -> int:
    """Return how many items of `way` can be tried at each place of the text."""
    first = next((place for place, item in enumerate(way) if item.repeated), len(way))
    return len(way) - first


def _is_linear(way: _Way) -> bool:
    repeated = [place for place, item in enumerate(way) if item.repeated]
    return all(
        not way[place - 1].repeated and way[place - 1].characters.isdisjoint(way[place].characters)
        for place in repeated[1:]
    )


def _ways(tree: Any, flags: int) -> list[_Way]:
    """Return the ways to match a sequence."""
    ways: list[_Way] = [()]
    for operator, argument in tree:
        following = _ways_of_one(repr(operator), argument, flags)
        ways = _bounded([way + more for way in ways for more in following])
    return ways


def _bounded(ways: list[_Way]) -> list[_Way]:
    if len(ways) + sum(map(len, ways)) > MAX_ITEMS:
        raise _NotProved
    return ways


def _ways_of_one(operator: str, argument: Any, flags: int) -> list[_Way]:
    if operator in _SINGLE:
        return [(_Item(_matched(operator, argument, flags)),)]
    if operator == "AT":  # takes no text
        return [()]
    if operator == "SUBPATTERN":
        _, added, removed, tree = argument
        if added or removed:
            raise _NotProved
        return _ways(tree, flags)
    if operator == "BRANCH":
        return _bounded([way for tree in argument[1] for way in _ways(tree, flags)])
    if operator in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, tree = argument
        return _ways_of_repeat(least, most, tree, flags)
    raise _NotProved


def _ways_of_repeat(least: int, most: int, tree: Any, flags: int) -> list[_Way]:
    # `re` runs along a repeated character without a step for each of its counts.
    if most > 1 and len(tree) == 1 and repr(tree[0][0]) in _SINGLE:
        return [(_Item(_matched(repr(tree[0][0]), tree[0][1], flags), repeated=True),)]
    if most == UNBOUNDED or most > _MAX_COPIES:
        raise _NotProved
    once = _ways(tree, flags)
    copies: list[_Way] = [()]
    ways: list[_Way] = [()] if least == 0 else []
    for count in range(1, most + 1):
        copies = _bounded([way + more for way in copies for more in once])
        if count >= least:
            ways = _bounded(ways + copies)
    return ways


def _matched(operator: str, argument: Any, flags: int) -> frozenset[str]:
    return frozenset(characters(operator, argument, flags).findall(LATIN_1))
