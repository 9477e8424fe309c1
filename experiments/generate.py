"""``stalemate generate``: larger countries for measuring and for long nights, made of copies of a scenario's country.

A country of factor n is n provinces, each a copy of the original with its own places, roads, forces, fuel sources and
share of the people; the provinces' centres are joined by roads in a row. The first keeps the capital, the others'
capitals become regional ones. What is counted for the nation as a whole grows with it, as far as its parameter's range
goes; where that ends earlier, the command and the scenario's description say so. No claim is made that such a country
resembles any: it has the right size, density and traffic, which is what cost depends on.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.messages import ConfigurationError
from experiments.run_folder import new_folder
from experiments.science.statistics import distances_km
from sim.geography import Geography, Place, Road
from sim.parameters import flatten, infos
from sim.scenario import Forces, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST = 100
_NATIONAL = (
    "contractors.personnel",
    "contractors.command_men",
    "state.recruit_pool",
    "state.army_fires",
    "regime.revenue",
    "regime.alliance_men",
)
_GAP_DEGREES = 2.0  # between provinces
_WINDING = 1.2  # a joining road's length over the great circle's, and what trucks drive on it: as on main roads
_JOIN_KM_PER_HOUR = 40.0


class FolderTakenError(ConfigurationError):
    """The folder to write into has something in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"--into: {str(folder)!r} is not empty; choose a new folder")


class NoRoomError(ConfigurationError):
    """The globe does not hold as many copies of the country."""

    def __init__(self, factor: int, room: int) -> None:
        super().__init__(f"--factor: {factor} copies do not fit on the globe side by side; at most {room} do")


@dataclass(frozen=True)
class _Site:
    """Where a province lies: by how many degrees it is moved, and which province its centre is joined to."""

    north: float
    east: float
    joined_to: int


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate generate`` takes."""
    parser.add_argument("settings", nargs="*", metavar="key=value", help="the scenario to copy, as for stalemate run")
    parser.add_argument("--factor", type=int, default=10, metavar="N", help=f"how many times as large, 2 to {LARGEST}")
    parser.add_argument("--into", type=Path, default=Path("generated"), metavar="DIR", help="folder to write")


def execute(args: argparse.Namespace) -> int:
    """Write a configuration folder with the larger country, and say how to run it."""
    from experiments.compose import compose_request
    from sim.scenario import whole

    factor = whole("--factor", args.factor, 2, LARGEST)
    base = compose_request(args.settings, None).scenario
    large = enlarge(base, factor)
    write(large, args.into)
    held = words_of_capped(capped(base, factor), factor)
    geo = large.geography
    print(f"{args.into}: {large.name}, {len(geo.places):,} places, {len(geo.roads):,} roads; a fictional country")
    if held:
        print(held)
    print(f"stalemate run scenario={large.name} --config-dir {args.into}   runs it")
    return 0


def enlarge(base: Scenario, factor: int) -> Scenario:
    """Return a country ``factor`` times as large as that of ``base``, without its timeline of named places.

    Raises:
        NoRoomError: that many copies do not fit on the globe.
    """
    provinces = range(factor)
    settings = flatten(base.parameters)
    held = capped(base, factor)
    national = {key: held[key][1] if key in held else settings[key] * factor for key in _NATIONAL}
    made = f"{factor} copies of one country side by side, joined by roads; generated, fictional."
    return replace(
        base.with_settings(national),
        name=f"{base.name}_x{factor}",
        title=f"{base.title}, {factor} times as large",
        description=f"{made} {words_of_capped(held, factor)}".rstrip(),
        geography=_geography(base.geography, provinces),
        forces=_forces(base.forces, provinces),
        timeline=tuple(e for e in base.timeline if not e.place),
        event_band=(base.event_band[0] * factor, base.event_band[1] * factor),
    )


def capped(base: Scenario, factor: int) -> dict[str, tuple[float, float]]:
    """Return which national values cannot grow by ``factor``: by key what that would be, and the highest allowed."""
    settings, limits = flatten(base.parameters), infos()
    return {k: (settings[k] * factor, limits[k].high) for k in _NATIONAL if settings[k] * factor > limits[k].high}


def words_of_capped(held: Mapping[str, tuple[float, float]], factor: int) -> str:
    """Return what is not as large as the rest, and how large it is instead, in a sentence; nothing if all is."""
    if not held:
        return ""
    told = "; ".join(f"{key} is {high:,.10g}, not {wanted:,.10g}" for key, (wanted, high) in held.items())
    return f"Not everything is {factor} times as large, as some parameters reach the end of their range: {told}."


def _named(name: str, k: int) -> str:
    return name if k == 0 else f"{name}-{k}"


def _sites(geo: Geography, factor: int) -> list[_Site]:
    """Return the provinces' sites: in rows around the globe, at the original's latitudes first, nowhere overlapping."""
    lats, lons = [p.lat for p in geo.places], [p.lon for p in geo.places]
    width, height = max(lons) - min(lons) + _GAP_DEGREES, max(lats) - min(lats) + _GAP_DEGREES
    columns = int(360.0 // width)
    reach = range(-int((90.0 + min(lats)) // height), int((90.0 - max(lats)) // height) + 1)
    rows = sorted(reach, key=lambda row: (abs(row), row))
    if factor > columns * len(rows):
        raise NoRoomError(factor, columns * len(rows))
    west = -180.0 - min(lons)
    sites = []
    for k in range(factor):
        at, column = divmod(k, columns)
        row = rows[at]
        inner = rows.index(row - 1 if row > 0 else row + 1) * columns if row else 0
        sites.append(_Site(row * height, west + column * width, k - 1 if column else inner))
    return sites


def _geography(geo: Geography, provinces: range) -> Geography:
    sites = _sites(geo, len(provinces))
    places = tuple(_place(p, k, sites[k]) for k in provinces for p in geo.places)
    roads = [replace(r, a=_named(r.a, k), b=_named(r.b, k)) for k in provinces for r in geo.roads]
    centres = places[geo.capital :: len(geo.places)]
    roads += [_join(centres[sites[k].joined_to], centres[k]) for k in provinces[1:]]
    return Geography(places, tuple(roads), f"{geo.name}_x{len(provinces)}")


def _join(a: Place, b: Place) -> Road:
    km = round(_WINDING * float(distances_km(np.array([a.lat, b.lat]), np.array([a.lon, b.lon]))[0, 1]), 1)
    return Road(a.id, b.id, km, round(km / _JOIN_KM_PER_HOUR, 2), "generated", "generated")


def _place(place: Place, k: int, site: _Site) -> Place:
    kind = "regional_capital" if k > 0 and place.kind == "capital" else place.kind
    return replace(
        place,
        id=_named(place.id, k),
        name=_named(place.name, k),
        label=_named(place.label, k),
        region=_named(place.region, k),
        kind=kind,
        lat=place.lat + site.north,
        lon=place.lon + site.east,
    )


def _forces(forces: Forces, provinces: range) -> Forces:
    def copied(rows: Mapping[str, Any]) -> dict[str, Any]:
        return {_named(name, k): value for k in provinces for name, value in rows.items()}

    return replace(
        forces,
        groups=tuple(replace(g, cells=copied(g.cells)) for g in forces.groups),
        garrisons=copied(forces.garrisons),
        columns=tuple(replace(s, place=_named(s.place, k)) for k in provinces for s in forces.columns),
        escorts=tuple(replace(s, place=_named(s.place, k)) for k in provinces for s in forces.escorts),
        detachments=copied(forces.detachments),
        support_insurgents=copied(forces.support_insurgents),
        support_state=copied(forces.support_state),
        suppliers={name: replace(s, share=s.share / len(provinces)) for name, s in copied(forces.suppliers).items()},
    )


def write(scenario: Scenario, folder: Path) -> None:
    """Write a scenario as a configuration folder: geography, force and scenario; complete or not at all.

    Raises:
        FolderTakenError: the folder holds something.
        WriteError: it cannot be written; nothing was kept.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise FolderTakenError(folder)
    with new_folder(folder) as part:
        _write_all(scenario, part)


