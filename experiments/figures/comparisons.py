"""Writing what comparisons and phase diagrams show: PNG, SVG and the CSV behind each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from experiments.figures import style
from experiments.figures.phase import phase_comparison, phase_diagram
from experiments.figures.scenarios import comparison_figure, fan_figure

if TYPE_CHECKING:
    import pandas as pd

    from experiments.comparison.phases import Phase
    from experiments.comparison.scenarios import Comparison


def write(figure: Figure, tables: Mapping[str, pd.DataFrame], folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG, and the tables behind it as CSV; return the paths."""
    written = list(style.save(figure, folder / name))
    for key, table in tables.items():
        path = folder / (f"{name}.csv" if key == "" else f"{name}_{key}.csv")
        table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n", encoding="utf-8")
        written.append(path)
    return written


def write_scenarios(comparison: Comparison, title: str, folder: Path) -> list[Path]:
    """Write the two figures of a comparison of scenarios."""
    with style.house_style():
        effects = comparison_figure(comparison, title)
        fans = fan_figure(comparison, title)
    return write(*effects, folder, "effects") + write(*fans, folder, "fans")


def write_sweeps(
    phases: tuple[Phase, Phase], names: tuple[str, str], title: str, seeds: str, folder: Path
) -> list[Path]:
    """Write the figure of two sweeps side by side."""
    with style.house_style():
        figure, tables = phase_comparison(*phases, names, title, seeds)
    return write(figure, tables, folder, f"difference_{names[1]}")


def write_phase(found: Phase, title: str, seeds: str, days: int | None, folder: Path, name: str) -> list[Path]:
    """Write a phase diagram."""
    with style.house_style():
        figure, table = phase_diagram(found, title, seeds, days)
    return write(figure, {"": table}, folder, name)
