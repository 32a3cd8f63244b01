"""`make everywhere`: builds a wheel for other Pythons and machines than this one's, and runs the suite against it.

Each target has a Debian chroot, made by debootstrap in build/everywhere; machines of another kind are emulated by qemu.
What came of a target is added to docs/platforms.json, and from there to the table in docs/compatibility.md.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from support.platforms import Outcome, record
from wheels import ROOT, run, sources

WORK = ROOT / "build" / "everywhere"
# What a chroot of one kind of machine is called in the table, and by qemu.
MACHINES = {
    "amd64": ("x86-64", ""),
    "i386": ("x86, 32 bits", ""),
    "arm64": ("ARM, 64 bits", "aarch64"),
    "riscv64": ("RISC-V, 64 bits", "riscv64"),
    "s390x": ("IBM Z, big-endian", "s390x"),
}
# What a processor runs without an emulator.
NATIVE = {"amd64": {"amd64", "i386"}}
# Debian's names for what Python calls otherwise.
DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}
NAME_SERVERS, CERTIFICATES = Path("/etc/resolv.conf"), Path("/etc/ssl/certs")
PIP_SETTINGS = (Path("/etc/pip.conf"), Path("~/.config/pip/pip.conf").expanduser())
# Nothing that is mounted outlives the command.
UNSHARED = ("unshare", "--mount", "--propagation", "private")
TESTED = ("tests", "benchmarks", "pyproject.toml")
# Printed before the suite runs: what it ran on.
FACTS = """
import json, platform, subprocess, sys, sysconfig
import fastcors
debug = ", debug build" if sysconfig.get_config_var("Py_DEBUG") else ""
version = "%s %s" % (platform.python_implementation(), platform.python_version())
if hasattr(sys, "pypy_version_info"):
    version = "PyPy %d.%d.%d, Python %s" % (*sys.pypy_version_info[:3], platform.python_version())
gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
facts = {"python": version + debug, "compiled": fastcors.COMPILED, "compiler": "gcc " + gcc}
print("FACTS", json.dumps(facts), flush=True)
"""


class Target(NamedTuple):
    machine: str
    python: str
    packages: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    debug: bool = False

    @property
    def extensions(self) -> str:
        return "no" if self.python == "pypy3" else "yes"


def cpython(machine: str, version: str, debug: bool = False) -> Target:
    name = f"python{version}"
    packages = (f"{name}-dev", f"{name}-venv", *((f"{name}-dbg",) if debug else ()))
    return Target(machine, f"{name}-dbg" if debug else name, packages, debug=debug)


TARGETS = {
    "3.14": cpython("amd64", "3.14"),
    "3.14-debug": cpython("amd64", "3.14", debug=True),
    "3.15": cpython("amd64", "3.15"),
    "3.15-debug": cpython("amd64", "3.15", debug=True),
    # Later hypothesis has no wheel for PyPy.
    "pypy": Target("amd64", "pypy3", ("pypy3", "pypy3-venv"), ("hypothesis<6.170",)),
    "i386": cpython("i386", "3.14"),
    "arm64": cpython("arm64", "3.14"),
    "s390x": cpython("s390x", "3.14"),
    "riscv64": cpython("riscv64", "3.14"),
}


def is_emulated(machine: str, native: str) -> bool:
    return machine not in NATIVE.get(native, {native})


def missing_tools(machine: str, native: str) -> str:
    """Return what to do before a chroot of this kind can run here; empty if nothing is missing."""
    if os.geteuid() != 0:
        return "Run this as root: it makes chroots."
    if shutil.which("debootstrap") is None:
        return "Install debootstrap."
    registered = Path("/proc/sys/fs/binfmt_misc") / f"qemu-{MACHINES[machine][1]}"
    if is_emulated(machine, native) and not registered.exists():
        return f"{machine} is emulated. Install qemu-user-static and binfmt-support; then {registered} exists."
    return ""


def entered(root: Path, machine: str, script: str) -> list[str]:
    """Return the command that runs a bash script in a chroot."""
    prefix = ("setarch", "i386") if machine == "i386" else ()
    mounted = 'mount -t proc proc "$0/proc" && exec "$@"'
    return [*UNSHARED, "sh", "-ec", mounted, str(root), *prefix, "chroot", str(root), "/bin/bash", "-ec", script]


def environment(**more: str) -> dict[str, str]:
    """Return the variables of a chroot: this environment's for pip and proxies, and otherwise its own."""
    kept = {name: value for name, value in os.environ.items() if re.match(r"PIP_|(https?|no)_proxy$", name, re.I)}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return kept | {"HOME": "/root", "LANG": "C.UTF-8", "PATH": path} | more


