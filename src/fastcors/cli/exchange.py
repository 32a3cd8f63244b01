"""Sends a running server the requests that a browser would send for a page, and checks the answers as a browser does.

No cookies are sent or kept. `docs/command-line.md` lists the requests.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote

import httpx

from ..browser.steps import (
    NETWORK_FETCH,
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
from ..problems import shown
from ..standard.hosts import host_of
from .client import Client, ask
from .loading import CannotTell

_MOST_REDIRECTS = 20
_BODY_HEADERS = frozenset({"content-encoding", "content-language", "content-location", "content-type"})

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

# URL, "host parsing": these hosts are invalid. Other impossible hosts, such as `a..b`, are just not found.
_NO_HOST = frozenset({"origin-malformed", "origin-malformed-ipv4", "origin-malformed-ipv6"})
_HIGHEST_PORT = 65535
_C0_AND_SPACE = "".join(map(chr, range(0x21)))


class Exchange(NamedTuple):
    """A browser's requests to one URL, the answers, and the steps with which it checks them."""

    url: str
    request: Request
    preflight: Answer | None
    """The answer to the preflight, or None if no preflight is sent."""
    actual: Answer | None
    """The answer to the request, or None if the preflight failed or the request could have changed something."""
    steps: tuple[Step, ...]
    unanswered: bool = False
    """The server did not answer the last request, which the last step tells."""

    @property
    def passed(self) -> bool:
        """Tell whether every step passed."""
        return all(step.passed for step in self.steps)


def probe(url: str, request: Request, client: Client, send: bool) -> list[Exchange]:
    """Send a page's `request` to `url` and follow redirects; return one exchange for each URL.

    A request whose method could change something on the server is sent only with `send`, but its preflight always is.
    Raises `CannotTell` if the server does not answer the first request, or `url` is unsuitable.
    """
    exchanges = [_exchange(_checked(url, request), request, client, send)]
    while (last := exchanges[-1]).passed and last.actual is not None and last.actual.status in REDIRECT_STATUSES:
        location = last.actual.get("location")
        if location is None:
            break
        refused = _refused(last, location) if len(exchanges) <= _MOST_REDIRECTS else _TOO_MANY
        if refused:
            exchanges[-1] = last._replace(steps=(*last.steps, Step(REDIRECT, "", refused, False)))
            break
        url, request = _redirected(last, location)
        try:
            exchanges.append(_exchange(url, request, client, send))
        except CannotTell as error:
            exchanges.append(Exchange(url, request, None, None, (_unanswered(error),), True))
    return exchanges


def origin_of(url: httpx.URL) -> str:
    """HTML, "serialization of an origin". `httpx` has already removed a default port."""
    host = url.raw_host.decode("ascii")
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{f':{url.port}' if url.port else ''}"


def _checked(url: str, request: Request) -> str:
    """Return `url` without its fragment, which no browser sends. Raises `CannotTell` if no page could fetch it."""
    try:
        parts = _parsed(url)
    except ValueError as error:
        raise CannotTell(f"{shown(url)} is no URL: {error}.") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise CannotTell(
            f"{shown(url)} is no URL of http or https. Write it in full, as in https://api.example.com/items."
        )
    if parts.userinfo:
        raise CannotTell("A script cannot fetch a URL with a user name or password in it. Leave them out.")
    if origin_of(parts) == request.origin:
        raise CannotTell(f"{url} and the page have the same origin: CORS is about others. Name that of another page.")
    return str(parts.copy_with(fragment=None))


def _parsed(text: str, base: str = "") -> httpx.URL:
    """Return `text` as a URL relative to `base`. Raises `ValueError` if it is invalid by the URL standard."""
    text = re.sub(r"[\t\n\r]", "", text).strip(_C0_AND_SPACE)
    head, mark, tail = re.match(r"([^?#]*)([?#]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    text = re.sub(r"(?i)^(https?:)?/{2,}", r"\1//", head.replace("\\", "/")) + mark + tail
    try:
        url = httpx.URL(base).join(text) if base else httpx.URL(text)
        host = host_of(unquote(url.raw_host.decode("ascii"))) if url.host else None
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    if host is not None and host.code in _NO_HOST:
        raise ValueError(f"Invalid host: {host.reason}")
    if (url.port or 0) > _HIGHEST_PORT:
        raise ValueError("Invalid port: it is above 65535")
    return url


def _unanswered(error: CannotTell) -> Step:
    return Step(NETWORK_FETCH, "", str(error), False)


def _exchange(url: str, request: Request, client: Client, send: bool) -> Exchange:
    safe = request.method in _SAFE_METHODS
    preflight = actual = None
    steps: list[Step] = []
    if needs_preflight(request):
        preflight = ask(client, "OPTIONS", url, preflight_headers(request), preflight=True)
        redirected = preflight.status in REDIRECT_STATUSES
        steps = [_PREFLIGHT_REDIRECTED] if redirected else check_preflight(request, preflight)
    elif not (safe or send):
        raise CannotTell(
            f"A browser sends this {request.method} without a preflight, and it could change something at {url}: "
            f"--send sends it."
        )
    if (safe or send) and all(step.passed for step in steps):
        sent = (*request.headers, ("origin", request.origin))
        try:
            actual = ask(client, request.method, url, sent, preflight=False)
        except CannotTell as error:
            if preflight is None:
                raise
            return Exchange(url, request, preflight, None, (*steps, _unanswered(error)), True)
        steps += check_cors(request, actual)
    return Exchange(url, request, preflight, actual, tuple(steps))


def _refused(last: Exchange, location: str) -> str:
    """Return why a redirect is not followed, or an empty string if it is."""
    try:
        target = _parsed(location, last.url)
    except ValueError:
        return f"Its Location is no URL: {location}."
    if target.scheme not in ("http", "https") or not target.host:
        return f"It leads to {target}, and no redirect from the web to what is none is followed."
    if target.userinfo:
        return "It leads to a URL with a user name or password in it, which is not followed."
    return ""


def _redirected(last: Exchange, location: str) -> tuple[str, Request]:
    """Return the URL that a redirect leads to, and the request that is sent there."""
    source, request = httpx.URL(last.url), last.request
    target = _parsed(location, last.url).copy_with(fragment=None)
    status = last.actual.status if last.actual is not None else 0
    dropped: set[str] = set()
    method = request.method
    if (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD")):
        method = "GET"
        dropped |= _BODY_HEADERS
    origin = request.origin
    if origin_of(source) != origin_of(target):
        dropped.add("authorization")
        # Fetch, "redirect-tainted origin": another origin redirected, so the page may not have meant this request.
        origin = origin if origin_of(source) == origin else "null"
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in dropped)
    return str(target), request._replace(method=method, origin=origin, headers=headers)
