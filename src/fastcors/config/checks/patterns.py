"""The checks of `allow_origin_patterns`."""

from collections.abc import Iterator
from typing import Any

from ...origins.patterns import OriginPatternError, parse_origin_pattern
from ...problems import ConfigProblem, shown
from ...standard.hosts import is_local
from ...standard.origins import DEFAULT_PORTS
from ...standard.plain import read_pattern
from ..members import members
from .gate import passes
from .origin_texts import insecure


def pattern_problems(patterns: Any, credentials: bool) -> Iterator[ConfigProblem]:
    """Yield the problems of each of `patterns`, a collection or a single pattern."""
    for pattern in members(patterns):
        try:
            parts = parse_origin_pattern(pattern)
        except OriginPatternError as error:
            yield _with_safe_fix(error) if credentials else error.problem
            continue
        if credentials and parts.scheme == "http" and not is_local(parts.host):
            yield insecure(over_https(pattern)).in_parameter("allow_origin_patterns", pattern)


def _with_safe_fix(error: OriginPatternError) -> ConfigProblem:
    """Return the problem of a pattern with a fix that is safe with credentials: neither http nor every origin."""
    if 'allow_origins=["*"]' in error.problem.fix:
        return error.problem._replace(
            fix="List the origins that you trust; '*' is not safe with allow_credentials=True."
        )
    if error.instead:
        parts = parse_origin_pattern(error.instead)
        if parts.scheme == "http" and not is_local(parts.host):
            fix = f"Write {shown(over_https(error.instead))}, and serve the pages over https."
            return error.problem._replace(fix=fix)
    return error.problem


def over_https(pattern: str) -> str:
    """Return the pattern for the same hosts over https, or an empty text if that may not be proposed."""
    value = f"https{pattern[4:]}".removesuffix(f":{DEFAULT_PORTS['https']}")
    return value if read_pattern(pattern) and passes("allow_origin_patterns", value, pattern, True) else ""


def sound_patterns(patterns: Any) -> tuple[str, ...]:
    """Return those of `patterns` that the middleware accepts."""
    return tuple(pattern for pattern in members(patterns) if _is_taken(pattern))


def _is_taken(pattern: Any) -> bool:
    try:
        parse_origin_pattern(pattern)
    except OriginPatternError:
        return False
    return True
