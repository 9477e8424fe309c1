"""A real browser, a lesson's file, and a classroom that serves on this machine."""

import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
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
    import shutil

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

    def opened(width=1280, height=720, offline=False):
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
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
def lesson_file(tmp_path_factory):
    """Lesson 1 on the smallest country, with fewer runs than a class gets: the page is the same."""
    from experiments.classroom.lessons import load_lesson
    from experiments.compose import load_scenario
    from experiments.lesson import build

    out = tmp_path_factory.mktemp("lesson") / "lesson.html"
    build(load_lesson("why_no_end"), load_scenario("minimal"), range(1, 13), out)
    return out


@contextmanager
def serving(*options):
    """Start a classroom in a process of its own; give what it printed and its address."""
    port = free_port()
    command = [sys.executable, "-m", "experiments.cli", "classroom", "--port", str(port), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    said = []
    for line in process.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            break
    assert process.poll() is None, "".join(said)
    try:
        yield "".join(said), f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def classroom():
    with serving() as (_, address):
        yield address


def busy():
    """How many times slower than idle this machine is now, from its load: 1 when there is a core for everyone."""
    return max(1.0, (os.getloadavg()[0] + 1) / (os.cpu_count() or 1))
