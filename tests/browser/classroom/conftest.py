"""A lesson's file, and a classroom that serves on this machine; the browser is the folder above's."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


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
