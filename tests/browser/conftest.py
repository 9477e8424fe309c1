"""A real browser for all browser tests; nothing may go wrong on any page, and nothing is asked of other machines."""

import math
import os
import re
import shutil
import statistics
import subprocess
import sys

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


_SPIN = """
import time
wall, own = time.perf_counter(), time.process_time()
while time.perf_counter() - wall < 0.5:
    pass
print((time.process_time() - own) / (time.perf_counter() - wall))
"""


def share_of_the_cores():
    """Return which share of its cores this machine has left: what a program on each of them gets in half a second."""
    spinning = [subprocess.Popen([sys.executable, "-c", _SPIN], stdout=subprocess.PIPE) for _ in range(os.cpu_count())]
    return min(1.0, statistics.mean(float(one.communicate()[0]) for one in spinning))


@pytest.fixture
def in_time():
    """Return a function that asserts that a time is within its target, which holds on idle cores.

    Which share of the cores other work has taken is measured before the test and at the end; a program may take as much
    longer, twice as long at most. If it takes longer still beside so much other work, that says nothing: skipped.
    A test closes its own pages before it asks. ``step``: what is late waits for the next of these (frames), so beside
    other work the time allowed is rounded up to whole ones.
    """
    before = share_of_the_cores()

    def check(took, target, what, step=0.0):
        left = max(0.01, min(before, share_of_the_cores()))
        said = f"{what}: {took:.3f} s, target {target:.3f} s; {left:.0%} of {os.cpu_count()} cores were free"
        print(said)
        if left < 0.5 and took > 2 * target:
            pytest.skip(said)
        allowed = target / max(0.5, left)
        if step and left < 0.95:
            allowed = 1.02 * step * math.ceil(allowed / step - 0.1)
        assert took <= allowed, said

    return check
