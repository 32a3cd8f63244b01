"""What the project set out to reach, against what was measured: met, or missed and by how much.

`must` and `goal` are bounds on the same figure; `at least` says which side of them is the good one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import growth
from overhead import geometric_mean, ratio
from subjects import COMPILED, FLOOR, PYTHON, WRAPPER

Results: TypeAlias = dict[str, Any]
# A figure and what it is the figure of; None: not measured.
Measured: TypeAlias = tuple[float, str] | None

ORDINARY_REQUESTS = ("no Origin", "allowed", "refused", "any origin")


@dataclass(frozen=True)
class Goal:
    figure: str
    must: float
    goal: float
    unit: str
    measured: Callable[[Results], Measured]
    at_least: bool = False

    def verdict(self, value: float) -> str:
        if self._reached(value, self.goal):
            return "goal met"
        return "must met" if self._reached(value, self.must) else "missed"

    def _reached(self, value: float, bound: float) -> bool:
        return value >= bound if self.at_least else value <= bound


def _scenarios(results: Results, kinds: tuple[str, ...], adversarial: bool) -> list[dict[str, Any]]:
    overhead = results.get("bench", {}).get("overhead", [])
    return [result for result in overhead if result["kind"] in kinds and result["adversarial"] == adversarial]


def _worst_ratio(core: str, kinds: tuple[str, ...], adversarial: bool = False) -> Callable[[Results], Measured]:
    def measured(results: Results) -> Measured:
        known = [
            (value, result["name"])
            for result in _scenarios(results, kinds, adversarial)
            if (value := ratio(result, core)) is not None
        ]
        return min(known, default=None)

    return measured


def _mean_ratio(core: str) -> Callable[[Results], Measured]:
    def measured(results: Results) -> Measured:
        everything = results.get("bench", {}).get("overhead", [])
        mean, with_all = (geometric_mean(everything, core, adversarial) for adversarial in (False, True))
        return None if mean is None else (mean, f"{with_all:.1f}x with the adversarial scenarios")

    return measured


def _times(name: str) -> Callable[[Results], Measured]:
    def measured(results: Results) -> Measured:
        known = [
            (value, result["name"])
            for result in _scenarios(results, ("actual",), False)
            if result["name"] in ORDINARY_REQUESTS and (value := ratio(result, name, COMPILED)) is not None
        ]
        return max(known, default=None)

    return measured


def _preflight(results: Results) -> Measured:
    for result in _scenarios(results, ("preflight",), False):
        if result["name"] == "preflight allowed" and COMPILED in result["overhead"]:
            return result["overhead"][COMPILED], "two calls of the server's `send` in it"
    return None


def _curve(results: Results, name: str) -> dict[str, Any] | None:
    for curve in results.get("bench", {}).get("growth", []):
        if curve["name"] == name and COMPILED in curve["overhead"]:
            return dict(curve)
    return None


def _growth(name: str) -> Callable[[Results], Measured]:
    def measured(results: Results) -> Measured:
        curve = _curve(results, name)
        return None if curve is None else (growth.times(curve, COMPILED), f"{curve['sizes'][-1]:,} against 1")

    return measured


def _chunk(results: Results) -> Measured:
    curve = _curve(results, "body chunks")
    if curve is None or FLOOR not in curve["overhead"]:
        return None
    ours, floor = (growth.slope(curve, name) for name in (COMPILED, FLOOR))
    return ours / floor, f"{ours:.0f} ns, the floor's {floor:.0f} ns"


def _import(results: Results) -> Measured:
    value = results.get("bench", {}).get("footprint", {}).get("import", {}).get(COMPILED)
    return None if value is None else (value, "beyond Starlette's")


def _kept(server: str, framework: str) -> Callable[[Results], Measured]:
    def measured(results: Results) -> Measured:
        for row in results.get("load", {}).get("rows", []):
            if (row["server"], row["framework"]) == (server, framework):
                kept = row["kept"]
                others = f"Starlette's: {100 * kept['Starlette']:.1f} %; the same headers by the app: "
                return 100 * kept["fastcors"], others + f"{100 * kept['by the app']:.1f} %"
        return None

    return measured


_HTTP = ("actual", "preflight")
GOALS = (
    Goal("compiled, ratio to Starlette, each HTTP scenario", 12, 16, "x", _worst_ratio(COMPILED, _HTTP), True),
    Goal("compiled, ratio, websocket", 12, 16, "x", _worst_ratio(COMPILED, ("websocket",)), True),
    Goal("compiled, ratio, each adversarial scenario", 12, 16, "x", _worst_ratio(COMPILED, _HTTP, True), True),
    Goal("compiled, ratio, geometric mean", 16, 20, "x", _mean_ratio(COMPILED), True),
    Goal("compiled, actual request, times the wrapper", 1.6, 1.3, "x", _times(WRAPPER)),
    Goal("compiled, actual request, times the floor", 1.6, 1.3, "x", _times(FLOOR)),
    Goal("compiled, whole preflight answer", 470, 350, " ns", _preflight),
    Goal("compiled, growth with origins, allowed", 1.3, 1.1, "x", _growth("allowed origins, request allowed")),
    Goal("compiled, growth with origins, refused", 1.3, 1.1, "x", _growth("allowed origins, request refused")),
    Goal("the same, origins in a frozenset", 1.3, 1.1, "x", _growth("origins in a frozenset, refused")),
    Goal("compiled, further body chunk, times the floor's", 1.3, 1.1, "x", _chunk),
    Goal("Python, ratio to Starlette, each HTTP scenario", 2.5, 4, "x", _worst_ratio(PYTHON, _HTTP), True),
    Goal("Python, ratio, websocket", 2.5, 4, "x", _worst_ratio(PYTHON, ("websocket",)), True),
    Goal("Python, ratio, each adversarial scenario", 2.5, 4, "x", _worst_ratio(PYTHON, _HTTP, True), True),
    Goal("Python, ratio, geometric mean", 4, 5, "x", _mean_ratio(PYTHON), True),
    Goal("requests/s kept, uvicorn, bare ASGI", 95, 97, " %", _kept("uvicorn", "ASGI"), True),
    Goal("requests/s kept, uvicorn, FastAPI", 97, 98, " %", _kept("uvicorn", "FastAPI"), True),
    Goal("import time", 5, 2, " ms", _import),
)


def rows(results: Results) -> Iterator[tuple[str, ...]]:
    """Yield figure, must, goal, what was measured, verdict and detail of each goal."""
    for goal in GOALS:
        measured = goal.measured(results)
        value = "-" if measured is None else _shown(measured[0], goal.unit)
        verdict = "not measured" if measured is None else goal.verdict(measured[0])
        bounds = (f"{bound:g}{goal.unit}" for bound in (goal.must, goal.goal))
        yield (goal.figure, *bounds, value, verdict, "" if measured is None else measured[1])


def _shown(value: float, unit: str) -> str:
    return f"{value:,.0f}{unit}" if unit == " ns" else f"{value:,.1f}{unit}" if value >= 3 else f"{value:.2f}{unit}"
