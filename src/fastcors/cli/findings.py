"""The findings on an app: problems of its CORS configurations, and of the positions of its CORS middlewares."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from ..config.checks.accept import ACCEPTABLE, accepted_codes, meant
from ..middleware import CORSMiddleware
from ..problems import SEVERITIES, ConfigProblem, Severity, shown
from .configuration import Examined, examined
from .loading import CannotTell, recorded_warnings
from .stack import Placed, cors_middlewares, stack_of

_TWO = "two-cors-middlewares"
# Besides the codes of the configuration, those of an app. A middleware that cannot be made is never acceptable.
_ACCEPTABLE = ACCEPTABLE | {"not-outermost", "no-cors-middleware"}
_WARNING = re.compile(r"((\w*).*) \[([a-z0-9-]+)\]", re.DOTALL)


class Finding(NamedTuple):
    """One problem or note about a configuration or a middleware's position, as it is printed."""

    code: str
    severity: Severity
    parameter: str
    value: str
    """The value as messages show it: escaped, shortened, and without a password."""
    reason: str
    fix: str = ""
    heading: str = ""
    """The beginning of the text that people read."""
    accepted: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the finding in types that JSON supports."""
        return {name: value for name, value in self._asdict().items() if name != "heading"}


class Found(NamedTuple):
    """A CORS middleware with its findings."""

    placed: Placed
    findings: tuple[Finding, ...]


class Report(NamedTuple):
    """All findings on an app."""

    middlewares: tuple[Found, ...]
    findings: tuple[Finding, ...]
    """The findings on the app as a whole."""

    def count(self, severity: Severity) -> int:
        """Return the number of findings with this severity that are not accepted."""
        return sum(each.severity == severity and not each.accepted for each in self._all())

    @property
    def accepted(self) -> int:
        """The number of findings that are accepted."""
        return sum(each.accepted for each in self._all())

    def accepting(self, codes: Collection[str]) -> "Report":
        """Return this report with the findings marked as accepted whose code is in `codes`."""

        def marked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
            return tuple(each._replace(accepted=True) if each.code in codes else each for each in findings)

        own = (found._replace(findings=marked(found.findings)) for found in self.middlewares)
        return Report(tuple(own), marked(self.findings))

    def _all(self) -> Iterator[Finding]:
        for findings in (self.findings, *(found.findings for found in self.middlewares)):
            yield from findings


def refuse_unknown(accept: Iterable[str]) -> None:
    """Raise `CannotTell` for a code that no problem has which can be accepted."""
    for code in accept:
        if code not in _ACCEPTABLE:
            raise CannotTell(f"--accept {code}: there is no such code. {meant(code, _ACCEPTABLE)}")


def report_of(app: Any, warned: Iterable[str] = ()) -> Report:
    """Return the findings on `app`. `warned` are the texts of the warnings emitted while it was made."""
    with recorded_warnings() as more:
        placed = cors_middlewares(stack_of(app))
    middlewares = tuple(Found(each, tuple(_findings(each, examined(each.layer)))) for each in placed)
    known = [finding for found in middlewares for finding in found.findings]
    general = () if middlewares else (_NO_CORS_MIDDLEWARE,)
    return Report(middlewares, (*general, *warning_findings([*warned, *more], known)))


def config_finding(problem: ConfigProblem) -> Finding:
    """Return a problem of a configuration as a finding."""
    code, severity, parameter, value, reason, fix = problem[:6]
    return Finding(code, severity, parameter, shown(value), reason, fix, problem.subject, problem.accepted)


def warning_findings(texts: Iterable[str], known: Iterable[Finding]) -> Iterator[Finding]:
    """Yield a finding for each warning that no known finding covers."""
    covered = {f"{each.heading}: {each.reason} {each.fix} [{each.code}]" for each in known}
    codes = {each.code for each in known}
    for text in dict.fromkeys(texts):
        found = _WARNING.fullmatch(text)
        if text not in covered and found is not None and not (found[3] == _TWO and _TWO in codes):
            yield Finding(found[3], SEVERITIES.get(found[3], "warning"), found[2], "", found[1])


def _findings(placed: Placed, made: Examined) -> Iterator[Finding]:
    own = issubclass(placed.layer.cls or type(placed.layer.made), CORSMiddleware)
    found = [config_finding(each) for each in (made.config.problems() if made.config is not None else ())]
    found = found if own else [*map(_as_with_starlette, found)]
    if made.raised:
        reason = f"to make this middleware raises {made.raised}."
        heading = "the app cannot start"
        yield Finding("cannot-be-made", "error", "app", made.raised, reason, "Correct the parameters.", heading)
    yield from found
    # A subclass with its own constructor may warn about values that its attributes no longer show.
    yield from warning_findings(made.warned, found)
    if placed.around is not None:
        # The outer one would warn.
        outer = examined(placed.around.layer).config
        accepted = outer is not None and _TWO in accepted_codes(outer.accept)
        yield _inside_another(placed.around)._replace(accepted=accepted)
    elif placed.outside:
        yield _not_outermost(placed)


def _as_with_starlette(finding: Finding) -> Finding:
    """Return the finding for Starlette's middleware, which treats strings differently and has fewer parameters."""
    if "allow_origin_patterns" in finding.fix:
        return finding._replace(fix=f"{finding.fix} That is a parameter of fastcors.CORSMiddleware.")
    if finding.code != "string-for-list":
        return finding
    reason = "a string where a collection of strings belongs: Starlette takes its characters for the values."
    if finding.parameter == "allow_origins":
        reason = "a string where a collection of strings belongs: Starlette allows each origin that is a part of it."
    return finding._replace(severity="error", reason=reason)


_NO_CORS_MIDDLEWARE = Finding(
    "no-cors-middleware",
    "note",
    "app",
    "",
    "It has no CORS middleware, so a browser lets pages of its own origin alone read what it answers.",
    'To let others: fastcors.add_cors(app, allow_origins=["https://app.example.com"]).',
)


def _inside_another(around: Placed) -> Finding:
    number = f"number {around.number}"
    reason = (
        f"it is inside {number}. Of two, the outer one alone answers preflights, and both write into the same headers "
        f"of other responses."
    )
    fix = "Keep one, with what both allow."
    return Finding(_TWO, SEVERITIES[_TWO], "app", number, reason, fix, "two CORS middlewares")


def _not_outermost(placed: Placed) -> Finding:
    names = [*dict.fromkeys(layer.name for layer in placed.outside if not (layer.is_cors or layer.is_builtin))]
    also = f", and what {' and '.join(names)} may answer" if names else ""
    value = ", ".join(dict.fromkeys(layer.name for layer in placed.outside))
    reason = (
        f"what is answered outside of it has no CORS headers, so a browser reports a CORS error in its place: the 500 "
        f"of ServerErrorMiddleware when the app fails{also}."
    )
    fix = (
        "To have them everywhere, use fastcors.add_cors(app, ...) in place of app.add_middleware(CORSMiddleware, ...)."
    )
    return Finding("not-outermost", "note", "app", value, reason, fix, "not outermost")
