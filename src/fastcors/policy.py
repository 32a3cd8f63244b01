"""From configuration to policy.

`public_attributes` turns a configuration into the attributes that Starlette's class has.
`policy_of` turns those attributes, as they are now, into a `Policy`: every header pair that an answer can
need, encoded once, so that the request path only copies pointers.
"""

import functools
import re
from collections import deque
from collections.abc import Callable, Collection, Container, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from .config import CORSConfig
    from .origin_regex import OriginAutomaton
    from .refusals import OnRefusal

ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")

# Fetch, "CORS-safelisted request-header": allowed whatever the configuration says.
SAFELISTED_HEADERS = frozenset({"Accept", "Accept-Language", "Content-Language", "Content-Type"})

# A preflight answer depends on all of these, so a cache has to tell them apart.
PREFLIGHT_VARY = ", ".join(
    (
        "Origin",
        "Access-Control-Request-Method",
        "Access-Control-Request-Headers",
        "Access-Control-Request-Private-Network",
    )
)

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"
ALLOW_HEADERS = "Access-Control-Allow-Headers"
ALLOW_PRIVATE_NETWORK = "Access-Control-Allow-Private-Network"

Pair: TypeAlias = tuple[bytes, bytes]
Pairs: TypeAlias = tuple[Pair, ...]


class Policy(NamedTuple):
    """What one middleware answers with, ready for the core.

    `simple_headers`, `preflight_headers` and the three collections are the live objects: the core compares
    them with what it compiled and asks for a new policy when they changed.
    """

    app: Callable[..., Any]
    has_origin_hook: bool
    """`is_allowed_origin` is overridden and decides about every origin."""
    all_origins: bool
    credentials: bool
    has_own_collections: bool
    """The methods or the header names are someone's own collection, which is asked in Starlette's order."""
    has_origin_function: bool
    """`allow_origin_func` decides about what nothing else allows."""
    origins: Container[str]
    automaton: "OriginAutomaton | None"
    """Decides about what `origins` does not hold."""
    fullmatch: Callable[[str], object] | None
    """Decides instead of it where the pattern has none."""
    simple_headers: dict[str, str]
    simple_snapshot: tuple[str, ...]
    """Names and values in turn, as they were encoded in the pairs; likewise for preflights."""
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


def has_control(text: str) -> bool:
    """Tell whether `text` holds a control character that must not be reflected.

    Below 0x20 except tab, or 0x7F: RFC 9110, section 5.5, lets a field value hold none of them.
    """
    return _CONTROL.search(text) is not None


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LINE_BREAK = re.compile(r"[\r\n\0]")


def holds_line_break(text: str) -> bool:
    """Tell whether `text` holds CR, LF or NUL, which would make a malformed header of it (RFC 9110, section 5.5)."""
    return _LINE_BREAK.search(text) is not None


def one_or_many(value: Any) -> Any:
    """Return `value`, or the one value that it is when it is a string: iterating over a string, or searching
    it, would take its characters and substrings for the configured values. `"*"` means the same either way.
    """
    if not isinstance(value, str) or value == "*":
        return value
    return (value,) if value else ()


def warn_of_string(parameter: str, value: Any) -> None:
    """Warn where a string is assigned in place of a collection."""
    if isinstance(value, str) and value != "*":
        from ._problems import string_for_list
        from .config import warn_of

        warn_of([string_for_list(parameter, value)])


@functools.lru_cache(maxsize=128)
def automaton_of(*patterns: re.Pattern[str]) -> "OriginAutomaton | str":
    """Return the automaton of what one of `patterns` matches, or what they use that none can have. Kept, because every
    recompilation asks for it.
    """
    # Here, because it is half of what importing this package would take.
    from .origin_regex import NoAutomaton, compile_origin_regex

    try:
        return compile_origin_regex(*patterns)
    except NoAutomaton as error:
        return error.construct


def warn_of_unbounded_time(regex: Any) -> None:
    """Warn where an origin regex is assigned that is left to `re`."""
    found = automaton_of(regex) if _is_text_pattern(regex) else None
    if isinstance(found, str):
        from ._regex_checks import unbounded_time
        from .config import warn_of

        warn_of([unbounded_time(regex, found)])


def matches(regex: Any, origin: Any) -> bool:
    """Tell whether the whole of `origin` matches `regex`: by its automaton, where it has one."""
    found = automaton_of(regex) if _is_text_pattern(regex) and isinstance(origin, str) else None
    if found is None or isinstance(found, str):
        return bool(regex.fullmatch(origin))
    try:
        return found.matches(origin.encode("latin-1"))
    except UnicodeEncodeError:  # no request's
        return bool(regex.fullmatch(origin))


