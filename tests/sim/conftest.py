"""Makes `sim_support` and `sim_entries` importable by the tests of this folder (import-mode=importlib adds no path)."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="session")
def entries():
    """The compiled wrappers; the model first."""
    from sim.warm import warm_up

    warm_up()
    import sim_entries

    return sim_entries
