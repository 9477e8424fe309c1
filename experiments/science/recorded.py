"""Recorded monthly counts that a reader brings: columns month, events, deaths; anything off is refused by name."""

from __future__ import annotations

import csv
import datetime
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from experiments.science.targets import (
    BadTargetValueError,
    EmptyError,
    Month,
    MonthOrderError,
    TargetsError,
    check_month,
    count,
    month_days,
)
from sim.scenario import Scenario

COLUMNS = ("month", "events", "deaths")


class MissingColumnError(TargetsError):
    """A file without a column that it needs."""

    def __init__(self, file: str, column: str) -> None:
        super().__init__(f"{file}: no column {column!r}; it takes {', '.join(COLUMNS)}")


class MissingCellError(TargetsError):
    """A row without a value that it needs."""

    def __init__(self, where: str, column: str) -> None:
        super().__init__(f"{where}: no {column!r}")


class OutsideHorizonError(TargetsError):
    """A month that the scenario's run does not cover whole."""

    def __init__(self, where: str, month: str, first: str, last: str, days: int | None) -> None:
        hint = f"; days={days} would cover it" if days else ""
        super().__init__(f"{where}: month {month} is not within the run, {first} to {last}{hint}")


class UnreadableDataError(TargetsError):
    """A file that is no table of comma-separated values in UTF-8."""


@dataclass(frozen=True)
class Row:
    """One line of a file."""

    where: str
    month: str
    events: int
    deaths: int


def read_recorded(path: Path) -> list[Row]:
    """Return the months of a CSV file.

    Raises:
        TargetsError: through the subclass that names what is wrong, and in which line.
        OSError: the file cannot be opened.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = list(csv.reader(handle, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableDataError(f"{path.name}: no table of comma-separated values in UTF-8") from None
    lines = [[cell.strip() for cell in line] for line in lines]
    filled = [(number, line) for number, line in enumerate(lines, 1) if any(line)]
    if not filled:
        raise EmptyError(path.name)
    head = filled[0][1]
    for column in COLUMNS:
        if column not in head:
            raise MissingColumnError(path.name, column)
    if len(filled) == 1:
        raise EmptyError(f"{path.name}: below its heading")
    rows = [_row(f"{path.name} line {number}", dict(zip(head, line, strict=False))) for number, line in filled[1:]]
    for before, row in pairwise(rows):
        if row.month <= before.month:
            raise MonthOrderError(row.where, row.month, before.month)
    return rows


def _row(where: str, cells: dict[str, str]) -> Row:
    for column in COLUMNS:
        if not cells.get(column):
            raise MissingCellError(where, column)
    month = check_month(where, cells["month"])
    return Row(where, month, *(_count(f"{where}: {column}", cells[column]) for column in COLUMNS[1:]))


def _count(where: str, text: str) -> int:
    try:
        return count(where, float(text))
    except (ValueError, OverflowError) as error:
        if isinstance(error, TargetsError):
            raise
        raise BadTargetValueError(where, text, "a whole number from 0") from None


def within(scenario: Scenario, rows: list[Row]) -> list[Month]:
    """Return the rows as months of a scenario, with their first and last days.

    Raises:
        OutsideHorizonError: the run does not cover a month whole.
    """
    start = datetime.date.fromisoformat(scenario.start_date)
    last = start + datetime.timedelta(days=scenario.days - 1)
    months = []
    for row in rows:
        begin = (datetime.date(int(row.month[:4]), int(row.month[5:]), 1) - start).days
        end = begin + month_days(row.month) - 1
        if begin < 0 or end >= scenario.days:
            needed = end + 1 if 0 <= begin < 3650 else None
            raise OutsideHorizonError(row.where, row.month, start.isoformat(), last.isoformat(), needed)
        months.append(Month(row.month, (begin, end), row.events, row.deaths))
    return months
