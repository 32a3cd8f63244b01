"""`fastcors explain`: which middleware is asked, what is said, and that `fastcors.explain` decides."""

import pytest
from support.command_line import Project, Ran

from fastcors.explain import explain as decide

APP = """
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware as FastAPIs
from fastcors import CORSMiddleware

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app.example.com", "http://localhost:3000"],
    allow_methods=["GET", "PUT"],
    allow_headers=["X-Token"],
    allow_credentials=True,
)
"""
PARAMETERS = {
    "allow_origins": ["https://app.example.com", "http://localhost:3000"],
    "allow_methods": ["GET", "PUT"],
    "allow_headers": ["X-Token"],
    "allow_credentials": True,
}
ORIGIN = "--origin=https://app.example.com"


def explain(project: Project, *arguments: str, source: str = APP, app: str = "app") -> Ran:
    return project.run("explain", source, *arguments, app=app)


def test_allowed(project: Project) -> None:
    ran = explain(project, ORIGIN, "--method=PUT", "--header", "X-Token: 1", "--credentials")
    assert ran.status == 0
    lines = ran.output.splitlines()
    assert lines[0] == "PUT from https://app.example.com with X-Token, credentials: allowed"
    assert lines[1].startswith("Middleware: ")
    assert ":app, 1. fastcors.middleware.CORSMiddleware, the only middleware The browser: " in ran.words
    assert 'ok Fetch, "CORS-preflight fetch", step 7: Its status is 200, which is ok.' in ran.words
    assert "The server answers the preflight with 200 OK" in lines
    assert "The server's response has" in lines
    assert lines[3:5] == [
        "The browser: It sends a preflight, then the request, and lets the page read the",
        "    response.",
    ]


# What a user of FastAPI gets wrong, and what has to be read of it.
MISTAKES = {
    "header name missing": (
        (ORIGIN, "--header=X-Trace"),
        'To allow it: allow_headers=[..., "X-Trace"]',
    ),
    "method missing": ((ORIGIN, "--method=DELETE"), 'To allow it: allow_methods=[..., "DELETE"]'),
    "http for https": (
        ("--origin=http://app.example.com",),
        "Nearly: allow_origins holds 'https://app.example.com': http and https are different origins.",
    ),
    "another port": (
        ("--origin=http://localhost:5173",),
        "Nearly: allow_origins holds 'http://localhost:3000': another port is another origin.",
    ),
    "127.0.0.1 for localhost": (
        ("--origin=http://127.0.0.1:3000",),
        "localhost, 127.0.0.1 and [::1] are different origins.",
    ),
    "an unsafe change": (
        ("--origin=http://app.example.com", "--credentials"),
        "Unsafe: allow_origins holds 'http://app.example.com': anyone on the network",
    ),
    "a private network": ((ORIGIN, "--private-network"), "To allow it: allow_private_network=True"),
    "no change would help": ((ORIGIN, "--method=TRACE"), "No configuration change would allow this."),
}


@pytest.mark.parametrize(("arguments", "said"), MISTAKES.values(), ids=MISTAKES)
def test_usual_mistake(project: Project, arguments: tuple[str, ...], said: str) -> None:
    ran = explain(project, *arguments)
    assert ran.status == 1
    assert said in ran.words
    assert ran.output.splitlines()[0].endswith(": blocked")
    assert "  FAIL  " in ran.output


def test_document_is_the_decision(project: Project) -> None:
    document = explain(project, ORIGIN, "--header=X-Trace", "--credentials", "--json").document
    middleware = document.pop("middleware")
    assert middleware["class"] == "fastcors.middleware.CORSMiddleware"
    assert document.pop("app").endswith(":app")
    decision = decide(PARAMETERS, origin="https://app.example.com", request_headers=["X-Trace"], credentials=True)
    assert document == decision.as_dict()


