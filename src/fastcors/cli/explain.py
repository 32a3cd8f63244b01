"""`fastcors explain`: what becomes of one request, step by step, as the app's CORS middleware decides it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.console import RenderableType

from ..browser.decision import Decision
from ..browser.lines import verdict
from ..explain import explain
from .check import class_name, placed_as_dict, position
from .configuration import examined
from .loading import CannotTell, load, recorded_warnings
from .output import counted, lines_view, print_json, show, styled
from .stack import Placed, answering, cors_middlewares, stack_of


class Question(NamedTuple):
    """Which middleware of which app a question is for."""

    target: str
    factory: bool = False
    directory: Any = None
    path: str | None = None
    """The path of the request, or its whole URL; None: it is not known."""
    number: int | None = None
    """The number of the middleware; None: the one that answers for `path`, else the outermost."""


class Explained(NamedTuple):
    """A decision, and the middleware that takes it. Without a middleware there is no decision."""

    placed: Placed | None
    decision: Decision | None
    among: int
    """How many CORS middlewares the app has."""


def explain_app(question: Question, page: dict[str, Any], as_json: bool) -> int:
    """Print what becomes of the request that `page` describes, as `explain` takes it; return the exit status.

    That is 0 where the page may read the response, else 1. Raises `CannotTell`.
    """
    explained = _explained(question, page)
    decision = explained.decision
    if as_json:
        print_json(_as_dict(question, explained))
    else:
        show(_view(question, explained))
    return int(decision is None or not decision.allowed)


def _explained(question: Question, page: dict[str, Any]) -> Explained:
    with recorded_warnings():
        stack = stack_of(load(question.target, question.factory, question.directory).app)
    found = cors_middlewares(stack)
    if question.number is not None and not 0 < question.number <= len(found):
        raise CannotTell(
            f"{question.target} has {counted(len(found), 'CORS middleware')}, and so no number {question.number}."
        )
    if question.number is not None:
        placed: Placed | None = found[question.number - 1]
    elif question.path is not None:
        placed = answering(stack, question.path)
    else:
        placed = next(iter(found), None)
    return Explained(placed, None if placed is None else _decision(question, placed, page), len(found))


def _decision(question: Question, placed: Placed, page: dict[str, Any]) -> Decision:
    made = examined(placed.layer)
    if made.middleware is None:
        raise CannotTell(f"{question.target} cannot start: to make {class_name(placed)} raises {made.raised}")
    try:
        return explain(made.middleware, **page)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CannotTell(str(error)) from error


def _as_dict(question: Question, explained: Explained) -> dict[str, Any]:
    placed, decision, _ = explained
    middleware = placed and placed_as_dict(placed)
    return {
        "app": question.target,
        "middleware": middleware,
        **({"allowed": False} if decision is None else decision.as_dict()),
    }


def _view(question: Question, explained: Explained) -> Iterator[RenderableType]:
    placed, decision, among = explained
    if placed is None or decision is None:
        where = f" for {question.path}" if question.path is not None else ""
        yield from lines_view([verdict(f"{question.target}{where}", False)])
        yield styled("No CORS middleware answers there, so no response says that a page of another origin may read it.")
        return
    first, *lines = decision.lines()
    yield from lines_view([first])
    yield styled(f"{question.target}: {placed.number}. {class_name(placed)}, {position(placed)}")
    if among > 1 and question.path is None and question.number is None:
        yield styled(f"It is the outermost of {among}: --path or --index asks another.")
    yield from lines_view(lines)
