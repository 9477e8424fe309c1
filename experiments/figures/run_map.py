"""The map of one run: violence by side and size, attacks on roads, places held, support on the last day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from experiments.figures import style
from experiments.figures.labels import best_spot
from experiments.figures.map import (
    AREA,
    DASHED,
    ROAD,
    SOLID,
    draw_map,
    draw_support,
    find_hexagons,
    kind_symbols,
    put_legend,
    symbol,
)
from experiments.figures.map_ground import MapDrawing
from experiments.figures.run_findings import map_finding, run_detail
from experiments.figures.run_tables import event_table, place_table, road_table
from experiments.ground import Floats
from experiments.plain_run import length, rows

if TYPE_CHECKING:
    from experiments.plain_run import PlainRun, Table
    from sim.scenario import Scenario

GOLDEN_ANGLE: Final = np.pi * (3 - np.sqrt(5))
PACKING: Final = 0.62  # share of a spiral's disc that its symbols fill
ATTACKED: Final = "#8a3c00"  # the insurgents' colour, darker, since it lies under their symbols
SHOWN_SIZES: Final = (1, 10, 50)
BADGE: Final = 8.5  # points
SIZE: Final = (style.SLIDE[0], 8.3)  # inches: a slide, and below it a strip in which the legend covers nothing
FRAME: Final = (0.02, 0.178, 0.96, 0.736)
BAR: Final = (0.85, -0.085)  # of the frame: in the strip, at its right end


def symbol_area(deaths: ArrayLike) -> Floats:
    """Area of an event's symbol, square points of a slide: proportional to deaths above the smallest that shows."""
    return np.asarray(5.0 + 4.0 * np.asarray(deaths, dtype=np.float64))


def begin_map(scenario: Scenario) -> MapDrawing:
    """Draw what the map of every run of a scenario begins with. Call inside `style.house_style()`."""
    figure = style.new_figure(SIZE)
    drawing = draw_map(figure.add_axes(FRAME), scenario.geography, legend=False, bars=BAR)
    drawing.boxes(), find_hexagons(drawing)  # measured and found now, and remembered
    return drawing


def run_map(run: PlainRun, begun: MapDrawing | None = None) -> tuple[Figure, dict[str, Table], MapDrawing]:
    """Draw the map of a run. Call inside `style.house_style()`.

    Args:
        run: what to draw.
        begun: what :func:`begin_map` returned for its scenario; it is drawn upon.

    Returns:
        The figure; the tables behind it by name; the drawing, for checks.
    """
    places, roads, events = place_table(run), road_table(run), event_table(run)
    drawing = begin_map(run.scenario) if begun is None else begun
    figure = drawing.ax.get_figure(root=True)
    assert figure is not None  # begin_map has made one
    style.headline(figure, map_finding(places, roads, events), run_detail(run))
    style.footer(figure, n=1, seeds=str(run.seed))
    draw_support(drawing, places["support_for_insurgents"])
    lethal = rows(events, events["deaths"] > 0)
    _draw_attacks(drawing, roads["attacks"])
    _draw_events(drawing, lethal)
    _explain(drawing, roads["attacks"], length(events) - length(lethal))
    _draw_held(drawing, places)
    return figure, {"map_places": places, "map_roads": roads, "map_events": events}, drawing


def _draw_attacks(drawing: MapDrawing, attacks: NDArray[np.int64]) -> None:
    """Thicken the attacked roads."""
    geography = drawing.geography
    ends = np.array([(geography.index(road.a), geography.index(road.b)) for road in geography.roads])
    hit = attacks > 0
    segments = np.stack((drawing.x[ends[hit]], drawing.y[ends[hit]]), axis=-1)
    lines = LineCollection(list(segments), colors=ATTACKED, linewidths=_width(attacks[hit], attacks) * drawing.scale,
                           capstyle="round", zorder=3.6)  # fmt: skip
    drawing.ax.add_collection(lines, autolim=False)


def _width(attacks: ArrayLike, of_run: NDArray[np.int64]) -> Floats:
    return np.asarray(1.8 + 4.2 * np.asarray(attacks, dtype=np.float64) / max(1, of_run.max(initial=0)))


def _draw_events(drawing: MapDrawing, lethal: Table) -> None:
    """Put each lethal event on a spiral around its place or the middle of its road, the deadliest innermost."""
    inner = {place.id: AREA[place.kind] for place in drawing.geography.places}
    at = np.zeros((length(lethal), 2))
    area = symbol_area(lethal["deaths"])
    spots = np.array([f"{p}/{r}" for p, r in zip(lethal["place"], lethal["road"], strict=True)], dtype=str)
    for spot in np.unique(spots):
        here = np.flatnonzero(spots == spot)
        rows = here[np.argsort(-area[here], kind="stable")]
        at[rows] = _spiral(area[rows], inner.get(spot.split("/")[0], 0.0)) * drawing.scale
    points = drawing.project(lethal["lat"], lethal["lon"])
    kilometres = 1 / (drawing.ax.transData.transform([(0, 0), (1, 0)])[:, 0] @ (-1, 1) / drawing.ax.figure.dpi * 72)
    points = points + at * kilometres
    for side in (style.STATE, style.INSURGENTS):
        own = lethal["side"] == side.key
        size = area[own] * side.weight * drawing.scale**2
        drawing.ax.scatter(points[own, 0], points[own, 1], s=size, marker=side.marker, facecolor=side.colour,
                           edgecolor="white", linewidth=0.5 * drawing.scale, alpha=0.85, zorder=5)  # fmt: skip


