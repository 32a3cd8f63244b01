"""Public suffixes: under which names anyone can register one, and so which part of a host has an owner of its own."""

import functools
import importlib
from collections import defaultdict


class PublicSuffixes:
    """The rules of a public suffix list (https://publicsuffix.org/list/). Without rules each top-level domain is one
    public suffix, and a registrable domain is the last two labels.
    """

    def __init__(self, text: str = "") -> None:
        self._rules = frozenset(text.splitlines())

    def registrable(self, host: str) -> str | None:
        """Return the registrable domain of `host`: one label more than its public suffix (URL, "registrable domain").

        None for a host that is a public suffix, has an empty label, or is an address. A dot at the end is left out.
        """
        labels = host.removesuffix(".").split(".")
        if "" in labels or host.startswith("[") or labels[-1].isdecimal():
            return None
        count = self._suffix_length([_decoded(label) for label in labels]) + 1
        return ".".join(labels[-count:]) if count <= len(labels) else None

    def _suffix_length(self, labels: list[str]) -> int:
        """Return how many labels the public suffix has. The longest rule counts, before it an exception."""
        for start in range(len(labels)):
            name = ".".join(labels[start:])
            if f"!{name}" in self._rules:
                return len(labels) - start - 1
            if name in self._rules or ".".join(("*", *labels[start + 1 :])) in self._rules:
                return len(labels) - start
        return 1

    def under(self, domain: str) -> list[str]:
        """Return the public suffixes that are `domain`, two labels, or end in it. A `*` is any label."""
        labels = [_decoded(label) for label in domain.split(".")]
        found = self._longer.get(".".join(labels), [])
        longer = [_encoded(rule) for rule in found]
        return [domain, *longer] if self._suffix_length(labels) == 2 else longer

    @functools.cached_property
    def _longer(self) -> dict[str, list[str]]:
        """The rules of three labels and more by the last two. Exceptions make nothing a public suffix."""
        longer: defaultdict[str, list[str]] = defaultdict(list)
        for rule in sorted(rule for rule in self._rules if rule.count(".") > 1 and rule[0] not in "/!"):
            longer[".".join(rule.rsplit(".", 2)[1:])].append(rule)
        return longer


def _decoded(label: str) -> str:
    """Return a label as the list has it. `xn--` marks one that Punycode encodes (RFC 3492)."""
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _encoded(rule: str) -> str:
    """Return a rule as hosts have it."""
    if rule.isascii():
        return rule
    labels = rule.split(".")
    return ".".join(label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels)


@functools.cache
def installed() -> PublicSuffixes:
    """Return the list that `publicsuffixlist` brings (the extra `fastcors[psl]`); one without rules if that is missing.

    Its file is read as it is: to have it parsed would take longer than all else at start-up.
    """
    try:
        with open(importlib.import_module("publicsuffixlist").PSLFILE, encoding="utf-8") as lines:
            return PublicSuffixes(lines.read())
    except (ImportError, AttributeError, OSError):
        return PublicSuffixes()
