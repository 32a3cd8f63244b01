"""Decides from the automaton of an origin regex whether it admits nothing, everything, or foreign origins.

Only origins that a browser can send count, so `https://evil.com/.example.com` does not. A regex admits foreign origins
if the hosts that it admits have infinitely many registrable domains, or more than one owner would have. The public
suffix list says which names can be registered; without it, a registrable domain is the last two labels.

Public IPv4 addresses are counted as well; two unrelated IPv6 addresses stand for all of them. A host without a
registrable domain is not foreign: a name without a dot, a name under a top-level domain of private networks, a browser
extension.
"""

import functools
import re
from collections.abc import Iterator

from ...standard.hosts import PRIVATE_TOPS, UNREGISTRABLE_TOPS
from ...standard.origins import DEFAULT_PORTS, has_dns_length
from ...standard.public_suffixes import PublicSuffixes, platforms_only
from ...standard.top_level import COMMON_TOPS
from ..regex.automaton import DEAD, OriginAutomaton
from ..regex.budget import Budget, NoAutomaton
from .addresses import PublicAddresses
from .domains import AdmittedDomains
from .grammar import domains, hosts, other_origins
from .ipv6 import are_many, public_address
from .spelled_hosts import ANY, spelled_hosts
from .walk import Admitted, Moves, Place, Texts

MAX_STEPS = 120_000
"""The most steps of one analysis."""
_MOST_TOGETHER = 240_000
"""The most steps of the construction of an automaton and its analysis together."""

MANY_DOMAINS = 16
"""The most domains that one owner plausibly has. Ten that differ by a digit can have one owner, but not twenty-six that
differ by a letter. Domains that the pattern spells out do not count.
"""
MANY_ON_A_PLATFORM = 8
"""The same below a domain of a platform, where a name costs nothing and another owner may have the next digit."""
MANY_ADDRESSES = 65_536
"""The most public IPv4 addresses that one owner plausibly has: those of a network with 16 bits for its hosts."""

# The number of public suffixes that one walk covers.
_TOGETHER = 16

# RFC 8375: a domain of home networks.
_HOME = frozenset({"home.arpa"})

_HAS_TOP = re.compile(r"\.[a-z][a-z0-9-]*[a-z0-9]\Z")
# A text with other characters is not a host, even if other characters replace its dots.
_OF_A_HOST = re.compile(rf"[a-z0-9._{ANY}-]+")


def host_of(origin: str) -> str:
    """Return the host of an http or https origin."""
    return re.sub(r":\d+\Z", "", origin.partition("://")[2])


