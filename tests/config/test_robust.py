"""`problems()` never raises, runs no code of the values, and shows no password."""

import itertools
from collections import UserList, deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from fastcors import CORSConfig
from fastcors.config.checks.parameters import problems_of
from fastcors.config.parameters import DEFAULTS, Parameters
from fastcors.explain import explain
from fastcors.problems import pasted, shown


class Raised(Exception):
    pass


def fail(*_: object) -> Any:
    raise Raised


HOOKS = (
    *(
        "__bool__",
        "__eq__",
        "__ne__",
        "__lt__",
        "__gt__",
        "__hash__",
        "__iter__",
        "__len__",
        "__contains__",
        "__repr__",
    ),
    *("__str__", "__int__", "__index__", "__float__", "__getitem__", "__call__", "__format__", "__getattr__"),
)


class Meta(type):
    @property
    def __name__(cls) -> Any:  # type: ignore[override]
        raise Raised

    def __instancecheck__(cls, instance: object) -> bool:
        raise Raised


def hostile(base: type) -> Any:
    methods: dict[str, Any] = dict.fromkeys(HOOKS, fail)
    methods["__class__"] = property(fail)
    methods["__hash__"] = object.__hash__
    return Meta("Hostile", (base,), methods)


TEXT = "https://a.example/"
HOSTILE: dict[str, Any] = {
    "an object": lambda: hostile(object)(),
    "a string": lambda: hostile(str)(TEXT),
    "a number": lambda: hostile(int)(-7),
    "a list": lambda: hostile(list)([TEXT]),
    "a dictionary": lambda: hostile(dict)(),
    "a tuple": lambda: hostile(tuple)((TEXT,)),
    "bytes": lambda: hostile(bytes)(b"x"),
    "a list of one": lambda: UserList([TEXT]),
    "a generator": lambda: raising(),
    "a type": lambda: hostile(object),
}


def raising() -> Iterator[str]:
    yield "a"
    raise Raised


@pytest.mark.parametrize("parameter", DEFAULTS)
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_nothing_is_raised(parameter: str, make: Any) -> None:
    many: list[Any] = [[make()], (make(),), deque([make()]), [make(), make(), TEXT, "*"], [[make()]]]
    if type(make()).__dict__.get("__hash__") is object.__hash__:
        many += [{make()}, {make(): 1}]
    for value in (make(), *many):
        for others in ({}, {"allow_credentials": True}, {"allow_origins": ["*"]}):
            given: dict[str, Any] = {**others, parameter: value}
            for problem in (*CORSConfig(**given).problems(), *problems_of(Parameters(**given))):
                assert str(problem)


def test_all_at_once() -> None:
    given = {name: hostile(object)() for name in DEFAULTS}
    codes = [problem.code for problem in CORSConfig(**given).problems()]
    assert {"not-a-boolean", "not-a-string", "max-age-not-integer", "not-a-collection", "accept-unknown"} >= set(codes)
    assert "not-a-boolean" in codes


def test_truth_that_cannot_be_told_is_said() -> None:
    (problem,) = CORSConfig(allow_credentials=hostile(object)()).problems()
    assert problem.reason == "bool() of it raises a Raised, so nobody can tell whether it is on."


def test_number_without_a_text_is_said() -> None:
    (problem,) = CORSConfig(max_age=hostile(object)()).problems()
    assert problem.reason == "str() of it raises a Raised, so there is no text for the header."


@pytest.mark.parametrize("parameter", DEFAULTS)
def test_arrays(parameter: str) -> None:
    numpy = pytest.importorskip("numpy")
    for array in (numpy.array([TEXT, "b"]), numpy.array([]), numpy.array([[1, 2], [3, 4]]), numpy.float64(7)):
        for value in (array, [array], {"a": array}):
            given: dict[str, Any] = {parameter: value}
            for problem in CORSConfig(**given).problems():
                assert str(problem)


SECRET = "hunter2"
DIGITS = "4711"
PASSWORDS = (
    *(SECRET, f"x@{SECRET}", f"{SECRET}@x", f"x/{SECRET}", f"x?{SECRET}", f"x#{SECRET}", f"x {SECRET}", f"{SECRET}:x"),
    *(
        f"x,{SECRET}",
        f"x'{SECRET}",
        f'x"{SECRET}',
        f"[{SECRET}]",
        f"{SECRET}*",
        f".*{SECRET}",
        f"{SECRET}\n",
        "x" * 2000,
        f"{SECRET},x",
        f"1{SECRET}",
        f"{SECRET} x",
        f"{DIGITS}/x",
        f"{DIGITS},x",
        f"{DIGITS}@{DIGITS}#",
    ),
)
PREFIXES = (
    *("https://", "https:/", "https:", "HTTPS:\\\\", "//", "", "postgres://", "['https://", ' "https://', "https://*."),
    "ws://",
)
SIGNS = ("@", "%40", "%2540", "\uff20", "&#64;")


@pytest.mark.parametrize("password", PASSWORDS)
def test_no_password_is_shown(password: str) -> None:
    ends = itertools.cycle(("host.example", "host:5432", "host/", "host, https://b.example", "host']", "a@b"))
    for prefix in PREFIXES:
        for sign, end in zip(SIGNS, ends, strict=False):
            _check(f"{prefix}user:{password}{sign}{end}")


def test_no_encoded_password_is_shown() -> None:
    for url in (f"https://user:{SECRET}@host", f"user:{SECRET}@host:1"):
        _check(quote(url, safe=""))
        _check(quote(quote(url, safe=""), safe=""))


def _check(url: str) -> None:
    for value in (url, [url], (url,), [[url]], {url: 1}):
        for parameter in ("allow_origins", "allow_methods", "allow_headers", "expose_headers", "allow_origin_patterns"):
            given: dict[str, Any] = {parameter: value}
            for problem in CORSConfig(**given, allow_credentials=parameter == "allow_origins").problems():
                _has_none(str(problem))
    for text in (shown(url), shown([url]), pasted(url), pasted([url])):
        _has_none(text)


def _has_none(text: str) -> None:
    assert SECRET not in text
    assert "xxx" not in text
    assert DIGITS not in text


def test_explain_shows_no_password() -> None:
    config = CORSConfig([f"https://user:{SECRET}@a.example/", "https://a.example/"])
    decision = explain(config, origin=f"https://user:{SECRET}@a.example/path")
    assert SECRET not in str(decision)
    for origin in (
        f"https:/user:{SECRET}@a.example",
        f"user:{SECRET}@a.example:5432",
        f"https://x:{SECRET}@\xe9.example",
    ):
        with pytest.raises(ValueError, match="origin=") as caught:
            explain(config, origin=origin)
        assert SECRET not in str(caught.value)


def test_value_to_paste_is_whole_or_missing() -> None:
    assert pasted(["https://a.example"] * 9) == repr(["https://a.example"] * 9)
    assert pasted(["https://a.example"] * 90) == ""
    assert pasted("a\u202eb") == repr("a\u202eb")
