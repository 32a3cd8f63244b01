"""The requests and the apps of the benchmarks: raw ASGI as a server hands it over, with a browser's headers."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import FunctionType
from typing import Any, TypeAlias

Pair: TypeAlias = tuple[bytes, bytes]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
App: TypeAlias = Callable[[Any, Any, Any], Awaitable[Any]]

ORIGIN = b"https://app.example.com"
STRANGER = b"https://app.example.org"

AGENT = b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
_COMMON: list[Pair] = [
    (b"host", b"api.example.net"),
    (b"connection", b"keep-alive"),
    (b"user-agent", AGENT),
    (b"accept", b"application/json, text/plain, */*"),
    (b"sec-fetch-site", b"cross-site"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-dest", b"empty"),
    (b"referer", b"https://app.example.com/"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
]
_COOKIES = (b"cookie", b"session=4f1d0c8e9a7b4d0f8b6c2a1e3d5f7a9b; theme=dark")
_LANGUAGE = (b"accept-language", b"en-GB,en;q=0.9,de;q=0.8")

# Every client hint that a server can ask Chromium for, and cookies up to a browser's limit for one name.
_HINTS = (
    "ua ua-arch ua-bitness ua-form-factors ua-full-version ua-full-version-list ua-mobile ua-model ua-platform "
    "ua-platform-version ua-wow64 prefers-color-scheme prefers-reduced-motion prefers-reduced-transparency"
)
_LARGEST: list[Pair] = [
    (b"sec-ch-" + hint.encode(), b'"Chromium";v="142", "Not.A/Brand";v="99"') for hint in _HINTS.split()
]
_LARGEST += [
    (name, b"1")
    for name in b"device-memory dpr viewport-width viewport-height width rtt downlink ect save-data dnt".split()
]
_LARGEST += [
    (b"authorization", b"Bearer " + b"e" * 1500),
    (b"cache-control", b"no-cache"),
    (b"pragma", b"no-cache"),
    (b"priority", b"u=1, i"),
    (b"content-type", b"application/json"),
    (b"content-length", b"512"),
    (b"if-none-match", b'W/"4f1d0c8e9a7b"'),
    (b"x-requested-with", b"XMLHttpRequest"),
    (b"x-forwarded-for", b"203.0.113.7"),
    (b"x-forwarded-proto", b"https"),
    (b"x-request-id", b"0b2c7f4e-6a1d-4e0f-9b53-0d6f2f0f8f11"),
    (b"traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
]


def _scope(method: bytes, headers: list[Pair]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        # A server decodes it from bytes, so it is not the interned constant, which a comparison would recognise by its
        # address.
        "method": method.decode(),
        "root_path": "",
        "path": "/items",
        "raw_path": b"/items",
        "query_string": b"",
        "headers": headers,
    }


def actual(origin: bytes | None, extra: Iterable[Pair] = ()) -> dict[str, Any]:
    """Return an actual request with 12 headers. Origin is where browsers put it, and `extra` precedes it."""
    last = [_COOKIES, _LANGUAGE] + ([] if origin is not None else [(b"dnt", b"1")])
    asked = [] if origin is None else [(b"origin", origin)]
    return _scope(b"GET", [*_COMMON[:4], *extra, *asked, *_COMMON[4:], *last])


def largest(origin: bytes) -> dict[str, Any]:
    """Return an actual request with all that a browser and a proxy before the server may add."""
    return actual(origin, [*_LARGEST, (b"cookie", b"a=" + b"c" * 4094)])


def preflight(origin: bytes, names: bytes, method: bytes = b"PUT") -> dict[str, Any]:
    """Return the preflight for an actual request with `method` and the request-header names `names`."""
    asked = [
        (b"access-control-request-method", method),
        (b"access-control-request-headers", names),
        (b"origin", origin),
    ]
    common = [pair for pair in _COMMON if pair[0] != b"connection"]
    return _scope(b"OPTIONS", [*common[:3], *asked, *common[3:], _LANGUAGE])


def websocket(origin: bytes) -> dict[str, Any]:
    scope = actual(origin) | {"type": "websocket", "scheme": "ws", "subprotocols": []}
    del scope["method"]
    return scope


def replying(extra: tuple[Pair, ...] = (), chunks: int = 1) -> App:
    """Return an app that answers with a start, whose headers include `extra`, and a body in `chunks` pieces."""

    async def one(scope: Any, receive: Any, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2"), *extra]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    async def many(scope: Any, receive: Any, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), *extra]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(chunks - 1):
            await send({"type": "http.response.body", "body": b"{}", "more_body": True})
        await send({"type": "http.response.body", "body": b"{}"})

    return one if chunks == 1 else many


def varying(vary: Mapping[str, str]) -> App:
    """Return an app with a different `Vary` for each path, encoded for each response, as frameworks do."""

    async def by_path(scope: Any, receive: Any, send: Send) -> None:
        own = (b"vary", vary[scope["path"]].encode("latin-1"))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2"), own]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return by_path


async def accepting(scope: Any, receive: Any, send: Send) -> None:
    """A websocket app that accepts and closes."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1000})


def with_own_code(function: Any) -> Any:
    """Return a copy of a function of ours that shares no code object with it.

    The interpreter specialises a code object for its arguments. If two subjects shared one, each would be timed with
    specialisations for the other, which does not happen in a service.
    """
    if not isinstance(function, FunctionType):
        return function
    code, defaults, closure = function.__code__.replace(), function.__defaults__, function.__closure__
    return FunctionType(code, function.__globals__, function.__name__, defaults, closure)
