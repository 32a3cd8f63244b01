"""`fastcors check`: which CORS middlewares it finds, where they stand, and what it says of the usual mistakes."""

import sys
from typing import Any, NamedTuple

import fastapi.routing
import pytest
from support.command_line import Project, Ran, fastcors

from fastcors.standard.public_suffixes import installed

HEAD = """
from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware as FastAPIs
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from fastcors import CORSConfig, CORSMiddleware

ORIGINS = ["https://app.example.com"]
"""


def check(project: Project, source: str, *arguments: str) -> Ran:
    return project.run("check", HEAD + source, *arguments)


def found(project: Project, source: str) -> list[dict[str, Any]]:
    middlewares: list[dict[str, Any]] = check(project, source, "--json").document["middlewares"]
    return middlewares


def problems(project: Project, source: str) -> dict[str, dict[str, str]]:
    """Return all problems by code."""
    document = check(project, source, "--json").document
    lists = [document["problems"], *(each["problems"] for each in document["middlewares"])]
    return {problem["code"]: problem for problems in lists for problem in problems}


# As it is said to people, for each middleware in order.
PLACES = {
    "alone": (
        """
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
""",
        ["the only middleware"],
    ),
    "among others": (
        """
app = FastAPI()
app.add_middleware(HTTPSRedirectMiddleware)
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app.add_middleware(GZipMiddleware)
@app.middleware("http")
async def timing(request, call_next): ...
""",
        ["3 of 4, inside BaseHTTPMiddleware(timing), GZipMiddleware, outside HTTPSRedirectMiddleware"],
    ),
    "in the constructor": (
        "app = Starlette(middleware=[Middleware(CORSMiddleware, ORIGINS), Middleware(GZipMiddleware)])",
        ["1 of 2, outside GZipMiddleware"],
    ),
    "around": (
        """
app = FastAPI()
app.add_middleware(GZipMiddleware)
app = CORSMiddleware(app, allow_origins=ORIGINS)
""",
        ["1 of 2, outside GZipMiddleware; around the whole app"],
    ),
    "around, inside another": (
        "app = GZipMiddleware(CORSMiddleware(Starlette(), allow_origins=ORIGINS))",
        ["2 of 2, inside GZipMiddleware"],
    ),
    "around a function": (
        """
async def inner(scope, receive, send): ...
app = CORSMiddleware(inner, allow_origins=ORIGINS)
""",
        ["the only middleware; around the whole app"],
    ),
    "in a wrapper with another attribute": (
        """
class Sockets:
    def __init__(self, other): self.other_asgi_app = other
    async def __call__(self, scope, receive, send): ...
app = Sockets(CORSMiddleware(Starlette(), allow_origins=ORIGINS))
""",
        ["2 of 2, inside Sockets"],
    ),
    "mounted": (
        """
app, api = FastAPI(), FastAPI()
api.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app.mount("/api", api)
""",
        ["the only middleware; mounted at /api"],
    ),
    "mounted twice as deep": (
        """
inner = Mount("/v1", routes=[], middleware=[Middleware(CORSMiddleware, ORIGINS)])
app = Starlette(routes=[Mount("/api", routes=[inner])])
""",
        ["the only middleware; mounted at /api/v1"],
    ),
    "on a router": (
        "app = Starlette(routes=[Mount('/api', Router(middleware=[Middleware(CORSMiddleware, ORIGINS)]))])",
        ["the only middleware; mounted at /api"],
    ),
    "the router itself": (
        "app = Router(middleware=[Middleware(GZipMiddleware), Middleware(CORSMiddleware, ORIGINS)])",
        ["2 of 2, inside GZipMiddleware"],
    ),
    "on a route": (
        """
def page(request): ...
guarded = Route("/page", page, middleware=[Middleware(CORSMiddleware, ORIGINS)])
app = Starlette(routes=[guarded, Route("/", page), WebSocketRoute("/socket", page)])
""",
        ["the only middleware; mounted at /page"],
    ),
    "for a host": (
        """
api = CORSMiddleware(Starlette(), allow_origins=ORIGINS)
app = Starlette(routes=[Mount("/v1", routes=[Host("api.example.com", api)])])
""",
        ["the only middleware; mounted at api.example.com/v1"],
    ),
    "made by a function": (
        """
def cors(app, origins): return GZipMiddleware(CORSMiddleware(app, allow_origins=origins))
app = Starlette(middleware=[Middleware(cors, ORIGINS), Middleware(lambda app: app), Middleware(lambda app: 1 / 0)])
""",
        ["2 of 4, inside GZipMiddleware, outside <lambda>, <lambda>"],
    ),
    "made by functools.partial": (
        """
import functools
app = Starlette(middleware=[Middleware(functools.partial(CORSMiddleware, allow_origins=ORIGINS), max_age=5)])
""",
        ["the only middleware"],
    ),
    "of a subclass": (
        """
class Ours(CORSMiddleware): ...
app = Starlette(middleware=[Middleware(Ours, ORIGINS)])
""",
        ["the only middleware"],
    ),
    "mounted within itself": (
        """
app = Starlette(middleware=[Middleware(CORSMiddleware, ORIGINS)])
app.mount("/again", app)
""",
        ["the only middleware", "the only middleware; mounted at /again"],
    ),
    "FastAPI's, around and mounted": (
        """
app, api = FastAPI(), FastAPI()
api.add_middleware(FastAPIs, allow_origins=ORIGINS)
app.mount("/api", api)
app = FastAPIs(app, ORIGINS)
""",
        ["the only middleware; around the whole app", "the only middleware; mounted at /api"],
    ),
}


