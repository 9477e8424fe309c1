"""Geography: what the shipped folders hold, what the loader refuses and how it says so, shortest paths."""

import math
import pickle
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import geography as geo
from sim.geography import Geography, Place, Road, load_geography, shortest_paths

SHIPPED = Path(__file__).resolve().parents[2] / "conf" / "geography"
NAMES = ("minimal", "mali", "atlantis")


@pytest.fixture(scope="module")
def mali():
    return load_geography(SHIPPED / "mali")


# --- what is shipped ---------------------------------------------------------------------------


def test_mali_holds_every_place_and_road_of_the_fact_sheet(mali):
    # Sums over the fact sheet's tables: a changed, lost or doubled row shows.
    assert (len(mali.places), len(mali.roads)) == (46, 57)
    assert math.isclose(sum(p.lat for p in mali.places), 630.332, abs_tol=1e-9)
    assert math.isclose(sum(p.lon for p in mali.places), -215.310, abs_tol=1e-9)
    assert sum(p.population for p in mali.places) == 25_736_585
    assert sum(r.km for r in mali.roads) == 14_730
    assert math.isclose(sum(r.truck_hours for r in mali.roads), 418.1, abs_tol=1e-9)


def test_mali_kinds_regions_and_roles(mali):
    kinds = Counter(p.kind for p in mali.places)
    assert kinds == {"town": 23, "regional_capital": 8, "source": 6, "crossing": 5, "base": 3, "capital": 1}
    named = {p.id: p for p in mali.places}
    assert {i for i, p in named.items() if p.kind == "regional_capital"} == {
        "KAY",
        "SIK",
        "SEG",
        "MOP",
        "TBT",
        "GAO",
        "MNK",
        "KDL",
    }
    assert {i for i, p in named.items() if p.kind == "base"} == {"FAR", "BLK", "TES"}
    assert {p.region for p in mali.places if p.country == "ML"} == {
        "Bamako",
        "Kayes",
        "Koulikoro",
        "Sikasso",
        "Segou",
        "Mopti",
        "Tombouctou",
        "Gao",
        "Kidal",
        "Menaka",
    }
    assert sum(p.country == "BF" for p in mali.places) == 7
    assert (named["OUA"].kind, "foreign_capital" in named["OUA"].roles) == ("town", True)
    assert named["BKO"].roles == ("capital", "airport", "main depots")
    assert (named["KDL"].lat, named["KDL"].lon, named["KDL"].population) == (18.443, 1.409, 40_030)
    assert named["FAR"].source == "R"


def test_mali_roads_by_value(mali):
    roads = {(r.a, r.b): r for r in mali.roads}
    assert roads["DKR", "DIB"] == Road("DKR", "DIB", 682.0, 15.2, "paved corridor", "J")
    assert roads["MNK", "KDL"] == Road("MNK", "KDL", 341.0, 17.1, "track", "F(78+263)")


@pytest.mark.parametrize(("source", "hours"), [("CKY", 21.9), ("ABJ", 26.1), ("DKR", 31.0)])
def test_hours_from_the_ports_to_the_capital(mali, source, hours):
    cost, _ = shortest_paths(mali, source)
    assert cost[mali.capital] == pytest.approx(hours, abs=0.05)


def test_the_way_from_abidjan_goes_through_sikasso(mali):
    _, parent = shortest_paths(mali, "BKO")
    way, i = [], mali.index("ABJ")
    while i >= 0:
        way.append(mali.places[i].id)
        i = parent[i]
    assert way == ["ABJ", "ZEG", "SIK", "BOU", "BKO"]


@pytest.mark.parametrize("name", NAMES)
def test_shipped_geographies_are_connected(name):
    geography = load_geography(SHIPPED / name)
    cost, parent = shortest_paths(geography, geography.capital)
    assert np.isfinite(cost).all()
    assert (parent >= 0).sum() == len(geography.places) - 1
    assert geography.name == name
    assert geography.places[geography.capital].kind == "capital"


@pytest.mark.parametrize("name", NAMES)
def test_roads_are_no_shorter_than_the_great_circle(name):
    geography = load_geography(SHIPPED / name)
    for road in geography.roads:
        ends = [geography.places[geography.index(i)] for i in (road.a, road.b)]
        assert road.km >= 0.99 * great_circle_km(*ends), road


