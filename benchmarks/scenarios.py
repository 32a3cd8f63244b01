"""The scenarios: each one request, one configuration of the middleware and one app behind it.

A row says what it shows. The configuration is in Starlette's words; subjects.py translates it for the others.
"""

from dataclasses import dataclass, field
from typing import Any

from exchanges import ORIGIN, STRANGER, App, accepting, actual, largest, preflight, replying, websocket

FOUR = ("https://www.example.com", "https://admin.example.com", ORIGIN.decode(), "https://shop.example.com")
NAMES = ("Authorization", "Content-Type", "X-Request-Id")
ASKED_NAMES = b"authorization,content-type,x-request-id"
FOUR_ORIGINS = {
    "allow_origins": FOUR,
    "allow_credentials": True,
    "allow_methods": ("GET", "POST", "PUT", "DELETE"),
    "allow_headers": NAMES,
}
KIB_64 = 65536


def origins(count: int) -> tuple[str, ...]:
    """Return `count` origins with the one that the requests come from in the middle."""
    others = [f"https://tenant-{number}.example.com" for number in range(count - 1)]
    return (*others[: count // 2], ORIGIN.decode(), *others[count // 2 :])


@dataclass(frozen=True)
class Scenario:
    """What is asked of every subject. `kind`: "actual", "preflight" or "websocket"."""

    name: str
    kind: str
    config: dict[str, Any]
    scope: dict[str, Any]
    app: App = field(default_factory=replying)
    adversarial: bool = False

    @property
    def configuration(self) -> dict[str, Any]:
        """The configuration as applications write it: with lists, new ones for each middleware."""
        return {name: list(value) if type(value) is tuple else value for name, value in self.config.items()}


def _actual(name: str, config: dict[str, Any], origin: bytes | None = ORIGIN, **more: Any) -> Scenario:
    return Scenario(name, "actual", config, actual(origin), **more)


def _preflight(
    name: str, config: dict[str, Any], origin: bytes = ORIGIN, names: bytes = ASKED_NAMES, **more: Any
) -> Scenario:
    return Scenario(name, "preflight", config, preflight(origin, names), **more)


ANY_ORIGIN = {"allow_origins": ("*",)}
ANY_HEADERS = {**FOUR_ORIGINS, "allow_headers": ("*",)}
REGEX = {"allow_origin_regex": r"https://[a-z0-9-]+\.example\.com", "allow_credentials": True}

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
    _preflight("64 KiB of commas", FOUR_ORIGINS, names=b"," * KIB_64, adversarial=True),
    _preflight("64 KiB of names", FOUR_ORIGINS, names=(ASKED_NAMES + b",") * (KIB_64 // 40) + b"x", adversarial=True),
    _preflight("64 KiB of one name", FOUR_ORIGINS, names=b"x" * KIB_64, adversarial=True),
    _preflight("64 KiB, any headers", ANY_HEADERS, names=b"x," * (KIB_64 // 2), adversarial=True),
    _actual("64 KiB Origin", FOUR_ORIGINS, b"https://" + b"a" * KIB_64, adversarial=True),
    _actual("64 KiB Origin, regex", REGEX, b"https://" + b"a" * KIB_64, adversarial=True),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def select(wanted: list[str], of: tuple[Scenario, ...] = SCENARIOS) -> list[Scenario]:
    """Return the scenarios whose name holds one of the words `wanted`; all of them where none is given."""
    return [scenario for scenario in of if not wanted or any(word in scenario.name for word in wanted)]
