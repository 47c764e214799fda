"""The best one-to-one pairing of two sides, exact: each connected part is solved by shortest augmenting paths."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

__all__ = ["assign"]

Ints = NDArray[np.int64]


def assign(left: Ints, right: Ints, worth: Ints) -> NDArray[np.bool_]:
    """Choose pairs so that no side stands twice and their worth adds up to the most.

    Parameters
    ----------
    left, right
        The two ends of each possible pair, shape (n,), each pair once.
    worth
        What it is worth; whole numbers above 0, so that sums are exact.

    Returns
    -------
    NDArray
        Which pairs are chosen, shape (n,).

    Notes
    -----
    Parts of one pair are chosen at once; the others are solved by the Hungarian method with potentials, as in Jonker &
    Volgenant 1987 (doi:10.1007/BF02278710), on the dense matrix of the part: cubic in its rows at worst.

    Examples
    --------
    >>> assign(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([5, 4, 3]))
    array([False,  True,  True])
    """
    chosen = np.zeros(left.size, dtype=bool)
    for part in _parts(left, right):
        if part.size == 1:
            chosen[part] = True
            continue
        rows, row = np.unique(left[part], return_inverse=True)
        columns, column = np.unique(right[part], return_inverse=True)
        turned = rows.size > columns.size
        if turned:
            row, column = column, row
        matrix = np.zeros((min(rows.size, columns.size), max(rows.size, columns.size)), dtype=np.int64)
        matrix[row, column] = worth[part]
        chosen[part] = _solve(matrix)[row] == column
    return chosen


def _parts(left: Ints, right: Ints) -> list[Ints]:
    """Positions of the pairs of each connected part."""
    parent: dict[int, int] = {}

    def top(one: int) -> int:
        while (above := parent.setdefault(one, one)) != one:
            parent[one] = one = parent.setdefault(above, above)
        return one

    pairs = list(zip(left.tolist(), (-1 - right).tolist(), strict=True))
    for one, other in pairs:
        parent[top(one)] = top(other)
    parts: dict[int, list[int]] = defaultdict(list)
    for position, (one, _) in enumerate(pairs):
        parts[top(one)].append(position)
    return [np.array(part, dtype=np.int64) for part in parts.values()]


def _solve(worth: Ints) -> Ints:
    """Column of each row, for no more rows than columns; a row that is worth nothing may get any column."""
    n, m = worth.shape
    cost = np.zeros((n, m + 1), dtype=np.int64)
    cost[:, 1:] = -worth
    far = np.int64(np.iinfo(np.int64).max // 4)
    of_row, of_column = np.zeros(n + 1, dtype=np.int64), np.zeros(m + 1, dtype=np.int64)
    taken = np.zeros(
        m + 1, dtype=np.int64
    )  # row + 1 of each column, 0 if free; column 0 stands for the start
    for row in range(1, n + 1):
        taken[0] = row
        least = np.full(m + 1, far)
        came = np.zeros(m + 1, dtype=np.int64)
        done = np.zeros(m + 1, dtype=bool)
        column = 0
        while taken[column]:
            done[column] = True
            at = taken[column]
            slack = cost[at - 1] - of_row[at] - of_column
            better = ~done & (slack < least)
            least[better], came[better] = slack[better], column
            following = int(np.where(done, far, least).argmin())
            step = least[following]
            of_row[taken[done]] += step
            of_column[done] -= step
            least[~done] -= step
            column = following
        while column:
            taken[column] = taken[came[column]]
            column = int(came[column])
    result = np.full(n, -1, dtype=np.int64)
    held = np.flatnonzero(taken[1:])
    result[taken[1:][held] - 1] = held
    return result
