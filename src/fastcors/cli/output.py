"""What all commands print with: a console that shows every text as it is, and one JSON document for machines."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..browser.lines import Line
from .findings import Finding

COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_STYLES = {"passed": "bold green", "failed": "bold red", "hint": "yellow", "change": "green"}
_WIDTH = 80


def console() -> Console:
    """Return what prints to standard output: as wide as the terminal, and 80 columns where it is none.

    It interprets nothing in what it prints, and colours nothing where NO_COLOR is set or there is no terminal.
    """
    width = None if sys.stdout.isatty() else _WIDTH
    return Console(width=width, markup=False, emoji=False, highlight=False)


def show(parts: Iterable[RenderableType]) -> None:
    """Print what a command has to say to people."""
    out = console()
    with out.capture() as captured:
        for part in parts:
            out.print(part)
    shown = captured.get()
    # Columns are filled up with spaces, which are of no use in a file.
    sys.stdout.write(shown if out.is_terminal else re.sub(r" +$", "", shown, flags=re.MULTILINE))


def printable(content: object) -> str:
    """Return the text of `content` with all that could make a terminal do something else than show it escaped."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in str(content))


def styled(content: object, style: str = "") -> Text:
    """Return what is shown in this style, whatever is in it."""
    return Text(printable(content), style)


def lines_view(lines: Iterable[Line]) -> Iterator[RenderableType]:
    """Yield the lines of an explanation, each in the style of its kind."""
    for line in lines:
        for each in str(line).split("\n"):
            yield styled(each, _STYLES.get(line.kind, ""))


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document, in ASCII."""
    print(json.dumps(document, indent=2))


def grid(rows: Iterable[Iterable[RenderableType]], indent: int = 2) -> RenderableType:
    """Return columns without lines around them; the last takes what is left of the width."""
    table = Table.grid(padding=(0, 2))
    for row in rows:
        table.add_row(*row)
    return Padding(table, (0, 0, 0, indent))


def findings_table(findings: Iterable[Finding]) -> RenderableType:
    """Return each finding: its severity beside what is wrong, why, and what to do."""
    return grid((styled(each.severity, COLOURS[each.severity]), _told(each)) for each in findings)


def _told(finding: Finding) -> RenderableType:
    lines = [Text.assemble(styled(finding.heading, "bold"), ": " * bool(finding.heading), styled(finding.reason))]
    label = "" if finding.severity == "note" else "Fix: "
    lines += [styled(label + finding.fix, "green")] if finding.fix else []
    return Group(*lines, styled(f"[{finding.code}]", "dim"))


def counted(number: int, noun: str) -> str:
    """Return the number with the noun in its plural, where that has one."""
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"
