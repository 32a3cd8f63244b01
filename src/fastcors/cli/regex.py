"""`fastcors regex`: how an origin regex is matched, what it lets in, and what is wrong with it."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.console import RenderableType

from ..config.value import CORSConfig
from ..origins.admitted.faults import regex_faults
from ..origins.admitted.samples import sample_origins
from ..origins.admitted.spelled_hosts import ANY, spelled_hosts
from ..origins.regex.automaton import OriginAutomaton
from ..origins.regex.matcher import matcher_of
from ..standard.public_suffixes import installed
from .findings import Finding, config_finding
from .output import findings_table, grid, print_json, show, styled


class Told(NamedTuple):
    """What there is to say about an origin regex."""

    pattern: str
    engine: str
    """`automaton`, or `re`; empty where the pattern does not compile."""
    construct: str = ""
    """What rules an automaton out."""
    states: int = 0
    domains: tuple[str, ...] = ()
    """The registrable domains that the pattern spells out."""
    admitted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    foreign: str | None = None
    """An origin of a foreign domain that is let in."""
    findings: tuple[Finding, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return {
            "pattern": self.pattern,
            "engine": self.engine or None,
            "construct": self.construct or None,
            "linear_time": self.engine == "automaton",
            "states": self.states or None,
            "domains": list(self.domains),
            "admitted": list(self.admitted),
            "refused": list(self.refused),
            "foreign_origin": self.foreign,
            "problems": [each.as_dict() for each in self.findings],
        }


def examine_regex(pattern: str, credentials: bool, as_json: bool) -> int:
    """Print what there is to say about an origin regex; return the exit status: 1 where there is an error, else 0."""
    told = _told(pattern, credentials)
    if as_json:
        print_json(told.as_dict())
    else:
        show(_view(told))
    return int(any(each.severity == "error" for each in told.findings))


def _told(source: str, credentials: bool) -> Told:
    problems = CORSConfig(allow_origin_regex=source, allow_credentials=credentials).problems()
    findings = [config_finding(each) for each in problems if each.parameter == "allow_origin_regex"]
    try:
        pattern = re.compile(source)
    except (re.error, OverflowError, RecursionError):
        return Told(source, "", findings=tuple(findings))
    automaton, construct = matcher_of(pattern)
    if automaton is None:
        return Told(source, "re", construct, findings=tuple(findings))
    admitted, refused = sample_origins(automaton, pattern)
    return Told(
        source,
        "automaton",
        states=len(automaton.rows),
        domains=_domains(pattern),
        admitted=tuple(admitted),
        refused=tuple(refused),
        foreign=_foreign_origin(automaton, pattern),
        findings=tuple(findings),
    )


def _foreign_origin(automaton: OriginAutomaton, pattern: re.Pattern[str]) -> str | None:
    problems = regex_faults(automaton, pattern) or ()
    return next((each.origin for each in problems if each.code == "regex-admits-foreign-origins"), None)


def _domains(pattern: re.Pattern[str]) -> tuple[str, ...]:
    spelled = spelled_hosts(pattern)
    names = {installed().registrable(host.lstrip(".")) for host in spelled} | ({"localhost"} & spelled)
    return tuple(sorted(name for name in names if name is not None and ANY not in name))


def _view(told: Told) -> Iterator[RenderableType]:
    yield styled(told.pattern, "bold")
    if told.engine:
        yield ""
        yield grid((styled(name, "dim"), styled(value)) for name, value in _rows(told) if value)
    if told.findings:
        yield ""
        yield findings_table(told.findings)


def _rows(told: Told) -> Iterator[tuple[str, str]]:
    if told.engine == "re":
        yield "engine", f"Python's re, because of {told.construct}"
        yield "time", "not bounded: whoever sends the Origin can make it long"
        return
    yield "engine", f"automaton of {told.states} states"
    yield "time", "linear in the length of the Origin"
    yield "domains", ", ".join(told.domains)
    yield "admits", ", ".join(told.admitted) or _nothing_admitted(told)
    yield "refuses", ", ".join(told.refused)
    yield "foreign", told.foreign or ""


def _nothing_admitted(told: Told) -> str:
    none = any(each.code == "regex-matches-no-origin" for each in told.findings)
    return "nothing" if none else "not known: the automaton is too large to be looked through"
