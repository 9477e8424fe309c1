"""The ground of a map: projection, frame, outlines of countries, a river; and the drawing that the rest is put on.

Outlines, river and names of countries come from the geography's own folder, and every part may be missing.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
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
from sim.geography import Geography

Floats = NDArray[np.float64]

EARTH_RADIUS_KM: Final = 6371.0
SLIDE_MAP: Final = (0.96 * style.SLIDE[0], 0.87 * style.SLIDE[1])  # inches; the axes of `map.bare_map`
MARGIN: Final = 0.055  # free rim around the places, as a share of their extent
SEA, NEIGHBOUR, THEATRE, HOME = "#e9eff3", "#efeeea", "#f6f3e9", "#fcf9ee"


@dataclass(frozen=True, slots=True)
class LambertConic:
    """Lambert conformal conic projection of a sphere (Snyder 1987, USGS Professional Paper 1395, ch. 15).

    Attributes:
        parallels: the two standard parallels, degrees; distances are true along them.
        origin: latitude and longitude of the point (0, 0), degrees.
        radius: of the sphere; coordinates come in its unit.
    """

    parallels: tuple[float, float]
    origin: tuple[float, float]
    radius: float = EARTH_RADIUS_KM

    @classmethod
    def fitted(cls, lat: ArrayLike, lon: ArrayLike) -> LambertConic:
        """The projection for some points: parallels a sixth of the way in from either end (a rule of thumb)."""
        low, high = float(np.min(lat)), float(np.max(lat))
        step = (high - low) / 6
        # The cone of a country astride the equator is a cylinder, and the formula would divide by nought.
        if abs(low + high) < 1e-6:
            low, high = low + 0.5, high + 0.5
        return cls((low + step, high - step), ((low + high) / 2, float(np.min(lon) + np.max(lon)) / 2))

    def _tangent(self, lat: ArrayLike) -> Floats:
        return np.asarray(np.tan(np.pi / 4 + np.radians(np.asarray(lat, dtype=np.float64)) / 2))

    @property
    def cone(self) -> float:
        """The cone constant n: how much of a full turn the unrolled cone takes."""
        one, two = np.radians(self.parallels)
        if math.isclose(one, two):
            return math.sin(one)
        tangents = self._tangent(self.parallels)
        return float(np.log(np.cos(one) / np.cos(two)) / np.log(tangents[1] / tangents[0]))

    def forward(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
        """Degrees to x (east) and y (north), same shape, in units of the radius."""
        n = self.cone
        factor = math.cos(math.radians(self.parallels[0])) * float(self._tangent(self.parallels[0])) ** n / n
        rho = self.radius * factor / self._tangent(lat) ** n
        rho_origin = self.radius * factor / float(self._tangent(self.origin[0])) ** n
        theta = n * np.radians(np.asarray(lon, dtype=np.float64) - self.origin[1])
        return np.asarray(rho * np.sin(theta)), np.asarray(rho_origin - rho * np.cos(theta))


@dataclass(frozen=True)
class Backdrop:
    """What a geography's folder says about the ground of its map.

    Attributes:
        outlines: per country code, its rings of (lon, lat), degrees.
        river: (lat, lon) points, degrees, shape (n, 2).
        countries: (text, lat, lon) of the names of countries.
        legend: upper left corner of the legend, as shares of the axes.
        bars: lower left corner of the first colour bar, as shares of the axes.
        credit: whose data it is.
    """

    outlines: dict[str, list[Floats]] = field(default_factory=dict)
    river: Floats | None = None
    countries: tuple[tuple[str, float, float], ...] = ()
    legend: tuple[float, float] = (0.006, 0.99)
    bars: tuple[float, float] = (0.79, 0.93)
    credit: str = ""


def load_backdrop(folder: Path | None) -> Backdrop:
    """Read `map.json`, `borders.geojson` and the river's table of a geography's folder, as far as they are there."""
    if folder is None or not (folder / "map.json").is_file():
        return Backdrop()
    settings: dict[str, Any] = json.loads((folder / "map.json").read_text(encoding="utf-8"))
    outlines: dict[str, list[Floats]] = {}
    if (folder / "borders.geojson").is_file():
        for feature in json.loads((folder / "borders.geojson").read_text(encoding="utf-8"))["features"]:
            polygons = feature["geometry"]["coordinates"]
            outlines[feature["properties"]["code"]] = [np.array(ring) for rings in polygons for ring in rings]
    river = None
    if "river" in settings:
        with (folder / settings["river"]).open(encoding="utf-8", newline="") as handle:
            river = np.array([(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(handle)])
    return Backdrop(
        outlines,
        river,
        tuple((c["text"], float(c["lat"]), float(c["lon"])) for c in settings.get("countries", [])),
        _pair(settings.get("legend", Backdrop.legend)),
        _pair(settings.get("bars", Backdrop.bars)),
        settings.get("credit", ""),
    )


def _pair(values: Sequence[float]) -> tuple[float, float]:
    return float(values[0]), float(values[1])


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

    def boxes(self) -> list[tuple[str, Bbox]]:
        """What each text and panel covers, pixels; for checking that none covers another."""
        named = [(text.get_text(), text.get_window_extent()) for text in self.texts]
        return named + [(type(panel).__name__, panel.get_tightbbox()) for panel in self.panels]

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
