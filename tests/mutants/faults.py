"""Planted faults as data: a TOML file per area holds those that people wrote, and which others are generated."""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mutants.generated import drawn

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGE = Path("src", "fastcors")
# What a change of these files takes effect by: a build.
_COMPILED = frozenset({".pyx", ".pxi", ".h"})


class Fault(NamedTuple):
    """One change of one file. `old` occurs there exactly once."""

    area: str
    name: str
    file: str
    """Below src/fastcors."""
    old: str
    new: str
    why: str = ""
    """What a user would notice, or what a generated fault changes."""
    equivalent: str = ""
    """Why no test can notice it."""
    lives: str = ""
    """Why it may live all the same."""

    @property
    def key(self) -> str:
        """What FAULTS= chooses it by."""
        return f"{self.area}/{self.name}"

    @property
    def needs_build(self) -> bool:
        return Path(self.file).suffix in _COMPILED

    def planted(self, text: str) -> str:
        """Return the text of the file with the fault. Raises `ValueError` if its place is not there exactly once."""
        count = text.count(self.old)
        if count != 1 or self.old == self.new:
            raise ValueError(f"{self.key}: the old text is in {self.file} {count} times")
        return text.replace(self.old, self.new)


class Area(NamedTuple):
    """Faults that the same tests have to notice."""

    name: str
    folders: tuple[str, ...]
    """Of tests/."""
    likely: tuple[str, ...]
    """The files whose tests probably notice them, in the order in which they are run."""
    near: dict[str, list[str]]
    """The same for single files of the sources: these are run first."""
    python_alone: bool
    """The tests of the compiled core are left out: it does not run what is changed."""
    faults: tuple[Fault, ...]


def areas(package: Path = ROOT / PACKAGE, data: Path = HERE) -> list[Area]:
    return [area_of(path, package) for path in sorted(data.glob("*.toml"))]


def area_of(path: Path, package: Path) -> Area:
    """Return the area that a file describes. `package` is where the sources are."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    name = path.stem.replace("_", "-")
    written = (Fault(name, each, **fault) for each, fault in told["fault"].items())
    made = _generated(name, told.get("generated"), package)
    near, alone = told.get("near", {}), told.get("python_alone", False)
    return Area(name, tuple(told["folders"]), tuple(told["likely"]), near, alone, (*written, *made))


def _generated(area: str, told: dict[str, Any] | None, package: Path) -> Iterator[Fault]:
    if told is None:
        return
    texts = {file: (package / file).read_text(encoding="utf-8") for file in told["files"]}
    equivalent, lives = told.get("equivalent", {}), told.get("lives", {})
    for change in drawn(texts, told["seed"], told["count"]):
        reasons = equivalent.get(change.name, ""), lives.get(change.name, "")
        yield Fault(area, change.name, change.file, change.old, change.new, change.told, *reasons)


def chosen(every: Iterable[Area], words: Iterable[str]) -> list[tuple[Area, Fault]]:
    """Return the faults whose area, name or both are among `words`; all of them without any."""
    wanted = frozenset(words)
    return [
        (area, fault)
        for area in every
        for fault in area.faults
        if not wanted or not wanted.isdisjoint((area.name, fault.name, fault.key))
    ]
