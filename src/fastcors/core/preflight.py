"""The answer to a preflight."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from .compiled_policy import CompiledPolicy
from .coroutines import answer
from .dispatch import _current
from .names import (
    _ALLOW_HEADERS,
    _CONTENT_TYPE,
    _METHOD_FAILED,
    _NAMES_FAILED,
    _NETWORK_FAILED,
    _ORIGIN_FAILED,
    _PRIVATE_NETWORK,
    _REQUEST_HEADERS,
    _REQUEST_METHOD,
    _REQUEST_PRIVATE_NETWORK,
    _Judged,
    _Receive,
    _Scope,
    _Send,
)
from .outcomes import _PREFLIGHT_OUTCOMES, _refused
from .pairs import _place
from .text import _has_control, _text_of

if TYPE_CHECKING:
    from ..policy import Pair


def _preflight(middleware: Any, scope: _Scope, receive: _Receive, send: _Send, found: dict[bytes, bytes]) -> Any:
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    compiled = middleware._fastcors_cache.policy
    cls = type(middleware)
    if (
        compiled is None
        or compiled.answers_in_full
        or cls is not compiled.cls
        or cls.is_allowed_origin is not compiled.is_allowed_origin
        or cls.preflight_response is not compiled.preflight_response
        or compiled.own_origin.__code__ is not compiled.origin_code
        or compiled.own_preflight.__code__ is not compiled.preflight_code
    ):
        compiled = _current(middleware)
    if not compiled.answers_in_full and not compiled.preflight_unchanged():
        compiled = middleware._fastcors_compile(True)
    if compiled.answers_in_full or compiled.policy.asks_collections:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    # Starlette copies the headers first and asks about the origin next; an override may change the rest.
    template = compiled
    origin = found[b"origin"]
    explicit_pair = compiled.check_origin(middleware, origin)
    if middleware._fastcors_cache.policy is not compiled:
        compiled = _current(middleware)
    judged = _text_of(origin), explicit_pair is not None
    if compiled.answers_in_full or compiled.policy.asks_collections:
        return middleware._fastcors_respond_in_full(scope, receive, send, judged)
    failures = _failures(compiled, explicit_pair, found)
    if failures:
        if failures & _ORIGIN_FAILED and compiled.policy.asks_function:
            return middleware._fastcors_respond_in_full(scope, receive, send, judged)
        _refused(middleware, scope, origin, failures)
    return _answer(send, template, compiled, explicit_pair, failures, found)


def _failures(compiled: CompiledPolicy, explicit_pair: _Judged, found: dict[bytes, bytes]) -> int:
    """Return the set of failures."""
    policy = compiled.policy
    failures = 0
    if explicit_pair is None or (policy.explicit_origin and not explicit_pair):
        failures |= _ORIGIN_FAILED
    if compiled.methods.judge(found[_REQUEST_METHOD]) is None:
        failures |= _METHOD_FAILED
    names = found.get(_REQUEST_HEADERS)
    if names is not None and (_has_control(names) if policy.all_headers else not compiled.check_header_names(names)):
        failures |= _NAMES_FAILED
    if _REQUEST_PRIVATE_NETWORK in found and not policy.private_network:
        failures |= _NETWORK_FAILED
    return failures


def _answer(
    send: _Send,
    template: CompiledPolicy,
    compiled: CompiledPolicy,
    explicit_pair: _Judged,
    failures: int,
    found: dict[bytes, bytes],
) -> Awaitable[None]:
    policy = compiled.policy
    status, content_length, body, _ = _PREFLIGHT_OUTCOMES[failures]
    headers: list[Pair] = [*template.preflight_pairs]
    if explicit_pair and policy.explicit_origin and not failures & _ORIGIN_FAILED:
        _place(headers, explicit_pair, template.policy.preflight_origin_at)
    if policy.all_headers and _REQUEST_HEADERS in found and not failures & _NAMES_FAILED:
        _place(headers, (_ALLOW_HEADERS, found[_REQUEST_HEADERS]), template.policy.preflight_names_at)
    if _REQUEST_PRIVATE_NETWORK in found and not failures & _NETWORK_FAILED:
        headers.append(_PRIVATE_NETWORK)
    headers.append(content_length)
    headers.append(_CONTENT_TYPE)
    return answer(
        send,
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )
