"""What breaks a rewrite of CORSMiddleware: each row is one such thing, and both cores do as Starlette does."""

from types import ModuleType
from typing import Any

import pytest
from support.asgi import Case, Change, Make, Raised, Request, observe
from support.reference import CORSMiddleware as Reference

ORIGIN = (b"origin", b"https://a.example")
ASKS_GET = (b"access-control-request-method", b"GET")
LISTED: dict[str, Any] = {
    "allow_origins": Make("list", ("https://a.example",)),
    "allow_headers": Make("list", ("X-A",)),
}
EVERY: dict[str, Any] = {"allow_origins": Make("list", ("*",))}
CREDENTIALS: dict[str, Any] = {"allow_credentials": True, "expose_headers": Make("list", ("X-Total",))}
OK = ({"type": "http.response.start", "status": 200, "headers": Make("list", ())}, {"type": "http.response.body"})


def asks(headers: Any, method: Any = "GET", sends: tuple[Any, ...] = OK, **config: Any) -> Case:
    """One request to a service that allows https://a.example and X-A, unless `config` says otherwise."""
    return Case(config or LISTED, (Request({"type": "http", "method": method, "headers": headers}, sends),))


def preflight(*headers: Any, **config: Any) -> Case:
    return asks([ORIGIN, ASKS_GET, *headers], "OPTIONS", **config)


def names(value: bytes, **config: Any) -> Case:
    return preflight((b"access-control-request-headers", value), **config)


def answers(headers: Any, **config: Any) -> Case:
    """An app whose response has these headers, asked from an allowed origin."""
    return asks([ORIGIN], sends=({"type": "http.response.start", "status": 200, "headers": headers}, OK[1]), **config)


REQUEST_SIDE = {
    "headers as a tuple": asks(((b"host", b"h"), ORIGIN)),
    "headers as a one-shot generator": asks(Make("generator", ((b"host", b"h"), ORIGIN))),
    "headers as dict items": asks(Make("items", ((b"host", b"h"), ORIGIN))),
    "no headers key": Case(LISTED, (Request({"type": "http", "method": "GET"}, OK),)),
    "headers None": asks(None),
    "no method": Case(LISTED, (Request({"type": "http", "headers": [ORIGIN]}, OK),)),
    "no type": Case(LISTED, (Request({"method": "GET", "headers": [ORIGIN]}, OK),)),
    "a scope that is no dict": Case(LISTED, (Request(Make("user dict", {"type": "http", "method": "GET"}), OK),)),
    "a name in mixed case is not seen": asks([(b"Origin", b"https://a.example")]),
    "the first of several origins wins": asks([ORIGIN, (b"origin", b"https://b.example")]),
    "the first of several origins wins, refused": asks([(b"origin", b"https://b.example"), ORIGIN]),
    "pairs as lists": asks([list(ORIGIN)]),
    "pairs as subclasses of tuple": asks([Make("pair", ORIGIN)]),
    "two bytes as a pair": asks([b"ab", ORIGIN]),
    "two characters as a pair": asks(["ab", ORIGIN]),
    "name as bytearray": asks([(Make("bytearray", b"origin"), b"https://a.example")]),
    "value as bytearray": asks([(b"origin", Make("bytearray", b"https://a.example"))]),
    "name as a subclass of bytes": asks([(Make("octets", b"origin"), b"https://a.example")]),
    "name as str is ignored": asks([("origin", "https://a.example")]),
    "value as str": asks([(b"origin", "https://a.example")]),
    "value as memoryview": asks([(b"origin", Make("memoryview", b"https://a.example"))]),
    "value None": asks([(b"origin", None)]),
    "wrong arity before the match": asks([(b"a", b"b", b"c"), ORIGIN]),
    "wrong arity after the match is not looked at": asks([ORIGIN, (b"a", b"b", b"c")]),
    "None before the match": asks([None, ORIGIN]),
    "None after the match is not looked at": asks([ORIGIN, None]),
    "None where no origin is": asks([(b"host", b"h"), None]),
    "a str value nobody reads": asks([(b"x", "y"), ORIGIN]),
    "preflight, wrong arity after all that is read": preflight((b"a",)),
    "preflight, str value of the method": asks([ORIGIN, (b"access-control-request-method", "GET")], "OPTIONS"),
    "preflight, only the first method is read": asks(
        [ORIGIN, (b"access-control-request-method", b"PUT"), ASKS_GET], "OPTIONS"
    ),
    "preflight without origin reaches the app": asks([ASKS_GET], "OPTIONS"),
    "preflight without method reaches the app": asks([ORIGIN], "OPTIONS"),
    "method as a subclass of str": asks([ORIGIN, ASKS_GET], Make("text", "OPTIONS")),
    "method as bytes": asks([ORIGIN, ASKS_GET], b"OPTIONS"),
    "origin in latin-1": asks([(b"origin", b"https://\xe9.example")], allow_origins=["https://\xe9.example"]),
    "origin outside latin-1 is never matched": asks([ORIGIN], allow_origins=["https://\u65e5.example"]),
    "empty origin": asks([(b"origin", b"")]),
    "empty origin, configured": asks([(b"origin", b"")], allow_origins=[""]),
}

