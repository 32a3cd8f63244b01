"""A few foreign origins to try if an automaton is too large to decide about all origins."""

import re
from collections.abc import Iterator

from ...standard.hosts import UNREGISTRABLE_TOPS
from ...standard.origins import DEFAULT_PORTS
from ...standard.public_suffixes import PublicSuffixes
from ..regex.automaton import OriginAutomaton
from .analysis import host_of
from .spelled_hosts import ANY

UNRELATED = ("evil.com", "a.co", "attacker.example.net")
"""Hosts that have nothing in common: a pattern that admits all of them names no host."""

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")


def foreign_among_tried(automaton: OriginAutomaton, spelled: set[str], suffixes: PublicSuffixes) -> list[str]:
    """Return the foreign origins, of one scheme and with `UNRELATED` first, that are admitted among the few that are
    tried. `spelled` are the hosts that the pattern spells out. An empty result proves nothing.
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
