"""Origins to try one by one if no automaton can decide about all of them."""

import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator

from ...standard.hosts import UNREGISTRABLE_TOPS
from ...standard.origins import DEFAULT_PORTS
from ...standard.public_suffixes import PublicSuffixes
from ..regex.linear import is_linear
from .spelled_hosts import ANY

UNRELATED = ("evil.com", "a.co", "attacker.example.net")
"""Hosts that have nothing in common: a pattern that admits all of them names no host."""

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_ADDRESSES = ("1.1.1.1", "203.0.113.77")
_PORTS = ("", ":8080", ":3000")
_MOST_HOSTS = 200
_MOST_CHARACTERS = 1_000
"""The most characters of a pattern that `re` confirms. For a longer one, it takes too long to tell whether `re` is
quick.
"""

_MOST_SECONDS = 0.02
_LEAST_SECONDS = 1e-6
# How much longer `re` may take for each further character of a text.
_GROWTH = 4.0


def foreign_among_tried(matches: Callable[[str], object], spelled: set[str], suffixes: PublicSuffixes) -> list[str]:
    """Return the foreign origins, of one scheme and with `UNRELATED` first, that are admitted among the few that are
    tried. `spelled` are the hosts that the pattern spells out. An empty result proves nothing.
    """
    own = suffixes.registrable_of(spelled)
    hosts = [host for host in _hosts(spelled) if _is_foreign(host, own, suffixes)]
    tried = [[f"{scheme}://{host}{port}" for port in _PORTS for host in hosts] for scheme in DEFAULT_PORTS]
    admitted = matching(matches, itertools.chain(*tried))
    return next((found for origins in tried if (found := [each for each in origins if each in admitted])), [])


def _hosts(spelled: set[str]) -> Iterator[str]:
    yield from (*UNRELATED, *_ADDRESSES)
    for host in sorted(host for host in spelled if ANY not in host)[:_MOST_HOSTS]:
        bare = host.lstrip(".")
        for tried in (f"a{host}", f"a-{bare}", f"a.{bare}", f"a.a.{bare}", f"{bare}.co", f"{bare}.evil.com"):
            if _HOST.fullmatch(tried):
                yield tried


def _is_foreign(host: str, own: frozenset[str], suffixes: PublicSuffixes) -> bool:
    if host in _ADDRESSES:
        return True
    domain = suffixes.registrable(host)
    top = host.rpartition(".")[2]
    return domain is not None and domain not in own and top in suffixes.tops and top not in UNREGISTRABLE_TOPS


def is_confirmed(pattern: re.Pattern[str], origin: str) -> bool:
    """Tell whether `re` accepts `origin`, as the automaton of `pattern` does. True if `re` might take long."""
    if len(pattern.pattern) > _MOST_CHARACTERS or not is_linear(pattern):
        return True
    return pattern.fullmatch(origin) is not None


def matching(matches: Callable[[str], object], texts: Iterable[str]) -> set[str]:
    """Return those of `texts` that match. Only as many are tried as a short time allows.

    The time that `re` takes can grow exponentially with a text. So the shorter ones come first. The time that they take
    limits how much longer the next one may be.
    """
    found = set()
    spent, cost, length = 0.0, 0.0, 0
    for text in sorted(set(texts), key=len):
        if spent > _MOST_SECONDS or cost * _GROWTH ** (len(text) - length) > _MOST_SECONDS:
            break
        began = time.perf_counter()
        if matches(text):
            found.add(text)
        took = time.perf_counter() - began
        spent, cost, length = spent + took, max(took, _LEAST_SECONDS), len(text)
    return found
