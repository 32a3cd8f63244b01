"""The configuration as a value, and how a middleware takes it, reports it and refuses it."""

import copy
import dataclasses
import inspect
import pickle
import re
import subprocess
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware as Installed
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.testclient import TestClient
from support.exchange import ORIGIN, exchange, get, hello, preflight
from support.reference import CORSMiddleware as Reference

from fastcors import ConfigProblem, CORSConfig, CORSConfigError, CORSConfigWarning
from fastcors.config.checks import parameters as checks_of_parameters
from fastcors.config.warn import check

SLASH = "https://app.example.com/"
PARAMETERS: dict[str, Any] = {
    "allow_origins": (ORIGIN,),
    "allow_methods": ("GET", "PUT"),
    "allow_headers": ("X-Token",),
    "allow_credentials": True,
    "allow_origin_regex": r"https://[a-z]+\.example\.com",
    "allow_private_network": True,
    "expose_headers": ("X-Total-Count",),
    "max_age": 60,
}


def made(make: Any) -> tuple[Any, list[warnings.WarningMessage]]:
    """Return what `make` makes, and the warnings that come of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return make(), caught


def codes(caught: list[warnings.WarningMessage]) -> list[str]:
    return re.findall(r"\[([a-z0-9-]+)\]$", "\n".join(str(warning.message) for warning in caught), re.MULTILINE)


# The value.


NOT_OF_THE_POLICY = ("config", "strict", "on_refusal")


def test_parameters_are_the_middleware_s(fastcors: ModuleType) -> None:
    starlettes = list(inspect.signature(Reference).parameters.values())[1:]
    ours = list(inspect.signature(CORSConfig).parameters.values())
    theirs = list(inspect.signature(fastcors.CORSMiddleware).parameters.values())
    own = [each for each in theirs if each.kind is each.KEYWORD_ONLY and each.name not in NOT_OF_THE_POLICY]
    assert [(each.name, each.default) for each in ours] == [(each.name, each.default) for each in [*starlettes, *own]]
    assert [each.kind for each in ours] == [each.kind for each in [*starlettes, *own]]


def test_value_does_not_change() -> None:
    origins = [ORIGIN]
    config = CORSConfig(origins, allow_headers={"X-A"}, expose_headers=deque(["X-B"]))
    origins.append("https://other.example")
    assert (config.allow_origins, config.allow_headers, config.expose_headers) == ((ORIGIN,), {"X-A"}, ("X-B",))
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.max_age = 5  # type: ignore[misc]  # which is the point
    same = CORSConfig([ORIGIN], allow_headers=frozenset({"X-A"}), expose_headers=["X-B"])
    assert config == same
    assert hash(config) == hash(same)
    assert config == pickle.loads(pickle.dumps(config)) == copy.deepcopy(config)
    later = CORSConfig([ORIGIN], allow_headers={"X-A"}, expose_headers=["X-B"], max_age=5)
    assert dataclasses.replace(config, max_age=5) == later != config


class OnlyContains:
    """A collection of a class of its own, which says what was done to it."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def __contains__(self, value: object) -> bool:
        self.asked.append(value)
        return value == ORIGIN


def test_collection_of_a_class_of_its_own_is_left_alone() -> None:
    origins = OnlyContains()
    config = CORSConfig(origins)  # type: ignore[arg-type]  # as Starlette accepts it
    assert config.allow_origins is origins  # type: ignore[comparison-overlap]
    assert config.problems() == ()
    assert origins.asked == []


def test_problem_is_data() -> None:
    (problem,) = CORSConfig([SLASH]).problems()
    assert problem == ConfigProblem(
        code="origin-trailing-slash",
        severity="error",
        parameter="allow_origins",
        value=SLASH,
        reason="a browser sends an origin without a slash at the end, so this never matches.",
        fix="Write 'https://app.example.com'.",
    )


# By hand, and by parameters.


def test_middleware_from_a_config_is_the_same(fastcors: ModuleType) -> None:
    config = CORSConfig(**PARAMETERS)
    ours, theirs = fastcors.CORSMiddleware(hello, config=config), Reference(hello, **PARAMETERS)
    assert vars(ours) == vars(theirs)
    for request in (get(), preflight(), get("https://other.example")):
        assert exchange(ours, request) == exchange(theirs, request)


