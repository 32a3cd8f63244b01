"""Origin patterns: what each admits, on both cores, alone and beside the other parameters, and which are refused."""

import copy
import importlib.util
import pickle
import re
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, strategies as st
from support.exchange import exchange, get, hello, preflight

from fastcors.origins.patterns import OriginPattern, OriginPatternError, parse_origin_pattern, regex_of
from fastcors.problems import shown

LABEL_OF_63 = "a" * 63

# Pattern, its parts, origins that it admits, origins that it does not.
PATTERNS: dict[str, tuple[str, OriginPattern, tuple[str, ...], tuple[str, ...]]] = {
    "subdomains": (
        "https://*.example.com",
        OriginPattern("https", True, "example.com", ""),
        (
            "https://app.example.com",
            "https://a.b.c.example.com",
            "https://xn--bcher-kva.example.com",
            "https://_a-1.example.com",
            f"https://{LABEL_OF_63}.example.com",
        ),
        (
            "https://example.com",
            "https://.example.com",
            "https://a..example.com",
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://aexample.com",
            "https://app.examplescom",
            "https://app.example.com.evil.example",
            "https://evil.example/.example.com",
            "https://evil.example?.example.com",
            "https://evil@x.example.com",
            "https://App.example.com",
            "https://\xe9.example.com",
            "https://*.example.com",
            f"https://{LABEL_OF_63}a.example.com",
            "null",
            "",
        ),
    ),
    "any port": (
        "http://localhost:*",
        OriginPattern("http", False, "localhost", "*"),
        ("http://localhost", "http://localhost:3000", "http://localhost:8", "http://localhost:65535"),
        (
            "https://localhost:3000",
            "http://localhost:",
            "http://localhost:0",
            "http://localhost:0080",
            "http://localhost:123456",
            "http://localhost:*",
            "http://localhost:\xb2",
            "http://a.localhost:3000",
            "http://localhost.evil.example",
        ),
    ),
    "subdomains on any port": (
        "https://*.example.com:*",
        OriginPattern("https", True, "example.com", "*"),
        ("https://a.example.com", "https://a.example.com:8443"),
        ("https://example.com:8443", "https://a.example.com:a"),
    ),
    "subdomains on one port": (
        "https://*.example.com:8443",
        OriginPattern("https", True, "example.com", "8443"),
        ("https://a.example.com:8443",),
        ("https://a.example.com", "https://a.example.com:84430"),
    ),
    "subdomains of localhost": (
        "http://*.localhost:*",
        OriginPattern("http", True, "localhost", "*"),
        ("http://tenant.localhost:8000",),
        ("http://localhost:8000",),
    ),
    "IPv4": (
        "http://127.0.0.1:*",
        OriginPattern("http", False, "127.0.0.1", "*"),
        ("http://127.0.0.1", "http://127.0.0.1:5173"),
        ("http://127.0.0.10", "http://127a0.0.1"),
    ),
    "IPv6": (
        "http://[::1]:*",
        OriginPattern("http", False, "[::1]", "*"),
        ("http://[::1]", "http://[::1]:5173"),
        ("http://::1", "http://[::1]a"),
    ),
    "IPv6 with an IPv4 address in it": (
        "http://[::ffff:102:304]",
        OriginPattern("http", False, "[::ffff:102:304]", ""),
        ("http://[::ffff:102:304]",),
        ("http://[::ffff:1.2.3.4]",),
    ),
    "a dot at the end": (
        "https://*.example.com.",
        OriginPattern("https", True, "example.com.", ""),
        ("https://app.example.com.",),
        ("https://app.example.com",),
    ),
    "nothing special": (
        "https://app.example.com",
        OriginPattern("https", False, "app.example.com", ""),
        ("https://app.example.com",),
        ("https://app-example.com", "https://a.app.example.com"),
    ),
    "a scheme of its own": (
        "capacitor://localhost",
        OriginPattern("capacitor", False, "localhost", ""),
        ("capacitor://localhost",),
        ("http://localhost",),
    ),
}


