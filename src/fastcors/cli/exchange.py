"""Sends a running server the requests that a browser would send for a page, and checks the answers as a browser does.

No cookies are sent or kept. `docs/command-line.md` lists the requests.
"""

import socket
import ssl
from typing import NamedTuple, TypeAlias

import httpx

from ..browser.steps import (
    PREFLIGHT,
    REDIRECT,
    REDIRECT_STATUSES,
    Answer,
    Request,
    Step,
    check_cors,
    check_preflight,
    needs_preflight,
    preflight_headers,
)
from ..version import __version__
from .loading import CannotTell

_MOST_REDIRECTS = 20
_BODY_HEADERS = frozenset({"content-encoding", "content-language", "content-location", "content-type"})
_LONGEST_BODY = 200

# RFC 9110, section 9.2.1: these methods change nothing on the server.
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_TOO_MANY = f"{_MOST_REDIRECTS} redirects were followed, and no more are."
_PREFLIGHT_REDIRECTED = Step(
    PREFLIGHT,
    "7",
    "It redirects, and a preflight is not followed.",
    False,
    "Response to preflight request doesn't pass access control check: Redirect is not allowed for a preflight request.",
)

Headers: TypeAlias = tuple[tuple[str, str | None], ...]


class Exchange(NamedTuple):
    """A browser's requests to one URL, the answers, and the steps with which it checks them."""

    url: str
    request: Request
    preflight: Answer | None
    """The answer to the preflight, or None if no preflight is sent."""
    actual: Answer | None
    """The answer to the request, or None if the preflight failed or the request could have changed something."""
    steps: tuple[Step, ...]

    @property
    def passed(self) -> bool:
        """Tell whether every step passed."""
        return all(step.passed for step in self.steps)


def probe(url: str, request: Request, timeout: float, send: bool) -> list[Exchange]:
    """Send a page's `request` to `url` and follow redirects; return one exchange for each URL.

    A request whose method could change something on the server is sent only with `send`, but its preflight always is.
    `timeout` is in seconds, for each wait. Raises `CannotTell` if a server does not answer or `url` is unsuitable.
    """
    exchanges = [_exchange(_checked(url, request), request, timeout, send)]
    while (last := exchanges[-1]).passed and last.actual is not None and last.actual.status in REDIRECT_STATUSES:
        location = last.actual.get("location")
        if location is None:
            break
        refused = _refused(last, location) if len(exchanges) <= _MOST_REDIRECTS else _TOO_MANY
        if refused:
            exchanges[-1] = last._replace(steps=(*last.steps, Step(REDIRECT, "", refused, False)))
            break
        exchanges.append(_exchange(*_redirected(last, location), timeout, send))
    return exchanges


def origin_of(url: httpx.URL) -> str:
    """HTML, "serialization of an origin". `httpx` has already removed a default port."""
    host = url.raw_host.decode("ascii")
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{f':{url.port}' if url.port else ''}"


