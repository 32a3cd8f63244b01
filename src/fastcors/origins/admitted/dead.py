"""Finds alternatives of an origin regex that match no origin, although the whole pattern matches some."""

import re
from collections.abc import Iterator

from ..regex.automaton import OriginAutomaton, compile_origin_regex
from ..regex.budget import Budget, NoAutomaton
from .grammar import hosts, other_origins
from .spelled_hosts import ANY, spelled_hosts
from .walk import Admitted, Moves

_MOST = 12
_LONGEST = 500
_STEPS = 10_000
"""The most steps of one construction, and of one analysis."""
_STEPS_OF_ALL = 60_000

# An escape, a set, or any other character. Signs inside an escape or a set have no meaning.
_ITEM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


def dead_alternatives(pattern: re.Pattern[str], automaton: OriginAutomaton) -> Iterator[tuple[str, bool]]:
    """Yield each alternative that matches no origin, and whether an origin that it probably means is admitted.

    `automaton` is that of `pattern`.
    """
    source = pattern.pattern
    if len(source) > _LONGEST or "|" not in source or pattern.flags & re.VERBOSE:
        return
    budget = Budget(_STEPS_OF_ALL)
    for whole, alternative in list(_alternatives(source))[:_MOST]:
        try:
            if _matches_nothing(re.compile(whole, pattern.flags & ~re.DEBUG), budget):
                yield alternative, _is_admitted(whole, pattern, automaton)
        except (re.error, NoAutomaton, RecursionError):
            continue


def _matches_nothing(pattern: re.Pattern[str], budget: Budget) -> bool:
    # Spend all steps first, because a pattern that is too large takes them all. Unused steps are given back.
    budget.spend(2 * _STEPS)
    automaton = compile_origin_regex(pattern, max_steps=_STEPS)
    moves = Moves(automaton, Budget(_STEPS))
    try:
        return _admits_nothing(automaton, moves)
    finally:
        budget.spent -= 2 * _STEPS - automaton.steps - moves.budget.spent


def _admits_nothing(automaton: OriginAutomaton, moves: Moves) -> bool:
    if automaton.matches(b"null") or Admitted(moves, other_origins(), automaton.start).edges:
        return False
    starts = {scheme: moves.after(f"{scheme}://".encode(), automaton.start) for scheme in ("https", "http")}
    return not any(Admitted(moves, hosts(scheme), state).edges for scheme, state in starts.items())


def _is_admitted(whole: str, pattern: re.Pattern[str], automaton: OriginAutomaton) -> bool:
    """Tell whether `pattern` admits a host that `whole` spells out. Then no origin is missing."""
    meant = re.compile(whole.replace("\\\\", "\\"), pattern.flags & ~re.DEBUG)
    spelled = {host.replace(ANY, ".").strip(".") for host in spelled_hosts(meant)}
    named = [host for host in spelled if "." in host or host == "localhost"]
    return any(_admits(automaton, host) for host in named)


def _admits(automaton: OriginAutomaton, host: str) -> bool:
    tried = (f"{scheme}://{label}{host}" for scheme in ("https", "http") for label in ("", "a."))
    return any(automaton.matches(origin.encode("latin-1", "ignore")) for origin in tried)


def _alternatives(source: str) -> Iterator[tuple[str, str]]:
    """Yield each alternative of the whole and of its outermost groups, after the pattern with no other alternative."""
    for start, end in _parts(source, 0, len(source)):
        part = source[start:end]
        if part != source:
            yield part, part
        for opened, closed in _groups(source, start, end):
            inner = list(_parts(source, opened, closed))
            for begin, stop in inner if len(inner) > 1 else ():
                yield source[start:opened] + source[begin:stop] + source[closed:end], source[begin:stop]


def _parts(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each alternative between `start` and `end` begins and ends."""
    depth, begin = 0, start
    for item in _ITEM.finditer(source, start, end):
        depth += (item.group() == "(") - (item.group() == ")")
        if item.group() == "|" and not depth:
            yield begin, item.start()
            begin = item.end()
    yield begin, end


def _groups(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the content of each outermost group begins and ends, without look-arounds and the like."""
    depth, opened = 0, start
    for item in _ITEM.finditer(source, start, end):
        if item.group() == "(":
            opened = opened if depth else item.end()
            depth += 1
        elif item.group() == ")":
            depth -= 1
            content = opened + 2 * source.startswith("?:", opened)
            if not depth and not source.startswith("?", content):
                yield content, item.start()
