"""The usual mistakes of a FastAPI user, tried as a new user would: what is warned of says what to write instead.

Each app is one that its author thinks is right. What the warning says to write is then tried, and the page can read the
answer.
"""

import ast
import re
import warnings
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

PAGE = "https://app.example.com"


class Mistake(NamedTuple):
    written: dict[str, Any]
    origin: str
    fix: dict[str, Any]
    """What the warning says to write, as it is read there."""


MISTAKES: dict[str, Mistake] = {
    "a trailing slash": Mistake({"allow_origins": [f"{PAGE}/"]}, PAGE, {"allow_origins": [PAGE]}),
    "a string for a list": Mistake({"allow_origins": PAGE}, PAGE, {"allow_origins": [PAGE]}),
    "every origin with cookies": Mistake(
        {"allow_origins": ["*"], "allow_credentials": True}, PAGE, {"allow_origins": [PAGE], "allow_credentials": True}
    ),
    "a regex among the origins": Mistake(
        {"allow_origins": [r"https://.*\.example\.com"]}, PAGE, {"allow_origin_regex": r"https://.*\.example\.com"}
    ),
    "a wildcard inside an origin": Mistake(
        {"allow_origins": ["https://*.example.com"]}, PAGE, {"allow_origin_patterns": ["https://*.example.com"]}
    ),
    "http for https": Mistake(
        {"allow_origins": ["http://app.example.com"], "allow_credentials": True},
        PAGE,
        {"allow_origins": [PAGE], "allow_credentials": True},
    ),
    "the default port": Mistake({"allow_origins": [f"{PAGE}:443"]}, PAGE, {"allow_origins": [PAGE]}),
    "no scheme": Mistake({"allow_origins": ["app.example.com"]}, PAGE, {"allow_origins": [PAGE]}),
}


def api(fastcors: ModuleType, *configurations: dict[str, Any]) -> TestClient:
    app = FastAPI()

    @app.get("/items")
    def items() -> list[str]:
        return ["one"]

    for configuration in configurations:
        app.add_middleware(fastcors.CORSMiddleware, **configuration)
    return TestClient(app)


def asked(client: TestClient, origin: str) -> tuple[str | None, list[str]]:
    """Return which origin may read the answer, and what was warned of on the way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        response = client.get("/items", headers={"Origin": origin})
        client.get("/items", headers={"Origin": origin})
    texts = [str(warning.message) for warning in caught if re.search(r"\[[a-z-]+\]$", str(warning.message))]
    return response.headers.get("access-control-allow-origin"), texts


def values_in(text: str) -> list[Any]:
    """Return the strings that are quoted in `text`, as Python reads them."""
    return [ast.literal_eval(quoted) for quoted in re.findall(r"""r"[^"]*"|(?<!\w)'[^']*'""", text)]


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_one_warning_says_what_to_write(fastcors: ModuleType, mistake: Mistake) -> None:
    _, (text,) = asked(api(fastcors, mistake.written), mistake.origin)
    ((parameter, value), *_) = mistake.fix.items()
    (wanted,) = value if isinstance(value, list) else [value]
    assert wanted in values_in(text.partition(": ")[2])
    assert parameter in text
    allowed, texts = asked(api(fastcors, mistake.fix), mistake.origin)
    assert (allowed, texts) == (mistake.origin, [])


def test_added_twice(fastcors: ModuleType) -> None:
    once = {"allow_origins": [PAGE]}
    _, (text,) = asked(api(fastcors, once, once), PAGE)
    assert "Keep one" in text
    assert asked(api(fastcors, once), PAGE) == (PAGE, [])
