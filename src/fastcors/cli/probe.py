"""`fastcors probe`: shows whether a browser would accept the answers of a running server."""

from collections.abc import Iterator
from typing import Any

import httpx
from rich.console import RenderableType

from ..browser.decision import request_and_first_steps
from ..browser.hints import is_loopback
from ..browser.lines import Line, exchange_lines, verdict
from ..browser.steps import REDIRECT
from .exchange import Exchange, origin_of, probe
from .loading import CannotTell
from .output import lines_view, print_json, show, styled

# Hints by the status of the answer that failed.
_AUTHENTICATION = (
    "A preflight carries no credentials. What asks for them has to be inside of the CORS middleware, or to let OPTIONS "
    "through."
)
_NOBODY = "Nothing at this URL answers preflights: there is no CORS middleware, or it is not around what is here."
_FAILED = "The server failed, and what answers for it may be outside of the CORS middleware."
_MIXED = "A page over https may not fetch over http: a browser blocks that as mixed content, whatever is answered."
_NOT_SENT = "Now it was not sent, because it could change something on the server: --send sends it."
# Starlette's response to a refused preflight begins with these words, and so does fastcors's.
_DISALLOWED = "Disallowed CORS "
_HINTS = {401: _AUTHENTICATION, 403: _AUTHENTICATION, 404: _NOBODY, 405: _NOBODY}


def probe_url(url: str, page: dict[str, Any], timeout: float, send: bool, as_json: bool) -> int:
    """Send the request that `page` describes to `url` and print the browser's decision; return the exit status.

    The status is 0 if the page may read the response, otherwise 1. Raises `CannotTell`.
    """
    try:
        request, first = request_and_first_steps(**page)
    except ValueError as error:
        raise CannotTell(str(error)) from error
    exchanges = [Exchange(url, request, None, None, tuple(first))]
    if first[-1].passed:
        exchanges = probe(url, request, timeout, send)
        exchanges[0] = exchanges[0]._replace(steps=(*first, *exchanges[0].steps))
    if as_json:
        print_json(_as_dict(exchanges))
    else:
        show(_view(exchanges))
    return int(not exchanges[-1].passed)


def _as_dict(exchanges: list[Exchange]) -> dict[str, Any]:
    first, last = exchanges[0], exchanges[-1]
    return {
        "url": first.url,
        "origin": first.request.origin,
        "method": first.request.method,
        "headers": first.request.headers,
        "credentials": first.request.credentials,
        "allowed": last.passed,
        "sent": last.actual is not None,
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
        "hints": list(_hints(exchanges)),
    }


def _view(exchanges: list[Exchange]) -> Iterator[RenderableType]:
    first = exchanges[0]
    question = f"{first.request.method} {first.url} from {first.request.origin}"
    if first.request.credentials:
        question += " with credentials"
    last = exchanges[-1]
    answer = "the preflight is allowed" if last.passed and last.actual is None else ""
    yield from lines_view([verdict(question, last.passed, answer)])
    for each in exchanges:
        if each is not first:
            yield ""
            yield styled(f"Redirected to {each.url}, as {each.request.method} from {each.request.origin}", "bold")
        title = f"The server answers the request with {each.actual.status}" if each.actual is not None else ""
        yield from lines_view(exchange_lines(each.steps, each.preflight, each.actual, title))
    yield from lines_view([Line("browser", _browser(exchanges), "The browser: ")])
    yield from lines_view(Line("hint", hint, "Hint: ") for hint in _hints(exchanges))


def _browser(exchanges: list[Exchange]) -> str:
    """Return the browser's actions and its console message, in Chromium's words."""
    first, last = exchanges[0], exchanges[-1]
    if last.passed and last.actual is None:
        return f"It sends a preflight, then the request. {_NOT_SENT}"
    if last.passed:
        begins = "It sends a preflight, then the request" if last.preflight else "It sends the request"
        return f"{begins}, and lets the page read the response."
    section, _, found, _, console = last.steps[-1]
    if section == REDIRECT:
        return f"The request fails. {found}"
    if first.preflight is None and first.actual is None:
        return f"It sends nothing. {console}"
    redirected = f" (redirected from '{first.url}')" if first is not last else ""
    origin = first.request.origin
    return (
        f"Access to fetch at '{last.url}'{redirected} from origin '{origin}' has been blocked by CORS policy: {console}"
    )


def _hints(exchanges: list[Exchange]) -> Iterator[str]:
    last = exchanges[-1]
    answer = last.actual or last.preflight
    if answer is not None and not last.passed:
        if answer.body.startswith(_DISALLOWED):
            yield f"The server's CORS middleware says what it does not allow: {answer.body.removeprefix(_DISALLOWED)}."
        if answer.status >= 500:
            yield _FAILED
        elif answer is last.preflight and answer.status in _HINTS:
            yield _HINTS[answer.status]
    insecure = last.url.startswith("http:") and not is_loopback(origin_of(httpx.URL(last.url)))
    if insecure and exchanges[0].request.origin.startswith("https:"):
        yield _MIXED
