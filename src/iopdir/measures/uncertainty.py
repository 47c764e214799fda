"""How sure a coverage is: listings that may be gone, and the margins of counts."""

from __future__ import annotations

from typing import Final

import numpy as np

from iopdir.spatial.geodesy import FloatArray

__all__ = ["LISTING_ACTIVE", "LISTING_STRESS", "check_probabilities", "share_margin", "share_with_one"]

LISTING_ACTIVE: Final = (0.50, 0.92)
"""Least and most probable that a listing stands for care one can get.

Flag S, from an excerpt: of 697 substance use practices the listings were functionally accurate for 50 to 92 % by
source, 82.8 % on average (Riley et al. 2024, PMC11260587). A listing also ages: 10 to 14 % of facilities a year closed
or stopped responding (N-SSATS 2019, table 2.1; S, excerpt). For intensive outpatient care nobody has measured it."""

LISTING_STRESS: Final = 0.18
"""A stress case: senate staff got appointments from 18 % of the mental-health listings of 12 Medicare Advantage plans
that they tried (120 calls in 6 states, 0 to 50 % by state; flag 2°). Another kind of listing, and an appointment."""


def share_with_one(sites_within: FloatArray, active: float) -> FloatArray:
    """Give the probability that at least one of m listings is active, `1 - (1 - p)^m`.

    It takes listings to be active or not independently of each other; where they close together (one owner,
    one county budget) the truth is lower.

    Parameters
    ----------
    sites_within
        How many are within reach, shape (n,).
    active
        Probability that a listing is active.

    Returns
    -------
    FloatArray
        Shape (n,).

    Examples
    --------
    >>> share_with_one(np.array([0.0, 1.0, 2.0]), 0.5)
    array([0.  , 0.5 , 0.75])
    """
    chance: FloatArray = 1.0 - np.power(1.0 - active, sites_within)
    return chance


def check_probabilities(listing_active: float | tuple[float, float]) -> tuple[float, float]:
    """Read one probability or a range of them."""
    low, high = listing_active if isinstance(listing_active, tuple) else (listing_active, listing_active)
    if not 0 <= low <= high <= 1:
        raise ValueError(
            f"listing_active must be a probability or a rising pair of them, not {listing_active}"
        )
    return low, high


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
