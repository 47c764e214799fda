"""A bound on what any plan can add, from prices that people would pay to be reached (a Lagrangian relaxation)."""

from __future__ import annotations

from typing import Final

import numpy as np

from iopdir.scenarios.instance import Instance
from iopdir.spatial.geodesy import FloatArray

__all__ = ["tighten"]

_STEPS: Final = ((1, 100), (4, 40), (16, 40))
"""Which part of n the prices are made for, and how many steps are spent on it; choices of this package."""
_PATIENCE: Final = 8


def tighten(instance: Instance, bounds: FloatArray, reached: FloatArray) -> FloatArray:
    """Lower the bounds on what 1, 2, ... n sites can add; values of the instance are 1.

    Whoever is reached pays a price, at most all they are worth, to each open site that reaches them, and keeps the rest
    even if none does. Whatever the prices, no k sites add more than what people keep and the k dearest sites earn; so
    prices are moved towards those for which that is least (Held, Wolfe and Crowder 1974, doi:10.1007/BF01580223).

    Parameters
    ----------
    instance
        What there is to gain.
    bounds
        Known so far, shape (n,).
    reached
        What plans of 1, 2, ... n sites were found to add, shape (n,).

    Returns
    -------
    FloatArray
        Bounds, shape (n,), never above the old ones nor below `reached`.
    """
    n, row = bounds.size, instance.row
    if not instance.rows or not n:
        return bounds
    weight = instance.weight
    price = weight / np.clip(np.diff(instance.start), 1, 3)
    lowest = bounds.copy()
    for part, steps in _STEPS:
        k = -(-n // part)
        pace, waited, best = 1.0, 0, np.inf
        for _ in range(steps):
            earned = np.bincount(instance.site, price[row], minlength=instance.columns)
            size = min(n, earned.size)
            order = np.argpartition(earned, earned.size - size)[earned.size - size :]
            order = order[np.argsort(-earned[order], kind="stable")]
            sums = np.cumsum(np.append(earned[order], np.zeros(n - size)))
            found = float((weight - price).sum()) + sums
            lowest = np.minimum(lowest, found)
            if found[k - 1] < best * (1 - 1e-6):
                best, waited = found[k - 1], 0
            else:
                pace, waited = (pace / 2, 0) if waited + 1 == _PATIENCE else (pace, waited + 1)
            chosen = np.zeros(instance.columns)
            chosen[order[:k]] = 1.0
            over = np.bincount(row, chosen[instance.site], minlength=instance.rows) - 1.0
            over[((over > 0) & (price <= 0)) | ((over < 0) & (price >= weight))] = 0.0
            room, square = found[k - 1] - reached[k - 1], float(over @ over)
            if square == 0 or room <= 1e-9 * found[k - 1]:
                break
            price = np.clip(price - pace * room / square * over, 0.0, weight)
    tiny = 1e-12 * float(weight.sum())  # what adding in another order may change
    return np.maximum(np.minimum(bounds, lowest + tiny), reached)
