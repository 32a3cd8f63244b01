"""Refusals made visible: a line in the log and a call of `on_refusal` for each request that CORS refuses.

What is shown was sent by whoever made the request, so it is escaped and cut: it can neither forge a line nor fill
the log.
"""

import contextlib
import inspect
import logging
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Scope

from .types import OnRefusal

LOGGER = logging.getLogger("fastcors")

# A key of a scope that nobody sent: the request is a question of `explain`.
EXPLAINING = "fastcors.explaining"

# Characters of one value: more than any that is worth reading.
_LONGEST = 200


def levels() -> dict[int, bool] | None:
    """Return what `LOGGER` knows about which levels are on; None where it cannot be relied on.

    `logging` keeps one dict per logger: it is filled by `isEnabledFor` and cleared whenever any level changes, so
    that a look at it is worth a call. A logger of another class may decide in another way.
    """
    known = getattr(LOGGER, "_cache", None)
    own = getattr(LOGGER.isEnabledFor, "__func__", None) is not logging.Logger.isEnabledFor
    return None if own or type(known) is not dict else known


def check_callback(callback: Any) -> None:
    """Raise `TypeError` for what cannot be called, or would have to be awaited, which nobody does."""
    if callback is None:
        return
    if not callable(callback):
        raise TypeError(f"on_refusal={callback!r} cannot be called. Pass a function of origin, reasons and scope.")
    if inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(type(callback).__call__):
        raise TypeError(
            f"on_refusal={callback!r} is a coroutine function, and nothing awaits it. Pass a plain function; it can "
            f"hand on to a task or a queue what takes time."
        )


def report(callback: OnRefusal | None, scope: Scope, origin: str, reasons: tuple[str, ...]) -> None:
    """Log one refusal and pass it to `callback`. An exception of either is logged, and the request goes on."""
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
    """Log the exception that is being handled. One of the log itself, such as of a filter, goes nowhere: the request
    goes on.
    """
    with contextlib.suppress(Exception):
        LOGGER.exception(message, *values)


def _log(scope: Scope, origin: str, reasons: tuple[str, ...]) -> None:
    # A WebSocket's scope has no method.
    method, headers = scope.get("method"), Headers(scope=scope)
    fields = {"origin": origin, "path": scope.get("path"), "method": method}
    what = "WebSocket" if method is None else "actual request"
    if method == "OPTIONS" and "access-control-request-method" in headers:
        what = "preflight"
        fields["method"] = headers["access-control-request-method"]
        fields["headers"] = headers.get("access-control-request-headers")
        fields["private-network"] = headers.get("access-control-request-private-network")
    LOGGER.debug(
        "%s refused (%s): %s",
        what,
        ", ".join(reasons),
        " ".join(f"{name}={shown(value)}" for name, value in fields.items() if value is not None),
    )


def shown(value: str) -> str:
    """Return `value` as a literal of printable ASCII that is not too long to read."""
    return ascii(value) if len(value) <= _LONGEST else f"{value[:_LONGEST]!a}... ({len(value)} characters)"
