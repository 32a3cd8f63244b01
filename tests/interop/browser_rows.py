"""What the Fetch standard says that JavaScript sees: a policy, a request and its outcome, row by row.

A row's script runs in a page and returns a promise. There, `at` makes the API's URLs and `see` says in a line what
came of a `fetch`: the response's type, its status and what the row asks about, or the error. `wire` is what reached
the API, in order, with the names that a preflight asks for.

Where the standard would allow another outcome for what was configured, `differs` says so and why; there too both
middlewares have to come out the same.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A case: `steps` are scripts, run one after the other, each in the page of that name; `sees` is of the last."""

    section: str
    shows: str
    policy: str
    steps: tuple[tuple[str, str], ...]
    sees: str
    wire: tuple[str, ...]
    differs: str = ""


def row(
    section: str, shows: str, policy: str, script: str | tuple[tuple[str, str], ...], sees: str, *wire: str,
    page: str = "app", differs: str = "",
) -> Row:  # fmt: skip
    """Return a row; a script alone runs in `page`."""
    steps = ((page, script),) if isinstance(script, str) else script
    return Row(section, shows, policy, steps, sees, wire, differs)


def ask(options: str = "", path: str = "/item", look: str = "") -> str:
    """Return the script of one `fetch`, with these options, that looks at more than type and status."""
    return f"see(fetch(at('{path}'), {{{options}}}){f', {look}' if look else ''})"


ALLOWED = "cors 200"
BLOCKED = "TypeError"
OPAQUE = "opaque 0"
PUT = "method: 'PUT'"
JSON = "method: 'POST', headers: {'Content-Type': 'application/json'}"
TOKEN = "headers: {'X-Token': 'a'}"
INCLUDE = "credentials: 'include'"
COUNT = "r => r.headers.get('x-total-count')"
HIDDEN = "r => r.headers.get('x-hidden')"
COOKIE = "async r => 'cookie ' + (await r.json()).cookie"
LOGIN = "async r => 'cookie ' + (await r.json()).login"
SENT = "async r => 'token ' + (await r.json()).token"

_CHECK = "CORS check"
_SIMPLE = "CORS-safelisted requests"
_PREFLIGHT = "CORS-preflight fetch"
_CREDENTIALS = "Credentials"
_FILTERED = "CORS filtered response"
_MODE = "Request modes"
_REDIRECT = "HTTP-redirect fetch"
_CACHE = "CORS-preflight cache"
_HTTP_CACHE = "CORS and HTTP caches"
_NETWORK = "Local Network Access"

_POST = "The standard asks for no listing of POST. Starlette refuses the preflight: it is not in allow_methods."

ORIGINS = (
    row(_CHECK, "a listed origin", "listed", ask(), ALLOWED, "GET"),
    row(_CHECK, "an origin that is not listed", "elsewhere", ask(), BLOCKED, "GET"),
    row(_CHECK, "any origin", "any", ask(), ALLOWED, "GET", page="foreign"),
    row(_CHECK, "an origin that the regex matches", "regex", ask(), ALLOWED, "GET"),
    row(_CHECK, "one that it does not match", "regex", ask(), BLOCKED, "GET", page="foreign"),
    row(_CHECK, "the listed host on another port", "listed", ask(), BLOCKED, "GET", page="port"),
    row(_CHECK, "a sandboxed page, null not listed", "listed", f"sandboxed(`{ask()}`)", BLOCKED, "GET from null"),
    row(_CHECK, "a sandboxed page, null listed", "null", f"sandboxed(`{ask()}`)", ALLOWED, "GET from null"),
    row(_CHECK, "a sandboxed page, any origin", "any", f"sandboxed(`{ask()}`)", ALLOWED, "GET from null"),
    row(
        _CHECK, "a sandboxed page, preflighted", "null", f"sandboxed(`{ask(PUT)}`)", ALLOWED,
        "OPTIONS from null", "PUT from null",
    ),
    row(_CHECK, "a 404 of the app", "listed", ask(path="/missing"), "cors 404", "GET"),
    row(
        _CHECK, "a 500 of the app, the middleware added to it", "listed", ask(path="/broken"), BLOCKED, "GET",
        differs="The policy allows the origin. Starlette answers 500 outside of every middleware that is added.",
    ),
    row(_CHECK, "a 500 of the app, the middleware around it", "around", ask(path="/broken"), "cors 500", "GET"),
    row(
        _CHECK, "an app that allows everyone, behind a policy that does not", "elsewhere", ask(path="/own"), ALLOWED,
        "GET",
        differs="The policy does not allow the origin. A header that the app set stays where the policy sets none.",
    ),
    row(_CHECK, "an app that allows everyone, behind a policy with a list", "listed", ask(path="/own"), ALLOWED, "GET"),
    row(_CHECK, "a module script", "any", "see(import(at('/script.js')), m => m.default)", "loaded", "GET"),
    row(_CHECK, "a module script, not listed", "elsewhere", "see(import(at('/script.js')))", BLOCKED, "GET"),
    row(_CHECK, "an image with crossorigin", "listed", "picture(at('/picture.svg'))", "loaded", "GET"),
    row(_CHECK, "an image with crossorigin, not listed", "elsewhere", "picture(at('/picture.svg'))", "error", "GET"),
)  # fmt: skip

