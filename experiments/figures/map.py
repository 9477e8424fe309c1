"""The illustrative map: outlines, roads, places, and on them control, support, events and risk.

    python -m experiments.figures.map mali --out DIR

draws the bare map. What lies behind the places (outlines, a river, names of countries, where the legend goes) comes
from the geography's folder; a geography without it is drawn on a plain background.
"""

from __future__ import annotations

import argparse
import difflib
import math
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path as Outline
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from experiments.figures import style
from experiments.figures.labels import common_area
from experiments.figures.map_ground import MapDrawing, draw_land, open_drawing
from experiments.ground import Floats, LambertConic
from experiments.paths import conf_dir
from sim.geography import KINDS, Geography, GeographyError, load_geography

__all__ = ["LambertConic", "MapDrawing", "bare_map", "draw_map", "main"]

HEX_KM: Final = 17.0  # centre to corner
HEX_ALPHA: Final = 0.65
REACH_KM: Final = {"capital": 75.0, "regional_capital": 65.0, "town": 50.0, "base": 36.0, "crossing": 36.0}
MARKER: Final = {"capital": "*", "regional_capital": "o", "town": "o", "base": "X", "crossing": "d", "source": "P"}
AREA: Final = {"capital": 210.0, "regional_capital": 62.0, "town": 24.0, "base": 34.0, "crossing": 34.0, "source": 50.0}
SIDE_AREA: Final = {"capital": 120.0, "regional_capital": 66.0, "town": 40.0, "base": 40.0, "crossing": 34.0}
FONT: Final = {"capital": 13.0, "regional_capital": 11.0}
KIND_LABEL: Final = dict(zip(KINDS, ("capital", "regional capital", "town", "isolated base", "border crossing",
                                     "fuel source outside"), strict=True))  # fmt: skip
MOST_COVERED: Final = 0.1  # of a name by others
SOLID: Final = (0, ())
DASHED: Final = (0, (2.6, 1.6))
ROAD, EVENT = "#77736a", "#00000022"
NOTE: Final = "Illustrative map: places and roads are stylised;\noutlines imply no opinion on borders."
CONTROL_MAP: Final = LinearSegmentedColormap.from_list(
    "control", [style.STATE.colour, "#f2f2f2", style.INSURGENTS.colour]
)


def draw_map(
    ax: Axes,
    geography: Geography,
    *,
    control: ArrayLike | None = None,
    support: ArrayLike | None = None,
    events: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    risk: ArrayLike | None = None,
    labels: bool | Collection[str] = True,
    legend: bool = True,
    bars: tuple[float, float] | None = None,
) -> MapDrawing:
    """Draw the illustrative map of a geography, filling the axes. Call inside `style.house_style()`.

    Args:
        ax: axes in their final place and size; their shape decides how far the map reaches.
        geography: places and roads.
        control: per place, share held by insurgents, 0 to 1, or yes and no; what it says about sources is left out.
            Shown by the shape and colour of the places and, unless there is support, by hexagons around them.
        support: per place, share of the people who support the insurgents, 0 to 1. Shown by hexagons.
        events: longitudes, latitudes (degrees) and deaths of events, each of shape (events,).
        risk: per road, 0 or more, for example attacks per passage.
        labels: whether to name places; or the kinds of place to name, for small maps.
        legend: whether to explain the symbols; who adds symbols of their own explains all of them with `put_legend`.
        bars: lower left corner of the first colour bar, as shares of the axes; by default where the geography wants it.

    Returns:
        The drawing: projection, coordinates, texts.

    Raises:
        ValueError: an array has the wrong shape or a value out of range; the message is one line and names it.
    """
    n_places, n_roads = len(geography.places), len(geography.roads)
    held = None if control is None else _checked("control", control, n_places, 1.0)
    backing = None if support is None else _checked("support", support, n_places, 1.0)
    danger = None if risk is None else _checked("risk", risk, n_roads, math.inf)
    drawing = open_drawing(ax, geography)
    if bars is not None:
        drawing.backdrop = replace(drawing.backdrop, bars=bars)
    draw_land(drawing)
    if backing is not None:
        draw_support(drawing, backing)
    elif held is not None:
        _draw_hexagons(drawing, held, CONTROL_MAP, "share held by insurgents")
    _draw_roads(drawing, danger)
    if events is not None:
        _draw_events(drawing, events)
    _draw_places(drawing, held)
    _draw_names(drawing, KINDS if labels is True else labels or ())
    if legend:
        _draw_legend(drawing, held is not None, events is not None)
    _draw_margins(drawing)
    return drawing