def make_root(root: Path, target: Target, mirror: str) -> None:
    """Make the chroot if it is missing, and install what the target needs."""
    if not (root / "etc" / "debian_version").exists():
        made = [
            "debootstrap",
            "--variant=minbase",
            f"--arch={target.machine}",
            "sid",
            str(root),
            *filter(None, [mirror]),
        ]
        try:
            run(*UNSHARED, *made, environment=environment(), cwd=WORK)
        except SystemExit:
            shutil.rmtree(root, ignore_errors=True)
            raise
    shutil.copy(NAME_SERVERS, root / "etc" / "resolv.conf")
    if not all((root / "usr" / "bin" / name).exists() for name in (target.python, "gcc")):
        # A mirror that stands still is good enough.
        update = "apt-get update --quiet --option Acquire::Check-Valid-Until=false"
        install = "apt-get install --quiet --yes --no-install-recommends ca-certificates gcc libc6-dev"
        command = entered(root, target.machine, f"{update} && {install} {shlex.join(target.packages)}")
        run(*command, environment=environment(DEBIAN_FRONTEND="noninteractive"), cwd=WORK)
    # What this machine trusts, and asks for packages.
    shutil.rmtree(root / "etc/ssl/certs", ignore_errors=True)
    shutil.copytree(CERTIFICATES, root / "etc/ssl/certs", ignore_dangling_symlinks=True)
    for settings in filter(Path.exists, PIP_SETTINGS):
        (root / settings.relative_to("/")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(settings, root / settings.relative_to("/"))


def copy_sources(home: Path) -> None:
    """Copy the project to `home`/source, and what the tests take, without the package, to `home`/run."""
    shutil.rmtree(home, ignore_errors=True)
    for name in sources():
        places = ["source", "run"] if name.split("/")[0] in TESTED else ["source"]
        for place in places:
            (home / place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, home / place / name)


def script(target: Target, home: str) -> str:
    """Return what is run in the chroot."""
    python = f"{home}/venv/bin/python"
    wheel = f"{python} -m pip wheel --quiet --no-deps --no-cache-dir --wheel-dir {home}/wheel {home}/source"
    install = f"{python} -m pip install --quiet --only-binary :all: {home}/wheel/*.whl"
    requirements = shlex.join(target.requirements)
    steps = [
        f"{target.python} -m venv {home}/venv",
        f"{python} -m pip install --quiet --upgrade pip",
        wheel,
        f"{install} --group {home}/source/pyproject.toml:wheel-test {requirements}",
        f"cd {home}/run",
        f"{python} -c {shlex.quote(FACTS)}",
        f"{python} -m pytest -q -p no:cacheprovider @tests/release/wheel-test.txt",
    ]
    if target.debug:
        steps.append(f"PYTHONPATH=tests {python} -m safety.refcounts --rounds 50 --cases 1000")
    return "\n".join(steps)


def facts(said: str) -> Outcome | None:
    """Return what the suite ran on, and how many tests passed; None if it did not come to its end."""
    ran_on = re.search(r"^FACTS (.+)$", said, re.MULTILINE)
    ends = re.findall(r"^(?:=+ )?((?:\d+ \w+(?:, )?)+) in [\d.]+s", said, re.MULTILINE)
    if not ran_on or not ends:
        return None
    counted = {name.rstrip("s"): int(count) for count, name in re.findall(r"(\d+) (\w+)", ends[-1])}
    names = {"passed": "passed", "failed": "failed", "skipped": "skipped", "errors": "error"}
    found: Outcome = json.loads(ran_on[1])
    return found | {name: counted.get(word, 0) for name, word in names.items()}


def commit() -> str:
    changed = run("git", "status", "--porcelain", "--", "src", "tests", "benchmarks", "setup.py", cwd=ROOT)
    return run("git", "rev-parse", "--short", "HEAD", cwd=ROOT).strip() + (" and changes" if changed else "")


def try_out(name: str, native: str, options: argparse.Namespace) -> bool:
    """Run a target, record what came of it, and tell whether all is well."""
    target = TARGETS[name]
    emulated = is_emulated(target.machine, native)
    root = dict(options.root).get(target.machine, WORK / f"sid-{target.machine}").resolve()
    try:
        make_root(root, target, options.mirror)
    except SystemExit as error:
        print(f"{name}: no chroot. {error}", flush=True)
        return False
    copy_sources(root / "everywhere" / name)
    examples = min(options.examples, 10) if emulated else options.examples
    variables = environment(FASTCORS_EXTENSIONS=target.extensions, FASTCORS_EXAMPLES=str(examples))
    log = WORK / f"{name}.log"
    with log.open("wb") as output:
        command = entered(root, target.machine, script(target, f"/everywhere/{name}"))
        status = subprocess.run(command, env=variables, stdout=output, stderr=subprocess.STDOUT).returncode
    came_to = facts(log.read_text(errors="replace"))
    if came_to is None or (status and not came_to["failed"] + came_to["errors"]):
        print(f"{name}: this did not come to its end; see {log}", flush=True)
        return False
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    where = f"Linux on {MACHINES[target.machine][0]} (Debian sid)"
    of_run = {"where": where, "emulated": emulated, "examples": examples, "date": date, "commit": commit()}
    record(name, came_to | of_run)
    print(f"{name}: {came_to['passed']} passed, {came_to['failed']} failed; see {log}", flush=True)
    return status == 0


def root_given(text: str) -> tuple[str, Path]:
    machine, _, directory = text.partition("=")
    if machine not in MACHINES or not directory:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form amd64=DIRECTORY")
    return machine, Path(directory)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make everywhere", description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"some of {', '.join(TARGETS)}; all of them without this")
    parser.add_argument("--root", action="append", type=root_given, default=[], help="a chroot to use: amd64=DIRECTORY")
    parser.add_argument("--examples", type=int, default=100, help="drawn cases per test; at most 10 where emulated")
    parser.add_argument("--mirror", default="", help="of Debian, in place of debootstrap's own")
    options = parser.parse_args()
    targets = options.targets or list(TARGETS)
    if unknown := set(targets).difference(TARGETS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(TARGETS)}")
    native = DEBIAN.get(platform.machine(), platform.machine())
    WORK.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in targets:
        missing = missing_tools(TARGETS[name].machine, native)
        if missing:
            print(f"{name}: not run. {missing}", flush=True)
        if missing or not try_out(name, native, options):
            failed.append(name)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
