"""The faults of an origin regex: it admits nothing, everything, or origins of foreign domains.

These verdicts are decided, not guessed: see `analysis.py`.
"""

import functools
import re

from ...problems import Fault
from ...standard import public_suffixes as suffix_list
from ...standard.public_suffixes import PublicSuffixes
from ..regex.automaton import OriginAutomaton
from ..regex.budget import NoAutomaton
from .analysis import RegexAnalysis, host_of
from .spelled_hosts import ANY, spelled_hosts
from .tried import UNRELATED, foreign_among_tried


def regex_faults(
    automaton: OriginAutomaton,
    pattern: re.Pattern[str],
    *,
    credentials: bool = False,
    public_suffixes: PublicSuffixes | None = None,
) -> list[Fault] | None:
    """Return the faults of `pattern`, whose automaton is `automaton`, or None if they cannot be decided.

    If the automaton is too large for a decision, a few foreign origins are tried instead; None means that none of them
    is admitted. A match of every origin is an error with `credentials`, and otherwise a warning. `public_suffixes`
    default to the list of the package `publicsuffixlist`, if that is installed.
    """
    suffixes = public_suffixes or suffix_list.installed()
    try:
        return list(_problems(automaton, pattern, credentials, suffixes))
    except (NoAutomaton, RecursionError):
        return _problems_of_tried(automaton, pattern, credentials, suffixes) or None


@functools.lru_cache(maxsize=64)
def _problems(
    automaton: OriginAutomaton, pattern: re.Pattern[str], credentials: bool, suffixes: PublicSuffixes
) -> tuple[Fault, ...]:
    analysis = RegexAnalysis(automaton, pattern, suffixes)
    if analysis.admits_nothing():
        return (_MATCHES_NO_ORIGIN,)
    schemes = analysis.admits_every_origin_of()
    if schemes:
        every = "every origin" if len(schemes) > 1 else f"every origin of {schemes[0]}"
        return (_matches_every_origin(every, credentials),)
    foreign = analysis.foreign_origin()
    # The automaton has decided this already. `re` confirms it, so that a bug in the analysis causes no false report.
    if foreign is not None and pattern.fullmatch(foreign):
        return (_admits_foreign_origins(foreign, analysis.own_domains, suffixes),)
    dot = analysis.unescaped_dot()
    return (_unescaped_dot(*dot),) if dot is not None and pattern.fullmatch(dot[1]) else ()


def _problems_of_tried(
    automaton: OriginAutomaton, pattern: re.Pattern[str], credentials: bool, suffixes: PublicSuffixes
) -> list[Fault]:
    try:
        spelled = spelled_hosts(pattern)
    except (NoAutomaton, RecursionError):
        return []
    found = foreign_among_tried(automaton, spelled, suffixes)
    unrelated = found[: len(UNRELATED)]
    if [host_of(origin) for origin in unrelated] == [*UNRELATED]:
        return [_matches_every_origin(f"unrelated origins, such as {' and '.join(unrelated[:2])}", credentials)]
    return [_admits_foreign_origins(found[0], suffixes.registrable_of(spelled), suffixes)] if found else []


_MATCHES_NO_ORIGIN = Fault(
    "regex-matches-no-origin",
    "it matches no origin that a browser sends: that is a scheme and a host in lower case, with a port where it is not "
    "the scheme's default, without a path or a slash at the end.",
    r'Write it so, as in "https://app\.example\.com" or "http://localhost:\d+".',
)


def _matches_every_origin(every: str, credentials: bool) -> Fault:
    if credentials:
        reason = f"it matches {every}, so that any site can read what its visitors get with their cookies."
        fix = r'Name the hosts that may, as in "https://([a-z0-9-]+\.)*example\.com".'
    else:
        reason = f"it matches {every}."
        fix = r'If any site may read the responses, say so with allow_origins=["*"]; otherwise name the hosts that may.'
    return Fault("regex-matches-every-origin", reason, fix, "error" if credentials else "warning")


def _admits_foreign_origins(origin: str, own_domains: frozenset[str], suffixes: PublicSuffixes) -> Fault:
    reason = f"it admits foreign origins, {origin} for one."
    fix = _fix(host_of(origin), sorted(own for own in own_domains if ANY not in own and own[0].isalnum()), suffixes)
    return Fault("regex-admits-foreign-origins", reason, fix, origin=origin)


def _fix(host: str, own_domains: list[str], suffixes: PublicSuffixes) -> str:
    for own in own_domains:
        if host.endswith(own) and not host.endswith(f".{own}"):
            return rf'Before {own} allow whole labels only: "([a-z0-9-]+\.)*{_escaped(own)}".'
        if own in host.removesuffix(own):
            return rf'After {own} allow nothing but a port: "{_escaped(own)}(:\d+)?".'
    domain = suffixes.registrable(host)
    if domain is None:
        return "Anyone can have a public address: write yours, or leave only its last number open."
    suffix = domain.partition(".")[2]
    if "." in suffix:
        return f"Anyone can have a name under {suffix}: write yours in full."
    return r'Write the domain in full, and leave open only what stands before it: "([a-z0-9-]+\.)*example\.com".'


def _unescaped_dot(host: str, origin: str) -> Fault:
    # No domain ends in a number, so another character in place of the dot makes no origin.
    address = host.rpartition(".")[2].isdecimal()
    reason = "a dot without a backslash takes any character, not only a dot"
    return Fault(
        "regex-unescaped-dot",
        f"{reason}." if address else f"{reason}: {origin} is admitted too.",
        f'Write "{_escaped(host.lstrip("."))}" there.',
        "note" if address else "warning",
        None if address else origin,
    )


def _escaped(host: str) -> str:
    return host.replace(".", r"\.")
