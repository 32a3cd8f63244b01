"""The request path over raw ASGI byte headers, in Python. Its twin, compiled, is _core_c.pyx: same names, same order.

It answers from what a `Policy` encoded at start-up and takes only plain containers of bytes on its own; for
everything else it hands the request to the middleware's `_respond_in_full` or `_send_in_full`, which follow
ordinary Python semantics. It decides which way to go before it changes anything.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

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

# RFC 9110, section 5.5: no control byte but tab in a field value.
_CONTROL = bytes(code for code in range(0x80) if (code < 0x20 and code != 0x09) or code == 0x7F)


class _Stale(Exception):
    """What was compiled is no longer what is configured."""


def _has_control(value: bytes) -> bool:
    return len(value.translate(None, _CONTROL)) != len(value)


class AllowedValues:
    """The values of one allow_* collection, indexed by their latin-1 bytes, and still live.

    A list can change in place without a trace, so a hit counts while the list still holds an equal string at that
    place, and a miss while it still equals what was indexed. A tuple or frozenset of strings needs neither.
    Anything else leaves the look-up to the collection.
    """

    __slots__ = ("_index", "_is_list", "_snapshot", "collection")

    def __init__(self, collection: Any) -> None:
        kind = type(collection)
        self.collection = collection
        self._is_list = kind is list
        self._index: dict[bytes, int] | None = None
        if kind in (list, tuple, frozenset):
            snapshot = list(collection)
            if all(type(value) is str for value in snapshot):
                self._snapshot = snapshot
                self._index = {
                    value.encode("latin-1"): place
                    for place, value in enumerate(snapshot)
                    if value.encode("latin-1", "replace").decode("latin-1") == value
                }

    @property
    def indexed(self) -> bool:
        return self._index is not None

    def check(self, value: bytes) -> bool:
        """Judge `value`. Raises _Stale when the collection changed."""
        if self._index is None:
            return value.decode("latin-1") in self.collection
        place = self._index.get(value)
        if not self._is_list:
            return place is not None
        if place is None:
            if self.collection != self._snapshot:
                raise _Stale
            return False
        try:
            if self.collection[place] is self._snapshot[place]:
                return True
        except IndexError:
            pass
        raise _Stale


def _unchanged(headers: dict[str, str], snapshot: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether `headers` still holds the same names and values, in the same order."""
    return tuple(headers.items()) == snapshot


def _items(snapshot: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(snapshot[::2], snapshot[1::2], strict=True))


def _preflight_outcomes() -> Iterable[tuple[int, "Pair", bytes]]:
    """Status, Content-Length and body for each set of failures: origin 1, method 2, headers 4, private network 8."""
    names = ("origin", "method", "headers", "private-network")
    for failures in range(16):
        failed = ", ".join(name for bit, name in enumerate(names) if failures >> bit & 1)
        body = b"Disallowed CORS " + failed.encode() if failed else b"OK"
        yield (400 if failed else 200, (b"content-length", b"%d" % len(body)), body)


_PREFLIGHT_OUTCOMES = tuple(_preflight_outcomes())


