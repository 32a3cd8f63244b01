"""The demo app behind fastcors, and a page of another origin to send requests to it by hand.

Prints the address of the page, and what a browser lets its scripts do shows there. Ctrl-C ends it.
"""

import html
import sys
from pathlib import Path

import demo_server
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

import fastcors

PAGE = Path(__file__).with_name("playground.html")


def create_page(api: str) -> FastAPI:
    """Return an app that serves the page, which sends its requests to the URL `api`."""
    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def page() -> HTMLResponse:
        core = "compiled" if fastcors.COMPILED else "Python"
        text = PAGE.read_text(encoding="utf-8").replace("{{api}}", html.escape(api)).replace("{{core}}", core)
        response = HTMLResponse(text)
        # A cookie belongs to the host whatever the port, so the API gets it with requests that carry credentials.
        response.set_cookie("session", "playground", httponly=True, samesite="lax")
        return response

    return app


def main() -> int:
    """Serve until Ctrl-C and return the exit status."""
    listener, port = demo_server.bind()
    page = f"http://127.0.0.1:{port}"
    try:
        with demo_server.run("fastcors:CORSMiddleware", origin=page) as api:
            ready = f"Open {page}/ in a browser; its requests go to {api}. Ctrl-C ends both."
            server = demo_server.AnnouncingServer(create_page(api), announce=lambda: print(ready, flush=True))
            server.run(sockets=[listener])
    except demo_server.StartUpError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