def _write_all(scenario: Scenario, folder: Path) -> None:
    name = scenario.geography.name
    place = folder / "geography" / name
    place.mkdir(parents=True)
    _write_tables(scenario.geography, place)
    _write_yaml(folder / "geography" / f"{name}.yaml", {"folder": name})
    _write_yaml(folder / "force" / f"{name}.yaml", _force_data(scenario.forces))
    _write_yaml(folder / "scenario" / f"{scenario.name}.yaml", _scenario_data(scenario), "# @package _global_\n")


def _write_tables(geo: Geography, folder: Path) -> None:
    columns = "id,name,label,country,region,lat,lon,population,kind,roles,source,label_dx,label_dy,label_anchor"
    rows: Iterable[list[Any]] = (
        [";".join(p.roles) if c == "roles" else getattr(p, c) for c in columns.split(",")] for p in geo.places
    )
    _write_csv(folder / "places.csv", columns.split(","), rows)
    names = ["a", "b", "km", "truck_hours", "road_class", "source"]
    _write_csv(folder / "roads.csv", names, ([getattr(r, c) for c in names] for r in geo.roads))


def _write_csv(path: Path, names: list[str], rows: Iterable[list[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(names)
        out.writerows(rows)


def _write_yaml(path: Path, data: Any, head: str = "") -> None:
    import yaml  # type: ignore[import-untyped]

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _force_data(forces: Forces) -> dict[str, Any]:
    def stations(rows: Iterable[Any]) -> dict[str, Any]:
        return {s.place: {"count": s.count, "men": s.men} for s in rows}

    return {
        "groups": {g.name: dict(g.cells) for g in forces.groups},
        "garrisons": dict(forces.garrisons),
        "columns": stations(forces.columns),
        "escorts": stations(forces.escorts),
        "detachments": dict(forces.detachments),
        "support_insurgents": dict(forces.support_insurgents),
        "support_state": dict(forces.support_state),
        "neighbour_countries": list(forces.neighbour_countries),
        "second_base": forces.second_base,
        "civil_l_per_person": forces.civil_l_per_person,
        "opening_stock_days": forces.opening_stock_days,
        "suppliers": {name: {"capacity": s.capacity, "share": s.share} for name, s in forces.suppliers.items()},
    }


def _scenario_data(scenario: Scenario) -> dict[str, Any]:
    parameters: dict[str, dict[str, float]] = {}
    default = {key: info.default for key, info in infos().items()}
    for key, value in flatten(scenario.parameters).items():
        if value != default[key]:
            group, name = key.split(".", 1)
            parameters.setdefault(group, {})[name] = value
    timeline = {
        f"entry_{k}": {n: v for n, v in (("day", e.day), ("action", e.action), ("key", e.key or None),
                                         ("value", e.value), ("days", e.days or None)) if v is not None}
        for k, e in enumerate(scenario.timeline)
    }  # fmt: skip
    return {
        "defaults": [{"/geography": scenario.geography.name}, {"/force": scenario.geography.name}, "_self_"],
        "title": scenario.title,
        "description": scenario.description,
        "start_date": scenario.start_date,
        "days": scenario.days,
        "summer": list(scenario.summer),
        "judge_day": scenario.judge_day,
        "event_band": list(scenario.event_band),
        **parameters,
        "timeline": timeline,
    }
