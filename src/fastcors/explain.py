"""Why a request is allowed or refused: each step that a browser takes with the answers of a middleware.

The middleware answers by itself, so an explanation cannot say anything else than a request would meet.
"""

import textwrap
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from .browser.ask import ask, middleware_of
from .browser.changes import Change, changes_for, passes, warning_of
from .browser.hints import origin_hints, parts_of, serialized, texts
from .browser.steps import (
    Answer,
    Request,
    Step,
    check_cors,
    check_preflight,
    is_forbidden_header,
    is_forbidden_method,
    is_token,
    needs_preflight,
    normalized,
    reasons_for_preflight,
)
from .config.checks.origin_syntax import faults_of

__all__ = ("Answer", "Change", "Decision", "Request", "Step", "explain")

_WIDTH = 80


class Decision(NamedTuple):
    """What becomes of one request, and why. `str()` of it is for people, `as_dict()` for machines."""

    allowed: bool
    """The page may read the response."""
    request: Request
    """The request as the browser sends it."""
    steps: tuple[Step, ...]
    """The Fetch standard's, in its order, up to the first that fails."""
    preflight: Answer | None
    """What the server answers to the preflight; None: none is sent."""
    actual: Answer | None
    """The headers that the app's own response would get; None: the request is not sent."""
    browser: str
    """What the browser does, and what its console says."""
    changes: tuple[Change, ...]
    """The smallest change of configuration that would allow it; empty where it is allowed, or none is known."""
    warning: str
    """What would be unsafe about that change, if anything."""
    hints: tuple[str, ...]
    """What is nearly right."""

    @property
    def change(self) -> str:
        """Return the changes as they are written."""
        return ", ".join(map(str, self.changes))

    def as_dict(self) -> dict[str, Any]:
        """Return the decision as what JSON can hold."""
        return {
            "allowed": self.allowed,
            "request": {**self.request._asdict(), "headers": [list(pair) for pair in self.request.headers]},
            "steps": [step._asdict() for step in self.steps],
            "preflight": _answer_as_dict(self.preflight),
            "actual": _answer_as_dict(self.actual),
            "browser": self.browser,
            "changes": [_change_as_dict(change) for change in self.changes],
            "change": self.change,
            "warning": self.warning,
            "hints": list(self.hints),
        }

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def explain(
    configuration: Any = None,
    *,
    origin: str,
    method: str = "GET",
    request_headers: Collection[str | tuple[str, str]] | Mapping[str, str] = (),
    credentials: bool = False,
    private_network: bool = False,
    **parameters: Any,
) -> Decision:
    """Explain what becomes of a request from a page of `origin`.

    `configuration` is a middleware, Starlette's own too, a `CORSConfig`, or a mapping of the middleware's parameters;
    in place of it, they can be given by name. An `origin` with a path, as it stands in the address bar, is taken for
    the page's. `request_headers` are the headers that the page's script sets: names, `"Name: value"`, pairs, or a
    mapping. `credentials`: with cookies, `credentials: "include"`. `private_network`: from a public page to a private
    network, where the browser asks the server about that. The app behind the middleware is not run.

    Raises `TypeError` for what is no configuration and `ValueError` for what no browser can send.
    """
    pairs = _pairs(request_headers)
    sent = tuple(pair for pair in pairs if not is_forbidden_header(*pair))
    request = Request(serialized(origin), normalized(method), sent, bool(credentials), bool(private_network))
    _check(request)
    middleware = middleware_of(configuration, parameters)
    steps = [*_first_steps(request, [pair[0] for pair in pairs if pair not in sent])]
    decision = _decision(middleware, request, steps)
    return decision if decision.allowed else decision._replace(hints=tuple(_hints(middleware, decision, origin)))


def _decision(middleware: Any, request: Request, steps: list[Step]) -> Decision:
    """Return the decision, but for hints. `steps`: those that were taken before anything is sent."""
    preflight = actual = None
    if steps[-1].passed and needs_preflight(request):
        preflight = ask(middleware, request, preflight=True)
        steps += check_preflight(request, preflight)
    if steps[-1].passed:
        actual = ask(middleware, request, preflight=False)
        steps += check_cors(request, actual)
    allowed = steps[-1].passed
    changes = () if allowed or is_forbidden_method(request.method) else changes_for(middleware, request)
    warning = warning_of(changes, middleware, request)
    browser = _browser(request, steps[-1], preflight, actual)
    return Decision(allowed, request, tuple(steps), preflight, actual, browser, changes, warning, ())


def _pairs(headers: Any) -> tuple[tuple[str, str | None], ...]:
    """Return names and values; the value is None where there is a name alone."""
    pairs: list[tuple[str, str | None]] = []
    if isinstance(headers, str):
        headers = (headers,)
    for header in headers.items() if isinstance(headers, Mapping) else headers:
        if isinstance(header, str):
            name, colon, value = header.partition(":")
            pairs.append((name.strip(), value.strip() if colon else None))
        else:
            name, value = header
            pairs.append((name, value.strip("\t\n\r ")))
    return tuple(pairs)


