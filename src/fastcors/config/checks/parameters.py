"""Runs all checks of a configuration, in the order of the parameters."""

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ...problems import ConfigProblem, problem, shown
from ...standard.headers import holds_line_break
from ..members import is_inspected, is_text, members, plain, texts, truth, type_name
from ..parameters import Parameters
from .accept import accept_problems, marked
from .collections import (
    capped,
    collection_problems,
    is_several,
    line_break,
    needless_problems,
    shape_problems,
    values_in,
)
from .headers import request_header_problems, response_header_problems
from .methods import method_problems
from .origins import origin_problems

_CAP = 86400


def problems_of(parameters: Parameters) -> tuple[ConfigProblem, ...]:
    """Return the problems of `parameters`, and notes about them."""
    return marked(capped(_all(parameters)), parameters.accept)


def _all(parameters: Parameters) -> Iterator[ConfigProblem]:
    yield from _collection_problems(parameters, "allow_origins", _origin_check(parameters))
    yield from _without_effect(parameters)
    yield from _collection_problems(parameters, "allow_methods", method_problems)
    yield from _collection_problems(parameters, "allow_headers", request_header_problems)
    yield from _boolean_problems("allow_credentials", parameters.allow_credentials)
    yield from _regex_problems(parameters)
    yield from _boolean_problems("allow_private_network", parameters.allow_private_network)
    yield from _collection_problems(parameters, "expose_headers", response_header_problems)
    yield from _max_age_problems(parameters.max_age)
    yield from _own_problems(parameters)


def _regex_problems(parameters: Parameters) -> Iterator[ConfigProblem]:
    regex = plain(parameters.allow_origin_regex)
    if regex is None:
        return
    if type(regex) is str and not regex.strip():
        reason = "it is empty, so it has no effect."
        yield problem("nothing-set", "allow_origin_regex", regex, reason, "Leave it out, or give None.")
        return
    if not issubclass(type(regex), (str, re.Pattern)):
        yield no_pattern(regex)
        return
    # Imported late: most configurations have no regex.
    from .regex import regex_problems

    with warnings.catch_warnings():
        # Python warns about a set that begins with a bracket. If warnings are errors, `problems` would raise it.
        warnings.simplefilter("ignore", FutureWarning)
        found = list(regex_problems(regex, truth(parameters.allow_credentials)))
    # Beside `*` a pattern has no effect, but one that does not compile is still raised.
    moot = "*" in texts(parameters.allow_origins, ordered=False)
    yield from (each for each in found if not moot or each.code in _RAISED)


_RAISED = frozenset({"regex-does-not-compile", "not-a-string", "pattern-malformed", "pattern-too-wide"})


def no_pattern(regex: Any) -> ConfigProblem:
    effect = "it cannot match an origin" if issubclass(type(regex), bytes) else "the middleware raises a TypeError"
    reason = f"it is neither a string nor a pattern compiled from one, so {effect}."
    return problem("not-a-string", "allow_origin_regex", regex, reason, "Write the pattern as a raw string.")


def _own_problems(parameters: Parameters) -> Iterator[ConfigProblem]:
    """Yield the problems of the parameters that Starlette's class does not have."""
    if truth(parameters.allow_origin_patterns):
        from .patterns import pattern_problems

        credentials = truth(parameters.allow_credentials)
        yield from shape_problems("allow_origin_patterns", parameters.allow_origin_patterns, credentials)
        moot = "*" in texts(parameters.allow_origins, ordered=False)
        found = pattern_problems(parameters.allow_origin_patterns, credentials)
        yield from (each for each in found if not moot or each.code in _RAISED)
    function: object = parameters.allow_origin_func
    if function is not None and not callable(function):
        reason, fix = (
            "it cannot be called, so the middleware raises a TypeError.",
            "Pass a function of origin and scope.",
        )
        yield problem("not-callable", "allow_origin_func", function, reason, fix)
    yield from _boolean_problems("check_websocket_origin", parameters.check_websocket_origin)
    yield from accept_problems(parameters.accept)


