"""The checks of `allow_methods` (Fetch standard, section 2.2.1)."""

from collections.abc import Iterator

from ...problems import ConfigProblem, pasted, problem, shown
from ...standard.forbidden import is_forbidden_method
from ...standard.headers import is_token
from ...standard.methods import ALL_METHODS, SAFELISTED_METHODS, normalized
from .collections import not_a_token


def method_problems(methods: list[str], _credentials: bool) -> Iterator[ConfigProblem]:
    """Yield the problems of `allow_methods`."""
    for method in methods:
        if not is_token(method):
            yield not_a_token("method-not-token", "allow_methods", method, "method")
        elif is_forbidden_method(method):
            reason = "no browser lets a script send it (Fetch, forbidden method)."
            yield problem("method-forbidden", "allow_methods", method, reason, "Remove it.")
        elif method != method.upper():
            yield _lower_case(method)
    if "*" in methods:
        yield from _any_method([method for method in methods if method != "*"])
    elif methods != ["GET"]:
        missing = [method for method in SAFELISTED_METHODS if method not in methods]
        if missing:
            yield _safelisted_missing(methods, missing)


def _lower_case(method: str) -> ConfigProblem:
    reason = "methods are case-sensitive, so this only allows scripts that write it the same way."
    if normalized(method) != method:
        reason = "methods are case-sensitive, and a browser sends this one in upper case, so it never matches."
    fix = f"Write {shown(method.upper())}."
    if method.upper() in ("ALL", "ANY"):
        fix = "Write '*' if every method is meant."
    return problem("method-lower-case", "allow_methods", method, reason, fix)


def _any_method(others: list[str]) -> Iterator[ConfigProblem]:
    dropped = [method for method in others if method not in ALL_METHODS]
    if others:
        effect = f"{shown(dropped[0])} is refused." if dropped else "the other entries have no effect."
        reason = f"it stands for {', '.join(ALL_METHODS)} and nothing else, so {effect}"
        fix = f"Write allow_methods={pasted(_with_own(dropped)) or '[...] with each method'}."
        yield problem("method-asterisk-beside-others", "allow_methods", "*", reason, fix)


def _with_own(dropped: list[str]) -> list[str]:
    """Return the methods that `*` stands for, and those among `dropped` that a browser can send."""
    own = dict.fromkeys(method.upper() for method in dropped if is_token(method) and not is_forbidden_method(method))
    return [*ALL_METHODS, *(method for method in own if method not in ALL_METHODS)] if own else ["*"]


def _safelisted_missing(methods: list[str], missing: list[str]) -> ConfigProblem:
    reason = (
        f"a browser sends {', '.join(missing)} without a preflight, so leaving them out forbids nothing. If a header "
        f"causes a preflight, they are refused."
    )
    fix = f"Add {', '.join(map(shown, missing))} if such requests should pass."
    return problem("method-safelisted-missing", "allow_methods", methods, reason, fix)
