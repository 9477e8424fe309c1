"""From a specification to points: what each kind of design gives, and what is refused, each in one line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.sweep.design import expand
from sim.parameter_errors import StalemateError
from sim.parameters import infos

A, B, C = "contractors.personnel", "state.cost", "logistics.risk_half"


def keep(where, key, value):
    return value


def points(**spec):
    return expand(spec, keep).to_dict("records")


def test_nothing_swept_is_one_point():
    assert len(expand({}, keep)) == 1 and not list(expand({}, keep).columns)


def test_a_grid_is_every_combination_the_last_key_fastest():
    assert points(grid={A: [0, 1], B: [5, 6]}) == [{A: a, B: b} for a in (0, 1) for b in (5, 6)]


def test_a_zip_goes_value_by_value():
    assert points(zip={A: [0, 1], B: [5, 6]}) == [{A: 0, B: 5}, {A: 1, B: 6}]


def test_parts_of_one_block_are_crossed():
    found = points(grid={C: [0.1, 0.2]}, zip={A: [0, 1], B: [5, 6]})
    assert found == [{C: c, A: a, B: b} for c in (0.1, 0.2) for a, b in ((0, 5), (1, 6))]


def test_blocks_are_joined_and_what_one_leaves_out_is_none():
    found = points(list=[{A: 7}], blocks=[{grid: {B: [1, 2]}} for grid in ("grid", "zip")])
    assert found[0] == {A: 7, B: None} and found[1:] == 2 * [{A: None, B: 1}, {A: None, B: 2}]


def test_keys_may_be_nested_and_null_takes_one_out():
    assert points(grid={"contractors": {"personnel": [1]}, B: None}) == [{A: 1}]


@pytest.mark.parametrize(
    ("spec", "values"),
    [
        ({"low": 0, "high": 1, "steps": 5}, [0, 0.25, 0.5, 0.75, 1]),
        ({"low": 0.01, "high": 1, "steps": 3, "scale": "log"}, [0.01, 0.1, 1]),
        ({"low": 0, "high": 3, "steps": 3, "scale": "whole"}, [0, 2, 3]),
    ],
)
def test_a_grid_takes_ranges_in_steps(spec, values):
    assert [p[A] for p in points(grid={A: spec})] == values


@settings(deadline=None, max_examples=25)
@given(n=st.integers(1, 40), seed=st.integers(0, 99))
def test_a_latin_hypercube_has_one_value_in_each_of_n_slices(n, seed):
    table = expand({"lhs": {"samples": n, "seed": seed, "ranges": {A: [0, 10], B: [5, 6]}}}, keep)
    for key, low, width in ((A, 0, 10), (B, 5, 1)):
        unit = (table[key].to_numpy(float) - low) / width
        assert sorted(np.floor(unit * n).astype(int)) == list(range(n))


@settings(deadline=None, max_examples=25)
@given(power=st.integers(0, 6), seed=st.integers(0, 99))
def test_sobol_points_are_balanced_in_every_half(power, seed):
    table = expand({"sobol": {"samples": 2**power, "seed": seed, "ranges": {A: [0, 2], B: [0, 2]}}}, keep)
    for key in (A, B):
        assert (table[key].to_numpy(float) < 1).sum() in (2**power // 2, 2**power - 2**power // 2)


def test_samples_are_the_same_for_the_same_seed_and_stay_within_their_range():
    spec = {"lhs": {"samples": 200, "ranges": {A: {"low": 1, "high": 4, "scale": "whole"}, C: None}}}
    one, two = expand(spec, keep), expand(spec, keep)
    assert one.equals(two)
    assert set(one[A]) == {1, 2, 3, 4} and one[A].value_counts().min() >= 40
    assert one[C].min() >= infos()[C].low and one[C].max() <= infos()[C].high


def test_a_log_scale_spreads_samples_over_orders_of_magnitude():
    table = expand({"lhs": {"samples": 100, "ranges": {C: {"low": 0.001, "high": 1, "scale": "log"}}}}, keep)
    assert abs((table[C].to_numpy(float) < 0.1).sum() - 67) <= 1


TAKES = "is not allowed; it takes"
ONCE = "each key belongs to one of grid, zip, list, lhs and sobol"
REFUSED = [
    ({"grid": {A: []}}, f".grid.{A}: has no values; it takes at least one"),
    ({"list": [], "grid": {}, "blocks": []}, ".blocks: has no values; it takes at least one"),
    ({"grid": {A: 3}}, f".grid.{A}: 3 {TAKES} a list of values, or {{low: …, high: …, steps: …}}"),
    ({"grid": {A: {"low": 3, "high": 1, "steps": 2}}}, f".grid.{A}: low 3 is not below high 1"),
    ({"grid": {A: {"low": 3, "hihg": 1}}}, f".grid.{A}: no 'hihg'; did you mean 'high'?"),
    ({"grid": {A: {"low": 0, "high": 1}}}, f".grid.{A}.steps: None {TAKES} a whole number from 2"),
    ({"zip": {A: [1], B: [1, 2]}}, f".zip: values are taken one by one, but {A} has 1, {B} has 2"),
    ({"grid": {A: [1]}, "zip": {A: [2]}}, f": {A} is set twice; {ONCE}"),
    ({"lhs": {"samples": 3, "ranges": {A: [2, 1]}}}, f".lhs.ranges.{A}: low 2 is not below high 1"),
    ({"lhs": {"samples": 3, "ranges": {A: [1]}}}, f".lhs.ranges.{A}: [1] {TAKES} two bounds, as in [low, high]"),
    ({"lhs": {"samples": 0, "ranges": {A: [1, 2]}}}, f".lhs.samples: 0 {TAKES} a whole number from 1"),
    ({"lhs": {"samples": 3}}, ".lhs.ranges: has no values; it takes at least one"),
    ({"lhs": {"sampels": 3}}, ".lhs: no 'sampels'; did you mean 'samples'?"),
    (
        {"lhs": {"samples": 3, "ranges": {A: {"low": 0, "high": 2, "scale": "log"}}}},
        f".lhs.ranges.{A}.low: 0.0 {TAKES} a number above 0 on a log scale",
    ),
    ({"sobol": {"samples": 100, "ranges": {A: [0, 1]}}}, f".sobol.samples: 100 {TAKES} a power of 2, as 64 or 128"),
    ({"blocks": [{"gird": {A: [1]}}]}, ".blocks[0]: no 'gird'; did you mean 'grid'?"),
    ({"blocks": {"grid": 1}}, f".blocks: {{'grid': 1}} {TAKES} a list of blocks, as in [{{grid: …}}, {{list: …}}]"),
    ({"blocks": [{}]}, ".blocks[0]: has no values; it takes at least one"),
]


@pytest.mark.parametrize(("spec", "words"), REFUSED)
def test_what_cannot_be_expanded_is_refused_in_one_line(spec, words):
    with pytest.raises(StalemateError) as error:
        expand(spec, keep)
    assert str(error.value) == f"sweep{words}"
