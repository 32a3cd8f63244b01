"""Origin patterns such as `https://*.example.com` and `http://localhost:*`, which replace most origin regexes.

`*.` at the start of a host stands for one or more labels, and `:*` for any port or none; nothing else is special. So
the set of origins that a pattern admits can be checked, and its regex escapes every dot.
"""

import functools
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ..problems import ConfigProblem, problem, shown
from ..standard.hosts import UNDELEGATED_TOPS, host_of
from ..standard.origins import DEFAULT_PORTS, LABEL, PORT, SCHEME, is_port
from ..standard.public_suffixes import installed


class OriginPatternError(ValueError):
    """Raised for a pattern that matches no origin, or too many of them. `problem` has the reason."""

    def __init__(self, problem: ConfigProblem) -> None:
        super().__init__(problem)
        self.problem = problem

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
    if not isinstance(pattern, str):
        raise _malformed(pattern, "it is no string.", f"Write {shown(str(pattern).rstrip('/'))}.")
    for code, mistake, reason, fix in _MISTAKES:
        if re.search(mistake, pattern):
            raise _error(code, pattern, reason, fix(pattern))
    scheme, _, authority = pattern.partition("://")
    found = re.fullmatch(r"(\*\.)?(\[.*\]|[^:\[\]]*)(:.*)?", authority, re.DOTALL)
    if found is None:
        raise _malformed(pattern, "its host or port is malformed.", _LIKE_THIS)
    subdomains, host, port = found[1] is not None, found[2], (found[3] or "").removeprefix(":")
    _check_host(pattern, host)
    if subdomains:
        _check_domain(pattern, host)
    if found[3] is not None and port != "*":
        _check_port(pattern, scheme, port)
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


def _error(code: str, pattern: object, reason: str, fix: str) -> OriginPatternError:
    return OriginPatternError(problem(code, "allow_origin_patterns", pattern, reason, fix))


_MALFORMED, _TOO_WIDE = "pattern-malformed", "pattern-too-wide"
_malformed = functools.partial(_error, _MALFORMED)
_LIKE_THIS = "Write it as in 'https://*.example.com' or 'http://localhost:*'."


def _say(fix: str) -> Callable[[str], str]:
    return lambda _pattern: fix


def _write(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda pattern: f"Write {shown(change(pattern))}."


def _without(part: str) -> Callable[[str], str]:
    return _write(lambda pattern: re.sub(part, "", pattern))


# The code, a regex that finds the mistake, the reason, and a function that words the fix. The first match counts.
_MISTAKES: tuple[tuple[str, str, str, Callable[[str], str]], ...] = (
    (_TOO_WIDE, r"^\*$", "it would allow every origin.", _say('Write allow_origins=["*"] where that is meant.')),
    (_TOO_WIDE, r"^null$", "every sandboxed frame has that origin.", _say("Serve the page from an origin of its own.")),
    (_MALFORMED, r"^(?!.*://)", "it has no scheme.", _write(lambda pattern: f"https://{pattern.lstrip('/')}")),
    (_MALFORMED, r"^[^:]*\*", "a scheme cannot be a pattern.", _say("Write one pattern for each scheme.")),
    (_MALFORMED, r"^file:", "a browser sends null as the origin of a local file.", _say("Serve the page over HTTP.")),
    (_MALFORMED, r"[A-Z]", "a browser sends scheme and host in lower case.", _write(str.lower)),
    (_MALFORMED, rf"^(?!{SCHEME}://)", "its scheme is malformed.", _say(_LIKE_THIS)),
    (_MALFORMED, r"//[^/?#]*@", "no origin names a user.", _without(r"(?<=//)[^/?#]*@")),
    (_MALFORMED, r"//.*[/?#]", "an origin ends after host and port.", _without(r"(?s)(?<=[^/:])[/?#].*")),
    (_TOO_WIDE, r"//\*\.?(:|$)", "it would allow every host.", _say("Name the domain: 'https://*.example.com'.")),
    (_MALFORMED, r"//\*\.\*\.", "'*.' stands for several labels already.", _without(r"(?<=//\*\.)(\*\.)+")),
    (
        _MALFORMED,
        r"(?<!//)(?<!:)\*|(?<=//)\*(?!\.)|(?<=:)\*(?!$)",
        "a '*' stands for all that comes before a domain, or for a port, and nothing else.",
        _say("Write it as in 'https://*.example.com' or 'http://localhost:*', or use allow_origin_regex."),
    ),
)


def _check_host(pattern: str, host: str) -> None:
    """Reject a host that a browser would write differently, because no Origin header could equal it."""
    written, _, reason = host_of(host)
    if written != host:
        fix = _LIKE_THIS if written is None else f"Write {shown(pattern.replace(host, written, 1))}."
        raise _malformed(pattern, f"{reason}.", fix)


def _check_domain(pattern: str, domain: str) -> None:
    """Reject subdomains of a public suffix, as far as a public suffix list is installed."""
    if domain.startswith("[") or domain.rpartition(".")[2].isdigit():
        raise _malformed(pattern, "an address has no subdomains.", f"Write {shown(pattern.replace('*.', ''))}.")
    owned = installed().registrable(f"a.{domain}")
    if domain not in UNDELEGATED_TOPS and (owned is None or owned.count(".") > domain.count(".")):
        reason = f"anyone can register a name below {shown(domain)}."
        raise _error(_TOO_WIDE, pattern, reason, f"Name your own, as in {shown(f'https://*.example.{domain}')}.")


def _check_port(pattern: str, scheme: str, port: str) -> None:
    if not is_port(port):
        raise _malformed(pattern, f"{shown(port)} is no port.", _LIKE_THIS)
    if DEFAULT_PORTS.get(scheme) == port:
        fix = f"Write {shown(pattern.removesuffix(f':{port}'))}."
        raise _malformed(pattern, "a browser leaves out the default port.", fix)
