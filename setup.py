"""The one extension. FASTCORS_EXTENSIONS=yes demands it, =no leaves it out; unset, it is built where that works."""

import glob
import os
import sys

from setuptools import Extension, setup

wanted = os.environ.get("FASTCORS_EXTENSIONS", "")
if wanted not in ("yes", "no", ""):
    raise SystemExit(f"FASTCORS_EXTENSIONS={wanted!r} is not a choice: set it to 'yes' or 'no', or leave it unset.")

# What an earlier build left must not pass for a build of this source, should this one fail.
source = "src/fastcors/_core_c.pyx"
for built in glob.glob("build/lib*/fastcors/_core_c.*") + glob.glob("src/fastcors/_core_c.*[do]"):
    if os.path.getmtime(built) < os.path.getmtime(source):
        os.remove(built)

# Some Pythons, Debian's for one, compile extensions with -O2. With gcc 12, -O3 saves 8 % of the instructions of a
# request, and sees to it that a value of 64 KiB is searched for control bytes in 3 us instead of 68.
flags = [] if sys.platform == "win32" or "-O" in os.environ.get("CFLAGS", "") else ["-O3"]

# A plain Extension: cythonize() would lose `optional`.
core = Extension("fastcors._core_c", [source], optional=wanted != "yes", extra_compile_args=flags)
distribution = setup(ext_modules=[] if wanted == "no" else [core])

build_ext = distribution.get_command_obj("build_ext")
if (
    wanted == ""
    and distribution.have_run.get("build_ext")
    and not os.path.exists(build_ext.get_ext_fullpath(core.name))
):
    print(
        "fastcors: the compiled core could not be built (see above), so this install runs on the Python core. "
        "With a C compiler, `FASTCORS_EXTENSIONS=yes pip install ...` demands it and shows why it fails."
    )
