"""Origins as browsers send them (HTML, "serialization of an origin"), and their parts."""

import re

DEFAULT_PORTS = {"https": "443", "http": "80"}
"""The schemes of the web, the preferred one first, with the port that an origin leaves out (URL, "default port")."""

SCHEME = "[A-Za-z][A-Za-z0-9+.-]*"
"""A scheme (URL, "URL-scheme string"), as a regular expression."""

# RFC 1035, section 2.3.4, in characters.
MAX_LABEL_LENGTH = 63
MAX_NAME_LENGTH = 253

LABEL = f"[a-z0-9_-]{{1,{MAX_LABEL_LENGTH}}}"
"""A label of a host, as a regular expression. Browsers allow a few more signs, which no registrar sells."""

PORT = "[1-9][0-9]{0,4}"
"""A port, as a regular expression that leaves `MAX_PORT` aside."""
MAX_PORT = 65535


def is_port(text: str) -> bool:
    """Tell whether `text` is a port as a browser writes it: 16 bits, no leading zero (URL, "port state")."""
    return re.fullmatch(PORT, text) is not None and int(text) <= MAX_PORT


def has_dns_length(name: str) -> bool:
    """Tell whether a host name is within the limits of RFC 1035. A dot at the end does not count."""
    name = name.removesuffix(".")
    return len(name) <= MAX_NAME_LENGTH and max(map(len, name.split("."))) <= MAX_LABEL_LENGTH
