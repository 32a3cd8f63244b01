"""The `send` that the app gets."""

import inspect
import sys
from types import CoroutineType
from typing import Any

from .coroutines import finish
from .names import Message, Scope, Send
from .response import amend


def send_message(middleware: Any, send: Send, origin: bytes | None, scope: Scope, message: Message) -> Any:
    """Amend the start of the response and forward the rest. With all but `message` bound, it is the app's `send`."""
    if type(message) is dict:
        kind = message.get("type")
        if amend(middleware, message, origin, scope) if kind == "http.response.start" else type(kind) is str:
            # `asyncio.create_task` demands a coroutine; a server's `send` may return another awaitable.
            sent: Any = send(message)
            return sent if type(sent) is CoroutineType else finish(sent)
    return middleware._fastcors_slow_send(message, send, origin, scope)


def _flag_as_coroutine_function(function: Any) -> None:  # pragma: no cover  # on 3.11 alone
    # CPython 3.11 only reads this flag, because an instruction makes the coroutine. To others it means more.
    flag = inspect.CO_COROUTINE if sys.implementation.name == "cpython" else 0
    function.__code__ = function.__code__.replace(co_flags=function.__code__.co_flags | flag)


# Starlette hands out a coroutine function, and asgiref warns about anything else, so `inspect` has to see one here too.
# A real one would add a coroutine to each message.
getattr(inspect, "markcoroutinefunction", _flag_as_coroutine_function)(send_message)
