"""Picks the implementation of the request path: the compiled core where it is available, the Python one elsewhere.

The environment variable FASTCORS_EXTENSIONS demands one: `yes` the compiled core, `no` the Python one.
"""

import os
import warnings
from typing import TYPE_CHECKING

__all__ = ("COMPILED", "CompiledPolicy", "Dispatcher", "PolicyCache", "class_version", "respond", "use_call_slot")

_wanted = os.environ.get("FASTCORS_EXTENSIONS", "")
if _wanted not in ("yes", "no", ""):
    raise ImportError(
        f"FASTCORS_EXTENSIONS={_wanted!r} is not a choice: set it to 'yes' to demand the compiled core, "
        "to 'no' for the Python one, or leave it unset."
    )

COMPILED = False
if not TYPE_CHECKING and _wanted != "no":
    try:
        from .compiled import CompiledPolicy, Dispatcher, PolicyCache, class_version, respond, use_call_slot

        COMPILED = True
    except Exception as error:  # a broken extension can raise any exception
        if _wanted == "yes":
            raise ImportError(
                f"FASTCORS_EXTENSIONS=yes demands fastcors' compiled core, which cannot be imported: {error}. "
                "Install a wheel for this platform, or a C compiler and then "
                "`FASTCORS_EXTENSIONS=yes pip install --force-reinstall --no-cache-dir --no-binary fastcors fastcors`."
            ) from error
        # Installing without the extension is normal. An extension that does not load is worth a warning.
        if not isinstance(error, ModuleNotFoundError) or error.name != f"{__package__}.compiled":
            warnings.warn(
                f"fastcors runs on its Python core: the compiled one cannot be imported ({error}).",
                RuntimeWarning,
                stacklevel=2,
            )
if not COMPILED:
    from .compiled_policy import CompiledPolicy
    from .dispatch import Dispatcher, PolicyCache, use_call_slot
    from .hooks import class_version
    from .request import respond
