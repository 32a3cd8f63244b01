"""Reads Markdown pages as a reader does: the blocks to copy and run, the headings and the links.

The Python blocks of a page are one program, in their order: `python -P tests/support/documents.py docs/quick-start.md`.
"""

import contextlib
import io
import itertools
import json
import re
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

NOT_RUN = re.compile(r"<!-- not run: (.+?) -->\s*", re.DOTALL)
# The text that Python writes before a warning's message.
BEFORE = re.compile(r"^(?:\S+\.py:\d+: )?\w+Warning:\s", re.MULTILINE)


class Block(NamedTuple):
    language: str
    text: str
    line: int
    """The number of its first line, from 1."""
    not_run: str
    """The reason, if a comment above the block says that it is not run."""


class Run(NamedTuple):
    """The result of a Python block."""

    line: int
    printed: str
    warned: list[str]
    """The texts, each after its category: `CORSConfigWarning: ...`."""
    shown: str | None
    """The output that the page shows: the block that follows, if that is plain text."""


def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> Iterator[Block]:
    """Return the fenced blocks of a page."""
    above = ""
    for token in tokens(page):
        if token.type == "fence" and token.map is not None:
            yield Block(token.info.strip(), token.content, token.map[0] + 2, above)
        comment = NOT_RUN.fullmatch(token.content) if token.type == "html_block" else None
        above = comment[1] if comment else ""


def inline(page: Path) -> Iterator[Token]:
    """Return the inline elements in the text of a page: pieces of text, links, pictures."""
    for token in tokens(page):
        yield from token.children or ()


def links(page: Path) -> Iterator[str]:
    """Return the targets of the links and pictures of a page."""
    for token in inline(page):
        target = token.attrGet("href") or token.attrGet("src")
        if target is not None:
            yield str(target)


def anchors(page: Path) -> set[str]:
    """Return the anchors that the headings of a page have in a repository's web view."""
    found: set[str] = set()
    parsed = tokens(page)
    for opening, content in itertools.pairwise(parsed):
        if opening.type == "heading_open":
            text = "".join(child.content for child in content.children or ())
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            again = 0
            while (anchor := f"{slug}-{again}" if again else slug) in found:
                again += 1
            found.add(anchor)
    return found


def run(page: Path) -> Iterator[Run]:
    """Run the Python blocks of a page, one after the other, as one module."""
    module = types.ModuleType(page.stem.replace("-", "_"))
    sys.modules[module.__name__] = module
    every = list(blocks(page))
    for block, after in zip(every, [*every[1:], None], strict=True):
        if block.language == "python" and not block.not_run:
            printed, warned = run_block(block, page, vars(module))
            yield Run(block.line, printed, warned, after.text if after and after.language == "text" else None)


def run_block(block: Block, page: Path, namespace: dict[str, Any]) -> tuple[str, list[str]]:
    """Run one block; return its output and its warnings."""
    # So that a traceback points at the line of the page.
    code = compile("\n" * (block.line - 1) + block.text, page, "exec")
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(io.StringIO()) as printed:
        warnings.simplefilter("always")
        exec(code, namespace)
    # Deprecation warnings between packages do not concern the page.
    said = [each for each in caught if not issubclass(each.category, DeprecationWarning | PendingDeprecationWarning)]
    return printed.getvalue(), [f"{each.category.__name__}: {each.message}" for each in said]


def difference(ran: Run) -> str:
    """Return how the page is wrong about a block, or an empty text. Output is compared literally. A warning may be
    wrapped, and may follow its place and category.
    """
    if ran.warned:
        shown, texts = BEFORE.sub("", ran.shown or ""), BEFORE.sub("", "\n".join(ran.warned))
        return "" if shown.split() == texts.split() else f"line {ran.line} warns:\n" + "\n".join(ran.warned)
    if ran.printed:
        return "" if ran.printed == ran.shown else f"line {ran.line} prints:\n{ran.printed}"
    return "" if ran.shown is None else f"line {ran.line} prints nothing"


if __name__ == "__main__":
    print(json.dumps([difference(ran) for ran in run(Path(sys.argv[1]))]))
