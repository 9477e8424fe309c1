"""Generated countries: the right size, loadable, and the same after a trip through files."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import load_scenario
from experiments.cli import main
from experiments.generate import enlarge
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


@pytest.mark.parametrize("factor", ["1", "101"])
def test_a_factor_out_of_range_is_refused(factor, capsys):
    assert main(["generate", "--factor", factor]) == 2
    assert "--factor" in capsys.readouterr().err
