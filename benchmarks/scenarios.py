"""The scenarios. Each has one request or several in turn, one configuration of the middleware and one app behind it.

A row says what it shows. The configuration has Starlette's names; subjects.py translates it for the others.
"""

from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from exchanges import (
    ORIGIN,
    STRANGER,
    App,
    accepting,
    actual,
    largest,
    preflight,
    replying,
    varying,
    websocket,
    with_own_code,
)

FOUR = ("https://www.example.com", "https://admin.example.com", ORIGIN.decode(), "https://shop.example.com")
METHODS = ("GET", "POST", "PUT", "DELETE")
NAMES = ("Authorization", "Content-Type", "X-Request-Id")
ASKED_NAMES = b"authorization,content-type,x-request-id"
FOUR_ORIGINS = {
    "allow_origins": FOUR,
    "allow_credentials": True,
    "allow_methods": METHODS,
    "allow_headers": NAMES,
}
KIB_64 = 65536


def origins(count: int) -> tuple[str, ...]:
    """Return `count` origins. The origin of the requests is in the middle."""
    others = [f"https://tenant-{number}.example.com" for number in range(count - 1)]
    return (*others[: count // 2], ORIGIN.decode(), *others[count // 2 :])


@dataclass(frozen=True)
class Scenario:
    """The request that every subject gets. `kind`: "actual", "preflight", "websocket", or "mix" of the first two.

    `scope` is the first request, and `others` follow it in turn. `own` holds parameters that only fastcors has. With
    them, its answers still have to be those that Starlette gives for `config`.
    """

    name: str
    kind: str
    config: dict[str, Any]
    scope: dict[str, Any]
    app: App = field(default_factory=replying)
    adversarial: bool = False
    others: tuple[dict[str, Any], ...] = ()
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def scopes(self) -> tuple[dict[str, Any], ...]:
        """All requests, in the order in which they come."""
        return (self.scope, *self.others)

    @property
    def configuration(self) -> dict[str, Any]:
        """The configuration as applications write it: with lists, new ones for each middleware."""
        return {name: list(value) if type(value) is tuple else value for name, value in self.config.items()}

    @property
    def own_configuration(self) -> dict[str, Any]:
        """The same for fastcors, with the parameters of its own."""
        return self.configuration | {name: with_own_code(value) for name, value in self.own.items()}


def _actual(name: str, config: dict[str, Any], origin: bytes | None = ORIGIN, **more: Any) -> Scenario:
    return Scenario(name, "actual", config, actual(origin), **more)


def _preflight(
    name: str, config: dict[str, Any], origin: bytes = ORIGIN, names: bytes = ASKED_NAMES, **more: Any
) -> Scenario:
    return Scenario(name, "preflight", config, preflight(origin, names), **more)


def _in_turn(name: str, kind: str, config: dict[str, Any], scopes: list[dict[str, Any]], **more: Any) -> Scenario:
    return Scenario(name, kind, config, scopes[0], others=tuple(scopes[1:]), **more)


ANY_ORIGIN = {"allow_origins": ("*",)}
ANY_HEADERS = {**FOUR_ORIGINS, "allow_headers": ("*",)}
REGEX = {"allow_origin_regex": r"https://[a-z0-9-]+\.example\.com", "allow_credentials": True}

# If every request differs from the one before, nothing that was kept of that one helps.
ORIGINS_64 = origins(64)
FROM_EACH = [actual(origin.encode()) for origin in ORIGINS_64]
_VARIED_BY = ("Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cookie")
VARY_16 = [", ".join(names) for count in (1, 2, 3) for names in combinations(_VARIED_BY, count)][:16]
VARY_BY_PATH = {f"/items/{number}": vary for number, vary in enumerate(VARY_16)}
EACH_PATH = [actual(ORIGIN) | {"path": path, "raw_path": path.encode()} for path in VARY_BY_PATH]
_ASKED = (b"content-type", b"authorization,content-type", b"authorization,x-request-id", ASKED_NAMES)
PREFLIGHTS_64 = [
    preflight(origin.encode(), names, method.encode()) for names, method, origin in product(_ASKED, METHODS, FOUR)
]


def _of_a_browser_app() -> list[dict[str, Any]]:
    """Return the requests that an API gets from an app in a browser: many when a page opens, then reading and some
    writing. A browser caches preflights, so few are sent. A health check and a followed link have no Origin.
    """
    page = [preflight(ORIGIN, b"authorization", b"GET"), *[actual(ORIGIN)] * 6, actual(None)]
    writing = [preflight(ORIGIN, ASKED_NAMES), *[actual(ORIGIN)] * 3]
    return [*page, *writing, *[actual(FOUR[1].encode())] * 2, *[actual(ORIGIN)] * 5, actual(None)]


def _says_yes(origin: str, scope: Any) -> bool:
    return origin == "https://app.example.com"


async def _says_yes_async(origin: str, scope: Any) -> bool:
    return origin == "https://app.example.com"


# For Starlette, the one origin that the function allows is listed. So the answers are the same.
ONE_ORIGIN = {**FOUR_ORIGINS, "allow_origins": (ORIGIN.decode(),)}
FUNCTION: dict[str, Any] = {"allow_origins": [], "allow_origin_func": _says_yes}
ASYNC_FUNCTION: dict[str, Any] = {"allow_origins": [], "allow_origin_func": _says_yes_async}

SCENARIOS = (
    _actual("no Origin", FOUR_ORIGINS, None),
    _actual("allowed", FOUR_ORIGINS),
    _actual("refused", FOUR_ORIGINS, STRANGER),
    _actual("any origin", ANY_ORIGIN),
    _actual("regex", REGEX),
    _actual("1,000 origins", {**FOUR_ORIGINS, "allow_origins": origins(1000)}),
    _actual("app sets Vary", FOUR_ORIGINS, app=replying(((b"vary", b"Accept-Encoding"),))),
    _actual("20 body chunks", FOUR_ORIGINS, app=replying(chunks=20)),
    Scenario("largest header list", "actual", FOUR_ORIGINS, largest(ORIGIN)),
    Scenario("websocket", "websocket", FOUR_ORIGINS, websocket(ORIGIN), accepting),
    _preflight("preflight allowed", FOUR_ORIGINS),
    _preflight("preflight any headers", ANY_HEADERS),
    _preflight("preflight refused", FOUR_ORIGINS, STRANGER),
    _in_turn("64 origins in turn", "actual", {**FOUR_ORIGINS, "allow_origins": ORIGINS_64}, FROM_EACH),
    _in_turn("64 in turn, regex", "actual", REGEX, FROM_EACH),
    _in_turn("16 Vary in turn", "actual", FOUR_ORIGINS, EACH_PATH, app=varying(VARY_BY_PATH)),
    _in_turn("64 preflights in turn", "preflight", FOUR_ORIGINS, PREFLIGHTS_64),
    _in_turn("browser app", "mix", FOUR_ORIGINS, _of_a_browser_app()),
    _actual("origin function", ONE_ORIGIN, own=FUNCTION),
    _actual("async origin function", ONE_ORIGIN, own=ASYNC_FUNCTION),
    _preflight("preflight, function", ONE_ORIGIN, own=FUNCTION),
    _preflight("preflight, async function", ONE_ORIGIN, own=ASYNC_FUNCTION),
    _preflight("64 KiB of commas", FOUR_ORIGINS, names=b"," * KIB_64, adversarial=True),
    _preflight("64 KiB of names", FOUR_ORIGINS, names=(ASKED_NAMES + b",") * (KIB_64 // 40) + b"x", adversarial=True),
    _preflight("64 KiB of one name", FOUR_ORIGINS, names=b"x" * KIB_64, adversarial=True),
    _preflight("64 KiB, any headers", ANY_HEADERS, names=b"x," * (KIB_64 // 2), adversarial=True),
    _actual("64 KiB Origin", FOUR_ORIGINS, b"https://" + b"a" * KIB_64, adversarial=True),
    _actual("64 KiB Origin, regex", REGEX, b"https://" + b"a" * KIB_64, adversarial=True),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def select(wanted: list[str], of: tuple[Scenario, ...] = SCENARIOS) -> list[Scenario]:
    """Return the scenarios whose name has one of the words `wanted`, or all scenarios if none is given."""
    return [scenario for scenario in of if not wanted or any(word in scenario.name for word in wanted)]
