"""Every page says what is so: its code runs on both cores, its commands exist, its links lead somewhere."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import CORES
from support import documents

# A page runs as one program, in a process or with this one's standard output: once, in `make parallel` too.
pytestmark = pytest.mark.thread_unsafe(reason="pages run one at a time")

ROOT = Path(__file__).parents[2]
GUIDE = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OTHERS = [*(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")), *ROOT.glob("benchmarks/*.md")]
WITH_CODE = [page for page in GUIDE if any(block.language == "python" for block in documents.blocks(page))]
COMMANDS = [
    (page.name, line.removeprefix("$ "))
    for page in GUIDE
    for block in documents.blocks(page)
    if block.language in ("", "sh", "console") and not block.not_run
    for line in block.text.splitlines()
    if block.language != "console" or line.startswith("$ ")
]
SVG = "{http://www.w3.org/2000/svg}"
# The reason for each is beside the block.
NOT_RUN: set[tuple[str, str]] = set()
# What these pages show of a block is held against it by a test of its own.
SHOWN_ELSEWHERE = {"configuration.md": "test_config_docs.py", "problems.md": "test_config_docs.py"}


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_code_runs_and_says_what_is_shown(page: Path, core: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "FASTCORS_EXTENSIONS": {"compiled": "yes", "python": "no"}[core],
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        [sys.executable, "-P", documents.__file__, page],
        capture_output=True,
        cwd=tmp_path,
        encoding="utf-8",
        env=environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    wrong = [difference for difference in json.loads(done.stdout) if difference]
    if page.name in SHOWN_ELSEWHERE:
        assert Path(__file__).with_name(SHOWN_ELSEWHERE[page.name]).exists()
        wrong = [difference for difference in wrong if not difference.endswith("prints nothing")]
    assert not wrong, "\n".join(wrong)


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    kinds = {(page.name, block.language) for page in GUIDE for block in documents.blocks(page)}
    assert {kind for kind in kinds if kind[1] not in ("python", "text", "", "sh", "console")} == set()


def test_what_is_not_run_is_listed_here() -> None:
    found = {
        (page.name, block.text.splitlines()[0]) for page in GUIDE for block in documents.blocks(page) if block.not_run
    }
    assert found == NOT_RUN


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_command_exists(page: str, command: str) -> None:
    words = shlex.split(command, comments=True)
    while re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        del words[0]
    assert KNOWN[words[0]](words[1:]), f"{page}: {command}"


def is_make(words: list[str]) -> bool:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in words if "=" not in word]
    variables = [word.partition("=")[0] for word in words if "=" in word]
    return all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets) and all(
        re.search(rf"\$[({{]{variable}\b|^{variable} \?=|or \$\({variable}\)", makefile, re.MULTILINE)
        for variable in variables
    )


def is_pip(words: list[str]) -> bool:
    """What is installed of this project is an extra that it has."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    asked = [match[1].split(",") for word in words[1:] if (match := re.fullmatch(r"(?:fastcors|\.)\[(.+)\]", word))]
    return words[0] == "install" and all(extra in extras for named in asked for extra in named)


def is_uvicorn(words: list[str]) -> bool:
    """The app is one of the examples', or that of a block named so."""
    directory = ROOT / words[words.index("--app-dir") + 1] if "--app-dir" in words else None
    module, _, app = next(word for word in words if ":" in word).partition(":")
    written = [block.text for page in GUIDE for block in documents.blocks(page)]
    named = [text for text in written if text.startswith(f"# {module}.py\n")]
    texts = named if directory is None else [(directory / f"{module}.py").read_text(encoding="utf-8")]
    return any(f"\n{app} = " in text for text in texts)


def is_fastcors(words: list[str]) -> bool:
    """The command has the options. Those in docs/command-line.md are run by a test of their own."""
    named = [word for word in words[:1] if not word.startswith("--")]
    done = subprocess.run([sys.executable, "-m", "fastcors", *named, "--help"], capture_output=True, encoding="utf-8")
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    return done.returncode == 0 and all(re.search(rf"{option}\b", done.stdout) for option in options)


KNOWN = {"fastcors": is_fastcors, "make": is_make, "pip": is_pip, "uvicorn": is_uvicorn}


@pytest.mark.parametrize("page", [*GUIDE, *OTHERS], ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in documents.links(page):
        if link.startswith("https:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in documents.anchors(target), link


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    found = {(index.parent / link).resolve() for link in documents.links(index)}
    assert {*GUIDE[1:], *OTHERS} - {index} - found == set()


def test_what_the_search_prefers_is_on_pages_that_exist() -> None:
    """docs/conf.py itself needs Sphinx."""
    conf = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    (sought,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(conf).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SOUGHT"
    )
    assert "docs/add-cors" in sought
    assert [page for page in sought if not (ROOT / f"{page}.md").is_file()] == []


def test_the_readme_is_short() -> None:
    assert len(GUIDE[0].read_text(encoding="utf-8").splitlines()) <= 80


PAGE = """Text.

```python
print("said")
```
```text
{shown}
```
"""


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        (PAGE.format(shown="said"), ""),
        (PAGE.format(shown="other"), "line 4 prints:\nsaid\n"),
        (PAGE.partition("```text")[0], "line 4 prints:\nsaid\n"),
        (PAGE.replace('print("said")', "said = 1").format(shown="said"), "line 4 prints nothing"),
        (PAGE.replace("print(", "import warnings; warnings.warn(").format(shown="main.py:3: UserWarning:\nsaid"), ""),
        (PAGE.replace("print(", "import warnings; warnings.warn("), "line 4 warns:\nUserWarning: said"),
    ],
    ids=["right", "wrong", "not shown", "nothing said", "warning", "warning not shown"],
)
def test_a_page_that_is_wrong_is_found(text: str, difference: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    assert [documents.difference(ran) for ran in documents.run(page)] == [difference]


def test_a_block_may_say_why_it_is_not_run(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- not run: it has no end -->\n```python\nwhile True: ...\n```\n\n```python\nassert True\n```\n")
    assert [block.not_run for block in documents.blocks(page)] == ["it has no end", ""]
    assert [ran.line for ran in documents.run(page)] == [7]


def test_the_diagrams_show_what_the_middleware_answers() -> None:
    """Each header in them is in the exchange of the page, which is run."""
    page = ROOT / "docs" / "how-cors-works.md"
    (shown,) = (block.text.lower() for block in documents.blocks(page) if block.language == "text")
    pictures = [link for link in documents.links(page) if link.endswith(".svg")]
    assert len(pictures) == 2
    for picture in pictures:
        texts = [text.text or "" for text in ElementTree.parse(page.parent / picture).iter(f"{SVG}text")]
        headers = [text.lower().rstrip(",") for text in texts if re.match(r"[A-Z][\w-]+: ", text)]
        assert len(headers) >= 3
        assert [header for header in headers if f"\n    {header}" not in shown] == []
