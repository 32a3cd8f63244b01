"""How `explain` and `probe` show what was asked, what came back, and what a browser makes of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from ..browser.steps import CORS_CHECK, NETWORK, PREFLIGHT, Answer, Step
from .output import grid, styled

REDIRECT = 'Fetch, "HTTP-redirect fetch"'

_OF_CORS = ("access-control-", "location", "vary")


def verdict(question: str, passed: bool, answer: str = "") -> Text:
    """Return the question with its answer, "allowed" or "blocked" unless it is another."""
    said = answer or ("allowed" if passed else "blocked")
    return Text.assemble(styled(question, "bold"), ": ", styled(said, "bold green" if passed else "bold red"))


def exchange_view(
    steps: Sequence[Step], preflight: Answer | None, actual: Answer | None, of_actual: str
) -> Iterator[RenderableType]:
    """Yield what a browser looks at before it sends anything, and each answer with what it makes of that. `of_actual`
    says what the answer to the request is.
    """
    first = _count(steps, (CORS_CHECK, PREFLIGHT, NETWORK), False)
    last = _count(steps[::-1], (CORS_CHECK, REDIRECT), True) if actual is not None else 0
    until = len(steps) - last
    if first:
        yield ""
        yield _steps_table(steps[:first])
    if preflight is not None:
        yield ""
        yield styled(f"The preflight is answered with {preflight.status} {preflight.body}".rstrip())
        yield _headers_table(preflight)
        yield _steps_table(steps[first:until])
    if actual is not None:
        yield ""
        yield styled(of_actual)
        yield _headers_table(actual)
        yield _steps_table(steps[until:])


def _count(steps: Iterable[Step], sections: tuple[str, ...], among: bool) -> int:
    """Return how many steps at the beginning are of these sections, or are of none of them."""
    count = 0
    for step in steps:
        if (step.section in sections) is not among:
            break
        count += 1
    return count


def _steps_table(steps: Iterable[Step]) -> RenderableType:
    return grid((_passed(step), styled(step.section), styled(step.number), styled(step.found)) for step in steps)


def _passed(step: Step) -> Text:
    return Text("ok", "green") if step.passed else Text("FAIL", "bold red")


def _headers_table(answer: Answer) -> RenderableType:
    """Return those headers that CORS is about."""
    told = (pair for pair in answer.headers if pair[0].lower().startswith(_OF_CORS))
    return grid(((styled(f"{name}:", "dim"), styled(value)) for name, value in told), indent=4)


def answer_as_dict(answer: Answer | None) -> dict[str, Any] | None:
    """Return an answer as what JSON can hold."""
    return answer and {**answer._asdict(), "headers": [list(pair) for pair in answer.headers]}
