"""Writes docs/compatibility.md from what the groups of tests left: name, version, what was checked, result."""

from typing import Any

from .notes import NOTES

Results = dict[str, Any]
Row = dict[str, Any]

SECTIONS = {
    "servers": (
        "Servers",
        "Separate processes on loopback, without an option for the interface unless a note says so. The middleware was "
        "inside a FastAPI app, and outermost around it.",
    ),
    "frameworks": ("Frameworks", "The middleware in every place where a user can put it."),
    "gradio": (
        "Libraries that look for Starlette's class",
        "Mounted in a FastAPI app that allows one origin, with credentials. Here a changed import changes the answers, "
        "and `fastcors.install()` does not.",
    ),
    "instrumentation": (
        "Instrumentation",
        "Installed and switched on in a FastAPI app under uvicorn. The middleware was added before it, added after it, "
        "or put around the app. What it sends was received on loopback.",
    ),
    "browser": (
        "Browser",
        "What JavaScript sees and what reaches the API, against what the Fetch standard says. `make interop` writes "
        "the whole grid to `build/interop/browser.html` and `browser.png`.",
    ),
}
HEAD = """# Compatibility

Written by `make interop`. Every exchange ran three times: with fastcors' compiled core, with its Python core and
with Starlette's own middleware. The answers had to be the same, and right by the CORS protocol.
"""


def left_out(results: Results) -> bool:
    """Tell whether a test of these was skipped."""
    return any(row["outcome"] == "skipped" for group in results.values() for row in group["rows"])


def document(results: Results) -> str:
    """Return the document about these groups."""
    pythons = sorted({group["python"] for group in results.values()})
    parts = [HEAD + f"Python {', '.join(pythons)}; {_one_version(results, 'fastcors')}."]
    for group, (title, about) in SECTIONS.items():
        if group in results:
            parts.append(f"## {title}\n\n{about}\n\n{_table(results[group]['rows'])}")
            parts += _notes(results[group]["rows"])
    return "\n\n".join(parts) + "\n"


def _one_version(results: Results, package: str) -> str:
    found = sorted({group["packages"][package] for group in results.values()})
    return f"{package} {', '.join(found)}"


def _table(rows: list[Row]) -> str:
    lines = ["| name | version | what was checked | result |", "|---|---|---|---|"]
    for name, variant in dict.fromkeys((row["name"], row["variant"]) for row in rows):
        own = [row for row in rows if (row["name"], row["variant"]) == (name, variant)]
        title = f"{name}, {variant}" if variant else name
        lines.append(f"| {title} | {_versions(own)} | {_checked(own)} | {_result(own)} |")
    return "\n".join(lines)


def _versions(rows: list[Row]) -> str:
    told = next((row["version"] for row in rows if row["version"]), None)
    if told:
        return str(told)
    first, *others = rows[0]["versions"].items()
    more = ", ".join(f"{name} {found}" for name, found in others if found)
    own = "" if first[0] == "httpx" else f"{first[1] or 'not installed'} with "
    return own + (more or f"{first[0]} {first[1]}")


def _checked(rows: list[Row]) -> str:
    places = " · ".join(dict.fromkeys(row["place"] for row in rows if row["place"]))
    checks = ", ".join(dict.fromkeys(row["checks"] for row in rows))
    return f"{places}: {checks}" if places else checks


def _result(rows: list[Row]) -> str:
    outcomes = [row["outcome"] for row in rows]
    counted = [f"{outcomes.count(outcome)} {outcome}" for outcome in ("passed", "failed", "skipped")]
    return ", ".join(count for count in counted if not count.startswith("0 "))


def _notes(rows: list[Row]) -> list[str]:
    """Return what is to be said of those that were checked, and of rows that say why they differ."""
    names = dict.fromkeys(row["name"] for row in rows)
    said = [f"- {name}: {note}" for name in names for note in NOTES.get(name, ())]
    differing = [f"- {row['shows']}: {row['differs']}" for row in rows if row.get("differs")]
    notes = ["\n".join(said)] if said else []
    if differing:
        notes.append("Where both middlewares differ from what the standard would make of the policy:")
        notes.append("\n".join(differing))
    return notes
