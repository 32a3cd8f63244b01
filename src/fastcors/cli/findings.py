"""The findings on an app: problems of its CORS configurations, and of the positions of its CORS middlewares."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware

from ..config.checks.accept import ACCEPTABLE, accepted_codes, meant
from ..middleware import CORSMiddleware
from ..problems import SEVERITIES, ConfigProblem, Severity, shown
from .configuration import Examined, examined
from .loading import CannotTell, recorded_warnings
from .others import FOREIGN_ORIGIN, Tried, tried
from .stack import Placed, cors_middlewares, other_cors_middlewares, stack_of

NO_CORS_MIDDLEWARE = "no-cors-middleware"
_NOT_OUTERMOST = "not-outermost"
_TWO = "two-cors-middlewares"
# The codes of the configuration, and those of an app. A middleware that cannot be made is never acceptable.
ACCEPTABLE_IN_APP = ACCEPTABLE | {_NOT_OUTERMOST, NO_CORS_MIDDLEWARE, "other-cors-middleware"}


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
    """Raise `CannotTell` for an unknown code, or one that cannot be accepted."""
    for code in accept:
        if code not in ACCEPTABLE_IN_APP:
            raise CannotTell(f"--accept {code}: there is no such code. {meant(code, ACCEPTABLE_IN_APP)}")


def report_of(app: Any, warned: Iterable[ConfigProblem] = ()) -> Report:
    """Return the findings on `app`. `warned` are the problems that warnings reported while it was made."""
    with recorded_warnings() as more:
        stack = stack_of(app)
        placed = cors_middlewares(stack)
        others = [found for each in other_cors_middlewares(stack) for found in _other_cors_middleware(each, placed)]
        has_gradios = any(_is_gradios(each) for each in other_cors_middlewares(stack))
    middlewares = tuple(Found(each, tuple(_findings(each, examined(each.layer)))) for each in placed)
    if has_gradios:
        middlewares = tuple(found._replace(findings=tuple(map(_with_gradio, found.findings))) for found in middlewares)
    known = [finding for found in middlewares for finding in found.findings]
    general = others if middlewares or others else [_NONE]
    return Report(middlewares, (*general, *warning_findings([*warned, *more], known)))


def config_finding(problem: ConfigProblem) -> Finding:
    """Return a problem of a configuration as a finding."""
    code, severity, parameter, value, reason, fix = problem[:6]
    return Finding(code, severity, parameter, shown(value), reason, fix, problem.subject, problem.accepted)


def warning_findings(warned: Iterable[ConfigProblem], known: Iterable[Finding]) -> Iterator[Finding]:
    """Yield a finding for each problem in `warned` that is not among the `known` ones."""
    texts = {_text(each) for each in known}
    codes = {each.code for each in known}
    for finding in map(config_finding, warned):
        if _text(finding) not in texts and not (finding.code == _TWO and _TWO in codes):
            texts.add(_text(finding))
            yield finding


def _text(finding: Finding) -> str:
    return f"{finding.heading}: {finding.reason} {finding.fix} [{finding.code}]"


def _findings(placed: Placed, made: Examined) -> Iterator[Finding]:
    # Starlette's class may make ours.
    own = issubclass(type(made.middleware) if made.middleware else placed.layer.cls, CORSMiddleware)
    found = [config_finding(each) for each in (made.config.problems() if made.config is not None else ())]
    found = found if own else [*map(_as_with_starlette, found)]
    if made.raised:
        reason = f"creating this middleware raises {made.raised}."
        heading = "the app cannot start"
        yield Finding("cannot-be-made", "error", "app", made.raised, reason, "Correct the parameters.", heading)
    yield from found
    # A subclass with its own constructor may warn about values that its attributes no longer show.
    yield from warning_findings(made.warned, found)
    if placed.around is not None:
        # The outer one would emit the warning, so its `accept` counts.
        outer = examined(placed.around.layer).config
        accepted = outer is not None and _TWO in accepted_codes(outer.accept)
        yield _inside_another(placed.around)._replace(accepted=accepted)
    else:
        yield from _not_outermost(placed)


def _as_with_starlette(finding: Finding) -> Finding:
    """Return the finding for Starlette's middleware, which treats strings differently and has fewer parameters."""
    if "allow_origin_patterns" in finding.fix:
        return finding._replace(fix=f"{finding.fix} That is a parameter of fastcors.CORSMiddleware.")
    if finding.code != "string-for-list":
        return finding
    effect = "Starlette takes its characters for the values."
    if finding.parameter == "allow_origins":
        effect = "Starlette allows each origin that is a part of it."
    reason = f"it is a string, but a collection of strings belongs here. {effect}"
    return finding._replace(severity="error", reason=reason)


_NONE = Finding(
    NO_CORS_MIDDLEWARE,
    "note",
    "app",
    "",
    "The app has no CORS middleware, so browsers let only pages of its own origin read its responses.",
    'To let other origins read, write fastcors.add_cors(app, allow_origins=["https://app.example.com"]).',
)


