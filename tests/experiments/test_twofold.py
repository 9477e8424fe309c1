"""One drawing, two formats: each as matplotlib alone would have made it, but for the edges of letters."""

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from experiments.figures import style
from experiments.figures.twofold import TwofoldCanvas

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def house():
    with style.house_style():
        yield


def figure_of(draw, size=(4.0, 3.0)):
    figure = style.new_figure(size)
    draw(figure.add_axes((0.2, 0.2, 0.7, 0.7)))
    return figure


def everything(ax):
    ax.set_title("A title, of two\nlines")
    ax.plot([0, 1, 2], [0, 2, 1], "--", marker="o", label="a line")
    ax.scatter([0.5, 1.5], [1.5, 0.5], s=[30, 90], c=["red", "blue"], alpha=0.5)
    ax.imshow(np.arange(6.0).reshape(2, 3), extent=(0, 1, 0, 0.5), aspect="auto")
    ax.set(xlim=(0, 2), ylim=(0, 2), ylabel="s$^{-5/2}$")
    ax.legend()


def saved(figure, folder):
    png, svg = style.save(figure, folder / "figure")
    return imread(png)[..., :3], svg.read_text(encoding="utf-8")


def test_the_pixels_are_those_of_matplotlib_but_for_the_edges_of_letters(tmp_path):
    pixels, _ = saved(figure_of(everything), tmp_path)
    plain = Figure(figsize=(4.0, 3.0), dpi=style.DPI)
    canvas = FigureCanvasAgg(plain)
    everything(plain.add_axes((0.2, 0.2, 0.7, 0.7)))
    canvas.draw()
    difference = np.abs(pixels - np.asarray(canvas.buffer_rgba())[..., :3] / 255).max(axis=2)
    assert np.mean(difference > 0.25) < 0.004
    assert difference.mean() < 0.01


def test_the_svg_has_the_size_on_paper_that_savefig_gives_and_says_its_words(tmp_path):
    _, svg = saved(figure_of(everything), tmp_path)
    root = ElementTree.fromstring(svg)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("288pt", "216pt", "0 0 400 300")
    assert "<!-- A title, of two -->" in svg


def test_the_same_figure_gives_the_same_bytes_and_can_be_saved_twice(tmp_path):
    figure = figure_of(everything)
    first, second = saved(figure, tmp_path), saved(figure, tmp_path)
    third = saved(figure_of(everything), tmp_path)
    for other in (second, third):
        assert np.array_equal(first[0], other[0])
        assert first[1] == other[1]


def symbols(ax, **how):
    at = np.linspace(0.1, 0.9, 40)
    ax.scatter(
        at, at**2, **{"s": np.linspace(5, 60, 40), "marker": "^", "facecolor": "red", "edgecolor": "white", **how}
    )
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])


def triangles(svg):
    """Corners of the triangles of three points, pixels."""
    paths = [path.get("d") for path in ElementTree.fromstring(svg).iter(f"{SVG}path")]
    found = [re.findall(r"[ML] ([0-9.]+) ([0-9.]+)", d) for d in paths]
    return np.array([corners for corners in found if len(corners) == 3], dtype=float)


def test_symbols_that_differ_in_place_and_size_tell_their_look_once_and_stand_where_they_stood(tmp_path):
    _, svg = saved(figure_of(symbols), tmp_path)
    stream = io.StringIO()
    plain = Figure(figsize=(4.0, 3.0), dpi=style.DPI)
    symbols(plain.add_axes((0.2, 0.2, 0.7, 0.7)))
    plain.savefig(stream, format="svg")
    there = triangles(stream.getvalue()) * style.DPI / 72
    assert triangles(svg).shape == (40, 3, 2)
    assert np.allclose(triangles(svg), there, atol=2e-3)
    assert svg.count("fill: #ff0000") == 1


