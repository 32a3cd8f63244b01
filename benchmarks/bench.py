"""`make bench`: measures everything that needs no server, one process at a time, and writes benchmarks/RESULTS.md.

`--quick` runs the same with hardly any rounds, to see that it works. It writes to the build directory, not over
results.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import builds
import counts
import footprint
import goals
import growth
import overhead
import readme
import report
import results
from clock import QUICK, Rounds
from floor import BUILD
from scenarios import select
from stamp import stamp
from subjects import FASTCORS

BUILDS, PROCESSES = 3, 3
ROUNDS = Rounds(40)
QUICK_SCENARIOS = [*readme.SHOWN, "websocket", "64 KiB Origin"]


def _pin() -> None:
    """Stay on the last core, because interrupts tend to be served by the first one."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def clocked(quick: bool) -> dict[str, Any]:
    """Return the times measured in this process."""
    _pin()
    rounds, fewer = (QUICK, QUICK) if quick else (ROUNDS, growth.ROUNDS)
    axes = [axis.shortened() if quick else axis for axis in growth.AXES]
    return {
        "overhead": [overhead.measure(scenario, rounds) for scenario in select(QUICK_SCENARIOS if quick else [])],
        "growth": [growth.curve(axis, fewer) for axis in axes],
    }


def medians(runs: list[Any]) -> Any:
    """Return one result with the structure of the runs, each number being the median of theirs."""
    first = runs[0]
    if all(run == first for run in runs):
        return first
    if isinstance(first, dict):
        return {key: medians([run[key] for run in runs]) for key in first}
    if isinstance(first, list):
        return [medians(list(parts)) for parts in zip(*runs, strict=True)]
    return statistics.median(runs) if type(first) in (int, float) else first


def _in_a_process(quick: bool, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, __file__, "--clock", *(["--quick"] if quick else [])]
    done = subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    run: dict[str, Any] = json.loads(done.stdout)
    return run


def _in_processes(quick: bool, environments: list[dict[str, str]], processes: int) -> dict[str, Any]:
    """Return the medians over several processes of several builds, which take turns. The memory layout of one process
    can change a figure by half, and that of one build by a tenth.
    """
    runs: list[list[dict[str, Any]]] = [[] for _ in environments]
    for number in range(processes):
        for build, environment in enumerate(environments):
            print(f"the clock: process {number + 1} of {processes}, build {build + 1} of {len(runs)}", flush=True)
            runs[build].append(_in_a_process(quick, environment))
    rounds = vars(QUICK if quick else ROUNDS) | {"processes": processes, "builds": len(runs)}
    of_each = [medians(of_one)["overhead"] for of_one in runs]
    means = {name: [overhead.geometric_mean(figures, name) for figures in of_each] for name in FASTCORS}
    return {"rounds": rounds, "builds": means, **medians([run for of_one in runs for run in of_one])}


def measure(quick: bool, built: int, processes: int) -> dict[str, Any]:
    """Measure everything, and print each part as soon as it is done. Without builds, measure the installed package."""
    environments = [builds.make(number) for number in range(built)] or [{}]
    figures = _in_processes(quick, environments, processes)
    os.environ.update(environments[0])
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
    parser.add_argument("--quick", action="store_true", help="hardly any rounds, of what is installed: does it run?")
    parser.add_argument("--builds", type=int, help=f"of the same source, {BUILDS} by default; 0: what is installed")
    parser.add_argument("--processes", type=int, help=f"for each build, {PROCESSES} by default")
    parser.add_argument("--out", type=Path, help="the directory to write to")
    parser.add_argument("--clock", action="store_true", help=argparse.SUPPRESS)  # one process' part, as JSON
    arguments = parser.parse_args()
    if arguments.clock:
        print(json.dumps(clocked(arguments.quick)))
        return
    built, processes = (0, 1) if arguments.quick else (BUILDS, PROCESSES)
    built = built if arguments.builds is None else arguments.builds
    directory = arguments.out or (BUILD / "quick" if arguments.quick else results.HERE)
    stamped = stamp("python benchmarks/bench.py")
    figures = measure(arguments.quick, built, arguments.processes or processes)
    written = report.write("bench", {"stamp": stamped, **figures}, directory)
    for figure, must, goal, value, verdict, detail in goals.rows(results.read(directory)):
        print(f"{figure:54} {must:>8} {goal:>8} {value:>10}  {verdict:12} {detail}")
    print("wrote", *map(str, written))


if __name__ == "__main__":
    main()
