"""The checks of how one origin is written."""

from collections.abc import Iterator

from ...problems import Fault, shown
from ...standard.hosts import PRIVATE_TOPS, is_loopback_name
from ...standard.origins import DEFAULT_PORTS
from .meant import AS_PRINTED, meant_by, on_this_machine, to_write, with_scheme
from .origin_parts import Parts, differences, is_insecure, other_scheme, taken_apart, written_of
from .origin_texts import fault_of_the_whole, insecure

ADVISED = frozenset({"origin-wildcard", "origin-is-regex"})
"""The codes of faults without a fix here: `advice.py` decides which parameter takes such a value."""


def faults_of(origin: str, credentials: bool) -> Iterator[Fault]:
    """Yield why no browser sends `origin`, and why it is unsafe with `credentials`."""
    whole = fault_of_the_whole(origin)
    if whole is not None:
        if whole.code == "origin-null" and not credentials:
            whole = whole._replace(severity="warning")
        elif credentials and "'*'" in whole.fix:
            whole = whole._replace(fix="List the origins that you trust; '*' is not safe with allow_credentials=True.")
        elif not whole.fix and whole.code not in ADVISED:
            whole = whole._replace(fix=to_write(origin, credentials))
        yield whole
        return
    parts = taken_apart(origin)
    written = written_of(parts)
    for code, reason in differences(parts):
        yield Fault(code, f"{reason}, so this never matches.", to_write(origin, credentials))
    yield from _on_other_port(origin, parts, credentials)
    if credentials and written is not None and is_insecure(written):
        yield _over_http(origin, parts.host.written or "")


def remarks_of(origin: str) -> Iterator[Fault]:
    """Yield what is worth knowing about `origin`, although a browser can send it."""
    if fault_of_the_whole(origin) is None:
        parts = taken_apart(origin)
        host = parts.host.written or ""
        if parts.scheme in DEFAULT_PORTS and not any(differences(parts)) and _is_of_a_container(host):
            reason = (
                f"{shown(host)} looks like the name of a container. Browsers outside the containers' network cannot "
                f"open a page by that name, so they never send this origin."
            )
            fix = "Write the address that the browser shows for the page, such as 'http://localhost:5173'."
            yield Fault("origin-container-name", reason, fix)


def _is_of_a_container(host: str) -> bool:
    return "." not in host and not host.startswith("[") and host not in PRIVATE_TOPS


def _over_http(origin: str, host: str) -> Fault:
    if is_loopback_name(host):
        reason = (
            "public DNS resolves this name to the user's own machine, so the page crosses no network. That is true "
            "only as long as the owner of the domain keeps it so."
        )
        return Fault("origin-insecure", reason, on_this_machine(origin), "note")
    return insecure(meant_by(origin, credentials=True) or "")


def _on_other_port(origin: str, parts: Parts, credentials: bool) -> Iterator[Fault]:
    other = other_scheme(parts)
    if other:
        reason = f"{parts.port} is the port of {other}, so the scheme is probably mistaken."
        meant = with_scheme(origin, other, credentials)
        fix = AS_PRINTED
        if meant is not None:
            fix = f"Write {shown(meant)} if the page is served over {meant.partition(':')[0]}."
        yield Fault("origin-port-of-other-scheme", reason, fix)
