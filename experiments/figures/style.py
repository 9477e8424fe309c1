"""One house style for every figure: colours and shapes of the sides, sizes, fonts, the footer, and saving.

No pyplot, hence no global list of figures: they come from `new_figure` inside `with house_style():` and leave through
`save`.
"""

from __future__ import annotations

import os
import textwrap
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import StrMethodFormatter

from experiments.figures.twofold import TwofoldCanvas
from experiments.numbers import count

SLIDE: Final = (12.8, 7.2)  # inches; 1280 x 720 pixels at 100 dots an inch
PAGE: Final = (7.2, 4.4)  # inches; the text width of an A4 page
DPI: Final = 100
FOOTER_SIZE: Final = 8.5  # points
PACKING: Final = 3  # of PNGs: a hundredth larger than with the usual 6, a third faster

INK: Final = "#222222"
MUTED: Final = "#6b6b6b"
RULE: Final = "#c9c9c9"
PAPER: Final = "#ffffff"
SUPPORT_MAP: Final = "cividis"  # shares of a population
# Chances and rates: pale is low, so that quiet roads stay quiet on paper; the palest end is cut off, it would not show.
RISK_MAP: Final = ListedColormap(mpl.colormaps["viridis_r"](np.linspace(0.14, 1.0, 256)), name="risk")

CAVEAT: Final = (
    "Illustrative model of aggregates; places and forces are stylised. It cannot predict events, "
    "and nothing here is advice."
)


@dataclass(frozen=True, slots=True)
class Side:
    """How one side is drawn: never by colour alone.

    Attributes:
        key: the name in tables.
        label: the name that people read.
        colour: Okabe-Ito colour, told apart with any common colour vision deficiency (Okabe & Ito 2008).
        marker: matplotlib marker.
        dash: matplotlib line style.
        weight: factor on the marker's area that makes all shapes look equally large.
    """

    key: str
    label: str
    colour: str
    marker: str
    dash: str
    weight: float


CIVILIANS: Final = Side("civilians", "civilians", "#009E73", "o", "-", 1.1)
INSURGENTS: Final = Side("insurgents", "insurgents", "#D55E00", "^", "--", 1.5)
STATE: Final = Side("state", "state", "#0072B2", "s", "-.", 1.0)
CONTRACTORS: Final = Side("contractors", "contractors", "#CC79A7", "D", ":", 0.9)
SIDES: Final = MappingProxyType({side.key: side for side in (CIVILIANS, INSURGENTS, STATE, CONTRACTORS)})

_RC: Final[Any] = {  # Any: the names that matplotlib knows differ from release to release
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib: the same letters on every machine
    "text.hinting": "no_hinting",  # letters as wide in a PNG as in an SVG, and drawn a sixth faster
    "font.size": 11,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "lines.linewidth": 2.0,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "figure.facecolor": PAPER,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "image.cmap": "cividis",
    "axes.prop_cycle": cycler(color=[side.colour for side in SIDES.values()]),
    "svg.hashsalt": "stalemate",  # ids inside an SVG are random without it
    "svg.fonttype": "path",
}


def house_style() -> AbstractContextManager[None]:
    """The house style as a context; matplotlib's own settings come back on leaving it."""
    return mpl.rc_context(_RC)


def new_figure(size: tuple[float, float] = SLIDE) -> Figure:
    """An empty figure of `size` inches (width, height), outside pyplot. Call inside `house_style`."""
    figure = Figure(figsize=size, dpi=DPI)
    TwofoldCanvas(figure)
    return figure


def settle(ax: Axes) -> None:
    """Say that axes have no axis labels, so that drawing need not measure every tick to place them."""
    ax.xaxis.set_label_coords(0.5, 0.0)
    ax.yaxis.set_label_coords(0.0, 0.5)


