"""A FastAPI app with credentials and an origin list, and Gradio mounted in it, asked in this process.

Run with a form, which is how the app comes by its middleware, it prints what each exchange came to, as JSON. The test
imports the names of the forms from here, so what only this group's environment has is imported in functions.
"""

import asyncio
import json
import sys
from typing import Any

from interop.subjects import cors_middleware

FORMS = STARLETTES, IMPORTED, INSTALLED = ("Starlette's class", "the import changed", "install()")
ORIGIN = "https://app.example.com"
OTHER = "https://other.example.org"
# What pages ask for: the app's own route, then Gradio's.
PATHS = ITEM, CONFIG, INFO = ("/item", "/gradio/config", "/gradio/gradio_api/info")


def middleware(form: str) -> Any:
    """Return the class that the app names."""
    from starlette.middleware.cors import CORSMiddleware

    # Also where the class is not used: this fails where the process would run on another core than it was told to.
    asked = cors_middleware()
    if form == INSTALLED:
        import fastcors

        fastcors.install()
    return asked if form == IMPORTED else CORSMiddleware


def build(form: str) -> Any:
    import gradio
    from fastapi import FastAPI

    app = FastAPI()
    app.add_middleware(middleware(form), allow_origins=[ORIGIN], allow_credentials=True)

    async def item() -> str:
        return "hello"

    app.add_api_route(ITEM, item)
    with gradio.Blocks() as blocks:
        gradio.Markdown("hello")
    return gradio.mount_gradio_app(app, blocks, "/gradio")


async def observed(app: Any) -> dict[str, Any]:
    import httpx

    answers: dict[str, Any] = {}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example.com") as client:
        for origin in (ORIGIN, OTHER):
            headers = {"Origin": origin}
            asking = {**headers, "Access-Control-Request-Method": "GET"}
            for path in PATHS:
                answers[f"GET {path} from {origin}"] = shown(await client.get(path, headers=headers))
                answers[f"OPTIONS {path} from {origin}"] = shown(await client.options(path, headers=asking))
    return answers


def shown(response: Any) -> Any:
    """Return the status and the headers that a browser, or a cache, judges by."""
    pairs = response.headers.multi_items()
    return response.status_code, [pair for pair in pairs if pair[0].startswith("access-control-") or pair[0] == "vary"]


def package(app: Any) -> str:
    """Return whose middleware answers: the package of the outermost instance of Starlette's class."""
    from starlette.middleware.cors import CORSMiddleware

    inner = app.middleware_stack
    while not isinstance(inner, CORSMiddleware):
        inner = inner.app
    return type(inner).__module__.partition(".")[0]


def main(form: str) -> None:
    app = build(form)
    answers = asyncio.run(observed(app))
    print(json.dumps({"package": package(app), "answers": answers}))


if __name__ == "__main__":
    main(sys.argv[1])
