"""Finds the smallest machine that accepts the same texts as another."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from .budget import Budget
from .machine import Machine


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
        # A turn takes as long as moving ten threads, and two arrivals take as long as one.
        budget.spend(10)
        sources: defaultdict[int, set[int]] = defaultdict(set)
        for state in blocks[pending.pop()]:
            budget.spend(len(arrivals[state]) // 2)
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
