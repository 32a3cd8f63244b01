"""Tables in Markdown."""

from collections.abc import Iterable


def table(head: Iterable[str], rows: Iterable[Iterable[str]], right: bool = True) -> list[str]:
    """Return a Markdown table whose first column is text and whose others are numbers, if `right`."""
    names = list(head)
    rule = ["---"] + ["---:" if right else "---"] * (len(names) - 1)
    return [f"| {' | '.join(cells)} |" for cells in (names, rule, *rows)] + [""]
