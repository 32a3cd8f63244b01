"""The origin regex as a byte automaton: one table look-up per byte, whatever the pattern and whoever sends the Origin.

`re` tries alternatives one after the other, which can take exponential time. An automaton follows all of them at
once. It gives the verdict of `pattern.fullmatch(value.decode("latin-1"))`.
"""

import re
from array import array
from dataclasses import dataclass, field

from .budget import Budget, NoAutomaton
from .machine import Machine, determined, minimised
from .program import program_of

__all__ = ("DEAD", "MAX_STATES", "MAX_STEPS", "UNIVERSAL", "NoAutomaton", "OriginAutomaton", "compile_origin_regex")

MAX_STATES = 10_000
"""The most states that an automaton may have before it is minimised."""
MAX_STEPS = 400_000
"""The most steps that a construction may take: threads moved, places reached, transitions compared."""

DEAD = 0
"""The state from which nothing is accepted."""
UNIVERSAL = 1
"""The state from which everything is accepted."""


@dataclass(frozen=True, slots=True)
class OriginAutomaton:
    """A minimal deterministic automaton over bytes; patterns that accept the same have equal ones.

    A walk begins in `start` and can stop in the states `DEAD` and `UNIVERSAL`, which always exist: no byte leads out.
    The other states are numbered in the order in which they are met, classes by their lowest byte.
    """

    classes: bytes = field(repr=False)
    """The class of each of the 256 bytes. Bytes of one class lead from any state to the same."""
    class_count: int
    start: int
    accepting: bytes
    """For each state 1 where it accepts, else 0."""
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
            pass  # an empty row: whatever follows, the verdict stays
        return self.accepting[state] == 1


def compile_origin_regex(
    *patterns: re.Pattern[str], max_states: int = MAX_STATES, max_steps: int = MAX_STEPS
) -> OriginAutomaton:
    """Return the automaton that accepts the bytes which one of `patterns` matches in full when read as latin-1.

    Raises `NoAutomaton`, which names the construct, for what has none or one larger than the limits, which bound the
    time that the construction takes.
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
    # To fill eight cells takes about the time that one thread needs on its way.
    budget.spend(len(machine.rows) * class_count // 8)
    # One row more, for the state that accepts nothing.
    dense = [[row.get(number, -1) for number in range(class_count)] for row in machine.rows] + [[-1] * class_count]
    # Classes are numbered by their lowest byte, so the merged ones are as well.
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
    """Return the state from which everything is accepted, if there is one: nothing else leads only to itself."""
    for state, row in enumerate(machine.rows):
        if len(row) == class_count and set(row.values()) == {state}:
            return state
    return None


def _met(start: int, rows: list[tuple[int, ...]], numbers: dict[int, int]) -> list[int]:
    """Return the states that have no number yet in the order in which a search from `start` meets them, and number
    them from 2 on.
    """
    order: list[int] = []
    pending = [start]
    for state in pending:  # which grows on the way
        if state not in numbers:
            numbers[state] = 2 + len(order)
            order.append(state)
            pending.extend(rows[state])
    return order
