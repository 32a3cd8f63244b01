"""The request path over raw ASGI byte headers, in Python. Its twin, compiled, is _core_c.pyx: same names, same order.

It answers from what a `Policy` encoded at start-up and takes only plain containers of bytes on its own; for
everything else it hands the request to the middleware's `_fastcors_respond_in_full` or `_fastcors_send_in_full`,
which follow ordinary Python semantics. It decides which way to go before it changes anything.
"""

import inspect
import sys
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from .policy import Pair, Pairs, Policy

_Scope: TypeAlias = Any
_Message: TypeAlias = Any
_Receive: TypeAlias = Callable[[], Awaitable[Any]]
_Send: TypeAlias = Callable[[Any], Awaitable[None]]
_Answer: TypeAlias = Callable[[_Send, _Message, _Message], Awaitable[None]]

_ALLOW_ORIGIN = b"access-control-allow-origin"
_ALLOW_HEADERS = b"access-control-allow-headers"
_VARY = b"vary"
_VARY_ORIGIN = (_VARY, b"Origin")
_CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
_PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")

# What the CORS protocol reads of a preflight: Fetch, "CORS-preflight fetch".
_REQUEST_METHOD = b"access-control-request-method"
_REQUEST_HEADERS = b"access-control-request-headers"
_REQUEST_PRIVATE_NETWORK = b"access-control-request-private-network"
_READ = frozenset({b"origin", _REQUEST_METHOD, _REQUEST_HEADERS, _REQUEST_PRIVATE_NETWORK})

# What a preflight can fail at, in the order in which the answer names it.
_ORIGIN_FAILED = 1
_METHOD_FAILED = 2
_NAMES_FAILED = 4
_NETWORK_FAILED = 8

# The level of a refusal in the log, as `logging` numbers it.
_DEBUG = 10

# So much of Access-Control-Request-Headers is judged at once: far more than a browser sends.
_PIECE = 4096

# RFC 9110, section 5.5: no control byte but tab in a field value.
_CONTROL = bytes(code for code in range(0x80) if (code < 0x20 and code != 0x09) or code == 0x7F)


class _Stale(Exception):
    """What was compiled is no longer what is configured."""


def _text_of(value: bytes) -> str:
    return value.decode("latin-1")


