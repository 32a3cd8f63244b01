"""`make release-rehearsal`: does what .github/workflows/release.yml does, with an index of its own in place of PyPI.

It checks the tag, builds and checks what is released, uploads it, and installs it from there where nothing compiles.
Then it serves the README's first example and compares the answers with what the README says. What only GitHub and PyPI
can do is listed at the end. All of it stays in build/rehearsal.
"""

import datetime
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from support.documents import blocks
from wheels import ROOT, clean_environment, interpreters, path_without_compilers, run, sources

WORK = ROOT / "build" / "rehearsal"
TREE = WORK / "tree"
DIST = TREE / "dist"
RELEASE = (sys.executable, ".github/release.py")
# What is uploaded goes into the first; the second has Starlette and whatever else the example needs.
UPLOADED, OTHERS = WORK / "uploaded", WORK / "others"
ORIGIN, OTHER = "https://app.example.com", "https://other.example"

ONLY_ELSEWHERE = """
What this cannot rehearse, because only GitHub and PyPI can do it:

- The {missing} wheels that are missing here: each is built and tested on a machine of its kind.
- That the tag is of a commit of main: needs the history on GitHub.
- That a tag v* can only be pushed by a maintainer, and that only such a tag reaches the environment `pypi`.
- That a reviewer has to let the release through.
- That PyPI takes the workflow's identity in place of a password (trusted publishing).
- The attestations, and that PyPI shows them.
- That the name is free on PyPI, and how PyPI's page looks. That the README renders was checked.
- The release on GitHub, with the notes that the tag's section of the changelog gave above.
- audit.yml and the schedules of test.yml.

Before the first tag: run audit.yml and release.yml by hand. That does all but publish.
"""


class Request(NamedTuple):
    method: str
    headers: dict[str, str]


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for found, value in self.headers if found.lower() == name), None)


REQUESTS = {
    "allowed": Request("GET", {"Origin": ORIGIN}),
    "refused": Request("GET", {"Origin": OTHER}),
    "without an Origin": Request("GET", {}),
    "preflight, allowed": Request("OPTIONS", {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}),
    "preflight, refused": Request("OPTIONS", {"Origin": OTHER, "Access-Control-Request-Method": "GET"}),
}


