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
    help="Check a CORS configuration, and explain what becomes of a request.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Target: TypeAlias = Annotated[
    str, typer.Argument(metavar="MODULE:APP", help="The app, such as main:app, or main:create_app() for a factory.")
]
Factory: TypeAlias = Annotated[bool, typer.Option("--factory", help="MODULE:APP is a function that makes the app.")]
Directory: TypeAlias = Annotated[
    Path, typer.Option("--app-dir", metavar="DIRECTORY", help="Where the module is looked for first.")
]
Traceback: TypeAlias = Annotated[
    bool, typer.Option("--traceback", help="If the app cannot be imported, print the whole traceback.")
]
AsJSON: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Origin: TypeAlias = Annotated[str, typer.Option(help="The origin of the page that asks, or the page's URL.")]
Method: TypeAlias = Annotated[str, typer.Option(help="The method of the request.")]
Headers: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="HEADER", help="A header that the page's script sets: NAME or 'NAME: VALUE'."),
]
Credentials: TypeAlias = Annotated[
    bool, typer.Option("--credentials", help="The request is one with cookies (credentials: 'include').")
]


def run() -> None:
    """Run the command line on `sys.argv`."""
    # Characters that the output cannot encode are escaped.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # the interpreter's own
    app(prog_name="fastcors")


def _finish(as_json: bool, command: Callable[[], int], trace: bool = False) -> None:
    """Run `command` and exit with its status. If it cannot tell, print why and exit with 2.

    With `trace`, the traceback of the exception that is the reason is printed as well.
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
    """Check a CORS configuration, and explain what becomes of a request."""


@app.command(short_help="Find CORS middlewares and what is wrong.")
def check(
    target: Annotated[
        str | None,
        typer.Argument(metavar="MODULE:APP", help="The app. Without it, it is found as `fastapi dev` finds it."),
    ] = None,
    factory: Factory = False,
    directory: Directory = Path(),
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 on a warning, or without a middleware, too.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="CODE", help="Do not count problems with this code. Once for each code."),
    ] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Show notes and accepted problems too.")] = False,
    trace: Traceback = False,
    as_json: AsJSON = False,
) -> None:
    """Find every CORS middleware of an app, Starlette's own too, and tell where it stands and what is wrong with it.

    The app is imported, not started. Exit status: 1 where there is an error, else 0; 2 where no app is found.
    """
    from .check import check as check_app

    _finish(as_json, lambda: check_app(target, factory, directory, strict, as_json, accept or (), notes), trace)


@app.command(short_help="Explain what becomes of a request.")
def explain(
    target: Target,
    origin: Origin,
    method: Method = "GET",
    headers: Headers = None,
    credentials: Credentials = False,
    private_network: Annotated[
        bool, typer.Option("--private-network", help="The page is public, and the server on a private network.")
    ] = False,
    path: Annotated[
        str | None, typer.Option(metavar="PATH", help="Ask the middleware that answers for it; a whole URL for a host.")
    ] = None,
    index: Annotated[int | None, typer.Option(metavar="N", help="Ask the middleware that check numbers so.")] = None,
    factory: Factory = False,
    directory: Directory = Path(),
    trace: Traceback = False,
    as_json: AsJSON = False,
) -> None:
    """Explain, step by step, whether a page of another origin may make a request and read the response.

    The app's own CORS middleware answers; the app is not run. Exit status: 0 allowed, 1 blocked, 2 not answered.
    """
    from .explain import Question, explain_app

    question = Question(target, factory, directory, path, index)
    page = {"origin": origin, "method": method, "request_headers": headers or (), "credentials": credentials}
    page["private_network"] = private_network
    _finish(as_json, lambda: explain_app(question, page, as_json), trace)


@app.command(short_help="Ask a running server like a browser.")
def probe(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="What the page fetches, such as https://api.example.com/items.")
    ],
    origin: Origin,
    method: Method = "GET",
    headers: Headers = None,
    credentials: Credentials = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send the request itself too where its method is not GET, HEAD or OPTIONS.")
    ] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0.001, help="How long to wait, each time.")] = 10,
    deadline: Annotated[float, typer.Option(metavar="SECONDS", min=0.001, help="How long to wait in all.")] = 60,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", metavar="FILE", help="Trust the certificates in this PEM file alone.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Do not check certificates.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Ask a running server what a browser would ask, and tell what the browser makes of the answers.

    No cookies are sent. Exit status: 0 allowed, 1 blocked, 2 where the server cannot be asked.
    """
    from .client import client_of
    from .probe import probe_url

    page = {"origin": origin, "method": method, "request_headers": headers or (), "credentials": credentials}
    _finish(as_json, lambda: probe_url(url, page, client_of(timeout, deadline, ca_file, insecure), send, as_json))


@app.command(short_help="Look into an origin regex.")
def regex(
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="A pattern for allow_origin_regex, in quotes.")],
    credentials: Credentials = False,
    as_json: AsJSON = False,
) -> None:
    """Tell how an origin regex is matched, in what time, what it lets in and what is wrong with it.

    Exit status: 1 where there is an error, else 0.
    """
    from .regex import examine_regex

    _finish(as_json, lambda: examine_regex(pattern, credentials, as_json))
