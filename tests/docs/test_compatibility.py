"""docs/compatibility.md is of the versions that `make interop` installs: nobody edited the one without the other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def pinned() -> dict[str, str]:
    """Return the versions of every environment of tests/interop, by the name in lower case."""
    files = (ROOT / "tests" / "interop" / "requirements").glob("*.txt")
    pins = (line.split("==") for file in files for line in file.read_text().splitlines() if "==" in line)
    return {name.lower(): version for name, version in pins}


def listed() -> dict[str, set[str]]:
    """Return the versions that the document says were tried, by name: the first of a row, and those it came with."""
    document = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for name, versions in re.findall(r"^\| ([\w-]+)(?:, [^|]+)? \| ([^|]+) \|", document, re.MULTILINE):
        for part in re.split(r" with |, ", f"{name} {versions}"):
            package, version = part.rsplit(" ", 1)
            found.setdefault(package, set()).add(version)
    return found


def test_versions_are_those_that_are_installed() -> None:
    pins, versions = pinned(), listed()
    named = set(versions).intersection(pins)
    assert {"uvicorn", "granian", "quart", "sentry-sdk", "newrelic"} <= named
    assert {name: versions[name] for name in named} == {name: {pins[name]} for name in named}


def test_everything_passed() -> None:
    document = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
    results = re.findall(r"^\| .+ \| ([^|]+) \|$", document, re.MULTILINE)
    assert len(results) > 20
    assert all(re.fullmatch(r"[1-9]\d* passed", result) for result in results if result != "result")
