"""What is wrong with a method or a header name that is no token."""

import re

from ...problems import ConfigProblem, problem, shown
from ...standard.headers import is_token


def not_a_token(code: str, parameter: str, text: str, what: str) -> ConfigProblem:
    parts = re.findall(r"[^\s,;]+", text.partition(":")[0])
    fix = f"Write {shown(parts)}, each on its own."
    if len(parts) < 2:
        fix = f"Write {shown(parts[0])}." if parts and is_token(parts[0]) else "Remove it."
    reason = f"it is no {what}: a token of letters, digits and some signs, without spaces (RFC 9110, section 5.6.2)."
    return problem(code, parameter, text, reason, fix)