class CompiledPolicy:
    """A `Policy` as the request path reads it: flags, encoded pairs, indexed collections.

    `policy` None stands for a configuration that is answered in full. `version` is what `class_version` returned
    before the policy was made. `answer` and `finish` are the two native coroutine functions of the request path.
    """

    __slots__ = (
        "actual_names",
        "answer",
        "answers_in_full",
        "header_names",
        "methods",
        "origins",
        "policy",
        "preflight_snapshot",
        "simple_snapshot",
        "version",
    )

    policy: "Policy"

    def __init__(self, policy: "Policy | None", version: object, answer: _Answer, finish: object) -> None:
        self.version = version
        self.answer = answer
        self.answers_in_full = policy is None
        if policy is None:
            return
        self.policy = policy
        self.origins = AllowedValues(policy.origins)
        self.methods = AllowedValues(policy.methods)
        self.header_names = AllowedValues(policy.header_names)
        self.simple_snapshot = _items(policy.simple_snapshot)
        self.preflight_snapshot = _items(policy.preflight_snapshot)
        self.actual_names = frozenset({_ALLOW_ORIGIN, _VARY, *(name for name, _ in policy.actual_pairs)})

    def check_origin(self, middleware: Any, origin: bytes) -> bool:
        """Fetch, "CORS check", from the server's side: is this origin configured?"""
        policy = self.policy
        if policy.asks_middleware:
            return bool(middleware.is_allowed_origin(origin=origin.decode("latin-1")))
        if policy.all_origins:
            return True
        # The regex comes first, as in Starlette, where the collection is someone's own code.
        if self.origins.indexed and self.origins.check(origin):
            return True
        if policy.fullmatch is not None and policy.fullmatch(origin.decode("latin-1")) is not None:
            return True
        return not self.origins.indexed and self.origins.check(origin)

    def check_header_names(self, names: bytes) -> bool:
        """Fetch, "CORS-preflight fetch": every element of Access-Control-Request-Headers must be allowed."""
        check = self.header_names.check
        # As text, whose idea of lower case and white space in latin-1 is the one that counts.
        lowered = names.decode("latin-1").lower()
        return all(check(name.strip().encode("latin-1")) for name in lowered.split(","))


def _scan(headers: list[Any], options: bool) -> dict[bytes, bytes] | None:
    """Find what the CORS protocol reads, in one pass; the first of several headers wins. Only a request with the
    method OPTIONS can be a preflight; any other is known once its Origin is. None: something else than plain
    pairs of bytes was met on the way.
    """
    found: dict[bytes, bytes] = {}
    try:
        if not options:
            for name, value in headers:
                if name == b"origin":
                    return {b"origin": value} if type(value) is bytes else None
            return found
        for name, value in headers:
            if name in _READ:
                if type(value) is not bytes:
                    return None
                found.setdefault(name, value)
    except (TypeError, ValueError):
        return None
    return found


class Dispatcher:
    """What the compiled core's call slot is: it takes a connection to its answer.

    A subclass provides `_compile`, `_respond_in_full`, `_send_in_full` and `is_allowed_origin`.
    """

    __slots__ = ("_compiled",)

    _compiled: CompiledPolicy | None

    if not TYPE_CHECKING:

        def __new__(cls, *args: object, **kwargs: object) -> "Dispatcher":
            self = super().__new__(cls)
            object.__setattr__(self, "_compiled", None)
            return self


def _current(middleware: Any) -> CompiledPolicy:
    compiled: CompiledPolicy | None = middleware._compiled
    if compiled is None or compiled.version != class_version(type(middleware)):
        return middleware._compile()  # type: ignore[no-any-return]  # the subclass's, which returns just that
    return compiled


def respond(middleware: Any, scope: _Scope, receive: _Receive, send: _Send) -> Awaitable[object]:
    """Return what answers one connection when it is awaited."""
    compiled = _current(middleware)
    if compiled.answers_in_full or type(scope) is not dict:
        return _in_full(middleware, scope, receive, send)
    kind = scope.get("type")
    if kind != "http":
        if type(kind) is not str:
            return _in_full(middleware, scope, receive, send)
        return compiled.policy.app(scope, receive, send)  # type: ignore[no-any-return]  # an ASGI app's
    method = scope.get("method")
    headers = scope.get("headers")
    if type(method) is not str or type(headers) is not list:
        return _in_full(middleware, scope, receive, send)
    found = _scan(headers, method == "OPTIONS")
    if found is None:
        return _in_full(middleware, scope, receive, send)
    origin = found.get(b"origin")
    if origin is not None and _REQUEST_METHOD in found:
        return _preflight(middleware, scope, receive, send, found)
    return compiled.policy.app(scope, receive, ResponseSender(middleware, send, origin))  # type: ignore[no-any-return]  # an ASGI app's


def _in_full(middleware: Any, scope: _Scope, receive: _Receive, send: _Send) -> Awaitable[object]:
    return middleware._respond_in_full(scope, receive, send)  # type: ignore[no-any-return]  # the subclass's


