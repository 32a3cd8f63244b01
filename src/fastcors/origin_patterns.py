"""Origin patterns: `https://*.example.com` and `http://localhost:*`, which is what most origin regexes are written for.

`*.` at the start of a host stands for one or more labels, `:*` for any port or none; nothing else is special. So it
can be checked what a pattern admits, and the regex made of it cannot be wrong about a dot.
"""

import functools
import importlib
import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

__all__ = ("OriginPattern", "OriginPatternError", "checked_patterns", "parse_origin_pattern", "regex_of")


class OriginPatternError(ValueError):
    """A pattern that no origin can match, or more of them than anyone can vouch for: `value`, `reason` and `fix`."""

    def __init__(self, value: object, reason: str, fix: str) -> None:
        super().__init__(value, reason, fix)
        self.value = value
        self.reason = reason
        self.fix = fix

    def __str__(self) -> str:
        return f"allow_origin_patterns holds {self.value!r}: {self.reason}. {self.fix}."


class OriginPattern(NamedTuple):
    """A pattern in its parts: `https://*.example.com:*` is `("https", True, "example.com", "*")`."""

    scheme: str
    subdomains: bool
    """It stands for every host below `host`, and not for `host` itself."""
    host: str
    port: str
    """`"*"` for any or none, a number, or empty for none."""


def parse_origin_pattern(pattern: str) -> OriginPattern:
    """Return the parts of `pattern`. Raises `OriginPatternError`."""
    if not isinstance(pattern, str):
        raise OriginPatternError(pattern, "it is not a string", f"Write {str(pattern).rstrip('/')!r}")
    for mistake, reason, fix in _MISTAKES:
        if re.search(mistake, pattern):
            raise OriginPatternError(pattern, reason, fix(pattern))
    scheme, _, authority = pattern.partition("://")
    found = re.fullmatch(r"(\*\.)?(\[.*\]|[^:\[\]]*)(:.*)?", authority)
    if found is None:
        raise OriginPatternError(pattern, "its host or port is malformed", _LIKE_THIS)
    subdomains, host, port = found[1] is not None, found[2], (found[3] or "").removeprefix(":")
    _check_host(pattern, host)
    if subdomains:
        _check_domain(pattern, host)
    if found[3] is not None and port != "*":
        _check_port(pattern, scheme, port)
    return OriginPattern(scheme, subdomains, host, port)


