"""Drawing a figure once, into pixels and into an SVG at the same time.

Most of the time that matplotlib takes for a figure goes into its artists: ticks, layouts, colours, the shapes of
letters. `Figure.savefig` does all that again for each format. Here a renderer hands every shape to two of matplotlib's
own, one of which makes pixels and the other an SVG, so that the rest is done once. Letters are shapes in both.

The SVG counts in pixels; its header gives it the size on paper that `savefig` would give it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase, GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from PIL import Image

from experiments.figures.letters import Letters

_MANY: Final = 20  # symbols for which it is worth while to tell their look once
_WORDS: Final = {Outline.MOVETO: "M %.3f %.3f", Outline.LINETO: "L %.3f %.3f", Outline.CLOSEPOLY: "z"}  # pixels
# matplotlib does not say what these take and give.
_Agg: Any = RendererAgg
_Svg: Any = RendererSVG
POINTS: Final = 72  # an inch
_FACTS: Final = {"Date": None, "Creator": None}  # left out of the SVG: the same figure has the same bytes


class Vectors(_Svg):  # type: ignore[misc]
    """An SVG that counts in pixels, in which symbols that differ in place and size alone say once what they look like.

    matplotlib repeats it for each: for a thousand events that is a megabyte, and a third of a second.

    Attributes:
        unit: pixels a point, in which matplotlib tells the widths of lines and their dashes.
    """

    unit = 1.0

    def _get_style_dict(self, gc: Any, face: Any) -> dict[str, Any]:
        look: dict[str, Any] = super()._get_style_dict(gc, face)
        if "stroke" in look:
            look["stroke-width"] = f"{gc.get_linewidth() * self.unit:.5g}"
        if "stroke-dasharray" in look:
            offset, dashes = gc.get_dashes()
            look["stroke-dasharray"] = ",".join(f"{dash * self.unit:.5g}" for dash in dashes)
            look["stroke-dashoffset"] = f"{offset * self.unit:.5g}"
        return look

    def draw_path_collection(self, gc: GraphicsContextBase, *shapes: Any, **how: Any) -> None:
        """Draw shapes that differ in colour, place, size or line."""
        _, paths, _, offsets, _, *looks, _ = shapes
        one = None
        if (
            len(offsets) >= _MANY
            and len(paths) == 1
            and _is_straight(paths[0])
            and all(len(look) < 2 for look in looks)
        ):
            one = next(iter(self._iter_collection(gc, [0], offsets[:1], *shapes[4:], **how)), None)
        if one is None or gc.get_hatch() is not None or one[3].get_url() is not None:
            super().draw_path_collection(gc, *shapes, **how)
            return
        look, face = one[3:]
        self.writer.start("g", **self._get_clip_attrs(look), style=self._get_style(look, face))
        for outline in self._outlines(*shapes[:5]):
            self.writer.element("path", d=outline)
        self.writer.end("g")

    def _outlines(self, master: Any, paths: Any, sizes: Any, offsets: Any, offset_transform: Any) -> list[str]:
        """Return a path's outline at each offset, in SVG's words; of one size, or each of its own (as matrices)."""
        at = np.asarray(offset_transform.transform(offsets))
        turn = master.get_matrix() @ np.resize(sizes if len(sizes) else np.eye(3), (len(at), 3, 3))
        corners = paths[0].vertices @ np.swapaxes(turn[:, :2, :2], 1, 2) + (turn[:, :2, 2] + at)[:, None]
        corners[..., 1] = self.height - corners[..., 1]
        drawn = paths[0].codes != Outline.CLOSEPOLY
        words = " ".join(_WORDS[code] for code in paths[0].codes)
        return [
            words % tuple(place)
            for place in corners[np.isfinite(at).all(axis=1)][:, drawn].reshape(-1, 2 * drawn.sum())
        ]


def _is_straight(path: Outline) -> bool:
    return path.codes is not None and set(np.asarray(path.codes).tolist()) <= set(_WORDS)


def _both(name: str, what: str) -> Callable[..., None]:
    """Return the method that has a shape drawn by both renderers."""

    def draw(self: Twofold, *shape: Any, **how: Any) -> None:
        getattr(self.pixels, name)(*shape, **how)
        getattr(self.vectors, name)(*shape, **how)

    draw.__name__, draw.__doc__ = name, what
    return draw


class Twofold(RendererBase):
    """A renderer that draws into pixels and into an SVG.

    Attributes:
        width: of the picture, pixels.
        height: of the picture, pixels.
        dpi: pixels an inch.
        pixels: matplotlib's renderer of pixels.
        text: what the SVG is written into.
        vectors: matplotlib's renderer of SVGs.
    """

    def __init__(self, width: float, height: float, dpi: float, letters: Letters) -> None:
        """Begin an empty picture of pixels, and an SVG beside it."""
        super().__init__()
        self._text2path: Letters = letters
        self.width, self.height, self.dpi = width, height, dpi
        self.pixels = _Agg(width, height, dpi)
        self.pixels._text2path = letters
        self.text = io.StringIO()
        self.vectors: Any = Vectors(width, height, self.text, metadata=_FACTS)
        self.vectors.unit = dpi / POINTS
        self.vectors._text2path = letters

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return width and height, pixels."""
        return self.width, self.height

    def points_to_pixels(self, points: Any) -> Any:
        """Return points as pixels."""
        return points * self.dpi / POINTS

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> Any:
        """Return a text's width, height and depth below its baseline, pixels."""
        found = self._text2path.get_text_width_height_descent(s, prop, ismath)
        return tuple(self.points_to_pixels(value) for value in found)

    def _get_font_height_metrics(self, prop: FontProperties) -> Any:
        """Return ascent, descent and gap of a font's lines, pixels; matplotlib 3.11 asks here for each text."""
        found = self._text2path.heights(prop)
        size = self.points_to_pixels(prop.get_size_in_points())
        return (None, None, None) if found is None else tuple(size * part for part in found)

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Begin a group of shapes, which only the SVG has."""
        self.vectors.open_group(s, gid)

    def close_group(self, s: str) -> None:
        """End a group of shapes."""
        self.vectors.close_group(s)

    def start_rasterizing(self) -> None:
        """Refuse: what is to be pixels in the SVG too, as matplotlib's colour bars are, has to be an image.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("a rasterised artist: draw an image instead (style.smooth for a colour bar)")

    draw_path = _both("draw_path", "Draw a line or an area.")
    draw_markers = _both("draw_markers", "Draw the same shape at each point.")
    draw_path_collection = _both("draw_path_collection", "Draw shapes that differ in colour, place, size or line.")
    draw_quad_mesh = _both("draw_quad_mesh", "Draw a mesh of coloured cells.")
    draw_gouraud_triangles = _both("draw_gouraud_triangles", "Draw triangles with colours from corner to corner.")
    draw_image = _both("draw_image", "Draw an image, made for the picture of pixels.")

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: FontProperties, *how: Any, **more: Any
    ) -> None:
        """Draw a text: its outline in pixels; in the SVG letters that stand there once, each wherever it is used."""
        larger = prop.copy()
        larger.set_size(self.points_to_pixels(prop.get_size_in_points()))  # for what the SVG takes for points
        self.vectors.draw_text(gc, x, y, s, larger, *how, **more)
        gc.set_snap(False)  # a text of upright strokes, an F, would be moved onto whole pixels, stroke by stroke
        super(_Agg, self.pixels).draw_text(gc, x, y, s, prop, *how, **more)

    def svg(self) -> str:
        """Finish the SVG, and return it; nothing can be drawn after that."""
        self.vectors.finalize()
        head, mark, rest = self.text.getvalue().partition(" viewBox=")
        for pixels in (self.width, self.height):
            head = head.replace(f'"{pixels:g}pt"', f'"{pixels * POINTS / self.dpi:g}pt"')
        hatched = f'patternUnits="userSpaceOnUse" patternTransform="scale({self.dpi / POINTS:g})"'  # it counts points
        return head + mark + rest.replace('patternUnits="userSpaceOnUse"', hatched)


