"""Origins as browsers send them: HTML, "serialization of an origin"."""

DEFAULT_PORTS = {"https": "443", "http": "80"}
"""The schemes of the web, the preferred one first, with the port that an origin leaves out (URL, "default port")."""