@pytest.mark.parametrize(("source", "places"), PLACES.values(), ids=PLACES)
def test_places(project: Project, source: str, places: list[str]) -> None:
    ran = check(project, source)
    shown = [text.split("\n\n")[0] for text in ran.output.split("\n\n")[1:]]
    told = [" ".join(text.split()).partition(".CORSMiddleware ")[2] or text for text in shown]
    for place in places:
        assert any(" ".join(text.split()).endswith(place) for text in [*told, *shown]), ran.output
    document = check(project, source, "--json").document
    assert len(document["middlewares"]) == len(places)


@pytest.mark.skipif(not hasattr(fastapi.routing, "_IncludedRouter"), reason="leaves out what is mounted in a router")
def test_place_in_an_included_router(project: Project) -> None:
    source = """
router = APIRouter()
router.mount("/files", CORSMiddleware(Starlette(), allow_origins=ORIGINS))
@router.get("/")
def home(): ...
app = FastAPI()
app.include_router(router, prefix="/shop")
"""
    assert [each["mounted_at"] for each in found(project, source)] == ["/shop/files"]


def test_place_as_json(project: Project) -> None:
    (middleware,) = found(
        project,
        """
app, api = FastAPI(), FastAPI()
app.add_middleware(GZipMiddleware)
api.add_middleware(HTTPSRedirectMiddleware)
api.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app.mount("/api", api)
""",
    )
    del middleware["problems"]
    assert middleware == {
        "number": 1,
        "class": "fastcors.middleware.CORSMiddleware",
        "mounted_at": "/api",
        "position": 1,
        "of": 2,
        "inside": ["ServerErrorMiddleware", "GZipMiddleware", "ServerErrorMiddleware"],
        "outside": ["HTTPSRedirectMiddleware"],
    }


def test_document(project: Project) -> None:
    source = 'app = CORSMiddleware(Starlette(), allow_origins=["https://app.example.com/"])'
    document = check(project, source, "--json").document
    assert document["app"].endswith(":app")
    assert {name: value for name, value in document.items() if name not in ("app", "middlewares")} == {
        "kind": "CORSMiddleware",
        "problems": [],
        "errors": 1,
        "warnings": 0,
        "notes": 0,
        "accepted": 0,
    }
    assert document["middlewares"][0]["problems"] == [
        {
            "code": "origin-trailing-slash",
            "severity": "error",
            "parameter": "allow_origins",
            "value": "'https://app.example.com/'",
            "reason": "a browser sends an origin without a slash at the end, so this never matches.",
            "fix": "Write 'https://app.example.com'.",
            "accepted": False,
        }
    ]


