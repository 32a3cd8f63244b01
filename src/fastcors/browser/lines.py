"""The lines that `explain` and the command line show: a browser's steps, and the answers that they check."""

import textwrap
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from .steps import CORS_CHECK, PREFLIGHT, Answer, Step

_WIDTH = 80

# Prefixes of the header names that matter to CORS.
_SHOWN = ("access-control-", "location", "vary")


class Line(NamedTuple):
    """One line of an explanation. A long line is wrapped."""

    kind: Literal["passed", "failed", "step", "answer", "browser", "hint", "change"]
    text: str
    label: str = ""
    indent: int = 4
    """The indent of the wrapped lines after the first, in characters."""

    def __str__(self) -> str:
        return self.wrapped(_WIDTH)

    def wrapped(self, width: int) -> str:
        """Return the line, broken into lines of at most `width` characters."""
        wrapper = textwrap.TextWrapper(width, self.label, " " * self.indent, break_on_hyphens=False)
        return wrapper.fill(self.text)


def verdict(question: str, allowed: bool, answer: str = "") -> Line:
    """Return the question with `answer`, by default "allowed" or "blocked"."""
    answer = answer or ("allowed" if allowed else "blocked")
    return Line("passed" if allowed else "failed", f"{question}: {answer}")


def exchange_lines(
    steps: Iterable[Step], preflight: Answer | None, actual: Answer | None, of_actual: str = "The server's response has"
) -> Iterator[Line]:
    """Yield a browser's steps, and each answer before the first step that checks it.

    `of_actual` introduces the answer to the actual request.
    """
    answers: list[tuple[Answer, str]] = []
    if preflight is not None:
        answers.append((preflight, f"The server answers the preflight with {preflight.status} {preflight.body}"))
    if actual is not None:
        answers.append((actual, of_actual))
    for step in steps:
        # The CORS check is the first check of an answer, except of a preflight that redirects.
        begins = (step.section, step.number) == (CORS_CHECK, "2") or (step.section == PREFLIGHT and actual is None)
        if answers and begins:
            yield from _answer_lines(*answers.pop(0))
        found = f"{step.section}{f', step {step.number}' if step.number else ''}: {step.found}"
        yield Line("step", found, "  ok    ", 8) if step.passed else Line("failed", found, "  FAIL  ", 8)


def _answer_lines(answer: Answer, title: str) -> Iterator[Line]:
    yield Line("answer", title.rstrip())
    for name, value in answer.headers:
        if name.lower().startswith(_SHOWN):
            yield Line("answer", f"{name}: {value}", "    ", 8)
