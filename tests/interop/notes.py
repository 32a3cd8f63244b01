"""What a user of other software should know beside the result; each is what a test of this directory saw."""

NOTES: dict[str, tuple[str, ...]] = {
    "granian": (
        "serves RSGI, its own interface, unless it is told `--interface asgi`, whichever middleware is outermost.",
    ),
    "hypercorn": ("ends with status 0, whatever stopped its only worker.",),
    "daphne": ("has no lifespan, so it starts with a wrong configuration that was given to `add_middleware`.",),
    "django": (
        "sends header names in mixed case, where ASGI recommends lower case (django/asgiref#246). Its `Vary` and the "
        "middleware's are then two lines, with Starlette's middleware as well. A CORS header of Django's own would be "
        "doubled in the same way (Kludex/starlette#1309).",
    ),
    "gradio": (
        "`mount_gradio_app` looks for Starlette's very class among the app's middleware. If it finds another class, "
        "such as fastcors', it adds CORS headers of its own, which allow every origin, with credentials. Keep "
        "Starlette's import in that app, and call `fastcors.install()`.",
    ),
    "sentry-sdk": (
        "with `middleware_spans`, calls the span of `send` inside the middleware `send` with the compiled core. With "
        "the Python core, its name is the repr of a partial, with an address and the Origin. With Starlette's "
        "middleware, the repr has all request headers.",
    ),
}
