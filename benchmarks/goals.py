"""Compares the project's goals with the measured figures: met, or missed and by how much.

`must` and `goal` are bounds for the same figure. `at least` says that larger is better.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import growth
from overhead import geometric_mean, ratio
from results import Results, front
from subjects import COMPILED, FLOOR, PYTHON, STARLETTE, WRAPPER

# A figure and its meaning; None if it was not measured.
Measured: TypeAlias = tuple[float, str] | None

ORDINARY_REQUESTS = ("no Origin", "allowed", "refused", "any origin")
# The figure, the scenarios of which it is the worst, must and goal. The geometric mean is taken over these rows.
RATIOS = (
    ("no Origin, allowed, any origin", ("no Origin", "allowed", "any origin"), 15, 18),
    ("refused", ("refused",), 13, 16),
    ("regex", ("regex",), 14, 17),
    ("64 origins in turn under a regex", ("64 in turn, regex",), 11, 14),
    ("app sets Vary", ("app sets Vary",), 12.5, 15),
    ("16 values of Vary in turn", ("16 Vary in turn",), 12.5, 14),
    ("20 body chunks", ("20 body chunks",), 15, 18),
    ("preflight allowed, any headers", ("preflight allowed", "preflight any headers"), 15, 18),
    ("64 preflights in turn", ("64 preflights in turn",), 14, 16),
    ("preflight refused", ("preflight refused",), 11, 14),
)
MEAN_OF = tuple(name for _, names, _, _ in RATIOS for name in names)


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


def _overhead(results: Results) -> list[dict[str, Any]]:
    return list(front(results).get("overhead", []))


def _scenarios(results: Results, kinds: tuple[str, ...], adversarial: bool) -> list[dict[str, Any]]:
    chosen = (result for result in _overhead(results) if result["kind"] in kinds and not result.get("own"))
    return [result for result in chosen if result["adversarial"] == adversarial]


def _named(results: Results, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the scenarios with these names, or none if one of them was not measured with both subjects."""
    known = {result["name"]: result for result in _overhead(results) if ratio(result, COMPILED) is not None}
    return [known[name] for name in names] if known.keys() >= set(names) else []


def _worst_of(names: tuple[str, ...]) -> Callable[[Results], Measured]:
    """Measure the smallest ratio to Starlette of the compiled core in these scenarios."""

    def measured(results: Results) -> Measured:
        worst = min(_named(results, names), key=lambda result: ratio(result, COMPILED) or 0, default=None)
        if worst is None:
            return None
        ours, theirs = (worst["overhead"][subject] for subject in (COMPILED, STARLETTE))
        return ratio(worst, COMPILED) or 0, f"{worst['name']}: {ours:,.0f} ns, Starlette {theirs:,.0f} ns"

    return measured


def _mean_of(names: tuple[str, ...]) -> Callable[[Results], Measured]:
    def measured(results: Results) -> Measured:
        mean = geometric_mean(_named(results, names), COMPILED)
        return None if mean is None else (mean, f"{len(names)} scenarios")

    return measured


def _worst_ratio(core: str, kinds: tuple[str, ...], *adversarial: bool) -> Callable[[Results], Measured]:
    def measured(results: Results) -> Measured:
        asked = [result for choice in adversarial for result in _scenarios(results, kinds, choice)]
        known = [(value, result["name"]) for result in asked if (value := ratio(result, core)) is not None]
        return min(known, default=None)

    return measured


def _mean_ratio(core: str) -> Callable[[Results], Measured]:
    def measured(results: Results) -> Measured:
        mean, with_all = (geometric_mean(_overhead(results), core, adversarial) for adversarial in (False, True))
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
    for curve in front(results).get("growth", []):
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
    value = front(results).get("footprint", {}).get("import", {}).get(COMPILED)
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


_HTTP = ("actual", "preflight", "mix")
_ANY = (*_HTTP, "websocket")
GOALS = (
    *(Goal(f"compiled to Starlette, {name}", must, goal, "x", _worst_of(of), True) for name, of, must, goal in RATIOS),
    Goal("compiled to Starlette, geometric mean of these", 14.5, 17, "x", _mean_of(MEAN_OF), True),
    Goal("origin function, to Starlette's plain check", 6, 8, "x", _worst_of(("origin function",)), True),
    Goal("the same, async", 4, 5, "x", _worst_of(("async origin function",)), True),
    Goal("compiled to Starlette, websocket", 12, 16, "x", _worst_ratio(COMPILED, ("websocket",), False), True),
    Goal("compiled to Starlette, worst 64 KiB scenario", 12, 16, "x", _worst_ratio(COMPILED, _HTTP, True), True),
    Goal("compiled, actual request, times the wrapper", 1.6, 1.3, "x", _times(WRAPPER)),
    Goal("compiled, actual request, times the floor", 1.7, 1.5, "x", _times(FLOOR)),
    Goal("compiled, whole preflight answer", 470, 350, " ns", _preflight),
    Goal("compiled, growth with origins, allowed", 1.3, 1.1, "x", _growth("allowed origins, request allowed")),
    Goal("compiled, growth with origins, refused", 1.3, 1.1, "x", _growth("allowed origins, request refused")),
    Goal("the same, origins in a frozenset", 1.3, 1.1, "x", _growth("origins in a frozenset, refused")),
    Goal("compiled, further body chunk, times the floor's", 1.3, 1.1, "x", _chunk),
    Goal("Python core to Starlette, geometric mean", 2.9, 3.2, "x", _mean_ratio(PYTHON), True),
    Goal("Python core to Starlette, worst scenario", 1, 1.2, "x", _worst_ratio(PYTHON, _ANY, False, True), True),
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
