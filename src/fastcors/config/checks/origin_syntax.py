"""The checks of how one origin is written.

The origin is read as a URL (URL, section 4.4) and compared with how a browser writes it (HTML, "serialization of an
origin").
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...problems import Fault, holds_secret, pasted, shown
from ...standard.hosts import PRIVATE_TOPS, Host, host_of, is_local, is_loopback_name, is_unclear
from ...standard.origins import DEFAULT_PORTS, MAX_PORT
from .origin_texts import bare, fault_of_the_whole, insecure, means_every, split


class _Parts(NamedTuple):
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


ADVISED = frozenset({"origin-wildcard", "origin-is-regex"})
"""The codes of faults without a fix here: `advice.py` decides which parameter takes such a value."""


def faults_of(origin: str, credentials: bool) -> Iterator[Fault]:
    """Yield why no browser sends `origin`, and why it is unsafe with `credentials`."""
    whole = fault_of_the_whole(origin)
    if whole is not None:
        if whole.code == "origin-null" and not credentials:
            whole = whole._replace(severity="warning")
        elif credentials and "'*'" in whole.fix:
            whole = whole._replace(fix="List the origins that may; '*' is not safe with allow_credentials=True.")
        elif not whole.fix and whole.code not in ADVISED:
            whole = whole._replace(fix=to_write(origin, credentials))
        yield whole
        return
    parts = _taken_apart(origin)
    written = _written(parts)
    for code, reason in _differences(parts):
        yield Fault(code, f"{reason}, so this never matches.", to_write(origin, credentials))
    yield from _other_scheme(parts, credentials)
    if credentials and written is not None and _is_insecure(written):
        yield _over_http(origin, written, parts.host.written or "")


def remarks_of(origin: str) -> Iterator[Fault]:
    """Yield what is worth knowing about `origin`, although a browser can send it."""
    if fault_of_the_whole(origin) is None:
        parts = _taken_apart(origin)
        host = parts.host.written or ""
        if parts.scheme in DEFAULT_PORTS and not any(_differences(parts)) and _is_of_a_container(host):
            reason = (
                f"{shown(host)} is a name without a dot, as containers have. Outside their network no browser opens a "
                f"page by such a name, so none sends this origin."
            )
            fix = "Write the address that the browser shows for the page, such as 'http://localhost:5173'."
            yield Fault("origin-container-name", reason, fix)


def _is_of_a_container(host: str) -> bool:
    return "." not in host and not host.startswith("[") and host not in PRIVATE_TOPS


def _is_insecure(written: Written) -> bool:
    return written.text.startswith("http:") and not written.is_local


def _over_http(origin: str, written: Written, host: str) -> Fault:
    if is_loopback_name(host):
        return _resolving_here(written)
    fault = insecure(written.text)
    if _is_unclear(origin):
        fault = fault._replace(fix="Serve that page over https, and list the origin that the browser shows for it.")
    return fault


def _resolving_here(written: Written) -> Fault:
    reason = (
        "the public DNS has the address of the machine itself for this name, so no network lies between, as long as "
        "the owner of the domain leaves it so."
    )
    fix = f"Write {shown(re.sub('//[^:]+', '//localhost', written.text))} and open the page by that name."
    return Fault("origin-insecure", reason, fix, "note")


def written_as(text: str) -> Written | None:
    """Return the origin that `text` probably means, or None if that is unclear."""
    text = re.sub("^(https?)(?::/*|//+)", r"\1://", bare(text).lstrip("/"), flags=re.IGNORECASE)
    if "://" in text:
        return _written(_taken_apart(text))
    written = _written(_taken_apart("http://" + text))
    if written is None or not written.is_local:
        return _written(_taken_apart("https://" + text))
    return written


def meant_by(text: str, credentials: bool = False) -> str | None:
    """Return the origin that `text` probably means as a browser writes it, or `*` for every origin.

    Return None if the meaning is unclear, or the result would have a fault of its own.
    """
    if means_every(text):
        return None if credentials else "*"
    written = None if bare(text).lower() == "null" or _hides_host(text) or _is_unclear(text) else written_as(text)
    if written is not None and credentials and _is_insecure(written):
        written = written_as(f"https{written.text[4:]}")
    return written.text if written is not None and _is_clean(written.text, credentials) else None


def _is_unclear(text: str) -> bool:
    """Tell whether `text` may mean another host than its beginning: one behind a placeholder, or a second URL."""
    _, _, rest = bare(text).rpartition("://")
    host = re.split(r"[/\\?#]", rest)[0].rpartition("@")[2].partition(":")[0]
    return text.count("://") > 1 or is_unclear(host) or re.match(r"[^/\\?#]*(?:[?#][^/]*\.|[/\\]\.)", rest) is not None


def _hides_host(text: str) -> bool:
    """Tell whether `text` has an at sign where a URL has none. Then what looks like the host may be a password."""
    _, separator, rest = text.rpartition("://")
    authority = re.split(r"[/\\?#]", rest.lstrip("/") if separator else re.sub("^https?:/*", "", text.lstrip("/")))[0]
    return holds_secret(text.replace(authority, authority.replace("@", ""), 1)) if holds_secret(text) else False


def _is_clean(origin: str, credentials: bool) -> bool:
    """Tell whether `origin` can be proposed."""
    if fault_of_the_whole(origin) is not None or "@" in origin:
        return False
    parts = _taken_apart(origin)
    return not any(_differences(parts)) and not any(_other_scheme(parts, credentials))


_PARTS = re.compile(r"(.*?)://(?:([^/\\?#]*)@)?([^/\\?#@]*)([/\\][^?#]*)?([?#].*)?", re.DOTALL)


def _taken_apart(origin: str) -> _Parts:
    found = _PARTS.fullmatch(origin)
    assert found is not None, "a scheme is there"
    scheme, userinfo, address, path, query = found.groups()
    lower = scheme.lower()
    if lower not in DEFAULT_PORTS:
        # The scheme of a browser extension, for example: browsers leave its host unchanged.
        return _Parts(lower, userinfo, Host(address), None, path, query, scheme != lower)
    host, port = _host_and_port(address)
    return _Parts(lower, userinfo, host, port, path, query, re.search("[A-Z]", scheme + address) is not None)


_BARE_IPV6 = re.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")
_HOST_AND_PORT = re.compile(r"(\[.*\][^:]*|\[.*|[^:]*)(?::(.*))?", re.DOTALL)


def _host_and_port(address: str) -> tuple[Host, str | None]:
    """Return the host, and the port as it is written, or None without a colon."""
    found = _HOST_AND_PORT.fullmatch(address)
    if found is None or _BARE_IPV6.fullmatch(address):
        return host_of(address), None
    return host_of(found[1]), found[2]


def _differences(parts: _Parts) -> Iterator[tuple[str, str]]:
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
        yield "origin-default-port", f"a browser leaves out the port that is the default of {scheme}"
    elif not port:
        yield "origin-invalid-port", "a browser leaves out a colon that no port follows"
    elif not 0 < _number(port) <= MAX_PORT:
        yield "origin-invalid-port", f"a port is a number from 1 to {MAX_PORT}"
    elif port.startswith("0"):
        yield "origin-invalid-port", "a browser sends a port without leading zeros"


def _number(port: str) -> int:
    return int(port) if re.fullmatch("[0-9]{1,9}", port) else 0


def _written(parts: _Parts) -> Written | None:
    host, port = parts.host.written, parts.port or ""
    if host is None or (port and not 0 < _number(port) <= MAX_PORT):
        return None
    # A browser leaves out the default port, and a colon that no port follows.
    if port and str(_number(port)) != DEFAULT_PORTS[parts.scheme]:
        return Written(f"{parts.scheme}://{host}:{_number(port)}", is_local(host))
    return Written(f"{parts.scheme}://{host}", is_local(host))


def meant_by_all(origin: str, credentials: bool = False) -> list[str]:
    """Return the origins that the entry `origin` probably means, or nothing if one of them is unclear."""
    if holds_secret(origin) and len(split(origin)) > 1:
        return []
    parts = split(origin)
    # Without a scheme, a part behind one with a scheme may belong to it.
    bare_parts = [each for each in parts if "://" not in each]
    if 0 < len(bare_parts) < len(parts) and not (re.search("[,;]", origin) and all("." in each for each in bare_parts)):
        return []
    meant = [meant_by(re.sub("^ws(s?)://", r"http\1://", each), credentials) for each in parts]
    return [each for each in meant if each] if all(meant) else []


def to_write(origin: str, credentials: bool) -> str:
    meant = meant_by_all(origin, credentials)
    if len(split(origin)) > 1:
        listed = f": {pasted(meant)}" if pasted(meant) and meant else " in the list, as location.origin says it there"
        return f"Write each on its own{listed}."
    if not meant:
        return "Write what location.origin says in the browser's console, on the page that calls."
    return f"Write {shown(meant[0])}."


def _other_scheme(parts: _Parts, credentials: bool) -> Iterator[Fault]:
    other = {"http": "https", "https": "http"}.get(parts.scheme, "")
    host = parts.host.written
    if host is not None and other and parts.port == DEFAULT_PORTS[other]:
        reason = f"{parts.port} is the port of {other}, so the scheme is probably mistaken."
        if credentials and other == "http" and not is_local(host):
            other = "https"
        fix = f"Write {shown(f'{other}://{host}')} if the page is served over {other}."
        yield Fault("origin-port-of-other-scheme", reason, fix)
