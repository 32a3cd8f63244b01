"""The request path over raw ASGI byte headers, in Python. Its twin, compiled, is compiled.pyx: same names, same order.

It answers from what a `Policy` encoded at start-up and takes only plain containers of bytes on its own; for
everything else it hands the request to the middleware's `_fastcors_respond_in_full` or `_fastcors_send_in_full`,
which follow ordinary Python semantics. It decides which way to go before it changes anything.
"""

import contextlib
import inspect
import sys
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from operator import attrgetter, is_
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .coroutines import answer, finish

if TYPE_CHECKING:
    from ..middleware import ClassState
    from ..policy import Pair, Pairs, Policy

_Scope: TypeAlias = Any
_Message: TypeAlias = Any
_Receive: TypeAlias = Callable[[], Awaitable[Any]]
_Send: TypeAlias = Callable[[Any], Awaitable[None]]
# What names an origin as allowed; (): it is allowed, but has no such pair; None: it is not allowed.
_Judged: TypeAlias = "Pair | tuple[()] | None"

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


def _text_of(value: bytes) -> str:
    return value.decode("latin-1")


def _has_control(value: bytes) -> bool:
    return len(value.translate(None, _CONTROL)) != len(value)


def _reflecting(header: bytes | None, value: bytes) -> "Pair | tuple[()]":
    """Return the pair that reflects `value`, or () where a control byte forbids it."""
    return () if header is None or _has_control(value) else (header, value)


class AllowedValues:
    """The values of one allow_* collection, and still live.

    A tuple or frozenset of strings is indexed. A list can change in place without a trace, so it is searched, as
    Starlette does for each request. The place where a value was found is kept, and counts while the list still holds
    the very same string there. Anything else is asked itself.
    With `header`, a hit comes with the pair that reflects it.
    """

    __slots__ = ("_found", "_header", "_is_fixed", "_keeps_places", "collection")

    def __init__(self, collection: Any, header: bytes | None = None) -> None:
        self.collection = collection
        self._header = header
        # Whatever equals a string but is none is asked each time.
        plain = type(collection) in (list, tuple, frozenset) and all(type(value) is str for value in collection)
        self._keeps_places = plain and type(collection) is list
        self._is_fixed = plain and type(collection) is not list
        # By the bytes of a value: its place, itself and the pair.
        self._found: dict[bytes, tuple[int, str, Pair | tuple[()]]] = {}
        if self._is_fixed:
            for value in collection:
                # Outside latin-1: no request can match it.
                with contextlib.suppress(UnicodeEncodeError):
                    encoded = value.encode("latin-1")
                    self._found[encoded] = -1, value, _reflecting(header, encoded)

    def judge(self, value: bytes) -> _Judged:
        """Return the pair for a `value` that is allowed, or (); None: it is not allowed."""
        found = self._found.get(value)
        if found is not None:
            place, text, pair = found
            try:
                holds = place < 0 or self.collection[place] is text
            except IndexError:  # the list got shorter
                holds = False
            if holds:
                return pair
        return None if self._is_fixed else self._search(value)

    def known(self, value: bytes) -> bool:
        """Tell whether `judge` would allow `value` without a search."""
        found = self._found.get(value)
        if found is None:
            return False
        place, text, _ = found
        try:
            return place < 0 or self.collection[place] is text
        except IndexError:
            return False

    def _search(self, value: bytes) -> _Judged:
        text = _text_of(value)
        if text not in self.collection:
            return None
        pair = _reflecting(self._header, value)
        if self._keeps_places:
            self._keep(value, text, pair)
        return pair

    def _keep(self, value: bytes, text: str, pair: "Pair | tuple[()]") -> None:
        values = self.collection
        # What came into the list later may answer otherwise the next time, and raise.
        with contextlib.suppress(Exception):
            place = values.index(text)
            # The list may change at any time, so that this can be another value by now.
            kept = values[place]
            if type(kept) is str and kept == text:
                if len(self._found) > 2 * len(values) + 8:
                    self._found.clear()
                self._found[value] = place, kept, pair