def test_symbols_of_other_looks_are_left_to_matplotlib(tmp_path):
    _, svg = saved(figure_of(lambda ax: symbols(ax, facecolor=["red", "blue"] * 20)), tmp_path)
    assert svg.count("fill: #ff0000") == 20
    _, svg = saved(figure_of(lambda ax: symbols(ax, marker="o")), tmp_path)
    assert svg.count("fill: #ff0000") == 40
    _, svg = saved(figure_of(lambda ax: symbols(ax, facecolor="none", edgecolor="none")), tmp_path)
    assert triangles(svg).shape == (40, 3, 2) and "fill: none" in svg


def test_lines_are_as_wide_on_paper_as_in_savefig(tmp_path):
    _, svg = saved(
        figure_of(lambda ax: ax.plot([0, 1], [0, 1], "--", color="#123456", linewidth=1.8, dashes=(4, 2))), tmp_path
    )
    look = re.search(r"style=\"([^\"]*#123456[^\"]*)", svg).group(1)
    assert "stroke-width: 2.5" in look  # pixels, at 100 an inch
    assert "stroke-dasharray: 10,5" in look
    _, svg = saved(figure_of(lambda ax: ax.plot([0, 1], color="#123456", linewidth=1.0)), tmp_path)
    assert "stroke: #123456; stroke-linecap: square; stroke-width: 1.3889" in svg


def test_a_hatch_is_as_wide_as_in_savefig(tmp_path):
    _, svg = saved(figure_of(lambda ax: ax.add_patch(Rectangle((0, 0), 1, 1, hatch="//"))), tmp_path)
    assert svg.count('patternTransform="scale(1.38889)"') == svg.count("<pattern") == 1


def test_another_canvas_is_exchanged(tmp_path):
    figure = Figure(figsize=(4.0, 3.0), dpi=style.DPI)
    pixels, _ = saved(figure, tmp_path)
    assert pixels.shape == (300, 400, 3)
    assert isinstance(figure.canvas, TwofoldCanvas)


@pytest.mark.parametrize("orientation", ["vertical", "horizontal"])
def test_a_smooth_bar_has_the_colours_of_its_scale(tmp_path, orientation):
    def draw(ax):
        bar = ax.figure.colorbar(ScalarMappable(Normalize(2, 5), "cividis"), cax=ax, orientation=orientation)
        style.smooth(bar)
        ax.set(xticks=[], yticks=[])
        assert (bar.vmin, bar.vmax) == (2.0, 5.0)

    pixels, svg = saved(figure_of(draw), tmp_path)
    middle = pixels[30:240, 220] if orientation == "vertical" else pixels[150, 80:360][::-1]
    dark, light = np.array([0, 34, 78]) / 255, np.array([254, 232, 56]) / 255
    assert np.allclose(middle[4], light, atol=0.06) and np.allclose(middle[-5], dark, atol=0.06)
    assert "QuadMesh" not in svg


def test_a_rasterised_artist_is_refused_rather_than_drawn_in_stripes(tmp_path):
    figure = style.new_figure((4.0, 3.0))
    bar = figure.colorbar(ScalarMappable(Normalize(0, 1)), cax=figure.add_axes((0.1, 0.1, 0.05, 0.8)))
    with pytest.raises(NotImplementedError, match=r"style\.smooth"):
        style.save(figure, tmp_path / "bar")
    style.smooth(bar)
    style.save(figure, tmp_path / "bar")


def test_strokes_of_one_letter_are_as_wide_wherever_it_stands(tmp_path):
    figure = style.new_figure((4.0, 1.0))
    for k in range(20):
        figure.text(0.04 + 0.0473 * k, 0.5, "F", fontsize=12, ha="center", va="center", color="black")
    pixels, _ = saved(figure, tmp_path)
    ink = (1.0 - pixels.mean(axis=2)).sum(axis=0)
    gaps = np.flatnonzero(np.diff((ink > 0).astype(int)) > 0)
    letters = [ink[a + 1 : a + 14].sum() for a in gaps]
    assert len(letters) == 20
    assert max(letters) < 1.1 * min(letters)
