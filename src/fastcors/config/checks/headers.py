"""What is wrong with methods and header names (Fetch standard, sections 2.2.1 and 2.2.2)."""

import re
from collections.abc import Iterator

from ...core.policy import ALL_METHODS, SAFELISTED_HEADERS
from ..value import ConfigProblem, shown
from .collections import problem

# RFC 9110, section 5.6.2.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_FORBIDDEN_METHODS = ("CONNECT", "TRACE", "TRACK")
SAFELISTED_METHODS = ("GET", "HEAD", "POST")


def method_problems(methods: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    """Yield what is wrong with `allow_methods`."""
    for method in methods:
        if not _TOKEN.fullmatch(method):
            yield _no_token("method-not-token", "allow_methods", method, "method")
        elif method.upper() in _FORBIDDEN_METHODS:
            reason = "no browser lets a script send it (Fetch, forbidden method)."
            yield problem("method-forbidden", "allow_methods", method, reason, "Remove it.")
        elif method != method.upper():
            yield _lower_case(method)
    if "*" in methods:
        yield from _any_method([method for method in methods if method != "*"], credentials)
    elif methods != ["GET"]:
        missing = [method for method in SAFELISTED_METHODS if method not in methods]
        if missing:
            yield _safelisted_missing(methods, missing)


# Fetch, "normalize a method".
_UPPER_CASED = ("DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT")


def _lower_case(method: str) -> ConfigProblem:
    reason = "methods are compared as they are written, so this allows only scripts that write it so as well."
    if method.upper() in _UPPER_CASED:
        reason = (
            "methods are compared as they are written, and a browser sends this one in upper case, so it never matches."
        )
    return problem("method-lower-case", "allow_methods", method, reason, f"Write {shown(method.upper())}.")


def _any_method(others: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    dropped = [method for method in others if method not in ALL_METHODS]
    if others:
        yield problem(
            "method-asterisk-beside-others",
            "allow_methods",
            "*",
            f"it stands for {', '.join(ALL_METHODS)} and nothing else, so "
            + (f"{shown(dropped[0])} is refused." if dropped else "what is listed beside it has no effect."),
            f"Write allow_methods={shown([*ALL_METHODS, *dropped])}." if dropped else "Write allow_methods=['*'].",
        )
    if credentials:
        yield problem(
            "method-asterisk-with-credentials",
            "allow_methods",
            "*",
            "a browser takes an asterisk literally when there are credentials, so the middleware sends the names "
            "of the methods instead, as Starlette does.",
            "Nothing needs to be done; to allow fewer, list them.",
        )


def _safelisted_missing(methods: list[str], missing: list[str]) -> ConfigProblem:
    return problem(
        "method-safelisted-missing",
        "allow_methods",
        methods,
        f"a browser sends {', '.join(missing)} without asking, so to leave them out forbids nothing; but where it "
        f"asks, because of a header, they are refused.",
        f"Add {', '.join(map(shown, missing))} if such requests should pass.",
    )


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FORBIDDEN_OF_REQUESTS = _names(
    "accept-charset accept-encoding access-control-request-headers access-control-request-method connection "
    "content-length cookie cookie2 date dnt expect host keep-alive origin referer set-cookie te trailer "
    "transfer-encoding upgrade via"
)
_OF_RESPONSES = _names(
    "access-control-allow-credentials access-control-allow-headers access-control-allow-methods "
    "access-control-allow-origin access-control-allow-private-network access-control-expose-headers "
    "access-control-max-age"
)
_FORBIDDEN_OF_RESPONSES = _names("set-cookie set-cookie2")
_SAFELISTED_OF_RESPONSES = _names(
    "cache-control content-language content-length content-type expires last-modified pragma"
)
_SAFELISTED_OF_REQUESTS = frozenset(name.lower() for name in SAFELISTED_HEADERS)


def request_header_problems(names: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    """Yield what is wrong with `allow_headers`."""
    lower = {name.lower() for name in names}
    for name in names:
        if not _TOKEN.fullmatch(name):
            yield _no_token("header-not-token", "allow_headers", name, "header name")
        elif name.lower() in _OF_RESPONSES:
            reason = "it is a header of responses, which the middleware sets; no request needs it."
            yield problem("header-of-response", "allow_headers", name, reason, "Remove it.")
        elif name.lower() in _FORBIDDEN_OF_REQUESTS or name.lower().startswith(("proxy-", "sec-")):
            reason = (
                "browsers set it themselves and let no script do so, so none asks (Fetch, forbidden request-header)."
            )
            yield problem("header-forbidden", "allow_headers", name, reason, "Remove it.")
        elif name.lower() in _SAFELISTED_OF_REQUESTS:
            reason = "the middleware always allows it (Fetch, CORS-safelisted request-header)."
            yield problem("header-safelisted", "allow_headers", name, reason, "It can be left out.")
    if "*" in names:
        yield from _any_header("authorization" in lower, credentials)


def _any_header(lists_authorization: bool, credentials: bool) -> Iterator[ConfigProblem]:
    if credentials:
        yield problem(
            "header-asterisk-with-credentials",
            "allow_headers",
            "*",
            "a browser takes an asterisk literally when there are credentials, so the middleware sends the names that "
            "were asked for instead, as Starlette does.",
            "Nothing needs to be done; to allow fewer, list them.",
        )
    if not lists_authorization:
        yield problem(
            "header-authorization-under-asterisk",
            "allow_headers",
            "*",
            "for a browser an asterisk does not cover Authorization. It is allowed here all the same, because the "
            "middleware sends the names that were asked for, as Starlette does.",
            "Nothing needs to be done; list Authorization where another server or a proxy answers preflights.",
        )


def response_header_problems(names: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    """Yield what is wrong with `expose_headers`."""
    for name in names:
        if not _TOKEN.fullmatch(name):
            yield _no_token("header-not-token", "expose_headers", name, "header name")
        elif name.lower() in _FORBIDDEN_OF_RESPONSES:
            reason = "no browser lets a script read it (Fetch, forbidden response-header name)."
            yield problem("header-forbidden", "expose_headers", name, reason, "Remove it.")
        elif name.lower() in _SAFELISTED_OF_RESPONSES:
            reason = "scripts can always read it (Fetch, CORS-safelisted response-header name)."
            yield problem("header-safelisted", "expose_headers", name, reason, "It can be left out.")
    if "*" in names and credentials:
        yield problem(
            "expose-asterisk-with-credentials",
            "expose_headers",
            "*",
            "a browser takes an asterisk literally when there are credentials, so it exposes a header of "
            "that name alone.",
            "List the names, such as expose_headers=['X-Total-Count'].",
        )


def _no_token(code: str, parameter: str, text: str, what: str) -> ConfigProblem:
    parts = re.findall(r"[^\s,;]+", text.partition(":")[0])
    fix = f"Write {shown(parts)}, each on its own."
    if len(parts) < 2:
        fix = f"Write {shown(parts[0])}." if parts and _TOKEN.fullmatch(parts[0]) else "Remove it."
    reason = f"it is no {what}: a token of letters, digits and some signs, without spaces (RFC 9110, section 5.6.2)."
    return problem(code, parameter, text, reason, fix)
