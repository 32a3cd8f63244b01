"""Counts references: after each path there are as many as before, on a debug build of CPython. `make refcounts`.

A planted leak is looked for first: where that is not found, nothing that follows would mean anything.
"""

import argparse
import ctypes
import gc
import itertools
import random
import sys
from collections.abc import Callable
from typing import Any

from support.asgi import observe
from support.cases import case
from support.paths import LONG_PATHS, PATHS

import fastcors

WINDOWS = 3
BATCH = 500


def planted() -> None:
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(planted))


def settled() -> int:
    sys._clear_type_cache()
    for _ in range(2):
        gc.collect()
    return int(sys.gettotalrefcount())


def grown(run: Callable[[], Any], rounds: int, warm_up: int) -> list[int]:
    """Return by how much the number of references grew in each window of `rounds` runs."""
    for _ in range(warm_up):
        run()
    totals = [0] * (WINDOWS + 1)  # made beforehand, so that writing a total down makes no object but the number
    settled()
    for window in range(WINDOWS + 1):
        for _ in range(rounds):
            run()
        totals[window] = settled()
    return [later - earlier for earlier, later in itertools.pairwise(totals)]


def drawn(first: int, count: int) -> Callable[[], None]:
    cases = [case(random.Random(number)) for number in range(first, first + count)]

    def run() -> None:
        for drawn_case in cases:
            observe(fastcors.CORSMiddleware, drawn_case)

    return run


def tell(name: str, windows: list[int]) -> bool:
    if any(windows):
        print(f"{name}: {windows} references more", flush=True)
    return any(windows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--cases", type=int, default=20_000)
    options = parser.parse_args()
    if not fastcors.COMPILED or not hasattr(sys, "gettotalrefcount"):
        sys.exit("this needs the compiled core on a debug build of CPython")
    leak = grown(planted, options.rounds, 10)
    if any(window < options.rounds for window in leak):
        sys.exit(f"a planted leak of one reference a run was not found: {leak}")
    leaking = 0
    for name, path in (PATHS | LONG_PATHS).items():
        leaking += tell(name, grown(path(fastcors.CORSMiddleware), options.rounds, 20))
    print(f"{len(PATHS | LONG_PATHS)} paths, each {WINDOWS} times {options.rounds:,} runs")
    for first in range(0, options.cases, BATCH):
        leaking += tell(f"drawn cases from {first}", grown(drawn(first, BATCH), 1, 2))
    print(
        f"{options.cases:,} drawn cases, each {WINDOWS} times; {leaking} of all these changed the number of references"
    )
    return leaking > 0


if __name__ == "__main__":
    sys.exit(main())
