"""The one extension. FASTCORS_EXTENSIONS=yes demands it, =no leaves it out; unset, it is built where that works.

The same sources give the same archives, whenever and by whomever they are built.
"""

import glob
import gzip
import os
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

wanted = os.environ.get("FASTCORS_EXTENSIONS", "")
if wanted not in ("yes", "no", ""):
    raise SystemExit(f"FASTCORS_EXTENSIONS={wanted!r} is not a choice: set it to 'yes' or 'no', or leave it unset.")

# The earliest time that a zip file knows, in seconds: https://reproducible-builds.org/specs/source-date-epoch/
epoch = int(os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800"))

source = "src/fastcors/core/compiled.pyx"
included = sorted(glob.glob("src/fastcors/core/*.pxi") + glob.glob("src/fastcors/core/*.h"))

# An extension older than its sources must not pass for a build of them, should this build fail. `_core_c` is what the
# extension was called before.
newest = max(map(os.path.getmtime, [source, *included]))
for directory in (*glob.glob("build/lib*/fastcors"), "src/fastcors"):
    for built in glob.glob(f"{directory}/_core_c.*") + glob.glob(f"{directory}/core/compiled.*[do]"):
        if "_core_c." in built or os.path.getmtime(built) < newest:
            os.remove(built)

# Some Pythons, Debian's for one, compile extensions with -O2. With gcc 12, -O3 saves 8 % of the instructions of a
# request, and sees to it that a value of 64 KiB is searched for control bytes in 3 us instead of 68.
# Others compile with -g, and debug symbols are five sixths of what they build.
chosen = os.environ.get("CFLAGS", "").split()
defaults = [] if sys.platform == "win32" else ["-O3", "-g0"]
flags = [flag for flag in defaults if not any(other.startswith(flag[:2]) for other in chosen)]

# A plain Extension: cythonize() would lose `optional`.
core = Extension(
    "fastcors.core.compiled",
    [source],
    depends=included,
    include_dirs=["src/fastcors/core"],
    optional=wanted != "yes",
    extra_compile_args=flags,
)

ON_PYTHON_CORE = "so this install runs on the Python core."
DEMANDED = (
    "fastcors: FASTCORS_EXTENSIONS=yes demands the compiled core, and it could not be built (the compiler's message is "
    "above). Install a C compiler and Python's headers (Debian: build-essential python3-dev), or leave the variable "
    "unset to run on the Python core."
)


class BuildExtension(build_ext):
    """Says what became of the extension."""

    def run(self) -> None:
        try:
            super().run()
        except Exception:
            print(DEMANDED, file=sys.stderr, flush=True)
            raise
        if self.extensions and not os.path.exists(self.get_ext_fullpath(core.name)):
            print(
                f"fastcors: the compiled core could not be built (see above), {ON_PYTHON_CORE} "
                "With a C compiler, `FASTCORS_EXTENSIONS=yes pip install --no-cache-dir ...` demands it and shows why "
                "it fails.",
                flush=True,
            )


class Wheel(bdist_wheel):
    """A wheel without the extension is a pure one, and says so in its name."""

    def run(self) -> None:
        self.run_command("build_ext")
        built = self.get_finalized_command("build_ext")
        if not (self.distribution.ext_modules and os.path.exists(built.get_ext_fullpath(core.name))):
            self.distribution.ext_modules = []
            self.root_is_pure = True
        super().run()


class SourceArchive(sdist):
    """Holds its files in one order, with the same owner and time."""

    def make_archive(
        self,
        base_name: Any,
        format: str,
        root_dir: Any = None,
        base_dir: Any = None,
        owner: Any = None,
        group: Any = None,
    ) -> str:
        if format != "gztar":
            raise SystemExit(f"A source distribution is a .tar.gz (PEP 625), not {format!r}.")
        name = f"{base_name}.tar.gz"
        with (
            open(name, "wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=epoch) as compressed,
            tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            archive.add(base_dir, filter=anonymous)
        return name


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = epoch
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


# The extension is written against CPython: what another interpreter made of it would be slow at best.
if wanted == "" and sys.implementation.name != "cpython":
    print(f"fastcors: the compiled core is for CPython, and this is {sys.implementation.name}, {ON_PYTHON_CORE}")
    wanted = "no"

# PyPI has nothing of what the README shows or links to by a path: a picture goes, of a link its text is left.
readme = Path("README.md").read_text(encoding="utf-8")
readme = re.sub(r"!\[[^]]*\]\((?!https:)[^)]*\)", "", readme)
readme = re.sub(r"\[([^]]*)\]\((?!https:|#)[^)]*\)", r"\1", readme)

setup(
    long_description=readme,
    long_description_content_type="text/markdown",
    ext_modules=[] if wanted == "no" else [core],
    cmdclass={"bdist_wheel": Wheel, "build_ext": BuildExtension, "sdist": SourceArchive},
)
