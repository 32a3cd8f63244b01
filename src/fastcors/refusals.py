"""Reports each request that CORS refuses: a line in the log, and a call of `on_refusal`.

The client controls the values in that line, so they are escaped and shortened: they can neither forge a line nor
fill the log.
"""

import contextlib
import inspect
import logging
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Scope

from .standard.headers import REQUEST_HEADERS, REQUEST_METHOD, REQUEST_PRIVATE_NETWORK
from .types import OnRefusal

LOGGER = logging.getLogger("fastcors")

# `explain` puts this key into the scopes of its requests, which no client sent.
EXPLAINING = "fastcors.explaining"

# The most characters of one value in the log.
_LONGEST = 200


def levels() -> dict[int, bool] | None:
    """Return the dict in which `LOGGER` caches whether a level is enabled, or None if the dict is not reliable.

    `isEnabledFor` fills this dict, and `logging` clears it whenever any level changes, so reading it replaces a call.
    A logger of another class may decide differently.
    """
    known = getattr(LOGGER, "_cache", None)
    own = getattr(LOGGER.isEnabledFor, "__func__", None) is not logging.Logger.isEnabledFor
    return None if own or type(known) is not dict else known


def check_callback(callback: Any) -> None:
    """Raise `TypeError` if `callback` cannot be called, or is a coroutine function, which nothing would await."""
    if callback is None:
        return
    if not callable(callback):
        raise TypeError(
            f"on_refusal={callback!r} cannot be called. Pass a function of origin, reasons and scope. [not-callable]"
        )
    if inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(type(callback).__call__):
        raise TypeError(
            f"on_refusal={callback!r} is a coroutine function, and nothing awaits it. Pass a plain function, which can "
            f"start a task for what takes time."
        )


def report(callback: OnRefusal | None, scope: Scope, origin: str, reasons: tuple[str, ...]) -> None:
    """Log one refusal and pass it to `callback`. An exception in either is logged, and the request goes on."""
    try:
        if EXPLAINING in scope:
            return
        if LOGGER.isEnabledFor(logging.DEBUG):
            _log(scope, origin, reasons)
    except Exception:
        report_failure("a refusal could not be logged")
    if callback is not None:
        try:
            callback(origin, reasons, scope)
        except Exception:
            report_failure("on_refusal failed")


def report_failure(message: str, *values: object) -> None:
    """Log the exception that is being handled. If logging itself raises, for example in a filter, that exception is
    suppressed, so that the request goes on.
    """
    with contextlib.suppress(Exception):
        LOGGER.exception(message, *values)


def _log(scope: Scope, origin: str, reasons: tuple[str, ...]) -> None:
    # The scope of a WebSocket has no method.
    method, headers = scope.get("method"), Headers(scope=scope)
    fields = {"origin": origin, "path": scope.get("path"), "method": method}
    what = "WebSocket" if method is None else "actual request"
    if method == "OPTIONS" and REQUEST_METHOD in headers:
        what = "preflight"
        fields["method"] = headers[REQUEST_METHOD]
        fields["headers"] = headers.get(REQUEST_HEADERS)
        fields["private-network"] = headers.get(REQUEST_PRIVATE_NETWORK)
    details = " ".join(f"{name}={shown(value)}" for name, value in fields.items() if value is not None)
    LOGGER.debug("%s refused (%s): %s", what, ", ".join(reasons), details)


def shown(value: str) -> str:
    """Return `value` as a short literal of printable ASCII."""
    return ascii(value) if len(value) <= _LONGEST else f"{value[:_LONGEST]!a}... ({len(value)} characters)"
