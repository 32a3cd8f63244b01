"""`make interop`: sets up what other people's software needs, runs each group of tests in its environment, and
writes docs/compatibility.md and, for a person to look at, build/interop/browser.html and .png.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support import platforms

from . import environments, launcher, loopback, report
from .conftest import RESULTS
from .environments import BUILD, GROUPS, HERE, ROOT, SetUpError

# Groups at a time: their processes wait for each other more than they compute.
ABREAST = 2
FILES = {group: [f"test_{group}.py"] for group in GROUPS} | {
    "instrumentation": ["test_instrumentation.py", "test_patches.py"],
    "servers": ["test_launcher.py", "test_servers.py", "test_start_up.py"],
    "browser": ["test_browser.py", "test_console.py"],
}
MARK = "INTEROP_RUN"
DOCUMENT = ROOT / "docs" / "compatibility.md"


def set_up(groups: list[str]) -> None:
    """Install all that is missing, side by side: most of it is waiting for the network. Raises SetUpError."""
    with ThreadPoolExecutor(len(groups) + 1) as pool:
        wheel = pool.submit(environments.build_wheel)
        for group, missing in zip(groups, pool.map(environments.create, groups), strict=True):
            for requirement in missing:
                print(f"{group}: {requirement} cannot be installed here; what needs it is skipped", flush=True)
        list(pool.map(lambda group: environments.install_wheel(group, wheel.result()), groups))


def run(group: str, isolation: list[str], mark: str) -> int:
    """Run one group's tests, print their output in one piece, and return pytest's status."""
    results = BUILD / f"{group}.json"
    results.unlink(missing_ok=True)
    files = [str(HERE / name) for name in FILES[group]]
    done = subprocess.run(
        [*isolation, str(environments.python(group)), "-m", "pytest", "-c", str(HERE / "pytest.ini"), *files],
        cwd=ROOT,
        env=launcher.environment({RESULTS: str(results), "INTEROP_OUT": str(BUILD), MARK: mark}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(f"== {group}\n{done.stdout}", flush=True)
    return done.returncode


def run_all(groups: list[str], isolation: list[str]) -> tuple[list[int], list[str]]:
    """Run the groups and return their statuses, and what they left running; all is ended, also when interrupted."""
    mark = uuid.uuid4().hex
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    pool = ThreadPoolExecutor(ABREAST)
    try:
        statuses = list(pool.map(lambda group: run(group, isolation, mark), groups))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        leftovers = end_leftovers(mark)
        pool.shutdown()
    return statuses, leftovers


def end_leftovers(mark: str) -> list[str]:
    """End every process that this run started and that is still there, and return what they were."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text().replace("\0", " "))
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue
    return found


def results(groups: list[str]) -> dict[str, Any]:
    """Return what each group wrote; nothing for one that did not come so far."""
    files = {group: BUILD / f"{group}.json" for group in groups}
    return {group: json.loads(file.read_text()) for group, file in files.items() if file.exists()}


def write(groups: list[str]) -> None:
    """Write the document, into the tree only where everything was checked."""
    found = results(groups)
    complete = set(found) == set(GROUPS) and not report.left_out(found)
    path = DOCUMENT if complete else BUILD / DOCUMENT.name
    path.parent.mkdir(exist_ok=True)
    # The table of `make everywhere` stays.
    path.write_text(platforms.with_section(report.document(found), platforms.recorded()), encoding="utf-8")
    print(f"wrote {path.relative_to(ROOT)}" + ("" if complete else ": not everything was checked, so not into docs/"))


def main() -> int | str:
    parser = argparse.ArgumentParser(description="Run the tests among other people's software.")
    parser.add_argument("--groups", nargs="+", choices=GROUPS, default=list(GROUPS))
    groups = parser.parse_args().groups
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        set_up(groups)
    except SetUpError as error:
        return f"interop: {error}"
    isolation = loopback.prefix()
    print("isolated: loopback only" if isolation else "not isolated: this system lets us make no network", flush=True)
    statuses, leftovers = run_all(groups, isolation)
    write(groups)
    if leftovers:
        return "interop: processes were left behind:\n" + "\n".join(leftovers)
    return int(any(statuses))


if __name__ == "__main__":
    sys.exit(main())
