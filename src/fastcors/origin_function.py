"""`allow_origin_func`: somebody's own code decides about an origin that nothing else allows, once for each request."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.types import Scope

from .core.policy import has_control
from .refusals import report_failure, shown

if TYPE_CHECKING:
    from .middleware import CORSMiddleware, _Request

AllowOriginFunc: TypeAlias = Callable[[str, Scope], bool | Awaitable[bool]]


def check_function(function: Any) -> None:
    """Raise `TypeError` for what cannot be called."""
    if function is not None and not callable(function):
        raise TypeError(f"allow_origin_func={function!r} cannot be called. Pass a function of origin and scope.")


async def is_allowed(
    middleware: "CORSMiddleware", request: "_Request", origin: str, judged: tuple[str, bool] | None
) -> tuple[str, bool] | None:
    """Return `origin` and whether it is allowed: by the configuration, or else by `allow_origin_func`.

    `judged` is what the configuration says where that is known, and what is returned where the function has no say.
    An answer of the function counts for the rest of the request.
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


def said(request: "_Request", middleware: "CORSMiddleware", function: AllowOriginFunc, origin: str) -> bool | None:
    """Return what `function` said of `request`, if the same middleware asked it about the same origin."""
    known = request.answer
    if known is None or known[0] is not middleware or known[1] is not function or known[2] != origin:
        return None
    return bool(known[3])


async def ask(function: AllowOriginFunc, origin: str, scope: Scope) -> bool:
    """Ask `function`, and wait for its answer where it has to be awaited. An exception, which is logged, and anything
    but True or False refuse the origin.
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
        report_failure("allow_origin_func failed, so that it allows no origin=%s", shown(origin))
        return False
    return answer
