"""What is wrong with `allow_origin_regex`."""

import re
from collections.abc import Iterator
from typing import Any

from ...origins.admitted.faults import regex_faults as decided_faults
from ...origins.admitted.spelled_hosts import ANY, spelled_hosts
from ...origins.regex.automaton import OriginAutomaton
from ...origins.regex.matcher import matcher_of
from ...problems import ConfigProblem, problem, shown
from .origin_syntax import faults_of
from .origin_texts import dots_escaped, pattern_shown

_LONGEST_SHOWN = 100

_UNSAFE = {
    "origin-null": "Take null out of it; open a page that you test from http://localhost instead of from a file.",
    "origin-insecure": "Serve that page over https, and admit no other scheme.",
}


def regex_problems(regex: Any, credentials: bool) -> Iterator[ConfigProblem]:
    """Yield what is wrong with an origin regex, a string or a compiled pattern."""
    try:
        pattern = re.compile(regex)
    except (re.error, OverflowError, RecursionError) as error:
        yield does_not_compile(regex, error)
        return
    except TypeError:
        yield _not_text(regex)
        return
    if not isinstance(pattern.pattern, str):
        yield _not_text(regex)
        return
    matcher = matcher_of(pattern)
    if matcher.automaton is None:
        yield unbounded_time(pattern, matcher.construct)
        decided = None
    else:
        decided = decided_faults(matcher.automaton, pattern, credentials=credentials)
    if matcher.automaton is None or decided is None:
        yield from _unescaped_dots(pattern)
        return
    if "regex-matches-every-origin" not in {fault.code for fault in decided}:
        yield from _unsafe_origins(matcher.automaton, pattern, credentials)
    for fault in decided:
        if fault.code == "regex-unescaped-dot":
            fault = fault._replace(fix=_to_write(pattern) or fault.fix)
        yield fault.in_parameter("allow_origin_regex", pattern.pattern)


def _unsafe_origins(automaton: OriginAutomaton, pattern: re.Pattern[str], credentials: bool) -> Iterator[ConfigProblem]:
    """Yield what would be wrong in `allow_origins` with `null`, and with hosts that `pattern` spells out over http."""
    hosts = sorted(host for host in spelled_hosts(pattern) if "." in host.strip(".")) if credentials else []
    insecure = (f"http://{host}" for host in hosts if ANY not in host)
    for origin in ("null", *insecure):
        if automaton.matches(origin.encode("latin-1")):
            for fault in faults_of(origin, credentials):
                if fault.code in _UNSAFE:
                    reason = f"it admits {origin}: {fault.reason}"
                    yield problem(fault.code, "allow_origin_regex", pattern.pattern, reason, _UNSAFE[fault.code])


def does_not_compile(regex: Any, error: Exception) -> ConfigProblem:
    return problem(
        "regex-does-not-compile",
        "allow_origin_regex",
        regex,
        f"it is no regular expression of Python's: {shown(str(error))[1:-1]}.",
        r'Correct it there; a pattern is best written as a raw string, such as r"https://[a-z0-9-]+\.example\.com".',
    )


def _not_text(regex: object) -> ConfigProblem:
    return problem(
        "not-a-string",
        "allow_origin_regex",
        regex,
        "it is neither a string nor a pattern compiled from one, so no origin can be matched.",
        "Write the pattern as a raw string.",
    )


def unbounded_time(pattern: re.Pattern[str], construct: str) -> ConfigProblem:
    return problem(
        "regex-unbounded-time",
        "allow_origin_regex",
        pattern.pattern,
        f"it is matched by `re`, because it uses {construct}: the time that takes is not bounded, and whoever sends "
        f"the Origin can make it long.",
        "Write the pattern without, or list the origins in allow_origins.",
    )


def _unescaped_dots(pattern: re.Pattern[str]) -> Iterator[ConfigProblem]:
    source = pattern.pattern
    # In a comment of a verbose pattern a dot is a dot.
    if dots_escaped(source) != source and not pattern.flags & re.VERBOSE:
        fix = _to_write(pattern) or "Put a backslash before each dot that stands for a dot."
        reason = "a dot without a backslash takes any character, not only a dot."
        yield problem("regex-unescaped-dot", "allow_origin_regex", source, reason, fix)


def _to_write(pattern: re.Pattern[str]) -> str:
    """Return that one should write `pattern` with its dots escaped; nothing where that is too long to be shown in full,
    or something is wrong with it still.
    """
    source = pattern.pattern
    escaped = dots_escaped(source)
    if escaped == source or len(escaped) > _LONGEST_SHOWN:
        return ""
    again = re.compile(escaped, pattern.flags)
    automaton = matcher_of(again).automaton
    if automaton is not None and decided_faults(automaton, again):
        return ""
    return f"Write allow_origin_regex={pattern_shown(escaped)}."