REQUESTS = (
    row(_SIMPLE, "HEAD", "listed", ask("method: 'HEAD'"), ALLOWED, "HEAD"),
    row(_SIMPLE, "POST of text", "listed", ask("method: 'POST', body: 'a'"), ALLOWED, "POST"),
    row(_SIMPLE, "POST of a form", "listed", ask("method: 'POST', body: new URLSearchParams('a=b')"), ALLOWED, "POST"),
    row(_SIMPLE, "POST of a multipart form", "listed", ask("method: 'POST', body: new FormData()"), ALLOWED, "POST"),
    row(_SIMPLE, "POST that is not allowed still arrives", "elsewhere", ask("method: 'POST'"), BLOCKED, "POST"),
    row(_SIMPLE, "a safelisted Accept", "listed", ask("headers: {Accept: 'text/plain'}"), ALLOWED, "GET"),
    row(_SIMPLE, "a safelisted Range", "listed", ask("headers: {Range: 'bytes=0-9'}"), ALLOWED, "GET"),
    row(
        _SIMPLE, "a name that scripts cannot set", "any", ask("headers: {'Access-Control-Request-Method': 'PUT'}"),
        ALLOWED, "GET",
    ),
    row(
        _SIMPLE, "an Accept longer than 128 bytes", "listed", ask("headers: {Accept: 'a'.repeat(129)}"), ALLOWED,
        "OPTIONS for accept", "GET",
    ),
    row(
        _SIMPLE, "POST of JSON", "custom", ask(JSON), BLOCKED, "OPTIONS for content-type",
        differs=_POST,
    ),
    row(
        _SIMPLE, "POST of JSON, every method", "everything",
        ask(JSON), ALLOWED,
        "OPTIONS for content-type", "POST",
    ),
    row(
        _SIMPLE, "an upload that is listened to", "listed", "upload('PUT', at('/item'))", "200", "OPTIONS", "PUT",
    ),
    row(_PREFLIGHT, "a listed method", "listed", ask(PUT), ALLOWED, "OPTIONS", "PUT"),
    row(_PREFLIGHT, "a listed method in lower case", "listed", ask("method: 'put'"), ALLOWED, "OPTIONS", "PUT"),
    row(_PREFLIGHT, "a method that is not listed", "listed", ask("method: 'DELETE'"), BLOCKED, "OPTIONS"),
    row(_PREFLIGHT, "a listed method, the origin not", "elsewhere", ask(PUT), BLOCKED, "OPTIONS"),
    row(_PREFLIGHT, "a method of one's own", "custom", ask("method: 'BREW'"), ALLOWED, "OPTIONS", "BREW"),
    row(_PREFLIGHT, "patch is not PATCH, the listed", "custom", ask("method: 'patch'"), ALLOWED, "OPTIONS", "patch"),
    row(_PREFLIGHT, "patch is not PATCH, the other", "custom", ask("method: 'PATCH'"), BLOCKED, "OPTIONS"),
    row(_PREFLIGHT, "QUERY, every method", "everything", ask("method: 'QUERY'"), ALLOWED, "OPTIONS", "QUERY"),
    row(
        _PREFLIGHT, "a method of one's own, every method", "everything", ask("method: 'BREW'"), BLOCKED, "OPTIONS",
        differs="The standard's `*` covers every method. Starlette writes out eight, and refuses others.",
    ),
    row(_PREFLIGHT, "a forbidden method", "everything", ask("method: 'TRACE'"), BLOCKED),
    row(_PREFLIGHT, "a listed name", "listed", ask(TOKEN, look=SENT), "cors 200 token a", "OPTIONS for x-token", "GET"),
    row(
        _PREFLIGHT, "a name that is not listed", "listed", ask("headers: {'X-Token': 'a', 'X-Other': 'b'}"), BLOCKED,
        "OPTIONS for x-other,x-token",
    ),
    row(
        _PREFLIGHT, "a listed name with POST, which is not", "listed", ask(f"method: 'POST', {TOKEN}"), BLOCKED,
        "OPTIONS for x-token",
        differs=_POST,
    ),
    row(_PREFLIGHT, "a name, every name", "everything", ask(TOKEN), ALLOWED, "OPTIONS for x-token", "GET"),
    row(
        _PREFLIGHT, "Authorization, every name", "everything", ask("headers: {Authorization: 'a'}"), ALLOWED,
        "OPTIONS for authorization", "GET",
        differs="The standard's `*` leaves Authorization out. Starlette sends no `*` and names what was asked for.",
    ),
    row(_PREFLIGHT, "Authorization, not listed", "listed", ask("headers: {Authorization: 'a'}"), BLOCKED,
        "OPTIONS for authorization"),
)  # fmt: skip

