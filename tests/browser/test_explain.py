"""Explanations: they say what a request meets, they name a change that works, and they are read by people."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core.)

import ast
import dataclasses
import json
import logging
import os
import random
import warnings
from types import ModuleType
from typing import Any

import pytest
from conftest import CORES
from hypothesis import given, settings, strategies as st
from starlette.middleware.cors import CORSMiddleware as Installed
from support.asgi import OnlyContains, subclass
from support.cases import maybe
from support.exchange import CONFIG, ORIGIN, OTHER, exchange, hello, http
from support.reference import CORSMiddleware as Reference

from fastcors.browser.changes import applied
from fastcors.browser.hints import is_loopback, serialized
from fastcors.browser.steps import Answer, Request, check_cors, check_preflight, needs_preflight, preflight_headers
from fastcors.explain import Decision, explain

EXAMPLES = int(os.environ.get("FASTCORS_EXAMPLES", "1000"))

ANY = {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"]}
ONE = {"allow_origins": [ORIGIN]}

# A configuration, a question, and what is to be changed; "": it is allowed, None: nothing would allow it.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "allowed": (CONFIG, {}, ""),
    "allowed, preflighted": (CONFIG, {"request_headers": ["X-Token"]}, ""),
    "allowed with credentials": (CONFIG, {"credentials": True}, ""),
    "any origin": (ANY, {"origin": OTHER, "method": "DELETE", "request_headers": ["X-Token"]}, ""),
    "origin": (CONFIG, {"origin": OTHER}, f'allow_origins=[..., "{OTHER}"]'),
    "no origin yet": ({}, {}, f'allow_origins=[..., "{ORIGIN}"]'),
    "null": (CONFIG, {"origin": "null"}, 'allow_origins=[..., "null"]'),
    "a string for a collection": ({"allow_origins": ORIGIN}, {"origin": OTHER}, f'allow_origins=[..., "{OTHER}"]'),
    "origin beside a regex": (
        {"allow_origin_regex": r"https://.*\.example\.com"},
        {"origin": OTHER},
        f'allow_origins=[..., "{OTHER}"]',
    ),
    "method": (CONFIG, {"method": "PUT"}, 'allow_methods=[..., "PUT"]'),
    "method in lower case": (CONFIG, {"method": "put"}, 'allow_methods=[..., "PUT"]'),
    "method listed in lower case": (ONE | {"allow_methods": ["put"]}, {"method": "put"}, 'allow_methods=[..., "PUT"]'),
    "POST of JSON": (ONE, {"method": "POST", "request_headers": ["Content-Type"]}, 'allow_methods=[..., "POST"]'),
    "POST of a form": (ONE, {"method": "POST", "request_headers": ["Content-Type: text/plain"]}, ""),
    "GET with a header, GET not listed": (
        ONE | {"allow_methods": ["PUT"], "allow_headers": ["X-Token"]},
        {"request_headers": ["X-Token"]},
        'allow_methods=[..., "GET"]',
    ),
    "a method of one's own beside all": (
        ANY,
        {"method": "BREW"},
        'allow_methods=["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "BREW"]',
    ),
    "header": (CONFIG, {"request_headers": {"X-Other": "a"}}, 'allow_headers=[..., "X-Other"]'),
    "headers": (
        CONFIG,
        {"request_headers": [("X-B", "1"), "X-Token: 2", "X-A", "Accept"]},
        'allow_headers=[..., "X-A", "X-B"]',
    ),
    "one header, as text": (CONFIG, {"request_headers": "Authorization"}, 'allow_headers=[..., "Authorization"]'),
    "a header that the browser sets": (CONFIG, {"request_headers": ["Cookie", "DNT: 1"]}, ""),
    "a range": (CONFIG, {"request_headers": ["Range: bytes=-5"]}, 'allow_headers=[..., "Range"]'),
    "values longer than what is safelisted": (
        CONFIG,
        {"request_headers": [("Accept", "a" * 128)] * 8 + [("Range", "bytes=0-1")]},
        'allow_headers=[..., "Range"]',
    ),
    "credentials": (ONE, {"credentials": True}, "allow_credentials=True"),
    "credentials, any origin": (
        {"allow_origins": ["*", OTHER]},
        {"credentials": True},
        f'allow_origins=["{OTHER}", "{ORIGIN}"], allow_credentials=True',
    ),
    "private network": (CONFIG, {"private_network": True}, "allow_private_network=True"),
    "everything": (
        {},
        {"method": "PUT", "request_headers": ["X-Token"], "credentials": True, "private_network": True},
        f'allow_origins=[..., "{ORIGIN}"], allow_credentials=True, allow_methods=[..., "PUT"], '
        'allow_headers=[..., "X-Token"], allow_private_network=True',
    ),
    "a forbidden method": (ANY, {"method": "TRACE"}, None),
    "a container that cannot be gone through": ({"allow_origins": OnlyContains((OTHER,))}, {}, None),
}


# Half of the cases are what one is warned of.
pytestmark = pytest.mark.filterwarnings("ignore:allow_")


def changed(config: dict[str, Any], decision: Decision) -> dict[str, Any]:
    """Return the configuration with the change made, as a person would."""
    origins = config.get("allow_origins", ())
    explicit = {"allow_origins": [origins] if isinstance(origins, str) else origins, "allow_methods": ("GET",)}
    return applied({**explicit, **config, "allow_origins": explicit["allow_origins"]}, decision.changes)


def asked(subject: Any, question: dict[str, Any]) -> Decision:
    return explain(subject, **{"origin": ORIGIN} | question)


@pytest.mark.parametrize("case", CASES)
def test_change_works(fastcors: ModuleType, case: str) -> None:
    config, question, change = CASES[case]
    middleware = fastcors.CORSMiddleware(hello, **config)
    decision = middleware.explain(**{"origin": ORIGIN} | question)
    assert decision.change == (change or "")
    assert decision.allowed == (change == "")
    assert decision.steps[-1].passed == decision.allowed
    if change:
        assert asked(changed(config, decision), question).allowed


@pytest.mark.parametrize("case", CASES)
def test_the_same_of_a_configuration_and_of_starlettes(fastcors: ModuleType, case: str) -> None:
    config, question, _ = CASES[case]
    of_ours = asked(fastcors.CORSMiddleware(hello, **config), question)
    assert asked(config, question) == of_ours
    assert explain(**{"origin": ORIGIN} | question, **config) == of_ours
    if not isinstance(config.get("allow_origins"), str):
        assert asked(Reference(hello, **config), question) == of_ours


# An older one allows no private network, and fewer methods by its `*`.
@pytest.mark.parametrize("case", ["allowed", "origin", "null", "method", "headers", "credentials, any origin"])
def test_of_the_starlette_that_is_installed(case: str) -> None:
    config, question, change = CASES[case]
    decision = asked(Installed(hello, **config), question)
    assert (decision.allowed, decision.change) == (change == "", change)
    assert asked(changed(config, decision), question).allowed


def test_of_a_config(fastcors: ModuleType) -> None:
    decision = asked(fastcors.CORSConfig(**CONFIG), {"origin": OTHER})
    assert decision == asked(CONFIG, {"origin": OTHER})
    (change,) = decision.changes
    config = dataclasses.replace(fastcors.CORSConfig(**CONFIG), allow_origins=(ORIGIN, *change.value))
    assert asked(config, {"origin": OTHER}).allowed


@pytest.mark.parametrize("subject", [7, object(), "https://a.example", Reference])
def test_what_is_no_configuration(subject: Any) -> None:
    with pytest.raises(TypeError, match=r"explain\(\) takes a middleware"):
        asked(subject, {})


@pytest.mark.parametrize("subject", [{}, Reference(hello)])
def test_a_configuration_and_parameters(subject: Any) -> None:
    with pytest.raises(TypeError, match="and parameters"):
        explain(subject, origin=ORIGIN, allow_origins=["*"])


NOT_SENT: dict[str, dict[str, Any]] = {
    "origin outside ASCII": {"origin": "https://m\xfcller.example"},
    "origin with a line break": {"origin": "null\n"},
    "no scheme": {"origin": "localhost:3000"},
    "no origin": {"origin": ""},
    "text": {"origin": "hello world"},
    "asterisk": {"origin": "*"},
    "wildcard": {"origin": "https://*.example.com"},
    "file": {"origin": "file:///home/x.html"},
    "short IPv4": {"origin": "http://127.1"},
    "port out of range": {"origin": "http://localhost:65536"},
    "WebSocket's scheme": {"origin": "wss://app.example.com"},
    "no host": {"origin": "https://"},
    "no host after a scheme of one's own": {"origin": "app://"},
    "path after a scheme of one's own": {"origin": "app://host/page"},
    "no method": {"method": "G ET"},
    "no header name": {"request_headers": ["X Token"]},
    "no header value": {"request_headers": [("X-Token", "a\nb")]},
    "a header value outside latin-1": {"request_headers": {"X-Token": "\u65e5"}},
}


@pytest.mark.parametrize("case", NOT_SENT)
def test_what_no_browser_sends(case: str) -> None:
    with pytest.raises(ValueError, match=r"origin=|method=|request_headers: "):
        asked(CONFIG, NOT_SENT[case])


@pytest.mark.parametrize("origin", ["null", "chrome-extension://abcdef", "capacitor://localhost", "app://a:3000"])
def test_what_some_browser_sends(origin: str) -> None:
    assert asked(CONFIG, {"origin": origin}).change == f'allow_origins=[..., "{origin}"]'


@pytest.mark.thread_unsafe(reason="sets the filters of warnings")
@pytest.mark.parametrize("case", ["string-for-list", "origin-trailing-slash", "regex-unbounded-time"])
def test_nothing_is_warned_of_by_a_question(fastcors: ModuleType, case: str) -> None:
    config: dict[str, dict[str, Any]] = {
        "string-for-list": {"allow_origins": ORIGIN},
        "origin-trailing-slash": {"allow_origins": [ORIGIN + "/"]},
        "regex-unbounded-time": {"allow_origin_regex": r"https://(a)\1\.example\.com"},
    }
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fastcors.CORSMiddleware(hello, **config[case])
    assert any(case in str(each.message) for each in caught)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explain(config[case], origin=OTHER)


SERIALIZED = {
    "https://app.example.com": "https://app.example.com",
    "https://app.example.com/": "https://app.example.com",
    " HTTPS://App.Example.com:443/a?b#c ": "https://app.example.com",
    "http://user:word@localhost:3000/": "http://localhost:3000",
    "http://[::1]:80/": "http://[::1]",
    "https://a.example:80": "https://a.example:80",
    "null": "null",
    "app.example.com": "app.example.com",
    "chrome-extension://abcdef": "chrome-extension://abcdef",
    "": "",
}


@pytest.mark.parametrize("url", SERIALIZED)
def test_page_has_its_origin(url: str) -> None:
    assert serialized(url) == SERIALIZED[url]


# Origins that are configured, one that asks, and a word of the hint.
NEARLY: dict[str, tuple[dict[str, Any], str, str]] = {
    "trailing slash": ({"allow_origins": [ORIGIN + "/"]}, ORIGIN, "the slash too"),
    "path": ({"allow_origins": [ORIGIN + "/app"]}, ORIGIN, "remove what follows"),
    "white space": ({"allow_origins": (f" {ORIGIN} ",)}, ORIGIN, "white space"),
    "upper case": ({"allow_origins": {"https://App.example.com"}}, ORIGIN, "lower case"),
    "no scheme": ({"allow_origins": ["app.example.com"]}, ORIGIN, "scheme is missing"),
    "default port": ({"allow_origins": [ORIGIN + ":443"]}, ORIGIN, "default port"),
    "scheme": ({"allow_origins": ["http://app.example.com"]}, ORIGIN, "http and https"),
    "scheme, with a port": ({"allow_origins": ["http://localhost:3000"]}, "https://localhost:3000", "http and https"),
    "port": ({"allow_origins": ["http://localhost:3000"]}, "http://localhost:5173", "another port"),
    "loopback": ({"allow_origins": ["http://localhost:3000"]}, "http://127.0.0.1:3000", "localhost, 127.0.0.1"),
    "www": ({"allow_origins": ["https://www.example.com"]}, "https://example.com", "without www."),
    "www, the page's": ({"allow_origins": ["https://example.com"]}, "https://www.example.com", "without www."),
    "wildcard": ({"allow_origins": ["https://*.example.com"]}, ORIGIN, "allow_origin_patterns"),
    "regex with a slash": ({"allow_origin_regex": r"https://.*\.example\.com/"}, ORIGIN, "slash at the end"),
    "regex of a part": ({"allow_origin_regex": r"https://app"}, ORIGIN, "the whole has to match"),
    "regex of the end": ({"allow_origin_regex": r"app\.example\.com"}, ORIGIN, "the whole has to match"),
    "a page's address": ({"allow_origins": []}, "https://app.example.com/login", "has the origin"),
}


@pytest.mark.parametrize("case", NEARLY)
def test_near_miss(case: str) -> None:
    config, origin, word = NEARLY[case]
    decision = explain(config, origin=origin)
    assert not decision.allowed
    assert len(decision.hints) == 1
    assert word in decision.hints[0]


@pytest.mark.parametrize("character", ["\u0100", "\u0fff", "\u1000", "\0", "\r", "\n"])
def test_values_that_no_header_has(character: str) -> None:
    with pytest.raises(ValueError, match="X-A cannot have the value"):
        explain({}, origin=ORIGIN, request_headers=[("X-A", f"a{character}b")])
    assert explain({}, origin=ORIGIN, request_headers=[("X-A", "a\xffb")]).request.headers == (("X-A", "a\xffb"),)


def test_an_empty_value_is_a_value() -> None:
    headers = explain({}, origin=ORIGIN, request_headers=["X-A:", "X-B", "X-C: 1"]).request.headers
    assert headers == (("X-A", ""), ("X-B", None), ("X-C", "1"))


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost", True),
        ("http://app.localhost:3000", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]", True),
        ("http://mylocalhost", False),
        ("http://192.168.0.1", False),
        ("null", False),
    ],
)
def test_loopback(origin: str, expected: bool) -> None:
    assert is_loopback(origin) == expected


def test_no_unsafe_origin_is_proposed_together_with_credentials() -> None:
    listed = ["*", "http://old.example.com", "https://other.example.com"]
    decision = explain({"allow_origins": listed}, origin=ORIGIN, credentials=True)
    assert decision.change == f'allow_origins=["https://other.example.com", "{ORIGIN}"], allow_credentials=True'


FAR: dict[str, tuple[dict[str, Any], str]] = {
    "nothing alike": ({"allow_origins": [ORIGIN, "null", "", "*.example"]}, OTHER),
    "a scheme and a port": ({"allow_origins": ["http://app.example.com:8080"]}, ORIGIN),
    "a regex of another": ({"allow_origin_regex": r"https://a\.example"}, ORIGIN),
    "null": ({"allow_origins": [ORIGIN]}, "null"),
    "a container": ({"allow_origins": OnlyContains(("x",))}, ORIGIN),
}


@pytest.mark.parametrize("case", FAR)
def test_no_near_miss(case: str) -> None:
    config, origin = FAR[case]
    assert explain(config, origin=origin).hints == ()


ALLOWED_BUT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "regex": ({"allow_origin_regex": r"https://.*\.example\.com"}, {"method": "DELETE"}),
    "www": ({"allow_origins": ["https://www.app.example.com", ORIGIN]}, {"method": "DELETE"}),
    "header": ({"allow_origins": [ORIGIN + "/", ORIGIN]}, {"request_headers": ["X-Token"]}),
    "credentials": ({"allow_origins": [ORIGIN, ORIGIN + ":8080"]}, {"credentials": True}),
    "a method that no script may send": ({"allow_origins": [ORIGIN + "/"]}, {"method": "TRACE"}),
}


@pytest.mark.parametrize("case", ALLOWED_BUT)
def test_no_hint_at_an_origin_that_is_not_what_fails(case: str) -> None:
    decision = asked(*ALLOWED_BUT[case])
    assert not decision.allowed
    assert decision.hints == ()


def test_no_hint_at_a_regex_that_matches(fastcors: ModuleType) -> None:
    own = type("Own", (fastcors.CORSMiddleware,), {"is_allowed_origin": lambda self, origin: False})
    assert own(hello, allow_origin_regex=r"https://.*\.example\.com").explain(origin=ORIGIN).hints == ()


def test_method_that_differs_in_case() -> None:
    decision = explain(ONE | {"allow_methods": ["PATCH"]}, origin=ORIGIN, method="patch")
    assert decision.hints == ("Methods are case-sensitive: patch is asked for, and allow_methods holds 'PATCH'.",)
    assert not explain(ONE | {"allow_methods": ["PATCH"]}, origin=ORIGIN, method="PATCH").hints


UNSAFE: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "null": (CONFIG, {"origin": "null"}, "sandboxed frame"),
    "http with credentials": (ONE, {"origin": "http://b.example", "credentials": True}, "over https"),
    "http where credentials are allowed": (CONFIG, {"origin": "http://b.example"}, "over https"),
    "credentials for null": ({"allow_origins": [ORIGIN, "null"]}, {"credentials": True}, "holds 'null'"),
    "credentials for every origin by a regex": ({"allow_origin_regex": ".*"}, {"credentials": True}, "any site can"),
    "credentials for foreign origins": (
        {"allow_origin_regex": r"https://.*example\.com"},
        {"origin": "https://evilexample.com", "credentials": True},
        "admits foreign origins",
    ),
    "credentials for http": (
        {"allow_origins": ["http://b.example"]},
        {"origin": "http://b.example", "credentials": True},
        "over https",
    ),
    "credentials for http by a pattern": (
        {"allow_origin_patterns": ["http://*.b.example"]},
        {"origin": "http://a.b.example", "credentials": True},
        "over https",
    ),
    "credentials where a function decides": (
        {"allow_origin_func": lambda origin, scope: True},
        {"credentials": True},
        "Code of yours decides",
    ),
    "private network for all": ({"allow_origins": ["*"]}, {"private_network": True}, "every page of the web"),
}
SAFE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another site": (CONFIG, {"origin": OTHER}),
    "a host of the same site": (CONFIG, {"origin": "https://www.example.com"}),
    "http without credentials": (ONE, {"origin": "http://b.example"}),
    "http of this machine": (CONFIG, {"origin": "http://localhost:3000", "credentials": True}),
    "http of this machine's loopback": ({"allow_origins": ["http://localhost:1"]}, {"origin": "http://127.0.0.1:1"}),
    "credentials": (ONE, {"credentials": True}),
    "private network for one": (CONFIG, {"private_network": True}),
    "a method": (CONFIG, {"method": "PUT"}),
    "a method, next to another problem": (CONFIG | {"max_age": -1}, {"method": "PUT"}),
    "credentials, next to another problem": (ONE | {"max_age": -1}, {"credentials": True}),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_unsafe_change_is_warned_of(case: str) -> None:
    config, question, word = UNSAFE[case]
    decision = asked(config, question)
    assert decision.changes
    assert word in decision.warning


@pytest.mark.parametrize("case", SAFE)
def test_safe_change_is_not(case: str) -> None:
    decision = asked(*SAFE[case])
    assert decision.changes
    assert decision.warning == ""


def test_credentials_where_a_hook_decides_are_warned_of(fastcors: ModuleType) -> None:
    for base in (fastcors.CORSMiddleware, Reference):
        own = type("Own", (base,), {"is_allowed_origin": lambda self, origin: True, "__module__": "app"})
        decision = asked(own(hello, **ONE), {"credentials": True})
        assert decision.change == "allow_credentials=True"
        assert "Code of yours decides" in decision.warning
    middleware = fastcors.CORSMiddleware(hello, **ONE)
    middleware.is_allowed_origin = lambda origin: True
    assert "Code of yours decides" in asked(middleware, {"credentials": True}).warning


def test_hooks_are_asked(fastcors: ModuleType) -> None:
    base: Any = fastcors.CORSMiddleware

    class Subclass(base):
        def is_allowed_origin(self, origin: str) -> bool:
            return origin == OTHER

    middleware: Any = Subclass(hello, **CONFIG)
    assert middleware.explain(origin=OTHER).allowed
    refused = middleware.explain(origin=ORIGIN)
    assert (refused.allowed, refused.changes) == (False, ())
    middleware.is_allowed_origin = lambda origin: True
    assert middleware.explain(origin=ORIGIN).allowed


@pytest.mark.parametrize("hook", ["preflight_response", "simple_response", "send", "allow_explicit_origin"])
def test_what_hooks_change_is_shown(fastcors: ModuleType, hook: str) -> None:
    middleware = subclass(fastcors.CORSMiddleware, (hook,), [])(hello, **CONFIG)
    decision = middleware.explain(origin=ORIGIN, request_headers=["X-Token"])
    assert decision.allowed
    assert decision.preflight is not None
    assert (decision.preflight.get("x-preflight") == "seen") == (hook == "preflight_response")


def test_hook_may_read_the_body(fastcors: ModuleType) -> None:
    base: Any = fastcors.CORSMiddleware

    class Subclass(base):
        async def simple_response(self, scope: Any, receive: Any, send: Any, request_headers: Any) -> None:
            assert await receive() == {"type": "http.request", "body": b"", "more_body": False}
            await super().simple_response(scope, receive, send, request_headers)

    assert Subclass(hello, **CONFIG).explain(origin=ORIGIN).allowed


def test_hook_that_waits_cannot_be_asked(fastcors: ModuleType) -> None:
    class Waiting:
        def __await__(self) -> Any:
            yield

    base: Any = fastcors.CORSMiddleware

    class Subclass(base):
        async def simple_response(self, *_: Any, **__: Any) -> None:
            await Waiting()

    with pytest.raises(RuntimeError, match="waits for something"):
        Subclass(hello).explain(origin=ORIGIN)


def test_hook_that_sends_nothing_cannot_be_asked(fastcors: ModuleType) -> None:
    async def silent(*_: Any, **__: Any) -> None:
        pass

    own = type("Own", (fastcors.CORSMiddleware,), {"simple_response": silent})
    with pytest.raises(RuntimeError, match="sends no response"):
        own(hello).explain(origin=ORIGIN)


@pytest.mark.thread_unsafe(reason="reads one log, which all threads write")
def test_nothing_comes_of_asking(fastcors: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("called by a question")

    middleware = fastcors.CORSMiddleware(never, **CONFIG | {"allow_origins": [ORIGIN]}, on_refusal=never)
    before = dict(vars(middleware))
    with caplog.at_level(logging.DEBUG, "fastcors"):
        for question in ({"origin": OTHER}, {"origin": OTHER, "method": "PUT"}, {"origin": ORIGIN}):
            middleware.explain(**question)
    assert vars(middleware) == before
    assert caplog.records == []
    middleware.allow_origins.append(OTHER)
    assert middleware.explain(origin=OTHER).allowed


@pytest.mark.parametrize("case", CASES)
def test_text_is_readable_and_the_dict_json(case: str) -> None:
    config, question, change = CASES[case]
    decision = asked(config, question)
    text = str(decision)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert ("blocked" if change != "" else "allowed") in text
    assert ("To allow it: " in text) == bool(change)
    assert ("FAIL" in text) == (change != "")
    as_dict = json.loads(json.dumps(decision.as_dict()))
    assert as_dict["allowed"] == decision.allowed
    assert as_dict["change"] == decision.change
    assert [step["passed"] for step in as_dict["steps"]] == [step.passed for step in decision.steps]
    assert (as_dict["preflight"] is None) == (decision.preflight is None)


def test_text_as_it_is_shown() -> None:
    decision = explain({"allow_origins": ["https://app.example.com"]}, origin="http://app.example.com", method="PUT")
    assert str(decision).splitlines()[:7] == [
        "PUT from http://app.example.com: blocked",
        'To allow it: allow_origins=[..., "http://app.example.com"], allow_methods=[...,',
        '    "PUT"]',
        "Nearly: allow_origins holds 'https://app.example.com': http and https are",
        "    different origins.",
        "The browser: It sends a preflight, and then not the request. Access to fetch at",
        "    URL from origin 'http://app.example.com' has been blocked by CORS policy:",
    ]
    assert str(decision).splitlines()[-1].startswith("  FAIL  ")


# What `allow_origins` holds, and what it holds after the change that allows ORIGIN.
REPLACED: dict[str, tuple[Any, list[str]]] = {
    "slash": ([ORIGIN + "/"], [ORIGIN]),
    "slash, among others": ((OTHER, ORIGIN + "/", "https://b.example"), [OTHER, ORIGIN, "https://b.example"]),
    "path": ([ORIGIN + "/login?a=b"], [ORIGIN]),
    "white space": ([f" {ORIGIN}\t"], [ORIGIN]),
    "quotation marks": ([f'"{ORIGIN}"'], [ORIGIN]),
    "upper case": ({"HTTPS://App.Example.com", OTHER}, [ORIGIN, OTHER]),
    "no scheme": (["app.example.com"], [ORIGIN]),
    "default port": ([ORIGIN + ":443"], [ORIGIN]),
    "several": ([ORIGIN + "/", OTHER, ORIGIN + ":443"], [ORIGIN, OTHER]),
    "another's password": ([ORIGIN + "/", "https://me:se@cret@b.example"], [ORIGIN, "https://...@b.example"]),
}
ADDED = [
    *("http://app.example.com", ORIGIN + ":8443", "https://*.example.com", ORIGIN + ".", "*.example.com", "null", ""),
    # What is meant here is not plain.
    *("https://me:secret@app.example.com", "https://evil.com\\@app.example.com", ORIGIN + "\\@evil.com"),
    *(ORIGIN + "/.evil.com", "https:https://app.example.com"),
]


@pytest.mark.parametrize("case", REPLACED)
def test_a_misspelled_origin_is_replaced(fastcors: ModuleType, case: str) -> None:
    origins, after = REPLACED[case]
    decision = fastcors.CORSMiddleware(hello, origins).explain(origin=ORIGIN)
    assert [change.as_dict() | {"text": ""} for change in decision.changes] == [
        {"parameter": "allow_origins", "action": "set", "value": after, "text": ""}
    ]
    assert explain({"allow_origins": after}, origin=ORIGIN).allowed
    assert "cret" not in str(decision) + json.dumps(decision.as_dict())


@pytest.mark.parametrize("origin", ADDED)
def test_another_origin_is_not_replaced(origin: str) -> None:
    assert explain({"allow_origins": [origin]}, origin=ORIGIN).change == f'allow_origins=[..., "{ORIGIN}"]'


def test_a_misspelled_origin_beside_an_asterisk_is_replaced() -> None:
    decision = explain({"allow_origins": ["*", ORIGIN + "/"]}, origin=ORIGIN, credentials=True)
    assert decision.change == f'allow_origins=["{ORIGIN}"], allow_credentials=True'


def test_a_change_of_what_is_exposed_is_judged() -> None:
    decision = explain(ONE | {"expose_headers": ["*"]}, origin=ORIGIN, credentials=True)
    assert "[expose-asterisk-with-credentials]" in decision.warning


def test_a_change_is_judged_among_many_problems() -> None:
    config = CONFIG | {"allow_origins": [f"http://{number}.example" for number in range(100)]}
    decision = explain(config, origin="http://new.example")
    assert "'http://new.example'" in decision.warning


@pytest.mark.parametrize("header", ["DPR", "Save-Data", "ECT"])
def test_client_hints_depend_on_the_browser(header: str) -> None:
    decision = explain(ONE, origin=ORIGIN, request_headers=[header])
    said = f"This depends on the browser: Chromium does not ask for {header.lower()} if the value is valid."
    assert said in decision.steps[0].found
    assert "depends" not in explain(ONE, origin=ORIGIN, request_headers=["X-Token"]).steps[0].found


def test_no_password_is_shown() -> None:
    decision = explain(
        {"allow_origins": ["https://me:secret@app.example.com:81"]}, origin="https://me:secret@a.example"
    )
    assert "secret" not in str(decision)
    decision = explain(ONE, origin="https://me:se@cret@a.example/")
    assert decision.request.origin == "https://a.example"
    with pytest.raises(ValueError, match="No browser sends origin=") as raised:
        explain(ONE, origin="https://me:secret@/")
    assert "cret" not in str(raised.value)


@pytest.mark.parametrize("sign", ["@", "%40", "%2540", "\uff20", "\ufe6b"])
def test_no_password_is_in_a_change(sign: str) -> None:
    secret = f"https://user:hunter2{sign}host.com/"
    decision = explain({"allow_origins": [secret, "https://a.com/"]}, origin="https://a.com")
    assert "hunter2" not in decision.change
    assert "https://a.com" in decision.change


def test_backslash_ends_the_host() -> None:
    # URL, "authority state": so it is in a URL with a scheme of the web.
    decision = explain({"allow_origins": ["https://a.com"]}, origin="https://evil.com\\@a.com")
    assert (decision.allowed, decision.request.origin) == (False, "https://evil.com")


def test_change_is_python_whatever_it_holds() -> None:
    held = '\U0001f600\ud800\x1b"\\'
    decision = explain({"allow_origins": [held, "https://a.com/"]}, origin="https://a.com")
    assert ast.literal_eval(decision.change.partition("=")[2]) == [held, "https://a.com"]


ORIGINS = (ORIGIN, OTHER, "http://localhost:3000", "null", "*", "https://app.example.com/", "HTTPS://A.EXAMPLE")
METHODS = ("GET", "POST", "PUT", "patch", "BREW", "*", "put")
NAMES = ("X-A", "x-b", "Content-Type", "Authorization", "*", "Range")
VALUES = (None, "a", "text/plain", "application/json", "bytes=0-", "a(b)", "a" * 129)


def drawn(source: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw a configuration and a question."""

    def some(values: tuple[str, ...]) -> list[str]:
        return [source.choice(values) for _ in range(source.randrange(4))]

    config: dict[str, Any] = {"allow_origins": some(ORIGINS), "allow_credentials": maybe(source, 2)}
    config |= {"allow_methods": some(METHODS), "allow_headers": some(NAMES)}
    config["allow_origin_regex"] = source.choice((None, None, r"https://.*\.example\.com", "http://localhost"))
    config["allow_private_network"] = maybe(source, 2)
    headers = [(name, source.choice(VALUES)) for name in some(NAMES) if name != "*"]
    question = {
        "origin": source.choice([origin for origin in ORIGINS if origin != "*"]),
        "method": source.choice([method for method in METHODS if method != "*"]),
        "request_headers": [name if value is None else (name, value) for name, value in headers],
        "credentials": maybe(source, 2),
        "private_network": maybe(source, 4),
    }
    return config, question


