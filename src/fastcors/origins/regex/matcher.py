"""What decides whether an origin matches a regular expression: its automaton, or `re` where it can have none."""

import functools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .automaton import OriginAutomaton


class Matcher(NamedTuple):
    """How a regular expression is matched."""

    automaton: "OriginAutomaton | None" = None
    """None: `re` matches it."""
    construct: str = ""
    """What the pattern uses that rules an automaton out, where one was tried for."""


def matcher_of(*regexes: Any) -> Matcher:
    """Return how it is decided whether one of `regexes` matches; only a compiled pattern of text has an automaton."""
    return _matcher_of(*regexes) if all(map(is_text_pattern, regexes)) else Matcher()


# Kept, because every recompilation of a policy needs it.
@functools.lru_cache(maxsize=128)
def _matcher_of(*patterns: re.Pattern[str]) -> Matcher:
    # Imported here, because it is half of what importing this package would take.
    from .automaton import compile_origin_regex
    from .budget import NoAutomaton

    try:
        return Matcher(compile_origin_regex(*patterns))
    except NoAutomaton as error:
        return Matcher(construct=error.construct)


def is_text_pattern(regex: Any) -> bool:
    """Tell whether `regex` is a compiled pattern of text, and not of bytes."""
    return type(regex) is re.Pattern and isinstance(regex.pattern, str)


def matches(regex: Any, origin: Any) -> bool:
    """Tell whether the whole of `origin` matches `regex`: by its automaton, where it has one."""
    automaton = matcher_of(regex).automaton if isinstance(origin, str) else None
    if automaton is None:
        return bool(regex.fullmatch(origin))
    try:
        return automaton.matches(origin.encode("latin-1"))
    except UnicodeEncodeError:  # no request's
        return bool(regex.fullmatch(origin))
