"""Every public attribute can be assigned, mutated, deleted and computed, before the first request and after it."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import re
from collections.abc import Callable
from types import MappingProxyType, ModuleType
from typing import Any
from unittest import mock

import pytest
from support.asgi import OnlyContains
from support.exchange import CONFIG, CONFIGS, ORIGIN, OTHER, answers, both, hello

ATTRIBUTES = (
    "app",
    "allow_origins",
    "allow_methods",
    "allow_headers",
    "allow_all_origins",
    "allow_all_headers",
    "allow_credentials",
    "preflight_explicit_allow_origin",
    "allow_origin_regex",
    "allow_private_network",
    "simple_headers",
    "preflight_headers",
)


async def other_app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404})


class AnyMatch:
    """Not a compiled pattern, but it answers as one does."""

    def fullmatch(self, text: str) -> object:
        return text.endswith(".org") or None


ASSIGNMENTS: dict[str, tuple[str, Any]] = {
    "app": ("app", other_app),
    "app, not callable": ("app", None),
    "origins, list": ("allow_origins", [OTHER]),
    "origins, set": ("allow_origins", {OTHER}),
    "origins, tuple": ("allow_origins", (OTHER,)),
    "origins, frozenset": ("allow_origins", frozenset([OTHER])),
    "origins, empty": ("allow_origins", ()),
    "origins, __contains__ alone": ("allow_origins", OnlyContains((OTHER,))),
    "origins, None": ("allow_origins", None),
    "methods, list": ("allow_methods", ["PUT"]),
    "methods, star": ("allow_methods", "*"),
    "methods, None": ("allow_methods", None),
    "header names": ("allow_headers", ["x-other", "x-token"]),
    "header names, upper case": ("allow_headers", ["X-Token"]),
    "header names, None": ("allow_headers", None),
    "all origins": ("allow_all_origins", True),
    "not all origins": ("allow_all_origins", False),
    "all origins, by a truthy value": ("allow_all_origins", "yes"),
    "all header names": ("allow_all_headers", True),
    "not all header names": ("allow_all_headers", 0),
    "credentials": ("allow_credentials", 1),
    "no credentials": ("allow_credentials", False),
    "explicit origin": ("preflight_explicit_allow_origin", True),
    "no explicit origin": ("preflight_explicit_allow_origin", False),
    "regex": ("allow_origin_regex", re.compile(r"https://.*\.org")),
    "regex, none": ("allow_origin_regex", None),
    "regex, uncompiled": ("allow_origin_regex", r"https://.*\.org"),
    "regex, of bytes": ("allow_origin_regex", re.compile(rb"https://.*\.org")),
    "regex, of one's own": ("allow_origin_regex", AnyMatch()),
    "private network": ("allow_private_network", True),
    "no private network": ("allow_private_network", False),
    "simple headers": ("simple_headers", {"X-Own": "yes"}),
    "simple headers, read-only": ("simple_headers", MappingProxyType({"X-Own": "yes"})),
    "simple headers, pairs": ("simple_headers", [("X-Own", "yes")]),
    "simple headers, None": ("simple_headers", None),
    "preflight headers": ("preflight_headers", {"X-Own": "yes"}),
    "preflight headers, read-only": ("preflight_headers", MappingProxyType({"X-Own": "yes"})),
    "preflight headers, pairs": ("preflight_headers", [("X-Own", "yes")]),
    "preflight headers, None": ("preflight_headers", None),
}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_assigned_after_requests_were_served(fastcors: ModuleType, name: str, config: str) -> None:
    attribute, value = ASSIGNMENTS[name]

    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIGS[config])
        before, original = answers(middleware), getattr(middleware, attribute)
        setattr(middleware, attribute, value)
        assert getattr(middleware, attribute) is value
        seen = [before, answers(middleware)]
        setattr(middleware, attribute, original)
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] == ours[2]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_assignment_shows(fastcors: ModuleType, name: str) -> None:
    """With one configuration or another; otherwise the test above compares nothing."""
    attribute, value = ASSIGNMENTS[name]
    shows = False
    for config in CONFIGS.values():
        middleware = fastcors.CORSMiddleware(hello, **config)
        before = answers(middleware)
        setattr(middleware, attribute, value)
        shows = shows or answers(middleware) != before
    assert shows


def test_all_attributes_are_assigned_above() -> None:
    assert {attribute for attribute, _ in ASSIGNMENTS.values()} == set(ATTRIBUTES)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_deleted_and_given_back(fastcors: ModuleType, attribute: str, config: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIGS[config])
        seen, original = [answers(middleware)], getattr(middleware, attribute)
        delattr(middleware, attribute)
        assert not hasattr(middleware, attribute)
        seen.append(answers(middleware))
        setattr(middleware, attribute, original)
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] == ours[2]


def test_deleting_what_is_not_there(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello)
    with pytest.raises(AttributeError):
        del middleware.nothing_of_the_kind


def test_attribute_of_the_class_behind_a_deleted_one(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        class Subclass(base):
            allow_origins = [OTHER]

        middleware = Subclass(hello, **CONFIG)
        seen = [answers(middleware)]
        del middleware.allow_origins
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1]


def test_attribute_that_getattr_makes_up(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        class Subclass(base):
            def __getattr__(self, name: str) -> Any:
                if name == "allow_origins":
                    return current
                raise AttributeError(name)

        current = [ORIGIN]
        middleware = Subclass(hello, **CONFIG)
        del middleware.allow_origins
        seen = [answers(middleware)]
        current = [OTHER]
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1]


def with_property(base: Any, attribute: str, kept_as: str) -> Any:
    """Return a subclass where `attribute` is a property, whose value the instance keeps as `kept_as`."""

    def read(self: Any) -> Any:
        return vars(self)[kept_as]

    def write(self: Any, value: Any) -> None:
        vars(self)[kept_as] = value

    return type("WithProperty", (base,), {attribute: property(read, write)})


@pytest.mark.parametrize("prefix", ["", "_"])
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_property(fastcors: ModuleType, name: str, prefix: str) -> None:
    attribute, value = ASSIGNMENTS[name]

    def scenario(base: Any) -> Any:
        seen: list[Any] = []
        for config in CONFIGS.values():
            middleware = with_property(base, attribute, prefix + attribute)(hello, **config)
            seen.append(answers(middleware))
            vars(middleware)[prefix + attribute] = value
            seen.append(answers(middleware))
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert any(before != after for before, after in zip(ours[::2], ours[1::2], strict=True))


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_property_mocked_on_the_class_after_the_first_request(fastcors: ModuleType, attribute: str) -> None:
    if not fastcors.COMPILED:
        pytest.skip("the Python core has no version tag: it would have to look through every class at each request")
    values = [value for assigned, value in ASSIGNMENTS.values() if assigned == attribute]

    def scenario(base: Any) -> Any:
        seen: list[Any] = []
        for config in CONFIGS.values():
            middleware = base(hello, **config)
            seen.append(answers(middleware))
            with mock.patch.object(base, attribute, mock.PropertyMock(return_value=values[0]), create=True):
                seen.append(answers(middleware))
            seen.append(answers(middleware))
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[::3] == ours[2::3] != ours[1::3]


HEADER_CHANGES: dict[str, Callable[[Any], object]] = {
    "a simple header more": lambda m: m.simple_headers.update({"Timing-Allow-Origin": "*"}),
    "a simple header changed": lambda m: m.simple_headers.update({"Access-Control-Expose-Headers": "ETag, X-More"}),
    "a simple header less": lambda m: m.simple_headers.pop("Access-Control-Expose-Headers", None),
    "no simple header": lambda m: m.simple_headers.clear(),
    "a fixed origin": lambda m: m.simple_headers.update({"Access-Control-Allow-Origin": "https://fixed.example"}),
    "a fixed origin in lower case": lambda m: m.simple_headers.update({"access-control-allow-origin": "https://low"}),
    "a simple Vary": lambda m: m.simple_headers.update({"Vary": "Cookie"}),
    "a simple header of the app's": lambda m: m.simple_headers.update({"Content-Type": "text/html"}),
    "a simple header twice": lambda m: m.simple_headers.update({"X-Twice": "a", "x-twice": "b"}),
    "a simple header outside latin-1": lambda m: m.simple_headers.update({"X-Own": "\u65e5"}),
    "a simple header in latin-1": lambda m: m.simple_headers.update({"X-Own": "\xe9"}),
    "a simple header that is no text": lambda m: m.simple_headers.update({"X-Own": 7}),
    "simple headers replaced": lambda m: setattr(m, "simple_headers", {"X-Own": "yes"}),
    "simple headers in another order": lambda m: m.simple_headers.update(
        {"Access-Control-Allow-Credentials": m.simple_headers.pop("Access-Control-Allow-Credentials", "true")}
    ),
    "a preflight header more": lambda m: m.preflight_headers.update({"Cache-Control": "max-age=600"}),
    "a preflight header changed": lambda m: m.preflight_headers.update({"Access-Control-Max-Age": "5"}),
    "a preflight header less": lambda m: m.preflight_headers.pop("Access-Control-Max-Age"),
    "no preflight header": lambda m: m.preflight_headers.clear(),
    "another preflight Vary": lambda m: m.preflight_headers.update({"Vary": "Origin"}),
    "a preflight Content-Type": lambda m: m.preflight_headers.update({"Content-Type": "text/html"}),
    "a preflight Content-Length": lambda m: m.preflight_headers.update({"content-length": "0"}),
    "preflight header names in lower case": lambda m: m.preflight_headers.update(
        {"access-control-allow-headers": "x-low"}
    ),
    "a preflight private network": lambda m: m.preflight_headers.update(
        {"Access-Control-Allow-Private-Network": "false"}
    ),
    "a fixed preflight origin": lambda m: m.preflight_headers.update({"Access-Control-Allow-Origin": "https://fixed"}),
    "fixed header names": lambda m: m.preflight_headers.update({"Access-Control-Allow-Headers": "X-Fixed"}),
    "a preflight header outside latin-1": lambda m: m.preflight_headers.update({"X-Own": "\u65e5"}),
    "preflight headers replaced": lambda m: setattr(m, "preflight_headers", dict(m.simple_headers)),
    "both the same": lambda m: setattr(m, "simple_headers", m.preflight_headers),
}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("name", HEADER_CHANGES)
def test_headers_changed_in_the_constructor_of_a_subclass(fastcors: ModuleType, name: str, config: str) -> None:
    def scenario(base: Any) -> Any:
        class Subclass(base):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                HEADER_CHANGES[name](self)

        return answers(Subclass(hello, **CONFIGS[config]))

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("name", HEADER_CHANGES)
def test_headers_changed_between_requests(fastcors: ModuleType, name: str, config: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIGS[config])
        seen = [answers(middleware)]
        HEADER_CHANGES[name](middleware)
        return [*seen, answers(middleware), answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("name", HEADER_CHANGES)
def test_changed_headers_show(fastcors: ModuleType, name: str) -> None:
    middleware = fastcors.CORSMiddleware(hello, **CONFIG)
    before = answers(middleware)
    HEADER_CHANGES[name](middleware)
    assert answers(middleware) != before


def without_attributes(base: Any) -> Any:
    class Subclass(base):
        def __init__(self, app: Any) -> None:
            pass

    return Subclass(hello)


def with_app_alone(base: Any) -> Any:
    class Subclass(base):
        def __init__(self, app: Any) -> None:
            self.app = app

    return Subclass(hello)


def with_attributes_of_another(base: Any) -> Any:
    class Subclass(base):
        def __init__(self, app: Any) -> None:
            self.__dict__.update(vars(base(app, **CONFIG)))

    return Subclass(hello)


def with_assigned_attributes(base: Any) -> Any:
    class Subclass(base):
        def __init__(self, app: Any) -> None:
            for name, value in vars(base(app, **CONFIG)).items():
                setattr(self, name, value)

    return Subclass(hello)


def with_attributes_before(base: Any) -> Any:
    class Subclass(base):
        def __init__(self, settings: dict[str, Any], app: Any) -> None:
            self.simple_headers = {"X-Overwritten": "yes"}
            self.settings = settings
            super().__init__(app, **{**settings, "allow_origins": [ORIGIN]})
            self.allow_origins.append(OTHER)

    return Subclass(CONFIG, app=hello)


def never_initialised(base: Any) -> Any:
    return base.__new__(base)


@pytest.mark.parametrize(
    "make",
    [
        without_attributes,
        with_app_alone,
        with_attributes_of_another,
        with_assigned_attributes,
        with_attributes_before,
        never_initialised,
    ],
)
def test_own_constructor(fastcors: ModuleType, make: Callable[[Any], Any]) -> None:
    def scenario(base: Any) -> Any:
        middleware = make(base)
        seen = [answers(middleware)]
        middleware.app = other_app
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