def _inside_another(around: Placed) -> Finding:
    number = f"number {around.number}"
    reason = (
        f"it is inside {number}. Only the outer one answers preflights, and both set the same headers on other "
        f"responses."
    )
    fix = "Keep one, with everything that both allow."
    return Finding(_TWO, SEVERITIES[_TWO], "app", number, reason, fix, "two CORS middlewares")


def _not_outermost(placed: Placed) -> Iterator[Finding]:
    """Yield a note if responses are produced outside the outermost CORS middleware."""
    layers = placed.stack.layers
    own = layers[: next(at for at, layer in enumerate(layers) if layer is placed.layer)]
    outer = placed.outside[: len(placed.outside) - len(own)]
    names = [*dict.fromkeys(layer.name for layer in placed.outside if not (layer.is_cors or layer.is_builtin))]
    # The innermost ServerErrorMiddleware around the app answers when the app fails, so the outer ones do not.
    catching = own if any(layer.is_builtin for layer in layers) else outer
    builtin = [layer.name for layer in catching if layer.is_builtin][:1]
    answers = [f"the 500 of {name} for an unhandled exception" for name in builtin]
    answers += [f"responses of {' and '.join(names)}"] if names else []
    if not answers:
        return
    reason = (
        f"responses produced outside it lack CORS headers, so browsers report a CORS error instead: "
        f"{' and '.join(answers)}."
    )
    is_added = any(layer.is_builtin for layer in own) and all(layer.is_builtin for layer in outer)
    fix = _outermost_fix(placed.stack.place, is_added)
    yield Finding(_NOT_OUTERMOST, "note", "app", ", ".join([*builtin, *names]), reason, fix, "not outermost")


def _outermost_fix(place: str, is_added: bool) -> str:
    if is_added:
        where = f"for the app that is mounted at {place}, " if place else ""
        return (
            f"To add the headers everywhere, {where}use fastcors.add_cors(app, ...) instead of "
            f"app.add_middleware(CORSMiddleware, ...)."
        )
    if place:
        return "To add the headers everywhere, use fastcors.add_cors(app, ...) on the outermost app instead."
    return "To add the headers everywhere, put it around the outermost of these: app = CORSMiddleware(app, ...)."


def _other_cors_middleware(placed: Placed, known: list[Placed]) -> Iterator[Finding]:
    """Yield the finding on a CORS middleware that is neither Starlette's nor ours. `known` are those that are."""
    other, around = placed.layer.other, placed.around
    assert other is not None
    inner = next((each for each in known if any(layer is placed.layer for layer in each.outside)), None)
    got, is_gradios = tried(other), _is_gradios(placed)
    if is_gradios and got is not None and not got.reads:
        # Gradio's own is always there. It does nothing once it has found Starlette's class.
        return
    where = f" at {placed.stack.place}" if placed.stack.place else ""
    beside = f", inside number {around.number}" if around else f", around number {inner.number}" if inner else ""
    both = " Both set the same headers, and only the outer one answers preflights." if beside else ""
    severity: Severity = "warning" if beside else "note"
    fix = (
        "Keep one, with everything that both allow."
        if beside
        else "To have its configuration checked, use fastcors.CORSMiddleware instead."
    )
    if is_gradios and not (around and _class_of(around) is StarletteCORSMiddleware):
        fix, severity = _INSTALL, "error" if around else severity
    if got is not None and got.credentials:
        severity = "error"
    reason = f"{other.name}{where}{beside}.{both} {_read_by_foreign_pages(got)}"
    yield Finding("other-cors-middleware", severity, "app", other.name, reason, fix, "another CORS middleware")


def _is_gradios(placed: Placed) -> bool:
    return placed.layer.other is not None and placed.layer.other.name.startswith("gradio.")


def _with_gradio(finding: Finding) -> Finding:
    """Return the finding without the advice to use `add_cors`, where Gradio would not find the middleware."""
    if finding.code != _NOT_OUTERMOST:
        return finding
    return finding._replace(fix="Leave it: Gradio looks for it among the middlewares that add_middleware added.")


def _class_of(placed: Placed) -> Any:
    return placed.layer.cls or type(placed.layer.made)


_INSTALL = (
    "Gradio's does nothing if the app that it is mounted in has added Starlette's own class. Call fastcors.install() "
    "before the app is made, import CORSMiddleware from starlette.middleware.cors, and add that with add_middleware."
)


def _read_by_foreign_pages(got: Tried | None) -> str:
    if got is None:
        return "It was not tried, so what it allows is unknown."
    if got.credentials:
        return f"Tried with the origin {FOREIGN_ORIGIN}, it lets the page read responses with the users' cookies."
    if got.reads:
        return f"Tried with the origin {FOREIGN_ORIGIN}, it lets the page read responses, without cookies."
    return f"Tried with the origin {FOREIGN_ORIGIN}, it does not let the page read responses."
