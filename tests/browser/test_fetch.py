"""The browser's side of the CORS protocol, against what a real browser was seen to do, in tests/interop."""

import re
from typing import Any

import pytest
from interop.browser_rows import ROWS as BROWSER_ROWS, Row as BrowserRow
from interop.console_rows import PAGE, ROWS, Row
from interop.policies import policies

from fastcors.browser import steps as fetch
from fastcors.browser.steps import Answer, Request
from fastcors.explain import explain
from fastcors.standard.forbidden import is_forbidden_header, is_forbidden_method
from fastcors.standard.methods import normalized

# The console is Chromium's; the standard allows less.
OF_THE_STANDARD = [row for row in ROWS if not row.differs]


def asked(row: Row) -> Request | None:
    """Return the request of this row, or None where a browser sends nothing."""
    method = normalized(row.options.get("method", "GET"))
    if is_forbidden_method(method):
        return None
    headers = row.options.get("headers", {}).items()
    sent = tuple(pair for pair in headers if not is_forbidden_header(*pair))
    return Request(PAGE, method, sent, row.options.get("credentials") == "include")


def judged(row: Row) -> tuple[str, list[str]]:
    """Return what the console says, and what was sent."""
    request = asked(row)
    if request is None:
        return row.console, []
    wire = []
    steps = []
    if fetch.needs_preflight(request):
        names = dict(fetch.preflight_headers(request)).get("access-control-request-headers")
        wire.append("OPTIONS" + (f" for {names}" if names else ""))
        assert row.preflight is not None
        steps = fetch.check_preflight(request, Answer(*row.preflight))
    if not steps or steps[-1].passed:
        wire.append(request.method)
        assert row.actual is not None
        steps = fetch.check_cors(request, Answer(*row.actual))
    assert all(step.passed and not step.console for step in steps[:-1])
    return steps[-1].console, wire


@pytest.mark.parametrize("row", OF_THE_STANDARD, ids=[row.shows for row in OF_THE_STANDARD])
def test_verdict_is_the_browsers(row: Row) -> None:
    assert judged(row) == (row.console, list(row.wire))


@pytest.mark.parametrize("row", [row for row in ROWS if row.differs], ids=[row.shows for row in ROWS if row.differs])
def test_verdict_is_the_standards_where_chromium_is_laxer(row: Row) -> None:
    console, _ = judged(row)
    assert row.console == ""
    assert "is not allowed by Access-Control-Allow-Headers" in console


# The rows of the browser's table that are one `fetch` of the API that its app answers without headers of its own.
_FETCH = re.compile(
    r"(?:sandboxed\(`)?see\(fetch\(at\('/(?:item|missing)'\), \{(.*?)\}\)(?:, .*)?\)(?:`\))?", re.DOTALL
)
_TYPES = {"'a'": "text/plain;charset=UTF-8", "new URLSearchParams('a=b')": "application/x-www-form-urlencoded"}
_PAGES = {"foreign": "http://foreign.localhost:1", "port": "http://app.site.localhost:2"}
_APP = "http://app.site.localhost:1"


def question(row: BrowserRow) -> dict[str, Any] | None:
    """Return what `explain` is asked for this row; None: it is about something else."""
    page, script = row.steps[0]
    found = _FETCH.fullmatch(script)
    if found is None or len(row.steps) > 1 or "mode:" in script or page not in ("app", *_PAGES):
        return None
    options = found[1]
    body = re.search(r"body: ('a'|new URLSearchParams\('a=b'\)|new FormData\(\))", options)
    headers = re.search(r"headers: \{(.*?)\}", options)
    pairs = (
        re.findall(r"'?([\w-]+)'?: '([^']*)'", headers[1].replace("'a'.repeat(129)", f"'{'a' * 129}'"))
        if headers
        else []
    )
    if body:
        pairs.append(("Content-Type", _TYPES.get(body[1], "multipart/form-data; boundary=a")))
    method = re.search(r"method: '(\w+)'", options)
    return {
        "origin": "null" if script.startswith("sandboxed") else _PAGES.get(page, _APP),
        "method": method[1] if method else "GET",
        "request_headers": pairs,
        "credentials": "credentials: 'include'" in options,
    }


ASKED = [(row, question(row)) for row in BROWSER_ROWS]
ROWS_ASKED = [(row, asked) for row, asked in ASKED if asked is not None]


def test_most_rows_of_requests_are_asked() -> None:
    sections = {"CORS check", "CORS-safelisted requests", "CORS-preflight fetch", "Credentials"}
    assert len(ROWS_ASKED) >= 0.75 * sum(row.section in sections for row in BROWSER_ROWS)


