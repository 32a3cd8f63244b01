"""Explains why an origin is not allowed although the configuration holds a similar one."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..config.checks.origin_texts import bare, means_every
from ..origins.regex.matcher import matcher_of
from ..problems import shown
from ..standard.origins import DEFAULT_PORTS
from ..standard.plain import read

_ORIGIN = re.compile(r"([a-z][a-z0-9+.\-]*)://([^/?#:\[\]]+|\[[^\]]*\])(?::(\d+))?", re.IGNORECASE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

# Only this many of the configured origins are compared.
_MOST = 10_000


class Parts(NamedTuple):
    scheme: str
    host: str
    port: str


def parts_of(origin: str) -> Parts | None:
    """Return the scheme, host and port of an origin, or None if `origin` has no such form."""
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        return None
    scheme = found[1].lower()
    return Parts(scheme, found[2].lower(), found[3] or DEFAULT_PORTS.get(scheme, ""))


def serialized(origin: str) -> str:
    """Return the origin of a page's URL as a browser writes it (HTML, "serialization of an origin")."""
    parts = parts_of(
        re.sub(r"(?i)^\s*([a-z][a-z0-9+.\-]*://)(?:[^/\\?#]*@)?([^/\\?#\s]*).*", r"\1\2", origin, flags=re.DOTALL)
    )
    if parts is None or parts.scheme not in DEFAULT_PORTS:
        return origin
    port = "" if parts.port == DEFAULT_PORTS[parts.scheme] else f":{parts.port}"
    return f"{parts.scheme}://{parts.host}{port}"


def is_meant(configured: str, origin: str) -> bool:
    """Tell whether `configured`, which allows nothing as it is written, can only mean `origin`.

    Only the spelling may differ. A value with another port, scheme or host may mean another origin.
    """
    if configured == origin or means_every(configured):
        return False
    plain = read(bare(configured))
    theirs = parts_of(origin)
    if plain is None or theirs is None:
        return False
    scheme = plain.scheme or theirs.scheme
    return theirs == Parts(scheme, plain.host, plain.port or DEFAULT_PORTS.get(scheme, ""))


def is_loopback(origin: str) -> bool:
    """Tell whether `origin` is on this machine, as during development."""
    parts = parts_of(origin)
    return parts is not None and (parts.host in _LOOPBACK or parts.host.endswith(".localhost"))


def texts(values: Any) -> list[str]:
    """Return the strings in a configured collection. Only built-in collections are iterated."""
    known = isinstance(values, (list, tuple, set, frozenset))
    return [value for value in list(values)[:_MOST] if isinstance(value, str)] if known else []


def origin_hints(origin: str, origins: Iterable[str], regex: "re.Pattern[str] | None") -> Iterator[str]:
    """Yield the likely reasons why `origin`, which is not allowed, matches neither `origins` nor `regex`."""
    for configured in origins:
        hint = "" if configured == origin else _difference(origin, configured)
        if hint:
            yield f"allow_origins holds {shown(configured)}: {hint}"
    # This uses automata, because nobody knows how long `re` would take.
    if regex is not None and _matches(regex, origin) is False:
        if _matches(regex, origin + "/"):
            yield "allow_origin_regex matches only with a slash at the end, which no origin has."
        elif _matches(_with_more_around(regex), origin):
            yield "allow_origin_regex matches a part of the origin only: the whole has to match."


def _matches(regex: "re.Pattern[str]", origin: str) -> bool | None:
    """Tell whether `regex` matches the whole of `origin`; None if it has no automaton."""
    automaton = matcher_of(regex).automaton
    return None if automaton is None else automaton.matches(origin.encode("latin-1", "replace"))


def _with_more_around(regex: "re.Pattern[str]") -> "re.Pattern[str]":
    try:
        return re.compile(rf"(?s:.*)(?:{regex.pattern})(?s:.*)", regex.flags & ~re.DEBUG)
    except re.error:  # For example, the pattern has flags, which may only be at its start.
        return regex


def _difference(origin: str, configured: str) -> str:
    """Return how `configured` differs from `origin`, or an empty string if they are not nearly the same."""
    if origin == configured.strip():
        return "remove the white space."
    if configured.startswith((origin + "/", origin + "?", origin + "#")):
        return "an origin ends with the host and the port; remove what follows, the slash too."
    if origin == configured.lower():
        return "a browser writes an origin in lower case, and it is compared character by character."
    if "://" not in configured and origin.partition("://")[2] == configured:
        return "the scheme is missing."
    if "*" in configured[1:] and re.fullmatch(re.escape(configured).replace(r"\*", ".*"), origin):
        return "an asterisk within an origin stands for nothing; in allow_origin_patterns it stands for what is meant."
    ours, theirs = parts_of(origin), parts_of(configured)
    return "" if ours is None or theirs is None else _difference_of_parts(ours, theirs)


def _difference_of_parts(ours: Parts, theirs: Parts) -> str:
    if ours == theirs:
        return "a browser leaves the default port out."
    have_default_ports = all(each.port == DEFAULT_PORTS.get(each.scheme) for each in (ours, theirs))
    if ours.host == theirs.host and ours.scheme == theirs.scheme:
        return "another port is another origin."
    if ours.host == theirs.host and (ours.port == theirs.port or have_default_ports):
        return "http and https are different origins."
    if ours._replace(host="") != theirs._replace(host=""):
        return ""
    if {ours.host, theirs.host} <= _LOOPBACK:
        return "localhost, 127.0.0.1 and [::1] are different origins."
    is_www_twin = ours.host.removeprefix("www.") == theirs.host.removeprefix("www.")
    return "with and without www. are different origins." if is_www_twin else ""