@pytest.mark.parametrize(("pattern", "parts", "admitted", "refused"), PATTERNS.values(), ids=PATTERNS)
def test_what_a_pattern_admits(
    fastcors: ModuleType, pattern: str, parts: OriginPattern, admitted: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    assert parse_origin_pattern(pattern) == parts
    middleware = fastcors.CORSMiddleware(hello, allow_origin_patterns=[pattern])
    for origin, allowed in (*((origin, True) for origin in admitted), *((origin, False) for origin in refused)):
        assert middleware.is_allowed_origin(origin) is allowed, origin
        assert exchange(middleware, preflight(origin))[0]["status"] == (200 if allowed else 400), origin
        named = [value for name, value in exchange(middleware, get(origin))[0]["headers"] if b"allow-origin" in name]
        assert named == ([origin.encode("latin-1")] if allowed else []), origin


LIKE_THIS = "Write it as in 'https://*.example.com' or 'http://localhost:*'."

# Pattern, what the reason says, what the fix says.
WRONG: dict[str, tuple[Any, str, str]] = {
    "everything": ("*", "every origin", 'Write allow_origins=["*"]'),
    "null": ("null", "from a sandboxed frame", "an origin of its own"),
    "not a string": (7, "not a string", "'https://*.example.com'"),
    "empty": ("", "no scheme", "'https://*.example.com'"),
    "no scheme": ("*.example.com", "no scheme", "Write 'https://*.example.com'"),
    "no scheme, slashes": ("//a.example", "no scheme", "Write 'https://a.example'"),
    "any scheme": ("*://a.example", "scheme cannot have a '*'", "one pattern for each"),
    "part of a scheme": ("http*://a.example", "scheme cannot have a '*'", "one pattern for each"),
    "a malformed scheme": ("1a://a.example", "scheme is malformed", "'https://*.example.com'"),
    "a local file": ("file:///tmp", "null as the origin", "over HTTP"),
    "upper case": ("HTTPS://*.Example.com", "lower case", "Write 'https://*.example.com'"),
    "a user": ("https://me@a.example", "no user name or password", LIKE_THIS),
    "a slash at the end": ("https://a.example/", "nothing after the host and the port", "Write 'https://a.example'"),
    "a path": ("http://localhost:*/app", "nothing after the host and the port", "Write 'http://localhost:*'"),
    "a query": ("https://a.example?a=*", "nothing after the host and the port", LIKE_THIS),
    "a line break": ("https://a.example\n", "an invalid character", "'https://*.example.com'"),
    "any host": ("https://*", "every host", "Name the domain"),
    "any host on any port": ("https://*:*", "every host", "Name the domain"),
    "any host with a dot": ("https://*.", "every host", "Name the domain"),
    "a top-level domain": ("https://*.com", "register a name below 'com'", "'https://*.example.com'"),
    "a public suffix": ("https://*.co.uk", "register a name below 'co.uk'", "'https://*.<your name>.co.uk'"),
    "a host of strangers' pages": (
        "https://*.github.io:*",
        "register a name below 'github.io'",
        "<your name>.github.io'",
    ),
    "several stars": ("https://*.*.example.com", "several labels already", "Write 'https://*.example.com'"),
    "part of a label": ("https://api-*.example.com", "can only stand for", "allow_origin_regex"),
    "part of a label, first": ("https://*example.com", "can only stand for", "allow_origin_regex"),
    "two stars": ("https://**.example.com", "can only stand for", "allow_origin_regex"),
    "a star in the middle": ("https://a.*.example.com", "can only stand for", "allow_origin_regex"),
    "a star at the end": ("https://example.*", "can only stand for", "allow_origin_regex"),
    "part of a port": ("http://localhost:80*", "can only stand for", "allow_origin_regex"),
    "part of a port, first": ("http://localhost:*0", "can only stand for", "allow_origin_regex"),
    "a regex": (r"https://.*\.example\.com", "can only stand for", "allow_origin_regex"),
    "a host outside ASCII": (
        "https://*.b\xfccher.example:*",
        "ASCII form",
        "Write 'https://*.xn--bcher-kva.example:*'",
    ),
    "an empty label": ("https://*.example..com", "two dots in a row", "'https://*.example.com'"),
    "no host": ("https://:3000", "its host is empty", "'https://*.example.com'"),
    "a character that no host has": ("https://a<b.example", "an invalid character", "'https://*.example.com'"),
    "a long label": (f"https://{LABEL_OF_63}a.example", "more than 63 without a dot", "'https://*.example.com'"),
    "a long host": ("https://" + "a." * 130 + "example", "more than 253 characters", "'https://*.example.com'"),
    "no IPv4 address": ("http://127.0.0.256", "is not a valid IPv4 address", "'https://*.example.com'"),
    "an IPv4 address in hexadecimal": ("http://0x7f:*", "four decimal numbers", LIKE_THIS),
    "no IPv6 address": ("http://[::g]", "not a valid IPv6 address", "'https://*.example.com'"),
    "an IPv6 address, longer": ("http://[0:0::1]:*", "shortest form", "Write 'http://[::1]:*'"),
    "an IPv6 address with a zone": ("http://[fe80::1%eth0]", "not a valid IPv6 address", "'https://*.example.com'"),
    "an IPv4 address in IPv6": ("http://[::ffff:1.2.3.4]", "shortest form", "Write 'http://[::ffff:102:304]'"),
    "brackets left open": ("http://[::1:*", "host or port is malformed", "'https://*.example.com'"),
    "subdomains of an IPv4 address": ("http://*.10.0.0.1", "has no subdomains", LIKE_THIS),
    "subdomains of an IPv6 address": ("http://*.[::1]", "has no subdomains", LIKE_THIS),
    "no port": ("http://localhost:", "'' is not a valid port", "'http://localhost:*'"),
    "port 0": ("http://localhost:0", "'0' is not a valid port", "'http://localhost:*'"),
    "a port above 65535": ("http://localhost:65536", "'65536' is not a valid port", "'http://localhost:*'"),
    "a port with a zero before": ("http://localhost:080", "'080' is not a valid port", "'http://localhost:*'"),
    "the default port": ("https://*.example.com:443", "leaves out the default", "Write 'https://*.example.com'"),
}


# What takes a list of public suffixes to know.
OF_THE_LIST = ("a public suffix", "a host of strangers' pages")
needs_list = pytest.mark.skipif(importlib.util.find_spec("publicsuffixlist") is None, reason="there is no list")
ROWS = [pytest.param(*row, id=name, marks=needs_list if name in OF_THE_LIST else ()) for name, row in WRONG.items()]


@pytest.mark.parametrize(("pattern", "reason", "fix"), ROWS)
def test_what_is_no_pattern(fastcors: ModuleType, pattern: Any, reason: str, fix: str) -> None:
    middleware = fastcors.CORSMiddleware(hello)
    for fail in (
        lambda: fastcors.CORSMiddleware(hello, allow_origin_patterns=["https://a.example", pattern]),
        lambda: setattr(middleware, "allow_origin_patterns", (pattern,)),
    ):
        with pytest.raises(OriginPatternError, match="allow_origin_patterns holds") as caught:
            fail()
        text, error = str(caught.value), caught.value.problem
        code, value, said = error.code, error.value, f"{error.reason} {error.fix}"
        assert value == pattern
        assert text == f"allow_origin_patterns holds {shown(value)}: {said} [{code}]"
        assert reason in said
        assert fix in said
    assert middleware.allow_origin_patterns == ()


def error_of(pattern: str) -> OriginPatternError:
    with pytest.raises(OriginPatternError) as caught:
        parse_origin_pattern(pattern)
    return caught.value


@pytest.mark.parametrize(("pattern", "reason", "fix"), ROWS)
def test_the_fix_is_a_pattern(pattern: Any, reason: str, fix: str) -> None:
    """Where it names one at all, and the mistake was the only one."""
    named = re.fullmatch(r"Write '([^']+://[^']+)'\.", error_of(pattern).problem.fix)
    if named:
        parse_origin_pattern(named[1])


def test_error_can_be_copied() -> None:
    error = error_of("https://*")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.problem) == (str(error), error.problem)


