"""A packed R-tree for bulk work: k nearest, within a radius, and weighted sums within rings.

Points are laid along a space-filling curve through geocentric space and cut into groups of `_FANOUT`, groups
into groups of groups, each with its bounding box and the sum of its weights. Queries follow the same curve,
so that each starts from the answer of the one before it; chunks of them run in threads, without the
interpreter lock. Chords prune, geodesics decide ([iopdir.spatial.geodesy][]), ties go to the lower position.

Importing this module loads numba; the first call in the life of an installation compiles, and later
processes read the result from disk.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import copy
from typing import Final, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from iopdir.spatial.geodesy import (
    BENT_CHORD_M,
    PAD_M,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    TIGHTEST_RADIUS_M,
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

__all__ = ["PackedTree", "nearest_batch", "nearest_with_bearing", "ring_sums", "within_batch"]

_FANOUT: Final = 8
_CURVE_BITS: Final = 16
_CHUNK: Final = 262_144
_STRETCH2: Final = (SEMI_MAJOR_M / SEMI_MINOR_M) ** 2
_NEAR_M: Final = 150_000.0
_NEAR_CURVE: Final = 1.001 / (24 * TIGHTEST_RADIUS_M**2)
_BLOCK: Final = 32
_POOL: Final = 64

_F = TypeVar("_F", bound=Callable[..., object])


def _compiled(function: _F) -> _F:
    """Compile on first use, keep the result on disk, run without the interpreter lock."""
    return cast("_F", njit(cache=True, nogil=True)(function))


class _Nodes(NamedTuple):
    """What the kernels read: points in curve order, boxes and sums from the leaves up."""

    xyz: FloatArray  # (n, 3)
    position: IntArray  # (n,), where each point stood in the caller's arrays
    low: FloatArray  # (nodes, 3)
    high: FloatArray  # (nodes, 3)
    level: IntArray  # (levels + 1,), first node of each level
    weight: FloatArray  # (n,)
    total: FloatArray  # (nodes,)


class PackedTree:
    """Points on the ellipsoid, packed for bulk queries; immutable, and it pickles.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326, shape (n,). May be empty.
    weights
        What each point counts in [ring_sums][iopdir.spatial.packed.ring_sums], shape (n,); 1 if not given.

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

    __slots__ = ("lat", "lon", "nodes")

    def __init__(self, lon: ArrayLike, lat: ArrayLike, weights: ArrayLike | None = None) -> None:
        self.lon, self.lat = (np.array(degrees) for degrees in check_lonlat(lon, lat))
        self.nodes = _pack(to_xyz(self.lon, self.lat), _as_weights(weights, self.lon.size))

    def __len__(self) -> int:
        return self.lon.size

    @property
    def weights(self) -> FloatArray:
        """What each point counts, shape (n,), in the order of the points as they were given."""
        weights = np.empty(len(self))
        weights[self.nodes.position] = self.nodes.weight
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
        tree = copy(self)
        weight, total = _as_weights(weights, len(self))[self.nodes.position], np.empty_like(self.nodes.total)
        _sum_up(weight, self.nodes.level, total)
        tree.nodes = self.nodes._replace(weight=weight, total=total)
        return tree


