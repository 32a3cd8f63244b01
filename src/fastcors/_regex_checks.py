"""What is wrong with `allow_origin_regex`."""

import re
from collections.abc import Iterator
from typing import Any

from ._foreign_origins import regex_problems as decided_problems
from ._origin_texts import dots_escaped, pattern_shown
from ._problems import problem
from .config import ConfigProblem, shown
from .policy import automaton_of


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
    found = automaton_of(pattern)
    decided = None
    if isinstance(found, str):
        yield unbounded_time(pattern, found)
    else:
        decided = decided_problems(found, pattern, credentials=credentials)
    if decided is None:
        yield from _unescaped_dots(pattern)
        return
    for code, severity, reason, fix, _ in decided:
        if code == "regex-unescaped-dot":
            fix = _to_write(pattern.pattern) or fix
        yield ConfigProblem(code, severity, "allow_origin_regex", pattern.pattern, reason, fix)


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
    fix = _to_write(source)
    # In a comment of a verbose pattern a dot is a dot.
    if fix and not pattern.flags & re.VERBOSE:
        reason = "a dot without a backslash takes any character, not only a dot."
        yield problem("regex-unescaped-dot", "allow_origin_regex", source, reason, fix)


def _to_write(source: str) -> str:
    escaped = dots_escaped(source)
    return "" if escaped == source else f"Write allow_origin_regex={pattern_shown(escaped)}."
