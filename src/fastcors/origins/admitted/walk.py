"""Walks an automaton and a grammar side by side, to find texts that the automaton accepts and the grammar derives."""

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from ..regex.automaton import DEAD, UNIVERSAL, OriginAutomaton
from ..regex.budget import Budget
from .grammar import HOST, Grammar

Texts: TypeAlias = frozenset[str]
NOTHING: Texts = frozenset()

_RANKS = {octet: rank for rank, octet in enumerate(HOST)}


def rank(edge: "tuple[bytes, Place]") -> int:
    """Return a sort key for an edge: edges whose first octet is the most readable come first."""
    return _RANKS.get(edge[0][0], len(_RANKS))


class Place(NamedTuple):
    """A state of the automaton and a phase of the grammar; each text in `rest` would complete an excluded domain."""

    state: int
    phase: str
    rest: Texts = NOTHING


Edges: TypeAlias = list[tuple[bytes, Place]]
"""Each edge has octets, the most readable one first, and the place to which any of them leads."""


class Moves:
    """The moves of an automaton by octets. Raises `NoAutomaton` when `budget` is spent."""

    def __init__(self, automaton: OriginAutomaton, budget: Budget) -> None:
        self.automaton = automaton
        self.budget = budget
        self._known: dict[tuple[int, bytes], list[tuple[int, bytes]]] = {}

    def by(self, octets: bytes, state: int) -> list[tuple[int, bytes]]:
        """Return the states to which `octets` lead, except for `DEAD`, each with the octets that lead there."""
        if state == DEAD:
            return []
        if state == UNIVERSAL:
            return [(state, octets)]
        moves = self._known.get((state, octets))
        if moves is None:
            self.budget.spend(len(octets) // 2)
            row = self.automaton.rows[state]
            targets: defaultdict[int, bytearray] = defaultdict(bytearray)
            for octet, octet_class in zip(octets, octets.translate(self.automaton.classes), strict=True):
                targets[row[octet_class]].append(octet)
            targets.pop(DEAD, None)
            moves = self._known[state, octets] = [(target, bytes(taken)) for target, taken in targets.items()]
        return moves

    def after(self, text: bytes, state: int) -> int:
        """Return the state to which the whole of `text` leads."""
        # Four octets take about as long as one step elsewhere.
        self.budget.spend(1 + len(text) // 4)
        for octet_class in text.translate(self.automaton.classes):
            if state <= UNIVERSAL:
                break
            state = self.automaton.rows[state][octet_class]
        return state

    def accepts_all(self, grammar: Grammar, state: int) -> bool:
        """Tell whether the automaton accepts everything that `grammar` derives from `state` on."""
        pending = [(state, grammar.start)]
        seen = set(pending)
        for state, phase in pending:  # grows during the loop
            if phase in grammar.ends and not self.automaton.accepting[state]:
                return False
            for octets, further in grammar.steps[phase]:
                moves = self.by(octets, state)
                if sum(len(taken) for _, taken in moves) < len(octets):
                    return False
                new = {(target, further) for target, _ in moves} - seen
                seen |= new
                pending.extend(new)
        return True


class Admitted:
    """The texts that the automaton accepts from `state` on and `grammar` derives."""

    def __init__(self, moves: Moves, grammar: Grammar, state: int) -> None:
        self.moves = moves
        self.grammar = grammar
        self.start = Place(state, grammar.start)
        self.edges = self._useful(self._reached())
        """The places from which an accepted end can be reached, nearest first, with the edges to other such places."""

    def _reached(self) -> dict[Place, Edges]:
        edges: dict[Place, Edges] = {}
        pending = deque([self.start])
        while pending:
            place = pending.popleft()
            if place not in edges:
                edges[place] = list(self._leading(place))
                self.moves.budget.spend(2 + 4 * len(edges[place]))
                pending.extend(further for _, further in edges[place])
        return edges

    def _leading(self, place: Place) -> Iterator[tuple[bytes, Place]]:
        for octets, phase in self.grammar.steps[place.phase]:
            for target, taken in self.moves.by(octets, place.state):
                for part, rest in self._parted(taken, place, phase):
                    yield part, Place(target, phase, rest)

    def _parted(self, taken: bytes, place: Place, phase: str) -> list[tuple[bytes, Texts]]:
        """Split octets that lead from `place` to `phase` by the texts that then would complete an excluded domain."""
        return [(taken, place.rest)]

    def _useful(self, edges: dict[Place, Edges]) -> dict[Place, Edges]:
        arrivals: defaultdict[Place, list[Place]] = defaultdict(list)
        for place, leading in edges.items():
            for _, further in leading:
                arrivals[further].append(place)
        pending = [place for place in edges if self.accepts(place)]
        useful = set(pending)
        while pending:
            new = set(arrivals[pending.pop()]) - useful
            useful |= new
            pending.extend(new)
        return {
            place: [edge for edge in leading if edge[1] in useful]
            for place, leading in edges.items()
            if place in useful
        }

    def accepts(self, place: Place) -> bool:
        """Tell whether an accepted text may end at `place`."""
        return bool(self.moves.automaton.accepting[place.state]) and place.phase in self.grammar.ends

    def paths(self, start: Place) -> Iterator[tuple[Place, bytes]]:
        """Yield the places in `edges` that can be reached from `start`, nearest first, each with the most readable of
        the shortest texts that lead there.
        """
        seen = {start}
        pending = deque([(start, b"")] if start in self.edges else [])
        while pending:
            place, text = pending.popleft()
            self.moves.budget.spend(1 + len(self.edges[place]))
            yield place, text
            for octets, further in sorted(self.edges[place], key=rank):
                if further not in seen:
                    seen.add(further)
                    pending.append((further, text + octets[:1]))

    def shortest(self, start: Place | None = None) -> bytes | None:
        """Return the shortest text that is accepted from `start` on. If there are several, return the most readable
        one.
        """
        return next((text for place, text in self.paths(start or self.start) if self.accepts(place)), None)
