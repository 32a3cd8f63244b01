"""The one extension. FASTCORS_EXTENSIONS=yes demands it, =no leaves it out; unset, it is built where that works."""

import os

from setuptools import Extension, setup

wanted = os.environ.get("FASTCORS_EXTENSIONS", "")
if wanted not in ("yes", "no", ""):
    raise SystemExit(f"FASTCORS_EXTENSIONS={wanted!r} is not a choice: set it to 'yes' or 'no', or leave it unset.")

# A plain Extension: cythonize() would lose `optional`.
core = Extension("fastcors._core_c", ["src/fastcors/_core_c.pyx"], optional=wanted != "yes")
setup(ext_modules=[] if wanted == "no" else [core])
