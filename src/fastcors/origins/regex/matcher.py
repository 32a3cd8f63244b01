"""Decides whether an origin matches a regular expression: by an automaton, or by `re` if there is none."""

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .automaton import OriginAutomaton


class Matcher(NamedTuple):
    """How a regular expression is matched."""

    automaton: "OriginAutomaton | None" = None
    """None means that `re` matches."""
    construct: str = ""
    """The construct of the pattern that makes an automaton impossible, or empty."""


def matcher_of(*regexes: Any) -> Matcher:
    """Return how to match any of `regexes`. Only a compiled pattern of text has an automaton."""
    return _matcher_of(*regexes) if all(map(is_text_pattern, regexes)) else Matcher()


# Cached, because every recompilation of a policy needs it.
@functools.lru_cache(maxsize=128)
def _matcher_of(*patterns: re.Pattern[str]) -> Matcher:
    # Imported late: it would double the time to import this package.
    from .automaton import compile_origin_regex
    from .budget import NoAutomaton

    try:
        return Matcher(compile_origin_regex(*patterns))
    except NoAutomaton as error:
        return Matcher(construct=error.construct)


@functools.lru_cache(maxsize=128)
def linear_matcher_of(*patterns: re.Pattern[str]) -> Callable[[str], object] | None:
    """Return what matches any of `patterns` by `re` alone, as `fullmatch` does; None if that may not be linear.

    An automaton that is walked in Python takes longer, a step for each byte.
    """
    # Imported late, as above.
    from .linear import is_linear

    if not all(map(is_linear, patterns)):
        return None
    if len(patterns) == 1:
        return patterns[0].fullmatch
    return lambda origin: any(pattern.fullmatch(origin) for pattern in patterns) or None


def is_text_pattern(regex: Any) -> bool:
    """Tell whether `regex` is a compiled pattern of text rather than of bytes."""
    return type(regex) is re.Pattern and isinstance(regex.pattern, str)


def matches(regex: Any, origin: Any) -> bool:
    """Tell whether `regex` fully matches `origin`, by its automaton if it has one."""
    automaton = matcher_of(regex).automaton if isinstance(origin, str) else None
    if automaton is None:
        return bool(regex.fullmatch(origin))
    try:
        return automaton.matches(origin.encode("latin-1"))
    except UnicodeEncodeError:  # The headers of a request are always latin-1.
        return bool(regex.fullmatch(origin))