def great_circle_km(p, q):
    lat1, lat2 = math.radians(p.lat), math.radians(q.lat)
    turn = math.radians(q.lon - p.lon)
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(turn)
    return 6371 * math.acos(min(1.0, cosine))


def test_minimal_is_five_places_with_a_detour():
    minimal = load_geography(SHIPPED / "minimal")
    assert Counter(p.kind for p in minimal.places) == dict.fromkeys(
        ("capital", "regional_capital", "town", "base", "source"), 1
    )
    direct = shortest_paths(minimal, "SRC")[0][minimal.index("CAP")]
    hours = minimal.truck_hours.copy()
    hours[[{"SRC", "CAP"} == {r.a, r.b} for r in minimal.roads].index(True)] = math.inf
    around = shortest_paths(minimal, "SRC", hours)[0][minimal.index("CAP")]
    assert direct < around < 2 * direct


def test_atlantis_is_like_mali_and_is_nowhere():
    atlantis = load_geography(SHIPPED / "atlantis")
    kinds = Counter(p.kind for p in atlantis.places)
    assert 28 <= len(atlantis.places) <= 34 and 36 <= len(atlantis.roads) <= 44
    assert kinds["regional_capital"] == 6 and kinds["source"] == 4
    assert all(p.country.startswith("X") for p in atlantis.places)  # user-assigned codes: no real country has them
    assert sum(p.country == "XB" for p in atlantis.places) == 5


# --- the geography itself ----------------------------------------------------------------------


def test_index_adjacency_and_repr(mali):
    assert mali.places[mali.index("GAO")].name == "Gao"
    assert repr(mali) == "Geography('mali': 46 places, 57 roads, capital Bamako, 6 sources)"
    assert sum(len(pairs) for pairs in mali.adjacency) == 2 * 57
    for i, pairs in enumerate(mali.adjacency):
        assert list(pairs) == sorted(pairs)
        for j, k in pairs:
            assert {mali.index(mali.roads[k].a), mali.index(mali.roads[k].b)} == {i, j}
    with pytest.raises(geo.UnknownPlaceError, match="no place 'BAKO'; nearest is 'BKO'"):
        mali.index("BAKO")


def test_geography_is_a_value(mali, tmp_path):
    shutil.copytree(SHIPPED / "mali", tmp_path / "mali")
    twin = load_geography(tmp_path / "mali")
    assert twin == mali  # wherever it lies
    assert pickle.loads(pickle.dumps(mali)) == mali
    with pytest.raises(AttributeError):
        mali.name = "other"
    with pytest.raises(ValueError, match="read-only"):
        mali.truck_hours[0] = 1.0


# --- what is refused ---------------------------------------------------------------------------

CAP = "CAP,Astel,Astel,XM,Astel,34.5,-36.0,1000000,capital"


