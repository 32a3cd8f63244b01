"""The checks of `allow_headers` and `expose_headers` (Fetch standard, section 2.2.2)."""

from collections.abc import Iterator

from ...problems import ConfigProblem, problem, shown
from ...standard.forbidden import FORBIDDEN_RESPONSE_NAMES, is_forbidden_header
from ...standard.headers import CORS_RESPONSE_NAMES, SAFELISTED_RESPONSE_NAMES, is_token
from .collections import not_a_token


def request_header_problems(names: list[str], _credentials: bool) -> Iterator[ConfigProblem]:
    """Yield the problems of `allow_headers`."""
    for name in names:
        if not is_token(name):
            yield not_a_token("header-not-token", "allow_headers", name, "header name")
        elif name.lower() in CORS_RESPONSE_NAMES:
            reason = "it is a response header, which the middleware sets. Only pages that send it by mistake need it."
            yield problem("header-of-response", "allow_headers", name, reason, "Remove it once no page sends it.")
    forbidden = [name for name in names if is_token(name) and is_forbidden_header(name, None)]
    if forbidden:
        also = f" The same goes for {shown(forbidden[1:])}." if len(forbidden) > 1 else ""
        reason = (
            f"browsers set it themselves and never ask for it in a preflight (Fetch, forbidden request-header).{also}"
        )
        yield problem("header-forbidden", "allow_headers", forbidden[0], reason, "Leave it out.")


def response_header_problems(names: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    """Yield the problems of `expose_headers`."""
    for name in names:
        if not is_token(name):
            yield not_a_token("header-not-token", "expose_headers", name, "header name")
        elif name.lower() in FORBIDDEN_RESPONSE_NAMES:
            reason = "no browser lets a script read it (Fetch, forbidden response-header name)."
            yield problem("header-forbidden", "expose_headers", name, reason, "Remove it.")._replace(severity="warning")
        elif name.lower() in SAFELISTED_RESPONSE_NAMES:
            reason = "scripts can always read it (Fetch, CORS-safelisted response-header name)."
            yield problem("header-safelisted", "expose_headers", name, reason, "Leave it out.")
    if "*" in names and credentials:
        reason = "with credentials, a browser takes an asterisk literally, so it only exposes a header of that name."
        fix = "List the names, such as expose_headers=['X-Total-Count']."
        yield problem("expose-asterisk-with-credentials", "expose_headers", "*", reason, fix)
