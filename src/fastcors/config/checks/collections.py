"""The checks that all parameters with a collection of strings share."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import Any

from ...problems import ConfigProblem, class_name, holds_secret, pasted, problem, shown
from ...standard.forbidden import is_forbidden_method
from ...standard.headers import holds_line_break, is_token
from ..members import is_text, members, plain, texts, truth, type_name

MOST_OF_A_CODE = 10
"""The most problems of one code that are reported one by one; the rest are only counted."""
MOST_EXAMINED = 500
"""The most members of unusual form that are examined. Each takes a hundred times as long as a usual one."""
_LONGEST = 10_000
"""The most characters of a string whose values are proposed as a list."""


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


def collection_problems(
    parameter: str, value: Any, found: list[Any], credentials: bool = False
) -> Iterator[ConfigProblem]:
    """Yield the problems that a collection and its members, `found`, have in any parameter."""
    yield from shape_problems(parameter, value, credentials)
    # Every origin is allowed, so any other member of the list has no effect.
    moot = parameter == "allow_origins" and "*" in texts(found)
    others = 0
    for member in found:
        if type(member) is not str:
            others += 1
            if others > MOST_EXAMINED:
                continue
            fault = _not_a_string(parameter, member, credentials)
            yield fault._replace(severity="note") if moot else fault
        elif holds_line_break(member):
            yield line_break(parameter, member)


def needless_problems(parameter: str, found: list[str]) -> Iterator[ConfigProblem]:
    """Yield notes about empty and repeated members."""
    empty = next((each for each in found if not each.strip()), None)
    if empty is not None:
        fix = "Leave it out, as in [value for value in text.split(',') if value]."
        yield problem("nothing-set", parameter, empty, "it is empty, so it has no effect.", fix)
    if len(set(found)) < len(found):
        for text, count in Counter(found).items():
            if count > 1 and text.strip():
                fix = "Keep it once."
                yield problem("duplicate-entry", parameter, text, f"it is in the list {count} times.", fix)


def shape_problems(parameter: str, value: Any, credentials: bool = False) -> Iterator[ConfigProblem]:
    """Yield a problem if `value` is not a collection. Its members are not checked here."""
    is_collection = issubclass(type(value), (Container, Iterable)) and type(value) not in (bytes, bytearray)
    if is_text(value):
        if plain(value) != "*":
            yield string_for_list(parameter, plain(value), credentials)
    # Starlette ignores any false value of `expose_headers`.
    elif not is_collection and (parameter != "expose_headers" or truth(value)):
        reason = "it is not a collection of strings, so the middleware raises a TypeError."
        if value is None:
            reason = f"{reason} Perhaps a variable is not set."
        fix = f"Write {parameter}=[...], or leave it out."
        yield problem("not-a-collection", parameter, value, reason, fix)


def string_for_list(parameter: str, value: str, credentials: bool = True) -> ConfigProblem:
    reason = (
        "it is a string, but a collection of strings belongs here. It is taken as one value; otherwise its characters "
        "and substrings would count as values."
    )
    return problem("string-for-list", parameter, value, reason, _list_to_write(parameter, value, credentials))


def values_in(parameter: str, value: str) -> list[str]:
    """Return the values that the string `value` lists, as an environment variable does."""
    # Imported late: most configurations never need it.
    from .origin_texts import are_apart, split

    # A colon in another parameter separates the name of a header from its value.
    is_one = ":" in value and parameter not in ("allow_origins", "allow_origin_patterns")
    # A password may contain a separator, and no part of it may be shown.
    is_one = is_one or holds_secret(value)
    values = [value] if is_one else split(value)
    return [value] if parameter == "allow_origins" and len(values) > 1 and not are_apart(value) else values


def is_several(value: Any, values: list[str]) -> bool:
    """Tell whether the string `value` is the text of a list, rather than the only one of `values`."""
    return len(values) > 1 or (len(values) == 1 and str(value).lstrip().startswith("[") and values != [value])


def _list_to_write(parameter: str, value: str, credentials: bool) -> str:
    is_long = len(value) > _LONGEST
    values = [] if is_long else values_in(parameter, value)
    sound = None if is_long or len(values) > MOST_OF_A_CODE else _sound_values(parameter, values, credentials)
    text = "" if sound is None else pasted(sound)
    if not text:
        if parameter == "allow_origins" and value.lower() in ("all", "any") and not credentials:
            return f"Write {parameter}=['*'] if every site may read the responses."
        return f"Split it into a list, one value each: {parameter}=[...]."
    json = value.lstrip().startswith("[") and is_several(value, values)
    return f"Write {parameter}={text}{', or read the list with json.loads' if json else ''}."


def _sound_values(parameter: str, values: list[str], credentials: bool) -> list[str] | None:
    """Return `values` as they have to be written, or None if that is unclear for one of them."""
    if parameter != "allow_origins" and any(map(holds_secret, values)):
        return None
    if parameter == "allow_origins":
        from .meant import meant_by

        meant = [meant_by(each, credentials) for each in values]
        return None if None in meant else list(dict.fromkeys(each for each in meant if each))
    if parameter == "allow_origin_patterns":
        from .gate import passes

        return values if all(passes(parameter, each, each, credentials) for each in values) else None
    if parameter == "allow_methods":
        return _sound_methods(values)
    return values if all(map(is_token, values)) else None


def _sound_methods(values: list[str]) -> list[str] | None:
    """Return `values` in upper case, or None if one of them is not a method that scripts may send."""
    sound = all(is_token(value) and not is_forbidden_method(value) for value in values)
    return [value.upper() for value in values] if sound else None


def line_break(parameter: str, value: str) -> ConfigProblem:
    reason = "it contains CR, LF or NUL, which would make the header malformed (RFC 9110, section 5.5)."
    return problem("line-break", parameter, value, reason, "Remove them, for instance with value.strip().")


def not_a_token(code: str, parameter: str, text: str, what: str) -> ConfigProblem:
    """Return the problem of a method or a header name that is not a token."""
    parts = [] if holds_secret(text) else re.findall(r"[^\s,;]+", text.partition(":")[0])
    fix = "Remove it."
    sound = _sound_values(parameter, parts, True)
    if sound and pasted(sound):
        fix = f"Write {shown(sound[0])}." if len(sound) == 1 else f"Write {pasted(sound)}, each on its own."
    reason = (
        f"it is not a valid {what}. Letters, digits and some signs are allowed, but no spaces (RFC 9110, section "
        f"5.6.2)."
    )
    return problem(code, parameter, text, reason, fix)


def _not_a_string(parameter: str, value: object, credentials: bool) -> ConfigProblem:
    name = type_name(value)
    effect = "it never equals an Origin header"
    if parameter != "allow_origins":
        effect = "the middleware raises a TypeError"
    if value is None:
        reason = f"it is not a string, so {effect}. Perhaps a variable is not set."
        fix = "Set it where the app runs, or leave it out, as in [value for value in values if value]."
        return problem("not-a-string", parameter, value, reason, fix)
    if type(value) in (list, tuple, set, frozenset):
        reason = f"this entry is a {name}, not a string, so {effect}."
        flat = "[...] with its members, each a string"
        held = members(value)
        if len(held) <= MOST_OF_A_CODE and all(type(member) is str for member in held):
            sound = _sound_values(parameter, held, credentials)
            flat = flat if sound is None else pasted(sound) or flat
        return problem("not-a-string", parameter, value, reason, f"Write {parameter}={flat}.")
    if parameter != "allow_origins":
        reason, fix = f"{name} is not a string, so {effect}.", "Write the name as a string."
    elif any("url" in class_name(cls).lower() for cls in type.__dict__["__mro__"].__get__(type(value))):
        reason = f"{name} is not a string, so {effect}. Its text also ends with a slash."
        fix = "Write the origin as a string that ends with the host or the port."
        return problem("origin-url-object", parameter, value, reason, fix)
    else:
        reason = f"{name} is not a string, so {effect}."
        fix = "Write the origin as a string, or give a compiled pattern as allow_origin_regex."
    return problem("not-a-string", parameter, value, reason, fix)
