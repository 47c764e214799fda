"""How sure a coverage is: sites known only by their ZIP, listings that may be gone, and what hangs on one site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from iopdir.geography.points import coordinates
from iopdir.spatial.geodesy import FloatArray
from iopdir.travel.sites import Sites

__all__ = [
    "LISTING_ACTIVE",
    "LISTING_STRESS",
    "ZIP_DISPLACEMENT",
    "Reach",
    "check_probabilities",
    "count_reach",
    "displacement_m",
    "share_with_one",
]

ZIP_DISPLACEMENT: Final = 1.5
"""A site placed in the middle of its ZIP is taken to be within this many radii of a circle as large as the ZIP.

Flag S, computed: of 13,917 sites of the SAMHSA locator of 2021 with coordinates of their own, 95.3 % are (median
0.67 radii, 2.7 km)."""

NO_AREA_M: Final = 15_500.0
"""The same for a ZIP without an area of its own (post office boxes, single buildings): flag S, the 95th
percentile of the same comparison."""

LISTING_ACTIVE: Final = (0.50, 0.92)
"""Least and most probable that a listing stands for care one can get.

Flag S, from an excerpt: of 697 substance use practices the listings were functionally accurate for 50 to 92 % by
source, 82.8 % on average (Riley et al. 2024, PMC11260587). A listing also ages: 10 to 14 % of facilities a year closed
or stopped responding (N-SSATS 2019, table 2.1; S, excerpt). For intensive outpatient care nobody has measured it."""

LISTING_STRESS: Final = 0.18
"""A stress case: senate staff got appointments from 18 % of the mental-health listings of 12 Medicare Advantage plans
that they tried (120 calls in 6 states, 0 to 50 % by state; flag 2°). Another kind of listing, and an appointment."""

_FINEST_M: Final = 1000.0
_CLASS_RATIO: Final = 1.25


def displacement_m(table: pd.DataFrame) -> FloatArray:
    """Say how far each site may be from where it is drawn.

    Parameters
    ----------
    table
        Facilities. Those whose `precision` is ``"zip_centroid"`` are displaced, according to their `zip`.

    Returns
    -------
    FloatArray
        Shape (m,), metres; 0 for a site placed by its address, or if the table has no `precision`.

    Examples
    --------
    >>> clinics = pd.DataFrame({"precision": ["address", "zip_centroid"], "zip": ["60614", "60614"]})
    >>> displacement_m(clinics).round(-2)
    array([   0., 2400.])
    """
    from iopdir.datasets import open_pack

    out = np.zeros(len(table))
    if "precision" not in table:
        return out
    rough = (table["precision"] == "zip_centroid").to_numpy(dtype=bool)
    if rough.any():
        areas = open_pack("zcta").set_index("zcta")["land_area_m2"].reindex(table["zip"][rough])
        radius = ZIP_DISPLACEMENT * np.sqrt(areas.to_numpy(dtype=np.float64) / np.pi)
        out[rough] = np.where(np.isnan(radius), NO_AREA_M, radius)
    return out


@dataclass(frozen=True, slots=True)
class Reach:
    """How many sites are within a limit of each demand point.

    Parameters
    ----------
    drawn
        Where they are drawn, shape (n,).
    surely
        If every displaced site is moved away.
    possibly
        If every displaced site is moved nearer.
    """

    drawn: FloatArray
    surely: FloatArray
    possibly: FloatArray


def count_reach(
    supply: Sites, lon: FloatArray, lat: FloatArray, limits_m: Sequence[float]
) -> dict[float, Reach]:
    """Count the sites within each limit, with the benefit of the doubt and without.

    Sites go in classes of like displacement (up to 1 km, and from there on rounded up by at most a quarter), each a
    tree with rings of its own; so no list of pairs is built.

    Parameters
    ----------
    supply
        Facilities.
    lon, lat
        Demand points, degrees, shape (n,).
    limits_m
        Metres, inclusive.

    Returns
    -------
    dict[float, Reach]
        One entry for each distinct limit.
    """
    from iopdir.spatial.blocks import PackedTree
    from iopdir.spatial.rings import ring_sums

    limits = np.unique(np.asarray(limits_m, dtype=float))
    site_lon, site_lat = coordinates(supply.table)
    off = displacement_m(supply.table)
    step = np.where(off > 0, np.ceil(np.log(np.maximum(off / _FINEST_M, 1.0)) / np.log(_CLASS_RATIO)), -1)
    counts = np.zeros((3, lon.size, limits.size))
    for number in np.unique(step):
        members = step == number
        farthest = off[members].max()
        tree = PackedTree(site_lon[members], site_lat[members])
        radii = np.stack([limits, limits - farthest, limits + farthest])
        sums = ring_sums(tree, lon, lat, np.maximum(radii, 0.0).ravel().tolist())
        sums = sums.reshape(lon.size, 3, limits.size).transpose(1, 0, 2)
        counts += np.where(radii[:, None, :] >= 0, sums, 0.0)
    return {float(limit): Reach(*(np.rint(counts[:, :, i]))) for i, limit in enumerate(limits)}


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
