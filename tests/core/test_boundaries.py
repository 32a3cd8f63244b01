"""Requests at the sizes where the cores change their way: one more or less, and the answer is still Starlette's."""

from types import ModuleType
from typing import Any

import pytest
from support.exchange import CONFIG, ORIGIN, both, exchange, get, hello, preflight

NAMES = CONFIG | {"allow_headers": ["X-A"]}


def padded(size: int, last: str) -> str:
    """Return allowed names in `size` characters, the last of which is `last`."""
    space = size - len(last) - 4
    return "x-a," * (space // 4) + " " * (space % 4) + "x-a," + last


# The Python core judges long lists of names in pieces of 4096 bytes.
LONG_NAMES = {
    "one that is refused, first": "bad," + "x-a," * 1999 + "x-a",
    "one that is refused, in the second piece": "x-a," * 1500 + "bad," + "x-a," * 1500 + "x-a",
    "one that is refused, last": "x-a," * 1999 + "bad",
    "all allowed": ",".join(["x-a"] * 2000),
    "one that is refused without its first letter": ",".join([*["x-a"] * 1025, "qx-a"]),
    "one that is refused without its last letter": ",".join([*["x-a"] * 1025, "x-aq"]),
    "as long as the longest, after white space": " " * 9000 + "content-language",
    "longer than the longest, after white space": " " * 9000 + "content-language-",
    "one without a comma": "x" * 20_000,
    "one that ends the list, empty": "x-a," * 2000,
    "one that begins the list, empty": "," + ",".join(["x-a"] * 2000),
    "names in upper case": ",".join(["X-A"] * 2000),
}
SIZES = (*range(4092, 4101), *range(8188, 8200), 12_288, 65_535)


@pytest.mark.parametrize("names", LONG_NAMES.values(), ids=LONG_NAMES)
def test_long_lists_of_names(fastcors: ModuleType, names: str) -> None:
    ours, theirs = both(fastcors, lambda base: exchange(base(hello, **NAMES), preflight(names=names)))
    assert ours == theirs


@pytest.mark.parametrize("last", ["x-a", "x-b", "bx-a", "", "x-aa"])
def test_names_that_end_where_a_piece_does(fastcors: ModuleType, last: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **NAMES)
        return [exchange(middleware, preflight(names=padded(size, last))) for size in SIZES]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_the_longest_name_allowed_at_the_end_of_a_long_list(fastcors: ModuleType) -> None:
    """Its length is judged before its letters."""
    allowed = exchange(fastcors.CORSMiddleware(hello, **NAMES), preflight(names=" " * 9000 + "content-language"))
    assert allowed[0]["status"] == 200


@pytest.mark.parametrize("more", [0, 20])
@pytest.mark.parametrize("asked", ["X-Foo", "x-foo", "x-Foo", "X-FOO"])
def test_header_names_assigned_in_upper_case(fastcors: ModuleType, asked: str, more: int) -> None:
    """Names are asked for in lower case, so these match nothing: among few, and among many, which are hashed."""

    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        middleware.allow_headers = ["X-Foo", *(f"x-{number}" for number in range(more))]
        return exchange(middleware, preflight(names=asked))

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0]["status"] == 400


def around(header: Any, headers: list[Any]) -> list[list[Any]]:
    """Return `headers` with one more, first and last."""
    return [[header, *headers], [*headers, header]]


ODD_PAIRS: dict[str, Any] = {
    "a list of three": [b"x", b"y", b"z"],
    "a tuple of three": (b"x", b"y", b"z"),
    "a list of one": [b"x"],
    "a tuple of one": (b"x",),
    "an empty list": [],
    "a list of two": [b"x", b"y"],
    "an origin of three": [b"origin", ORIGIN.encode(), b"z"],
    "vary of three": [b"vary", b"Cookie", b"z"],
}


