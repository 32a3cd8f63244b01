"""`make reference`: writes the entries of docs/reference.md from the signatures and docstrings of the source.

The page says where each entry goes: between `<!-- from module: name -->` and `<!-- end -->`. Everything is read from
the source text, as an editor reads it, so types appear as they are written there.
"""

import ast
import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference.md"
SCHEMA = ROOT / "docs" / "command-line.schema.json"
PLACE = re.compile(r"(<!-- from ([\w.]+): ([\w.]+)( without parameters)? -->\n)(?:.*?\n)??(<!-- end -->)", re.DOTALL)
JSON_PLACE = re.compile(r"(<!-- from the schema: (\w+) -->\n)(?:.*?\n)??(<!-- end -->)", re.DOTALL)
# Names of types that are written out, because nobody needs to import them.
_WRITTEN_OUT = {"RequestHeaders": "fastcors.browser.decision", "Severity": "fastcors.problems"}
_BULLET = re.compile(r"^- `(\w+)`: ", re.MULTILINE)


class Member(NamedTuple):
    """A parameter, field, property or method."""

    name: str
    declared: str
    """As it is shown: with type and default, or with its parameters."""
    text: str
    """Its docstring."""


def definition(module: str, name: str) -> ast.stmt:
    """Return the statement that defines `name`, which may be a method such as `CORSMiddleware.explain`."""
    path = ROOT.joinpath("src", *module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found: Any = ast.parse(path.read_text(encoding="utf-8"))
    for part in name.split("."):
        found = next(node for node in found.body if part in (getattr(node, "name", None), _target(node)))
    assert isinstance(found, ast.stmt)
    return found


def _target(node: ast.stmt) -> str | None:
    target = node.target if isinstance(node, ast.AnnAssign) else None
    return target.id if isinstance(target, ast.Name) else None


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Member]:
    """Return the parameters of a function as they are declared, without `self`."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(plain) - len(arguments.defaults))
    pairs = [*zip(plain, [*missing, *arguments.defaults], strict=True)]
    pairs += [*zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    if arguments.kwarg is not None:
        pairs.append((arguments.kwarg, None))
    return [
        Member(argument.arg, _declared(argument.arg, argument.annotation, default), "")
        for argument, default in pairs
        if argument.arg not in ("self", "cls")
    ]


def _declared(name: str, annotation: ast.expr | None, default: ast.expr | None) -> str:
    if isinstance(annotation, ast.Constant):  # in quotes
        annotation = ast.parse(str(annotation.value), mode="eval").body
    if isinstance(annotation, ast.Name) and annotation.id in _WRITTEN_OUT:
        alias = definition(_WRITTEN_OUT[annotation.id], annotation.id)
        annotation = alias.value if isinstance(alias, ast.AnnAssign) else None
    kind = f": {_source(annotation)}" if annotation is not None else ""
    return f"{name}{kind}{f' = {_source(default)}' if default is not None else ''}"


def _source(node: ast.expr) -> str:
    return ast.unparse(node).replace("'", '"')


def fields(cls: ast.ClassDef) -> Iterator[Member]:
    """Yield the fields, properties and public methods of a class, each with its docstring."""
    for node, after in zip(cls.body, [*cls.body[1:], None], strict=True):
        name = _target(node)
        if isinstance(node, ast.AnnAssign) and name is not None:
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            yield Member(name, _declared(name, node.annotation, node.value), _clean(str(text)))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            listed = ", ".join(each.name for each in parameters(node))
            is_property = any(ast.unparse(each) == "property" for each in node.decorator_list)
            returned = ast.unparse(node.returns) if node.returns else ""
            shown = f"{node.name}: {returned}" if is_property else f"{node.name}({listed})"
            yield Member(node.name, shown, _clean(ast.get_docstring(node) or ""))


def declared_names(cls: ast.ClassDef) -> set[str | None]:
    """Return the names of the fields that a class declares."""
    return {_target(node) for node in cls.body}


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def entry(module: str, name: str, without_parameters: bool = False) -> str:
    """Return the entry of one name in Markdown."""
    node = definition(module, name)
    if isinstance(node, ast.AnnAssign):
        return _alias(module, name, node)
    assert isinstance(node, (ast.ClassDef, ast.FunctionDef))
    text = ast.get_docstring(node) or ""
    if isinstance(node, ast.FunctionDef):
        return _described(text, parameters(node), without_parameters)
    made = next((each for each in node.body if getattr(each, "name", "") == "__init__"), None)
    is_error = any(ast.unparse(base) in ("ValueError", "UserWarning") for base in node.bases)
    if isinstance(made, ast.FunctionDef) and not is_error:
        listed = [each for each in fields(node) if each.name not in declared_names(node)]
        return "\n\n".join([_described(text, parameters(made), without_parameters), "Methods:", _bullets(listed)])
    bases = f"A `{ast.unparse(node.bases[0])}`.\n\n" if is_error else ""
    listed = [*fields(node)]
    return f"{bases}{_described(text, [], without_parameters)}\n\n{_bullets(listed)}"


def _alias(module: str, name: str, node: ast.AnnAssign) -> str:
    """Return the entry of a type alias, whose docstring follows it."""
    path = ROOT.joinpath("src", *module.split(".")).with_suffix(".py")
    body = ast.parse(path.read_text(encoding="utf-8")).body
    place = next(number for number, each in enumerate(body) if _target(each) == name)
    after: Any = body[place + 1]
    assert node.value is not None
    return f"`{ast.unparse(node.value)}`\n\n{_filled(_clean(after.value.value))}"


def _described(text: str, members: list[Member], without_parameters: bool) -> str:
    """Return a docstring with the types and defaults put into its list of parameters."""
    if without_parameters:
        text = re.sub(r":\n\n- `.*?(?=\n\n|\Z)", ".", text, flags=re.DOTALL)
    declared = {member.name: member.declared for member in members}
    blocks = []
    for block in text.split("\n\n"):
        if _BULLET.match(block):
            items = re.split(r"\n(?=- )", block)
            blocks.append("\n".join(_filled(_with_type(_clean(item), declared), "  ") for item in items))
        else:
            blocks.append(_filled(_clean(block)))
    return "\n\n".join(blocks)


def _with_type(item: str, declared: dict[str, str]) -> str:
    name = item[3 : item.index("`", 3)]
    return f"- `{declared.get(name, name)}`\\\n  {_sentence(item.partition(': ')[2])}"


def _bullets(members: list[Member]) -> str:
    return "\n".join(_filled(f"- `{each.declared}`\\\n  {_sentence(each.text)}", "  ") for each in members)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _filled(text: str, indent: str = "") -> str:
    first, slash, rest = text.partition("\\\n")
    if slash:
        wrapped = textwrap.fill(
            rest.strip(), 120, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
        return f"{first}{slash}{wrapped}"
    return textwrap.fill(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def schema_entry(command: str) -> str:
    """Return the keys of a command's JSON document, or of an object in one, from the schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"][command]
    lines = []
    for name, value in schema["properties"].items():
        lines.append(_filled(f"- `{name}`: {_kind(value)}\\\n  {value['description']}", "  "))
    return "\n".join(lines)


def _kind(value: dict[str, Any]) -> str:
    if "anyOf" in value:
        return " or ".join(map(_kind, value["anyOf"]))
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name}-object)"
    if "enum" in value:
        return " or ".join(f"`{json.dumps(each)}`" for each in value["enum"])
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}" if "items" in value else "pairs"
    return str(value.get("type", "any value"))


def page(text: str) -> str:
    """Return the page with every entry written anew."""
    text = PLACE.sub(lambda found: f"{found[1]}\n{entry(found[2], found[3], bool(found[4]))}\n\n{found[5]}", text)
    return JSON_PLACE.sub(lambda found: f"{found[1]}\n{schema_entry(found[2])}\n\n{found[3]}", text)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE.relative_to(ROOT), file=sys.stderr)
