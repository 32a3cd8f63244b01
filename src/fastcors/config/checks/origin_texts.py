"""Recognises members of `allow_origins` that do not try to be one origin: a pattern, several origins, a word."""

import re

from ...problems import Fault, shown
from ...standard.origins import MAX_NAME_LENGTH, SCHEME
from ...standard.plain import read
from ..members import MOST_CHARACTERS


def fault_of_the_whole(origin: str) -> Fault | None:
    """Return why `origin` cannot be read as scheme, host and port, or None if it can."""
    if len(origin) > MOST_CHARACTERS:
        reason = f"it has {len(origin):,} characters, and no host has more than {MAX_NAME_LENGTH}."
        return Fault("origin-malformed", reason, "List each origin on its own, without anything else.")
    for beginning, code, reason, fix in _OF_NO_PAGE:
        if re.match(beginning, origin):
            return Fault(code, reason, fix, "note" if origin == "file://" else None)
    for look in (_range, _regex, _several, _wildcard, _surrounded, _without_scheme):
        found = look(origin)
        if found is not None:
            return found
    return None


# The beginning of such an origin as a regex, then the code, the reason and the fix.
_OF_NO_PAGE = (
    (
        r"null\Z",
        "origin-null",
        "any site can send the origin null from a sandboxed frame, so this allows nearly as much as '*'.",
        "Remove it. To test a page, open it from http://localhost instead of from a file.",
    ),
    (
        r"file://\Z",
        "origin-scheme",
        "browsers never send it. Electron and Cordova send it for every app that they open from a file.",
        "Keep it only if you have such an app. Other apps on the same device send the same origin.",
    ),
    (
        "(?i)file:",
        "origin-scheme",
        "a page opened from a file has no origin of its own. Browsers send null for it, Electron and Cordova file://.",
        "Serve the page over http, for instance from http://localhost:8000, and list that origin.",
    ),
    (
        "(?i)(about|data|filesystem|javascript):",
        "origin-scheme",
        "browsers send null for a page opened from such a URL, so this never matches.",
        "Serve the page over http, for instance from http://localhost:8000, and list that origin.",
    ),
    (
        "(?i)(wss?|ftp)://",
        "origin-scheme",
        "no page has this scheme. Browsers send the origin of the page, also when it opens a WebSocket.",
        "Write the page's origin, with http or https.",
    ),
)


def bare(origin: str) -> str:
    """Return `origin` without the separators, brackets and quotation marks that splitting a list leaves around it."""
    for _ in range(_MOST_AROUND):
        left = origin
        origin = left.strip().strip(_AROUND)
        # A shortcut: nearly all values in a long text have nothing more around them.
        if origin[:1].isalnum() and origin[-1:].isalnum():
            return origin
        # Removes all brackets at once. Removing one at a time would take quadratic time.
        if "]" not in origin:
            origin = origin.lstrip(f"[ {_AROUND}")
        elif "[" not in origin:
            origin = origin.rstrip(f"] {_AROUND}")
        elif _OPENS_LIST.match(origin):
            origin = origin[1:]
        if origin == left:
            break
    return origin


_AROUND = ",;\"'`"
_MOST_AROUND = 20
"""The most rounds of removing signs around a value. The time of each round grows with the text."""
# A bracket that opens neither an IPv6 address nor a set of a regular expression.
_OPENS_LIST = re.compile(rf"""\[\s*(?:["'`\]]|{SCHEME}://)""")


def split(text: str) -> list[str]:
    """Return the values in `text`, which may be separated as in an environment variable or in a JSON list."""
    parts = map(bare, re.split(r"[\s,;]+", text))
    return [part for part in parts if part]


def are_apart(text: str) -> bool:
    """Tell whether `text` certainly has several values, and is not one origin with a comma typed for a dot. Then each
    value has its own scheme or quotation marks, or a space follows each comma. A word is not a value.
    """
    parts = split(text)
    if all(part.count("://") == 1 and _HAS_SCHEME.match(part) for part in parts):
        return True
    between = re.findall(r"""["'`]\s*[,;]\s*["'`]|[,;]\s+""", text.strip(" ,;"))
    # A part without a scheme may be the end of a part with one.
    alike = len({"://" in part for part in parts}) == 1 or re.search("[\"'`]", text)
    return bool(alike) and len(between) == len(parts) - 1 and all(map(_is_whole, parts))


