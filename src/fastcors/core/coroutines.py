"""The native coroutine functions of the request path, for both cores.

They are in Python on purpose: `asyncio.create_task` and `inspect` expect the type of coroutine that Starlette's methods
return, and Cython's own coroutines have another type.
"""

from collections.abc import Awaitable, Callable
from typing import Any


async def answer(send: Callable[[Any], Awaitable[object]], start: Any, body: Any) -> None:
    """Send a whole response."""
    await send(start)
    await send(body)


async def finish(awaitable: Awaitable[object]) -> None:
    """Turn an awaitable into a coroutine."""
    await awaitable
