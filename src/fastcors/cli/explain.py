"""`fastcors explain`: shows step by step how the app's CORS middleware decides on one request."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.console import RenderableType

from ..browser.decision import Decision
from ..browser.lines import Line, verdict
from ..explain import explain
from .check import class_name, placed_as_dict, position
from .configuration import examined
from .loading import CannotTell, load, recorded_warnings
from .output import LinesView, counted, print_json, show, styled
from .stack import Placed, answering, cors_middlewares, stack_of


class Question(NamedTuple):
    """Selects an app and one of its CORS middlewares."""

    target: str
    factory: bool = False
    directory: Any = None
    path: str | None = None
    """The path or the whole URL of the request, if it is known."""
    number: int | None = None
    """The middleware's number. Without it, the middleware that answers for `path`, or the outermost one, is used."""


def explain_app(question: Question, page: dict[str, Any], as_json: bool) -> int:
    """Print the decision on the request that `page` describes, in arguments of `explain`; return the exit status.

    The status is 0 if the page may read the response, otherwise 1. Raises `CannotTell`.
    """
    placed, count = _placed(question)
    decision = None if placed is None else _decision(question, placed, page)
    if as_json:
        middleware = placed and placed_as_dict(placed)
        result = {"allowed": False} if decision is None else decision.as_dict()
        print_json({"app": question.target, "middleware": middleware, **result})
    else:
        show(_view(question, placed, decision, count))
    return int(decision is None or not decision.allowed)


def _placed(question: Question) -> tuple[Placed | None, int]:
    """Return the selected middleware, if there is one, and the number of CORS middlewares in the app."""
    with recorded_warnings():
        app, _ = load(question.target, question.factory, question.directory)
        stack = stack_of(app)
    found = cors_middlewares(stack)
    if question.number is not None and not 0 < question.number <= len(found):
        raise CannotTell(
            f"{question.target} has {counted(len(found), 'CORS middleware')}, and so no number {question.number}."
        )
    if question.number is not None:
        return found[question.number - 1], len(found)
    if question.path is not None:
        return answering(stack, question.path), len(found)
    return next(iter(found), None), len(found)


def _decision(question: Question, placed: Placed, page: dict[str, Any]) -> Decision:
    made = examined(placed.layer)
    if made.middleware is None:
        raised = f"{question.target} cannot start: creating {class_name(placed)} raises {made.raised}"
        raise CannotTell("\n".join([raised, *made.notes]))
    try:
        return explain(made.middleware, **page)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CannotTell(str(error)) from error


def _view(question: Question, placed: Placed | None, decision: Decision | None, count: int) -> Iterator[RenderableType]:
    if placed is None or decision is None:
        where = f" for {question.path}" if question.path is not None else ""
        yield LinesView([verdict(f"{question.target}{where}", False)])
        yield styled("No CORS middleware answers there, so no response says that a page of another origin may read it.")
        return
    lines = [*decision.lines()]
    # The verdict and the change come first, then who answered, then the steps.
    steps = next(at for at, line in enumerate(lines) if line.kind == "browser")
    yield LinesView(lines[:steps])
    asked = f"{question.target}, {placed.number}. {class_name(placed)}, {position(placed)}"
    yield LinesView([Line("answer", asked, "Middleware: ")])
    if count > 1 and question.path is None and question.number is None:
        other = f"It is the outermost of {count}. Use --path or --index to ask another."
        yield LinesView([Line("answer", other, "    ")])
    yield LinesView(lines[steps:])
