"""Which rows of two listings are compared at all: those that share a ZIP, a phone, a domain, a name, or lie near."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from iopdir.linking.sides import Ints, Sides
from iopdir.progress import during
from iopdir.spatial.blocks import PackedTree
from iopdir.spatial.pairs import within_batch

__all__ = ["candidates"]

NEAR_M: Final = 300.0
"""Points of addresses this near are compared; a choice of this package, as are the next two."""

RARE: Final = 40
"""A word of a name brings rows of one state together if no more rows of either listing have it there."""

WIDE: Final = 40_000
"""A block of more pairs is left to its finer blocks: rows of one ZIP that share a street, a number or a name."""


@during("Looking for pairs")
def candidates(sides: Sides) -> tuple[Ints, Ints]:
    """List the pairs to compare.

    Returns
    -------
    tuple[NDArray, NDArray]
        Position in `a` and position in `b` (of the rows side by side), each pair once, in no particular order.
    """
    found = [*_blocks(sides), _near(sides)]
    total = sides.zip.size
    codes = np.unique(np.concatenate([left * total + right for left, right in found]))
    return codes // total, codes % total


def _blocks(s: Sides) -> Iterator[tuple[Ints, Ints]]:
    rows = np.arange(s.zip.size)
    for codes in (
        (s.zip,),
        (s.zip, s.number),
        (s.zip, s.first),
        (s.state, s.number, s.street),
        (s.state, s.city, s.first),
        (s.state, s.name),
        (s.state, s.domain),
    ):
        yield _join(s, rows, *codes)
    phones = np.concatenate([s.phone, s.intake_phone])
    yield _join(s, np.concatenate([rows, rows]), phones)
    yield _join(s, rows, np.where(s.counted(s.name) <= RARE, s.name, -1))
    row, place = np.nonzero(s.words >= 0)
    word = s.words[row, place]
    counted = _in_state(s, row, word)
    yield _join(s, row, s.state[row], np.where(counted <= RARE, word, -1))


def _in_state(s: Sides, row: Ints, word: Ints) -> Ints:
    """Count the rows of either listing that have a word in their state, the more of both."""
    _, group = np.unique(np.stack([s.state[row], word]), axis=1, return_inverse=True)
    ours = row < s.size
    counts = [np.bincount(group[side], minlength=int(group.max(initial=0)) + 1) for side in (ours, ~ours)]
    most: Ints = np.maximum(*counts)[group]
    return most


def _join(s: Sides, row: Ints, *codes: Ints) -> tuple[Ints, Ints]:
    """Pair the rows of `a` with those of `b` that have the same codes, none of them blank."""
    given = np.logical_and.reduce([code >= 0 for code in codes])
    row = row[given]
    if not row.size:
        return row, row
    _, group = np.unique(np.stack([code[given] for code in codes]), axis=1, return_inverse=True)
    order = np.lexsort((row, group))
    row, group = row[order], group[order]
    ours = row < s.size
    size = int(group[-1]) + 1
    n_a, n_b = (np.bincount(group[side], minlength=size) for side in (ours, ~ours))
    product = n_a * n_b
    product[product > WIDE] = 0
    first_b = np.cumsum(n_b) - n_b
    left, of = row[ours], group[ours]
    times = np.where(product[of] > 0, n_b[of], 0)
    start = np.repeat(first_b[of], times)
    step = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    return np.repeat(left, times), row[~ours][start + step]


def _near(s: Sides) -> tuple[Ints, Ints]:
    placed = np.flatnonzero(s.stated)
    ours, theirs = placed[placed < s.size], placed[placed >= s.size]
    if not (ours.size and theirs.size):
        return placed[:0], placed[:0]
    tree = PackedTree(s.lon[theirs], s.lat[theirs])
    query, target, _ = within_batch(tree, s.lon[ours], s.lat[ours], NEAR_M)
    return ours[query], theirs[target]
