"""What a request can fail at, and what becomes of that: the answer to a preflight, and the report."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .names import _Scope
from .text import _text_of

if TYPE_CHECKING:
    from ..policy import Pair


def _preflight_outcomes() -> Iterable[tuple[int, "Pair", bytes, tuple[str, ...]]]:
    """Status, Content-Length, body and reasons for each set of failures."""
    names = ("origin", "method", "headers", "private-network")
    for failures in range(16):
        reasons = tuple(name for bit, name in enumerate(names) if failures >> bit & 1)
        body = b"Disallowed CORS " + ", ".join(reasons).encode() if reasons else b"OK"
        yield 400 if reasons else 200, (b"content-length", b"%d" % len(body)), body, reasons


_PREFLIGHT_OUTCOMES = tuple(_preflight_outcomes())


def _refused(middleware: Any, scope: _Scope, origin: bytes, failures: int) -> None:
    """Report a refused request, where it may concern somebody."""
    compiled = middleware._fastcors_cache.policy
    if compiled is None or compiled.reports(middleware):
        middleware._fastcors_refused(scope, _text_of(origin), _PREFLIGHT_OUTCOMES[failures][3])
