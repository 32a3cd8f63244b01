"""Fixes for entries of `allow_origins` that are not origins: another parameter, with a pattern or a regex.

A fix must never make things worse. So each value is checked as if it were configured already, and is only proposed if
nothing is wrong with it. Without a public suffix list, nobody knows whether a domain has one owner. So nothing is
proposed then that admits every name below a domain.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...origins.patterns import OriginPatternError, has_one_owner, parse_origin_pattern
from ...problems import holds_secret, pasted, shown
from ...standard.hosts import is_local
from ...standard.plain import Plain, read_pattern
from .addresses import ANY_PORT, host_with_asterisks, range_of
from .gate import passes
from .gate_of_regexes import UNKNOWN, objection
from .meant import meant_by
from .origin_texts import RANGE, bare, looks_like_regex, raw_string
from .patterns import pattern_problems
from .written_regex import as_regex

MOST_ADVISED = 5
"""The most entries of a list for which a pattern or a regex is proposed. Checking a regex takes milliseconds."""

_LONGEST = 400


class Instead(NamedTuple):
    """What to write instead of an entry. If `value` is empty, `reason` says why nothing is proposed."""

    parameter: str
    value: str
    reason: str = ""


class Advice:
    """The fixes for the entries of one list. They are consistent: each proposes one parameter with all patterns,
    including those that are configured already.
    """

    def __init__(self, entries: Iterable[str], credentials: bool, patterns: tuple[str, ...], regex: Any) -> None:
        """`patterns` and `regex` are what is configured already."""
        self._credentials = credentials
        self._given_patterns, self._given_regex = patterns, regex
        self._found = {entry: instead_of(entry, credentials) for entry in list(dict.fromkeys(entries))[:MOST_ADVISED]}

    def is_set(self, entry: str) -> bool:
        """Tell whether the value to write instead of `entry` is configured already."""
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
            return f"Write {self._regex}, which has to match the whole origin."
        if instead.parameter == "allow_origins" and instead.value:
            return f"Write {shown(instead.value)}."
        if instead.value:
            return f"{self._in_words()} It cannot be joined safely with the {instead.parameter} that is set already."
        return f"{self._in_words()} {instead.reason}".rstrip()

    def _in_words(self) -> str:
        words = (
            "List each origin in full, or name your own domain, as in allow_origin_patterns=['https://*.example.com']"
        )
        return f"{words}." if self._credentials else f"{words}. Only allow_origins=['*'] allows every origin."

    def _values(self, parameter: str) -> list[str]:
        return [each.value for each in self._found.values() if each.value and each.parameter == parameter]

    @functools.cached_property
    def _patterns(self) -> str:
        """The whole of allow_origin_patterns, including the configured ones. Empty if it is too long, or one of them is
        not safe.
        """
        if any(pattern_problems(self._given_patterns, self._credentials)):
            return ""
        text = pasted(list(dict.fromkeys((*self._given_patterns, *self._values("allow_origin_patterns")))))
        return text and f"allow_origin_patterns={text}"

    @functools.cached_property
    def _regex(self) -> str:
        """The whole of allow_origin_regex, including the configured one; empty if they cannot be joined."""
        given = (self._given_regex,) if self._given_regex else ()
        if not all(type(each) is str and not _HAS_SETTINGS.search(each) for each in given):
            return ""
        # A regex that does not compile could change the meaning of the others.
        if not all(map(_compiles, given)):
            return ""
        parts = list(dict.fromkeys((*given, *self._values("allow_origin_regex"))))
        joined = "|".join(parts)
        return _shown_regex(joined) if len(parts) == 1 or not objection(joined, self._credentials) else ""


def _compiles(source: str) -> bool:
    try:
        re.compile(source)
    except (re.error, RecursionError):
        return False
    return True


# A pattern with flags, a condition or a reference to a group changes its meaning inside another pattern.
_HAS_SETTINGS = re.compile(r"\(\?(?!:)|\\[1-9]")


def _shown_regex(regex: str) -> str:
    text = raw_string(regex) if len(regex) <= _LONGEST and not holds_secret(regex) else ""
    return text and f"allow_origin_regex={text}"


def instead_of(entry: str, credentials: bool) -> Instead:
    """Return what to write instead of an entry that holds asterisks, a range of addresses or a regular expression."""
    text = bare(entry)
    unanchored = text.removeprefix("^").removesuffix("$")
    if looks_like_regex(text) and not looks_like_regex(unanchored):
        return Instead("allow_origins", meant_by(unanchored, credentials) or "")
    if _RANGE_IN_BRACKETS.search(text):
        return Instead("", "", "In a regex, [...] stands for one character, so it cannot hold a range of numbers.")
    if RANGE.fullmatch(text):
        ranged = range_of(text)
        candidates = [("allow_origin_regex" if ranged else "range", ranged or "")]
    elif looks_like_regex(text):
        candidates = [("allow_origin_regex", as_regex(unanchored))]
    else:
        plain = read_pattern(text)
        candidates = list(_as_wildcard(plain, credentials)) if plain else [("", "")]
    for parameter, value in candidates:
        is_shown = parameter == "allow_origin_patterns" or _shown_regex(value)
        if value and is_shown and passes(parameter, value, entry, credentials):
            return Instead(parameter, value)
    return Instead("", "", _why_not(candidates, credentials))


# In a regex, such brackets stand for one character.
_RANGE_IN_BRACKETS = re.compile(r"\[[^\[\]]*(?:[0-9]{2}-|-[0-9]{2})")


def _why_not(candidates: list[tuple[str, str]], credentials: bool) -> str:
    """Return why none of `candidates` is proposed, or an empty text if there is no reason to tell."""
    parameter, value = candidates[0]
    if not value:
        return _NOT_PRIVATE if parameter == "range" else ""
    if parameter == "allow_origin_regex":
        reason = objection(value, credentials)
        return reason if reason in ("", UNKNOWN) else f"As allow_origin_regex it would be wrong too: {reason}"
    try:
        parts = parse_origin_pattern(value)
    except OriginPatternError as error:
        wide = error.problem.code == "pattern-too-wide" and "below" in error.problem.reason
        return f"No pattern is proposed, because {error.problem.reason}" if wide else ""
    return "" if not parts.subdomains or has_one_owner(parts.host) else UNKNOWN


_NOT_PRIVATE = "No regex is proposed: some of these addresses are public, or the regex would be too long."


def _as_wildcard(plain: Plain, credentials: bool) -> Iterator[tuple[str, str]]:
    scheme, host, port = plain
    # A name with asterisks counts as public, however short it is.
    local = "*" not in host and is_local(host)
    own = scheme.replace("ws", "http") or ("http" if local else "https")
    schemes = {"*": "https?", "http*": "https?", "http": "http", "https": "https"}
    numbers = host_with_asterisks(host)
    if numbers is not None:
        yield "allow_origin_regex", f"{schemes[own] if scheme else 'http'}://{numbers}{_port(port)}"
        return
    end = f":{port}" if port else ""
    for candidate in dict.fromkeys((host, re.sub(r"^\*+(?=[a-z0-9])", "*.", host))):
        yield "allow_origin_patterns", f"{own}://{candidate}{end}"
        if credentials and own == "http":
            yield "allow_origin_patterns", f"https://{candidate}{end}"
    if _is_sound(host, credentials):
        yield "allow_origin_regex", f"{schemes[own]}://{_escaped(host, '[a-z0-9-]+')}{_port(port)}"


def _port(port: str) -> str:
    if not port:
        return ""
    return f":{_escaped(port, '[0-9]+')}" if port.strip("*") else ANY_PORT


def _escaped(text: str, instead: str) -> str:
    return instead.join(re.escape(part).replace(r"\-", "-") for part in re.split(r"\*+", text))


def _is_sound(host: str, credentials: bool) -> bool:
    """Tell whether `host`, with its asterisks, only stands for hosts below one domain that has one owner."""
    if "*" not in host:
        return passes("allow_origin_patterns", f"https://{host}", host, credentials)
    _, dot, domain = host.rpartition("*")[2].partition(".")
    return bool(dot) and passes("allow_origin_patterns", f"https://*.{domain}", domain, credentials)
