"""The table of Pythons and machines in docs/compatibility.md is what `make everywhere` recorded."""

import json
from pathlib import Path

import pytest
from support import platforms

OUTCOME = {
    "where": "Linux on x86-64 (Debian sid)",
    "emulated": False,
    "python": "CPython 3.15.0",
    "compiled": True,
    "compiler": "gcc 16.1.0",
    "examples": 100,
    "skipped": 38,
    "passed": 6239,
    "failed": 0,
    "errors": 0,
    "date": "2026-11-22",
    "commit": "1234567",
}
ROW = (
    "| Linux on x86-64 (Debian sid) | CPython 3.15.0 | compiled, gcc 16.1.0 | 100 | 38 | 2026-11-22, 1234567 "
    "| 6239 passed |"
)


def test_document_has_the_table_of_what_was_recorded() -> None:
    document = platforms.DOCUMENT.read_text(encoding="utf-8")
    assert platforms.with_section(document, platforms.recorded()) == document


def test_row() -> None:
    assert platforms.section({"3.15": OUTCOME}).endswith(f"{ROW}\n")
    failing = OUTCOME | {"failed": 2, "emulated": True, "compiled": False}
    row = platforms.section({"pypy": failing}).splitlines()[-1]
    assert row.startswith("| Linux on x86-64 (Debian sid), emulated | CPython 3.15.0 | Python | 100 |")
    assert row.endswith("| 2 failed, 6239 passed |")


def test_each_outcome_replaces_the_last_of_its_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platforms, "DOCUMENT", tmp_path / "compatibility.md")
    monkeypatch.setattr(platforms, "RESULTS", tmp_path / "platforms.json")
    platforms.DOCUMENT.write_text("# Compatibility\n\nOthers.\n")
    platforms.record("3.15", OUTCOME | {"passed": 1})
    platforms.record("i386", OUTCOME | {"where": "Linux on x86, 32 bits (Debian sid)", "passed": 3})
    platforms.record("3.15", OUTCOME)
    assert set(json.loads(platforms.RESULTS.read_text())) == {"3.15", "i386"}
    document = platforms.DOCUMENT.read_text()
    assert document.startswith("# Compatibility\n\nOthers.\n\n<!-- ")
    assert [line.rpartition("| ")[2] for line in document.splitlines() if line.startswith("| Linux")] == [
        "3 passed |",
        "6239 passed |",
    ]
    assert platforms.with_section(document, {}) == "# Compatibility\n\nOthers.\n"
