"""What `make compilers` compiles, and which warnings count."""

import pytest

# Needs what builds a release.
compilers = pytest.importorskip("compilers")

PYTHONS = {"3.11": "/include/3.11", "3.13": "/include/3.13"}


def test_each_compiler_compiles_for_each_python_and_without_the_gil() -> None:
    builds = list(compilers.builds(["gcc", "clang-19"], PYTHONS))
    assert [build.title for build in builds] == [
        "gcc, Python 3.11",
        "gcc, Python 3.13",
        "gcc, Python 3.13 without the GIL",
        "clang-19, Python 3.11",
        "clang-19, Python 3.13",
        "clang-19, Python 3.13 without the GIL",
    ]
    assert ["-DPy_GIL_DISABLED=1" in build.command for build in builds] == [False, False, True] * 2
    assert ["-Weverything" in build.command for build in builds] == [False] * 3 + [True] * 3
    assert "-I/include/3.11" in builds[0].command


def test_zig_links_for_each_target() -> None:
    builds = list(compilers.builds_by_zig(("zig",), "/include"))
    assert [build.command[:4] for build in builds] == [("zig", "cc", "-target", target) for target in compilers.ZIG]
    assert all("-shared" in build.command for build in builds)


def test_warnings_of_what_is_generated_do_not_count() -> None:
    said = """
build/compilers/compiled.c:4017:39: warning: implicit conversion loses integer precision [-Wshorten-64-to-32]
/project/src/fastcors/core/dicts.h:17:63: warning: unused parameter 'mapping' [-Wunused-parameter]
/include/python3.13/object.h:10:1: warning: something [-Wpadded]
/project/src/fastcors/core/capi.h:9:1: note: expanded from macro 'fastcors_take'
/project/src/fastcors/core/dicts.h:17:63: warning: unused parameter 'mapping' [-Wunused-parameter]
"""
    assert compilers.own_warnings(said) == ["/dicts.h:17:63: warning: unused parameter 'mapping' [-Wunused-parameter]"]
