"""Origin patterns such as `https://*.example.com` and `http://localhost:*`, which replace most origin regexes.

`*.` at the start of a host stands for one or more labels, and `:*` for any port or none; nothing else is special. So
the set of origins that a pattern admits can be checked, and its regex escapes every dot.
"""

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from ..problems import ConfigProblem, holds_secret, problem, shown
from ..standard.hosts import UNDELEGATED_TOPS, UNREGISTRABLE_TOPS, host_of, is_unclear
from ..standard.origins import DEFAULT_PORTS, LABEL, MAX_NAME_LENGTH, PORT, SCHEME, is_port
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
    return _parsed(pattern, _MOST_CORRECTIONS)


def _parsed(pattern: Any, corrections: int) -> OriginPattern:
    if not issubclass(type(pattern), str):
        raise _error(_MALFORMED, pattern, "it is no string.", _text_of, corrections)
    pattern = str.__str__(pattern)
    for code, mistake, reason, fix in _MISTAKES:
        if re.search(mistake, pattern):
            raise _error(code, pattern, reason, fix, corrections)
    scheme, _, authority = pattern.partition("://")
    found = re.fullmatch(r"(\*\.)?(\[.*\]|[^:\[\]]*)(:.*)?", authority, re.DOTALL)
    if found is None:
        raise _malformed(pattern, "its host or port is malformed.", _LIKE_THIS)
    subdomains, host, port = found[1] is not None, found[2], (found[3] or "").removeprefix(":")
    _check_host(pattern, host, corrections)
    if subdomains:
        _check_domain(pattern, host, corrections)
    if found[3] is not None and port != "*":
        _check_port(pattern, scheme, port, corrections)
    return OriginPattern(scheme, subdomains, host, port)


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


_MOST_CORRECTIONS = 5
"""The most mistakes of one pattern that a fix corrects."""

_Fix: TypeAlias = str | Callable[[Any], str]


def _error(code: str, pattern: object, reason: str, fix: _Fix, corrections: int = 0) -> OriginPatternError:
    """Return the error for `pattern`. If `fix` is a function, it returns a pattern, and the error proposes that only if
    nothing is wrong with it, or can be corrected as well.
    """
    instead = "" if isinstance(fix, str) or _hides_host(pattern) else _corrected(fix(pattern), corrections)
    text = fix if isinstance(fix, str) else f"Write {shown(instead)}." if instead else _LIKE_THIS
    return OriginPatternError(problem(code, "allow_origin_patterns", pattern, reason, text), instead)


def _hides_host(pattern: object) -> bool:
    """Tell whether `pattern` has an at sign where a URL has none. Then what looks like the host may be a password."""
    return type(pattern) is str and holds_secret(re.sub(r"(?<=//)[^/?#\\@]*@", "", pattern, count=1))


def _corrected(pattern: str, corrections: int) -> str:
    """Return `pattern`, corrected further if necessary, or an empty text if that is no pattern, or nobody knows whether
    it is too wide.
    """
    if not corrections or len(pattern) > MAX_NAME_LENGTH + len("https://*.:65535"):
        return ""
    try:
        parts = _parsed(pattern, corrections - 1)
    except OriginPatternError as error:
        return error.instead
    return "" if parts.subdomains and not has_one_owner(parts.host) else pattern


def has_one_owner(domain: str) -> bool:
    """Tell whether it is certain that the names below `domain`, a valid one of a pattern, have one owner. Without a
    public suffix list that is certain only if nobody can register them (RFC 2606, section 3, and RFC 6761).
    """
    name = domain.strip(".")
    reserved = f".{name}".endswith((".example.com", ".example.net", ".example.org"))
    return reserved or name.rpartition(".")[2] in UNREGISTRABLE_TOPS or has_list()


_MALFORMED, _TOO_WIDE = "pattern-malformed", "pattern-too-wide"
_malformed = functools.partial(_error, _MALFORMED)
_LIKE_THIS = "Write it as in 'https://*.example.com' or 'http://localhost:*'."


def _text_of(value: object) -> str:
    try:
        return str(value).rstrip("/") if "://" in str(value) else ""
    except Exception:
        return ""


def _without(part: str) -> Callable[[str], str]:
    return lambda pattern: re.sub(part, "", pattern)


def _with_scheme(pattern: str) -> str:
    return f"https://{pattern.lstrip('/')}"


