"""What a user of other software should know beside the result; each is what a test of this directory saw."""

NOTES: dict[str, tuple[str, ...]] = {
    "granian": (
        "serves RSGI, its own interface, unless it is told `--interface asgi`, whichever middleware is outermost.",
    ),
    "daphne": ("has no lifespan.",),
    "gunicorn": ("closes the connection of an app that failed, unannounced, as uvicorn does.",),
    "django": (
        "sends header names in mixed case, which ASGI says should be lower case. Its `Vary` and the middleware's are "
        "then two lines, with Starlette's middleware as well.",
    ),
    "sentry-sdk": (
        "calls the span of `send` inside the middleware `send` with the compiled core, and by the repr of an object, an "
        "address in it, with the Python core and with Starlette's middleware.",
    ),
}
