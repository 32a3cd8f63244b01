"""The `send` that the app gets."""

import inspect
from types import CoroutineType
from typing import Any

from .coroutines import finish, flagged
from .names import Message, Scope, Send
from .response import amend


def send_message(middleware: Any, send: Send, origin: bytes | None, scope: Scope, message: Message) -> Any:
    """Amend the start of the response and forward the rest. With all but `message` bound, it is the app's `send`."""
    try:
        follows = message["type"] != "http.response.start"
    except Exception:  # raise it where the app awaits
        return middleware._fastcors_slow_send(message, send, origin, scope)
    if follows or (type(message) is dict and amend(middleware, message, origin, scope)):
        # `asyncio.create_task` demands a coroutine; a server's `send` may return another awaitable.
        sent: Any = send(message)
        return sent if type(sent) is CoroutineType else finish(sent)
    return middleware._fastcors_slow_send(message, send, origin, scope)


def _flag_as_coroutine_function(function: Any) -> None:  # pragma: no cover  # on 3.11 alone
    function.__code__ = flagged(function.__code__)


# Starlette hands out a coroutine function, and asgiref warns about anything else. So `inspect` has to see one here too.
# A real one would add a coroutine to each message.
getattr(inspect, "markcoroutinefunction", _flag_as_coroutine_function)(send_message)