def _checked(name: str, values: ArrayLike, count: int, high: float) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (count,):
        raise ValueError(f"{name}: shape {array.shape}, must be ({count},)")
    for i in np.flatnonzero(~((array >= 0) & (array <= high))):  # written so that NaN is caught
        raise ValueError(f"{name}[{i}] = {array[i]}, must be from 0 to {high:g}")
    return array


def draw_support(drawing: MapDrawing, support: ArrayLike) -> None:
    """Show the share of the people of each place who support the insurgents, 0 to 1, by hexagons around it."""
    _draw_hexagons(drawing, np.asarray(support, dtype=np.float64), style.SUPPORT_MAP, "support for insurgents")


def _draw_hexagons(drawing: MapDrawing, share: Floats, cmap: Any, label: str) -> None:
    """Colour the ground within reach of a settlement by its share. The empty desert is nobody's and stays empty."""
    centres, nearest = find_hexagons(drawing)
    angles = np.radians(np.arange(30, 390, 60))
    corners = centres[:, None, :] + HEX_KM * np.column_stack((np.cos(angles), np.sin(angles)))
    rim: dict[str, Any] = {"edgecolor": "white", "linewidth": 0.4 * drawing.scale}
    owners = np.unique(nearest)  # a place's hexagons are one shape: they have one colour, and a thousand are slow
    shapes = [_one_shape(corners[nearest == owner]) for owner in owners]
    hexagons = PathCollection(shapes, cmap=cmap, norm=Normalize(0, 1), alpha=HEX_ALPHA, zorder=2, **rim)
    hexagons.set_array(share[owners])
    drawing.ax.add_collection(hexagons, autolim=False)
    _add_bar(drawing, hexagons, label)


def _one_shape(polygons: Floats) -> Outline:
    """One path of closed polygons, shape (n, corners, 2)."""
    closed = np.concatenate((polygons, polygons[:, :1]), axis=1)
    codes = np.full(closed.shape[:2], Outline.LINETO, dtype=Outline.code_type)
    codes[:, 0], codes[:, -1] = Outline.MOVETO, Outline.CLOSEPOLY
    return Outline(closed.reshape(-1, 2), codes.ravel())


def find_hexagons(drawing: MapDrawing) -> tuple[Floats, NDArray[np.int64]]:
    """Centres of the hexagons, shape (n, 2), km, and the place that each belongs to; found once for a drawing."""
    if drawing.hexagons is None:
        drawing.hexagons = _hexagon_centres(drawing)
    return drawing.hexagons


def _hexagon_centres(drawing: MapDrawing) -> tuple[Floats, NDArray[np.int64]]:
    """What :func:`find_hexagons` returns; a place's hexagons lie in its own country."""
    places = drawing.geography.places
    reach = np.array([REACH_KM.get(place.kind, -1.0) for place in places])
    rows = np.arange(*drawing.ax.get_ylim(), 1.5 * HEX_KM)
    step = math.sqrt(3) * HEX_KM
    columns = np.arange(*drawing.ax.get_xlim(), step)
    grid = np.array([(x + step / 2 * (r % 2), y) for r, y in enumerate(rows) for x in columns])
    distance = np.hypot(grid[:, :1] - drawing.x, grid[:, 1:] - drawing.y)
    nearest = np.argmin(np.where(distance <= reach, distance, np.inf), axis=1)
    keep = distance[np.arange(len(grid)), nearest] <= reach[nearest]
    country = np.array([place.country for place in places])[nearest]
    for code, rings in drawing.backdrop.outlines.items():
        outlines = [Outline(drawing.project(ring[:, 1], ring[:, 0])) for ring in rings]
        within = np.any([outline.contains_points(grid) for outline in outlines], axis=0)
        keep &= within | (country != code)
    return grid[keep], nearest[keep]