RESPONSES = (
    row(_CREDENTIALS, "omitted by default", "credentials", ask(look=COOKIE), "cors 200 cookie false", "GET"),
    row(
        _CREDENTIALS, "included and allowed", "credentials", ask(INCLUDE, look=COOKIE), "cors 200 cookie true",
        "GET with cookies",
    ),
    row(_CREDENTIALS, "included, not allowed", "listed", ask(INCLUDE), BLOCKED, "GET with cookies"),
    row(_CREDENTIALS, "included, `*` without credentials", "any", ask(INCLUDE), BLOCKED, "GET with cookies"),
    row(
        _CREDENTIALS, "included, every origin with credentials", "everything-credentials", ask(INCLUDE, look=COOKIE),
        "cors 200 cookie true", "GET with cookies",
        differs="With a `*` the standard would block this. Starlette names the origin that asks: every origin may.",
    ),
    row(
        _CREDENTIALS, "allowed, but of another site", "everything-credentials", ask(INCLUDE, look=COOKIE),
        "cors 200 cookie false", "GET", page="foreign",
    ),
    row(
        _CREDENTIALS, "a preflight has none", "credentials", ask(f"{PUT}, {INCLUDE}", look=COOKIE),
        "cors 200 cookie true", "OPTIONS", "PUT with cookies",
    ),
    row(_CREDENTIALS, "included, preflighted, not allowed", "listed", ask(f"{PUT}, {INCLUDE}"), BLOCKED, "OPTIONS"),
    row(
        _CREDENTIALS, "a cookie that a response sets", "credentials",
        (("app", ask(f"method: 'POST', {INCLUDE}", "/login")), ("app", ask(INCLUDE, look=LOGIN))),
        "cors 200 cookie yes", "POST with cookies", "GET with cookies",
    ),
    row(_CREDENTIALS, "not listed, with credentials", "elsewhere", ask(INCLUDE), BLOCKED, "GET with cookies"),
    row(_FILTERED, "a name that is exposed", "listed", ask(look=COUNT), "cors 200 7", "GET"),
    row(_FILTERED, "a name that is not", "listed", ask(look=HIDDEN), "cors 200 null", "GET"),
    row(
        _FILTERED, "a safelisted response-header name", "any", ask(look="r => r.headers.get('content-type')"),
        "cors 200 application/json", "GET",
    ),
    row(_FILTERED, "`*` exposes every name", "everything", ask(look=HIDDEN), "cors 200 8", "GET"),
    row(
        _FILTERED, "`*` with credentials is a name", "everything-credentials", ask(INCLUDE, look=HIDDEN),
        "cors 200 null", "GET with cookies",
    ),
    row(
        _FILTERED, "`*` where credentials are omitted", "everything-credentials",
        ask("credentials: 'omit'", look=HIDDEN), "cors 200 8", "GET",
    ),
)  # fmt: skip