def _preflight(
    middleware: Any, scope: _Scope, receive: _Receive, send: _Send, found: dict[bytes, bytes]
) -> Awaitable[object]:
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    compiled = _current(middleware)
    if not compiled.answers_in_full and not _unchanged(compiled.policy.preflight_headers, compiled.preflight_snapshot):
        compiled = middleware._compile()
    # Starlette copies the headers first and asks about the origin next; an override may change the rest.
    template = compiled
    allowed = None
    for _ in range(3):
        try:
            if allowed is None and not compiled.answers_in_full:
                allowed = compiled.check_origin(middleware, found[b"origin"])
                compiled = _current(middleware)
            if compiled.answers_in_full:
                break
            failures = _failures(compiled, allowed, found)
        except _Stale:
            compiled = middleware._compile()
            continue
        headers = _preflight_headers(template, compiled, failures, found)
        status, _, body = _PREFLIGHT_OUTCOMES[failures]
        start = {"type": "http.response.start", "status": status, "headers": headers}
        return compiled.answer(send, start, {"type": "http.response.body", "body": body})
    return _in_full(middleware, scope, receive, send)


def class_version(cls: Any) -> object:
    """Return a value that differs once a hook of `cls` was replaced."""
    return (cls.is_allowed_origin, cls.preflight_response, cls.simple_response, cls.send, cls.allow_explicit_origin)


def use_call_slot(cls: type) -> None:
    """Nothing to do: the compiled core's short way into an instance has no like in Python."""


def _failures(compiled: CompiledPolicy, allowed: bool | None, found: dict[bytes, bytes]) -> int:
    """Return the set of failures as in _PREFLIGHT_OUTCOMES. Raises _Stale: compile anew."""
    policy = compiled.policy
    failures = 0
    if not allowed or (policy.explicit_origin and _has_control(found[b"origin"])):
        failures |= 1
    if not compiled.methods.check(found[_REQUEST_METHOD]):
        failures |= 2
    names = found.get(_REQUEST_HEADERS)
    if names is not None and (_has_control(names) if policy.all_headers else not compiled.check_header_names(names)):
        failures |= 4
    if _REQUEST_PRIVATE_NETWORK in found and not policy.private_network:
        failures |= 8
    return failures


def _preflight_headers(
    template: CompiledPolicy, compiled: CompiledPolicy, failures: int, found: dict[bytes, bytes]
) -> list["Pair"]:
    headers = list(template.policy.preflight_pairs)
    if compiled.policy.explicit_origin and not failures & 1:
        _place(headers, template.policy.preflight_origin_at, (_ALLOW_ORIGIN, found[b"origin"]))
    if compiled.policy.all_headers and _REQUEST_HEADERS in found and not failures & 4:
        _place(headers, template.policy.preflight_names_at, (_ALLOW_HEADERS, found[_REQUEST_HEADERS]))
    if _REQUEST_PRIVATE_NETWORK in found and not failures & 8:
        headers.append(_PRIVATE_NETWORK)
    headers.append(_PREFLIGHT_OUTCOMES[failures][1])
    headers.append(_CONTENT_TYPE)
    return headers


def _place(headers: list["Pair"], at: int, pair: "Pair") -> None:
    if at < 0:
        headers.append(pair)
    else:
        headers[at] = pair


class ResponseSender:
    """The `send` that the app gets: it amends the start of the response, once, and from then on only forwards.

    Starlette hands out a coroutine function and asgiref warns of anything less, so it looks like one to `inspect`.
    """

    __slots__ = ("__weakref__", "_amended", "_middleware", "_origin", "_send")

    __name__ = "send"
    __defaults__ = None
    __kwdefaults__ = None
    __annotations__ = {}  # one of a function's attributes

    def __init__(self, middleware: Any, send: _Send, origin: bytes | None) -> None:
        self._middleware = middleware
        self._send = send
        self._origin = origin
        self._amended = False

    @property
    def __code__(self) -> Any:
        return type(self._middleware)._send_in_full.__code__

    def __call__(self, message: _Message) -> Awaitable[None]:
        if self._amended:
            return self._send(message)
        return _send_first(self, message)


