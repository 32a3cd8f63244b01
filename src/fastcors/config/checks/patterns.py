"""The checks of `allow_origin_patterns`."""

from collections.abc import Iterator
from typing import Any

from ...origins.patterns import OriginPatternError, parse_origin_pattern
from ...problems import ConfigProblem
from ...standard.hosts import is_local
from ..members import members
from .origin_texts import insecure


def pattern_problems(patterns: Any, credentials: bool) -> Iterator[ConfigProblem]:
    """Yield the problems of each of `patterns`, a collection or a single pattern."""
    for pattern in members(patterns):
        try:
            parts = parse_origin_pattern(pattern)
        except OriginPatternError as error:
            yield error.problem
            continue
        if credentials and parts.scheme == "http" and not is_local(parts.host):
            yield insecure(pattern).in_parameter("allow_origin_patterns", pattern)
