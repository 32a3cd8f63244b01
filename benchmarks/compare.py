"""`make bench-compare REV=...`: the working tree's fastcors against another revision's, on the same interpreter.

The other revision is checked out and built in a directory next to the repository. Instructions of both are counted, and
both are timed in alternating processes. The counts are reliable; the times say whether a difference matters.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import counts
from counts import ORDINARY
from scenarios import select
from subjects import COMPILED, FASTCORS, PYTHON

ROOT = Path(__file__).parents[1]
CHANGED = 0.005  # of an instruction count: smaller differences do not count

Figures: TypeAlias = dict[str, dict[str, float]]


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """Build the package of `revision` in a tree of its own, and remove the tree at the end."""
    with tempfile.TemporaryDirectory(prefix="fastcors-compare-") as directory:
        tree = Path(directory) / "tree"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree, revision], cwd=ROOT, check=True)
        try:
            build = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
            subprocess.run(build, cwd=tree, env=os.environ | {"FASTCORS_EXTENSIONS": "yes"}, check=True)
            yield tree / "src"
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def _time(source: Path, names: list[str], rounds: int) -> Figures:
    """Return the overhead in nanoseconds by scenario and subject, in a process that imports fastcors from `source`."""
    code = (
        "import json, sys; from clock import Rounds; from overhead import measure; from scenarios import BY_NAME\n"
        "names, subjects, rounds = json.loads(sys.argv[1])\n"
        "print(json.dumps({name: measure(BY_NAME[name], Rounds(rounds), subjects)['overhead'] for name in names}))"
    )
    plan = json.dumps([names, FASTCORS, rounds])
    path = os.pathsep.join([str(source), str(Path(__file__).parent)])
    child = [sys.executable, "-c", code, plan]
    done = subprocess.run(child, env=os.environ | {"PYTHONPATH": path}, check=True, stdout=subprocess.PIPE, timeout=600)
    figures: Figures = json.loads(done.stdout)
    return figures


def _times(sources: list[Path], names: list[str], turns: int, rounds: int) -> list[Figures]:
    """Return the medians of each source's figures over `turns`. Each turn measures all sources."""
    measured = [[_time(source, names, rounds) for source in sources] for _ in range(turns)]
    return [
        {
            name: {subject: statistics.median(turn[place][name][subject] for turn in measured) for subject in subjects}
            for name, subjects in measured[0][place].items()
        }
        for place in range(len(sources))
    ]


def _lines(what: str, before: Figures, after: Figures, least: float) -> list[str]:
    """Return a line for each figure that changed by at least the fraction `least`."""
    rows = []
    for scenario, figures in after.items():
        for subject, new in figures.items():
            old = before.get(scenario, {}).get(subject)
            if old is not None and abs(new - old) >= max(least * abs(old), 0.05):
                rows.append(
                    f"  {scenario:22} {subject:18} {old:12,.1f} -> {new:12,.1f}  {(new - old) / (old or 1):+8.1%}"
                )
    return [what, *(rows or ["  unchanged"])]


def report(source: Path, words: list[str], turns: int, rounds: int) -> Iterator[str]:
    """Yield lines about the changes between the revision in `source` and the working tree."""
    sources = [source, ROOT / "src"]
    names = [scenario.name for scenario in select(words, ORDINARY)]
    counted: list[Any] = [counts.measure(words, (COMPILED, PYTHON), {"PYTHONPATH": str(path)}) for path in sources]
    for what in ("instructions", "allocations"):
        if None not in counted:
            yield from _lines(f"{what} per request", counted[0][what], counted[1][what], CHANGED)
    if None in counted:
        yield counts.MISSING
    before, after = _times(sources, names, turns, rounds)
    yield from _lines("nanoseconds of overhead, changes from 10 % up", before, after, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision", help="what git calls the other one, such as HEAD~1 or a tag")
    parser.add_argument("words", nargs="*", help="only scenarios whose names hold one of these words")
    parser.add_argument("--quick", action="store_true", help="time once and briefly")
    arguments = parser.parse_args()
    turns, rounds = (1, 5) if arguments.quick else (5, 40)
    with checkout(arguments.revision) as source:
        print(f"{arguments.revision} -> the working tree")
        for row in report(source, arguments.words, turns, rounds):
            print(row, flush=True)


if __name__ == "__main__":
    main()
