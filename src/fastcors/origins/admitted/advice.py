"""What to write instead of an origin regex with a fault.

Users trust the advice that they follow. So each proposed pattern is judged first, with and without the public suffix
list. It admits nothing that the original pattern does not admit. A pattern that does not pass is not shown.
"""

import re
from collections.abc import Iterable, Iterator

from ...problems import Fault, holds_secret
from ...standard.public_suffixes import PublicSuffixes, installed, platforms_only
from ..patterns import has_one_owner, objection_to_subdomains
from ..regex.automaton import OriginAutomaton
from ..regex.budget import NoAutomaton
from ..regex.matcher import matcher_of
from .analysis import host_of
from .judgement import judged
from .rewriting import SLIPPED_LABELS, revived, rewritten, without_slips
from .samples import likely_origins
from .spelled_hosts import ANY, is_impossible, open_domains, spelled_hosts

_LONGEST = 100
_MOST_STEPS = 30_000
"""The most steps that the automaton of a pattern may take, if another pattern is to be proposed."""
_MOST_HOSTS = 20

_EXAMPLE = r'Name the domain, as in allow_origin_regex=r"https://([a-z0-9-]+\.)*example\.com".'


def advised(fault: Fault, pattern: re.Pattern[str], automaton: OriginAutomaton | None, credentials: bool) -> Fault:
    """Return `fault` with its fix: a parameter to paste if one passes, otherwise a sentence."""
    words = _in_words(fault, credentials)
    if fault.code in _IN_WORDS or (fault.code, fault.severity) in _NOTED:
        return fault._replace(fix=words)
    return fault._replace(fix=to_write(pattern, automaton, credentials, fault) or words)


_IN_WORDS = frozenset({"regex-matches-every-origin", "regex-not-decided", "origin-null"})
_NOTED = frozenset({("regex-matches-no-origin", "note")})


def to_write(
    pattern: re.Pattern[str], automaton: OriginAutomaton | None, credentials: bool, fault: Fault | None = None
) -> str:
    """Return the advice to write another pattern, which has neither `fault` nor any other fault, or an empty text."""
    source = pattern.pattern
    if automaton is None or len(source) > _LONGEST or holds_secret(source) or _is_unfit(pattern, automaton):
        return ""
    try:
        hosts = sorted({host.replace(ANY, ".").lstrip(".") for host in spelled_hosts(pattern)}, key=len, reverse=True)
        own = sorted(_own(hosts))
        meant = _meant(own) | {host for host in hosts if "." in host and installed().registrable(host) is None}
        kept = [origin for origin in _likely(pattern) if _is_kept(origin, meant, automaton)]
    except (NoAutomaton, RecursionError):
        return ""
    witness = (fault.origin if fault else None) or ""
    proposals, wider = _proposals(source, hosts[:_MOST_HOSTS], own[:_MOST_HOSTS], fault)
    for proposed in dict.fromkeys(proposals):
        if len(proposed) <= _LONGEST and _passes(proposed, pattern, wider, credentials, witness, kept):
            return f"Write allow_origin_regex={_shown(proposed)}."
    return ""


def _proposals(
    source: str, hosts: list[str], own: list[str], fault: Fault | None
) -> tuple[Iterator[str], re.Pattern[str] | None]:
    """Return the patterns that `source` may become, and a pattern for the origins that only those may admit. The latter
    is None if all or a part of `source` matches no origin, because a revived part admits new origins.
    """
    if fault is not None and fault.code == "regex-matches-no-origin":
        return revived(source), None
    if fault is not None and (fault.code, fault.severity) == ("regex-admits-foreign-origins", "note"):
        return without_slips(source, own), _with_labels(_meant(own))
    return rewritten(source, hosts, own), _NOTHING


def _is_unfit(pattern: re.Pattern[str], automaton: OriginAutomaton) -> bool:
    """Tell whether patterns like `pattern` would take long to judge, or would lose its flags."""
    return automaton.steps > _MOST_STEPS or pattern.flags != re.compile(pattern.pattern).flags


def _own(hosts: Iterable[str]) -> set[str]:
    """Return the registrable domains of `hosts`, and `localhost`."""
    own = installed().registrable_of(hosts) | ({"localhost"} & set(hosts))
    return {domain for domain in own if domain[0].isalnum()}


_NOTHING = re.compile("(?!)")


def _with_labels(domains: set[str]) -> re.Pattern[str]:
    hosts = "|".join(map(re.escape, sorted(domains)))
    return re.compile(rf"https?://(?:(?:{'|'.join(SLIPPED_LABELS)})\.)?(?:{hosts})(?::\d+)?")


def _meant(own: list[str]) -> set[str]:
    """Return the domains that are not a slip for another one, as `wwwexample.com` is for `example.com`."""
    return {one for one in own if not any(each != one and (one.endswith(each) or each.startswith(one)) for each in own)}


def _likely(pattern: re.Pattern[str]) -> Iterator[str]:
    for origin in likely_origins(pattern):
        yield from (origin, f"{origin}:3000", f"{origin}:8080")


def _is_kept(origin: str, meant: set[str], automaton: OriginAutomaton) -> bool:
    """Tell whether every advice has to keep `origin`: it is `localhost`, or an https origin below a domain that is
    meant.
    """
    host = host_of(origin)
    is_below = any(f".{host}".endswith(f".{each}") for each in meant)
    is_meant = host == "localhost" or (origin.startswith("https:") and is_below)
    return is_meant and _NAME.fullmatch(host) is not None and automaton.matches(origin.encode())


