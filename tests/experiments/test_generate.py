"""Generated countries: the right size, loadable, and the same after a trip through files."""

import errno
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import generate, load_scenario
from experiments.cli import main
from experiments.generate import NoRoomError, capped, enlarge
from experiments.science.statistics import distances_km
from sim.geography import Geography
from sim.parameters import flatten
from sim.setup import build_world


@pytest.fixture(scope="module")
def minimal():
    return load_scenario("minimal")


@given(factor=st.integers(2, 100))
@settings(max_examples=10, deadline=None)
def test_everything_grows_with_the_factor(factor):
    base = load_scenario("minimal")
    large = enlarge(base, factor)
    geo = large.geography
    assert len(geo.places) == factor * len(base.geography.places)
    assert len(geo.roads) == factor * len(base.geography.roads) + factor - 1
    assert len({p.id for p in geo.places}) == len(geo.places)
    assert [p.kind for p in geo.places].count("capital") == 1
    assert sum(large.forces.garrisons.values()) == factor * sum(base.forces.garrisons.values())
    assert sum(s.share for s in large.forces.suppliers.values()) == pytest.approx(
        sum(s.share for s in base.forces.suppliers.values())
    )
    assert all(-90 <= p.lat <= 90 and -180 <= p.lon <= 180 for p in geo.places)


@pytest.mark.parametrize(("name", "factor"), [("mali_2025", 12), ("mali_2025", 40), ("atlantis", 6)])
def test_provinces_lie_side_by_side_and_roads_are_as_long_as_the_ground(name, factor):
    base = load_scenario(name).geography
    n = len(base.places)
    geo = enlarge(load_scenario(name), factor).geography
    boxes = [
        (min(q.lat for q in part), max(q.lat for q in part), min(q.lon for q in part), max(q.lon for q in part))
        for part in (geo.places[k : k + n] for k in range(0, len(geo.places), n))
    ]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a[0] > b[1] or b[0] > a[1] or a[2] > b[3] or b[2] > a[3]
    km = distances_km(np.array([p.lat for p in geo.places]), np.array([p.lon for p in geo.places]))
    for r in geo.roads[: len(base.roads)] + geo.roads[factor * len(base.roads) :]:
        assert r.km >= 0.98 * km[geo.index(r.a), geo.index(r.b)], (r.a, r.b)
    near = km[:n, :n]
    whole = distances_km(np.array([p.lat for p in base.places]), np.array([p.lon for p in base.places]))
    assert near == pytest.approx(whole, abs=1e-6), "the first province is the original"


def test_more_copies_than_the_globe_holds_are_refused(minimal):
    places = minimal.geography.places
    wide = (replace(places[0], lon=-170.0), replace(places[1], lon=170.0), *places[2:])
    with pytest.raises(NoRoomError, match=r"--factor: 100 copies do not fit .* at most [0-9]+ do"):
        enlarge(replace(minimal, geography=Geography(wide, minimal.geography.roads, "wide")), 100)


def test_the_world_of_a_large_country_holds_all_of_it(minimal):
    small, large = build_world(minimal, 1), build_world(enlarge(minimal, 20), 1)
    for table in ("cells", "units"):
        assert (large[table]["alive"] > 0).sum() == 20 * (small[table]["alive"] > 0).sum()
    assert large["places"]["stock_l"].sum() == pytest.approx(20 * small["places"]["stock_l"].sum(), rel=0.01)


def test_what_is_written_is_read_again(minimal, tmp_path, capsys):
    folder = tmp_path / "mine"
    assert main(["generate", "scenario=minimal", "--factor", "3", "--into", str(folder)]) == 0
    assert "minimal_x3" in capsys.readouterr().out
    large, read = enlarge(minimal, 3), load_scenario("minimal_x3", config_dir=folder)
    assert read.geography.places == large.geography.places
    assert read.geography.roads == large.geography.roads
    assert read.forces == large.forces
    assert flatten(read.parameters) == flatten(large.parameters)
    assert read.timeline == large.timeline


def test_a_folder_in_use_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["generate", "scenario=minimal", "--into", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_what_an_earlier_attempt_left_behind_is_not_in_the_way(tmp_path):
    (tmp_path / "mine.part" / "geography" / "minimal_x2").mkdir(parents=True)
    assert main(["generate", "scenario=minimal", "--factor", "2", "--into", str(tmp_path / "mine")]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "mine.part"]


def test_an_empty_folder_may_be_written_into(tmp_path):
    (tmp_path / "mine").mkdir()
    assert main(["generate", "scenario=minimal", "--factor", "2", "--into", str(tmp_path / "mine")]) == 0
    assert sorted(p.name for p in (tmp_path / "mine").iterdir()) == ["force", "geography", "scenario"]


def test_a_failure_leaves_nothing_behind(tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(generate, "_scenario_data", full)
    assert main(["generate", "scenario=minimal", "--factor", "2", "--into", str(tmp_path / "mine")]) == 1
    assert "the disk is full; nothing was kept" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_grow_as_much_is_told(tmp_path, capsys):
    held = (
        "Not everything is 10 times as large, as some parameters reach the end of their range: "
        "contractors.personnel is 4,000, not 10,000; contractors.command_men is 4,000, not 10,000; "
        "state.recruit_pool is 50,000, not 60,000; regime.revenue is 10, not 17.5; "
        "regime.alliance_men is 4,000, not 10,000."
    )
    folder = tmp_path / "mine"
    assert main(["generate", "scenario=mali_2025", "--into", str(folder)]) == 0
    assert held in capsys.readouterr().out.splitlines()
    read = load_scenario("mali_2025_x10", config_dir=folder)
    assert read.description.endswith(held)
    now = flatten(read.parameters)
    assert (now["contractors.personnel"], now["state.recruit_pool"], now["regime.revenue"]) == (4000, 50000, 10)


def test_where_all_grows_nothing_is_said(minimal, tmp_path, capsys):
    assert capped(minimal, 2) == {}
    assert "Not everything" not in enlarge(minimal, 2).description
    assert main(["generate", "scenario=minimal", "--factor", "2", "--into", str(tmp_path / "mine")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("factor", ["1", "101"])
def test_a_factor_out_of_range_is_refused(factor, capsys):
    assert main(["generate", "--factor", factor]) == 2
    assert "--factor" in capsys.readouterr().err


@pytest.mark.full
def test_a_generated_country_of_a_larger_size_class_is_run_recorded_validated_and_swept(tmp_path, capsys):
    mine, outputs = tmp_path / "mine", tmp_path / "outputs"
    where = ["scenario=mali_2025_x3", "--config-dir", str(mine)]
    assert main(["generate", "scenario=mali_2025", "--factor", "3", "--into", str(mine)]) == 0
    assert main(["run", *where, "days=40", "--outputs", str(outputs)]) == 0
    (run,) = outputs.iterdir()
    assert {"report.html", "summary.json", "figures"} <= {path.name for path in run.iterdir()}
    assert main(["replay", run.name, "--outputs", str(outputs)]) == 0
    assert main(["profile", *where, "days=5", "--runs", "1"]) == 0
    assert main(["outcomes", *where, "days=40", "seeds=2"]) == 0
    assert main(["sweep", *where, "days=40", "sweep.seeds=2", "--outputs", str(outputs)]) == 0
    capsys.readouterr()
