"""`fastcors check`: lists every CORS middleware of an app, its position, and its problems."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from ..problems import ConfigProblem, CORSConfigError
from ..standard.public_suffixes import has_list
from .discovery import app_of, module_of
from .findings import NO_CORS_MIDDLEWARE, Finding, Found, Report, config_finding, refuse_unknown, report_of
from .loading import CannotTell, load
from .output import COLOURS, counted, findings_table, print_json, show, styled
from .stack import Placed

_NO_LIST = (
    "The public suffix list is not installed, so a regex or pattern that admits everything below a domain like co.uk, "
    'where anyone can register a name, goes unnoticed. Install it with: pip install "fastcors[psl]"'
)


def check(
    target: str | None,
    factory: bool,
    directory: Any,
    strict: bool,
    as_json: bool,
    accept: Collection[str] = (),
    notes: bool = False,
) -> int:
    """Print the CORS middlewares of the app that `target` names, and their problems; return the exit status.

    Without a `target`, the app is looked for in `directory`. The status is 1 if there is an error or, with `strict`, a
    warning or no CORS middleware; otherwise 0. Problems whose code is in `accept` do not count. They and the notes are
    only shown with `notes`, or in JSON. Raises `CannotTell`.
    """
    refuse_unknown(accept)
    target, kind, report = _look(target, factory, directory)
    if strict:
        report = report._replace(findings=tuple(map(_strictly, report.findings)))
    if kind:
        # Without a `kind`, the app's own `strict=True` raised these problems. Accepting them here would not let it
        # start.
        report = report.accepting(accept)
    if as_json:
        print_json({"app": target, "kind": kind or None, **_as_dict(report)})
    else:
        show(_view(target, kind, report, notes))
    return int(report.count("error") > 0 or (strict and report.count("warning") > 0))


def _strictly(finding: Finding) -> Finding:
    """Return the finding as `--strict` counts it. With `--strict`, a missing CORS middleware is an error."""
    return finding._replace(severity="error") if finding.code == NO_CORS_MIDDLEWARE else finding


def _look(target: str | None, factory: bool, directory: Path) -> tuple[str, str, Report]:
    """Return the app's target, the name of its class and the report. The name is empty if the app cannot be made."""
    early: list[ConfigProblem] = []
    try:
        if target is None:
            target, directory = module_of(directory)
            target, early = app_of(target, directory)
        app, warned = load(target, factory, directory)
    except CannotTell as error:
        if not isinstance(error.__cause__, CORSConfigError):
            raise
        # With `strict=True`, the module already raises while it makes the middleware.
        assert target is not None
        return target, "", Report((), tuple(map(config_finding, error.__cause__.problems)))
    return target, type(app).__name__, report_of(app, [*early, *warned])


def _as_dict(report: Report) -> dict[str, Any]:
    """Return a report in types that JSON supports."""
    return {
        "middlewares": [
            {**placed_as_dict(found.placed), "problems": [each.as_dict() for each in found.findings]}
            for found in report.middlewares
        ],
        "problems": [each.as_dict() for each in report.findings],
        "errors": report.count("error"),
        "warnings": report.count("warning"),
        "notes": report.count("note"),
        "accepted": report.accepted,
    }


def placed_as_dict(placed: Placed) -> dict[str, Any]:
    """Return a CORS middleware and its position in types that JSON supports."""
    return {
        "number": placed.number,
        "class": class_name(placed),
        "mounted_at": placed.stack.place or None,
        "position": placed.position,
        "of": len(placed.own),
        "inside": [layer.name for layer in placed.outside],
        "outside": [layer.name for layer in placed.own[placed.position :]],
    }


def class_name(placed: Placed) -> str:
    cls = placed.layer.cls or type(placed.layer.made)
    return f"{cls.__module__}.{cls.__qualname__}"


def position(placed: Placed) -> str:
    """Return the position of a CORS middleware in words."""
    own, at = placed.own, placed.position
    parts = [f"{at} of {len(own)}" if len(own) > 1 else "the only middleware"]
    for side, layers in (("inside", own[: at - 1]), ("outside", own[at:])):
        if layers:
            parts.append(f"{side} {', '.join(layer.name for layer in layers)}")
    places = [", ".join(parts)]
    if placed.stack.place:
        places.append(f"mounted at {placed.stack.place}")
    if not placed.outside:
        places.append("around the whole app")
    return "; ".join(places)


def _view(target: str, kind: str, report: Report, notes: bool) -> Iterator[RenderableType]:
    title = f"{target}, {kind}: {counted(len(report.middlewares), 'CORS middleware')}" if kind else target
    yield styled(title, "bold")
    counts = [counted(report.count(each), each) for each in ("error", "warning", "note")]
    counts += [f"{report.accepted} accepted"] * (report.accepted > 0)
    yield styled(", ".join(counts) + _how_to_see_the_rest(report, notes), "bold")
    if general := _shown(report.findings, notes):
        yield ""
        yield findings_table(general)
    for found in report.middlewares:
        yield from _middleware(found, notes)
    if report.middlewares and not has_list():
        yield ""
        yield styled(_NO_LIST)


def _how_to_see_the_rest(report: Report, notes: bool) -> str:
    return " (--notes shows them)" if not notes and (report.count("note") or report.accepted) else ""


def _shown(findings: Iterable[Finding], notes: bool) -> list[Finding]:
    return [each for each in findings if notes or not (each.accepted or each.severity == "note")]


def _middleware(found: Found, notes: bool) -> Iterator[RenderableType]:
    yield ""
    yield styled(f"{found.placed.number}. {class_name(found.placed)}", "bold")
    yield styled(f"   {position(found.placed)}")
    if findings := _shown(found.findings, notes):
        yield ""
        yield findings_table(sorted(findings, key=lambda finding: [*COLOURS].index(finding.severity)))
