"""A real browser for all browser tests; nothing may go wrong on any page, and nothing is asked of other machines."""

import os
import re
import shutil

import pytest

ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        yield started
        started.close()


def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "the browser tests need Chromium; `make test-full` installs it on Debian"
    return path


class Page:
    """A page that keeps what went wrong on it: errors, and requests that leave this machine."""

    def __init__(self, context):
        self.faults = []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _console(self, message):
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _request(self, request):
        if not re.match(r"(file|data|blob):|http://127\.0\.0\.1:", request.url):
            self.faults.append(f"request: {request.url}")


@pytest.fixture
def open_page(browser):
    """Return a function that opens a page of a given size; at the end nothing may have gone wrong on any."""
    contexts, pages = [], []

    def opened(width=1280, height=720, offline=False, **more):
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True, **more)
        context.set_offline(offline)
        contexts.append(context)
        pages.append(Page(context))
        pages[-1].page.set_default_timeout(20_000)
        return pages[-1].page

    yield opened
    for context in contexts:
        context.close()
    assert [fault for page in pages for fault in page.faults] == []


@pytest.fixture(scope="session")
def busy():
    """How many times slower than idle this machine is now, from its load: 1 when there is a core for everyone.

    Beside much other work a time says nothing about the program: then the test is skipped, and says so.
    """

    def slower():
        load, cores = os.getloadavg()[0], os.cpu_count() or 1
        if load > 2 * cores:
            pytest.skip(f"load {load:.1f} on {cores} cores: too busy to measure a time")
        return max(1.0, (load + 1) / cores)

    return slower
