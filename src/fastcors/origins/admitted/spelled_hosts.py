"""The hosts that an origin regex spells out, and so the domains that its author evidently means.

What is spelled out is what the pattern leaves when everything is taken out that stands for many texts: classes of
characters, and repeats. `https://[a-z]+\\.(one|two)\\.com` spells out `.one.com` and `.two.com`.
"""

import re
from typing import Any

from ..regex.budget import NoAutomaton
from ..regex.program import parsed

ANY = "\0"
"""Stands for any character but a dot, where the pattern has a dot that is not escaped."""

_MOST = 2_000
"""So many texts are followed at a time."""
_MOST_DOTS = 8
_MOST_COPIES = 4


def spelled_hosts(pattern: re.Pattern[str]) -> set[str]:
    """Return the hosts and parts of hosts that `pattern` spells out, in lower case, without ports.

    A dot that is not escaped is read both ways, as a dot and as `ANY`. Of a long host only the end is returned, and
    nothing of one that is not latin-1, which no browser sends. Raises `NoAutomaton` where there are too many.
    """
    reader = _Reader()
    reader.close(reader.sequence(parsed(str.__str__(pattern.pattern), pattern.flags & ~re.DEBUG), {""}))
    hosts = (text.partition(":")[0].strip(ANY) for text in reader.found)
    return {host for host in hosts if host not in ("", "http", "https") and max(host) <= "\xff"}


class _Reader:
    """Reads a parsed pattern from its end to its start, with all texts that may follow at once."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def close(self, ends: set[str]) -> set[str]:
        """Keep `ends`, because nothing that is spelled out comes before them; return what can be before that."""
        self.found |= ends
        return {""}

    def sequence(self, tree: Any, ends: set[str]) -> set[str]:
        """Return the texts that begin in `tree` and go on with one of `ends`."""
        for operator, argument in reversed(tree):
            ends = self._item(repr(operator), argument, ends)
            if len(ends) > _MOST:
                raise NoAutomaton(f"more than {_MOST:,} hosts")
        return ends

    def _item(self, operator: str, argument: Any, ends: set[str]) -> set[str]:
        if operator == "LITERAL":
            return self._prepended(chr(argument), ends)
        if operator == "ANY":
            return self._prepended(".", ends) | self._prepended(ANY, ends)
        if operator == "IN" and all(str(member) == "LITERAL" for member, _ in argument):
            return {text for _, code in argument for text in self._prepended(chr(code), ends)}
        if operator == "BRANCH":
            return {text for tree in argument[1] for text in self.sequence(tree, ends)}
        if operator == "SUBPATTERN":
            return self.sequence(argument[3], ends)
        if operator in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, repeated = argument
            return self._repeated(least, most, repeated, ends)
        if operator == "ASSERT":
            self.close(self.sequence(argument[1], {""}))
        # An anchor takes no text, nor does a look-around. What remains is a class, or a repeat that has no automaton.
        return ends if operator in ("ASSERT", "ASSERT_NOT", "AT") else self.close(ends)

    def _prepended(self, character: str, ends: set[str]) -> set[str]:
        if character == "/":
            return self.close(ends)
        return {character.lower() + end if end.count(".") + end.count(ANY) < _MOST_DOTS else end for end in ends}

    def _repeated(self, least: int, most: int, tree: Any, ends: set[str]) -> set[str]:
        texts = ends if least == 0 else set[str]()
        if most > _MOST_COPIES:
            self.close(ends)
            return texts | self.close(self.sequence(tree, {""}))
        for copy in range(1, most + 1):
            ends = self.sequence(tree, ends)
            if copy >= least:
                texts = texts | ends
        return texts
