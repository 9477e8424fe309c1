"""The recorded run: the same run as without a camera, and every number of it read back as it was."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from experiments.compose import load_scenario
from experiments.recording import (
    MOST_DAYS,
    TooLongToRecordError,
    _Store,
    document,
    ground,
    record,
    to_json,
    without_ground,
)
from experiments.recording_camera import Camera
from experiments.recording_parcel import opened, parcel, unpacked
from experiments.recording_parcel import packed as packed_parcels
from sim.run import simulate
from sim.setup import build_world

DAYS = 120


def unpack(data, entry):
    """Read an array as the player does, straight from the description of the format."""
    block = zlib.decompress(base64.b64decode(data["data"]))
    kind = np.dtype("<" + entry["type"])
    count = int(np.prod(entry["shape"], dtype=int))
    steps = np.frombuffer(block, kind, count, entry["at"]).reshape(entry["shape"])
    values = np.cumsum(steps, axis=0, dtype=kind)
    return entry.get("low", 0.0) + values * entry["scale"] if "scale" in entry else values


@pytest.fixture(scope="module")
def recorded():
    return record(load_scenario("mali_2025"), seed=4, days=DAYS)


@pytest.fixture(scope="module")
def data(recorded):
    return document(recorded)


@pytest.mark.parametrize("name", ["mali_2025", "atlantis", "minimal"])
def test_a_recorded_run_is_the_run_without_a_camera(name):
    scenario = load_scenario(name)
    plain = simulate(scenario, 5, days=60)
    result = record(scenario, 5, days=60).result
    assert result.summary == plain.summary
    assert np.array_equal(result.trace, plain.trace)
    assert np.array_equal(result.log, plain.log)


@pytest.mark.slow
def test_both_drivers_are_recorded_alike():
    scenario = load_scenario("minimal")
    first = document(record(scenario, 2, days=40))
    assert document(record(scenario, 2, days=40, driver="mesa")) == first


def test_series_come_back(recorded, data):
    trace = recorded.result.trace
    for name, entry in data["tables"]["series"].items():
        width = float(trace[name].max()) - min(0.0, float(trace[name].min()))
        assert np.allclose(unpack(data, entry), trace[name], atol=width / 65535), name
    deaths = unpack(data, data["tables"]["series"]["civilian_deaths"])
    assert np.array_equal(deaths, trace["civilian_deaths"])


def test_agents_add_up_to_the_forces_present(recorded, data):
    for table, series in (("cells", "insurgents"), ("units", "state"), ("detachments", "contractors")):
        columns = data["tables"][table]
        size = np.where(unpack(data, columns["id"]) > 0, unpack(data, columns["size"]), 0)
        assert np.array_equal(size.sum(axis=1), recorded.result.trace[series]), table


def test_places_and_events_come_back(recorded, data):
    n = len(recorded.result.scenario.geography.places)
    assert np.array_equal(
        unpack(data, data["tables"]["places"]["holder"]), recorded.result.trace["place_holder"][:, :n]
    )
    served = unpack(data, data["tables"]["places"]["served"])
    assert np.allclose(served, recorded.result.trace["place_served"][:, :n], atol=0.0051)
    events = data["tables"]["events"]
    assert np.array_equal(unpack(data, events["day"]), recorded.result.log["day"])
    assert np.array_equal(unpack(data, events["deaths_civilians"]), recorded.result.log["deaths"][:, 0])


def test_marching_things_are_on_a_road_that_starts_where_they_are(data):
    roads = [road["ends"] for road in data["roads"]]
    columns = {name: unpack(data, entry) for name, entry in data["tables"]["convoys"].items()}
    there = (columns["id"] > 0) & (columns["road"] < 255)
    assert there.any()
    for place, road in zip(columns["place"][there], columns["road"][there], strict=True):
        assert place in roads[road]
    assert columns["along"].max() <= 1.0


@pytest.mark.slow
def test_fingerprints_part_with_the_state_and_not_with_the_parameters():
    def changed(day):
        entry = f"{{day: {day}, action: set, key: state.cost, value: 10}}"
        return record(load_scenario("mali_2025", [f"timeline.late={entry}"]), 1, days=60)

    one, never, other = record(load_scenario("mali_2025"), 1, days=60), changed(200), changed(30)
    assert np.array_equal(one.camera.fingerprint, never.camera.fingerprint)
    differ = np.flatnonzero(one.camera.fingerprint != other.camera.fingerprint)
    assert differ[0] == 30
    assert np.array_equal(one.result.trace[:30], other.result.trace[:30])
    assert not np.array_equal(one.result.trace[30:], other.result.trace[30:])


def test_ids_name_one_thing_for_as_long_as_it_lives():
    ids = np.array([[7, 0, 9], [7, 5, 0], [8, 5, 9], [8, 0, 9]])
    assert numbers_of(ids).tolist() == [[1, 0, 2], [1, 3, 0], [4, 3, 5], [4, 0, 5]]


def numbers_of(ids):
    """Number the cells of a world on days on which they have these identities, 0: dead."""
    world = build_world(load_scenario("minimal"), 1)
    camera = Camera(world, len(ids))
    world["run"]["cells_top"] = ids.shape[1]
    for row in ids:
        world["cells"]["id"][0, : len(row)] = np.where(row, row, 77)  # what a slot was stays in it
        world["cells"]["alive"][0, : len(row)] = row > 0
        camera.shoot()
    return camera.numbers["cells"][:, : ids.shape[1]]


@settings(deadline=None)  # the first example loads the compiled code
@given(st.binary(max_size=2000), st.integers(0, 2000))
def test_parcels_bring_every_byte(some, gap):
    block = (some + bytes(gap) + some[::-1])[: 4 * ((2 * len(some) + gap) // 4)]
    parcels = [parcel({"k": "é", "n": k}, block) for k in range(2)]
    found = list(opened(unpacked(packed_parcels(parcels))))
    assert [one["n"] for one in found] == [0, 1]
    assert all(zlib.decompress(base64.b64decode(one["data"])) == block for one in found)


def test_json_may_stand_in_a_script_element(recorded):
    text = to_json(document(recorded, label="</script><!-- <b>"))
    assert "<" not in text
    assert json.loads(text)["label"] == "</script><!-- <b>"


def test_recordings_of_one_geography_share_their_ground(data):
    assert {**without_ground(data), **ground(data)} == data
    assert len(to_json(without_ground(data))) < 0.8 * len(to_json(data))


def test_a_run_that_is_too_long_is_refused():
    with pytest.raises(TooLongToRecordError, match=rf"^days: {MOST_DAYS + 1} is too long.*{MOST_DAYS}$"):
        record(load_scenario("minimal"), 1, days=MOST_DAYS + 1)


def packed(store):
    return {"data": base64.b64encode(zlib.compress(store.block(), 1))}


@given(
    values=npst.arrays(
        st.sampled_from([np.uint8, np.uint16, np.uint32]),
        npst.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=7),
    ),
    scale=st.sampled_from([1.0, 0.01, 0.002]),
)
def test_whole_numbers_come_back_whatever_they_are(values, scale):
    store = _Store()
    entries = [store.add(np.zeros(3, np.uint8)), store.add(values, scale), store.add(values)]
    data = packed(store)
    assert all(entry["at"] % 4 == 0 for entry in entries)  # typed arrays begin at multiples of their width
    assert np.array_equal(unpack(data, entries[2]), values)
    assert np.allclose(unpack(data, entries[1]), values * scale)


@given(npst.arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e9)))
def test_series_come_back_to_a_part_in_65535(values):
    store = _Store()
    entry = store.add_series(values)
    width = max(0.0, values.max()) - min(0.0, values.min())
    assert np.allclose(unpack(packed(store), entry), values, rtol=0, atol=0.51 * width / 65535 + 1e-9)
