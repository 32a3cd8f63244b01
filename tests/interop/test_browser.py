"""A real browser, whose JavaScript has to see what the Fetch standard says, on both cores and with Starlette's."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import grid, launcher, pages, subjects
from .browser import Chromium, Pages, View, chromium, executable
from .browser_rows import ROWS
from .conftest import lacking

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
