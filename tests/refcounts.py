"""Counts references: after each path there are as many as before, on a debug build of CPython. `make refcounts`.

A planted leak is looked for first: where that is not found, nothing that follows would mean anything.
"""

import argparse
import ctypes
import gc
import random
import sys
from collections.abc import Callable
from typing import Any

import fastcors
from asgi import observe
from cases import case
from paths import PATHS

WINDOWS = 3


def planted() -> None:
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(planted))


def settled() -> int:
    sys._clear_type_cache()
    for _ in range(2):
        gc.collect()
    return int(sys.gettotalrefcount())  # type: ignore[attr-defined]  # debug builds only


def grown(run: Callable[[], Any], rounds: int, warm_up: int) -> list[int]:
    """Return by how much the number of references grew in each window of `rounds` runs."""
    for _ in range(warm_up):
        run()
    totals = [0] * (WINDOWS + 1)
    settled()
    for window in range(WINDOWS + 1):
        totals[window] = 0
        for _ in range(rounds):
            run()
        totals[window] = settled()
    return [later - earlier for earlier, later in zip(totals, totals[1:], strict=False)]


def drawn(first: int, count: int) -> Callable[[], None]:
    cases = [case(random.Random(number)) for number in range(first, first + count)]

    def run() -> None:
        for drawn_case in cases:
            observe(fastcors.CORSMiddleware, drawn_case)

    return run


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
    leaking = {}
    for name, path in PATHS.items():
        found = grown(path(fastcors.CORSMiddleware), options.rounds, 20)
        if any(found):
            leaking[name] = found
            print(f"{name}: {found}")
    print(len(PATHS), "paths")
    for first in range(0, options.cases, 500):
        found = grown(drawn(first, 500), 1, 2)
        if any(found):
            leaking[f"drawn {first}"] = found
            print(f"drawn {first}: {found}")
    print("leaking", leaking)
    return len(leaking) > 0


if __name__ == "__main__":
    sys.exit(main())