_NAME = re.compile("[a-z0-9.-]+")


def _passes(
    proposed: str,
    old: re.Pattern[str],
    wider: re.Pattern[str] | None,
    credentials: bool,
    witness: str,
    kept: list[str],
) -> bool:
    """Tell whether `proposed` has no fault but notes, with any public suffix list.

    It must not match `witness`, nor anything that neither `old` nor `wider` matches. It has to match all of `kept`.
    Without `wider`, it may match anything, but then it must not have notes either.
    """
    try:
        pattern = re.compile(proposed)
        is_public = wider is None and any(map(_PUBLIC.match, spelled_hosts(pattern)))
        if any(map(is_impossible, spelled_hosts(pattern))):
            return False
        if is_public or _OPEN_AFTER_TEXT.search(proposed) or not _has_one_owner(pattern):
            return False
        if wider is None and (not _names_domains(pattern) or any(map(objection_to_subdomains, open_domains(pattern)))):
            return False
    except (re.error, NoAutomaton, RecursionError):
        return False
    made = matcher_of(pattern).automaton
    if made is None or not all(made.matches(origin.encode()) for origin in kept):
        return False
    if wider is not None:
        both = matcher_of(old, wider).automaton
        if both is None or matcher_of(pattern, old, wider).automaton != both:
            return False
    faults = [each for suffixes in _lists() for each in judged(made, pattern, credentials, suffixes)]
    allowed = [each for each in faults if wider and each.severity == "note" and each.code not in _REPEATED]
    return not made.matches(witness.encode()) and faults == allowed


def _lists() -> tuple[PublicSuffixes, PublicSuffixes]:
    return installed(), platforms_only()


# Optional labels that do not follow a separator. Without the labels, the rest is another domain.
_OPEN_AFTER_TEXT = re.compile(r"(?<![/(|.])\(\[a-z0-9-\]\+\\\.\)\*")


def _has_one_owner(pattern: re.Pattern[str]) -> bool:
    """Tell whether each domain that `pattern` spells out certainly has one owner. Raises `NoAutomaton`."""
    hosts = {host.replace(ANY, ".").strip(".") for host in spelled_hosts(pattern)}
    return all(map(has_one_owner, _own(hosts) - {"localhost"}))


def _names_domains(pattern: re.Pattern[str]) -> bool:
    """Tell whether `pattern` spells out a domain, or an address, wherever it matches. Raises `NoAutomaton`."""
    hosts = {host.replace(ANY, ".").strip(".") for host in spelled_hosts(pattern)}
    own = _own(hosts)
    return all(host[-1:].isdecimal() or any(f".{host}".endswith(f".{each}") for each in own) for host in hosts)


# The first number of an address outside private networks. Nobody knows who owns such an address.
_PUBLIC = re.compile(r"\.?(?!10\.|127\.|192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.)[0-9]{1,3}\.(?:[0-9.]*$)")

_REPEATED = frozenset({"regex-unescaped-dot", "regex-admits-foreign-origins", "regex-matches-no-origin"})


def _shown(source: str) -> str:
    return f'r"{source}"' if '"' not in source and not source.endswith("\\") else repr(source)


def _in_words(fault: Fault, credentials: bool) -> str:
    if fault.code == "regex-admits-foreign-origins":
        return _for_foreign(fault.origin or "")
    if fault.code != "regex-matches-every-origin":
        return _NO_ORIGIN if (fault.code, fault.severity) in _NOTED else _WORDS[fault.code]
    if fault.severity == "note":
        return "Name your own extension, by the identifier that the browser gives it."
    if credentials:
        return _EXAMPLE
    return f'If any site may read the responses, write allow_origins=["*"] instead. Otherwise n{_EXAMPLE[1:]}'


_NO_ORIGIN = "Remove it. The pattern still admits the same origins."


def _for_foreign(origin: str) -> str:
    host = host_of(origin)
    domain = installed().registrable(host)
    suffix = (domain or host).partition(".")[2]
    if host.endswith("]") or (domain is None and host.removesuffix(".").rpartition(".")[2].isdecimal()):
        return "Anyone can have a public address. Write yours, or leave only its last number open."
    if "." in suffix:
        return (
            f"Anyone can have a name under {suffix}. Write yours in full. If yours vary, as names of previews do, use "
            f"a domain of your own, or do without allow_credentials, or decide with allow_origin_func."
        )
    return (
        "Write the domain in full, and leave only whole subdomains open, as in "
        + _EXAMPLE[len("Name the domain, as in ") :]
    )


_WORDS = {
    "regex-matches-no-origin": (
        r'Write it for such origins, as in allow_origin_regex=r"https://app\.example\.com" or allow_origin_regex=r"http://localhost:\d+".'
    ),
    "regex-unescaped-dot": "Put a backslash before each dot that stands for a dot.",
    "regex-not-decided": "Write a shorter pattern, or list the origins in allow_origins or allow_origin_patterns.",
    "origin-null": "Take null out of it. To test a page, open it from http://localhost instead of from a file.",
    "origin-insecure": "Serve that page over https, and admit no other scheme.",
}
