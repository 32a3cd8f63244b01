"""`fastcors explain`: what becomes of one request, step by step, as the app's CORS middleware decides it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.console import RenderableType

from ..explain import Decision, explain
from .check import class_name, placed_as_dict, position
from .configuration import examined
from .loading import CannotTell, load, recorded_warnings
from .output import counted, print_json, show, styled
from .stack import Placed, answering, cors_middlewares, stack_of
from .steps import exchange_view, verdict


class Asked(NamedTuple):
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


def explain_app(asked: Asked, page: dict[str, Any], as_json: bool) -> int:
    """Print what becomes of the request that `page` describes, as `explain` takes it; return the exit status.

    That is 0 where the page may read the response, else 1. Raises `CannotTell`.
    """
    explained = _explained(asked, page)
    decision = explained.decision
    if as_json:
        print_json(_as_dict(asked, explained))
    else:
        show(_view(asked, explained))
    return int(decision is None or not decision.allowed)


def _explained(asked: Asked, page: dict[str, Any]) -> Explained:
    with recorded_warnings():
        stack = stack_of(load(asked.target, asked.factory, asked.directory).app)
    found = cors_middlewares(stack)
    if asked.number is not None and not 0 < asked.number <= len(found):
        raise CannotTell(
            f"{asked.target} has {counted(len(found), 'CORS middleware')}, and so no number {asked.number}."
        )
    if asked.number is not None:
        placed: Placed | None = found[asked.number - 1]
    elif asked.path is not None:
        placed = answering(stack, asked.path)
    else:
        placed = next(iter(found), None)
    return Explained(placed, None if placed is None else _decision(asked, placed, page), len(found))


def _decision(asked: Asked, placed: Placed, page: dict[str, Any]) -> Decision:
    made = examined(placed.layer)
    if made.middleware is None:
        raise CannotTell(f"{asked.target} cannot start: to make {class_name(placed)} raises {made.raised}")
    try:
        return explain(made.middleware, **page)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CannotTell(str(error)) from error


def _as_dict(asked: Asked, explained: Explained) -> dict[str, Any]:
    placed, decision, _ = explained
    middleware = placed and placed_as_dict(placed)
    return {
        "app": asked.target,
        "middleware": middleware,
        **({"allowed": False} if decision is None else decision.as_dict()),
    }


def _view(asked: Asked, explained: Explained) -> Iterator[RenderableType]:
    placed, decision, among = explained
    if placed is None or decision is None:
        where = f" for {asked.path}" if asked.path is not None else ""
        yield verdict(f"{asked.target}{where}", False)
        yield styled("No CORS middleware answers there, so no response says that a page of another origin may read it.")
        return
    yield verdict(_question(decision), decision.allowed)
    yield styled(f"{asked.target}: {placed.number}. {class_name(placed)}, {position(placed)}")
    if among > 1 and asked.path is None and asked.number is None:
        yield styled(f"It is the outermost of {among}: --path or --index asks another.")
    yield from exchange_view(decision.steps, decision.preflight, decision.actual, "The app's response gets")
    yield from _conclusion(decision)


def _question(decision: Decision) -> str:
    request = decision.request
    more = [*(name for name, _ in request.headers), *["credentials"] * request.credentials]
    return f"{request.method} from {request.origin}" + (f" with {', '.join(more)}" if more else "")


def _conclusion(decision: Decision) -> Iterator[RenderableType]:
    yield ""
    yield styled(f"The browser: {decision.browser}")
    for hint in decision.hints:
        yield styled(f"Nearly: {hint}", "yellow")
    if not decision.allowed:
        yield styled(f"To allow it: {decision.change or 'no change of the parameters alone is known.'}", "green")
    if decision.warning:
        yield styled(f"Unsafe: {decision.warning}", "bold red")
