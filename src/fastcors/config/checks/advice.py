"""What the fix of an entry of `allow_origins` proposes that is no origin: a parameter with a pattern or a regex.

Whoever follows a fix must not be worse off. So each value is checked as if it were configured already, and is proposed
only if nothing at all is wrong with it. Without a public suffix list nobody knows whether a domain has one owner. Then
nothing is proposed that admits every name below a domain.
"""

import functools
import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...origins.admitted.dots import dots_escaped
from ...origins.admitted.faults import regex_faults
from ...origins.admitted.spelled_hosts import spelled_hosts
from ...origins.patterns import OriginPatternError, has_one_owner, parse_origin_pattern
from ...origins.regex.matcher import matcher_of
from ...problems import holds_secret, pasted, shown
from ...standard.hosts import is_local
from ...standard.origins import DEFAULT_PORTS
from ...standard.public_suffixes import platforms_only
from .addresses import ANY_PORT, host_with_asterisks, range_of
from .origin_syntax import meant_by
from .origin_texts import RANGE, bare, looks_like_regex, raw_string, scheme_and_address

MOST_ADVISED = 5
"""The most entries of a list that are proposed as patterns or regexes: to check a regex takes milliseconds."""

_LONGEST = 400


class Instead(NamedTuple):
    """What to write instead of an entry; with an empty `value` the reason why nothing is proposed."""

    parameter: str
    value: str
    reason: str = ""


class Advice:
    """The fixes for the entries of one list, which go together: what they propose holds all patterns, in one
    parameter, with those that are configured already.
    """

    def __init__(self, entries: Iterable[str], credentials: bool, patterns: tuple[str, ...], regex: Any) -> None:
        """`patterns` and `regex` are what is configured already."""
        self._credentials = credentials
        self._given_patterns, self._given_regex = patterns, regex
        self._found = {entry: instead_of(entry, credentials) for entry in list(dict.fromkeys(entries))[:MOST_ADVISED]}

    def is_set(self, entry: str) -> bool:
        """Tell whether what to write instead of `entry` is configured already."""
        instead = self._found.get(entry)
        given = {*self._given_patterns, self._given_regex if type(self._given_regex) is str else ""}
        return instead is not None and bool(instead.value) and instead.value in given

    def fix(self, entry: str) -> str:
        instead = self._found.get(entry)
        if instead is None:
            return self._in_words()
        if instead.parameter == "allow_origin_patterns" and self._patterns:
            return f"Write {self._patterns}."
        if instead.parameter == "allow_origin_regex" and self._regex:
            return f"Write {self._regex}, which the whole of an origin has to match."
        if instead.parameter == "allow_origins" and instead.value:
            return f"Write {shown(instead.value)}."
        if instead.value:
            return f"{self._in_words()} It cannot be joined safely with what {instead.parameter} has already."
        return f"{self._in_words()} {instead.reason}".rstrip()

    def _in_words(self) -> str:
        words = (
            "List each origin in full, or name a domain of yours, as in allow_origin_patterns=['https://*.example.com']"
        )
        return f"{words}." if self._credentials else f"{words}; allow_origins=['*'] is for every origin."

    def _values(self, parameter: str) -> list[str]:
        return [each.value for each in self._found.values() if each.value and each.parameter == parameter]

    @functools.cached_property
    def _patterns(self) -> str:
        """The whole of allow_origin_patterns, with those that are configured; empty if it is too long."""
        text = pasted(list(dict.fromkeys((*self._given_patterns, *self._values("allow_origin_patterns")))))
        return text and f"allow_origin_patterns={text}"

    @functools.cached_property
    def _regex(self) -> str:
        """The whole of allow_origin_regex, with what is configured; empty if the two cannot be one."""
        given = (self._given_regex,) if self._given_regex else ()
        if not all(type(each) is str and not _HAS_SETTINGS.search(each) for each in given):
            return ""
        parts = list(dict.fromkeys((*given, *self._values("allow_origin_regex"))))
        return _shown_regex("|".join(parts)) if len(parts) == 1 or is_safe("|".join(parts), self._credentials) else ""


# With flags, a condition or a reference to a group, a pattern means something else as a part of another.
_HAS_SETTINGS = re.compile(r"\(\?(?!:)|\\[1-9]")


def _shown_regex(regex: str) -> str:
    text = raw_string(regex) if len(regex) <= _LONGEST and not holds_secret(regex) else ""
    return text and f"allow_origin_regex={text}"


def instead_of(entry: str, credentials: bool) -> Instead:
    """Return what to write instead of an entry that holds asterisks, a range of addresses or a regular expression."""
    text = bare(entry)
    if looks_like_regex(text) and not looks_like_regex(_unanchored(text)):
        return Instead("allow_origins", meant_by(_unanchored(text), credentials) or "")
    if _RANGE_IN_BRACKETS.search(text):
        return Instead("", "", "In a regex, [...] stands for one character, so such a range would not do.")
    candidates = list(_as_regex(text) if looks_like_regex(text) else _as_wildcard(entry, text, credentials))
    for parameter, value in candidates:
        if parameter == "allow_origin_patterns" and is_safe_pattern(value, credentials):
            return Instead(parameter, value)
        if parameter == "allow_origin_regex" and _shown_regex(value) and is_safe(value, credentials):
            return Instead(parameter, value)
    return Instead("", "", _why_not(candidates, credentials))


