"""The methods of Starlette's CORSMiddleware, each with its parameters in order."""

METHODS: dict[str, tuple[str, ...]] = {
    "__call__": ("scope", "receive", "send"),
    "is_allowed_origin": ("origin",),
    "preflight_response": ("request_headers",),
    "simple_response": ("scope", "receive", "send", "request_headers"),
    "send": ("message", "send", "request_headers"),
    "allow_explicit_origin": ("headers", "origin"),
}
# The methods that a subclass overrides or instrumentation replaces.
HOOKS = tuple(name for name in METHODS if name != "__call__")
