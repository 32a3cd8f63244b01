"""The examples of docs/debugging.md print what stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "debugging.md"
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_prints_what_is_shown(number: int) -> None:
    code, shown = EXAMPLES[number]
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == (shown, "")


def test_every_example_is_run() -> None:
    assert len(EXAMPLES) == PAGE.read_text().count("```python") == 4
