"""`fastcors probe`: shows whether a browser would accept the answers of a running server."""

from collections.abc import Iterator
from typing import Any

import httpx
from rich.console import RenderableType

from ..browser.decision import request_and_first_steps
from ..browser.hints import is_loopback
from ..browser.lines import Line, exchange_lines, verdict
from ..browser.steps import NETWORK_FETCH, REDIRECT, Answer
from ..standard.headers import ALLOW_ORIGIN
from .client import Client, speaks_tls
from .exchange import Exchange, origin_of, probe
from .loading import CannotTell
from .output import LinesView, print_json, show, styled

# Hints by the status of the answer that failed.
_AUTHENTICATION = (
    "A preflight carries no credentials. What asks for them has to be inside of the CORS middleware, or to let OPTIONS "
    "through."
)
_NOBODY = "Nothing at this URL answers preflights: there is no CORS middleware, or it is not around what is here."
_FAILED = "The server failed, and what answers for it may be outside of the CORS middleware."
_VARY = "Vary: Origin suggests that CORS is set up here, and that this origin is not allowed."
_TLS = "The server speaks TLS there, and refuses what is not: try https://."
_UNCHECKED = "The certificate was not checked, as --insecure asks. A browser checks it."
_MIXED = "A page over https may not fetch over http: a browser blocks that as mixed content, whatever is answered."
_NOT_SENT = "Now it was not sent, because it could change something on the server: --send sends it."
# Starlette's response to a refused preflight begins with these words, and so does fastcors's.
_DISALLOWED = "Disallowed CORS "
_HINTS = {401: _AUTHENTICATION, 403: _AUTHENTICATION, 404: _NOBODY, 405: _NOBODY}


def probe_url(url: str, page: dict[str, Any], client: Client, send: bool, as_json: bool) -> int:
    """Send the request that `page` describes to `url` and print the browser's decision; return the exit status.

    The status is 0 if the page may read the response, 2 if a server does not answer, otherwise 1. Raises `CannotTell`.
    """
    try:
        request, first = request_and_first_steps(**page)
    except ValueError as error:
        raise CannotTell(str(error)) from error
    exchanges = [Exchange(url, request, None, None, tuple(first))]
    if first[-1].passed:
        exchanges = probe(url, request, client, send)
        exchanges[0] = exchanges[0]._replace(steps=(*first, *exchanges[0].steps))
    hints = [*_hints(exchanges, client)]
    if as_json:
        print_json(_as_dict(exchanges, hints))
    else:
        show(_view(exchanges, hints))
    return 2 if exchanges[-1].unanswered else int(not exchanges[-1].passed)


def _as_dict(exchanges: list[Exchange], hints: list[str]) -> dict[str, Any]:
    first, last = exchanges[0], exchanges[-1]
    return {
        "url": first.url,
        "origin": first.request.origin,
        "method": first.request.method,
        "headers": first.request.headers,
        "credentials": first.request.credentials,
        "allowed": last.passed,
        "sent": last.actual is not None,
        "answered": not last.unanswered,
        "exchanges": [
            {
                "url": each.url,
                "origin": each.request.origin,
                "method": each.request.method,
                "steps": [step._asdict() for step in each.steps],
                "preflight": each.preflight and each.preflight.as_dict(),
                "actual": each.actual and each.actual.as_dict(),
            }
            for each in exchanges
        ],
        "browser": _browser(exchanges),
        "hints": hints,
    }


def _view(exchanges: list[Exchange], hints: list[str]) -> Iterator[RenderableType]:
    first = exchanges[0]
    question = f"{first.request.method} {first.url} from {first.request.origin}"
    if first.request.credentials:
        question += " with credentials"
    last = exchanges[-1]
    answer = "the preflight is allowed" if last.passed and last.actual is None else ""
    answer = "not answered" if last.unanswered else answer
    yield LinesView([verdict(question, last.passed, answer)])
    yield LinesView([Line("browser", _browser(exchanges), "The browser: ")])
    yield LinesView([Line("hint", hint, "Hint: ") for hint in hints])
    for each in exchanges:
        if each is not first:
            yield ""
            yield styled(f"Redirected to {each.url}, as {each.request.method} from {each.request.origin}", "bold")
        title = f"The server answers the request with {each.actual.status}" if each.actual is not None else ""
        yield LinesView(exchange_lines(each.steps, each.preflight, each.actual, title))


def _browser(exchanges: list[Exchange]) -> str:
    """Return the browser's actions and its console message, in Chromium's words."""
    first, last = exchanges[0], exchanges[-1]
    if last.passed and last.actual is None:
        return f"It sends a preflight, then the request. {_NOT_SENT}"
    if last.passed:
        begins = "It sends a preflight, then the request" if last.preflight else "It sends the request"
        return f"{begins}, and lets the page read the response."
    section, _, found, _, console = last.steps[-1]
    if section in (REDIRECT, NETWORK_FETCH):
        return f"The request fails. {found}"
    if first.preflight is None and first.actual is None:
        return f"It sends nothing. {console}"
    redirected = f" (redirected from '{first.url}')" if first is not last else ""
    origin = first.request.origin
    return (
        f"Access to fetch at '{last.url}'{redirected} from origin '{origin}' has been blocked by CORS policy: {console}"
    )


def _hints(exchanges: list[Exchange], client: Client) -> Iterator[str]:
    last = exchanges[-1]
    answer = last.actual or last.preflight
    if answer is not None and not last.passed:
        if answer.body.startswith(_DISALLOWED):
            yield f"The server's CORS middleware says what it does not allow: {answer.body.removeprefix(_DISALLOWED)}."
        if answer.status >= 500:
            yield _FAILED
        elif answer is last.preflight and answer.status in _HINTS:
            yield _HINTS[answer.status]
        elif not answer.body.startswith(_DISALLOWED) and answer.get(ALLOW_ORIGIN) is None:
            yield from _hints_without_headers(last.url, answer, client)
    if client.verify is False and any(each.url.startswith("https:") for each in exchanges):
        yield _UNCHECKED
    insecure = last.url.startswith("http:") and not is_loopback(origin_of(httpx.URL(last.url)))
    if insecure and exchanges[0].request.origin.startswith("https:"):
        yield _MIXED


def _hints_without_headers(url: str, answer: Answer, client: Client) -> Iterator[str]:
    """Yield hints at an answer without CORS headers."""
    if "origin" in (name.strip().lower() for name in (answer.get("vary") or "").split(",")):
        yield _VARY
    # Some servers answer a request without TLS with a 400 in plain text.
    if answer.status == 400 and url.startswith("http:") and speaks_tls(httpx.URL(url), client.timeout):
        yield _TLS
