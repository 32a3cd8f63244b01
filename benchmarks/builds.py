"""Builds of the same source with different memory layouts.

The place where the linker puts a function can cost a request up to 25 ns, and each change of the source moves all
functions. So every build gets different padding before its code and data, and figures are medians over several builds.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from floor import BUILD, DIRECTORY

ROOT = Path(__file__).parents[1]
PARTS = ("setup.py", "pyproject.toml", "README.md", "LICENSE")
LEFT_OUT = shutil.ignore_patterns("*.so", "*.pyd", "*.c", "__pycache__", "*.egg-info")
# Neither is a multiple of a cache line or of a page.
CODE, DATA = 1104, 96


def make(number: int) -> dict[str, str]:
    """Build the tree's fastcors for the `number`th time, and return the environment that makes Python import it."""
    directory = BUILD / "builds" / str(number)
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(ROOT / "src", directory / "src", ignore=LEFT_OUT)
    for name in PARTS:
        shutil.copy(ROOT / name, directory / name)
    environment = _padding(directory, number) | {"FASTCORS_EXTENSIONS": "yes"}
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    subprocess.run(command, cwd=directory, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)
    path = [str(directory / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return environment | {"PYTHONPATH": os.pathsep.join(path), DIRECTORY: str(directory / "floor")}


def _padding(directory: Path, number: int) -> dict[str, str]:
    """Return the flags that link padding in front of everything. The first build has none, and there is none on
    Windows.
    """
    if number == 0 or sys.platform == "win32":
        return {}
    source, compiled = directory / "padding.c", directory / "padding.o"
    sections = ((".text", CODE), (".data", DATA), (".bss", DATA))
    assembly = "".join(f"{section}\\n.space {number * size}\\n" for section, size in sections)
    source.write_text(f'__asm__("{assembly}.text\\n");\n')
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    subprocess.run([*compiler, "-c", str(source), "-o", str(compiled)], check=True)
    return {"LDFLAGS": f"{os.environ.get('LDFLAGS', '')} {compiled}".strip()}
