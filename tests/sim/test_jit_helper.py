"""The compilation's helper: its code is taken, it changes nothing, and a run does without it."""

import json
import subprocess
import sys

import pytest
from sim_support import minimal
from test_jit import ROOT, ask

import sim.day
from sim import jit_helper
from sim.run import simulate

COLD = """
import json, sys
sys.path.insert(0, "tests/sim")
from sim_support import minimal
from sim import day, jit_helper
from sim.run import simulate
hash = simulate(minimal(), 1, days=40).summary["world_hash"]
print(json.dumps({name: sum(getattr(day, name)._cache_hits.values()) for name in jit_helper._PARCELS} | {"hash": hash}))
"""


class Helper:
    """A helper that has ended, or has not."""

    def __init__(self, code):
        self.code = code

    def poll(self):
        return self.code


@pytest.mark.full
def test_a_first_compilation_takes_every_parcel_and_gives_the_same_world(tmp_path):
    if jit_helper.cores() < 2:
        pytest.skip("one core")
    found = json.loads(ask(ROOT, COLD, STALEMATE_CACHE=str(tmp_path)))
    assert found.pop("hash") == simulate(minimal(), 1, days=40).summary["world_hash"]
    assert found == dict.fromkeys(jit_helper._PARCELS, 1)


def test_a_helper_with_other_sources_hands_over_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-m", "sim.jit_helper", str(tmp_path), "0123"], cwd=ROOT, check=False)
    assert done.returncode == 1 and not list(tmp_path.iterdir())


def test_a_helper_that_ended_without_a_parcel_is_not_waited_for(tmp_path, monkeypatch):
    parcel = jit_helper._Parcel(tmp_path / "none", Helper(1))
    assert parcel.load_overload((), None) is None
    monkeypatch.setattr(jit_helper, "_PATIENCE_S", 0.03)
    assert jit_helper._Parcel(tmp_path / "none", Helper(None)).load_overload((), None) is None


@pytest.mark.parametrize("reason", ["one core", "no process"])
def test_without_a_helper_all_is_compiled_here(reason, monkeypatch):
    def none(*_args, **_kwargs):
        raise OSError("no process")

    monkeypatch.setattr(jit_helper, "cores", lambda: 1 if reason == "one core" else 2)
    monkeypatch.setattr(jit_helper.subprocess, "Popen", none)
    before = [getattr(sim.day, name)._cache for name in jit_helper._PARCELS]
    with jit_helper.helped():
        assert [getattr(sim.day, name)._cache for name in jit_helper._PARCELS] == before


def test_phases_get_their_caches_back(tmp_path):
    before = [getattr(sim.day, name)._cache for name in jit_helper._PARCELS]
    with pytest.raises(KeyboardInterrupt), jit_helper._parcels_from(tmp_path, Helper(None)):
        assert isinstance(sim.day.flow._cache, jit_helper._Parcel)
        raise KeyboardInterrupt
    assert [getattr(sim.day, name)._cache for name in jit_helper._PARCELS] == before
