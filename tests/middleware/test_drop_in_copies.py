"""An instance as an object: what it holds, how it is copied and pickled, and that it goes when nobody needs it."""

import copy
import gc
import pickle
import sys
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from support.exchange import CONFIG, CONFIGS, ORIGIN, OTHER, answers, both, exchange, get, hello, preflight


@pytest.mark.parametrize("config", CONFIGS)
def test_attributes(fastcors: ModuleType, config: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIGS[config])
        before = dict(vars(middleware))
        answers(middleware)
        return list(before), before, list(vars(middleware)), vars(middleware)

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_attributes_of_ones_own(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello)
    middleware.note = "kept"
    assert vars(middleware)["note"] == "kept"
    assert weakref.ref(middleware)() is middleware
    assert {middleware: 1}[middleware] == 1
    assert middleware == middleware
    assert middleware != fastcors.CORSMiddleware(hello)


def pickled(protocol: int) -> Callable[[Any], Any]:
    return lambda middleware: pickle.loads(pickle.dumps(middleware, protocol))


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"pickle, protocol {protocol}": pickled(protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
}


@pytest.mark.parametrize("served", [False, True])
@pytest.mark.parametrize("how", COPIES)
def test_copy_works_and_is_independent(
    fastcors: ModuleType, monkeypatch: pytest.MonkeyPatch, how: str, served: bool
) -> None:
    # Pickle looks classes up by name, and each core's are imported beside the other's.
    monkeypatch.setitem(sys.modules, "fastcors", fastcors)
    monkeypatch.setitem(sys.modules, "fastcors.middleware", fastcors.middleware)

    def scenario(base: Any) -> Any:
        original = base(hello, **CONFIG)
        original.note = "kept"
        seen: list[Any] = [answers(original)] if served else []
        other = COPIES[how](original)
        assert type(other) is base
        seen += [list(vars(other)), answers(other)]
        other.allow_origins = [OTHER]
        seen += [answers(other), answers(original)]
        original.allow_methods = ["PUT"]
        return [*seen, answers(other), answers(original)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_deep_copy_has_lists_of_its_own(fastcors: ModuleType) -> None:
    original = fastcors.CORSMiddleware(hello, allow_origins=[ORIGIN])
    shallow, deep = copy.copy(original), copy.deepcopy(original)
    before = answers(deep)
    original.allow_origins.append(OTHER)
    assert answers(shallow) == answers(original) != before
    assert answers(deep) == before


def test_copy_keeps_the_slots_of_a_subclass(fastcors: ModuleType) -> None:
    original = type("Subclass", (fastcors.CORSMiddleware,), {"__slots__": ("note",)})(hello, **CONFIG)
    original.note = "kept"
    for other in (copy.copy(original), copy.deepcopy(original)):
        assert other.note == "kept"
        assert answers(other) == answers(original)


def test_collected_with_an_app_that_refers_back(fastcors: ModuleType) -> None:
    class App:
        middleware: Any
        kept: list[Any] = []

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            self.kept = [scope, receive, send]
            await hello(scope, receive, send)

    app = App()
    app.middleware = fastcors.CORSMiddleware(app, **CONFIG)
    for request in (get, preflight):
        exchange(app.middleware, request())
    assert len(app.kept) == 3
    references = [weakref.ref(app), weakref.ref(app.middleware)]
    del app
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_collected_with_a_subclass(fastcors: ModuleType) -> None:
    subclass = type("Subclass", (fastcors.CORSMiddleware,), {})
    answers(subclass(hello, **CONFIG))
    reference = weakref.ref(subclass)
    del subclass
    gc.collect()
    assert reference() is None
