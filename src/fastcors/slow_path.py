"""The slow path: does step by step what Starlette's methods do, for all requests that the core does not answer itself.

It follows Starlette 1.10.0, whichever version is installed. `judged` is an origin and whether it is allowed, if that is
known already.
"""

from typing import Any, TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from .origin_function import RequestState, is_allowed, said
from .refusals import report
from .standard.headers import ALLOW_HEADERS, ALLOW_ORIGIN, ALLOW_PRIVATE_NETWORK, has_control

Judged: TypeAlias = tuple[str, bool]

# The attribute of a request's headers that keeps its `RequestState`.
_REQUEST = "_fastcors_request"


def own_parameter(middleware: Any, name: str) -> Any:
    """Return the value of `name`, a parameter that Starlette does not have, if the instance has it.

    An attribute of the class does not count, because a user's subclass may use the name for something else.
    """
    return getattr(middleware, "__dict__", {}).get(name)


def headers_of(scope: Scope) -> Headers:
    """Return the headers of a request, which keep its state from one step to the next."""
    headers = Headers(scope=scope)
    setattr(headers, _REQUEST, RequestState(scope))
    return headers


def headers_with(origin: bytes | None, request: RequestState) -> Headers:
    """Return the part of a request's headers that `send` needs: the Origin and the state."""
    headers = Headers(raw=[] if origin is None else [(b"origin", origin)])
    setattr(headers, _REQUEST, request)
    return headers


def is_preflight(method: str, headers: Headers) -> bool:
    """Tell whether a request is a preflight (Fetch, "CORS-preflight request")."""
    return headers.get("origin") is not None and method == "OPTIONS" and "access-control-request-method" in headers


async def respond_for_another(middleware: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Do what `__call__` does for an object of another class, using only the attributes and methods of that object."""
    if scope["type"] != "http":
        await middleware.app(scope, receive, send)
        return
    method, headers = scope["method"], Headers(scope=scope)
    if not is_preflight(method, headers):
        await middleware.simple_response(scope, receive, send, request_headers=headers)
        return
    response = middleware.preflight_response(request_headers=headers)
    await response(scope, receive, send)


async def connect(middleware: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Run the app for a connection other than HTTP, unless it is a WebSocket whose origin is refused."""
    if scope["type"] == "websocket" and own_parameter(middleware, "check_websocket_origin"):
        from .websocket_origins import refuse, refused_origin

        origin = await refused_origin(middleware, scope)
        if origin is not None:
            report(middleware.on_refusal, scope, origin, ("origin",))
            await refuse(scope, receive, send)
            return
    await middleware.app(scope, receive, send)


async def amend(middleware: StarletteCORSMiddleware, message: Message, request_headers: Headers) -> None:
    """Add the CORS headers to the message that starts a response."""
    message.setdefault("headers", [])
    headers = MutableHeaders(scope=message)
    origin = request_headers.get("Origin")
    judged = None
    if own_parameter(middleware, "allow_origin_func"):
        judged = await ask_function(middleware, request_headers, None)
    allowed = None if origin is None else _set_simple_headers(middleware, headers, origin, judged)
    if origin is not None and allowed:
        middleware.allow_explicit_origin(headers, origin)
    else:
        vary_by_origin(headers)
    if origin is not None and allowed is False:
        _report(middleware, getattr(request_headers, _REQUEST, None), origin, ("origin",))


async def ask_function(
    middleware: StarletteCORSMiddleware, request_headers: Headers, judged: Judged | None
) -> Judged | None:
    """Let `allow_origin_func` decide about an origin that is not allowed otherwise, if the request is known."""
    request, origin = getattr(request_headers, _REQUEST, None), request_headers.get("Origin")
    if request is None or origin is None:
        return judged
    return await is_allowed(middleware, request, origin, judged)


def _judge(
    middleware: StarletteCORSMiddleware, request: RequestState | None, origin: str, judged: Judged | None = None
) -> bool:
    """Tell whether `origin` is allowed: by `judged`, by the method that may be overridden, or by the answer of
    `allow_origin_func` for this request.
    """
    if judged is not None and judged[0] == origin:
        return judged[1]
    if middleware.is_allowed_origin(origin=origin):
        return True
    function = own_parameter(middleware, "allow_origin_func")
    if function is None or request is None:
        return False
    return said(request, middleware, function, origin) is True


def _report(middleware: Any, request: RequestState | None, origin: str, reasons: tuple[str, ...]) -> None:
    # There is no request if a user calls Starlette's methods directly.
    if request is not None:
        report(middleware.on_refusal, request.scope, origin, reasons)


def _set_simple_headers(
    middleware: StarletteCORSMiddleware, headers: MutableHeaders, origin: str, judged: Judged | None
) -> bool | None:
    """Set the headers that do not depend on the origin, and tell whether it is allowed; None if no header has to name
    it.
    """
    simple_headers, refused = middleware.simple_headers, has_control(origin)
    if refused and middleware.allow_all_origins and middleware.allow_credentials:
        simple_headers = {k: v for k, v in simple_headers.items() if k.lower() != ALLOW_ORIGIN.lower()}
    headers.update(simple_headers)
    if middleware.allow_all_origins:
        return not refused if middleware.allow_credentials else None
    return _judge(middleware, None, origin, judged) and not refused


def vary_by_origin(headers: MutableHeaders) -> None:
    """Say that the response depends on the Origin of the request."""
    headers["Vary"] = ", ".join([*headers.getlist("Vary"), "Origin"])


def preflight_response(
    middleware: StarletteCORSMiddleware, request_headers: Headers, judged: Judged | None
) -> Response:
    """Return the answer to a preflight with these headers: 200, or a 400 that says what is not allowed."""
    origin = request_headers["origin"]
    method = request_headers["access-control-request-method"]
    names = request_headers.get("access-control-request-headers")
    private_network = request_headers.get("access-control-request-private-network")
    headers = dict(middleware.preflight_headers)
    request = getattr(request_headers, _REQUEST, None)
    outcomes = {
        "origin": _judge(middleware, request, origin, judged) and _allow_origin(middleware, headers, origin),
        "method": method in middleware.allow_methods,
        "headers": _allow_names(middleware, headers, names),
        "private-network": private_network is None or _allow_network(middleware, headers),
    }
    failures = [name for name, outcome in outcomes.items() if not outcome]
    if not failures:
        return PlainTextResponse("OK", headers=headers)
    # An override may call this more than once for one request.
    if request is not None and not request.reported:
        request.reported = True
        _report(middleware, request, origin, tuple(failures))
    return PlainTextResponse("Disallowed CORS " + ", ".join(failures), status_code=400, headers=headers)


def _allow_origin(middleware: StarletteCORSMiddleware, headers: dict[str, str], origin: str) -> bool:
    if middleware.preflight_explicit_allow_origin:
        if has_control(origin):
            return False
        headers[ALLOW_ORIGIN] = origin
    return True


def _allow_names(middleware: StarletteCORSMiddleware, headers: dict[str, str], names: str | None) -> bool:
    # Read this first, as Starlette does, because reading a user's attribute can have an effect.
    mirrors = bool(middleware.allow_all_headers)
    if names is None:
        return True
    if mirrors:
        if has_control(names):
            return False
        headers[ALLOW_HEADERS] = names
        return True
    return all(name.strip() in middleware.allow_headers for name in names.lower().split(","))


def _allow_network(middleware: StarletteCORSMiddleware, headers: dict[str, str]) -> bool:
    if not middleware.allow_private_network:
        return False
    headers[ALLOW_PRIVATE_NETWORK] = "true"
    return True