class AllowedNames:
    """The request-header names that are allowed, and still live: a list can change in place without a trace."""

    __slots__ = ("_is_list", "_snapshot", "collection", "indexed", "longest", "texts")

    def __init__(self, collection: Any) -> None:
        kind = type(collection)
        self.collection = collection
        self._is_list = kind is list
        self._snapshot: list[Any] = list(collection) if kind in (list, tuple, frozenset) else [None]
        self.indexed = all(type(value) is str for value in self._snapshot)
        if self.indexed:
            # No request can ask for a value with white space around it.
            self.texts = frozenset(value for value in self._snapshot if value == value.strip())
            self.longest = max(map(len, self._snapshot), default=0)

    def unchanged(self) -> bool:
        """Tell whether the collection still holds the very same strings. What only equals them may answer otherwise."""
        if not self._is_list:
            return True
        return len(self.collection) == len(self._snapshot) and all(map(is_, self.collection, self._snapshot))


def _unchanged(headers: dict[str, str], names: list[str], values: list[str]) -> bool:
    """Tell whether `headers` still holds the very same names and values, in the same order."""
    return len(headers) == len(names) and all(map(is_, headers, names)) and all(map(is_, headers.values(), values))


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
    before `class_state` was read: the class's MRO, what it has by the names that matter, the hooks as functions of
    this package, in the order of `_HOOKS`, and their code then. What is known of the collections is taken over from
    `previous` where it still holds. `levels`: which levels of the log are on, as far as known; None: every refusal is
    to be reported. `connect` stands in for the app where a connection is no HTTP request.
    """

    __slots__ = (
        "_codes",
        "_functions",
        "_patched",
        "actual_names",
        "actual_origin_at",
        "actual_pairs",
        "all_origins",
        "allow_explicit_origin",
        "answers_in_full",
        "app",
        "asks_for_origin",
        "asks_function",
        "asks_middleware",
        "automaton",
        "class_state",
        "cls",
        "connect",
        "explicit_code",
        "fullmatch",
        "has_regex",
        "header_names",
        "is_allowed_origin",
        "levels",
        "methods",
        "origin_code",
        "origins",
        "own_explicit",
        "own_origin",
        "own_preflight",
        "own_response",
        "own_send",
        "policy",
        "preflight_code",
        "preflight_names",
        "preflight_pairs",
        "preflight_response",
        "preflight_values",
        "reflects_all",
        "refuses_in_full",
        "response_code",
        "send",
        "send_code",
        "simple_count",
        "simple_headers",
        "simple_name",
        "simple_names",
        "simple_response",
        "simple_value",
        "simple_values",
    )

    policy: "Policy"
    origins: AllowedValues
    methods: AllowedValues
    header_names: AllowedNames

    def __init__(
        self,
        policy: "Policy | None",
        version: tuple[object, ...],
        class_state: "ClassState",
        previous: "CompiledPolicy | None" = None,
        levels: dict[int, bool] | None = None,
        connect: Callable[..., Any] | None = None,
    ) -> None:
        self.version = version
        self.class_state = class_state
        self.levels = levels
        self.connect = connect
        self.cls = class_state[0][0]
        self._functions, self._codes = class_state[2:]
        # Some instrumentation exchanges the code of a function and leaves the function in its place.
        self.own_origin, self.own_preflight, self.own_response, self.own_send, self.own_explicit = self._functions
        (
            self.origin_code,
            self.preflight_code,
            self.response_code,
            self.send_code,
            self.explicit_code,
        ) = self._codes
        self._patched = _unstable_hooks(version, class_state)
        self.answers_in_full = policy is None or bool(self._patched)
        if policy is None or self.answers_in_full:
            return
        self.policy = policy
        self.app = policy.app
        self._take_flags(policy)
        self._take_pairs(policy)
        self._take_collections(policy, None if previous is None or previous.answers_in_full else previous)

    def _take_collections(self, policy: "Policy", previous: "CompiledPolicy | None") -> None:
        origins = () if policy.all_origins or policy.asks_middleware else policy.origins
        if previous is not None and previous.origins.collection is origins:
            self.origins = previous.origins
        else:
            self.origins = AllowedValues(origins, _ALLOW_ORIGIN)
        if previous is not None and previous.methods.collection is policy.methods:
            self.methods = previous.methods
        else:
            self.methods = AllowedValues(policy.methods)
        if previous is not None and previous.header_names.collection is policy.header_names:
            self.header_names = previous.header_names
        else:
            self.header_names = AllowedNames(policy.header_names)

    def _take_flags(self, policy: "Policy") -> None:
        self.asks_middleware = policy.asks_middleware
        self.all_origins = policy.all_origins
        self.automaton = policy.automaton
        self.fullmatch = policy.fullmatch
        self.has_regex = policy.automaton is not None or policy.fullmatch is not None
        # Where every origin is allowed and `*` says so, none is looked at.
        self.asks_for_origin = not policy.all_origins or policy.credentials
        self.reflects_all = policy.all_origins and policy.credentials
        self.asks_function = policy.asks_function
        self.refuses_in_full = self.reflects_all or policy.asks_function

    def _take_pairs(self, policy: "Policy") -> None:
        self.simple_headers = policy.simple_headers
        self.simple_names, self.simple_values = [*policy.simple_snapshot[::2]], [*policy.simple_snapshot[1::2]]
        self.simple_count = len(self.simple_names)
        self.simple_name, self.simple_value = (*policy.simple_snapshot[:2], None, None)[:2]
        self.preflight_names, self.preflight_values = (
            [*policy.preflight_snapshot[::2]],
            [*policy.preflight_snapshot[1::2]],
        )
        self.preflight_pairs = policy.preflight_pairs
        self.actual_pairs = policy.actual_pairs
        self.actual_origin_at = policy.actual_origin_at
        self.actual_names = frozenset({_ALLOW_ORIGIN, _VARY, *(name for name, _ in policy.actual_pairs)})

    def _take_version(self, version: tuple[object, ...]) -> None:
        (
            self.is_allowed_origin,
            self.preflight_response,
            self.simple_response,
            self.send,
            self.allow_explicit_origin,
        ) = version

    version = property(fset=_take_version)

    def is_current(self, middleware: Any) -> bool:
        """Tell whether the class has the hooks that it had, or others of which each look-up makes a new object."""
        cls = type(middleware)
        if self._patched:
            return cls is self.cls and all(namespace.get(name) is hook for namespace, name, hook in self._patched)
        return (
            cls is self.cls
            and cls.is_allowed_origin is self.is_allowed_origin
            and cls.preflight_response is self.preflight_response
            and cls.simple_response is self.simple_response
            and cls.send is self.send
            and middleware.allow_explicit_origin is self.allow_explicit_origin
            and all(map(is_, map(_code_of, self._functions), self._codes))
        )

    def reports(self, middleware: Any) -> bool:
        """Tell whether a refusal may concern somebody, which the middleware then looks at again."""
        return self.levels is None or self.levels.get(_DEBUG) is not False or middleware.on_refusal is not None

    def preflight_unchanged(self) -> bool:
        return _unchanged(self.policy.preflight_headers, self.preflight_names, self.preflight_values)

    def check_origin(self, middleware: Any, origin: bytes) -> _Judged:
        """Fetch, "CORS check", from the server's side: is this origin configured? Return the pair that reflects it, ()
        where it is allowed but has no such pair, None where it is not allowed.
        """
        if self.asks_middleware:
            allowed = middleware.is_allowed_origin(origin=_text_of(origin))
            return _reflecting(_ALLOW_ORIGIN, origin) if allowed else None
        if self.all_origins:
            return _reflecting(_ALLOW_ORIGIN, origin)
        if not self.has_regex or self.origins.known(origin):
            return self.origins.judge(origin)
        # The regex comes first, as in Starlette, where the collection is someone's own code.
        if self.automaton is not None and self.automaton.matches(origin):
            return _reflecting(_ALLOW_ORIGIN, origin)
        if self.fullmatch is not None and self.fullmatch(_text_of(origin)) is not None:
            return _reflecting(_ALLOW_ORIGIN, origin)
        return self.origins.judge(origin)

    def pairs_for(self, middleware: Any, origin: bytes) -> "Pairs | None":
        """Return what the response to a request with that Origin gets, but for Vary. None: it is to be done in full."""
        pairs: Pairs = self.actual_pairs
        if not self.asks_for_origin:
            return pairs
        explicit_pair = (
            _reflecting(_ALLOW_ORIGIN, origin) if self.reflects_all else self.check_origin(middleware, origin)
        )
        if not explicit_pair:
            return None if self.refuses_in_full else pairs
        at = self.actual_origin_at
        return (*pairs, explicit_pair) if at < 0 else (*pairs[:at], explicit_pair, *pairs[at + 1 :])

    def check_header_names(self, names: bytes) -> bool:
        """Fetch, "CORS-preflight fetch": every element of Access-Control-Request-Headers must be allowed."""
        if not self.header_names.unchanged():
            self.header_names = AllowedNames(self.header_names.collection)
        if not self.header_names.indexed:
            return all(name.strip() in self.header_names.collection for name in _text_of(names).lower().split(","))
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
        for pair in headers:
            # An iterator, which could be taken apart only once, has no items.
            first = pair[0]
            _, value = pair
            if first == b"origin":
                return value if type(value) is bytes else False
    except (TypeError, ValueError, LookupError):
        return False
    return None


def _scan(headers: list[Any]) -> dict[bytes, bytes] | None:
    """Find what the CORS protocol reads of a request with the method OPTIONS, which can be a preflight, in one
    pass; the first of several headers wins. None: as False above.
    """
    found: dict[bytes, bytes] = {}
    try:
        for pair in headers:
            name = pair[0]
            _, value = pair
            if name in _READ:
                if type(value) is not bytes:
                    return None
                if name not in found:
                    found[name] = value
    except (TypeError, ValueError, LookupError):
        return None
    return found


class PolicyCache:
    """The policy compiled since an attribute was last assigned, or None.

    An assignment puts a new, empty cache in place of this one. What is still being compiled from the attributes before
    it then ends up in a cache that no request looks at, whoever interrupted the compilation to assign. `shared`: the
    instance was given another `__dict__`, which others can write to.
    """

    __slots__ = ("policy", "shared")

    def __init__(self, shared: bool = False) -> None:
        self.policy: CompiledPolicy | None = None
        self.shared = shared


class Dispatcher:
    """What the compiled core's call slot is: it takes a connection to its answer.

    A subclass provides `_fastcors_compile`, `_fastcors_respond_in_full`, `_fastcors_send_in_full`,
    `_fastcors_request`, `_fastcors_refused` and `is_allowed_origin`.
    """

    __slots__ = ("_fastcors_cache",)

    _fastcors_cache: PolicyCache

    if not TYPE_CHECKING:

        def __new__(cls, *args: object, **kwargs: object) -> "Dispatcher":
            # As the compiled core's: past what follows in the MRO.
            self = object.__new__(cls)
            object.__setattr__(self, "_fastcors_cache", PolicyCache())
            return self


_HOOKS = ("is_allowed_origin", "preflight_response", "simple_response", "send", "allow_explicit_origin")
_code_of = attrgetter("__code__")
# Stands for a hook of which each look-up makes a new object, as of a class method.
_UNSTABLE = object()


def class_version(cls: type, names: frozenset[str]) -> tuple[object, ...]:
    """Return the hooks of `cls` as a look-up finds them, which is cheap enough to repeat for each request."""
    found = []
    for name in _HOOKS:
        stored: Any = None
        for base in cls.__mro__:  # pragma: no branch  # one of them has it
            if name in base.__dict__:
                stored = base.__dict__[name]
                break
        function = stored.__func__ if type(stored) is staticmethod else stored
        try:
            stable = getattr(cls, name) is function is getattr(cls, name)
        except Exception:  # of a descriptor that is for instances alone
            stable = False
        found.append(function if stable else _UNSTABLE)
    return tuple(found)


def _unstable_hooks(version: tuple[object, ...], class_state: "ClassState") -> "list[tuple[Any, str, object]]":
    """Return where the class has each hook that a look-up cannot be compared with, by name, and the hook itself."""
    mro, stored, _, _ = class_state
    unstable = [name for name, hook in zip(_HOOKS, version, strict=True) if hook is _UNSTABLE]
    return [(next(vars(base) for base in mro if name in vars(base)), name, stored[name]) for name in unstable]


def use_call_slot(cls: type) -> None:
    """Nothing to do: the compiled core's short way into an instance has no like in Python."""