def is_allowed(origin: str, scope: Any) -> bool:
    return True


def test_what_starlette_has_not_from_a_config(fastcors: ModuleType) -> None:
    parameters = {"allow_origin_patterns": ("https://*.example.com",), "allow_origin_func": is_allowed}
    config = CORSConfig([ORIGIN], **parameters, check_websocket_origin=True)  # type: ignore[arg-type]  # by their names
    assert config.problems() == ()
    middleware = fastcors.CORSMiddleware(hello, config=config, strict=True)
    assert vars(middleware).items() >= {**parameters, "check_websocket_origin": True}.items()
    assert vars(fastcors.CORSMiddleware(hello, [ORIGIN], **parameters, check_websocket_origin=True)) | {
        "allow_origins": (ORIGIN,)
    } == vars(middleware)


BESIDE: dict[str, tuple[dict[str, Any], str]] = {
    "one": ({"max_age": 5}, "so max_age cannot be given beside it. Put it into"),
    "two": ({"allow_origins": [ORIGIN], "allow_credentials": 1}, "so allow_origins, allow_credentials cannot be"),
    "all": (PARAMETERS, "Put them into the CORSConfig; dataclasses.replace(config, allow_origins=...)"),
}


@pytest.mark.parametrize(("parameters", "text"), BESIDE.values(), ids=BESIDE)
def test_parameters_beside_a_config(fastcors: ModuleType, parameters: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError, match=re.escape(text)):
        fastcors.CORSMiddleware(hello, config=CORSConfig(), **parameters)


def test_defaults_beside_a_config(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello, [], ["GET"], {}, config=CORSConfig([ORIGIN]), max_age=600)
    assert middleware.allow_origins == (ORIGIN,)


def test_config_of_another_type(fastcors: ModuleType) -> None:
    with pytest.raises(TypeError, match=r"config= takes a CORSConfig, and this is of type dict\."):
        fastcors.CORSMiddleware(hello, config={"allow_origins": [ORIGIN]})


def test_collections_of_parameters_stay_live(fastcors: ModuleType) -> None:
    origins = [ORIGIN]
    middleware = fastcors.CORSMiddleware(hello, origins)
    assert middleware.allow_origins is origins
    origins.append("https://later.example")
    assert middleware.is_allowed_origin("https://later.example")


def once(read: list[str]) -> Iterator[str]:
    for value in ("X-A", "X B"):
        read.append(value)
        yield value


def test_what_can_be_gone_through_once_is_gone_through_once(fastcors: ModuleType) -> None:
    read: list[str] = []
    middleware, caught = made(lambda: fastcors.CORSMiddleware(hello, expose_headers=once(read)))
    assert middleware.simple_headers == {"Access-Control-Expose-Headers": "X-A, X B"}
    assert read == ["X-A", "X B"]
    assert codes(caught) == [], "looked at by nobody else"


def test_collection_of_a_class_of_its_own_is_asked_as_by_starlette(fastcors: ModuleType) -> None:
    ours, theirs = OnlyContains(), OnlyContains()
    fastcors.CORSMiddleware(hello, ours)
    Reference(hello, theirs)
    assert ours.asked == theirs.asked


# Reported.


def test_each_code_is_one_warning_at_the_caller(fastcors: ModuleType) -> None:
    parameters: dict[str, Any] = {"allow_origins": [SLASH, "null"], "allow_methods": ["get"], "max_age": 10**6}
    middleware, caught = made(lambda: fastcors.CORSMiddleware(hello, **parameters))
    assert [str(warning.message) for warning in caught] == [
        str(problem) for problem in CORSConfig(**parameters).problems() if problem.severity != "note"
    ]
    assert codes(caught) == ["origin-trailing-slash", "origin-null", "method-lower-case"]
    for warning in caught:
        assert warning.category is CORSConfigWarning
        assert issubclass(warning.category, UserWarning)
        assert warning.filename == __file__
    _, of_requests = made(lambda: [exchange(middleware, request) for request in (get(), preflight(), get())])
    assert of_requests == []


def test_subclass_is_pointed_at_where_it_calls(fastcors: ModuleType) -> None:
    class Ours(fastcors.CORSMiddleware):  # type: ignore[misc, name-defined]  # a class of either core
        def __init__(self, app: Any) -> None:
            super().__init__(app, [SLASH])

    _, (warning,) = made(lambda: Ours(hello))
    assert (warning.filename, codes([warning])) == (__file__, ["origin-trailing-slash"])


