"""Data that a reader brings: what is wrong is named, in one line."""

from __future__ import annotations

import pytest

from experiments import load_scenario
from experiments.science import recorded as r
from experiments.science import targets as t

HEAD = "month,events,deaths\n"


def write(tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_good_file(tmp_path):
    path = write(tmp_path, "\ufeff" + HEAD + "2025-09, 21,96\n\n2025-11,0,0\n")
    months = r.within(load_scenario("mali_2025"), r.read_recorded(path))
    assert [(m.month, m.days, m.events, m.deaths) for m in months] == [
        ("2025-09", (243, 272), 21, 96),
        ("2025-11", (304, 333), 0, 0),
    ]


def test_columns_may_stand_in_any_order_beside_others(tmp_path):
    rows = r.read_recorded(write(tmp_path, "deaths,note,month,events\n5,x,2025-09,2\n"))
    assert (rows[0].events, rows[0].deaths) == (2, 5)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", t.EmptyError, "data.csv: empty"),
        ("\n \n", t.EmptyError, "data.csv: empty"),
        (HEAD, t.EmptyError, "data.csv: below its heading: empty"),
        ("month,events\n2025-09,2\n", r.MissingColumnError, "no column 'deaths'"),
        (HEAD + "2025-09,2\n", r.MissingCellError, "data.csv line 2: no 'deaths'"),
        (HEAD + "2025-09,,3\n", r.MissingCellError, "data.csv line 2: no 'events'"),
        (HEAD + "2025-09,2,3\n2025-08,1,1\n", t.MonthOrderError, "line 3: month 2025-08 comes after 2025-09"),
        (HEAD + "2025-09,2,3\n2025-09,1,1\n", t.MonthOrderError, "line 3"),
        (HEAD + "2025-09,-2,3\n", t.NegativeCountError, "line 2: events: -2"),
        (HEAD + "2025-09,2,many\n", t.BadTargetValueError, "line 2: deaths: 'many'"),
        (HEAD + "2025-09,2,nan\n", t.BadTargetValueError, "line 2: deaths"),
        (HEAD + "2025-09,2,inf\n", t.BadTargetValueError, "line 2: deaths"),
        (HEAD + "2025-09,2,2.5\n", t.BadTargetValueError, "line 2: deaths: 2.5"),
        (HEAD + "Sep 2025,2,3\n", t.BadTargetValueError, "2025-09"),
        (HEAD + "2025-13,2,3\n", t.BadTargetValueError, "'2025-13'"),
        (b"month,events,deaths\n\xff\xfe,1,2\n", r.UnreadableDataError, "UTF-8"),
    ],
)
def test_refused_by_name(tmp_path, text, error, words):
    with pytest.raises(error) as caught:
        r.read_recorded(write(tmp_path, text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("month", ["2024-12", "2026-06", "2031-01", "0001-01"])
def test_months_beyond_the_run(tmp_path, month):
    rows = r.read_recorded(write(tmp_path, HEAD + f"{month},2,3\n"))
    with pytest.raises(r.OutsideHorizonError, match=f"month {month} is not within the run"):
        r.within(load_scenario("mali_2025"), rows)


def test_the_hint_covers_the_month(tmp_path):
    rows = r.read_recorded(write(tmp_path, HEAD + "2026-06,2,3\n"))
    with pytest.raises(r.OutsideHorizonError, match="days=546"):
        r.within(load_scenario("mali_2025"), rows)
    assert r.within(load_scenario("mali_2025", ["days=546"]), rows)[0].days == (516, 545)
