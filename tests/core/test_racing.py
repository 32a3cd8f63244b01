"""A configuration that changes while a request is judged: the answer is the one Starlette gives, worked out in full."""

from types import ModuleType
from typing import Any

import pytest
from support.exchange import ORIGIN, OTHER, exchange, get, hello, preflight
from support.reference import CORSMiddleware as Reference


class Methods:
    """A collection that, each time it is asked, adds to the header names, as another thread might just then."""

    def __init__(self) -> None:
        self.middleware: Any = None

    def __iter__(self) -> Any:
        return iter(("GET",))

    def __contains__(self, method: object) -> bool:
        if self.middleware is not None:
            self.middleware.allow_headers.append("x-later")
        return method == "GET"


@pytest.mark.parametrize("names", ["x-later", "x-never"])
def test_header_names_change_while_a_preflight_is_judged(fastcors: ModuleType, names: str) -> None:
    def scenario(base: Any) -> Any:
        methods = Methods()
        middleware = base(hello, allow_origins=[ORIGIN], allow_methods=methods)
        methods.middleware = middleware
        return exchange(middleware, preflight(names=names))

    assert scenario(fastcors.CORSMiddleware) == scenario(Reference)


@pytest.mark.parametrize("scope", [get(OTHER), preflight(OTHER)])
def test_origins_change_whenever_they_were_compiled(fastcors: ModuleType, scope: Any) -> None:
    class Racing(fastcors.CORSMiddleware):  # type: ignore[misc,name-defined]  # a module at run time
        def _fastcors_compile(self, stale: bool) -> Any:
            compiled = super()._fastcors_compile(stale)
            self.allow_origins.append("https://later.example")
            return compiled

    racing = Racing(hello, allow_origins=[ORIGIN])
    still = Reference(hello, allow_origins=[ORIGIN])
    assert exchange(racing, dict(scope)) == exchange(still, dict(scope))


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("names", ["x-later", "x-never"])
def test_override_is_asked_once_whatever_changes(fastcors: ModuleType, allowed: bool, names: str) -> None:
    """Also where what it changes cannot be encoded ahead, so that the rest is worked out in full."""

    def scenario(base: Any) -> Any:
        class Refreshing(base):  # type: ignore[misc]  # the base is given at run time
            def is_allowed_origin(self, origin: str) -> bool:
                asked.append(origin)
                self.simple_headers["Vary"] = "Cookie"
                self.allow_headers.append("x-later")
                return allowed

        asked: list[str] = []
        middleware = Refreshing(hello, allow_origins=[ORIGIN])
        return exchange(middleware, preflight(names=names)), exchange(middleware, preflight(names=names)), asked

    ours, theirs = scenario(fastcors.CORSMiddleware), scenario(Reference)
    assert ours == theirs
    assert len(theirs[2]) == 2


@pytest.mark.parametrize("attribute", ["allow_origins", "allow_methods", "allow_headers"])
@pytest.mark.parametrize("scope", [get(), preflight(names="x-b,x-a")])
def test_one_shot_collection_is_asked_once(fastcors: ModuleType, attribute: str, scope: Any) -> None:
    """Also where another collection has changed meanwhile, or the response has to be amended in full."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"access-control-allow-origin", 7)]})

    def scenario(base: Any) -> Any:
        middleware = base(app, allow_origins=[ORIGIN], allow_methods=["GET"], allow_headers=["X-A"])
        exchange(middleware, dict(scope))
        for changed in ("allow_methods", "allow_headers"):
            getattr(middleware, changed).append("x-b")
        setattr(middleware, attribute, (value for value in ("https://first.example", ORIGIN, "GET", "x-b", "x-a")))
        return exchange(middleware, dict(scope))

    ours, theirs = scenario(fastcors.CORSMiddleware), scenario(Reference)
    assert ours == theirs


@pytest.mark.parametrize("origin", [ORIGIN, OTHER])
def test_an_override_that_replaces_another_hook(fastcors: ModuleType, origin: str) -> None:
    """What the replaced hook has no say in is answered as before, and the override is not called again for it."""

    def scenario(base: Any) -> Any:
        class Replacing(base):  # type: ignore[misc]  # the base is given at run time
            def is_allowed_origin(self, origin: str) -> Any:
                asked.append(origin)
                self.allow_explicit_origin = lambda headers, origin: headers.append("x-origin", origin)
                return super().is_allowed_origin(origin)

        asked: list[str] = []
        middleware = Replacing(hello, allow_origins=[ORIGIN])
        seen = [exchange(middleware, preflight(origin)), exchange(middleware, preflight(origin))]
        return seen, exchange(middleware, get(origin)), asked

    assert scenario(fastcors.CORSMiddleware) == scenario(Reference)


def test_an_override_that_assigns_a_collection_of_its_own(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        class Assigning(base):  # type: ignore[misc]  # the base is given at run time
            def is_allowed_origin(self, origin: str) -> bool:
                methods = self.allow_methods = Methods()
                methods.middleware = self
                return True

        middleware = Assigning(hello, allow_headers=["X-A"])
        return [exchange(middleware, preflight(names=names)) for names in ("x-later", "x-later", "x-never")]

    assert scenario(fastcors.CORSMiddleware) == scenario(Reference)
