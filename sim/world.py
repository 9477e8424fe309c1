"""The state of a run: one record of nested tables, in a one-element array.

``world["cells"]["fighters"][0]`` from Python, ``w.cells[i].fighters`` in a rule. Copying a world is copying its bytes.
Capacities are part of the type, so a few size classes serve all scenarios and each is compiled once.
Rows have no gaps (a gap is not copied and would spoil the hash): a table has an even number of 32-bit fields in a row.
Units stand in the names: ``_l`` litres, ``_km``, ``_h`` hours, ``_days``; ``on`` is a day number, −1 for never.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.parameters import N_SETTINGS, parameters_dtype

World = npt.NDArray[Any]
"""A one-element structured array of :func:`world_dtype`."""

MAX_PATH = 40
NEVER = -1

_LOCATED: list[Any] = [("alive", "i4"), ("place", "i4"), ("id", "u8"), ("next", "i4"), ("home", "i4")]
_MARCH = [("task", "i4"), ("target", "i4"), ("leg", "i4"), ("legs", "i4"), ("progress_h", "f8")]
_PATH = [("path", "i2", (MAX_PATH,))]

PLACE: list[Any] = [
    ("id", "u8"),
    # fixed by the geography and the scenario
    ("kind", "i8"), ("country", "i4"), ("region", "i4"), ("hub", "i4"), ("is_centre", "i4"),
    # control
    ("holder", "i4"), ("held_on", "i4"), ("raided_on", "i4"), ("truce_until", "i4"),
    # mustered twice a day: who is here
    ("cell_head", "i4"), ("unit_head", "i4"), ("detachment_head", "i4"), ("fighters", "i4"), ("men", "i4"),
    ("contractors", "i4"), ("strikers", "i4"), ("rally", "i4"), ("idle", "i4", (2,)), ("rally_id", "u8"),
    # fixed by the geography and the scenario
    ("x_km", "f8"), ("y_km", "f8"), ("population", "f8"), ("civil_demand_l", "f8"), ("garrison_target", "f8"),
    ("home_insurgents", "f8"), ("home_state", "f8"), ("value", "f8"),
    # fuel
    ("stock_l", "i8"), ("inbound_l", "i8"), ("demand_l", "f8"), ("military_demand_l", "f8"), ("military_served", "f8"),
    ("served", "f8"), ("served_week", "f8"), ("supply_hub", "i4"), ("ordered_on", "i4"),
    # people
    ("x_insurgents", "f8"), ("x_state", "f8"), ("support_insurgents", "f8"), ("support_state", "f8"),
    ("information", "f8"), ("harm_insurgents", "f8"), ("harm_state", "f8"), ("recruits_left", "f8"),
    # what cells know
    ("threat", "f8"), ("pull", "f8"), ("opening", "f8"),
]  # fmt: skip
ROAD = [
    ("a", "i4"), ("b", "i4"), ("hours", "f8"), ("km", "f8"),
    ("risk", "f8"), ("risk_at_tree", "f8"), ("passed_today", "i4"), ("attacked_today", "i4"), ("tankers_today", "i4"),
    ("cell_head", "i4"), ("flow", "f8"), ("normal_flow", "f8"), ("is_corridor", "i4"), ("in_theatre", "i4"),
]  # fmt: skip
SOURCE_ROW = [
    ("place", "i8"), ("line_head", "i8"), ("capacity", "f8"), ("share", "f8"), ("base_hours", "f8"),
    ("left_today", "f8"),
]  # fmt: skip
HUB = [
    ("place", "i8"), ("first_line", "i8"), ("end_line", "i8"), ("haul_h", "f8"), ("district_demand_l", "f8"),
    ("gap", "f8"), ("want", "f8"), ("acceptance", "f8"), ("escorted_on", "i8"), ("heard", "f8"), ("offers", "i8"),
    ("heard_on", "i8"),
]  # fmt: skip
LINE = [
    ("id", "u8"), ("hub", "i4"), ("source", "i4"), ("next", "i4"), ("legs", "i4"), ("cost_h", "f8"), ("pull", "f8"),
    ("waiting", "i8"), *_PATH,
]  # fmt: skip
CELL = [
    *_LOCATED, ("group", "i4"), ("fighters", "i4"), ("task", "i4"), ("target", "i4"), ("road", "i4"),
    ("days_left", "i4"), ("stance", "i4"), ("children", "i4"), ("recent_loss", "f8"),
]  # fmt: skip
UNIT = [
    *_LOCATED,
    *_MARCH,
    ("kind", "i4"),
    ("men", "i4"),
    ("full_men", "i4"),
    ("days_left", "i4"),
    *_PATH,
]
DETACHMENT = [
    *_LOCATED, *_MARCH, ("men", "i4"), ("start_men", "i4"), ("readiness", "f8"),
    ("arrears_days", "f8"), ("recent_loss", "f8"), ("sorties_left", "f8"), ("days_left", "i8"), *_PATH,
]  # fmt: skip
CONVOY = [
    *_LOCATED, ("target", "i4"), ("leg", "i4"), ("legs", "i4"), ("road", "i4"), ("progress_h", "f8"), ("litres", "i8"),
    ("tankers", "i4"), ("escort", "i4"), ("detachment", "i4"), ("attacker", "i4"),
    ("primary", "i8"), *_PATH,
]  # fmt: skip
NATION = [
    ("x_legitimacy", "f8"), ("legitimacy", "f8"), ("treasury", "f8"), ("cohesion", "f8"), ("paid", "f8"),
    ("contractors_paid", "f8"), ("command", "f8"), ("readiness", "f8"), ("reputation", "f8"), ("served", "f8"),
    ("capital_starved", "f8"), ("shock", "f8"), ("collapsed_on", "i8"), ("hazard", "f8"), ("state_pool", "f8"),
    ("contractor_start", "f8"), ("army_start", "f8"), ("army_sorties_left", "f8"),
]  # fmt: skip
CAMPAIGN = [
    ("until", "i8"), ("began_on", "i8"), ("ended_on", "i8"), ("coordinated", "i8"),
    ("intensity", "f8"),
]  # fmt: skip
DUEL = [
    ("men", "i8"), ("fighters", "i8"), ("men_lost", "i8"), ("fighters_lost", "i8"), ("men_break", "f8"),
    ("fighters_break", "f8"), ("rho", "f8"), ("rho_area", "f8"), ("insurgent_aim", "f8"), ("beta_aimed", "f8"),
    ("beta_area", "f8"), ("mu", "f8"),
    ("support", "f8"), ("round_days", "f8"), ("max_rounds", "i8"), ("rounds", "i8"), ("winner", "i8"),
]  # fmt: skip
PEOPLE = [
    (name, "i8") for name in
    ("initial", "recruited", "reinforced", "released", "dead", "captured", "deserted", "withdrawn")
]  # fmt: skip
FUEL = [
    (name, "i8") for name in ("opening", "entered", "consumed", "destroyed", "looted", "turned_back")
]  # fmt: skip
TALLY = [
    (name, "i8") for name in
    ("civilians_by_insurgents", "civilians_by_state", "civilians_in_combat", "convoys_sent", "convoys_arrived",
     "convoys_attacked", "convoys_turned", "tankers_sent", "tankers_burned", "tankers_refused",
     "fires_contractors", "fires_army", "merges", "splits", "captures", "retakes", "truces", "escorted", "tree_builds",
     "activations", "paths", "neighbours", "choices")
]  # fmt: skip
RUN = [
    ("seed", "u8"), ("key", "u8"), ("day", "i8"), ("status", "i8"), ("capital", "i8"), ("second", "i8"),
    ("n_places", "i8"), ("n_roads", "i8"), ("n_sources", "i8"), ("n_hubs", "i8"), ("n_regions", "i8"),
    ("cells_top", "i8"), ("units_top", "i8"), ("detachments_top", "i8"), ("convoys_top", "i8"),
    ("free_cells", "i8"), ("free_units", "i8"), ("free_convoys", "i8"),
    ("events_today", "i8"), ("trees_on", "i8"), ("live", "i8"), ("timeline_next", "i8"),
    ("people_error", "i8"), ("fuel_error_l", "i8"), ("weighed_h", "f8"),
]  # fmt: skip
TIMELINE: list[Any] = [("day", "i8"), ("kind", "i8"), ("index", "i8"), ("value", "f8")]
EVENT = [
    ("day", "i8"), ("kind", "i8"), ("place", "i8"), ("road", "i8"), ("group", "i8"), ("size", "i8"),
    ("deaths", "i8", (4,)), ("tankers", "i8"), ("actor", "u8"),
]  # fmt: skip


@dataclass(frozen=True)
class Capacity:
    """How many rows each table has; part of the compiled type."""

    places: int = 64
    roads: int = 96
    sources: int = 8
    hubs: int = 16
    lines: int = 128
    cells: int = 512
    units: int = 128
    detachments: int = 64
    convoys: int = 256
    events: int = 256
    timeline: int = 256

    @property
    def live(self) -> int:
        """Most live things at once."""
        return self.cells + self.units + self.detachments + self.convoys

    @property
    def buckets(self) -> int:
        """Most buckets of the daily shuffle: about one for each thing that is live in an ordinary war."""
        return self.live // 2


STANDARD = Capacity()
LARGE = Capacity(640, 960, 64, 128, 1024, 5120, 1280, 640, 2560, 2560)
HUGE = Capacity(6400, 9600, 640, 1280, 10240, 51200, 12800, 6400, 25600, 25600)
SIZES = (STANDARD, LARGE, HUGE)
"""The size classes: each is compiled once, when a scenario first needs it."""


def row(fields: list[Any]) -> np.dtype[Any]:
    """Return an aligned record type."""
    return np.dtype(fields, align=True)


EVENT_DTYPE = row(EVENT)


def _state_fields(c: Capacity) -> list[Any]:
    """Return what a run's next day hangs on; the world's hash is over these."""
    return [
        ("run", row(RUN)),
        ("params", parameters_dtype()),
        ("nation", row(NATION)),
        ("campaign", row(CAMPAIGN)),
        ("tally", row(TALLY)),
        ("deaths", "i8", (4,)),
        ("people", row(PEOPLE), (4,)),
        ("fuel", row(FUEL)),
        ("places", row(PLACE), (c.places,)),
        ("roads", row(ROAD), (c.roads,)),
        ("sources", row(SOURCE_ROW), (c.sources,)),
        ("hubs", row(HUB), (c.hubs,)),
        ("lines", row(LINE), (c.lines,)),
        ("cells", row(CELL), (c.cells,)),
        ("units", row(UNIT), (c.units,)),
        ("detachments", row(DETACHMENT), (c.detachments,)),
        ("convoys", row(CONVOY), (c.convoys,)),
        ("free_cells", "i8", (c.cells,)),
        ("free_units", "i8", (c.units,)),
        ("free_convoys", "i8", (c.convoys,)),
        ("near_start", "i8", (c.places + 1,)),
        ("near_place", "i4", (2 * c.roads,)),
        ("near_road", "i4", (2 * c.roads,)),
        ("near_hours", "f8", (2 * c.roads,)),
        ("hub_road", "i8", (c.places,)),
        ("timeline", row(TIMELINE), (c.timeline,)),
    ]


def _scratch_fields(c: Capacity) -> list[Any]:
    """Return what is recomputed before each use, from ``scratch_start`` on: left out of the hash."""
    return [
        ("scratch_start", "i8"),
        ("duel", row(DUEL)),
        ("cost", "f8", (c.places,)),
        ("via", "i4", (c.places,)),
        ("queue", "i4", (c.places,)),
        ("queued", "i4", (c.places,)),
        ("near_price", "f8", (2 * c.roads,)),
        ("present", "i8", (4,)),
        ("army", "f8"),
        ("escorts", "i8"),
        ("listed", "i8"),
        ("stirring", "i8"),
        ("urge_raids", "f8"),
        ("urge_roads", "f8"),
        ("n_troubled", "i8"),
        ("troubled", "i4", (c.places,)),
        ("n_standing", "i8"),
        ("standing", "i4", (c.cells,)),
        ("order", "i4", (c.live,)),
        ("order_key", "u8", (c.live,)),
        ("unsorted", "i4", (c.live,)),
        ("unsorted_key", "u8", (c.live,)),
        ("bucket", "i4", (c.buckets + 1,)),
        ("bucket_fill", "i4", (c.buckets,)),
        ("today", EVENT_DTYPE, (c.events,)),
    ]


@functools.cache
def world_dtype(size: Capacity = STANDARD) -> np.dtype[Any]:
    """Return the world's type: nested tables, scratch last, and a flat view ``settings`` over ``params``."""
    plain = row([*_state_fields(size), *_scratch_fields(size)])
    names = list(plain.names or ())
    formats = [plain.fields[n][0] for n in names]  # type: ignore[index]
    offsets = [plain.fields[n][1] for n in names]  # type: ignore[index]
    overlay = offsets[names.index("params")]
    return np.dtype(
        {
            "names": [*names, "settings"],
            "formats": [*formats, np.dtype(("f8", (N_SETTINGS,)))],
            "offsets": [*offsets, overlay],
            "itemsize": plain.itemsize,
        }
    )


def empty_world(size: Capacity = STANDARD) -> World:
    """Return a world of zeros with its free stacks filled, lowest slot on top."""
    world = np.zeros(1, world_dtype(size))
    for name, rows in (("free_cells", size.cells), ("free_units", size.units), ("free_convoys", size.convoys)):
        world[name][0] = np.arange(rows - 1, -1, -1)
        world["run"][name][0] = rows
    world["run"]["trees_on"] = NEVER
    return world


def size_of(world: World) -> Capacity:
    """Return the size class of a world."""
    return next(size for size in SIZES if world.dtype == world_dtype(size))


def world_hash(world: World) -> str:
    """Return 32 hex digits over every byte of the world but the scratch arrays."""
    end = world.dtype.fields["scratch_start"][1]  # type: ignore[index]
    return hashlib.blake2b(world.view(np.uint8)[:end].tobytes(), digest_size=16).hexdigest()