def _latin_1(text: str) -> bytes | None:
    """Return `text` as requests carry it, or None where none can."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _has_control(value: bytes) -> bool:
    return len(value.translate(None, _CONTROL)) != len(value)


class AllowedValues:
    """The values of one allow_* collection, indexed by their latin-1 bytes, and still live.

    A list can change in place without a trace, so a hit counts while the list still holds the very same string
    at that place, and a miss while it still equals what was indexed. A tuple or frozenset of strings needs neither.
    Anything else is asked itself.
    With `header`, a hit comes with the pair that reflects it.
    """

    __slots__ = ("_is_list", "_places", "_snapshot", "collection", "indexed", "longest", "pairs", "texts")

    def __init__(self, collection: Any, header: bytes | None = None) -> None:
        kind = type(collection)
        self.collection = collection
        self.indexed = False
        self._is_list = kind is list
        if kind in (list, tuple, frozenset):
            snapshot = list(collection)
            if all(type(value) is str for value in snapshot):
                self._index(snapshot, header)

    def _index(self, snapshot: list[str], header: bytes | None) -> None:
        encoded = [_latin_1(value) for value in snapshot]
        self.indexed = True
        # A value with white space around it is none that a request can ask for.
        self.texts = frozenset(value for value in snapshot if value == value.strip())
        self.longest = max(map(len, snapshot), default=0)
        self.pairs = [
            None if header is None or value is None or _has_control(value) else (header, value) for value in encoded
        ]
        self._snapshot = snapshot
        self._places = {value: place for place, value in enumerate(encoded) if value is not None}

    def unchanged(self) -> bool:
        """Tell whether no index was made, or it is still a good one."""
        return not self.indexed or not self._is_list or bool(self.collection == self._snapshot)

    def holds(self) -> bool:
        """Tell whether no index was made, or it is one of the very same strings."""
        if not self.indexed or not self._is_list:
            return True
        return len(self.collection) == len(self._snapshot) and all(map(is_, self.collection, self._snapshot))

    def check(self, value: bytes) -> int:
        """Return the place of `value` in the index, which there has to be, or -1. Raises _Stale when the collection
        changed.
        """
        place = self._places.get(value, -1)
        if not self._is_list:
            return place
        try:
            if self.collection[place] is self._snapshot[place] if place >= 0 else self.collection == self._snapshot:
                return place
        except IndexError:
            pass
        raise _Stale

    def allows(self, value: bytes) -> bool:
        """Judge `value`. Raises _Stale when the collection changed."""
        return self.check(value) >= 0 if self.indexed else _text_of(value) in self.collection


def _allowed(previous: AllowedValues | None, collection: Any, header: bytes | None = None) -> AllowedValues:
    """Return an index of `collection`: the previous one where it still is one."""
    if previous is not None and previous.collection is collection and previous.holds():
        return previous
    return AllowedValues(collection, header)


def _unchanged(headers: dict[str, str], snapshot: dict[str, str], names: list[str]) -> bool:
    """Tell whether `headers` still holds the same names and values, in the same order."""
    return headers == snapshot and [*headers] == names


def _mapping(snapshot: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(snapshot[::2], snapshot[1::2], strict=True))


def _preflight_outcomes() -> Iterable[tuple[int, "Pair", bytes, tuple[str, ...]]]:
    """Status, Content-Length, body and reasons for each set of failures."""
    names = ("origin", "method", "headers", "private-network")
    for failures in range(16):
        reasons = tuple(name for bit, name in enumerate(names) if failures >> bit & 1)
        body = b"Disallowed CORS " + ", ".join(reasons).encode() if reasons else b"OK"
        yield 400 if reasons else 200, (b"content-length", b"%d" % len(body)), body, reasons


_PREFLIGHT_OUTCOMES = tuple(_preflight_outcomes())


class CompiledPolicy:
    """A `Policy` as the request path reads it: flags, encoded pairs, indexed collections.

    `policy` None stands for a configuration that is answered in full. `version` is what `class_version` returned
    before the policy was made, `class_state` what the caller knows the class by. `answer` and `finish` are the two
    native coroutine functions of the request path. Indexes are taken over from `previous` where they still hold.
    `levels`: which levels of the log are on, as far as known; None: every refusal is to be reported. `connect`
    stands in for the app where a connection is no HTTP request.
    """

    __slots__ = (
        "_version",
        "actual_names",
        "actual_origin_at",
        "actual_pairs",
        "all_origins",
        "answer",
        "answers_in_full",
        "app",
        "asks_for_origin",
        "asks_middleware",
        "automaton",
        "class_state",
        "connect",
        "fullmatch",
        "header_names",
        "levels",
        "methods",
        "origins",
        "policy",
        "preflight_names",
        "preflight_pairs",
        "preflight_snapshot",
        "preflight_version",
        "reflects_all",
        "refuses_in_full",
        "request_version",
        "response_version",
        "simple_headers",
        "simple_names",
        "simple_snapshot",
    )

    policy: "Policy"
    origins: Any
    methods: Any
    header_names: Any

    def __init__(
        self,
        policy: "Policy | None",
        version: tuple[object, ...],
        class_state: object,
        answer: _Answer,
        finish: object,
        previous: "CompiledPolicy | None" = None,
        levels: dict[int, bool] | None = None,
        connect: Callable[..., Any] | None = None,
    ) -> None:
        self.version = version
        self.class_state = class_state
        self.levels = levels
        self.connect = connect
        self.answer = answer
        self.answers_in_full = policy is None
        self.origins = self.methods = self.header_names = None
        if policy is None:
            return
        self.policy = policy
        self.app = policy.app
        self._take_flags(policy)
        self._take_pairs(policy)
        asked = () if policy.all_origins or policy.asks_middleware else policy.origins
        self.origins = _allowed(previous.origins if previous else None, asked, _ALLOW_ORIGIN)
        self.methods = _allowed(previous.methods if previous else None, policy.methods)
        self.header_names = _allowed(previous.header_names if previous else None, policy.header_names)

    def _take_flags(self, policy: "Policy") -> None:
        self.asks_middleware = policy.asks_middleware
        self.all_origins = policy.all_origins
        self.automaton = policy.automaton
        self.fullmatch = policy.fullmatch
        # Where every origin is allowed and `*` says so, none is looked at.
        self.asks_for_origin = not policy.all_origins or policy.credentials
        self.reflects_all = policy.all_origins and policy.credentials
        self.refuses_in_full = self.reflects_all or policy.asks_function

    def _take_pairs(self, policy: "Policy") -> None:
        self.simple_headers = policy.simple_headers
        self.simple_snapshot = _mapping(policy.simple_snapshot)
        self.simple_names = [*self.simple_snapshot]
        self.preflight_snapshot = _mapping(policy.preflight_snapshot)
        self.preflight_names = [*self.preflight_snapshot]
        self.preflight_pairs = policy.preflight_pairs
        self.actual_pairs = policy.actual_pairs
        self.actual_origin_at = policy.actual_origin_at
        self.actual_names = frozenset({_ALLOW_ORIGIN, _VARY, *(name for name, _ in policy.actual_pairs)})

    @property
    def version(self) -> tuple[object, ...]:
        return self._version

    @version.setter
    def version(self, version: tuple[object, ...]) -> None:
        self._version = version
        self.preflight_version = version[:2]
        self.request_version = version[2:4]
        self.response_version = version[::4]

    def reports(self) -> bool:
        """Tell whether a refusal may concern somebody, which the middleware then looks at again."""
        return self.levels is None or self.levels.get(_DEBUG) is not False

    def preflight_unchanged(self) -> bool:
        return (
            _unchanged(self.policy.preflight_headers, self.preflight_snapshot, self.preflight_names)
            and self.methods.unchanged()
            and self.header_names.unchanged()
        )

    def check_origin(self, middleware: Any, origin: bytes) -> int | None:
        """Fetch, "CORS check", from the server's side: is this origin configured? None: it is not. Otherwise its
        place as in AllowedValues, -1 where it has none. Raises _Stale.
        """
        if self.asks_middleware:
            return -1 if middleware.is_allowed_origin(origin=_text_of(origin)) else None
        if self.all_origins:
            return -1
        # The regex comes first, as in Starlette, where the collection is someone's own code.
        if self.origins.indexed:
            place: int = self.origins.check(origin)
            if place >= 0:
                return place
        if self.automaton is not None and self.automaton.matches(origin):
            return -1
        if self.fullmatch is not None and self.fullmatch(_text_of(origin)) is not None:
            return -1
        return -1 if not self.origins.indexed and self.origins.allows(origin) else None

    def explicit_pair(self, origin: bytes, place: int) -> "Pair | None":
        """Return the pair that reflects `origin`, or None where a control byte forbids it."""
        if place >= 0:
            pair: Pair | None = self.origins.pairs[place]
            return pair
        return None if _has_control(origin) else (_ALLOW_ORIGIN, origin)

    def pairs_for(self, middleware: Any, origin: bytes) -> "Pairs | None":
        """Return what the response to a request with that Origin gets, but for Vary. None: it is to be done in full.
        Raises _Stale.
        """
        pairs: Pairs = self.actual_pairs
        # `_unchanged`, without the call that each response would pay.
        if self.simple_headers != self.simple_snapshot or [*self.simple_headers] != self.simple_names:
            raise _Stale
        if not self.asks_for_origin:
            return pairs
        place = -1 if self.reflects_all else self.check_origin(middleware, origin)
        explicit_pair = None if place is None else self.explicit_pair(origin, place)
        if explicit_pair is None:
            return None if self.refuses_in_full else pairs
        at = self.actual_origin_at
        return (*pairs, explicit_pair) if at < 0 else (*pairs[:at], explicit_pair, *pairs[at + 1 :])

    def check_header_names(self, names: bytes) -> bool:
        """Fetch, "CORS-preflight fetch": every element of Access-Control-Request-Headers must be allowed.
        Raises _Stale.
        """
        if not self.header_names.indexed:
            return all(name.strip() in self.header_names.collection for name in _text_of(names).lower().split(","))
        if not self.header_names.unchanged():
            raise _Stale
        if len(names) <= _PIECE:
            return self._allows_all(names)
        start, stop = 0, names.find(b",", _PIECE)
        # A piece at a time, so that the first refusal ends it, whatever follows.
        while stop >= 0:
            piece = names[start:stop]
            if self._ends_too_long(piece) or not self._allows_all(piece):
                return False
            start, stop = stop + 1, names.find(b",", stop + _PIECE)
        return not self._ends_too_long(names[start:]) and self._allows_all(names[start:])

    def _ends_too_long(self, names: bytes) -> bool:
        """Tell, without a look at each of its characters, that the last one is longer than any allowed."""
        last = names[names.rfind(b",") + 1 :] if len(names) > 2 * _PIECE else b""
        return len(_text_of(last).strip()) > int(self.header_names.longest)

    def _allows_all(self, names: bytes) -> bool:
        allowed, longest = self.header_names.texts, self.header_names.longest
        # As text, whose idea of lower case and white space in latin-1 is the one that counts.
        lowered = names.decode("latin-1").lower().split(",")
        return allowed.issuperset(lowered) or all(
            len(name) <= longest and name in allowed for name in map(str.strip, lowered)
        )


def _scan_for_origin(headers: list[Any]) -> bytes | Literal[False] | None:
    """Find the Origin, the first of several. None: there is none; False: something else than plain pairs of bytes
    was met on the way.
    """
    try:
        for name, value in headers:
            if name == b"origin":
                return value if type(value) is bytes else False
    except (TypeError, ValueError):
        return False
    return None


def _scan(headers: list[Any]) -> dict[bytes, bytes] | None:
    """Find what the CORS protocol reads of a request with the method OPTIONS, which can be a preflight, in one
    pass; the first of several headers wins. None: as False above.
    """
    found: dict[bytes, bytes] = {}
    try:
        for name, value in headers:
            if name in _READ:
                if type(value) is not bytes:
                    return None
                if name not in found:
                    found[name] = value
    except (TypeError, ValueError):
        return None
    return found


class Dispatcher:
    """What the compiled core's call slot is: it takes a connection to its answer.

    A subclass provides `_fastcors_compile`, `_fastcors_respond_in_full`, `_fastcors_send_in_full`,
    `_fastcors_refused` and `is_allowed_origin`.
    """

    __slots__ = ("_fastcors_compiled",)

    _fastcors_compiled: CompiledPolicy | None

    if not TYPE_CHECKING:

        def __new__(cls, *args: object, **kwargs: object) -> "Dispatcher":
            self = super().__new__(cls)
            object.__setattr__(self, "_fastcors_compiled", None)
            return self


# Return a value that differs once a hook of the class was replaced. Written in C, they take half the time of a
# function that looks them up.
class_version: Callable[[type], tuple[object, ...]] = attrgetter(
    "is_allowed_origin", "preflight_response", "simple_response", "send", "allow_explicit_origin"
)
# Of those, the ones that Starlette looks up for an actual request when it comes, and when its response starts.
_request_version: Callable[[type], tuple[object, ...]] = attrgetter("simple_response", "send")
_response_version: Callable[[type], tuple[object, ...]] = attrgetter("is_allowed_origin", "allow_explicit_origin")
# And for a preflight.
_preflight_version: Callable[[type], tuple[object, ...]] = attrgetter("is_allowed_origin", "preflight_response")


def use_call_slot(cls: type) -> None:
    """Nothing to do: the compiled core's short way into an instance has no like in Python."""


