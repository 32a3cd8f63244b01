"""How a browser writes the host of an origin, and what is wrong with one written otherwise (URL standard, section 3.5).

For http and https. The host of any other scheme is opaque and stays as it is.
"""

import ipaddress
import re
import unicodedata
from typing import NamedTuple

# RFC 1035, section 2.3.4, in characters.
MOST_OF_A_LABEL = 63
MOST_OF_A_NAME = 253


class Host(NamedTuple):
    """`written` is the host as a browser writes it, None where it can have none. `code` and `reason` say why that
    differs from what was configured; both are empty where it does not, or in upper and lower case alone.
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
        written = host_of(_punycode(lower)).written
        return Host(written, "origin-non-ascii-host", "a browser sends the host in its ASCII form (punycode)")
    if _FORBIDDEN.search(lower):
        return Host(None, "origin-malformed", "its host holds a character that no host has")
    labels = lower.removesuffix(".").split(".")
    if "" in labels:
        reason = "a label of its host, between two dots, is empty" if lower else "its host is empty"
        return Host(None, "origin-empty-label", reason)
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(lower, labels)
    if len(lower.removesuffix(".")) > MOST_OF_A_NAME or max(map(len, labels)) > MOST_OF_A_LABEL:
        reason = f"a host has at most {MOST_OF_A_NAME} characters, each label {MOST_OF_A_LABEL} (RFC 1035)"
        return Host(None, "origin-too-long", reason)
    return Host(lower)


# URL standard, "forbidden domain code point".
_FORBIDDEN = re.compile(r"[\x00-\x20\"#%/:<>?@\[\\\]^`{|}\x7f]")
# URL standard, "ends in a number": such a host is an IPv4 address or nothing.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_FULL_STOPS = re.compile("[\u3002\uff0e\uff61]")


def _punycode(host: str) -> str:
    """Return the ASCII form of a host in lower case.

    Of what UTS #46 asks for, which browsers follow, this is the part that concerns letters: normal form C after
    compatibility mappings. The codec `idna` of the standard library would not do: it follows the older IDNA 2003,
    makes `ss` of `ß`, and knows no character that is younger than Unicode 3.2.
    """
    labels = unicodedata.normalize("NFKC", _FULL_STOPS.sub(".", host)).split(".")
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii").lower() for label in labels
    )


def _ipv4(host: str, labels: list[str]) -> Host:
    """Judge a host that can only be an IPv4 address (URL standard, "IPv4 parser")."""
    try:
        *numbers, last = (_number(label) for label in labels)
        if len(labels) > 4 or max(numbers, default=0) > 255:
            raise ValueError
        value = last + sum(number << 8 * (3 - at) for at, number in enumerate(numbers))
        # The last part fills what the others leave.
        if last >= 256 ** (4 - len(numbers)):
            raise ValueError
    except ValueError:
        return Host(None, "origin-malformed-ipv4", "a host that ends in a number is an IPv4 address, and this is none")
    written = str(ipaddress.IPv4Address(value))
    if written == host:
        return Host(written)
    return Host(written, "origin-malformed-ipv4", "a browser sends an IPv4 address as four decimal numbers")


def _number(label: str) -> int:
    # A sign or an underscore, which `int` would take, makes it no number.
    if not _NUMBER.fullmatch(label):
        raise ValueError
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)


def _ipv6(text: str) -> Host:
    if not (text.startswith("[") and text.endswith("]")):
        return Host(None, "origin-malformed-ipv6", "an IPv6 address stands in brackets")
    try:
        # A zone identifier is no part of a URL's host.
        address = ipaddress.IPv6Address(text[1:-1].replace("%", " "))
    except ValueError:
        return Host(None, "origin-malformed-ipv6", "this is no IPv6 address")
    mapped = address.ipv4_mapped
    # As the URL standard has it; some versions of Python write it with dots.
    written = f"[{address}]" if mapped is None else f"[::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}]"
    if written == text.lower():
        return Host(written)
    return Host(written, "origin-malformed-ipv6", "a browser sends an IPv6 address in its shortest form")


UNDELEGATED_TOPS = frozenset({"internal", "localhost", "test"})
"""Nobody can ever register a name below these: RFC 6761, and ICANN's resolution 2024.07.29.06."""

PRIVATE_TOPS = UNDELEGATED_TOPS | {"corp", "home", "intranet", "lan", "local", "mail"}
"""Where the hosts of private networks are: also RFC 6762 and what ICANN resolved on 2018-02-04 to delegate to nobody.
`intranet` and `lan` are delegated to nobody either.
"""

UNREGISTRABLE_TOPS = PRIVATE_TOPS | {"example", "invalid"}
"""Nobody can register a name below these today: also the rest of RFC 6761."""


def is_local(host: str) -> bool:
    """Tell whether a host, as a browser writes it, is of this machine or of a private network: a loopback or private
    address, a name without a dot, or one under a name that is set apart for such.
    """
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        name = host.removesuffix(".")
        # The last one is of RFC 8375.
        return "." not in name or name.rpartition(".")[2] in PRIVATE_TOPS or name.endswith(".home.arpa")