@pytest.mark.parametrize(("row", "asked"), ROWS_ASKED, ids=[f"{row.section}: {row.shows}" for row, _ in ROWS_ASKED])
def test_decision_is_the_browsers(row: BrowserRow, asked: dict[str, Any]) -> None:
    policy = policies(_APP)[row.policy] if row.policy != "around" else policies(_APP)["listed"]
    decision = explain(policy, **asked)
    wire = []
    if decision.preflight is not None:
        names = ",".join(fetch.unsafe_names(decision.request))
        wire.append("OPTIONS" + (f" for {names}" if names else ""))
    if decision.actual is not None:
        wire.append(decision.request.method)
    assert decision.allowed == row.sees.startswith("cors")
    assert wire == [re.sub(" from null| with cookies", "", line) for line in row.wire]


SAFELISTED = {
    "a name alone": ("Accept", None, True),
    "a content type alone": ("Content-Type", None, False),
    "a range alone": ("Range", None, False),
    "an empty Accept": ("accept", "", True),
    "a tab in Accept": ("ACCEPT", "a\tb", True),
    "a control byte in Accept": ("accept", "a\x01", False),
    "an empty content type": ("content-type", "", False),
    "a subtype missing": ("content-type", "text/", False),
    "white space around": ("content-type", " text/plain ", True),
    "white space within": ("content-type", "text / plain", False),
    "another range unit": ("range", "lines=0-1", False),
    "a range of one": ("range", "bytes=5-5", True),
    "white space in a range": ("range", "bytes=0 - 5", False),
}


@pytest.mark.parametrize("case", SAFELISTED)
def test_safelisted_header(case: str) -> None:
    name, value, expected = SAFELISTED[case]
    assert fetch.is_safelisted_header(name, value) == expected


FORBIDDEN: dict[str, tuple[str, str | None, bool]] = {
    "a method that is forbidden": ("X-HTTP-Method", "TRACE", True),
    "one after another": ("X-HTTP-Method", "GET, TRACE", True),
    "one after another, without a blank": ("x-http-method-override", "GET,trace", True),
    "one before another, with a tab": ("X-Method-Override", "\tconnect\t,GET", True),
    "methods that are not": ("X-HTTP-Method", "GET, PUT", False),
    "a part of a method": ("X-HTTP-Method", "GETTRACE", False),
    "no value": ("X-HTTP-Method", None, False),
    "another header with the same value": ("X-Method", "TRACE", False),
    "the beginning of a name": ("Sec-Anything", "1", True),
    "the beginning of another": ("Proxy-Anything", "1", True),
    "without the hyphen": ("Proxying", "1", False),
    "nor there": ("Secret", "1", False),
    "the end of a name": ("X-Sec-", "1", False),
}


@pytest.mark.parametrize(("name", "value", "expected"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_forbidden_header(name: str, value: str | None, expected: bool) -> None:
    assert is_forbidden_header(name, value) == expected


@pytest.mark.parametrize(("more", "expected"), [("", ()), ("a", ("accept", "accept-language"))])
def test_values_together_are_bounded(more: str, expected: tuple[str, ...]) -> None:
    headers = tuple(("Accept", "a" * 128) for _ in range(8))
    assert fetch.unsafe_names(Request(PAGE, "GET", (*headers, ("Accept-Language", more)))) == expected


def test_values_of_headers_that_are_asked_for_anyway_do_not_count() -> None:
    headers = (("X-Long", "a" * 2000), ("Accept", "text/plain"), ("Range", "lines=" + "0" * 100))
    assert fetch.unsafe_names(Request(PAGE, "GET", headers)) == ("range", "x-long")


@pytest.mark.parametrize(
    ("status", "expected"), [(199, False), (200, True), (204, True), (299, True), (300, False), (404, False)]
)
def test_status_of_a_preflight(status: int, expected: bool) -> None:
    allowed = (("access-control-allow-origin", "*"), ("access-control-allow-methods", "PUT"))
    steps = fetch.check_preflight(Request(PAGE, "PUT"), Answer(status, allowed))
    assert steps[-1].passed == expected
    assert ("It does not have HTTP ok status." in steps[-1].console) == (not expected)


PRIVATE = Request(PAGE, "GET", private_network=True)
NETWORKS = {
    "allowed": ((("access-control-allow-private-network", "true"),), True),
    "missing": ((), False),
    "not true": ((("Access-Control-Allow-Private-Network", "yes"),), False),
}


@pytest.mark.parametrize("case", NETWORKS)
def test_private_network(case: str) -> None:
    headers, expected = NETWORKS[case]
    steps = fetch.check_preflight(PRIVATE, Answer(200, (("access-control-allow-origin", "*"), *headers)))
    assert steps[-1].passed == expected
    assert ("Access-Control-Allow-Private-Network" in steps[-1].console) == (not expected)
    assert dict(fetch.preflight_headers(PRIVATE))["access-control-request-private-network"] == "true"
