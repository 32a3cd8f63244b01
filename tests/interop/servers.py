"""The servers, and how a user starts each. None is told what kind of app it is given, save where it has to be."""

from dataclasses import dataclass

APP = "interop.apps.served:app"
WRONG = "interop.apps.wrong:app"


@dataclass(frozen=True)
class Server:
    """A server in one of its forms: what to install for it, and the line that starts it."""

    name: str
    variant: str
    line: str
    needs: tuple[str, ...]
    http2: bool = False
    lifespan: bool = True
    fails: bool = True
    """Ends with a status other than 0 if the app fails to start."""


def _uvicorn(http: str, loop: str) -> Server:
    needs = ("uvicorn", http, *(["uvloop"] if loop == "uvloop" else []), "websockets")
    line = f"uvicorn {APP} --host 127.0.0.1 --port {{port}} --http {http} --loop {loop}"
    return Server("uvicorn", f"{http}, {loop}", line, needs)


HYPERCORN = f"hypercorn {APP} --bind 127.0.0.1:{{port}}"

SERVERS = (
    _uvicorn("h11", "asyncio"),
    _uvicorn("h11", "uvloop"),
    _uvicorn("httptools", "asyncio"),
    _uvicorn("httptools", "uvloop"),
    # It forgets the status of its last worker, whatever ended it.
    Server("hypercorn", "HTTP/1.1", HYPERCORN, ("hypercorn", "websockets"), fails=False),
    Server("hypercorn", "HTTP/2", HYPERCORN, ("hypercorn", "h2", "wsproto"), http2=True),
    # Without the flag it serves RSGI, its own interface, which no ASGI app speaks.
    Server("granian", "--interface asgi", f"granian {APP} --interface asgi --port {{port}}", ("granian", "websockets")),
    # It has no lifespan.
    Server("daphne", "", f"daphne -b 127.0.0.1 -p {{port}} {APP}", ("daphne", "websockets"), lifespan=False),
    Server(
        "gunicorn",
        "uvicorn-worker",
        f"gunicorn {APP} --bind 127.0.0.1:{{port}} --worker-class uvicorn_worker.UvicornWorker",
        ("gunicorn", "uvicorn-worker", "websockets"),
    ),
    Server(
        "gunicorn",
        "its own asgi worker",
        f"gunicorn {APP} --bind 127.0.0.1:{{port}} --worker-class asgi --asgi-disconnect-grace-period 0",
        ("gunicorn", "websockets"),
    ),
)

FASTAPI_RUN = Server(
    "fastapi run", "", f"fastapi run --host 127.0.0.1 --port {{port}} --entrypoint {APP}", ("fastapi-cli", "uvicorn")
)
# Of the variants of one server, which start an app in the same way, one.
STOPPING = (*(server for server in SERVERS[3:] if server.lifespan and not server.http2), FASTAPI_RUN)