def _as_weights(weights: ArrayLike | None, n: int) -> FloatArray:
    if weights is None:
        return np.ones(n)
    given = np.array(weights, dtype=np.float64)
    if given.shape != (n,):
        raise ValueError(f"expected one weight for each of {n} points, found shape {given.shape}")
    return given


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
        As for [nearest_batch][iopdir.spatial.packed.nearest_batch].

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
    n, found = lons.size, min(k, len(tree))
    index = np.full((n, k), -1, dtype=np.int64)
    distance, bearing = np.full((n, k), np.inf), np.full((n, k), np.nan)

    def work(part: slice) -> None:
        answer = index[part, :found], distance[part, :found], bearing[part, :found]
        _nearest_part(tree, lons[part], lats[part], max_distance_m, *answer)

    if found:
        in_threads(work, n, chunk=max(_CHUNK // k, 4096))
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
    xyz = to_xyz(lon, lat)
    unsure = np.zeros(lon.size, dtype=np.bool_)
    _nearest(tree.nodes, xyz, _along_curve(xyz), float(chord_never_above(max_m)) + PAD_M, index, unsure)
    _measure(tree, lon, lat, index >= 0, index, distance, bearing)
    doubtful = np.flatnonzero(unsure)
    if doubtful.size:
        reach_m = np.minimum(distance[doubtful].max(axis=1), max_m)
        origin, target, _ = _pairs(tree, lon[doubtful], lat[doubtful], reach_m)
        rank = np.arange(origin.size) - np.searchsorted(origin, np.arange(doubtful.size))[origin]
        top = rank < index.shape[1]
        better = np.zeros(index.shape, dtype=np.bool_)
        better[doubtful[origin[top]], rank[top]] = True
        index[better] = target[top]
        _measure(tree, lon, lat, better, index, distance, bearing)
    beyond = distance > max_m
    index[beyond], distance[beyond], bearing[beyond] = -1, np.inf, np.nan
    _sort_rows(index, distance, bearing)


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
    tree: PackedTree, lon: FloatArray, lat: FloatArray, radius_m: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """All pairs within a radius for each query, ordered by query, geodesic, position."""
    xyz = to_xyz(lon, lat)
    chord2 = (chord_never_above(radius_m) + PAD_M) ** 2
    stretched2 = (stretched_never_above(radius_m) + PAD_M) ** 2
    start = np.zeros(lon.size + 1, dtype=np.int64)
    count = start[1:]
    in_threads(
        lambda part: _count_within(tree.nodes, xyz[part], chord2[part], stretched2[part], count[part]),
        lon.size,
        chunk=1024,
    )
    np.cumsum(count, out=count)
    target = np.empty(start[-1], dtype=np.int64)
    in_threads(
        lambda part: _fill_within(tree.nodes, xyz[part], chord2[part], stretched2[part], start[part], target),
        lon.size,
        chunk=1024,
    )
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
    parts = []
    for begin in range(0, max(lons.size, 1), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        origin, target, length = _pairs(tree, lons[part], lats[part], np.full(lons[part].size, radius_m))
        parts.append((origin + begin, target, length))
    origins, targets, lengths = zip(*parts, strict=True)
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
    sums = np.zeros((lons.size, radii.size))
    if not len(tree) or not lons.size or not radii.size:
        return sums
    order = np.argsort(radii, kind="stable")
    radii = radii[order]
    inside2 = np.maximum(chord_surely_within(radii) - PAD_M, 0.0) ** 2
    outside2 = (chord_never_above(radii) + PAD_M) ** 2
    xyz = to_xyz(lons, lats)
    along = _along_curve(xyz)
    start = np.zeros(lons.size + 1, dtype=np.int64)
    count = start[1:]
    in_threads(
        lambda part: _ring_sums(tree.nodes, xyz, along[part], inside2, outside2, sums, count),
        lons.size,
        chunk=1024,
    )
    np.cumsum(sums, axis=1, out=sums)
    rows = np.flatnonzero(count)
    np.cumsum(count, out=count)
    if rows.size:
        target, ring = np.empty(start[-1], dtype=np.int64), np.empty(start[-1], dtype=np.int64)
        _ring_edges(tree.nodes, xyz, rows, inside2, outside2, start, target, ring)
        origin = np.repeat(np.arange(lons.size), np.diff(start))
        length = geodesic_m(lons[origin], lats[origin], tree.lon[target], tree.lat[target])
        keep = length <= radii[ring]
        np.add.at(sums, (origin[keep], ring[keep]), tree.weights[target[keep]])
    out = np.empty_like(sums)
    out[:, order] = sums
    return out


def _along_curve(xyz: FloatArray) -> IntArray:
    keys = np.empty(xyz.shape[0], dtype=np.int64)
    in_threads(lambda part: _hilbert(xyz[part], keys[part]), keys.size)
    return np.argsort(keys, kind="stable").astype(np.int64, copy=False)


def _pack(xyz: FloatArray, weights: FloatArray) -> _Nodes:
    n = xyz.shape[0]
    position = _along_curve(xyz)
    sizes = [-(-n // _FANOUT)]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // _FANOUT))
    level = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    low, high, total = np.empty((level[-1], 3)), np.empty((level[-1], 3)), np.empty(level[-1])
    points, weight = xyz[position], weights[position]
    _bound(points, level, low, high)
    _sum_up(weight, level, total)
    return _Nodes(points, position, low, high, level, weight, total)


@_compiled
def _spread(bits: int) -> int:
    """Put two zeros between the bits of a 16-bit number."""
    bits = (bits | (bits << 16)) & 0x0000FF0000FF
    bits = (bits | (bits << 8)) & 0x00F00F00F00F
    bits = (bits | (bits << 4)) & 0x0C30C30C30C3
    return (bits | (bits << 2)) & 0x249249249249


@_compiled
def _hilbert(xyz: FloatArray, keys: IntArray) -> None:
    """Place points along a Hilbert curve through the cube around the Earth (Skilling 2004)."""
    scale = (1 << _CURVE_BITS) / (2.0 * SEMI_MAJOR_M + 2.0)
    for i in range(keys.size):
        a = int((xyz[i, 0] + SEMI_MAJOR_M + 1.0) * scale)
        b = int((xyz[i, 1] + SEMI_MAJOR_M + 1.0) * scale)
        c = int((xyz[i, 2] + SEMI_MAJOR_M + 1.0) * scale)
        for bit in range(_CURVE_BITS - 1, 0, -1):
            low = (1 << bit) - 1
            a ^= low * ((a >> bit) & 1)
            flip, swap = low * ((b >> bit) & 1), (a ^ b) & low * (~(b >> bit) & 1)
            a, b = a ^ flip ^ swap, b ^ swap
            flip, swap = low * ((c >> bit) & 1), (a ^ c) & low * (~(c >> bit) & 1)
            a, c = a ^ flip ^ swap, c ^ swap
        b ^= a
        c ^= b
        turn = 0
        for bit in range(_CURVE_BITS - 1, 0, -1):
            turn ^= ((1 << bit) - 1) * ((c >> bit) & 1)
        keys[i] = _spread(a ^ turn) << 2 | _spread(b ^ turn) << 1 | _spread(c ^ turn)


@_compiled
def _bound(points: FloatArray, level: IntArray, low: FloatArray, high: FloatArray) -> None:
    for tier in range(level.size - 1):
        below = points.shape[0] if tier == 0 else level[tier] - level[tier - 1]
        for i in range(level[tier + 1] - level[tier]):
            node = level[tier] + i
            for d in range(3):
                low[node, d], high[node, d] = np.inf, -np.inf
                for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, below)):
                    if tier == 0:
                        low[node, d] = min(low[node, d], points[j, d])
                        high[node, d] = max(high[node, d], points[j, d])
                    else:
                        low[node, d] = min(low[node, d], low[level[tier - 1] + j, d])
                        high[node, d] = max(high[node, d], high[level[tier - 1] + j, d])


@_compiled
def _sum_up(weight: FloatArray, level: IntArray, total: FloatArray) -> None:
    for tier in range(level.size - 1):
        below = weight.size if tier == 0 else level[tier] - level[tier - 1]
        for i in range(level[tier + 1] - level[tier]):
            value = 0.0
            for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, below)):
                value += weight[j] if tier == 0 else total[level[tier - 1] + j]
            total[level[tier] + i] = value


@_compiled
def _gap2(nodes: _Nodes, node: int, x: float, y: float, z: float) -> float:
    """Squared chord to the nearest point of a box."""
    low, high = nodes.low, nodes.high
    dx = max(low[node, 0] - x, 0.0, x - high[node, 0])
    dy = max(low[node, 1] - y, 0.0, y - high[node, 1])
    dz = max(low[node, 2] - z, 0.0, z - high[node, 2])
    return float(dx * dx + dy * dy + dz * dz)


@_compiled
def _span2(nodes: _Nodes, node: int, x: float, y: float, z: float) -> float:
    """Squared chord to the farthest corner of a box."""
    low, high = nodes.low, nodes.high
    dx = max(x - low[node, 0], high[node, 0] - x)
    dy = max(y - low[node, 1], high[node, 1] - y)
    dz = max(z - low[node, 2], high[node, 2] - z)
    return float(dx * dx + dy * dy + dz * dz)


@_compiled
def _chord2(points: FloatArray, j: int, x: float, y: float, z: float) -> float:
    dx, dy, dz = points[j, 0] - x, points[j, 1] - y, points[j, 2] - z
    return float(dx * dx + dy * dy + dz * dz)


@_compiled
def _reach(chord: float) -> float:
    """Chord beyond which no geodesic is as short as the one of this chord may be."""
    if chord < _NEAR_M:
        return chord * (1.0 + chord * chord * _NEAR_CURVE) + PAD_M
    geodesic = 2.0 * SEMI_MAJOR_M * math.asin(min(1.0, chord / (2.0 * SEMI_MINOR_M)))
    if chord < BENT_CHORD_M:
        geodesic = min(geodesic, 2.0 * TIGHTEST_RADIUS_M * math.asin(chord / (2.0 * TIGHTEST_RADIUS_M)))
    return PAD_M + min(
        geodesic, 2.0 * SEMI_MAJOR_M * math.sin(min(geodesic / (2.0 * SEMI_MINOR_M), math.pi / 2))
    )


@_compiled
def _keep(chord2: float, j: int, filled: int, best2: FloatArray, best: IntArray) -> int:
    """Insert a point into the sorted list of the best, if it belongs there."""
    slot = min(filled, best.size - 1)
    if filled == best.size and chord2 >= best2[slot]:
        return filled
    while slot > 0 and best2[slot - 1] > chord2:
        best2[slot], best[slot] = best2[slot - 1], best[slot - 1]
        slot -= 1
    best2[slot], best[slot] = chord2, j
    return min(filled + 1, best.size)


@_compiled
def _search(
    nodes: _Nodes, x: float, y: float, z: float, bound: float, best2: FloatArray, best: IntArray
) -> tuple[int, float]:
    """Find the smallest chords from one place: how many, and the square of the next one within reach."""
    level, k = nodes.level, best.size
    tiers = level.size - 1
    stack, stack_gap2 = np.empty((tiers * _FANOUT + 1, 2), dtype=np.int64), np.empty(tiers * _FANOUT + 1)
    stack[0, 0], stack[0, 1], stack_gap2[0] = tiers - 1, 0, 0.0
    height, filled, passed2, bound2 = 1, 0, np.inf, bound * bound
    while height:
        height -= 1
        if stack_gap2[height] > bound2:
            continue
        tier, i = stack[height]
        if tier:
            height = _push_sorted(nodes, tier - 1, i, x, y, z, bound2, stack, stack_gap2, height)
            continue
        for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, nodes.xyz.shape[0])):
            chord2 = _chord2(nodes.xyz, j, x, y, z)
            if chord2 <= bound2:
                if filled == k:
                    passed2 = min(passed2, max(chord2, best2[k - 1]))
                filled = _keep(chord2, j, filled, best2, best)
                if filled == k:
                    bound2 = min(bound2, _reach(math.sqrt(best2[k - 1])) ** 2)
    return filled, passed2


