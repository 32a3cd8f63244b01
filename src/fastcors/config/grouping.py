"""Makes one warning of all problems that have the same code and the same parameter."""

import re
from collections.abc import Iterable, Sequence

from ..problems import ConfigProblem, CORSConfigWarning, shown

MOST_LISTED = 5
"""The most values that one warning shows; it counts the others."""

_PROPOSED = re.compile(r"Write ('[^']*')\.")


def warnings_of(problems: Iterable[ConfigProblem]) -> list[CORSConfigWarning]:
    """Return a warning for each code and parameter among `problems`. Notes and accepted ones are left out."""
    groups: dict[tuple[str, str], list[ConfigProblem]] = {}
    for each in problems:
        if each.severity != "note" and not each.accepted:
            groups.setdefault((each.code, each.parameter), []).append(each)
    return [_warning(group) for group in groups.values()]


def _warning(group: list[ConfigProblem]) -> CORSConfigWarning:
    warning = CORSConfigWarning(str(group[0]) if len(group) == 1 else _text(group))
    warning.problems = tuple(group)
    return warning


def _text(group: list[ConfigProblem]) -> str:
    """Return the text for several values. It is one line that ends with the code, so that filters can match it."""
    alike: dict[str, list[ConfigProblem]] = {}
    for each in group[:MOST_LISTED]:
        alike.setdefault(each.reason, []).append(each)
    sentences: list[str] = []
    for reason, problems in alike.items():
        first, *others = dict.fromkeys(shown(each.value) for each in problems)
        subject = f"Also {first}" if sentences else problems[0].subject
        sentences.append(f"{', '.join([subject, *others])}: {reason} {_fixes(problems)}")
    unlisted = len(group) - MOST_LISTED + group[-1].more
    if unlisted > 0:
        at_least = "At least " if group[-1].more else ""
        sentences.append(f"{at_least}{unlisted:,} more ha{'s' if unlisted == 1 else 've'} the same problem.")
    return f"{' '.join(sentences)} [{group[0].code}]"


def _fixes(problems: Sequence[ConfigProblem]) -> str:
    """Return the different fixes. They are one sentence if each only proposes a value."""
    fixes = [*dict.fromkeys(each.fix for each in problems)]
    proposed = [found[1] for found in map(_PROPOSED.fullmatch, fixes) if found]
    if len(proposed) == len(fixes):
        return f"Write {', '.join(proposed)}."
    return " ".join(fixes)
