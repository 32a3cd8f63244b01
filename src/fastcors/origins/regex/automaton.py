"""The origin regex as a byte automaton: one table look-up per byte, whatever the pattern and the Origin header.

`re` tries alternatives one after the other, which can take exponential time. An automaton follows all alternatives at
once. Its verdict is that of `pattern.fullmatch(value.decode("latin-1"))`.
"""

import re
from array import array
from dataclasses import dataclass, field

from .budget import Budget, NoAutomaton
from .machine import Machine, determined, minimised
from .program import program_of

MAX_STATES = 10_000
"""The most states that an automaton may have before it is minimised."""
MAX_STEPS = 400_000
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
    """Return the automaton that accepts the bytes that, decoded as latin-1, one of `patterns` fully matches.

    Raises `NoAutomaton`, which names the construct, if a pattern cannot have an automaton or would exceed the limits,
    which bound the time of the construction.
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
    # Filling eight cells takes about as long as moving one thread.
    budget.spend(len(machine.rows) * class_count // 8)
    # One row more, for the state that accepts nothing.
    dense = [[row.get(number, -1) for number in range(class_count)] for row in machine.rows] + [[-1] * class_count]
    # Classes are numbered by their lowest byte, so merged classes are as well.
    merged: dict[tuple[int, ...], int] = {}
    new_class = bytes(merged.setdefault(column, len(merged)) for column in zip(*dense, strict=True))
    by_class = list(zip(*merged, strict=True))
    numbers = {-1: DEAD}
    universal = _universal(machine, class_count)
    if universal is not None:
        numbers[universal] = UNIVERSAL
    order = _met(machine.start, by_class, numbers)
    rows = [tuple(numbers[target] for target in by_class[state]) for state in order]
    cells = array("H", (DEAD,) * len(merged) + (UNIVERSAL,) * len(merged))
    cells.extend(number for row in rows for number in row)
    return OriginAutomaton(
        classes=machine.classes.translate(new_class.ljust(256, b"\0")),
        class_count=len(merged),
        start=numbers[machine.start],
        accepting=bytes([0, 1, *(machine.accepting[state] for state in order)]),
        transitions=cells.tobytes(),
        rows=((), (), *rows),
    )


def _universal(machine: Machine, class_count: int) -> int | None:
    """Return the state that accepts everything, if there is one: only this state leads to itself by every class."""
    for state, row in enumerate(machine.rows):
        if len(row) == class_count and set(row.values()) == {state}:
            return state
    return None


def _met(start: int, rows: list[tuple[int, ...]], numbers: dict[int, int]) -> list[int]:
    """Return the states without a number in the order in which a search from `start` meets them, and number them from
    2 on.
    """
    order: list[int] = []
    pending = [start]
    for state in pending:  # grows during the loop
        if state not in numbers:
            numbers[state] = 2 + len(order)
            order.append(state)
            pending.extend(rows[state])
    return order
