"""Answers of every kind, and what Chromium makes of them: what its console says, and what it sends.

A page asks for them with `fetch` and these options. `test_fetch.py` compares with what our steps of the Fetch standard
make of them, `test_console.py` with a real browser.
"""

from typing import Any, NamedTuple

# The page's origin, wherever it is served.
PAGE = "http://page.example"


class Answer(NamedTuple):
    status: int
    headers: tuple[tuple[str, str], ...]


class Row(NamedTuple):
    shows: str
    options: dict[str, Any]
    preflight: Answer | None
    """None: no preflight is sent."""
    actual: Answer | None
    console: str
    """Nothing, where the page may read the response."""
    wire: tuple[str, ...]
    """What is sent, with the names that a preflight asks for."""
    differs: str
    """Why Chromium does something else than the Fetch standard says."""


_NAMES = {
    "origin": "Access-Control-Allow-Origin",
    "credentials": "Access-Control-Allow-Credentials",
    "methods": "Access-Control-Allow-Methods",
    "names": "Access-Control-Allow-Headers",
    "location": "Location",
}


def row(
    shows: str, options: dict[str, Any], preflight: Answer | None, actual: Answer | None, console: str, *wire: str,
    differs: str = "",
) -> Row:  # fmt: skip
    return Row(shows, options, preflight, actual, console, wire, differs)


def sends(status: int = 200, **headers: str | tuple[str, ...]) -> Answer:
    """Return an answer with these headers; one that is there twice has two values."""
    pairs = ((_NAMES[name], values if isinstance(values, tuple) else (values,)) for name, values in headers.items())
    return Answer(status, tuple((name, value) for name, values in pairs for value in values))


def _value(found: str) -> str:
    return f"The 'Access-Control-Allow-Origin' header {found}. Have the server send the header with a valid value."


def unequal(value: str) -> str:
    return _value(f"has a value '{value}' that is not equal to the supplied origin")


def invalid(value: str) -> str:
    return _value(f"contains the invalid value '{value}'")


def several(values: str) -> str:
    return _value(f"contains multiple values '{values}', but only one is allowed")


def not_true(value: str) -> str:
    return (
        f"The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' "
        f"when the request's credentials mode is 'include'."
    )


def method(name: str) -> str:
    return f"Method {name} is not allowed by Access-Control-Allow-Methods in preflight response."


def field(name: str) -> str:
    return f"Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."


def unread(name: str) -> str:
    return f"Cannot parse {name} response header field in preflight response."


MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
WILDCARD = (
    "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the "
    "request's credentials mode is 'include'."
)
ACCESS = "Response to preflight request doesn't pass access control check: "
STATUS = "It does not have HTTP ok status."
REDIRECT = "Redirect is not allowed for a preflight request."

PUT = {"method": "PUT"}
TOKEN = {"headers": {"X-Token": "a"}}
INCLUDE = {"credentials": "include"}
OK = sends(origin=PAGE)

_AUTHORIZATION = "The standard leaves Authorization out of the asterisk."
_HINT = "Client hints are not among the names that the standard safelists."

