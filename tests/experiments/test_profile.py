"""`stalemate profile`: each phase has its line, and shares add up."""

import pytest

from experiments import profile
from experiments.cli import main
from sim.day import PHASES


def times(names):
    return [profile.PhaseTime(name, 2.0, 0.1, 1 / len(names), 10.0) for name in names]


def test_the_table_has_a_line_for_each_phase_and_their_sum():
    names = [*PHASES, "trace"]
    text = profile.table(times(names), 200.0, "mali_2025", 540, 3)
    assert [line.split()[0] for line in text.splitlines()[1 : len(names) + 1]] == names
    assert "24.00" in text.splitlines()[len(names) + 1]
    assert "200 live units" in text


def test_every_phase_is_told():
    assert set(profile._WHAT) == {*PHASES, "trace"}


@pytest.mark.slow
def test_profile_times_every_phase(capsys):
    assert main(["profile", "scenario=minimal", "days=30", "--runs", "2"]) == 0
    out = capsys.readouterr().out
    assert all(phase in out for phase in PHASES)
    shares = [float(word.rstrip("%")) for line in out.splitlines()[1:13] for word in line.split() if word.endswith("%")]
    assert sum(shares) == pytest.approx(100.0, abs=1.0)


def test_a_count_out_of_range_is_refused(capsys):
    assert main(["profile", "--runs", "0"]) == 2
    assert "--runs" in capsys.readouterr().err
