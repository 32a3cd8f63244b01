"""The two cores are read side by side, so each piece has the same public names in the same order as its twin.

Names with an underscore are a piece's own business, and types are each language's own.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "src" / "fastcors" / "core"
PIECES = sorted(path.stem for path in CORE.glob("*.pxi") if path.with_suffix(".py").exists())

# What one side has and the other does not need, and why.
REASONS = {
    "names: TYPE METHOD HEADERS HTTP OPTIONS RESPONSE_START RESPONSE_BODY": "C compares objects; Python has literals",
    "names: NO_TEXT OTHER EXPECTED": "what C says of the text under a key; Python compares it",
    "names: TYPE_AT": "only C can look at one place of a dict",
    "names: VARY_MORE NO_PAIRS UNNAMED": "in Python, literals as quick as these",
    "names: REQUEST_METHOD REQUEST_HEADERS REQUEST_PRIVATE_NETWORK": "keys of a dict; C compares bytes of one length",
    "text: decoded WORD word_at after_space before_space lower": "C has no str.strip() and str.lower() of bytes",
    "pairs: version_of": "only C can see the version of a dict",
    "pairs: size_bit is_pair is_named same_bytes": "Python compares, and takes pairs apart, in an expression",
    "pairs: is_appended fill": "C allocates a list once, at its final size",
    "values: REFUSED ALLOWED UNKNOWN AllowedValues.judge AllowedValues.look_up": "C stops where others' code would run",
    "values: AllowedValues.find AllowedValues.pair_at": "the index in C is of places, not a dict",
    "values: AllowedValues.allows": "in Python, pair_for() does not return None",
    "values: AllowedValues.pair_for": "in C, CompiledPolicy.check_origin() does both at once",
    "values: AllowedValues.is_comparable": "for `Recent`, which only C has: in Python it costs more than it saves",
    "values: AllowedValues.unchanged": "a list in Python is searched at each request",
    "values: AllowedNames AllowedNames.unchanged": "in C, AllowedValues serves names as well",
    "values: AllowedValues.proof_of AllowedNames.proof_of": "C judges header names quicker than it could prove them",
    "values: KnownPreflights KnownPreflights.holds KnownPreflights.keep": "the same",
    "hooks: IS_ALLOWED_ORIGIN PREFLIGHT_RESPONSE SIMPLE_RESPONSE SEND ALLOW_EXPLICIT_ORIGIN HOOK_COUNT": "Hooks",
    "hooks: UNTAGGED check_class version_tag": "only C can see the version tag of a class",
    "hooks: are_functions has_codes": "C reads the code of a function unchecked",
    "hooks: code_of": "for map() in Python",
    "hooks: unstable_hooks": "Python looks each hook up at each request",
    "compiled_policy: CompiledPolicy.has_code": "C compares pointers, by the hook's number",
    "compiled_policy: CompiledPolicy.collections_unchanged": "Python looks where it searches them",
    "compiled_policy: CompiledPolicy.live_origins": "a new reference, for builds without the GIL",
    "dispatch: PolicyCache.policy": "a property in C, an attribute in Python",
    "dispatch: cached checked compiled_anew": "calls are cheap in C; written out in Python",
    "request: take_slow_path": "an attribute look-up in Python",
    "preflight: current_for_preflight answer_decided": "only C asks `allow_origin_func` itself",
    "response: ASK UNDECIDED SAID_YES SAID_NO": "the same",
    "sender: send_start send_slowly raw_scope": "the same",
    "response: AMENDED RECOMPILE SLOW_PATH AMENDED_REFUSED": "in C, the usual case is a function of its own",
    "response: DISJOINT COLLIDING UNUSUAL": "in Python, the name that collides, or an exception",
    "sender: BEGINNING STARTED FOLLOWED": "a partial keeps no progress",
    "sender: ResponseSender bound_send": "in Python, a partial",
    "sender: ResponseSender.own_attributes ResponseSender.replace_attributes ResponseSender.request": "the same",
}
ONE_SIDED = {
    f"{piece}: {name}": why
    for key, why in REASONS.items()
    for piece, _, names in [key.partition(": ")]
    for name in names.split()
}

FUNCTION = re.compile(r"(?:cdef|cpdef|def)\b[^(=]*?\b(\w+)\(")
CONSTANT = re.compile(r"cdef [^(=:]*?\b(\w+)(?:\[\w+\])? *(?:=.*)?$")
MEMBER = re.compile(r"    (\w+)(?: = -?\d+)?(?: +#.*)?$")


def compiled_names(text: str) -> Iterator[str]:
    """Yield what a .pxi file defines: functions, constants, members of enums, classes and their methods."""
    inside = ""
    for line in text.splitlines():
        if line.startswith(("cdef class ", "cdef struct ", "cdef enum")):
            kind, _, name = line.removeprefix("cdef ").rstrip(":").partition(" ")
            inside = name if kind == "class" else kind.rstrip(":")
            if kind == "class":
                yield name
        elif line and not line[0].isspace():
            inside = ""
            if found := FUNCTION.match(line) or CONSTANT.match(line):
                yield found[1]
        elif inside == "enum" and (found := MEMBER.match(line)):
            yield found[1]
        elif inside not in ("", "enum", "struct") and (found := FUNCTION.match(line.removeprefix("    "))):
            yield f"{inside}.{found[1]}"


def python_names(text: str) -> Iterator[str]:
    """Yield what a .py file defines: functions, constants, classes and their methods."""
    for statement in ast.parse(text).body:
        match statement:
            case ast.FunctionDef(name):
                yield name
            case ast.ClassDef(name, bases):
                if not any(isinstance(base, ast.Name) and base.id == "NamedTuple" for base in bases):
                    yield name
                    yield from (f"{name}.{part.name}" for part in statement.body if isinstance(part, ast.FunctionDef))
            case ast.Assign([ast.Name(name)]):
                yield name
            case ast.AnnAssign(ast.Name(name), annotation) if ast.unparse(annotation) != "TypeAlias":
                yield name


def public(names: Iterator[str]) -> list[str]:
    """Return the names without an underscore, each once: a property has two functions."""
    return list(dict.fromkeys(name for name in names if not re.search(r"(?:^|\.)_", name)))


def names(piece: str) -> tuple[list[str], list[str]]:
    """Return the public names of a piece, of the compiled one and of the one in Python."""
    compiled, python = (CORE / f"{piece}.pxi").read_text("utf-8"), (CORE / f"{piece}.py").read_text("utf-8")
    return public(compiled_names(compiled)), public(python_names(python))


@pytest.mark.parametrize("piece", PIECES)
def test_same_names_in_the_same_order(piece: str) -> None:
    compiled, python = ([name for name in side if f"{piece}: {name}" not in ONE_SIDED] for side in names(piece))
    assert compiled == python


def test_what_is_listed_as_one_sided_is() -> None:
    sides = [{f"{piece}: {name}" for piece in PIECES for name in names(piece)[side]} for side in (0, 1)]
    assert set(ONE_SIDED) == set(ONE_SIDED) & (sides[0] ^ sides[1])
    assert all(ONE_SIDED.values())


def test_each_piece_is_included_once() -> None:
    included = re.findall(r'^include "(\w+)\.pxi"$', (CORE / "compiled.pyx").read_text("utf-8"), re.MULTILINE)
    assert sorted(included) == sorted(path.stem for path in CORE.glob("*.pxi"))
    # Cython would take it for the declarations of the piece in Python.
    assert not list(CORE.glob("*.pxd"))


@pytest.mark.parametrize(
    ("compiled", "python"),
    [
        ("cdef inline int added(object a) except -1:\n    return 0\n", ""),
        ("cdef bytes ADDED = b''\n", ""),
        ("cdef enum Kind:\n    ADDED = 1  # so\n", ""),
        ("cdef class Some:\n    cdef inline tuple added(self):\n", "class Some: ...\n"),
        ("", "def added(): ...\n"),
        ("", "ADDED: int = 1\n"),
        ("cdef class Some:\n    pass\n", "class Some:\n    def added(self): ...\n"),
    ],
)
def test_a_name_that_one_side_lacks_is_seen(compiled: str, python: str) -> None:
    assert public(compiled_names(compiled)) != public(python_names(python))