PREFLIGHTS = {
    "names trimmed as str.strip does": names(b"\t\x0b\x0c\x1c\x1d\x1e\x1f x-a \x85\xa0"),
    "names lower-cased": names(b"X-A"),
    "names lower-cased beyond ascii": names(b"\xc9-X", allow_origins=["*"], allow_headers=["\xc9-x"]),
    "empty names": names(b""),
    "names, only spaces": names(b" \t "),
    "names with a trailing comma": names(b"x-a,"),
    "names with a leading comma": names(b",x-a"),
    "names with a doubled comma": names(b"x-a,,x-a"),
    "empty name, configured": names(b"x-a,,x-a", allow_origins=["*"], allow_headers=["X-A", ""]),
    "names, safelisted": names(b"accept,accept-language,content-language,content-type"),
    "names, not split at semicolons": names(b"x-a;x-a"),
    "names, only the first line is read": preflight(
        (b"access-control-request-headers", b"x-a"), (b"access-control-request-headers", b"x-no")
    ),
    "names, only the first line is read, refused": preflight(
        (b"access-control-request-headers", b"x-no"), (b"access-control-request-headers", b"x-a")
    ),
    "a name longer than any index": names(b"x" * 300, allow_origins=["*"], allow_headers=["X" * 300]),
    "a name longer than any index, refused": names(b"x" * 300),
    "names mirrored as they came": names(b" X-Any ,, y", allow_origins=["*"], allow_headers=["*"]),
    "names mirrored, latin-1": names(b"\xe9", allow_origins=["*"], allow_headers=["*"]),
    "method in lower case": asks([ORIGIN, (b"access-control-request-method", b"get")], "OPTIONS"),
    "method outside ascii": asks([ORIGIN, (b"access-control-request-method", b"\xc9")], "OPTIONS"),
    "no free pass for POST": asks([ORIGIN, (b"access-control-request-method", b"POST")], "OPTIONS"),
    "no free pass for GET": preflight(allow_origins=["*"], allow_methods=["PUT"]),
    "QUERY among all methods": asks(
        [ORIGIN, (b"access-control-request-method", b"QUERY")], "OPTIONS", allow_origins=["*"], allow_methods=["*"]
    ),
    "private network false counts as present": preflight((b"access-control-request-private-network", b"false")),
    "private network empty counts as present": preflight((b"access-control-request-private-network", b"")),
    "private network allowed": preflight(
        (b"access-control-request-private-network", b"true"), allow_origins=["*"], allow_private_network=True
    ),
    "every failure at once": asks(
        [
            (b"origin", b"https://no.example"),
            (b"access-control-request-method", b"PUT"),
            (b"access-control-request-headers", b"x-no"),
            (b"access-control-request-private-network", b"true"),
        ],
        "OPTIONS",
    ),
    "every origin": preflight(**EVERY),
    "every origin with credentials": preflight(**EVERY, **CREDENTIALS),
    "regex is a full match": preflight(allow_origin_regex=r"https://a"),
    "regex matches": preflight(allow_origin_regex=r"https://[ab]\.example"),
    "regex, compiled": preflight(allow_origin_regex=Make("pattern", r"https://[ab]\.example")),
    "regex over bytes": preflight(allow_origin_regex=b"https://a"),
    "a header value outside latin-1": preflight(allow_origins=["*"], allow_headers=["\u65e5"]),
    "a header value outside latin-1, actual request": answers([], allow_origins=["*"], expose_headers=["\u65e5"]),
}

OURS = [
    (b"access-control-allow-origin", b"https://own.example"),
    (b"x-first", b"1"),
    (b"access-control-allow-credentials", b"false"),
    (b"access-control-allow-origin", b"https://second.example"),
    (b"access-control-expose-headers", b"X-Own"),
]

