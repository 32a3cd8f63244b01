"""`install` makes Starlette's class construct ours, and changes nothing else of it; `uninstall` reverts that."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import functools
import importlib
import inspect
from abc import ABC
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from support.exchange import CONFIG, CONFIGS, ORIGIN, OTHER, answers, hello
from support.reference import CORSMiddleware as Reference

# For the type checker any class, because it is called in many ways that are wrong.
Starlettes: Any = StarletteCORSMiddleware

pytestmark = [
    pytest.mark.thread_unsafe(reason="the whole process has one such class"),
    pytest.mark.usefixtures("uninstalled"),
]


class Plain(StarletteCORSMiddleware):
    pass


class OneOrigin(StarletteCORSMiddleware):
    def __init__(self, app: Any, origin: str) -> None:
        super().__init__(app, allow_origins=[origin])


class WithNew(StarletteCORSMiddleware):
    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return super().__new__(cls)


class Counted:
    """Has a `__new__` that wants the arguments."""

    given: tuple[Any, ...]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls)
        self.given = args
        return self


class Mixed(StarletteCORSMiddleware, Counted):
    pass


class Abstract(StarletteCORSMiddleware, ABC):
    pass


SUBCLASSES = {cls.__name__: cls for cls in (Plain, OneOrigin, WithNew, Mixed, Abstract)}


@pytest.fixture
def keeping_new(fastcors: ModuleType, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Patches a class that has a `__new__`, because one that is deleted leaves a class that takes no arguments."""
    fastcors.install()
    fastcors.uninstall()
    return monkeypatch


@pytest.mark.parametrize("module", ["starlette.middleware.cors", "fastapi.middleware.cors"])
def test_wherever_it_was_imported(fastcors: ModuleType, module: str) -> None:
    before = importlib.import_module(module).CORSMiddleware
    fastcors.install()
    for cls in (before, importlib.import_module(module).CORSMiddleware):
        assert cls is Starlettes
        middleware = cls(hello, **CONFIG)
        assert type(middleware) is fastcors.CORSMiddleware
        assert isinstance(middleware, cls)


@pytest.mark.parametrize("config", CONFIGS)
def test_same_answers(fastcors: ModuleType, config: str) -> None:
    expected = answers(Reference(hello, **CONFIGS[config]))
    fastcors.install()
    assert answers(Starlettes(hello, **CONFIGS[config])) == expected


def test_arguments(installed: ModuleType) -> None:
    by_position = Starlettes(hello, [ORIGIN], ["PUT"], ["X-Token"], True, r"https://a\.b\.c", True, ["X-Count"], 5)
    by_keyword = Starlettes(
        app=hello,
        allow_origins=[ORIGIN],
        allow_methods=["PUT"],
        allow_headers=["X-Token"],
        allow_credentials=True,
        allow_origin_regex=r"https://a\.b\.c",
        allow_private_network=True,
        expose_headers=["X-Count"],
        max_age=5,
    )
    assert vars(by_position) == vars(by_keyword)
    assert vars(by_position) == vars(installed.CORSMiddleware(hello, **vars_of(by_position)))


def vars_of(middleware: Any) -> dict[str, Any]:
    """Return the arguments of `test_arguments` from the attributes that keep them."""
    kept = ("allow_origins", "allow_methods", "allow_credentials", "allow_private_network")
    return {
        **{name: getattr(middleware, name) for name in kept},
        "allow_headers": ["X-Token"],
        "allow_origin_regex": middleware.allow_origin_regex.pattern,
        "expose_headers": ["X-Count"],
        "max_age": 5,
    }


def test_parameters_of_our_own(installed: ModuleType) -> None:
    patterns = Starlettes(hello, allow_origin_patterns=["https://*.example.com"])
    assert patterns.is_allowed_origin(ORIGIN)
    assert Starlettes(hello, config=installed.CORSConfig([ORIGIN])).allow_origins == (ORIGIN,)
    with pytest.raises(installed.CORSConfigError):
        Starlettes(hello, ["app.example.com"], strict=True)


