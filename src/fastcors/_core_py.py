"""The request path over raw ASGI byte headers, in Python. Its twin, compiled, is _core_c.pyx: same names, same order.

It answers from what a `Policy` encoded at start-up and takes only plain containers of bytes on its own; for
everything else it hands the request to the middleware's `_fastcors_respond_in_full` or `_fastcors_send_in_full`,
which follow ordinary Python semantics. It decides which way to go before it changes anything.
"""

import inspect
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

# What a preflight can fail at, in the order in which the answer names it.
_ORIGIN_FAILED = 1
_METHOD_FAILED = 2
_NAMES_FAILED = 4
_NETWORK_FAILED = 8

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
                encoded = ((_latin_1(value), place) for place, value in enumerate(snapshot))
                self._snapshot = snapshot
                self._index = {value: place for value, place in encoded if value is not None}

    @property
    def indexed(self) -> bool:
        return self._index is not None

    def unchanged(self) -> bool:
        """Tell whether no index was made, or it is still a good one."""
        return self._index is None or not self._is_list or bool(self.collection == self._snapshot)

    def check(self, value: bytes) -> bool:
        """Judge `value`. Raises _Stale when the collection changed."""
        if self._index is None:
            return _text_of(value) in self.collection
        place = self._index.get(value)
        if not self._is_list:
            return place is not None
        return self._check_list(place)

    def _check_list(self, place: int | None) -> bool:
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


def _allowed(previous: AllowedValues | None, collection: Any) -> AllowedValues:
    """Return an index of `collection`: the previous one where it still is one."""
    if previous is not None and previous.collection is collection and previous.unchanged():
        return previous
    return AllowedValues(collection)


