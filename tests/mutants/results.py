"""What became of each planted fault, kept between runs, and as a page."""

import json
import platform
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mutants.faults import ROOT, Area, Fault

KILLED, SURVIVED, EQUIVALENT, LIVES = "killed", "survived", "equivalent", "lives"
UNCLEAR, NOT_BUILT = "unclear", "not built"
_FILE = "results.json"


class Result(NamedTuple):
    """What became of one fault."""

    key: str
    outcome: str
    by: str = ""
    """The test that noticed it."""
    commit: str = ""

    @classmethod
    def of(cls, fault: Fault, outcome: str, by: str = "") -> "Result":
        return cls(fault.key, outcome, by, commit())

    @property
    def area(self) -> str:
        return self.key.partition("/")[0]


def is_bad(result: Result) -> bool:
    """Tell whether somebody has to do something: a test is missing, or the fault is none."""
    return result.outcome in (SURVIVED, UNCLEAR, NOT_BUILT)


def commit() -> str:
    """Return the commit that the tree is at; with a plus sign, what is not committed is in it too."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def keep(place: Path, results: Iterable[Result]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / _FILE).write_text(json.dumps(list(results), indent=1), encoding="utf-8")


def kept(place: Path) -> list[Result]:
    """Return what earlier runs found."""
    path = place / _FILE
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [Result(*each) for each in told]


def table(every: Sequence[Area], results: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of the table: a row for each area, and one for all."""
    yield "| area | faults | run | killed | equivalent | may live | survived | score |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for area in every:
        yield _row(area.name, len(area.faults), [each for each in results if each.area == area.name])
    yield _row("all", sum(len(area.faults) for area in every), results)


def _row(name: str, faults: int, results: Sequence[Result]) -> str:
    counts = Counter(each.outcome for each in results)
    bad = sum(map(is_bad, results))
    judged = len(results) - counts[EQUIVALENT]
    score = f"{100 * counts[KILLED] / judged:.1f} %" if judged else ""
    cells = (name, faults, len(results), counts[KILLED], counts[EQUIVALENT], counts[LIVES], bad, score)
    return f"| {' | '.join(map(str, cells))} |"


def page(every: Sequence[Area], results: Sequence[Result]) -> str:
    """Return the page of these results."""
    known = {fault.key: fault for area in every for fault in area.faults}
    commits = ", ".join(dict.fromkeys(each.commit for each in results))
    left = len(known) - len(results)
    lines = [
        "# Planted faults",
        "",
        f"Written by `make mutants WRITE=yes` on {time.strftime('%Y-%m-%d', time.gmtime())}, at commit {commits}, with "
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}.",
        "",
        "Each fault is planted alone, and the tests of its area run until one fails. A test that fails without the "
        "fault too does not count. The score is the share of the faults that a test notices, of those that are not "
        "equivalent. `tests/mutants/` has the faults; those that are generated are drawn by a seed.",
        *([f"This is of a run that was not finished: {left} of {len(known)} faults were not planted."] if left else []),
        "",
        *table(every, results),
        "",
        *_told("Survived", [each for each in results if is_bad(each)], known),
        *_told("May live", [each for each in results if each.outcome == LIVES], known),
        *_told("Equivalent", [each for each in results if each.outcome == EQUIVALENT], known),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _told(title: str, results: Sequence[Result], known: dict[str, Fault]) -> Iterator[str]:
    if not results:
        return
    yield from (f"## {title}", "")
    for each in results:
        fault = known.get(each.key)
        if fault is not None:
            reason = fault.equivalent or fault.lives or each.outcome
            yield f"- `{each.key}`: {fault.why}. {reason[0].upper()}{reason[1:]}."
    yield ""
