"""The origin regex in a middleware: the automaton decides, and what has none is left to `re`, with a warning."""

import dataclasses
import importlib
import re
import sys
from types import ModuleType
from typing import Any

import pytest
from data.origin_patterns import PATTERNS, Row
from support.asgi import Case, Make, Request, observe
from support.exchange import exchange, get, hello, preflight
from support.reference import CORSMiddleware as Reference

ANSWER = (
    {"type": "http.response.start", "status": 200, "headers": Make("list", ())},
    {"type": "http.response.body", "body": b"{}"},
)


def requests(origin: bytes) -> tuple[Request, Request]:
    """Return an actual request and a preflight from `origin`."""
    asked = (b"access-control-request-method", b"GET")
    return (
        Request({"type": "http", "method": "GET", "headers": Make("list", ((b"origin", origin),))}, ANSWER),
        Request({"type": "http", "method": "OPTIONS", "headers": Make("list", ((b"origin", origin), asked))}, ()),
    )


@pytest.mark.parametrize("row", PATTERNS.values(), ids=PATTERNS)
def test_same_answers_as_starlette(fastcors: ModuleType, row: Row) -> None:
    config = {"allow_origin_regex": re.compile(row.pattern, row.flags), "allow_credentials": True}
    # With a line break one is refused whatever the pattern: a deliberate deviation.
    origins = [origin.encode("latin-1") for origin in (*row.allowed, *row.refused) if "\n" not in origin]
    case = Case(config, tuple(request for origin in origins for request in requests(origin)))
    assert observe(fastcors.CORSMiddleware, case) == observe(Reference, case)


LEFT_TO_RE = {
    "back-reference": (r"https://(a|b)\1\.example", "https://aa.example", "https://ab.example"),
    "named back-reference": (r"https://(?P<x>a|b)(?P=x)\.example", "https://bb.example", "https://ba.example"),
    "conditional": (r"(https)?(?(1)://a|x)", "https://a", "https://x"),
    "atomic": (r"https://(?>a|ab)\.example", "https://a.example", "https://ab.example"),
    "possessive": (r"https://a++\.example", "https://aa.example", "https://b.example"),
}


def check_warning(warning: Any, pattern: str) -> None:
    text = str(warning.message)
    assert f"allow_origin_regex={pattern!r}" in text, "parameter and value"
    assert "is not bounded" in text, "reason"
    assert "list the origins in allow_origins" in text, "fix"
    assert warning.filename == __file__, "points at the caller"


@pytest.mark.parametrize(("pattern", "allowed", "refused"), LEFT_TO_RE.values(), ids=LEFT_TO_RE)
def test_what_has_no_automaton_warns_once_and_works(
    fastcors: ModuleType, pattern: str, allowed: str, refused: str
) -> None:
    with pytest.warns(UserWarning, match="allow_origin_regex") as caught:
        middleware = fastcors.CORSMiddleware(hello, allow_origin_regex=pattern)
    (warning,) = caught
    check_warning(warning, pattern)
    theirs = Reference(hello, allow_origin_regex=pattern)
    for origin in (allowed, refused):
        for request in (get, preflight):
            assert exchange(middleware, request(origin)) == exchange(theirs, request(origin))
    assert exchange(middleware, preflight(allowed))[0]["status"] == 200
    assert exchange(middleware, preflight(refused))[0]["status"] == 400


def test_assigned_later(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello)
    origins = ("https://aa", "https://ab")

    def statuses() -> list[int]:
        return [exchange(middleware, preflight(origin))[0]["status"] for origin in origins]

    assert statuses() == [400, 400]
    middleware.allow_origin_regex = re.compile("https://a.")
    assert statuses() == [200, 200]
    pattern = r"https://(a)\1"
    with pytest.warns(UserWarning, match="allow_origin_regex") as caught:
        middleware.allow_origin_regex = re.compile(pattern)
    (warning,) = caught
    check_warning(warning, pattern)
    assert statuses() == [200, 400]
    middleware.allow_origin_regex = None
    assert statuses() == [400, 400]


HOSTILE = {
    "nested repeats": (r"https://(a+)+b", "a", "b"),
    "overlapping alternatives": (r"(x|x|x)*y", "x", "y"),
    "repeat of repeats": (r"https://(\w+-?)+\.example\.com", "a", ".example.com"),
}