def _checked(url: str, request: Request) -> str:
    """Return `url` without its fragment, which no browser sends. Raises `CannotTell` if no page could fetch it."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise CannotTell(f"{url!r} is no URL: {error}.") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise CannotTell(f"{url!r} is no URL of http or https. Write it in full, as in https://api.example.com/items.")
    if parts.userinfo:
        raise CannotTell("A script cannot fetch a URL with a user name or password in it. Leave them out.")
    if origin_of(parts) == request.origin:
        raise CannotTell(f"{url} and the page have the same origin: CORS is about others. Name that of another page.")
    return str(parts.copy_with(fragment=None))


def _exchange(url: str, request: Request, timeout: float, send: bool) -> Exchange:
    safe = request.method in _SAFE_METHODS
    preflight = actual = None
    steps: list[Step] = []
    if needs_preflight(request):
        preflight = _ask("OPTIONS", url, preflight_headers(request), timeout, preflight=True)
        redirected = preflight.status in REDIRECT_STATUSES
        steps = [_PREFLIGHT_REDIRECTED] if redirected else check_preflight(request, preflight)
    elif not (safe or send):
        raise CannotTell(
            f"A browser sends this {request.method} without a preflight, and it could change something at {url}: "
            f"--send sends it."
        )
    if (safe or send) and all(step.passed for step in steps):
        sent = (*request.headers, ("origin", request.origin))
        actual = _ask(request.method, url, sent, timeout, preflight=False)
        steps += check_cors(request, actual)
    return Exchange(url, request, preflight, actual, tuple(steps))


def _ask(method: str, url: str, headers: Headers, timeout: float, *, preflight: bool) -> Answer:
    """Return the answer. Only a preflight's has the beginning of the body, which may say what is not allowed."""
    received: list[tuple[str, str]] = []

    def keep(response: httpx.Response) -> None:
        received.extend((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
        # `httpx` would parse the Location and raise for some values that browsers accept.
        response.headers.pop("location", None)

    try:
        # A new client for each request keeps no cookies.
        with (
            httpx.Client(timeout=timeout, event_hooks={"response": [keep]}) as client,
            client.stream(method, url, headers=_encoded(headers)) as response,
        ):
            return Answer(response.status_code, tuple(received), _beginning(response) if preflight else "")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise CannotTell(f"{url} does not answer: {_reason(error, timeout)}") from error


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in headers}
    default = (("accept", "*/*"), ("user-agent", f"fastcors/{__version__}"))
    pairs: list[tuple[bytes, bytes]] = []
    for name, value in (*(pair for pair in default if pair[0] not in names), *headers):
        if value is None:
            # The user gave the name alone, so the header is sent with a typical value.
            value = "application/json" if name.lower() == "content-type" else ""
        pairs.append((name.encode("latin-1"), value.encode("latin-1")))
    return pairs


def _beginning(response: httpx.Response) -> str:
    try:
        return next(response.iter_text(_LONGEST_BODY), "")
    except httpx.HTTPError:
        return ""


def _reason(error: BaseException, timeout: float) -> str:
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    for each in causes:
        if isinstance(each, httpx.TimeoutException):
            return f"nothing came within {timeout:g} seconds."
        if isinstance(each, ssl.SSLError):
            reason = str(each.reason or each).lower().replace("_", " ")
            return f"TLS fails: {getattr(each, 'verify_message', reason)}."
        if isinstance(each, socket.gaierror):
            return "no address of that host is found."
        if isinstance(each, ConnectionRefusedError):
            return "the connection is refused."
    return f"{error or type(error).__name__}."


def _refused(last: Exchange, location: str) -> str:
    """Return why a redirect is not followed, or an empty string if it is."""
    try:
        target = httpx.URL(last.url).join(location)
    except (httpx.InvalidURL, ValueError):
        return f"Its Location is no URL: {location}."
    if target.scheme not in ("http", "https") or not target.host:
        return f"It leads to {target}, and no redirect from the web to what is none is followed."
    if target.userinfo:
        return "It leads to a URL with a user name or password in it, which is not followed."
    return ""


def _redirected(last: Exchange, location: str) -> tuple[str, Request]:
    """Return the URL that a redirect leads to, and the request that is sent there."""
    source, request = httpx.URL(last.url), last.request
    target = source.join(location).copy_with(fragment=None)
    status = last.actual.status if last.actual is not None else 0
    dropped: set[str] = set()
    method = request.method
    if (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD")):
        method = "GET"
        dropped |= _BODY_HEADERS
    origin = request.origin
    if origin_of(source) != origin_of(target):
        dropped.add("authorization")
        # Fetch, "redirect-tainted origin": another origin has redirected, so the request may not be the page's wish.
        origin = origin if origin_of(source) == origin else "null"
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in dropped)
    return str(target), request._replace(method=method, origin=origin, headers=headers)
