"""Recognises members of `allow_origins` that are no attempt at one origin: a pattern, several origins, a word."""

import re

from ...origins.admitted.dots import dots_escaped
from ...problems import Fault, shown
from ...standard.origins import SCHEME


def fault_of_the_whole(origin: str) -> Fault | None:
    """Return why `origin` cannot be read as scheme, host and port, or None if it can."""
    for beginning, code, reason, fix in _OF_NO_PAGE:
        if re.match(beginning, origin):
            return Fault(code, reason, fix)
    for look in (_regex, _several, _wildcard, _surrounded, _without_scheme):
        found = look(origin)
        if found is not None:
            return found
    return None


# How such an origin begins, and the code, the reason and the fix of the fault.
_OF_NO_PAGE = (
    (
        r"null\Z",
        "origin-null",
        "any site can make its requests come from null, by a sandboxed frame, so it allows nearly as much as '*'.",
        "Remove it; open a page that you test from http://localhost instead of from a file.",
    ),
    (
        "(?i)(about|data|file|filesystem|javascript):",
        "origin-scheme",
        "a page that was opened from such a URL has an opaque origin, and a browser sends null.",
        "Serve the page over http, for instance from http://localhost:8000, and list that.",
    ),
    (
        "(?i)(wss?|ftp)://",
        "origin-scheme",
        "no page has this scheme. The origin of a request is that of the page, also where it opens a WebSocket.",
        "Write the page's origin, with http or https.",
    ),
)


def bare(origin: str) -> str:
    """Return `origin` without the separators, brackets and quotation marks that splitting a list leaves around it."""
    left = None
    while left != origin:
        left = origin
        origin = re.sub(_AROUND, "", left)
        if _OPENS_LIST.match(origin) or (origin.startswith("[") and "]" not in origin):
            origin = origin[1:]
        elif origin.endswith("]") and "[" not in origin:
            origin = origin[:-1]
    return origin


_AROUND = re.compile(r"""^[\s,;"'`]+|[\s,;"'`]+$""")
# A bracket that opens neither an IPv6 address nor a set of a regular expression.
_OPENS_LIST = re.compile(rf"""\[\s*(?:["'`\]]|{SCHEME}://)""")


def split(text: str) -> list[str]:
    """Return the values in `text`, which may be separated as in an environment variable or in a JSON list."""
    parts = map(bare, re.split(r"[\s,;]+", text))
    return [part for part in parts if part]


def insecure(origin: str) -> Fault:
    """Return why the http origin `origin` is unsafe with credentials."""
    return Fault(
        "origin-insecure",
        "whoever sits on the network between a user and a page over http can change that page, and with "
        "allow_credentials=True read what the user's cookies give access to.",
        f"Serve that page over https and list its origin, such as {shown('https' + origin[4:])}.",
    )


# Signs that a regular expression has, but neither an origin nor a wildcard.
_REGEX = re.compile(r"^\^|\$$|\\[.dDwWsSbBAZ/-]|(?<!\*)\.[*+]|[|()]|\[[^\]:]*[-^][^\]:]*\]|\{[0-9]+(,[0-9]*)?\}")

# As in `https://example.*`: the asterisk stands for a label and does not repeat the dot.
_LAST_LABELS = re.compile(r"(?<=[A-Za-z0-9-])\.\*(?=$|[.:/])")


def _regex(origin: str) -> Fault | None:
    origin = bare(origin)
    if not _REGEX.search(_LAST_LABELS.sub("", origin)):
        return None
    pattern = origin.removeprefix("^").removesuffix("$")
    fix = f"Write {shown(pattern)}."
    if _REGEX.search(pattern):
        shorter = pattern_shown(dots_escaped(pattern))
        fix = f"Write allow_origin_regex={shorter}, which the whole of an origin has to match."
    reason = "it is taken as it stands and not as a regular expression, so no origin equals it."
    return Fault("origin-is-regex", reason, fix)


