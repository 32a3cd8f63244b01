"""What an origin regex lets in, decided from its automaton: nothing, everything, or origins of foreign domains.

Only well-formed origins count, as browsers send them: `https://evil.com/.example.com` is none.
"""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ._public_suffixes import PublicSuffixes
    from .origin_regex import OriginAutomaton


class RegexProblem(NamedTuple):
    """What is wrong with an origin regex. `origin` is one that shows it, where there is one."""

    code: str
    """`regex-matches-no-origin`, `regex-matches-every-origin`, `regex-admits-foreign-origins` or
    `regex-unescaped-dot`.
    """
    severity: str
    """`error` or `warning`."""
    reason: str
    fix: str
    origin: str | None = None


def regex_problems(
    automaton: "OriginAutomaton | None",
    pattern: re.Pattern[str],
    *,
    credentials: bool = False,
    public_suffixes: "PublicSuffixes | None" = None,
) -> list[RegexProblem] | None:
    """Return what is wrong with `pattern`, whose automaton is `automaton`; None where that is not decided.

    It is not for a pattern without an automaton, nor for one whose automaton is too large. With `credentials`, a
    pattern that matches every origin is an error, otherwise a warning. `public_suffixes` are those that
    `publicsuffixlist` brings, if it is installed, unless given.
    """
    raise NotImplementedError


def sample_origins(automaton: "OriginAutomaton", admitted: bool = True, count: int = 5) -> list[str]:
    """Return up to `count` short origins that differ: such as the automaton accepts, or near misses that it refuses."""
    raise NotImplementedError
