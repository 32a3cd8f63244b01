"""`allow_origin_func`: somebody's own code decides about an origin that nothing else allows, once for each request."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.datastructures import Headers
from starlette.types import Scope

from .policy import has_control
from .refusals import report_failure, shown

if TYPE_CHECKING:
    from .middleware import CORSMiddleware

AllowOriginFunc: TypeAlias = Callable[[str, Scope], bool | Awaitable[bool]]

# Where a scope keeps an answer with the middleware that asked: what is mounted gets a copy, and asks for itself.
_ANSWER = "fastcors.answer"


def check_function(function: Any) -> None:
    """Raise `TypeError` for what cannot be called."""
    if function is not None and not callable(function):
        raise TypeError(f"allow_origin_func={function!r} cannot be called. Pass a function of origin and scope.")


async def is_allowed(middleware: "CORSMiddleware", headers: Headers, scope: Scope, allowed: bool | None) -> bool | None:
    """Tell whether the origin of a request is allowed: by the configuration, or else by `allow_origin_func`.

    `allowed` is what the configuration says where that is known, and what is returned where the function has no say.
    """
    function, origin = vars(middleware)["allow_origin_func"], headers.get("origin")
    if function is None or origin is None or middleware.allow_all_origins:
        return allowed
    asked, answer = scope.get(_ANSWER, (None, False))
    if asked is not middleware:
        if allowed is None:
            allowed = bool(middleware.is_allowed_origin(origin=origin))
        answer = allowed or await ask(function, origin, scope)
        scope[_ANSWER] = middleware, answer
    return bool(answer)


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