def _several(origin: str) -> Fault | None:
    parts = split(origin)
    if not parts:
        fix = "Leave it out, as in [origin for origin in text.split(',') if origin]."
        return Fault("origin-malformed", "it is empty, and no Origin header is.", fix)
    if len(parts) == 1:
        return None
    reason = "no origin holds a comma, a semicolon or white space; this looks like several."
    return Fault("origin-malformed", reason)


def _wildcard(origin: str) -> Fault | None:
    origin = bare(origin)
    scheme, _, rest = origin.partition("://") if "://" in origin else ("https", "://", origin)
    address = re.split(r"[/?#\\]", rest)[0]
    if "*" not in scheme + address or origin == "*":
        return None
    reason = "an asterisk inside an origin stands for itself, so no origin equals it."
    return Fault("origin-wildcard", reason, _for_wildcard(scheme.lower(), address.lower()))


def _for_wildcard(scheme: str, address: str) -> str:
    """Return what to write instead of an asterisk: a pattern or a regex if one is safe, otherwise advice in words."""
    for host in (address, re.sub(r"^\*+(?=[a-z0-9])", "*.", address)):
        if _is_pattern(f"{scheme}://{host}"):
            return f"Write allow_origin_patterns=[{shown(f'{scheme}://{host}')}]."
    host, colon, port = address.partition(":")
    schemes = {"*": "https?", "http*": "https?", "http": "http", "https": "https"}
    if scheme in schemes and _is_sound(host) and re.fullmatch(r"(?:[1-9][0-9]{0,3})?\**", port):
        regex = f"{schemes[scheme]}://{_escaped(host, '[a-z0-9-]+')}{colon}{_escaped(port, '[0-9]+')}"
        return f"Write allow_origin_regex={pattern_shown(regex)}."
    return (
        "List each origin in full, or name the domain, as in allow_origin_patterns=['https://*.example.com']; "
        "allow_origins=['*'] is for every origin."
    )


def _is_sound(host: str) -> bool:
    """Tell whether all hosts that `host` with its asterisks can stand for are below one domain of one owner."""
    if "*" not in host:
        return _is_pattern(f"https://{host}")
    _, dot, domain = host.rpartition("*")[2].partition(".")
    return bool(dot) and not host.startswith(".") and _is_pattern(f"https://*.{domain}")


def _is_pattern(pattern: str) -> bool:
    # Imported late: most configurations never need it.
    from ...origins.patterns import OriginPatternError, parse_origin_pattern

    try:
        parse_origin_pattern(pattern)
    except OriginPatternError:
        return False
    return True


def _escaped(text: str, instead: str) -> str:
    return instead.join(re.escape(part).replace(r"\-", "-") for part in re.split(r"\*+", text))


def _surrounded(origin: str) -> Fault | None:
    if bare(origin) == origin:
        return None
    reason = "no origin has a comma, a semicolon or white space around it."
    if re.search("[\"'`]", origin):
        reason = "the quotation marks are part of it, and no origin has any."
    return Fault("origin-malformed", reason, "Write '*'." if bare(origin) == "*" else "")


def means_every(origin: str) -> bool:
    """Tell whether `origin` is a word for every origin, or `*` itself with something around it."""
    return bare(origin).lower() in ("*", "all", "any")


def _without_scheme(origin: str) -> Fault | None:
    if means_every(origin):
        reason = "it is no origin, so it never matches; '*' is what means every origin."
        return Fault("origin-missing-scheme", reason, "Write '*' if every site may read the responses.")
    if re.match(f"{SCHEME}://", origin):
        return None
    reason = "an origin begins with its scheme and ://, and this does not, so it never matches."
    return Fault("origin-missing-scheme", reason)


def pattern_shown(pattern: str) -> str:
    """Return `pattern` as Python code: as a raw string if that is possible and short."""
    if len(pattern) > 100 or '"' in pattern or not pattern.isprintable() or pattern.endswith("\\"):
        return shown(pattern)
    return f'r"{pattern}"'
