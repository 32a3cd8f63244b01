"""The problems of a configuration, each with a code and a severity, and the warning and error that report them."""

import re
from typing import Any, Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]

COLLECTIONS = ("allow_origins", "allow_methods", "allow_headers", "expose_headers", "allow_origin_patterns")
"""The parameters that take a collection of strings."""

# These problems have the whole collection as their value. Others have one member of it.
_OF_THE_WHOLE = frozenset({"string-for-list", "not-a-collection", "method-safelisted-missing"})

_MOST_SHOWN = 120
_MOST_PASTED = 500
_MOST_READ = 1000


class ConfigProblem(NamedTuple):
    """One thing that is wrong with a configuration, or worth knowing about it.

    `str()` returns the message: the parameter with its value, the reason, the fix, and the code in brackets.
    """

    code: str
    """Its stable name, such as `origin-trailing-slash`. `docs/problems.md` has them all."""
    severity: Severity
    """`error`: cannot work as meant, or is dangerous. `warning`: likely a mistake, or unsafe. `note`: works, and is
    worth knowing; notes are neither emitted as warnings nor raised.
    """
    parameter: str
    """The parameter of `CORSMiddleware`."""
    value: Any
    """The wrong value: one member of a collection, or the whole value of the parameter."""
    reason: str
    """What is wrong, and what follows from it."""
    fix: str
    """What to write instead."""
    more: int = 0
    """On the last problem listed: how many other values of the parameter have the same problem, at least."""

    accepted: bool = False
    """The code is in `accept`, so the problem is neither emitted as a warning nor raised."""

    @property
    def subject(self) -> str:
        """The parameter with its value, as the message begins."""
        of_a_member = self.parameter in COLLECTIONS and self.code not in _OF_THE_WHOLE
        return f"{self.parameter}{' holds ' if of_a_member else '='}{shown(self.value)}"

    def __str__(self) -> str:
        return f"{'accepted: ' * self.accepted}{self.subject}: {self.reason} {self.fix} [{self.code}]"


class CORSConfigWarning(UserWarning):
    """Emitted at start-up, once for each code and parameter, for problems of severity `error` or `warning`."""

    problems: tuple[ConfigProblem, ...] = ()
    """The problems that the warning reports."""


class CORSConfigError(ValueError):
    """Raised instead of the warnings if `strict` is set, for all problems of severity `error` or `warning` together."""

    problems: tuple[ConfigProblem, ...]
    """The problems that the error reports."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        count = f"{len(self.problems)} problem{'s' * (len(self.problems) != 1)} in the CORS configuration:"
        return "\n- ".join([count, *map(str, self.problems)])


class Fault(NamedTuple):
    """A mistake in a value, whichever parameter holds the value."""

    code: str
    reason: str
    fix: str = ""
    severity: Severity | None = None
    """None means the severity of the code in `SEVERITIES`."""
    origin: str | None = None
    """An origin that an origin regex matches by mistake."""

    def in_parameter(self, parameter: str, value: object) -> ConfigProblem:
        """Return this fault as a problem of `parameter`, which holds `value`."""
        severity = self.severity or SEVERITIES[self.code]
        return ConfigProblem(self.code, severity, parameter, value, self.reason, self.fix)


def problem(code: str, parameter: str, value: object, reason: str, fix: str) -> ConfigProblem:
    """Return a problem with the severity of its code."""
    return ConfigProblem(code, SEVERITIES[code], parameter, value, reason, fix)


def shown(value: object, most: int = _MOST_SHOWN) -> str:
    """Return `value` as messages show it: shortened, with unprintable characters escaped and without passwords."""
    try:
        # The secret is removed before shortening, because only the end of a long text may show that it is one.
        secret: Any = value
        text = repr(without_secret(str.__str__(secret))[:_MOST_READ] if _is_text(value) else value)
    except Exception:
        text = f"<{class_name(type(value))}>"
    text = without_secret(text)[: max(_MOST_READ, most)]
    text = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    return text if len(text) <= most else text[: most - 3] + "..."


def class_name(cls: type) -> str:
    """Return the name of `cls`, whatever its metaclass defines."""
    return str(type.__dict__["__name__"].__get__(cls))


def pasted(value: object) -> str:
    """Return `value` as Python code to paste, or an empty text if it is too long or would have to be shortened."""
    text = repr(value)
    return text if shown(value, _MOST_PASTED) == text else ""


def _is_text(value: object) -> bool:
    # `isinstance` would ask the object for its `__class__`.
    return issubclass(type(value), str)


# An at sign, also encoded or in one of its Unicode forms.
_AT = re.compile(r"@|%(?:25)*40|\uff20|\ufe6b|\\x40|\\u0040|&#(?:64|x40)", re.IGNORECASE)
_BEFORE_USER = re.compile(r"""[\s\[({'"`]*(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:[/\\]+)?""")


def holds_secret(text: str) -> bool:
    """Tell whether `text` has an at sign, so that what precedes it may be a password."""
    return _AT.search(text) is not None


def without_secret(text: str) -> str:
    """Return `text` without everything between its scheme and its last at sign. That part can hold a user's password,
    which may contain any character.
    """
    signs = [found.start() for found in _AT.finditer(text)]
    before = _BEFORE_USER.match(text)
    return f"{before[0] if before else ''}...{text[signs[-1] :]}" if signs else text


# Every code, by its severity. `docs/problems.md` explains each.
_CODES: dict[Severity, str] = {
    "error": """
        not-a-collection not-a-string line-break origin-url-object origin-null origin-is-regex origin-wildcard
        origin-malformed origin-missing-scheme origin-upper-case origin-userinfo origin-non-ascii-host
        origin-malformed-ipv4 origin-malformed-ipv6 origin-empty-label origin-too-long origin-invalid-port
        origin-default-port origin-trailing-slash origin-path origin-query origin-asterisk-with-credentials
        pattern-malformed pattern-too-wide method-not-token method-lower-case method-forbidden header-not-token
        not-callable regex-does-not-compile regex-matches-no-origin accept-unknown
    """,
    "warning": """
        string-for-list origin-scheme origin-insecure method-asterisk-beside-others expose-asterisk-with-credentials
        not-a-boolean regex-admits-foreign-origins regex-matches-every-origin regex-unescaped-dot
        regex-unbounded-time regex-not-decided max-age-not-integer max-age-negative two-cors-middlewares
    """,
    "note": """
        nothing-set duplicate-entry origin-port-of-other-scheme origin-container-name origin-asterisk-beside-others
        header-forbidden header-of-response method-safelisted-missing header-safelisted max-age-above-cap
    """,
}

SEVERITIES: dict[str, Severity] = {code: severity for severity, codes in _CODES.items() for code in codes.split()}
