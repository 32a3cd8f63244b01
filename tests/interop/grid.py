"""The page with the browser's results, for a person to look at: what the standard says beside what was seen."""

from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from .browser_rows import Row
from .subjects import SUBJECTS

Seen = tuple[str, list[str]]


@dataclass(frozen=True)
class Line:
    """A row of the table and what came of it with each subject."""

    row: Row
    seen: dict[str, Seen]

    def verdict(self) -> str:
        """Tell `as expected`, `differs` where the row says why that is so, or `WRONG`."""
        expected = (self.row.sees, list(self.row.wire))
        if any(seen != expected for seen in self.seen.values()):
            return "WRONG"
        return "differs" if self.row.differs else "as expected"


STYLE = """
:root { color-scheme: light; font: 13px/1.4 system-ui, sans-serif; }
body { margin: 24px; color: #1a1a1a; background: #fff; }
h1 { font-size: 20px; margin: 0 0 4px; }
table { border-collapse: collapse; margin-top: 12px; }
th, td { text-align: left; vertical-align: top; padding: 3px 10px 3px 0; border-bottom: 1px solid #ddd; }
tbody th { padding-top: 14px; font-size: 14px; border-bottom: 2px solid #888; }
td:nth-child(n+2), thead th { white-space: nowrap; }
code { font: 12px ui-monospace, monospace; }
.ok { color: #11662b; } .differs { color: #7a4b00; } .wrong { color: #fff; background: #b00020; padding: 0 4px; }
.why { color: #7a4b00; }
"""


def _cells(line: Line) -> str:
    row = line.row
    cells = [
        f"{escape(row.shows)}" + (f'<div class="why">{escape(row.differs)}</div>' if row.differs else ""),
        f"<code>{escape(row.policy)}</code>",
        f"<code>{escape(row.sees)}</code>",
        "<br>".join(f"<code>{escape(part)}</code>" for part in row.wire) or "nothing",
    ]
    for subject in SUBJECTS:
        sees, wire = line.seen[subject]
        if (sees, wire) == (row.sees, list(row.wire)):
            cells.append('<span class="ok">yes</span>')
        else:
            cells.append(f'<span class="wrong">{escape(sees)}: {escape(", ".join(wire))}</span>')
    kind = {"as expected": "ok", "differs": "differs", "WRONG": "wrong"}[line.verdict()]
    cells.append(f'<span class="{kind}">{line.verdict()}</span>')
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def page(lines: list[Line], browser: str) -> str:
    """Return the page as HTML."""
    heads = ("request", "policy", "JavaScript sees", "reaches the API", "compiled", "Python", "Starlette", "verdict")
    body = ""
    for section, of_section in groupby(lines, key=lambda line: line.row.section):
        body += f'<tr><th colspan="{len(heads)}">{escape(section)}</th></tr>' + "".join(map(_cells, of_section))
    verdicts = [line.verdict() for line in lines]
    counted = ", ".join(
        f"{verdicts.count(verdict)} {verdict}" for verdict in ("as expected", "differs", "WRONG") if verdict in verdicts
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>fastcors in a browser</title>'
        f"<style>{STYLE}</style>"
        f"<h1>fastcors in Chromium {escape(browser)}</h1><p>{len(lines)} rows, each on both cores and with Starlette's "
        f"middleware: {counted}. <em>Differs</em>: both differ from what the Fetch standard would make of the policy, "
        "for the reason given.</p>"
        f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>{body}</tbody></table>\n"
    )


def write(lines: list[Line], browser: str, directory: Path) -> Path:
    """Write the page into `directory` and return where it is."""
    path = directory / "browser.html"
    path.write_text(page(lines, browser), encoding="utf-8")
    return path
