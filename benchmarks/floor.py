"""Builds `_floor.pyx` outside the source tree, if the build is missing or older than the source, and imports it.

It is compiled as setup.py compiles the core: with the flags of the running interpreter and no others.
"""

import functools
import importlib.util
import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("_floor.pyx")
BUILD = SOURCE.parents[1] / "build" / "benchmarks" / (sys.implementation.cache_tag or "python")
# Names another directory for this process, as builds.py does.
DIRECTORY = "FASTCORS_FLOOR"


def _build(directory: Path) -> None:
    from Cython import Build
    from setuptools import Distribution, Extension

    cythonize: Any = Build.cythonize
    extensions = cythonize([Extension("_floor", [str(SOURCE)])], build_dir=str(directory), quiet=True)
    command: Any = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib = command.build_temp = str(directory)
    command.ensure_finalized()
    command.run()


@functools.cache
def module() -> Any:
    """Return the compiled module with `Floor`, `Wrapper` and `Nothing`."""
    directory = Path(os.environ.get(DIRECTORY) or BUILD)
    built = directory / f"_floor{sysconfig.get_config_var('EXT_SUFFIX')}"
    if not built.exists() or built.stat().st_mtime < SOURCE.stat().st_mtime:
        _build(directory)
    spec = importlib.util.spec_from_file_location("_floor", built)
    assert spec is not None
    assert spec.loader is not None
    floor = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(floor)
    return floor