class TwofoldCanvas(FigureCanvasBase):
    """A canvas for figures that become a PNG and an SVG; what it measures in drawing up is known when it draws.

    Attributes:
        letters: outlines and sizes of the figure's texts.
    """

    def __init__(self, figure: Figure) -> None:
        """Give a figure its canvas."""
        super().__init__(figure)
        self.letters = Letters()
        self._measuring: Twofold | None = None

    def get_renderer(self) -> Twofold:
        """Return a renderer to measure with."""
        if self._measuring is None or self._measuring.dpi != self.figure.dpi:
            self._measuring = self._renderer()
        return self._measuring

    def save(self, png: Path, svg: Path, compression: int) -> None:
        """Draw the figure and write both formats; the same figure gives the same bytes.

        Args:
            png: where the picture of pixels goes.
            svg: where the SVG goes.
            compression: of the PNG, 1 to 9.

        Raises:
            OSError: a file cannot be written.
        """
        renderer = self._renderer()
        self.figure.draw(renderer)
        picture = Image.fromarray(np.asarray(renderer.pixels.buffer_rgba())).convert("RGB")  # on paper: all is opaque
        picture.save(png, format="png", compress_level=compression, dpi=(renderer.dpi, renderer.dpi))
        svg.write_text(renderer.svg(), encoding="utf-8", newline="\n")

    def _renderer(self) -> Twofold:
        return Twofold(*self.get_width_height(physical=True), self.figure.dpi, self.letters)
