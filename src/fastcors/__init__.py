"""A drop-in replacement for Starlette's CORSMiddleware, compiled."""

from ._core import COMPILED
from .middleware import CORSMiddleware

__all__ = ("COMPILED", "CORSMiddleware", "__version__")

__version__ = "0.1.0"
