"""Sample origins, which show what an automaton accepts and what it refuses."""

import re
from collections.abc import Iterator

from ...standard.origins import DEFAULT_PORTS
from ..regex.automaton import OriginAutomaton
from ..regex.budget import Budget, NoAutomaton
from .analysis import MAX_STEPS
from .grammar import domains, hosts as any_hosts, other_origins
from .spelled_hosts import ANY, spelled_hosts
from .walk import Admitted, Moves

_MOST_PORTS = 10


def sample_origins(automaton: OriginAutomaton, pattern: re.Pattern[str], count: int = 5) -> tuple[list[str], list[str]]:
    """Return up to `count` different origins that `pattern`, whose automaton is `automaton`, accepts, and as many near
    misses that it refuses. Both are empty if the automaton is too large to be searched.
    """
    try:
        found = {origin for origin in likely_origins(pattern) if automaton.matches(origin.encode())} | {
            *_shortest(automaton)
        }
    except (NoAutomaton, RecursionError):
        return [], []
    accepted = _most_different(sorted(found, key=lambda origin: (origin != "null", len(origin), origin)), count)
    near = (miss for origin in [*accepted, "https://example.com"] for miss in _near(origin))
    return accepted, list(dict.fromkeys(miss for miss in near if not automaton.matches(miss.encode())))[:count]


def likely_origins(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield origins that the author of `pattern` probably means."""
    ports = re.findall(r"[1-9][0-9]{3,4}", pattern.pattern)[:_MOST_PORTS]
    hosts = {host.strip(".") for host in spelled_hosts(pattern) if ANY not in host and host.isascii()}
    for host in filter(None, hosts):
        for scheme in DEFAULT_PORTS:
            yield from (f"{scheme}://{label}{host}" for label in ("", "app", "app.", "www.", "eu.api."))
            yield from (f"{scheme}://{host}:{port}" for port in [*ports, "8080"])


def _shortest(automaton: OriginAutomaton) -> Iterator[str]:
    """Yield a shortest accepted origin of each kind. Raises `NoAutomaton`."""
    if automaton.matches(b"null"):
        yield "null"
    moves = Moves(automaton, Budget(MAX_STEPS))
    grammars = [(f"{scheme}://", grammar(scheme)) for scheme in DEFAULT_PORTS for grammar in (domains, any_hosts)]
    for start, grammar in [*grammars, ("", other_origins())]:
        text = Admitted(moves, grammar, moves.after(start.encode(), automaton.start)).shortest()
        if text is not None:
            yield start + text.decode()


def _most_different(origins: list[str], count: int) -> list[str]:
    """Return `count` of `origins`: each is the first that adds the most new traits to those before it."""
    chosen: list[str] = []
    shown: set[object] = set()
    while len(chosen) < min(count, len(origins)):
        best = max((origin for origin in origins if origin not in chosen), key=lambda each: len(_traits(each) - shown))
        chosen.append(best)
        shown |= _traits(best)
    return chosen


def _traits(origin: str) -> set[object]:
    scheme, _, rest = origin.partition("://")
    host, colon, _ = rest.partition(":")
    labels = host.split(".")
    return {scheme, colon, len(labels), tuple(labels[-2:])}


def _near(origin: str) -> Iterator[str]:
    """Yield origins that are almost `origin`, the most instructive ones first."""
    scheme, _, rest = origin.partition("://")
    if not rest:
        return
    host, _, port = rest.partition(":")
    domain = ".".join(host.split(".")[-2:])
    yield f"{scheme}://{host}.evil.com"
    if not domain.rpartition(".")[2].isdecimal():
        yield f"{scheme}://evil{domain}"
        yield f"{scheme}://{domain}"
        yield f"{scheme}://app.{host}"
    yield f"{'http' if scheme == 'https' else 'https'}://{rest}"
    yield f"{scheme}://{host}" if port else f"{scheme}://{host}:8080"