def version() -> str:
    found = re.search(r'^__version__ = "(.+)"$', (ROOT / "src/fastcors/version.py").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


def dated(changelog: str, released: str, day: datetime.date) -> str:
    """Return the changelog as the commit has it that is tagged: what was unreleased gets the version and a date."""
    if re.search(rf"^## \[?{re.escape(released)}\b", changelog, re.MULTILINE):
        return changelog
    return changelog.replace("## Unreleased\n", f"## Unreleased\n\n## {released} - {day}\n", 1)


def copy_tree() -> None:
    """Copy the project's files, so that nothing here changes the tree or its dist."""
    for name in sources():
        (TREE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, TREE / name)
    changelog = TREE / "CHANGELOG.md"
    text = dated(changelog.read_text(encoding="utf-8"), version(), datetime.datetime.now(datetime.UTC).date())
    changelog.write_text(text, encoding="utf-8")


def check_tag() -> None:
    """See that the right tag is let through and a wrong one is not, and say what this tree still lacks for a tag."""
    notes = run(*RELEASE, "tag", f"v{version()}", cwd=TREE)
    wrong = subprocess.run([*RELEASE, "tag", f"v{version()}.1"], cwd=TREE, capture_output=True, text=True)
    if not wrong.returncode:
        raise SystemExit(f"release.py lets the tag v{version()}.1 through.")
    print(f"Tag v{version()}: {len(notes.splitlines())} lines of notes. Another tag is refused.")
    own = subprocess.run([*RELEASE, "tag", f"v{version()}"], cwd=ROOT, capture_output=True, text=True)
    if own.returncode:
        print(f"This tree itself is not ready to be tagged: {own.stderr.strip()}")


def missing_builds(said: str) -> list[str]:
    """Return which builds release.py misses; stop if anything but a build for another machine or Python is wrong."""
    found = re.fullmatch(r"Missing: (.+)\. Not expected: none\.", said)
    missing = found[1].split(", ") if found else []
    if not missing or any(name.startswith("fastcors-") for name in missing):
        raise SystemExit(f"release.py says of {DIST}: {said}")
    return missing


def build() -> list[str]:
    """Build and check what is released, as far as this machine can; return the builds that it cannot."""
    run(sys.executable, "tests/release/wheels.py", "--build-only", cwd=TREE)
    checked = subprocess.run([*RELEASE, "artefacts", "dist"], cwd=TREE, capture_output=True, text=True)
    for path in sorted(DIST.iterdir()):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")
    return missing_builds(checked.stderr.strip()) if checked.returncode else []


def environment_of(name: str, python: str) -> Path:
    """Make an environment, and return its Python."""
    run(python, "-m", "venv", WORK / name, cwd=WORK)
    return WORK / name / "bin" / "python"


def fetch_others(python: Path) -> None:
    """Fetch Starlette and what the example needs from the usual index, for this Python."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    (reference,) = (each for each in groups["wheel-test"] if str(each).startswith("starlette=="))
    pip = (sys.executable, "-m", "pip", "--python", python, "download", "--quiet", "--only-binary", ":all:")
    run(*pip, "--dest", OTHERS, reference, *groups["demo"], cwd=WORK)


@contextmanager
def index() -> Iterator[str]:
    """Run a package index that anyone on this machine can upload to, and yield its address."""
    server = environment_of("server", sys.executable)
    pip = (sys.executable, "-m", "pip", "--python", server, "install", "--quiet")
    run(*pip, "--group", f"{ROOT / 'pyproject.toml'}:rehearsal", cwd=WORK)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    options = ("--interface", "127.0.0.1", "--port", str(port), "--disable-fallback")
    command = (server, "-m", "pypiserver", "run", *options, "--authenticate", ".", "--passwords", ".", UPLOADED, OTHERS)
    with (WORK / "index.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    """Wait until something listens on `port`."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit(f"The index does not start. {(WORK / 'index.log').read_text()}")


def upload(address: str) -> None:
    """Upload all of it with twine, and see that what was uploaded cannot be uploaded again."""
    options = ("--config-file", os.devnull, "--non-interactive", "--username", "rehearsal", "--password", "none")
    twine = (sys.executable, "-m", "twine", "upload", *options, "--repository-url", f"{address}/")
    files = sorted(DIST.iterdir())
    environment = clean_environment(NO_PROXY="127.0.0.1")
    run(*twine, "--disable-progress-bar", *files, environment=environment, cwd=WORK)
    again = subprocess.run([*twine, files[0]], env=environment, cwd=WORK, capture_output=True)
    if not again.returncode:
        raise SystemExit(f"The index takes {files[0].name} twice.")
    print(f"Uploaded {len(files)} files. The index does not take one twice.")


def install(python: Path, address: str, path: str) -> dict[str, str]:
    """Install fastcors from that index alone, with nothing that compiles on PATH; return the environment variables."""
    own = {name: value for name, value in clean_environment().items() if not name.startswith(("PIP_", "FASTCORS_"))}
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{address}/simple/", "PIP_NO_CACHE_DIR": "1"}
    environment = own | settings | {"PATH": f"{python.parent}{os.pathsep}{path}", "NO_PROXY": "127.0.0.1"}
    run(python, "-m", "pip", "install", "fastcors", environment=environment, cwd=WORK)
    run(python, "-m", "pip", "install", "fastapi", "uvicorn", environment=environment, cwd=WORK)
    program = "import fastcors; print(fastcors.__version__, fastcors.COMPILED)"
    found = run(python, "-c", program, environment=environment, cwd=WORK).split()
    if found != [version(), "True"]:
        raise SystemExit(f"Installed from the index: {found}, and not version {version()} with the compiled core.")
    return environment


def write_examples() -> None:
    """Write the README's first example as a module, and the same with Starlette's import, which the example names."""
    example = next(block.text for block in blocks(ROOT / "README.md") if block.language == "python")
    before, count = re.subn(r"^from fastcors .*# was: (.+)$", r"\1", example, flags=re.MULTILINE)
    if count != 1:
        raise SystemExit("The README's first example does not say which import it replaces.")
    (WORK / "with_fastcors.py").write_text(example)
    (WORK / "with_starlette.py").write_text(before)


def answers(python: Path, module: str, environment: dict[str, str]) -> dict[str, Answer]:
    """Serve a module's app by uvicorn, and return what it answers over a socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        options = ("--fd", str(listener.fileno()), "--log-level", "warning")
        command = (python, "-m", "uvicorn", f"{module}:app", *options)
        process = subprocess.Popen(command, cwd=WORK, env=environment, pass_fds=[listener.fileno()])
    try:
        return {name: answer(port, request) for name, request in REQUESTS.items()}
    finally:
        process.terminate()
        process.wait(20)


def answer(port: int, request: Request) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(request.method, "/openapi.json", headers=request.headers)
    response = connection.getresponse()
    headers = [(name, value) for name, value in response.getheaders() if name.lower() != "date"]
    found = Answer(response.status, headers, response.read())
    connection.close()
    return found


def check_answers(ours: dict[str, Answer], theirs: dict[str, Answer]) -> None:
    """See that the answers are what the README says: right for this policy, and those of Starlette's middleware."""
    for name, own in ours.items():
        if own != theirs[name]:
            raise SystemExit(f"{name}: fastcors answers\n{own}\nand Starlette\n{theirs[name]}")
        allowed = own.header("access-control-allow-origin")
        if allowed != (None if "Origin" in name or "refused" in name else ORIGIN):
            raise SystemExit(f"{name}: {own}")
    if ours["allowed"].header("access-control-allow-credentials") != "true":
        raise SystemExit(f"allowed: {ours['allowed']}")


def main() -> None:
    shutil.rmtree(WORK, ignore_errors=True)
    for directory in (TREE, UPLOADED, OTHERS):
        directory.mkdir(parents=True)
    copy_tree()
    check_tag()
    missing = build()
    path = path_without_compilers(WORK / "bin")
    write_examples()
    pythons = {name: environment_of(f"python-{name}", python) for name, python in interpreters().items()}
    for python in pythons.values():
        fetch_others(python)
    with index() as address:
        upload(address)
        for name, python in pythons.items():
            environment = install(python, address, path)
            served = [answers(python, module, environment) for module in ("with_fastcors", "with_starlette")]
            check_answers(*served)
            print(f"Python {name}: installed from the index; {len(served[0])} answers as the README says.")
    print(ONLY_ELSEWHERE.format(missing=len(missing)))


if __name__ == "__main__":
    main()
