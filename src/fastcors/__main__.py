"""`python -m fastcors` and `fastcors`: runs the command line, or names the packages that are missing for it."""

import importlib.util
import sys

# The packages of the extra `fastcors[cli]`.
_NEEDED = ("typer", "rich", "httpx")


def main() -> None:
    """Run the command line. If a package is missing, print how to install it and exit with 2."""
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
