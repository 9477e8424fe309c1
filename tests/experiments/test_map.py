"""The map: projection, names that do not collide, layers, bytes that do not change, the command."""

import dataclasses
import itertools
import math
import shutil
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread

import experiments.figures.map
from experiments import load_scenario
from experiments.figures import style
from experiments.figures.labels import common_area
from experiments.figures.map import LambertConic, bare_map, draw_map, main
from experiments.figures.twofold import TwofoldCanvas
from experiments.generate import enlarge
from experiments.paths import conf_dir
from sim.geography import Geography, load_geography

SHIPPED = conf_dir() / "geography"
NAMES = ("minimal", "mali", "atlantis")
MARKER_RADIUS = {"capital": 7.0, "regional_capital": 4.5}  # points; half a marker, less its corners


@pytest.fixture(params=NAMES)
def geography(request):
    return load_geography(SHIPPED / request.param)


@pytest.fixture(autouse=True)
def house():
    with style.house_style():
        yield


def draw(geography, size=style.SLIDE, **layers):
    """A map that fills 96 x 87 % of a figure, laid out and ready to measure."""
    figure = style.new_figure(size)
    drawing = draw_map(figure.add_axes((0.02, 0.05, 0.96, 0.87)), geography, **layers)
    figure.draw_without_rendering()
    return drawing


def every_layer(geography):
    """Values for every layer, with both sides, all sizes and both ends of every scale."""
    n = len(geography.places)
    share = np.linspace(0, 1, n)
    near = [p for p in geography.places if p.kind != "source"]
    events = [p.lon for p in near], [p.lat for p in near], np.arange(len(near))
    return {
        "control": share,
        "support": share[::-1],
        "events": events,
        "risk": np.linspace(0, 0.3, len(geography.roads)),
    }


# --- projection --------------------------------------------------------------------------------


def test_projection_gives_snyders_worked_example():
    # Snyder 1987, Map Projections: A Working Manual (USGS Professional Paper 1395), appendix A, sphere of radius 1.
    projection = LambertConic(parallels=(33, 45), origin=(23, -96), radius=1.0)
    x, y = projection.forward(35, -75)
    assert projection.cone == pytest.approx(0.6304777, abs=1e-7)
    assert (float(x), float(y)) == pytest.approx((0.2966785, 0.2462112), abs=1e-7)


@pytest.mark.parametrize("parallels", [(12.0, 19.0), (-19.0, -12.0), (15.0, 15.0), (-3.0, 4.0)])
@pytest.mark.parametrize(("lat", "lon"), [(12.6, -8.0), (18.4, 1.4), (-14.0, 3.0)])
def test_projection_keeps_angles(parallels, lat, lon):
    projection = LambertConic(parallels, (sum(parallels) / 2, -4.0))
    step = 1e-5
    x, y = projection.forward([lat, lat + step, lat], [lon, lon, lon + step / math.cos(math.radians(lat))])
    north, east = np.array((x[1] - x[0], y[1] - y[0])), np.array((x[2] - x[0], y[2] - y[0]))
    assert np.hypot(*north) == pytest.approx(np.hypot(*east), rel=1e-5)  # the same scale in all directions
    assert abs(north @ east) < 1e-5 * np.hypot(*north) ** 2  # and a right angle stays right
    assert east[0] * north[1] - east[1] * north[0] > 0  # not mirrored


def test_projection_is_true_along_its_parallels_and_centred():
    projection = LambertConic((12.0, 19.0), (15.0, -4.0))
    for parallel in (12.0, 19.0):
        x, y = projection.forward([parallel, parallel], [-4.001, -3.999])
        true = 6371.0 * math.radians(0.002) * math.cos(math.radians(parallel))
        assert math.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(true, rel=1e-6)
    assert np.allclose(projection.forward(15.0, -4.0), 0.0, atol=1e-9)


def test_projection_fits_even_a_country_astride_the_equator():
    x, y = LambertConic.fitted([-5.0, 5.0], [10.0, 20.0]).forward([-5.0, 5.0], [15.0, 15.0])
    assert np.isfinite(x).all() and y[1] - y[0] == pytest.approx(6371.0 * math.radians(10), rel=0.01)


def test_known_distances_on_the_map():
    geography = load_geography(SHIPPED / "mali")
    drawing = draw(geography)
    a, b = geography.index("BKO"), geography.index("GAO")
    # Great circle Bamako-Gao from the coordinates: 946 km; the map may be off by what the projection stretches.
    assert math.hypot(drawing.x[a] - drawing.x[b], drawing.y[a] - drawing.y[b]) == pytest.approx(946, rel=0.01)


# --- names -------------------------------------------------------------------------------------


