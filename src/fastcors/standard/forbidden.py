"""Methods and headers that the Fetch standard, sections 2.2.1 and 2.2.2, keeps from scripts."""

_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})

_REQUEST_NAMES = (
    "accept-charset accept-encoding access-control-request-headers access-control-request-method connection "
    "content-length cookie cookie2 date dnt expect host keep-alive origin referer set-cookie te trailer "
    "transfer-encoding upgrade via"
)
_FORBIDDEN_REQUEST_NAMES = frozenset(_REQUEST_NAMES.split())
_METHOD_OVERRIDES = frozenset({"x-http-method", "x-http-method-override", "x-method-override"})

FORBIDDEN_RESPONSE_NAMES = frozenset({"set-cookie", "set-cookie2"})
"""Fetch, "forbidden response-header name": no browser lets a script read them."""


def is_forbidden_method(method: str) -> bool:
    """Fetch, "forbidden method": no browser lets a script send it."""
    return method.upper() in _METHODS


def is_forbidden_header(name: str, value: str | None) -> bool:
    """Fetch, "forbidden request-header": browsers ignore a script that sets it. Without a `value`, only names that are
    forbidden with any value count.
    """
    lower = name.lower()
    if lower in _FORBIDDEN_REQUEST_NAMES or lower.startswith(("proxy-", "sec-")):
        return True
    return lower in _METHOD_OVERRIDES and any(is_forbidden_method(part.strip()) for part in (value or "").split(","))
