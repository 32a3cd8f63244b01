"""What is wrong with a parameter that takes a collection of strings, whatever the strings mean."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import Any

from ...problems import ConfigProblem, problem, shown
from ...standard.headers import holds_line_break
from ..members import members

MOST_OF_A_CODE = 10
"""How many problems of one code are told apart; of those beyond there is only their number."""


def capped(problems: Iterable[ConfigProblem]) -> tuple[ConfigProblem, ...]:
    """Return `problems` with no more than `MOST_OF_A_CODE` for each code and parameter."""
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
            kept[at] = kept[at]._replace(reason=f"{kept[at].reason} At least {more:,} more have the same problem.")
    return tuple(kept)


def collection_problems(parameter: str, value: Any) -> Iterator[ConfigProblem]:
    """Yield what is wrong with a collection, whatever its members mean."""
    yield from shape_problems(parameter, value)
    for member in members(value):
        if not isinstance(member, str):
            yield _not_a_string(parameter, member)
        elif holds_line_break(member):
            yield line_break(parameter, member)


def shape_problems(parameter: str, value: Any) -> Iterator[ConfigProblem]:
    """Yield what is wrong with what stands where a collection belongs, whatever is in it."""
    if isinstance(value, str):
        if value != "*":
            yield string_for_list(parameter, value)
    elif not isinstance(value, (Container, Iterable)) or isinstance(value, (bytes, bytearray)):
        yield from _not_a_collection(parameter, value)


def _not_a_collection(parameter: str, value: object) -> Iterator[ConfigProblem]:
    # Of what exposes nothing Starlette looks no further at.
    if value or parameter != "expose_headers":
        reason = "it is no collection of strings, which is a TypeError."
        fix = f"Write {parameter}=[...], or leave it out."
        yield problem("not-a-collection", parameter, value, reason, fix)


def string_for_list(parameter: str, value: str) -> ConfigProblem:
    return problem(
        "string-for-list",
        parameter,
        value,
        "a string where a collection of strings belongs. It is taken as one value, because its characters and "
        "substrings would count as values otherwise.",
        _list_to_write(parameter, value),
    )


def values_in(parameter: str, value: str) -> list[str]:
    """Return the values that were meant with the one string `value`, such as that of an environment variable."""
    # Here, because most configurations do without.
    from .origin_texts import split

    if parameter not in ("allow_origins", "allow_origin_patterns") and ":" in value:
        # The value of a header beside its name.
        return [value]
    return split(value)


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


def _flat(value: Any) -> str:
    listed = members(value)
    return shown(listed) if all(isinstance(each, str) for each in listed) else "[...] with its members, each a string"


def line_break(parameter: str, value: str) -> ConfigProblem:
    return problem(
        "line-break",
        parameter,
        value,
        "CR, LF and NUL would make a malformed header of it (RFC 9110, section 5.5).",
        "Remove them, for instance with value.strip().",
    )


def _not_a_string(parameter: str, value: object) -> ConfigProblem:
    name = type(value).__name__
    if isinstance(value, (list, tuple, set, frozenset)):
        reason = f"a {name} stands where a string belongs, so there is a list inside the list."
        return problem("not-a-string", parameter, value, reason, f"Write {parameter}={_flat(value)}.")
    if parameter != "allow_origins":
        reason, fix = f"{name} is no string, which is a TypeError.", "Write the name as a string."
    elif any("url" in cls.__name__.lower() for cls in type(value).__mro__):
        reason = f"{name} is no string, so it never equals an Origin header, and the text of a URL ends with a slash."
        return problem("origin-url-object", parameter, value, reason, 'Write str(url).rstrip("/").')
    else:
        reason = f"{name} is no string, so it never equals an Origin header."
        fix = "Write the origin as a string, or give a compiled pattern as allow_origin_regex."
    return problem("not-a-string", parameter, value, reason, fix)
