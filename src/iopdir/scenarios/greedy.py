"""Always the best next site, and what is proven about it: no plan can do better than its certificate says.

What each further site adds only shrinks as others open (the measure is submodular). So whatever is open, the best plan
of k sites adds at most what the k best candidates would add now, each as if alone. The least of these bounds over all
steps is the certificate (Nemhauser, Wolsey and Fisher 1978, doi:10.1007/BF01588971, bound the ratio for every
instance by 1 - 1/e; this one is for the instance at hand, and mostly far closer).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from iopdir.scenarios.instance import Instance
from iopdir.scenarios.loops import pack, score, take
from iopdir.spatial.geodesy import FloatArray

__all__ = ["Fewest", "Most", "fewest", "most", "sequence"]

_ROUNDING: Final = 1e-9
"""What is smaller, as a share of all there is to gain, counts as nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Most:
    """The most that some sites were found to add.

    Parameters
    ----------
    columns
        Candidates in the order of opening.
    gains
        What each added.
    bounds
        What the best plan of 1, 2, ... n sites adds at most, shape (n,).
    """

    columns: list[int]
    gains: list[float]
    bounds: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Fewest:
    """The fewest sites that were found to reach a target.

    Parameters
    ----------
    columns
        Candidates in the order of opening.
    least
        How many any plan needs at least, or what it costs at least.
    short
        What is still missing of each group; 0 if the target is met.
    """

    columns: list[int]
    least: float
    short: FloatArray = field(default_factory=lambda: np.zeros(0))


