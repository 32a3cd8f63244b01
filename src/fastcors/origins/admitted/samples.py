"""Origins that show what an automaton accepts and what it refuses, for people to read."""

import re
from collections import defaultdict
from collections.abc import Iterator

from ..regex.automaton import OriginAutomaton
from ..regex.program import Budget, NoAutomaton
from .grammar import DEFAULT_PORTS, domains, hosts, other_origins
from .walk import Admitted, Moves, Place

_MAX_STEPS = 400_000

# What a search finds, and what reads better where it passes too.
_READABLE = (
    (re.compile(r"(?<=\.)aa?(?=:|\Z)"), "com"),
    (re.compile(r"(?<![^/.])aa?(?=\.[a-z]+(?::|\Z))"), "example"),
    (re.compile(r"(?<=//)aa?(?=\.)"), "app"),
    (re.compile(r":\d+\Z"), ":8080"),
)

# Of what is well-formed, what people have seen: names, an IPv4 address, an IPv6 one that is shortened.
_USUAL = re.compile(
    r"https?://(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z][a-z0-9-]*[a-z0-9]|\d+(?:\.\d+){3}|\[[0-9a-f:]*::[0-9a-f:]*\])"
    r"(?::\d+)?|(?!https?:)[a-z-]+://.*"
)


def sample_origins(automaton: OriginAutomaton, admitted: bool = True, count: int = 5) -> list[str]:
    """Return up to `count` short origins that differ: such as `automaton` accepts, or near misses that it refuses.

    There are none where the automaton is too large to be searched.
    """
    try:
        accepted = _most_different(_accepted(automaton), count)
    except NoAutomaton:
        return []
    if admitted:
        return accepted
    near = (miss for origin in [*accepted, "https://example.com"] for miss in _near(origin))
    return list(dict.fromkeys(miss for miss in near if not automaton.matches(miss.encode())))[:count]


def _accepted(automaton: OriginAutomaton) -> list[str]:
    """Return origins that are accepted, one at least by each way through the automaton, short ones first."""
    moves = Moves(automaton, Budget(_MAX_STEPS))
    found = {
        origin
        for origin in _ways(Admitted(moves, other_origins(), automaton.start))
        # Where any scheme will do, the web's are shown.
        if not automaton.matches(f"any{origin[origin.index(':') :]}".encode())
    }
    for scheme in DEFAULT_PORTS:
        start = f"{scheme}://"
        state = moves.after(start.encode(), automaton.start)
        for grammar in (domains(scheme), hosts(scheme)):
            found.update(_readable(automaton, start + text) for text in _ways(Admitted(moves, grammar, state)))
    usual = sorted(filter(_USUAL.fullmatch, found), key=_length)
    others = (other for origin in usual[:3] for other in _others(origin) if automaton.matches(other.encode()))
    return ["null"] * automaton.matches(b"null") + sorted({*usual, *others}, key=_length)


def _length(origin: str) -> tuple[int, str]:
    return len(origin), origin


def _ways(admitted: Admitted) -> Iterator[str]:
    """Yield for each step one of the shortest texts that take it."""
    ends = _ends(admitted)
    for place, text in admitted.paths(admitted.start):
        if admitted.accepts(place):
            yield text.decode()
        for octets, further in admitted.edges[place]:
            # A few were written one by one, many as a class.
            for octet in octets if len(octets) < 4 else octets[:1]:
                yield (text + bytes((octet,)) + ends[further]).decode()


def _ends(admitted: Admitted) -> dict[Place, bytes]:
    """Return one of the shortest texts that are accepted from each place on."""
    arrivals: defaultdict[Place, list[tuple[bytes, Place]]] = defaultdict(list)
    for place, edges in admitted.edges.items():
        for octets, further in edges:
            arrivals[further].append((octets[:1], place))
    ends = {place: b"" for place in admitted.edges if admitted.accepts(place)}
    for place in (pending := list(ends)):  # which grows on the way
        for octet, earlier in arrivals[place]:
            if earlier not in ends:
                ends[earlier] = octet + ends[place]
                pending.append(earlier)
    return ends


def _readable(automaton: OriginAutomaton, origin: str) -> str:
    for found, better in _READABLE:
        changed = found.sub(better, origin)
        origin = changed if automaton.matches(changed.encode()) else origin
    return origin


def _others(origin: str) -> Iterator[str]:
    """Yield what is likely to be accepted as well."""
    scheme, _, rest = origin.partition("://")
    host = rest.partition(":")[0]
    yield f"{scheme}://app.{host}"
    yield f"{scheme}://www.{host}"
    yield f"{scheme}://eu.api.{host}"
    yield f"{scheme}://{host}:8080"


def _most_different(origins: list[str], count: int) -> list[str]:
    """Return `count` of `origins`: `null`, then each the first of those that show most of what none before it shows."""
    chosen = ["null"][: "null" in origins]
    shown: set[object] = set()
    while len(chosen) < count and len(chosen) < len(origins):
        best = max((origin for origin in origins if origin not in chosen), key=lambda origin: _shows(origin, shown))
        chosen.append(best)
        shown |= _traits(best)
    return chosen


def _shows(origin: str, shown: set[object]) -> int:
    return len(_traits(origin) - shown)


def _traits(origin: str) -> set[object]:
    scheme, _, rest = origin.partition("://")
    host, colon, _ = rest.partition(":")
    labels = host.split(".")
    return {scheme, colon, len(labels), tuple(labels[-2:])}


def _near(origin: str) -> Iterator[str]:
    """Yield what is almost `origin`, the most telling first."""
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