STATUSES = {
    "nothing wrong": ("ORIGINS", 0, 0),
    "a warning": ("'https://app.example.com'", 0, 1),
    "an error": ("['app.example.com']", 1, 1),
}


@pytest.mark.parametrize(("origins", "status", "strict"), STATUSES.values(), ids=STATUSES)
def test_exit_status(project: Project, origins: str, status: int, strict: int) -> None:
    source = f"app = Starlette(middleware=[Middleware(CORSMiddleware, {origins})])"
    assert check(project, source).status == status
    assert check(project, source, "--strict").status == strict
    assert check(project, source, "--json").status == status


def test_no_cors_middleware(project: Project) -> None:
    ran = check(project, "app = FastAPI()", "--notes")
    assert ran.status == 0
    assert "no CORS middlewares" in ran.output
    assert "[no-cors-middleware]" in ran.output
    assert check(project, "app = FastAPI()", "--strict", "--json").status == 1
    assert "1 error, no warnings, no notes" in check(project, "app = FastAPI()", "--strict").output


class Mistake(NamedTuple):
    """One that a user of FastAPI makes, and what there has to be read of it."""

    middleware: str
    code: str
    fix: str


MISTAKES = {
    "slash at the end": Mistake(
        'allow_origins=["https://app.example.com/"]', "origin-trailing-slash", "Fix: Write 'https://app.example.com'."
    ),
    "a string for a list": Mistake(
        'allow_origins="https://app.example.com"',
        "string-for-list",
        "Fix: Write allow_origins=['https://app.example.com'].",
    ),
    "* with credentials": Mistake(
        'allow_origins=["*"], allow_credentials=True', "origin-asterisk-with-credentials", "Fix: List the origins"
    ),
    "a regex among the origins": Mistake(
        r'allow_origins=[r"https://.*\.example\.com"]',
        "origin-is-regex",
        r'Fix: Write allow_origin_regex=r"https://.*\.example\.com"',
    ),
    "an asterisk within an origin": Mistake(
        'allow_origins=["https://*.example.com"]',
        "origin-wildcard",
        "Fix: Write allow_origin_patterns=['https://*.example.com'].",
    ),
    "no scheme": Mistake(
        'allow_origins=["localhost:3000"]', "origin-missing-scheme", "Fix: Write 'http://localhost:3000'."
    ),
    "the default port": Mistake(
        'allow_origins=["https://app.example.com:443"]', "origin-default-port", "Fix: Write 'https://app.example.com'."
    ),
    "a regex that lets others in": Mistake(
        'allow_origin_regex="https://.*example.com"', "regex-admits-foreign-origins", "https://aexample.com"
    ),
}


@pytest.mark.parametrize("class_name", ["CORSMiddleware", "FastAPIs"])
@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_usual_mistake(project: Project, mistake: Mistake, class_name: str) -> None:
    ran = check(project, f"app = FastAPI()\napp.add_middleware({class_name}, {mistake.middleware})\n")
    assert f"[{mistake.code}]" in ran.output
    assert mistake.fix in ran.words


ADDED_TWICE = {
    "added twice": """
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
""",
    "added, and around": """
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app = CORSMiddleware(app, allow_origins=ORIGINS)
""",
    "added, and mounted": """
app, api = FastAPI(), FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
api.add_middleware(FastAPIs, allow_origins=ORIGINS)
app.mount("/api", api)
""",
}


@pytest.mark.parametrize("source", ADDED_TWICE.values(), ids=ADDED_TWICE)
def test_two_middlewares(project: Project, source: str) -> None:
    ran = check(project, source)
    assert ran.output.count("[two-cors-middlewares]") == 1
    assert "it is inside number 1." in ran.words
    assert "Fix: Keep one, with everything that both allow." in ran.words


def test_two_side_by_side_are_fine(project: Project) -> None:
    source = """
one = Mount("/one", Starlette(middleware=[Middleware(CORSMiddleware, ORIGINS)]))
two = Mount("/two", Starlette(middleware=[Middleware(CORSMiddleware, ORIGINS)]))
app = Starlette(routes=[one, two])
"""
    assert len(found(project, source)) == 2
    assert "two-cors-middlewares" not in problems(project, source)