def test_public_suffixes_without_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = importlib.import_module("fastcors.standard.public_suffixes").installed
    installed.cache_clear()
    monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    try:
        assert parse_origin_pattern("https://*.co.uk").host == "co.uk"
        with pytest.raises(OriginPatternError, match="register a name below 'com'"):
            parse_origin_pattern("https://*.com")
    finally:
        installed.cache_clear()


def test_a_string_is_one_pattern(fastcors: ModuleType) -> None:
    with pytest.warns(UserWarning, match="it is a string, but a collection") as caught:
        middleware = fastcors.CORSMiddleware(hello, allow_origin_patterns="https://*.example.com")
    assert caught[0].filename == __file__
    assert middleware.allow_origin_patterns == ("https://*.example.com",)


def statuses(middleware: Any, *origins: str) -> list[int]:
    return [exchange(middleware, preflight(origin))[0]["status"] for origin in origins]


LITERAL, BY_PATTERN, BY_REGEX, OTHER = (
    "https://literal.org",
    "https://a.example.com",
    "https://aa.org",
    "https://ab.org",
)

# The regex has an automaton with the pattern's; has one of its own only; has none.
REGEXES = {
    "together": "https://a{2}\\.org",
    "case ignored": "(?i)https://AA\\.org",
    "of bytes only": r"https://[a]+.org",
}


@pytest.mark.parametrize("regex", REGEXES.values(), ids=REGEXES)
def test_beside_origins_and_a_regex(fastcors: ModuleType, regex: str) -> None:
    config = {"allow_origins": [LITERAL], "allow_origin_regex": regex}
    middleware = fastcors.CORSMiddleware(hello, allow_origin_patterns=["https://*.example.com"], **config)
    assert statuses(middleware, LITERAL, BY_PATTERN, BY_REGEX, OTHER) == [200, 200, 200, 400]
    assert middleware.allow_origin_regex == re.compile(regex)
    assert middleware.allow_origins == [LITERAL]


def test_beside_a_regex_without_an_automaton(fastcors: ModuleType) -> None:
    with pytest.warns(UserWarning, match="is not bounded"):
        middleware = fastcors.CORSMiddleware(
            hello, allow_origin_regex=r"https://(a)\1\.org", allow_origin_patterns=["https://*.example.com"]
        )
    assert statuses(middleware, BY_PATTERN, BY_REGEX, OTHER) == [200, 200, 400]


