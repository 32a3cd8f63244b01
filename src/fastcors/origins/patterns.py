"""Origin patterns such as `https://*.example.com` and `http://localhost:*`, which replace most origin regexes.

`*.` at the start of a host stands for one or more labels, and `:*` for any port or none; nothing else is special. So
the set of origins that a pattern admits can be checked, and its regex escapes every dot.
"""

import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

from ..problems import ConfigProblem, problem, shown
from ..standard.hosts import UNDELEGATED_TOPS, UNREGISTRABLE_TOPS, host_of, is_local
from ..standard.origins import DEFAULT_PORTS, LABEL, PORT, SCHEME, is_port
from ..standard.plain import read_pattern
from ..standard.public_suffixes import has_list, installed


class OriginPatternError(ValueError):
    """Raised for a pattern that matches no origin, or too many of them. `problem` has the reason."""

    def __init__(self, problem: ConfigProblem, instead: str = "") -> None:
        super().__init__(problem, instead)
        self.problem = problem
        self.instead = instead
        """The pattern that the fix proposes."""

    def __str__(self) -> str:
        return str(self.problem)


class OriginPattern(NamedTuple):
    """A pattern in its parts: `https://*.example.com:*` is `("https", True, "example.com", "*")`."""

    scheme: str
    subdomains: bool
    """True: the pattern stands for every host below `host`, but not for `host` itself."""
    host: str
    port: str
    """`"*"` for any port or none, a number, or empty for no port."""


def parse_origin_pattern(pattern: str) -> OriginPattern:
    """Return the parts of `pattern`. Raises `OriginPatternError`."""
    if not issubclass(type(pattern), str):
        raise _malformed(pattern, "it is not a string.")
    pattern = str.__str__(pattern)
    for code, mistake, reason, fix in _MISTAKES:
        if re.search(mistake, pattern):
            raise _error(code, pattern, reason, fix)
    scheme, _, authority = pattern.partition("://")
    found = re.fullmatch(r"(\*\.)?(\[.*\]|[^:\[\]]*)(:.*)?", authority, re.DOTALL)
    if found is None:
        raise _malformed(pattern, "its host or port is malformed.")
    subdomains, host, port = found[1] is not None, found[2], (found[3] or "").removeprefix(":")
    _check_host(pattern, host)
    if subdomains:
        _check_domain(pattern, host)
    if found[3] is not None and port != "*":
        _check_port(pattern, scheme, port)
    return OriginPattern(scheme, subdomains, host, port)


def objection_to_subdomains(domain: str) -> str:
    """Return why not every name below `domain` may be allowed, or an empty text if no reason is known."""
    try:
        parse_origin_pattern(f"https://*.{domain}")
    except OriginPatternError as error:
        return error.problem.reason
    return ""