def _unchanged(headers: dict[str, str], snapshot: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether `headers` still holds the same names and values, in the same order."""
    return tuple(headers.items()) == snapshot


def _items(snapshot: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(snapshot[::2], snapshot[1::2], strict=True))


def _preflight_outcomes() -> Iterable[tuple[dict[str, Any], "Pair", dict[str, Any]]]:
    """The start message but for its headers, Content-Length and the body message for each set of failures. The
    messages are copied for each answer, which takes less than making them.
    """
    names = ("origin", "method", "headers", "private-network")
    for failures in range(16):
        failed = ", ".join(name for bit, name in enumerate(names) if failures >> bit & 1)
        body = b"Disallowed CORS " + failed.encode() if failed else b"OK"
        start = {"type": "http.response.start", "status": 400 if failed else 200, "headers": None}
        yield start, (b"content-length", b"%d" % len(body)), {"type": "http.response.body", "body": body}


_PREFLIGHT_OUTCOMES = tuple(_preflight_outcomes())


class CompiledPolicy:
    """A `Policy` as the request path reads it: flags, encoded pairs, indexed collections.

    `policy` None stands for a configuration that is answered in full. `version` is what `class_version` returned
    before the policy was made, `class_state` what the caller knows the class by. `answer` and `finish` are the two
    native coroutine functions of the request path. Indexes are taken over from `previous` where they still hold.
    """

    __slots__ = (
        "actual_names",
        "answer",
        "answers_in_full",
        "class_state",
        "header_names",
        "methods",
        "origins",
        "policy",
        "preflight_snapshot",
        "simple_snapshot",
        "version",
    )

    policy: "Policy"
    origins: AllowedValues | None
    methods: AllowedValues | None
    header_names: AllowedValues | None

    def __init__(
        self,
        policy: "Policy | None",
        version: object,
        class_state: object,
        answer: _Answer,
        finish: object,
        previous: "CompiledPolicy | None" = None,
    ) -> None:
        self.version = version
        self.class_state = class_state
        self.answer = answer
        self.answers_in_full = policy is None
        self.origins = self.methods = self.header_names = None
        if policy is None:
            return
        self.policy = policy
        asked = () if policy.all_origins or policy.asks_middleware else policy.origins
        self.origins = _allowed(previous.origins if previous else None, asked)
        self.methods = _allowed(previous.methods if previous else None, policy.methods)
        self.header_names = _allowed(previous.header_names if previous else None, policy.header_names)
        self.simple_snapshot = _items(policy.simple_snapshot)
        self.preflight_snapshot = _items(policy.preflight_snapshot)
        self.actual_names = frozenset({_ALLOW_ORIGIN, _VARY, *(name for name, _ in policy.actual_pairs)})

    def preflight_unchanged(self) -> bool:
        methods: Any = self.methods
        header_names: Any = self.header_names
        return (
            _unchanged(self.policy.preflight_headers, self.preflight_snapshot)
            and methods.unchanged()
            and header_names.unchanged()
        )

    def check_origin(self, middleware: Any, origin: bytes) -> bool:
        """Fetch, "CORS check", from the server's side: is this origin configured?"""
        policy = self.policy
        origins: Any = self.origins
        if policy.asks_middleware:
            return bool(middleware.is_allowed_origin(origin=_text_of(origin)))
        if policy.all_origins:
            return True
        # The regex comes first, as in Starlette, where the collection is someone's own code.
        if origins.indexed and origins.check(origin):
            return True
        if policy.fullmatch is not None and policy.fullmatch(_text_of(origin)) is not None:
            return True
        return not origins.indexed and bool(origins.check(origin))

    def explicit_pair(self, origin: bytes) -> "Pair | None":
        """Return the pair that reflects `origin`, or None where a control byte forbids it."""
        return None if _has_control(origin) else (_ALLOW_ORIGIN, origin)

    def check_header_names(self, names: bytes) -> bool:
        """Fetch, "CORS-preflight fetch": every element of Access-Control-Request-Headers must be allowed."""
        allowed: Any = self.header_names
        # As text, whose idea of lower case and white space in latin-1 is the one that counts.
        lowered = _text_of(names).lower()
        return all(allowed.check(name.strip().encode("latin-1")) for name in lowered.split(","))


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

    A subclass provides `_fastcors_compile`, `_fastcors_respond_in_full`, `_fastcors_send_in_full` and
    `is_allowed_origin`.
    """

    __slots__ = ("_fastcors_compiled",)

    _fastcors_compiled: CompiledPolicy | None

    if not TYPE_CHECKING:

        def __new__(cls, *args: object, **kwargs: object) -> "Dispatcher":
            self = super().__new__(cls)
            object.__setattr__(self, "_fastcors_compiled", None)
            return self


def class_version(cls: Any) -> object:
    """Return a value that differs once a hook of `cls` was replaced."""
    return (cls.is_allowed_origin, cls.preflight_response, cls.simple_response, cls.send, cls.allow_explicit_origin)


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
    compiled = _current(middleware)
    if compiled.answers_in_full or type(scope) is not dict:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    kind = scope.get("type")
    if kind != "http":
        if type(kind) is not str:
            return middleware._fastcors_respond_in_full(scope, receive, send)
        return compiled.policy.app(scope, receive, send)
    method = scope.get("method")
    headers = scope.get("headers")
    if type(method) is not str or type(headers) is not list:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    found = _scan(headers, method == "OPTIONS")
    if found is None:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    origin = found.get(b"origin")
    if origin is not None and _REQUEST_METHOD in found:
        return _preflight(middleware, scope, receive, send, found)
    return compiled.policy.app(scope, receive, ResponseSender(middleware, send, origin))


def _preflight(middleware: Any, scope: _Scope, receive: _Receive, send: _Send, found: dict[bytes, bytes]) -> Any:
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    compiled = _current(middleware)
    # Now, because what is someone's own code, or a generator, is to be asked once.
    if not compiled.answers_in_full and not compiled.preflight_unchanged():
        compiled = middleware._fastcors_compile(True)
    # Starlette copies the headers first and asks about the origin next; an override may change the rest.
    template = compiled
    allowed = explicit_pair = None
    for _ in range(3):
        try:
            if allowed is None and not compiled.answers_in_full:
                allowed = compiled.check_origin(middleware, found[b"origin"])
                explicit_pair = compiled.explicit_pair(found[b"origin"]) if allowed else None
                compiled = _current(middleware)
            if compiled.answers_in_full:
                break
            failures = _failures(compiled, allowed, explicit_pair, found)
        except _Stale:
            compiled = middleware._fastcors_compile(True)
            continue
        return _answer(send, template, compiled, explicit_pair, failures, found)
    return middleware._fastcors_respond_in_full(scope, receive, send, allowed)


def _failures(
    compiled: CompiledPolicy, allowed: bool | None, explicit_pair: "Pair | None", found: dict[bytes, bytes]
) -> int:
    """Return the set of failures. Raises _Stale: compile anew."""
    policy = compiled.policy
    methods: Any = compiled.methods
    failures = 0
    if not allowed or (policy.explicit_origin and explicit_pair is None):
        failures |= _ORIGIN_FAILED
    if not methods.check(found[_REQUEST_METHOD]):
        failures |= _METHOD_FAILED
    names = found.get(_REQUEST_HEADERS)
    if names is not None and (_has_control(names) if policy.all_headers else not compiled.check_header_names(names)):
        failures |= _NAMES_FAILED
    if _REQUEST_PRIVATE_NETWORK in found and not policy.private_network:
        failures |= _NETWORK_FAILED
    return failures


def _answer(
    send: _Send,
    template: CompiledPolicy,
    compiled: CompiledPolicy,
    explicit_pair: "Pair | None",
    failures: int,
    found: dict[bytes, bytes],
) -> Awaitable[None]:
    start, content_length, body = _PREFLIGHT_OUTCOMES[failures]
    names_pair = network_pair = None
    if not compiled.policy.explicit_origin or failures & _ORIGIN_FAILED:
        explicit_pair = None
    if compiled.policy.all_headers and _REQUEST_HEADERS in found and not failures & _NAMES_FAILED:
        names_pair = (_ALLOW_HEADERS, found[_REQUEST_HEADERS])
    if _REQUEST_PRIVATE_NETWORK in found and not failures & _NETWORK_FAILED:
        network_pair = _PRIVATE_NETWORK
    headers = _preflight_headers(template, explicit_pair, names_pair, network_pair, content_length)
    return compiled.answer(send, {**start, "headers": headers}, body.copy())


def _preflight_headers(
    template: CompiledPolicy,
    explicit_pair: "Pair | None",
    names_pair: "Pair | None",
    network_pair: "Pair | None",
    content_length: "Pair",
) -> list["Pair"]:
    headers = list(template.policy.preflight_pairs)
    _place(headers, explicit_pair, template.policy.preflight_origin_at)
    _place(headers, names_pair, template.policy.preflight_names_at)
    _place(headers, network_pair, -1)
    headers.append(content_length)
    headers.append(_CONTENT_TYPE)
    return headers


def _place(headers: list["Pair"], pair: "Pair | None", place: int) -> None:
    """Put `pair`, if there is one, in place of another or at the end."""
    if pair is None:
        return
    if place < 0:
        headers.append(pair)
    else:
        headers[place] = pair


SEND_SIGNATURE = inspect.Signature([inspect.Parameter("message", inspect.Parameter.POSITIONAL_OR_KEYWORD)])


class ResponseSender:
    """The `send` that the app gets: it amends the start of the response and forwards the rest, unread once a body
    followed the start. Until then another start may come, an error's in place of one that the server refused.

    Starlette hands out a coroutine function and asgiref warns of anything less, so it looks like one to `inspect`.
    """

    __slots__ = ("__weakref__", "_middleware", "_origin", "_progress", "_send")

    __name__ = "send"
    __defaults__ = None
    __kwdefaults__ = None
    __annotations__ = {}  # one of a function's attributes
    __signature__ = SEND_SIGNATURE

    def __init__(self, middleware: Any, send: _Send, origin: bytes | None) -> None:
        self._middleware = middleware
        self._send = send
        self._origin = origin
        self._progress = 0  # 0: nothing yet, 1: a start was amended, 2: something followed it

    @property
    def __code__(self) -> Any:
        return type(self._middleware)._fastcors_send_in_full.__code__

    def __call__(self, message: _Message) -> Any:
        if self._progress == 2:
            return self._send(message)
        if type(message) is dict:
            kind = message.get("type")
            if kind != "http.response.start":
                if type(kind) is str:
                    self._progress *= 2
                    return self._send(message)
            elif _amend(self._middleware, message, self._origin):
                self._progress = 1
                return self._send(message)
        return self._middleware._fastcors_send_in_full(message, self._send, self._origin)


def _amend(middleware: Any, message: dict[str, Any], origin: bytes | None) -> bool:
    """Give the response its CORS headers, or leave it untouched and return False: it is to be done in full."""
    for _ in range(2):
        compiled = _current(middleware)
        headers = None if compiled.answers_in_full else _own_headers(message)
        if headers is None:
            return False
        colliding = _survey(compiled, headers)
        if colliding is None:
            return False
        try:
            explicit = _explicit_origin(middleware, compiled, origin)
        except _Stale:
            middleware._fastcors_compile(True)
            continue
        explicit_pair = compiled.explicit_pair(origin) if explicit else None
        if explicit and explicit_pair is None and compiled.policy.all_origins:
            return False
        _with_cors(compiled, headers, colliding, origin is not None, explicit_pair)
        message["headers"] = headers
        return True
    return False


def _own_headers(message: dict[str, Any]) -> list[Any] | None:
    """Return a copy of the headers that the app sends, or None where they are no list or tuple."""
    headers = message.get("headers")
    if type(headers) is list or type(headers) is tuple:
        return list(headers)
    return [] if headers is None and "headers" not in message else None


def _explicit_origin(middleware: Any, compiled: CompiledPolicy, origin: bytes | None) -> bool:
    """Tell whether the response names its origin as allowed. Raises _Stale."""
    if origin is None:
        return False
    policy = compiled.policy
    if not _unchanged(policy.simple_headers, compiled.simple_snapshot):
        raise _Stale
    return policy.credentials if policy.all_origins else compiled.check_origin(middleware, origin)


def _with_cors(
    compiled: CompiledPolicy, headers: list[Any], colliding: bool, has_origin: bool, explicit_pair: "Pair | None"
) -> None:
    """Add our headers to `headers`, a list of our own that holds the app's."""
    policy = compiled.policy
    pairs = policy.actual_pairs if has_origin else ()
    if colliding:
        _merge(headers, pairs, explicit_pair)
        return
    own = len(headers)
    headers.extend(pairs)
    if explicit_pair is not None and policy.actual_origin_at >= 0:
        headers[own + policy.actual_origin_at] = explicit_pair
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


def _merge(headers: list[Any], pairs: "Pairs", explicit_pair: "Pair | None") -> None:
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
