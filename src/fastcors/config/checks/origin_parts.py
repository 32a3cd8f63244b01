"""Reads an origin as a URL (URL, section 4.4), and finds where a browser writes it differently (HTML, "serialization of
an origin").
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...standard.hosts import Host, host_of, is_local
from ...standard.origins import DEFAULT_PORTS, MAX_PORT
from .origin_texts import fault_of_the_whole


class Parts(NamedTuple):
    """The parts of an origin; None for a missing part."""

    scheme: str
    userinfo: str | None
    host: Host
    port: str | None
    path: str | None
    query: str | None
    has_upper_case: bool


class Written(NamedTuple):
    """An origin as a browser writes it."""

    text: str
    is_local: bool
    """The origin belongs to this machine or to a private network."""


_PARTS = re.compile(r"(.*?)://(?:([^/\\?#]*)@)?([^/\\?#@]*)([/\\][^?#]*)?([?#].*)?", re.DOTALL)


def taken_apart(origin: str) -> Parts:
    found = _PARTS.fullmatch(origin)
    assert found is not None, "a scheme is there"
    scheme, userinfo, address, path, query = found.groups()
    lower = scheme.lower()
    if lower not in DEFAULT_PORTS:
        # The scheme of a browser extension, for example: browsers leave its host unchanged.
        return Parts(lower, userinfo, Host(address), None, path, query, scheme != lower)
    host, port = _host_and_port(address)
    return Parts(lower, userinfo, host, port, path, query, re.search("[A-Z]", scheme + address) is not None)


_BARE_IPV6 = re.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")
_HOST_AND_PORT = re.compile(r"(\[.*\][^:]*|\[.*|[^:]*)(?::(.*))?", re.DOTALL)


def _host_and_port(address: str) -> tuple[Host, str | None]:
    """Return the host, and the port as it is written; the port is None if there is no colon."""
    found = _HOST_AND_PORT.fullmatch(address)
    if found is None or _BARE_IPV6.fullmatch(address):
        return host_of(address), None
    return host_of(found[1]), found[2]


def differences(parts: Parts) -> Iterator[tuple[str, str]]:
    """Yield a code and a reason for each part that a browser writes differently."""
    if parts.has_upper_case:
        yield "origin-upper-case", "a browser sends scheme and host in lower case"
    if parts.userinfo is not None:
        yield "origin-userinfo", "a browser sends no user name or password in an origin"
    if parts.host.code:
        yield parts.host.code, parts.host.reason
    if parts.port is not None:
        yield from _differences_of_port(parts.scheme, parts.port)
    if parts.path == "/":
        yield "origin-trailing-slash", "a browser sends an origin without a slash at the end"
    elif parts.path is not None:
        yield "origin-path", "a browser sends an origin without a path"
    if parts.query is not None:
        yield "origin-query", "a browser sends an origin without a query or fragment"


def _differences_of_port(scheme: str, port: str) -> Iterator[tuple[str, str]]:
    if port == DEFAULT_PORTS[scheme]:
        yield "origin-default-port", f"a browser leaves out {port}, the default port of {scheme}"
    elif not port:
        yield "origin-invalid-port", "a browser sends no colon without a port"
    elif not 0 < _number(port) <= MAX_PORT:
        yield "origin-invalid-port", f"a port is a number from 1 to {MAX_PORT}"
    elif port.startswith("0"):
        yield "origin-invalid-port", "a browser sends a port without leading zeros"


def _number(port: str) -> int:
    return int(port) if re.fullmatch("[0-9]{1,9}", port) else 0


def written_of(parts: Parts) -> Written | None:
    host, port = parts.host.written, parts.port or ""
    if host is None or (port and not 0 < _number(port) <= MAX_PORT):
        return None
    # A browser leaves out the default port, and a colon that no port follows.
    if port and str(_number(port)) != DEFAULT_PORTS[parts.scheme]:
        return Written(f"{parts.scheme}://{host}:{_number(port)}", is_local(host))
    return Written(f"{parts.scheme}://{host}", is_local(host))


def other_scheme(parts: Parts) -> str:
    """Return the other scheme of http and https if `parts` has the default port of that one, or an empty text."""
    other = {"http": "https", "https": "http"}.get(parts.scheme, "")
    return other if parts.host.written is not None and other and parts.port == DEFAULT_PORTS[other] else ""


def is_insecure(origin: Written) -> bool:
    return origin.text.startswith("http:") and not origin.is_local


def host_in(origin: str) -> str:
    """Return the host of an origin that has no fault."""
    return taken_apart(origin).host.written or ""


def is_clean(origin: str, credentials: bool) -> bool:
    """Tell whether nothing is wrong with `origin`."""
    if fault_of_the_whole(origin) is not None:
        return False
    parts = taken_apart(origin)
    written = written_of(parts)
    insecure = credentials and written is not None and is_insecure(written)
    return not any(differences(parts)) and not other_scheme(parts) and not insecure
