"""Judges an origin regex: whether it admits nothing, everything, foreign origins, or origins that are unsafe.

The verdicts are decided on the automaton, not guessed: see `analysis.py`. Otherwise, a few origins are tried, and a
fault says that this proves nothing. `advice.py` adds to each fault what to write instead.
"""

import functools
import re
from collections.abc import Iterator

from ...problems import Fault, Severity, holds_secret, shown
from ...standard.hosts import is_local
from ...standard.public_suffixes import PublicSuffixes
from ..regex.automaton import OriginAutomaton
from ..regex.budget import NoAutomaton
from .analysis import RegexAnalysis, host_of
from .dead import dead_alternatives
from .slips import slips
from .spelled_hosts import ANY, spelled_hosts
from .tried import UNRELATED, foreign_among_tried, is_confirmed, matching
from .walk import Texts
from .ways import is_quick


@functools.lru_cache(maxsize=256)
def judged(
    automaton: OriginAutomaton | None, pattern: re.Pattern[str], credentials: bool, suffixes: PublicSuffixes
) -> tuple[Fault, ...]:
    """Return the faults of `pattern`, whose automaton is `automaton`, each without a fix."""
    if automaton is None:
        return tuple(_tried(automaton, pattern, credentials, suffixes))
    found: list[Fault] = []
    try:
        analysis = RegexAnalysis(automaton, pattern, suffixes)
        found.extend(_of_the_whole(analysis, credentials))
        if not found:
            found.extend(_about_hosts(automaton, analysis, pattern, credentials))
            found.extend(_unsafe(automaton, analysis, credentials))
    except (NoAutomaton, RecursionError):
        grave = [fault for fault in found if fault.severity != "note"]
        found = grave or list(_tried(automaton, pattern, credentials, suffixes))
    return tuple(found)


def _of_the_whole(analysis: RegexAnalysis, credentials: bool) -> Iterator[Fault]:
    schemes = analysis.admits_every_origin_of()
    if schemes:
        yield _matches_every_origin(
            "every origin" if len(schemes) > 1 else f"every origin of {schemes[0]}", credentials
        )
    elif analysis.admits_nothing():
        yield _MATCHES_NO_ORIGIN


def _about_hosts(
    automaton: OriginAutomaton, analysis: RegexAnalysis, pattern: re.Pattern[str], credentials: bool
) -> Iterator[Fault]:
    foreign = analysis.foreign_origin()
    # The automaton has decided this already. `re` confirms it, so that a bug in the analysis causes no false report.
    if foreign is not None and is_confirmed(pattern, foreign):
        yield _admits_foreign_origins(foreign, credentials, analysis.can_exist(foreign))
        return
    dot = analysis.unescaped_dot()
    if dot is not None and is_confirmed(pattern, dot[1]):
        yield _unescaped_dot(*dot, analysis.is_foreign(dot[1]) and analysis.can_exist(dot[1]))
    yield from (_dead_alternative(pattern, *dead) for dead in dead_alternatives(pattern, automaton))
    if dot is None and any(_alike(analysis.own_domains)):
        yield from _slips(analysis, pattern)


def _unsafe(automaton: OriginAutomaton, analysis: RegexAnalysis, credentials: bool) -> Iterator[Fault]:
    insecure = analysis.insecure_origin() if credentials else None
    if insecure is not None:
        yield _admits_insecure(insecure)
    if automaton.matches(b"null"):
        yield _admits_null(credentials)
    if credentials:
        yield from _every_extension(automaton)


def _tried(
    automaton: OriginAutomaton | None, pattern: re.Pattern[str], credentials: bool, suffixes: PublicSuffixes
) -> Iterator[Fault]:
    """Yield the faults that a few origins show, or else that the pattern is not decided."""
    if automaton is None and not is_quick(pattern):
        return
    matches = pattern.fullmatch if automaton is None else lambda text: automaton.matches(text.encode())
    try:
        spelled = spelled_hosts(pattern)
    except (NoAutomaton, RecursionError):
        spelled = set()
    if matching(matches, ["null"]):
        yield _admits_null(credentials)
    foreign = foreign_among_tried(matches, spelled, suffixes)
    if [host_of(origin) for origin in foreign[: len(UNRELATED)]] == [*UNRELATED]:
        yield _matches_every_origin(f"unrelated origins, such as {' and '.join(foreign[:2])}", credentials)
    elif foreign:
        yield _admits_foreign_origins(foreign[0], credentials, True)
    elif automaton is not None:
        yield _NOT_DECIDED
    hosts = (host.lstrip(".") for host in sorted(spelled) if host.isascii() and ANY not in host)
    insecure = [f"http://{host}" for host in hosts if "." in host.strip(".")]
    if credentials:
        yield from (_admits_insecure(each) for each in sorted(_not_local(matching(matches, insecure[:200])))[:1])


def _not_local(origins: set[str]) -> set[str]:
    return {origin for origin in origins if not is_local(host_of(origin))}


