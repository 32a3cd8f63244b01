"""How a browser's steps and the answers to them read: the lines that `explain` and the command line show."""

import textwrap
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from .steps import CORS_CHECK, PREFLIGHT, Answer, Step

_WIDTH = 80

# The headers that CORS is about.
_SHOWN = ("access-control-", "location", "vary")


class Line(NamedTuple):
    """One line of an explanation, which is wrapped where it is long."""

    kind: Literal["passed", "failed", "step", "answer", "browser", "hint", "change"]
    text: str
    label: str = ""
    indent: int = 4
    """How far all but the first of the wrapped lines are indented, in characters."""

    def __str__(self) -> str:
        return "\n".join(
            textwrap.wrap(
                self.text,
                _WIDTH,
                initial_indent=self.label,
                subsequent_indent=" " * self.indent,
                break_on_hyphens=False,
            )
        )


def verdict(question: str, allowed: bool, answer: str = "") -> Line:
    """Return the question with its answer: "allowed" or "blocked", unless another is given."""
    said = answer or ("allowed" if allowed else "blocked")
    return Line("passed" if allowed else "failed", f"{question}: {said}")


def exchange_lines(
    steps: Iterable[Step], preflight: Answer | None, actual: Answer | None, of_actual: str = "The server's response has"
) -> Iterator[Line]:
    """Yield the steps that a browser takes, each answer before the first step that is about it. `of_actual` introduces
    the answer to the request.
    """
    answers: list[tuple[Answer, str]] = []
    if preflight is not None:
        answers.append((preflight, f"The server answers the preflight with {preflight.status} {preflight.body}"))
    if actual is not None:
        answers.append((actual, of_actual))
    for step in steps:
        # The steps about an answer begin so; those about a preflight that redirects have no CORS check.
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