def collisions(drawing):
    """Pairs of texts and panels that overlap, and names that cover another place's marker."""
    boxes = drawing.boxes()
    found = [(a[0], b[0]) for a, b in itertools.combinations(boxes, 2) if overlap(a[1].extents, b[1].extents)]
    points = drawing.ax.transData.transform(np.column_stack((drawing.x, drawing.y)))
    for i in np.flatnonzero(drawing.inside()):
        place = drawing.geography.places[i]
        radius = MARKER_RADIUS.get(place.kind, 2.5) * style.DPI / 72 * drawing.scale
        spot = (*(points[i] - radius), *(points[i] + radius))
        found += [(text, f"marker of {place.label}") for text, box in boxes if overlap(box.extents, spot)]
    return found


def overlap(a, b):
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


@pytest.mark.parametrize("layers", ["bare", "all"])
def test_nothing_collides_on_a_slide(geography, layers):
    drawing = draw(geography, **(every_layer(geography) if layers == "all" else {}))
    assert collisions(drawing) == []


def test_nothing_collides_on_a_page_of_the_same_shape(geography):
    size = (style.SLIDE[0] / 2, style.SLIDE[1] / 2)
    drawing = draw(geography, size, **every_layer(geography))
    assert drawing.scale == pytest.approx(0.5)
    assert collisions(drawing) == []


def test_a_collision_would_be_found(monkeypatch):
    monkeypatch.setattr(experiments.figures.map, "MOST_COVERED", 1.0)
    geography = load_geography(SHIPPED / "mali")
    koulikoro = geography.index("KOU")
    places = list(geography.places)
    places[koulikoro] = dataclasses.replace(places[koulikoro], label_dy=-14.0)
    moved = Geography(tuple(places), geography.roads, geography.name, geography.folder)
    assert ("Bamako", "Koulikoro") in collisions(draw(moved))


def test_on_a_crowded_map_names_that_others_cover_are_left_out_and_the_capital_stays():
    drawing = draw(enlarge(load_scenario("mali_2025"), 4).geography)
    names = {place.label for place in drawing.geography.places}
    boxes = [(text, box) for text, box in drawing.boxes() if text in names]
    assert "Bamako" in dict(boxes) and 20 < len(boxes) < len(names) / 2
    for (_, a), (_, b) in itertools.combinations(boxes, 2):
        assert common_area(a, np.array([b.extents])) <= 0.1 * max(a.width * a.height, b.width * b.height)


@pytest.mark.parametrize("layers", ["bare", "all"])
def test_every_place_is_named_within_the_frame(geography, layers):
    drawing = draw(geography, **(every_layer(geography) if layers == "all" else {}))
    names = [text for text, _ in drawing.boxes()]
    assert {p.label for p in geography.places} <= set(names)
    frame = drawing.ax.get_window_extent()
    outside = [n for n, box in drawing.boxes() if not (frame.contains(*box.min) and frame.contains(*box.max))]
    assert outside == []


def test_labels_may_be_left_out_or_limited():
    geography = load_geography(SHIPPED / "mali")
    named = {p.label for p in geography.places}
    assert named.isdisjoint(text for text, _ in draw(geography, labels=False).boxes())
    some = named & {text for text, _ in draw(geography, labels=("capital", "regional_capital")).boxes()}
    assert some == {"Bamako", "Kayes", "Sikasso", "Segou", "Mopti", "Timbuktu", "Gao", "Menaka", "Kidal"}


def test_far_sources_become_arrows_at_the_edge():
    geography = load_geography(SHIPPED / "mali")
    drawing = draw(geography)
    far = {p.id for p, inside in zip(geography.places, drawing.inside(), strict=True) if not inside}
    assert far == {"DKR", "ABJ", "CKY", "LFW"}
    frame = drawing.ax.get_window_extent()
    for text in drawing.texts:
        if text.get_text() in {"Dakar", "Abidjan", "Conakry", "Lome"}:
            x, y = drawing.ax.transData.transform(text.xy)
            assert min(x - frame.x0, frame.x1 - x, y - frame.y0, frame.y1 - y) < 20


def test_the_map_says_that_it_is_illustrative_and_whose_data_it_is():
    texts = " ".join(text for text, _ in draw(load_geography(SHIPPED / "mali")).boxes())
    assert "Illustrative" in texts and "GeoNames" in texts and "Natural Earth" in texts


# --- layers ------------------------------------------------------------------------------------


def hexagons(drawing):
    """The collections of hexagons, of which all of a place are one path."""
    coloured = [c for c in drawing.ax.collections if c.get_array() is not None]
    return [c for c in coloured if all(len(path.vertices) % 7 == 0 for path in c.get_paths())]