@_compiled
def _push_sorted(
    nodes: _Nodes,
    tier: int,
    parent: int,
    x: float,
    y: float,
    z: float,
    bound2: float,
    stack: IntArray,
    stack_gap2: FloatArray,
    height: int,
) -> int:
    """Put the children within the bound on the stack, the nearest on top."""
    base, floor = nodes.level[tier], height
    for j in range(parent * _FANOUT, min(parent * _FANOUT + _FANOUT, nodes.level[tier + 1] - base)):
        gap2 = _gap2(nodes, base + j, x, y, z)
        if gap2 <= bound2:
            slot = height
            while slot > floor and stack_gap2[slot - 1] < gap2:
                stack_gap2[slot], stack[slot, 1] = stack_gap2[slot - 1], stack[slot - 1, 1]
                slot -= 1
            stack_gap2[slot], stack[slot, 1], stack[height, 0] = gap2, j, tier
            height += 1
    return height


@_compiled
def _collect(nodes: _Nodes, x: float, y: float, z: float, radius: float, out: IntArray) -> int:
    """List the points within a chord of one place: how many, or -1 if there is no room."""
    level, radius2 = nodes.level, radius * radius
    tiers = level.size - 1
    stack = np.empty((tiers * _FANOUT + 1, 2), dtype=np.int64)
    stack[0, 0], stack[0, 1] = tiers - 1, 0
    height, found = 1, 0
    while height:
        height -= 1
        tier, i = stack[height]
        if tier:
            base = level[tier - 1]
            for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, level[tier] - base)):
                if _gap2(nodes, base + j, x, y, z) <= radius2:
                    stack[height, 0], stack[height, 1] = tier - 1, j
                    height += 1
            continue
        for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, nodes.xyz.shape[0])):
            if _chord2(nodes.xyz, j, x, y, z) <= radius2:
                if found == out.size:
                    return -1
                out[found] = j
                found += 1
    return found


