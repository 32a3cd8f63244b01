"""The `send` that the app gets."""

import inspect
import sys
from types import CoroutineType
from typing import Any

from .coroutines import finish
from .names import Message, Scope, Send
from .response import amend


def send_message(middleware: Any, send: Send, origin: bytes | None, scope: Scope, message: Message) -> Any:
    """What becomes the `send` that the app gets, with all but `message` given: it amends the start of the response
    and forwards the rest.
    """
    if type(message) is dict:
        kind = message.get("type")
        if amend(middleware, message, origin, scope) if kind == "http.response.start" else type(kind) is str:
            # Starlette's methods return coroutines, as `asyncio.create_task` demands; a server's `send` may return
            # another awaitable.
            sent: Any = send(message)
            return sent if type(sent) is CoroutineType else finish(sent)
    return middleware._fastcors_slow_send(message, send, origin, scope)


def _flag_as_coroutine_function(function: Any) -> None:  # pragma: no cover  # on 3.11 alone
    # To CPython 3.11 a flag that is only looked at, as an instruction makes the coroutine; to others it is more.
    flag = inspect.CO_COROUTINE if sys.implementation.name == "cpython" else 0
    function.__code__ = function.__code__.replace(co_flags=function.__code__.co_flags | flag)


# Starlette hands out a coroutine function and asgiref warns of anything less, so `inspect` has to see that the result
# of `send_message` is to be awaited. A coroutine of its own would make each message slower.
getattr(inspect, "markcoroutinefunction", _flag_as_coroutine_function)(send_message)