# The code, a regex that finds the mistake, the reason, and the fix: words, or what corrects it. The first match counts.
_MISTAKES: tuple[tuple[str, str, str, _Fix], ...] = (
    (_TOO_WIDE, r"^\*$", "it would allow every origin.", 'Write allow_origins=["*"] where that is meant.'),
    (_TOO_WIDE, r"^null$", "every sandboxed frame has that origin.", "Serve the page from an origin of its own."),
    (_MALFORMED, r"^(?!.*://)", "it has no scheme.", _with_scheme),
    (_MALFORMED, r"^[^:]*\*", "a scheme cannot be a pattern.", "Write one pattern for each scheme."),
    (_MALFORMED, r"^file:", "a browser sends null as the origin of a local file.", "Serve the page over HTTP."),
    (_MALFORMED, r"[A-Z]", "a browser sends scheme and host in lower case.", str.lower),
    (_MALFORMED, rf"^(?!{SCHEME}://)", "its scheme is malformed.", _LIKE_THIS),
    (_MALFORMED, r"//[^/?#]*@", "no origin names a user.", _without(r"(?<=//)[^/?#]*@")),
    (_MALFORMED, r"//[^/?#]*(?:[?#][^/]*|/)\.", "its host holds a character that no host has.", _LIKE_THIS),
    (_MALFORMED, r"//.*[/?#]", "an origin ends after host and port.", _without(r"(?s)(?<=[^/:])[/?#].*")),
    (_TOO_WIDE, r"//\*\.?(:|$)", "it would allow every host.", "Name the domain: 'https://*.example.com'."),
    (_MALFORMED, r"//\*\.\*\.", "'*.' stands for several labels already.", _without(r"(?<=//\*\.)(\*\.)+")),
    (
        _MALFORMED,
        r"(?<!//)(?<!:)\*|(?<=//)\*(?!\.)|(?<=:)\*(?!$)",
        "a '*' stands for all that comes before a domain, or for a port, and nothing else.",
        "Write it as in 'https://*.example.com' or 'http://localhost:*', or use allow_origin_regex.",
    ),
)


def _check_host(pattern: str, host: str, corrections: int) -> None:
    """Reject a host that a browser would write differently, because no Origin header could equal it."""
    written, _, reason = host_of(host)
    if written != host:
        fix: _Fix = _LIKE_THIS
        if written is not None and not is_unclear(host):
            fix = functools.partial(_replaced, host, written)
        raise _error(_MALFORMED, pattern, f"{reason}.", fix, corrections)


def _replaced(part: str, instead: str, pattern: str) -> str:
    return pattern.replace(part, instead, 1)


def _check_domain(pattern: str, domain: str, corrections: int) -> None:
    """Reject subdomains of a public suffix, or of a domain with public suffixes below it, as far as they are known."""
    # A browser takes a dot at the end for a name of its own, which leads to the same host.
    name = domain.removesuffix(".")
    if name.startswith("[") or name.rpartition(".")[2].isdigit():
        raise _error(_MALFORMED, pattern, "an address has no subdomains.", _without(r"\*\."), corrections)
    if name in UNDELEGATED_TOPS:
        return
    owned = installed().registrable(f"a.{name}")
    if owned is None or owned.count(".") > name.count("."):
        reason = f"anyone can register a name below {shown(domain)}."
        example = f"https://*.example.{domain}"
        fix = f"Name your own, as in {shown(example)}." if _corrected(example, corrections) else _LIKE_THIS
        raise _error(_TOO_WIDE, pattern, reason, fix)
    below = next((each for each in _suffixes_of(name) if each.endswith(f".{name}")), None)
    if below is not None:
        reason = f"anyone can have a name below {shown(below)}, which it would allow too."
        raise _error(_TOO_WIDE, pattern, reason, "Name your own host there in full, or allow fewer subdomains.")


def _suffixes_of(name: str) -> list[str]:
    return installed().under(".".join(name.split(".")[-2:]))


def _check_port(pattern: str, scheme: str, port: str, corrections: int) -> None:
    if not is_port(port):
        raise _malformed(pattern, f"{shown(port)} is no port.", _LIKE_THIS)
    if DEFAULT_PORTS.get(scheme) == port:
        reason = "a browser leaves out the default port."
        raise _error(_MALFORMED, pattern, reason, _without(f":{port}$"), corrections)
