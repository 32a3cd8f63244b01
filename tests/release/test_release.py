"""What is released: the list of wheels, and what .github/release.py refuses to publish."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".github" / "release.py"
PYTHONS = ("cp311", "cp312", "cp313", "cp314", "cp314t", "cp315", "cp315t")
PLATFORMS = {
    ("linux", "x86_64"): ("manylinux_x86_64", "musllinux_x86_64"),
    ("linux", "aarch64"): ("manylinux_aarch64", "musllinux_aarch64"),
    ("macos", "x86_64"): ("macosx_x86_64",),
    ("macos", "arm64"): ("macosx_arm64",),
    ("windows", "AMD64"): ("win_amd64",),
    ("windows", "ARM64"): ("win_arm64",),
}
# As auditwheel, delocate and delvewheel tag them.
TAGS = {
    "manylinux_x86_64": "manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64",
    "manylinux_aarch64": "manylinux_2_17_aarch64.manylinux2014_aarch64",
    "musllinux_x86_64": "musllinux_1_2_x86_64",
    "musllinux_aarch64": "musllinux_1_2_aarch64",
    "macosx_x86_64": "macosx_10_13_x86_64",
    "macosx_arm64": "macosx_11_0_arm64",
    "win_amd64": "win_amd64",
    "win_arm64": "win_arm64",
}
READY = """# Changelog

## Unreleased

## 1.2.3 - 2026-11-20

### Added

- A thing.

## 1.2.2 - 2026-10-20

- An older thing.
"""


@pytest.mark.parametrize(("platform", "architecture"), PLATFORMS, ids="-".join)
def test_wheels_that_are_built(platform: str, architecture: str) -> None:
    """Each Python, on each platform: an interpreter or a machine more, or less, is a decision to make here."""
    pytest.importorskip("cibuildwheel")
    command = [sys.executable, "-m", "cibuildwheel", "--platform", platform, "--archs", architecture]
    listed = subprocess.run(
        [*command, "--print-build-identifiers"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    expected = [f"{python}-{tag}" for tag in PLATFORMS[platform, architecture] for python in PYTHONS]
    assert sorted(listed.stdout.split()) == sorted(expected)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of version 1.2.3, ready to be released."""
    (tmp_path / "src" / "fastcors").mkdir(parents=True)
    (tmp_path / "src" / "fastcors" / "version.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(READY)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *arguments], cwd=tree, capture_output=True, text=True)


def test_tag_prints_the_notes_of_its_section(tree: Path) -> None:
    finished = run(tree, "tag", "v1.2.3")
    assert (finished.returncode, finished.stdout) == (0, "### Added\n\n- A thing.\n")


def test_brackets_of_a_linked_section(tree: Path) -> None:
    (tree / "CHANGELOG.md").write_text(READY.replace("## 1.2.3", "## [1.2.3]") + "\n[1.2.3]: https://example.com\n")
    assert run(tree, "tag", "v1.2.3").stdout == "### Added\n\n- A thing.\n"


@pytest.mark.parametrize(
    ("tag", "changelog", "complaint"),
    [
        pytest.param("v1.2.4", READY, "makes it v1.2.3", id="of another version"),
        pytest.param("1.2.3", READY, "makes it v1.2.3", id="without its v"),
        pytest.param("v1.2.3", READY.replace("1.2.3", "1.2.30"), 'has no "## 1.2.3', id="section of a longer version"),
        pytest.param("v1.2.3", READY.replace("1.2.3", "1x2x3"), 'has no "## 1.2.3', id="dot for any character"),
        pytest.param("v1.2.3", READY.replace(" - 2026-11-20", ""), 'has no "## 1.2.3', id="section without a date"),
        pytest.param("v1.2.3", READY.replace("### Added\n\n- A thing.\n", ""), "has no", id="section that is empty"),
        pytest.param("v1.2.3", "# Changelog\n", 'has no "## 1.2.3', id="no section"),
        pytest.param("v1.2.3", READY.replace("eased\n", "eased\n\n- More.\n"), "Unreleased", id="changes unreleased"),
    ],
)
def test_tag_that_is_refused(tree: Path, tag: str, changelog: str, complaint: str) -> None:
    (tree / "CHANGELOG.md").write_text(changelog)
    finished = run(tree, "tag", tag)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert complaint in finished.stderr


def test_tag_needs_one_version(tree: Path) -> None:
    (tree / "src" / "fastcors" / "version.py").write_text("")
    assert "__version__ 0 times" in run(tree, "tag", "v1.2.3").stderr


@pytest.fixture
def artefacts(tree: Path) -> Path:
    """All that a release of 1.2.3 consists of, but for what the files hold."""
    directory = tree / "dist"
    directory.mkdir()
    tags = [f"{python.rstrip('t')}-{python}-{tag}" for python in PYTHONS for tag in TAGS.values()]
    for name in ("1.2.3.tar.gz", *(f"1.2.3-{tag}.whl" for tag in ("py3-none-any", *tags))):
        (directory / f"fastcors-{name}").write_bytes(b"PK")
    return directory


def test_artefacts_that_are_complete(tree: Path, artefacts: Path) -> None:
    pytest.importorskip("cibuildwheel")
    finished = run(tree, "artefacts", "dist")
    assert finished.stdout == "fastcors-1.2.3: the sdist and 57 wheels of up to 2 bytes\n", finished.stderr


@pytest.mark.parametrize(
    ("removed", "added", "complaint"),
    [
        ("fastcors-1.2.3.tar.gz", "", "Missing: fastcors-1.2.3.tar.gz. Not expected: none."),
        ("fastcors-1.2.3-py3-none-any.whl", "", "Missing: fastcors-1.2.3-py3-none-any.whl. Not expected: none."),
        ("fastcors-1.2.3-cp315-cp315t-win_arm64.whl", "", "Missing: cp315t-win_arm64. Not expected: none."),
        ("", "fastcors-1.2.3-cp315-cp315-win32.whl", "Missing: none. Not expected: cp315-win32."),
        ("", "fastcors-1.2.3-cp314-cp314-macosx_12_0_arm64.whl", "Missing: none. Not expected: cp314-macosx_arm64."),
        ("", "fastcors-1.2.30.tar.gz", "Missing: none. Not expected: fastcors-1.2.30.tar.gz."),
    ],
    ids=["no sdist", "no pure wheel", "a wheel missing", "a wheel more", "a build twice", "another version"],
)
def test_artefacts_that_are_refused(tree: Path, artefacts: Path, removed: str, added: str, complaint: str) -> None:
    pytest.importorskip("cibuildwheel")
    if removed:
        (artefacts / removed).unlink()
    if added:
        (artefacts / added).write_bytes(b"PK")
    finished = run(tree, "artefacts", "dist")
    assert (finished.returncode, finished.stdout, finished.stderr.strip()) == (1, "", complaint)


def test_artefact_that_is_too_large(tree: Path, artefacts: Path) -> None:
    pytest.importorskip("cibuildwheel")
    (artefacts / "fastcors-1.2.3-cp311-cp311-win_amd64.whl").write_bytes(bytes(350_000))
    assert "win_amd64.whl takes 350,000 bytes" in run(tree, "artefacts", "dist").stderr
