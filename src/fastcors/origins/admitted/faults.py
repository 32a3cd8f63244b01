"""The faults of an origin regex, each with what to write instead."""

import functools
import re

from ...problems import Fault
from ...standard import public_suffixes as suffix_list
from ...standard.public_suffixes import PublicSuffixes
from ..regex.automaton import OriginAutomaton
from .advice import advised
from .judgement import judged


def regex_faults(
    automaton: OriginAutomaton | None,
    pattern: re.Pattern[str],
    *,
    credentials: bool = False,
    public_suffixes: PublicSuffixes | None = None,
) -> list[Fault]:
    """Return the faults of `pattern`, whose automaton is `automaton`; None for a pattern that only `re` can match.

    What lets strangers read is an error with `credentials`, and otherwise a warning. `public_suffixes` default to
    `public_suffixes.installed()`.
    """
    return list(_faults(automaton, pattern, credentials, public_suffixes or suffix_list.installed()))


@functools.lru_cache(maxsize=64)
def _faults(
    automaton: OriginAutomaton | None, pattern: re.Pattern[str], credentials: bool, suffixes: PublicSuffixes
) -> tuple[Fault, ...]:
    faults = judged(automaton, pattern, credentials, suffixes)
    return tuple(advised(fault, pattern, automaton, credentials) for fault in faults)
