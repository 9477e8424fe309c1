"""Direct labels that do not collide: names at the ends of lines, small notes beside points of a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

LINE_HEIGHT: Final = 1.35  # of the font's size


def spread(wanted: ArrayLike, gap: float, low: float = -np.inf, high: float = np.inf) -> NDArray[np.float64]:
    """Move positions apart by the least sum of squares that keeps their order and `gap` between neighbours.

    Args:
        wanted: positions, shape (n,).
        gap: least distance between two.
        low: least position; the gap wins where there is no room.
        high: largest position.

    Returns:
        Positions, same shape and order.
    """
    at = np.asarray(wanted, dtype=np.float64)
    order = np.argsort(at, kind="stable")
    blocks: list[tuple[float, int]] = []  # of an isotonic regression, by pooling neighbours that stand too close
    for value in at[order] - gap * np.arange(len(at)):
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, n = blocks.pop()
            mean, count = (mean * count + before * n) / (count + n), count + n
        blocks.append((mean, count))
    moved = np.repeat([mean for mean, _ in blocks], [n for _, n in blocks]) + gap * np.arange(len(at))
    if len(moved):
        moved -= max(0.0, moved[-1] - high)
        moved += max(0.0, low - moved[0])
    placed = np.empty_like(at)
    placed[order] = moved
    return placed


def end_labels(ax: Axes, labels: Sequence[tuple[str, float, str]], size: float = 9.5) -> list[Text]:
    """Write (text, height in data, colour) to the right of the axes, moved apart where they would touch."""
    pixels = ax.transData.transform([(0.0, y) for _, y, _ in labels])[:, 1] if labels else np.zeros(0)
    box = ax.get_window_extent()
    half = size / 72 * ax.figure.dpi / 2
    heights = spread(pixels, 2 * half * LINE_HEIGHT, box.y0 + half, box.y1 - half)
    return [
        ax.text(1.015, (y - box.y0) / box.height, text, color=colour, fontsize=size, va="center",
                transform=ax.transAxes)
        for (text, _, colour), y in zip(labels, heights, strict=True)
    ]  # fmt: skip


def common_area(box: Bbox, others: NDArray[np.float64]) -> float:
    """Area that a box shares with others (rows of x0, y0, x1, y1), pixels squared."""
    if not len(others):
        return 0.0
    wide = np.minimum(box.x1, others[:, 2]) - np.maximum(box.x0, others[:, 0])
    tall = np.minimum(box.y1, others[:, 3]) - np.maximum(box.y0, others[:, 1])
    return float(np.sum(np.clip(wide, 0, None) * np.clip(tall, 0, None)))


def best_spot(
    at: tuple[float, float], size: tuple[float, float], taken: NDArray[np.float64], *, clear: float, frame: Bbox
) -> tuple[float, float]:
    """Centre of the first box beside a point that covers nothing, or else least; pixels.

    Args:
        at: the point.
        size: width and height of the box.
        taken: boxes already there, rows of x0, y0, x1, y1.
        clear: gap between point and box.
        frame: what the box must stay in.
    """
    best = (np.inf, at)
    for ring in (1.0, 2.0, 3.2):
        for angle in np.radians((90, 270, 0, 180, 45, 135, 225, 315)):
            x = at[0] + np.cos(angle) * (clear * ring + size[0] / 2)
            y = at[1] + np.sin(angle) * (clear * ring + size[1] / 2)
            box = Bbox.from_bounds(x - size[0] / 2, y - size[1] / 2, *size)
            outside = 0.0 if frame.contains(*box.min) and frame.contains(*box.max) else 1e6
            best = min(best, (common_area(box, taken) + outside, (float(x), float(y))), key=lambda found: found[0])
        if best[0] == 0.0:
            break
    return best[1]
