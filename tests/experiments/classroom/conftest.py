"""A classroom in memory: the application with a workshop of its own, asked through Starlette's test client."""

import pytest
from starlette.testclient import TestClient

from experiments.classroom.app import create_app
from experiments.classroom.guards import Door, Rate
from experiments.classroom.jobs import Scenarios, Workshop

NAMES = ("minimal", "mali_2025", "atlantis")


@pytest.fixture(scope="session")
def workshop():
    made = Workshop(Scenarios(NAMES), threads=2)
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(workshop):
    """A client of a classroom without a join code; errors of ours come back as answers, as a browser sees them."""
    app = create_app(workshop, Door(None), None, Rate(10**9, 1.0))
    return TestClient(app, raise_server_exceptions=False)
