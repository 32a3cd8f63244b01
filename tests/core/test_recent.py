"""What the cores keep of requests: the answer to one that comes again is the one that Starlette would give it now."""

import itertools
import random
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from support.exchange import CONFIG, ORIGIN, both, exchange, get, hello, preflight

REGEX = {"allow_origin_regex": r"https://[a-z0-9-]+\.example\.com", "allow_methods": ["*"], "allow_headers": ["*"]}
REPEATS = 4


def sets_vary(values: "list[bytes]") -> Callable[..., Any]:
    """Return an app that sets the next of `values` as its Vary, for each request."""
    following = itertools.cycle(values)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"vary", next(following))]})
        await send({"type": "http.response.body", "body": b""})

    return app


@pytest.mark.parametrize("config", [CONFIG, REGEX], ids=["listed", "regex"])
def test_many_origins_in_any_order(fastcors: ModuleType, config: dict[str, Any]) -> None:
    """More than are kept, alike in all but a few bytes, some too long to be kept, each many times."""
    origins = [f"https://tenant-{number}.example.com" for number in range(300)]
    origins += [f"https://{'a' * size}.example.com" for size in (62, 63, 64, 235, 236, 237, 300)]
    origins += ["https://tenant-1.example.co", "https://tenant-1.example.comm", "", "https", ORIGIN]
    order = [origin for origin in origins for _ in range(REPEATS)]
    random.Random(1).shuffle(order)

    def scenario(base: Any) -> Any:
        middleware = base(hello, **config)
        return [exchange(middleware, ask(origin)) for origin in order for ask in (get, preflight)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_preflights_that_differ_in_one_value(fastcors: ModuleType) -> None:
    """Values that run into each other where one ends and the next begins are different all the same."""
    config = CONFIG | {"allow_methods": ["GET", "GETx", "PUT"], "allow_headers": ["x", "x-token", "xx"]}
    names: tuple[str | None, ...] = (None, "", "x", "xx", "x-token", "X-Token", "x,xx", "x" * 255, "x, " * 90 + "x")
    asked = [
        preflight(origin, method, named, network)
        for origin in (ORIGIN, f"{ORIGIN}G")
        for method in ("GET", "GETx", "PUT", "ET")
        for named in names
        for network in (None, "true")
    ]

    def scenario(base: Any) -> Any:
        middleware = base(hello, **config)
        return [exchange(middleware, request) for _ in range(REPEATS) for request in asked]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_what_is_kept_is_bounded(fastcors: ModuleType) -> None:
    """Whoever sends ever new origins, methods and header names does not fill the memory."""
    if fastcors.COMPILED:
        pytest.skip("an array of a fixed size")
    config = REGEX | {"allow_methods": [f"M{number}" for number in range(300)]}
    middleware = fastcors.CORSMiddleware(hello, **config)
    listed = fastcors.CORSMiddleware(hello, allow_origins=[ORIGIN], allow_methods=["GET"])
    for number in range(300):
        exchange(middleware, preflight(f"https://t{number}.example.com", f"M{number}", f"x-{number}"))
        exchange(middleware, get(f"https://{'a' * number}.example.com"))
        exchange(listed, get(f"https://t{number}.example.com"))
    for each in (middleware, listed):
        policy = each._fastcors_cache.policy
        assert len(policy.known_origins) <= 64
        assert len(policy.known_preflights._proofs) <= 64


@pytest.mark.parametrize("same", [True, False], ids=["one object", "new objects"])
def test_vary_of_the_app(fastcors: ModuleType, same: bool) -> None:
    values = [b"Accept-Encoding", b"Accept-Encoding", b"", b"*", b"Origin", b"Accept", b"v" * 255, b"v" * 256]
    values += [f"X-{number}".encode() for number in range(200)]

    def scenario(base: Any) -> Any:
        given = values if same else [bytes(bytearray(value)) for value in values]
        middleware = base(sets_vary(given), **CONFIG)
        return [exchange(middleware, get()) for _ in range(REPEATS * len(values))]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("allow_origin_regex", None),
        ("allow_methods", ["PUT"]),
        ("allow_headers", ["x-other"]),
        ("preflight_headers", {"X-New": "1"}),
        ("simple_headers", {"X-New": "1"}),
        ("allow_all_headers", True),
        ("preflight_explicit_allow_origin", False),
        ("allow_private_network", True),
    ],
)
def test_nothing_outlives_an_assignment(fastcors: ModuleType, attribute: str, value: Any) -> None:
    asked = [get("https://a.example.com"), preflight("https://a.example.com", "GET", "X-Token")]

    def scenario(base: Any) -> Any:
        middleware = base(hello, **REGEX | {"allow_headers": ["X-Token"]})
        before = [exchange(middleware, request) for request in asked for _ in range(REPEATS)]
        setattr(middleware, attribute, value)
        return before, [exchange(middleware, request) for request in asked for _ in range(REPEATS)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1] or attribute == "allow_private_network"


