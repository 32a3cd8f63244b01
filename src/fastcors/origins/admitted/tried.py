"""Foreign origins that are tried, where to decide about all would take too long."""

import re
from collections.abc import Iterator

from ...standard.hosts import UNREGISTRABLE_TOPS
from ...standard.origins import DEFAULT_PORTS
from ...standard.public_suffixes import PublicSuffixes
from ..regex.automaton import OriginAutomaton
from .analysis import host_of
from .spelled_hosts import ANY

UNRELATED = ("evil.com", "a.co", "attacker.example.net")
"""Hosts that have nothing in common. What admits all of them names none."""

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")


def foreign_among_tried(automaton: OriginAutomaton, spelled: set[str], suffixes: PublicSuffixes) -> list[str]:
    """Return those of a few foreign origins that are admitted, `UNRELATED` first, of one scheme; `spelled` are the
    hosts that the pattern spells out. That there is none says nothing.
    """
    own = suffixes.registrable_of(spelled)
    for scheme in DEFAULT_PORTS:
        origins = (f"{scheme}://{host}" for host in _hosts(spelled))
        found = [
            origin for origin in origins if automaton.matches(origin.encode()) and _is_foreign(origin, own, suffixes)
        ]
        if found:
            return found
    return []


def _hosts(spelled: set[str]) -> Iterator[str]:
    yield from UNRELATED
    for host in sorted(host for host in spelled if ANY not in host):
        for tried in (f"a{host}", f"{host.lstrip('.')}.evil.com"):
            if _HOST.fullmatch(tried):
                yield tried


def _is_foreign(origin: str, own: frozenset[str], suffixes: PublicSuffixes) -> bool:
    host = host_of(origin)
    domain = suffixes.registrable(host)
    return domain is not None and domain not in own and host.rpartition(".")[2] not in UNREGISTRABLE_TOPS
