"""The two plots of the results, as SVG: overhead per scenario as bars, growth as curves.

Transparent, and in colours of middle lightness, so that they can be read on a light page and on a dark one.
"""

from itertools import zip_longest
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from subjects import COMPILED, FLOOR, PYTHON, STARLETTE

INK = "#848d97"
COLOURS = {STARLETTE: "#d9822b", PYTHON: "#9a86d8", COMPILED: "#2f81f7", FLOOR: INK}
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "fastcors",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "grid.alpha": 0.25,
    "grid.color": INK,
}
STYLE |= dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK)
NAMED = {STARLETTE: "Starlette", PYTHON: "fastcors, Python core", COMPILED: "fastcors, compiled", FLOOR: "floor"}


def _save(figure: Figure, path: Path) -> None:
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {}
    figure.savefig(path, transparent=True, bbox_inches="tight", metadata=metadata)


def _bars(axes: Axes, results: list[dict[str, Any]], name: str, shift: float) -> None:
    places = [place + shift for place, result in enumerate(results) if name in result["overhead"]]
    values = [result["overhead"][name] / 1000 for result in results if name in result["overhead"]]
    if name == FLOOR:
        mark: dict[str, Any] = {"marker": "|", "markersize": 15, "markeredgewidth": 1.5}
        axes.plot(values, places, linestyle="", color=COLOURS[name], label=NAMED[name], **mark)
        return
    bars = axes.barh(places, values, height=0.27, color=COLOURS[name], label=NAMED[name])
    axes.bar_label(
        bars, labels=[f"{value:.2f}" if value < 1 else f"{value:.1f}" for value in values], padding=4, fontsize=8
    )


def overhead(results: list[dict[str, Any]], path: Path) -> None:
    """Draw the overhead in microseconds of each ordinary scenario into `path`."""
    ordinary = [result for result in results if not result["adversarial"]]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 0.62 * len(ordinary) + 1))
        axes = figure.subplots()
        for name, shift in ((STARLETTE, -0.28), (PYTHON, 0.0), (COMPILED, 0.28), (FLOOR, 0.28)):
            _bars(axes, ordinary, name, shift)
        axes.set_yticks(range(len(ordinary)), [result["name"] for result in ordinary])
        axes.set_ylim(len(ordinary) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("microseconds beyond the bare app (preflight: the whole answer); less is better")
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4)
        _save(figure, path)


def _panel(axes: Axes, curve: dict[str, Any]) -> None:
    for name, values in curve["overhead"].items():
        style = {"linestyle": ":"} if name == FLOOR else {"marker": "o", "markersize": 3.5}
        axes.plot(curve["sizes"], [value / 1000 for value in values], color=COLOURS[name], label=NAMED[name], **style)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(curve["name"], fontsize=10)
    axes.grid(which="major")
    axes.minorticks_off()
    for scale in (axes.xaxis, axes.yaxis):
        scale.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def growth(curves: list[dict[str, Any]], path: Path) -> None:
    """Draw the curves into `path`, a panel each, both scales logarithmic."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 5.4), layout="constrained")
        panels = list(figure.subplots(2, 3).flat)
        for curve, axes in zip_longest(curves, panels):
            _panel(axes, curve) if curve else axes.axis("off")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        figure.supylabel("microseconds per request", fontsize=10)
        _save(figure, path)
