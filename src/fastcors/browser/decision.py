"""Decides whether a browser would allow one request to an app inside a middleware, and explains the decision."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from ..config.checks.origin_syntax import faults_of
from ..problems import shown
from ..standard.forbidden import is_forbidden_header, is_forbidden_method
from ..standard.headers import is_token
from ..standard.methods import normalized
from .ask import ask, isolated
from .changes import Change, changes_for, passes, warnings_of
from .hints import origin_hints, parts_of, serialized, texts
from .lines import Line, exchange_lines, verdict
from .steps import (
    Answer,
    Request,
    Step,
    check_cors,
    check_preflight,
    client_hints,
    needs_preflight,
    reasons_for_preflight,
)

RequestHeaders: TypeAlias = Collection[str | tuple[str, str]] | Mapping[str, str]


class Decision(NamedTuple):
    """Whether a request is allowed, and why. `str()` returns the explanation for people, `as_dict()` for machines."""

    allowed: bool
    """The page may read the response."""
    request: Request
    """The request as the browser sends it."""
    steps: tuple[Step, ...]
    """The Fetch standard's steps, in order, up to the first that fails."""
    preflight: Answer | None
    """The answer to the preflight, or None if no preflight is sent."""
    actual: Answer | None
    """The headers that the app's response would get, or None if the request is not sent."""
    browser: str
    """The browser's actions and its console message."""
    changes: tuple[Change, ...]
    """The smallest change of configuration that would allow the request; empty if it is allowed or none is known."""
    warning: str
    """Why that change would be unsafe; empty if it is safe."""
    hints: tuple[str, ...]
    """Likely mistakes, such as an allowed origin that differs only in its port."""

    @property
    def change(self) -> str:
        """Return the changes as Python source."""
        return ", ".join(map(str, self.changes))

    def as_dict(self) -> dict[str, Any]:
        """Return the decision in types that JSON supports."""
        return {
            "allowed": self.allowed,
            "request": {**self.request._asdict(), "headers": [list(pair) for pair in self.request.headers]},
            "steps": [step._asdict() for step in self.steps],
            "preflight": self.preflight and self.preflight.as_dict(),
            "actual": self.actual and self.actual.as_dict(),
            "browser": self.browser,
            "changes": [change.as_dict() for change in self.changes],
            "change": self.change,
            "warning": self.warning,
            "hints": list(self.hints),
        }

    def lines(self) -> Iterator[Line]:
        """Yield the explanation line by line, the verdict first."""
        names = [name for name, _ in self.request.headers]
        sent = ", ".join([*names, "credentials"] if self.request.credentials else names)
        question = f"{self.request.method} from {self.request.origin}{f' with {sent}' if sent else ''}"
        yield verdict(question, self.allowed)
        if self.change:
            yield Line("change", self.change, "To allow it: ")
        elif not self.allowed:
            yield Line("change", "No configuration change would allow this.")
        if self.warning:
            yield Line("failed", self.warning, "Unsafe: ")
        yield from (Line("hint", hint, "Nearly: ") for hint in self.hints)
        yield Line("browser", self.browser, "The browser: ")
        yield from exchange_lines(self.steps, self.preflight, self.actual)

    def __str__(self) -> str:
        return "\n".join(str(line) for line in self.lines())


def decide(middleware: Any, *, origin: str, **page: Any) -> Decision:
    """Return the decision on a request from a page of `origin` to an app inside `middleware`.

    The other parameters, and the errors raised, are those of `fastcors.explain.explain`.
    """
    request, steps = request_and_first_steps(origin, **page)
    middleware = isolated(middleware)
    decision = _decision(middleware, request, steps)
    return decision if decision.allowed else decision._replace(hints=tuple(_hints(middleware, decision, origin)))