@pytest.mark.parametrize(
    ("table", "old", "new", "error", "message"),
    [
        ("roads", "TWN,CAP", "TWX,CAP", geo.UnknownPlaceError, "roads.csv line 4: no place 'TWX'; nearest is 'TWN'"),
        ("roads", "TWN,CAP", "TWN,cap", geo.UnknownPlaceError, "no place 'cap'; nearest is 'CAP'"),
        ("roads", "TWN,CAP", "TWN,TWN", geo.SelfLoopError, "roads.csv line 4: road TWN-TWN"),
        ("roads", "TWN,CAP", "CAP,SRC", geo.DuplicateRoadError, "roads.csv line 4: road CAP-SRC is given twice"),
        ("roads", "TWN,CAP", ",CAP", geo.BadValueError, "roads.csv line 4: a = '', must be given"),
        ("roads", "486", "nan", geo.BadValueError, "roads.csv line 2: km = 'nan', must be a number above 0"),
        ("roads", "486", "-486", geo.BadValueError, "km = '-486', must be a number above 0"),
        ("roads", "10.8", "0", geo.BadValueError, "truck_hours = '0', must be a number above 0"),
        ("roads", "10.8", "inf", geo.BadValueError, "truck_hours = 'inf', must be a number above 0"),
        ("roads", "10.8", "ten", geo.BadValueError, "truck_hours = 'ten', must be a number above 0"),
        ("roads", "10.8", "10,8", geo.BadValueError, "roads.csv line 2: 7 values, must be 6"),
        (
            "roads",
            "truck_hours",
            "truck_hour",
            geo.MissingColumnError,
            "no column 'truck_hours'; nearest is 'truck_hour'",
        ),
        ("places", ",lat,", ",latitude,", geo.MissingColumnError, "places.csv: no column 'lat'; nearest is 'latitude'"),
        ("places", "34.5", "94.5", geo.BadValueError, "line 2: lat = '94.5', must be a number from -90 to 90"),
        ("places", "34.5", "", geo.BadValueError, "line 2: lat = '', must be a number from -90 to 90"),
        ("places", "-36.0", "-181", geo.BadValueError, "lon = '-181', must be a number from -180 to 180"),
        ("places", "-36.0", "NaN", geo.BadValueError, "lon = 'NaN', must be a number from -180 to 180"),
        ("places", "1000000", "-1", geo.BadValueError, "population = '-1', must be a whole number, 0 or more"),
        ("places", "1000000", "1.5", geo.BadValueError, "population = '1.5', must be a whole number, 0 or more"),
        ("places", ",base,", ",bass,", geo.BadValueError, "kind = 'bass', must be one of .*; nearest is 'base'"),
        ("places", "right\n", "rigth\n", geo.BadValueError, "label_anchor = 'rigth'.*nearest is 'right'"),
        ("places", "REG,Borin", "CAP,Borin", geo.DuplicatePlaceError, "line 3: id = 'CAP' is already that of 'Astel'"),
        ("places", CAP, CAP.replace("capital", "town"), geo.CapitalCountError, r"are \[\], must be exactly one"),
        ("places", "regional_capital", "capital", geo.CapitalCountError, r"\['CAP', 'REG'\], must be exactly one"),
        (
            "places",
            ",source,source,",
            ",town,source,",
            geo.UnreachableCapitalError,
            r"'CAP' from a source \(there is none\)",
        ),
    ],
)
def test_bad_tables_are_refused_by_name(tmp_path, table, old, new, error, message):
    folder = broken(tmp_path, table, old, new)
    with pytest.raises(error, match=message) as caught:
        load_geography(folder)
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)


def broken(tmp_path, table, old, new):
    folder = tmp_path / "minimal"
    shutil.copytree(SHIPPED / "minimal", folder)
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_a_capital_cut_off_from_every_source_is_refused(tmp_path):
    folder = broken(tmp_path, "roads", "SRC,CAP,486,10.8,paved,fictional\n", "")
    path = folder / "roads.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("TWN,CAP,", "CAP,BAS,"), encoding="utf-8")
    with pytest.raises(geo.UnreachableCapitalError, match=r"no way to the capital 'CAP' from a source \(SRC\)"):
        load_geography(folder)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", geo.EmptyTableError, "roads.csv: the file is empty; must have the columns a, b, km"),
        (b"\n \n", geo.EmptyTableError, "the file is empty"),
        (b"a,b,km,truck_hours,road_class,source\n", geo.EmptyTableError, "a header and no rows"),
        (b"a;b;km;truck_hours;road_class;source\nSRC;CAP;1;1;x;x\n", geo.MissingColumnError, "no column 'a'"),
        (
            "a,b,km,truck_hours,road_class,source\nSRC,CAP,1,1,pavé,x\n".encode("latin-1"),
            geo.UnreadableTableError,
            "UTF-8",
        ),
        (b'a,b,km,truck_hours,road_class,source\nSRC,CAP,1,1,"x,x\n', geo.UnreadableTableError, "comma-separated"),
    ],
)
def test_unusable_files_are_refused_by_name(tmp_path, content, error, message):
    folder = tmp_path / "minimal"
    shutil.copytree(SHIPPED / "minimal", folder)
    (folder / "roads.csv").write_bytes(content)
    with pytest.raises(error, match=message) as caught:
        load_geography(folder)
    assert "\n" not in str(caught.value)


def test_missing_folder_and_missing_table(tmp_path):
    with pytest.raises(geo.MissingFileError, match="'nowhere': no such folder"):
        load_geography(tmp_path / "nowhere")
    shutil.copytree(SHIPPED / "minimal", tmp_path / "half")
    (tmp_path / "half" / "roads.csv").unlink()
    with pytest.raises(geo.MissingFileError, match=r"half/roads.csv cannot be read"):
        load_geography(tmp_path / "half")


def test_spreadsheet_habits_are_accepted(tmp_path):
    folder = tmp_path / "minimal"
    shutil.copytree(SHIPPED / "minimal", folder)
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n").replace("Astel,XM", " Astel ,XM") + "\r\n"
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_geography(folder) == load_geography(SHIPPED / "minimal")


