"""The Pythons and machines in docs/compatibility.md: a table of what `make everywhere` left in docs/platforms.json."""

import json
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT, RESULTS = DOCS / "compatibility.md", DOCS / "platforms.json"
START = "<!-- Pythons and machines: written by `make everywhere` -->\n"
END = "<!-- end of Pythons and machines -->\n"
HEAD = """## Pythons and machines

`make everywhere` builds a wheel in a Debian chroot, installs it, and runs the tests that every released wheel has to
pass, the hostile requests among them. On debug builds it counts references as well. These are the targets that it ran.

| where | Python | core | drawn cases per test | skipped | when, and at which commit | result |
|---|---|---|---|---|---|---|
"""

Outcome = dict[str, Any]


def recorded() -> dict[str, Outcome]:
    """Return what came of each target that ever ran, by its name."""
    found: dict[str, Outcome] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    return found


def record(target: str, outcome: Outcome) -> None:
    """Add what came of a target to the others, and write the table."""
    outcomes = recorded() | {target: outcome}
    RESULTS.write_text(json.dumps(outcomes, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_section(document, outcomes), encoding="utf-8")


def with_section(document: str, outcomes: dict[str, Outcome]) -> str:
    """Return the document with the table of these outcomes, in place of the one that it has."""
    without = re.sub(rf"\n{re.escape(START)}.*?{re.escape(END)}", "", document, flags=re.DOTALL)
    return without + (f"\n{START}{section(outcomes)}{END}" if outcomes else "")


def section(outcomes: dict[str, Outcome]) -> str:
    rows = sorted(outcomes.values(), key=lambda outcome: (outcome["emulated"], outcome["where"], outcome["python"]))
    return HEAD + "".join(map(_row, rows))


def _row(outcome: Outcome) -> str:
    where = f"{outcome['where']}{', emulated' if outcome['emulated'] else ''}"
    core = f"compiled, {outcome['compiler']}" if outcome["compiled"] else "Python"
    counts = [f"{outcome[name]} {name}" for name in ("failed", "errors", "passed") if outcome[name]]
    cells = (where, outcome["python"], core, outcome["examples"], outcome["skipped"])
    return f"| {' | '.join(map(str, cells))} | {outcome['date']}, {outcome['commit']} | {', '.join(counts)} |\n"
