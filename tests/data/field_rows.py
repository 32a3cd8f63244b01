"""Lists as people write them in public code, with the expected problems: severity, code and a part of the text."""

from typing import Any

Expected = tuple[str, str, str]

# The parameters, and the problems without credentials and with them.
FIELD_ROWS: dict[str, tuple[dict[str, Any], list[Expected], list[Expected]]] = {}


def _row(name: str, parameters: dict[str, Any], without: list[Expected], having: list[Expected] | None = None) -> None:
    FIELD_ROWS[name] = parameters, without, without if having is None else having


_EVERY = ("error", "origin-asterisk-with-credentials", "List the origins")
_row(
    "with and without a slash",
    {"allow_origins": ["https://x.app", "https://x.app/"]},
    [("note", "origin-trailing-slash", "Remove it: 'https://x.app' is in the list already.")],
)
_row(
    "with several faults beside the right one",
    {"allow_origins": ["https://x.app", "HTTPS://X.app:443/"]},
    [("note", "origin-upper-case", "Remove it: 'https://x.app' is in the list already.")],
)
_row(
    "with and without a scheme",
    {"allow_origins": ["localhost:5173", "http://localhost:5173"]},
    [("note", "origin-missing-scheme", "Remove it: 'http://localhost:5173' is in the list already.")],
)
_row(
    "a WebSocket's scheme beside the page's",
    {"allow_origins": ["ws://localhost:3000", "http://localhost:3000"]},
    [("note", "origin-scheme", "Remove it: 'http://localhost:3000' is in the list already.")],
)
_row(
    "several in one beside each",
    {"allow_origins": ["https://a.example", "https://b.example", "https://a.example,https://b.example/"]},
    [("note", "origin-malformed", "Remove it: these origins are in the list already.")],
)
_row(
    "a wildcard beside its pattern",
    {"allow_origins": ["https://*.example.com"], "allow_origin_patterns": ["https://*.example.com"]},
    [("note", "origin-wildcard", "Remove it: what it means is configured already.")],
)
_row(
    "a word beside an asterisk",
    {"allow_origins": ["localhost", "*"]},
    [("note", "origin-asterisk-beside-others", "the other entries, such as 'localhost', have no effect")],
    [("note", "origin-asterisk-beside-others", "no effect"), _EVERY],
)
_row(
    "an unset variable beside an asterisk",
    {"allow_origins": [None, "*"]},
    [("note", "not-a-string", "Perhaps a variable is not set.")],
    [("note", "not-a-string", "Perhaps a variable is not set."), _EVERY],
)
_row(
    "a regex beside an asterisk",
    {"allow_origins": ["*"], "allow_origin_regex": ".*"},
    [("note", "origin-asterisk-beside-others", "so allow_origin_regex has no effect")],
    [_EVERY, ("note", "origin-asterisk-beside-others", "no effect")],
)
_row(
    "a pattern beside an asterisk",
    {"allow_origins": ["*"], "allow_origin_patterns": ["http://*.example.com"]},
    [("note", "origin-asterisk-beside-others", "so allow_origin_patterns has no effect")],
    [_EVERY, ("note", "origin-asterisk-beside-others", "no effect")],
)
_row(
    "a regex beside an asterisk that does not compile",
    {"allow_origins": ["*"], "allow_origin_regex": "("},
    [("note", "origin-asterisk-beside-others", ""), ("error", "regex-does-not-compile", "")],
    [_EVERY, ("note", "origin-asterisk-beside-others", ""), ("error", "regex-does-not-compile", "")],
)
_row("an empty regex", {"allow_origin_regex": ""}, [("note", "nothing-set", "it has no effect")])
_row("an empty variable, split", {"allow_origins": [""]}, [("note", "nothing-set", "it has no effect")])
_row("a comma at the end", {"allow_origins": ["https://x.app", ""]}, [("note", "nothing-set", "it has no effect")])
_row("an unset variable", {"allow_origins": [None]}, [("error", "not-a-string", "Perhaps a variable is not set.")])
_row(
    "the usual headers",
    {"allow_headers": ["Authorization", "Content-Type", "Accept", "Origin", "X-Requested-With"]},
    [("note", "header-forbidden", "Leave it out.")],
)
_row(
    "several headers that browsers set",
    {"allow_headers": ["Accept", "Origin", "Host", "Referer"]},
    [("note", "header-forbidden", "The same goes for ['Host', 'Referer'].")],
)
_row(
    "a header that pages send by mistake",
    {"allow_headers": ["Access-Control-Allow-Origin"]},
    [("note", "header-of-response", "Only pages that send it by mistake need it.")],
)
_row(
    "null",
    {"allow_origins": ["null"]},
    [("warning", "origin-null", "sandboxed")],
    [("error", "origin-null", "sandboxed")],
)
for _name in ("localhost.tiangolo.com", "app.localtest.me:3000", "lvh.me", "a.127.0.0.1.nip.io", "7f000001.sslip.io"):
    _row(
        f"the machine itself: {_name}",
        {"allow_origins": [f"http://{_name}"]},
        [],
        [("note", "origin-insecure", "Write 'http://localhost")],
    )