def _current(middleware: Any) -> Any:
    compiled = middleware._fastcors_compiled
    if compiled is None:
        return middleware._fastcors_compile(True)
    if compiled.version != class_version(type(middleware)):
        return middleware._fastcors_compile(False)
    return compiled


def respond(middleware: Any, scope: _Scope, receive: _Receive, send: _Send) -> Any:
    """Return what answers one connection when it is awaited."""
    kind = scope.get("type") if type(scope) is dict else None
    compiled = middleware._fastcors_compiled
    # No hook has a say in what is not HTTP.
    if kind != "http" and type(kind) is str:
        if compiled is None:
            compiled = middleware._fastcors_compile(True)
        if compiled.connect is not None:
            return compiled.connect(scope, receive, send)
        return middleware.app(scope, receive, send)
    if compiled is None or compiled.request_version != _request_version(type(middleware)):
        compiled = _current(middleware)
    if compiled.answers_in_full or kind != "http":
        return middleware._fastcors_respond_in_full(scope, receive, send)
    method = scope.get("method")
    headers = scope.get("headers")
    if type(method) is not str or type(headers) is not list:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    if method == "OPTIONS":
        found = _scan(headers)
        origin: bytes | Literal[False] | None
        if found is not None and b"origin" in found and _REQUEST_METHOD in found:
            return _preflight(middleware, scope, receive, send, found)
        origin = False if found is None else found.get(b"origin")
    else:
        origin = _scan_for_origin(headers)
    if origin is False:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    return compiled.app(scope, receive, partial(_send, middleware, send, origin, scope))


