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
    """Return the answer of `allow_origin_func`. It is False if the function raised `exception`, which is logged, or
    returned an object of another type.
    """
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
    """Call `step` when this is awaited, because then the task is that of the request."""
    await step()


async def decide(
    awaitable: Awaitable[object], middleware: Any, origin: str, go_on: Callable[[bool], Awaitable[object]]
) -> None:
    """Await the answer of `allow_origin_func` about `origin`, and go on with it. A failure refuses the origin."""
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

    Servers and asgiref ask `inspect` for the difference, which looks for this flag. CPython itself ignores it, because
    an instruction makes the coroutine. For another implementation, the flag may mean more.
    """
    flag = inspect.CO_COROUTINE if sys.implementation.name == "cpython" else 0
    return code.replace(co_flags=code.co_flags | flag, **names)