def request_and_first_steps(
    origin: str,
    method: str = "GET",
    request_headers: RequestHeaders = (),
    credentials: bool = False,
    private_network: bool = False,
) -> tuple[Request, list[Step]]:
    """Return the request as the browser sends it, and the steps that the browser takes before it sends anything.

    Raises `ValueError` for a request that no browser can send.
    """
    pairs = _pairs(request_headers)
    sent = tuple(pair for pair in pairs if not is_forbidden_header(*pair))
    request = Request(serialized(origin), normalized(method), sent, bool(credentials), bool(private_network))
    _check(request)
    return request, [*_first_steps(request, [pair[0] for pair in pairs if pair not in sent])]


def _decision(middleware: Any, request: Request, steps: list[Step]) -> Decision:
    """Return the decision without its hints. `steps` are the steps before anything is sent."""
    preflight = actual = None
    if steps[-1].passed and needs_preflight(request):
        preflight = ask(middleware, request, preflight=True)
        steps += check_preflight(request, preflight)
    if steps[-1].passed:
        actual = ask(middleware, request, preflight=False)
        steps += check_cors(request, actual)
    allowed = steps[-1].passed
    changes = () if allowed or is_forbidden_method(request.method) else changes_for(middleware, request)
    warning = " ".join(warnings_of(changes, middleware)) if changes else ""
    browser = _browser(request, steps[-1], preflight, actual)
    return Decision(allowed, request, tuple(steps), preflight, actual, browser, changes, warning, ())


def _pairs(headers: Any) -> tuple[tuple[str, str | None], ...]:
    """Return the headers as pairs. The value of a name without one is None."""
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
        raise ValueError(f"origin={shown(request.origin)}: browsers send printable ASCII. Write the host in punycode.")
    _check_origin(request.origin)
    if not is_token(request.method):
        raise ValueError(f"method={request.method!r} is not a valid method (RFC 9110, section 9.1)")
    for name, value in request.headers:
        if not is_token(name):
            raise ValueError(f"request_headers: {name!r} is not a valid header name (RFC 9110, section 5.1)")
        if value is not None and any(ord(character) > 0xFF or character in "\0\r\n" for character in value):
            raise ValueError(f"request_headers: {name} cannot have the value {value!r} (RFC 9110, section 5.5)")


def _check_origin(origin: str) -> None:
    fault = None if origin == "null" else next(faults_of(origin, False), None)
    if fault is not None or (origin != "null" and parts_of(origin) is None):
        reason = fault.reason if fault else "it is not a scheme and a host."
        raise ValueError(
            f"No browser sends origin={shown(origin)}: {reason} Pass a scheme, a host and a port that is not the "
            f"default, such as https://app.example.com or http://localhost:3000, or pass null."
        )


def _hints(middleware: Any, decision: Decision, origin: str) -> Iterator[str]:
    request = decision.request
    if request.origin != origin:
        yield f"A page at {shown(origin)} has the origin {request.origin}."
    # If nothing is sent, the origin is not the cause.
    sent = decision.preflight or decision.actual
    if sent and not passes(middleware, Request(request.origin, "GET"), preflight=False):
        yield from origin_hints(request.origin, texts(middleware.allow_origins), middleware.allow_origin_regex)
    methods = texts(middleware.allow_methods)
    for method in methods:
        if method != request.method and method.upper() == request.method.upper():
            yield f"Methods are case-sensitive: {request.method} is asked for, and allow_methods holds {method!r}."


def _first_steps(request: Request, dropped: list[str]) -> Iterator[Step]:
    """Yield the steps that the browser takes before it sends anything."""
    if is_forbidden_method(request.method):
        console = f"Failed to execute 'fetch' on 'Window': '{request.method}' HTTP method is unsupported."
        yield Step('Fetch, "forbidden method"', "", f"No script may send {request.method}.", False, console)
        return
    if dropped:
        found = f"The browser sets {', '.join(dropped)} itself and drops what a script sets."
        yield Step('Fetch, "forbidden request-header"', "", found, True)
    reasons = reasons_for_preflight(request)
    found = f"A preflight asks for {', '.join(reasons)} first." if reasons else "It is simple: no preflight is sent."
    hints = client_hints(request)
    if hints:
        found += f" This depends on the browser: Chromium does not ask for {', '.join(hints)} if the value is valid."
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
