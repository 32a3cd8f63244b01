"""User code as strict type checkers see it.

`typing/accepted.py` passes; of `typing/rejected.py` each marked line is reported, and no other.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

Reports: TypeAlias = dict[tuple[str, int], str]

DIRECTORY = Path(__file__).parent / "typing"
FILES = ("accepted.py", "rejected.py")
MARK = "# rejected: "


def run(module: str, *options: str) -> str:
    pytest.importorskip(module)
    command = [sys.executable, "-m", module, *options, *FILES]
    finished = subprocess.run(command, cwd=DIRECTORY, capture_output=True, text=True)
    # 1 says that there was something to report; anything else, that the checker itself is broken.
    assert finished.returncode == 1, finished.stdout + finished.stderr
    return finished.stdout


def mypy(cache: Path) -> Reports:
    output = run("mypy", "--strict", "--config-file=", f"--cache-dir={cache}", "--output=json")
    reports = [json.loads(line) for line in output.splitlines()]
    return {(report["file"], report["line"]): report["message"] for report in reports}


def pyright(cache: Path) -> Reports:
    output = run("pyright", "--outputjson", f"--pythonpath={sys.executable}")
    reports = [(report, Path(report["file"]).name) for report in json.loads(output)["generalDiagnostics"]]
    return {(file, report["range"]["start"]["line"] + 1): report["message"] for report, file in reports}


def marked() -> set[tuple[str, int]]:
    return {
        (file, number)
        for file in FILES
        for number, line in enumerate((DIRECTORY / file).read_text().splitlines(), start=1)
        if MARK in line
    }


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_reported_where_it_is_marked_and_nowhere_else(checker: Callable[[Path], Reports], tmp_path: Path) -> None:
    reported = checker(tmp_path)
    assert reported.keys() == marked(), reported


def test_marks() -> None:
    assert {file for file, _ in marked()} == {"rejected.py"}
