"""Turns a program into the smallest deterministic automaton with the same verdict.

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
    """A place that a match can be at, with its conditions: the rest of the text matches none of `forbidden`, and at
    least one of each set in `required`.
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
        for octet_classes, state in steps.successors(behinds, threads):
            number = numbers.setdefault(state, len(states))
            if number == len(states):
                states.append(state)
            row.update(dict.fromkeys(octet_classes, number))
            budget.spend(len(octet_classes))
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
        after = self._after.get(behinds)
        if after is None:
            after = self._after[behinds] = [self._begun(behinds, number) for number in range(max(self.classes) + 1)]
        for alike in self._groups(behinds, after, frozenset(self._waiting(threads))):
            behinds_after, holds = after[alike[0]]
            moved = self._moved(threads, alike[0], holds)
            if moved:
                yield alike, (behinds_after, moved)

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
        for number, (start, threads) in enumerate(zip(self._behind_starts, behinds, strict=True)):
            moved = _NONE if octet_class is None else self._moved(threads, octet_class, holds)
            begun.append(moved | self._reach(start, holds))
            holds |= (_MATCHED in begun[-1]) << number
        return tuple(begun), holds

    def _moved(self, threads: Threads, octet_class: int, holds: int) -> Threads:
        """Return the threads that `threads` become by one byte."""
        self._budget.spend(len(threads))
        parts = [
            self._move(thread, octet_class, holds)
            for thread in threads
            if octet_class in self._members[self._set_of[thread.at]]
        ]
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
        if found is None:
            pending = [Thread(at, _NONE, frozenset())]
            seen = set(pending)
            for thread in pending:  # grows during the loop
                new = [further for further in self._follow(thread, holds) if further not in seen]
                seen.update(new)
                pending.extend(new)
                self._budget.spend(1 + len(new))
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


def minimised(machine: Machine, budget: Budget) -> Machine:
    """Return the smallest machine that accepts the same texts. It has no state from which nothing is accepted."""
    arrivals = _arrivals(machine)
    alive = _alive(machine, arrivals)
    accepting = {state for state in alive if machine.accepting[state]}
    blocks = _refined([set(accepting), alive - accepting], arrivals, budget)
    block_of = {state: number for number, block in enumerate(blocks) for state in block}
    rows = []
    for block in blocks:
        row = machine.rows[min(block)]
        rows.append({octet_class: block_of[state] for octet_class, state in row.items() if state in alive})
    start = block_of.get(machine.start, -1)
    return Machine(machine.classes, start, rows, [not accepting.isdisjoint(block) for block in blocks])


_Arrivals: TypeAlias = list[list[tuple[int, int]]]
"""For each state, the pairs of a class and a state from which this class leads to it."""


def _arrivals(machine: Machine) -> _Arrivals:
    arrivals: _Arrivals = [[] for _ in machine.rows]
    for state, row in enumerate(machine.rows):
        for octet_class, target in row.items():
            arrivals[target].append((octet_class, state))
    return arrivals


def _alive(machine: Machine, arrivals: _Arrivals) -> set[int]:
    """Return the states from which an accepting one can be reached."""
    pending = [state for state, accepts in enumerate(machine.accepting) if accepts]
    alive = set(pending)
    while pending:
        new = {source for _, source in arrivals[pending.pop()]} - alive
        alive |= new
        pending.extend(new)
    return alive


def _refined(blocks: list[set[int]], arrivals: _Arrivals, budget: Budget) -> list[set[int]]:
    """Split blocks of states until all states of a block lead to the same blocks (Hopcroft's algorithm)."""
    block_of = {state: number for number, block in enumerate(blocks) for state in block}
    pending = list(range(len(blocks)))
    while pending:
        sources: defaultdict[int, set[int]] = defaultdict(set)
        for state in blocks[pending.pop()]:
            budget.spend(len(arrivals[state]))
            for octet_class, source in arrivals[state]:
                sources[octet_class].add(source)
        # The set removes repeats: usually many classes lead here from the same states.
        for leading in set(map(frozenset, sources.values())):
            pending.extend(_split(blocks, block_of, leading))
    return [block for block in blocks if block]


def _split(blocks: list[set[int]], block_of: dict[int, int], leading: frozenset[int]) -> Iterator[int]:
    """Split the states in `leading` from the others of their block; yield the number of each new block.

    The smaller part becomes the new block. The larger part needs no turn of its own: the block that both were has split
    by it already, or is about to.
    """
    touched: defaultdict[int, set[int]] = defaultdict(set)
    for state in leading:
        touched[block_of[state]].add(state)
    for number, inside in touched.items():
        block = blocks[number]
        if len(inside) == len(block):
            continue
        smaller = inside if 2 * len(inside) <= len(block) else block - inside
        block -= smaller
        block_of.update(dict.fromkeys(smaller, len(blocks)))
        blocks.append(smaller)
        yield len(blocks) - 1