def test_hexagons_stay_near_settlements_and_carry_their_value():
    geography = load_geography(SHIPPED / "mali")
    n = len(geography.places)
    control = np.zeros(n)
    control[geography.index("KDL")] = 1.0
    drawing = draw(geography, control=control)
    (cells,) = hexagons(drawing)
    corners = [path.vertices.reshape(-1, 7, 2)[:, :6] for path in cells.get_paths()]
    centres = np.concatenate(corners).mean(axis=1)
    values = np.repeat(np.asarray(cells.get_array()), [len(own) for own in corners])
    settled = np.array([p.kind != "source" for p in geography.places])
    away = np.hypot(centres[:, :1] - drawing.x[settled], centres[:, 1:] - drawing.y[settled])
    assert away.min(axis=1).max() <= 75.0  # the desert stays empty
    kidal = geography.index("KDL")
    near_kidal = np.hypot(centres[:, 0] - drawing.x[kidal], centres[:, 1] - drawing.y[kidal]) <= 65.0
    assert near_kidal.sum() >= 5
    assert np.array_equal(values == 1.0, near_kidal)


def test_sides_differ_by_shape_and_by_colour():
    assert len({side.marker for side in style.SIDES.values()}) == len(style.SIDES)
    assert len({side.colour for side in style.SIDES.values()}) == len(style.SIDES)
    assert len({side.dash for side in style.SIDES.values()}) == len(style.SIDES)
    assert list(style.SIDES) == ["civilians", "insurgents", "state", "contractors"]  # civilians first


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"control": [0.5]}, r"control: shape \(1,\), must be \(5,\)"),
        ({"control": [0, 0, 0, 0, 1.5]}, r"control\[4\] = 1.5, must be from 0 to 1"),
        ({"support": [0, 0, math.nan, 0, 0]}, r"support\[2\] = nan, must be from 0 to 1"),
        ({"risk": [0, -0.1, 0, 0, 0]}, r"risk\[1\] = -0.1, must be"),
        ({"events": ([1.0], [1.0, 2.0], [3.0])}, "events: shapes"),
        ({"events": ([1.0], [1.0], [-3.0])}, r"deaths\[0\] = -3.0, must be"),
    ],
)
def test_bad_layers_are_refused(layer, message):
    with pytest.raises(ValueError, match=message):
        draw(load_geography(SHIPPED / "minimal"), **layer)


def test_a_geography_without_any_backdrop_is_drawn(tmp_path):
    for table in ("places.csv", "roads.csv"):
        shutil.copy(SHIPPED / "atlantis" / table, tmp_path)
    drawing = draw(load_geography(tmp_path))
    assert drawing.inside().all()  # with no country to fit the frame to, it holds everything
    bare = dataclasses.replace(drawing.geography, folder=None)
    assert draw(bare).inside().all()


# --- files -------------------------------------------------------------------------------------


def test_slide_is_1280_by_720_and_svg_is_byte_stable(tmp_path):
    geography = load_geography(SHIPPED / "mali")
    layers = every_layer(geography)
    png, svg = style.save(bare_map(geography, **layers), tmp_path / "a" / "map_0.5")
    again, svg_again = style.save(bare_map(geography, **layers), tmp_path / "b" / "map_0.5")
    assert (png.name, svg.name) == ("map_0.5.png", "map_0.5.svg")
    assert imread(png).shape[:2] == (720, 1280)
    assert svg.read_bytes() == svg_again.read_bytes()
    assert png.read_bytes() == again.read_bytes()
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")
    assert b"<dc:date>" not in svg.read_bytes()


def test_the_axes_of_a_slide_are_those_that_scale_is_measured_by():
    assert draw(load_geography(SHIPPED / "minimal")).scale == pytest.approx(1.0)


def test_a_failed_save_leaves_nothing(tmp_path, monkeypatch):
    def full(self, png, *_):
        png.write_bytes(b"half a pictu")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TwofoldCanvas, "save", full)
    (tmp_path / "figure.png").write_bytes(b"the old one")
    with pytest.raises(OSError, match="No space left"):
        style.save(style.new_figure(), tmp_path / "figure")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
    assert (tmp_path / "figure.png").read_bytes() == b"the old one"


def test_footer_tells_n_seeds_and_the_caveat_and_fits(tmp_path):
    for size in (style.SLIDE, style.PAGE):
        figure = style.new_figure(size)
        text = style.footer(figure, n=1200, seeds="1-1200", interval="90 % of runs")
        flat = text.get_text().replace("\n", " ")
        assert "n = 1,200 runs" in flat and "seeds 1-1200" in flat and "bands: 90 % of runs" in flat
        assert style.CAVEAT in flat
        figure.draw_without_rendering()
        assert text.get_window_extent().x1 <= size[0] * style.DPI


def test_command_draws_and_refuses(tmp_path, capsys):
    assert main(["minimal", "--out", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map_minimal.png", "map_minimal.svg"]
    assert main(["atlantic", "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "'atlantic' is neither shipped nor a folder; nearest is 'atlantis'" in error
    assert error.count("\n") == 1
