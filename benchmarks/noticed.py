"""Writes the figures of docs/performance.md: the results of the load tests in cores, at several request rates."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pitch import fastapi
from readme import replaced
from results import HERE, Results
from subjects import STARLETTE
from tables import table

PAGE = HERE.parent / "docs" / "performance.md"
START, END = "<!-- cores: written by `make load` -->\n", "<!-- end of cores -->"
COST = "CPU s per 100,000"
_RATES = (10, 100, 1_000, 10_000, 100_000)
_NAMES = {"none": "without CORS", STARLETTE: "Starlette", "fastcors": "fastcors"}


def cores(measured: Results) -> list[str]:
    """Return the calculation and the tables, or nothing if FastAPI on uvicorn was not measured."""
    row = fastapi(measured)
    if row is None:
        return []
    python = measured["load"]["stamp"]["versions"]["CPython"].split()[0]
    costs = {name: figures[COST] for name, figures in row["variants"].items()}
    theirs, ours = costs[STARLETTE], costs["fastcors"]
    saved = theirs - ours
    rates = ("requests per second", *(f"cores, {name}" for name in _NAMES.values()), "cores saved")
    servers = ("server, app", "µs per request, Starlette", "µs per request, fastcors", "a core saved at, requests/s")
    return [
        f"Measured with FastAPI on uvicorn, CPython {python}: 100,000 requests take **{theirs:.2f} seconds of CPU** "
        f"with Starlette's middleware, **{ours:.2f} seconds** with fastcors and {costs['none']:.2f} without CORS. "
        f"So fastcors saves {saved:.2f} seconds per 100,000 requests, which is {saved * 10:.1f} µs each. It saves a "
        f"whole core at 100,000 / {saved:.2f} = **about {_rounded(100_000 / saved)} requests per second**.",
        "",
        "The table multiplies the CPU seconds per request by the requests per second:",
        "",
        *table(rates, _by_rate(costs)),
        "Every server and app that was measured:",
        "",
        *table(servers, map(_by_server, measured["load"]["rows"])),
    ]


def _by_rate(costs: dict[str, float]) -> Iterator[tuple[str, ...]]:
    for rate in _RATES:
        used = [rate * costs[name] / 100_000 for name in _NAMES]
        yield (f"{rate:,}", *(f"{each:.2f}" if each >= 1 else f"{each:.4f}" for each in (*used, used[1] - used[2])))


def _by_server(row: dict[str, Any]) -> tuple[str, ...]:
    theirs, ours = (row["variants"][name][COST] for name in (STARLETTE, "fastcors"))
    rate = _rounded(100_000 / (theirs - ours)) if theirs > ours else "no difference"
    return f"{row['server']}, {row['framework']}", f"{theirs * 10:.1f}", f"{ours * 10:.1f}", rate


def _rounded(rate: float) -> str:
    """Return a rate with three significant digits, which is more than the measurement's precision."""
    return f"{float(f'{rate:.3g}'):,.0f}"


def update(measured: Results, path: Path = PAGE) -> bool:
    """Put the figures between the page's marks, and tell whether the page has such marks."""
    return replaced(path, START, END, cores(measured))
