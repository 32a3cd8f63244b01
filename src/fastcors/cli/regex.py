"""`fastcors regex`: shows how an origin regex is matched, examples of what it admits, and its problems."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.console import RenderableType

from ..config.value import CORSConfig
from ..origins.admitted.faults import regex_faults
from ..origins.admitted.samples import sample_origins
from ..origins.admitted.spelled_hosts import ANY, spelled_hosts
from ..origins.regex.automaton import OriginAutomaton
from ..origins.regex.budget import NoAutomaton
from ..origins.regex.matcher import matcher_of
from ..problems import without_secret
from ..standard.public_suffixes import installed
from .findings import Finding, config_finding
from .output import counted, findings_table, grid, print_json, show, styled


class Examination(NamedTuple):
    """The properties of an origin regex, under the names and in the order of the JSON document."""

    pattern: str
    engine: str | None = None
    """`automaton` or `re`; None if the pattern does not compile."""
    construct: str | None = None
    """The construct that an automaton cannot match."""
    linear_time: bool = False
    states: int | None = None
    domains: tuple[str, ...] = ()
    """The registrable domains that the pattern spells out."""
    admitted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    foreign_origin: str | None = None
    """An origin of a foreign domain that the pattern admits."""
    problems: tuple[Finding, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the properties in types that JSON supports."""
        pattern = without_secret(self.pattern)
        return {**self._asdict(), "pattern": pattern, "problems": [each.as_dict() for each in self.problems]}


def examine_regex(pattern: str, credentials: bool, as_json: bool) -> int:
    """Print the properties of an origin regex; return the exit status, which is 1 if there is an error, otherwise 0."""
    examination = _examination(pattern, credentials)
    if as_json:
        print_json(examination.as_dict())
    else:
        show(_view(examination))
    return int(any(each.severity == "error" for each in examination.problems))


def _examination(source: str, credentials: bool) -> Examination:
    problems = CORSConfig(allow_origin_regex=source, allow_credentials=credentials).problems()
    findings = tuple(config_finding(each) for each in problems if each.parameter == "allow_origin_regex")
    try:
        pattern = re.compile(source)
    except (re.error, OverflowError, RecursionError):
        return Examination(source, problems=findings)
    automaton, construct = matcher_of(pattern)
    if automaton is None:
        return Examination(source, "re", construct, problems=findings)
    states, domains, foreign = len(automaton.rows), _domains(pattern), _foreign_origin(automaton, pattern)
    admitted, refused = map(tuple, sample_origins(automaton, pattern))
    return Examination(source, "automaton", None, True, states, domains, admitted, refused, foreign, findings)


def _foreign_origin(automaton: OriginAutomaton, pattern: re.Pattern[str]) -> str | None:
    problems = regex_faults(automaton, pattern)
    return next((each.origin for each in problems if each.code == "regex-admits-foreign-origins"), None)


def _domains(pattern: re.Pattern[str]) -> tuple[str, ...]:
    try:
        spelled = spelled_hosts(pattern)
    except (NoAutomaton, RecursionError):
        return ()
    names = installed().registrable_of(spelled) | ({"localhost"} & spelled)
    return tuple(sorted(name for name in names if ANY not in name))


def _view(examination: Examination) -> Iterator[RenderableType]:
    yield styled(without_secret(examination.pattern), "bold")
    found = [each.severity for each in examination.problems]
    yield styled(", ".join(counted(found.count(each), each) for each in ("error", "warning", "note")), "bold")
    if examination.problems:
        yield ""
        yield findings_table(examination.problems)
    if examination.engine:
        yield ""
        yield grid((styled(name, "dim"), styled(value)) for name, value in _rows(examination) if value)


def _rows(examination: Examination) -> Iterator[tuple[str, str]]:
    if not examination.linear_time:
        yield "engine", f"Python's re, because of {examination.construct}"
        yield "time", "not bounded: whoever sends the Origin can make it long"
        return
    yield "engine", f"automaton of {examination.states} states"
    yield "time", "linear in the length of the Origin"
    yield "domains", ", ".join(examination.domains)
    yield "admits", ", ".join(examination.admitted) or _nothing_admitted(examination)
    yield "refuses", ", ".join(examination.refused)
    yield "foreign", examination.foreign_origin or ""


def _nothing_admitted(examination: Examination) -> str:
    none = any(each.code == "regex-matches-no-origin" for each in examination.problems)
    return "nothing" if none else "not known: the automaton is too large to be looked through"