def test_not_outermost(project: Project) -> None:
    source = """
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app.add_middleware(HTTPSRedirectMiddleware)
"""
    problem = problems(project, source)["not-outermost"]
    assert problem["severity"] == "note"
    assert problem["value"] == "ServerErrorMiddleware, HTTPSRedirectMiddleware"
    assert (
        "the 500 of ServerErrorMiddleware for an unhandled exception and responses of HTTPSRedirectMiddleware."
        in (problem["reason"])
    )
    assert "add_cors(app, ...)" in problem["fix"]
    assert "not-outermost" not in problems(project, "app = CORSMiddleware(FastAPI(), allow_origins=ORIGINS)")


PLACED_RIGHT = {
    "add_cors": """
add_cors(app, allow_origins=ORIGINS)
""",
    "add_cors on what is mounted": """
api = FastAPI()
add_cors(api, allow_origins=ORIGINS)
app.mount("/api", api)
""",
    "around what is mounted": """
app.mount("/api", CORSMiddleware(FastAPI(), allow_origins=ORIGINS))
""",
}
# What is answered outside, and the fix.
NOT_OUTERMOST = {
    "added to what is mounted": (
        """
api = FastAPI()
api.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app.mount("/api", api)
""",
        "ServerErrorMiddleware",
        "for the app that is mounted at /api, use fastcors.add_cors(app, ...) instead of",
    ),
    "mounted within another middleware": (
        """
api = FastAPI()
add_cors(api, allow_origins=ORIGINS)
app.add_middleware(HTTPSRedirectMiddleware)
app.mount("/api", api)
""",
        "HTTPSRedirectMiddleware",
        "use fastcors.add_cors(app, ...) on the outermost app instead.",
    ),
    "around a mounted app without an answer for errors": (
        "app.mount('/api', CORSMiddleware(Router(), allow_origins=ORIGINS))",
        "ServerErrorMiddleware",
        "use fastcors.add_cors(app, ...) on the outermost app instead.",
    ),
    "around, within another": (
        "app = HTTPSRedirectMiddleware(add_cors(app, allow_origins=ORIGINS))",
        "HTTPSRedirectMiddleware",
        "put it around the outermost of these: app = CORSMiddleware(app, ...).",
    ),
}


@pytest.mark.parametrize("source", PLACED_RIGHT.values(), ids=PLACED_RIGHT)
def test_outermost(project: Project, source: str) -> None:
    assert "not-outermost" not in problems(project, f"from fastcors import add_cors\napp = FastAPI()\n{source}")


@pytest.mark.parametrize(("source", "outside", "fix"), NOT_OUTERMOST.values(), ids=NOT_OUTERMOST)
def test_not_outermost_elsewhere(project: Project, source: str, outside: str, fix: str) -> None:
    found = problems(project, f"from fastcors import add_cors\napp = FastAPI()\n{source}")["not-outermost"]
    assert found["value"] == outside
    assert fix in found["fix"]


CANNOT_BE_MADE = {
    "a regex": ("allow_origin_regex='('", "PatternError: "),
    "a line break": ("allow_headers=['X-Token\\n']", "ValueError: "),
    "an unknown parameter": ("allow_origin=ORIGINS", "TypeError: "),
    "strict": ("allow_origins=['app.example.com'], strict=True", "CORSConfigError, because of strict=True"),
}


@pytest.mark.parametrize(("parameters", "raised"), CANNOT_BE_MADE.values(), ids=CANNOT_BE_MADE)
def test_cannot_be_made(project: Project, parameters: str, raised: str) -> None:
    source = f"app = FastAPI()\napp.add_middleware(CORSMiddleware, {parameters})\n"
    problem = problems(project, source)["cannot-be-made"]
    assert problem["value"].replace("error:", "PatternError:").startswith(raised)
    assert problem["severity"] == "error"
    assert check(project, source).status == 1


