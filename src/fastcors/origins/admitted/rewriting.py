"""Rewrites the source of an origin regex as its author probably meant it. `advice.py` judges the results."""

import re
from collections.abc import Iterator

from ...standard.public_suffixes import is_known_top
from .dots import dots_escaped

# A part that stands for many texts: `.*`, `[a-z]+`, `\\w{3}`, and a group of such parts.
_ONE = r"(?:\.|\\[dDsSwW]|\[(?:\\.|[^\]\\])*\])(?:[*+?]\??|\{[0-9,]*\})?"
_PART = rf"(?:{_ONE}|\\\.\??|-[?*]?|\((?:\?:)?(?:{_ONE}|\\\.\??|-)+\)[*+?]?|\((?:\?:)?www(?:\\?\.)?\)\?)"
_HOLE = rf"(?:{_PART})+"
_LABELS = r"([a-z0-9-]+\.)*"
_PORT = r"(:\d+)?"
_END = r"(?=$|\$$|\)|\|)"

_NUMBER = r"\d{1,3}"
_DOT = r"\\?\."
_NETWORKS = (
    (rf"192{_DOT}168{_DOT}{_HOLE}", rf"192\.168\.{_NUMBER}\.{_NUMBER}"),
    (rf"(172{_DOT}(?:1[6-9]|2[0-9]|3[01])){_DOT}{_HOLE}", rf"\1\.{_NUMBER}\.{_NUMBER}"),
    (rf"(?<![0-9.])(10|127){_DOT}{_HOLE}", rf"\1\.{_NUMBER}\.{_NUMBER}\.{_NUMBER}"),
)


def rewritten(source: str, hosts: list[str], own: list[str]) -> Iterator[str]:
    """Yield what `source` may become, the smallest change first. `hosts` are the hosts that it spells out, longest
    first, and `own` are their domains.
    """
    started = _bare(source)
    escaped = _escaped(started, hosts)
    closed = _closed(escaped, own)
    for changed in (dots_escaped(source), escaped, closed, _in_networks(started), _in_networks(closed), started):
        yield changed
        yield _once(re.sub(r"https\?\?://|http://", "https://", changed))
        # A text that begins like a scheme probably stands for one.
        if "://" not in changed and not re.match(r"h(?:t|\W|$)", changed):
            yield f"https://{changed}"


def revived(source: str) -> Iterator[str]:
    """Yield patterns that may be meant by a `source` that matches no origin."""
    # Half of the backslashes would make a class or a word boundary out of a letter.
    if re.search(r"\\\\[^\W_]", source):
        return
    single = _bare(source.replace("\\\\", "\\"))
    # An optional letter may make two domains of one, such as `example.com` and `example.co`.
    if re.search(r"(?<!\\)[A-Za-z0-9][?*{]|\](?:\?|\{0)", re.sub(r"^\(?(?:http|ws)s\?", "", single)):
        return
    yield single
    yield re.sub(r"/$", "", re.sub(r"^wss?\??(?=:)", "https", single))


def _bare(source: str) -> str:
    """Return `source` without anchors, which have no effect because the whole origin has to match."""
    return source.removeprefix("^").removesuffix("$") if not source.endswith("\\$") else source


def _once(source: str) -> str:
    return source if "(" in source else "|".join(dict.fromkeys(source.split("|")))


def _escaped(source: str, hosts: list[str]) -> str:
    for host in hosts:
        # A function, because in a text of `re.sub` a backslash means something else.
        source = re.sub(_spelled(host), lambda _: _literal(host), source)  # noqa: B023  # called at once
    return source


def _closed(source: str, own: list[str]) -> str:
    """Return `source` with only whole labels left open before each domain, and only a port after it."""
    for domain in own:
        if domain != "localhost":
            source = re.sub(rf"(?:{_HOLE})(?={_spelled(domain)})", _LABELS.replace("\\", "\\\\"), source)
        after = rf"({_spelled(domain)})(?::?\??(?:{_PART})|\\b|\(\?![^()]*\))++{_END}"
        source = re.sub(after, lambda found: found[1] + _PORT, source)
    return source


def _in_networks(source: str) -> str:
    for mistake, instead in _NETWORKS:
        source = re.sub(mistake, instead.replace("\\d", "\\\\d").replace("\\.", "\\\\."), source)
    return source


SLIPPED_LABELS = ("www", "m", "app", "api", "admin", "dev", "staging")
"""Labels that certainly lack their dot. For `(my)?shop`, nobody knows which domain is meant."""
_SLIPPED = f"(?:{'|'.join(SLIPPED_LABELS)})"


def without_slips(source: str, own: list[str]) -> Iterator[str]:
    """Yield patterns that may be meant if a `?` in `source` makes the wrong part optional."""
    source = _bare(source)
    for domain in own:
        if is_known_top(domain.rpartition(".")[2]):
            source = re.sub(rf"({_spelled(domain)})\?", r"\1", source)
        before = rf"(?={_spelled(domain)})"
        source = re.sub(rf"\((?:\?:)?({_SLIPPED}(?:\|{_SLIPPED})*)\)\?{before}", r"((\1)\\.)?", source)
        # Only for www. With another label, an optional dot is more likely meant as it is than as an optional label.
        source = re.sub(rf"(?<=//)www(?:\\\.|\.)\?{before}", r"(www\\.)?", source)
    yield source


def _spelled(domain: str) -> str:
    return rf"(?<![a-z0-9]){re.escape(domain)}".replace(r"\.", r"\\?\.").replace(r"\-", r"\\?-")


def _literal(domain: str) -> str:
    return domain.replace(".", r"\.")
