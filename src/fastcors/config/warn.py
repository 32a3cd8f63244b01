"""Says what is wrong with a configuration: as warnings at the line that gave it, or with `strict` as one error."""

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
    """Warn of what is wrong with a configuration, and with putting its middleware around `app`; with `strict`, raise
    `CORSConfigError`.

    Without `strict`, a check that fails itself is logged: what it would have said is no reason not to serve.
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
    """Warn of a value that is assigned to an attribute and cannot mean what it says."""
    if parameter == "allow_origin_regex":
        matcher = matcher_of(value)
        if matcher.construct:
            from .checks.regex import unbounded_time

            warn_of([unbounded_time(value, matcher.construct)])
    elif isinstance(value, str) and value != "*":
        from .checks.collections import string_for_list

        warn_of([string_for_list(parameter, value)])


def warn_of(problems: Iterable[ConfigProblem]) -> None:
    """Warn of each problem that is more than a note."""
    for each in problems:
        if each.severity != "note":
            _warn(str(each))


def _warn(message: str) -> None:
    """Warn, at the line that what is wrong came from."""
    frame = _caller(sys._getframe(1))
    namespace = frame.f_globals
    registry = namespace.setdefault("__warningregistry__", {})
    name = str(namespace.get("__name__"))
    warnings.warn_explicit(message, CORSConfigWarning, frame.f_code.co_filename, frame.f_lineno, name, registry)


def _caller(frame: FrameType) -> FrameType:
    """Return the first frame outside this package.

    Where that is Starlette's, which makes an app's middleware when the app is first called, the first one that is of
    nothing installed is of more help, if there is one: it is where the server or a test was started.
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
