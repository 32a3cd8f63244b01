"""Draws the picture in the README: requests per second under load, and microseconds per request.

It is written as text, without matplotlib, so that every machine with results can write it.
"""

from pathlib import Path
from typing import Any, NamedTuple

import results
from results import HERE, Results
from subjects import COMPILED, STARLETTE

PICTURE = HERE / "pitch.svg"
# Of middle lightness, as in the plots: legible on a light page and on a dark one.
INK, THEIRS, OURS = "#848d97", "#d9822b", "#2f81f7"
_WIDTH, _BAR, _LABELS, _LONGEST = 560, 18, 120, 350


class _Bar(NamedTuple):
    name: str
    value: float
    shown: str
    colour: str


def write(measured: Results, path: Path = PICTURE) -> bool:
    """Draw the picture into `path`, and tell whether the results have the figures for it."""
    drawn = svg(measured)
    if drawn:
        path.write_text(drawn)
    return bool(drawn)


def svg(measured: Results) -> str:
    """Return the picture, or nothing if a figure of it was not measured."""
    loaded, allowed = fastapi(measured), overhead(measured, "allowed")
    if loaded is None or allowed is None:
        return ""
    rates = {name: figures["requests/s"] for name, figures in loaded["variants"].items()}
    first = [
        _Bar("without CORS", rates["none"], f"{rates['none']:,.0f}", INK),
        _Bar("fastcors", rates["fastcors"], f"{rates['fastcors']:,.0f}", OURS),
        _Bar("Starlette", rates[STARLETTE], f"{rates[STARLETTE]:,.0f}", THEIRS),
    ]
    second = [
        _Bar("fastcors", allowed[COMPILED], f"{allowed[COMPILED] / 1000:.2f} µs", OURS),
        _Bar("Starlette", allowed[STARLETTE], f"{allowed[STARLETTE] / 1000:.2f} µs", THEIRS),
    ]
    above = _panel("FastAPI on uvicorn, requests per second: more is better", first, 20)
    below = _panel("time that the middleware adds to a request: less is better", second, 126)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} 190" width="{_WIDTH}" role="img" '
            'font-family="system-ui, sans-serif" font-size="15">',
            "<title>Requests per second and time per request, with Starlette's middleware and with fastcors</title>",
            *above,
            *below,
            "</svg>\n",
        ]
    )


def fastapi(measured: Results) -> dict[str, Any] | None:
    """Return what `make load` measured of FastAPI on uvicorn."""
    rows: list[dict[str, Any]] = measured.get("load", {}).get("rows", [])
    return next((row for row in rows if (row["server"], row["framework"]) == ("uvicorn", "FastAPI")), None)


def overhead(measured: Results, scenario: str) -> dict[str, float] | None:
    """Return the nanoseconds of overhead in a scenario, by subject, on the newest Python."""
    known: list[dict[str, Any]] = results.front(measured).get("overhead", [])
    return next((result["overhead"] for result in known if result["name"] == scenario), None)


def _panel(title: str, bars: list[_Bar], top: int) -> list[str]:
    longest = max(bar.value for bar in bars)
    lines = [f'<text x="0" y="{top - 4}" fill="{INK}">{title}</text>']
    for place, bar in enumerate(bars):
        y, width = top + 6 + place * (_BAR + 4), max(2, round(_LONGEST * bar.value / longest))
        lines += [
            f'<text x="{_LABELS - 10}" y="{y + 14}" fill="{INK}" text-anchor="end">{bar.name}</text>',
            f'<rect x="{_LABELS}" y="{y}" width="{width}" height="{_BAR}" fill="{bar.colour}"/>',
            f'<text x="{_LABELS + width + 8}" y="{y + 14}" fill="{INK}">{bar.shown}</text>',
        ]
    return lines