@pytest.mark.parametrize(("pattern", "byte", "ending"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_origins_are_answered(fastcors: ModuleType, pattern: str, byte: str, ending: str) -> None:
    # `re` would take years over the refused ones, so Starlette cannot be asked.
    start = "https://" if pattern.startswith("https") else ""
    middleware = fastcors.CORSMiddleware(hello, allow_origin_regex=pattern)
    for end, status in (("", 400), (ending, 200), (ending + "!", 400)):
        origin = start + byte * (8192 - len(start) - len(end)) + end
        assert exchange(middleware, preflight(origin))[0]["status"] == status
        allows = [value for name, value in exchange(middleware, get(origin))[0]["headers"] if b"origin" in name]
        assert allows == ([origin.encode()] if status == 200 else [])


class Text(str):
    pass


def overriding(base: Any) -> Any:
    class Overriding(base):  # type: ignore[misc]  # a class of either core
        def is_allowed_origin(self, origin: str) -> bool:
            return bool(super().is_allowed_origin(origin))

    return Overriding


def sending(base: Any) -> Any:
    class Sending(base):  # type: ignore[misc]  # a class of either core
        async def send(self, message: Any, send: Any, request_headers: Any) -> None:
            await super().send(message, send, request_headers)

    return Sending


# What is not answered from encoded pairs.
IN_FULL: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "override that calls super": (overriding, list, {}),
    "override of send": (sending, list, {}),
    "request headers in a tuple": (None, tuple, {}),
    "value outside latin-1": (None, list, {"expose_headers": ["X-\u0100"]}),
    "pattern that is a subclass of str": (None, list, {"allow_origin_regex": Text("https://(a+)+b")}),
}


@pytest.mark.parametrize(("subclass", "kind", "config"), IN_FULL.values(), ids=IN_FULL)
def test_hostile_origins_are_answered_in_full_too(
    fastcors: ModuleType, subclass: Any, kind: Any, config: dict[str, Any]
) -> None:
    base = subclass(fastcors.CORSMiddleware) if subclass else fastcors.CORSMiddleware
    middleware = base(hello, **{"allow_origin_regex": "https://(a+)+b", **config})
    scope = preflight("https://" + "a" * 8000)
    assert exchange(middleware, scope | {"headers": kind(scope["headers"])})[0]["status"] == 400


@pytest.mark.parametrize("origin", ["https://a", "https://b", "https://\u0101", b"https://a"])
def test_asked_directly(fastcors: ModuleType, origin: Any) -> None:
    def outcome(base: Any) -> Any:
        try:
            return base(hello, allow_origin_regex="https://[a\u0101]").is_allowed_origin(origin)
        except TypeError as error:
            return type(error)

    assert outcome(fastcors.CORSMiddleware) == outcome(Reference)


@pytest.mark.thread_unsafe(reason="empties the cache of re, which all threads share")
def test_automaton_is_made_once() -> None:
    matcher_of = importlib.import_module("fastcors.origins.regex.matcher").matcher_of
    pattern = r"https://[a-z]+\.made-once\.example"
    first = matcher_of(re.compile(pattern)).automaton
    re.purge()
    assert matcher_of(re.compile(pattern)).automaton is first


BROKEN: dict[str, dict[str, Any]] = {
    "start outside": {"start": 99},
    "negative start": {"start": -1},
    "too few transitions": {"transitions": b"\0\0"},
    "transition outside": {"transitions": None},
    "too few classes": {"classes": b"\0"},
    "class outside": {"classes": b"\xff" * 256},
    "start outside by one": {"start": "states"},
    "transition outside by one, first": {"transitions": "first"},
    "transition outside by one, last": {"transitions": "last"},
    "too many transitions": {"transitions": "more"},
    "one transition less": {"transitions": "less"},
    "class outside by one, first": {"classes": "first"},
    "class outside by one, last": {"classes": "last"},
    "one class less": {"classes": "less"},
    "one class more": {"classes": "more"},
    "no states": {"accepting": b"", "transitions": b"", "start": 0},
}


def broken(automaton: Any, change: dict[str, Any]) -> Any:
    """Return `automaton` with this change; a word stands for one that breaks a bound by exactly one."""
    states, cells, classes = len(automaton.accepting), automaton.transitions, automaton.classes
    beyond, class_beyond = states.to_bytes(2, sys.byteorder), bytes((automaton.class_count,))
    by_one: dict[str, dict[str, Any]] = {
        "start": {"states": states},
        "transitions": {
            "first": beyond + cells[2:],
            "last": cells[:-2] + beyond,
            "more": cells + b"\0\0",
            "less": cells[:-2],
        },
        "classes": {
            "first": class_beyond + classes[1:],
            "last": classes[:-1] + class_beyond,
            "more": classes + b"\0",
            "less": classes[:-1],
        },
    }
    broken_by_one = {name: by_one[name][value] for name, value in change.items() if isinstance(value, str)}
    return dataclasses.replace(automaton, **change | broken_by_one)


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_tables_that_a_walk_could_leave(fastcors: ModuleType, change: dict[str, Any]) -> None:
    if not fastcors.COMPILED:
        pytest.skip("Python looks at the bounds itself")
    automaton = (
        importlib.import_module("fastcors.origins.regex.matcher").matcher_of(re.compile("https://[ab]")).automaton
    )
    if "transitions" in change and change["transitions"] is None:
        change = {"transitions": b"\xff" * len(automaton.transitions)}
    with pytest.raises(ValueError, match="do not fit together"):
        importlib.import_module("fastcors.core.compiled").Automaton(broken(automaton, change))
