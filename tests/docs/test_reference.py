"""docs/reference.md has an entry for everything public, in the words of the source. The JSON fits the schema."""

import ast
import dataclasses
import importlib.util
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.responses import PlainTextResponse
from support.command_line import fastcors, serving

import fastcors as package
from fastcors import CORSConfig, CORSMiddleware, add_cors, explain as explain_module, types

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference.md").read_text(encoding="utf-8")
SCHEMA = json.loads((DOCS / "command-line.schema.json").read_text(encoding="utf-8"))
ORIGIN = "--origin=https://app.example.com"
APP = """
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from fastcors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com/"])
app.add_middleware(GZipMiddleware)
bare = FastAPI()
"""


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fastcors_reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def section(name: str) -> str:
    found = re.search(rf"^### {re.escape(name)}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{name} has no entry"
    return found[1]


def described(docstring: str | None) -> dict[str, str]:
    """Return what a docstring says of each parameter."""
    found = re.findall(
        r"^- `(\w+)`: (.*?)(?=\n- |\n\n|\Z)", inspect.cleandoc(docstring or ""), re.MULTILINE | re.DOTALL
    )
    return {name: " ".join(text.split()) for name, text in found}


def test_the_page_is_what_make_reference_writes() -> None:
    assert generator().page(PAGE) == PAGE, "run make reference"


@pytest.mark.parametrize(
    "name",
    [
        *package.__all__,
        *explain_module.__all__,
        *(name for name in vars(types) if name in ("AllowOriginFunc", "OnRefusal")),
    ],
)
def test_every_public_name_has_an_entry(name: str) -> None:
    assert len(section(name.replace("_", r"\_") if name.startswith("__") else name).split()) > 5


@pytest.mark.parametrize(
    ("name", "what"),
    [("CORSMiddleware", CORSMiddleware), ("explain", explain_module.explain)],
)
def test_every_parameter_has_an_entry_with_its_meaning(name: str, what: Any) -> None:
    entries = dict(re.findall(r"^- `(\w+)[^`]*`\\\n  (.+)", section(name), re.MULTILINE))
    assert set(inspect.signature(what).parameters) <= set(entries)


@pytest.mark.parametrize("name", ["Answer", "Change", "ConfigProblem", "Decision", "Request", "Step"])
def test_every_field_has_an_entry_with_its_meaning(name: str) -> None:
    entries = dict(re.findall(r"^- `(\w+)[^`]*`\\\n  (.+)", section(name), re.MULTILINE))
    cls = getattr(package, name, None) or getattr(explain_module, name)
    public = {each for each in vars(cls) if not each.startswith("_")} - {"count", "index"}
    assert {*cls._fields, *public} <= set(entries)


def test_an_editor_shows_the_same_meaning_of_a_parameter_everywhere() -> None:
    whole = described(CORSMiddleware.__doc__)
    assert list(whole) == list(inspect.signature(CORSMiddleware).parameters)
    assert described(CORSConfig.__doc__) == {field.name: whole[field.name] for field in dataclasses.fields(CORSConfig)}
    assert described(add_cors.__doc__) == {name: text for name, text in whole.items() if name != "app"}


def test_a_parameter_has_one_type_everywhere() -> None:
    """As the source writes it: in the middleware, in the value and in what `add_cors` takes."""
    module = generator()
    middleware = {each.name: each.declared for each in module.parameters(module.definition(*MIDDLEWARE))}
    value = {
        each.name: each.declared
        for each in module.fields(module.definition("fastcors.config.parameters", "Parameters"))
    }
    assert {name: declared for name, declared in middleware.items() if name in value} == {
        name: declared for name, declared in value.items() if name != "_"
    }
    outermost = ast.parse((DOCS.parent / "src" / "fastcors" / "outermost.py").read_text(encoding="utf-8"))
    (accepted,) = (
        node for node in ast.walk(outermost) if isinstance(node, ast.ClassDef) and node.name == "CORSParameters"
    )
    for each in module.fields(accepted):
        assert middleware[each.name].startswith(f"{each.declared} ="), each.name


MIDDLEWARE = ("fastcors.middleware", "CORSMiddleware.__init__")


def wrong(value: Any, schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """Yield how a value departs from a schema of the few kinds that ours has."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        departures = [[*wrong(value, each, place)] for each in schema["anyOf"]]
        if all(departures):
            yield from min(departures, key=len)
        return
    kinds: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "null": type(None)}
    kinds |= {"array": list, "object": dict}
    if "type" in schema and (
        not isinstance(value, kinds[schema["type"]]) or (schema["type"] == "integer" and value is True)
    ):
        yield f"{place}: {value!r} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r}"
    elif isinstance(value, dict) and "properties" in schema:
        yield from (f"{place}: {name} is missing" for name in schema["required"] if name not in value)
        yield from (f"{place}: {name} is not described" for name in value if name not in schema["properties"])
        for name in filter(schema["properties"].__contains__, value):
            yield from wrong(value[name], schema["properties"][name], f"{place}/{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from wrong(item, schema.get("items", {}), f"{place}/{number}")


@pytest.mark.parametrize(
    ("command", "name", "status"),
    [
        (("check", "described:app"), "check", 1),
        (("check", "described:bare"), "check", 0),
        (("check", "described:none"), "error", 2),
        (("check", "described:app", "--accept=nothing"), "error", 2),
        (("explain", "described:app", ORIGIN, "--method=PUT", "--header=X-A: b"), "explain", 1),
        (("explain", "described:bare", ORIGIN), "explain", 1),
        (("regex", r"https://.*example\.com"), "regex", 0),
        (("regex", r"(a)\1"), "regex", 0),
        (("regex", "("), "regex", 1),
    ],
)
@pytest.mark.filterwarnings("ignore::fastcors.CORSConfigWarning")
def test_documents_and_exit_codes(
    command: tuple[str, ...], name: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "described.py").write_text(APP)
    monkeypatch.syspath_prepend(tmp_path)
    done = fastcors(*command, "--json")
    assert [*wrong(done.document, SCHEMA["$defs"][name])] == []
    assert done.status == status


@pytest.mark.parametrize(("allowed", "status"), [(["*"], 0), ([], 1)])
def test_documents_and_exit_codes_of_probe(allowed: list[str], status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(StarletteCORSMiddleware(PlainTextResponse("hello"), allow_origins=allowed)) as address:
        done = fastcors("probe", address, ORIGIN, "--header=X-A: b" if status else "--method=GET", "--json")
    assert [*wrong(done.document, SCHEMA["$defs"]["probe"])] == []
    assert done.status == status


def test_a_document_that_departs_from_the_schema_is_found() -> None:
    step = {"section": "a", "number": "1", "found": "b", "passed": "yes", "more": 1}
    found = [*wrong(step, SCHEMA["$defs"]["step"], "step")]
    assert found == [
        "step: console is missing",
        "step: more is not described",
        "step/passed: 'yes' is no boolean",
    ]
    assert [*wrong({"engine": "other"}, {**SCHEMA["$defs"]["regex"], "required": []})] == ["/engine: 'other'"]
    assert len([*wrong([1, None], {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}})]) == 1