def thousands(axis: Axis) -> None:
    """Set the thousands of an axis' numbers apart, if it reaches that far; its limits must stand already."""
    if np.abs(axis.get_view_interval()).max() >= 1000:
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def smooth(bar: Any) -> None:
    """Show a `Colorbar`, of a scale that is even, as one image: matplotlib draws 256 cells, at length."""
    rising = np.linspace(bar.vmin, bar.vmax, 256)
    upright = bar.orientation == "vertical"
    box = (0, 1, bar.vmin, bar.vmax) if upright else (bar.vmin, bar.vmax, 0, 1)
    bar.solids.remove()
    bar.ax.grid(visible=False)
    bar.ax.imshow(rising[:, None] if upright else rising[None], cmap=bar.cmap, norm=bar.norm, alpha=bar.alpha,
                  aspect="auto", origin="lower", extent=box, interpolation="nearest")  # fmt: skip


def headline(fig: Figure, finding: str, detail: str = "") -> None:
    """Put the finding at the top left in one line, and below it, smaller, what is shown."""
    height = fig.get_figheight()
    top = fig.text(0.02, 1 - 0.16 / height, finding, fontsize=16, fontweight="bold", va="top", ha="left")
    _fit(top, 11.0)
    if detail:
        _fit(fig.text(0.02, 1 - 0.50 / height, detail, fontsize=11, color=MUTED, va="top", ha="left"), 8.0)


def _fit(text: Text, smallest: float) -> None:
    """Make a text smaller until it fits between the figure's margins; wrap it if even the smallest size does not."""
    figure: Any = text.figure
    room = 0.96 * figure.bbox.width
    wide = text.get_window_extent().width
    if wide <= room:
        return
    size = max(smallest, text.get_fontsize() * room / wide * 0.99)
    text.set_fontsize(size)
    wide = text.get_window_extent().width
    if wide > room:
        text.set_text(textwrap.fill(text.get_text(), int(len(text.get_text()) * room / wide)))


def footer(fig: Figure, *, n: int | None = None, seeds: str = "", interval: str = "") -> Text:
    """Put how much stands behind a figure, and the caveat, along its lower edge; in several lines if it is narrow.

    Args:
        fig: the figure.
        n: number of runs behind it; left out for what is not a result of runs.
        seeds: which seeds, for example "1-200".
        interval: what bands and whiskers show, for example "90 % of runs".
    """
    first, _, last = seeds.partition("-")
    seeds = first if first == last else seeds
    facts = [
        f"n = {count(n, 'run')}" if n is not None else "",
        f"seed{'' if seeds.isdigit() else 's'} {seeds}" if seeds else "",
        f"bands: {interval}" if interval else "",
    ]
    line = "  ·  ".join(fact for fact in [*facts, CAVEAT] if fact)
    room = int(fig.get_figwidth() * 0.96 * 72 / (FOOTER_SIZE * 0.56))  # letters of DejaVu Sans are about 0.56 em wide
    wrapped = textwrap.fill(line, room, break_long_words=False)
    return fig.text(
        0.02, 0.10 / fig.get_figheight(), wrapped, fontsize=FOOTER_SIZE, color=MUTED, va="bottom", ha="left"
    )


def save(fig: Figure, path_without_suffix: Path | str) -> tuple[Path, Path]:
    """Write a figure as PNG and SVG; neither name ever holds half a file. The same figure gives the same bytes.

    Args:
        fig: the figure.
        path_without_suffix: where to; the folder is made if needed.

    Returns:
        The paths of the PNG and of the SVG.

    Raises:
        OSError: the folder cannot be written to, or the disk is full.
    """
    base = Path(path_without_suffix)
    base.parent.mkdir(parents=True, exist_ok=True)
    # Names are put together by hand: with_suffix would cut "risk_0.5" at its dot.
    targets = [base.parent / f"{base.name}.{suffix}" for suffix in ("png", "svg")]
    drafts = [target.parent / f".{target.name}.{os.getpid()}.tmp" for target in targets]
    try:
        with house_style():
            canvas = fig.canvas if isinstance(fig.canvas, TwofoldCanvas) else TwofoldCanvas(fig)
            canvas.save(drafts[0], drafts[1], PACKING)
        for draft, target in zip(drafts, targets, strict=True):
            draft.replace(target)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return targets[0], targets[1]
