"""What the validation page is made of: tables and figures in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

FIGURES = "figures"
"""The folder of the page's figures, beside the page."""


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def figure(name: str, words: str) -> str:
    """Return a figure of the page."""
    return f"![{words}]({FIGURES}/{name}.png)\n"
