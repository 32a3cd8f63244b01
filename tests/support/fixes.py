"""Reads from a fix the values that a user would paste."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from fastcors import ConfigProblem

# The text before a value to paste.
_BEFORE = re.compile(r"(?:Write|such as|on its own:) (?:(allow_\w+)=)?(?=r?['\"\[])")


def values_in(problem: ConfigProblem) -> Iterator[tuple[str, str]]:
    """Yield each parameter and value that `problem` proposes, a list one by one."""
    if problem.code == "origin-container-name":
        return  # an example
    for found in _BEFORE.finditer(problem.fix):
        value = _first_literal(problem.fix[found.end() :])
        for each in value if isinstance(value, list) else [value]:
            yield found[1] or problem.parameter, each


def _first_literal(text: str) -> Any:
    for end in range(len(text), 0, -1):
        try:
            value = ast.literal_eval(text[:end])
        except (SyntaxError, ValueError):
            continue
        if isinstance(value, str) or (isinstance(value, list) and ... not in value):
            return value
    return []
