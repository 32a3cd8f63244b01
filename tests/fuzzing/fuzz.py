"""Compares both cores with Starlette 1.10.0 on as many drawn cases as wanted: `make fuzz EXAMPLES=1000000`.

Case number n of a seed is always the same case. The first divergence is printed as a test that can be run. With
`--reported` each refusal is logged and told to an `on_refusal`, and the cores have to tell the same.
"""

import argparse
import functools
import logging
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

from conftest import CORES
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn
from support.asgi import observe, shown
from support.cases import case
from support.reference import VERSION, CORSMiddleware as Reference

BATCH = 500

TEST = """\
from support.asgi import Case, Change, Make, Raised, Request, observe
from support.live import Patch
from conftest import CORES
from support.reference import CORSMiddleware as Reference

def test_divergence():
    case = {case}
    assert observe(CORES[{core!r}].CORSMiddleware, case) == observe(Reference, case)
"""


def divergence(number: int, seed: int, reported: bool) -> tuple[str, Any] | None:
    """Return the core and the case, when case `number` of `seed` diverges."""
    drawn = case(random.Random(seed << 40 | number), forks=hasattr(os, "fork"))
    expected = observe(Reference, drawn)
    told: list[list[Any]] = []
    for core, package in CORES.items():
        base = reporting(package.CORSMiddleware, told) if reported else package.CORSMiddleware
        if observe(base, drawn) != expected or told[1:] != told[:-1]:
            return core, drawn
    return None


def reporting(base: Any, told: list[list[Any]]) -> Any:
    """Return a subclass of `base` whose refusals are added, as a list, to `told`."""
    refusals: list[Any] = []

    def on_refusal(origin: str, reasons: tuple[str, ...], scope: Any) -> None:
        refusals.append((origin, reasons, shown(scope.get("headers"))))

    told.append(refusals)
    return type("Reporting", (base,), {"on_refusal": staticmethod(on_refusal)})


def batch(arguments: tuple[int, int, int], reported: bool) -> tuple[int, str | None]:
    """Check the cases of one batch: how many, and a test for the first that diverges."""
    first, last, seed = arguments
    if reported:
        logging.basicConfig(level=logging.DEBUG, handlers=[Read()])
    for number in range(first, last):
        found = divergence(number, seed, reported)
        if found is not None:
            core, drawn = found
            shown = repr(drawn).replace("<class 'support.asgi.Raised'>", "Raised")
            return number - first + 1, f"# seed {seed}, case {number}\n" + TEST.format(case=shown, core=core)
    return last - first, None


class Read(logging.Handler):
    """Reads each line and shows none."""

    def emit(self, record: logging.LogRecord) -> None:
        assert record.levelno == logging.DEBUG, record
        assert record.getMessage().isprintable()


def batches(examples: int, seed: int) -> Iterator[tuple[int, int, int]]:
    for first in range(0, examples, BATCH):
        yield first, min(first + BATCH, examples), seed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--reported", action="store_true", help="with the log at DEBUG and an on_refusal")
    options = parser.parse_args()
    print(f"{options.examples:,} cases, seed {options.seed}, cores: {', '.join(CORES)}, against Starlette {VERSION}")
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with multiprocessing.Pool(os.cpu_count()) as pool, Progress(*columns) as progress:
        task = progress.add_task("parity", total=options.examples)
        checked = functools.partial(batch, reported=options.reported)
        for count, test in pool.imap_unordered(checked, batches(options.examples, options.seed)):
            progress.advance(task, count)
            if test is not None:
                progress.stop()
                print(f"\nA divergence, as a test:\n\n{test}")
                return 1
    print("no divergence")
    return 0


if __name__ == "__main__":
    sys.exit(main())