@_compiled
def _block(xyz: FloatArray, members: IntArray) -> tuple[float, float, float, float]:
    """Middle and radius of a few neighbouring queries."""
    x, y, z, radius2 = 0.0, 0.0, 0.0, 0.0
    for q in members:
        x, y, z = x + xyz[q, 0], y + xyz[q, 1], z + xyz[q, 2]
    x, y, z = x / members.size, y / members.size, z / members.size
    for q in members:
        radius2 = max(radius2, _chord2(xyz, q, x, y, z))
    return x, y, z, math.sqrt(radius2)


@_compiled
def _nearest(
    nodes: _Nodes,
    xyz: FloatArray,
    order: IntArray,
    cap: float,
    index: IntArray,
    unsure: NDArray[np.bool_],
) -> None:
    """Find the k smallest chords of each query; say where a geodesic may beat the last of them.

    Queries go in blocks: one search from the middle of the block bounds how far the answer of any member can
    be, and whatever lies within that is scanned for each. A block with too much to scan is halved.
    """
    k = index.shape[1]
    best2, best = np.empty(k), np.full(k, -1, dtype=np.int64)
    pool = np.empty(_POOL + 4 * k, dtype=np.int64)
    begin, width, filled = 0, _BLOCK, 0
    while begin < order.size:
        members = order[begin : begin + width]
        x, y, z, radius = _block(xyz, members)
        bound = cap + radius
        if filled == k:
            warm2 = 0.0
            for p in best:
                warm2 = max(warm2, _chord2(nodes.xyz, int(p), x, y, z))
            bound = min(bound, _reach(math.sqrt(warm2)))
        filled, passed2 = _search(nodes, x, y, z, bound, best2, best)
        if members.size == 1:
            _write(nodes, members[0], filled, passed2, best2, best, index, unsure)
            found = 0
        else:
            reach = cap + radius
            if filled == k:
                reach = min(reach, _reach(math.sqrt(best2[k - 1]) + radius) + radius)
            found = _collect(nodes, x, y, z, reach + PAD_M, pool)
            if found < 0:
                width = members.size // 2
                continue
            _scan(nodes, xyz, members, pool[:found], index, unsure)
        begin += members.size
        if 2 * found <= pool.size:
            width = min(2 * members.size, _BLOCK)


