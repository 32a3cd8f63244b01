"""The configuration as a value that can be checked before anything is served.

`CORSConfig` has the middleware's parameters. What could be wrong with them is worked out by the `_*_checks` modules,
which are imported when there is something to check.
"""

import logging
import re
import sys
import warnings
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, KeysView, ValuesView
from dataclasses import KW_ONLY, dataclass, fields
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from ..origin_function import AllowOriginFunc

Severity: TypeAlias = Literal["error", "warning", "note"]

# Problems of a collection as a whole; the value of the others is one of its members.
_OF_THE_WHOLE = frozenset({"string-for-list", "not-a-collection", "method-safelisted-missing"})
_PACKAGE = __name__.partition(".")[0]

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

    def __str__(self) -> str:
        of_a_member = self.parameter in COLLECTIONS and self.code not in _OF_THE_WHOLE
        verb = " holds " if of_a_member else "="
        return f"{self.parameter}{verb}{shown(self.value)}: {self.reason} {self.fix} [{self.code}]"


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


@dataclass(frozen=True)
class CORSConfig:
    """The parameters of `CORSMiddleware`, with the same names, order and defaults, as an immutable value.

    Lists and tuples are held as tuples, sets as frozensets, and what can be gone through only once is gone through
    now. A collection of a class of its own stays the object that it is. `CORSMiddleware(app, config=...)` takes it;
    `dataclasses.replace` makes another of it. Nothing is checked until `problems` is called, so nothing is raised.
    """

    allow_origins: Collection[str] = ()
    allow_methods: Collection[str] = ("GET",)
    allow_headers: Collection[str] = ()
    allow_credentials: bool = False
    allow_origin_regex: str | re.Pattern[str] | None = None
    allow_private_network: bool = False
    expose_headers: Collection[str] = ()
    max_age: int = 600
    _: KW_ONLY
    allow_origin_patterns: Collection[str] = ()
    allow_origin_func: "AllowOriginFunc | None" = None
    check_websocket_origin: bool = False

    def __post_init__(self) -> None:
        for name in COLLECTIONS:
            object.__setattr__(self, name, _frozen(getattr(self, name)))

    def problems(self) -> tuple[ConfigProblem, ...]:
        """Return what is wrong with these parameters, and what is worth knowing, in the order of the parameters.

        At most ten problems of one code; the last of those says how many more values share it. Nothing is raised:
        what the middleware would refuse with an exception is a problem like the others.
        """
        from .checks.parameters import problems_of

        return problems_of(self)


COLLECTIONS = ("allow_origins", "allow_methods", "allow_headers", "expose_headers", "allow_origin_patterns")
DEFAULTS = {field.name: field.default for field in fields(CORSConfig)}


def config_of(config: CORSConfig | None, *values: Any) -> CORSConfig:
    """Return the configuration that a middleware was given: `config`, or one of the parameters' values in order.

    The collections among the values stay the caller's own, because what is added to them later counts. Raises
    `TypeError` for both at once, and where `config` is something else.
    """
    parameters = dict(zip(DEFAULTS, values, strict=True))
    if config is None:
        config = object.__new__(CORSConfig)
        vars(config).update(parameters)
        return config
    if not isinstance(config, CORSConfig):
        raise TypeError(f"config= takes a CORSConfig, and this is of type {type(config).__name__}.")
    beside = [name for name, value in parameters.items() if not _is_default(value, DEFAULTS[name])]
    if beside:
        raise TypeError(
            f"config= holds all parameters, so {', '.join(beside)} cannot be given beside it. "
            f"Put {'them' if len(beside) > 1 else 'it'} into the CORSConfig; "
            f"dataclasses.replace(config, {beside[0]}=...) makes one that differs."
        )
    return config


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(default, tuple) and isinstance(value, (list, set, frozenset, deque, dict)):
        return tuple(value) == default
    return value is default or bool(value == default)


def check(config: CORSConfig, app: object, strict: bool) -> None:
    """Warn of what is wrong with a configuration, and with putting its middleware around `app`; with `strict`, raise
    `CORSConfigError`.

    Without `strict`, a check that fails itself is logged: what it would have said is no reason not to serve.
    """
    from .checks.parameters import app_problems, problems_of

    if strict:
        problems = *problems_of(config), *app_problems(app)
        if grave := tuple(each for each in problems if each.severity != "note"):
            raise CORSConfigError(grave)
        return
    warn_of(_unless_it_fails(problems_of, config))
    warn_of(_unless_it_fails(app_problems, app))


def _unless_it_fails(look: Callable[[Any], Iterable[ConfigProblem]], value: object) -> list[ConfigProblem]:
    try:
        return list(look(value))
    except Exception:
        logging.getLogger("fastcors").exception("could not check the configuration")
        return []


def warn_of(problems: Iterable[ConfigProblem]) -> None:
    """Warn of each problem that is more than a note."""
    for each in problems:
        if each.severity != "note":
            _warn(str(each))


def _warn(message: str) -> None:
    """Warn, at the line that what is wrong came from."""
    frame = _caller(sys._getframe(1))
    namespace = frame.f_globals
    registry = namespace.setdefault("__warningregistry__", {})
    name = str(namespace.get("__name__"))
    warnings.warn_explicit(message, CORSConfigWarning, frame.f_code.co_filename, frame.f_lineno, name, registry)


def _caller(frame: FrameType) -> FrameType:
    """Return the first frame outside this package.

    Where that is Starlette's, which makes an app's middleware when the app is first called, the first one that is of
    nothing installed is of more help, if there is one: it is where the server or a test was started.
    """
    while frame.f_back is not None and _package(frame) == _PACKAGE:
        frame = frame.f_back
    outer: FrameType | None = frame
    if _package(frame) in ("starlette", "fastapi"):
        while outer is not None and _is_installed(outer.f_code.co_filename):
            outer = outer.f_back
    return outer or frame


def _is_installed(filename: str) -> bool:
    import sysconfig

    directories = (sysconfig.get_path("stdlib"), sysconfig.get_path("scripts"), "<frozen ")
    return filename.startswith(directories) or "site-packages" in filename or "dist-packages" in filename


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]


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


def _frozen(value: Any) -> Any:
    """Return `value` as something that nobody changes, where it is of a standard class."""
    if type(value) in (list, deque, dict) or isinstance(value, (Iterator, KeysView, ValuesView)):
        return tuple(value)
    return frozenset(value) if type(value) is set else value
