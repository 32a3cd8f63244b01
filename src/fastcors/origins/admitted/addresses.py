"""The public IPv4 addresses that an automaton accepts as hosts."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from .grammar import addresses
from .walk import Admitted, Moves, Place

# Short numbers come first, so that the example shown is short. 0 is the last of these, because it reads badly.
_NUMBERS = sorted(map(str, range(256)), key=lambda number: (len(number), number == "0", int(number)))

# RFC 6890: this network, private use, loopback; RFC 5771 and RFC 1112: multicast, and reserved.
_NEVER_PUBLIC = frozenset({"0", "10", "127", *map(str, range(224, 256))})
# RFC 6890: shared, link-local, private use.
_NOT_PUBLIC_AFTER = {
    "100": frozenset(map(str, range(64, 128))),
    "169": frozenset({"254"}),
    "172": frozenset(map(str, range(16, 32))),
    "192": frozenset({"168"}),
}
_NONE: frozenset[str] = frozenset()


class _Read(NamedTuple):
    """A partly read address: how many of its four numbers are read. The next number must not be in `skipped`."""

    numbers: int
    state: int
    skipped: frozenset[str]


class PublicAddresses:
    """The public IPv4 addresses that the automaton accepts from `state` on, the state after `scheme://`."""

    def __init__(self, moves: Moves, scheme: str, state: int) -> None:
        self._moves = moves
        self._admitted = Admitted(moves, addresses(scheme), state)
        self._after: dict[tuple[int, int], list[tuple[str, int]]] = {}
        self._counts: dict[_Read, int] = {}

    def count(self) -> int:
        """Return how many addresses there are, regardless of their ports."""
        return self._count(self._start())

    def first(self) -> bytes:
        """Return one address, with a port if it needs one. Only called if there is an address."""
        read, text = self._start(), ""
        while read.numbers < 4:
            text, read = next((text + taken, further) for taken, further in self._further(read) if self._count(further))
        return text.encode() + (self._admitted.shortest(Place(read.state, "in number 3")) or b"")

    def _start(self) -> "_Read":
        return _Read(0, self._admitted.start.state, _NEVER_PUBLIC)

    def _count(self, read: "_Read") -> int:
        if read.numbers == 4:
            return int(Place(read.state, "in number 3") in self._admitted.edges)
        if Place(read.state, f"number {read.numbers}") not in self._admitted.edges:
            return 0
        if read not in self._counts:
            ways = Counter(further for _, further in self._further(read))
            self._counts[read] = sum(self._count(further) * times for further, times in ways.items())
        return self._counts[read]

    def _further(self, read: "_Read") -> Iterator[tuple[str, "_Read"]]:
        """Yield each number that can come next, with the dot after it, and the address read up to there."""
        key = read.numbers, read.state
        if key not in self._after:
            texts = _NUMBERS if read.numbers == 3 else [f"{number}." for number in _NUMBERS]
            self._after[key] = [(text, self._moves.after(text.encode(), read.state)) for text in texts]
        for text, state in self._after[key]:
            number = text.rstrip(".")
            if number not in read.skipped:
                skipped = _NOT_PUBLIC_AFTER.get(number, _NONE) if read.numbers == 0 else _NONE
                yield text, _Read(read.numbers + 1, state, skipped)
