"""Public suffixes: the names below which anyone can register a domain. They tell which part of a host has one owner."""

import functools
import importlib
import re
from collections import defaultdict
from collections.abc import Iterable

from .hosts import UNREGISTRABLE_TOPS, to_ascii, to_unicode
from .platforms import PLATFORMS
from .top_level import KNOWN_TOPS

# Characters that a rule of one label does not have. Comments begin with a slash.
_NO_LABEL = re.compile(r"[./!*\s]")


class PublicSuffixes:
    """The rules of a public suffix list (https://publicsuffix.org/list/). Without rules, each top-level domain is a
    public suffix, and a registrable domain is the last two labels.
    """

    def __init__(self, text: str = "") -> None:
        self._rules = frozenset(text.splitlines())

    def registrable(self, host: str) -> str | None:
        """Return the registrable domain of `host`: one label more than its public suffix (URL, "registrable domain").

        Return None for a public suffix, an address and a host with an empty label. A dot at the end is dropped.
        """
        labels = host.removesuffix(".").split(".")
        if "" in labels or host.startswith("[") or labels[-1].isdecimal():
            return None
        count = self._suffix_length(list(map(to_unicode, labels))) + 1
        return ".".join(labels[-count:]) if count <= len(labels) else None

    def registrable_of(self, spelled: Iterable[str]) -> frozenset[str]:
        """Return the registrable domains of hosts, or of the ends of hosts, which may begin with a dot."""
        return frozenset(filter(None, (self.registrable(host.lstrip(".")) for host in spelled)))

    def _suffix_length(self, labels: list[str]) -> int:
        """Return how many labels the public suffix has: those of the longest rule, or one less for an exception."""
        for start in range(len(labels)):
            name = ".".join(labels[start:])
            if f"!{name}" in self._rules:
                return len(labels) - start - 1
            if name in self._rules or ".".join(("*", *labels[start + 1 :])) in self._rules:
                return len(labels) - start
        return 1

    def under(self, domain: str) -> list[str]:
        """Return the public suffixes that equal `domain`, which has two labels, or end in it. `*` is any label."""
        labels = list(map(to_unicode, domain.split(".")))
        longer = list(map(to_ascii, self._longer.get(".".join(labels), ())))
        return [domain, *longer] if self._suffix_length(labels) == 2 else longer

    @functools.cached_property
    def tops(self) -> frozenset[str]:
        """The top-level domains of the rules, or the best known ones if no rule has one."""
        rules = (rule.removeprefix("*.") for rule in self._rules)
        return frozenset(to_ascii(rule) for rule in rules if rule and not _NO_LABEL.search(rule)) or KNOWN_TOPS

    @functools.cached_property
    def _longer(self) -> dict[str, list[str]]:
        """The rules of three or more labels by their last two, without exceptions, which add no public suffix."""
        longer: defaultdict[str, list[str]] = defaultdict(list)
        for rule in sorted(rule for rule in self._rules if rule.count(".") > 1 and rule[0] not in "/!"):
            longer[".".join(rule.rsplit(".", 2)[1:])].append(rule)
        return longer


@functools.cache
def installed() -> PublicSuffixes:
    """Return the domains of platforms, and the list in the package `publicsuffixlist` (the extra `fastcors[psl]`) if
    that is installed.

    This reads the package's file directly, because the package itself takes longer than everything else at start-up.
    """
    try:
        with open(importlib.import_module("publicsuffixlist").PSLFILE, encoding="utf-8") as lines:
            text = lines.read()
    except (ImportError, AttributeError, OSError):
        text = ""
    return PublicSuffixes("\n".join((text, *PLATFORMS)))


@functools.cache
def platforms_only() -> PublicSuffixes:
    """Return only the domains of platforms, which are known without the package."""
    return PublicSuffixes("\n".join(PLATFORMS))


def is_known_top(name: str) -> bool:
    """Tell whether `name` is a top-level domain that is registered or reserved for local use."""
    return name in KNOWN_TOPS or name in UNREGISTRABLE_TOPS or name in installed().tops


def has_list() -> bool:
    """Tell whether the package `publicsuffixlist` is installed. Without it, only the platforms are known."""
    # Every version of the list has this rule, and no platform has this name.
    return installed().registrable("co.uk") is None
