"""The headers of a response, amended."""

from typing import Any

from .dispatch import _current
from .names import _ORIGIN_FAILED, _VARY_ORIGIN, _Scope
from .outcomes import _refused
from .pairs import _merged, _unchanged


def _amend(middleware: Any, message: dict[str, Any], origin: bytes | None, scope: _Scope) -> bool:
    """Give the response its CORS headers, or touch nothing and return False: do it in full."""
    compiled = middleware._fastcors_cache.policy
    cls = type(middleware)
    if (
        compiled is None
        or compiled.answers_in_full
        or cls is not compiled.cls
        or cls.is_allowed_origin is not compiled.is_allowed_origin
        or middleware.allow_explicit_origin is not compiled.allow_explicit_origin
        or compiled.own_origin.__code__ is not compiled.origin_code
        or compiled.own_explicit.__code__ is not compiled.explicit_code
    ):
        compiled = _current(middleware)
    if origin is not None and not compiled.answers_in_full:
        # Mostly there is one header, or none.
        headers = compiled.simple_headers
        if (
            len(headers) != compiled.simple_count
            or headers.get(compiled.simple_name) is not compiled.simple_value
            or (headers and next(iter(headers)) is not compiled.simple_name)
            or (compiled.simple_count > 1 and not _unchanged(headers, compiled.simple_names, compiled.simple_values))
        ):
            compiled = middleware._fastcors_compile(True)
    headers = None if compiled.answers_in_full else message.get("headers")
    if type(headers) is not list and (compiled.answers_in_full or (headers := _own_headers(message)) is None):
        return False
    names, colliding = compiled.actual_names, None
    try:
        # Names match byte for byte.
        for pair in headers:
            # What can be taken apart only once would be gone.
            if type(pair) is not tuple and type(pair) is not list:
                return False
            name, value = pair
            if name in names:
                if type(value) is not bytes:
                    return False
                colliding = name if colliding is None else b"several"
    except (TypeError, ValueError):
        return False
    pairs = () if origin is None else compiled.pairs_for(middleware, origin)
    if pairs is None:
        return False
    message["headers"] = [*headers, *pairs, _VARY_ORIGIN] if colliding is None else _merged(headers, pairs, colliding)
    # An origin that is allowed and has to be named makes other pairs of them.
    if origin is not None and pairs is compiled.actual_pairs and compiled.asks_for_origin:
        _refused(middleware, scope, origin, _ORIGIN_FAILED)
    return True


def _own_headers(message: dict[str, Any]) -> list[Any] | tuple[Any, ...] | None:
    """Return the headers that the app sends, or None where they are no list or tuple."""
    headers = message.get("headers")
    if type(headers) is list or type(headers) is tuple:
        return headers
    return () if headers is None and "headers" not in message else None
