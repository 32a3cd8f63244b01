"""Amending the headers of a response."""

from typing import TYPE_CHECKING, Any

from .compiled_policy import CompiledPolicy
from .dispatch import current
from .names import ALLOW_ORIGIN, VARY, VARY_ORIGIN, Judged, Scope
from .outcomes import ORIGIN_FAILED, report_refusal
from .pairs import merge, reflecting, unchanged
from .values import LONGEST

if TYPE_CHECKING:
    from ..types import Pairs


def amend(middleware: Any, message: dict[str, Any], origin: bytes | None, scope: Scope) -> bool:
    """Add the CORS headers to the response, or leave it untouched and return False for the slow path."""
    compiled = middleware._fastcors_cache.policy
    cls = type(middleware)
    if (
        compiled is None
        or compiled.takes_slow_path
        or cls is not compiled.cls
        or cls.is_allowed_origin is not compiled.is_allowed_origin
        or middleware.allow_explicit_origin is not compiled.allow_explicit_origin
        or compiled.own_origin.__code__ is not compiled.origin_code
        or compiled.own_explicit.__code__ is not compiled.explicit_code
    ):
        compiled = current(middleware)
    if (
        origin is not None
        and not compiled.takes_slow_path
        and not unchanged(compiled.simple_headers, compiled.simple_items)
    ):
        compiled = middleware._fastcors_compile(True)
    headers = None if compiled.takes_slow_path else message.get("headers")
    if type(headers) is not list and (compiled.takes_slow_path or (headers := _own_headers(message)) is None):
        return False
    names, colliding = compiled.actual_names, None
    try:
        # Names match byte for byte.
        for pair in headers:
            # An iterator could be unpacked only once.
            if type(pair) is not tuple and type(pair) is not list:
                return False
            name, value = pair
            if name in names:
                if type(value) is not bytes:
                    return False
                colliding = name if colliding is None else b"several"
    except (TypeError, ValueError):
        return False
    pairs: Pairs = () if origin is None else compiled.actual_pairs
    if origin is not None and compiled.checks_origin:
        known = compiled.known_origins.get(origin) if len(origin) <= LONGEST else None
        explicit_pair: Judged = None
        if known is not None and compiled.actual_origin_at < 0:
            place, text, explicit_pair = known
            try:
                if place >= 0 and compiled.origin_list[place] is not text:
                    explicit_pair = None
            except IndexError:  # the list got shorter
                explicit_pair = None
        if explicit_pair and colliding is None:
            message["headers"] = [*headers, *pairs, explicit_pair, VARY_ORIGIN]
            return True
        if explicit_pair:
            pairs = (*pairs, explicit_pair)
        elif (others := _pairs_for(compiled, middleware, origin)) is None:
            return False
        else:
            pairs = others
    message["headers"] = [*headers, *pairs, VARY_ORIGIN] if colliding is None else _merged(headers, pairs, colliding)
    # For an allowed origin that has to be named, these would be other pairs.
    if origin is not None and pairs is compiled.actual_pairs and compiled.checks_origin:
        report_refusal(middleware, scope, origin, ORIGIN_FAILED)
    return True


def _own_headers(message: dict[str, Any]) -> list[Any] | tuple[Any, ...] | None:
    """Return the app's headers, or None if they are neither a list nor a tuple."""
    headers = message.get("headers")
    if type(headers) is list or type(headers) is tuple:
        return headers
    return () if headers is None and "headers" not in message else None


def _pairs_for(compiled: CompiledPolicy, middleware: Any, origin: bytes) -> "Pairs | None":
    """Return our headers without Vary for a request from `origin`, which is checked, or None for the slow path."""
    pairs: Pairs = compiled.actual_pairs
    explicit_pair = (
        reflecting(ALLOW_ORIGIN, origin) if compiled.reflects_all else compiled.check_origin(middleware, origin)
    )
    if not explicit_pair:
        return None if compiled.refuses_slowly else pairs
    at = compiled.actual_origin_at
    return (*pairs, explicit_pair) if at < 0 else (*pairs[:at], explicit_pair, *pairs[at + 1 :])


def _merged(headers: Any, pairs: "Pairs", colliding: bytes) -> list[Any]:
    """Return a new list of the app's headers and ours, some of which have the same name."""
    if colliding == VARY:
        joined = [(VARY, pair[1] + b", Origin") if pair[0] == VARY else pair for pair in headers]
        return [*joined, *pairs]
    merged = [*headers]
    merge(merged, pairs)
    return merged
