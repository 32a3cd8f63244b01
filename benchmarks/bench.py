"""`make bench`: everything that one process after another can measure, written to benchmarks/RESULTS.md.

`--quick` runs the same with hardly any rounds, to see that it runs; it writes beside the build, not over results.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import counts
import footprint
import goals
import growth
import overhead
import report
from clock import QUICK, Rounds
from floor import BUILD
from scenarios import select
from stamp import stamp

PROCESSES = 5
ROUNDS = Rounds(40)
QUICK_SCENARIOS = [*report.SHOWN_IN_README, "websocket", "64 KiB Origin"]


def _pin() -> None:
    """Stay on one core: the last, as interrupts tend to be served by the first."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def clocked(quick: bool) -> dict[str, Any]:
    """Return what the clock says in this process."""
    _pin()
    rounds, fewer = (QUICK, QUICK) if quick else (ROUNDS, growth.ROUNDS)
    axes = [axis.shortened() if quick else axis for axis in growth.AXES]
    return {
        "overhead": [overhead.measure(scenario, rounds) for scenario in select(QUICK_SCENARIOS if quick else [])],
        "growth": [growth.curve(axis, fewer) for axis in axes],
    }


def medians(runs: list[Any]) -> Any:
    """Return the runs' common structure with the median of each of their numbers."""
    first = runs[0]
    if isinstance(first, dict):
        return {key: medians([run[key] for run in runs]) for key in first}
    if isinstance(first, list):
        return [medians(list(parts)) for parts in zip(*runs, strict=True)]
    return statistics.median(runs) if type(first) in (int, float) else first


def _in_processes(quick: bool) -> dict[str, Any]:
    """Return the medians over several processes: how memory happens to lie in one can be worth half of a figure."""
    runs = []
    command = [sys.executable, __file__, "--clock", *(["--quick"] if quick else [])]
    processes = 1 if quick else PROCESSES
    for number in range(processes):
        print(f"the clock, process {number + 1} of {processes}", flush=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
        runs.append(json.loads(done.stdout))
    merged: dict[str, Any] = medians(runs)
    return {"rounds": vars(QUICK if quick else ROUNDS) | {"processes": processes}, **merged}


def measure(quick: bool) -> dict[str, Any]:
    """Measure everything, telling each part as soon as it is there."""
    figures = _in_processes(quick)
    print("\n".join([overhead.header(), *map(overhead.line, figures["overhead"])]))
    for curve in figures["growth"]:
        print("\n".join(growth.lines(curve)), flush=True)
    figures["footprint"] = footprint.measure(1, footprint.ORIGIN_COUNTS[:1]) if quick else footprint.measure()
    print("\n".join(footprint.lines(figures["footprint"])), flush=True)
    figures["counts"] = counts.measure(["any origin"], counted=("instructions",)) if quick else counts.measure([])
    print("\n".join(counts.lines(figures["counts"])) if figures["counts"] else counts.MISSING, flush=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="hardly any rounds: does it run?")
    parser.add_argument("--out", type=Path, help="the directory to write to")
    parser.add_argument("--clock", action="store_true", help=argparse.SUPPRESS)  # one process' part, as JSON
    arguments = parser.parse_args()
    if arguments.clock:
        print(json.dumps(clocked(arguments.quick)))
        return
    directory = arguments.out or (BUILD / "quick" if arguments.quick else report.HERE)
    stamped = stamp("python benchmarks/bench.py")
    written = report.write("bench", {"stamp": stamped, **measure(arguments.quick)}, directory)
    results = report.read(directory)
    for figure, must, goal, value, verdict, detail in goals.rows(results):
        print(f"{figure:48} {must:>8} {goal:>8} {value:>10}  {verdict:12} {detail}")
    if directory == report.HERE and report.update_readme(results):
        written.append(report.README)
    print("wrote", *map(str, written))


if __name__ == "__main__":
    main()
