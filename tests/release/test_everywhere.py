"""What `make everywhere` runs in a chroot, and what it reads off the log."""

import argparse
from pathlib import Path

import pytest

# Needs what builds a release.
everywhere = pytest.importorskip("everywhere")

RAN_ON = 'FACTS {"python": "CPython 3.15.0", "compiled": true, "compiler": "gcc 16.1.0"}\n'


@pytest.mark.parametrize(
    ("machine", "native", "emulated"),
    [
        ("amd64", "amd64", False),
        ("i386", "amd64", False),
        ("s390x", "amd64", True),
        ("arm64", "arm64", False),
        ("amd64", "arm64", True),
    ],
)
def test_what_has_to_be_emulated(machine: str, native: str, emulated: bool) -> None:
    assert everywhere.is_emulated(machine, native) is emulated


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("6239 passed, 38 skipped in 45.00s", (6239, 0, 38, 0)),
        ("1 failed, 53 passed, 2 skipped in 125.34s (0:02:05)", (53, 1, 2, 0)),
        ("===== 3 passed, 2 errors in 1.00s =====", (3, 0, 0, 2)),
    ],
)
def test_counts(line: str, counts: tuple[int, int, int, int]) -> None:
    found = everywhere.facts(f"{RAN_ON}....\n{line}\nno reference more or less\n")
    assert found["python"] == "CPython 3.15.0"
    assert tuple(found[name] for name in ("passed", "failed", "skipped", "errors")) == counts


@pytest.mark.parametrize("said", ["", RAN_ON, "1 passed in 1.00s", RAN_ON + "no tests ran in 0.01s"])
def test_no_counts(said: str) -> None:
    assert everywhere.facts(said) is None


@pytest.mark.parametrize("name", everywhere.TARGETS)
def test_each_target_builds_and_tests_its_own_wheel(name: str) -> None:
    target = everywhere.TARGETS[name]
    assert target.machine in everywhere.MACHINES
    steps = everywhere.script(target, "/home").splitlines()
    assert steps[0] == f"{target.python} -m venv /home/venv"
    assert any("/home/wheel/*.whl" in step and "wheel-test" in step for step in steps)
    assert ("safety.refcounts" in steps[-1]) is name.endswith("-debug")


def test_a_32_bit_chroot_is_told_that_its_machine_has_32_bits() -> None:
    command = everywhere.entered(Path("/chroot"), "i386", "true")
    assert command[-6:] == ["i386", "chroot", "/chroot", "/bin/bash", "-ec", "true"]
    assert "setarch" not in everywhere.entered(Path("/chroot"), "amd64", "true")


def test_environment_is_its_own_but_for_pip_and_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "https_proxy", "PYTHONPATH", "FASTCORS_EXTENSIONS"):
        monkeypatch.setenv(name, "x")
    found = everywhere.environment(FASTCORS_EXAMPLES="10")
    assert (found["PIP_INDEX_URL"], found["https_proxy"], found["FASTCORS_EXAMPLES"]) == ("x", "x", "10")
    assert not {"PYTHONPATH", "FASTCORS_EXTENSIONS"}.intersection(found)


def test_root_that_is_given() -> None:
    assert everywhere.root_given("i386=/srv/sid") == ("i386", Path("/srv/sid"))
    for wrong in ("/srv/sid", "vax=/srv/sid", "i386="):
        with pytest.raises(argparse.ArgumentTypeError):
            everywhere.root_given(wrong)
