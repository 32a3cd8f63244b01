"""The problems of a configuration, each with a code and a severity, and the warning and error that report them."""

import re
from typing import Any, Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]

COLLECTIONS = ("allow_origins", "allow_methods", "allow_headers", "expose_headers", "allow_origin_patterns")
"""The parameters that take a collection of strings."""

# The value of these problems is the collection as a whole; that of any other is one member of the collection.
_OF_THE_WHOLE = frozenset({"string-for-list", "not-a-collection", "method-safelisted-missing"})

_MOST_SHOWN = 120
_MOST_READ = 1000


class ConfigProblem(NamedTuple):
    """One thing that is wrong with a configuration, or worth knowing about it.

    `str()` joins the parameter with its value, the reason, the fix and, in brackets, the code.
    """

    code: str
    """Its stable name, such as `origin-trailing-slash`. `docs/configuration.md` has them all."""
    severity: Severity
    """`error`: cannot work as meant, or is dangerous. `warning`: likely a mistake, or unsafe. `note`: works, and is
    worth knowing; notes are neither emitted as warnings nor raised.
    """
    parameter: str
    """The parameter of `CORSMiddleware`."""
    value: Any
    """The wrong value: one member of a collection, or the whole value of the parameter."""
    reason: str
    fix: str

    @property
    def subject(self) -> str:
        """The parameter with the value: the beginning of `str()`."""
        of_a_member = self.parameter in COLLECTIONS and self.code not in _OF_THE_WHOLE
        return f"{self.parameter}{' holds ' if of_a_member else '='}{shown(self.value)}"

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason} {self.fix} [{self.code}]"


class CORSConfigWarning(UserWarning):
    """Reports one problem of severity `error` or `warning`, unless `strict` is set."""


class CORSConfigError(ValueError):
    """Raised with `strict`: `problems` has all problems of severity `error` or `warning`."""

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


def shown(value: object) -> str:
    """Return `value` as messages show it: shortened, with unprintable characters escaped and without passwords."""
    try:
        # Cut first: the text can be much longer than a message should be.
        text = repr(str.__str__(value)[:_MOST_READ] if isinstance(value, str) else value)[:_MOST_READ]
    except Exception:
        text = f"<{type(value).__name__}>"
    text = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    text = re.sub("//[^/@]*@", "//...@", text)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 3] + "..."


# Every code, by its severity. `docs/configuration.md` explains each.
_CODES: dict[Severity, str] = {
    "error": """
        not-a-collection not-a-string line-break origin-url-object origin-null origin-is-regex origin-wildcard
        origin-malformed origin-missing-scheme origin-upper-case origin-userinfo origin-non-ascii-host
        origin-malformed-ipv4 origin-malformed-ipv6 origin-empty-label origin-too-long origin-invalid-port
        origin-default-port origin-trailing-slash origin-path origin-query origin-asterisk-with-credentials
        pattern-malformed pattern-too-wide method-not-token method-lower-case method-forbidden header-not-token
        not-callable regex-does-not-compile regex-matches-no-origin
    """,
    "warning": """
        string-for-list origin-scheme origin-insecure origin-asterisk-beside-others
        method-asterisk-beside-others header-forbidden header-of-response expose-asterisk-with-credentials
        not-a-boolean regex-admits-foreign-origins regex-matches-every-origin regex-unescaped-dot
        regex-unbounded-time regex-not-decided max-age-not-integer max-age-negative two-cors-middlewares
    """,
    "note": """
        origin-port-of-other-scheme method-asterisk-with-credentials method-safelisted-missing header-safelisted
        header-asterisk-with-credentials header-authorization-under-asterisk max-age-above-cap
    """,
}

SEVERITIES: dict[str, Severity] = {code: severity for severity, codes in _CODES.items() for code in codes.split()}
