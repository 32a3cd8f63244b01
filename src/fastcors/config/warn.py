"""Reports the problems of a configuration: as warnings at the line that passed it, or with `strict` as one error."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from ..origins.regex.matcher import matcher_of
from ..problems import ConfigProblem, CORSConfigError, CORSConfigWarning
from .parameters import Parameters

_PACKAGE = __name__.partition(".")[0]


def check(parameters: Parameters, app: object, strict: bool) -> None:
    """Warn of the problems of a configuration, and of wrapping `app` with it; with `strict`, raise `CORSConfigError`.

    Without `strict`, an exception inside a check is logged, because it is no reason not to serve.
    """
    from .checks.app import app_problems
    from .checks.parameters import problems_of

    if strict:
        problems = *problems_of(parameters), *app_problems(app)
        if grave := tuple(each for each in problems if each.severity != "note"):
            raise CORSConfigError(grave)
        return
    warn_of(_unless_it_fails(problems_of, parameters))
    warn_of(_unless_it_fails(app_problems, app))


def _unless_it_fails(look: Callable[[Any], Iterable[ConfigProblem]], value: object) -> list[ConfigProblem]:
    try:
        return list(look(value))
    except Exception:
        logging.getLogger("fastcors").exception("could not check the configuration")
        return []


def warn_of_assigned(parameter: str, value: Any) -> None:
    """Warn if a value that is assigned to an attribute is probably a mistake."""
    if parameter == "allow_origin_regex":
        matcher = matcher_of(value)
        if matcher.construct:
            from .checks.regex import unbounded_time

            warn_of([unbounded_time(value, matcher.construct)])
    elif isinstance(value, str) and value != "*":
        from .checks.collections import string_for_list

        warn_of([string_for_list(parameter, value)])


def warn_of(problems: Iterable[ConfigProblem]) -> None:
    """Emit each problem, except for notes, as a warning at the line that caused it."""
    for each in problems:
        if each.severity != "note":
            frame = _caller(sys._getframe())
            registry = frame.f_globals.setdefault("__warningregistry__", {})
            place = frame.f_code.co_filename, frame.f_lineno, str(frame.f_globals.get("__name__")), registry
            warnings.warn_explicit(str(each), CORSConfigWarning, *place)


def _caller(frame: FrameType) -> FrameType:
    """Return the first frame outside this package.

    Starlette makes the middleware when the app is first called. A frame of Starlette helps nobody, so this returns the
    first one outside of all installed packages instead, if there is one: the line that started the server or the test.
    """
    while frame.f_back is not None and _package(frame) == _PACKAGE:
        frame = frame.f_back
    outer: FrameType | None = frame
    if _package(frame) in ("starlette", "fastapi"):
        while outer is not None and _is_installed(outer.f_code.co_filename):
            outer = outer.f_back
    return outer or frame


def _is_installed(filename: str) -> bool:
    import sysconfig

    directories = (sysconfig.get_path("stdlib"), sysconfig.get_path("scripts"), "<frozen ")
    return filename.startswith(directories) or "site-packages" in filename or "dist-packages" in filename


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]