@_compiled
def _scan(
    nodes: _Nodes,
    xyz: FloatArray,
    members: IntArray,
    pool: IntArray,
    index: IntArray,
    unsure: NDArray[np.bool_],
) -> None:
    """Answer the queries of a block from a short list of points."""
    k = index.shape[1]
    best2, best, chord2 = np.empty(k), np.empty(k, dtype=np.int64), np.empty(pool.size)
    px, py, pz = np.empty(pool.size), np.empty(pool.size), np.empty(pool.size)
    for j in range(pool.size):
        p = pool[j]
        px[j], py[j], pz[j] = nodes.xyz[p, 0], nodes.xyz[p, 1], nodes.xyz[p, 2]
    for q in members:
        x, y, z = xyz[q, 0], xyz[q, 1], xyz[q, 2]
        for j in range(pool.size):
            dx, dy, dz = px[j] - x, py[j] - y, pz[j] - z
            chord2[j] = dx * dx + dy * dy + dz * dz
        filled, passed2 = 0, np.inf
        for j in range(pool.size):
            if filled == k:
                passed2 = min(passed2, max(chord2[j], best2[k - 1]))
            filled = _keep(chord2[j], pool[j], filled, best2, best)
        _write(nodes, q, filled, passed2, best2, best, index, unsure)