@pytest.mark.parametrize("pair", ODD_PAIRS.values(), ids=ODD_PAIRS)
def test_pairs_of_a_request_that_are_none(fastcors: ModuleType, pair: Any) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        requests = [get(), get(None), preflight(), preflight(names="x-token")]
        return [
            exchange(middleware, request | {"headers": headers})
            for request in requests
            for headers in around(pair, request["headers"])
        ]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("origin", [ORIGIN, None])
@pytest.mark.parametrize("pair", ODD_PAIRS.values(), ids=ODD_PAIRS)
def test_pairs_of_a_response_that_are_none(fastcors: ModuleType, pair: Any, origin: str | None) -> None:
    def scenario(base: Any) -> Any:
        seen = []
        for headers in around(pair, [(b"x-own", b"1")]):

            async def app(scope: Any, receive: Any, send: Any, headers: Any = headers) -> None:
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": b""})

            seen.append(exchange(base(app, **CONFIG), get(origin)))
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


# Text of two or four bytes for each character, which begins with the bytes of the text that is looked for.
WIDE = {
    "http": ("type", "http", "\u7468\u7074xx"),
    "http in four bytes": ("type", "http", "\U00010068tp\u7474"),
    "OPTIONS": ("method", "OPTIONS", "\u504f\u4954\u4e4f\u0053xxx"),
    "http.response.start": (
        "message",
        "http.response.start",
        b"http.response.start".ljust(20, b"\0").decode("utf-16-le").ljust(19, "\u7874"),
    ),
}


@pytest.mark.parametrize(("key", "expected", "text"), WIDE.values(), ids=WIDE)
def test_wide_text_with_the_same_first_bytes(fastcors: ModuleType, key: str, expected: str, text: str) -> None:
    assert len(text) == len(expected)
    assert text != expected

    async def app(scope: Any, receive: Any, send: Any) -> None:
        kind = text if key == "message" else "http.response.start"
        await send({"type": kind, "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def scenario(base: Any) -> Any:
        middleware = base(app, **CONFIG)
        change = {} if key == "message" else {key: text}
        return [exchange(middleware, request | change) for request in (get(), preflight()) for _ in range(3)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


LENGTHS = (63, 64, 127, 128, 254, 255, 256, 257, 4095, 4096, 4097)


@pytest.mark.parametrize("count", [1, 8, 9, 16, 32])
def test_long_values_among_few_and_many(fastcors: ModuleType, count: int) -> None:
    """Up to eight values are compared one by one, more are hashed; over 255 bytes, the list is searched."""

    def scenario(base: Any) -> Any:
        seen = []
        for length in LENGTHS:
            longest = "https://".ljust(length, "a")
            values = [longest, *(f"https://{number}.example" for number in range(count - 1))]
            middleware = base(hello, allow_origins=values, allow_headers=["x".ljust(length, "a"), *values[1:]])
            requests = [get(asked) for asked in (longest, longest[:-1], longest + "a")]
            names = ("x".ljust(length, "a"), "X".ljust(length, "A"), "X".ljust(length + 1, "A"))
            requests += [preflight(longest, names=name) for name in names]
            seen += [exchange(middleware, request) for request in requests]
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("count", [1, 2, 4, 8, 16, 32, 64, 128, 256])
def test_misses_against_powers_of_two(fastcors: ModuleType, count: int) -> None:
    """An index that such a number of values filled would be searched for ever."""

    def scenario(base: Any) -> Any:
        values = [f"https://{number}.example" for number in range(count)]
        middleware = base(hello, allow_origins=values)
        return [exchange(middleware, get(asked)) for asked in ("https://x.example", "", *values)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_the_order_of_the_preflights_headers(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        seen = [exchange(middleware, preflight()) for _ in range(3)]
        middleware.preflight_headers["Vary"] = middleware.preflight_headers.pop("Vary")
        return [*seen, *(exchange(middleware, preflight()) for _ in range(3))]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[-1]
