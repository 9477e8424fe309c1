"""Places and roads: loading them from two tables, checking them, shortest paths in truck-hours.

A geography is a folder with `places.csv` and `roads.csv`. Whatever can be wrong with it is refused here, in one line
that names the file, the line, the value and what was expected: no later part of the model has to check again.
"""

from __future__ import annotations

import csv
import difflib
import heapq
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

KINDS: Final = ("capital", "regional_capital", "town", "base", "crossing", "source")
LABEL_ANCHORS: Final = ("left", "center", "right")
LABEL_REACH: Final = 200.0  # points; an offset beyond this would put the name nearer to some other place


class GeographyError(ValueError):
    """A geography that cannot be used. Each cause has its own subclass; each message is one line."""


class MissingFileError(GeographyError):
    """The folder, or one of its two tables, is not there or cannot be read."""


class UnreadableTableError(GeographyError):
    """A table is not UTF-8 text or not comma-separated values."""


class EmptyTableError(GeographyError):
    """A table holds no rows."""


class MissingColumnError(GeographyError):
    """A table lacks a column."""


class BadValueError(GeographyError):
    """A value is missing, not a number, NaN, out of range, or not one of those allowed."""


class DuplicatePlaceError(GeographyError):
    """Two places share one id."""


class UnknownPlaceError(GeographyError):
    """A road leads to a place that does not exist, or a place was asked for that does not exist."""


class SelfLoopError(GeographyError):
    """A road leads from a place to itself."""


class DuplicateRoadError(GeographyError):
    """Two roads join the same two places, in either order."""


class CapitalCountError(GeographyError):
    """There is not exactly one place of kind ``capital``."""


class UnreachableCapitalError(GeographyError):
    """No fuel source has a road to the capital."""


@dataclass(frozen=True, slots=True)
class Place:
    """One settlement, base, border crossing or fuel source.

    Attributes:
        id: short unique name, used by roads and by configuration.
        name: the place's name as people read it.
        country: country code (ISO 3166-1 alpha-2; user-assigned codes starting with X for fictional countries).
        region: administrative region, or the country's name for sources outside.
        lat, lon: degrees north, -90 to 90, and degrees east, -180 to 180.
        population: inhabitants.
        kind: one of `KINDS`.
        roles: free words about what the place is for.
        source: where the row comes from (see docs/data_sources.md).
        label_dx, label_dy: shift of the name on maps, points to the right and upwards.
        label_anchor: which end of the name sits at the shifted point, one of `LABEL_ANCHORS`.
        label: a shorter name for maps, an optional column; the name where there is none.
    """

    id: str
    name: str
    country: str
    region: str
    lat: float
    lon: float
    population: int
    kind: str
    roles: tuple[str, ...]
    source: str
    label_dx: float
    label_dy: float
    label_anchor: str
    label: str


@dataclass(frozen=True, slots=True)
class Road:
    """One road between two places, open both ways.

    Attributes:
        a, b: ids of its ends.
        km: length, kilometres.
        truck_hours: driving time of a loaded truck, hours, one way.
        road_class: free words about the surface.
        source: where the row comes from (see docs/data_sources.md).
    """

    a: str
    b: str
    km: float
    truck_hours: float
    road_class: str
    source: str


