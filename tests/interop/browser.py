"""A headless Chromium, its pages, and what the scripts of the table see in them."""

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from .browser_rows import Row
from .launcher import Running
from .pages import LIBRARY

# Nothing but loopback has a name or an address for it.
ARGUMENTS = ("--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE 127.0.0.1")
HOSTS = {
    "app": "app.site.localhost",
    "sibling": "sibling.site.localhost",
    "foreign": "foreign.localhost",
    "port": "app.site.localhost",
    "public": "app.site.localhost",
    "unpermitted": "app.site.localhost",
}
PERMISSION = "local-network-access"


def executable() -> str | None:
    """Return Debian's Chromium, or else what Playwright has installed; None where there is neither."""
    found = shutil.which("chromium")
    if found is None:
        with sync_playwright() as playwright:
            found = playwright.chromium.executable_path
    return found if Path(found).exists() else None


@dataclass(frozen=True)
class Pages:
    """The ports that pages are served on: one that is loopback's, another, and one that passes for a public one."""

    usual: int
    other: int
    public: int

    def url(self, page: str) -> str:
        port = {"port": self.other, "public": self.public, "unpermitted": self.public}.get(page, self.usual)
        return f"http://{HOSTS[page]}:{port}"


class Chromium:
    """A browser, with a context for each subject, so that none sees what another left in a cache."""

    def __init__(self, browser: Browser, pages: Pages) -> None:
        self.browser = browser
        self.pages = pages

    @property
    def version(self) -> str:
        return str(self.browser.version)

    @contextmanager
    def looking_at(self, api: Running) -> Iterator["View"]:
        with self.browser.new_context() as permitted, self.browser.new_context() as unpermitted:
            permitted.grant_permissions([PERMISSION], origin=self.pages.url("public"))
            cookie = {"name": "session", "value": "yes", "domain": "api.site.localhost", "path": "/", "sameSite": "Lax"}
            permitted.add_cookies([cookie])
            yield View(api, self.pages, {True: permitted, False: unpermitted})


class View:
    """One API seen from the pages."""

    def __init__(self, api: Running, pages: Pages, contexts: dict[bool, BrowserContext]) -> None:
        self.api = api
        self.pages = pages
        self.contexts = contexts
        self.opened: dict[str, Page] = {}

    def run(self, number: int, row: Row) -> tuple[str, list[str]]:
        """Return what JavaScript saw in the last step, and what reached the API."""
        seen = ""
        for page, script in row.steps:
            seen = self._evaluate(self._page(page), number, row, script)
        with urllib.request.urlopen(self.api.url(f"/wire?row={number}"), timeout=20) as answer:
            return seen, list[str](json.load(answer))

    def _page(self, name: str) -> Page:
        if name not in self.opened:
            page = self.opened[name] = self.contexts[name != "unpermitted"].new_page()
            page.goto(self.pages.url(name))
            page.add_script_tag(path=LIBRARY)
        return self.opened[name]

    def _evaluate(self, page: Page, number: int, row: Row, script: str) -> str:
        settings = {"port": self.api.port, "policy": row.policy, "row": number, "library": LIBRARY.read_text()}
        return str(page.evaluate(f"(settings) => {{ set(settings); return {script} }}", settings))


@contextmanager
def chromium(path: str, pages: Pages) -> Iterator[Chromium]:
    """Run a headless Chromium in which the public port is on no local network."""
    overrides = f"--ip-address-space-overrides=127.0.0.1:{pages.public}=public"
    with sync_playwright() as playwright:
        browser = _launch(playwright, path, overrides)
        try:
            yield Chromium(browser, pages)
        finally:
            browser.close()


def _launch(playwright: Playwright, path: str, *arguments: str) -> Browser:
    return playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
