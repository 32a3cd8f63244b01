"""The checks of `allow_origin_regex`."""

import re
from collections.abc import Iterator
from typing import Any

from ...origins.admitted.faults import regex_faults
from ...origins.admitted.spelled_hosts import ANY, spelled_hosts
from ...origins.regex.automaton import OriginAutomaton
from ...origins.regex.matcher import is_text_pattern, matcher_of
from ...problems import ConfigProblem, problem, shown
from .origin_syntax import faults_of
from .origin_texts import dots_escaped, pattern_shown

_LONGEST_SHOWN = 100

_UNSAFE = {
    "origin-null": "Take null out of it; open a page that you test from http://localhost instead of from a file.",
    "origin-insecure": "Serve that page over https, and admit no other scheme.",
}


def regex_problems(regex: Any, credentials: bool) -> Iterator[ConfigProblem]:
    """Yield the problems of an origin regex, a string or a compiled pattern."""
    pattern: Any = None
    try:
        pattern = re.compile(regex)
    except (re.error, OverflowError, RecursionError) as error:
        yield does_not_compile(regex, error)
        return
    except TypeError:
        pass
    if not is_text_pattern(pattern):
        reason = "it is neither a string nor a pattern compiled from one, so no origin can be matched."
        yield problem("not-a-string", "allow_origin_regex", regex, reason, "Write the pattern as a raw string.")
        return
    automaton, construct = matcher_of(pattern)
    if automaton is None:
        yield unbounded_time(pattern, construct)
    faults = None if automaton is None else regex_faults(automaton, pattern, credentials=credentials)
    if automaton is None or faults is None:
        yield from _unescaped_dots(pattern)
        return
    if "regex-matches-every-origin" not in {fault.code for fault in faults}:
        yield from _unsafe_origins(automaton, pattern, credentials)
    for fault in faults:
        if fault.code == "regex-unescaped-dot":
            fault = fault._replace(fix=_to_write(pattern) or fault.fix)
        yield fault.in_parameter("allow_origin_regex", pattern.pattern)


def _unsafe_origins(automaton: OriginAutomaton, pattern: re.Pattern[str], credentials: bool) -> Iterator[ConfigProblem]:
    """Yield problems for unsafe origins that match: `null`, and with credentials the spelled out hosts over http."""
    hosts = sorted(host for host in spelled_hosts(pattern) if "." in host.strip(".")) if credentials else []
    insecure = (f"http://{host}" for host in hosts if ANY not in host)
    for origin in ("null", *insecure):
        if automaton.matches(origin.encode("latin-1")):
            for fault in faults_of(origin, credentials):
                if fault.code in _UNSAFE:
                    reason = f"it admits {origin}: {fault.reason}"
                    yield problem(fault.code, "allow_origin_regex", pattern.pattern, reason, _UNSAFE[fault.code])


def does_not_compile(regex: Any, error: Exception) -> ConfigProblem:
    reason = f"it is no regular expression of Python's: {shown(str(error))[1:-1]}."
    fix = r'Correct it there; a pattern is best written as a raw string, such as r"https://[a-z0-9-]+\.example\.com".'
    return problem("regex-does-not-compile", "allow_origin_regex", regex, reason, fix)


def unbounded_time(pattern: re.Pattern[str], construct: str) -> ConfigProblem:
    reason = (
        f"it is matched by `re`, because it uses {construct}: the time that takes is not bounded, and whoever sends "
        f"the Origin can make it long."
    )
    fix = "Write the pattern without, or list the origins in allow_origins."
    return problem("regex-unbounded-time", "allow_origin_regex", pattern.pattern, reason, fix)


def _unescaped_dots(pattern: re.Pattern[str]) -> Iterator[ConfigProblem]:
    source = pattern.pattern
    # A verbose pattern can have comments, in which a dot means nothing.
    if dots_escaped(source) != source and not pattern.flags & re.VERBOSE:
        fix = _to_write(pattern) or "Put a backslash before each dot that stands for a dot."
        reason = "a dot without a backslash takes any character, not only a dot."
        yield problem("regex-unescaped-dot", "allow_origin_regex", source, reason, fix)


def _to_write(pattern: re.Pattern[str]) -> str:
    """Return the advice to write `pattern` with its dots escaped, or an empty text if that pattern is too long to be
    shown in full, or has faults of its own.
    """
    source = pattern.pattern
    escaped = dots_escaped(source)
    if escaped == source or len(escaped) > _LONGEST_SHOWN:
        return ""
    again = re.compile(escaped, pattern.flags)
    automaton = matcher_of(again).automaton
    if automaton is not None and regex_faults(automaton, again):
        return ""
    return f"Write allow_origin_regex={pattern_shown(escaped)}."
