"""`make mutants`: plants one fault at a time and says which test notices it, or that none does.

A fault that survives has to have a line in its file that says why it may: `equivalent`, or `lives`.
"""

import argparse
import concurrent.futures
import contextlib
import queue
import random
import shlex
import sys
import time
from collections.abc import Sequence

from mutants.faults import ROOT, Area, Fault, areas, chosen
from mutants.results import (
    EQUIVALENT,
    KILLED,
    LIVES,
    NOT_BUILT,
    SURVIVED,
    UNCLEAR,
    Result,
    is_bad,
    keep,
    kept,
    page,
    table,
)
from mutants.trees import Ended, Tree

BUILD = ROOT / "build" / "mutants"
PAGE = ROOT / "benchmarks" / "MUTANTS.md"
_DRAWN = 30


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    every = areas()
    faults = chosen(every, options.faults)
    if not faults:
        print("no fault has one of these names", file=sys.stderr)
        return 2
    if options.quick:
        seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
        print(f"{_DRAWN} faults, drawn by the seed {seed}: SEED={seed} draws them again", flush=True)
        faults = random.Random(seed).sample(faults, min(_DRAWN, len(faults)))
    there = {fault.key for area in every for fault in area.faults}
    results = [each for each in kept(BUILD) if each.outcome == KILLED and each.key in there] if options.resume else []
    known = {each.key for each in results}
    faults = [(area, fault) for area, fault in faults if fault.key not in known]
    with contextlib.suppress(KeyboardInterrupt):
        _run(faults, options, results)
    print("\n".join(["", *table(every, results)]))
    if options.write:
        PAGE.write_text(page(every, results), encoding="utf-8")
        print(f"\n{PAGE.relative_to(ROOT)}")
    return int(any(map(is_bad, results)))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--faults", type=shlex.split, default=[], metavar="NAMES", help="areas, names, or area/name")
    parser.add_argument("--quick", action="store_true", help=f"draw {_DRAWN} of them")
    parser.add_argument("--seed", type=int, help="what --quick draws by")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time, each in a copy of the tree")
    parser.add_argument("--seconds", type=float, default=900, help="how long a few files of tests may take")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start no further one after so long")
    parser.add_argument(
        "--resume", action="store_true", help="leave out those that earlier runs killed, and count them"
    )
    parser.add_argument("--write", action="store_true", help="write benchmarks/MUTANTS.md")
    return parser.parse_args(arguments)


def _run(faults: Sequence[tuple[Area, Fault]], options: argparse.Namespace, results: list[Result]) -> None:
    """Add to `results` what becomes of each of `faults`, and keep them, so that nothing is lost when interrupted."""
    trees: queue.SimpleQueue[Tree] = queue.SimpleQueue()
    for number in range(options.jobs):
        trees.put(Tree(BUILD / str(number), seconds=options.seconds))
    until = time.monotonic() + 60 * options.minutes

    def one(area: Area, fault: Fault) -> None:
        tree, began = trees.get(), time.monotonic()
        try:
            if began < until or fault.equivalent:
                result = judged(tree, area, fault, not {fault.name, fault.key}.isdisjoint(options.faults))
                results.append(result)
                keep(BUILD, results)
                print(f"{result.outcome:<10} {fault.key} {result.by} ({time.monotonic() - began:.0f} s)", flush=True)
        finally:
            trees.put(tree)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda each: one(*each), faults))


def judged(tree: Tree, area: Area, fault: Fault, by_name: bool = False) -> Result:
    """Plant one fault and return what came of it. What is said to be equivalent is only run `by_name`."""
    if fault.equivalent and not by_name:
        return Result.of(fault, EQUIVALENT)
    with tree.planted(fault):
        if fault.needs_build and not tree.build():
            return Result.of(fault, NOT_BUILT)
        ended = _met(tree, area, fault)
    if not ended.failed:
        return Result.of(fault, EQUIVALENT if fault.equivalent else LIVES if fault.lives else SURVIVED)
    # A test that fails without the fault as well has noticed nothing.
    if ended.again and tree.fails_anyway(ended.again, area.python_alone):
        return Result.of(fault, UNCLEAR, ended.by)
    return Result.of(fault, KILLED, ended.by)


def _met(tree: Tree, area: Area, fault: Fault) -> Ended:
    for files in tree.files(area.folders, (*area.near.get(fault.file, ()), *area.likely)):
        ended = tree.test(files, area.python_alone) if files else Ended(False)
        if ended.failed:
            return ended
    return Ended(False)


if __name__ == "__main__":
    sys.exit(main())
