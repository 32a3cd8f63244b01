"""The command line as a whole: what it needs, exit statuses, what is printed where, and what no terminal gets."""

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.command_line import Project, fastcors

import fastcors as package
from fastcors import __main__
from fastcors.cli import app as cli
from fastcors.cli.output import printable

WRONG = """
    from fastcors import CORSMiddleware
    from starlette.applications import Starlette

    app = Starlette()
    app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com/"])
"""
# What `pip install fastcors` brings.
WITHOUT_THE_EXTRA = ("fastcors", "starlette", "anyio", "idna", "sniffio", "typing_extensions")
WHAT_TO_INSTALL = 'Install it with: pip install "fastcors[cli]"\n'


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return subprocess.run([sys.executable, *command], env=given | environment, capture_output=True, text=True)


def test_without_the_extra(tmp_path: Path) -> None:
    for name in WITHOUT_THE_EXTRA:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            origin = Path(spec.origin)
            found = origin.parent if origin.name == "__init__.py" else origin
            (tmp_path / found.name).symlink_to(found)
    ran = run("-S", "-m", "fastcors", "check", "main:app", PYTHONPATH=str(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"fastcors: the command line needs typer, rich, httpx. {WHAT_TO_INSTALL}"


def test_without_a_part_of_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(SystemExit) as raised:
        __main__.main()
    assert raised.value.code == 2
    assert capsys.readouterr().err == f"fastcors: the command line needs httpx. {WHAT_TO_INSTALL}"


def test_the_package_imports_none_of_it() -> None:
    program = (
        "import sys, fastcors; print([name for name in ('typer', 'rich', 'httpx', 'click') if name in sys.modules])"
    )
    assert run("-c", program).stdout == "[]\n"


def test_the_script_is_the_module() -> None:
    (script,) = entry_points(group="console_scripts", name="fastcors")
    assert script.load() is __main__.main


def test_version() -> None:
    assert run("-m", "fastcors", "--version").stdout == f"fastcors {package.__version__}\n"


def test_help_names_each_command_and_fits_80_columns() -> None:
    shown = fastcors("--help").output
    for command in ("check", "explain", "probe", "regex"):
        assert f"  {command}  " in shown
        shown += fastcors(command, "--help").output
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("command", ["check", "explain", "probe", "regex"])
def test_help_has_an_example_of_the_command(command: str) -> None:
    (example,) = re.findall(r"^  Example: fastcors (\w+ .+)$", fastcors(command, "--help").output, re.MULTILINE)
    words = shlex.split(example)
    assert words[0] == command
    assert fastcors(*words, "--help").status == 0


def test_completion(tmp_path: Path) -> None:
    """Asks for the words that continue a command line, as the script does that a shell runs."""
    asked = {"_FASTCORS_COMPLETE": "complete_bash", "COMP_WORDS": "fastcors ex", "COMP_CWORD": "1"}
    assert run("-m", "fastcors", HOME=str(tmp_path), **asked).stdout.split() == ["explain"]


TERMINAL = """
import fcntl, os, pty, struct, sys, termios
columns, *command = sys.argv[1:]
read, write = os.pipe()
process, terminal = pty.fork()
if process == 0:
    os.read(read, 1)
    os.execv(sys.executable, [sys.executable, *command])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
os.write(write, b"!")
try:
    while shown := os.read(terminal, 65536):
        sys.stdout.buffer.write(shown)
except OSError:  # how Linux says that the other end is closed
    pass
os.waitpid(process, 0)
"""
LONG = """
    from fastcors import CORSMiddleware
    from starlette.applications import Starlette

    app = Starlette()
    app.add_middleware(CORSMiddleware, allow_origin_regex=r"https://.*a-name-that-is-long.and-one-more.example\\.com")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of Unix")
@pytest.mark.parametrize("columns", [40, 60, 80])
def test_a_terminal_of_any_width_shows_everything(project: Project, columns: int) -> None:
    at = f"{project.write(LONG)}:app"
    place = ("--app-dir", str(project.directory))
    for command in (("check", at, *place, "--notes"), ("explain", at, *place, "--origin=https://a.example")):
        options = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}
        shown = subprocess.run(
            [sys.executable, "-c", TERMINAL, str(columns), "-W", "ignore", "-m", "fastcors", *command],
            env=options | {"NO_COLOR": "1", "TERM": "xterm"},
            capture_output=True,
            text=True,
        ).stdout
        shown = re.sub(r"\x1b\[\d*m", "", shown)
        assert max(map(len, shown.splitlines())) <= columns
        assert "…" not in shown
        whole = fastcors(*command).output
        assert "".join(shown.split()) == "".join(whole.split())


def test_no_command_shows_help() -> None:
    ran = fastcors()
    assert "Usage: fastcors" in ran.output + ran.errors
    assert ran.status == 2


def test_in_a_process_of_its_own(project: Project) -> None:
    name = project.write(WRONG)
    ran = run("-m", "fastcors", "check", f"{name}:app", "--app-dir", str(project.directory))
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "Fix: Write 'https://app.example.com'." in ran.stdout
    assert "\x1b" not in ran.stdout


def test_the_current_directory_is_looked_in_first(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.directory / "json.py").write_text("app = None")
    monkeypatch.chdir(project.directory)
    monkeypatch.delitem(sys.modules, "json")
    ran = fastcors("check", "json:app")
    monkeypatch.undo()
    assert ran.errors == "fastcors: json:app is of class NoneType, and so no ASGI app.\n"


def test_what_an_output_cannot_encode_is_escaped(project: Project) -> None:
    name = project.write(WRONG.replace("app.example.com", "bücher.example"))
    arguments = ("-m", "fastcors", "check", f"{name}:app", "--app-dir", str(project.directory))
    ran = run(*arguments, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert r"https://b\xfccher.example" in ran.stdout


COLOURS = {
    "not to a file": ({}, False),
    "where it is forced": ({"FORCE_COLOR": "1"}, True),
    "not with NO_COLOR": ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
}


@pytest.mark.parametrize(("environment", "coloured"), COLOURS.values(), ids=COLOURS)
def test_colour(project: Project, environment: dict[str, str], coloured: bool) -> None:
    name = project.write(WRONG)
    arguments = ("-m", "fastcors", "check", f"{name}:app", "--app-dir", str(project.directory))
    shown = run(*arguments, TERM="xterm", **environment).stdout
    assert ("\x1b[1;31merror" in shown) is coloured


def test_80_columns_and_no_spaces_at_the_end(project: Project) -> None:
    lines = project.run("check", WRONG).output.splitlines()
    assert 60 < max(map(len, lines)) <= 80
    assert not [line for line in lines if line.endswith(" ")]


HOSTILE = {
    "escape sequence": ("\x1b[2J", r"\x1b[2J"),
    "line": ("a\nb", r"a\nb"),
    "eight-bit control": ("\x9b", r"\x9b"),
    "text direction": ("\u202e", r"\u202e"),
    "half of a pair": ("\ud800", r"\ud800"),
    "markup": ("[red]a[/red] :smile:", "[red]a[/red] :smile:"),
}


@pytest.mark.parametrize(("hostile", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_printable(hostile: str, shown: str) -> None:
    assert printable(hostile) == shown


@pytest.mark.parametrize("hostile", ["\x1b[2J", "[bold]:smile:[/bold]"])
def test_what_comes_from_outside_is_only_shown(project: Project, hostile: str) -> None:
    source = WRONG.replace('["https://app.example.com/"]', f"[{hostile!r}]")
    for ran in (
        project.run("check", source),
        project.run("explain", source, "--origin", "https://a.example", "--method", "PUT"),
        fastcors("regex", f"https://{hostile}"),
        fastcors("check", f"main:{hostile}"),
        fastcors("probe", hostile, "--origin", "https://a.example"),
    ):
        assert "\x1b" not in ran.output + ran.errors
        assert "\U0001f604" not in ran.output + ran.errors


def test_json_is_one_document_whatever_the_module_prints(project: Project) -> None:
    ran = project.run("check", "print('hello')\n" + "app = print", "--json")
    assert json.loads(ran.output)["app"].endswith(":app")
    assert ran.errors == "hello\n"


def test_json_of_what_cannot_be_answered() -> None:
    ran = fastcors("check", "main", "--json")
    assert ran.status == 2
    assert ran.document == {"error": "'main' names no app. Write MODULE:APP, such as main:app."}


def test_run_is_the_script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["fastcors", "--version"])
    with pytest.raises(SystemExit) as raised:
        __main__.main()
    assert raised.value.code == 0
    assert capsys.readouterr().out == f"fastcors {package.__version__}\n"
    assert cli.app.info.no_args_is_help


NO_APP = {
    "no colon": ("", "main", "names no app. Write MODULE:APP, such as main:app."),
    "a file": ("", "main.py:app", "names no app. Write MODULE:APP, such as main:app."),
    "a path": ("", "./src/shop.py", "names no app. Write MODULE:APP, such as src.shop:app."),
    "no module": ("", "nowhere_to_be_found:app", "There is no module nowhere_to_be_found in "),
    "no parent": ("", "nowhere_to_be_found.main:app", "There is no module nowhere_to_be_found in "),
    "no attribute": ("", "{}:application", "has no application."),
    "no attribute within": ("class state: pass", "{}:state.app", "has no state.app."),
    "no app": ("app = {}", "{}:app", "is of class dict, and so no ASGI app."),
    "a class": ("class App: pass", "{}:App", "is a class. Name an app that was made of it."),
    "a factory": ("def create(name=None): pass", "{}:create", "If it makes the app, write served_"),
    "a failing import": ("import os\nos.environ['NO_SUCH_SETTING']", "{}:app", "KeyError: 'NO_SUCH_SETTING' (served_"),
    "a missing package": ("import no_such_package", "{}:app", "No module named 'no_such_package' (served_"),
    "a syntax error": ("app = =", "{}:app", "SyntaxError: invalid syntax (served_"),
    "an exit": ("raise SystemExit('stop')", "{}:app", "SystemExit: stop (served_"),
    "a failing factory": ("def create():\n    raise OSError('full')", "{}:create()", "OSError: full (served_"),
    "a factory that takes something": (
        "def create(settings, *, name, more=1): pass",
        "{}:create()",
        ":create() needs settings, name, and a factory is called without arguments. Write a function without",
    ),
    "a function that takes something": (
        "def create(settings): pass",
        "{}:create",
        ":create is a function of (settings), and an ASGI app takes (scope, receive, send). If it makes the app, write",
    ),
    "a factory of a built-in class": ("create = dict", "{}:create()", "is of class dict, and so no ASGI app."),
}


@pytest.mark.parametrize(("source", "target", "said"), NO_APP.values(), ids=NO_APP)
def test_no_app(project: Project, source: str, target: str, said: str) -> None:
    ran = fastcors("check", target.format(project.write(source)))
    assert (ran.status, ran.output) == (2, "")
    assert said in ran.errors
    assert ran.errors.startswith("fastcors: ")
    assert ran.errors.count("\n") == 1


SEVERAL_LINES = """
import os

class Invalid(ValueError):
    pass

def settings():
    error = Invalid("2 errors\\nDATABASE_URL is missing\\n\\x1b[2JSECRET is missing")
    error.add_note("Set them.")
    raise error

{}
"""


@pytest.mark.parametrize(("call", "target"), [("settings()", ":app"), ("", ":settings()")])
def test_each_line_of_an_exception(project: Project, call: str, target: str) -> None:
    name = project.write(SEVERAL_LINES.format(call))
    ran = fastcors("check", name + target)
    first, *lines = ran.errors.splitlines()
    assert ran.status == 2
    assert first.endswith(f": Invalid: 2 errors ({name}.py, line 10)")
    assert lines == ["  DATABASE_URL is missing", r"  \x1b[2JSECRET is missing", "  Set them."]


def test_the_file_of_an_exception(project: Project) -> None:
    settings = project.write("def get(): raise ValueError(getattr(1, 'real'))")
    package = project.directory / "served_package"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(f"import {settings}\n{settings}.get()\n")
    assert f"ValueError: 1 ({settings}.py, line 1)" in fastcors("check", "served_package:app").errors
    (package / "__init__.py").write_text("1 / 0\n")
    said = f"(served_package{os.sep}__init__.py, line 1)"
    assert said in fastcors("check", "served_package:app").errors


@pytest.mark.parametrize("command", [("check",), ("explain", "--origin=https://a.example")])
def test_traceback(project: Project, command: tuple[str, ...]) -> None:
    name = project.write("import os\nos.environ['NO_SUCH_SETTING']")
    assert "Traceback" not in fastcors(*command, f"{name}:app").errors
    errors = fastcors(*command, f"{name}:app", "--traceback").errors
    assert errors.startswith("Traceback (most recent call last):\n")
    assert f"{name}.py" in errors.partition("KeyError")[0]
    assert errors.splitlines()[-1].startswith("fastcors: ")
    assert "Traceback" not in fastcors(*command, "main", "--traceback").errors


FACTORIES = {"with parentheses": (":create()",), "with an option": (":create", "--factory"), "nested": (":Made.app",)}


@pytest.mark.parametrize("target", FACTORIES.values(), ids=FACTORIES)
def test_ways_to_name_an_app(project: Project, target: tuple[str, ...]) -> None:
    name = project.write(
        """
        from starlette.applications import Starlette

        def create():
            return Starlette()

        class Made:
            app = create()
        """
    )
    ran = fastcors("check", name + target[0], *target[1:])
    assert ran.status == 0
    assert ran.output.startswith(f"{name}{target[0]}, Starlette: no CORS middlewares\n")


def test_other_warnings_are_shown_as_ever(project: Project) -> None:
    name = project.write("import warnings\nwarnings.warn('old')\napp = print")
    with pytest.warns(UserWarning, match="old"):
        fastcors("check", f"{name}:app")