def _draw_roads(drawing: MapDrawing, risk: Floats | None) -> None:
    geography = drawing.geography
    ends = np.array([(geography.index(road.a), geography.index(road.b)) for road in geography.roads])
    segments = np.stack((drawing.x[ends], drawing.y[ends]), axis=-1)
    k = drawing.scale
    casing = LineCollection(list(segments), colors="white", linewidths=4.2 * k, zorder=3)
    drawing.ax.add_collection(casing, autolim=False)
    track = np.array([road.road_class.startswith("track") for road in geography.roads])
    for which, dash in ((~track, SOLID), (track, DASHED)):
        if risk is None:
            how: dict[str, Any] = {"linewidths": 1.5 * k, "colors": ROAD}
        else:
            top = float(risk.max()) or 1.0
            how = {"linewidths": k * (1.6 + 2.4 * risk[which] / top), "array": risk[which], "cmap": style.RISK_MAP,
                   "norm": Normalize(0, top)}  # fmt: skip
        lines = LineCollection(list(segments[which]), linestyles=[dash], zorder=3.5, **how)
        drawing.ax.add_collection(lines, autolim=False)
    if risk is not None:
        _add_bar(drawing, lines, "risk on the road")


def _add_bar(drawing: MapDrawing, mappable: Any, label: str) -> None:
    left, bottom = drawing.backdrop.bars
    bottom -= 0.12 * sum(isinstance(panel, Axes) for panel in drawing.panels)
    k = drawing.scale
    inset = drawing.ax.inset_axes((left, bottom, 0.14, 0.02), zorder=9)
    bar = Colorbar(inset, mappable, orientation="horizontal", ticklocation="bottom")
    bar.ax.tick_params(labelsize=9 * k, length=2 * k, pad=2 * k, colors=style.INK)
    bar.ax.set_title(label, y=1.0, fontsize=9.5 * k, fontweight="normal", pad=3 * k, loc="left")
    style.smooth(bar)
    style.settle(bar.ax)
    bar.outline.set_linewidth(0.6 * k)
    bar.locator = MaxNLocator(3)
    bar.update_ticks()
    drawing.panels.append(bar.ax)


def _draw_events(drawing: MapDrawing, events: tuple[ArrayLike, ArrayLike, ArrayLike]) -> None:
    lon, lat, deaths = (np.asarray(column, dtype=np.float64) for column in events)
    if not lon.shape == lat.shape == deaths.shape or lon.ndim != 1:
        raise ValueError(f"events: shapes {lon.shape}, {lat.shape}, {deaths.shape}, must be three of the same length")
    _checked("deaths", deaths, len(lon), math.inf)
    x, y = drawing.projection.forward(lat, lon)
    drawing.ax.scatter(x, y, s=event_area(deaths) * drawing.scale**2, facecolor=EVENT, edgecolor="black",
                       linewidth=0.8 * drawing.scale, zorder=5)  # fmt: skip


def event_area(deaths: ArrayLike) -> Floats:
    """The area of an event's symbol, square points of a slide."""
    return np.asarray(14.0 + 9.0 * np.asarray(deaths, dtype=np.float64))


def _draw_places(drawing: MapDrawing, held: Floats | None) -> None:
    """Draw the places that look alike at once: by kind, or by who holds them."""
    alike: dict[tuple[str, float, str, str], list[int]] = {}
    for i in np.flatnonzero(drawing.inside()).tolist():
        place = drawing.geography.places[i]
        if held is None or place.kind == "source":
            hollow = place.kind in ("town", "crossing")
            look = MARKER[place.kind], AREA[place.kind], "white" if hollow else style.INK, style.INK
        else:
            side = style.INSURGENTS if held[i] >= 0.5 else style.STATE
            look = side.marker, side.weight * SIDE_AREA[place.kind], side.colour, "white"
        alike.setdefault(look, []).append(i)
    for (marker, area, colour, edge), those in alike.items():
        drawing.ax.scatter(drawing.x[those], drawing.y[those], s=area * drawing.scale**2, marker=marker,
                           facecolor=colour, edgecolor=edge, linewidth=drawing.scale, zorder=6)  # fmt: skip


