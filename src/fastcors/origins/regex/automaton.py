"""The origin regex as a byte automaton: one table look-up per byte, whatever the pattern and the Origin header.

`re` tries alternatives one after the other, which can take exponential time. An automaton follows all alternatives at
once. Its verdict is that of `pattern.fullmatch(value.decode("latin-1"))`.
"""

import re
from array import array
from dataclasses import dataclass, field

from .budget import Budget, NoAutomaton
from .machine import Machine, determined
from .minimal import minimised
from .program import program_of

MAX_STATES = 10_000
"""The most states that an automaton may have before it is minimised."""
MAX_STEPS = 280_000
"""The most steps of one construction: threads moved, places reached, transitions compared."""

DEAD = 0
"""The state from which nothing is accepted."""
UNIVERSAL = 1
"""The state from which everything is accepted."""


@dataclass(frozen=True, slots=True)
class OriginAutomaton:
    """A minimal deterministic automaton over bytes. Patterns that accept the same texts have equal automata.

    A walk begins in `start`. It can stop in the states `DEAD` and `UNIVERSAL`, which always exist: no byte leads out of
    them. The other states are numbered in the order of a search from `start`, classes by their lowest byte.
    """

    classes: bytes = field(repr=False)
    """The class of each of the 256 bytes. All bytes of a class lead from a state to the same next state."""
    class_count: int
    start: int
    accepting: bytes
    """For each state 1 if it accepts, else 0."""
    transitions: bytes = field(repr=False)
    """The next state, as native 16-bit integers, at `state * class_count + class`."""
    rows: tuple[tuple[int, ...], ...] = field(repr=False, compare=False)
    """The next state at `rows[state][class]`. `DEAD` and `UNIVERSAL` have empty rows."""
    steps: int = field(repr=False, compare=False)
    """How many steps the construction took."""

    def matches(self, value: bytes) -> bool:
        """Tell whether the automaton accepts the whole of `value`."""
        rows = self.rows
        state = self.start
        try:
            for octet_class in value.translate(self.classes):
                state = rows[state][octet_class]
        except IndexError:
            pass  # an empty row: the verdict is final
        return self.accepting[state] == 1


def compile_origin_regex(
    *patterns: re.Pattern[str], max_states: int = MAX_STATES, max_steps: int = MAX_STEPS
) -> OriginAutomaton:
    """Return the automaton that accepts bytes if one of `patterns` fully matches them, decoded as latin-1.

    Raises `NoAutomaton`, which names the construct, if a pattern cannot have an automaton or exceeds the limits. The
    limits bound the time of the construction.
    """
    budget = Budget(max_steps)
    try:
        machine = determined(program_of(patterns, budget), budget, max_states)
        return _packed(minimised(machine, budget), budget)
    except RecursionError:
        raise NoAutomaton("groups nested too deep") from None


def _packed(machine: Machine, budget: Budget) -> OriginAutomaton:
    """Return `machine` as tables, with classes merged and states numbered so that equal languages look alike."""
    class_count = max(machine.classes) + 1
    new_class = _merged(machine, class_count)
    merged_count = max(new_class) + 1
    # Filling eight cells takes about as long as moving one thread.
    budget.spend(len(machine.rows) * (2 + merged_count // 8))
    by_class = _dense(machine, new_class, merged_count)
    numbers = {-1: DEAD}
    universal = _universal(machine, class_count)
    if universal is not None:
        numbers[universal] = UNIVERSAL
    order = _met(machine.start, by_class, numbers)
    rows = [tuple(map(numbers.__getitem__, by_class[state])) for state in order]
    cells = array("H", (DEAD,) * merged_count + (UNIVERSAL,) * merged_count)
    for row in rows:
        cells.extend(row)
    return OriginAutomaton(
        classes=machine.classes.translate(new_class.ljust(256, b"\0")),
        class_count=merged_count,
        start=numbers[machine.start],
        accepting=bytes([0, 1, *(machine.accepting[state] for state in order)]),
        transitions=cells.tobytes(),
        rows=((), (), *rows),
        steps=budget.spent,
    )


def _merged(machine: Machine, class_count: int) -> bytes:
    """Return the new number of each class. Classes that lead from every state to the same state become one.

    They are numbered by their lowest byte, as before.
    """
    columns: list[list[int]] = [[] for _ in range(class_count)]
    for state, row in enumerate(machine.rows):
        for octet_class, target in row.items():
            columns[octet_class] += state, target
    numbers: dict[tuple[int, ...], int] = {}
    return bytes(numbers.setdefault(tuple(column), len(numbers)) for column in columns)


def _dense(machine: Machine, new_class: bytes, class_count: int) -> list[list[int]]:
    """Return the rows by their new classes, and one row more, for the state that accepts nothing."""
    rows: list[list[int]] = []
    for row in machine.rows:
        targets = [-1] * class_count
        for octet_class, target in row.items():
            targets[new_class[octet_class]] = target
        rows.append(targets)
    return [*rows, [-1] * class_count]


def _universal(machine: Machine, class_count: int) -> int | None:
    """Return the state that accepts everything, if there is one: only this state leads to itself by every class."""
    for state, row in enumerate(machine.rows):
        if len(row) == class_count and set(row.values()) == {state}:
            return state
    return None


def _met(start: int, rows: list[list[int]], numbers: dict[int, int]) -> list[int]:
    """Return the states without a number in the order in which a search from `start` meets them, and number them from
    2 on.
    """
    order: list[int] = []
    pending = [start]
    for state in pending:  # grows during the loop
        if state not in numbers:
            numbers[state] = 2 + len(order)
            order.append(state)
            pending.extend(dict.fromkeys(rows[state]))
    return order
