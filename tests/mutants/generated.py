"""Makes small faults of a Python file: comparisons, conditions, numbers and return values, one changed at a time.

They are not stored. A number of them is drawn by a seed and their own text, so that a change of one line leaves the
faults of other lines as they are.
"""

import ast
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias


class Change(NamedTuple):
    """A fault of a file."""

    file: str
    told: str
    """The function and the change."""
    old: str
    new: str

    @property
    def name(self) -> str:
        """It stays the same when lines move."""
        return f"g-{hashlib.sha256(self.told.encode()).hexdigest()[:8]}"


_COMPARISONS: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.LtE(),
    ast.LtE: ast.Lt(),
    ast.Gt: ast.GtE(),
    ast.GtE: ast.Gt(),
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
}
# What has no meaning while the program runs, or is no code of its own.
_LEFT_OUT = (ast.JoinedStr, ast.Import, ast.ImportFrom)
_Places: TypeAlias = Iterator[tuple[str, ast.expr, ast.expr]]


def drawn(texts: dict[str, str], seed: int, count: int) -> list[Change]:
    """Return `count` of all changes of these files."""
    every = [change for file, text in texts.items() for change in changes(file, text)]
    return sorted(every, key=lambda change: hashlib.sha256(f"{seed} {change.told}".encode()).digest())[:count]


def changes(file: str, text: str) -> Iterator[Change]:
    """Yield each change that is made of a file."""
    lines = text.splitlines(keepends=True)
    seen: Counter[str] = Counter()
    for function, node, instead in _places(ast.parse(text), ""):
        start, stop = _offset(lines, node.lineno, node.col_offset), _offset(lines, node.end_lineno, node.end_col_offset)
        changed = f"{text[:start]}({ast.unparse(instead)}){text[stop:]}"
        told = f"{file}, {function or 'module'}: {ast.unparse(node)} becomes {ast.unparse(instead)}"
        seen[told] += 1
        yield Change(file, told if seen[told] == 1 else f"{told} ({seen[told]})", *_unique(text, changed, start, stop))


def _offset(lines: list[str], line: int | None, column: int | None) -> int:
    assert line is not None
    assert column is not None
    # `ast` counts columns in bytes.
    before = lines[line - 1].encode("utf-8")[:column].decode("utf-8")
    return sum(map(len, lines[: line - 1])) + len(before)


def _unique(text: str, changed: str, start: int, stop: int) -> tuple[str, str]:
    """Return the old and the new text around a change, so far that the old one occurs once."""
    after = len(text) - stop
    margin = 0
    while text.count(text[max(0, start - margin) : stop + margin]) != 1:
        margin += 10
    begin, rest = max(0, start - margin), max(0, after - margin)
    return text[begin : len(text) - rest], changed[begin : len(changed) - rest]


def _places(node: ast.AST, function: str) -> _Places:
    """Yield each expression that can be changed, the function that it stands in, and what it becomes."""
    if isinstance(node, _LEFT_OUT):
        return
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        function = f"{function}.{node.name}".lstrip(".")
    for child in _children(node):
        if isinstance(child, ast.expr):
            for instead in _instead(child):
                yield function, child, instead
        yield from _places(child, function)
    if isinstance(node, (ast.If, ast.While, ast.IfExp)) and not _is_changed(node.test):
        yield function, node.test, ast.UnaryOp(ast.Not(), node.test)
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield function, node.value, ast.Constant(None)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is below a node, without annotations, decorators, docstrings and what is for type checkers."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_of_types(child):
                yield child


def _is_of_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _instead(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what an expression becomes."""
    for kind, change in _KINDS.items():
        if isinstance(node, kind):
            yield from change(node)


def _compared(node: ast.Compare) -> Iterator[ast.expr]:
    if len(node.ops) == 1:
        yield ast.Compare(node.left, [_COMPARISONS[type(node.ops[0])]], node.comparators)


def _joined(node: ast.BoolOp) -> Iterator[ast.expr]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _negated(node: ast.UnaryOp) -> Iterator[ast.expr]:
    if isinstance(node.op, ast.Not):
        yield node.operand


def _calculated(node: ast.BinOp) -> Iterator[ast.expr]:
    if isinstance(node.op, (ast.Add, ast.Sub)):
        yield ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)


def _constant(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)


_KINDS: dict[type[ast.expr], Callable[..., Iterator[ast.expr]]] = {
    ast.Compare: _compared,
    ast.BoolOp: _joined,
    ast.UnaryOp: _negated,
    ast.BinOp: _calculated,
    ast.Constant: _constant,
}


def _is_changed(node: ast.expr) -> bool:
    """Tell whether the opposite of a condition is made of it already."""
    return isinstance(node, (ast.Compare, ast.UnaryOp)) and any(True for _ in _instead(node))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
