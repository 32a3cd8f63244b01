"""Finds the origin that an entry of `allow_origins` plainly means. Each value returned here may be proposed."""

import re

from ...problems import pasted, shown
from ...standard.hosts import is_local
from ...standard.origins import DEFAULT_PORTS
from ...standard.plain import Plain, read
from .gate import passes
from .origin_texts import are_apart, bare, means_every, split

AS_PRINTED = (
    "On the page that calls the API, type location.origin into the browser's console, and list what that prints."
)
"""The fix for an entry whose meaning is not plain."""


def meant_by(text: str, credentials: bool = False) -> str | None:
    """Return the origin that `text` means as a browser writes it, or `*` for every origin.

    Return None unless `text` is plain, see `standard/plain.py`, and the origin has no fault of its own. A word such as
    `all` is not plain: it may be a name.
    """
    if means_every(text):
        return None if credentials or "*" not in text else "*"
    plain = read(bare(text))
    return plain and _origin(plain, text, credentials)


def with_scheme(text: str, scheme: str, credentials: bool) -> str | None:
    """Return the origin of `text` with another scheme and its default port; None if the meaning is not plain."""
    plain = read(bare(text))
    return plain and _origin(plain._replace(scheme=scheme, port=""), text, credentials)


def _origin(plain: Plain, text: str, credentials: bool) -> str | None:
    local = is_local(plain.host)
    scheme = plain.scheme.replace("ws", "http") or ("http" if local else "https")
    if credentials and scheme == "http" and not local:
        scheme = "https"
    port = f":{plain.port}" if plain.port and plain.port != DEFAULT_PORTS.get(scheme) else ""
    origin = f"{scheme}://{plain.host}{port}"
    return origin if passes("allow_origins", origin, text, credentials) else None


def meant_by_all(text: str, credentials: bool = False) -> list[str]:
    """Return the origins that `text`, an entry or the text of a list, means, or nothing if one of them is not plain."""
    parts = split(text)
    if len(parts) > 1 and not are_apart(text):
        return []
    meant = [meant_by(each, credentials) for each in parts]
    return [each for each in meant if each] if all(meant) else []


def to_write(text: str, credentials: bool) -> str:
    """Return the fix for an entry: the origins to write where they are plain."""
    meant = meant_by_all(text, credentials)
    if len(split(text)) > 1:
        listed = (
            f": {pasted(meant)}"
            if meant and pasted(meant)
            else " in the list, as location.origin prints it on that page"
        )
        return f"Write each on its own{listed}."
    if not meant:
        return AS_PRINTED
    return f"Write {shown(meant[0])}."


def on_this_machine(text: str) -> str:
    """Return the fix for a name that the public DNS resolves to the machine itself."""
    meant = meant_by(text)
    if meant is None:
        return "Open the page by the name localhost, and list what location.origin prints there."
    return f"Write {shown(re.sub('//[^:]+', '//localhost', meant))} and open the page by that name."
