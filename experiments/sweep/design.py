"""From a specification to a table of points: grid, zip, list, lhs and sobol, crossed within a block, then joined.

Nothing here knows a scenario: a column is a key, and a cell is a number or a piece of text. Keys and values are
checked by the caller's ``check_value`` before any of them is expanded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.sweep.errors import (
    BadDesignError,
    EmptyDesignError,
    RepeatedKeyError,
    ReversedBoundsError,
    UnequalLengthsError,
    UnknownSweepKeyError,
)
from experiments.sweep.schema import DESIGN_KEYS
from sim.parameters import infos

if TYPE_CHECKING:
    import pandas as pd

Check = Callable[[str, str, Any], Any]  # (where, key, value) → the value as the table shall hold it
_SCALES = ("linear", "log", "whole")
_MOST_POINTS = 100_000_000


def expand(spec: Mapping[str, Any], check: Check) -> pd.DataFrame:
    """Return the points of a specification, one row each, without repetitions; a cell that a block leaves out is None.

    Args:
        spec: the plain data of ``sweep``: parts of :data:`experiments.sweep.schema.DESIGN_KEYS`, and ``blocks``.
        check: called with (where, key, value) for each value; returns what the table shall hold, or raises.

    Raises:
        ConfigurationError: the part at fault, in one line, through the subclass that names the cause.
    """
    import pandas as pd

    blocks = spec.get("blocks")
    if blocks is not None and (not isinstance(blocks, Sequence) or isinstance(blocks, str)):
        raise BadDesignError("sweep.blocks", blocks, "a list of blocks, as in [{grid: …}, {list: …}]")
    if blocks is not None and not blocks:
        raise EmptyDesignError("sweep.blocks")
    tables = [_block("sweep", {k: spec.get(k) for k in DESIGN_KEYS}, check)]
    for n, block in enumerate(blocks or ()):
        where = f"sweep.blocks[{n}]"
        if not isinstance(block, Mapping):
            raise BadDesignError(where, block, f"some of {', '.join(DESIGN_KEYS)}")
        for name in block:
            if name not in DESIGN_KEYS:
                raise UnknownSweepKeyError(where, name, DESIGN_KEYS)
        tables.append(_block(where, block, check))
        if tables[-1] is None:
            raise EmptyDesignError(where)
    found = [table.astype(object) for table in tables if table is not None]
    if not found:
        return pd.DataFrame(index=[0])  # one point: the scenario as it is
    joined = pd.concat(found, ignore_index=True)
    return joined.where(joined.notna(), None)


def _block(where: str, block: Mapping[str, Any], check: Check) -> pd.DataFrame | None:
    """Return the points of one block, its parts crossed with each other; None if it has none."""
    whole: pd.DataFrame | None = None
    for name in DESIGN_KEYS:
        if block.get(name) is None or (where == "sweep" and not block[name]):
            continue
        part = _PARTS[name](f"{where}.{name}", block[name], check)
        if part is None:
            continue
        if whole is None:
            whole = part
            continue
        for key in part.columns:
            if key in whole.columns:
                raise RepeatedKeyError(where, str(key))
        _check_size(where, len(whole) * len(part))
        whole = whole.merge(part, how="cross")
    return whole


def _check_size(where: str, points: int) -> None:
    if points > _MOST_POINTS:
        raise BadDesignError(where, points, f"designs of at most {_MOST_POINTS:,} points")


def _columns(where: str, part: Any, nulls: bool = False) -> dict[str, Any]:
    """Return values by key, nested keys joined by dots; without nulls, a key whose value is null has been taken out."""
    if not isinstance(part, Mapping):
        raise BadDesignError(where, part, "values by key, as in {contractors.personnel: [0, 500]}")
    if not part:
        raise EmptyDesignError(where)
    return {key: value for key, value in _flat(part).items() if nulls or value is not None}


def _flat(part: Mapping[Any, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in part.items():
        key = f"{before}{name}"
        if isinstance(value, Mapping) and "low" not in value and "high" not in value and key not in infos():
            found.update(_flat(value, f"{key}."))
        else:
            found[key] = value
    return found


def _values(where: str, key: str, values: Any, check: Check) -> list[Any]:
    """Return a column's checked values, written out or as a range in steps."""
    at = f"{where}.{key}"
    if isinstance(values, Mapping):
        values = _steps(at, values)
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise BadDesignError(at, values, "a list of values, or {low: …, high: …, steps: …}")
    if not values:
        raise EmptyDesignError(at)
    return [check(at, key, value) for value in values]


def _steps(where: str, spec: Mapping[str, Any]) -> list[float]:
    low, high, scale = _bounds(where, spec, ("low", "high", "steps", "scale"))
    steps = _count(f"{where}.steps", spec.get("steps"), 2)
    unit = np.linspace(0.0, 1.0, steps)
    ends = _stretch(unit, low, high, scale)
    if scale == "whole":
        ends = np.unique(np.round(np.linspace(low, high, steps)))
    ends[0], ends[-1] = low, high  # exactly, whatever the rounding of logarithms
    # a log scale's interior values carry rounding dust; fourteen digits keep what was meant
    return [float(f"{value:.14g}") for value in ends]


def _grid(where: str, part: Any, check: Check) -> pd.DataFrame | None:
    import pandas as pd

    columns = {key: _values(where, key, values, check) for key, values in _columns(where, part).items()}
    if not columns:
        return None
    _check_size(where, math.prod(len(values) for values in columns.values()))
    return pd.DataFrame(list(itertools.product(*columns.values())), columns=list(columns), dtype=object)


