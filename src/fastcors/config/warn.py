"""Reports the problems of a configuration: as warnings at the user's line, or with `strict` as one error."""

import logging
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..origins.regex.matcher import matcher_of
from ..problems import ConfigProblem, CORSConfigError, CORSConfigWarning
from .parameters import Parameters

_PACKAGE = __name__.partition(".")[0]


def check(parameters: Parameters, app: object, strict: bool) -> None:
    """Warn about the problems of a configuration, and of wrapping `app` with it; with `strict`, raise
    `CORSConfigError`.

    Without `strict`, an exception inside a check is logged, because the app can still be served.
    """
    from .checks.accept import marked
    from .checks.app import app_problems
    from .checks.parameters import problems_of

    if strict:
        problems = *problems_of(parameters), *marked(app_problems(app), parameters.accept)
        if grave := tuple(each for each in problems if each.severity != "note" and not each.accepted):
            raise CORSConfigError(grave)
        return
    warn_of(_unless_it_fails(problems_of, parameters))
    warn_of(marked(_unless_it_fails(app_problems, app), parameters.accept))


def _unless_it_fails(look: Callable[[Any], Iterable[ConfigProblem]], value: object) -> list[ConfigProblem]:
    try:
        return list(look(value))
    except Exception:
        logging.getLogger("fastcors").exception("could not check the configuration")
        return []


def warn_of_assigned(parameter: str, value: Any, accept: Collection[str]) -> None:
    """Warn if a value that is assigned to an attribute is probably a mistake whose code is not in `accept`."""
    warn_of(each for each in _problems_of_assigned(parameter, value) if each.code not in accept)


def _problems_of_assigned(parameter: str, value: Any) -> Iterator[ConfigProblem]:
    if parameter == "allow_origin_regex":
        matcher = matcher_of(value)
        if matcher.construct:
            from .checks.regex import unbounded_time

            yield unbounded_time(value, matcher.construct)
    elif isinstance(value, str) and value != "*":
        from .checks.collections import string_for_list

        yield string_for_list(parameter, value)


def warn_of(problems: Iterable[ConfigProblem]) -> None:
    """Emit one warning per code and parameter, at the user's line that led here, if there is one.

    Python repeats a text that comes from another line. These texts are shown once per process, because several
    middlewares often have the same mistake. A filter that says "always" or "error" works as usual.
    """
    problems = [*problems]
    if not problems:
        return
    # Imported late: a correct configuration does not need it, and starts sooner.
    from .grouping import warnings_of

    for warning in warnings_of(problems):
        emitted = _emitted()
        if str(warning) not in emitted.texts:
            _emit(warning, emitted)


def _emit(warning: CORSConfigWarning, emitted: "_Emitted") -> None:
    global _last_emitted
    from .place import users_line

    # With brackets around the name, Python does not look for a file whose first line it could show.
    filename, line, module = f"<{_PACKAGE}>", 1, _PACKAGE
    frame = users_line(sys._getframe())
    if frame is not None:
        filename, line, module = frame.f_code.co_filename, frame.f_lineno, str(frame.f_globals.get("__name__"))
    registry: dict[Any, Any] = {}
    warnings.warn_explicit(warning, CORSConfigWarning, filename, line, module, registry)
    # Python registers the warnings that need not be shown again.
    if (str(warning), CORSConfigWarning, line) in registry:
        emitted.texts.add(str(warning))
        _last_emitted = emitted


class _Emitted(NamedTuple):
    """The texts that need not be shown again under these filters.

    New filters, such as those that `warnings.catch_warnings` sets up for each test, start with an empty set. Python's
    own registry is no substitute: each `catch_warnings` in our checks or in the app's imports would empty it too.
    """

    filters: Sequence[Any]
    copy: Sequence[Any]
    texts: set[str]


_last_emitted = _Emitted([], [], set())


def _emitted() -> _Emitted:
    # From Python 3.14 on, each context can have filters of its own.
    filters: Sequence[Any] = getattr(warnings, "_get_filters", lambda: warnings.filters)()
    if filters is _last_emitted.filters and filters == _last_emitted.copy:
        return _last_emitted
    return _Emitted(filters, [*filters], set())
