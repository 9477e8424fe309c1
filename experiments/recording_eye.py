"""The camera's compiled eye: what one snapshot copies out of the world, read where it stands.

The world is seen as four lines of numbers, one for each type that its fields have, all over the same bytes; a plan says
at which element a column begins and how many lead from row to row. Nothing of the interpreter is in the loop, so that
other threads run meanwhile (the classroom needs that).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sim.jit import entry, rule

VIEWS: Final = ("i2", "i4", "i8", "f8")
"""Types of the world's fields; a field's type is named by its index here (u8 counts as i8)."""

# Columns of a plan's rows; what counts in elements counts them in the view of the field.
TABLE: Final = 0  # index into the tops
FIRST: Final = 1  # element at which the column begins
STRIDE: Final = 2  # elements from one row to the next
VIEW: Final = 3  # index into VIEWS
KIND: Final = 4  # index into KINDS
TARGET: Final = 5  # element of the kind's store at which the column begins
ROWS: Final = 6  # elements a day
KINDS: Final = ("u1", "u2", "u4", "f4")

# Columns of an identity's row: ids (i8) of a table are numbered as they appear.
I_TABLE: Final = 0
I_FIRST: Final = 1
I_STRIDE: Final = 2
I_ALIVE: Final = 3  # first element of ``alive`` (i4)
I_ALIVE_STRIDE: Final = 4
I_TARGET: Final = 5
I_ROWS: Final = 6
I_SLOT: Final = 7  # where this table's slots begin among all tables' slots

# Columns of a march's row: where its fields begin, and how many elements of each type a row has.
M_TABLE: Final = 0
M_LEG: Final = 1  # i4
M_LEGS: Final = 2  # i4
M_STRIDE_4: Final = 3
M_HOURS: Final = 4  # f8
M_STRIDE_8: Final = 5
M_PATH: Final = 6  # i2
M_STRIDE_2: Final = 7
M_LONGEST: Final = 8
M_TARGET: Final = 9
M_ROWS: Final = 10


@rule
def keep_column(source: Any, column: Any, n: Any, day: Any, u1: Any, u2: Any, u4: Any, f4: Any) -> None:
    """Copy ``n`` rows of one column for one day; whole numbers wrap into their kind, so that −1 becomes the highest.

    Args:
        source: the world as numbers of the column's type.
        column: a row of the plan.
        n: rows in use.
        day: which snapshot it is.
        u1: one line of all columns of this kind, one after the other, each days × rows; likewise the others.
        u2: see ``u1``.
        u4: see ``u1``.
        f4: see ``u1``.
    """
    first, stride, kind = column[FIRST], column[STRIDE], column[KIND]
    target = column[TARGET] + day * column[ROWS]
    if kind == 0:
        for i in range(n):
            u1[target + i] = np.int64(source[first + i * stride]) & 255
    elif kind == 1:
        for i in range(n):
            u2[target + i] = np.int64(source[first + i * stride]) & 65535
    elif kind == 2:
        for i in range(n):
            u4[target + i] = np.int64(source[first + i * stride]) & 4294967295
    else:
        for i in range(n):
            f4[target + i] = source[first + i * stride]


@rule
def keep_numbers(
    i4: Any, i8: Any, plan: Any, tops: Any, day: Any, last: Any, current: Any, count: Any, out: Any
) -> None:
    """Keep for one day small numbers for identities: 1, 2, 3 … in order of first appearance, 0 where nothing is alive.

    Args:
        i4: the world as i4.
        i8: the world as i8.
        plan: a row per table of agents.
        tops: rows in use, per table.
        day: which snapshot it is.
        last: the identity that each slot had the day before.
        current: the number that each slot has.
        count: numbers given so far, per table.
        out: one line of u4, all tables one after the other, each days × rows.
    """
    for c in range(plan.shape[0]):
        p = plan[c]
        target = p[I_TARGET] + day * p[I_ROWS]
        for i in range(tops[p[I_TABLE]]):
            slot = p[I_SLOT] + i
            alive = i4[p[I_ALIVE] + i * p[I_ALIVE_STRIDE]] > 0
            who = i8[p[I_FIRST] + i * p[I_STRIDE]] if alive else 0
            if who != last[slot]:
                last[slot] = who
                if who != 0:
                    count[c] += 1
                    current[slot] = count[c]
            out[target + i] = current[slot] if who != 0 else 0


@rule
def keep_marches(i2: Any, i4: Any, f8: Any, marches: Any, tops: Any, day: Any, road: Any, along: Any) -> None:
    """Keep for one day which road each marching thing is on (none: −1), and the hours driven on it."""
    for c in range(marches.shape[0]):
        m = marches[c]
        target = m[M_TARGET] + day * m[M_ROWS]
        for i in range(tops[m[M_TABLE]]):
            leg, legs = i4[m[M_LEG] + i * m[M_STRIDE_4]], i4[m[M_LEGS] + i * m[M_STRIDE_4]]
            hours = f8[m[M_HOURS] + i * m[M_STRIDE_8]]
            road[target + i], along[target + i] = -1, 0.0
            if leg < legs and hours > 0.0:
                road[target + i] = i2[m[M_PATH] + i * m[M_STRIDE_2] + min(leg, m[M_LONGEST] - 1)]
                along[target + i] = hours


@rule
def sum_up(words: Any, spans: Any, tops: Any, weights: Any) -> Any:
    """Return a weighted sum over the words of the state, modulo 2^64, folded to 32 bits.

    Args:
        words: the world as i8.
        spans: rows of (table or −1, first word, words a row, rows, first weight).
        tops: rows in use, per table; all rows count where the table is −1.
        weights: odd numbers, as i8.
    """
    total = np.int64(0)
    for c in range(spans.shape[0]):
        rows = spans[c, 3] if spans[c, 0] < 0 else tops[spans[c, 0]]
        for k in range(rows * spans[c, 2]):
            total += words[spans[c, 1] + k] * weights[spans[c, 4] + k]
    return (total ^ ((total >> 32) & 4294967295)) & 4294967295


@rule
def keep_tops(i8: Any, top_words: Any, tops: Any) -> None:
    """Keep how many rows of each table are in use: ``tops``, from the words in which the world counts them."""
    for k in range(top_words.shape[0]):
        tops[k] = i8[top_words[k]]


@rule
def keep_columns(
    i2: Any, i4: Any, i8: Any, f8: Any, plan: Any, tops: Any, day: Any, u1: Any, u2: Any, u4: Any, f4: Any
) -> None:
    """Keep every column of the plan for one day, each read as numbers of its own type (see :func:`keep_column`)."""
    for c in range(plan.shape[0]):
        column, n = plan[c], tops[plan[c, TABLE]]
        if column[VIEW] == 1:
            keep_column(i4, column, n, day, u1, u2, u4, f4)
        elif column[VIEW] == 2:
            keep_column(i8, column, n, day, u1, u2, u4, f4)
        elif column[VIEW] == 3:
            keep_column(f8, column, n, day, u1, u2, u4, f4)
        else:
            keep_column(i2, column, n, day, u1, u2, u4, f4)


@entry
def keep_day(
    day: Any,
    i2: Any,
    i4: Any,
    i8: Any,
    f8: Any,
    top_words: Any,
    tops: Any,
    plan: Any,
    id_plan: Any,
    marches: Any,
    spans: Any,
    weights: Any,
    last: Any,
    current: Any,
    count: Any,
    numbers: Any,
    u1: Any,
    u2: Any,
    u4: Any,
    f4: Any,
    road: Any,
    along: Any,
    fingerprint: Any,
) -> None:
    """Keep everything for one day. Arrays one by one: numba looks ten times longer at tuples of them than this takes.

    ``day`` says which snapshot it is; ``i2``, ``i4``, ``i8`` and ``f8`` are the world as numbers of each type. All
    else goes to what keeps it: ``top_words`` and ``tops`` to :func:`keep_tops`; ``plan`` and the stores ``u1``, ``u2``,
    ``u4`` and ``f4`` to :func:`keep_columns`; ``id_plan``, ``last``, ``current``, ``count`` and the store ``numbers``
    to :func:`keep_numbers`; ``marches`` and the stores ``road`` and ``along`` to :func:`keep_marches`; ``spans`` and
    ``weights`` to :func:`sum_up`, whose sum goes to ``fingerprint``.
    """
    keep_tops(i8, top_words, tops)
    keep_columns(i2, i4, i8, f8, plan, tops, day, u1, u2, u4, f4)
    keep_numbers(i4, i8, id_plan, tops, day, last, current, count, numbers)
    keep_marches(i2, i4, f8, marches, tops, day, road, along)
    fingerprint[day] = sum_up(i8, spans, tops, weights)