def _current(middleware: Any) -> Any:
    compiled = middleware._fastcors_cache.policy
    if compiled is None:
        return middleware._fastcors_compile(True)
    return compiled if compiled.is_current(middleware) else middleware._fastcors_compile(False)


def respond(middleware: Any, scope: _Scope, receive: _Receive, send: _Send) -> Any:
    """Return what answers one connection when it is awaited."""
    kind = scope.get("type") if type(scope) is dict else None
    compiled = middleware._fastcors_cache.policy
    # No hook has a say in what is not HTTP.
    if kind != "http" and type(kind) is str:
        if compiled is None:
            compiled = middleware._fastcors_compile(True)
        if compiled.connect is not None:
            return compiled.connect(scope, receive, send)
        return middleware.app(scope, receive, send)
    cls = type(middleware)
    if (
        compiled is None
        or compiled.answers_in_full
        or cls is not compiled.cls
        or cls.simple_response is not compiled.simple_response
        or cls.send is not compiled.send
        or compiled.own_response.__code__ is not compiled.response_code
        or compiled.own_send.__code__ is not compiled.send_code
    ):
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
    request = middleware._fastcors_request(scope) if compiled.asks_function else scope
    return compiled.app(scope, receive, partial(_send, middleware, send, origin, request))


def _preflight(middleware: Any, scope: _Scope, receive: _Receive, send: _Send, found: dict[bytes, bytes]) -> Any:
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    compiled = middleware._fastcors_cache.policy
    cls = type(middleware)
    if (
        compiled is None
        or compiled.answers_in_full
        or cls is not compiled.cls
        or cls.is_allowed_origin is not compiled.is_allowed_origin
        or cls.preflight_response is not compiled.preflight_response
        or compiled.own_origin.__code__ is not compiled.origin_code
        or compiled.own_preflight.__code__ is not compiled.preflight_code
    ):
        compiled = _current(middleware)
    if not compiled.answers_in_full and not compiled.preflight_unchanged():
        compiled = middleware._fastcors_compile(True)
    if compiled.answers_in_full or compiled.policy.asks_collections:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    # Starlette copies the headers first and asks about the origin next; an override may change the rest.
    template = compiled
    origin = found[b"origin"]
    explicit_pair = compiled.check_origin(middleware, origin)
    if middleware._fastcors_cache.policy is not compiled:
        compiled = _current(middleware)
    judged = _text_of(origin), explicit_pair is not None
    if compiled.answers_in_full or compiled.policy.asks_collections:
        return middleware._fastcors_respond_in_full(scope, receive, send, judged)
    failures = _failures(compiled, explicit_pair, found)
    if failures:
        if failures & _ORIGIN_FAILED and compiled.policy.asks_function:
            return middleware._fastcors_respond_in_full(scope, receive, send, judged)
        _refused(middleware, scope, origin, failures)
    return _answer(send, template, compiled, explicit_pair, failures, found)


