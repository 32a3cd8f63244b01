"""The figures in the README: each goes between marks of its own, which say which command writes it."""

from pathlib import Path
from typing import Any

import results
from overhead import ratio
from results import HERE, Results
from subjects import COMPILED, LITESTAR, PYTHON, STARLETTE
from tables import table

README = HERE.parent / "README.md"
REQUESTS_START = "<!-- requests per second: written by `make load` -->\n"
REQUESTS_END = "<!-- end of requests per second -->"
START, END = "<!-- figures: written by `make bench` -->\n", "<!-- end of figures -->"
SHOWN = ("no Origin", "allowed", "any origin", "1,000 origins", "preflight allowed", "browser app")


def figures(measured: Results) -> list[str]:
    """Return the table: microseconds of overhead in the scenarios that most services meet, on the newest Python."""
    names = (STARLETTE, LITESTAR, PYTHON, COMPILED)
    known = {result["name"]: result for result in results.front(measured).get("overhead", [])}
    rows = []
    for name in filter(known.__contains__, SHOWN):
        overhead, times = known[name]["overhead"], ratio(known[name], COMPILED)
        cells = (f"{overhead[subject] / 1000:.2f}" if subject in overhead else "" for subject in names)
        rows.append((name, *cells, "" if times is None else f"{times:.0f}x"))
    python = "".join(results.pythons(measured)[:1])
    return table((f"microseconds beyond the bare app, CPython {python}", *names, "compiled to Starlette"), rows)


def requests(measured: Results) -> list[str]:
    """Return the sentence that a FastAPI service's requests per second come to, or nothing."""
    load: dict[str, Any] = measured.get("load", {})
    for row in load.get("rows", []):
        if (row["server"], row["framework"]) == ("uvicorn", "FastAPI"):
            rates = {name: figures["requests/s"] for name, figures in row["variants"].items()}
            python = load["stamp"]["versions"]["CPython"].split()[0]
            return [
                f"A FastAPI service answers **{rates['fastcors']:,.0f} requests per second** with fastcors and "
                f"{rates[STARLETTE]:,.0f} with Starlette's middleware, {rates['fastcors'] / rates[STARLETTE] - 1:.0%} "
                f"more; without CORS, {rates['none']:,.0f} (uvicorn on one core, CPython {python}).",
                "",
            ]
    return []


def update(measured: Results, path: Path = README) -> bool:
    """Put what was measured between the README's marks, where it has them, and tell whether it has any."""
    found = False
    for start, end, lines in ((REQUESTS_START, REQUESTS_END, requests), (START, END, figures)):
        before, opened, rest = path.read_text().partition(start)
        _, closed, after = rest.partition(end)
        if opened and closed:
            path.write_text("\n".join([before + start, *lines(measured)]) + end + after)
            found = True
    return found
