"""Designs of global sensitivity: Morris's screening, then Sobol's indices, through SALib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.parameter_errors import StalemateError
from sim.parameters import flatten, infos
from sim.scenario import Scenario

Array = npt.NDArray[Any]
SEED = 20260428
LEVELS = 4  # of Morris's grid
_LEFT_OUT = ("ablation", "scale", "speed")
_UNUSED = "contractors.reliance"  # -1, not used: another value takes the place of contractors.personnel


class NoSensitivityLibraryError(StalemateError):
    """SALib is not installed."""

    def __init__(self) -> None:
        super().__init__("sensitivity: needs SALib, which the extra 'sensitivity' brings (docs/install.md)")


@dataclass(frozen=True)
class Range:
    """A parameter and the range over which it is varied."""

    key: str
    low: float
    high: float


@dataclass(frozen=True)
class Screened:
    """Morris: mean absolute elementary effect of one parameter on one output, its interval, its spread.

    Attributes:
        key: the parameter.
        mu_star: mean absolute effect of crossing the whole range.
        error: half-width of its 90 % interval.
        sigma: standard deviation of the effects: nonlinearity and interaction.
    """

    key: str
    mu_star: float
    error: float
    sigma: float


@dataclass(frozen=True)
class Indices:
    """Sobol: first-order and total index of one parameter on one output, with half-widths of their 90 % intervals."""

    key: str
    first: float
    first_error: float
    total: float
    total_error: float


def ranges(
    scenario: Scenario, width: float = 0.5, full: bool = False, keys: Sequence[str] | None = None
) -> list[Range]:
    """Return how far each parameter is varied: by the share ``width`` of its value, within its range.

    Switches, and what only sets a scale or trades exactness for time, are left out, and so is what stands at 0 (or is
    not used, as a reliance of -1), unless named.

    Args:
        scenario: whose values are varied.
        width: 0.5 means from half to one and a half of the value.
        full: over the whole range of each parameter instead.
        keys: these parameters alone.
    """
    values = flatten(scenario.parameters)
    found = []
    for key, info in infos().items():
        left_out = info.source.split(":")[0] in _LEFT_OUT or key == _UNUSED
        if (keys is None and left_out) or (keys is not None and key not in keys):
            continue
        reach = width * abs(values[key])
        low, high = max(info.low, values[key] - reach), min(info.high, values[key] + reach)
        if full or (keys is not None and high <= low):
            low, high = info.low, info.high
        if high > low:
            found.append(Range(key, low, high))
    return found


def problem(varied: Sequence[Range]) -> dict[str, Any]:
    """Return SALib's description of what is varied."""
    return {
        "num_vars": len(varied),
        "names": [r.key for r in varied],
        "bounds": [[r.low, r.high] for r in varied],
    }


def _library(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"SALib.{name}")
    except ImportError:
        raise NoSensitivityLibraryError from None


def morris_points(varied: Sequence[Range], trajectories: int) -> Array:
    """Return trajectories × (parameters + 1) points."""
    sample = _library("sample.morris")
    points: Array = sample.sample(problem(varied), trajectories, num_levels=LEVELS, seed=SEED)
    return points


def morris(varied: Sequence[Range], points: Array, outputs: Array) -> list[Screened]:
    """Return the screening of one output, most influential first."""
    analyze = _library("analyze.morris")
    if not np.ptp(outputs) > 0:
        return [Screened(r.key, 0.0, 0.0, 0.0) for r in varied]
    s = analyze.analyze(problem(varied), points, outputs, conf_level=0.9, num_levels=LEVELS, seed=SEED)
    rows = zip(varied, s["mu_star"], s["mu_star_conf"], s["sigma"], strict=True)
    found = [Screened(r.key, float(m), float(e), float(d)) for r, m, e, d in rows]
    return sorted(found, key=lambda x: -x.mu_star)


def influence(screened: Mapping[str, Sequence[Screened]], scale: Mapping[str, float]) -> dict[str, float]:
    """Return each parameter's influence over all outputs: effects beyond their error, each output in its own scale.

    The lower end of the interval is taken, so that the luck of few trajectories does not choose.
    """
    worth: dict[str, float] = {}
    for name, rows in screened.items():
        for s in rows:
            gain = max(0.0, s.mu_star - s.error) / scale[name] if scale[name] > 0 else 0.0
            worth[s.key] = worth.get(s.key, 0.0) + gain
    return worth


def sobol_points(varied: Sequence[Range], samples: int) -> Array:
    """Return samples × (parameters + 2) points (Saltelli's scheme; ``samples`` is a power of two)."""
    sample = _library("sample.sobol")
    points: Array = sample.sample(problem(varied), samples, calc_second_order=False, seed=SEED)
    return points


def sobol(varied: Sequence[Range], outputs: Array) -> list[Indices]:
    """Return the indices of one output, largest total first; all 0 if the output does not vary."""
    analyze = _library("analyze.sobol")
    if not np.ptp(outputs) > 0:
        return [Indices(r.key, 0.0, 0.0, 0.0, 0.0) for r in varied]
    s = analyze.analyze(problem(varied), outputs, calc_second_order=False, conf_level=0.9, seed=SEED)
    rows = zip(varied, s["S1"], s["S1_conf"], s["ST"], s["ST_conf"], strict=True)
    return sorted((Indices(r.key, *(float(x) for x in rest)) for r, *rest in rows), key=lambda i: -i.total)
