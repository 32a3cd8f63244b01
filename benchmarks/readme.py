"""Writes the figures in the README. Each goes between marks of its own, which name the command that writes it."""

from pathlib import Path

import pitch
import results
from overhead import ratio
from results import HERE, Results
from subjects import COMPILED, LITESTAR, PYTHON, STARLETTE
from tables import table

README = HERE.parent / "README.md"
REQUESTS_START = "<!-- requests per second: written by `make load` -->\n"
REQUESTS_END = "<!-- end of requests per second -->"
START, END = "<!-- figures: written by `make bench` -->\n", "<!-- end of figures -->"
SHOWN = ("no Origin", "allowed", "any origin", "1,000 origins", "preflight allowed")


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
    return table((f"microseconds beyond the bare app, CPython {python}", *names, "compiled vs. Starlette"), rows)


def requests(measured: Results) -> list[str]:
    """Return the sentences about requests per second of a FastAPI service and the time per request, or nothing."""
    row = pitch.fastapi(measured)
    if row is None:
        return []
    rates = {name: figures["requests/s"] for name, figures in row["variants"].items()}
    python = measured["load"]["stamp"]["versions"]["CPython"].split()[0]
    sentence = (
        f"An endpoint in FastAPI answers **{rates['fastcors']:,.0f} requests per second** with fastcors and "
        f"{rates[STARLETTE]:,.0f} with Starlette's middleware, {rates['fastcors'] / rates[STARLETTE] - 1:.0%} more. "
        f"Without any middleware it answers {rates['none']:,.0f} (uvicorn on one core, CPython {python})."
    )
    allowed = pitch.overhead(measured, "allowed")
    if allowed is not None:
        newest = results.pythons(measured)[0]
        ours, theirs = allowed[COMPILED], allowed[STARLETTE]
        sentence += (
            f" The middleware itself takes **{ours / 1000:.2f} µs** per request instead of {theirs / 1000:.2f} µs, and "
            f"is {theirs / ours:.0f} times faster (CPython {newest}, without a server)."
        )
    return [sentence, ""]


def update(measured: Results, path: Path = README) -> bool:
    """Put the measured figures between the README's marks, and tell whether it has any."""
    first = replaced(path, REQUESTS_START, REQUESTS_END, requests(measured))
    second = replaced(path, START, END, figures(measured))
    return first or second


def replaced(path: Path, start: str, end: str, lines: list[str]) -> bool:
    """Put `lines` between two marks of the page, and tell whether it has them."""
    before, opened, rest = path.read_text().partition(start)
    _, closed, after = rest.partition(end)
    if opened and closed:
        path.write_text("\n".join([before + start, *lines]) + end + after)
    return bool(opened and closed)
