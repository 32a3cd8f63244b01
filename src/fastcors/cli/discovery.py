"""Finds the app where none is named, in the files and by the names that `fastapi dev` knows."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from starlette.applications import Starlette

from ..problems import ConfigProblem
from .loading import CannotTell, imported

_FILES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
_NAMES = ("app", "api")


def module_of(directory: Path) -> tuple[str, Path]:
    """Return the name of the module that should hold the app, and the directory from which it is imported."""
    place = directory.resolve()
    file = next((place / name for name in _FILES if (place / name).is_file()), None)
    if file is None:
        raise CannotTell(
            f"{place} has no {', '.join(_FILES[:-1])} or {_FILES[-1]}. Write MODULE:APP, such as main:app."
        )
    parts, root = [file.stem], file.parent
    while (root / "__init__.py").is_file():
        parts, root = [root.name, *parts], root.parent
    return ".".join(parts), root


def app_of(name: str, root: Path) -> tuple[str, list[ConfigProblem]]:
    """Import the module `name` from `root`; return `module:app`, and the problems that warnings reported."""
    module, warned = imported(name, root)
    found = next(_candidates(module), None)
    if found is None:
        raise CannotTell(
            f"{name} has neither an app or api nor an instance of FastAPI or Starlette. "
            f"Write MODULE:APP, such as {name}:create_app()."
        )
    return f"{name}:{found}", warned


def _candidates(module: ModuleType) -> Iterator[str]:
    values = vars(module)
    yield from (name for name in _NAMES if callable(values.get(name)) and not isinstance(values[name], type))
    yield from (name for name, value in values.items() if isinstance(value, Starlette))