def test_more_than_an_automaton_holds(fastcors: ModuleType) -> None:
    patterns = [f"https://*.{number}-{'x' * 40}.example" for number in range(1500)]
    middleware = fastcors.CORSMiddleware(hello, allow_origin_patterns=patterns)
    assert importlib.import_module("fastcors.origins.regex.matcher").matcher_of(regex_of(tuple(patterns))).construct
    hit = patterns[700].replace("*", "a")
    assert statuses(middleware, hit, hit + "x", "https://" + "a." * 4000) == [200, 400, 400]


def test_every_origin_is_allowed_already(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello, allow_origins=["*"], allow_origin_patterns=["https://*.example.com"])
    assert exchange(middleware, preflight(OTHER)) == exchange(
        fastcors.CORSMiddleware(hello, allow_origins=["*"]), preflight(OTHER)
    )


def test_assigned_deleted_and_copied(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello, [LITERAL])
    assert "allow_origin_patterns" not in vars(middleware), "nothing more than Starlette's"
    assert statuses(middleware, LITERAL, BY_PATTERN) == [200, 400]
    middleware.allow_origin_patterns = ["https://*.example.com"]
    assert middleware.allow_origin_patterns == ("https://*.example.com",)
    assert statuses(middleware, LITERAL, BY_PATTERN, OTHER) == [200, 200, 400]
    assert statuses(copy.copy(middleware), LITERAL, BY_PATTERN, OTHER) == [200, 200, 400]
    middleware.allow_origin_patterns = ("https://*.example.org", OTHER)
    assert statuses(middleware, LITERAL, BY_PATTERN, OTHER) == [200, 400, 200]
    del middleware.allow_origin_patterns
    assert statuses(middleware, LITERAL, BY_PATTERN, OTHER) == [200, 400, 400]
    middleware.allow_origin_patterns = None
    assert middleware.allow_origin_patterns == ()


def subclasses(base: Any) -> dict[str, Any]:
    class Asking(base):  # type: ignore[misc]  # a class of either core
        def is_allowed_origin(self, origin: str) -> bool:
            return bool(super().is_allowed_origin(origin)) and "blocked" not in origin

    class InFull(base):  # type: ignore[misc]  # a class of either core
        async def send(self, message: Any, send: Any, request_headers: Any) -> None:
            await super().send(message, send, request_headers)

    class NameOfItsOwn(base):  # type: ignore[misc]  # a class of either core
        allow_origin_patterns = [re.compile("https://elsewhere")]

    return {"is_allowed_origin": Asking, "send": InFull, "the name": NameOfItsOwn}


@pytest.mark.parametrize("overrides", ["is_allowed_origin", "send"])
def test_in_a_subclass(fastcors: ModuleType, overrides: str) -> None:
    kind = subclasses(fastcors.CORSMiddleware)[overrides]
    middleware = kind(hello, allow_origin_patterns=["https://*.example.com"])
    blocked = "https://blocked.example.com"
    assert statuses(middleware, BY_PATTERN, OTHER) == [200, 400]
    assert statuses(middleware, blocked) == [400 if overrides == "is_allowed_origin" else 200]
    plain = fastcors.CORSMiddleware(hello, allow_origins=[BY_PATTERN])
    for request in (get, preflight):
        assert exchange(middleware, request(BY_PATTERN)) == exchange(plain, request(BY_PATTERN))


def test_in_a_subclass_that_has_the_name_for_itself(fastcors: ModuleType) -> None:
    middleware = subclasses(fastcors.CORSMiddleware)["the name"](hello, [LITERAL])
    assert statuses(middleware, LITERAL, "https://elsewhere") == [200, 400]


LABELS = st.sampled_from(["a", "b-c", "example", "com", "localhost", "co", "1", "x_y"])
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
PORTS = st.sampled_from(["", ":80", ":3000", ":65535"])


@given(st.sampled_from(["http", "https"]), HOSTS, PORTS, st.sampled_from(["http", "https"]), HOSTS, PORTS)
def test_the_meaning_in_other_words(
    scheme: str, host: str, port: str, other_scheme: str, other: str, other_port: str
) -> None:
    def admits(pattern: str) -> bool:
        return regex_of((pattern,)).fullmatch(f"{other_scheme}://{other}{other_port}") is not None

    same = scheme == other_scheme
    try:
        assert admits(f"{scheme}://{host}:*") is (same and other == host)
        assert admits(f"{scheme}://*.{host}") is (same and other.endswith("." + host) and not other_port)
        assert admits(f"{scheme}://*.{host}:*") is (same and other.endswith("." + host))
    except OriginPatternError:
        pass  # not a host, or one that has to be named in full