_Check: TypeAlias = Callable[[list[str], bool], Iterator[ConfigProblem]]


def _origin_check(parameters: Parameters) -> _Check:
    def check(origins: list[str], credentials: bool) -> Iterator[ConfigProblem]:
        return origin_problems(origins, credentials, parameters.allow_origin_patterns, parameters.allow_origin_regex)

    return check


def _collection_problems(parameters: Parameters, parameter: str, check: _Check) -> Iterator[ConfigProblem]:
    value, credentials = getattr(parameters, parameter), truth(parameters.allow_credentials)
    # Called once, because sorting a large set takes long.
    held = members(value)
    yield from collection_problems(parameter, value, held, credentials)
    if is_inspected(value):
        # If one string has several values, each is checked. That it is not a list was reported above.
        several = values_in(parameter, plain(value)) if is_text(value) and plain(value) != "*" else []
        found = texts(several if is_several(plain(value), several) else held)
        yield from check([text for text in found if text.strip()], credentials)
        yield from needless_problems(parameter, found)


_OF_ORIGINS = ("allow_origin_regex", "allow_origin_patterns", "allow_origin_func")


def _without_effect(parameters: Parameters) -> Iterator[ConfigProblem]:
    """Yield a problem if a parameter has no effect because every origin is allowed anyway."""
    other = next((name for name in _OF_ORIGINS if truth(getattr(parameters, name))), None)
    if other and "*" in texts(parameters.allow_origins, ordered=False):
        reason = f"it allows every origin, so {other} has no effect."
        fix = f"Remove '*' to allow only the origins of {other}, or remove {other}."
        yield problem("origin-asterisk-beside-others", "allow_origins", "*", reason, fix)


def _boolean_problems(parameter: str, value: object) -> Iterator[ConfigProblem]:
    fix = f"Write {parameter}=True or {parameter}=False."
    if is_text(value):
        meaning = "so it switches this on" if plain(value) else "so this one switches it off"
        reason = f"it is a string. Only an empty string counts as false, {meaning}."
        yield problem("not-a-boolean", parameter, value, reason, fix)
        return
    try:
        bool(value)
    except Exception as error:
        reason = f"bool() of it raises {_a(type_name(error))}, so nobody can tell whether it is on."
        yield problem("not-a-boolean", parameter, value, reason, fix)


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _max_age_problems(value: Any) -> Iterator[ConfigProblem]:
    if is_text(value) and holds_line_break(plain(value)):
        yield line_break("max_age", plain(value))
    elif not issubclass(type(value), int) or type(value) is bool:
        yield _not_an_integer(value)
    # Of `int` itself, which runs no override, also on PyPy.
    elif int.__lt__(value, 0):
        reason = (
            "it must not be negative (RFC 9111, section 1.2.2), so browsers cache a preflight for 5 seconds (Fetch)."
        )
        yield problem("max-age-negative", "max_age", value, reason, "Write max_age=0 to turn this cache off.")
    elif int.__gt__(value, _CAP):
        reason = f"no browser caches a preflight that long: Firefox stops at {_CAP} seconds, Chromium at 7200."
        yield problem(
            "max-age-above-cap", "max_age", value, reason, f"Write max_age={_CAP}, which has the same effect."
        )


def _not_an_integer(value: object) -> ConfigProblem:
    fix = "Write the seconds as an integer, such as max_age=600."
    try:
        text = plain(str(value))
    except Exception as error:
        reason = f"str() of it raises {_a(type_name(error))}, so there is no text for the header."
        return problem("max-age-not-integer", "max_age", value, reason, fix)
    reason = f"the header says {shown(text)}, which is not a number of seconds, so browsers cache a preflight for 5."
    if re.fullmatch("[0-9]+", text):
        reason = f"its type is {type_name(value)}, not int. It works, because its text is a number."
    return problem("max-age-not-integer", "max_age", value, reason, fix)
