"""`allow_origin_func`: the user's function decides about an origin that nothing else allows, once per request."""

import inspect
from typing import Any

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.types import Scope

from .refusals import report_failure, shown
from .standard.headers import has_control
from .types import AllowOriginFunc


class RequestState:
    """One request: its scope, and the answer of `allow_origin_func`.

    The answer is not stored in the scope, which a server may reuse and an app may copy for another request.
    """

    __slots__ = ("answer", "reported", "scope")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.answer: Any = None
        self.reported = False

    def __reduce__(self) -> tuple[Any, ...]:
        # The headers that hold this object can be copied and pickled; a copy of them belongs to no request.
        return type(None), ()


def check_function(function: Any) -> None:
    """Raise `TypeError` if `function` cannot be called."""
    if function is not None and not callable(function):
        raise TypeError(
            f"allow_origin_func={function!r} cannot be called. Pass a function of origin and scope. [not-callable]"
        )


async def is_allowed(
    middleware: StarletteCORSMiddleware, request: RequestState, origin: str, judged: tuple[str, bool] | None
) -> tuple[str, bool] | None:
    """Return `origin` and whether it is allowed: by the configuration, or else by `allow_origin_func`.

    `judged` is the verdict of the configuration, if the caller knows it already. It is returned unchanged if there is
    no function, or every origin is allowed. The answer of the function counts for the rest of the request.
    """
    function = vars(middleware)["allow_origin_func"]
    if function is None or middleware.allow_all_origins:
        return judged
    if judged is None or judged[0] != origin:
        judged = origin, bool(middleware.is_allowed_origin(origin=origin))
    if judged[1]:
        return judged
    if said(request, middleware, function, origin) is None:
        request.answer = middleware, function, origin, await ask(function, origin, request.scope)
    return origin, said(request, middleware, function, origin) is True


def said(
    request: RequestState, middleware: StarletteCORSMiddleware, function: AllowOriginFunc, origin: str
) -> bool | None:
    """Return the answer of `function` for `request`, if the same middleware called it with the same origin."""
    known = request.answer
    if known is None or known[0] is not middleware or known[1] is not function or known[2] != origin:
        return None
    return bool(known[3])


async def ask(function: AllowOriginFunc, origin: str, scope: Scope) -> bool:
    """Call `function`, and await its answer if that is an awaitable. An exception, which is logged, and any answer
    other than True or False refuse the origin.
    """
    if has_control(origin):
        return False
    try:
        answer = function(origin, scope)
        if inspect.isawaitable(answer):
            answer = await answer
        if answer is not True and answer is not False:
            raise TypeError(f"allow_origin_func returned {answer!r}, which is neither True nor False")
    except Exception:
        function_failed(origin)
        return False
    return answer


def function_failed(origin: str) -> None:
    """Log the exception of a function that was asked about `origin`."""
    report_failure("allow_origin_func failed, so that it allows no origin=%s", shown(origin))
