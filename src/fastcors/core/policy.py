"""Makes a middleware's policy from its attributes. Both cores answer from the policy.

`policy_of` turns the current attributes into a `Policy`. It has every header pair that an answer can need, encoded
once, so that the request path only copies pointers.
"""

import functools
import re
from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any, TypeAlias

from ..standard.headers import ALLOW_HEADERS, ALLOW_ORIGIN, ALLOW_PRIVATE_NETWORK
from ..types import AllowOriginFunc, Pairs

if TYPE_CHECKING:
    from ..origins.regex.automaton import OriginAutomaton


ClassState: TypeAlias = tuple[tuple[type, ...], dict[str, Any], tuple[Any, ...], tuple[Any, ...]]
"""A class's MRO, its relevant attributes by name, and for each hook our function and its code."""


class Policy:
    """The values with which one middleware answers, ready for the core. A policy never changes.

    `simple_headers`, `preflight_headers` and the three collections are the live objects: the core compares them with
    the values that it compiled, and requests a new policy when they have changed.
    """

    app: Callable[..., Any]
    has_origin_hook: bool
    """`is_allowed_origin` is overridden and decides about every origin."""
    all_origins: bool
    credentials: bool
    has_own_collections: bool
    """The methods or the header names are in a user-defined collection, which is consulted in Starlette's order."""
    origin_function: AllowOriginFunc | None
    """`allow_origin_func`: decides about origins that nothing else allows."""
    origins: Container[str]
    automaton: "OriginAutomaton | None"
    """Decides about origins that are not in `origins`."""
    fullmatch: Callable[[str], object] | None
    """Decides instead of the automaton if the pattern has none."""
    regexes: tuple[re.Pattern[str], ...]
    """The patterns of which both are made."""
    simple_headers: dict[str, str]
    simple_snapshot: tuple[str, ...]
    """Names and values in turn, from which the pairs were encoded. Those for preflights are alike."""
    actual_pairs: Pairs
    actual_origin_at: int
    """Where the explicit Access-Control-Allow-Origin goes; -1 is the end. The next two are alike."""
    preflight_headers: dict[str, str]
    preflight_snapshot: tuple[str, ...]
    preflight_pairs: Pairs
    preflight_origin_at: int
    preflight_names_at: int
    explicit_origin: bool
    methods: Container[str]
    header_names: Container[str]
    all_headers: bool
    private_network: bool

    # A NamedTuple of so many fields would take a tenth of what importing the package takes.
    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)


def regex_of_patterns(middleware: Any) -> re.Pattern[str] | None:
    """Return the regex for the origin patterns of `middleware`, if it has any."""
    # Only the instance's attribute counts, which is checked when it is assigned. A subclass may use the name for
    # something else.
    patterns = getattr(middleware, "__dict__", {}).get("allow_origin_patterns")
    if not patterns:
        return None
    # Imported late: most configurations have no patterns.
    from ..origins.patterns import regex_of

    return regex_of(patterns)


# The attributes from which a policy is compiled: Starlette's public ones.
ATTRIBUTES = (
    "app",
    "allow_origins",
    "allow_methods",
    "allow_headers",
    "allow_all_origins",
    "allow_all_headers",
    "allow_credentials",
    "preflight_explicit_allow_origin",
    "allow_origin_regex",
    "allow_private_network",
    "simple_headers",
    "preflight_headers",
)


_ATTRIBUTES = frozenset(ATTRIBUTES)
_FLAGS = (
    "allow_all_origins",
    "allow_all_headers",
    "allow_credentials",
    "preflight_explicit_allow_origin",
    "allow_private_network",
)
_CONSTANTS = frozenset({bool, int, float, str, type(None)})


def policy_of(middleware: Any, has_origin_hook: bool) -> Policy | None:
    """Return the policy that the attributes of `middleware` describe now.

    Return None if they cannot be encoded in advance, because of a header value outside latin-1 or a deleted attribute.
    Then each request produces its own answer or exception.
    """
    # A class with `__getattr__` can give another value for a missing attribute each time.
    if not vars(middleware).keys() >= _ATTRIBUTES:
        return None
    regex = middleware.allow_origin_regex
    if regex is not None and not (type(regex) is re.Pattern and isinstance(regex.pattern, str)):
        return None
    if type(middleware.simple_headers) is not dict or type(middleware.preflight_headers) is not dict:
        return None
    # A flag can be of a class with a truth value of its own, which may differ each time.
    if not all(type(getattr(middleware, name)) in _CONSTANTS for name in _FLAGS):
        return None
    # The core hands refused requests to the slow path, which would call an override or a custom collection again.
    if _origin_function(middleware) is not None and (
        has_origin_hook or not all(map(_is_plain, _collections(middleware)))
    ):
        return None
    try:
        return _policy(middleware, has_origin_hook)
    except (TypeError, ValueError):
        return None


