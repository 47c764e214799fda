"""Who lives where, shuffled: what a difference between groups would be by chance alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.geography.areas import find_residence
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = [
    "Blocks",
    "PermutationTest",
    "differences",
    "find_blocks",
    "reorder",
    "same_sign",
    "shuffled_people",
]

Blocks: TypeAlias = Literal["county", "state"]
"""What a permutation test can shuffle as wholes."""


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """How a difference between groups, over all specifications, compares with chance.

    Parameters
    ----------
    median
        Of the differences.
    p_median
        Share of permutations whose median is as far from 0; never 0.
    same_sign
        Share of specifications whose difference has the sign that most have.
    p_same_sign
        Share of permutations in which as many agree.
    permutations, seed
        How many, and from which seed.
    blocks
        What was shuffled as a whole; None for single demand points.
    """

    median: float
    p_median: float
    same_sign: float
    p_same_sign: float
    permutations: int
    seed: int
    blocks: str | None = None


def find_blocks(demand: pd.DataFrame, live: IntArray, kind: Blocks | None) -> tuple[IntArray, IntArray]:
    """Put some demand points in the order of their blocks, and say where each block starts.

    Parameters
    ----------
    demand
        Demand points.
    live
        Positions of those to shuffle.
    kind
        A point belongs to the county or state where most of its people live; None makes each a block.

    Returns
    -------
    tuple[IntArray, IntArray]
        Positions, block by block and in each in the order of the ids; places in them where a block starts.

    Raises
    ------
    UnknownNameError
        If the kind is not known.

    Examples
    --------
    >>> towns = pd.DataFrame({"county_fips": ["50023", "50001", "50023"], "vintage": 2023}, index=["b", "c", "a"])
    >>> find_blocks(towns.assign(lon=-72.6, lat=44.3), np.arange(3), "county")
    (array([1, 2, 0]), array([0, 1]))
    """
    if kind is None:
        return live, np.arange(live.size)
    if kind not in get_args(Blocks):
        raise UnknownNameError("kind of blocks", kind, get_args(Blocks))
    homes = find_residence(demand, territories=True)
    most = np.lexsort((-homes.weight, homes.point))
    first = most[np.unique(homes.point[most], return_index=True)[1]]
    names = homes.county if kind == "county" else homes.state
    block = np.unique(names[first], return_inverse=True)[1][live]
    order = np.lexsort((pd.factorize(demand.index[live], sort=True)[0], block))
    return live[order], np.flatnonzero(np.diff(block[order], prepend=-1))


def reorder(live: IntArray, starts: IntArray, rng: np.random.Generator) -> IntArray:
    """Put blocks of points in a new order."""
    if starts.size == live.size:
        return rng.permutation(live)
    ends = np.append(starts[1:], live.size)
    return np.concatenate([live[starts[one] : ends[one]] for one in rng.permutation(starts.size)])


def shuffled_people(count: FloatArray, total: FloatArray, shuffle: tuple[Any, Any] | None) -> FloatArray:
    """Give each inhabited point the share of another; shape (n, shuffles)."""
    if shuffle is None:
        return count[:, None]
    live, orders = shuffle
    result = np.repeat(count[:, None], orders.shape[1], axis=1)
    share = np.divide(count, total, out=np.zeros(count.size), where=total > 0)
    result[live] = share[orders] * total[live][:, None]
    return result


def differences(scores: FloatArray, groups: Sequence[FloatArray]) -> FloatArray:
    """Take the mean score of one group from that of another; groups of shape (n, k) to (specifications, k).

    Raises
    ------
    ValueError
        If a group has nobody.
    """
    means = []
    for group in groups:
        total = group.sum(axis=0)
        if not (total > 0).all():
            raise ValueError("a group to compare has nobody in it")
        means.append(scores @ group / total)
    return np.asarray(means[0] - means[1], dtype=np.float64)


def same_sign(found: FloatArray) -> FloatArray:
    """Give the share of specifications that agree in sign with most, for each shuffle."""
    return np.asarray(np.maximum((found > 0).mean(axis=0), (found < 0).mean(axis=0)), dtype=np.float64)