def really(middleware: Any, request: Request) -> tuple[bool, list[Any]]:
    """Return whether a browser that sends `request` may read the response, and the answers it gets."""
    got: list[Any] = []
    for preflight in (True, False) if needs_preflight(request) else (False,):
        scope = http("OPTIONS" if preflight else request.method)
        pairs = preflight_headers(request) if preflight else (*request.headers, ("origin", request.origin))
        scope["headers"] = [(name.lower().encode(), (value or "").encode()) for name, value in pairs]
        start = exchange(middleware, scope)[0]
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
        got.append((start["status"], headers))
        answer = Answer(start["status"], headers)
        steps = check_preflight(request, answer) if preflight else check_cors(request, answer)
        if not steps[-1].passed:
            return False, got
    return True, got


async def bare(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.randoms(use_true_random=False))
def test_decision_is_what_a_request_meets_and_its_change_works(source: random.Random) -> None:
    config, question = drawn(source)
    for package in CORES.values():
        middleware = package.CORSMiddleware(bare, **config)
        decision = middleware.explain(**question)
        answers = [answer[:2] for answer in (decision.preflight, decision.actual) if answer is not None]
        assert (decision.allowed, answers) == really(middleware, decision.request)
        assert decision == explain(Reference(bare, **config), **question)
        assert decision.allowed or decision.changes
        assert explain(changed(config, decision), **question).allowed
