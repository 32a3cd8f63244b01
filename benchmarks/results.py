"""Reads and writes the results' file. It has a part for each command; that of `make bench` has figures for each Python.

The figures of the newest Python are the project's. The others are shown next to them.
"""

import json
import sys
import sysconfig
from pathlib import Path
from typing import Any, TypeAlias

Results: TypeAlias = dict[str, Any]

HERE = Path(__file__).parent


def read(directory: Path) -> Results:
    """Return the results in `directory`, or none."""
    path = directory / "results.json"
    results: Results = json.loads(path.read_text()) if path.exists() else {}
    return results


def interpreter() -> str:
    """Return the name of this Python's figures, such as "3.14", or "3.14t" for a free-threaded build."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}" + "t" * bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def pythons(results: Results) -> list[str]:
    """Return the Pythons that have figures, the newest first, and a free-threaded build after the usual one."""

    def age(name: str) -> tuple[int, ...]:
        return (*(-int(number) for number in name.rstrip("t").split(".")), name.endswith("t"))

    return sorted(results.get("bench", {}), key=age)


def front(results: Results) -> dict[str, Any]:
    """Return the figures of `make bench` on the newest Python, or nothing."""
    names = pythons(results)
    return dict(results["bench"][names[0]]) if names else {}


def put(results: Results, part: str, figures: dict[str, Any]) -> Results:
    """Return the results with `figures` as their `part`. Figures of `make bench` replace only those of this Python."""
    figures = json.loads(json.dumps(figures))
    return results | {part: results.get("bench", {}) | {interpreter(): figures} if part == "bench" else figures}


def adopt(results: Results, others: Results) -> Results:
    """Return the results with the newer figures of `others`, such as those of a Python in another system."""
    adopted = {part: _later(results.get(part), figures) for part, figures in others.items() if part != "bench"}
    bench = results.get("bench", {})
    measured = {name: _later(bench.get(name), figures) for name, figures in others.get("bench", {}).items()}
    return results | adopted | {"bench": bench | measured}


def _later(ours: Any, theirs: Any) -> Any:
    return ours if ours is not None and ours["stamp"]["date"] > theirs["stamp"]["date"] else theirs
