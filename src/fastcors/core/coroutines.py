"""The native coroutine functions of the request path, for both cores.

Written in Python on purpose: `asyncio.create_task` and `inspect` want the type of coroutine that Starlette's methods
return, and Cython's own coroutines are of another.
"""

from collections.abc import Awaitable, Callable
from typing import Any


async def answer(send: Callable[[Any], Awaitable[object]], start: Any, body: Any) -> None:
    """Send a whole response."""
    await send(start)
    await send(body)


async def finish(awaitable: Awaitable[object]) -> None:
    """Wait for what is not a coroutine."""
    await awaitable
