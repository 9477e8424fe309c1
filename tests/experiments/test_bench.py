"""The benchmark's page says what was measured, and nothing that was not."""

import pytest

from experiments import bench

SCALE = {"runs_per_s_1": 40.0, "runs_per_s_2": 76.0, "second_core": 1.9, "diagram_min": 8.1, "runs": 128.0}


WAITS = {"import": [0.1, 0.1, 0.2], "help": [0.1], "cold": [31.0], "warm": [1.9, 1.8, 2.4]}


def timings():
    return [
        bench.Timing("compiled", "ours", lambda k: (1.0, 1.0), [90.0, 100.0, 110.0]),
        bench.Timing("floor", "least", lambda k: (1.0, 1.0), [40.0, 50.0, 60.0]),
        bench.Timing("epstein", "another model", lambda k: (1.0, 1.0), [9000.0, 10000.0, 11000.0]),
    ]


def test_the_page_has_medians_spreads_and_ratios_of_one_run():
    text = bench.page(timings(), 3, SCALE, None, WAITS, "phases")
    row = next(line for line in text.splitlines() if "`compiled`: ours" in line)
    assert "| 100 | 10% | 1.00 |" in row
    assert "| 10,000 | 10% | 100.00 |" in next(line for line in text.splitlines() if "`epstein`" in line)
    assert "3 rounds" in text
    assert "costs 2.0 times the floor" in text
    assert "within 2.5 times the floor: met" in text and "≤ 85 ns required, ≤ 45 hoped for: **not met**" in text
    assert "| 31.00 s | 1 | ≤ 30 s: **not met** |" in text and "| 1.90 s ± 0.30 | 3 | ≤ 2 s: met |" in text
    assert "run whole" not in text


def test_a_whole_diagram_is_told_only_if_it_was_run():
    assert "run whole | 7.5 min" in bench.page(timings(), 3, SCALE, 7.5, WAITS, "phases")


def test_each_round_times_everything_once_after_a_warm_up():
    seen = []
    things = [bench.Timing(key, key, lambda k, key=key: (seen.append((key, k)), (2.0, 4.0))[1]) for key in ("a", "b")]
    bench.measure(things, 2)
    assert seen == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert things[0].samples == pytest.approx([5e8, 5e8])