def checked_patterns(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return `patterns` as a middleware keeps them. Raises `OriginPatternError` for the first that is wrong."""
    checked = tuple(patterns)
    for pattern in checked:
        parse_origin_pattern(pattern)
    return checked


# A browser sends a host in lower case and ASCII, and RFC 1035 gives a label 63 octets at the most.
_LABELS = r"(?:[0-9a-z_-]{1,63}\.)+"
_PORTS = {"*": r"(?::[1-9][0-9]{0,4})?", "": ""}


@functools.lru_cache(maxsize=128)
def regex_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return a regex that matches in full what one of `patterns` stands for. Raises `OriginPatternError`."""
    hosts: dict[tuple[str, bool, str], list[str]] = {}
    for scheme, subdomains, host, port in map(parse_origin_pattern, patterns):
        hosts.setdefault((scheme, subdomains, port), []).append(re.escape(host))
    # What patterns have in common is written once, so that many of them still make a small automaton.
    return re.compile(
        "|".join(
            f"{re.escape(scheme)}://{_LABELS if subdomains else ''}(?:{'|'.join(listed)}){_PORTS.get(port, f':{port}')}"
            for (scheme, subdomains, port), listed in hosts.items()
        )
    )


_LIKE_THIS = "Write it as in 'https://*.example.com' or 'http://localhost:*'"


def _say(fix: str) -> Callable[[str], str]:
    return lambda _pattern: fix


def _write(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda pattern: f"Write {change(pattern)!r}"


def _without(part: str) -> Callable[[str], str]:
    return _write(lambda pattern: re.sub(part, "", pattern))


def _in_ascii(pattern: str) -> str:
    try:
        right = re.sub(r"[^/:.]*[^\x00-\x7f/:.][^/:.]*", lambda label: label[0].encode("idna").decode("ascii"), pattern)
    except UnicodeError:
        return _LIKE_THIS
    return f"Write {right!r}"


# What is looked for, the reason, and what makes the fix of the pattern; the first that is found counts.
_MISTAKES: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    (r"^\*$", "it would allow every origin", _say('Write allow_origins=["*"] where that is meant')),
    (r"^null$", "every sandboxed frame and local file has it", _say("Serve the page from an origin of its own")),
    (r"^(?!.*://)", "it has no scheme", _write(lambda pattern: f"https://{pattern.lstrip('/')}")),
    (r"^[^:]*\*", "a scheme cannot be a pattern", _say("Write one pattern for each scheme")),
    (r"^file:", "browsers send null as the origin of a local file", _say("Serve the page over HTTP")),
    (r"[A-Z]", "browsers send scheme and host in lower case", _write(str.lower)),
    (r"^(?![a-z][0-9a-z+.-]*://)", "its scheme is malformed", _say(_LIKE_THIS)),
    (r"//[^/?#]*@", "no origin names a user", _without(r"(?<=//)[^/?#]*@")),
    (r"//.*[/?#]", "an origin ends after host and port", _without(r"(?s)(?<=[^/:])[/?#].*")),
    (r"//\*\.?(:|$)", "it would allow every host", _say("Name the domain, as in 'https://*.example.com'")),
    (r"//\*\.\*\.", "'*.' stands for several labels already", _without(r"(?<=//\*\.)(\*\.)+")),
    (
        r"(?<!//)(?<!:)\*|(?<=//)\*(?!\.)|(?<=:)\*(?!$)",
        "a '*' stands for all that comes before a domain, or for a port, and nothing else",
        _say(f"{_LIKE_THIS}, or use allow_origin_regex"),
    ),
    (r"[^\x00-\x7f]", "browsers send a host in ASCII", _in_ascii),
)


def _check_host(pattern: str, host: str) -> None:
    """URL Standard, "host parsing": let only what a browser makes of a host pass, for that is what it sends."""
    if host.startswith("["):
        _check_address(pattern, host[1:-1], ipaddress.IPv6Address)
        return
    labels = host.split(".")
    if not host:
        raise OriginPatternError(pattern, "it has no host", _LIKE_THIS)
    if "" in labels:
        right = pattern.replace(host, ".".join(filter(None, labels)))
        raise OriginPatternError(pattern, "an empty label stands in its host", f"Write {right!r}")
    if re.search(r"[^0-9a-z_.-]", host):
        raise OriginPatternError(pattern, "a host holds letters, digits, hyphens and dots", _LIKE_THIS)
    if max(map(len, labels)) > 63 or len(host) > 253:
        raise OriginPatternError(pattern, "a label has 63 octets at the most, a host 253", _LIKE_THIS)
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        _check_address(pattern, host, ipaddress.IPv4Address)


def _check_address(pattern: str, host: str, kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]) -> None:
    try:
        address = kind(host)
    except ValueError:
        raise OriginPatternError(pattern, f"{host!r} is no address as a browser writes it", _LIKE_THIS) from None
    mapped = getattr(address, "ipv4_mapped", None)
    # Python 3.13 writes the last part of these in decimal, as no browser does.
    right = f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}" if mapped else str(address)
    if host != right or "%" in host:
        right = pattern.replace(host, right.partition("%")[0])
        raise OriginPatternError(pattern, "a browser writes the address differently", f"Write {right!r}")


# Nobody can register a name below these: RFC 6761 and ICANN's resolution 2024.07.29.06.
_PRIVATE = frozenset({"internal", "localhost", "test"})


def _check_domain(pattern: str, domain: str) -> None:
    """Refuse subdomains of what others can register a name below."""
    if domain.startswith("[") or domain.rpartition(".")[2].isdigit():
        raise OriginPatternError(pattern, "an address has no subdomains", f"Write {pattern.replace('*.', '')!r}")
    if domain in _PRIVATE or ("." in domain and not _is_public(domain)):
        return
    raise OriginPatternError(
        pattern, f"anyone can register a name below {domain!r}", f"Name your own, as in 'https://*.example.{domain}'"
    )


def _is_public(domain: str) -> bool:
    """Tell whether the names right below `domain` are registered by anyone, as far as a list of such is installed."""
    suffixes = _public_suffixes()
    return suffixes is not None and bool(suffixes.is_public(domain))


@functools.cache
def _public_suffixes() -> Any:
    try:
        return importlib.import_module("publicsuffixlist").PublicSuffixList()
    except ImportError:
        return None


def _check_port(pattern: str, scheme: str, port: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
        raise OriginPatternError(pattern, f"{port!r} is no port", _LIKE_THIS)
    if _DEFAULT_PORTS.get(scheme) == port:
        right = pattern.removesuffix(f":{port}")
        raise OriginPatternError(pattern, "a browser leaves out the default port", f"Write {right!r}")


_DEFAULT_PORTS = {"http": "80", "https": "443"}