def test_strict_while_the_app_is_made(project: Project) -> None:
    ran = check(project, "app = CORSMiddleware(FastAPI(), allow_origins=['app.example.com'], strict=True)")
    assert ran.status == 1
    assert "Fix: Write 'http" in ran.words
    assert "[origin-missing-scheme]" in ran.output


def test_what_only_the_constructor_knew(project: Project) -> None:
    source = """
app = CORSMiddleware(FastAPI(), allow_origins="https://app.example.com", allow_methods=["*", "PURGE"])
app = CORSMiddleware(app, ORIGINS)
"""
    document = check(project, source, "--json").document
    assert [each["code"] for each in document["problems"]] == ["string-for-list", "method-asterisk-beside-others"]
    assert document["problems"][0]["parameter"] == "allow_origins"
    assert document["problems"][0]["reason"].startswith("it is a string")
    fixes = [each["fix"] for each in document["problems"]]
    assert fixes[0] == "Write allow_origins=['https://app.example.com']."
    assert fixes[1].startswith("Write allow_methods=[")


ATTRIBUTES = """
SETTINGS = dict(
    allow_origins=ORIGINS,
    allow_methods=["GET", "PUT", "HEAD", "POST"],
    allow_headers=["X-Token"],
    allow_credentials=True,
    allow_origin_regex=r"https://[a-z]+\\.example\\.com",
    expose_headers=["X-Total", "*"],
    max_age=-1,
)
"""
MADE = {
    "by its parameters": "app = Starlette(middleware=[Middleware({0}, **SETTINGS)])",
    "by a value": "app = Starlette(middleware=[Middleware(CORSMiddleware, config=CORSConfig(**SETTINGS))])",
    "already": "app = {0}(Starlette(), **SETTINGS)",
    "by a constructor of its own": """
class Made({0}):
    def __init__(self, app): super().__init__(app, **SETTINGS)
app = Starlette(middleware=[Middleware(Made)])
""",
}


@pytest.mark.parametrize("class_name", ["CORSMiddleware", "FastAPIs"])
@pytest.mark.parametrize("source", MADE.values(), ids=MADE)
def test_all_parameters_are_looked_at(project: Project, source: str, class_name: str) -> None:
    codes = set(problems(project, ATTRIBUTES + source.format(class_name)))
    assert codes - {"not-outermost"} == {"expose-asterisk-with-credentials", "max-age-negative"}


def test_attributes_that_tell_nothing(project: Project) -> None:
    source = """
class Odd(FastAPIs):
    def __init__(self, app): self.app = app
app = Odd(Starlette())
"""
    assert len(found(project, source)) == 1
    assert problems(project, source) == {}


def test_what_a_constructor_of_its_own_gives(project: Project) -> None:
    source = """
class Made(CORSMiddleware):
    def __init__(self, app): super().__init__(app, allow_origins="https://app.example.com")
app = Starlette(middleware=[Middleware(Made)])
"""
    problem = problems(project, source)["string-for-list"]
    assert (problem["severity"], problem["parameter"]) == ("warning", "allow_origins")


NEW_PARAMETERS = {
    "patterns": ("allow_origin_patterns='https://*.example.com'", "string-for-list"),
    "unsafe patterns": ("allow_origin_patterns=['http://*.example.com'], allow_credentials=True", "origin-insecure"),
}


@pytest.mark.parametrize(("parameters", "code"), NEW_PARAMETERS.values(), ids=NEW_PARAMETERS)
@pytest.mark.parametrize(
    "source", ["app = CORSMiddleware(Starlette(), {})", "app = Starlette(middleware=[Middleware(CORSMiddleware, {})])"]
)
def test_parameters_of_ours(project: Project, source: str, parameters: str, code: str) -> None:
    source = source.replace("CORSMiddleware, {}", f"CORSMiddleware, **dict({parameters})").format(parameters)
    assert code in problems(project, source)


def test_collections_that_can_be_gone_through_once(project: Project) -> None:
    ran = check(project, "app = Starlette(middleware=[Middleware(CORSMiddleware, iter(['a.example', 'b.example']))])")
    assert ran.output.count("[origin-missing-scheme]") == 2


