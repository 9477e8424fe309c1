"""The camera's compiled eye: what one snapshot copies out of the world, seen as one line of 64-bit words.

Every field of the world takes eight bytes, so a column is every so-and-so-many-th word. Without the interpreter in the
loop a snapshot takes a tenth of the time, and other threads run meanwhile (the classroom needs both).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sim.jit import entry

# Columns of a plan's rows.
TABLE: Final = 0  # index into the tops
SOURCE: Final = 1  # word of the world at which the column begins
STRIDE: Final = 2  # words from one row to the next
REAL: Final = 3  # 1: the words are f8, else i8
KIND: Final = 4  # index into KINDS
TARGET: Final = 5  # element of the kind's store at which the column begins
ROWS: Final = 6  # elements a day
PLAN_WIDTH: Final = 7
KINDS: Final = ("u1", "u2", "u4", "f4")

# Columns of a march's row, all words of the world: table, first row, stride, and where in a row the fields stand.
M_TABLE: Final = 0
M_FIRST: Final = 1
M_STRIDE: Final = 2
M_LEG: Final = 3
M_LEGS: Final = 4
M_HOURS: Final = 5
M_PATH: Final = 6
M_LONGEST: Final = 7
M_TARGET: Final = 8
M_ROWS: Final = 9
MARCH_WIDTH: Final = 10


@entry
def keep_columns(whole: Any, real: Any, plan: Any, tops: Any, day: Any, u1: Any, u2: Any, u4: Any, f4: Any) -> None:
    """Copy every column of the plan for one day; whole numbers wrap into their kind, so that −1 becomes the highest.

    Args:
        whole: the world as i8 words.
        real: the same words as f8.
        plan: a row per column.
        tops: rows in use, per table.
        day: which snapshot it is.
        u1: store of all columns of this kind, one after the other, each days × rows; likewise ``u2``, ``u4``, ``f4``.
        u2: see ``u1``.
        u4: see ``u1``.
        f4: see ``u1``.
    """
    for c in range(plan.shape[0]):
        n, source, stride = tops[plan[c, TABLE]], plan[c, SOURCE], plan[c, STRIDE]
        kind, is_real = plan[c, KIND], plan[c, REAL] == 1
        target = plan[c, TARGET] + day * plan[c, ROWS]
        for i in range(n):
            k = source + i * stride
            if kind == 3:
                f4[target + i] = real[k] if is_real else whole[k]
                continue
            value = np.int64(real[k]) if is_real else whole[k]
            if kind == 0:
                u1[target + i] = value & 255
            elif kind == 1:
                u2[target + i] = value & 65535
            else:
                u4[target + i] = value & 4294967295


@entry
def keep_ids(whole: Any, plan: Any, alive: Any, tops: Any, day: Any, out: Any) -> None:
    """Copy identities for one day, 0 where nothing is alive; ``plan`` has a row per table, ``alive`` its column's word.

    ``out`` is one line of i8: all tables one after the other, each days × rows.
    """
    for c in range(plan.shape[0]):
        target = plan[c, TARGET] + day * plan[c, ROWS]
        for i in range(tops[plan[c, TABLE]]):
            step = i * plan[c, STRIDE]
            out[target + i] = whole[plan[c, SOURCE] + step] if whole[alive[c] + step] > 0 else 0


@entry
def keep_marches(whole: Any, real: Any, marches: Any, tops: Any, day: Any, road: Any, along: Any) -> None:
    """Copy for one day which road each marching thing is on (none: −1), and the hours driven on it."""
    for c in range(marches.shape[0]):
        m = marches[c]
        target = m[M_TARGET] + day * m[M_ROWS]
        for i in range(tops[m[M_TABLE]]):
            row = m[M_FIRST] + i * m[M_STRIDE]
            leg, hours = whole[row + m[M_LEG]], real[row + m[M_HOURS]]
            road[target + i] = -1
            along[target + i] = 0.0
            if leg < whole[row + m[M_LEGS]] and hours > 0.0:
                road[target + i] = whole[row + m[M_PATH] + min(leg, m[M_LONGEST] - 1)]
                along[target + i] = hours


@entry
def sum_up(whole: Any, spans: Any, tops: Any, weights: Any) -> Any:
    """Return a weighted sum over the words of the state, modulo 2^64, folded to 32 bits.

    Args:
        whole: the world as i8 words.
        spans: rows of (table or −1, first word, words a row, rows, first weight).
        tops: rows in use, per table; all rows count where the table is −1.
        weights: odd numbers, as i8.
    """
    total = np.int64(0)
    for c in range(spans.shape[0]):
        rows = spans[c, 3] if spans[c, 0] < 0 else tops[spans[c, 0]]
        for k in range(rows * spans[c, 2]):
            total += whole[spans[c, 1] + k] * weights[spans[c, 4] + k]
    return (total ^ ((total >> 32) & 4294967295)) & 4294967295
