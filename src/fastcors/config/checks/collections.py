"""The checks that all parameters with a collection of strings share."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import Any

from ...problems import ConfigProblem, problem, shown
from ...standard.headers import holds_line_break, is_token
from ..members import members

MOST_OF_A_CODE = 10
"""The most problems of one code that are reported one by one; the rest are only counted."""


def capped(problems: Iterable[ConfigProblem]) -> tuple[ConfigProblem, ...]:
    """Return the first `MOST_OF_A_CODE` of `problems` for each code and parameter."""
    kept: list[ConfigProblem] = []
    counts: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], int] = {}
    for each in problems:
        kind = each.code, each.parameter
        counts[kind] += 1
        if counts[kind] <= MOST_OF_A_CODE:
            last[kind] = len(kept)
            kept.append(each)
    for kind, at in last.items():
        more = counts[kind] - MOST_OF_A_CODE
        if more > 0:
            reason = f"{kept[at].reason} At least {more:,} more have the same problem."
            kept[at] = kept[at]._replace(reason=reason, more=more)
    return tuple(kept)


def collection_problems(parameter: str, value: Any) -> Iterator[ConfigProblem]:
    """Yield the problems of a collection and its members, whatever they mean."""
    yield from shape_problems(parameter, value)
    for member in members(value):
        if not isinstance(member, str):
            yield _not_a_string(parameter, member)
        elif holds_line_break(member):
            yield line_break(parameter, member)


def shape_problems(parameter: str, value: Any) -> Iterator[ConfigProblem]:
    """Yield a problem if `value` is not a collection, whatever its members are."""
    is_collection = isinstance(value, (Container, Iterable)) and not isinstance(value, (bytes, bytearray))
    if isinstance(value, str) and value != "*":
        yield string_for_list(parameter, value)
    # Starlette ignores any false value of `expose_headers`.
    elif not is_collection and (value or parameter != "expose_headers"):
        reason = "it is no collection of strings, which is a TypeError."
        fix = f"Write {parameter}=[...], or leave it out."
        yield problem("not-a-collection", parameter, value, reason, fix)


def string_for_list(parameter: str, value: str) -> ConfigProblem:
    reason = (
        "a string where a collection of strings belongs. It is taken as one value, because its characters and "
        "substrings would count as values otherwise."
    )
    return problem("string-for-list", parameter, value, reason, _list_to_write(parameter, value))


def values_in(parameter: str, value: str) -> list[str]:
    """Return the values that the string `value` lists, as an environment variable does."""
    # Imported late: most configurations never need it.
    from .origin_texts import split

    # A colon in another parameter separates the name of a header from its value.
    is_one = ":" in value and parameter not in ("allow_origins", "allow_origin_patterns")
    return [value] if is_one else split(value)


def is_several(value: Any, values: list[str]) -> bool:
    """Tell whether the string `value` is the text of a list, rather than the only one of `values`."""
    return len(values) > 1 or (len(values) == 1 and str(value).lstrip().startswith("[") and values != [value])


def _list_to_write(parameter: str, value: str) -> str:
    values = values_in(parameter, value)
    if parameter == "allow_origins":
        from .origin_syntax import meant_by

        values = [meant_by(each) or each for each in values]
    fix = f"Write {parameter}=[{', '.join(map(shown, values))}]."
    if not is_several(value, values) or len(values) > MOST_OF_A_CODE:
        return fix if len(values) <= MOST_OF_A_CODE else f"Split it into a list, one value each: {parameter}=[...]."
    if value.lstrip().startswith("["):
        return f"{fix[:-1]}, or read the list with json.loads."
    return fix


def line_break(parameter: str, value: str) -> ConfigProblem:
    reason = "CR, LF and NUL would make a malformed header of it (RFC 9110, section 5.5)."
    return problem("line-break", parameter, value, reason, "Remove them, for instance with value.strip().")


def not_a_token(code: str, parameter: str, text: str, what: str) -> ConfigProblem:
    """Return the problem of a method or a header name that is not a token."""
    parts = re.findall(r"[^\s,;]+", text.partition(":")[0])
    fix = f"Write {shown(parts)}, each on its own."
    if len(parts) < 2:
        fix = f"Write {shown(parts[0])}." if parts and is_token(parts[0]) else "Remove it."
    reason = f"it is no {what}: a token of letters, digits and some signs, without spaces (RFC 9110, section 5.6.2)."
    return problem(code, parameter, text, reason, fix)


def _not_a_string(parameter: str, value: object) -> ConfigProblem:
    name = type(value).__name__
    if isinstance(value, (list, tuple, set, frozenset)):
        reason = f"a {name} stands where a string belongs, so there is a list inside the list."
        flat = shown(members(value))
        if not all(isinstance(member, str) for member in members(value)):
            flat = "[...] with its members, each a string"
        return problem("not-a-string", parameter, value, reason, f"Write {parameter}={flat}.")
    if parameter != "allow_origins":
        reason, fix = f"{name} is no string, which is a TypeError.", "Write the name as a string."
    elif any("url" in cls.__name__.lower() for cls in type(value).__mro__):
        reason = f"{name} is no string, so it never equals an Origin header, and the text of a URL ends with a slash."
        return problem("origin-url-object", parameter, value, reason, 'Write str(url).rstrip("/").')
    else:
        reason = f"{name} is no string, so it never equals an Origin header."
        fix = "Write the origin as a string, or give a compiled pattern as allow_origin_regex."
    return problem("not-a-string", parameter, value, reason, fix)
