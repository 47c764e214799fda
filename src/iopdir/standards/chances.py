"""How sure a coverage is: the chance that enough listings are active, and margins of counts."""

from __future__ import annotations

import numpy as np

from iopdir.spatial.geodesy import FloatArray

__all__ = ["chance_of", "share_margin"]


def chance_of(sites_within: FloatArray, least: FloatArray | float, active: float) -> FloatArray:
    """Give the probability that at least so many of m listings are active; of one, `1 - (1 - p)^m`.

    It takes listings to be active or not independently of each other; where they close together (one owner,
    one county budget) the truth is lower.

    Parameters
    ----------
    sites_within
        How many are within reach, shape (n,).
    least
        How many must be active, shape (n,) or one for all; `inf` for more than there can be.
    active
        Probability that a listing is active.

    Returns
    -------
    FloatArray
        Shape (n,).

    Examples
    --------
    >>> chance_of(np.array([0.0, 1.0, 2.0]), 1, 0.5)
    array([0.  , 0.5 , 0.75])
    >>> chance_of(np.array([1.0, 2.0, 3.0]), 2, 0.5)
    array([0.  , 0.25, 0.5 ])
    """
    wanted = np.broadcast_to(np.asarray(least, dtype=float), sites_within.shape)
    chance = np.where(wanted == 1, 1.0 - np.power(1.0 - active, sites_within), 0.0)
    some = np.flatnonzero((wanted > 1) & (sites_within >= wanted))
    cases, which = np.unique(np.stack([sites_within[some], wanted[some]]), axis=1, return_inverse=True)
    chance[some] = np.array([_tail(int(many), int(enough), active) for many, enough in cases.T])[which]
    result: FloatArray = chance
    return result


def _tail(many: int, enough: int, active: float) -> float:
    """Give the probability that at least so many of so many are active, adding up the shorter side."""
    if active in (0.0, 1.0):
        return active
    few = enough <= many * active
    counts = np.arange(enough) if few else np.arange(enough, many + 1)
    logs = np.append(0.0, np.cumsum(np.log(np.arange(1, many + 1))))
    ways = logs[many] - logs[counts] - logs[many - counts]
    part = float(np.exp(ways + counts * np.log(active) + (many - counts) * np.log1p(-active)).sum())
    return 1.0 - part if few else part


def share_margin(part: FloatArray, whole: FloatArray, part2: FloatArray, whole2: FloatArray) -> FloatArray:
    """Give the margin of error of a share, as the Census Bureau derives it.

    *ACS General Handbook* (2020), chapter 8: MOE(p) = sqrt(MOE(x)^2 - p^2 MOE(y)^2) / y, and with a plus where the
    root would be negative. Flag M.

    Parameters
    ----------
    part, whole
        The counts x and y, shape (n,).
    part2, whole2
        Their margins, squared.

    Returns
    -------
    FloatArray
        Shape (n,); NaN where the whole is 0.

    Examples
    --------
    >>> share_margin(np.array([50.0]), np.array([100.0]), np.array([16.0]), np.array([36.0])).round(4)
    array([0.0265])
    """
    share = part / whole
    inside = part2 - share**2 * whole2
    margin: FloatArray = np.sqrt(np.where(inside >= 0, inside, part2 + share**2 * whole2)) / whole
    return margin
