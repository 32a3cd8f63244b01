"""The Fetch standard's side of CORS: the preflight that a browser sends, and how it checks the answers.

These are pure functions of a page's request and a server's answer. Each check returns its steps in the standard's
order and ends with the first step that fails. The console texts are Chromium's.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..standard.headers import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    ALLOW_PRIVATE_NETWORK,
    TOKEN,
    is_token,
)
from ..standard.methods import SAFELISTED_METHODS


class Request(NamedTuple):
    """A cross-origin request, as a page's script makes it."""

    origin: str
    """As the browser sends it: scheme, host and any port that is not the default, or `null`."""
    method: str
    """The method, normalized as browsers do."""
    headers: tuple[tuple[str, str | None], ...] = ()
    """The names and values that the script sets. A value of None is unknown."""
    credentials: bool = False
    """The credentials mode is "include"."""
    private_network: bool = False
    """The page is public and the server is on a private network."""


class Answer(NamedTuple):
    """A server's response: the status, the headers in order, and the part of the body that matters here."""

    status: int
    """The status code."""
    headers: tuple[tuple[str, str], ...]
    """The names and values."""
    body: str = ""
    """The beginning of the body, where it matters: the answer to a preflight says why it was refused."""

    def get(self, name: str) -> str | None:
        """Return the value of the header `name`, several joined by commas, or None if it is missing."""
        values = [value.strip(" \t") for own, value in self.headers if own.lower() == name.lower()]
        return ", ".join(values) if values else None

    def as_dict(self) -> dict[str, Any]:
        """Return the answer in types that JSON supports."""
        return {**self._asdict(), "headers": [list(pair) for pair in self.headers]}


class Step(NamedTuple):
    """One step of the standard: its place, the finding, and whether the request may continue."""

    section: str
    """The standard and its section, such as `Fetch, "CORS check"`."""
    number: str
    """The step's number within the section; empty if the section has no numbered steps."""
    found: str
    """The finding, as a sentence."""
    passed: bool
    """The browser goes on with the request."""
    console: str = ""
    """The browser's console message if the step fails."""


_UNSAFE_BYTE = re.compile(r'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]')
_LANGUAGE = re.compile(r"[0-9A-Za-z *,\-.;=]*")
_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]*)")
_MIME_TYPE = re.compile(rf"[\t\n\r ]*({TOKEN}/{TOKEN})[\t\n\r ]*(?:;.*)?", re.DOTALL)
_SIMPLE_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
"""Fetch, "redirect status"."""

_LONGEST_VALUE = 128
_LONGEST_VALUES = 1024

# Most values of these headers are safelisted.
_USUALLY_SAFE = frozenset({"accept", "accept-language", "content-language"})

# Client hints that a script may set and that Chromium sends without a preflight. The Fetch standard does not.
_CLIENT_HINTS = frozenset({"device-memory", "downlink", "dpr", "ect", "rtt", "save-data", "viewport-width", "width"})

CORS_CHECK = 'Fetch, "CORS check"'
PREFLIGHT = 'Fetch, "CORS-preflight fetch"'
NETWORK = 'Private Network Access, "CORS preflight"'
REDIRECT = 'Fetch, "HTTP-redirect fetch"'
NETWORK_FETCH = 'Fetch, "HTTP-network fetch"'


def is_safelisted_header(name: str, value: str | None) -> bool:
    """Fetch, "CORS-safelisted request-header". An unknown value counts as a typical one: JSON for Content-Type."""
    lower = name.lower()
    if value is None:
        return lower in _USUALLY_SAFE
    if len(value) > _LONGEST_VALUE:
        return False
    if lower == "accept":
        return _UNSAFE_BYTE.search(value) is None
    if lower in _USUALLY_SAFE:
        return _LANGUAGE.fullmatch(value) is not None
    if lower == "content-type":
        found = _MIME_TYPE.fullmatch(value)
        return _UNSAFE_BYTE.search(value) is None and found is not None and found[1].lower() in _SIMPLE_TYPES
    return lower == "range" and _is_simple_range(value)


def _is_simple_range(value: str) -> bool:
    found = _RANGE.fullmatch(value)
    return found is not None and (not found[2] or int(found[1]) <= int(found[2]))