def checked_patterns(patterns: Collection[str]) -> tuple[str, ...]:
    """Return origin patterns as a middleware keeps them. Raises `ValueError` for one that is wrong."""
    if not patterns:
        return ()
    from .origin_patterns import checked_patterns

    return checked_patterns(patterns)


def regex_of_patterns(middleware: Any) -> re.Pattern[str] | None:
    """Return the regex that the origin patterns of `middleware` come to, if it has any."""
    # On the instance, where assigning them checks them; a subclass is free to use the name otherwise.
    patterns = getattr(middleware, "__dict__", {}).get("allow_origin_patterns")
    if not patterns:
        return None
    from .origin_patterns import regex_of

    return regex_of(patterns)


def _is_text_pattern(regex: Any) -> bool:
    return type(regex) is re.Pattern and isinstance(regex.pattern, str)


def public_attributes(config: "CORSConfig") -> dict[str, Any]:
    """Return Starlette's public attributes, by name, for a configuration.

    Raises `ValueError` for CR, LF or NUL in a value, `re.error` for a pattern that does not compile, and `TypeError`
    where a value cannot be what its parameter asks for.
    """
    origins, methods = one_or_many(config.allow_origins), one_or_many(config.allow_methods)
    header_names, credentials = one_or_many(config.allow_headers), config.allow_credentials
    if "*" in methods:
        methods = ALL_METHODS
    regex = _compiled(config.allow_origin_regex)
    all_origins = "*" in origins
    all_headers = "*" in header_names
    _check_origins(origins)
    simple_headers = _simple_headers(all_origins, credentials, one_or_many(config.expose_headers))
    listed = _listed("allow_methods", methods)
    names = sorted(SAFELISTED_HEADERS.union(_without_line_breaks("allow_headers", header_names)))
    return {
        "allow_origins": origins,
        "allow_methods": methods,
        "allow_headers": [name.lower() for name in names],
        "allow_all_origins": all_origins,
        "allow_all_headers": all_headers,
        "allow_credentials": credentials,
        "preflight_explicit_allow_origin": not all_origins or credentials,
        "allow_origin_regex": regex,
        "allow_private_network": config.allow_private_network,
        "simple_headers": simple_headers,
        "preflight_headers": _preflight_headers(config, all_origins, listed, None if all_headers else names),
    }


def own_attributes(config: "CORSConfig", on_refusal: "OnRefusal | None") -> dict[str, Any]:
    """Return the public attributes that Starlette's class does not have, by name, where they are asked for."""
    given = {
        "on_refusal": (on_refusal, None),
        "allow_origin_patterns": (one_or_many(config.allow_origin_patterns), ()),
        "allow_origin_func": (config.allow_origin_func, None),
        "check_websocket_origin": (config.check_websocket_origin, False),
    }
    return {name: value for name, (value, default) in given.items() if value is not default}


def _compiled(regex: str | re.Pattern[str] | None) -> re.Pattern[str] | None:
    try:
        return None if regex is None else re.compile(regex)
    except re.error as error:
        from ._regex_checks import does_not_compile

        error.add_note(str(does_not_compile(regex, error)))
        raise


def _check_origins(origins: Any) -> None:
    # Only what can be gone through without an effect.
    if type(origins) in (list, tuple, set, frozenset, deque, dict):
        _without_line_breaks("allow_origins", origins)


def _simple_headers(all_origins: bool, credentials: bool, expose_headers: Collection[str]) -> dict[str, str]:
    """Return what every response to a request with an Origin gets, in Starlette's order."""
    headers: dict[str, str] = {}
    if all_origins:
        headers[ALLOW_ORIGIN] = "*"
    if credentials:
        headers[ALLOW_CREDENTIALS] = "true"
    if expose_headers:
        headers["Access-Control-Expose-Headers"] = _listed("expose_headers", expose_headers)
    return headers


def _preflight_headers(
    config: "CORSConfig", all_origins: bool, methods: str, names: list[str] | None
) -> dict[str, str]:
    """Return what every preflight gets, in Starlette's order; `names` None: they are mirrored."""
    headers = {"Vary": PREFLIGHT_VARY}
    if all_origins and not config.allow_credentials:
        headers[ALLOW_ORIGIN] = "*"
    headers["Access-Control-Allow-Methods"] = methods
    headers["Access-Control-Max-Age"] = _listed("max_age", (str(config.max_age),))
    if names is not None:
        headers[ALLOW_HEADERS] = ", ".join(names)
    if config.allow_credentials:
        headers[ALLOW_CREDENTIALS] = "true"
    return headers


def _listed(parameter: str, values: Iterable[str]) -> str:
    return ", ".join(_without_line_breaks(parameter, values))


def _without_line_breaks(parameter: str, values: Iterable[str]) -> list[str]:
    checked = list(values)
    for value in checked:
        if isinstance(value, str) and holds_line_break(value):
            from ._problems import line_break

            raise ValueError(str(line_break(parameter, value)))
    return checked