def _preflight(middleware: Any, scope: _Scope, receive: _Receive, send: _Send, found: dict[bytes, bytes]) -> Any:
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    compiled = middleware._fastcors_compiled
    if compiled is None or compiled.preflight_version != _preflight_version(type(middleware)):
        compiled = _current(middleware)
    # Now, because what is someone's own code, or a generator, is to be asked once.
    if not compiled.answers_in_full and not compiled.preflight_unchanged():
        compiled = middleware._fastcors_compile(True)
    # Starlette copies the headers first and asks about the origin next; an override may change the rest.
    template, allowed, explicit_pair = compiled, None, None
    for _ in range(3):
        try:
            if allowed is None and not compiled.answers_in_full:
                place = compiled.check_origin(middleware, found[b"origin"])
                allowed = place is not None
                explicit_pair = None if place is None else compiled.explicit_pair(found[b"origin"], place)
                if compiled.asks_middleware or not compiled.origins.indexed:
                    compiled = _current(middleware)
            if compiled.answers_in_full:
                break
            failures = _failures(compiled, allowed, explicit_pair, found)
        except _Stale:
            compiled = middleware._fastcors_compile(True)
            continue
        if failures:
            if failures & _ORIGIN_FAILED and compiled.policy.asks_function:
                break
            _refused(middleware, scope, found[b"origin"], failures)
        return _answer(send, template, compiled, explicit_pair, failures, found)
    return middleware._fastcors_respond_in_full(scope, receive, send, allowed)


