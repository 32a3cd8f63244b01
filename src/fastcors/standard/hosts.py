"""How a browser writes the host of an http or https origin, and why another spelling is wrong (URL, section 3.5).

The host of any other scheme is opaque: browsers leave it unchanged.
"""

import ipaddress
import re
import unicodedata
from typing import NamedTuple

from .origins import MAX_LABEL_LENGTH, MAX_NAME_LENGTH, has_dns_length


class Host(NamedTuple):
    """`written` is the host as a browser writes it, or None if no browser sends such a host. `code` and `reason` say
    why it differs from the configured host; both are empty if the two are equal or differ only in case.
    """

    written: str | None
    code: str = ""
    reason: str = ""


def host_of(text: str) -> Host:
    """Return how a browser writes the host that was configured as `text`."""
    if text.startswith("[") or ":" in text:
        return _ipv6(text)
    lower = text.lower()
    if not lower.isascii():
        # Browsers follow UTS #46, which maps letters as NFKC does. The codec `idna` is unsuitable: it follows the older
        # IDNA 2003, turns `ß` into `ss`, and rejects characters that are newer than Unicode 3.2.
        written = host_of(to_ascii(unicodedata.normalize("NFKC", _FULL_STOPS.sub(".", lower)))).written
        return Host(written, "origin-non-ascii-host", "a browser sends the host in its ASCII form (punycode)")
    if _FORBIDDEN.search(lower):
        return Host(None, "origin-malformed", "its host contains an invalid character")
    labels = lower.removesuffix(".").split(".")
    if "" in labels:
        reason = "its host begins with a dot or has two dots in a row" if lower else "its host is empty"
        return Host(None, "origin-empty-label", reason)
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(lower, labels)
    if not has_dns_length(lower):
        reason = (
            f"its host has more than {MAX_NAME_LENGTH} characters, or more than {MAX_LABEL_LENGTH} without a dot "
            f"(RFC 1035)"
        )
        return Host(None, "origin-too-long", reason)
    return Host(lower)


# URL, "forbidden domain code point"; also quotation mark, grave accent and braces, which no real host has.
_FORBIDDEN = re.compile(r"[\x00-\x20\"#%/:<>?@\[\\\]^`{|}\x7f]")
# URL, "ends in a number": such a host is either an IPv4 address or invalid.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_FULL_STOPS = re.compile("[\u3002\uff0e\uff61]")


def to_ascii(name: str) -> str:
    """Return `name` with its labels in ASCII: `xn--` marks a label that Punycode encodes (RFC 3492, RFC 5890)."""
    labels = name.split(".")
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode().lower()}" for label in labels
    )


def to_unicode(label: str) -> str:
    """Return a label that `to_ascii` may have encoded as it was before; a malformed one as it is."""
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _ipv4(host: str, labels: list[str]) -> Host:
    """Return how a browser writes a host that can only be an IPv4 address (URL, "IPv4 parser")."""
    try:
        *numbers, last = (_number(label) for label in labels)
        if len(labels) > 4 or max(numbers, default=0) > 255:
            raise ValueError
        value = last + sum(number << 8 * (3 - at) for at, number in enumerate(numbers))
        # The last number fills the bytes that the other numbers leave.
        if last >= 256 ** (4 - len(numbers)):
            raise ValueError
    except ValueError:
        return Host(None, "origin-malformed-ipv4", "its host ends in a number but is not a valid IPv4 address")
    written = str(ipaddress.IPv4Address(value))
    if written == host:
        return Host(written)
    return Host(written, "origin-malformed-ipv4", "a browser sends an IPv4 address as four decimal numbers")


def _number(label: str) -> int:
    # `int` would accept a sign or an underscore.
    if not _NUMBER.fullmatch(label):
        raise ValueError
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)


def _ipv6(text: str) -> Host:
    if not (text.startswith("[") and text.endswith("]")):
        return Host(None, "origin-malformed-ipv6", "an IPv6 address needs brackets around it")
    try:
        # `ipaddress` would accept a zone identifier, which the host of a URL cannot have.
        address = ipaddress.IPv6Address(text[1:-1].replace("%", " "))
    except ValueError:
        return Host(None, "origin-malformed-ipv6", "its host is not a valid IPv6 address")
    mapped = address.ipv4_mapped
    # The URL standard writes a mapped address in hexadecimal; some versions of Python write it with dots.
    written = f"[{address}]" if mapped is None else f"[::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}]"
    if written == text.lower():
        return Host(written)
    return Host(written, "origin-malformed-ipv6", "a browser sends an IPv6 address in its shortest form")


UNDELEGATED_TOPS = frozenset({"internal", "localhost", "test"})
"""Nobody can ever register a name below these (RFC 6761, and ICANN's resolution 2024.07.29.06)."""

PRIVATE_TOPS = UNDELEGATED_TOPS | {"corp", "home", "intranet", "lan", "local", "mail"}
"""The top-level names of private networks: also `local` (RFC 6762), and `corp`, `home` and `mail`, which ICANN decided
on 2018-02-04 never to delegate. `intranet` and `lan` are not delegated either.
"""

UNREGISTRABLE_TOPS = PRIVATE_TOPS | {"example", "invalid"}
"""Nobody can register a name below these today: this adds the rest of RFC 6761."""


def is_local(host: str) -> bool:
    """Tell whether a host, as a browser writes it, belongs to this machine or to a private network: it is a loopback or
    private address, has no dot, or is below a name that is reserved for private networks.
    """
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        address = getattr(address, "ipv4_mapped", None) or address
        if address.version == 4:
            return not address.is_global
        # Some other addresses that are not global lead over the internet, such as those of Teredo.
        return address.is_unspecified or address.is_loopback or any(address in network for network in _LOCAL_NETWORKS)
    except ValueError:
        name = host.removesuffix(".")
        # RFC 8375 reserves `home.arpa`.
        return "." not in name or name.rpartition(".")[2] in PRIVATE_TOPS or name.endswith(".home.arpa")


# Networks of organisations (RFC 4193), of links (RFC 4291), and for documentation (RFC 3849).
_LOCAL_NETWORKS = tuple(map(ipaddress.IPv6Network, ("fc00::/7", "fe80::/10", "2001:db8::/32")))

# The public DNS answers 127.0.0.1 for these and for every name below them.
_LOOPBACK_DOMAINS = ("localtest.me", "lvh.me", "localhost.tiangolo.com")
# The public DNS answers the first address that such a name has in it: 1.127.0.0 for `1.127.0.0.1.nip.io`.
_LOOPBACK_ADDRESS = re.compile(
    r"(?:(?![0-9a-f]{8}[.-])[a-z][a-z0-9]*[.-])*(?:127(?:\.[0-9]{1,3}){3}|127(?:-[0-9]{1,3}){3}|7f[0-9a-f]{6})\.(?:nip|sslip)\.io"
)


def is_loopback_name(host: str) -> bool:
    """Tell whether the public DNS answers the address of the machine itself for `host`."""
    name = host.removesuffix(".")
    return f".{name}".endswith(tuple(f".{domain}" for domain in _LOOPBACK_DOMAINS)) or (
        _LOOPBACK_ADDRESS.fullmatch(name) is not None
    )
