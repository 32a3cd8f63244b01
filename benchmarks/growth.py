"""Measures how the overhead grows with the configuration, the request or the response.

Each axis is a row of scenarios that differ in one number. The allowed origin is in the middle of the list.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from clock import Rounds
from exchanges import ORIGIN, STRANGER, actual, preflight, replying
from overhead import measure
from scenarios import FOUR_ORIGINS, Scenario, origins
from subjects import COMPILED, FLOOR, PYTHON, STARLETTE

COMPARED = (FLOOR, STARLETTE, COMPILED, PYTHON)
ROUNDS = Rounds(15)


def _allowed(count: int) -> Scenario:
    return Scenario("", "actual", {**FOUR_ORIGINS, "allow_origins": origins(count)}, actual(ORIGIN))


def _refused(count: int) -> Scenario:
    return Scenario("", "actual", {**FOUR_ORIGINS, "allow_origins": origins(count)}, actual(STRANGER))


def _refused_by_frozenset(count: int) -> Scenario:
    return Scenario("", "actual", {**FOUR_ORIGINS, "allow_origins": frozenset(origins(count))}, actual(STRANGER))


def _request_headers(count: int) -> Scenario:
    scope = actual(ORIGIN)
    origin = [pair for pair in scope["headers"] if pair[0] == b"origin"]
    others = [pair for pair in scope["headers"] if pair[0] != b"origin"]
    others += [(b"x-application-%d" % number, b"value") for number in range(100)]
    return Scenario("", "actual", FOUR_ORIGINS, scope | {"headers": others[: count - 1] + origin})


def _request_header_names(count: int) -> Scenario:
    names = [f"x-application-{number:04}" for number in range(count)]
    config = {**FOUR_ORIGINS, "allow_headers": tuple(names)}
    return Scenario("", "preflight", config, preflight(ORIGIN, ",".join(names).encode()))


def _body_chunks(count: int) -> Scenario:
    return Scenario("", "actual", FOUR_ORIGINS, actual(ORIGIN), replying(chunks=count))


@dataclass(frozen=True)
class Axis:
    name: str
    sizes: tuple[int, ...]
    scenario: Callable[[int], Scenario]

    def shortened(self) -> "Axis":
        """Return the axis with its two smallest sizes."""
        return replace(self, sizes=self.sizes[:2])


AXES = (
    Axis("allowed origins, request allowed", (1, 10, 100, 1000, 10_000, 100_000), _allowed),
    Axis("allowed origins, request refused", (1, 10, 100, 1000, 10_000, 100_000), _refused),
    Axis("origins in a frozenset, refused", (1, 10, 100, 1000, 10_000, 100_000), _refused_by_frozenset),
    Axis("request headers", (5, 10, 20, 50, 100), _request_headers),
    Axis("request-header names", (1, 3, 10, 30, 100, 300, 1000), _request_header_names),
    Axis("body chunks", (2, 5, 10, 20, 50, 100), _body_chunks),
)


def curve(axis: Axis, rounds: Rounds) -> dict[str, Any]:
    """Return the overhead in nanoseconds of each subject at each size, as stored in the JSON file."""
    results = [measure(axis.scenario(size), rounds, COMPARED) for size in axis.sizes]
    present = [name for name in COMPARED if name in results[0]["overhead"]]
    return {
        "name": axis.name,
        "sizes": axis.sizes,
        "overhead": {name: [result["overhead"][name] for result in results] for name in present},
    }


def times(curve: dict[str, Any], name: str) -> float:
    """Return the ratio of the overhead at the largest size to that at the smallest."""
    overhead = curve["overhead"][name]
    return float(overhead[-1] / overhead[0])


def slope(curve: dict[str, Any], name: str) -> float:
    """Return the overhead in nanoseconds per piece, between the smallest size and the largest."""
    overhead, sizes = curve["overhead"][name], curve["sizes"]
    return float((overhead[-1] - overhead[0]) / (sizes[-1] - sizes[0]))


def lines(curve: dict[str, Any]) -> list[str]:
    """Return one curve as lines of text."""
    head = f"{curve['name']:34}" + "".join(f"{size:>12,}" for size in curve["sizes"])
    rows = [f"  {name:32}" + "".join(f"{value:12,.0f}" for value in row) for name, row in curve["overhead"].items()]
    return [head, *rows]


def main() -> None:
    for axis in AXES:
        if not sys.argv[1:] or any(word in axis.name for word in sys.argv[1:]):
            print("\n".join(lines(curve(axis, ROUNDS))), flush=True)


if __name__ == "__main__":
    main()