def _send_first(sender: Any, message: _Message) -> Awaitable[None]:
    if type(message) is dict:
        kind = message.get("type")
        if kind != "http.response.start":
            if type(kind) is str:
                return sender._send(message)  # type: ignore[no-any-return]  # the server's
        elif _amend(sender._middleware, message, sender._origin):
            sender._amended = True
            return sender._send(message)  # type: ignore[no-any-return]  # the server's
    return sender._middleware._send_in_full(message, sender._send, sender._origin)  # type: ignore[no-any-return]


def _amend(middleware: Any, message: dict[str, Any], origin: bytes | None) -> bool:
    """Give the response its CORS headers, or leave it untouched and return False: it is to be done in full."""
    headers = message.get("headers")
    if headers is None and "headers" not in message:
        headers = []
    if type(headers) is not list and type(headers) is not tuple:
        return False
    for _ in range(2):
        compiled = _current(middleware)
        if compiled.answers_in_full:
            return False
        amended = list(headers)
        colliding = _survey(compiled, amended)
        if colliding is None:
            return False
        try:
            explicit = _explicit_origin(middleware, compiled, origin)
        except _Stale:
            middleware._compile()
            continue
        if explicit is None:
            return False
        _add_cors(compiled, amended, colliding, origin, explicit)
        message["headers"] = amended
        return True
    return False


def _explicit_origin(middleware: Any, compiled: CompiledPolicy, origin: bytes | None) -> bool | None:
    """Tell whether the response names its origin as allowed; None: to be answered in full. Raises _Stale."""
    if origin is None:
        return False
    policy = compiled.policy
    if not _unchanged(policy.simple_headers, compiled.simple_snapshot):
        raise _Stale
    if policy.all_origins:
        return None if policy.credentials and _has_control(origin) else policy.credentials
    return compiled.check_origin(middleware, origin) and not _has_control(origin)


def _add_cors(
    compiled: CompiledPolicy, headers: list[Any], colliding: bool, origin: bytes | None, explicit: bool
) -> None:
    """Add our headers to `headers`, a list of our own that holds the app's."""
    policy = compiled.policy
    pairs = () if origin is None else policy.actual_pairs
    explicit_pair = (_ALLOW_ORIGIN, origin) if explicit else None
    if colliding:
        _merge(headers, pairs, explicit_pair)
        return
    own_headers = len(headers)
    headers.extend(pairs)
    if explicit_pair is not None and policy.actual_origin_at >= 0:
        headers[own_headers + policy.actual_origin_at] = explicit_pair
    elif explicit_pair is not None:
        headers.append(explicit_pair)
    headers.append(_VARY_ORIGIN)


def _survey(compiled: CompiledPolicy, headers: list[Any]) -> bool | None:
    """See whether `headers` has a name that we set. Names match byte for byte. None: no plain pairs of bytes."""
    colliding = False
    try:
        for name, value in headers:
            if name in compiled.actual_names:
                if type(value) is not bytes:
                    return None
                colliding = True
    except (TypeError, ValueError):
        return None
    return colliding


def _merge(headers: list[Any], pairs: "Pairs", explicit_pair: Any) -> None:
    """Set our headers among the app's: the first of a name is replaced, the others go; Vary is joined."""
    for pair in pairs:
        _set(headers, pair)
    if explicit_pair is not None:
        _set(headers, explicit_pair)
    values = [value for name, value in headers if name == _VARY]
    values.append(b"Origin")
    _set(headers, (_VARY, b", ".join(values)))


def _set(headers: list[Any], pair: "Pair") -> None:
    places = [place for place, (name, _) in enumerate(headers) if name == pair[0]]
    for place in reversed(places[1:]):
        del headers[place]
    if places:
        headers[places[0]] = pair
    else:
        headers.append(pair)