# --- shortest paths ----------------------------------------------------------------------------


def graph(n, pairs):
    """A geography in memory: n places and roads between the pairs (of indices)."""
    blank = {"country": "XX", "region": "r", "lat": 0.0, "lon": 0.0, "population": 0, "roles": (), "source": "test"}
    label = {"label_dx": 0.0, "label_dy": 0.0, "label_anchor": "left", "label": ""}
    places = tuple(
        Place(id=f"P{i}", name=f"P{i}", kind="capital" if i == 0 else "town", **blank, **label) for i in range(n)
    )
    return Geography(places, tuple(Road(f"P{i}", f"P{j}", 1.0, 1.0, "paved", "test") for i, j in pairs), "test")


@st.composite
def weighted_graphs(draw, low=1):
    """Random connected graphs with few distinct whole-number weights, hence exact sums and many ties."""
    n = draw(st.integers(2, 12))
    pairs = {(draw(st.integers(0, j - 1)), j) for j in range(1, n)}  # a random tree: connected
    extra = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda ij: ij[0] < ij[1])
    pairs |= draw(st.sets(extra, max_size=2 * n))
    order = draw(st.permutations(sorted(pairs)))
    weights = draw(st.lists(st.integers(low, 4), min_size=len(order), max_size=len(order)))
    return n, order, np.array(weights, dtype=float), draw(st.integers(0, n - 1))


def all_pairs(n, pairs, weights):
    """Floyd and Warshall's cubic search: every detour tried, nothing clever."""
    cost = np.full((n, n), math.inf)
    np.fill_diagonal(cost, 0.0)
    for (i, j), w in zip(pairs, weights, strict=True):
        cost[i, j] = cost[j, i] = min(cost[i, j], w)
    for k in range(n):
        cost = np.minimum(cost, cost[:, [k]] + cost[[k], :])
    return cost


@given(weighted_graphs())
def test_shortest_paths_against_brute_force(case):
    n, pairs, weights, root = case
    cost, parent = shortest_paths(graph(n, pairs), root, weights)
    expected = all_pairs(n, pairs, weights)[root]
    assert cost.tolist() == expected.tolist()
    link = {frozenset(pair): w for pair, w in zip(pairs, weights, strict=True)}
    for v in range(n):
        before = [
            u for u in range(n) if frozenset((u, v)) in link and expected[u] + link[frozenset((u, v))] == expected[v]
        ]
        assert parent[v] == (-1 if v == root else min(before))  # ties: the lowest index


@given(weighted_graphs(low=0))
def test_roads_of_no_length_close_no_circle(case):
    n, pairs, weights, root = case
    cost, parent = shortest_paths(graph(n, pairs), root, weights)
    assert cost.tolist() == all_pairs(n, pairs, weights)[root].tolist()
    for v in range(n):
        steps = 0
        while v != root:
            v, steps = parent[v], steps + 1
            assert v >= 0 and steps < n


def test_closed_roads_and_places_beyond_them():
    geography = graph(4, [(0, 1), (1, 2), (2, 3)])
    cost, parent = shortest_paths(geography, 0, [1.0, math.inf, 1.0])
    assert cost.tolist() == [0.0, 1.0, math.inf, math.inf]
    assert parent.tolist() == [-1, 0, -1, -1]
    assert cost.dtype == np.float64 and parent.dtype == np.int64


@pytest.mark.parametrize(
    ("root", "hours", "error", "message"),
    [
        (0, [1.0], geo.BadValueError, r"hours: shape \(1,\), must be \(2,\)"),
        (0, [1.0, -2.0], geo.BadValueError, r"hours\[1\] = -2.0, must be 0 or more"),
        (0, [1.0, math.nan], geo.BadValueError, r"hours\[1\] = nan, must be 0 or more"),
        (3, None, geo.UnknownPlaceError, "root = 3: no such place, must be 0 to 2"),
        (-1, None, geo.UnknownPlaceError, "root = -1: no such place"),
        ("P9", None, geo.UnknownPlaceError, "no place 'P9'; nearest is 'P"),
    ],
)
def test_bad_arguments_of_shortest_paths(root, hours, error, message):
    with pytest.raises(error, match=message):
        shortest_paths(graph(3, [(0, 1), (1, 2)]), root, hours)