def _failures(compiled: CompiledPolicy, explicit_pair: _Judged, found: dict[bytes, bytes]) -> int:
    """Return the set of failures."""
    policy = compiled.policy
    failures = 0
    if explicit_pair is None or (policy.explicit_origin and not explicit_pair):
        failures |= _ORIGIN_FAILED
    if compiled.methods.judge(found[_REQUEST_METHOD]) is None:
        failures |= _METHOD_FAILED
    names = found.get(_REQUEST_HEADERS)
    if names is not None and (_has_control(names) if policy.all_headers else not compiled.check_header_names(names)):
        failures |= _NAMES_FAILED
    if _REQUEST_PRIVATE_NETWORK in found and not policy.private_network:
        failures |= _NETWORK_FAILED
    return failures


def _refused(middleware: Any, scope: _Scope, origin: bytes, failures: int) -> None:
    """Report a refused request, where it may concern somebody."""
    compiled = middleware._fastcors_cache.policy
    if compiled is None or compiled.reports(middleware):
        middleware._fastcors_refused(scope, _text_of(origin), _PREFLIGHT_OUTCOMES[failures][3])


def _answer(
    send: _Send,
    template: CompiledPolicy,
    compiled: CompiledPolicy,
    explicit_pair: _Judged,
    failures: int,
    found: dict[bytes, bytes],
) -> Awaitable[None]:
    policy = compiled.policy
    status, content_length, body, _ = _PREFLIGHT_OUTCOMES[failures]
    headers: list[Pair] = [*template.preflight_pairs]
    if explicit_pair and policy.explicit_origin and not failures & _ORIGIN_FAILED:
        _place(headers, explicit_pair, template.policy.preflight_origin_at)
    if policy.all_headers and _REQUEST_HEADERS in found and not failures & _NAMES_FAILED:
        _place(headers, (_ALLOW_HEADERS, found[_REQUEST_HEADERS]), template.policy.preflight_names_at)
    if _REQUEST_PRIVATE_NETWORK in found and not failures & _NETWORK_FAILED:
        headers.append(_PRIVATE_NETWORK)
    headers.append(content_length)
    headers.append(_CONTENT_TYPE)
    return answer(
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


def _coroutine(awaitable: Any) -> Any:
    """Starlette's methods return coroutines, as `asyncio.create_task` demands; a server's `send` may return another
    awaitable.
    """
    return awaitable if type(awaitable) is CoroutineType else finish(awaitable)


def _send(middleware: Any, send: _Send, origin: bytes | None, scope: _Scope, message: _Message) -> Any:
    """What becomes the `send` that the app gets, with all but `message` given: it amends the start of the response
    and forwards the rest.
    """
    if type(message) is dict:
        kind = message.get("type")
        if kind != "http.response.start":
            if type(kind) is str:
                sent: Any = send(message)
                return sent if type(sent) is CoroutineType else finish(sent)
        elif _amend(middleware, message, origin, scope):
            return _coroutine(send(message))
    return middleware._fastcors_send_in_full(message, send, origin, scope)


def _flag_as_coroutine_function(function: Any) -> None:  # pragma: no cover  # on 3.11 alone
    # To CPython 3.11 a flag that is only looked at, as an instruction makes the coroutine; to others it is more.
    flag = inspect.CO_COROUTINE if sys.implementation.name == "cpython" else 0
    function.__code__ = function.__code__.replace(co_flags=function.__code__.co_flags | flag)


# Starlette hands out a coroutine function and asgiref warns of anything less, so `inspect` is to see that what `_send`
# returns is to be awaited. A coroutine of its own would make each message slower.
getattr(inspect, "markcoroutinefunction", _flag_as_coroutine_function)(_send)


def _amend(middleware: Any, message: dict[str, Any], origin: bytes | None, scope: _Scope) -> bool:
    """Give the response its CORS headers, or touch nothing and return False: do it in full."""
    compiled = middleware._fastcors_cache.policy
    cls = type(middleware)
    if (
        compiled is None
        or compiled.answers_in_full
        or cls is not compiled.cls
        or cls.is_allowed_origin is not compiled.is_allowed_origin
        or middleware.allow_explicit_origin is not compiled.allow_explicit_origin
        or compiled.own_origin.__code__ is not compiled.origin_code
        or compiled.own_explicit.__code__ is not compiled.explicit_code
    ):
        compiled = _current(middleware)
    if origin is not None and not compiled.answers_in_full:
        # Mostly there is one header, or none.
        headers = compiled.simple_headers
        if (
            len(headers) != compiled.simple_count
            or headers.get(compiled.simple_name) is not compiled.simple_value
            or (headers and next(iter(headers)) is not compiled.simple_name)
            or (compiled.simple_count > 1 and not _unchanged(headers, compiled.simple_names, compiled.simple_values))
        ):
            compiled = middleware._fastcors_compile(True)
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