def _draw_names(drawing: MapDrawing, kinds: Collection[str]) -> None:
    inside = drawing.inside()
    for text, lat, lon in drawing.backdrop.countries:
        x, y = drawing.projection.forward(lat, lon)
        drawing.write(text, (float(x), float(y)), size=10.5, color="#8f8b80", path_effects=[])
    ranks = []
    for i, place in enumerate(drawing.geography.places):
        at = (float(drawing.x[i]), float(drawing.y[i])) if inside[i] else _draw_ways_out(drawing, i)
        if at is not None and place.kind in kinds:
            ranks.append((KINDS.index(place.kind), len(drawing.texts)))
            bold = "bold" if place.kind == "capital" else "normal"
            drawing.write(place.label, at, (place.label_dx, place.label_dy), ha=place.label_anchor,
                   size=FONT.get(place.kind, 9.5), weight=bold, color=style.INK)  # fmt: skip
    _thin_names(drawing, [k for _, k in sorted(ranks)])


def _thin_names(drawing: MapDrawing, names: Sequence[int]) -> None:
    """Leave out each name that more important ones cover: where nobody has placed them, and on crowded maps."""
    boxes = [box for _, box in drawing.boxes()]
    kept: list[int] = []
    for k in names:
        others = np.array([boxes[j].extents for j in kept])
        if common_area(boxes[k], others) <= MOST_COVERED * boxes[k].width * boxes[k].height:
            kept.append(k)
    for k in sorted(set(names) - set(kept), reverse=True):
        drawing.texts.pop(k).remove()
        drawing.measured.pop(k)


