"""The command line, `fastcors[cli]`: `check`, `explain`, `probe` and `regex`. Each is imported when it runs.

The exit status is 0 if there is no error and the request is allowed, 1 if there is an error or the request is blocked,
and 2 if the command cannot tell.
"""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from ..version import __version__
from .loading import CannotTell
from .output import print_json, printable

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Target: TypeAlias = Annotated[
    str, typer.Argument(metavar="MODULE:APP", help="The app, such as main:app. For a factory: main:create_app().")
]
Factory: TypeAlias = Annotated[bool, typer.Option("--factory", help="MODULE:APP is a function that returns the app.")]
Directory: TypeAlias = Annotated[
    Path, typer.Option("--app-dir", metavar="DIRECTORY", help="Look for the module here first.")
]
Traceback: TypeAlias = Annotated[
    bool, typer.Option("--traceback", help="Print the whole traceback if the app cannot be imported.")
]
AsJSON: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Origin: TypeAlias = Annotated[str, typer.Option(help="The page's origin, or its URL.")]
Method: TypeAlias = Annotated[str, typer.Option(help="The request's method.")]
Headers: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--header", metavar="HEADER", help="A header that the script sets: NAME or 'NAME: VALUE'. Repeatable."
    ),
]
Credentials: TypeAlias = Annotated[
    bool, typer.Option("--credentials", help="Send the request with cookies (credentials: 'include').")
]


def run() -> None:
    """Run the command line on `sys.argv`."""
    # Characters that the output cannot encode are escaped.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # the interpreter's own
    app(prog_name="fastcors")


def _finish(as_json: bool, command: Callable[[], int], trace: bool = False) -> None:
    """Run `command` and exit with its status. If it cannot tell, print why and exit with 2.

    With `trace`, also print the traceback of the exception that caused it.
    """
    try:
        status = command()
    except CannotTell as error:
        if trace and error.__cause__ is not None:
            traceback.print_exception(error.__cause__)
        if as_json:
            print_json({"error": str(error)})
        else:
            typer.echo("fastcors: " + "\n  ".join(map(printable, str(error).split("\n"))), err=True)
        status = 2
    raise typer.Exit(status)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fastcors {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Check a CORS configuration, and explain why a browser allows or blocks a request."""


@app.command(short_help="Check the CORS configuration of an app.")
def check(
    target: Annotated[
        str | None,
        typer.Argument(metavar="MODULE:APP", help="The app. Default: the one that `fastapi dev` finds."),
    ] = None,
    factory: Factory = False,
    directory: Directory = Path(),
    strict: Annotated[
        bool, typer.Option("--strict", help="Also exit with 1 for a warning, or if there is no CORS middleware.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="CODE", help="Do not count problems with this code. Repeatable."),
    ] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Also show notes and accepted problems.")] = False,
    trace: Traceback = False,
    as_json: AsJSON = False,
) -> None:
    """Find every CORS middleware of an app, including Starlette's, and report its problems with their fixes.

    The app is imported, not started. Exit status: 0 without an error, 1 with an error, 2 if there is no such app.

    Example: fastcors check main:app --strict
    """
    from .check import check as check_app

    _finish(as_json, lambda: check_app(target, factory, directory, strict, as_json, accept or (), notes), trace)


@app.command(short_help="Explain why a request is allowed or blocked.")
def explain(
    target: Target,
    origin: Origin,
    method: Method = "GET",
    headers: Headers = None,
    credentials: Credentials = False,
    private_network: Annotated[
        bool, typer.Option("--private-network", help="The page is public and the server is on a private network.")
    ] = False,
    path: Annotated[
        str | None, typer.Option(metavar="PATH", help="Ask the middleware that answers for this path or URL.")
    ] = None,
    index: Annotated[int | None, typer.Option(metavar="N", help="Ask middleware N of `fastcors check`.")] = None,
    factory: Factory = False,
    directory: Directory = Path(),
    trace: Traceback = False,
    as_json: AsJSON = False,
) -> None:
    """Explain whether a page of another origin may send a request and read the response, and what to change if not.

    The app's CORS middleware answers; the app itself does not run. Exit status: 0 allowed, 1 blocked, 2 no answer.

    Example: fastcors explain main:app --origin https://app.example.com
    """
    from .explain import Question, explain_app

    question = Question(target, factory, directory, path, index)
    page = {"origin": origin, "method": method, "request_headers": headers or (), "credentials": credentials}
    page["private_network"] = private_network
    _finish(as_json, lambda: explain_app(question, page, as_json), trace)


@app.command(short_help="Send a request to a server as a browser would.")
def probe(
    url: Annotated[str, typer.Argument(metavar="URL", help="The URL to fetch, such as https://api.example.com/items.")],
    origin: Origin,
    method: Method = "GET",
    headers: Headers = None,
    credentials: Credentials = False,
    send: Annotated[
        bool, typer.Option("--send", help="Also send requests that can change something, such as PUT.")
    ] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0.001, help="How long to wait for each part.")] = 10,
    deadline: Annotated[float, typer.Option(metavar="SECONDS", min=0.001, help="How long to wait in total.")] = 60,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", metavar="FILE", help="Trust only the certificates in this PEM file.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Do not check certificates.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Send a running server the requests that a browser would send, and report whether the browser allows them.

    No cookies are sent. Exit status: 0 allowed, 1 blocked, 2 if the server does not answer.

    Example: fastcors probe http://localhost:8000 --origin https://app.example.com
    """
    from .client import client_of
    from .probe import probe_url

    page = {"origin": origin, "method": method, "request_headers": headers or (), "credentials": credentials}
    _finish(as_json, lambda: probe_url(url, page, client_of(timeout, deadline, ca_file, insecure), send, as_json))


@app.command(short_help="Check an origin regex.")
def regex(
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="The regex, in quotes, as in allow_origin_regex.")],
    credentials: Annotated[
        bool, typer.Option("--credentials", help="Check it as with allow_credentials=True.")
    ] = False,
    as_json: AsJSON = False,
) -> None:
    """Report the problems of an origin regex, which origins it admits, and how long matching takes.

    Exit status: 0 without an error, 1 with an error.

    Example: fastcors regex 'https://.*\\.example\\.com'
    """
    from .regex import examine_regex

    _finish(as_json, lambda: examine_regex(pattern, credentials, as_json))
