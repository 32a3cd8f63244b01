"""A policy as the request path reads it."""

from collections.abc import Callable
from typing import Any

from .hooks import Hooks, unstable_hooks
from .names import ALLOW_ORIGIN, DEBUG, VARY, Judged
from .pairs import reflecting, unchanged
from .policy import ClassState, Policy, linear_matcher_of
from .text import text_of
from .values import LONGEST, AllowedNames, AllowedValues, KnownPreflights

# How many bytes of Access-Control-Request-Headers are judged at once. A browser sends far fewer.
_PIECE = 4096
# How many origins that a regex allowed are kept: the first ones, because replacing them would cost time if there are
# more.
_MATCHED = 64


class CompiledPolicy:
    """A `Policy` as the request path reads it: flags, encoded pairs, indexed collections.

    If `policy` is None, every request takes the slow path. `version` is what `class_version` returned before
    `class_state` was read. Indexes of the collections are taken over from `previous` if they are still valid. `levels`
    says which log levels are enabled, as far as known. If it is None, every refusal is reported. `connect` replaces the
    app for connections other than HTTP requests.
    """

    # fmt: off
    __slots__ = (
        "actual_names", "actual_origin_at", "actual_pairs", "all_headers", "all_origins", "allow_explicit_origin",
        "app", "automaton", "checks_origin", "class_state", "cls", "codes", "connect", "explicit_code",
        "explicit_origin", "fullmatch", "functions", "has_origin_function", "has_origin_hook", "has_own_collections",
        "has_regex", "header_names", "is_allowed_origin", "known_origins", "known_preflights", "levels", "methods",
        "origin_code", "origin_list", "origins", "own_explicit", "own_origin", "own_preflight", "own_response",
        "own_send", "patched", "policy", "preflight_code", "preflight_items", "preflight_names_at",
        "preflight_origin_at", "preflight_pairs", "preflight_response", "private_network", "reflects_all",
        "refuses_slowly", "response_code", "send", "send_code", "simple_headers", "simple_items", "simple_response",
        "takes_slow_path",
    )
    # fmt: on

    policy: Policy
    known_origins: dict[bytes, Any]
    origins: AllowedValues
    methods: AllowedValues
    header_names: AllowedNames

    def __init__(
        self,
        policy: Policy | None,
        version: Hooks,
        class_state: ClassState,
        previous: "CompiledPolicy | None" = None,
        levels: dict[int, bool] | None = None,
        connect: Callable[..., Any] | None = None,
    ) -> None:
        self.version = version
        self.class_state = class_state
        self.levels = levels
        self.connect = connect if policy is None or connect is not None else policy.app
        self._take_hooks(class_state)
        self.patched = unstable_hooks(version, class_state)
        self.takes_slow_path = policy is None or bool(self.patched)
        if policy is None or self.takes_slow_path:
            return
        self.policy = policy
        self.app = policy.app
        self._take_flags(policy)
        self._take_pairs(policy)
        self._take_collections(policy, None if previous is None or previous.takes_slow_path else previous)

    def _take_hooks(self, class_state: ClassState) -> None:
        # Some instrumentation replaces the code of a function and leaves the function in place.
        mro, _, functions, codes = class_state
        self.cls = mro[0]
        self.functions, self.codes = own, code = Hooks(*functions), Hooks(*codes)
        self.own_origin, self.origin_code = own.is_allowed_origin, code.is_allowed_origin
        self.own_preflight, self.preflight_code = own.preflight_response, code.preflight_response
        self.own_response, self.response_code = own.simple_response, code.simple_response
        self.own_send, self.send_code = own.send, code.send
        self.own_explicit, self.explicit_code = own.allow_explicit_origin, code.allow_explicit_origin

    def _take_collections(self, policy: Policy, previous: "CompiledPolicy | None") -> None:
        origins = () if policy.all_origins or policy.has_origin_hook else policy.origins
        if previous is not None and previous.origins.collection is origins:
            self.origins = previous.origins
        else:
            self.origins = AllowedValues(origins, ALLOW_ORIGIN)
        self.known_origins = {} if self.has_regex else self.origins.found
        self.origin_list = origins if type(origins) is list else []
        if previous is not None and previous.methods.collection is policy.methods:
            self.methods = previous.methods
        else:
            self.methods = AllowedValues(policy.methods)
        if previous is not None and previous.header_names.collection is policy.header_names:
            self.header_names = previous.header_names
        else:
            self.header_names = AllowedNames(policy.header_names)
        self.known_preflights = KnownPreflights()

    def _take_flags(self, policy: Policy) -> None:
        self.has_origin_hook = policy.has_origin_hook
        self.all_origins = policy.all_origins
        linear = linear_matcher_of(policy)
        self.automaton = policy.automaton if linear is None else None
        self.fullmatch = policy.fullmatch if linear is None else linear
        self.has_regex = bool(policy.regexes)
        # If every origin is allowed and the answer says `*`, no origin is checked.
        self.checks_origin = not policy.all_origins or policy.credentials
        self.reflects_all = policy.all_origins and policy.credentials
        self.has_origin_function = policy.origin_function is not None
        self.has_own_collections = policy.has_own_collections
        self.all_headers = policy.all_headers
        self.explicit_origin = policy.explicit_origin
        self.private_network = policy.private_network
        self.refuses_slowly = self.reflects_all or self.has_origin_function

    def _take_pairs(self, policy: Policy) -> None:
        self.simple_headers = policy.simple_headers
        self.simple_items = _items(policy.simple_snapshot)
        self.preflight_items = _items(policy.preflight_snapshot)
        self.preflight_origin_at = policy.preflight_origin_at
        self.preflight_names_at = policy.preflight_names_at
        self.preflight_pairs = policy.preflight_pairs
        self.actual_pairs = policy.actual_pairs
        self.actual_origin_at = policy.actual_origin_at
        self.actual_names = frozenset({ALLOW_ORIGIN, VARY, *(name for name, _ in policy.actual_pairs)})

    def _take_version(self, version: Hooks) -> None:
        self.is_allowed_origin = version.is_allowed_origin
        self.preflight_response = version.preflight_response
        self.simple_response = version.simple_response
        self.send = version.send
        self.allow_explicit_origin = version.allow_explicit_origin

    version = property(fset=_take_version)

    def reports(self, middleware: Any) -> bool:
        """Tell whether anyone may listen to refusals. The middleware then checks again."""
        return self.levels is None or self.levels.get(DEBUG) is not False or middleware.on_refusal is not None

    def preflight_headers_unchanged(self) -> bool:
        return unchanged(self.policy.preflight_headers, self.preflight_items)

    def check_origin(self, middleware: Any, origin: bytes) -> Judged:
        """Fetch, "CORS check", from the server's side: is this origin allowed? Return the pair that reflects it, () if
        it is allowed but must not or need not be reflected, None if it is not allowed.
        """
        if self.has_origin_hook:
            allowed = middleware.is_allowed_origin(origin=text_of(origin))
            return reflecting(ALLOW_ORIGIN, origin) if allowed else None
        if self.all_origins:
            return reflecting(ALLOW_ORIGIN, origin) if self.reflects_all or self.policy.explicit_origin else ()
        if not self.has_regex:
            return self.origins.pair_for(origin)
        known = self.known_origins.get(origin) if len(origin) <= LONGEST else None
        if known is not None:
            return known[2]  # type: ignore[no-any-return]
        pair = self.origins.pair_for(origin, False)
        if pair is not None:
            return pair
        # As in Starlette, the regex comes before a collection that runs other people's code.
        if self.automaton is not None and self.automaton.matches(origin):
            return self._matched(origin)
        if self.fullmatch is not None and self.fullmatch(text_of(origin)) is not None:
            return self._matched(origin)
        return self.origins.pair_for(origin)

    def _matched(self, origin: bytes) -> Judged:
        """Return the pair for an origin that the regex allows, and remember a few such origins."""
        pair = reflecting(ALLOW_ORIGIN, origin)
        if len(self.known_origins) < _MATCHED and len(origin) <= LONGEST:
            self.known_origins[origin] = -1, "", pair
        return pair

    def check_header_names(self, names: bytes) -> bool:
        """Fetch, "CORS-preflight fetch": every element of Access-Control-Request-Headers must be allowed."""
        if not self.header_names.unchanged():
            self.header_names = AllowedNames(self.header_names.collection)
        if not self.header_names.indexed:
            return all(name.strip() in self.header_names.collection for name in text_of(names).lower().split(","))
        if len(names) <= _PIECE:
            return self._allows_all(names)
        start, stop = 0, names.find(b",", _PIECE)
        # Check one piece at a time, so that the work ends with the first refusal, however long the rest is.
        while stop >= 0:
            piece = names[start:stop]
            if self._ends_too_long(piece) or not self._allows_all(piece):
                return False
            start, stop = stop + 1, names.find(b",", stop + _PIECE)
        return not self._ends_too_long(names[start:]) and self._allows_all(names[start:])

    def _ends_too_long(self, names: bytes) -> bool:
        """Tell, without reading each character, whether the last name is longer than any allowed one."""
        last = names[names.rfind(b",") + 1 :] if len(names) > 2 * _PIECE else b""
        return len(text_of(last).strip()) > int(self.header_names.longest)

    def _allows_all(self, names: bytes) -> bool:
        allowed, longest = self.header_names.texts, self.header_names.longest
        # As text, because `str` defines lower case and white space in latin-1.
        lowered = names.decode("latin-1").lower().split(",")
        return allowed.issuperset(lowered) or all(
            len(name) <= longest and name in allowed for name in map(str.strip, lowered)
        )


def _items(flat: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
