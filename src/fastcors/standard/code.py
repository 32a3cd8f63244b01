"""Recognises what may be an expression or the name of a file, where a text without a scheme would be a host.

Many attributes and endings of files are top-level domains too. Who means the host can write its scheme.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FIRST = _words("""
    args base_url com conf config cors ctx context cookies data deploy domain document edu env file global globals gov
    headers host import info inputs io item job jobs lib local location matrix meta module needs net node opts options
    org os outputs params path platform process props query req request res response runner secrets self server session
    settings state steps sys tenant this url user util utils value values var vars window
    """)
"""What an expression begins with."""

_INSIDE = _words("attributes config context env headers ingress location meta options origins params settings")
"""What stands inside an expression."""

_ATTRIBUTES = _words("click date domains here host hosting link name new page style")
"""Top-level domains that are attributes or methods too."""

_FILES = _words("""
    application build changelog cmd command configure copying default dockerfile entrypoint index install libs license
    main makefile manage movie notes package readme requirements run script scripts setup start test tests todo web wsgi
    asgi app api
    """)
"""What a file is called. With a dot and an ending, this is as likely as a domain."""

_ENDINGS = _words("md mov pl ps pub py rs sh so tf zip")
"""Top-level domains that are endings of files too."""

_DOMAINS = _words("com edu gov int mil net org")
"""Top-level domains that are hardly anything else."""


def may_be_code(host: str) -> bool:
    """Tell whether `host`, as it was written without a scheme, may be an expression or the name of a file."""
    labels = [label for label in host.lower().removesuffix(".").split(".") if "*" not in label]
    if len(labels) < 2 or host.startswith("[") or labels[-1].isdecimal():
        return False
    # Variables and files have upper case and underscores more often than a host that somebody writes has.
    if host != host.lower() or "_" in host:
        return True
    first, *inside, last = labels
    # The last three are what the name of a package begins with, as in `com.example.app`.
    if first in ("process", "import", "com", "net", "org"):
        return True
    if not inside:
        return first in _FIRST or (first in _FILES and last not in _DOMAINS) or last in _ATTRIBUTES | _ENDINGS
    return last not in _DOMAINS and (first in _FIRST or not _INSIDE.isdisjoint(labels) or last in _ATTRIBUTES)


def may_be_file(host: str) -> bool:
    """Tell whether what follows the asterisks of `host` may be the name of a file."""
    labels = [label for label in host.lower().split(".") if "*" not in label]
    return "*" in host and len(labels) == 2 and labels[0] in _FILES and labels[1] in _ENDINGS
