"""The three that every exchange is compared among: fastcors on either core, and Starlette's own middleware.

Each runs in processes of its own, which learn from the environment which of them they are to use.
"""

import importlib
import importlib.util
import os
from typing import Any

CORES = ("compiled", "python")
REFERENCE = "starlette"
SUBJECTS = (*CORES, REFERENCE)

_EXTENSIONS = {"compiled": "yes", "python": "no", REFERENCE: ""}


def available() -> tuple[str, ...]:
    """Return the subjects that this environment can run: without a C compiler, there is no compiled core."""
    if importlib.util.find_spec("fastcors.core.compiled") is None:
        return tuple(subject for subject in SUBJECTS if subject != "compiled")
    return SUBJECTS


def environment(subject: str) -> dict[str, str]:
    """Return the variables by which a process is told its subject."""
    return {"INTEROP_SUBJECT": subject, "FASTCORS_EXTENSIONS": _EXTENSIONS[subject]}


def cors_middleware() -> Any:
    """Return the class that this process was told to use; fails where that is not what gets imported."""
    subject = os.environ["INTEROP_SUBJECT"]
    if subject == REFERENCE:
        return importlib.import_module("starlette.middleware.cors").CORSMiddleware
    fastcors = importlib.import_module("fastcors")
    if fastcors.COMPILED is not (subject == "compiled"):
        raise RuntimeError(f"asked for the {subject} core; COMPILED is {fastcors.COMPILED}")
    return fastcors.CORSMiddleware
