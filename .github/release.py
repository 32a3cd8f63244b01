"""What has to hold before anything is published: `release.py tag v1.2.3` and `release.py artefacts dist`.

Run from the root of the tree. It needs nothing but Python for the first; the second asks cibuildwheel for the list.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

# What the jobs of release.yml build on.
ARCHITECTURES = {"linux": "x86_64,aarch64", "macos": "x86_64,arm64", "windows": "AMD64,ARM64"}
MOST_BYTES = 350_000


def version() -> str:
    """Return the one place's version, without importing the package."""
    source = Path("src/fastcors/version.py").read_text(encoding="utf-8")
    found = re.findall(r'^__version__ = "([^"]+)"$', source, re.MULTILINE)
    if len(found) != 1:
        raise SystemExit(f"src/fastcors/version.py sets __version__ {len(found)} times, not once.")
    return str(found[0])


def sections() -> dict[str, tuple[str, str]]:
    """Return what follows the name of each of the changelog's sections, which is a date, and what the section says."""
    changelog = Path("CHANGELOG.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^## ", changelog, flags=re.MULTILINE)
    found = (re.match(r"\[?([^\s\]]+)\]?(?: - )?(.*)\n(?s:(.*))", part) for part in parts)
    return {match[1]: (match[2].strip(), match[3].strip()) for match in found if match}


def check_tag(tag: str) -> str:
    """Return the notes of the release that `tag` names; refuse one that the tree is not ready for."""
    expected = f"v{version()}"
    if tag != expected:
        raise SystemExit(f"The tag is {tag}, but the version in src/fastcors/version.py makes it {expected}.")
    date, notes = sections().get(version(), ("", ""))
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date) or not notes:
        raise SystemExit(f'CHANGELOG.md has no "## {version()} - YYYY-MM-DD" with what changed under it.')
    _, unreleased = sections().get("Unreleased", ("", ""))
    if unreleased:
        raise SystemExit('CHANGELOG.md still lists changes under "Unreleased", which this release would not name.')
    return notes


def build_identifiers() -> list[str]:
    """Return what cibuildwheel builds, over all the machines that it runs on: `cp314t-musllinux_aarch64`."""
    found: list[str] = []
    for platform, architectures in ARCHITECTURES.items():
        command = [sys.executable, "-m", "cibuildwheel", "--platform", platform, "--archs", architectures]
        listed = subprocess.run([*command, "--print-build-identifiers"], stdout=subprocess.PIPE, text=True, check=True)
        found += listed.stdout.split()
    return found


def build_identifier(wheel: str) -> str:
    """Return what cibuildwheel calls the build of a wheel: cp314t-manylinux_x86_64 for ...-cp314-cp314t-....whl."""
    _, abi, platforms = wheel.removesuffix(".whl").rsplit("-", 2)
    # manylinux_2_28_x86_64, manylinux2014_x86_64, macosx_11_0_arm64: the version is the toolchain's affair.
    platform = re.sub(r"^(manylinux|musllinux|macosx)[\d_]+", r"\1_", platforms.split(".")[0])
    return f"{abi}-{platform}"


def check_artefacts(directory: Path) -> str:
    """Return what `directory` holds; refuse anything but the sdist, the pure wheel and a small wheel for each build."""
    name = f"fastcors-{version()}"
    expected = Counter([f"{name}.tar.gz", f"{name}-py3-none-any.whl", *build_identifiers()])
    sizes = {path.name: path.stat().st_size for path in directory.iterdir()}
    built = re.compile(rf"{re.escape(name)}-cp.*\.whl")
    found = Counter(build_identifier(file) if built.fullmatch(file) else file for file in sizes)
    if found != expected:
        missing, surplus = (", ".join(sorted(names)) or "none" for names in (expected - found, found - expected))
        raise SystemExit(f"Missing: {missing}. Not expected: {surplus}.")
    largest = max((file for file in sizes if file.endswith(".whl")), key=sizes.__getitem__)
    if sizes[largest] >= MOST_BYTES:
        raise SystemExit(f"{largest} takes {sizes[largest]:,} bytes; it has to stay below {MOST_BYTES:,}.")
    return f"{name}: the sdist and {len(sizes) - 1} wheels of up to {sizes[largest]:,} bytes"


def main() -> None:
    parser = argparse.ArgumentParser(prog="release.py", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("tag", help="print the release's notes, where the tree is ready for it").add_argument("tag")
    commands.add_parser("artefacts", help="see that none is missing").add_argument("directory", type=Path)
    arguments = parser.parse_args()
    print(check_tag(arguments.tag) if arguments.command == "tag" else check_artefacts(arguments.directory))


if __name__ == "__main__":
    main()
