"""The arrows of the package: which part may import which, and that no imports form a circle.

Every import counts, also those inside functions and those for types alone.
"""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import fastcors

PACKAGE = Path(fastcors.__file__).parent

# Each part imports only from its own floor, within its own folder, or from floors below. The lowest floor comes first.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("version", "standard"),
    ("types", "problems"),
    ("origins", "refusals"),
    ("core", "config", "origin_function"),
    ("websocket_origins", "failed_start"),
    ("slow_path",),
    ("compiling", "browser"),
    ("middleware",),
    ("explain", "outermost", "installed"),
    ("cli",),
    ("__init__", "__main__"),
)
FLOOR = {part: number for number, parts in enumerate(FLOORS) for part in parts}


class Arrow(NamedTuple):
    source: str
    target: str
    line: int


def module_name(path: Path) -> str:
    """Return the name of a module within the package; that of a folder for its `__init__`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported(module: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield the modules of this package that one import statement in `module` names."""
    path = MODULES[module]
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        folder = path.relative_to(PACKAGE.parent).parent.parts
        base = ".".join(folder[: len(folder) - node.level + 1]) if node.level else ""
        start = ".".join(filter(None, (base, node.module)))
        names = [f"{start}.{alias.name}" for alias in node.names]
    for name in names:
        package, _, rest = name.partition(".")
        if package == PACKAGE.name:
            yield rest if rest in MODULES else rest.rpartition(".")[0] or "__init__"


def arrows() -> Iterator[Arrow]:
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for target in imported(module, node):
                    if target != module:
                        yield Arrow(module, target, node.lineno)


ARROWS = tuple(arrows())


def part(module: str) -> str:
    return module.partition(".")[0]


def points_up(arrow: Arrow) -> bool:
    source, target = part(arrow.source), part(arrow.target)
    return source != target and FLOOR[target] >= FLOOR[source]


def test_every_part_has_a_floor() -> None:
    assert {part(module) for module in MODULES} == set(FLOOR)


def test_the_arrows_are_found() -> None:
    found = {(arrow.source, arrow.target) for arrow in ARROWS}
    assert ("__init__", "middleware") in found
    assert ("middleware", "browser.decision") in found, "imported inside a function"
    assert ("config.attributes", "standard.headers") in found, "from two folders above"
    assert len(found) > 2 * len(MODULES)


def test_no_arrow_points_up() -> None:
    up = [f"{arrow.source} (line {arrow.line}) imports {arrow.target}" for arrow in ARROWS if points_up(arrow)]
    assert not up, "\n".join(up)


def test_an_arrow_that_points_up_is_seen() -> None:
    assert points_up(Arrow("standard.headers", "problems", 1))
    assert points_up(Arrow("config.value", "core.policy", 1)), "parts of one floor do not know each other"
    assert not points_up(Arrow("config.value", "config.parameters", 1))


def test_there_is_no_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for arrow in ARROWS:
        graph[arrow.source].add(arrow.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
