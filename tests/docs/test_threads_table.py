"""CONTRIBUTING.md lists what threads share in the compiled core: no class and no static variable is forgotten."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ROOT / "src" / "fastcors" / "core"


def section() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text.partition("### What threads share in the compiled core")[2].partition("\n### ")[0]


def sources(pattern: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(CORE.glob(pattern)))


def test_classes() -> None:
    classes = re.findall(r"^cdef class (\w+)", sources("*.pxi"), re.MULTILINE)
    assert len(classes) == 9
    assert [name for name in classes if f"`{name}" not in section()] == []


def test_statics_of_c() -> None:
    found = re.findall(r"^ *static (?!inline|CYTHON)[\w ]+[ *](\w+) = ", sources("*.h"), re.MULTILINE)
    assert "fastcors_watcher" in found
    assert [name for name in found if f"`{name}`" not in section()] == []
