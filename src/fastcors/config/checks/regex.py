"""The checks of `allow_origin_regex`."""

import re
from collections.abc import Iterator
from typing import Any

from ...origins.admitted.dots import dots_escaped
from ...origins.admitted.faults import regex_faults
from ...origins.regex.matcher import is_text_pattern, matcher_of
from ...problems import ConfigProblem, holds_secret, problem, shown

# Longer patterns are not searched for dots without a backslash.
_LONGEST = 5_000


def regex_problems(regex: Any, credentials: bool) -> Iterator[ConfigProblem]:
    """Yield the problems of an origin regex, a string or a compiled pattern."""
    try:
        pattern = re.compile(regex)
    except (re.error, OverflowError, RecursionError) as error:
        yield does_not_compile(regex, error)
        return
    if not is_text_pattern(pattern):
        reason = "it is neither a string nor a pattern compiled from one, so it cannot match an origin."
        yield problem("not-a-string", "allow_origin_regex", regex, reason, "Write the pattern as a raw string.")
        return
    automaton, construct = matcher_of(pattern)
    if automaton is None:
        yield unbounded_time(pattern, construct)
    faults = regex_faults(automaton, pattern, credentials=credentials)
    yield from (fault.in_parameter("allow_origin_regex", pattern.pattern) for fault in faults)
    if automaton is None or any(fault.code == "regex-not-decided" for fault in faults):
        yield from _unescaped_dots(pattern)


def does_not_compile(regex: Any, error: Exception) -> ConfigProblem:
    # The message can quote a part of a password.
    where = "" if holds_secret(str(regex)) else f": {shown(str(error))[1:-1]}"
    reason = f"Python cannot compile it{where}."
    fix = r'Correct it, and write the pattern as a raw string, such as r"https://[a-z0-9-]+\.example\.com".'
    return problem("regex-does-not-compile", "allow_origin_regex", regex, reason, fix)


def unbounded_time(pattern: re.Pattern[str], construct: str) -> ConfigProblem:
    reason = (
        f"it uses {construct}, so Python's `re` has to match it. That time is not bounded: a client can send an Origin "
        f"that takes very long. These checks also cannot decide which origins it admits."
    )
    fix = "Write the pattern without it, or list the origins in allow_origins."
    return problem("regex-unbounded-time", "allow_origin_regex", pattern.pattern, reason, fix)


def _unescaped_dots(pattern: re.Pattern[str]) -> Iterator[ConfigProblem]:
    source = pattern.pattern
    # A verbose pattern can have comments, in which a dot means nothing.
    if len(source) <= _LONGEST and dots_escaped(source) != source and not pattern.flags & re.VERBOSE:
        fix = "Put a backslash before each dot that stands for a dot."
        reason = "a dot without a backslash matches any character, not only a dot."
        yield problem("regex-unescaped-dot", "allow_origin_regex", source, reason, fix)
