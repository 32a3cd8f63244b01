"""The Python blocks of the guides in docs/ run as they stand, one after the other, on both cores."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parent.parent / "docs"
GUIDES = ("add-cors", "origin-function", "origin-patterns", "policy-per-path", "websocket-origins")
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("guide", GUIDES)
def test_guide(fastcors: ModuleType, guide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastcors", fastcors)
    path = DOCS / f"{guide}.md"
    text = path.read_text()
    blocks = list(BLOCK.finditer(text))
    assert blocks
    namespace: dict[str, object] = {"__name__": guide}
    for block in blocks:
        # So that a traceback points at the line of the guide.
        above = "\n" * text[: block.start(1)].count("\n")
        exec(compile(above + block[1], path, "exec"), namespace)
