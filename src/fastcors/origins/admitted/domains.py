"""The registrable domains of the hosts that an automaton accepts: whether there are infinitely many, or how many.

A registrable domain may begin at any label, so each host is read in every way to split the domain off.
"""

import functools
from collections import Counter, defaultdict, deque
from collections.abc import Iterator

from .grammar import Grammar
from .spelled_hosts import ANY
from .walk import NOTHING, Admitted, Moves, Place, Texts, rank

_DOT = ord(".")


class AdmittedDomains(Admitted):
    """The texts that the automaton accepts from `state` on and `grammar` derives, by their registrable domains.

    Domains that are `excluded`, or are under `excluded_tops`, are left out. `ANY` stands for any character but a dot.
    """

    def __init__(
        self, moves: Moves, grammar: Grammar, state: int, excluded: Texts, excluded_tops: Texts = NOTHING
    ) -> None:
        self._excluded = excluded
        self._excluded_tops = excluded_tops
        self._shorter: dict[Texts, tuple[Texts, dict[int, Texts]]] = {}
        self._counts: dict[frozenset[Place], int] = {}
        super().__init__(moves, grammar, state)

    def _parted(self, taken: bytes, place: Place, phase: str) -> list[tuple[bytes, Texts]]:
        domain = self.grammar.domain
        if phase not in domain:
            return [] if "" in place.rest else [(taken, NOTHING)]
        rest = place.rest if place.phase in domain else self._excluded
        others, by_octet = self._shortened(rest)
        if phase == "suffix":
            return [(taken, by_octet[_DOT] | self._excluded_tops)]
        if not rest:
            return [(taken, NOTHING)]
        parts = [(taken.translate(None, bytes(by_octet)), others)]
        parts += [(bytes((octet,)), shortened) for octet, shortened in by_octet.items() if octet in taken]
        return [(part, shortened) for part, shortened in parts if part]

    def _shortened(self, rest: Texts) -> tuple[Texts, dict[int, Texts]]:
        """Return the rests of texts after one octet: first for an octet that only `ANY` matches, then by octet."""
        found = self._shorter.get(rest)
        if found is None:
            self.moves.budget.spend(len(rest))
            by_first: defaultdict[str, set[str]] = defaultdict(set, {".": set()})
            for text in rest:
                by_first[text[:1]].add(text[1:])
            any_one = by_first.pop(ANY, set[str]())
            by_octet = {ord(first): frozenset(texts | any_one) for first, texts in by_first.items() if first}
            by_octet[_DOT] = frozenset(by_first["."])
            found = self._shorter[rest] = (frozenset(any_one), by_octet)
        return found

    def accepts(self, place: Place) -> bool:
        return super().accepts(place) and "" not in place.rest

    def more_than(self, most: int) -> bool:
        """Tell whether there are more than `most` domains."""
        return self.unbounded() or self._count(self._beginnings()) > most

    def unbounded(self) -> bool:
        """Tell whether there are infinitely many domains, because a path through one of them is a loop."""
        return bool(self._loops)

    @functools.cached_property
    def _loops(self) -> set[Place]:
        """The places inside a domain that are on a loop, or lead from one loop to another."""
        reading = {place for place in self.edges if place.phase in self.grammar.domain}
        ahead = {place: [to for _, to in self.edges[place] if to in reading] for place in reading}
        back: dict[Place, list[Place]] = {place: [] for place in reading}
        for place, further in ahead.items():
            for to in further:
                back[to].append(place)
        return reading - _in_order(ahead, back) - _in_order(back, ahead)

    def shortest(self, start: Place | None = None) -> bytes | None:
        """Return the shortest text; of infinitely many domains, the shortest text that passes a state with a loop."""
        loops = {place.state for place in self._loops}
        begin = start or self.start
        pending = deque([(begin, not loops, b"")] if begin in self.edges else [])
        seen = {(begin, not loops)}
        while pending:
            place, passed, text = pending.popleft()
            if passed and self.accepts(place):
                return text
            for octets, further in sorted(self.edges[place], key=rank):
                then = further, passed or further.state in loops
                if then not in seen:
                    seen.add(then)
                    pending.append((*then, text + octets[:1]))
        return None

    def domains(self) -> Iterator[str]:
        """Yield the domains. There may be infinitely many."""
        pending = [(self._beginnings(), "")]
        while pending:
            places, read = pending.pop()
            if self._may_end(places):
                yield read
            pending.extend((further, read + chr(octet)) for octet, further in self._next(places).items())

    def _count(self, places: frozenset[Place]) -> int:
        count = self._counts.get(places)
        if count is None:
            ways = Counter(self._next(places).values())
            count = self._may_end(places) + sum(self._count(further) * times for further, times in ways.items())
            self._counts[places] = count
        return count

    def _beginnings(self) -> frozenset[Place]:
        return frozenset(place for place in self.edges if place.phase == self.grammar.start)

    def _next(self, places: frozenset[Place]) -> dict[int, frozenset[Place]]:
        """Return by octet the places that follow `places` inside a domain."""
        found: defaultdict[int, set[Place]] = defaultdict(set)
        for place in places:
            for octets, further in self.edges[place]:
                if further.phase in self.grammar.domain:
                    self.moves.budget.spend(len(octets))
                    for octet in octets:
                        found[octet].add(further)
        return {octet: frozenset(reached) for octet, reached in found.items()}

    def _may_end(self, places: frozenset[Place]) -> bool:
        """Tell whether a domain is complete at one of `places`."""
        domain = self.grammar.domain
        return any(
            place.phase in domain
            and (self.accepts(place) or any(further.phase not in domain for _, further in self.edges[place]))
            for place in places
        )


def _in_order(ahead: dict[Place, list[Place]], back: dict[Place, list[Place]]) -> set[Place]:
    """Return the places that no loop leads to. This repeatedly removes the places that no other place leads to."""
    arrivals = {place: len(leading) for place, leading in back.items()}
    pending = [place for place, count in arrivals.items() if not count]
    for place in pending:  # grows during the loop
        for further in ahead[place]:
            arrivals[further] -= 1
            if not arrivals[further]:
                pending.append(further)
    return set(pending)
