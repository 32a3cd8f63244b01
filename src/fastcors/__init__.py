"""A drop-in replacement for Starlette's CORSMiddleware, compiled."""

from typing import TYPE_CHECKING

from .core import COMPILED
from .middleware import CORSMiddleware

if TYPE_CHECKING:
    from .config import ConfigProblem, CORSConfig, CORSConfigError, CORSConfigWarning
    from .stack import add_cors

__all__ = (
    "COMPILED",
    "CORSConfig",
    "CORSConfigError",
    "CORSConfigWarning",
    "CORSMiddleware",
    "ConfigProblem",
    "__version__",
    "add_cors",
)

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # When they are asked for, because to import the package is to import what a request needs.
    if name == "add_cors":
        from .stack import add_cors

        globals()[name] = add_cors
        return add_cors
    if name in __all__:
        from . import config

        return getattr(config, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