@_compiled
def _write(
    nodes: _Nodes,
    q: int,
    filled: int,
    passed2: float,
    best2: FloatArray,
    best: IntArray,
    index: IntArray,
    unsure: NDArray[np.bool_],
) -> None:
    for j in range(filled):
        index[q, j] = nodes.position[best[j]]
    unsure[q] = filled == best.size and passed2 <= _reach(math.sqrt(best2[filled - 1])) ** 2


@_compiled
def _sort_rows(index: IntArray, distance: FloatArray, bearing: FloatArray) -> None:
    """Order each row by distance, then position; rows are nearly sorted."""
    for i in range(index.shape[0]):
        for j in range(1, index.shape[1]):
            p, d, b, slot = index[i, j], distance[i, j], bearing[i, j], j
            while slot > 0 and (
                distance[i, slot - 1] > d or (distance[i, slot - 1] == d and index[i, slot - 1] > p >= 0)
            ):
                index[i, slot], distance[i, slot] = index[i, slot - 1], distance[i, slot - 1]
                bearing[i, slot] = bearing[i, slot - 1]
                slot -= 1
            index[i, slot], distance[i, slot], bearing[i, slot] = p, d, b


@_compiled
def _visit_within(
    nodes: _Nodes, x: float, y: float, z: float, chord2: float, stretched2: float, out: IntArray, at: int
) -> int:
    points, level = nodes.xyz, nodes.level
    tiers = level.size - 1
    stack_node = np.empty(tiers * _FANOUT + 1, dtype=np.int64)
    stack_tier = np.empty(tiers * _FANOUT + 1, dtype=np.int64)
    stack_node[0], stack_tier[0] = 0, tiers - 1
    height, found = 1, 0
    while height:
        height -= 1
        i, tier = stack_node[height], stack_tier[height]
        if tier == 0:
            for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, points.shape[0])):
                dx, dy, dz = points[j, 0] - x, points[j, 1] - y, points[j, 2] - z
                flat2 = dx * dx + dy * dy
                if flat2 + dz * dz <= chord2 and flat2 + dz * dz * _STRETCH2 <= stretched2:
                    if out.size:
                        out[at + found] = nodes.position[j]
                    found += 1
        else:
            base = level[tier - 1]
            for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, level[tier] - base)):
                if _gap2(nodes, base + j, x, y, z) <= chord2:
                    stack_node[height], stack_tier[height] = j, tier - 1
                    height += 1
    return found