def unsafe_names(request: Request) -> tuple[str, ...]:
    """Fetch, "CORS-unsafe request-header names": the header names that a preflight lists, sorted."""
    headers = [(name.lower(), value, is_safelisted_header(name, value)) for name, value in request.headers]
    is_too_long = sum(len(value or "") for _, value, is_safe in headers if is_safe) > _LONGEST_VALUES
    return tuple(sorted({name for name, _, is_safe in headers if is_too_long or not is_safe}))


def client_hints(request: Request) -> tuple[str, ...]:
    """Return the names that a preflight lists although Chromium does not ask for them."""
    return tuple(name for name in unsafe_names(request) if name in _CLIENT_HINTS)


def reasons_for_preflight(request: Request) -> tuple[str, ...]:
    """Fetch, "main fetch": return why `request` needs a preflight. A request that a form could send needs none."""
    method = () if request.method in SAFELISTED_METHODS else (request.method,)
    return (*method, *unsafe_names(request), *(("the private network",) if request.private_network else ()))


def needs_preflight(request: Request) -> bool:
    """Tell whether a preflight is sent before `request`."""
    return bool(reasons_for_preflight(request))


def preflight_headers(request: Request) -> tuple[tuple[str, str], ...]:
    """Fetch, "CORS-preflight fetch", steps 2 to 5: return the headers of the preflight."""
    names = unsafe_names(request)
    headers = [("accept", "*/*"), ("access-control-request-method", request.method)]
    if names:
        headers.append(("access-control-request-headers", ",".join(names)))
    if request.private_network:
        headers.append(("access-control-request-private-network", "true"))
    return (*headers, ("origin", request.origin))


def check_preflight(request: Request, answer: Answer) -> list[Step]:
    """Fetch, "CORS-preflight fetch", from step 7 on: decide whether the actual request may be sent."""
    steps: list[Step] = []
    for step in _preflight_steps(request, answer):
        steps.append(step)
        if not step.passed:
            break
    return steps


def _preflight_steps(request: Request, answer: Answer) -> Iterator[Step]:
    prefix = "Response to preflight request doesn't pass access control check: "
    for step in check_cors(request, answer):
        yield step._replace(console=prefix + step.console if step.console else "")
    is_ok = 200 <= answer.status <= 299
    console = "Redirect is not allowed for a preflight request."
    if answer.status not in REDIRECT_STATUSES:
        console = "It does not have HTTP ok status."
    found = f"Its status is {answer.status}, " + ("which is ok." if is_ok else "where 200 to 299 is ok.")
    yield _step(PREFLIGHT, "7", found, is_ok, prefix + console)
    if request.private_network:
        yield _check_network(answer)
    for name in (ALLOW_METHODS, ALLOW_HEADERS):
        if _listed(answer.get(name)) is None:
            console = f"Cannot parse {name} response header field in preflight response."
            yield _step(PREFLIGHT, "7.3", f"{name} is no list of names: {answer.get(name)!r}.", False, console)
    yield _check_method(request, answer)
    yield from _check_names(request, answer)


def _check_network(answer: Answer) -> Step:
    value = answer.get(ALLOW_PRIVATE_NETWORK)
    console = (
        f"No '{ALLOW_PRIVATE_NETWORK}' header was present in the preflight response for this private network request "
        f"targeting the `private` address space."
    )
    if value is not None:
        console = f"The '{ALLOW_PRIVATE_NETWORK}' header in the preflight response has the value '{value}', not 'true'."
    return _step(NETWORK, "", f"{ALLOW_PRIVATE_NETWORK} {_is(value)}.", value == "true", console)


def _check_method(request: Request, answer: Answer) -> Step:
    method, value = request.method, answer.get(ALLOW_METHODS)
    methods = _listed(value) or []
    console = f"Method {method} is not allowed by {ALLOW_METHODS} in preflight response."
    if method in methods:
        return _step(PREFLIGHT, "7.5", f"{ALLOW_METHODS} names {method}.", True)
    if method in SAFELISTED_METHODS:
        return _step(PREFLIGHT, "7.5", f"{method} is safelisted: it need not be named.", True)
    if "*" not in methods:
        return _step(PREFLIGHT, "7.5", f"{ALLOW_METHODS} {_is(value)}: {method} is not in it.", False, console)
    what = "counts for nothing with credentials" if request.credentials else "covers every method"
    return _step(PREFLIGHT, "7.5", f"{ALLOW_METHODS} has *, which {what}.", not request.credentials, console)


