"""The overhead of each subject in each scenario: `python benchmarks/overhead.py [word in a scenario's name ...]`.

Overhead is the time with the middleware minus the time of the bare app. A preflight has no bare app, so the whole
answer counts, with the server's two empty `send` coroutines. Only the measuring loop is subtracted.
"""

import argparse
import math
import sys
from collections.abc import Collection
from typing import Any

import clock
import floor
from clock import Rounds, Runner
from exchanges import with_own_code
from scenarios import SCENARIOS, Scenario, select
from subjects import BARE, COMPILED, FASTCORS, FLOOR, PYTHON, STARLETTE, SUBJECTS, LeftOut, check


def baseline(scenario: Scenario) -> Runner:
    app = floor.module().Nothing() if scenario.kind == "preflight" else with_own_code(scenario.app)
    return Runner(app, scenario.scopes)


def runners(scenario: Scenario, names: Collection[str] = ()) -> tuple[dict[str, Runner], dict[str, str]]:
    """Return the runs for the named subjects, or for all, and why others are left out."""
    entered, left_out = {}, {}
    for subject in SUBJECTS:
        if not names or subject.name in names:
            try:
                entered[subject.name] = Runner(subject.enter(scenario), subject.scopes(scenario))
            except LeftOut as reason:
                left_out[subject.name] = str(reason)
    return entered, left_out


def measure(scenario: Scenario, rounds: Rounds, names: Collection[str] = ()) -> dict[str, Any]:
    """Return nanoseconds per request of each subject, and why some are left out, as stored in the JSON file."""
    differing = check(scenario)
    if differing:
        raise SystemExit(
            f"{scenario.name}: {' and '.join(differing)} did not answer as Starlette does; nothing was timed."
        )
    entered, left_out = runners(scenario, names)
    timings = clock.compare(baseline(scenario), entered, rounds)
    return {
        "name": scenario.name,
        "kind": scenario.kind,
        "adversarial": scenario.adversarial,
        "own": list(scenario.own),
        "whole": {name: timing.whole for name, timing in timings.items()},
        "overhead": {name: timing.overhead for name, timing in timings.items() if name != BARE},
        "spread": {name: timing.spread for name, timing in timings.items()},
        "loops": {name: timing.loops for name, timing in timings.items()},
        "left out": left_out,
    }


def ratio(result: dict[str, Any] | None, name: str, to: str = STARLETTE) -> float | None:
    """Return how many times smaller the overhead of `name` is than that of `to`, or None if one is missing."""
    overhead = {} if result is None else result["overhead"]
    if name not in overhead or to not in overhead:
        return None
    return float(overhead[to] / max(overhead[name], 0.1))


def geometric_mean(results: list[dict[str, Any]], name: str, adversarial: bool = False) -> float | None:
    """Return the mean ratio to Starlette. Adversarial scenarios are left out, because ratios of 1x or 4,000x would
    distort it. So are parameters of our own: there Starlette compares with one origin, and we call a function.
    """
    counted = [result for result in results if not result.get("own") and (adversarial or not result["adversarial"])]
    known = [value for result in counted if (value := ratio(result, name)) is not None]
    return math.exp(sum(map(math.log, known)) / len(known)) if known else None


def line(result: dict[str, Any]) -> str:
    """Return one result as a line of text."""
    parts = [f"{result['name']:26}"]
    for subject in SUBJECTS:
        value = result["overhead"].get(subject.name)
        parts.append("        -" if value is None else f"{value:9,.0f}")
    for name, to in ((COMPILED, STARLETTE), (PYTHON, STARLETTE)):
        value = ratio(result, name, to)
        parts.append("       -" if value is None else f"{value:7.1f}x")
    of_floor = ratio(result, FLOOR, COMPILED)
    parts.append("     -" if of_floor is None else f"{of_floor:5.2f}x")
    return " ".join(parts)


def header() -> str:
    names = [subject.name.replace("fastcors ", "") for subject in SUBJECTS]
    columns = [f"{name:>9.9}" for name in names] + ["compiled", "  Python", " floor"]
    return " ".join([f"{'overhead in ns':26}", *columns])


def main() -> int | str:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only scenarios whose names hold one of these words")
    parser.add_argument("--rounds", type=int, default=Rounds().count, help="2 or more")
    parser.add_argument("--only", nargs="+", default=(), help="only these subjects, as `--only Starlette floor`")
    arguments = parser.parse_args()
    print(header())
    results = []
    for scenario in select(arguments.words):
        results.append(measure(scenario, Rounds(arguments.rounds), tuple(arguments.only)))
        print(line(results[-1]), flush=True)
    for name in FASTCORS:
        mean = geometric_mean(results, name)
        if mean is not None:
            print(f"{name}: geometric mean {mean:.1f}x, without adversarial requests and origin functions")
    return 0 if results else f"No scenario has one of these words: {', '.join(s.name for s in SCENARIOS)}"


if __name__ == "__main__":
    sys.exit(main())