def _zip(where: str, part: Any, check: Check) -> pd.DataFrame | None:
    import pandas as pd

    columns = {key: _values(where, key, values, check) for key, values in _columns(where, part).items()}
    lengths = {key: len(values) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise UnequalLengthsError(where, lengths)
    return pd.DataFrame(columns, dtype=object) if columns else None


def _list(where: str, part: Any, check: Check) -> pd.DataFrame | None:
    import pandas as pd

    if not isinstance(part, Sequence) or isinstance(part, str):
        raise BadDesignError(where, part, "a list of points, as in [{contractors.personnel: 0}, …]")
    if not part:
        raise EmptyDesignError(where)
    points = []
    for n, point in enumerate(part):
        at = f"{where}[{n}]"
        values = _columns(at, point, nulls=True).items()
        points.append({key: check(f"{at}.{key}", key, value) for key, value in values})
    return pd.DataFrame(points, dtype=object)


def _lhs(where: str, part: Any, check: Check) -> pd.DataFrame | None:
    from scipy.stats import qmc

    def draw(samples: int, ranges: int, seed: int) -> Any:
        return qmc.LatinHypercube(ranges, rng=seed).random(samples)

    return _sample(where, part, check, draw)


def _sobol(where: str, part: Any, check: Check) -> pd.DataFrame | None:
    from scipy.stats import qmc

    def draw(samples: int, ranges: int, seed: int) -> Any:
        if samples & (samples - 1):
            below = 1 << (samples.bit_length() - 1)
            raise BadDesignError(f"{where}.samples", samples, f"a power of 2, as {below} or {2 * below}")
        return qmc.Sobol(ranges, rng=seed).random(samples)

    return _sample(where, part, check, draw)


def _sample(where: str, part: Any, check: Check, draw: Callable[[int, int, int], Any]) -> pd.DataFrame:
    import pandas as pd

    known = ("samples", "seed", "ranges")
    if not isinstance(part, Mapping):
        raise BadDesignError(where, part, "{samples: …, seed: …, ranges: {key: [low, high]}}")
    for name in part:
        if name not in known:
            raise UnknownSweepKeyError(where, name, known)
    samples = _count(f"{where}.samples", part.get("samples"), 1)
    seed = _count(f"{where}.seed", part.get("seed", 1), 0)
    if not part.get("ranges"):
        raise EmptyDesignError(f"{where}.ranges")
    ranges = {key: _range(f"{where}.ranges.{key}", key, spec, check) for key, spec in _ranges(where, part).items()}
    unit = draw(samples, len(ranges), seed)
    columns = {key: _stretch(unit[:, k], *ends) for k, (key, ends) in enumerate(ranges.items())}
    return pd.DataFrame({key: column.astype(object) for key, column in columns.items()})


def _ranges(where: str, part: Mapping[str, Any]) -> dict[str, Any]:
    ranges = part["ranges"]
    if not isinstance(ranges, Mapping):
        raise BadDesignError(f"{where}.ranges", ranges, "ranges by key, as in {contractors.personnel: [0, 2000]}")
    return {
        key: _own_range(f"{where}.ranges.{key}", key) if value is None else value
        for key, value in _flat(ranges).items()
    }


def _own_range(where: str, key: str) -> list[float]:
    if key not in infos():
        raise BadDesignError(where, None, "[low, high]; only parameters have a range of their own")
    return [infos()[key].low, infos()[key].high]


def _range(where: str, key: str, spec: Any, check: Check) -> tuple[float, float, str]:
    if isinstance(spec, Sequence) and not isinstance(spec, str):
        if len(spec) != 2:
            raise BadDesignError(where, spec, "two bounds, as in [low, high]")
        spec = {"low": spec[0], "high": spec[1]}
    if not isinstance(spec, Mapping):
        raise BadDesignError(where, spec, "[low, high], {low: …, high: …, scale: linear, log or whole} or null")
    low, high, scale = _bounds(where, spec, ("low", "high", "scale"))
    for end in (low, high):
        check(where, key, int(end) if scale == "whole" else end)
    return low, high, scale


def _bounds(where: str, spec: Mapping[str, Any], known: Sequence[str]) -> tuple[float, float, str]:
    for name in spec:
        if name not in known:
            raise UnknownSweepKeyError(where, name, known)
    low, high = (_real(f"{where}.{end}", spec.get(end)) for end in ("low", "high"))
    scale = spec.get("scale", "linear")
    if scale not in _SCALES:
        raise BadDesignError(f"{where}.scale", scale, ", ".join(_SCALES))
    if not low < high:
        raise ReversedBoundsError(where, low, high)
    if scale == "log" and low <= 0:
        raise BadDesignError(f"{where}.low", low, "a number above 0 on a log scale")
    if scale == "whole" and (low != int(low) or high != int(high)):
        raise BadDesignError(where, [low, high], "whole bounds on a scale of whole numbers")
    return low, high, str(scale)


def _real(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadDesignError(where, value, "a number")
    return float(value)


def _count(where: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadDesignError(where, value, f"a whole number from {least}")
    return value


def _stretch(unit: Any, low: float, high: float, scale: str) -> Any:
    """Return numbers of [0, 1) stretched over a range; whole numbers are all equally likely."""
    if scale == "log":
        return np.exp(math.log(low) + unit * (math.log(high) - math.log(low))).clip(low, high)
    if scale == "whole":
        return np.minimum(np.floor(low + unit * (high - low + 1)), high)
    return low + unit * (high - low)


_PARTS: dict[str, Callable[[str, Any, Check], Any]] = {
    "grid": _grid,
    "zip": _zip,
    "list": _list,
    "lhs": _lhs,
    "sobol": _sobol,
}