ASSIGNED: dict[str, tuple[str, Any, list[str]]] = {
    "a string": ("allow_origins", "https://a.example", ["string-for-list"]),
    "an asterisk": ("allow_origins", "*", []),
    "a list with a slash": ("allow_origins", [SLASH], []),
    "a pattern of unbounded time": ("allow_origin_regex", re.compile(r"(a)\1"), ["regex-unbounded-time"]),
    "a pattern": ("allow_origin_regex", re.compile(r"a"), []),
}


@pytest.mark.parametrize(("name", "value", "expected"), ASSIGNED.values(), ids=ASSIGNED)
def test_assigned_later(fastcors: ModuleType, name: str, value: Any, expected: list[str]) -> None:
    middleware = fastcors.CORSMiddleware(hello)
    _, caught = made(lambda: setattr(middleware, name, value))
    assert codes(caught) == expected
    assert {warning.filename for warning in caught} <= {__file__}


def in_a_process(tmp_path: Any, name: str, main: str) -> str:
    """Return what Python prints when it runs `main`, which is beside a module `web` with an app."""
    web = f"""
from fastapi import FastAPI
from fastcors import CORSMiddleware
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["{SLASH}"])
"""
    (tmp_path / "web.py").write_text(web)
    (tmp_path / name).write_text(main)
    run = subprocess.run([sys.executable, name], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stderr


STARTED = {
    "by a script": (
        """
import asyncio, httpx
from web import app

async def main():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.example") as client:
        await client.get("/")
        await client.get("/")

asyncio.run(main())
""",
        r"main\.py:7: CORSConfigWarning: allow_origins holds",
    ),
    "in a thread": (
        """
from fastapi.testclient import TestClient
from web import app

TestClient(app).get("/")
""",
        r"^<fastcors>:1: CORSConfigWarning: allow_origins holds",
    ),
}


@pytest.mark.parametrize(("main", "expected"), STARTED.values(), ids=STARTED)
def test_added_middleware_is_pointed_at_where_the_app_is_started(tmp_path: Any, main: str, expected: str) -> None:
    printed = in_a_process(tmp_path, "main.py", main).replace("\\", "/")
    assert re.search(expected, printed), printed
    assert printed.count("CORSConfigWarning") == 1


# Strict.

SEVERAL: dict[str, Any] = {
    "allow_origins": [SLASH, "https://a.example\n"],
    "allow_methods": None,
    "allow_origin_regex": "(",
    "max_age": 10**6,
}


def test_strict_raises_all_at_once(fastcors: ModuleType) -> None:
    with pytest.raises(CORSConfigError) as raised:
        fastcors.CORSMiddleware(hello, **SEVERAL, strict=True)
    problems = CORSConfig(**SEVERAL).problems()
    assert raised.value.problems == problems[:-1], "all but the note"
    assert [problem.code for problem in problems] == [
        "line-break",
        "origin-trailing-slash",
        "not-a-collection",
        "regex-does-not-compile",
        "max-age-above-cap",
    ]
    assert isinstance(raised.value, ValueError)
    text = str(raised.value)
    assert text.splitlines()[0] == "4 problems in the CORS configuration:"
    assert text.splitlines()[1:] == [f"- {problem}" for problem in problems[:-1]]
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.problems, str(again)) == (raised.value.problems, text)


def test_strict_says_one_problem_in_the_singular() -> None:
    assert str(CORSConfigError(CORSConfig([SLASH]).problems())).startswith("1 problem in")


def test_strict_is_content_with_notes(fastcors: ModuleType) -> None:
    config = CORSConfig([ORIGIN], max_age=10**6)
    assert config.problems()
    _, caught = made(lambda: fastcors.CORSMiddleware(hello, config=config, strict=True))
    assert caught == []


# What Starlette refuses, and what would be a malformed header, stays an exception without it.
REFUSED: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "no collection": ({"allow_origins": None}, TypeError),
    "no string": ({"expose_headers": [None]}, TypeError),
    "no regex": ({"allow_origin_regex": "("}, re.error),
    "a line break": ({"allow_headers": ["X-A\n"]}, ValueError),
    "no origin patterns": ({"allow_origin_patterns": 7}, TypeError),
    "no function": ({"allow_origin_func": ORIGIN}, TypeError),
}


