"""The collections passed to the constructor stay live.

What becomes of them counts at the next request, as in Starlette, and nothing is asked more often than by Starlette.
"""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

from collections import deque
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from support.asgi import OnlyContains
from support.exchange import CONFIG, ORIGIN, OTHER, REQUESTS, answers, both, exchange, get, hello

THIRD = "https://third.example.net"


class Change(NamedTuple):
    """A collection passed to the constructor, and what becomes of it between two requests."""

    parameter: str
    make: Callable[[], Any]
    change: Callable[[Any], object]
    shows: bool = True


def _origins() -> list[Any]:
    return [ORIGIN, THIRD]


CHANGES = {
    "list, appended to": Change("allow_origins", _origins, lambda o: o.append(OTHER)),
    "empty list, extended": Change("allow_origins", list, lambda o: o.extend([THIRD, OTHER])),
    "list, inserted at the start": Change("allow_origins", _origins, lambda o: o.insert(0, OTHER)),
    "list, removed from": Change("allow_origins", _origins, lambda o: o.remove(ORIGIN)),
    "list, replaced in place": Change("allow_origins", _origins, lambda o: o.__setitem__(0, OTHER)),
    "list, an equal string": Change("allow_origins", _origins, lambda o: o.__setitem__(0, "".join(ORIGIN)), False),
    "list, filled anew": Change("allow_origins", _origins, lambda o: o.__setitem__(slice(None), [OTHER])),
    "list, cleared": Change("allow_origins", _origins, lambda o: o.clear()),
    "list, sorted": Change("allow_origins", _origins, lambda o: o.sort(reverse=True), False),
    "list, reversed and shortened": Change("allow_origins", _origins, lambda o: (o.reverse(), o.pop())),
    "list, emptied of text": Change("allow_origins", _origins, lambda o: o.__setitem__(slice(None), [7, None])),
    "list, a star that comes late": Change("allow_origins", _origins, lambda o: o.append("*"), False),
    "list, a star that goes": Change("allow_origins", lambda: ["*"], lambda o: o.clear(), False),
    "set, added to": Change("allow_origins", lambda: {ORIGIN}, lambda o: o.add(OTHER)),
    "set, discarded from": Change("allow_origins", lambda: {ORIGIN}, lambda o: o.discard(ORIGIN)),
    "set, one for another": Change("allow_origins", lambda: {ORIGIN}, lambda o: (o.clear(), o.add(OTHER))),
    "dict, added to": Change("allow_origins", lambda: {ORIGIN: 1}, lambda o: o.update({OTHER: 1})),
    "dict, removed from": Change("allow_origins", lambda: {ORIGIN: 1}, lambda o: o.pop(ORIGIN)),
    "deque, appended to": Change("allow_origins", lambda: deque([ORIGIN]), lambda o: o.append(OTHER)),
    "__contains__ alone": Change(
        "allow_origins", lambda: OnlyContains((ORIGIN,)), lambda o: setattr(o, "values", (OTHER,))
    ),
    "methods, list appended to": Change("allow_methods", lambda: ["GET"], lambda m: m.append("PUT")),
    "methods, list removed from": Change("allow_methods", lambda: ["GET", "PUT"], lambda m: m.remove("GET")),
    "methods, set added to": Change("allow_methods", lambda: {"GET"}, lambda m: m.add("PUT")),
    "header names, copied": Change("allow_headers", lambda: ["X-Token"], lambda h: h.append("X-Other"), False),
    "exposed names, joined": Change("expose_headers", lambda: ["X-Token"], lambda h: h.append("X-Other"), False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_collection_changed_between_requests(fastcors: ModuleType, name: str) -> None:
    case = CHANGES[name]

    def scenario(base: Any) -> Any:
        values = case.make()
        middleware = base(hello, **{**CONFIG, case.parameter: values})
        before = answers(middleware)
        case.change(values)
        return before, answers(middleware), answers(middleware)

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    before, after, _ = ours
    assert (before != after) is case.shows


ATTRIBUTE_CHANGES: dict[str, Callable[[Any], object]] = {
    "allow_origins": lambda middleware: middleware.allow_origins.append(OTHER),
    "allow_methods": lambda middleware: middleware.allow_methods.append("PUT"),
    "allow_headers": lambda middleware: middleware.allow_headers.append("x-other"),
    "allow_headers, in place": lambda middleware: middleware.allow_headers.__setitem__(-1, "x-other"),
}


@pytest.mark.parametrize("name", ATTRIBUTE_CHANGES)
def test_list_of_the_middleware_changed(fastcors: ModuleType, name: str) -> None:
    def scenario(base: Any) -> Any:
        config = {**CONFIG, "allow_origins": [ORIGIN], "allow_methods": ["GET"]}
        middleware = base(hello, **config)
        before = answers(middleware)
        ATTRIBUTE_CHANGES[name](middleware)
        return before, answers(middleware)

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1]


KINDS: dict[str, Callable[[list[str]], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": lambda values: set(values[:1]),
    "frozenset": lambda values: frozenset(values[:1]),
    "dict": dict.fromkeys,
    "keys of a dict": lambda values: dict.fromkeys(values).keys(),
    "deque": deque,
    "generator": lambda values: (value for value in values),
}
VALUES = {
    "allow_origins": [ORIGIN, THIRD],
    "allow_methods": ["GET", "PATCH"],
    "allow_headers": ["X-Token", "X-More"],
    "expose_headers": ["X-Total-Count", "ETag"],
}


@pytest.mark.parametrize("star", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("parameter", VALUES)
def test_kind_of_collection(fastcors: ModuleType, parameter: str, kind: str, star: bool) -> None:
    def scenario(base: Any) -> Any:
        values = KINDS[kind](["*"] if star else VALUES[parameter])
        middleware = base(hello, **{**CONFIG, parameter: values})
        return answers(middleware), answers(middleware)

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


class Asked:
    """A container that writes down what it is asked for."""

    def __init__(self, *values: str) -> None:
        self.values = values
        self.asked: list[object] = []

    def __contains__(self, value: object) -> bool:
        self.asked.append(value)
        return value in self.values


@pytest.mark.parametrize("regex", [None, r"https://.*\.example\.com"])
def test_container_is_asked_as_often_as_by_starlette(fastcors: ModuleType, regex: str | None) -> None:
    def scenario(base: Any) -> Any:
        origins, methods = Asked(ORIGIN), ["GET"]
        middleware = base(hello, allow_origins=origins, allow_methods=methods, allow_origin_regex=regex)
        seen = [answers(middleware)]
        methods.append("PUT")
        middleware.preflight_headers["X-Extra"] = middleware.simple_headers["X-Extra"] = "yes"
        return [*seen, answers(middleware), origins.asked]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert OTHER in ours[-1]


LIVE_CHANGES: dict[str, Callable[[Any], object]] = {
    "none": lambda middleware: None,
    "a method more": lambda middleware: middleware.allow_methods.append("PUT"),
    "a method less": lambda middleware: middleware.allow_methods.remove("GET"),
    "a header name more": lambda middleware: middleware.allow_headers.append("x-other"),
    "a header name less": lambda middleware: middleware.allow_headers.remove("x-token"),
    "an origin more": lambda middleware: middleware.allow_origins.append(OTHER),
    "a simple header": lambda middleware: middleware.simple_headers.update({"X-Extra": "yes"}),
    "a preflight header": lambda middleware: middleware.preflight_headers.update({"X-Extra": "yes"}),
    "credentials": lambda middleware: setattr(middleware, "allow_credentials", False),
}


@pytest.mark.parametrize("name", LIVE_CHANGES)
def test_override_is_asked_as_often_as_by_starlette(fastcors: ModuleType, name: str) -> None:
    def scenario(base: Any) -> Any:
        asked: list[str] = []

        class Subclass(base):
            def is_allowed_origin(self, origin: str) -> Any:
                asked.append(origin)
                return super().is_allowed_origin(origin)

        config = {**CONFIG, "allow_origins": [ORIGIN], "allow_methods": ["GET", "POST"]}
        middleware = Subclass(hello, **config)
        seen: list[Any] = []
        for change in (LIVE_CHANGES["none"], LIVE_CHANGES[name]):
            change(middleware)
            seen += [answers(middleware), list(asked)]
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[-1]


@pytest.mark.parametrize("name", LIVE_CHANGES)
def test_changed_while_the_app_runs(fastcors: ModuleType, name: str) -> None:
    """The response is amended by the configuration of the moment in which it starts."""

    def scenario(base: Any) -> Any:
        async def changing_app(scope: Any, receive: Any, send: Any) -> None:
            LIVE_CHANGES[name](middleware)
            await hello(scope, receive, send)

        config = {**CONFIG, "allow_origins": [ORIGIN], "allow_methods": ["GET", "POST"]}
        middleware = base(changing_app, **config)
        return exchange(middleware, get(OTHER)), exchange(middleware, get())

    ours, theirs = both(fastcors, scenario if name != "a method less" else lambda base: scenario(base)[0])
    assert ours == theirs


REFRESHES: dict[str, Callable[[Any], object]] = {
    "methods, in place": lambda middleware: middleware.allow_methods.__setitem__(slice(None), ["PUT"]),
    "methods, assigned": lambda middleware: setattr(middleware, "allow_methods", ["PUT"]),
    "header names, in place": lambda middleware: middleware.allow_headers.__setitem__(slice(None), ["x-other"]),
    "header names, all": lambda middleware: setattr(middleware, "allow_all_headers", True),
    "private network": lambda middleware: setattr(middleware, "allow_private_network", True),
    "explicit origin": lambda middleware: setattr(middleware, "preflight_explicit_allow_origin", False),
    "origins": lambda middleware: setattr(middleware, "allow_origins", [OTHER]),
    "simple headers": lambda middleware: middleware.simple_headers.update({"X-Extra": "yes"}),
    "preflight headers": lambda middleware: middleware.preflight_headers.update({"X-Extra": "yes"}),
}


@pytest.mark.parametrize("name", REFRESHES)
def test_override_that_refreshes_the_configuration(fastcors: ModuleType, name: str) -> None:
    """What is judged after the origin is judged by the configuration that the override left behind."""

    def scenario(base: Any) -> Any:
        class Subclass(base):
            def is_allowed_origin(self, origin: str) -> Any:
                REFRESHES[name](self)
                return super().is_allowed_origin(origin)

        seen: dict[str, Any] = {}
        for request_name, request in REQUESTS.items():
            middleware = Subclass(hello, **{**CONFIG, "allow_methods": ["GET"]})
            seen[request_name] = [exchange(middleware, request()) for _ in range(2)]
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