RESPONSE_SIDE = {
    "no headers key": asks([ORIGIN], sends=({"type": "http.response.start", "status": 200}, OK[1])),
    "headers None": answers(None),
    "headers as a tuple": answers(((b"a", b"b"),)),
    "headers as a generator": answers(Make("generator", ((b"a", b"b"),))),
    "headers as dict items": answers(Make("items", ((b"a", b"b"),))),
    "pairs as lists": answers([[b"a", b"b"], [b"vary", b"Accept"]]),
    "wrong arity": answers([(b"a",)]),
    "name as str": answers([("vary", "Accept")]),
    "str value of vary": answers([(b"vary", "Accept")]),
    "str value of a header that is replaced": answers([(b"access-control-allow-origin", "x")]),
    "str value of a header of the app's": answers([(b"x-own", "1")]),
    "a message that is no dict": asks([ORIGIN], sends=(Make("user dict", OK[0]),)),
    "a message type that is a subclass of str": asks(
        [ORIGIN], sends=({"type": Make("text", "http.response.start"), "headers": []},)
    ),
    "a message without type": asks([ORIGIN], sends=({},)),
    "replaced in place, later ones dropped": answers(OURS, allow_origins=["https://a.example"], **CREDENTIALS),
    "replaced in place, every origin": answers(OURS, **EVERY),
    "replaced in place, every origin with credentials": answers(OURS, **EVERY, **CREDENTIALS),
    "the app's own allow-origin stays when refused": answers(OURS, allow_origins=["https://b.example"]),
    "the app's own allow-origin stays without origin": asks(
        [], sends=({"type": "http.response.start", "status": 200, "headers": OURS},)
    ),
    "mixed case is another header": answers([(b"Access-Control-Allow-Origin", b"x"), (b"Vary", b"Accept")]),
    "vary lines joined into the first": answers([(b"vary", b"A"), (b"x", b"y"), (b"vary", b"B")]),
    "origin appended to vary even when there": answers([(b"vary", b"Origin")]),
    "origin appended to vary *": answers([(b"vary", b"*")]),
    "vary without origin": asks([], sends=({"type": "http.response.start", "headers": [(b"vary", b"A")]},)),
    "order, listed": answers([(b"a", b"b")], allow_origins=["https://a.example"], **CREDENTIALS),
    "order, every origin": answers([(b"a", b"b")], **EVERY, expose_headers=["X-Total"]),
    "order, every origin with credentials": answers([(b"a", b"b")], **EVERY, **CREDENTIALS),
    "order, refused": answers([(b"a", b"b")], allow_origins=["https://b.example"], **CREDENTIALS),
    "no origin": asks([], allow_origins=["https://a.example"], **CREDENTIALS),
    "no origin, every origin": asks([], **EVERY, **CREDENTIALS),
    "the app raises before it starts": asks([ORIGIN], sends=(Raised,)),
    "the app raises after it started": asks([ORIGIN], sends=(OK[0], Raised)),
    "a message before the start": asks([ORIGIN], sends=({"type": "http.response.debug"}, *OK)),
    "websocket": Case(LISTED, (Request({"type": "websocket", "headers": [ORIGIN]}, ({"type": "websocket.accept"},)),)),
    "lifespan": Case(LISTED, (Request({"type": "lifespan"}, ({"type": "lifespan.startup.complete"},)),)),
}


def then(*changes: Change, headers: Any = (ORIGIN,), method: str = "GET", **config: Any) -> Case:
    """A request, changes, and the request again."""
    request = Request({"type": "http", "method": method, "headers": Make("list", headers)}, OK)
    return Case(config or LISTED, (request, *changes, request))


MORE_HEADERS: dict[str, Any] = {"allow_origins": Make("list", ("https://a.example",)), **CREDENTIALS}

