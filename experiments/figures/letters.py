"""Outlines and sizes of texts, found once: a third of the time of a figure goes into shaping its letters.

What was found is kept in the user's cache folder, since most words of a figure stand in every run's. The file there is
named by a hash of all that letters depend on beside the fonts, and holds of each font file by what it was known.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import pickle
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib import ft2font
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from experiments.composed import cache_folder
from experiments.whole_files import draft_of

WORTH_KEEPING: Final = 40  # new texts for which a file is written; the numbers of one run alone are fewer
MOST: Final = 5_000  # texts in a file
_FACTS: Final = ("__version__", "__freetype_version__", "__libraqm_version__", "__freetype_build_type__")
# Where a font says how high its lines are, the first that it has, in matplotlib's order.
_TABLES: Final = (
    ("OS/2", "sTypoLineGap", "sTypoAscender", "sTypoDescender"),
    ("hhea", "lineGap", "ascent", "descent"),
)
Key = tuple[tuple[str, ...], str]  # the font's file and all families that letters may come from; the text


@dataclass
class Known:
    """What is known of texts and letters, at :attr:`Letters.FONT_SCALE` points.

    Attributes:
        fonts: by font file, its size and the time of its last change.
        shapes: by name of a letter, its corners and codes.
        placed: by text, its letters: name, x, y, scale.
        extents: by text, its width, height and depth below the baseline.
        at_first: how many texts were known before this process.
    """

    fonts: dict[str, tuple[int, int]] = field(default_factory=dict)
    shapes: dict[str, Any] = field(default_factory=dict)
    placed: dict[Key, Any] = field(default_factory=dict)
    extents: dict[Key, Any] = field(default_factory=dict)
    at_first: int = 0


class Letters(TextToPath):
    """Outlines and sizes of texts, as matplotlib finds them.

    Attributes:
        known: what was found already.
    """

    def __init__(self, known: Known | None = None) -> None:
        """Begin with what is known; None: with what this process and those before it have found."""
        super().__init__()
        self.known = read_known() if known is None else known
        self._fonts: dict[FontProperties, Any] = {}
        self._keys: dict[int, tuple[str, ...]] = {}
        self._heights: dict[FontProperties, Any] = {}

    def get_glyphs_with_font(
        self, font: Any, s: str, glyph_map: Any = None, return_new_glyphs_only: bool = False, **how: Any
    ) -> Any:
        """Return a text's letters (name, x, y, scale) at `FONT_SCALE` points, and by name the shapes not known yet."""
        if any(how.values()) or id(font) not in self._keys:
            return super().get_glyphs_with_font(font, s, glyph_map, return_new_glyphs_only, **how)
        placed = self._place(font, s)
        there = {} if glyph_map is None else glyph_map
        new = {name: self.known.shapes[name] for name, *_ in placed if name not in there}
        return placed, new if return_new_glyphs_only else {**there, **new}, []

    def get_text_path(self, prop: FontProperties, s: str, ismath: Any = False, **how: Any) -> Any:
        """Return corners and codes of a text's outline, at `FONT_SCALE` points."""
        if ismath or any(how.values()):
            return super().get_text_path(prop, s, ismath, **how)
        placed = self._place(self._get_font(prop), s)
        if not placed:
            return np.empty((0, 2)), []
        shapes = self.known.shapes
        corners = [shapes[name][0] * scale + (x, y) for name, x, y, scale in placed]
        return np.concatenate(corners), np.concatenate([shapes[name][1] for name, *_ in placed])

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> Any:
        """Return a text's width, height and depth below its baseline, points."""
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        plain = _of_one_size(prop, self.FONT_SCALE)
        key = self._keys[id(self._get_font(plain))], s
        if key not in self.known.extents:
            self.known.extents[key] = super().get_text_width_height_descent(s, plain, False)
        factor = prop.get_size_in_points() / self.FONT_SCALE
        width, height, descent = self.known.extents[key]
        return width * factor, height * factor, descent * factor

    def heights(self, prop: FontProperties) -> Any:
        """Return a line's ascent, descent and gap to the next, by the font's size; None where it does not tell."""
        plain = _of_one_size(prop, self.FONT_SCALE)
        if plain not in self._heights:
            self._heights[plain] = _heights(self._get_font(plain))
        return self._heights[plain]

    def _get_font(self, prop: FontProperties) -> Any:
        plain = _of_one_size(prop, self.FONT_SCALE)
        if plain not in self._fonts:
            font = self._fonts[plain] = super()._get_font(plain)  # type: ignore[misc]
            self._keys[id(font)] = (str(font.fname), *plain.get_family(), *mpl.rcParams["font.sans-serif"])
            self.known.fonts[str(font.fname)] = _state(Path(str(font.fname)))
        font = self._fonts[plain]
        font.set_size(self.FONT_SCALE, self.DPI)  # matplotlib shares fonts, and may have used this one meanwhile
        return font

    def _place(self, font: Any, text: str) -> Any:
        key = self._keys[id(font)], text
        if key not in self.known.placed:
            self.known.placed[key] = super().get_glyphs_with_font(font, text, self.known.shapes)[0]
        return self.known.placed[key]


def _of_one_size(prop: FontProperties, size: float) -> FontProperties:
    """Return a font at the size that all is kept for; a copy, since fonts change and keys must not."""
    copy = prop.copy()
    copy.set_size(size)
    return copy


def _heights(font: Any) -> Any:
    for name, gap, ascent, descent in _TABLES:
        table = font.get_sfnt_table(name)
        if table is not None:
            unit = 1 / font.get_sfnt_table("head")["unitsPerEm"]
            return table[ascent] * unit, -table[descent] * unit, table[gap] * unit
    return None


def _state(file: Path) -> tuple[int, int]:
    facts = file.stat()
    return facts.st_size, facts.st_mtime_ns


def _file() -> Path:
    """Return where letters are kept. What else shapes them is in its name: matplotlib, its engines, this module."""
    facts = [sys.version, np.__version__, mpl.__version__, *(str(getattr(ft2font, name, "")) for name in _FACTS)]
    facts += [Path(__file__).read_text(encoding="utf-8")]
    digest = hashlib.blake2b("\0".join(facts).encode(), digest_size=12).hexdigest()
    return cache_folder().with_name("letters") / f"{digest}.pickle"


@functools.cache
def read_known() -> Known:
    """Return what this process and those before it have found of texts; nothing where a font has changed since."""
    known = _read()
    known.at_first = len(known.placed)
    return known


def _read() -> Known:
    try:
        known = pickle.loads(_file().read_bytes())  # as trusted as the machine code of the rules that lies beside it
        whole = isinstance(known, Known) and all(_state(Path(file)) == state for file, state in known.fonts.items())
    except Exception:  # not there, cut short, of another kind: whatever it is, the letters are found anew
        return Known()
    return known if whole else Known()


def keep_letters() -> None:
    """Keep what this process has found, if it is much, for those to come; a folder that takes no file is no error."""
    known = read_known()
    if len(known.placed) - known.at_first < WORTH_KEEPING or len(known.placed) > MOST:
        return
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: no home folder
        path = _file()
        path.parent.mkdir(parents=True, exist_ok=True)
        there = _read()  # what another process has kept meanwhile
        whole = Known(
            fonts=there.fonts | known.fonts,
            shapes=there.shapes | known.shapes,
            placed=there.placed | known.placed,
            extents=there.extents | known.extents,
        )
        with draft_of(path) as draft:
            draft.write_bytes(pickle.dumps(whole, protocol=pickle.HIGHEST_PROTOCOL))
        known.at_first = len(known.placed)
