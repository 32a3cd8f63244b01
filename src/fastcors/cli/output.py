"""The output of all commands: lines and tables for a terminal, or one JSON document for machines."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..browser.lines import Line
from .findings import Finding

COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_STYLES = {"passed": "bold green", "failed": "bold red", "hint": "yellow", "change": "green"}
_WIDTH = 80
# Room for the label of a line and a few characters of its text.
_NARROWEST = 20


def show(parts: Iterable[RenderableType]) -> None:
    """Print the parts as wide as the terminal, or 80 columns wide if standard output is no terminal.

    Markup in the text is not interpreted. There is no colour without a terminal, or if NO_COLOR is set.
    """
    out = Console(width=None if sys.stdout.isatty() else _WIDTH, markup=False, emoji=False, highlight=False)
    with out.capture() as captured:
        for part in parts:
            out.print(part)
    shown = captured.get()
    # The table pads its columns with spaces, which a file does not need.
    sys.stdout.write(shown if out.is_terminal else re.sub(r" +$", "", shown, flags=re.MULTILINE))


def printable(content: object) -> str:
    """Return the text of `content`, with characters that could control a terminal escaped."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in str(content))


def styled(content: object, style: str = "") -> Text:
    """Return `content` as printable text in this style."""
    return Text(printable(content), style)


class LinesView:
    """The lines of an explanation, each in the style of its kind and wrapped to the width of the terminal."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        for line in self.lines:
            # Lines are wrapped before control characters are escaped, so an escaped line can still be too long.
            for each in line.wrapped(max(options.max_width, _NARROWEST)).split("\n"):
                yield styled(each, _STYLES.get(line.kind, ""))


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document, in ASCII."""
    print(json.dumps(document, indent=2))


def grid(rows: Iterable[tuple[RenderableType, RenderableType]], indent: int = 2) -> RenderableType:
    """Return a table of two columns without borders. The second one takes the remaining width."""
    table = Table.grid(padding=(0, 2))
    # A word that is longer than its column, such as a regex, continues on the next line instead of being cut.
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return Padding(table, (0, 0, 0, indent))


def findings_table(findings: Iterable[Finding]) -> RenderableType:
    """Return a table of the findings: the severity, then the problem, the fix and the code."""
    return grid((_severity(each), _description(each)) for each in findings)


def _severity(finding: Finding) -> RenderableType:
    return styled("accepted", "dim") if finding.accepted else styled(finding.severity, COLOURS[finding.severity])


def _description(finding: Finding) -> RenderableType:
    colon = ": " if finding.heading else ""
    problem = Text.assemble(styled(finding.heading, "bold"), colon, styled(finding.reason))
    fixes = [styled(f"Fix: {finding.fix}", "green")] if finding.fix else []
    return Group(problem, *fixes, styled(f"[{finding.code}]", "dim"))


def counted(number: int, noun: str) -> str:
    """Return the number and the noun, in the plural unless the number is 1."""
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"