LIVE = {
    "origin appended": then(Change("allow_origins", "append", ("https://a.example",)), allow_origins=Make("list")),
    "origin removed": then(Change("allow_origins", "clear")),
    "origin replaced by another": then(Change("allow_origins", "__setitem__", (0, "https://b.example"))),
    "origin put in place of another": then(
        Change("allow_origins", "__setitem__", (0, "https://a.example")),
        allow_origins=Make("list", ("https://b.example",)),
    ),
    "origin replaced by an equal one": then(
        Change("allow_origins", "__setitem__", (0, Make("text", "https://a.example")))
    ),
    "origin moved": then(Change("allow_origins", "insert", (0, "https://b.example"))),
    "set": then(Change("allow_origins", "add", ("https://a.example",)), allow_origins=Make("set", ("https://b",))),
    "set, discarded": then(
        Change("allow_origins", "discard", ("https://a.example",)), allow_origins=Make("set", ("https://a.example",))
    ),
    "a container of one's own": then(allow_origins=Make("only contains", ("https://a.example",))),
    "a header added": then(Change("simple_headers", "__setitem__", ("X-More", "1"))),
    "a header changed": then(Change("simple_headers", "__setitem__", ("Access-Control-Expose-Headers", "Y"))),
    "headers reordered": then(
        Change("simple_headers", "pop", ("Access-Control-Allow-Credentials",)),
        Change("simple_headers", "__setitem__", ("Access-Control-Allow-Credentials", "true")),
        **MORE_HEADERS,
    ),
    "vary among the headers": then(Change("simple_headers", "__setitem__", ("Vary", "Cookie"))),
    "allow-origin among the headers": then(
        Change("simple_headers", "__setitem__", ("Access-Control-Allow-Origin", "https://c.example")),
        headers=((b"origin", b"https://no.example"),),
    ),
    "the same header in two cases": then(
        Change("simple_headers", "__setitem__", ("X-More", "1")),
        Change("simple_headers", "__setitem__", ("x-more", "2")),
    ),
    "a header that is no text": then(Change("simple_headers", "__setitem__", ("X-More", 1))),
    "headers assigned": then(Change("simple_headers", "assign", (Make("plain dict", (("X", "1"),)),))),
    "headers that are no dict": then(Change("simple_headers", "assign", (7,))),
    "regex assigned as text": then(
        Change("allow_origin_regex", "assign", ("https://.*",)), allow_origins=Make("list", ("https://b",))
    ),
    "an attribute deleted": then(Change("allow_origins", "delete")),
    "preflight header added": then(
        Change("preflight_headers", "__setitem__", ("X-More", "1")), headers=(ORIGIN, ASKS_GET), method="OPTIONS"
    ),
    "preflight content-type set": then(
        Change("preflight_headers", "__setitem__", ("Content-Type", "text/html")),
        headers=(ORIGIN, ASKS_GET),
        method="OPTIONS",
    ),
    "method appended": then(
        Change("allow_methods", "append", ("GET",)),
        headers=(ORIGIN, ASKS_GET),
        method="OPTIONS",
        **{**LISTED, "allow_methods": Make("list", ("PUT",))},
    ),
    "header name appended": then(
        Change("allow_headers", "append", ("x-b",)),
        headers=(ORIGIN, ASKS_GET, (b"access-control-request-headers", b"x-b")),
        method="OPTIONS",
    ),
}

WRONG: dict[str, tuple[Any, ...]] = {
    "allow_origins": (None, 7, b"https://a.example"),
    "allow_methods": (None, 7, b"GET", [7], [None]),
    "allow_headers": (None, 7, [7], ["X", 7], [[]], [b"x"]),
    "expose_headers": (7, [7], [b"x"]),
    "allow_origin_regex": ("(", 7, []),
    "allow_origin": (["*"],),
}
CONSTRUCTION = {
    f"{parameter}={value!r}": Case({parameter: value}, ()) for parameter, values in WRONG.items() for value in values
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{side}: {name}")
        for side, cases in {
            "request": REQUEST_SIDE,
            "preflight": PREFLIGHTS,
            "response": RESPONSE_SIDE,
            "live": LIVE,
            "construction": CONSTRUCTION,
        }.items()
        for name, case in cases.items()
    ],
)
def test_as_starlette_does(fastcors: ModuleType, case: Case) -> None:
    assert observe(fastcors.CORSMiddleware, case) == observe(Reference, case)


@pytest.mark.parametrize(
    "name", LIVE.keys() - {"origin moved", "origin replaced by an equal one", "a container of one's own"}
)
def test_a_change_between_requests_matters(name: str) -> None:
    """The rows above would show nothing if the answer were the same before and after."""

    def answer(case: Case) -> Any:
        return [observation for observation in observe(Reference, case) if observation[0] in ("sent", "error")][-2:]

    assert answer(LIVE[name]) != answer(Case(LIVE[name].config, LIVE[name].steps[:1]))