# What a policy is compiled from: Starlette's public attributes.
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

    None says that they hold something that cannot be encoded ahead of the request, such as a header value
    outside latin-1, or an attribute deleted: the answer, or the exception, is then worked out per request.
    """
    # A class that answers for a missing attribute can give another value each time.
    if not vars(middleware).keys() >= _ATTRIBUTES:
        return None
    regex = middleware.allow_origin_regex
    if regex is not None and not _is_text_pattern(regex):
        return None
    if type(middleware.simple_headers) is not dict or type(middleware.preflight_headers) is not dict:
        return None
    # A flag can be of a class with a truth value of its own, which may differ each time.
    if not all(type(getattr(middleware, name)) in _CONSTANTS for name in _FLAGS):
        return None
    # The core hands over what it refuses, to have a function asked, and nobody's own code is to be asked twice.
    if _has_origin_function(middleware) and (has_origin_hook or not all(map(_is_plain, _collections(middleware)))):
        return None
    try:
        return _policy(middleware, has_origin_hook)
    except (TypeError, ValueError):
        return None


def _collections(middleware: Any) -> tuple[Any, ...]:
    return middleware.allow_origins, middleware.allow_methods, middleware.allow_headers


def _is_plain(collection: Any) -> bool:
    return type(collection) in (list, tuple, set, frozenset)


def _has_origin_function(middleware: Any) -> bool:
    # On the instance, as above.
    return vars(middleware).get("allow_origin_func") is not None


# What the answers themselves set.
_OF_ACTUAL = frozenset({"vary"})
_OF_PREFLIGHTS = frozenset({"content-length", "content-type"})


def _policy(middleware: Any, has_origin_hook: bool) -> Policy:
    """Raises `TypeError` or `ValueError` for what cannot be encoded."""
    # Copied first, so that what is encoded is what is compared with later, whoever changes the headers meanwhile.
    simple, preflight = _flat(middleware.simple_headers.copy()), _flat(middleware.preflight_headers.copy())
    actual_pairs, preflight_pairs = _encoded(simple, _OF_ACTUAL), _encoded(preflight, _OF_PREFLIGHTS)
    automaton, fullmatch = _matcher_of(middleware.allow_origin_regex, regex_of_patterns(middleware))
    return Policy(
        app=middleware.app,
        has_origin_hook=has_origin_hook,
        has_own_collections=not (_is_plain(middleware.allow_methods) and _is_plain(middleware.allow_headers)),
        has_origin_function=_has_origin_function(middleware),
        all_origins=bool(middleware.allow_all_origins),
        credentials=bool(middleware.allow_credentials),
        origins=middleware.allow_origins,
        automaton=automaton,
        fullmatch=fullmatch,
        simple_headers=middleware.simple_headers,
        simple_snapshot=simple,
        actual_pairs=actual_pairs,
        actual_origin_at=_place(simple, ALLOW_ORIGIN),
        preflight_headers=middleware.preflight_headers,
        preflight_snapshot=preflight,
        preflight_pairs=preflight_pairs,
        preflight_origin_at=_place(preflight, ALLOW_ORIGIN),
        preflight_names_at=_place(preflight, ALLOW_HEADERS),
        explicit_origin=bool(middleware.preflight_explicit_allow_origin),
        methods=middleware.allow_methods,
        header_names=middleware.allow_headers,
        all_headers=bool(middleware.allow_all_headers),
        private_network=bool(middleware.allow_private_network),
    )


def _matcher_of(
    *regexes: re.Pattern[str] | None,
) -> "tuple[OriginAutomaton | None, Callable[[str], object] | None]":
    """Return what decides whether one of `regexes` matches: an automaton, or else a function like `fullmatch`."""
    given = [regex for regex in regexes if regex is not None]
    if not given:
        return None, None
    found = automaton_of(*given)
    if not isinstance(found, str):
        return found, None
    return None, given[0].fullmatch if len(given) == 1 else functools.partial(_any_matches, given)


def _any_matches(regexes: list[re.Pattern[str]], origin: str) -> bool | None:
    return any(matches(regex, origin) for regex in regexes) or None


def _flat(headers: dict[str, str]) -> tuple[str, ...]:
    flat = tuple([text for item in headers.items() for text in item])
    if not all(type(text) is str for text in flat):
        raise TypeError("names and values have to be text")
    return flat


@functools.lru_cache(maxsize=64)
def _encoded(flat: tuple[str, ...], reserved: frozenset[str]) -> Pairs:
    """Return names and values, given in turn, as pairs. Raises `ValueError` where setting them one by one could do more
    than append them. Kept, because a change of some headers leaves the others as they are.
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
