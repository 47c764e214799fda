"""Two listings linked: which rows are one facility, one to one, and what became of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from iopdir.extras import require
from iopdir.linking.assignment import assign
from iopdir.linking.blocks import candidates
from iopdir.linking.kinds import Kind, evidence, kinds
from iopdir.linking.likeness import Bools
from iopdir.linking.scores import ENOUGH, Comparison, compare, score_of
from iopdir.linking.sides import Ints, Listing, Sides, facility_table
from iopdir.provenance import Provenance, Source, sources_of
from iopdir.text import TEXT

__all__ = ["link"]

_COLUMNS: Final = ("a_id", "b_id", "kind", "score", "evidence", "other_id", "distance_m")
_OF_ONE: Final = 0.5
"""Names this alike, at one place, are of one organisation; a choice of this package."""

_SURE: Final = 0.9
_UNSURE: Final = 0.2
"""Links below the first are to be reviewed, and leftovers whose best pair is above the second; own choices."""


def link(a: Listing, b: Listing) -> pd.DataFrame:
    """Link two listings: say of every facility whether it stayed, changed its name, moved, opened or closed.

    Parameters
    ----------
    a
        The earlier listing: a [`Directory`][iopdir.Directory], or a facility table with `facility_id` as index or
        column.
    b
        The later one.

    Returns
    -------
    DataFrame
        One row a linked pair and one a facility of one listing only, so that every facility of `a` and of `b` stands
        in exactly one row; pairs and those of `a` first, by id.

        - `a_id, b_id`: NaN where the other listing has none
        - `kind`: ``"unchanged"``, ``"corrected"``, ``"renamed"``, ``"moved"``; ``"opened"`` (of `b` only), ``"closed"``
          (of `a` only); ``"split"`` (of `b` only, at the place of a facility of `a` that another row continues),
          ``"merged"`` (of `a` only, likewise)
        - `score`: 0 to 1, above 0.5 for a link; of a row without a link that of the best pair it was not given. An
          order of how sure a link is, not a probability
        - `evidence`: in words
        - `review`: whether somebody should look: a link below 0.9, or none although something came to 0.2 or one
          facility is gone and one new in a ZIP
        - `other_id`: the facility that a ``"split"`` or ``"merged"`` row is at the place of, an id of the other listing
        - `distance_m`: between the two points, NaN unless both are addresses

    Raises
    ------
    LoadError
        If a frame has no `facility_id` or `name`, or an id stands twice.

    Notes
    -----
    Rows that share a ZIP, phone, website, name, rare word of a name, or lie near are compared; points for and against
    are added up, and pairs chosen so that their sum is largest and no row stands twice. Rows equal in names and address
    go together first. Spelling, case, punctuation and the order of rows do not count, and `link(b, a)` is the mirror of
    `link(a, b)`. See [Linking listings](../explanation/linking.md).

    Examples
    --------
    >>> import iopdir as iop
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> later = vermont.remove(vermont.table.index[:2])
    >>> iop.link(vermont, later)["kind"].value_counts().to_dict()
    {'unchanged': 50, 'closed': 2}
    """
    require("linking")
    table_a, table_b = facility_table(a, "a"), facility_table(b, "b")
    s = Sides.of(table_a, table_b)
    equal = _equal_rows(s)
    free = np.ones(s.zip.size, dtype=bool)
    free[equal.ravel()] = False
    left, right = candidates(s)
    open_ = free[left] | free[right]
    found = compare(s, left[open_], right[open_])
    chosen = np.zeros(found.left.size, dtype=bool)
    possible = np.flatnonzero((found.points >= ENOUGH) & free[found.left] & free[found.right])
    part = found.take(possible)
    chosen[possible] = assign(part.left, part.right, _worth(s, part))
    sure = compare(s, *equal)
    alone = free
    alone[found.left[chosen]] = alone[found.right[chosen]] = False
    result = pd.concat(
        [
            _pairs(s, sure, np.ones(sure.left.size)),
            _pairs(s, found.take(chosen), score_of(found.points[chosen])),
            *_leftovers(s, found, alone),
        ]
    )
    result = result.sort_values(["a_id", "b_id"], na_position="last", kind="stable", ignore_index=True)
    result.attrs["provenance"] = Provenance.of(
        [*_sources(a, table_a), *_sources(b, table_b)], rows_a=len(table_a), rows_b=len(table_b)
    ).to_dict()
    return result


def _sources(listing: Listing, table: pd.DataFrame) -> tuple[Source, ...]:
    about = getattr(listing, "provenance", None)
    return about.sources if isinstance(about, Provenance) else sources_of(table)


# --- who goes with whom --------------------------------------------------------------------------------------


def _equal_rows(s: Sides) -> Ints:
    """Pair rows that are equal in names and address, first those equal in all and in id; shape (2, n)."""
    placed = (s.line >= 0) & ((s.zip >= 0) | (s.city >= 0))
    suite = [s.suite[:, at] for at in range(s.suite.shape[1])]
    address = [s.name, s.line, *suite, s.zip, s.city, s.state]
    ids = np.unique(s.ids.astype(np.str_), return_inverse=True)[1]
    more = [s.first, s.phone, s.intake_phone, s.domain]
    pairs = [np.empty((2, 0), dtype=np.int64)]
    free = np.ones(s.zip.size, dtype=bool)
    for keys, ask in (
        ([*address, *more, ids], free),
        ([*address, *more], placed),
        ([*address, s.first], placed),
    ):
        rows = np.flatnonzero(free & ask)
        if not rows.size:
            break
        group = np.unique(np.stack([key[rows] for key in keys]), axis=1, return_inverse=True)[1]
        order = np.lexsort((ids[rows], rows >= s.size, group))
        rows, group = rows[order], group[order]
        ours = rows < s.size
        rank = _rank(group, ours)
        key = group * rows.size + rank
        _, one, other = np.intersect1d(key[ours], key[~ours], assume_unique=True, return_indices=True)
        pairs.append(np.stack([rows[ours][one], rows[~ours][other]]))
        free[pairs[-1].ravel()] = False
    return np.concatenate(pairs, axis=1)


def _rank(group: Ints, ours: Bools) -> Ints:
    """Count each row within its group and listing, from 0; rows are sorted by both."""
    label = group * 2 + ~ours
    starts = np.flatnonzero(np.diff(label, prepend=-1))
    return np.arange(group.size) - np.repeat(starts, np.diff(np.append(starts, group.size)))


def _worth(s: Sides, pairs: Comparison) -> Ints:
    """Whole numbers in the order of the points; ties are broken by the two ids, whichever listing they are of."""
    import zlib

    codes = np.array([zlib.crc32(str(one).encode()) for one in s.ids], dtype=np.uint64)
    mixed = (codes[pairs.left] + np.uint64(1)) * (codes[pairs.right] + np.uint64(1))
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    tie = (mixed >> np.uint64(45)).astype(np.int64)
    same = (s.ids[pairs.left] == s.ids[pairs.right]).astype(np.int64)
    worth: Ints = np.round(pairs.points * 1e4).astype(np.int64) * 2**20 + same * 2**19 + tie
    return worth


# --- the table -------------------------------------------------------------------------------------------------


def _table(a_id: object, b_id: object, **columns: object) -> pd.DataFrame:
    table = pd.DataFrame({"a_id": a_id, "b_id": b_id, **columns})
    texts = ["a_id", "b_id", "kind", "evidence", "other_id"]
    return table.astype(dict.fromkeys(texts, TEXT))


def _pairs(s: Sides, pairs: Comparison, score: object) -> pd.DataFrame:
    table = _table(
        s.ids[pairs.left],
        s.ids[pairs.right],
        kind=kinds(s, pairs),
        score=score,
        evidence=evidence(pairs),
        other_id=None,
        distance_m=pairs.distance_m,
    )
    table.insert(5, "review", table["score"] < _SURE)
    return table


def _leftovers(s: Sides, found: Comparison, alone: Bools) -> list[pd.DataFrame]:
    """Rows of one listing only, with the best of the pairs that they were not given, one beside them first."""
    of_one = (s.first[found.left] == s.first[found.right]) | (found.alike >= _OF_ONE) | found.phone
    beside = (found.points >= ENOUGH) & ~found.elsewhere & of_one
    order = np.lexsort((_worth(s, found), beside))
    beside_one = np.zeros(s.zip.size, dtype=bool)
    beside_one[found.left[beside]] = beside_one[found.right[beside]] = True
    only = _only_in_zip(s, alone & ~beside_one)
    tables = []
    for ours, mine, other, column, partner in (
        (np.arange(s.size), found.left, found.right, "a_id", "b_id"),
        (np.arange(s.size, s.zip.size), found.right, found.left, "b_id", "a_id"),
    ):
        rows = ours[alone[ours]]
        best = np.full(s.zip.size, -1, dtype=np.int64)
        best[mine[order]] = order  # the last one written stays
        best = best[rows]
        has = np.flatnonzero(best >= 0)
        pair = found.take(best[has])
        score, why = np.zeros(rows.size), np.full(rows.size, "nothing like it", dtype=object)
        score[has] = np.minimum(score_of(pair.points), 0.99)
        taken = ~alone[other[best[has]]]
        like = np.where(taken, "most like one already linked: ", "most like it: ")
        why[has] = [text + words for text, words in zip(like, evidence(pair), strict=True)]
        placed = np.flatnonzero(beside_one[rows])
        kind = np.full(rows.size, (Kind.CLOSED if column == "a_id" else Kind.OPENED).value, dtype=object)
        kind[placed] = (Kind.MERGED if column == "a_id" else Kind.SPLIT).value
        of = np.full(rows.size, None, dtype=object)
        of[placed] = s.ids[other[best[placed]]]
        text = {"kind": kind, "score": score, "evidence": why, "other_id": of, "distance_m": np.nan}
        table = _table(s.ids[rows], None, **text)
        table = table.rename(columns={"a_id": column, "b_id": partner})[list(_COLUMNS)]
        table["evidence"] += np.where(only[rows], "; the only one gone and the only one new in its ZIP", "")
        table.insert(5, "review", only[rows] | ((table["score"] >= _UNSURE) & (table["score"] < _SURE)))
        tables.append(table)
    return tables


def _only_in_zip(s: Sides, left: Bools) -> Bools:
    """Mark the rows left over of which each listing has just one in the ZIP."""
    rows = np.flatnonzero(left & (s.zip >= 0))
    counts = np.zeros((2, int(s.zip.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(counts, ((rows >= s.size).astype(np.int64), s.zip[rows]), 1)
    only = np.zeros(left.size, dtype=bool)
    only[rows] = (counts[:, s.zip[rows]] == 1).all(axis=0)
    return only
