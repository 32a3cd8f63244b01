"""Turns a program into a deterministic automaton with the same verdict. `minimal.py` makes it smaller.

One state stands for all threads that the bytes read so far can lead to. A thread is an instruction of the program,
together with the look-aheads that were met before it and are not decided yet. Look-behinds run along from the first
byte on, so at any byte it is known which of them hold.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from .budget import Budget, NoAutomaton
from .program import HELD, MATCHED, Branch, LookAhead, LookBehind, Program, Take


class Thread(NamedTuple):
    """A place that a match can be at, with its conditions. The rest of the text must match none of `forbidden`, and at
    least one thread of each set in `required`.
    """

    at: int
    forbidden: "Threads"
    required: "frozenset[Threads]"


Threads: TypeAlias = frozenset[Thread]
_Behinds: TypeAlias = tuple[Threads, ...]
"""The threads of each look-behind."""
State: TypeAlias = tuple[_Behinds, Threads]
_Groups: TypeAlias = list[tuple[int, ...]]

_NONE: Threads = frozenset()
_MATCHED = Thread(MATCHED, _NONE, frozenset())
_HELD = Thread(HELD, _NONE, frozenset())


class Machine(NamedTuple):
    """A deterministic automaton: `classes` maps a byte to its class, and each row of `rows` maps a class to the next
    state. A missing class leads nowhere.
    """

    classes: bytes
    start: int
    rows: list[dict[int, int]]
    accepting: list[bool]


def determined(program: Program, budget: Budget, max_states: int) -> Machine:
    """Return a machine that accepts what `program` matches. Raises `NoAutomaton` if it grows too large."""
    steps = _Steps(program, budget)
    states = [steps.start()]
    numbers = {states[0]: 0}
    rows: list[dict[int, int]] = []
    for behinds, threads in states:  # grows during the loop
        row: dict[int, int] = {}
        budget.spend(4)
        for octet_classes, state in steps.successors(behinds, threads):
            number = numbers.setdefault(state, len(states))
            if number == len(states):
                states.append(state)
            row.update(dict.fromkeys(octet_classes, number))
            budget.spend(1 + len(octet_classes) // 4)
        rows.append(row)
        if len(states) > max_states:
            raise NoAutomaton(f"more than {max_states:,} states")
    return Machine(steps.classes, 0, rows, [_accepts(threads) for _, threads in states])


def _accepts(threads: Threads) -> bool:
    """Tell whether the text may end here."""
    return any(
        thread.at in (MATCHED, HELD)
        and not _accepts(thread.forbidden)
        and all(_accepts(required) for required in thread.required)
        for thread in threads
    )


class _Steps:
    """The effect of one byte on threads and look-behinds. `holds` is a set of look-behinds, one bit each."""

    def __init__(self, program: Program, budget: Budget) -> None:
        self._instructions = program.instructions
        self._start = program.start
        self._behind_starts = program.behinds
        self._budget = budget
        # Sets of bytes have numbers, because hashes of bytes vary from run to run, and the count of steps must not.
        takes = [instruction.octets if isinstance(instruction, Take) else b"" for instruction in self._instructions]
        numbers = {octets: number for number, octets in enumerate(dict.fromkeys(takes))}
        self._set_of = [numbers[octets] for octets in takes]
        self._then = [instruction.then if isinstance(instruction, Take) else -1 for instruction in self._instructions]
        self.classes = _classes(numbers, budget)
        self._members = [frozenset(octets.translate(self.classes)) for octets in numbers]
        self._reached: dict[tuple[int, int], Threads] = {}
        self._after: dict[_Behinds, list[tuple[_Behinds, int]]] = {}
        self._grouped: dict[tuple[_Behinds, frozenset[int]], _Groups] = {}

    def start(self) -> State:
        behinds, holds = self._begun((_NONE,) * len(self._behind_starts), None)
        return behinds, self._reach(self._start, holds)

    def successors(self, behinds: _Behinds, threads: Threads) -> Iterator[tuple[tuple[int, ...], State]]:
        """Yield the classes of bytes that lead to another state, together with this state."""
        single = self._single(behinds, threads)
        if single is not None:
            yield from single
            return
        # Grouping the classes takes as long as moving five threads.
        self._budget.spend(5 + len(threads) // 4)
        after = self._after.get(behinds)
        if after is None:
            after = self._after[behinds] = [self._begun(behinds, number) for number in range(max(self.classes) + 1)]
        for alike in self._groups(behinds, after, frozenset(self._waiting(threads))):
            behinds_after, holds = after[alike[0]]
            moved = self._moved(threads, alike[0], holds)
            if moved:
                yield alike, (behinds_after, moved)

    def _single(self, behinds: _Behinds, threads: Threads) -> list[tuple[tuple[int, ...], State]] | None:
        """Return the successors if there is a single thread without conditions, and otherwise None. This is a shortcut:
        nearly all states of a list of hosts have one thread. Without grouping their classes, it takes a third of the
        time.
        """
        if len(threads) != 1 or behinds:
            return None
        (thread,) = threads
        if thread.forbidden or thread.required:
            return None
        self._budget.spend(2)
        octet_classes = tuple(self._members[self._set_of[thread.at]])
        moved = self._reach(self._then[thread.at], 0) if octet_classes else _NONE
        return [(octet_classes, (behinds, moved))] if moved else []

    def _groups(self, behinds: _Behinds, after: list[tuple[_Behinds, int]], sets: frozenset[int]) -> _Groups:
        """Return the classes that are in at least one of `sets`, in groups that lead to the same state."""
        found = self._grouped.get((behinds, sets))
        if found is None:
            memberships: defaultdict[int, list[int]] = defaultdict(list)
            for number in sets:
                self._budget.spend(len(self._members[number]))
                for octet_class in self._members[number]:
                    memberships[octet_class].append(number)
            groups: defaultdict[object, list[int]] = defaultdict(list)
            for octet_class, members in memberships.items():
                groups[after[octet_class], tuple(members)].append(octet_class)
            found = self._grouped[behinds, sets] = [tuple(group) for group in groups.values()]
        return found

    def _waiting(self, threads: Threads) -> Iterator[int]:
        """Yield the sets of bytes on which the next state depends."""
        for thread in threads:
            yield self._set_of[thread.at]
            if thread.forbidden or thread.required:
                for condition in (thread.forbidden, *thread.required):
                    yield from self._waiting(condition)

    def _begun(self, behinds: _Behinds, octet_class: int | None) -> tuple[_Behinds, int]:
        """Return the look-behinds after one more byte, and which of them hold. Each starts anew at every byte."""
        begun: list[Threads] = []
        holds = 0
        # Starting a look-behind takes about as long as moving four threads.
        self._budget.spend(4 * len(behinds))
        for number, (start, threads) in enumerate(zip(self._behind_starts, behinds, strict=True)):
            moved = _NONE if octet_class is None else self._moved(threads, octet_class, holds)
            begun.append(moved | self._reach(start, holds))
            holds |= (_MATCHED in begun[-1]) << number
        return tuple(begun), holds

    def _moved(self, threads: Threads, octet_class: int, holds: int) -> Threads:
        """Return the threads that `threads` become by one byte."""
        # Skipping sixteen threads takes about as long as moving one.
        self._budget.spend(len(threads) // 16)
        parts = [
            self._move(thread, octet_class, holds)
            for thread in threads
            if octet_class in self._members[self._set_of[thread.at]]
        ]
        self._budget.spend(1 + len(parts))
        if len(parts) == 1:
            return parts[0]
        # Joining eight threads takes about as long as moving one.
        self._budget.spend(sum(map(len, parts)) // 8)
        return _NONE.union(*parts)

    def _move(self, thread: Thread, octet_class: int, holds: int) -> Threads:
        """Return the threads that `thread` becomes by a byte that it takes."""
        reached = self._reach(self._then[thread.at], holds)
        if not thread.forbidden and not thread.required:
            return reached
        forbidden = self._moved(thread.forbidden, octet_class, holds)
        required = [self._moved(threads, octet_class, holds) for threads in thread.required]
        return frozenset(bound for each in reached for bound in self._bound(each, forbidden, required))

    def _reach(self, at: int, holds: int) -> Threads:
        """Return the threads that wait for a byte and are reached from instruction `at` without one."""
        found = self._reached.get((at, holds))
        if found is None and isinstance(self._instructions[at], Take):
            self._budget.spend(2)
            found = self._reached[at, holds] = frozenset((Thread(at, _NONE, frozenset()),))
        if found is None:
            pending = [Thread(at, _NONE, frozenset())]
            seen = set(pending)
            for thread in pending:  # grows during the loop
                new = [further for further in self._follow(thread, holds) if further not in seen]
                seen.update(new)
                pending.extend(new)
                self._budget.spend(1 + 3 * len(new))
            waiting = (thread for thread in pending if isinstance(self._instructions[thread.at], Take))
            found = self._reached[at, holds] = frozenset(waiting)
        return found

    def _follow(self, thread: Thread, holds: int) -> Iterator[Thread]:
        """Yield the threads that `thread` becomes without a byte."""
        instruction = self._instructions[thread.at]
        if isinstance(instruction, Branch):
            for then in instruction.then:
                yield Thread(then, thread.forbidden, thread.required)
        elif isinstance(instruction, LookBehind):
            if bool(holds >> instruction.behind & 1) != instruction.negated:
                yield Thread(instruction.then, thread.forbidden, thread.required)
        elif isinstance(instruction, LookAhead):
            further = Thread(instruction.then, thread.forbidden, thread.required)
            body = self._reach(instruction.body, holds)
            yield from self._bound(further, body, ()) if instruction.negated else self._bound(further, _NONE, (body,))

    def _bound(self, thread: Thread, forbidden: Threads, required: Collection[Threads]) -> Iterator[Thread]:
        """Yield `thread` with these conditions added, or nothing if one of them can no longer be met."""
        self._budget.spend(len(forbidden) + len(required) + len(thread.forbidden) + len(thread.required))
        # Nothing can match an empty set of threads any more.
        undecided = {threads for threads in required if _HELD not in threads}
        if _HELD not in forbidden and _NONE not in undecided:
            yield Thread(thread.at, thread.forbidden | forbidden, thread.required | undecided)


def _classes(sets: Iterable[bytes], budget: Budget) -> bytes:
    """Return the class of each byte. Bytes that are in the same sets share a class."""
    memberships = [0] * 256
    for number, octets in enumerate(sets):
        budget.spend(len(octets))
        for octet in octets:
            memberships[octet] |= 1 << number
    numbers: dict[int, int] = {}
    return bytes(numbers.setdefault(membership, len(numbers)) for membership in memberships)
