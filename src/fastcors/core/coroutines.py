"""The native coroutine functions of the request path, for both cores.

They are in Python on purpose: `asyncio.create_task` and `inspect` expect the type of coroutine that Starlette's methods
return, and Cython's own coroutines have another type.
"""

import inspect
import sys
from collections.abc import Awaitable, Callable
from types import CodeType
from typing import Any


async def answer(send: Callable[[Any], Awaitable[object]], start: Any, body: Any) -> None:
    """Send a whole response."""
    await send(start)
    await send(body)


def settle(answer: object, exception: BaseException | None, origin: str, middleware: Any) -> object:
    """Return what `allow_origin_func` said: False if it raised `exception`, which is logged, or if it is no answer."""
    try:
        if exception is not None:
            raise exception
        if inspect.isawaitable(answer):
            return answer
        raise TypeError(f"allow_origin_func returned {answer!r}, which is neither True nor False")
    except Exception:
        middleware._fastcors_function_failed(origin)
        return False


async def run_later(step: Callable[[], Awaitable[object]]) -> None:
    """Take a step when this is awaited: then the task is that of the request."""
    await step()


async def decide(
    awaitable: Awaitable[object], middleware: Any, origin: str, go_on: Callable[[bool], Awaitable[object]]
) -> None:
    """Await the answer of `allow_origin_func` about `origin`, which fails closed, and go on with it."""
    allowed = False
    try:
        answer = await awaitable
        if answer is not True and answer is not False:
            raise TypeError(f"allow_origin_func returned {answer!r}, which is neither True nor False")
        allowed = answer
    except Exception:
        middleware._fastcors_function_failed(origin)
    await go_on(allowed)


async def finish(awaitable: Awaitable[object]) -> None:
    """Turn an awaitable into a coroutine."""
    await awaitable


def flagged(code: CodeType, **names: Any) -> CodeType:
    """Return `code`, under other names, for a function that returns a coroutine instead of being a coroutine function.

    Servers and asgiref ask `inspect` for the difference, which looks for this flag. CPython itself does not: an
    instruction makes the coroutine. To another implementation the flag may mean more.
    """
    flag = inspect.CO_COROUTINE if sys.implementation.name == "cpython" else 0
    return code.replace(co_flags=code.co_flags | flag, **names)