STARLETTES = {
    "origins": ("allow_origins='https://app.example.com'", "Starlette allows each origin that is a part of it."),
    "methods": ("allow_origins=ORIGINS, allow_methods='PUT'", "Starlette takes its characters for the values."),
}


@pytest.mark.parametrize(("parameters", "said"), STARLETTES.values(), ids=STARLETTES)
@pytest.mark.parametrize(
    "source", ["app = FastAPIs(FastAPI(), {})", "app = FastAPI()\napp.add_middleware(FastAPIs, {})"]
)
def test_a_string_with_starlettes_own(project: Project, source: str, parameters: str, said: str) -> None:
    problem = problems(project, source.format(parameters))["string-for-list"]
    assert problem["severity"] == "error"
    assert problem["reason"].endswith(said)


def test_add_cors(project: Project) -> None:
    source = """
from fastcors import add_cors
app = FastAPI()
app.add_middleware(GZipMiddleware)
add_cors(app, allow_origins=["https://app.example.com/"])
"""
    ran = check(project, source)
    assert "1 of 2, outside GZipMiddleware; around the whole app" in ran.words
    assert ran.output.count("[origin-trailing-slash]") == 1
    assert "[not-outermost]" not in ran.output


def test_a_stack_without_end(project: Project) -> None:
    source = """
app = GZipMiddleware(Starlette())
app.app = app
"""
    assert check(project, source).status == 0


def test_a_parameter_that_starlettes_own_does_not_have(project: Project) -> None:
    source = "app = FastAPI()\napp.add_middleware({}, allow_origins=['https://*.example.com'])\n"
    said = "That is a parameter of fastcors.CORSMiddleware."
    assert said in check(project, source.format("FastAPIs")).words
    assert said not in check(project, source.format("CORSMiddleware")).words


def test_nothing_is_started(project: Project) -> None:
    source = """
import contextlib

@contextlib.asynccontextmanager
async def lifespan(app):
    raise SystemExit("started")
    yield

class Greedy:
    def __init__(self, app): raise SystemExit("made")

app = FastAPI(lifespan=lifespan)
app.add_middleware(Greedy)
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
"""
    assert check(project, source).status == 0


def test_worst_first(project: Project) -> None:
    source = """
app = FastAPI()
app.add_middleware(CORSMiddleware, ["http://app.example.com", "a.example"], allow_credentials=True, max_age=100000)
"""
    shown = check(project, source, "--notes").output
    severities = [line.split()[0] for line in shown.splitlines() if line.startswith(("  error", "  warning", "  note"))]
    assert severities == ["error", "warning", "note", "note"]
    assert shown.splitlines()[1] == "1 error, 1 warning, 2 notes"
    assert shown.count("Fix: ") == 4


def test_notes_on_request(project: Project) -> None:
    source = "app = Starlette(middleware=[Middleware(CORSMiddleware, ORIGINS, max_age=100000)])"
    shown = check(project, source).output
    assert "max-age-above-cap" not in shown
    assert shown.splitlines()[1] == "no errors, no warnings, 2 notes (--notes shows them)"
    assert shown.endswith("the only middleware\n")
    assert "[max-age-above-cap]" in check(project, source, "--notes").output
    without_any = "app = CORSMiddleware(Starlette(), ORIGINS)"
    assert check(project, without_any).output.splitlines()[1] == "no errors, no warnings, no notes"
    assert check(project, "app = FastAPI()").words.endswith("no warnings, 1 note (--notes shows them)")


UNSAFE = "['http://app.example.com'], allow_credentials=True"
ACCEPTING = {
    "added": f"app = Starlette(middleware=[Middleware(CORSMiddleware, {UNSAFE}, accept=['origin-insecure'])])",
    "around": f"app = CORSMiddleware(Starlette(), {UNSAFE}, accept=['origin-insecure'])",
    "by a value": f"""
config = CORSConfig({UNSAFE}, accept=['origin-insecure'])
app = Starlette(middleware=[Middleware(CORSMiddleware, config=config, strict=True)])
""",
    "by the command": f"app = CORSMiddleware(Starlette(), {UNSAFE})",
    "Starlette's own": f"app = FastAPIs(Starlette(), {UNSAFE})",
}