def _check(request: Request) -> None:
    if not (request.origin.isascii() and request.origin.isprintable()):
        raise ValueError(f"origin={request.origin!r}: a browser sends printable ASCII, a host's name in punycode")
    _check_origin(request.origin)
    if not is_token(request.method):
        raise ValueError(f"method={request.method!r} is none (RFC 9110, section 9.1)")
    for name, value in request.headers:
        if not is_token(name):
            raise ValueError(f"request_headers: {name!r} is no header name (RFC 9110, section 5.1)")
        if value is not None and any(ord(character) > 0xFF or character in "\0\r\n" for character in value):
            raise ValueError(f"request_headers: {name} cannot have the value {value!r} (RFC 9110, section 5.5)")


def _check_origin(origin: str) -> None:
    fault = None if origin == "null" else next(faults_of(origin, False), None)
    if fault is not None or (origin != "null" and parts_of(origin) is None):
        reason = fault.reason if fault else "that is no scheme and host."
        raise ValueError(
            f"origin={origin!r} is none that a browser sends: {reason} It sends scheme, host and a port that is not "
            f"the default, such as https://app.example.com or http://localhost:3000, or null."
        )


def _hints(middleware: Any, decision: Decision, origin: str) -> Iterator[str]:
    request = decision.request
    if request.origin != origin:
        yield f"A page at {origin} has the origin {request.origin}."
    # Where nothing is sent the origin is not looked at.
    sent = decision.preflight or decision.actual
    if sent and not passes(middleware, Request(request.origin, "GET"), preflight=False):
        yield from origin_hints(request.origin, texts(middleware.allow_origins), middleware.allow_origin_regex)
    methods = texts(middleware.allow_methods)
    for method in methods:
        if method != request.method and method.upper() == request.method.upper():
            yield f"Methods are case-sensitive: {request.method} is asked for, and allow_methods holds {method!r}."


def _first_steps(request: Request, dropped: list[str]) -> Iterator[Step]:
    """Yield what the browser looks at before it sends anything."""
    if is_forbidden_method(request.method):
        console = f"Failed to execute 'fetch' on 'Window': '{request.method}' HTTP method is unsupported."
        yield Step('Fetch, "forbidden method"', "", f"No script may send {request.method}.", False, console)
        return
    if dropped:
        found = f"The browser sets {', '.join(dropped)} itself and drops what a script sets."
        yield Step('Fetch, "forbidden request-header"', "", found, True)
    reasons = reasons_for_preflight(request)
    found = f"A preflight asks for {', '.join(reasons)} first." if reasons else "It is simple: no preflight is sent."
    yield Step('Fetch, "main fetch"', "", found, True)


def _browser(request: Request, last: Step, preflight: Answer | None, actual: Answer | None) -> str:
    if last.passed:
        first = "It sends a preflight, then the request" if preflight else "It sends the request"
        return f"{first}, and lets the page read the response."
    if preflight is None and actual is None:
        return f"It sends nothing. {last.console}"
    blocked = f"Access to fetch at URL from origin '{request.origin}' has been blocked by CORS policy: {last.console}"
    if actual is None:
        return f"It sends a preflight, and then not the request. {blocked}"
    return f"It sends the request, which the app handles, and keeps the response from the page. {blocked}"


def _answer_as_dict(answer: Answer | None) -> dict[str, Any] | None:
    return answer and {**answer._asdict(), "headers": [list(pair) for pair in answer.headers]}


def _change_as_dict(change: Change) -> dict[str, Any]:
    value = list(change.value) if isinstance(change.value, tuple) else change.value
    return {"parameter": change.parameter, "action": change.action, "value": value, "text": str(change)}


def _lines(decision: Decision) -> Iterator[str]:
    request = decision.request
    asked = ", ".join([*(name for name, _ in request.headers), *["credentials"] * request.credentials])
    question = f"{request.method} from {request.origin}{f' with {asked}' if asked else ''}"
    yield from _wrapped(f"{question}: {'allowed' if decision.allowed else 'blocked'}")
    for step in decision.steps:
        place = f"{step.section}{f', step {step.number}' if step.number else ''}: "
        yield from _wrapped(place + step.found, "  ok    " if step.passed else "  FAIL  ", " " * 8)
    if decision.preflight is not None:
        answer = decision.preflight
        yield from _wrapped(f"{answer.status} {answer.body}", "The server answers the preflight with ")
        yield from _header_lines(answer)
    if decision.actual is not None:
        yield "The server's response has"
        yield from _header_lines(decision.actual)
    yield from _wrapped(decision.browser, "The browser: ")
    for hint in decision.hints:
        yield from _wrapped(hint, "Nearly: ")
    if not decision.allowed:
        yield from _wrapped(decision.change or "no change of the parameters alone is known.", "To allow it: ")
    if decision.warning:
        yield from _wrapped(decision.warning, "Unsafe: ")


def _header_lines(answer: Answer) -> Iterator[str]:
    for name, value in answer.headers:
        yield from _wrapped(f"{name}: {value}", "    ", " " * 8)


def _wrapped(text: str, first: str = "", others: str = "    ") -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False, break_long_words=True
    )
