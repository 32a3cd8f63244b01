"""The C that is written by hand, src/fastcors/core/*.h, holds nothing that Microsoft's compiler reads differently.

That compiler builds the wheels for Windows, and only there. A branch of the preprocessor for other compilers is free
to use what they have.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "src" / "fastcors" / "core"
HEADERS = sorted(CORE.glob("*.h"))
PITFALLS = {
    "a function that only gcc and clang have": r"\b__(?:builtin|sync|atomic)_\w+",
    "an attribute": r"\b__(?:attribute|attribute__|declspec)\b|\[\[",
    "a keyword of gcc's": r"\b(?:__thread|__typeof__|typeof|__extension__|__asm__|asm|__int128|__label__)\b",
    # It has 32 bits on Windows.
    "long": r"(?<!long )\blong\b(?! long)",
    "a type of POSIX": r"\b(?:ssize_t|u_int\w*|uint)\b",
    "a statement as an expression": r"\(\{",
    "a conditional without its middle": r"\?\s*:",
    "a designated initialiser": r"[{,]\s*(?:\.\w+|\[\w+\])\s*=",
    "an array whose size is not constant": r"\b\w+[ *]+\w+\[(?![A-Z_\d]*\])[^\]]*\]\s*[;=]",
    "a case of several values": r"\bcase\b[^:]*\.\.\.",
    "an empty initialiser": r"=\s*\{\s*\}",
    "a header of POSIX": r"#\s*include\s*<(?:unistd|pthread|strings|alloca|sys/\w+)\.h>",
    "memory of the stack": r"\balloca\b",
    "a variadic macro without its comma": r"##\s*__VA_ARGS__",
}


def code(source: str) -> str:
    """Return C without its comments, and with nothing in its strings; the lines stay."""

    def blank(found: re.Match[str]) -> str:
        return '""' if found[0].startswith('"') else "\n" * found[0].count("\n")

    return re.sub(r'"(?:\\.|[^"\\])*"|/\*.*?\*/|//[^\n]*', blank, source, flags=re.DOTALL)


def lines_for_msvc(source: str) -> Iterator[tuple[int, str]]:
    """Yield the lines, with their numbers, that are for every compiler: inside of no `#ifdef _MSC_VER` and its `#else`.

    What Microsoft's own branch holds was written for it.
    """
    by_compiler: list[bool] = []
    for number, line in enumerate(code(source).splitlines(), 1):
        directive = re.match(r"\s*#\s*(\w+)(.*)", line)
        word, rest = (directive[1], directive[2]) if directive else ("", "")
        if word in ("if", "ifdef", "ifndef"):
            by_compiler.append("_MSC_VER" in rest)
        elif word == "endif":
            by_compiler.pop()
        elif not any(by_compiler):
            yield number, line


def pitfalls(source: str) -> list[str]:
    return [
        f"line {number}: {name}: {line.strip()}"
        for number, line in lines_for_msvc(source)
        for name, pattern in PITFALLS.items()
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.name)
def test_no_pitfall(header: Path) -> None:
    assert pitfalls(header.read_text(encoding="utf-8")) == []


def test_headers_are_found() -> None:
    assert {"capi.h", "dicts.h"} <= {header.name for header in HEADERS}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("int n = __builtin_ctzll(word);", "a function that only gcc and clang have"),
        ("static void f(void) __attribute__((cold));", "an attribute"),
        ("static __thread int depth;", "a keyword of gcc's"),
        ("unsigned long bits = 1;", "long"),
        ("ssize_t size = 0;", "a type of POSIX"),
        ("int n = ({ f(); 1; });", "a statement as an expression"),
        ("int n = a ?: b;", "a conditional without its middle"),
        ("struct pair p = {.first = 1};", "a designated initialiser"),
        ("int squares[2] = {[1] = 1};", "a designated initialiser"),
        ("char buffer[size];", "an array whose size is not constant"),
        ("PyObject *items[count + 1];", "an array whose size is not constant"),
        ("case 'a' ... 'z': return 1;", "a case of several values"),
        ("struct pair p = {};", "an empty initialiser"),
        ("#include <unistd.h>", "a header of POSIX"),
        ("char *b = alloca(size);", "memory of the stack"),
        ("#define LOG(...) log(a, ##__VA_ARGS__)", "a variadic macro without its comma"),
        ("#ifdef _MSC_VER\nint a;\n#else\nint b;\n#endif\nlong c;", "long"),
        ("#ifdef __GNUC__\n#else\nlong c;\n#endif", "long"),
    ],
)
def test_pitfall_is_seen(source: str, name: str) -> None:
    assert any(f": {name}: " in found for found in pitfalls(source)), pitfalls(source)


@pytest.mark.parametrize(
    "source",
    [
        "unsigned long long bits = 1;",
        'const char *text = "a long __builtin_ctz";',
        "/* an __attribute__ of a\n long comment */ int n; // typeof",
        "PyObject *args[2] = {NULL, message};",
        "char buffer[MOST_BYTES];",
        "value = items[place];",
        "int n = a ? b : c;",
        "#ifdef _MSC_VER\n__declspec(thread) int a;\n#else\n__thread int a;\n#endif",
        "#ifndef _MSC_VER\n__thread int a;\n#endif",
    ],
)
def test_no_false_alarm(source: str) -> None:
    assert pitfalls(source) == []
