"""Recognises texts without a scheme that may be an expression or a file name instead of a host.

Many attributes and file endings are top-level domains too. A user who means the host can write its scheme.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FIRST = _words("""
    args base_url com conf config cors ctx context cookies data deploy domain document edu env file global globals gov
    headers host import info inputs io item job jobs lib local location matrix meta module needs net node opts options
    org os outputs params path platform process props query req request res response runner secrets self server session
    settings state steps sys tenant this url user util utils value values var vars window
    """)
"""Words with which an expression begins."""

_INSIDE = _words("attributes config context env headers ingress location meta options origins params settings")
"""Words inside an expression."""

_ATTRIBUTES = _words("click date domains here host hosting link name new page style")
"""Top-level domains that are attributes or methods too."""

_FILES = _words("""
    application build changelog cmd command configure copying default dockerfile entrypoint index install libs license
    main makefile manage movie notes package readme requirements run script scripts setup start test tests todo web wsgi
    asgi app api
    """)
"""Names of files. With a dot and an ending, a file is as likely as a domain."""

_ENDINGS = _words("md mov pl ps pub py rs sh so tf zip")
"""Top-level domains that are file endings too."""

_DOMAINS = _words("com edu gov int mil net org")
"""Top-level domains that are hardly anything else."""


def may_be_code(host: str) -> bool:
    """Tell whether `host`, which was written without a scheme, may be an expression or a file name."""
    labels = [label for label in host.lower().removesuffix(".").split(".") if "*" not in label]
    if len(labels) < 2 or host.startswith("[") or labels[-1].isdecimal():
        return False
    # Upper case and underscores are more common in names of variables and files than in hosts.
    if host != host.lower() or "_" in host:
        return True
    first, *inside, last = labels
    # Names of packages begin with one of the last three, as in `com.example.app`.
    if first in ("process", "import", "com", "net", "org"):
        return True
    if not inside:
        return first in _FIRST or (first in _FILES and last not in _DOMAINS) or last in _ATTRIBUTES | _ENDINGS
    return last not in _DOMAINS and (first in _FIRST or not _INSIDE.isdisjoint(labels) or last in _ATTRIBUTES)


def may_be_file(host: str) -> bool:
    """Tell whether the text after the asterisks of `host` may be a file name."""
    labels = [label for label in host.lower().split(".") if "*" not in label]
    return "*" in host and len(labels) == 2 and labels[0] in _FILES and labels[1] in _ENDINGS
