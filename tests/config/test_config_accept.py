"""The parameter `accept`: which problems it silences, and which mistakes in it are told."""

import copy
import warnings
from types import ModuleType
from typing import Any

import pytest
from starlette.applications import Starlette
from support.exchange import ORIGIN, exchange, get, hello

from fastcors import ConfigProblem, CORSConfig, CORSConfigError, CORSConfigWarning, add_cors
from fastcors.problems import SEVERITIES

INSECURE: dict[str, Any] = {"allow_origins": ["http://app.example.com", "null"], "allow_credentials": True}


def codes(make: Any) -> list[str]:
    """Return the codes of the warnings that come of `make`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    return [each.message.problems[0].code for each in caught if isinstance(each.message, CORSConfigWarning)]


WAYS: dict[str, Any] = {
    "parameters": lambda fastcors, **more: fastcors.CORSMiddleware(hello, **INSECURE, **more),
    "a value": lambda fastcors, accept, **more: fastcors.CORSMiddleware(
        hello, config=CORSConfig(**INSECURE, accept=accept), **more
    ),
    "add_cors": lambda fastcors, **more: fastcors.add_cors(Starlette(), **INSECURE, **more),
}


@pytest.mark.parametrize("make", WAYS.values(), ids=WAYS)
def test_accepted_problem_is_neither_emitted_nor_raised(fastcors: ModuleType, make: Any) -> None:
    assert codes(lambda: make(fastcors, accept=())) == ["origin-insecure", "origin-null"]
    assert codes(lambda: make(fastcors, accept=["origin-insecure"])) == ["origin-null"]
    with pytest.raises(CORSConfigError) as raised:
        make(fastcors, accept=["origin-insecure"], strict=True)
    assert [problem.code for problem in raised.value.problems] == ["origin-null"]
    assert codes(lambda: make(fastcors, accept={"origin-insecure", "origin-null"}, strict=True)) == []


def test_accepted_problem_is_marked() -> None:
    insecure, null = CORSConfig(**INSECURE, accept=["origin-insecure"]).problems()
    assert (insecure.accepted, null.accepted) == (True, False)
    assert str(insecure).startswith("accepted: allow_origins holds ")
    assert str(insecure).endswith(" [origin-insecure]")
    assert str(null).endswith(" [origin-null]")
    assert insecure._replace(accepted=False) == CORSConfig(**INSECURE).problems()[0]
    assert ConfigProblem("code", "error", "max_age", 1, "Reason.", "Fix.").accepted is False


KINDS: dict[str, Any] = {
    "list": ["origin-null"],
    "set": {"origin-null"},
    "string": "origin-null",
    "iterator": iter(["origin-null"]),
}


@pytest.mark.parametrize("accept", KINDS.values(), ids=KINDS)
def test_kind_of_collection(accept: Any) -> None:
    config = CORSConfig(["null"], accept=accept)
    assert [problem.accepted for problem in config.problems()] == [True]
    assert hash(config) == hash(copy.deepcopy(config))


def test_iterator_is_read_once(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello, ["null"], accept=iter(["origin-null", "string-for-list"]), strict=True)
    assert codes(lambda: setattr(middleware, "allow_origins", ORIGIN)) == []


def test_two_middlewares_are_accepted(fastcors: ModuleType) -> None:
    inner = fastcors.CORSMiddleware(hello)
    fastcors.CORSMiddleware(inner, accept=["two-cors-middlewares"], strict=True)
    assert codes(lambda: fastcors.CORSMiddleware(inner, accept=["two-cors-middlewares"])) == []


def test_assigned_later(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello, accept=["string-for-list"])
    for same in (middleware, copy.copy(middleware)):
        assert codes(lambda same=same: setattr(same, "allow_origins", ORIGIN)) == []
    other = fastcors.CORSMiddleware(hello, accept=["origin-null"])
    assert codes(lambda: setattr(other, "allow_origins", ORIGIN)) == ["string-for-list"]


def test_attribute_of_a_subclass_keeps_its_name(fastcors: ModuleType) -> None:
    class Ours(fastcors.CORSMiddleware):  # type: ignore[misc, name-defined]  # a class of either core
        def accept(self) -> str:
            return "its own"

    middleware = Ours(hello, [ORIGIN], accept=["origin-null"])
    assert middleware.accept() == "its own"
    assert exchange(middleware, get()) == exchange(fastcors.CORSMiddleware(hello, [ORIGIN]), get())


def test_exceptions_are_raised_all_the_same(fastcors: ModuleType) -> None:
    with pytest.raises(ValueError, match="allow_headers"):
        fastcors.CORSMiddleware(hello, allow_headers=["X-A\n"], accept=["line-break"], strict=True)


# Mistakes in it.


class Hostile:
    def __iter__(self) -> Any:
        raise RuntimeError

    __bool__ = __eq__ = __repr__ = __iter__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


NEAR = "Write 'origin-insecure'."
ANY = "Write the code in brackets at the end of a message, such as 'origin-insecure'."
UNKNOWN: dict[str, tuple[Any, list[str]]] = {
    "a slip": (["origin-unsecure"], [NEAR]),
    "upper case": (["ORIGIN-INSECURE "], [NEAR]),
    "a string": ("origin-insecur", [NEAR]),
    "nothing like it": (["x", "*"], [ANY, ANY]),
    "one right, one wrong": (["origin-insecure", "origin-unsecure"], [NEAR]),
    "no strings": ([None, 7, ["origin-insecure"]], [ANY] * 3),
    "no collection": (None, ["Write a list, such as accept=['origin-insecure']."]),
    "a class of its own": (Hostile(), ["Write a list, such as accept=['origin-insecure']."]),
    "hostile members": ([Hostile()], [ANY]),
    "a very long one": (["x" * 10**6], [ANY]),
}


@pytest.mark.parametrize(("accept", "fixes"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_code(fastcors: ModuleType, accept: Any, fixes: list[str]) -> None:
    config = CORSConfig([ORIGIN], accept=accept)
    problems = config.problems()
    assert [(each.code, each.severity, each.parameter) for each in problems] == [
        ("accept-unknown", "error", "accept")
    ] * len(fixes)
    assert [each.fix for each in problems] == fixes
    assert codes(lambda: fastcors.CORSMiddleware(hello, [ORIGIN], accept=accept)) == ["accept-unknown"]
    with pytest.raises(CORSConfigError, match=r"\[accept-unknown\]"):
        fastcors.CORSMiddleware(hello, [ORIGIN], accept=accept, strict=True)


def test_unknown_code_cannot_be_accepted() -> None:
    problems = CORSConfig(accept=["accept-unknown", "nothing"]).problems()
    assert [problem.accepted for problem in problems] == [False, False]


@pytest.mark.parametrize("code", sorted(SEVERITIES.keys() - {"accept-unknown"}))
def test_every_code_is_known(code: str) -> None:
    assert CORSConfig(accept=[code]).problems() == ()


def test_parameters_of_add_cors() -> None:
    app = add_cors(Starlette(), allow_origins=["null"], accept=["origin-null"], strict=True)
    assert isinstance(app, Starlette)
