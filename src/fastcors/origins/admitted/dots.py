"""Finds the dots of an origin regex that lack a backslash."""

import re

_MOST_FOLLOWED = 200

# The first alternatives are an escape, a set and a comment, inside of which a dot has no meaning of its own.
_ITEM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?#[^)]*\)|(?P<dot>\.)(?![*+?{])|.", re.DOTALL)


def dots_escaped(pattern: str) -> str:
    r"""Return `pattern` with the dots between two labels escaped. A dot that is repeated, or stands next to a `/`, a
    `\.` or an end of the pattern, is meant to match any character.
    """
    items = list(_ITEM.finditer(pattern))
    fixed = [item.group() for item in items]
    for at in range(1, len(items) - 1):
        if items[at]["dot"] and _ends_label(fixed[at - 1]) and _begins_label(_following(fixed, at)):
            fixed[at] = r"\."
    return "".join(fixed)


def _following(items: list[str], at: int) -> str:
    """Return the item that can follow the one at `at`. This skips the ends of groups, and their other alternatives."""
    following, depth, closed = "", 0, False
    alternatives = False
    for item in items[at + 1 : at + _MOST_FOLLOWED]:
        following = item
        if alternatives and (depth or item != ")"):
            depth += (item == "(") - (item == ")")
        elif item == "|":
            alternatives = True
        elif item == ")":
            alternatives, closed = False, True
        elif not (closed and item in "?*+"):
            break
    return following


def _ends_label(item: str) -> bool:
    return item.isalnum() or item[0] in "[)*+?}" or item in (r"\d", r"\w")


def _begins_label(item: str) -> bool:
    return item.isalnum() or item[0] in "(["
