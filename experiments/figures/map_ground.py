"""The drawing that a map is put on: its frame, the outlines of countries, a river."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from experiments.figures import style
from experiments.ground import MARGIN, Backdrop, LambertConic, load_backdrop
from experiments.ground import Floats as Floats  # for those who draw on the ground
from sim.geography import Geography

SLIDE_MAP: Final = (0.96 * style.SLIDE[0], 0.87 * style.SLIDE[1])  # inches; the axes of `map.bare_map`
SEA, NEIGHBOUR, THEATRE, HOME = "#e9eff3", "#efeeea", "#f6f3e9", "#fcf9ee"


@dataclass
class MapDrawing:
    """A map on its axes, for those who add to it and for tests.

    Attributes:
        ax: the axes, in kilometres.
        geography: what is drawn.
        backdrop: what lies behind it.
        projection: degrees to kilometres.
        x: east per place, km.
        y: north per place, km.
        scale: size of letters, markers and lines against those on a slide: a small map is a slide's map made smaller,
            so that names that do not collide on the one do not collide on the other.
        texts: every text on the map.
        panels: legend, colour bars and scale bar.
        hexagons: centres of hexagons and the place that each belongs to, once they are found.
        measured: what the first of the texts cover; they stay where they are.
    """

    ax: Axes
    geography: Geography
    backdrop: Backdrop
    projection: LambertConic
    x: Floats
    y: Floats
    scale: float
    texts: list[Text] = field(default_factory=list)
    panels: list[Any] = field(default_factory=list)
    hexagons: tuple[Floats, NDArray[np.int64]] | None = None
    measured: list[tuple[str, Bbox]] = field(default_factory=list)

    def boxes(self) -> list[tuple[str, Bbox]]:
        """What each text and panel covers, pixels; for checking that none covers another."""
        more = self.texts[len(self.measured) :]
        self.measured += [(text.get_text(), text.get_window_extent()) for text in more]
        return self.measured + [(type(panel).__name__, panel.get_tightbbox()) for panel in self.panels]

    def inside(self) -> NDArray[np.bool_]:
        """Per place, whether it lies within the frame, and not so close to its edge that its name would not fit."""
        (left, right), (low, high) = self.ax.get_xlim(), self.ax.get_ylim()
        rim = 0.03 * min(right - left, high - low)
        return (left + rim < self.x) & (self.x < right - rim) & (low + rim < self.y) & (self.y < high - rim)

    def project(self, lat: ArrayLike, lon: ArrayLike) -> Floats:
        """Degrees, shape (n,), to kilometres on the map, shape (n, 2)."""
        return np.column_stack(self.projection.forward(lat, lon))

    def write(self, text: str, at: tuple[float, float], shift: tuple[float, float] = (0, 0), **how: Any) -> None:
        """Write a haloed text at a point (km), shifted by points of a slide; `how` as matplotlib's text takes it."""
        k = self.scale
        halo = [withStroke(linewidth=2.6 * k, foreground="#ffffffd8")]
        how = {"ha": "center", "va": "center", "zorder": 8, "path_effects": halo, **how, "size": how["size"] * k}
        shift = shift[0] * k, shift[1] * k
        self.texts.append(self.ax.annotate(text, at, shift, textcoords="offset points", **how))


def open_drawing(ax: Axes, geography: Geography) -> MapDrawing:
    """Start a map: fit projection and frame to the places, then widen the frame to the shape of the axes.

    Sources far away are left out of the frame, unless there are no outlines and hence no country to fit it to.
    """
    backdrop = load_backdrop(geography.folder)
    lat = np.array([place.lat for place in geography.places])
    lon = np.array([place.lon for place in geography.places])
    near = np.array([place.kind != "source" or not backdrop.outlines for place in geography.places])
    projection = LambertConic.fitted(lat[near], lon[near])
    x, y = projection.forward(lat, lon)
    width, height = np.ptp(x[near]) * (1 + 2 * MARGIN), np.ptp(y[near]) * (1 + 2 * MARGIN)
    box = ax.get_window_extent()
    aspect = box.width / box.height
    width, height = max(width, height * aspect), max(height, width / aspect)
    middle = (x[near].min() + x[near].max()) / 2, (y[near].min() + y[near].max()) / 2
    ax.set_xlim(middle[0] - width / 2, middle[0] + width / 2)
    ax.set_ylim(middle[1] - height / 2, middle[1] + height / 2)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xticks=[], yticks=[], facecolor=SEA)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    inches = box.width / ax.figure.dpi, box.height / ax.figure.dpi
    scale = min(inches[0] / SLIDE_MAP[0], inches[1] / SLIDE_MAP[1])
    return MapDrawing(ax, geography, backdrop, projection, x, y, scale)


def draw_land(drawing: MapDrawing) -> None:
    """Draw the countries, the home country on top, and the river."""
    backdrop = drawing.backdrop
    places = drawing.geography.places
    home = places[drawing.geography.capital].country
    theatre = {place.country for place in places if place.kind != "source"}
    if not backdrop.outlines:
        drawing.ax.set_facecolor(HOME)
    for code, rings in sorted(backdrop.outlines.items(), key=lambda item: item[0] == home):
        colour = HOME if code == home else THEATRE if code in theatre else NEIGHBOUR
        edge, width = (style.MUTED, 1.3 * drawing.scale) if code == home else ("#bdbab2", 0.8 * drawing.scale)
        shapes = [drawing.project(ring[:, 1], ring[:, 0]) for ring in rings]
        drawing.ax.add_collection(
            PolyCollection(shapes, facecolor=colour, edgecolor=edge, linewidth=width, zorder=1), autolim=False
        )
    if backdrop.river is not None:
        course = drawing.project(backdrop.river[:, 0], backdrop.river[:, 1])
        drawing.ax.add_line(
            Line2D(course[:, 0], course[:, 1], color="#a8c8dc", linewidth=2.2 * drawing.scale, zorder=1.5)
        )
