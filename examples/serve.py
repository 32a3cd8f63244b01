"""The demo app behind fastcors, and a page of another origin to send requests to it by hand.

Prints the address of the page, and what a browser lets its scripts do shows there. Ctrl-C ends it.
"""

import html
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import demo_server
from demo_app import OUTERMOST, policies
from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse

import fastcors
from fastcors.explain import explain

PAGE = Path(__file__).with_name("playground.html")


def source(call: str, policy: dict[str, Any]) -> str:
    """Return the Python code that sets a policy."""
    parameters = (f"{name}={value!r}" for name, value in policy.items())
    return ",\n  ".join([call, *parameters]) + ")"


def create_page(api: str, origin: str) -> FastAPI:
    """Return an app that serves the page at `origin`, which sends its requests to the URL `api`."""
    app = FastAPI(openapi_url=None)
    known = policies(origin)
    sources = {path: source("add_middleware(CORSMiddleware", policy) for path, policy in known.items()}
    sources[OUTERMOST] = source("add_cors(app", known["/listed"])
    known[OUTERMOST] = known["/listed"]

    @app.get("/")
    async def page() -> HTMLResponse:
        core = "compiled" if fastcors.COMPILED else "Python"
        text = PAGE.read_text(encoding="utf-8").replace("{{api}}", html.escape(api)).replace("{{core}}", core)
        text = text.replace("{{policies}}", json.dumps(sources).replace("<", r"\u003c"))
        response = HTMLResponse(text)
        # A cookie belongs to the host whatever the port, so the API gets it with requests that carry credentials.
        response.set_cookie("session", "playground", httponly=True, samesite="lax")
        return response

    @app.get("/explain")
    def explained(
        path: str, method: str = "GET", credentials: bool = False, header: Annotated[list[str] | None, Query()] = None
    ) -> list[dict[str, Any]]:
        """Return what `explain` says of a request from this page: lines with their kind and label."""
        policy = known["/" + path.split("/")[1]]
        decision = explain(policy, origin=origin, method=method, request_headers=header or [], credentials=credentials)
        return [line._asdict() for line in decision.lines()]

    return app


def main() -> int:
    """Serve until Ctrl-C and return the exit status."""
    listener, port = demo_server.bind()
    page = f"http://127.0.0.1:{port}"
    try:
        with demo_server.run("fastcors:CORSMiddleware", origin=page) as api:
            ready = f"Open {page}/ in a browser; its requests go to {api}. Ctrl-C ends both."
            server = demo_server.AnnouncingServer(create_page(api, page), announce=lambda: print(ready, flush=True))
            server.run(sockets=[listener])
    except demo_server.StartUpError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