@dataclass(frozen=True, repr=False)
class Geography:
    """Places and the roads between them, in the order of the tables. Built, and checked, by `load_geography`.

    Attributes:
        places: all places; a place's index is its position here.
        roads: all roads; a road's index is its position here.
        name: the folder's name.
        folder: where it was loaded from, for those who draw it; no part of equality.
    """

    places: tuple[Place, ...]
    roads: tuple[Road, ...]
    name: str
    folder: Path | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        """Say what it is in one line."""
        return (
            f"Geography({self.name!r}: {len(self.places)} places, {len(self.roads)} roads, "
            f"capital {self.places[self.capital].name}, {len(self.sources)} sources)"
        )

    def index(self, place_id: str) -> int:
        """Position of a place in `places`.

        Raises:
            UnknownPlaceError: no place has this id.
        """
        try:
            return self._positions[place_id]
        except KeyError:
            raise UnknownPlaceError(
                f"geography {self.name}: no place {place_id!r}; nearest is {self.likely(place_id)!r}"
            ) from None

    def likely(self, text: str) -> str:
        """Return the id of the place whose id or name is nearest to ``text``."""
        known = {word.casefold(): place.id for place in self.places for word in (place.name, place.id)}
        return known[_nearest(text.casefold(), known)]

    @cached_property
    def _positions(self) -> Mapping[str, int]:
        return {place.id: i for i, place in enumerate(self.places)}

    @cached_property
    def capital(self) -> int:
        """Index of the capital."""
        return [place.kind for place in self.places].index("capital")

    @cached_property
    def sources(self) -> tuple[int, ...]:
        """Indices of the fuel sources."""
        return tuple(i for i, place in enumerate(self.places) if place.kind == "source")

    @cached_property
    def regional_capitals(self) -> tuple[int, ...]:
        """Return the indices of the regional capitals, of every country."""
        return tuple(k for k, p in enumerate(self.places) if p.kind == "regional_capital")

    @cached_property
    def home(self) -> NDArray[np.bool_]:
        """Return for each place whether it lies in the capital's country."""
        return np.array([p.country == self.places[self.capital].country for p in self.places], dtype=bool)

    @cached_property
    def road_starts(self) -> NDArray[np.int64]:
        """Return for each road the index of its first place."""
        return np.array([self.index(r.a) for r in self.roads], dtype=np.int64)

    @cached_property
    def adjacency(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Per place, its (neighbour index, road index) pairs in order of neighbour index."""
        lists: list[list[tuple[int, int]]] = [[] for _ in self.places]
        for k, road in enumerate(self.roads):
            i, j = self._positions[road.a], self._positions[road.b]
            lists[i].append((j, k))
            lists[j].append((i, k))
        return tuple(tuple(sorted(pairs)) for pairs in lists)

    def calm_paths(self, root: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return :func:`shortest_paths` from a place by truck-hours alone; kept, so read only."""
        if root not in self._calm:
            self._calm[root] = shortest_paths(self, root)
        return self._calm[root]

    @cached_property
    def _calm(self) -> dict[int, tuple[NDArray[np.float64], NDArray[np.int64]]]:
        return {}

    @cached_property
    def truck_hours(self) -> NDArray[np.float64]:
        """Driving time per road, hours, shape (roads,), read-only."""
        hours = np.array([road.truck_hours for road in self.roads], dtype=np.float64)
        hours.flags.writeable = False
        return hours


def load_geography(folder: Path | str) -> Geography:
    """Read and check the geography in a folder (`places.csv`, `roads.csv`), named after the folder.

    Raises:
        GeographyError: through one of its subclasses, which name the cause.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingFileError(f"geography {folder.name!r}: no such folder")
    places = _load_places(folder / "places.csv")
    roads = _load_roads(folder / "roads.csv", {place.id for place in places})
    geography = Geography(places, roads, folder.resolve().name, folder)
    _check_capital(geography)
    return geography


def shortest_paths(
    geography: Geography, root: int | str, hours: ArrayLike | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cheapest routes from one place to all others (Dijkstra 1959, with a heap).

    Plain Python, for set-up and as the yardstick of the compiled search. Ties are broken by place index: of several
    equally cheap last steps, the one from the place with the lowest index wins.

    Args:
        geography: places and roads.
        root: index or id of the start.
        hours: cost per road, shape (roads,), hours, 0 or more; infinity closes a road. Truck-hours if left out.

    Returns:
        cost, shape (places,), hours from the root, infinity where no route leads; and parent, shape (places,), index
        of the place before on the way from the root, -1 for the root and where no route leads.

    Raises:
        UnknownPlaceError: the root does not exist.
        BadValueError: hours have another shape, are negative or NaN.
    """
    start = geography.index(root) if isinstance(root, str) else root
    if not 0 <= start < len(geography.places):
        raise UnknownPlaceError(f"root = {root}: no such place, must be 0 to {len(geography.places) - 1}")
    weight = _road_costs(geography, hours)
    cost = np.full(len(geography.places), math.inf)
    parent = np.full(len(geography.places), -1, dtype=np.int64)
    settled = np.zeros(len(geography.places), dtype=np.bool_)
    cost[start] = 0.0
    heap: list[tuple[float, int]] = [(0.0, start)]
    while heap:
        _, i = heapq.heappop(heap)
        if settled[i]:
            continue
        settled[i] = True
        # A settled place keeps its parent even in a tie, else roads of no length could close a circle of parents.
        for j, k in ((j, k) for j, k in geography.adjacency[i] if not settled[j]):
            through = float(cost[i] + weight[k])
            if through < cost[j]:
                cost[j], parent[j] = through, i
                heapq.heappush(heap, (through, j))
            elif through == cost[j] and math.isfinite(through) and i < parent[j]:
                parent[j] = i
    return cost, parent


def _road_costs(geography: Geography, hours: ArrayLike | None) -> NDArray[np.float64]:
    weight = geography.truck_hours if hours is None else np.asarray(hours, dtype=np.float64)
    if weight.shape != (len(geography.roads),):
        raise BadValueError(f"hours: shape {weight.shape}, must be ({len(geography.roads)},), one for each road")
    for k in np.flatnonzero(~(weight >= 0.0)):  # written so that NaN is caught
        raise BadValueError(f"hours[{k}] = {weight[k]}, must be 0 or more")
    return weight


@dataclass(frozen=True, slots=True)
class _Row:
    # One line of a table, which knows where it stands so that errors can say so.
    where: str
    values: Mapping[str, str]

    def complain(self, column: str, wanted: str) -> BadValueError:
        return BadValueError(f"{self.where}: {column} = {self.values[column]!r}, must be {wanted}")

    def word(self, column: str) -> str:
        if not self.values[column]:
            raise self.complain(column, "given")
        return self.values[column]

    def choice(self, column: str, allowed: Sequence[str]) -> str:
        value = self.values[column]
        if value not in allowed:
            raise self.complain(column, f"one of {', '.join(allowed)}; nearest is {_nearest(value, allowed)!r}")
        return value

    def number(self, column: str, wanted: str, allowed: Callable[[float], bool]) -> float:
        try:
            value = float(self.values[column])
        except ValueError:
            raise self.complain(column, wanted) from None
        if not (math.isfinite(value) and allowed(value)):
            raise self.complain(column, wanted)
        return value

    def within(self, column: str, reach: float) -> float:
        return self.number(column, f"a number from {-reach:g} to {reach:g}", lambda x: abs(x) <= reach)

    def positive(self, column: str) -> float:
        return self.number(column, "a number above 0", lambda x: x > 0)

    def count(self, column: str) -> int:
        return int(self.number(column, "a whole number, 0 or more", lambda x: x >= 0 and x == int(x)))


def _load_places(path: Path) -> tuple[Place, ...]:
    places: dict[str, Place] = {}
    for row in _rows(path, _columns(Place, optional="label")):
        place = _place(row)
        if place.id in places:
            raise DuplicatePlaceError(f"{row.where}: id = {place.id!r} is already that of {places[place.id].name!r}")
        places[place.id] = place
    return tuple(places.values())


def _place(row: _Row) -> Place:
    return Place(
        id=row.word("id"),
        name=row.word("name"),
        country=row.word("country"),
        region=row.word("region"),
        lat=row.within("lat", 90),
        lon=row.within("lon", 180),
        population=row.count("population"),
        kind=row.choice("kind", KINDS),
        roles=tuple(role.strip() for role in row.values["roles"].split(";") if role.strip()),
        source=row.word("source"),
        label_dx=row.within("label_dx", LABEL_REACH),
        label_dy=row.within("label_dy", LABEL_REACH),
        label_anchor=row.choice("label_anchor", LABEL_ANCHORS),
        label=row.values.get("label") or row.word("name"),
    )


def _load_roads(path: Path, known: set[str]) -> tuple[Road, ...]:
    roads: dict[frozenset[str], Road] = {}
    for row in _rows(path, _columns(Road)):
        road = _road(row, known)
        ends = frozenset((road.a, road.b))
        if ends in roads:
            raise DuplicateRoadError(f"{row.where}: road {road.a}-{road.b} is given twice, in whichever direction")
        roads[ends] = road
    return tuple(roads.values())


def _road(row: _Row, known: set[str]) -> Road:
    a, b = row.word("a"), row.word("b")
    for end in (a, b):
        if end not in known:
            raise UnknownPlaceError(f"{row.where}: no place {end!r}; nearest is {_nearest(end, known)!r}")
    if a == b:
        raise SelfLoopError(f"{row.where}: road {a}-{b} leads from a place to itself")
    return Road(a, b, row.positive("km"), row.positive("truck_hours"), row.word("road_class"), row.word("source"))


def _columns(table: type[Place] | type[Road], optional: str = "") -> tuple[str, ...]:
    return tuple(column.name for column in fields(table) if column.name != optional)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[_Row]:
    try:
        # utf-8-sig: spreadsheet programs put a byte-order mark in front of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            table = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if "".join(cells).strip()]
    except OSError as error:
        raise MissingFileError(f"{path.parent.name}/{path.name} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableTableError(f"{path.name}: not comma-separated UTF-8 text ({error})") from None
    if not table:
        raise EmptyTableError(f"{path.name}: the file is empty; must have the columns {', '.join(columns)}")
    header = table[0][1]
    for column in columns:
        if column not in header:
            raise MissingColumnError(f"{path.name}: no column {column!r}; nearest is {_nearest(column, header)!r}")
    if len(table) == 1:
        raise EmptyTableError(f"{path.name}: the file has a header and no rows")
    for line, cells in table[1:]:
        if len(cells) != len(header):
            raise BadValueError(f"{path.name} line {line}: {len(cells)} values, must be {len(header)} (stray comma?)")
        yield _Row(f"{path.name} line {line}", dict(zip(header, cells, strict=True)))


def _check_capital(geography: Geography) -> None:
    capitals = [place.id for place in geography.places if place.kind == "capital"]
    if len(capitals) != 1:
        raise CapitalCountError(f"places.csv: places of kind 'capital' are {capitals}, must be exactly one")
    cost, _ = shortest_paths(geography, geography.capital)
    if not any(math.isfinite(cost[i]) for i in geography.sources):
        sources = ", ".join(geography.places[i].id for i in geography.sources) or "there is none"
        raise UnreachableCapitalError(f"roads.csv: no way to the capital {capitals[0]!r} from a source ({sources})")


def _nearest(value: str, allowed: Mapping[str, Any] | Sequence[str] | set[str]) -> str:
    """The allowed word most like a given one; sorted first, so that ties do not hang on the order of a set."""
    folded = {word.casefold(): word for word in sorted(allowed, reverse=True)}
    return folded[difflib.get_close_matches(value.casefold(), list(folded), n=1, cutoff=0.0)[0]]
