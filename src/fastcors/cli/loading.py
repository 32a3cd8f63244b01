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

from ..problems import CORSConfigWarning

_TARGET = re.compile(r"([^\W\d]\w*(?:\.\w+)*)(?<!\.py):([^\W\d]\w*(?:\.\w+)*)(\(\))?")

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_PACKAGE = Path(__file__).parents[1]


class CannotTell(Exception):
    """The command cannot answer. The text gives the reason and, if there is one, a remedy."""


def load(target: str, factory: bool = False, directory: Path | None = None) -> tuple[Any, list[str]]:
    """Return the ASGI app that `target` names, and the texts of the configuration warnings emitted meanwhile.

    `target` is `module:app`, or `module:function()` for a factory. `directory`, by default the current one, comes first
    on the import path, as with uvicorn. Output of the module goes to standard error. Raises `CannotTell`.
    """
    found = _TARGET.fullmatch(target)
    if found is None:
        raise CannotTell(_malformed(target))
    place = str((directory or Path()).resolve())
    if place not in sys.path:
        sys.path.insert(0, place)
    with recorded_warnings() as warned, contextlib.redirect_stdout(sys.stderr):
        app = _member(_module(found[1], place), found[1], found[2])
        if factory or found[3]:
            app = _made(target, app)
    _check(target, app)
    return app, warned


@contextlib.contextmanager
def recorded_warnings() -> Iterator[list[str]]:
    """Record the text of each problem that configuration warnings report. Other warnings are shown as usual."""
    texts: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", CORSConfigWarning)
        show = warnings.showwarning

        def keep(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, CORSConfigWarning):
                texts.extend(map(str, getattr(message, "problems", ()) or (message,)))
            else:
                show(message, category, *place, **more)

        warnings.showwarning = keep
        yield texts


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
    try:
        return factory()
    except (Exception, SystemExit) as error:
        raise CannotTell(f"{target} cannot be called: {_located(error)}") from error


def _check(target: str, app: Any) -> None:
    if not callable(app):
        raise CannotTell(f"{target} is of class {type(app).__name__}, and so no ASGI app.")
    if isinstance(app, type):
        raise CannotTell(f"{target} is a class. Name an app that was made of it.")
    if inspect.isfunction(app) and not inspect.signature(app).parameters:
        raise CannotTell(f"{target} is a function without parameters. Where it makes the app, write {target}().")


def _located(error: BaseException) -> str:
    """Return the exception in one line, with its place in the user's code."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_installed(frame.filename)]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return described(error) + place


def described(error: BaseException) -> str:
    """Return the exception in one line."""
    return f"{type(error).__name__}: {error}".removesuffix(": ").partition("\n")[0]


def _is_installed(filename: str) -> bool:
    return filename.startswith("<frozen ") or "site-packages" in filename or Path(filename).is_relative_to(_PACKAGE)
