"""A drop-in replacement for Starlette's CORSMiddleware, compiled."""

import importlib
from typing import TYPE_CHECKING

from .core import COMPILED
from .middleware import CORSMiddleware

if TYPE_CHECKING:
    from .config.value import CORSConfig
    from .installed import install, uninstall
    from .outermost import add_cors
    from .problems import ConfigProblem, CORSConfigError, CORSConfigWarning
    from .version import __version__

__all__ = (
    "COMPILED",
    "CORSConfig",
    "CORSConfigError",
    "CORSConfigWarning",
    "CORSMiddleware",
    "ConfigProblem",
    "__version__",
    "add_cors",
    "install",
    "uninstall",
)

# Where to import the rest from when it is first used: most services need little of it, and start sooner without.
_LATER = {
    "CORSConfig": ".config.value",
    "CORSConfigError": ".problems",
    "CORSConfigWarning": ".problems",
    "ConfigProblem": ".problems",
    "__version__": ".version",
    "add_cors": ".outermost",
    "install": ".installed",
    "uninstall": ".installed",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_LATER[name], __name__), name)
    globals()[name] = value
    return value
