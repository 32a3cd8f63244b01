"""The hosts that an origin regex spells out, which show the domains that its author means.

A pattern spells out the texts that remain without its character classes and repeats, which stand for many texts.
`https://[a-z]+\\.(one|two)\\.com` spells out `.one.com` and `.two.com`.
"""

import functools
import re
from typing import Any

from ..regex.budget import Budget, NoAutomaton
from ..regex.parsing import parsed

ANY = "\0"
"""Stands for any character but a dot, in place of an unescaped dot of the pattern."""

_MOST = 2_000
"""The most texts that are followed at the same time."""
_MOST_BY_SETS = 32
"""The most texts for which a set of characters is spelled out."""
_LONGEST = 300
"""The most characters of a text that are kept: no host is longer."""
_MOST_STEPS = 50_000
_MOST_DOTS = 8
_MOST_COPIES = 4


def spelled_hosts(pattern: re.Pattern[str]) -> set[str]:
    """Return the hosts and parts of hosts that `pattern` spells out, in lower case, without ports.

    An unescaped dot is read both as a dot and as `ANY`. Only the end of a long host is returned, and nothing of a user
    name or a password. Hosts outside latin-1, which no browser sends, are skipped. Raises `NoAutomaton` if there are
    too many hosts.
    """
    found = _found(pattern)
    if found is None:
        raise NoAutomaton("too many hosts")
    return set(found)


def hosts_spelled_by(tree: Any) -> set[str]:
    """Return the same for a parsed pattern."""
    reader = _Reader()
    reader.close(reader.sequence(tree, {""}))
    hosts = (text.rpartition("@")[2].partition(":")[0].strip(ANY) for text in reader.found)
    return {host for host in hosts if host not in ("", "http", "https") and max(host) <= "\xff"}


# The verdict and the advice both call this.
@functools.lru_cache(maxsize=8)
def _found(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Return the hosts, or None if there are too many."""
    try:
        return frozenset(hosts_spelled_by(parsed(str.__str__(pattern.pattern), pattern.flags & ~re.DEBUG)))
    except NoAutomaton:
        return None


def is_impossible(host: str) -> bool:
    """Tell whether a host that is spelled out, or a part of it, ends in a number but belongs to no IPv4 address. No URL
    has such a host (URL, "ends in a number").
    """
    *others, last = host.replace(ANY, ".").strip(".").split(".")
    numbers = all(label.isdecimal() and int(label[-9:]) <= 255 for label in (*others, last))
    return last.isdecimal() and not (numbers and len(others) <= 3)


def open_domains(pattern: re.Pattern[str]) -> set[str]:
    """Return the domains, without addresses, that `pattern` spells out after a dot, so that more labels can precede
    them. Raises `NoAutomaton`.
    """
    hosts = (host.replace(ANY, ".") for host in spelled_hosts(pattern))
    ends = {host.partition(".")[2].strip(".") for host in hosts if not host[0].isalnum()}
    return {end for end in ends if end and not end.rpartition(".")[2].isdecimal()}


class _Reader:
    """Reads a parsed pattern from its end to its start, and keeps the set of texts that can follow."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._budget = Budget(_MOST_STEPS)

    def close(self, ends: set[str]) -> set[str]:
        """Store `ends`, because no text that is spelled out precedes them. Return an empty text to go on with."""
        self.found |= ends
        return {""}

    def sequence(self, tree: Any, ends: set[str]) -> set[str]:
        """Return the texts that `tree` spells out, each followed by one of `ends`."""
        for operator, argument in reversed(tree):
            # Counted also for empty items, because nested repeats can make very many copies of them.
            self._budget.spend(1)
            ends = self._item(repr(operator), argument, ends)
            if len(ends) > _MOST:
                raise NoAutomaton(f"more than {_MOST:,} hosts")
        return ends

    def _item(self, operator: str, argument: Any, ends: set[str]) -> set[str]:
        if operator == "LITERAL":
            return self._prepended(chr(argument), ends)
        if operator == "ANY":
            return self._prepended(".", ends) | self._prepended(ANY, ends)
        # `re` makes such a set of `(a|b)` too. Many texts count like those of a range, which nobody has spelled out.
        if (
            operator == "IN"
            and all(repr(member) == "LITERAL" for member, _ in argument)
            and len(argument) * len(ends) <= _MOST_BY_SETS
        ):
            return {text for _, code in argument for text in self._prepended(chr(code), ends)}
        if operator == "BRANCH":
            self._budget.spend(len(argument[1]))
            return {text for tree in argument[1] for text in self.sequence(tree, ends)}
        if operator == "SUBPATTERN":
            return self.sequence(argument[3], ends)
        if operator in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, repeated = argument
            return self._repeated(least, most, repeated, ends)
        if operator == "ASSERT":
            self.close(self.sequence(argument[1], {""}))
        # Anchors and look-arounds take no text. Anything else here is a class, or a repeat that has no automaton.
        return ends if operator in ("ASSERT", "ASSERT_NOT", "AT") else self.close(ends)

    def _prepended(self, character: str, ends: set[str]) -> set[str]:
        if character == "/":
            return self.close(ends)
        self._budget.spend(len(ends))
        return {character.lower() + end if _is_short(end) else end for end in ends}

    def _repeated(self, least: int, most: int, tree: Any, ends: set[str]) -> set[str]:
        texts = ends if least == 0 else set[str]()
        if most > _MOST_COPIES:
            self.close(ends)
            return texts | self.close(self.sequence(tree, {""}))
        for copy in range(1, most + 1):
            self._budget.spend(1 + len(texts))
            ends = self.sequence(tree, ends)
            if copy >= least:
                texts = texts | ends
        return texts


def _is_short(text: str) -> bool:
    return len(text) < _LONGEST and text.count(".") + text.count(ANY) < _MOST_DOTS