SEVERAL = (
    APP
    + """
from starlette.routing import Host

api, files, other = FastAPI(), FastAPI(), FastAPI()
api.add_middleware(FastAPIs, allow_origins=["https://api.example.com"])
files.add_middleware(CORSMiddleware, allow_origins=["https://files.example.com"])
other.add_middleware(CORSMiddleware, allow_origins=["https://other.example.com"])
outer = FastAPI()
outer.mount("/api", api)
outer.mount("/plain", FastAPI())
outer.mount("/files/{tenant}", files)
outer.router.routes.append(Host("other.example.com", other))
outer.mount("/", app)
"""
)
WHICH = {
    "the outermost": ((), 1, "api"),
    "by path": (("--path=/api/items",), 1, "api"),
    "by a path with a parameter": (("--path=/files/blue/1",), 2, "files"),
    "by a host": (("--path=https://other.example.com/x",), 3, "other"),
    "by what comes last": (("--path=/items",), 4, "app"),
    "by a whole URL": (("--path=https://app.example.com/items?q=1",), 4, "app"),
    "by number": (("--index=2",), 2, "files"),
    "by number rather than path": (("--index=2", "--path=/api"), 2, "files"),
}


@pytest.mark.parametrize(("arguments", "number", "name"), WHICH.values(), ids=WHICH)
def test_which_middleware(project: Project, arguments: tuple[str, ...], number: int, name: str) -> None:
    origin = f"--origin=https://{name}.example.com"
    ran = explain(project, origin, *arguments, source=SEVERAL, app="outer")
    assert ran.status == 0
    assert f":outer, {number}. " in ran.output
    assert ("It is the outermost of 4. Use --path or --index to ask another." in ran.output) is (not arguments)


NO_MIDDLEWARE = {"for a path": ("--path=/plain/page",), "for a path that nothing has": ("--path=/nothing",)}


@pytest.mark.parametrize("arguments", NO_MIDDLEWARE.values(), ids=NO_MIDDLEWARE)
def test_no_middleware_answers(project: Project, arguments: tuple[str, ...]) -> None:
    source = SEVERAL.replace('outer.mount("/", app)', "")
    ran = explain(project, ORIGIN, *arguments, source=source, app="outer")
    assert ran.status == 1
    assert ran.output.splitlines()[0].endswith(f":outer for {arguments[0].partition('=')[2]}: blocked")
    assert "No CORS middleware answers there" in ran.output


def test_no_middleware_at_all(project: Project) -> None:
    source = "from fastapi import FastAPI\napp = FastAPI()\n"
    assert "No CORS middleware answers there" in explain(project, ORIGIN, source=source).output
    document = explain(project, ORIGIN, "--json", source=source).document
    assert document.pop("app").endswith(":app")
    assert document == {"middleware": None, "allowed": False}


FASTAPIS = "\napp = FastAPI()\napp.add_middleware(FastAPIs, {})\n"
NOT_ANSWERED = {
    "no such number": (APP, ("--index=2",), ":app has 1 CORS middleware, and so no number 2."),
    "no such number in several": (APP + FASTAPIS, ("--index=0",), ":app has 1 CORS middleware, and so no number 0."),
    "no origin of a browser": (APP, ("--origin=https://bücher.example",), "Write the host in punycode"),
    "no header": (APP, ("--header=X Token",), "'X Token' is not a valid header name"),
    "what waits": (
        APP
        + """
import asyncio
class Slow(CORSMiddleware):
    async def __call__(self, scope, receive, send): await asyncio.sleep(0)
app = Slow(app)
""",
        (),
        "this middleware waits for something",
    ),
}


@pytest.mark.parametrize(("source", "arguments", "said"), NOT_ANSWERED.values(), ids=NOT_ANSWERED)
def test_not_answered(project: Project, source: str, arguments: tuple[str, ...], said: str) -> None:
    ran = explain(project, ORIGIN, *arguments, source=source.replace("{}", ""))
    assert (ran.status, ran.output) == (2, "")
    assert said in ran.errors
    assert ran.errors.count("\n") == 1


CANNOT_START = {
    "Starlette's": ("FastAPIs, allow_origin_regex='('", "creating starlette.", "[regex-does-not-compile]"),
    "ours": ("CORSMiddleware, allow_methods=None", "raises TypeError: ", "[not-a-collection]"),
    "strict": ("CORSMiddleware, ['https://a.example/'], strict=True", "strict=True", "[origin-trailing-slash]"),
}


@pytest.mark.parametrize(("added", "said", "code"), CANNOT_START.values(), ids=CANNOT_START)
def test_an_app_that_cannot_start(project: Project, added: str, said: str, code: str) -> None:
    ran = explain(project, ORIGIN, source=APP + f"\napp = FastAPI()\napp.add_middleware({added})\n")
    assert (ran.status, ran.output) == (2, "")
    start, problem = ran.errors.splitlines()
    assert "cannot start: creating " in start
    assert said in start
    assert problem.endswith(code)