class RegexAnalysis:
    """The origins that one pattern admits. Raises `NoAutomaton` if a decision would take more than `MAX_STEPS`, or more
    steps than the construction has left.
    """

    def __init__(self, automaton: OriginAutomaton, pattern: re.Pattern[str], suffixes: PublicSuffixes) -> None:
        self._automaton = automaton
        self._suffixes = suffixes
        try:
            self._spelled, self._all_spelled = spelled_hosts(pattern), True
        except NoAutomaton:
            self._spelled, self._all_spelled = set(), False
        self._moves = Moves(automaton, Budget(min(MAX_STEPS, max(0, _MOST_TOGETHER - automaton.steps))))
        # Looking up the domain of a host takes as long as ten steps.
        self._moves.budget.spend(10 * len(self._spelled))
        states = {scheme: self._moves.after(f"{scheme}://".encode(), automaton.start) for scheme in DEFAULT_PORTS}
        self._hosts = {scheme: Admitted(self._moves, hosts(scheme), state) for scheme, state in states.items()}

    @functools.cached_property
    def own_domains(self) -> Texts:
        """The registrable domains that the pattern spells out, and `localhost`. `ANY` stands for an unescaped dot."""
        return self._suffixes.registrable_of(self._spelled) | ({"localhost"} & self._spelled)

    def domains_of(self, hosts: set[str]) -> Texts:
        """Return the registrable domains of `hosts`, except those with `ANY` in place of a dot."""
        return frozenset(domain for domain in self._suffixes.registrable_of(hosts) if ANY not in domain)

    def admits_nothing(self) -> bool:
        """Tell whether no origin of any scheme is admitted, and `null` is not either."""
        if self._automaton.matches(b"null") or any(admitted.edges for admitted in self._hosts.values()):
            return False
        return not Admitted(self._moves, other_origins(), self._automaton.start).edges

    def admits_every_origin_of(self) -> list[str]:
        """Return the schemes, of http and https, whose origins are all admitted."""
        starts = ((scheme, admitted.start.state) for scheme, admitted in self._hosts.items())
        return [scheme for scheme, state in starts if self._moves.accepts_all(hosts(scheme), state)]

    def foreign_origin(self) -> str | None:
        """Return the shortest foreign origin that is admitted, preferably an https one that can exist, or None."""
        examined = {DEAD}
        impossible = None
        for scheme, admitted in self._hosts.items():
            state = admitted.start.state
            candidates = () if state in examined else self._foreign(scheme, state)
            for origin in (f"{scheme}://{host.decode()}" for host in candidates):
                if self.is_foreign(origin):
                    if self.can_exist(origin):
                        return origin
                    impossible = impossible or origin
            examined.add(state)
        return impossible

    def is_foreign(self, origin: str) -> bool:
        """Tell whether `origin` is possible, and its domain is not one that the pattern spells out."""
        host = host_of(origin)
        return has_dns_length(host) and self._suffixes.registrable(host) not in self.own_domains

    def can_exist(self, origin: str) -> bool:
        """Tell whether someone can have `origin`: its host is an address, or its top-level domain exists."""
        top = host_of(origin).removesuffix(".").rpartition(".")[2]
        return top.isdecimal() or top.endswith("]") or top in self._suffixes.tops

    def _foreign(self, scheme: str, state: int) -> Iterator[bytes]:
        """Yield a foreign host, with a port if needed, of each kind that is admitted after `scheme://`."""
        names = PublicSuffixes().registrable_of(self._spelled)
        tops = {host.rpartition(".")[2] for host in self._spelled}
        excluded = frozenset(top for top in tops if ANY in top or top in UNREGISTRABLE_TOPS)
        found = AdmittedDomains(self._moves, domains(scheme), state, names, excluded)
        if self._are_many(found):
            yield from self._under_tops(scheme, state, names, excluded)
            yield from _shortest(found)
        else:
            yield from self._under_suffixes(scheme, {*names, *found.domains()})
        addresses = PublicAddresses(self._moves, scheme, state)
        if addresses.count() > MANY_ADDRESSES:
            yield addresses.first()
        yield from are_many(self._moves, self._hosts[scheme])

    def _are_many(self, found: AdmittedDomains, most: int = MANY_DOMAINS) -> bool:
        """Tell whether there are more than `most` domains, too many for one owner. Raises `NoAutomaton` if the pattern
        may spell them out.
        """
        if found.unbounded():
            return True
        many = found.more_than(most)
        if many and not self._all_spelled:
            raise NoAutomaton("too many hosts")
        return many

    def _under_tops(self, scheme: str, state: int, names: Texts, excluded: Texts) -> Iterator[bytes]:
        """Yield foreign hosts whose top-level domain exists, the most readable ones first."""
        spelled = {host.rpartition(".")[2] for host in self._spelled if _HAS_TOP.search(host)}
        known = sorted((spelled & self._suffixes.tops).union(COMMON_TOPS) - excluded)
        yield from _shortest(AdmittedDomains(self._moves, domains(scheme, known), state, names))
        others = self._ending(self._hosts[scheme], set(self._suffixes.tops - excluded))
        for at in range(0, len(others), _TOGETHER):
            grammar = domains(scheme, others[at : at + _TOGETHER])
            yield from _shortest(AdmittedDomains(self._moves, grammar, state, names))

    def insecure_origin(self) -> str | None:
        """Return an http origin that is admitted and does not belong to this machine or to a private network."""
        state = self._hosts["http"].start.state
        if state == DEAD:
            return None
        tops = {host.rpartition(".")[2] for host in self._spelled if _HAS_TOP.search(host)} & self._suffixes.tops
        for ends in (sorted(tops.union(COMMON_TOPS)), None):
            local = frozenset(PRIVATE_TOPS)
            text = AdmittedDomains(self._moves, domains("http", ends), state, _HOME, local).shortest()
            if text is not None:
                return f"http://{text.decode()}"
        addresses = PublicAddresses(self._moves, "http", state)
        if addresses.count():
            return f"http://{addresses.first().decode()}"
        address = public_address(self._moves, "http", state)
        return None if address is None else f"http://{address}"

    def _under_suffixes(self, scheme: str, names: set[str]) -> Iterator[bytes]:
        """Yield the same for hosts under the public suffixes that equal one of `names` or end in it."""
        admitted = self._hosts[scheme]
        under = {suffix for name in names - _HOME for suffix in self._suffixes.under(name)}
        suffixes = self._ending(admitted, under)
        # The pattern may spell out a public suffix itself and admit nothing under it. Otherwise, a suffix one label
        # below another suffix would count as a domain of that one.
        excluded = self.own_domains.union(
            suffix for suffix in suffixes if suffix in self._spelled or suffix.partition(".")[2] in under
        )
        platforms = [suffix for suffix in suffixes if platforms_only().registrable(suffix.replace("*", "x")) is None]
        others = [suffix for suffix in suffixes if suffix not in platforms]
        for most, under_one in ((MANY_ON_A_PLATFORM, platforms), (MANY_DOMAINS, others)):
            for at in range(0, len(under_one), _TOGETHER):
                grammar = domains(scheme, under_one[at : at + _TOGETHER])
                found = AdmittedDomains(self._moves, grammar, admitted.start.state, excluded)
                if self._are_many(found, most):
                    yield from _shortest(found)

    def _ending(self, admitted: Admitted, suffixes: set[str]) -> list[str]:
        """Return those of `suffixes` that an admitted host can end in, shortest first."""
        starts = {place.state for place in admitted.edges if place.phase in ("host", "dot")}
        ends = frozenset(
            place.state for place in admitted.edges if place.phase == "label" and _may_end(admitted, place)
        )
        states = {place.state for place in admitted.edges}

        @functools.cache
        def before(octet: int, then: frozenset[int]) -> frozenset[int]:
            return frozenset(state for state in states if self._moves.after(bytes((octet,)), state) in then)

        def is_reached(suffix: str) -> bool:
            # This works backwards, because hundreds of suffixes can share an end, which rules most of them out.
            then = ends
            for octet in reversed(suffix.removeprefix("*.").encode()):
                then = before(octet, then)
            return not starts.isdisjoint(then)

        return sorted(filter(is_reached, suffixes), key=lambda suffix: (len(suffix), suffix))

    def unescaped_dot(self) -> tuple[str, str] | None:
        """Return a host with an unescaped dot, as its author meant it, and an origin that is admitted because the dot
        matches another character. A foreign origin is preferred. Return None if there is no such dot.
        """
        spelled = (host for host in self._spelled if ANY in host and _OF_A_HOST.fullmatch(host))
        for host in sorted(spelled, key=lambda host: (not self._changes_domain(host), host.count(ANY), host)):
            for scheme, admitted in self._hosts.items():
                places = ("label",) if host.startswith(".") else ("host", "dot", "label")
                origin = self._with(admitted, host.replace(ANY, "a"), places)
                if origin is not None:
                    return host.replace(ANY, "."), f"{scheme}://{origin}"
        return None

    def admitted_at(self, host: str) -> str | None:
        """Return an admitted origin whose host is `host` or below it, or None."""
        for scheme, admitted in self._hosts.items():
            origin = self._with(admitted, host, ("host", "dot"))
            if origin is not None:
                return f"{scheme}://{origin}"
        return None

    def _changes_domain(self, host: str) -> bool:
        """Tell whether another character in place of an unescaped dot makes another domain under the same top level."""
        domain, _, top = (self._suffixes.registrable(host.lstrip(".")) or "").rpartition(".")
        return ANY in domain and ANY not in top

    def _with(self, admitted: Admitted, host: str, places: tuple[str, ...]) -> str | None:
        """Return an admitted host, and its port if it needs one, that contains `host` after one of `places`."""
        for place, text in admitted.paths(admitted.start):
            if place.phase in places:
                end = Place(self._moves.after(host.encode(), place.state), "label")
                if end in admitted.edges:
                    return f"{text.decode()}{host}{(admitted.shortest(end) or b'').decode()}"
        return None


def _may_end(admitted: Admitted, place: Place) -> bool:
    return admitted.accepts(place) or any(
        further.phase == ":" or (further.phase == "dot" and admitted.accepts(further))
        for _, further in admitted.edges[place]
    )


def _shortest(*admitted: AdmittedDomains) -> Iterator[bytes]:
    for each in admitted:
        text = each.shortest()
        if text is not None:
            yield text