@pytest.mark.parametrize("source", ACCEPTING.values(), ids=ACCEPTING)
def test_accepted(project: Project, source: str) -> None:
    arguments = ["--strict", "--accept", "max-age-negative"]
    if "accept=" not in source:
        assert check(project, source, *arguments).status == 1
        arguments += ["--accept", "origin-insecure"]
    ran = check(project, source, *arguments)
    assert (ran.status, "origin-insecure" in ran.output) == (0, False)
    assert "no errors, no warnings" in ran.words
    assert "1 accepted (--notes shows them)" in ran.words
    assert "  accepted  allow_origins holds 'http://" in check(project, source, *arguments, "--notes").output
    document = check(project, source, *arguments, "--json").document
    assert (document["warnings"], document["accepted"]) == (0, 1)
    ((problem,),) = [[each for each in one["problems"] if each["accepted"]] for one in document["middlewares"]]
    assert (problem["code"], problem["severity"]) == ("origin-insecure", "warning")


def test_accepted_of_the_app(project: Project) -> None:
    source = """
app = FastAPI()
app.add_middleware(CORSMiddleware, ORIGINS)
app = CORSMiddleware(app, ORIGINS)
"""
    assert check(project, source, "--strict").status == 1
    ran = check(project, source, "--strict", "--accept", "two-cors-middlewares", "--accept", "not-outermost")
    assert ran.status == 0
    document = check(project, "app = FastAPI()", "--accept", "no-cors-middleware", "--json").document
    assert (document["notes"], document["accepted"]) == (0, 1)


WITHIN = "app = CORSMiddleware(CORSMiddleware(FastAPI(), ORIGINS{}), ORIGINS{})"


@pytest.mark.parametrize(("accepts", "status"), [(("", ""), 1), (("{}", ""), 1), (("", "{}"), 0)])
def test_two_middlewares_accepted_by_the_outer(project: Project, accepts: tuple[str, str], status: int) -> None:
    source = WITHIN.format(*(each.format(", accept=['two-cors-middlewares']") for each in accepts))
    assert check(project, source, "--strict").status == status
    assert check(project, source, "--json").document["accepted"] == 1 - status


def test_strict_app_cannot_start_whatever_is_accepted(project: Project) -> None:
    source = "app = CORSMiddleware(FastAPI(), allow_origins=['app.example.com'], strict=True)"
    assert check(project, source, "--accept", "origin-missing-scheme").status == 1


@pytest.mark.parametrize("code", ["origin-insecur", "accept-unknown", "cannot-be-made"])
def test_unknown_code_is_not_accepted(project: Project, code: str) -> None:
    ran = check(project, f"app = CORSMiddleware(Starlette(), {UNSAFE})", "--accept", code)
    assert ran.status == 2
    assert ran.errors.startswith(f"fastcors: --accept {code}: there is no such code. Write ")
    assert ("'origin-insecure'" in ran.errors) or code != "origin-insecur"


def test_unknown_code_in_the_app(project: Project) -> None:
    assert check(project, "app = CORSMiddleware(Starlette(), ORIGINS, accept=['origin-insecur'])").status == 1
    added = "app = Starlette(middleware=[Middleware(CORSMiddleware, ORIGINS, accept=['origin-insecur'])])"
    assert problems(project, added)["accept-unknown"]["fix"] == "Write 'origin-insecure'."


def test_of_this_process() -> None:
    ran = fastcors("check", "support.command_line:uvicorn.Config")
    assert ran.status == 2


def test_missing_suffix_list_is_said_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "app = FastAPI()\napp.add_middleware(CORSMiddleware, ORIGINS)"
    assert "public suffix list" not in check(project, source).output
    monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    installed.cache_clear()
    try:
        assert check(project, source).words.count("The public suffix list is not installed") == 1
        assert "public suffix list" not in check(project, "app = FastAPI()").output
    finally:
        monkeypatch.undo()
        installed.cache_clear()