class Holder:
    """Something whose attributes are headers."""


CHANGES: dict[str, Callable[[Any], Any]] = {
    "set": lambda headers: headers.__setitem__("X-New", "1"),
    "replaced": lambda headers: headers.__setitem__("X-First", "2"),
    "deleted": lambda headers: headers.__delitem__("X-First"),
    "update": lambda headers: headers.update({"X-New": "1"}),
    "in place or": lambda headers: headers.__ior__({"X-New": "1"}),
    "setdefault": lambda headers: headers.setdefault("X-New", "1"),
    "pop": lambda headers: headers.pop("X-First"),
    "popitem": lambda headers: headers.popitem(),
    "clear": lambda headers: headers.clear(),
    "moved to the end": lambda headers: headers.__setitem__("X-First", headers.pop("X-First")),
}


@pytest.mark.parametrize("attribute", ["simple_headers", "preflight_headers"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_headers_in_place(fastcors: ModuleType, attribute: str, change: str) -> None:
    asked = [get(), preflight()]

    def scenario(base: Any) -> Any:
        middleware, other = base(hello, **CONFIG), base(hello, **CONFIG)
        headers = {"X-First": "1", "X-Second": "2"}
        setattr(middleware, attribute, headers)
        seen = [exchange(middleware, request) for request in asked for _ in range(REPEATS)]
        # Another middleware's change is noticed by all, and concerns one.
        getattr(other, attribute)["X-Other"] = "1"
        seen += [exchange(middleware, request) for request in asked]
        CHANGES[change](headers)
        return seen, [exchange(middleware, request) for request in asked for _ in range(2)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0][0] != ours[1][0] or ours[0][-1] != ours[1][-1]


NUMBERS = itertools.count()


class Source(str):
    """A pattern's source that does something when it is hashed, which happens while a policy is compiled."""

    __slots__ = ("hashed",)

    hashed: Callable[[], None]

    def __hash__(self) -> int:
        getattr(self, "hashed", lambda: None)()
        return str.__hash__(self)


@pytest.mark.parametrize("attribute", ["simple_headers", "preflight_headers"])
@pytest.mark.parametrize("place", range(5))
def test_headers_that_change_while_they_are_compiled(fastcors: ModuleType, attribute: str, place: int) -> None:
    """What was encoded is what is compared with later, so the change counts from the next request on at the latest."""
    # `re` would return the pattern of an equal source.
    source = Source(f"{REGEX['allow_origin_regex']}|{attribute} {place} {next(NUMBERS)}")
    middleware = fastcors.CORSMiddleware(hello, allow_origin_regex=re.compile(source))
    headers, hashes = getattr(middleware, attribute), itertools.count()
    headers["X-Meanwhile"] = "before"

    def hashed() -> None:
        if next(hashes) == place:
            headers["X-Meanwhile"] = "now"

    source.hashed = hashed
    request = get("https://a.example.com") if attribute == "simple_headers" else preflight("https://a.example.com")
    middleware.allow_credentials = True
    for _ in range(REPEATS):
        exchange(middleware, request)
    found = dict(exchange(middleware, request)[0]["headers"])
    assert found[b"x-meanwhile"] == headers["X-Meanwhile"].encode()
    assert place > 0 or headers["X-Meanwhile"] == "now"


@pytest.mark.parametrize("attribute", ["simple_headers", "preflight_headers"])
def test_headers_that_are_the_attributes_of_something(fastcors: ModuleType, attribute: str) -> None:
    asked = [get(), preflight()]

    def scenario(base: Any) -> Any:
        middleware, holder = base(hello, **CONFIG), Holder()
        holder.first = "1"  # type: ignore[attr-defined]
        setattr(middleware, attribute, vars(holder))
        seen = [exchange(middleware, request) for request in asked for _ in range(REPEATS)]
        for name, value in (("first", "2"), ("second", "3"), ("first", "4")):
            setattr(holder, name, value)
            seen += [exchange(middleware, request) for request in asked for _ in range(2)]
        del holder.first  # type: ignore[attr-defined]
        return [*seen, *(exchange(middleware, request) for request in asked)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_keys_in_other_places(fastcors: ModuleType) -> None:
    """Servers and apps make their dicts in one order each; a middleware meets several of them in turn."""
    extra = {f"x-{number}": number for number in range(40)}

    def scopes() -> Any:
        for request in (get(), preflight(), get(None)):
            yield request
            yield dict(reversed(request.items()))
            yield extra | request
            yield request | extra
            # Equal keys that are other objects.
            yield {"".join([*key]): value for key, value in request.items()}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": [(b"x", b"1")]}
        for message in (start, {"type": "http.response.body", "body": b""}):
            await send(dict(reversed(message.items())) if scope["path"] else message)

    def scenario(base: Any) -> Any:
        middleware = base(app, **CONFIG)
        return [exchange(middleware, dict(scope)) for _ in range(40) for scope in scopes()]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