@_compiled
def _count_within(
    nodes: _Nodes, xyz: FloatArray, chord2: FloatArray, stretched2: FloatArray, count: IntArray
) -> None:
    nothing = np.empty(0, dtype=np.int64)
    for i in range(xyz.shape[0]):
        count[i] = _visit_within(nodes, xyz[i, 0], xyz[i, 1], xyz[i, 2], chord2[i], stretched2[i], nothing, 0)


@_compiled
def _fill_within(
    nodes: _Nodes,
    xyz: FloatArray,
    chord2: FloatArray,
    stretched2: FloatArray,
    start: IntArray,
    out: IntArray,
) -> None:
    for i in range(xyz.shape[0]):
        _visit_within(nodes, xyz[i, 0], xyz[i, 1], xyz[i, 2], chord2[i], stretched2[i], out, start[i])


@_compiled
def _ring_of(d2: float, edges2: FloatArray) -> int:
    """First ring whose edge is at or beyond a squared chord; the number of rings if there is none."""
    ring = 0
    while ring < edges2.size and d2 > edges2[ring]:
        ring += 1
    return ring


@_compiled
def _visit_rings(
    nodes: _Nodes,
    x: float,
    y: float,
    z: float,
    inside2: FloatArray,
    outside2: FloatArray,
    sums: FloatArray,
    target: IntArray,
    ring: IntArray,
    at: int,
) -> int:
    """Add sure points to their ring; count (and list, if there is room) those an edge may cut off."""
    points, level = nodes.xyz, nodes.level
    tiers = level.size - 1
    stack_node = np.empty(tiers * _FANOUT + 1, dtype=np.int64)
    stack_tier = np.empty(tiers * _FANOUT + 1, dtype=np.int64)
    stack_node[0], stack_tier[0] = 0, tiers - 1
    height, edge = 1, 0
    rings = inside2.size
    while height:
        height -= 1
        i, tier = stack_node[height], stack_tier[height]
        if tier == 0:
            for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, points.shape[0])):
                dx, dy, dz = points[j, 0] - x, points[j, 1] - y, points[j, 2] - z
                d2 = dx * dx + dy * dy + dz * dz
                first, sure = _ring_of(d2, outside2), _ring_of(d2, inside2)
                if sure < rings:
                    sums[sure] += nodes.weight[j]
                for r in range(first, sure):
                    if target.size:
                        target[at + edge], ring[at + edge] = nodes.position[j], r
                    edge += 1
        else:
            base = level[tier - 1]
            for j in range(i * _FANOUT, min(i * _FANOUT + _FANOUT, level[tier] - base)):
                first = _ring_of(_gap2(nodes, base + j, x, y, z), outside2)
                if first == rings:
                    continue
                if first == _ring_of(_span2(nodes, base + j, x, y, z), inside2):
                    sums[first] += nodes.total[base + j]
                else:
                    stack_node[height], stack_tier[height] = j, tier - 1
                    height += 1
    return edge


@_compiled
def _ring_sums(
    nodes: _Nodes,
    xyz: FloatArray,
    order: IntArray,
    inside2: FloatArray,
    outside2: FloatArray,
    sums: FloatArray,
    edges: IntArray,
) -> None:
    nothing = np.empty(0, dtype=np.int64)
    for row in order:
        edges[row] = _visit_rings(
            nodes, xyz[row, 0], xyz[row, 1], xyz[row, 2], inside2, outside2, sums[row], nothing, nothing, 0
        )


@_compiled
def _ring_edges(
    nodes: _Nodes,
    xyz: FloatArray,
    rows: IntArray,
    inside2: FloatArray,
    outside2: FloatArray,
    start: IntArray,
    target: IntArray,
    ring: IntArray,
) -> None:
    sums = np.empty(inside2.size)
    for row in rows:
        x, y, z = xyz[row, 0], xyz[row, 1], xyz[row, 2]
        _visit_rings(nodes, x, y, z, inside2, outside2, sums, target, ring, start[row])
