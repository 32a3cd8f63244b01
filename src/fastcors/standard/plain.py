"""Reads an origin or an origin pattern with a plain slip, such as a slash at the end or upper case.

Every origin and pattern that a fix proposes is read here. The grammar is a whitelist, and the whole text has to match
it. Any other text, such as `https://api.dev?.example.com`, may mean another host than its beginning. The host is not
changed, except for upper case, punycode and the shortest form of an IPv6 address.
"""

import re
import unicodedata
from typing import NamedTuple

from .code import may_be_code, may_be_file
from .hosts import host_of, is_local, to_ascii, to_unicode
from .origins import DEFAULT_PORTS, MAX_PORT
from .platforms import SHARED_BY_PATH
from .public_suffixes import installed, is_known_top, platforms_only


class Plain(NamedTuple):
    """The parts of a text with at most plain slips."""

    scheme: str
    """In lower case; empty if the text has none."""
    host: str
    """As a browser writes it, but with the asterisks of a pattern."""
    port: str
    """Empty for none, and for the default port of the scheme."""


def read(text: str) -> Plain | None:
    """Return the parts of an origin, or None if the text is not plain."""
    return None if "*" in text.removesuffix("/*") else read_pattern(text)


def read_pattern(text: str) -> Plain | None:
    """Return the parts of an origin that may have asterisks for a scheme, a part of the host or a port; None if it is
    not plain.

    Without a scheme, any word could be a host. So it has to be `localhost`, an address or a name under a known
    top-level domain.
    """
    found = _APP.fullmatch(text)
    if found is not None:
        return Plain(found[1].lower(), found[2], found[3] or "")
    found = _WEB.fullmatch(text)
    # An address with a number as its path is a range of addresses.
    if found is None or re.search(r"[0-9\]]/-?[0-9]", text):
        return None
    # It may be the one at the end of a sentence, or stand before what the slash has cut off.
    if found[3].endswith("."):
        return None
    # After `https:` alone, or `//`, a name may be one as well.
    if may_be_file(found[3]) if found[1] else may_be_code(found[3]):
        return None
    scheme = (found[1] or found[2] or "").lower()
    host, port = _host(found[3]), _port(scheme, found[4] or "")
    if host is None or port is None or _begins_like_scheme(scheme, host) or not (scheme or _is_full(host)):
        return None
    # Either the scheme or the port is wrong, and nothing shows which one.
    if is_shared(host) or _has_slash_for_dot(text, host) or ("*" in host and port in DEFAULT_PORTS.values()):
        return None
    return Plain(scheme, host, port)


# What may follow the port: `/`, `/*`, a path without dots, the route of a single-page app, a query without dots.
_PATH = "(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*/?)?"
_QUERY = "[A-Za-z0-9_-]+=[A-Za-z0-9_-]*"
_TAIL = rf"(?:/(?:\*|{_PATH}|#(?:/{_PATH})?))?(?:\?{_QUERY}(?:&{_QUERY})*)?"

# After `http` or `https`, the usual misspellings of `://` are clear too, because a host has no colon and no slash.
_SCHEMES = r"(\*|(?i:https?|wss?|http\*))://|(?i:(https?)(?::/?|:///|//))|//"
_WEB = re.compile(
    rf"(?:{_SCHEMES})?(\[[0-9A-Fa-f:.]+\]|[^\s/:?#@%\\\[\]]+)(?::(?:([0-9]{{1,9}}|[0-9]*\*+)|\Z))?{_TAIL}"
)

# Browsers leave these hosts unchanged.
_APP = re.compile(
    r"(?i:(app|capacitor|electron|ionic|tauri|vscode-webview|(?:[a-z]+-){1,3}extension))://"
    r"([A-Za-z0-9_-]+)(?::([0-9]{1,5}))?/?"
)

# Each set has the letters of one alphabet, except those that NFKC changes. A Cyrillic or Greek label needs a letter
# that does not look Latin. Otherwise the whole label could look like a Latin one.
_ALPHABETS = (
    "[A-Za-z0-9_-]+",
    "[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u012f\u0134-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u017e-]+",
    "(?=.*[^0-9\u03b1\u03b3\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c9-])[0-9\u03ac-\u03ce-]+",
    "(?=.*[^0-9\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458-])[0-9\u0430-\u045f-]+",
    "[0-9\u3041-\u3096-]+",
    "[0-9\u30a1-\u30fa\u30fc-]+",
    "[0-9\u4e00-\u9fff-]+",
    "[0-9\uac00-\ud7a3-]+",
)
_LABEL = re.compile(rf"(?![-_])(?:{'|'.join(_ALPHABETS)})(?<![-_])")
_ADDRESS = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_ADDRESSES = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2}|\*+)){0,3}")
# Neither a number nor a single letter is a top-level domain. A letter may stand for a number, as in `192.168.1.n`.
_TOP = re.compile(r"(?!0x|(?:https?|wss?|null)\Z)[a-z][a-z0-9-]+")
_TWO_NUMBERS = re.compile(r"(?:[0-9]+\.){2}")