def _draw_ways_out(drawing: MapDrawing, source: int) -> tuple[float, float] | None:
    """Arrows at the frame's edge on the roads to a source beyond it; returns the tip of the quickest one, if any."""
    low, high = np.column_stack((drawing.ax.get_xlim(), drawing.ax.get_ylim()))
    rim = 0.02 * (high - low).min()
    arrow = {
        "arrowstyle": "-|>",
        "color": style.INK,
        "mutation_scale": 15 * drawing.scale,
        "linewidth": drawing.scale,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    tips: list[tuple[float, float, float]] = []
    for start, road in drawing.geography.adjacency[source]:
        a = np.array((drawing.x[start], drawing.y[start]))
        if np.any(a < low) or np.any(a > high):
            continue
        way = np.array((drawing.x[source], drawing.y[source])) - a
        edge = np.where(way > 0, high - rim, low + rim)
        tip = a + way * np.min(np.divide(edge - a, way, out=np.ones(2), where=way != 0))
        drawing.ax.annotate("", tip, tip - way / np.hypot(*way) * rim, zorder=7, arrowprops=arrow)
        tips.append((float(drawing.geography.truck_hours[road]), float(tip[0]), float(tip[1])))
    return min(tips)[1:] if tips else None


def symbol(label: str, marker: str, area: float, face: str, edge: str = style.INK, *, scale: float) -> Line2D:
    """One symbol of a legend, `area` in square points of a slide."""
    return Line2D([], [], linestyle="", marker=marker, markersize=math.sqrt(area) * scale, markerfacecolor=face,
                  markeredgecolor=edge, markeredgewidth=scale, label=label)  # fmt: skip


def kind_symbols(drawing: MapDrawing) -> list[Line2D]:
    """The legend's symbols of the kinds of place that there are."""
    present = {place.kind for place in drawing.geography.places}
    return [
        symbol(KIND_LABEL[kind], MARKER[kind], AREA[kind], "white" if kind in ("town", "crossing") else style.INK,
               scale=drawing.scale)
        for kind in KINDS if kind in present
    ]  # fmt: skip


def put_legend(drawing: MapDrawing, handles: Sequence[Any], **more: Any) -> None:
    """Put a legend where the geography wants it; `more` as matplotlib's legend takes it."""
    look: dict[str, Any] = {"frameon": True, "framealpha": 0.92, "edgecolor": style.RULE}
    look |= {"loc": "upper left", "bbox_to_anchor": drawing.backdrop.legend, "borderaxespad": 0.0}
    look |= {"borderpad": 0.7, "labelspacing": 0.6, "fontsize": 9.5 * drawing.scale, **more}
    legend = drawing.ax.legend(handles=handles, **look)
    legend.set_zorder(9)
    drawing.panels.append(legend)


def _draw_legend(drawing: MapDrawing, sides: bool, events: bool) -> None:
    k = drawing.scale
    handles = kind_symbols(drawing)
    if sides:
        handles = [
            symbol(f"held by {side.label}" if side is style.INSURGENTS else f"held by the {side.label}",
                   side.marker, side.weight * SIDE_AREA["regional_capital"], side.colour, "white", scale=k)
            for side in (style.STATE, style.INSURGENTS)
        ] + [symbol(KIND_LABEL["source"], MARKER["source"], AREA["source"], style.INK, scale=k)]  # fmt: skip
    handles += [
        Line2D([], [], color=ROAD, linewidth=1.5 * k, linestyle=dash, label=label)
        for dash, label in ((SOLID, "road"), (DASHED, "track"))
    ]
    if events:
        handles += [symbol(f"event, {n} death{'s' if n > 1 else ''} (all sides)", "o", float(event_area(n)),
                           EVENT, "black", scale=k) for n in (1, 10, 50)]  # fmt: skip
    put_legend(drawing, handles)


def _draw_margins(drawing: MapDrawing) -> None:
    """The scale bar at the lower left; the note and whose data it is at the lower right."""
    (left, right), (low, high) = drawing.ax.get_xlim(), drawing.ax.get_ylim()
    rough = (right - left) / 7
    power = 10.0 ** math.floor(math.log10(rough))
    length = max(step * power for step in (1, 2, 5) if step * power <= rough)
    x, y = left + 0.02 * (right - left), low + 0.03 * (high - low)
    drawing.panels.append(Line2D([x, x + length], [y, y], color=style.INK, linewidth=2.5 * drawing.scale, zorder=8))
    drawing.ax.add_line(drawing.panels[-1])
    drawing.write(f"{length:g} km", (x + length / 2, y), (0, 9), size=9)
    corner = (right - 0.01 * (right - left), low + 0.01 * (high - low))
    note = NOTE if drawing.backdrop.outlines else "Illustrative map."
    drawing.write(
        f"{note}\n{drawing.backdrop.credit}".strip(), corner, ha="right", va="bottom", size=8, color=style.MUTED
    )


def bare_map(geography: Geography, **layers: Any) -> Figure:
    """A slide with nothing but the map, and whatever layers `draw_map` is given. Call inside `style.house_style()`."""
    figure = style.new_figure()
    count = f"{len(geography.places)} places, {len(geography.roads)} roads"
    style.headline(figure, f"{geography.name.capitalize()}: {count}")
    style.footer(figure)
    draw_map(figure.add_axes((0.02, 0.05, 0.96, 0.87)), geography, **layers)
    return figure


def _folder(name: str) -> Path:
    """The folder of a shipped geography, or the folder named; exits with one line if there is neither."""
    shipped = conf_dir() / "geography"
    if Path(name).is_dir():
        return Path(name)
    if not (shipped / name).is_dir():
        known = sorted(path.name for path in shipped.glob("*") if path.is_dir())
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        raise GeographyError(f"geography {name!r} is neither shipped nor a folder; nearest is {near[0]!r}")
    return shipped / name


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the bare map of a geography as PNG and SVG; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m experiments.figures.map", description=main.__doc__)
    parser.add_argument("geography", help="minimal, mali, atlantis, or a folder")
    parser.add_argument("--out", type=Path, required=True, help="folder for the figure")
    options = parser.parse_args(arguments)
    try:
        geography = load_geography(_folder(options.geography))
        with style.house_style():
            figure = bare_map(geography)
            png, svg = style.save(figure, options.out / f"map_{geography.name}")
    except (GeographyError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{png}\n{svg}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