def _check_names(request: Request, answer: Answer) -> Iterator[Step]:
    value = answer.get(ALLOW_HEADERS)
    names = [name.lower() for name in _listed(value) or []]
    for name in unsafe_names(request):
        number = "7.6" if name == "authorization" else "7.7"
        console = f"Request header field {name} is not allowed by {ALLOW_HEADERS} in preflight response."
        if name in names:
            yield _step(PREFLIGHT, number, f"{ALLOW_HEADERS} names {name}.", True)
        elif "*" not in names:
            yield _step(PREFLIGHT, number, f"{ALLOW_HEADERS} {_is(value)}: {name} is not in it.", False, console)
        elif name == "authorization":
            yield _step(PREFLIGHT, number, f"{ALLOW_HEADERS} has *, which leaves authorization out.", False, console)
        elif request.credentials:
            found = f"{ALLOW_HEADERS} has *, which counts for nothing with credentials."
            yield _step(PREFLIGHT, number, found, False, console)
        else:
            yield _step(PREFLIGHT, number, f"{ALLOW_HEADERS} has *, which covers {name}.", True)


def check_cors(request: Request, answer: Answer) -> list[Step]:
    """Fetch, "CORS check": decide whether the page may read the answer."""
    value = answer.get(ALLOW_ORIGIN)
    found = f"{ALLOW_ORIGIN} {_is(value)}."
    if value is None:
        console = f"No '{ALLOW_ORIGIN}' header is present on the requested resource."
        return [_step(CORS_CHECK, "2", found, False, console)]
    steps = [_step(CORS_CHECK, "2", found, True)]
    if value == "*" and not request.credentials:
        return [*steps, _step(CORS_CHECK, "3", "It is *, and there are no credentials: any origin may read.", True)]
    if value != request.origin:
        found = f"It is not the origin that asks, {request.origin}."
        return [*steps, _step(CORS_CHECK, "4", found, False, _mismatch(value))]
    steps.append(_step(CORS_CHECK, "4", "It is the origin that asks.", True))
    if not request.credentials:
        return [*steps, _step(CORS_CHECK, "5", "There are no credentials.", True)]
    value = answer.get(ALLOW_CREDENTIALS)
    console = (
        f"The value of the '{ALLOW_CREDENTIALS}' header in the response is '{value or ''}' which must be 'true' when "
        f"the request's credentials mode is 'include'."
    )
    number = "7" if value == "true" else "8"
    return [*steps, _step(CORS_CHECK, number, f"{ALLOW_CREDENTIALS} {_is(value)}.", value == "true", console)]


def _mismatch(value: str) -> str:
    """Return Chromium's message for an Access-Control-Allow-Origin that does not match the page's origin."""
    if value == "*":
        return (
            f"The value of the '{ALLOW_ORIGIN}' header in the response must not be the wildcard '*' when the "
            f"request's credentials mode is 'include'."
        )
    found = f"has a value '{value}' that is not equal to the supplied origin"
    if "," in value or " " in value:
        found = f"contains multiple values '{value}', but only one is allowed"
    elif value != "null" and not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:(?!//$)", value):
        found = f"contains the invalid value '{value}'"
    return f"The '{ALLOW_ORIGIN}' header {found}. Have the server send the header with a valid value."


def _step(section: str, number: str, found: str, passed: bool, console: str = "") -> Step:
    return Step(section, number, found, passed, "" if passed else console)


def _is(value: str | None) -> str:
    return "is missing" if value is None else f"is {value!r}"


def _listed(value: str | None) -> list[str] | None:
    """Return the members of a comma-separated list of tokens, or None if one of them is not a token."""
    members = [member.strip(" \t") for member in (value or "").split(",")]
    members = [member for member in members if member]
    return members if all(map(is_token, members)) else None
