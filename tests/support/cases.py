"""Draws cases: configurations, requests, responses and changes, usual and odd ones.

One generator serves Hypothesis, which hands in a `Random` of its own and shrinks through it, and `make fuzz`, which
counts in millions. Deliberate deviations are not drawn here; they have tests of their own.
"""

import dataclasses
from random import Random
from typing import Any, TypeVar

from data.hooks import HOOKS

from support.asgi import Case, Change, Make, Raised, Request
from support.live import WAYS, Patch

T = TypeVar("T")

ORIGINS = (
    "https://a.example",
    "https://app.example.com",
    "http://localhost:3000",
    "null",
    "",
    "*",
    "HTTPS://A.EXAMPLE",
    "https://\xe9.example",
    "https://\u65e5\u672c.example",
    "https://" + "a" * 300,
    "https://tab\there",
    Make("text", "https://a.example"),
    7,
)
REQUEST_ORIGINS = tuple(o.encode("latin-1") for o in ORIGINS if isinstance(o, str) and o.isprintable() and o.isascii())
REQUEST_ORIGINS += (
    b"https://a.example7",
    b"https://other.example",
    b"https://\xe9.example",
    b"https://a.example.org",
    b"https://tab\there",
)
METHODS = ("GET", "POST", "PUT", "QUERY", "get", "", "*", "\xc9", "\u65e5", Make("text", "PUT"))
NAMES = ("X-A", "x-b", "Content-Type", "Authorization", "*", "", "\xc9-X", " x-c", "X-" + "L" * 260, "\u65e5")
# str.strip() removes these control characters. Reflecting them is excluded by a deliberate deviation.
SPACED_NAMES = (b"\t\x0bx-a\x85\xa0", b"\x1fx-b", b"\rx-a\n")
REQUEST_NAMES = (
    b"x-a",
    b"X-B",
    b" authorization ",
    b"content-type",
    b"\xe9-x",
    b"\xc9-X",
    b"",
    b"*",
    b"x-" + b"l" * 260,
    b"\tx-a\x85\xa0",
    b"x-c",
    b"x-a7",
    b"x-other",
)
REGEXES = (
    r"https://.*\.example",
    r".*",
    r"(?i)https://a\.example",
    "https://\xe9.*",
    "(",
    r"https://a",
    Make("pattern", r"https://app\.example\.com"),
    Make("pattern", rb"https://.*"),
    b"https://.*",
    7,
)
RESPONSE_PAIRS = (
    (b"content-type", b"text/plain"),
    (b"content-length", b"2"),
    (b"vary", b"Accept-Encoding"),
    (b"vary", b"Origin"),
    (b"vary", b"*"),
    (b"Vary", b"Cookie"),
    (b"vary", b"\xe9"),
    (b"access-control-allow-origin", b"https://app.own"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-credentials", b"false"),
    (b"access-control-expose-headers", b"X-Own"),
    (b"Access-Control-Allow-Origin", b"https://mixed.case"),
    (b"x-extra", b"own"),
    (b"set-cookie", b"a=b"),
    (b"set-cookie", b"c=d"),
)
ODD_PAIRS: tuple[Any, ...] = (
    Make("pair", (b"vary", b"Accept")),
    Make("pair", (b"origin", b"https://a.example")),
    (Make("octets", b"vary"), b"Accept"),
    (Make("octets", b"origin"), b"https://a.example"),
    (Make("bytearray", b"origin"), b"https://a.example"),
    (b"origin", Make("bytearray", b"https://a.example")),
    (b"origin", Make("octets", b"https://a.example")),
    (b"origin", "https://a.example"),
    (b"origin", Make("memoryview", b"https://a.example")),
    (b"origin", None),
    (b"access-control-request-method", "GET"),
    (b"access-control-request-private-network", 7),
    (b"vary", "Accept"),
    (b"vary", Make("bytearray", b"Accept")),
    (b"access-control-allow-origin", 7),
    ("origin", "https://a.example"),
    ("vary", "Accept"),
    b"ab",
    (b"x",),
    (b"x", b"y", b"z"),
    None,
    7,
    "ab",
    (None, None),
    ([], b"unhashable"),
)


def maybe(random: Random, one_in: int) -> bool:
    return random.randrange(one_in) == 0


def some(random: Random, pool: tuple[T, ...], most: int) -> list[T]:
    return [random.choice(pool) for _ in range(random.randrange(most + 1))]


def collection(random: Random, pool: tuple[Any, ...], odd: int = 40) -> Any:
    if maybe(random, odd):
        return random.choice((None, 7, b"GET", Make("list", (None,)), Make("list", ((),)), Make("list", (b"*",))))
    values = tuple(some(random, pool, 4))
    if maybe(random, 5):  # enough values to be hashed
        values = tuple(f"{pool[0]}{number}" for number in range(random.choice((5, 8, 9, 30)))) + values
    kinds = ("list",) * 5 + ("tuple", "tuple", "set", "frozenset", "dict", "generator", "only contains")
    return Make(random.choice(kinds), values)


def config(random: Random) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    if not maybe(random, 8):
        usual = Make("list", tuple(some(random, ORIGINS[:3], 3)))
        drawn["allow_origins"] = random.choice(
            (collection(random, ORIGINS), collection(random, ORIGINS[:6]), usual, Make("list", ("*",)), "*")
        )
    if not maybe(random, 3):
        drawn["allow_methods"] = random.choice((collection(random, METHODS), Make("list", ("*",)), "*"))
    if not maybe(random, 3):
        drawn["allow_headers"] = random.choice((collection(random, NAMES), Make("list", ("*",)), "*"))
    if not maybe(random, 3):
        drawn["allow_credentials"] = random.choice((True, True, False, 1, None, ""))
    if maybe(random, 3):
        drawn["allow_origin_regex"] = random.choice(REGEXES)
    if maybe(random, 3):
        drawn["allow_private_network"] = random.choice((True, False, 1))
    if maybe(random, 3):
        drawn["expose_headers"] = collection(random, NAMES, odd=10)
    if maybe(random, 4):
        drawn["max_age"] = random.choice((0, -1, 86400, "soon", None, "\u65e5"))
    return drawn


def pairs(random: Random, usual: list[Any], kinds: tuple[str, ...]) -> Any:
    shaped = [random.choice(((name, value), (name, value), [name, value])) for name, value in usual]
    for _ in range(random.choice((0,) * 12 + (1, 2))):
        shaped.insert(random.randrange(len(shaped) + 1), random.choice(ODD_PAIRS))
    if maybe(random, 40):
        return random.choice((None, 7, b"ab", "ab"))
    kind = random.choice(("list",) * 8 + kinds)
    if kind == "items":
        shaped = [tuple(pair) for pair in shaped if isinstance(pair, tuple | list) and isinstance(pair[0], bytes)]
    return Make(kind, tuple(shaped))


def request_headers(random: Random, names: tuple[bytes, ...]) -> Any:
    usual: list[Any] = [(b"host", b"api.example"), (b"Origin", b"https://mixed.case"), (b"cookie", b"a=b")]
    usual = usual[: random.randrange(4)]
    for _ in range(random.choice((0, 1, 1, 1, 1, 1, 2))):
        usual.append((b"origin", random.choice(REQUEST_ORIGINS)))
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        usual.append((b"access-control-request-method", random.choice(METHODS[:8]).encode("latin-1")))
    for _ in range(random.choice((0, 1, 1, 2))):
        joined = b",".join(random.choice(names) for _ in range(random.randrange(1, 4)))
        usual.append((b"access-control-request-headers", joined))
    if maybe(random, 4):
        usual.append((b"access-control-request-private-network", random.choice((b"true", b"false", b""))))
    random.shuffle(usual)
    return pairs(random, usual, ("tuple", "generator", "items"))


def scope(random: Random, names: tuple[bytes, ...]) -> Any:
    drawn: dict[str, Any] = {
        "type": random.choice(("http",) * 20 + ("websocket", "lifespan", "HTTP", Make("text", "http"), 7)),
        "method": random.choice(("GET", "OPTIONS", "OPTIONS", "OPTIONS", "POST", "options")),
        "path": "/",
        "headers": request_headers(random, names),
    }
    if maybe(random, 30):
        drawn["method"] = random.choice((Make("text", "OPTIONS"), None, b"OPTIONS"))
    if maybe(random, 40):
        del drawn[random.choice(("type", "method", "headers"))]
    return Make(random.choice(("mapping", "user dict")), drawn) if maybe(random, 25) else drawn


def response(random: Random) -> tuple[Any, ...]:
    start: dict[str, Any] = {"type": "http.response.start", "status": random.choice((200, 404, 500))}
    if not maybe(random, 10):
        start["headers"] = pairs(random, some(random, RESPONSE_PAIRS, 5), ("tuple", "generator", "items"))
    if maybe(random, 40):
        start["type"] = random.choice((Make("text", "http.response.start"), 7, None, "http.response.starT"))
    body = {"type": "http.response.body", "body": b"OK", "more_body": False}
    messages: list[Any] = [start, *[body] * random.randrange(3)]
    if maybe(random, 20):
        again = {**start, "headers": pairs(random, some(random, RESPONSE_PAIRS, 5), ("tuple",))}
        messages.insert(1, again)
    if maybe(random, 20):
        messages[0] = Make(random.choice(("mapping", "user dict")), start)
    if maybe(random, 20):
        messages.insert(0, random.choice((body, {}, {"type": "http.response.debug", "info": {}})))
    if maybe(random, 10):
        messages.insert(random.randrange(len(messages) + 1), Raised)
    return tuple(messages)


def change(random: Random) -> Change:
    more = random.choice(ORIGINS[:6])
    header = random.choice((("X-More", "1"), ("Vary", "Cookie"), ("x-more", "2"), ("Access-Control-Max-Age", "7")))
    return random.choice(
        (
            Change("allow_origins", "append", (more,)),
            Change("allow_origins", "append", (more,)),
            Change("allow_origins", "add", (more,)),
            Change("allow_origins", "__setitem__", (0, more)),
            Change("allow_origins", "insert", (0, more)),
            Change("allow_origins", "clear"),
            Change("allow_origins", "reverse"),
            Change("allow_origins", "pop"),
            Change("allow_origins", "assign", (collection(random, ORIGINS),)),
            Change("allow_methods", "append", (random.choice(METHODS),)),
            Change("allow_methods", "assign", (collection(random, METHODS),)),
            Change("allow_headers", "append", (random.choice(NAMES),)),
            Change("allow_headers", "assign", (collection(random, NAMES),)),
            Change("allow_all_origins", "assign", (random.choice((True, False)),)),
            Change("allow_all_headers", "assign", (random.choice((True, False)),)),
            Change("allow_credentials", "assign", (random.choice((True, False)),)),
            Change("allow_private_network", "assign", (random.choice((True, False)),)),
            Change("preflight_explicit_allow_origin", "assign", (random.choice((True, False)),)),
            Change("allow_origin_regex", "assign", (random.choice((None, Make("pattern", r"https://a.*"), "a")),)),
            Change("simple_headers", "__setitem__", header),
            Change("preflight_headers", "__setitem__", header),
            Change("simple_headers", "clear"),
            Change("preflight_headers", "pop", ("Vary", None)),
            Change("simple_headers", "assign", (random.choice((Make("plain dict", (header,)), Make("mapping"), 7)),)),
            Change(random.choice(("allow_origins", "allow_methods", "simple_headers", "send")), "delete"),
        )
    )


def unusual(random: Random) -> Change | Patch:
    """Draw a change such as instrumentation, signal handlers and mistakes make."""
    hook = random.choice(HOOKS)
    return random.choice(
        (
            Patch(hook, random.choice(WAYS)),
            Patch(hook, random.choice(WAYS)),
            Patch(hook, "undo"),
            Change("app", "assign", (Make("itself"),)),
            dataclasses.replace(change(random), meanwhile=random.randrange(1, 160)),
            dataclasses.replace(change(random), meanwhile=random.randrange(1, 160)),
        )
    )


def again(random: Random, steps: list[Request | Change | Patch]) -> list[Request | Change | Patch]:
    """Repeat requests before and after a change, because the cores keep some of their answers."""
    repeated: list[Request | Change | Patch] = []
    earlier: list[Request] = []
    for step in steps:
        if isinstance(step, Request):
            earlier.append(step)
            repeated += [step] * random.choice((1, 3, 4))
        else:
            repeated += [step, *(request for request in earlier for _ in range(random.choice((0, 1, 3))))]
    return repeated


def case(random: Random, forks: bool = False) -> Case:
    """Draw one case. With `forks`, a few cases continue in a child process."""
    configured = config(random)
    changes: list[Change | Patch] = [change(random) for _ in range(2)]
    if maybe(random, 6):
        changes[random.randrange(2)] = unusual(random)
    names: tuple[bytes, ...] = REQUEST_NAMES
    if maybe(random, 3):
        names += SPACED_NAMES
        configured["allow_headers"] = Make("list", tuple(some(random, NAMES[:4], 4)))
        changes = [step for step in changes if isinstance(step, Patch) or step.attribute != "allow_all_headers"]
    steps: list[Request | Change | Patch] = [Request(scope(random, names), response(random))]
    for step in changes[random.choice((0, 1, 2, 2, 2)) :]:
        steps += [step, Request(scope(random, names), response(random), maybe(random, 8))]
    if maybe(random, 3):
        steps = again(random, steps)
    overrides = tuple(sorted(set(some(random, HOOKS, 2)))) if maybe(random, 6) else ()
    # Nothing guarantees how often a hook is called before a recursion ends.
    if any(isinstance(step, Change) and step.attribute == "app" for step in steps):
        steps, overrides = [step for step in steps if not isinstance(step, Patch)], ()
    nested = random.choice((1, 1, 2, 5)) if maybe(random, 12) else 0
    return Case(configured, tuple(steps), overrides, nested, forks and len(steps) > 2 and maybe(random, 100))
