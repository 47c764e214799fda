"""Every pair of a query point and a point of a packed tree within a radius, measured."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from iopdir.spatial.blocks import LANES, Blocks, PackedTree, gaps
from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import (
    PAD_M,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    FloatArray,
    IntArray,
    check_lonlat,
    chord_never_above,
    geodesic_m,
    stretched_never_above,
    to_xyz,
)
from iopdir.spatial.threads import in_threads

__all__ = ["list_pairs", "within_batch"]

_CHUNK: Final = 4_096
_STRETCH2: Final = (SEMI_MAJOR_M / SEMI_MINOR_M) ** 2


def within_batch(
    tree: PackedTree, lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike
) -> tuple[IntArray, IntArray, FloatArray]:
    """List every pair of a query point and a point of the tree within a radius.

    Parameters
    ----------
    tree
        Points to search among.
    lon, lat
        Query points, degrees, shape (n,).
    radius_m
        Metres over the ground, inclusive: one radius, or one for each query point, shape (n,).

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
        If a radius is negative or NaN, or there is not one for each query point.

    Examples
    --------
    >>> tree = PackedTree([-87.6, -122.4], [41.9, 37.8])
    >>> origin, destination, distance_m = within_batch(tree, [-90.0, 0.0], [40.0, 0.0], 300_000)
    >>> origin, destination, distance_m.round()
    (array([0]), array([0]), array([292133.]))
    """
    lons, lats = check_lonlat(lon, lat)
    radii: FloatArray = np.asarray(radius_m, dtype=np.float64)
    if not (radii >= 0).all():
        raise ValueError(f"radius_m must be 0 or more, not {radii}")
    if radii.ndim and radii.shape != lons.shape:
        raise ValueError(f"radius_m must be one radius or {lons.size}, found shape {radii.shape}")
    radii = np.broadcast_to(radii, lons.shape)
    parts: dict[int, tuple[IntArray, IntArray, FloatArray]] = {}

    def work(part: slice) -> None:
        origin, target, length = list_pairs(tree, lons[part], lats[part], radii[part], len(tree))
        parts[part.start] = origin + part.start, target, length

    in_threads(work, lons.size, chunk=_CHUNK)
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    origins, targets, lengths = zip(*(parts[start] for start in sorted(parts)), strict=True)
    return np.concatenate(origins), np.concatenate(targets), np.concatenate(lengths)


def list_pairs(
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


@compiled
def _walk_within(
    tree: Blocks,
    x: float,
    y: float,
    z: float,
    chord2: float,
    stretched2: float,
    twins: int,
    out: IntArray,
    stack: IntArray,
) -> tuple[int, int]:
    """Count, and list if there is room, the points that no bound rules out; count the blocks visited."""
    lane2, leaves = np.empty(LANES), tree.points.shape[0]
    stack[0] = leaves + tree.child.size - 1
    height, found, visited = 1, 0, 0
    while height:
        height, visited = height - 1, visited + 1
        b = stack[height]
        if b < leaves:
            for j in range(LANES):
                dx, dy, dz = tree.points[b, 0, j] - x, tree.points[b, 1, j] - y, tree.points[b, 2, j] - z
                flat2 = dx * dx + dy * dy
                near = flat2 + dz * dz <= chord2 and flat2 + dz * dz * _STRETCH2 <= stretched2
                if near and tree.twin[b, j] < twins:
                    if out.size:
                        out[found] = tree.position[b, j]
                    found += 1
        else:
            gaps(tree.boxes, b - leaves, x, y, z, lane2)
            for j in range(LANES):
                stack[height] = tree.child[b - leaves] + j
                height += lane2[j] <= chord2
    return found, visited


@compiled
def count_within(
    tree: Blocks, xyz: FloatArray, chord2: FloatArray, stretched2: FloatArray, twins: int, count: IntArray
) -> int:
    """Count what `fill_within` will list; return how many blocks were visited."""
    visited, nothing, stack = 0, np.empty(0, dtype=np.int64), np.empty(256, dtype=np.int64)
    for i in range(xyz.shape[0]):
        count[i], walked = _walk_within(
            tree, xyz[i, 0], xyz[i, 1], xyz[i, 2], chord2[i], stretched2[i], twins, nothing, stack
        )
        visited += walked
    return visited


@compiled
def fill_within(
    tree: Blocks,
    xyz: FloatArray,
    chord2: FloatArray,
    stretched2: FloatArray,
    twins: int,
    start: IntArray,
    out: IntArray,
) -> None:
    """List the points within the bounds of each query, from its start on, up to so many on one spot."""
    stack = np.empty(256, dtype=np.int64)
    for i in range(xyz.shape[0]):
        _walk_within(
            tree, xyz[i, 0], xyz[i, 1], xyz[i, 2], chord2[i], stretched2[i], twins, out[start[i] :], stack
        )
