"""Adds to an exception the problems of the configuration that raised it.

A TypeError such as "argument of type 'NoneType' is not iterable" names no parameter. A note on the exception does, and
says what to write. The type and the text of the exception stay as they are.
"""

import contextlib
import re

from ..problems import ConfigProblem
from .parameters import Parameters

_CODE = re.compile(r"\[[a-z0-9-]+\]\Z")


def add_problems(error: Exception, parameters: Parameters | None) -> None:
    """Add a note to `error` for each problem that raises an exception, unless its own text ends with a code."""
    # Whatever fails here must not hide the error.
    with contextlib.suppress(Exception):
        if parameters is not None and not _CODE.search(str(error)):
            from .checks.parameters import problems_of

            for each in filter(_raises, problems_of(parameters)):
                if str(each) not in getattr(error, "__notes__", ()):
                    error.add_note(str(each))


def _raises(problem: ConfigProblem) -> bool:
    return problem.code == "regex-does-not-compile" or " raises a" in problem.reason
