"""A real browser, whose JavaScript has to see what the Fetch standard says, on both cores and with Starlette's."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import grid, launcher, pages, subjects
from .browser import Chromium, Pages, View, chromium, executable
from .browser_rows import ROWS
from .conftest import lacking
from .pages import LIBRARY

SERVER = "uvicorn interop.apps.api:app --host 127.0.0.1 --port {port} --log-level warning"
OUT = "INTEROP_OUT"

Views = dict[str, View]


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    path = executable()
    if path is None:
        lacking("there is no Chromium: apt-get install chromium")
    else:
        with (
            pages.serving() as usual,
            pages.serving() as other,
            pages.serving() as public,
            chromium(path, Pages(usual, other, public)) as running,
        ):
            yield running


@pytest.fixture(scope="module")
def views(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Views]:
    """Each subject's API, seen from the pages."""
    names = subjects.available()
    page = {"INTEROP_PAGE": browser.pages.url("app")}
    commands = [(SERVER, {**subjects.environment(name), **page}) for name in names]
    with launcher.serving(commands, tmp_path_factory.mktemp("apis")) as apis:
        opened = {name: browser.looking_at(api) for name, api in zip(names, apis, strict=True)}
        seen = {name: context.__enter__() for name, context in opened.items()}
        try:
            yield seen
        finally:
            for context in opened.values():
                context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def lines() -> list[grid.Line]:
    """What was seen so far, for the page of results."""
    return []


@pytest.mark.interop(name="chromium", checks="fetch", needs=("playwright", "uvicorn", "starlette"))
@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{row.section}: {row.shows}" for row in ROWS])
def test_row(views: Views, lines: list[grid.Line], number: int, record_property: Callable[[str, object], None]) -> None:
    row = ROWS[number]
    record_property("shows", row.shows)
    record_property("differs", row.differs)
    seen = {name: view.run(number, row) for name, view in views.items()}
    lines.append(grid.Line(row, seen))
    assert seen == dict.fromkeys(seen, (row.sees, list(row.wire)))


SOCKETS = "uvicorn interop.apps.sockets:app --host 127.0.0.1 --port {port} --log-level warning"


@pytest.mark.interop(name="chromium", checks="WebSocket origins", needs=("playwright", "uvicorn", "websockets"))
@pytest.mark.parametrize("core", subjects.CORES)
def test_websocket_origins(browser: Chromium, core: str, tmp_path: Path) -> None:
    variables = {**subjects.environment(core), "INTEROP_PAGE": browser.pages.url("app")}
    with launcher.serving([(SOCKETS, variables)], tmp_path) as (server,), browser.browser.new_context() as context:
        own = f"http://api.site.localhost:{server.port}"
        url = f"{own.replace('http', 'ws')}/ws"
        script = f"greeting('{url}')"
        settings = {"port": server.port, "policy": "", "row": 0, "library": LIBRARY.read_text()}
        seen = {}
        for name, address, asked in (
            ("its own", own, script),
            ("an allowed one", browser.pages.url("app"), script),
            ("another port", browser.pages.url("port"), script),
            ("a sibling", browser.pages.url("sibling"), script),
            ("a foreign one", browser.pages.url("foreign"), script),
            ("a sandboxed frame", browser.pages.url("app"), f"sandboxed(`{script}`)"),
        ):
            page = context.new_page()
            page.goto(address)
            page.add_script_tag(path=LIBRARY)
            seen[name] = page.evaluate(f"(settings) => {{ set(settings); return {asked} }}", settings)
    refused = ("another port", "a sibling", "a foreign one", "a sandboxed frame")
    assert seen == {"its own": "hello", "an allowed one": "hello", **dict.fromkeys(refused, "refused")}


@pytest.mark.interop(name="chromium", checks="a page of the results", needs=("playwright",))
def test_page_of_results(
    browser: Chromium, lines: list[grid.Line], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Written also where rows failed: that is what it is looked at for."""
    record_property("version", browser.version)
    directory = Path(os.environ.get(OUT, tmp_path))
    directory.mkdir(parents=True, exist_ok=True)
    written = grid.write(lines, browser.version, directory)
    page = browser.browser.new_page(viewport={"width": 1280, "height": 800})
    try:
        page.goto(written.as_uri())
        assert page.locator("tbody tr:has(td)").count() == len(lines) == len(ROWS)
        page.screenshot(path=directory / "browser.png", full_page=True)
    finally:
        page.close()
