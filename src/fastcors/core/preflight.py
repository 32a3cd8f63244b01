"""The answer to a preflight."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from .compiled_policy import CompiledPolicy
from .coroutines import answer
from .dispatch import current
from .names import REQUEST_HEADERS, REQUEST_METHOD, REQUEST_PRIVATE_NETWORK, Judged, Receive, Scope, Send
from .outcomes import METHOD_FAILED, NAMES_FAILED, NETWORK_FAILED, ORIGIN_FAILED, PREFLIGHT_OUTCOMES, report_refusal
from .pairs import put
from .text import has_control, text_of
from .values import LONGEST

if TYPE_CHECKING:
    from ..types import Pair

_ALLOW_HEADERS = b"access-control-allow-headers"
_CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
_PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")


def answer_preflight(middleware: Any, scope: Scope, receive: Receive, send: Send, found: dict[bytes, bytes]) -> Any:
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    template = middleware._fastcors_cache.policy
    cls = type(middleware)
    if (
        template is None
        or template.takes_slow_path
        or cls is not template.cls
        or cls.is_allowed_origin is not template.is_allowed_origin
        or cls.preflight_response is not template.preflight_response
        or template.own_origin.__code__ is not template.origin_code
        or template.own_preflight.__code__ is not template.preflight_code
    ):
        template = current(middleware)
    if not template.takes_slow_path and not template.preflight_headers_unchanged():
        template = middleware._fastcors_compile(True)
    if template.takes_slow_path or template.has_own_collections:
        return middleware._fastcors_slow_respond(scope, receive, send)
    # Starlette copies the headers first and checks the origin next, when an override may change the rest.
    origin = found[b"origin"]
    explicit_pair = template.check_origin(middleware, origin)
    compiled = template if middleware._fastcors_cache.policy is template else current(middleware)
    judged = text_of(origin), explicit_pair is not None
    if compiled.takes_slow_path or compiled.has_own_collections:
        return middleware._fastcors_slow_respond(scope, receive, send, judged)
    failures = _failures(compiled, explicit_pair, found)
    if failures:
        if failures & ORIGIN_FAILED and compiled.has_origin_function:
            return middleware._fastcors_slow_respond(scope, receive, send, judged)
        report_refusal(middleware, scope, origin, failures)
    return _answer(send, template, compiled, explicit_pair, failures, found)


def _failures(compiled: CompiledPolicy, explicit_pair: Judged, found: dict[bytes, bytes]) -> int:
    """Return the reasons to refuse, as flags."""
    failures = ORIGIN_FAILED if explicit_pair is None or (compiled.explicit_origin and not explicit_pair) else 0
    method, names = found[REQUEST_METHOD], found.get(REQUEST_HEADERS)
    if REQUEST_PRIVATE_NETWORK not in found and compiled.known_preflights.holds(method, names):
        return failures
    if compiled.methods.pair_for(method) is None:
        failures |= METHOD_FAILED
    if names is not None and (has_control(names) if compiled.all_headers else not compiled.check_header_names(names)):
        failures |= NAMES_FAILED
    if REQUEST_PRIVATE_NETWORK in found and not compiled.private_network:
        failures |= NETWORK_FAILED
    if not failures & ~ORIGIN_FAILED and len(method) + len(names or b"") <= LONGEST:
        of_names = () if names is None or compiled.all_headers else compiled.header_names.proof_of(names)
        compiled.known_preflights.keep(method, names, compiled.methods.proof_of(method), of_names)
    return failures


def _answer(
    send: Send,
    template: CompiledPolicy,
    compiled: CompiledPolicy,
    explicit_pair: Judged,
    failures: int,
    found: dict[bytes, bytes],
) -> Awaitable[None]:
    status, content_length, body, _ = PREFLIGHT_OUTCOMES[failures]
    headers: list[Pair] = [*template.preflight_pairs]
    if explicit_pair and compiled.explicit_origin and not failures & ORIGIN_FAILED:
        put(headers, explicit_pair, template.preflight_origin_at)
    if compiled.all_headers and REQUEST_HEADERS in found and not failures & NAMES_FAILED:
        put(headers, (_ALLOW_HEADERS, found[REQUEST_HEADERS]), template.preflight_names_at)
    if REQUEST_PRIVATE_NETWORK in found and not failures & NETWORK_FAILED:
        headers.append(_PRIVATE_NETWORK)
    headers += (content_length, _CONTENT_TYPE)
    return answer(
        send,
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )
