"""Origins that are nearly allowed: what is in the way, and whether they only look like one that is."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ..standard.origins import DEFAULT_PORTS

_ORIGIN = re.compile(r"([a-z][a-z0-9+.\-]*)://([^/?#:\[\]]+|\[[^\]]*\])(?::(\d+))?", re.IGNORECASE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

# So many configured origins are looked at.
_MOST = 10_000


class Parts(NamedTuple):
    scheme: str
    host: str
    port: str


def parts_of(origin: str) -> Parts | None:
    """Return scheme, host and port of an origin; None: it is no such thing."""
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        return None
    scheme = found[1].lower()
    return Parts(scheme, found[2].lower(), found[3] or DEFAULT_PORTS.get(scheme, ""))


def serialized(origin: str) -> str:
    """Return `origin`, or the URL of a page, as a browser writes it: HTML, "serialization of an origin"."""
    parts = parts_of(
        re.sub(r"(?i)^\s*([a-z][a-z0-9+.\-]*://)(?:[^/?#@]*@)?([^/?#\s]*).*", r"\1\2", origin, flags=re.DOTALL)
    )
    if parts is None or parts.scheme not in DEFAULT_PORTS:
        return origin
    port = "" if parts.port == DEFAULT_PORTS[parts.scheme] else f":{parts.port}"
    return f"{parts.scheme}://{parts.host}{port}"


def is_loopback(origin: str) -> bool:
    """Tell whether `origin` is of this machine, where a developer's pages are."""
    parts = parts_of(origin)
    return parts is not None and (parts.host in _LOOPBACK or parts.host.endswith(".localhost"))


def texts(values: Any) -> list[str]:
    """Return the strings among what is configured, as far as it can be gone through without an effect."""
    known = isinstance(values, (list, tuple, set, frozenset))
    return [value for value in list(values)[:_MOST] if isinstance(value, str)] if known else []


def origin_hints(origin: str, origins: Iterable[str], regex: "re.Pattern[str] | None") -> Iterator[str]:
    """Yield what keeps `origin`, which is not allowed, from being so, where it nearly is."""
    for configured in origins:
        for differs, hint in _DIFFERENCES:
            if differs(origin, configured):
                yield f"allow_origins holds {configured!r}: {hint}"
                break
    if regex is not None and isinstance(regex.pattern, str):
        yield from _regex_hints(origin, regex)


def _regex_hints(origin: str, regex: "re.Pattern[str]") -> Iterator[str]:
    if regex.fullmatch(origin):
        return
    if regex.fullmatch(origin + "/"):
        yield "allow_origin_regex matches only with a slash at the end, which no origin has."
    elif regex.search(origin):
        yield "allow_origin_regex matches a part of the origin only: the whole has to match."


def _is_scheme_twin(origin: str, configured: str) -> bool:
    ours, theirs = parts_of(origin), parts_of(configured)
    if ours is None or theirs is None or ours.scheme == theirs.scheme or ours.host != theirs.host:
        return False
    return ours.port == theirs.port or all(each.port == DEFAULT_PORTS.get(each.scheme) for each in (ours, theirs))


def _is_port_twin(origin: str, configured: str) -> bool:
    ours, theirs = parts_of(origin), parts_of(configured)
    return ours is not None and theirs is not None and ours[:2] == theirs[:2] and ours.port != theirs.port


def _hosts(origin: str, configured: str) -> tuple[str, str]:
    """Return the two hosts, where nothing else differs; else twice the same."""
    ours, theirs = parts_of(origin), parts_of(configured)
    if ours is None or theirs is None or ours._replace(host="") != theirs._replace(host=""):
        return "", ""
    return ours.host, theirs.host


def _is_loopback_twin(origin: str, configured: str) -> bool:
    ours, theirs = _hosts(origin, configured)
    return ours != theirs and {ours, theirs} <= _LOOPBACK


def _is_www_twin(origin: str, configured: str) -> bool:
    ours, theirs = _hosts(origin, configured)
    return ours != theirs and ours.removeprefix("www.") == theirs.removeprefix("www.")


def _is_wildcard(origin: str, configured: str) -> bool:
    return "*" in configured[1:] and re.fullmatch(re.escape(configured).replace(r"\*", ".*"), origin) is not None


_DIFFERENCES: tuple[tuple[Callable[[str, str], bool], str], ...] = (
    (lambda origin, configured: origin != configured and origin == configured.strip(), "remove the white space."),
    (
        lambda origin, configured: configured.startswith((origin + "/", origin + "?", origin + "#")),
        "an origin ends with the host and the port; remove what follows, the slash too.",
    ),
    (
        lambda origin, configured: origin == configured.lower() != configured,
        "a browser writes an origin in lower case, and it is compared character by character.",
    ),
    (
        lambda origin, configured: "://" not in configured and origin.partition("://")[2] == configured,
        "the scheme is missing.",
    ),
    (
        lambda origin, configured: origin != configured and parts_of(origin) == parts_of(configured) is not None,
        "a browser leaves the default port out.",
    ),
    (
        _is_wildcard,
        "an asterisk within an origin stands for nothing; in allow_origin_patterns it stands for what is meant.",
    ),
    (_is_scheme_twin, "http and https are different origins."),
    (_is_port_twin, "another port is another origin."),
    (_is_loopback_twin, "localhost, 127.0.0.1 and [::1] are different origins."),
    (_is_www_twin, "with and without www. are different origins."),
)
