"""What Hydra composed is remembered: the same request as composed anew, and anew whenever anything could differ."""

import json
import os
import re
import shutil

import pytest

from experiments import compose, composed
from experiments.compose import compose_request
from experiments.messages import UnknownOptionError
from experiments.paths import conf_dir
from sim.parameter_errors import StalemateError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(composed, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def asked(monkeypatch):
    """How often Hydra was asked, and for what."""
    calls = []
    real = compose.compose_config

    def counted(overrides, *rest):
        calls.append(overrides)
        return real(overrides, *rest)

    monkeypatch.setattr(compose, "compose_config", counted)
    return calls


@pytest.fixture
def own(tmp_path):
    shutil.copytree(conf_dir(), tmp_path / "own")
    return tmp_path / "own"


def test_runs_that_differ_in_their_seed_ask_hydra_once(asked):
    first = compose_request(["scenario=minimal", "seed=3"])
    again = compose_request(["scenario=minimal", "seed=4"])
    assert len(asked) == 1
    assert (first.seed, again.seed) == (3, 4)
    assert again.scenario == first.scenario


def test_no_seed_is_the_scenarios_own_whatever_was_asked_before(asked):
    compose_request(["scenario=minimal", "seed=3"])
    assert [compose_request(["scenario=minimal"]).seed for _ in range(2)] == [1, 1]
    assert len(asked) == 2


@pytest.mark.parametrize("settings", [["days=20"], ["contractors.personnel=500", "driver=mesa"], ["force.groups=null"]])
def test_what_is_remembered_is_what_hydra_composed(settings, asked):
    fresh, kept = (compose_request(["scenario=minimal", "seed=5", *settings]) for _ in range(2))
    assert len(asked) == 1
    assert kept == fresh
    assert repr(kept) == repr(fresh)  # 500 is not 500.0


def test_an_edited_file_is_seen(own, asked):
    assert compose_request(["scenario=minimal"], own).scenario.days != 77
    path = own / "scenario" / "minimal.yaml"
    path.write_text(re.sub(r"(?m)^days:.*", "days: 77", path.read_text(encoding="utf-8")), encoding="utf-8")
    assert compose_request(["scenario=minimal"], own).scenario.days == 77
    assert len(asked) == 2


def test_a_new_file_is_seen(own):
    with pytest.raises(UnknownOptionError):
        compose_request(["scenario=mine"], own)
    shutil.copy(own / "scenario" / "minimal.yaml", own / "scenario" / "mine.yaml")
    assert compose_request(["scenario=mine"], own).scenario.name == "mine"


@pytest.mark.parametrize("settings", [["days=${judge_day}"], ["seed=1", "seed=2"], ["hydra.searchpath=[]"]])
def test_what_could_mean_something_else_next_time_is_composed_anew(settings, asked, cache):
    for _ in range(2):
        compose_request(["scenario=minimal", *settings])
    assert len(asked) == 2
    assert not cache.exists()


def test_a_file_with_an_interpolation_is_composed_anew(own, asked):
    (own / "scenario" / "other.yaml").write_text("days: ${oc.env:DAYS}\n", encoding="utf-8")
    for _ in range(2):
        compose_request(["scenario=minimal"], own)
    assert len(asked) == 2


@pytest.mark.parametrize("setting", ["days=0", "seed=99999999999999999999", "scenario=nowhere", "nonsense"])
def test_what_is_refused_is_refused_again_in_the_same_words(setting):
    said = []
    for _ in range(2):
        with pytest.raises(StalemateError) as error:
            compose_request([setting])
        said.append(str(error.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("damage", ["", "{", "[1, 2]", "[]", '"text"'])
def test_a_damaged_entry_is_composed_anew(damage, asked, cache):
    first = compose_request(["scenario=minimal"])
    (entry,) = cache.iterdir()
    entry.write_text(damage, encoding="utf-8")
    assert compose_request(["scenario=minimal"]) == first
    assert len(asked) == 2
    assert json.loads(entry.read_text(encoding="utf-8"))[0] == "minimal"


def test_where_nothing_can_be_written_everything_works(tmp_path, monkeypatch, asked):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr(composed, "cache_folder", lambda: tmp_path / "file" / "deeper")
    assert compose_request(["scenario=minimal"]) == compose_request(["scenario=minimal"])
    assert len(asked) == 2


def test_a_full_disk_leaves_no_half_entry(monkeypatch, cache):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    compose_request(["scenario=minimal"])
    assert not list(cache.iterdir())


def test_only_so_many_are_kept(monkeypatch, cache):
    monkeypatch.setattr(composed, "MOST", 3)
    for days in range(10, 16):
        compose_request(["scenario=minimal", f"days={days}"])
    assert len(list(cache.iterdir())) == 3


def test_keys_that_json_would_change_are_not_kept(tmp_path):
    composed._write(tmp_path / "x.json", ("name", {1: "one"}))
    composed._write(tmp_path / "x.json", ("name", {"when": float("nan")}))
    assert not list(tmp_path.iterdir())