for _name in ("93.184.216.34.nip.io", "1.127.0.0.1.nip.io", "5db8d822.7f000001.sslip.io"):
    _row(
        f"not the machine itself: {_name}",
        {"allow_origins": [f"http://{_name}"]},
        [],
        [("warning", "origin-insecure", f"https://{_name}")],
    )
_row(
    "a container's name",
    {"allow_origins": ["http://frontend:5173"]},
    [("note", "origin-container-name", "'frontend' looks like the name of a container")],
)
_row(
    "what Electron sends",
    {"allow_origins": ["file://"]},
    [("note", "origin-scheme", "Electron and Cordova send it for every app")],
)
_row("twice", {"allow_origins": ["https://x.app"] * 2}, [("note", "duplicate-entry", "in the list 2 times")])
_row("a header twice", {"allow_headers": ["X-A", "X-A"]}, [("note", "duplicate-entry", "in the list 2 times")])
_row(
    "addresses with asterisks",
    {"allow_origins": ["http://192.168.*.*:*"]},
    [("error", "origin-wildcard", r'allow_origin_regex=r"http://192\.168\.\d{1,3}\.\d{1,3}(:\d+)?"')],
)
_row(
    "addresses with too many asterisks",
    {"allow_origins": ["http://192.168.*.***:5173"]},
    [("error", "origin-wildcard", r'allow_origin_regex=r"http://192\.168\.\d{1,3}\.\d{1,3}:5173"')],
)
_row(
    "addresses without a scheme",
    {"allow_origins": ["10.*"]},
    [("error", "origin-wildcard", r'allow_origin_regex=r"http://10\.\d{1,3}\.\d{1,3}\.\d{1,3}"')],
)
_row(
    "a range",
    {"allow_origins": ["192.168.0.0/16"]},
    [("error", "origin-wildcard", r'allow_origin_regex=r"http://192\.168\.\d{1,3}\.\d{1,3}(:\d+)?"')],
)
_row(
    "a range that ends inside a number",
    {"allow_origins": ["https://10.1.2.128/28"]},
    [("error", "origin-wildcard", r"10\.1\.2\.(128|129|130|")],
)
for _range in ("8.8.0.0/16", "10.0.0.0/1", "10.0.0.0/99", "10.1.0.0/11", "10.0.0.999/24", "http://[fd00::]/8"):
    _row(
        f"a range that is not proposed: {_range}",
        {"allow_origins": [_range]},
        [("error", "origin-wildcard", "No regex is proposed: some of these addresses are public")],
    )
_row(
    "two wildcards",
    {"allow_origins": ["https://*.example.com", "https://*.example.org"], "allow_origin_patterns": ["http://a.test"]},
    [
        (
            "error",
            "origin-wildcard",
            "Write allow_origin_patterns=['http://a.test', 'https://*.example.com', 'https://*.example.org'].",
        )
    ]
    * 2,
)
_row(
    "a wildcard beside a regex",
    {"allow_origins": ["https://a-*.example.com"], "allow_origin_regex": r"https://b\.example\.com"},
    [
        (
            "error",
            "origin-wildcard",
            r'Write allow_origin_regex=r"https://b\.example\.com|https://a-[a-z0-9-]+\.example\.com"',
        )
    ],
)
_row(
    "a wildcard beside a regex with flags",
    {"allow_origins": ["https://a-*.example.com"], "allow_origin_regex": r"(?i)https://b\.example\.com"},
    [("error", "origin-wildcard", "It cannot be joined safely with the allow_origin_regex that is set already.")],
)
_row(
    "a platform",
    {"allow_origins": ["https://*.vercel.app"]},
    [("error", "origin-wildcard", "anyone can register a name below 'vercel.app'")],
)
_row(
    "a regex in the list that opens",
    {"allow_origins": [r"https://.*\.netlify\.app"]},
    [("error", "origin-is-regex", "As allow_origin_regex it would be wrong too: it admits foreign origins")],
)
_row(
    "an origin in a regex's clothes",
    {"allow_origins": ["^https://x.example$"]},
    [("error", "origin-is-regex", "Write 'https://x.example'.")],
)
_row(
    "a wildcard over http",
    {"allow_origins": ["http://*.example.com"]},
    [("error", "origin-wildcard", "Write allow_origin_patterns=['http://*.example.com'].")],
    [("error", "origin-wildcard", "Write allow_origin_patterns=['https://*.example.com'].")],
)
_row(
    "a port of https on http",
    {"allow_origins": ["https://x.example:80"]},
    [("note", "origin-port-of-other-scheme", "Write 'http://x.example' if")],
    [("note", "origin-port-of-other-scheme", "Write 'https://x.example' if")],
)
