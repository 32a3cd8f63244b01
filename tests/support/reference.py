"""Starlette 1.10.0's own CORSMiddleware, with which every answer is compared.

Usually this is the installed one. In tests with another Starlette, it is loaded from the directory that
FASTCORS_REFERENCE names. FASTCORS_REFERENCE=installed takes the installed one, whatever its version, which shows how
Starlette changes.
"""

import importlib
import importlib.metadata
import os
import sys
from typing import Any

VERSION = "1.10.0"


def load(directory: str) -> Any:
    """Return the module of the Starlette in `directory`, loaded beside the one installed, and its version."""

    def loaded() -> list[str]:
        return [name for name in sys.modules if name.split(".")[0] == "starlette"]

    others = {name: sys.modules.pop(name) for name in loaded()}
    sys.path.insert(0, directory)
    try:
        return importlib.import_module("starlette.middleware.cors"), importlib.import_module("starlette").__version__
    finally:
        sys.path.remove(directory)
        for name in loaded():
            del sys.modules[name]
        sys.modules.update(others)


_wanted = os.environ.get("FASTCORS_REFERENCE", "")
if _wanted not in ("", "installed"):
    _module, _version = load(_wanted)
    _module.CORSMiddleware.__module__ = __name__  # pickle finds it here, because the installed one has its own place
else:
    _module = importlib.import_module("starlette.middleware.cors")
    _version = importlib.metadata.version("starlette")
if _version != VERSION and _wanted != "installed":
    raise RuntimeError(f"the reference is Starlette {VERSION}, this is {_version}: set FASTCORS_REFERENCE")

CORSMiddleware = _module.CORSMiddleware
