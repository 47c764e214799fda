"""A packed R-tree for bulk work: k nearest, within a radius, and weighted sums within rings.

Points are laid along a space-filling curve through geocentric space and cut into blocks, blocks into blocks of
blocks, each with its bounding box and the sum of its weights. Queries follow the same curve; neighbours walk the
tree together and start from the answer of those before them, on every core. Chords prune, geodesics decide, ties
go to the lower position.

These functions take arrays and give arrays, and a tree pickles: any engine can map them over the parts of a
table. The first call in the life of an installation compiles for some seconds; later processes read the result
from disk.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iopdir.spatial.geodesy import (
    PAD_M,
    FloatArray,
    IntArray,
    check_lonlat,
    chord_never_above,
    chord_surely_within,
    geodesic_m,
    in_threads,
    inverse,
    stretched_never_above,
    to_xyz,
)
from iopdir.spatial.kernels import (
    LANES,
    Blocks,
    along_curve,
    count_twins,
    count_within,
    fill_within,
    find_nearest,
    list_edges,
    sort_rows,
    sum_rings,
)

__all__ = ["PackedTree", "nearest_batch", "nearest_with_bearing", "ring_sums", "within_batch"]

_CHUNK: Final = 1 << 20
_PAIR_CHUNK: Final = 4_096


class PackedTree:
    """Points on the ellipsoid, packed for bulk queries; immutable, and it pickles.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326, shape (n,). May be empty.
    weights
        What each point counts in [ring_sums][iopdir.arrays.ring_sums], shape (n,); 1 if not given.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If there is not one weight a point.

    Examples
    --------
    >>> tree = PackedTree([-87.6, -122.4], [41.9, 37.8])
    >>> len(tree)
    2
    """

    __slots__ = ("blocks", "lat", "lon")

    lon: FloatArray
    lat: FloatArray
    blocks: Blocks

    def __init__(self, lon: ArrayLike, lat: ArrayLike, weights: ArrayLike | None = None) -> None:
        self.lon, self.lat = (np.array(degrees) for degrees in check_lonlat(lon, lat))
        self.blocks = _pack(self.lon, self.lat)
        self.blocks = self.with_weights(np.ones(len(self)) if weights is None else weights).blocks

    def __len__(self) -> int:
        return self.lon.size

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        """Unpickle into memory of its own: engines hand out read-only buffers, for which nothing is compiled."""
        self.lon, self.lat = (np.require(state[1][name], requirements="W") for name in ("lon", "lat"))
        self.blocks = Blocks(*(np.require(part, requirements="W") for part in state[1]["blocks"]))

    @property
    def weights(self) -> FloatArray:
        """What each point counts, shape (n,), in the order of the points as they were given."""
        weights, used = np.empty(len(self)), self.blocks.position >= 0
        weights[self.blocks.position[used]] = self.blocks.weight[used]
        return weights

    def with_weights(self, weights: ArrayLike) -> PackedTree:
        """Give the same points other weights, without packing them again.

        Parameters
        ----------
        weights
            Shape (n,), in the order of the points as they were given.

        Returns
        -------
        PackedTree
            A new tree that shares coordinates and boxes with this one.

        Raises
        ------
        ValueError
            If there is not one weight a point.
        """
        given = np.asarray(weights, dtype=np.float64)
        if given.shape != (len(self),):
            raise ValueError(f"expected one weight for each of {len(self)} points, found shape {given.shape}")
        tree, position = copy(self), self.blocks.position
        weight = np.zeros(position.shape)
        weight[position >= 0] = given[position[position >= 0]]
        tree.blocks = self.blocks._replace(weight=weight, total=_sums_below(weight))
        return tree


def nearest_batch(
    tree: PackedTree, lon: ArrayLike, lat: ArrayLike, k: int = 1, *, max_distance_m: float = math.inf
) -> tuple[IntArray, FloatArray]:
    """Find the k nearest points of a tree for every query point.

    Parameters
    ----------
    tree
        Points to search among.
    lon, lat
        Query points, degrees, shape (n,).
    k
        How many, at least 1.
    max_distance_m
        Nothing beyond this, inclusive.

    Returns
    -------
    tuple[IntArray, FloatArray]
        Positions in the tree and geodesics in metres, each of shape (n, k), nearest first; equally near
        points in order of position; where there are fewer than k, position -1 and distance `inf`.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If `k` is below 1 or the distance negative or NaN.

    Examples
    --------
    >>> tree = PackedTree([-87.6, -122.4], [41.9, 37.8])
    >>> index, distance_m = nearest_batch(tree, [-90.0], [40.0], 3)
    >>> index, distance_m.round()
    (array([[ 0,  1, -1]]), array([[ 292133., 2805743.,      inf]]))
    """
    return nearest_with_bearing(tree, lon, lat, k, max_distance_m=max_distance_m)[:2]


def nearest_with_bearing(
    tree: PackedTree, lon: ArrayLike, lat: ArrayLike, k: int = 1, *, max_distance_m: float = math.inf
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Find the k nearest like `nearest_batch`, and the direction in which the way to each sets out.

    Parameters
    ----------
    tree, lon, lat, k, max_distance_m
        As for [nearest_batch][iopdir.arrays.nearest_batch].

    Returns
    -------
    tuple[IntArray, FloatArray, FloatArray]
        Positions, geodesics in metres, and bearings in degrees clockwise from north, each of shape (n, k);
        -1, `inf` and NaN where there are fewer than k.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If `k` is below 1 or the distance negative or NaN.

    Examples
    --------
    >>> tree = PackedTree([1.0], [0.0])
    >>> nearest_with_bearing(tree, [0.0], [0.0])
    (array([[0]]), array([[111319.49079327]]), array([[90.]]))
    """
    lons, lats = check_lonlat(lon, lat)
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if not max_distance_m >= 0:
        raise ValueError(f"max_distance_m must be 0 or more, not {max_distance_m}")
    shape = lons.size, min(k, len(tree))
    index = np.full(shape, -1, dtype=np.int64)
    distance, bearing = np.full(shape, np.inf), np.full(shape, np.nan)
    step = max(_CHUNK // k, 4096)
    for begin in range(0, lons.size if len(tree) else 0, step):
        part = slice(begin, begin + step)
        _nearest_part(
            tree, lons[part], lats[part], max_distance_m, index[part], distance[part], bearing[part]
        )
    if k > shape[1]:
        missing = (0, 0), (0, k - shape[1])
        index, distance, bearing = (
            np.pad(part, missing, constant_values=nothing)
            for part, nothing in ((index, -1), (distance, np.inf), (bearing, np.nan))
        )
    return index, distance, bearing


def _nearest_part(
    tree: PackedTree,
    lon: FloatArray,
    lat: FloatArray,
    max_m: float,
    index: IntArray,
    distance: FloatArray,
    bearing: FloatArray,
) -> None:
    xyz, order = _in_curve_order(lon, lat)
    cap, unsure = float(chord_never_above(max_m)) + PAD_M, np.zeros(lon.size, dtype=np.bool_)
    in_threads(lambda part: find_nearest(tree.blocks, xyz, order[part], cap, index, unsure), lon.size)
    _measure(tree, lon, lat, index >= 0, index, distance, bearing)
    doubtful = np.flatnonzero(unsure)
    if doubtful.size:
        reach_m = np.minimum(distance[doubtful].max(axis=1), max_m)
        origin, target, _ = _pairs(tree, lon[doubtful], lat[doubtful], reach_m, index.shape[1])
        rank = np.arange(origin.size) - np.searchsorted(origin, np.arange(doubtful.size))[origin]
        top = rank < index.shape[1]
        index[doubtful], distance[doubtful], bearing[doubtful] = -1, np.inf, np.nan
        better = np.zeros(index.shape, dtype=np.bool_)
        better[doubtful[origin[top]], rank[top]] = True
        index[better] = target[top]
        _measure(tree, lon, lat, better, index, distance, bearing)
    beyond = distance > max_m
    index[beyond], distance[beyond], bearing[beyond] = -1, np.inf, np.nan
    sort_rows(index, distance, bearing)


def _measure(
    tree: PackedTree,
    lon: FloatArray,
    lat: FloatArray,
    which: NDArray[np.bool_],
    index: IntArray,
    distance: FloatArray,
    bearing: FloatArray,
) -> None:
    rows, target = np.nonzero(which)[0], index[which]
    distance[which], bearing[which] = inverse(lon[rows], lat[rows], tree.lon[target], tree.lat[target])


def _pairs(
    tree: PackedTree, lon: FloatArray, lat: FloatArray, radius_m: FloatArray, twins: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """All pairs within a radius of each query, up to so many on one spot, by query, geodesic, position."""
    xyz = to_xyz(lon, lat)
    chord2 = (chord_never_above(radius_m) + PAD_M) ** 2
    stretched2 = (stretched_never_above(radius_m) + PAD_M) ** 2
    start = np.zeros(lon.size + 1, dtype=np.int64)
    count_within(tree.blocks, xyz, chord2, stretched2, twins, start[1:])
    np.cumsum(start, out=start)
    target = np.empty(start[-1], dtype=np.int64)
    fill_within(tree.blocks, xyz, chord2, stretched2, twins, start, target)
    origin = np.repeat(np.arange(lon.size), np.diff(start))
    length = geodesic_m(lon[origin], lat[origin], tree.lon[target], tree.lat[target])
    keep = np.flatnonzero(length <= radius_m[origin])
    keep = keep[np.lexsort((target[keep], length[keep], origin[keep]))]
    return origin[keep], target[keep], length[keep]


def within_batch(
    tree: PackedTree, lon: ArrayLike, lat: ArrayLike, radius_m: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """List every pair of a query point and a point of the tree within a radius.

    Parameters
    ----------
    tree
        Points to search among.
    lon, lat
        Query points, degrees, shape (n,).
    radius_m
        Metres over the ground, inclusive.

    Returns
    -------
    tuple[IntArray, IntArray, FloatArray]
        Position of the query, position in the tree, and geodesic in metres, one entry a pair, ordered by
        query, then distance, then position in the tree.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If the radius is negative or NaN.

    Examples
    --------
    >>> tree = PackedTree([-87.6, -122.4], [41.9, 37.8])
    >>> origin, destination, distance_m = within_batch(tree, [-90.0, 0.0], [40.0, 0.0], 300_000)
    >>> origin, destination, distance_m.round()
    (array([0]), array([0]), array([292133.]))
    """
    lons, lats = check_lonlat(lon, lat)
    if not radius_m >= 0:
        raise ValueError(f"radius_m must be 0 or more, not {radius_m}")
    parts: dict[int, tuple[IntArray, IntArray, FloatArray]] = {}

    def work(part: slice) -> None:
        size = part.stop - part.start
        origin, target, length = _pairs(
            tree, lons[part], lats[part], np.full(size, float(radius_m)), len(tree)
        )
        parts[part.start] = origin + part.start, target, length

    in_threads(work, lons.size, chunk=_PAIR_CHUNK)
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    origins, targets, lengths = zip(*(parts[start] for start in sorted(parts)), strict=True)
    return np.concatenate(origins), np.concatenate(targets), np.concatenate(lengths)


def ring_sums(
    tree: PackedTree,
    lon: ArrayLike,
    lat: ArrayLike,
    radii_m: Sequence[float],
    weights: ArrayLike | None = None,
) -> FloatArray:
    """Add up the weights of the tree's points within each radius of every query point.

    No list of pairs is built: a group of points wholly inside a radius adds its stored sum, and only pairs
    that the chord cannot place on one side of an edge are measured.

    Parameters
    ----------
    tree
        Points to add up.
    lon, lat
        Query points, degrees, shape (n,).
    radii_m
        Metres over the ground, inclusive, shape (r,), in any order.
    weights
        Weights for this call, shape (len(tree),), in the order of the tree's points; those of the tree if
        not given.

    Returns
    -------
    FloatArray
        Shape (n, r): entry (i, j) is the sum within `radii_m[j]` of query i.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If a radius is negative or NaN, or there is not one weight a point.

    Examples
    --------
    >>> tree = PackedTree([-87.6, -122.4], [41.9, 37.8], weights=[10.0, 1.0])
    >>> ring_sums(tree, [-90.0], [40.0], [1000, 300_000, 3_000_000])
    array([[ 0., 10., 11.]])
    """
    lons, lats = check_lonlat(lon, lat)
    radii = np.asarray(radii_m, dtype=np.float64)
    if radii.ndim != 1 or not (radii >= 0).all():
        raise ValueError(f"radii_m must be distances of 0 or more, not {radii_m}")
    if weights is not None:
        tree = tree.with_weights(weights)
    order = np.argsort(radii, kind="stable")
    ascending, sums = radii[order], np.zeros((lons.size, radii.size))
    for begin in range(0, lons.size if len(tree) and radii.size else 0, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        sums[part, order] = _ring_part(tree, lons[part], lats[part], ascending)
    return sums


def _ring_part(tree: PackedTree, lon: FloatArray, lat: FloatArray, radii: FloatArray) -> FloatArray:
    """Add up sure pairs by chord, then measure those that an edge may cut off."""
    xyz, order = _in_curve_order(lon, lat)
    inside, outside = chord_surely_within(radii) - PAD_M, chord_never_above(radii) + PAD_M
    sums, start = np.zeros((lon.size, radii.size)), np.zeros(lon.size + 1, dtype=np.int64)
    edges = start[1:]
    in_threads(lambda part: sum_rings(tree.blocks, xyz, order[part], inside, outside, sums, edges), lon.size)
    np.cumsum(sums, axis=1, out=sums)
    rows = np.flatnonzero(edges)
    np.cumsum(edges, out=edges)
    if rows.size:
        target, ring = np.empty(start[-1], dtype=np.int64), np.empty(start[-1], dtype=np.int64)
        list_edges(tree.blocks, xyz, rows, inside, outside, start, target, ring)
        origin = np.repeat(np.arange(lon.size), np.diff(start))
        length = geodesic_m(lon[origin], lat[origin], tree.lon[target], tree.lat[target])
        keep = length <= radii[ring]
        np.add.at(sums, (origin[keep], ring[keep]), tree.weights[target[keep]])
    return sums


def _in_curve_order(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, IntArray]:
    """Geocentric coordinates, and the order of the points along the curve."""
    xyz, order = np.empty((lon.size, 3)), np.empty(lon.size, dtype=np.int64)

    def work(part: slice) -> None:
        xyz[part] = to_xyz(lon[part], lat[part])

    in_threads(work, lon.size)
    along_curve(xyz, order)
    return xyz, order


def _pack(lon: FloatArray, lat: FloatArray) -> Blocks:
    """Cut points in curve order into leaf blocks, and blocks into box blocks up to a single root."""
    xyz, order = _in_curve_order(lon, lat)
    leaves = max(1, -(-order.size // LANES))
    position, padded = np.full(leaves * LANES, -1, dtype=np.int64), np.full((leaves * LANES, 3), np.inf)
    position[: order.size], padded[: order.size] = order, xyz[order]
    twin = np.zeros_like(position)
    count_twins(lon[order], lat[order], twin)
    points = np.ascontiguousarray(padded.reshape(leaves, LANES, 3).transpose(0, 2, 1))
    low, high = points.min(axis=2), np.where(np.isinf(points), -np.inf, points).max(axis=2)
    boxes: list[FloatArray] = []
    child: list[IntArray] = []
    first = 0
    while low.shape[0] > 1 or not boxes:
        child.append(np.arange(first, first + low.shape[0], LANES))
        first += low.shape[0]
        lows, highs = _by_lanes(low, np.inf), _by_lanes(high, -np.inf)
        boxes.append(np.concatenate([lows, highs], axis=2).transpose(0, 2, 1))
        low, high = lows.min(axis=1), highs.max(axis=1)
    weight = np.zeros((leaves, LANES))
    return Blocks(
        points=points,
        position=position.reshape(leaves, LANES),
        twin=twin.reshape(leaves, LANES),
        boxes=np.concatenate(boxes),
        child=np.concatenate(child),
        weight=weight,
        total=_sums_below(weight),
    )


def _sums_below(weight: FloatArray) -> FloatArray:
    """Sum the weights below each box, tier by tier."""
    sums: list[FloatArray] = []
    below = weight.sum(axis=1)
    while below.size > 1 or not sums:
        sums.append(_by_lanes(below, 0.0))
        below = sums[-1].sum(axis=1)
    return np.concatenate(sums)


def _by_lanes(values: FloatArray, filler: float) -> FloatArray:
    """Cut along the first axis into groups of `LANES`, the last one filled up."""
    short = -values.shape[0] % LANES
    filled = np.concatenate([values, np.full((short, *values.shape[1:]), filler)])
    return filled.reshape(-1, LANES, *values.shape[1:])
