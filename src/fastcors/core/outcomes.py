"""Reasons to refuse a request, the answers to preflights that name them, and the reports of refusals."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .names import Scope
from .text import text_of

if TYPE_CHECKING:
    from ..types import Pair

# The reasons to refuse a preflight, in the order in which the answer names them.
ORIGIN_FAILED = 1
METHOD_FAILED = 2
NAMES_FAILED = 4
NETWORK_FAILED = 8


def _preflight_outcomes() -> Iterable[tuple[int, "Pair", bytes, tuple[str, ...]]]:
    """Yield status, Content-Length, body and reasons for each set of failures."""
    names = ("origin", "method", "headers", "private-network")
    for failures in range(16):
        reasons = tuple(name for bit, name in enumerate(names) if failures >> bit & 1)
        body = b"Disallowed CORS " + ", ".join(reasons).encode() if reasons else b"OK"
        yield 400 if reasons else 200, (b"content-length", b"%d" % len(body)), body, reasons


PREFLIGHT_OUTCOMES = tuple(_preflight_outcomes())


def report_refusal(middleware: Any, scope: Scope, origin: bytes, failures: int) -> None:
    """Report a refused request if anyone may listen."""
    compiled = middleware._fastcors_cache.policy
    if compiled is None or compiled.reports(middleware):
        middleware._fastcors_refused(scope, text_of(origin), PREFLIGHT_OUTCOMES[failures][3])