class _Open:
    """Which candidates are open, and what each other one still adds."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.gain, self.best = instance.worth(), np.zeros(instance.rows)

    def take(self, column: int) -> float:
        """Open a candidate; give what it adds."""
        own = self.instance
        added = take(column, *own.by_site, own.start, own.site, own.value, own.weight, self.best, self.gain)
        self.gain[column] = 0.0
        return added


def most(
    instance: Instance,
    n: int,
    *,
    price: FloatArray | None = None,
    budget: float = np.inf,
    first: Sequence[int] = (),
) -> Most:
    """Open up to n sites, always the one that adds most, or with a budget most for its price.

    Parameters
    ----------
    instance
        What there is to gain.
    n
        How many at most.
    price, budget
        Of each candidate, shape (columns,), and of all together. Whatever is best alone is tried too.
    first
        Candidates to open before all others.

    Returns
    -------
    Most
        The sites, and the certificate.
    """
    state = _Open(instance)
    nothing = _ROUNDING * float(state.gain.sum())
    bounds = np.full(n, np.inf)
    columns: list[int] = []
    gains: list[float] = []
    alone = _best_alone(state.gain, price, budget)
    left = budget
    while True:
        bounds = np.minimum(bounds, sum(gains) + _ceiling(state.gain, n, price, budget))
        if len(columns) == n:
            break
        if len(columns) < len(first):
            columns.append(first[len(columns)])
            gains.append(state.take(columns[-1]))
            continue
        open_to = state.gain if price is None else np.where(price <= left, state.gain, 0.0)
        rate = open_to if price is None else open_to / np.maximum(price, _ROUNDING)
        column = int(np.argmax(rate)) if rate.size else -1
        if column < 0 or open_to[column] <= nothing:
            break
        gains.append(state.take(column))
        columns.append(column)
        left -= 0.0 if price is None else float(price[column])
    if alone is not None and alone[1] > sum(gains):
        columns, gains = [alone[0]], [alone[1]]
    reached = np.cumsum([*gains, *[0.0] * (n - len(gains))])
    return Most(columns=columns, gains=gains, bounds=np.maximum(bounds, reached))


def _best_alone(gain: FloatArray, price: FloatArray | None, budget: float) -> tuple[int, float] | None:
    """Find the best single site that a budget pays for: beside the best rate, or the rate can be arbitrarily bad."""
    if price is None or not gain.size:
        return None
    payable = np.where(price <= budget, gain, 0.0)
    return int(payable.argmax()), float(payable.max())


def _ceiling(gain: FloatArray, n: int, price: FloatArray | None, budget: float) -> FloatArray:
    """Add up the k largest gains, k = 1 to n; with a budget no more than it pays for, the last in part."""
    size = min(n, gain.size)
    top = np.sort(np.partition(gain, gain.size - size)[gain.size - size :])[::-1] if size else np.zeros(0)
    sums = np.cumsum(np.append(top, np.zeros(n - size)))
    if price is None:
        return sums
    order = np.argsort(-gain / np.maximum(price, _ROUNDING), kind="stable")
    paid = np.cumsum(price[order])
    share = np.clip((budget - (paid - price[order])) / np.maximum(price[order], _ROUNDING), 0.0, 1.0)
    return np.minimum(sums, float(gain[order] @ share))


def sequence(instance: Instance, columns: Sequence[int]) -> tuple[list[int], list[float]]:
    """Put chosen sites in order of gain: always the one next that adds most; give what each adds.

    Parameters
    ----------
    instance
        What there is to gain.
    columns
        The sites.
    """
    state, left = _Open(instance), sorted(columns)
    order: list[int] = []
    gains: list[float] = []
    while left:
        column = left[int(np.argmax(state.gain[left]))]
        left.remove(column)
        order.append(column)
        gains.append(state.take(column))
    return order, gains


def fewest(
    instance: Instance, short: FloatArray, *, most_sites: int | None = None, price: FloatArray | None = None
) -> Fewest:
    """Open sites until no group is short of people any more, always the one that adds most of what is still missing.

    Parameters
    ----------
    instance
        What there is to gain; values are 1.
    short
        People each group still needs, shape (groups,).
    most_sites
        Stop at so many.
    price
        Of each candidate; 1 if not given.

    Returns
    -------
    Fewest
        The sites, and how many (or how much) any plan needs at least.
    """
    begin, row, _ = instance.by_site
    left, reached = short.astype(np.float64), np.zeros(instance.rows, dtype=bool)
    gain = np.zeros(instance.columns)
    prices = np.ones(instance.columns) if price is None else np.maximum(price, _ROUNDING)
    columns: list[int] = []
    least = _apart(instance, left) if price is None else 0.0
    enough = _ROUNDING * max(float(short.sum()), 1.0)
    while left.sum() > enough and (most_sites is None or len(columns) < most_sites):
        score(begin, row, instance.weight, instance.group, reached, left, gain)
        if not gain.size or gain.max() <= enough:
            break
        least = max(least, _need(gain, prices, float(left.sum()) - enough))
        column = int(np.argmax(gain / prices))
        columns.append(column)
        mine = row[begin[column] : begin[column + 1]]
        mine = mine[~reached[mine]]
        reached[mine] = True
        left = left - np.bincount(instance.group[mine], instance.weight[mine], minlength=left.size)
        left[left <= enough / max(left.size, 1)] = 0.0
    return Fewest(columns=columns, least=least, short=left)


def _apart(instance: Instance, short: FloatArray) -> float:
    """Count people, among groups that need all they have, each of whom needs a site that serves none of the others."""
    there = np.bincount(instance.group, instance.weight, minlength=short.size)
    every = np.flatnonzero(((short >= there * (1 - _ROUNDING)) & (there > 0))[instance.group])
    order = every[np.argsort(np.diff(instance.start)[every], kind="stable")]
    return float(pack(order, instance.start, instance.site, instance.columns))


def _need(gain: FloatArray, price: FloatArray, missing: float) -> float:
    """Say how many of the best candidates, each as if alone, would make up for what is missing, or what they cost."""
    order = np.argsort(-gain / price, kind="stable")
    sums = np.cumsum(gain[order])
    if (price == 1).all():
        return float(np.searchsorted(sums, missing) + 1)
    last = min(int(np.searchsorted(sums, missing)), order.size - 1)
    before = float(sums[last - 1]) if last else 0.0
    part = (missing - before) / max(float(gain[order[last]]), _ROUNDING)
    return float(price[order[:last]].sum() + price[order[last]] * min(part, 1.0))