def test_made_once(installed: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, made = installed.CORSMiddleware.__init__, []

    @functools.wraps(ours)
    def counting(self: Any, *args: Any, **kwargs: Any) -> None:
        made.append((args, kwargs))
        ours(self, *args, **kwargs)

    monkeypatch.setattr(installed.CORSMiddleware, "__init__", counting)
    Starlettes(hello, [ORIGIN], max_age=5)
    assert made == [((hello, [ORIGIN]), {"max_age": 5})]


WRONG: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda cls: cls(),
    "no app": lambda cls: cls(allow_origins=["*"]),
    "too many": lambda cls: cls(*[hello] * 11),
    "twice": lambda cls: cls(hello, app=hello),
    "misspelt": lambda cls: cls(hello, allow_origin=["*"]),
    "not a collection": lambda cls: cls(hello, 7),
    "not a collection of methods": lambda cls: cls(hello, allow_methods=7),
    "bytes for a regex": lambda cls: cls(hello, allow_origin_regex=7),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_arguments(fastcors: ModuleType, wrong: str) -> None:
    with pytest.raises(TypeError) as expected:
        WRONG[wrong](Reference)
    fastcors.install()
    with pytest.raises(TypeError) as raised:
        WRONG[wrong](Starlettes)
    if wrong in ("nothing", "no app", "too many", "twice", "misspelt"):
        assert str(raised.value) == str(expected.value)


@pytest.mark.parametrize("name", SUBCLASSES)
def test_subclasses_stay_what_they_are(installed: ModuleType, name: str) -> None:
    cls: Any = SUBCLASSES[name]
    kinds: list[Any] = [cls, type("Later", (cls,), {})]
    for kind in kinds:
        middleware = kind(hello, ORIGIN) if issubclass(cls, OneOrigin) else kind(hello, allow_origins=[ORIGIN])
        assert type(middleware) is kind
        assert not isinstance(middleware, installed.CORSMiddleware)
        assert middleware.is_allowed_origin(ORIGIN)
        assert not middleware.is_allowed_origin(OTHER)


def test_new_of_a_mixin_gets_the_arguments(installed: ModuleType) -> None:
    assert Mixed(hello, [ORIGIN]).given == (hello, [ORIGIN])


def test_our_subclasses_stay_what_they_are(installed: ModuleType) -> None:
    ours = type("Ours", (installed.CORSMiddleware,), {})
    assert type(ours(hello, [ORIGIN])) is ours
    assert type(installed.CORSMiddleware(hello, [ORIGIN])) is installed.CORSMiddleware


def test_the_class_looks_the_same(fastcors: ModuleType) -> None:
    kinds = [Starlettes, fastcors.CORSMiddleware, *SUBCLASSES.values()]
    before = [(inspect.signature(cls), issubclass(cls, Starlettes), cls.__mro__, cls.__init__) for cls in kinds]
    for change in (fastcors.install, fastcors.uninstall):
        change()
        after = [(inspect.signature(cls), issubclass(cls, Starlettes), cls.__mro__, cls.__init__) for cls in kinds]
        assert after == before


def test_twice_is_once(fastcors: ModuleType) -> None:
    fastcors.install()
    new = vars(Starlettes)["__new__"]
    fastcors.install()
    assert vars(Starlettes)["__new__"] is new
    fastcors.uninstall()
    assert type(Starlettes(hello)) is Starlettes
    fastcors.uninstall()
    fastcors.install()
    assert vars(Starlettes)["__new__"] is new
    assert type(Starlettes(hello)) is fastcors.CORSMiddleware


def test_uninstalled(fastcors: ModuleType) -> None:
    ours = type("Ours", (fastcors.CORSMiddleware,), {})
    for _ in range(3):
        fastcors.install()
        during = type("During", (StarletteCORSMiddleware,), {})
        fastcors.uninstall()
        assert type(OneOrigin(hello, ORIGIN)) is OneOrigin
        # Repeated, because the interpreter specialises a call that it has seen a few times.
        for cls in [Starlettes, ours, fastcors.CORSMiddleware, during, Plain, WithNew, Mixed, Abstract] * 50:
            assert type(cls(hello, [ORIGIN], max_age=5)) is cls
    for wrong in WRONG.values():
        with pytest.raises(TypeError):
            wrong(Starlettes)


def test_new_of_another_package(fastcors: ModuleType, keeping_new: pytest.MonkeyPatch) -> None:
    """Another package wraps `__new__`, before or after: both are called."""
    seen = []

    def wrap() -> None:
        before = Starlettes.__new__

        def wrapper(cls: type, *args: Any, **kwargs: Any) -> Any:
            seen.append(cls)
            return before(cls, *args, **kwargs)

        keeping_new.setattr(Starlettes, "__new__", wrapper)

    wrap()
    fastcors.install()
    assert type(Starlettes(hello)) is fastcors.CORSMiddleware
    seen.clear()
    assert type(Plain(hello)) is Plain
    assert seen == [Plain]
    wrap()
    fastcors.install()
    assert type(Starlettes(hello)) is fastcors.CORSMiddleware
    fastcors.uninstall()
    seen.clear()
    assert type(Starlettes(hello)) is Starlettes
    assert seen == [Starlettes] * 2


def test_new_that_another_package_replaced(fastcors: ModuleType, keeping_new: pytest.MonkeyPatch) -> None:
    fastcors.install()
    keeping_new.setattr(Starlettes, "__new__", lambda cls, *args, **kwargs: object.__new__(cls))
    assert type(Starlettes(hello)) is Starlettes
    fastcors.install()
    assert type(Starlettes(hello)) is fastcors.CORSMiddleware
    assert type(Plain(hello)) is Plain
