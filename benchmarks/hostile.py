"""`make hostile`: measures hostile requests, each in two sizes, which shows whether the time is linear.

The figures are the whole time of a request. This includes the app, which only sends two messages. Starlette is left out
for origin regexes that `re` could not match in years.
"""

import argparse
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import report
from clock import Runner
from exchanges import ORIGIN, actual, preflight
from results import HERE
from scenarios import ANY_HEADERS, FOUR_ORIGINS, REGEX, Scenario
from stamp import stamp
from subjects import COMPILED, PYTHON, STARLETTE, SUBJECTS

KIB_64, MIB = 1 << 16, 1 << 20
ROUNDS = 15


def _names(filling: bytes) -> Callable[[int], Scenario]:
    """Return a preflight whose Access-Control-Request-Headers repeats `filling`."""

    def scenario(size: int) -> Scenario:
        names = (filling * (size // len(filling) + 1))[:size]
        return Scenario("", "preflight", FOUR_ORIGINS, preflight(ORIGIN, names))

    return scenario


def _mirrored(size: int) -> Scenario:
    return Scenario("", "preflight", ANY_HEADERS, preflight(ORIGIN, b"x," * (size // 2)))


def _headers(count: int) -> Scenario:
    headers = [(b"x-%d" % number, b"value") for number in range(count - 1)]
    return Scenario("", "actual", FOUR_ORIGINS, actual(ORIGIN) | {"headers": [*headers, (b"origin", ORIGIN)]})


def _origin(config: dict[str, Any], filling: bytes = b"a", start: bytes = b"https://") -> Callable[[int], Scenario]:
    def scenario(size: int) -> Scenario:
        return Scenario("", "actual", config, actual(start + filling * ((size - len(start)) // len(filling))))

    return scenario


def _regex(pattern: str) -> dict[str, Any]:
    return {"allow_origin_regex": pattern}


@dataclass(frozen=True)
class Case:
    name: str
    scenario: Callable[[int], Scenario]
    sizes: tuple[int, int] = (KIB_64, MIB)
    exponential: bool = False


CASES = (
    Case("request-header names: commas", _names(b",")),
    Case("request-header names: spaces", _names(b" ")),
    Case("request-header names: tabs", _names(b"\t")),
    Case("request-header names: an allowed one", _names(b"authorization,")),
    Case("request-header names: an allowed one, case alternating", _names(b"aUtHoRiZaTiOn,")),
    Case("request-header names: an allowed one among spaces", _names(b"authorization" + b" " * 242 + b",")),
    Case("request-header names: a long one", _names(b"x")),
    Case("request-header names: any is allowed", _mirrored),
    Case("10,000 request headers", _headers, (1000, 10_000)),
    Case("Origin: a long one", _origin(FOUR_ORIGINS)),
    Case("Origin: a long one, regex", _origin(REGEX)),
    Case("Origin: https://(a+)+b", _origin(_regex("https://(a+)+b")), (1024, 8192), True),
    Case("Origin: (x|x|x)*y", _origin(_regex("(x|x|x)*y"), b"x", b""), (1024, 8192), True),
    Case(
        r"Origin: https://(\w+-?)+\.example\.com",
        _origin(_regex(r"https://(\w+-?)+\.example\.com")),
        (1024, 8192),
        True,
    ),
)


def measure(case: Case) -> dict[str, Any]:
    """Return microseconds for each subject and size, as stored in the JSON file."""
    known = {subject.name: subject for subject in SUBJECTS}
    names = [name for name in (STARLETTE, COMPILED, PYTHON) if not (case.exponential and name == STARLETTE)]
    times: dict[str, list[float]] = {}
    for name in names:
        times[name] = []
        for size in case.sizes:
            scenario = case.scenario(size)
            runner = Runner(known[name].enter(scenario), scenario.scopes)
            loops = runner.loops(2_000_000)
            times[name].append(statistics.median(runner.batch(loops) for _ in range(ROUNDS)) / 1000)
    return {"name": case.name, "sizes": case.sizes, "microseconds": times}


def line(result: dict[str, Any]) -> str:
    parts = [f"{result['name']:56}"]
    for size, place in zip(result["sizes"], (0, 1), strict=True):
        by_name = {name: times[place] for name, times in result["microseconds"].items()}
        cells = [f"{name} {value:,.1f}" for name, value in by_name.items()]
        parts.append(f"{size:>9,}: " + ", ".join(cells))
    return "\n    ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only cases whose names hold one of these words; writes nothing")
    parser.add_argument("--out", type=Path, default=HERE, help="the directory to write to")
    arguments = parser.parse_args()
    stamped = stamp("python benchmarks/hostile.py")
    results = []
    for case in CASES:
        if not arguments.words or any(word in case.name for word in arguments.words):
            results.append(measure(case))
            print(line(results[-1]), flush=True)
    if not arguments.words:
        print("wrote", *report.write("hostile", {"stamp": stamped, "cases": results}, arguments.out))


if __name__ == "__main__":
    main()
