"""A live index of points: insert, remove, and ask at once, over `rtree` (libspatialindex).

The index holds geocentric boxes without extent, so that its distances are chords. It starts in milliseconds
and never waits for a compiler; answers are those of the packed tree, bit for bit, because chords only choose
candidates and geodesics decide. libspatialindex is not safe between threads: each index has a lock, and its
methods take turns.
"""

from __future__ import annotations

import math
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rtree import index as libspatialindex

from iopdir.spatial.geodesy import (
    PAD_M,
    FloatArray,
    IntArray,
    check_lonlat,
    chord_never_above,
    geodesic_m,
    geodesic_never_above,
    to_xyz,
)

__all__ = ["DynamicIndex"]

_CAPACITY: Final = 16
_LAST: Final = np.iinfo(np.int64).max


class DynamicIndex:
    """Points on the ellipsoid that come and go; each has a handle, its number in order of insertion.

    Threads may ask and change one index at once. It pickles and copies by its table of points.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326, shape (n,). May be empty. They get the handles 0 to n - 1.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.

    Examples
    --------
    >>> index = DynamicIndex([-87.6, -122.4], [41.9, 37.8])
    >>> index.insert(-90.2, 38.6)
    2
    >>> handle, distance_m = index.nearest([-90.0], [40.0], 1)
    >>> handle, distance_m.round()
    (array([[2]]), array([[156384.]]))
    """

    def __init__(self, lon: ArrayLike, lat: ArrayLike) -> None:
        self.lon, self.lat = (np.array(degrees) for degrees in check_lonlat(lon, lat))
        self.alive = np.ones(self.lon.size, dtype=np.bool_)
        self._load()

    def _load(self) -> None:
        """Build the index of the points that are alive."""
        self._lock = Lock()
        self._xyz = to_xyz(self.lon, self.lat)
        shape = libspatialindex.Property(dimension=3, leaf_capacity=_CAPACITY, index_capacity=_CAPACITY)
        handles = np.flatnonzero(self.alive)
        loaded = (handles, self._xyz[handles], self._xyz[handles])
        self._rtree = libspatialindex.Index(*[loaded] * bool(handles.size), properties=shape)

    def __getstate__(self) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
        with self._lock:
            return self.lon, self.lat, self.alive.copy()

    def __setstate__(self, state: tuple[FloatArray, FloatArray, NDArray[np.bool_]]) -> None:
        self.lon, self.lat, self.alive = state
        self._load()

    def __len__(self) -> int:
        return int(self.alive.sum())

    def insert(self, lon: float, lat: float) -> int:
        """Add a point.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4326.

        Returns
        -------
        int
            Its handle.

        Raises
        ------
        CoordinateError
            If a coordinate is NaN or not on Earth.
        """
        new_lon, new_lat = check_lonlat(lon, lat)
        xyz = to_xyz(new_lon, new_lat)
        with self._lock:
            handle = self.lon.size
            self._rtree.insert(handle, (*xyz[0], *xyz[0]))
            self.lon, self.lat = np.append(self.lon, new_lon), np.append(self.lat, new_lat)
            self._xyz, self.alive = np.vstack([self._xyz, xyz]), np.append(self.alive, True)
        return handle

    def remove(self, handle: int) -> None:
        """Take a point out; its handle is never given again.

        Raises
        ------
        IndexError
            If there is no point with that handle.
        """
        with self._lock:
            if not (0 <= handle < self.alive.size and self.alive[handle]):
                raise IndexError(f"no point has handle {handle}")
            self._rtree.delete(handle, (*self._xyz[handle], *self._xyz[handle]))
            self.alive[handle] = False

    def nearest(
        self,
        lon: ArrayLike,
        lat: ArrayLike,
        k: int = 1,
        *,
        max_distance_m: float = math.inf,
        accept: NDArray[np.bool_] | None = None,
        rank: IntArray | None = None,
    ) -> tuple[IntArray, FloatArray]:
        """Find the k nearest points for every query point, widening the search until they are certain.

        Parameters
        ----------
        lon, lat
            Query points, degrees, shape (n,).
        k
            How many, at least 1.
        max_distance_m
            Nothing beyond this, inclusive.
        accept
            Which handles count at all, one entry a handle; all if not given. Handles without an entry do not.
        rank
            Decides between equally near points, one entry a handle; the lower handle if not given. Handles
            without an entry come last.

        Returns
        -------
        tuple[IntArray, FloatArray]
            Handles and geodesics in metres, each of shape (n, k), nearest first; where there are fewer than
            k, handle -1 and distance `inf`.

        Raises
        ------
        CoordinateError
            If a coordinate is NaN or not on Earth.
        ValueError
            If `k` is below 1 or the distance negative or NaN.
        """
        lons, lats = check_lonlat(lon, lat)
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        if not max_distance_m >= 0:
            raise ValueError(f"max_distance_m must be 0 or more, not {max_distance_m}")
        xyz = to_xyz(lons, lats)
        handle, distance = np.full((lons.size, k), -1, dtype=np.int64), np.full((lons.size, k), np.inf)
        cap = float(chord_never_above(max_distance_m)) + PAD_M
        with self._lock:
            size = len(self)
            accept, rank = self._one_a_handle(accept, fill=False), self._one_a_handle(rank, fill=_LAST)
            pending, wanted = np.arange(lons.size if size else 0), min(k + 1, size)
            while pending.size:
                row, found, chord, frontier = self._by_chord(xyz[pending], wanted)
                if wanted == size:
                    frontier[:] = np.inf
                if accept is not None:
                    kept = accept[found]
                    row, found, chord = row[kept], found[kept], chord[kept]
                reach = np.minimum(_reach(row, chord, k, pending.size), cap)
                settled = frontier > reach
                near = settled[row] & (chord <= reach[row])
                self._rank(
                    lons, lats, pending[row[near]], found[near], max_distance_m, rank, handle, distance
                )
                pending, wanted = pending[~settled], min(4 * wanted, size)
        return handle, distance

    def within(self, lon: float, lat: float, radius_m: float) -> tuple[IntArray, FloatArray]:
        """List the points within a radius of one place.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4326.
        radius_m
            Metres over the ground, inclusive.

        Returns
        -------
        tuple[IntArray, FloatArray]
            Handles and geodesics in metres, nearest first, equally near points by handle.

        Raises
        ------
        CoordinateError
            If a coordinate is NaN or not on Earth.
        ValueError
            If the radius is negative or NaN.
        """
        lons, lats = check_lonlat(lon, lat)
        if not radius_m >= 0:
            raise ValueError(f"radius_m must be 0 or more, not {radius_m}")
        xyz, reach = to_xyz(lons, lats)[0], float(chord_never_above(radius_m)) + PAD_M
        box = (*(xyz - reach), *(xyz + reach))
        with self._lock:
            found = np.fromiter(self._rtree.intersection(box), dtype=np.int64)
            found = found[((self._xyz[found] - xyz) ** 2).sum(axis=1) <= reach * reach]
            there = self.lon[found], self.lat[found]
        distance = geodesic_m(np.repeat(lons, found.size), np.repeat(lats, found.size), *there)
        order = np.lexsort((found, distance))[: int((distance <= radius_m).sum())]
        return found[order], distance[order]

    def _one_a_handle(self, given: NDArray[Any] | None, fill: int) -> NDArray[Any] | None:
        """Fill up for the points that came since the caller looked."""
        return (
            given if given is None else np.pad(given, (0, self.lon.size - given.size), constant_values=fill)
        )

    def _by_chord(self, xyz: FloatArray, wanted: int) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """List the smallest chords of each query, ordered by query and chord, and the largest of each."""
        search: Any = self._rtree.nearest_v
        found = search(xyz, xyz, num_results=wanted, strict=True)[0].reshape(-1, wanted)
        chord = np.sqrt(((self._xyz[found] - xyz[:, None]) ** 2).sum(axis=2))
        order = np.argsort(chord, axis=1)
        found, chord = (np.take_along_axis(table, order, axis=1) for table in (found, chord))
        return np.repeat(np.arange(xyz.shape[0]), wanted), found.ravel(), chord.ravel(), chord[:, -1].copy()

    def _rank(
        self,
        lons: FloatArray,
        lats: FloatArray,
        row: IntArray,
        found: IntArray,
        max_m: float,
        rank: IntArray | None,
        handle: IntArray,
        distance: FloatArray,
    ) -> None:
        """Settle the candidates of some queries by geodesic and write the first of them."""
        length = geodesic_m(lons[row], lats[row], self.lon[found], self.lat[found])
        order = np.lexsort((found if rank is None else rank[found], length, row))
        order = order[length[order] <= max_m]
        row, found, length = row[order], found[order], length[order]
        place = np.arange(row.size) - np.searchsorted(row, row)
        top = place < handle.shape[1]
        handle[row[top], place[top]], distance[row[top], place[top]] = found[top], length[top]


def _reach(row: IntArray, chord: FloatArray, k: int, n: int) -> FloatArray:
    """Chord beyond which nothing is among the k nearest of each query; infinite with fewer than k known."""
    start = np.searchsorted(row, np.arange(n + 1))
    known = np.diff(start) >= k
    reach = np.full(n, np.inf)
    reach[known] = chord_never_above(geodesic_never_above(chord[start[:-1][known] + k - 1])) + PAD_M
    return reach
