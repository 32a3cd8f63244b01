"""The parameter `accept`: marks the problems that the user accepts, and finds unknown codes in it."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ...problems import SEVERITIES, ConfigProblem, problem
from ..members import is_inspected, is_text, members, plain

_UNKNOWN = "accept-unknown"

ACCEPTABLE = frozenset(SEVERITIES) - {_UNKNOWN}
"""The codes that can be accepted: all except the one for a mistake in `accept` itself."""


def marked(problems: Iterable[ConfigProblem], accept: Any) -> tuple[ConfigProblem, ...]:
    """Return `problems`, with those marked whose code is in `accept`."""
    codes = accepted_codes(accept)
    return tuple(each._replace(accepted=True) if each.code in codes else each for each in problems)


def accepted_codes(accept: Any) -> frozenset[str]:
    """Return the known codes in `accept`."""
    return frozenset(code for code in members(accept) if is_text(code)) & ACCEPTABLE


def accept_problems(accept: Any) -> Iterator[ConfigProblem]:
    """Yield the problems of `accept`."""
    if not is_inspected(accept):
        reason = "it is not a list of codes, so no problem is accepted."
        yield problem(_UNKNOWN, "accept", accept, reason, "Write a list, such as accept=['origin-insecure'].")
    for code in members(accept):
        if not is_text(code) or code not in ACCEPTABLE:
            yield problem(_UNKNOWN, "accept", code, "there is no such code, so it accepts nothing.", meant(code))


def meant(code: object, codes: Collection[str] = ACCEPTABLE) -> str:
    """Return what to write instead of an unknown code."""
    # Imported late: most configurations never need it.
    import difflib

    nearest = difflib.get_close_matches(plain(code).strip().lower(), codes, 1) if is_text(code) else []
    if nearest:
        return f"Write {nearest[0]!r}."
    return "Write the code in brackets at the end of a message, such as 'origin-insecure'."