def _every_extension(automaton: OriginAutomaton) -> Iterator[Fault]:
    for scheme, names in _EXTENSIONS.items():
        if all(automaton.matches(f"{scheme}://{name}".encode()) for name in names):
            reason = (
                f"it matches every origin of {scheme}, so any extension that a user installs can read the responses."
            )
            yield Fault("regex-matches-every-origin", reason, severity="note", origin=f"{scheme}://{names[0]}")
            return


# The names of two extensions that have nothing in common.
_EXTENSIONS = {
    "chrome-extension": ("abcdefghijklmnopabcdefghijklmnop", "ponmlkjihgfedcbaponmlkjihgfedcba"),
    "moz-extension": ("01234567-89ab-4cde-8f01-23456789abcd", "fedcba98-7654-4321-a0fe-dcba98765432"),
    "safari-web-extension": ("01234567-89AB-4CDE-8F01-23456789ABCD", "FEDCBA98-7654-4321-A0FE-DCBA98765432"),
}

_MATCHES_NO_ORIGIN = Fault(
    "regex-matches-no-origin",
    "it matches no origin that a browser sends. An origin has a scheme and a host in lower case, and a port unless it "
    "is the default one. It has no path and no slash at the end.",
)
_NOT_DECIDED = Fault(
    "regex-not-decided",
    "it is too large to decide which origins it admits. A few foreign origins were tried and not admitted, but that "
    "proves nothing.",
)


def _matches_every_origin(every: str, credentials: bool) -> Fault:
    reason = f"it matches {every}."
    if credentials:
        reason = f"it matches {every}, so any site can read what its visitors' cookies give access to."
    return Fault("regex-matches-every-origin", reason, severity="error" if credentials else "warning")


def _admits_foreign_origins(origin: str, credentials: bool, can_exist: bool) -> Fault:
    code, reason = (
        "regex-admits-foreign-origins",
        f"it admits foreign origins, such as {origin}. A page from there can read the responses.",
    )
    if can_exist:
        return Fault(code, reason, severity="error" if credentials else "warning", origin=origin)
    top = host_of(origin).removesuffix(".").rpartition(".")[2]
    reason = f"it admits foreign origins, such as {origin}. None can exist today: there is no top-level domain {top}."
    return Fault(code, reason, severity="note", origin=origin)


def _unescaped_dot(host: str, origin: str, can_exist: bool) -> Fault:
    reason = "a dot without a backslash matches any character"
    # No domain ends in a number, so another character in place of the dot makes no origin.
    if host.rpartition(".")[2].isdecimal():
        return Fault("regex-unescaped-dot", f"{reason}, not only a dot.", severity="note")
    severity: Severity = "warning" if can_exist else "note"
    return Fault("regex-unescaped-dot", f"{reason}, so {origin} is admitted too.", severity=severity, origin=origin)


def _dead_alternative(pattern: re.Pattern[str], alternative: str, is_admitted: bool) -> Fault:
    # Part of a password may not look like one, so no alternative is shown if the pattern may hold a password.
    which = "one of its alternatives" if holds_secret(pattern.pattern) else f"its alternative {shown(alternative)}"
    reason = f"{which} matches no origin that a browser sends."
    return Fault("regex-matches-no-origin", reason, severity="note" if is_admitted else "error")


def _slips(analysis: RegexAnalysis, pattern: re.Pattern[str]) -> Iterator[Fault]:
    for optional, hosts_without, hosts_having in slips(pattern):
        without, having = analysis.domains_of(hosts_without), analysis.domains_of(hosts_having)
        for shorter, longer in sorted(_alike(without | having)):
            # The domain that is not meant: `example.co` instead of `example.com`, or `wwwexample.com`.
            wrong = shorter if longer.startswith(shorter) else longer
            if (wrong in without) is not (wrong in having):
                admitted = [analysis.admitted_at(domain) for domain in (wrong, shorter, longer)]
                if all(admitted):
                    reason = f"{optional} is optional, so it admits both {shorter} and {longer}."
                    yield Fault("regex-admits-foreign-origins", reason, severity="note", origin=admitted[0])
                    return


def _alike(domains: Texts) -> Iterator[tuple[str, str]]:
    """Yield pairs of domains. The second is the first with more text before or after it."""
    for longer in domains:
        for at in range(1, len(longer)):
            if longer[:at] in domains:
                yield longer[:at], longer
            if longer[at:] in domains and longer[at - 1] != ".":
                yield longer[at:], longer


def _admits_null(credentials: bool) -> Fault:
    reason = (
        "it admits null. Any site can send the origin null from a sandboxed frame, so this allows nearly as much as "
        "'*'."
    )
    return Fault("origin-null", reason, severity="error" if credentials else "warning", origin="null")


def _admits_insecure(origin: str) -> Fault:
    reason = (
        f"it admits {origin}. Anyone on the network between a user and that page can change the page, because http is "
        "not encrypted. With allow_credentials=True, the changed page can read the user's data."
    )
    return Fault("origin-insecure", reason, origin=origin)