def checked_patterns(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return `patterns` as a tuple. Raises `OriginPatternError` for the first invalid one."""
    checked = tuple(patterns)
    for pattern in checked:
        parse_origin_pattern(pattern)
    return checked


_LABELS = rf"(?:{LABEL}\.)+"
_PORTS = {"*": f"(?::{PORT})?", "": ""}


@functools.lru_cache(maxsize=128)
def regex_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return a regex that fully matches the origins of all `patterns`. Raises `OriginPatternError`."""
    hosts: dict[tuple[str, bool, str], list[str]] = {}
    for scheme, subdomains, host, port in map(parse_origin_pattern, patterns):
        hosts.setdefault((scheme, subdomains, port), []).append(re.escape(host))
    # Common parts are written once, so that many patterns still make a small automaton.
    return re.compile(
        "|".join(
            f"{re.escape(scheme)}://{_LABELS if subdomains else ''}(?:{'|'.join(listed)}){_PORTS.get(port, f':{port}')}"
            for (scheme, subdomains, port), listed in hosts.items()
        )
    )


def _error(code: str, pattern: object, reason: str, fix: str = "") -> OriginPatternError:
    """Return the error for `pattern`. Without a `fix`, it proposes the pattern that is plainly meant, if any."""
    instead = "" if fix else _meant_by(pattern)
    text = fix or (f"Write {shown(instead)}." if instead else _LIKE_THIS)
    return OriginPatternError(problem(code, "allow_origin_patterns", pattern, reason, text), instead)


def _meant_by(pattern: object) -> str:
    """Return the pattern that `pattern` plainly means, or an empty text. The result has no fault, and is not too wide
    with any public suffix list.
    """
    try:
        text = str(pattern)
        plain = read_pattern(text)
        if plain is None:
            return ""
        scheme = plain.scheme or ("http" if is_local(plain.host) else "https")
        meant = f"{scheme}://{re.sub(r'^(?:[*]+[.])+', '*.', plain.host)}{f':{plain.port}' if plain.port else ''}"
        # A pattern that is already written this way has another mistake.
        parts = parse_origin_pattern(meant) if meant != text else None
    except Exception:  # raised by a class of the user, or an OriginPatternError
        return ""
    return "" if parts is None or (parts.subdomains and not has_one_owner(parts.host)) else meant


def has_one_owner(domain: str) -> bool:
    """Tell whether all names below `domain`, the valid domain of a pattern, certainly have one owner. Without a public
    suffix list, that is only certain if nobody can register them (RFC 2606, section 3, and RFC 6761).
    """
    name = domain.strip(".")
    reserved = f".{name}".endswith((".example.com", ".example.net", ".example.org"))
    return reserved or name.rpartition(".")[2] in UNREGISTRABLE_TOPS or has_list()


_MALFORMED, _TOO_WIDE = "pattern-malformed", "pattern-too-wide"
_malformed = functools.partial(_error, _MALFORMED)
_LIKE_THIS = "Write it as in 'https://*.example.com' or 'http://localhost:*'."


# The code, a regex that finds the mistake, the reason, and the fix if it is a sentence. The first match counts.
_MISTAKES: tuple[tuple[str, str, str, str], ...] = (
    (_TOO_WIDE, r"^\*$", "it would allow every origin.", 'Write allow_origins=["*"] if you mean that.'),
    (
        _TOO_WIDE,
        r"^null$",
        "any site can send that origin from a sandboxed frame.",
        "Serve the page from an origin of its own.",
    ),
    (_MALFORMED, r"^(?!.*://)", "it has no scheme.", ""),
    (_MALFORMED, r"^[^:]*\*", "a scheme cannot have a '*'.", "Write one pattern for each scheme."),
    (_MALFORMED, r"^file:", "a browser sends null as the origin of a local file.", "Serve the page over HTTP."),
    (_MALFORMED, r"[A-Z]", "a browser sends scheme and host in lower case.", ""),
    (_MALFORMED, rf"^(?!{SCHEME}://)", "its scheme is malformed.", ""),
    (_MALFORMED, r"//[^/?#]*@", "a browser sends no user name or password in an origin.", ""),
    (_MALFORMED, r"//.*[/?#]", "an origin has nothing after the host and the port.", ""),
    (_TOO_WIDE, r"//\*\.?(:|$)", "it would allow every host.", "Name the domain, as in 'https://*.example.com'."),
    (_MALFORMED, r"//\*\.\*\.", "one '*.' stands for several labels already.", ""),
    (
        _MALFORMED,
        r"(?<!//)(?<!:)\*|(?<=//)\*(?!\.)|(?<=:)\*(?!$)",
        "a '*' can only stand for all subdomains, as '*.' before a domain, or for any port, as ':*'.",
        "Write it as in 'https://*.example.com' or 'http://localhost:*', or use allow_origin_regex.",
    ),
)


def _check_host(pattern: str, host: str) -> None:
    """Reject a host that a browser would write differently, because no Origin header could equal it."""
    written, _, reason = host_of(host)
    if written != host:
        raise _malformed(pattern, f"{reason}.")


def _check_domain(pattern: str, domain: str) -> None:
    """Reject subdomains of a public suffix, or of a domain with public suffixes below it, as far as they are known."""
    # For a browser, a dot at the end makes another name, which leads to the same host.
    name = domain.removesuffix(".")
    if name.startswith("[") or name.rpartition(".")[2].isdigit():
        raise _malformed(pattern, "an IP address has no subdomains.")
    if name in UNDELEGATED_TOPS:
        return
    owned = installed().registrable(f"a.{name}")
    if owned is None or owned.count(".") > name.count("."):
        reason = f"anyone can register a name below {shown(domain)}."
        example = f"https://*.example.{name}"
        # Under other suffixes, somebody may own the name `example`.
        example = example if name in _WITH_EXAMPLE else f"https://*.<your name>.{domain}"
        fix = f"Name your own domain, as in {shown(example)}." if _is_plain(name) else _LIKE_THIS
        raise _error(_TOO_WIDE, pattern, reason, fix)
    below = next((each for each in _suffixes_of(name) if each.endswith(f".{name}")), None)
    if below is not None:
        reason = f"it would also allow every name below {shown(below)}, and anyone can have one."
        raise _error(_TOO_WIDE, pattern, reason, "Name your own host in full, or allow fewer subdomains.")


_WITH_EXAMPLE = frozenset({"com", "net", "org"})


def _is_plain(name: str) -> bool:
    return read_pattern(f"https://*.example.{name}") is not None


def _suffixes_of(name: str) -> list[str]:
    return installed().under(".".join(name.split(".")[-2:]))


def _check_port(pattern: str, scheme: str, port: str) -> None:
    if not is_port(port):
        raise _malformed(pattern, f"{shown(port)} is not a valid port.", _LIKE_THIS)
    if DEFAULT_PORTS.get(scheme) == port:
        raise _malformed(pattern, "a browser leaves out the default port.")