def _host(text: str) -> str | None:
    """Return the host as a browser writes it, with the asterisks that it has; None if it is not plain."""
    if _ADDRESSES.fullmatch(text) and "*" in text:
        return text
    if text.startswith("[") or _ADDRESS.fullmatch(text):
        written = host_of(text).written
        return written if written is None or text.startswith("[") or written == text else None
    # A label with asterisks stands for labels with other text in their place.
    labels = re.sub(r"\*+", "x", text).removesuffix(".").split(".")
    if not all(_LABEL.fullmatch(label) and _is_decodable(label) for label in labels):
        return None
    host = to_ascii(text.lower())
    # An address with something else in place of its last numbers.
    if _TWO_NUMBERS.match(host) and not _is_full(host):
        return None
    top = to_ascii(labels[-1].lower())
    return host if _TOP.fullmatch(top) and host_of(".".join(labels)).written is not None else None


def _is_decodable(label: str) -> bool:
    """Tell whether a label is none in Punycode, or stands for letters there and is written as a browser writes it."""
    if not label.lower().startswith("xn--"):
        return True
    name = to_unicode(label.lower())
    letters = all(unicodedata.category(character)[0] in "LMN" for character in name.replace("-", ""))
    is_normal = unicodedata.normalize("NFKC", name) == name == name.lower()
    return not name.isascii() and letters and is_normal and to_ascii(name) == label.lower()


def _port(scheme: str, text: str) -> str | None:
    if "*" in text:
        return text
    number = int(text or 0)
    if number > MAX_PORT or (text and not number):
        return None
    return "" if not text or text.lstrip("0") == DEFAULT_PORTS.get(scheme) else str(number)


def is_shared(host: str) -> bool:
    """Tell whether many people have pages on `host`, in paths or on subdomains of their own. Whoever writes such a host
    does not mean all of these pages.
    """
    if host in SHARED_BY_PATH:
        return True
    if "*" in host or "." not in host or is_local(host) or host[-1] in "]0123456789":
        return False
    return None in (installed().registrable(host), platforms_only().registrable(host))


def _has_slash_for_dot(text: str, host: str) -> bool:
    """Tell whether a slash may stand for a dot, as in `https://example.co/uk`."""
    found = _ONE_LABEL.fullmatch(text)
    if found is None:
        return False
    last, label = host.rpartition(".")[2], found[1].lower()
    # Without the public suffix list, not all such suffixes are known.
    if last in _SECOND_LEVEL and len(label) == 2 and is_known_top(label):
        return True
    return is_known_top(label) and None in (
        each.registrable(f"{last}.{label}") for each in (installed(), platforms_only())
    )


_ONE_LABEL = re.compile("(?:[^/]*/+)?[^/:]+/([A-Za-z0-9-]+)/?")
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org"})


def _begins_like_scheme(scheme: str, host: str) -> bool:
    """Tell whether `host` may begin with a scheme that lost its colon, as in `httpsexample.com`."""
    return host.startswith("https" if scheme else "http")


def _is_full(host: str) -> bool:
    """Tell whether `host` can only be meant as one: it has a known top-level domain, is `localhost` or an address."""
    name, _, top = host.removesuffix(".").rpartition(".")
    if host.startswith("[") or top in ("localhost", "*") or top.isdecimal():
        return True
    return bool(name) and is_known_top(top)


def hosts_in(text: str) -> frozenset[str]:
    """Return the hosts in `text` as a browser writes them. For `*.example.com`, this includes `example.com`."""
    names = {to_ascii(name.lower()) for name in _BETWEEN.split(text)}
    addresses = {host_of(address).written or "" for address in re.findall(r"\[[0-9A-Fa-f:.]+\]", text)}
    return frozenset((*names, *addresses, *(re.sub(r"^(?:\*+\.?)+", "", name) for name in names)))


_BETWEEN = re.compile(r"""[\s,;:/?"'`\[\]]+""")