@pytest.mark.parametrize(("parameters", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused_without_strict(fastcors: ModuleType, parameters: dict[str, Any], expected: type[Exception]) -> None:
    with pytest.raises(expected) as raised:
        fastcors.CORSMiddleware(hello, **parameters)
    assert type(raised.value) is expected
    assert CORSConfig(**parameters).problems()[0].severity == "error"


def test_regex_that_does_not_compile_is_explained(fastcors: ModuleType) -> None:
    with pytest.raises(re.error) as ours:
        fastcors.CORSMiddleware(hello, allow_origin_regex="https://(")
    with pytest.raises(re.error) as theirs:
        Reference(hello, allow_origin_regex="https://(")
    assert str(ours.value) == str(theirs.value)
    (note,) = ours.value.__notes__
    assert note == str(CORSConfig(allow_origin_regex="https://(").problems()[0])


# What Starlette's class raises too, with the problems that raise it. The text alone names no parameter.
NOTED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no collection": ({"allow_origins": None}, ["not-a-collection"]),
    "no method": ({"allow_methods": ["GET", None]}, ["not-a-string"]),
    "a list in a list": ({"allow_headers": [["X-A"]]}, ["not-a-string"]),
    "no header name": ({"expose_headers": [7]}, ["not-a-string"]),
    "no regex": ({"allow_origin_regex": 7}, ["not-a-string"]),
    "a number too large for a regex": ({"allow_origin_regex": f"a{{{9**30}}}"}, ["regex-does-not-compile"]),
    "two at once": ({"allow_origins": 7, "allow_headers": None}, ["not-a-collection", "not-a-collection"]),
    "another problem besides": ({"allow_origins": ["https://a.example/"], "expose_headers": 7}, ["not-a-collection"]),
}


@pytest.mark.parametrize(("parameters", "codes"), NOTED.values(), ids=NOTED)
def test_an_exception_ends_with_a_code(fastcors: ModuleType, parameters: dict[str, Any], codes: list[str]) -> None:
    with pytest.raises((TypeError, OverflowError)) as theirs:
        Reference(hello, **parameters)
    with pytest.raises(type(theirs.value)) as ours:
        fastcors.CORSMiddleware(hello, **parameters)
    problems = CORSConfig(**parameters).problems()
    notes = ours.value.__notes__
    assert set(notes) <= set(map(str, problems))
    assert [note.rpartition("[")[2] for note in notes] == [f"{code}]" for code in codes]


@pytest.mark.parametrize("parameters", [{"config": 7}, {"allow_methods": ["A\n"]}, {"allow_origin_func": 7}], ids=repr)
def test_an_exception_that_says_all_has_no_note(fastcors: ModuleType, parameters: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        fastcors.CORSMiddleware(hello, **parameters)
    assert not hasattr(raised.value, "__notes__")


# Two around one app.


def around(inner: Any, outer: Any) -> dict[str, Any]:
    """Return ways to have `inner` around an app that `outer` is put around."""
    app = FastAPI()
    app.add_middleware(inner)
    return {
        "directly": lambda: outer(inner(hello)),
        "with another between": lambda: outer(GZipMiddleware(inner(hello))),
        "with two between": lambda: outer(BaseHTTPMiddleware(GZipMiddleware(inner(hello)))),
        "around an app that it was added to": lambda: outer(app),
        "added twice": lambda: added(Middleware(outer), Middleware(inner)),
        "added twice, with another between": lambda: added(
            Middleware(outer), Middleware(GZipMiddleware), Middleware(inner)
        ),
    }


def added(*middlewares: Middleware) -> None:
    TestClient(Starlette(middleware=middlewares)).get("/")


@pytest.mark.parametrize("way", around(Installed, Installed))
@pytest.mark.parametrize("of_starlette", [False, True])
def test_two_around_one_app(fastcors: ModuleType, way: str, of_starlette: bool) -> None:
    ours = fastcors.CORSMiddleware
    inner = Installed if of_starlette and "added" not in way else ours
    _, caught = made(around(inner, ours)[way])
    assert codes(caught) == ["two-cors-middlewares"]


def one_of_them(ours: Any) -> dict[str, Any]:
    mounted = FastAPI()
    mounted.add_middleware(ours)
    app = Starlette(routes=[Mount("/api", mounted), Mount("/other", ours(hello))])
    endless: Any = GZipMiddleware(hello)
    endless.app = endless
    return {
        "around an app with a mounted one": lambda: ours(app),
        "around others": lambda: ours(GZipMiddleware(hello)),
        "around what is around itself": lambda: ours(endless),
        "around what has no attributes": lambda: ours(object()),
        "around a middleware added as a function": lambda: ours(Starlette(middleware=[Middleware(lambda app: app)])),
    }


@pytest.mark.parametrize("way", one_of_them(Installed))
def test_one_around_each_app(fastcors: ModuleType, way: str) -> None:
    make = one_of_them(fastcors.CORSMiddleware)[way]
    _, caught = made(make)
    assert caught == []


class Raising:
    """Whose every attribute raises, its class among them."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


class RaisingDict:
    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        raise RuntimeError


def has_added(added: object) -> Any:
    app: Any = Starlette()
    app.user_middleware = added
    return app


HOSTILE_APPS: dict[str, Callable[[], Any]] = {
    "every attribute raises": Raising,
    "its __dict__ raises": RaisingDict,
    "a class": lambda: Starlette,
    "no middleware": lambda: has_added(None),
    "what was added raises": lambda: has_added([Raising()]),
    "the class of what was added raises": lambda: has_added([Middleware(cast(Any, Raising()))]),
}


@pytest.mark.parametrize("make", HOSTILE_APPS.values(), ids=HOSTILE_APPS)
def test_app_that_tells_nothing(fastcors: ModuleType, make: Callable[[], Any]) -> None:
    app = make()
    _, caught = made(lambda: fastcors.CORSMiddleware(app, strict=True))
    assert caught == []


class RaisingList(list[str]):
    def __iter__(self) -> Any:
        raise RuntimeError


def test_collection_of_a_derived_class_is_left_alone(fastcors: ModuleType) -> None:
    _, caught = made(lambda: fastcors.CORSMiddleware(hello, RaisingList(["https://a.example/"]), strict=True))
    assert caught == []


def test_check_that_fails_is_logged(
    fastcors: ModuleType, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(parameters: object) -> None:
        raise RuntimeError("no text")

    inner = fastcors.CORSMiddleware(hello)
    config = CORSConfig()
    monkeypatch.setattr(checks_of_parameters, "problems_of", fail)
    with pytest.raises(RuntimeError, match="no text"):
        check(config, inner, strict=True)
    _, caught = made(lambda: check(config, inner, strict=False))
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("fastcors", "ERROR")
    assert record.getMessage() == "could not check the configuration"
    assert record.exc_info
    assert record.exc_info[0] is RuntimeError
    # The other checks go on.
    assert codes(caught) == ["two-cors-middlewares"]


def test_warning_made_an_error_is_raised(fastcors: ModuleType) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CORSConfigWarning, match="origin-null"):
            fastcors.CORSMiddleware(hello, ["null"])


def test_two_around_one_app_is_raised_by_strict(fastcors: ModuleType) -> None:
    with pytest.raises(CORSConfigError, match=re.escape("[two-cors-middlewares]")):
        fastcors.CORSMiddleware(fastcors.CORSMiddleware(hello), strict=True)


# Imports.


def modules_after(code: str) -> set[str]:
    listed = f"{code}; import sys; print(*(name for name in sys.modules if name.startswith('fastcors')))"
    return set(
        subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True).stdout.split()
    )


def test_checks_are_imported_when_something_is_checked() -> None:
    assert "fastcors.config.value" not in modules_after("import fastcors")
    usual = modules_after("import fastcors; fastcors.CORSMiddleware(None, ['https://a.example'], ['*'], ['*'], True)")
    assert {"fastcors.config.value", "fastcors.config.checks.origins"} <= usual
    assert (
        not {"fastcors.config.checks.origin_syntax", "fastcors.config.checks.regex", "fastcors.origins.regex.automaton"}
        & usual
    )


def test_names_of_the_package(fastcors: ModuleType) -> None:
    assert fastcors.CORSConfig.__name__ == "CORSConfig"
    assert all(hasattr(fastcors, name) for name in fastcors.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        fastcors.Nothing  # noqa: B018
