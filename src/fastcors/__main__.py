"""`python -m fastcors` and `fastcors`: the command line, or what to install for it."""

import importlib.util
import sys

# What the extra `fastcors[cli]` brings.
_NEEDED = ("typer", "rich", "httpx")


def main() -> None:
    """Run the command line. Without the extra that it needs it says so, and the exit status is 2."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f'fastcors: the command line needs {", ".join(missing)}. Install it with: pip install "fastcors[cli]"',
            file=sys.stderr,
        )
        sys.exit(2)
    from .cli.app import run

    run()


if __name__ == "__main__":
    main()
