"""Asks a running server what a browser would ask for a page's request, and judges the answers as a browser does.

No cookies are sent, and none are kept from one request to the next. `docs/command-line.md` says what is sent.
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
_OF_A_BODY = frozenset({"content-encoding", "content-language", "content-location", "content-type"})

_MOST_OF_A_BODY = 200

# RFC 9110, section 9.2.1: what changes nothing on the server.
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
    """What a browser asks at one URL, what came back, and what it makes of that."""

    url: str
    request: Request
    preflight: Answer | None
    """None: no preflight is sent."""
    actual: Answer | None
    """None: the request was not sent, because the preflight failed or because it could change something."""
    steps: tuple[Step, ...]

    @property
    def passed(self) -> bool:
        """Tell whether no step failed."""
        return all(step.passed for step in self.steps)


def probe(url: str, request: Request, timeout: float, send: bool) -> list[Exchange]:
    """Return what is asked and answered for a page's `request` to `url`, one exchange for each redirect more.

    A request whose method could change something on the server is sent only with `send`; its preflight always is.
    `timeout` is in seconds, for each wait. Raises `CannotTell` where a server cannot be asked.
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
    """HTML, "serialization of an origin"; a default port is left out by `httpx`."""
    host = url.raw_host.decode("ascii")
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{f':{url.port}' if url.port else ''}"


def _checked(url: str, request: Request) -> str:
    """Return `url`, without its fragment, which no browser sends."""
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
    """Return the status and the headers, and of a preflight how the body begins, where it says what is not allowed."""
    received: list[tuple[str, str]] = []

    def keep(response: httpx.Response) -> None:
        received.extend((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
        # Where it leads is looked at here: `httpx` raises for some of what a browser takes.
        response.headers.pop("location", None)

    try:
        # A client of its own each time keeps no cookies.
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
    pairs = [*(pair for pair in default if pair[0] not in names), *headers]
    return [
        (name.encode("latin-1"), (_usual(name) if value is None else value).encode("latin-1")) for name, value in pairs
    ]


def _beginning(response: httpx.Response) -> str:
    try:
        return next(response.iter_text(_MOST_OF_A_BODY), "")
    except httpx.HTTPError:
        return ""


def _usual(name: str) -> str:
    """Return a value for a header of which the name alone is known."""
    return "application/json" if name.lower() == "content-type" else ""


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
    """Return why a redirect is not followed; nothing, where it is."""
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
    """Return where a redirect leads, and the request as it is sent there."""
    source, request = httpx.URL(last.url), last.request
    target = source.join(location).copy_with(fragment=None)
    status = last.actual.status if last.actual is not None else 0
    dropped: set[str] = set()
    method = request.method
    if (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD")):
        method = "GET"
        dropped |= _OF_A_BODY
    origin = request.origin
    if origin_of(source) != origin_of(target):
        dropped.add("authorization")
        # Whose wish the request is, is no longer certain: Fetch, "redirect-tainted origin".
        origin = origin if origin_of(source) == origin else "null"
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in dropped)
    return str(target), request._replace(method=method, origin=origin, headers=headers)