_RANGE_IN_BRACKETS = re.compile(r"\[[^\]]*(?:[0-9]{2}-|-[0-9]{2})")


def _why_not(candidates: list[tuple[str, str]], credentials: bool) -> str:
    """Return why none of `candidates` is proposed, if there is something to say."""
    if not candidates:
        return "No regex is proposed, because not all of these addresses are private, or they would make it too long."
    parameter, value = candidates[0]
    if parameter == "allow_origin_regex":
        reason = objection(value, credentials) or "it is no short raw string."
        return reason if reason == _UNKNOWN else f"It would not do as allow_origin_regex either: {reason}"
    try:
        parts = parse_origin_pattern(value)
    except OriginPatternError as error:
        wide = error.problem.code == "pattern-too-wide" and "below" in error.problem.reason
        return f"No pattern is proposed, because {error.problem.reason}" if wide else ""
    return "" if not parts.subdomains or has_one_owner(parts.host) else _UNKNOWN


_UNKNOWN = (
    "No pattern is proposed, because without a public suffix list nobody knows who can have names below that domain: "
    "pip install 'fastcors[psl]'."
)


def _as_regex(text: str) -> Iterator[tuple[str, str]]:
    yield "allow_origin_regex", dots_escaped(_unanchored(text))


def _unanchored(text: str) -> str:
    return text.removeprefix("^").removesuffix("$")


def _as_wildcard(entry: str, text: str, credentials: bool) -> Iterator[tuple[str, str]]:
    scheme, address = scheme_and_address(entry)
    if RANGE.fullmatch(text):
        ranged = range_of(text)
        if ranged:
            yield "allow_origin_regex", ranged
        return
    schemes = {"*": "https?", "http*": "https?", "http": "http", "https": "https"}
    address = address.removesuffix(f":{DEFAULT_PORTS.get(scheme)}")
    host, colon, port = address.partition(":")
    if "://" not in text and "*" not in host and is_local(host):
        scheme = "http"
    numbers = host_with_asterisks(host)
    if numbers is not None and scheme in schemes and _PORT.fullmatch(port):
        own = "http" if "://" not in text else schemes[scheme]
        yield "allow_origin_regex", f"{own}://{numbers}{_port(colon, port)}"
        return
    for candidate in dict.fromkeys((address, re.sub(r"^\*+(?=[a-z0-9])", "*.", address))):
        yield "allow_origin_patterns", f"{scheme}://{candidate}"
        if credentials and scheme == "http":
            yield "allow_origin_patterns", f"https://{candidate}"
    if scheme in schemes and _is_sound(host) and _PORT.fullmatch(port):
        yield "allow_origin_regex", f"{schemes[scheme]}://{_escaped(host, '[a-z0-9-]+')}{_port(colon, port)}"


_PORT = re.compile(r"(?:[1-9][0-9]{0,3})?\**")


def _port(colon: str, port: str) -> str:
    return ANY_PORT if port and not port.strip("*") else f"{colon}{_escaped(port, '[0-9]+')}"


def _escaped(text: str, instead: str) -> str:
    return instead.join(re.escape(part).replace(r"\-", "-") for part in re.split(r"\*+", text))


def _is_sound(host: str) -> bool:
    """Tell whether all hosts that `host` with its asterisks can stand for are below one domain of one owner."""
    if "*" not in host:
        return is_safe_pattern(f"https://{host}", True)
    _, dot, domain = host.rpartition("*")[2].partition(".")
    return bool(dot) and not host.startswith(".") and is_safe_pattern(f"https://*.{domain}", True)


def is_safe_pattern(pattern: str, credentials: bool) -> bool:
    """Tell whether `pattern` has no problem, with the public suffix list and without it."""
    try:
        parts = parse_origin_pattern(pattern)
    except OriginPatternError:
        return False
    if credentials and parts.scheme == "http" and not is_local(parts.host):
        return False
    return not parts.subdomains or has_one_owner(parts.host)


def is_safe(regex: str, credentials: bool) -> bool:
    """Tell whether `regex` as `allow_origin_regex` has no problem, with the public suffix list and without it."""
    return not objection(regex, credentials)


def objection(regex: str, credentials: bool) -> str:
    """Return the reason why `regex` is not proposed as `allow_origin_regex`, or an empty text if nothing is wrong."""
    # Imported late: `regex.py` does not need this file, and most configurations need neither.
    from .regex import regex_problems

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = next(regex_problems(regex, credentials), None)
        if found is not None:
            return found.reason
        pattern = re.compile(regex)
    automaton = matcher_of(pattern).automaton
    assert automaton is not None, "otherwise there is a problem"
    faults = regex_faults(automaton, pattern, credentials=credentials, public_suffixes=platforms_only())
    hosts = {host for host in spelled_hosts(pattern) if host.strip(".")}
    is_known = _FINITE.fullmatch(regex) is not None or (bool(hosts) and all(map(_is_known, hosts)))
    return "" if faults == [] and is_known else _UNKNOWN


# Literal characters, groups, alternatives and optional parts, and any number as the port: every host is spelled out.
_FINITE = re.compile(r"(?:[A-Za-z0-9:/-]|\\[.:/-]|[()|?]|:(?:\\d|\[0-9\])\+)*")


def _is_known(host: str) -> bool:
    """Tell whether a host that a regex spells out is an address, or in a domain that has one owner."""
    return host.strip(".").rpartition(".")[2].isdecimal() or has_one_owner(host)
