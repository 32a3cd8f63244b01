"""Imports the app that `module:app` names, as a server would, and records the configuration warnings."""

import contextlib
import functools
import importlib
import inspect
import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..problems import ConfigProblem, CORSConfigWarning

_TARGET = re.compile(r"([^\W\d]\w*(?:\.\w+)*)(?<!\.py):([^\W\d]\w*(?:\.\w+)*)(\(\))?")

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_PACKAGE = Path(__file__).parents[1]


class CannotTell(Exception):
    """The command cannot answer. The text gives the reason and, if there is one, a remedy."""


def load(target: str, factory: bool = False, directory: Path | None = None) -> tuple[Any, list[ConfigProblem]]:
    """Return the ASGI app that `target` names, and the problems that configuration warnings reported meanwhile.

    `target` is `module:app`, or `module:function()` for a factory. `directory`, by default the current one, comes first
    on the import path, as with uvicorn. Output of the module goes to standard error. Raises `CannotTell`.
    """
    found = _TARGET.fullmatch(target)
    if found is None:
        raise CannotTell(_malformed(target))
    module, warned = imported(found[1], directory or Path())
    with recorded_warnings() as more, contextlib.redirect_stdout(sys.stderr):
        app = _member(module, found[1], found[2])
        if factory or found[3]:
            app = _made(target, app)
    _check(target, app)
    return app, [*warned, *more]


def imported(name: str, directory: Path) -> tuple[Any, list[ConfigProblem]]:
    """Return the module `name`, and the problems that configuration warnings report while it is imported.

    `directory` comes first on the import path. Raises `CannotTell`.
    """
    place = str(directory.resolve())
    if place not in sys.path:
        sys.path.insert(0, place)
    with recorded_warnings() as warned, contextlib.redirect_stdout(sys.stderr):
        return _module(name, place), warned


@contextlib.contextmanager
def recorded_warnings() -> Iterator[list[ConfigProblem]]:
    """Record each problem that configuration warnings report. Other warnings are shown as usual."""
    problems: list[ConfigProblem] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", CORSConfigWarning)
        show = warnings.showwarning

        def keep(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, CORSConfigWarning):
                problems.extend(getattr(message, "problems", ()))
            else:
                show(message, category, *place, **more)

        warnings.showwarning = keep
        yield problems


def _malformed(target: str) -> str:
    # A shell completes to a path, such as src/main.py.
    name = re.sub(r"\.py\Z", "", target.partition(":")[0]).replace("/", ".").strip(".")
    return f"{target!r} names no app. Write MODULE:APP, such as {name if _NAME.fullmatch(name) else 'main'}:app."


def _module(name: str, place: str) -> Any:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing is not None and f"{name}.".startswith(f"{missing}."):
            raise CannotTell(f"There is no module {missing} in {place}, nor among what is installed.") from None
        raise CannotTell(f"{name} cannot be imported: {_located(error)}") from error


def _member(module: Any, name: str, path: str) -> Any:
    try:
        return functools.reduce(getattr, path.split("."), module)
    except AttributeError:
        raise CannotTell(f"The module {name} has no {path}.") from None


def _made(target: str, factory: Any) -> Any:
    needed = _needed(factory)
    if needed:
        raise CannotTell(
            f"{target} needs {', '.join(needed)}, and a factory is called without arguments. "
            f"Write a function without parameters that calls it, and name that one."
        )
    try:
        return factory()
    except (Exception, SystemExit) as error:
        raise CannotTell(f"{target} cannot be called: {_located(error)}") from error


def _check(target: str, app: Any) -> None:
    if not callable(app):
        raise CannotTell(f"{target} is of class {type(app).__name__}, and so no ASGI app.")
    if isinstance(app, type):
        raise CannotTell(f"{target} is a class. Name an app that was made of it.")
    if not inspect.isfunction(app):
        return
    signature = _signature(app)
    try:
        signature.bind("scope", "receive", "send")
    except TypeError:
        remedy = f"If it makes the app, write {target}()."
        if _needed(app):
            remedy = "If it makes the app, write a function without parameters that calls it, and name that one."
        own = ", ".join(signature.parameters)
        raise CannotTell(
            f"{target} is a function of ({own}), and an ASGI app takes (scope, receive, send). {remedy}"
        ) from None


def _needed(factory: Any) -> list[str]:
    """Return the names of the parameters without which `factory` cannot be called."""
    parameters = _signature(factory).parameters.values()
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in variable]


def _signature(function: Any) -> inspect.Signature:
    """Return the signature. If it is unknown, as for some functions in C, return one that takes anything."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError, NameError):
        return inspect.signature(lambda *args, **kwargs: None)


def _located(error: BaseException) -> str:
    """Return all lines of the exception, the first with its place in the user's code."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_installed(frame.filename)]
    place = f" ({_shortened(frames[-1].filename)}, line {frames[-1].lineno})" if frames else ""
    _, *more = f"{error}\n".splitlines() or [""]
    notes = [line for note in getattr(error, "__notes__", ()) for line in str(note).splitlines()]
    return "\n".join([described(error) + place, *more, *notes])


def _shortened(filename: str) -> str:
    """Return the path of a file below the entry of the import path that holds it."""
    entries = (Path(entry) for entry in sys.path if Path(filename).is_relative_to(entry or "."))
    return min((str(Path(filename).relative_to(entry)) for entry in entries), key=len, default=filename)


def described(error: BaseException) -> str:
    """Return the exception in one line."""
    return f"{type(error).__name__}: {error}".removesuffix(": ").partition("\n")[0]


def _is_installed(filename: str) -> bool:
    return filename.startswith("<frozen ") or "site-packages" in filename or Path(filename).is_relative_to(_PACKAGE)