MODES = (
    row(_MODE, "no-cors", "elsewhere", ask("mode: 'no-cors'"), OPAQUE, "GET without Origin"),
    row(_MODE, "no-cors, a body", "elsewhere", ask("mode: 'no-cors', method: 'POST', body: 'a'"), OPAQUE, "POST"),
    row(_MODE, "no-cors, a method that needs more", "everything", ask(f"mode: 'no-cors', {PUT}"), BLOCKED),
    row(_MODE, "no-cors drops a name", "everything", ask(f"mode: 'no-cors', {TOKEN}"), OPAQUE, "GET without Origin"),
    row(_MODE, "no-cors, listed, is opaque too", "listed", ask("mode: 'no-cors'"), OPAQUE, "GET without Origin"),
    row(_MODE, "same-origin, another origin", "any", ask("mode: 'same-origin'"), BLOCKED),
    row(_MODE, "the page's own origin", "listed", "see(fetch('/'))", "basic 200"),
    row(_REDIRECT, "on one origin", "listed", "see(fetch(via(at('/redirect'), at('/item'))))", ALLOWED, "GET", "GET"),
    row(_REDIRECT, "from the page's own origin", "listed", "see(fetch(via('/redirect', at('/item'))))", ALLOWED, "GET"),
    row(
        _REDIRECT, "to a third origin the asker is null: not listed", "listed",
        "see(fetch(via(at('/redirect'), at('/item', third))))", BLOCKED, "GET", "GET from null",
    ),
    row(
        _REDIRECT, "to a third origin, null listed there", "listed",
        "see(fetch(via(at('/redirect'), at('/item', third, 'null'))))", ALLOWED, "GET", "GET from null",
    ),
    row(
        _REDIRECT, "to a third origin, any allowed there", "listed",
        "see(fetch(via(at('/redirect'), at('/item', third, 'any'))))", ALLOWED, "GET", "GET from null",
    ),
    row(
        _REDIRECT, "the redirect itself not allowed", "elsewhere",
        "see(fetch(via(at('/redirect'), at('/item', api, 'any'))))", BLOCKED, "GET",
    ),
    row(
        _REDIRECT, "preflighted, then preflighted again", "listed",
        "see(fetch(via(at('/redirect'), at('/item')), {method: 'PUT'}))", ALLOWED, "OPTIONS", "PUT", "OPTIONS", "PUT",
    ),
    row(
        _REDIRECT, "PUT becomes GET after 303", "listed",
        "see(fetch(via(at('/redirect'), at('/item'), 303), {method: 'PUT'}))", ALLOWED, "OPTIONS", "PUT", "GET",
    ),
    row(
        _REDIRECT, "manual", "listed", "see(fetch(via(at('/redirect'), at('/item')), {redirect: 'manual'}))",
        "opaqueredirect 0", "GET",
    ),
    row(
        _REDIRECT, "an error", "listed", "see(fetch(via(at('/redirect'), at('/item')), {redirect: 'error'}))", BLOCKED,
        "GET",
    ),
)  # fmt: skip

_TWICE = (("app", ask(PUT)), ("app", ask(PUT)))
CACHES = (
    row(_CACHE, "the second is not preflighted", "listed", _TWICE, ALLOWED, "OPTIONS", "PUT", "PUT"),
    row(_CACHE, "max_age of 0 keeps nothing", "uncached", _TWICE, ALLOWED, "OPTIONS", "PUT", "OPTIONS", "PUT"),
    row(
        _CACHE, "listed names are kept with the method", "listed", (("app", ask(PUT)), ("app", ask(f"{PUT}, {TOKEN}"))),
        ALLOWED, "OPTIONS", "PUT", "PUT",
    ),
    row(
        _CACHE, "where every name is allowed, another is asked for anew", "everything",
        (("app", ask(PUT)), ("app", ask(f"{PUT}, {TOKEN}"))), ALLOWED, "OPTIONS", "PUT", "OPTIONS for x-token", "PUT",
    ),
    row(_CACHE, "a refusal is not kept", "elsewhere", _TWICE, BLOCKED, "OPTIONS", "OPTIONS"),
    row(
        _CACHE, "another origin is asked for anew", "regex", (("app", ask(PUT)), ("sibling", ask(PUT))), ALLOWED,
        "OPTIONS", "PUT", "OPTIONS", "PUT",
    ),
    row(
        _CACHE, "credentials are asked for anew", "credentials", (("app", ask(PUT)), ("app", ask(f"{PUT}, {INCLUDE}"))),
        ALLOWED, "OPTIONS", "PUT", "OPTIONS", "PUT with cookies",
    ),
    row(
        _HTTP_CACHE, "a response kept for one origin is not another's", "regex",
        (("app", ask(path="/cacheable")), ("sibling", ask(path="/cacheable"))), ALLOWED, "GET", "GET",
    ),
    row(
        _HTTP_CACHE, "one kept without an Origin is not for one that has it", "any",
        (("app", ask("mode: 'no-cors'", "/cacheable")), ("app", ask(path="/cacheable"))), ALLOWED,
        "GET without Origin", "GET",
    ),
    row(
        _HTTP_CACHE, "a response that was kept is used", "listed",
        (("app", ask(path="/cacheable")), ("app", ask(path="/cacheable"))), ALLOWED, "GET",
    ),
)  # fmt: skip

NETWORK = (
    row(_NETWORK, "a public page, its user allows it", "network", ask(PUT), ALLOWED, "OPTIONS", "PUT", page="public"),
    row(_NETWORK, "a public page, its user does not", "network", ask(PUT), BLOCKED, page="unpermitted"),
    row(
        _NETWORK, "a public page, its user allows it, the policy does not", "everything", ask(PUT), ALLOWED,
        "OPTIONS", "PUT", page="public",
        differs="Chromium asks its user and not the server. It no longer sends "
        "Access-Control-Request-Private-Network, which allow_private_network answers.",
    ),
)  # fmt: skip

ROWS = (*ORIGINS, *REQUESTS, *RESPONSES, *MODES, *CACHES, *NETWORK)