def _collections(middleware: Any) -> tuple[Any, ...]:
    return middleware.allow_origins, middleware.allow_methods, middleware.allow_headers


def _is_plain(collection: Any) -> bool:
    return type(collection) in (list, tuple, set, frozenset)


def _origin_function(middleware: Any) -> AllowOriginFunc | None:
    # On the instance, as above.
    function: AllowOriginFunc | None = vars(middleware).get("allow_origin_func")
    return function


# Headers that the answers themselves set.
_OF_ACTUAL = frozenset({"vary"})
_OF_PREFLIGHTS = frozenset({"content-length", "content-type"})


def _policy(middleware: Any, has_origin_hook: bool) -> Policy:
    """Raises `TypeError` or `ValueError` for values that cannot be encoded."""
    # Copied first, because somebody may change the headers meanwhile. The copy is encoded, and compared with later.
    simple, preflight = _flat(middleware.simple_headers.copy()), _flat(middleware.preflight_headers.copy())
    given = middleware.allow_origin_regex, regex_of_patterns(middleware)
    regexes = tuple(regex for regex in given if regex is not None)
    automaton, fullmatch = _matcher_of(*regexes)
    return Policy(
        app=middleware.app,
        has_origin_hook=has_origin_hook,
        has_own_collections=not (_is_plain(middleware.allow_methods) and _is_plain(middleware.allow_headers)),
        origin_function=_origin_function(middleware),
        all_origins=bool(middleware.allow_all_origins),
        credentials=bool(middleware.allow_credentials),
        origins=middleware.allow_origins,
        automaton=automaton,
        fullmatch=fullmatch,
        regexes=regexes,
        simple_headers=middleware.simple_headers,
        simple_snapshot=simple,
        actual_pairs=_encoded(simple, _OF_ACTUAL),
        actual_origin_at=_place(simple, ALLOW_ORIGIN),
        preflight_headers=middleware.preflight_headers,
        preflight_snapshot=preflight,
        preflight_pairs=_encoded(preflight, _OF_PREFLIGHTS),
        preflight_origin_at=_place(preflight, ALLOW_ORIGIN),
        preflight_names_at=_place(preflight, ALLOW_HEADERS),
        explicit_origin=bool(middleware.preflight_explicit_allow_origin),
        methods=middleware.allow_methods,
        header_names=middleware.allow_headers,
        all_headers=bool(middleware.allow_all_headers),
        private_network=bool(middleware.allow_private_network),
    )


def linear_matcher_of(policy: Policy) -> Callable[[str], object] | None:
    """Return a function that replaces the automaton if `re` takes linear time, which is faster in Python."""
    if not policy.regexes:
        return None
    # Imported late: most services have no regex, and start faster without it.
    from ..origins.regex import matcher

    return matcher.linear_matcher_of(*policy.regexes)


def _matcher_of(*regexes: re.Pattern[str]) -> "tuple[OriginAutomaton | None, Callable[[str], object] | None]":
    """Return an automaton, or else a function like `fullmatch`, that decides whether one of `regexes` matches."""
    if not regexes:
        return None, None
    # Imported late: most services have no regex, and start faster without it.
    from ..origins.regex.matcher import matcher_of

    automaton = matcher_of(*regexes).automaton
    if automaton is not None:
        return automaton, None
    return None, regexes[0].fullmatch if len(regexes) == 1 else functools.partial(_any_matches, regexes)


def _any_matches(regexes: tuple[re.Pattern[str], ...], origin: str) -> bool | None:
    from ..origins.regex.matcher import matches

    return any(matches(regex, origin) for regex in regexes) or None


def _flat(headers: dict[str, str]) -> tuple[str, ...]:
    flat = tuple([text for item in headers.items() for text in item])
    if not all(type(text) is str for text in flat):
        raise TypeError("names and values have to be text")
    return flat


@functools.lru_cache(maxsize=64)
def _encoded(flat: tuple[str, ...], reserved: frozenset[str]) -> Pairs:
    """Return names and values, given in turn, as pairs. Raises `ValueError` if setting them one by one could do more
    than append them. Results are cached, because a change of some headers leaves the others unchanged.
    """
    headers, values = flat[::2], flat[1::2]
    names = [name.lower() for name in headers]
    dynamic = {name.lower() for name in (ALLOW_ORIGIN, ALLOW_HEADERS, ALLOW_PRIVATE_NETWORK)}
    canonical = {ALLOW_ORIGIN, ALLOW_HEADERS}
    odd = {name for name in headers if name.lower() in dynamic} - canonical
    if odd or len(set(names)) < len(names) or reserved.intersection(names):
        raise ValueError("names that the answers set as well, or that differ in case alone")
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in zip(names, values, strict=True))


def _place(flat: tuple[str, ...], name: str) -> int:
    names = flat[::2]
    return names.index(name) if name in names else -1
