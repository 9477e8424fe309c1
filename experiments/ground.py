"""The ground of a map, without drawing it: the projection, and what a geography's folder says lies behind its places.

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
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EARTH_RADIUS_KM: Final = 6371.0
MARGIN: Final = 0.075  # free rim around the places, as a share of their extent


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
