"""What is said about a configuration: a problem with its code and severity, and the warning and error made of it."""

import re
from typing import Any, Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]

COLLECTIONS = ("allow_origins", "allow_methods", "allow_headers", "expose_headers", "allow_origin_patterns")
"""The parameters that take a collection of strings."""

# Problems of a collection as a whole; the value of any other problem of a collection is one of its members.
_OF_THE_WHOLE = frozenset({"string-for-list", "not-a-collection", "method-safelisted-missing"})

_MOST_SHOWN = 120
_MOST_READ = 1000


class ConfigProblem(NamedTuple):
    """One thing that is wrong with a configuration, or worth knowing about it.

    `str()` makes one text of it: the parameter with the value, the reason, the fix and, in brackets, the code.
    """

    code: str
    """Its stable name, such as `origin-trailing-slash`. `docs/configuration.md` has them all."""
    severity: Severity
    """`error`: cannot work as meant, or is dangerous. `warning`: likely a mistake, or unsafe. `note`: works, and is
    worth knowing; neither warned of nor raised.
    """
    parameter: str
    """The parameter of `CORSMiddleware`."""
    value: Any
    """What is wrong in it: one member of the collection, or all that was given."""
    reason: str
    fix: str

    @property
    def subject(self) -> str:
        """The parameter with the value, as the text begins."""
        of_a_member = self.parameter in COLLECTIONS and self.code not in _OF_THE_WHOLE
        return f"{self.parameter}{' holds ' if of_a_member else '='}{shown(self.value)}"

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason} {self.fix} [{self.code}]"


class CORSConfigWarning(UserWarning):
    """What a configuration's problem of severity `error` or `warning` is reported as, unless with `strict`."""


class CORSConfigError(ValueError):
    """What `strict` raises: all problems of severity `error` or `warning` at once, in `problems`."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        count = f"{len(self.problems)} problem{'s' * (len(self.problems) != 1)} in the CORS configuration:"
        return "\n- ".join([count, *map(str, self.problems)])


class Fault(NamedTuple):
    """What is wrong with a value, whichever parameter holds it."""

    code: str
    reason: str
    fix: str = ""
    severity: Severity | None = None
    """None: that of the code in `SEVERITIES`."""
    origin: str | None = None
    """An origin that shows what is wrong: an origin regex matches it."""

    def in_parameter(self, parameter: str, value: object) -> ConfigProblem:
        """Return the problem that this is where `parameter` holds `value`."""
        severity = self.severity or SEVERITIES[self.code]
        return ConfigProblem(self.code, severity, parameter, value, self.reason, self.fix)


def problem(code: str, parameter: str, value: object, reason: str, fix: str) -> ConfigProblem:
    """Return a problem with the severity that its code has."""
    return ConfigProblem(code, SEVERITIES[code], parameter, value, reason, fix)


def shown(value: object) -> str:
    """Return `value` as a message shows it: with what cannot be printed escaped, shortened, and without a password."""
    try:
        # A text can be much longer than its message should be.
        text = repr(str.__str__(value)[:_MOST_READ] if isinstance(value, str) else value)[:_MOST_READ]
    except Exception:
        text = f"<{type(value).__name__}>"
    text = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    text = re.sub("//[^/@]*@", "//...@", text)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 3] + "..."


# Every code. `docs/configuration.md` explains each.
SEVERITIES: dict[str, Severity] = {
    "string-for-list": "warning",
    "not-a-collection": "error",
    "not-a-string": "error",
    "line-break": "error",
    "origin-url-object": "error",
    "origin-null": "error",
    "origin-is-regex": "error",
    "origin-wildcard": "error",
    "origin-malformed": "error",
    "origin-missing-scheme": "error",
    "origin-scheme": "warning",
    "origin-upper-case": "error",
    "origin-userinfo": "error",
    "origin-non-ascii-host": "error",
    "origin-malformed-ipv4": "error",
    "origin-malformed-ipv6": "error",
    "origin-empty-label": "error",
    "origin-too-long": "error",
    "origin-invalid-port": "error",
    "origin-default-port": "error",
    "origin-trailing-slash": "error",
    "origin-path": "error",
    "origin-query": "error",
    "origin-port-of-other-scheme": "note",
    "origin-insecure": "warning",
    "origin-asterisk-beside-others": "warning",
    "origin-asterisk-with-credentials": "error",
    "pattern-malformed": "error",
    "pattern-too-wide": "error",
    "method-not-token": "error",
    "method-lower-case": "error",
    "method-forbidden": "error",
    "method-asterisk-beside-others": "warning",
    "method-asterisk-with-credentials": "note",
    "method-safelisted-missing": "note",
    "header-not-token": "error",
    "header-forbidden": "warning",
    "header-of-response": "warning",
    "header-safelisted": "note",
    "header-asterisk-with-credentials": "note",
    "header-authorization-under-asterisk": "note",
    "expose-asterisk-with-credentials": "warning",
    "not-a-boolean": "warning",
    "not-callable": "error",
    "regex-does-not-compile": "error",
    "regex-matches-no-origin": "error",
    "regex-matches-every-origin": "warning",
    "regex-admits-foreign-origins": "error",
    "regex-unescaped-dot": "warning",
    "regex-unbounded-time": "warning",
    "max-age-not-integer": "warning",
    "max-age-negative": "warning",
    "max-age-above-cap": "note",
    "two-cors-middlewares": "warning",
}
