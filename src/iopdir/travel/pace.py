"""How many minutes a car takes for so many metres over the ground, where so many people live around.

Around a place the pace is even in each of a few rings: minutes add up ring by ring, and more metres are always more
minutes. So a limit in minutes is a limit in metres of each place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from iopdir.datasets import open_pack
from iopdir.spatial.geodesy import (
    PAD_M,
    FloatArray,
    IntArray,
    check_lonlat,
    chord_never_above,
    geodesic_m,
    to_xyz,
)
from iopdir.units import METRES_PER_MILE

if TYPE_CHECKING:
    from iopdir.spatial.blocks import PackedTree

__all__ = ["AROUND_M", "Pace", "people_around", "read_pace"]

AROUND_M: Final = 10 * METRES_PER_MILE
"""People within 10 miles say how urban a place is; a choice of this package."""

_FEWEST: Final = 300.0
_MOST: Final = 1e7
_MIDDLE: Final = 1e5


@dataclass(frozen=True, eq=False)
class Pace:
    """Minutes a kilometre by ring around a place.

    Parameters
    ----------
    start_m
        Where each ring begins, metres over the ground, shape (r,): rising from 0. The last one has no end.
    minutes_per_km
        Where 100,000 people live within 10 miles, shape (r,).
    by_tenfold
        How much more where ten times as many do, shape (r,).
    quick_ratio, slow_ratio
        What gives the 10th and the 90th percentile of real drives, shape (r,).

    Raises
    ------
    ValueError
        If a pace is not positive somewhere, or the rings do not grow from 0.

    Examples
    --------
    >>> pace = Pace(np.array([0.0, 1000.0]), np.array([3.0, 1.0]), np.zeros(2), np.ones(2), np.ones(2))
    >>> pace.minutes(np.array([5000.0]), np.array([[500.0, 11_000.0]]))
    array([[ 1.5, 13. ]])
    >>> pace.metres(np.array([5000.0]), np.array([1.5, 13.0]))
    array([[  500., 11000.]])
    """

    start_m: FloatArray
    minutes_per_km: FloatArray
    by_tenfold: FloatArray
    quick_ratio: FloatArray
    slow_ratio: FloatArray

    def __post_init__(self) -> None:
        if self.start_m[0] != 0 or not (np.diff(self.start_m) > 0).all():
            raise ValueError("the rings of a drive estimate must grow from 0 metres")
        ratios = np.array([self.quick_ratio, self.slow_ratio])
        if not ((self._by_ring(np.array([_FEWEST, _MOST])) > 0).all() and (ratios > 0).all()):
            raise ValueError("every pace of a drive estimate must be positive")

    @staticmethod
    def scale(people: FloatArray) -> FloatArray:
        """How many tenfolds the people around a place are above 100,000; held within 300 and 10 million."""
        tenfolds: FloatArray = np.log10(np.clip(people, _FEWEST, _MOST) / _MIDDLE)
        return tenfolds

    @property
    def quick(self) -> Pace:
        """The pace that one drive in ten does not reach."""
        return self._times(self.quick_ratio)

    @property
    def slow(self) -> Pace:
        """The pace that one drive in ten exceeds."""
        return self._times(self.slow_ratio)

    def _times(self, ratio: FloatArray) -> Pace:
        return replace(self, minutes_per_km=self.minutes_per_km * ratio, by_tenfold=self.by_tenfold * ratio)

    def _by_ring(self, people: FloatArray) -> FloatArray:
        """Minutes a metre, shape (n, r)."""
        return (self.minutes_per_km + self.scale(people)[:, None] * self.by_tenfold) / 1000

    def _starts(self, by_ring: FloatArray) -> FloatArray:
        """Minutes to where each ring begins, shape (n, r)."""
        passed = np.cumsum(by_ring[:, :-1] * np.diff(self.start_m), axis=1)
        return np.hstack([np.zeros((len(by_ring), 1)), passed])

    def minutes(self, people: FloatArray, metres: FloatArray) -> FloatArray:
        """Turn distances from some places into minutes.

        Parameters
        ----------
        people
            Within 10 miles of each place, shape (n,).
        metres
            Over the ground, shape (n, k); `inf` stays.

        Returns
        -------
        FloatArray
            Minutes, shape (n, k), rising with the metres of each row.
        """
        by_ring, ring = self._by_ring(people), np.searchsorted(self.start_m, metres, side="right") - 1
        begun = np.take_along_axis(self._starts(by_ring), ring, axis=1)
        minutes: FloatArray = begun + (metres - self.start_m[ring]) * np.take_along_axis(
            by_ring, ring, axis=1
        )
        return minutes

    def metres(self, people: FloatArray, minutes: FloatArray) -> FloatArray:
        """Turn limits in minutes into limits in metres of each place: what `minutes` undoes.

        Parameters
        ----------
        people
            Within 10 miles of each place, shape (n,).
        minutes
            Shape (l,).

        Returns
        -------
        FloatArray
            Metres over the ground, shape (n, l).
        """
        by_ring = self._by_ring(people)
        starts = self._starts(by_ring)
        ring: IntArray = (starts[:, None, :] <= minutes[:, None]).sum(axis=2) - 1
        left = minutes - np.take_along_axis(starts, ring, axis=1)
        metres: FloatArray = self.start_m[ring] + left / np.take_along_axis(by_ring, ring, axis=1)
        return metres

    def to_frame(self) -> pd.DataFrame:
        """Give the parameters, one row a ring."""
        return pd.DataFrame({name: getattr(self, name) for name in self.__dataclass_fields__})


@cache
def read_pace() -> Pace:
    """Open the pack `drive_estimate`.

    Returns
    -------
    Pace
        As fitted.

    Examples
    --------
    >>> bool(read_pace().minutes_per_km[0] > read_pace().minutes_per_km[-1])
    True
    """
    table = open_pack("drive_estimate")
    return Pace(*(table[name].to_numpy(dtype=np.float64) for name in Pace.__dataclass_fields__))


class _Residents:
    """People of the embedded ZIP areas."""

    def __init__(self) -> None:
        table = open_pack("zcta")
        self.lon, self.lat, self.people = (table[name].to_numpy() for name in ("lon", "lat", "population"))

    @cached_property
    def xyz(self) -> FloatArray:
        return to_xyz(self.lon, self.lat)

    @cached_property
    def tree(self) -> PackedTree:
        from iopdir.spatial.blocks import PackedTree

        return PackedTree(self.lon, self.lat, self.people)


_residents = cache(_Residents)


def people_around(lon: FloatArray, lat: FloatArray, *, few: bool = False) -> FloatArray:
    """Count the people of the embedded ZIP areas (ACS 2018-22) within 10 miles of each place.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,).
    few
        Whether to compare one by one, which never waits for a compiler; the answer is the same.

    Returns
    -------
    FloatArray
        Shape (n,), whole people: a ZIP area counts wholly or not at all.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.

    Examples
    --------
    >>> people_around(np.array([-87.65, -150.0]), np.array([41.92, 60.0]), few=True)
    array([2516093.,       0.])
    """
    residents = _residents()
    if not few:
        from iopdir.spatial.rings import ring_sums

        return ring_sums(residents.tree, lon, lat, [AROUND_M])[:, 0]
    lons, lats = check_lonlat(lon, lat)
    reach2 = (float(chord_never_above(AROUND_M)) + PAD_M) ** 2
    out = np.zeros(lons.size)
    for i, place in enumerate(to_xyz(lons, lats)):
        near = np.flatnonzero(((residents.xyz - place) ** 2).sum(axis=1) <= reach2)
        here = np.full(near.size, lons[i]), np.full(near.size, lats[i])
        within = geodesic_m(*here, residents.lon[near], residents.lat[near]) <= AROUND_M
        out[i] = residents.people[near][within].sum()
    return out