ROWS = (
    row("no header", {}, None, sends(), MISSING, "GET"),
    row("any origin", {}, None, sends(origin="*"), "", "GET"),
    row("the origin", {}, None, OK, "", "GET"),
    row("a slash after it", {}, None, sends(origin=f"{PAGE}/"), unequal(f"{PAGE}/"), "GET"),
    row("another origin", {}, None, sends(origin="https://other.example"), unequal("https://other.example"), "GET"),
    row("null, for an origin that is not", {}, None, sends(origin="null"), unequal("null"), "GET"),
    row("no scheme", {}, None, sends(origin="app.example.com"), invalid("app.example.com"), "GET"),
    row("a host for a scheme", {}, None, sends(origin="localhost:3000"), unequal("localhost:3000"), "GET"),
    row("an empty value", {}, None, sends(origin=""), invalid(""), "GET"),
    row(
        "two origins, with a comma", {}, None, sends(origin=f"{PAGE}, https://b.example"),
        several(f"{PAGE}, https://b.example"), "GET",
    ),
    row(
        "two origins, with a space", {}, None, sends(origin=f"{PAGE} https://b.example"),
        several(f"{PAGE} https://b.example"), "GET",
    ),
    row("the header twice", {}, None, sends(origin=(PAGE, PAGE)), several(f"{PAGE}, {PAGE}"), "GET"),
    row("an asterisk twice", {}, None, sends(origin=("*", "*")), several("*, *"), "GET"),
    row("two asterisks", {}, None, sends(origin="*, *"), several("*, *"), "GET"),
    row("no host", {}, None, sends(origin="https://"), invalid("https://"), "GET"),
    row("an asterisk within", {}, None, sends(origin="*.example.com"), invalid("*.example.com"), "GET"),
    row("white space around", {}, None, sends(origin=f" {PAGE} "), "", "GET"),
    row("credentials, any origin", INCLUDE, None, sends(origin="*"), WILDCARD, "GET"),
    row(
        "credentials, any origin, and allowed", INCLUDE, None, sends(origin="*", credentials="true"),
        WILDCARD, "GET",
    ),
    row("credentials, not allowed", INCLUDE, None, OK, not_true(""), "GET"),
    row(
        "credentials, True is not true", INCLUDE, None, sends(origin=PAGE, credentials="True"),
        not_true("True"), "GET",
    ),
    row("credentials, allowed", INCLUDE, None, sends(origin=PAGE, credentials="true"), "", "GET"),
    row(
        "credentials, allowed twice", INCLUDE, None, sends(origin=PAGE, credentials=("true", "true")),
        not_true("true, true"), "GET",
    ),
    row("an error of the server", {}, None, sends(500), MISSING, "GET"),
    row("preflight: no header", PUT, sends(), OK, ACCESS + MISSING, "OPTIONS"),
    row("preflight: refused, no header", PUT, sends(400), OK, ACCESS + MISSING, "OPTIONS"),
    row(
        "preflight: refused, though the origin is allowed", PUT, sends(400, origin=PAGE, methods="PUT"), OK,
        ACCESS + STATUS, "OPTIONS",
    ),
    row("preflight: not found", PUT, sends(404, origin=PAGE, methods="PUT"), OK, ACCESS + STATUS, "OPTIONS"),
    row("preflight: no content", PUT, sends(204, origin=PAGE, methods="PUT"), OK, "", "OPTIONS", "PUT"),
    row(
        "preflight: a redirect", PUT, sends(301, origin=PAGE, methods="PUT", location="/x"), OK,
        ACCESS + REDIRECT, "OPTIONS",
    ),
    row("preflight: not modified", PUT, sends(304, origin=PAGE, methods="PUT"), OK, ACCESS + STATUS, "OPTIONS"),
    row("no methods", PUT, OK, OK, method("PUT"), "OPTIONS"),
    row("other methods", PUT, sends(origin=PAGE, methods="GET, POST"), OK, method("PUT"), "OPTIONS"),
    row("a method in lower case", PUT, sends(origin=PAGE, methods="put"), OK, method("PUT"), "OPTIONS"),
    row("any method", PUT, sends(origin=PAGE, methods="*"), OK, "", "OPTIONS", "PUT"),
    row(
        "methods without a comma", PUT, sends(origin=PAGE, methods="GET PUT"), OK,
        unread("Access-Control-Allow-Methods"), "OPTIONS",
    ),
    row("an empty list of methods", PUT, sends(origin=PAGE, methods=""), OK, method("PUT"), "OPTIONS"),
    row("two lists of methods", PUT, sends(origin=PAGE, methods=("GET", "PUT")), OK, "", "OPTIONS", "PUT"),
    row("a method in quotes", PUT, sends(origin=PAGE, methods="'PUT'"), OK, method("PUT"), "OPTIONS"),
    row("a list with empty members", PUT, sends(origin=PAGE, methods="PUT,,"), OK, "", "OPTIONS", "PUT"),
    row(
        "credentials, any method", PUT | INCLUDE, sends(origin=PAGE, credentials="true", methods="*"), OK,
        method("PUT"), "OPTIONS",
    ),
    row(
        "preflight: credentials, not allowed", PUT | INCLUDE, sends(origin=PAGE, methods="PUT"), OK,
        ACCESS + not_true(""), "OPTIONS",
    ),
    row(
        "preflight: credentials, any origin", PUT | INCLUDE, sends(origin="*", methods="PUT"), OK,
        ACCESS + WILDCARD, "OPTIONS",
    ),
    row(
        "patch is not PATCH", {"method": "patch"}, sends(origin=PAGE, methods="PATCH"), OK,
        method("patch"), "OPTIONS",
    ),
    row("put is PUT", {"method": "put"}, sends(origin=PAGE, methods="PUT"), OK, "", "OPTIONS", "PUT"),
    row(
        "any method, one of one's own", {"method": "BREW"}, sends(origin=PAGE, methods="*"), OK,
        "", "OPTIONS", "BREW",
    ),
    row("no header names", TOKEN, OK, OK, field("x-token"), "OPTIONS for x-token"),
    row(
        "other header names", TOKEN, sends(origin=PAGE, names="X-Other"), OK,
        field("x-token"), "OPTIONS for x-token",
    ),
    row(
        "a header name in upper case", TOKEN, sends(origin=PAGE, names="X-TOKEN"), OK,
        "", "OPTIONS for x-token", "GET",
    ),
    row("any header name", TOKEN, sends(origin=PAGE, names="*"), OK, "", "OPTIONS for x-token", "GET"),
    row(
        "header names without a comma", TOKEN, sends(origin=PAGE, names="X Token"), OK,
        unread("Access-Control-Allow-Headers"), "OPTIONS for x-token",
    ),
    row(
        "credentials, any header name", TOKEN | INCLUDE, sends(origin=PAGE, credentials="true", names="*"), OK,
        field("x-token"), "OPTIONS for x-token",
    ),
    row(
        "any header name but Authorization", {"headers": {"Authorization": "a"}}, sends(origin=PAGE, names="*"), OK,
        "", "OPTIONS for authorization", "GET", differs=_AUTHORIZATION,
    ),
    row(
        "any header name and Authorization", {"headers": {"Authorization": "a"}},
        sends(origin=PAGE, names="*, authorization"), OK,
        "", "OPTIONS for authorization", "GET",
    ),
    row(
        "a method and a header name", {"headers": {"Authorization": "a"}, "method": "PUT"}, OK, OK,
        method("PUT"), "OPTIONS for authorization",
    ),
    row(
        "any header name but Authorization, beside another", {"headers": {"X-Token": "a", "Authorization": "b"}},
        sends(origin=PAGE, names="*"), OK,
        "", "OPTIONS for authorization,x-token", "GET", differs=_AUTHORIZATION,
    ),
    row("two header names", {"headers": {"X-B": "a", "X-A": "b"}}, OK, OK, field("x-a"), "OPTIONS for x-a,x-b"),
    row(
        "JSON", {"method": "POST", "headers": {"Content-Type": "application/json"}}, OK, OK,
        field("content-type"), "OPTIONS for content-type",
    ),
    row("text", {"method": "POST", "headers": {"Content-Type": "text/plain"}}, None, OK, "", "POST"),
    row(
        "text, mixed case, a parameter", {"method": "POST", "headers": {"Content-Type": "Text/Plain;charset=utf-8"}},
        None, OK,
        "", "POST",
    ),
    row(
        "a multipart form", {"method": "POST", "headers": {"Content-Type": "multipart/form-data; boundary=a"}},
        None, OK,
        "", "POST",
    ),
    row(
        "a parameter in quotes", {"method": "POST", "headers": {"Content-Type": "text/plain; a=\"b\""}}, OK, OK,
        field("content-type"), "OPTIONS for content-type",
    ),
    row(
        "no media type", {"headers": {"Content-Type": "text"}}, OK, OK,
        field("content-type"), "OPTIONS for content-type",
    ),
    row(
        "a parenthesis in Accept", {"headers": {"Accept": "text/html(x)"}}, OK, OK,
        field("accept"), "OPTIONS for accept",
    ),
    row("an Accept of 128 bytes", {"headers": {"Accept": "a" * 128}}, None, OK, "", "GET"),
    row("an Accept of 129 bytes", {"headers": {"Accept": "a" * 129}}, OK, OK, field("accept"), "OPTIONS for accept"),
    row(
        "an underscore in Accept-Language", {"headers": {"Accept-Language": "de_DE"}}, OK, OK,
        field("accept-language"), "OPTIONS for accept-language",
    ),
    row("Accept-Language", {"headers": {"Accept-Language": "de-DE, en;q=0.5"}}, None, OK, "", "GET"),
    row(
        "an at sign in Content-Language", {"headers": {"Content-Language": "@"}}, OK, OK,
        field("content-language"), "OPTIONS for content-language",
    ),
    row("a range from the start", {"headers": {"Range": "bytes=0-"}}, None, OK, "", "GET"),
    row("a range from the end", {"headers": {"Range": "bytes=-5"}}, OK, OK, field("range"), "OPTIONS for range"),
    row(
        "a range that ends before it starts", {"headers": {"Range": "bytes=9-5"}}, OK, OK,
        field("range"), "OPTIONS for range",
    ),
    row("two ranges", {"headers": {"Range": "bytes=0-1,3-4"}}, OK, OK, field("range"), "OPTIONS for range"),
    row("DNT is dropped", {"headers": {"DNT": "1"}}, None, OK, "", "GET"),
    row("Sec- is dropped", {"headers": {"Sec-X": "1"}}, None, OK, "", "GET"),
    row("Proxy- is dropped", {"headers": {"Proxy-X": "1"}}, None, OK, "", "GET"),
    row(
        "a forbidden method to be taken instead is dropped", {"headers": {"X-HTTP-Method-Override": "TRACE"}},
        None, OK,
        "", "GET",
    ),
    row(
        "a method to be taken instead", {"headers": {"X-HTTP-Method-Override": "PUT"}}, OK, OK,
        field("x-http-method-override"), "OPTIONS for x-http-method-override",
    ),
    row("Cookie is dropped", {"headers": {"Cookie": "a=b"}}, None, OK, "", "GET"),
    row("Save-Data", {"headers": {"Save-Data": "on"}}, OK, OK, "", "GET", differs=_HINT),
    row("DPR", {"headers": {"DPR": "1"}}, OK, OK, "", "GET", differs=_HINT),
    row(
        "a forbidden method", {"method": "TRACE"}, None, OK,
        "Failed to execute 'fetch' on 'Window': 'TRACE' HTTP method is unsupported.",
    ),
)  # fmt: skip