def _is_whole(part: str) -> bool:
    """Tell whether `part` is certainly an origin of its own, and not only a label or a suffix such as `co.uk`."""
    plain = read(part)
    if plain is None:
        return "://" in part
    return plain.host == "localhost" or "." in plain.host or plain.host.endswith("]")


_HAS_SCHEME = re.compile(f"{SCHEME}://")


def insecure(over_https: str) -> Fault:
    """Return why an http origin or pattern is unsafe with credentials. `over_https` is what to write, if known."""
    listed = "list the origin that the browser shows for it"
    if over_https:
        listed = f"list its origin, such as {shown(over_https)}"
    return Fault(
        "origin-insecure",
        "anyone on the network between a user and this page can change the page, because http is not encrypted. With "
        "allow_credentials=True, the changed page can read the user's data.",
        f"Serve the page over https and {listed}.",
    )


# Signs that occur in regular expressions, but neither in origins nor in wildcards.
_REGEX = re.compile(
    r"^\^|\$$|\\[.dDwWsSbBAZ/-]|(?<!\*)\.[*+]|[|()]|\[(?:\^\[?|[^\[\]:]*[-^])[^\[\]:]*\]|\{[0-9]+(,[0-9]*)?\}"
)

# As in `https://example.*`: an asterisk stands for a label and does not repeat the dot.
_LAST_LABELS = re.compile(r"(?<=[A-Za-z0-9-])(?:\.\*+)+(?=$|[.:/])")


def _range(origin: str) -> Fault | None:
    if not RANGE.fullmatch(bare(origin)):
        return None
    return Fault("origin-wildcard", "it is a range of addresses, but an origin has one host, so this never matches.")


RANGE = re.compile(
    r"(?:(?i:(https?))://)?([0-9]+(?:\.[0-9]+){3}|\[?(?=[0-9a-fA-F]*:)[0-9a-fA-F:]++\]?)/([0-9]{1,3})(?::(?:([1-9][0-9]{0,4})|\*))?"
)
"""A range of addresses (RFC 4632, section 3.1), which may have a scheme and a port."""


def _regex(origin: str) -> Fault | None:
    if not looks_like_regex(bare(origin)):
        return None
    reason = "it looks like a regular expression, but entries are compared literally, so it never matches."
    return Fault("origin-is-regex", reason)


def looks_like_regex(text: str) -> bool:
    return _REGEX.search(_LAST_LABELS.sub("", text)) is not None


def _several(origin: str) -> Fault | None:
    parts = split(origin)
    if not parts:
        fix = "Leave it out, as in [origin for origin in text.split(',') if origin]."
        return Fault("nothing-set", "it is empty, so it has no effect.", fix)
    if len(parts) == 1:
        return None
    reason = (
        "it looks like several in one string, so it never matches. No origin holds a comma, semicolon or white space."
    )
    return Fault("origin-malformed", reason)


def _wildcard(origin: str) -> Fault | None:
    # What follows the host is no wildcard: `https://app.example.com/*` has a path.
    address = re.match(r"(?:[^/?#\\]*://)?[^/?#\\]*", bare(origin))
    if address is None or "*" not in address[0] or bare(origin) == "*":
        return None
    return Fault("origin-wildcard", "'*' is not a wildcard inside an origin, so this never matches.")


def _surrounded(origin: str) -> Fault | None:
    if bare(origin) == origin:
        return None
    reason = "it begins or ends with a comma, a semicolon, white space or a bracket, so it never matches."
    if re.search("[\"'`]", origin):
        reason = "the quotation marks are part of the value, so it never matches."
    return Fault("origin-malformed", reason, "Write '*'." if bare(origin) == "*" else "")


def means_every(origin: str) -> bool:
    """Tell whether `origin` is a word for every origin, or `*` itself with something around it."""
    return bare(origin).lower() in ("*", "all", "any")


def _without_scheme(origin: str) -> Fault | None:
    if means_every(origin):
        reason = "this word is not an origin, so it never matches. Only '*' means every origin."
        return Fault("origin-missing-scheme", reason, "Write '*' if every site may read the responses.")
    if re.match(f"{SCHEME}://", origin):
        return None
    reason = "it does not begin with a scheme, such as https://, so it never matches."
    return Fault("origin-missing-scheme", reason)


def raw_string(pattern: str) -> str:
    """Return `pattern` as a raw string of Python's, or an empty text if it cannot be one."""
    if '"' in pattern or not pattern.isprintable() or pattern.endswith("\\"):
        return ""
    return f'r"{pattern}"'
