"""Parses a pattern as the standard library does."""

import functools
import importlib
import warnings
from typing import Any, TypeAlias

from .budget import NoAutomaton

Tree: TypeAlias = Any
"""A pattern that `re` parsed: a sequence of pairs of an operator and its argument, which can contain sequences."""


LONGEST = 25_000
"""The most characters of a pattern that is parsed. For a long pattern, parsing takes longer than everything else."""


# Several modules read the tree of the same pattern, one after the other. None of them changes it.
@functools.lru_cache(maxsize=8)
def parsed(source: str, flags: int) -> Tree:
    """Return the tree of `source`, without the warnings that `re` emitted when it compiled `source`.

    Raises `NoAutomaton` for a pattern that is too long.
    """
    if len(source) > LONGEST:
        raise NoAutomaton(f"more than {LONGEST:,} characters")
    try:
        parser = importlib.import_module("re._parser")
    except ImportError:
        raise NoAutomaton("a parser that this Python does not have") from None
    # Only these signs cause warnings. Without them the filters, which all threads share, can stay untouched.
    if not any(sign in source for sign in ("[[", "--", "&&", "~~", "||", "(?(")):
        return parser.parse(source, flags)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parser.parse(source, flags)
