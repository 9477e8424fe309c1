"""The geography of a recording: places, roads and the ground behind them, projected to kilometres."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from experiments.ground import MARGIN, Floats, LambertConic, load_backdrop
from sim.geography import Geography

_CENTRES: Final = ("capital", "regional_capital")


def projection_of(geography: Geography, outlines: bool) -> LambertConic:
    """Return the projection of a geography's map, fitted as on its figures: far sources are left out."""
    near = [place for place in geography.places if place.kind != "source" or not outlines]
    return LambertConic.fitted([place.lat for place in near], [place.lon for place in near])


def map_of(geography: Geography) -> dict[str, Any]:
    """Return projection, frame (west, south, east, north), outlines, river, names of countries, and the credit.

    Coordinates are kilometres, x east and y north; lines are steps in tenths of kilometres.
    """
    backdrop = load_backdrop(geography.folder)
    projection = projection_of(geography, bool(backdrop.outlines))
    home = geography.places[geography.capital].country
    theatre = {place.country for place in geography.places if place.kind != "source"}
    return {
        "projection": {
            "name": "Lambert conformal conic",
            "parallels": list(projection.parallels),
            "origin": list(projection.origin),
            "radius_km": projection.radius,
        },
        "frame": _frame(geography, projection, bool(backdrop.outlines)),
        "outlines": [
            {
                "code": code,
                "role": "home" if code == home else "theatre" if code in theatre else "neighbour",
                "rings": [_line(projection, ring[:, 1], ring[:, 0]) for ring in rings],
            }
            for code, rings in backdrop.outlines.items()
        ],
        "river": [] if backdrop.river is None else _line(projection, backdrop.river[:, 0], backdrop.river[:, 1]),
        "countries": [{"text": text, "at": _point(projection, lat, lon)} for text, lat, lon in backdrop.countries],
        "credit": backdrop.credit,
    }


def _frame(geography: Geography, projection: LambertConic, outlines: bool) -> list[float]:
    near = [place for place in geography.places if place.kind != "source" or not outlines]
    x, y = projection.forward([p.lat for p in near], [p.lon for p in near])
    rim = MARGIN * max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    return [round(v, 1) for v in (x.min() - rim, y.min() - rim, x.max() + rim, y.max() + rim)]


def _point(projection: LambertConic, lat: float, lon: float) -> list[float]:
    x, y = projection.forward(lat, lon)
    return [round(float(x), 1), round(float(y), 1)]


def _line(projection: LambertConic, lat: Floats, lon: Floats) -> list[int]:
    """Return a line in tenths of kilometres: x, y of its first point, then the step to each next one."""
    points = np.rint(10.0 * np.column_stack(projection.forward(lat, lon))).astype(np.int64)
    steps = np.concatenate((points[:1], np.diff(points, axis=0)))
    return [int(v) for v in steps.ravel()]


def places_of(geography: Geography) -> list[dict[str, Any]]:
    """Return the places in their order: who they are, where, and where their names go on a map."""
    projection = projection_of(geography, bool(load_backdrop(geography.folder).outlines))
    return [
        {
            "id": place.id,
            "name": place.name,
            "label": place.label,
            "kind": place.kind,
            "country": place.country,
            "region": place.region,
            "population": place.population,
            "centre": place.kind in _CENTRES,
            "at": _point(projection, place.lat, place.lon),
            "label_shift": [place.label_dx, place.label_dy],
            "label_anchor": place.label_anchor,
        }
        for place in geography.places
    ]


def roads_of(geography: Geography) -> list[dict[str, Any]]:
    """Return the roads in their order; ``ends`` are places by index."""
    return [
        {
            "ends": [geography.index(road.a), geography.index(road.b)],
            "km": road.km,
            "truck_hours": road.truck_hours,
            "track": road.road_class.startswith("track"),
        }
        for road in geography.roads
    ]