def _failures(
    compiled: CompiledPolicy, allowed: bool | None, explicit_pair: "Pair | None", found: dict[bytes, bytes]
) -> int:
    """Return the set of failures. Raises _Stale: compile anew."""
    policy = compiled.policy
    failures = 0
    if not allowed or (policy.explicit_origin and explicit_pair is None):
        failures |= _ORIGIN_FAILED
    if not compiled.methods.allows(found[_REQUEST_METHOD]):
        failures |= _METHOD_FAILED
    names = found.get(_REQUEST_HEADERS)
    if names is not None and (_has_control(names) if policy.all_headers else not compiled.check_header_names(names)):
        failures |= _NAMES_FAILED
    if _REQUEST_PRIVATE_NETWORK in found and not policy.private_network:
        failures |= _NETWORK_FAILED
    return failures


def _refused(middleware: Any, scope: _Scope, origin: bytes, failures: int) -> None:
    """Report a refused request, where it may concern somebody."""
    compiled = middleware._fastcors_compiled
    if compiled is None or compiled.reports():
        middleware._fastcors_refused(scope, _text_of(origin), _PREFLIGHT_OUTCOMES[failures][3])


def _answer(
    send: _Send,
    template: CompiledPolicy,
    compiled: CompiledPolicy,
    explicit_pair: "Pair | None",
    failures: int,
    found: dict[bytes, bytes],
) -> Awaitable[None]:
    policy = compiled.policy
    status, content_length, body, _ = _PREFLIGHT_OUTCOMES[failures]
    headers: list[Pair] = [*template.preflight_pairs]
    if explicit_pair is not None and policy.explicit_origin and not failures & _ORIGIN_FAILED:
        _place(headers, explicit_pair, template.policy.preflight_origin_at)
    if policy.all_headers and _REQUEST_HEADERS in found and not failures & _NAMES_FAILED:
        _place(headers, (_ALLOW_HEADERS, found[_REQUEST_HEADERS]), template.policy.preflight_names_at)
    if _REQUEST_PRIVATE_NETWORK in found and not failures & _NETWORK_FAILED:
        headers.append(_PRIVATE_NETWORK)
    headers.append(content_length)
    headers.append(_CONTENT_TYPE)
    return compiled.answer(
        send,
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


def _place(headers: list["Pair"], pair: "Pair", place: int) -> None:
    """Put `pair` in place of another or at the end."""
    if place < 0:
        headers.append(pair)
    else:
        headers[place] = pair


def _send(middleware: Any, send: _Send, origin: bytes | None, scope: _Scope, message: _Message) -> Any:
    """What becomes the `send` that the app gets, with all but `message` given: it amends the start of the response
    and forwards the rest.
    """
    if type(message) is dict:
        kind = message.get("type")
        if kind != "http.response.start":
            if type(kind) is str:
                return send(message)
        else:
            try:
                amended = _amend(middleware, message, origin, scope)
            except _Stale:
                amended = _amend_anew(middleware, message, origin, scope)
            if amended:
                return send(message)
    return middleware._fastcors_send_in_full(message, send, origin, scope)


def _flag_as_coroutine_function(function: Any) -> None:  # pragma: no cover  # on 3.11 alone
    # To CPython 3.11 a flag that is only looked at, as an instruction makes the coroutine; to others it is more.
    flag = inspect.CO_COROUTINE if sys.implementation.name == "cpython" else 0
    function.__code__ = function.__code__.replace(co_flags=function.__code__.co_flags | flag)


# Starlette hands out a coroutine function and asgiref warns of anything less, so `inspect` is to see that what `_send`
# returns is to be awaited. A coroutine of its own would make each message slower.
getattr(inspect, "markcoroutinefunction", _flag_as_coroutine_function)(_send)


def _amend_anew(middleware: Any, message: dict[str, Any], origin: bytes | None, scope: _Scope) -> bool:
    middleware._fastcors_compile(True)
    try:
        return _amend(middleware, message, origin, scope)
    except _Stale:
        return False


def _amend(middleware: Any, message: dict[str, Any], origin: bytes | None, scope: _Scope) -> bool:
    """Give the response its CORS headers, or touch nothing and return False: do it in full. Raises _Stale."""
    compiled = middleware._fastcors_compiled
    if compiled is None or compiled.response_version != _response_version(type(middleware)):
        compiled = _current(middleware)
    headers = None if compiled.answers_in_full else message.get("headers")
    if type(headers) is not list and (compiled.answers_in_full or (headers := _own_headers(message)) is None):
        return False
    names, colliding = compiled.actual_names, None
    try:
        # Names match byte for byte.
        for pair in headers:
            # What can be taken apart only once would be gone.
            if type(pair) is not tuple and type(pair) is not list:
                return False
            name, value = pair
            if name in names:
                if type(value) is not bytes:
                    return False
                colliding = name if colliding is None else b"several"
    except (TypeError, ValueError):
        return False
    pairs = () if origin is None else compiled.pairs_for(middleware, origin)
    if pairs is None:
        return False
    message["headers"] = [*headers, *pairs, _VARY_ORIGIN] if colliding is None else _merged(headers, pairs, colliding)
    # An origin that is allowed and has to be named makes other pairs of them.
    if origin is not None and pairs is compiled.actual_pairs and compiled.asks_for_origin:
        _refused(middleware, scope, origin, _ORIGIN_FAILED)
    return True


def _own_headers(message: dict[str, Any]) -> list[Any] | tuple[Any, ...] | None:
    """Return the headers that the app sends, or None where they are no list or tuple."""
    headers = message.get("headers")
    if type(headers) is list or type(headers) is tuple:
        return headers
    return () if headers is None and "headers" not in message else None


def _merged(headers: Any, pairs: "Pairs", colliding: bytes) -> list[Any]:
    """Return a new list: our headers set among the app's. The first of a name is replaced, the others go; Vary is
    joined.
    """
    if colliding == _VARY:
        joined = [(_VARY, pair[1] + b", Origin") if pair[0] == _VARY else pair for pair in headers]
        return [*joined, *pairs]
    merged = [*headers]
    for pair in pairs:
        _set(merged, pair)
    values = [value for name, value in merged if name == _VARY]
    _set(merged, (_VARY, b", ".join([*values, b"Origin"])))
    return merged


def _set(headers: list[Any], pair: "Pair") -> None:
    name = pair[0]
    places = [place for place, (other, _) in enumerate(headers) if other == name]
    if not places:
        headers.append(pair)
        return
    headers[places[0]] = pair
    for place in reversed(places[1:]):
        del headers[place]