def _spiral(area: Floats, inner: float) -> Floats:
    """Offsets of symbols around a point, shape (n, 2), points: a sunflower's spiral outside a disc of area `inner`."""
    covered = inner * 1.4 + (np.cumsum(area) - area / 2) / PACKING
    if inner == 0.0 and len(area):
        covered[0] = 0.0
    radius, angle = np.sqrt(covered / np.pi), GOLDEN_ANGLE * np.arange(len(area))
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))


def _explain(drawing: MapDrawing, attacks: NDArray[np.int64], bloodless: int) -> None:
    k = drawing.scale
    handles: list[Any] = list(kind_symbols(drawing))
    texts = [str(handle.get_label()) for handle in handles]
    most = int(attacks.max(initial=0))
    roads = tuple(Line2D([], [], color=ROAD, linewidth=1.5 * k, linestyle=dash) for dash in (SOLID, DASHED))
    handles, texts = [*handles, roads], [*texts, "road, track"]
    if most:
        few = sorted({1, most})
        lines = tuple(Line2D([], [], color=ATTACKED, linewidth=float(_width(n, attacks)) * k) for n in few)
        handles.append(lines)
        texts.append(f"road attacked {' or '.join(str(n) for n in few)} time{'s' if most > 1 else ''}")
    for side, who in ((style.INSURGENTS, "insurgents"), (style.STATE, "the state")):
        area = float(symbol_area(10)) * side.weight
        handles.append(symbol("", side.marker, area, side.colour, "white", scale=k))
        texts.append(f"lethal event begun by {who}")
    sizes = tuple(symbol("", "o", float(symbol_area(n)), style.MUTED, "white", scale=k) for n in SHOWN_SIZES)
    handles.append(sizes)
    texts.append(f"{', '.join(str(n) for n in SHOWN_SIZES)} deaths, all sides")
    held = Rectangle((0, 0), 1, 1, facecolor="white", edgecolor=style.INSURGENTS.colour, linewidth=1.2 * k)
    still = Rectangle((0, 0), 1, 1, facecolor=style.INSURGENTS.colour)
    handles.append((held, still))
    texts.append("days held by insurgents\n(filled: still held at the end)")
    spread: dict[type, Any] = {tuple: HandlerTuple(ndivide=None, pad=0.4)}
    put_legend(drawing, handles, labels=texts, handler_map=spread, handlelength=4.2, labelspacing=0.6, frameon=False,
               ncols=4, columnspacing=1.6, bbox_to_anchor=(-0.004, -0.01))  # fmt: skip
    if bloodless:
        note = f"{bloodless:,} event{'s' if bloodless > 1 else ''} without deaths not shown"
        drawing.ax.text(0.995, -0.175, note, size=8 * k, ha="right", color=style.MUTED, transform=drawing.ax.transAxes)


def _draw_held(drawing: MapDrawing, places: Table) -> None:
    """Put the days held beside each place ever held, where they cover no name, marker or panel."""
    inside = drawing.inside()
    points = drawing.ax.transData.transform(np.column_stack((drawing.x, drawing.y)))
    dots = drawing.ax.figure.dpi / 72 * drawing.scale
    taken = [np.asarray(box.extents, dtype=np.float64) for _, box in drawing.boxes()]
    for point, place in zip(points, drawing.geography.places, strict=True):
        half = np.sqrt(AREA[place.kind]) / 2 * dots
        taken.append(np.array((*(point - half), *(point + half))))
    frame = drawing.ax.get_window_extent()
    for i in np.flatnonzero(inside & (places["days_held_by_insurgents"] > 0)):
        text = f"{places['days_held_by_insurgents'][i]} d"
        size = (BADGE * (0.68 * len(text) + 0.9) * dots, BADGE * 1.7 * dots)
        clear = (np.sqrt(AREA[drawing.geography.places[i].kind]) / 2 + 2.5) * dots
        x, y = best_spot(tuple(points[i]), size, np.array(taken), clear=clear, frame=frame)
        taken.append(np.array((x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)))
        _badge(drawing, text, drawing.ax.transData.inverted().transform((x, y)), bool(places["held_on_last_day"][i]))


def _badge(drawing: MapDrawing, text: str, at: Any, filled: bool) -> None:
    ink, paper = style.INSURGENTS.colour, "white"
    face, letters = (ink, paper) if filled else (paper, ink)
    box = {"boxstyle": "round,pad=0.25", "facecolor": face, "edgecolor": ink, "linewidth": 1.2 * drawing.scale}
    drawing.write(text, at, size=BADGE, weight="bold", color=letters, path_effects=[], zorder=8.5, bbox=box)
