"""Finds the line of the user's own code that a warning should point at."""

from pathlib import Path
from types import FrameType

_PACKAGE = __name__.partition(".")[0]
# Frames of these packages are skipped wherever they are installed, such as next to the user's code on AWS Lambda.
_NOT_THE_USER_S = frozenset(
    {_PACKAGE, "starlette", "fastapi", "uvicorn", "gunicorn", "hypercorn", "granian", "mangum", "anyio"}
)


def users_line(frame: FrameType | None) -> FrameType | None:
    """Return the innermost frame from `frame` outwards that runs the user's code, or None if there is none.

    Starlette makes the middleware when the app is first called. Under a server, no line of the user's code leads there.
    """
    while frame is not None and not _is_users(frame):
        frame = frame.f_back
    return frame


def _is_users(frame: FrameType) -> bool:
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    return package not in _NOT_THE_USER_S and not _is_installed(frame.f_code.co_filename)


def _is_installed(filename: str) -> bool:
    # Imported late: only a warning needs it.
    import sysconfig

    # multiprocessing starts a worker from a "<string>".
    if filename == "<string>" or filename.startswith("<frozen "):
        return True
    path = Path(filename)
    # A server's start script. Scripts of another Python or in the user's home are not in this Python's directory.
    if path.parent.name in ("bin", "Scripts") and path.suffix != ".py":
        return True
    installed = map(Path, (sysconfig.get_path("stdlib"), sysconfig.get_path("scripts")))
    return not {"site-packages", "dist-packages"}.isdisjoint(path.parts) or any(map(path.is_relative_to, installed))
