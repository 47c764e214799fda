"""A packed R-tree for bulk work: points in blocks, blocks in blocks of blocks.

Points are laid along a space-filling curve through geocentric space and cut into blocks, blocks into blocks of
blocks, each with its bounding box and the sum of its weights. `knn` finds the nearest, `pairs` lists what lies
within a radius, `rings` and `disks` add up weights.

The tree is blocks of `LANES`: a leaf block holds so many points, a box block the boxes of so many blocks. Both
keep each coordinate of their lanes side by side, so that a whole block is compared with a place in a few vector
instructions. Unused lanes lie at infinity, where no finite bound reaches.

Queries come in runs of neighbours along the same curve. The tree is walked once for a run, from its middle, with
every bound widened by the radius of the run; what the walk cannot decide for all of them is listed and compared
with each. Each walk returns how many blocks it visited.

Trees pickle: any engine can map the bulk functions over the parts of a table. The first call in the life of an
installation compiles for some seconds; later processes read the result from disk.
"""

from __future__ import annotations

import math
from copy import copy
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from iopdir.spatial.compiled import compiled, inlined
from iopdir.spatial.geodesy import PAD_M, SEMI_MAJOR_M, FloatArray, IntArray, check_lonlat, to_xyz
from iopdir.spatial.threads import in_threads

__all__ = [
    "LANES",
    "RUN",
    "Blocks",
    "PackedTree",
    "by_lanes",
    "chords",
    "chords_to",
    "gaps",
    "gather",
    "in_curve_order",
    "span2",
    "unpack",
]

LANES: Final = 8
"""Points or boxes a block: the doubles of one 512-bit register, or two of 256 bits."""

RUN: Final = 32
"""Queries a walk, at most."""

_CURVE_BITS: Final = 16
_LOOK_BACK: Final = 16


class Blocks(NamedTuple):
    """A packed tree. Blocks are numbered leaves first, then boxes from the bottom up; the last is the root."""

    points: FloatArray  # (leaves, 3, LANES), metres
    position: IntArray  # (leaves, LANES), where each point stood in the caller's arrays
    twin: IntArray  # (leaves, LANES), how many points before it are known to lie on the same spot
    boxes: FloatArray  # (box blocks, 6, LANES), low x, y, z, high x, y, z
    child: IntArray  # (box blocks,), number of the first block below
    weight: FloatArray  # (leaves, LANES)
    total: FloatArray  # (box blocks, LANES), weight below each box


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


def in_curve_order(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, IntArray]:
    """Geocentric coordinates, and the order of the points along the curve."""
    xyz, order = np.empty((lon.size, 3)), np.empty(lon.size, dtype=np.int64)

    def work(part: slice) -> None:
        xyz[part] = to_xyz(lon[part], lat[part])

    in_threads(work, lon.size)
    along_curve(xyz, order)
    return xyz, order


def _pack(lon: FloatArray, lat: FloatArray) -> Blocks:
    """Cut points in curve order into leaf blocks, and blocks into box blocks up to a single root."""
    xyz, order = in_curve_order(lon, lat)
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
        lows, highs = by_lanes(low, np.inf), by_lanes(high, -np.inf)
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
        sums.append(by_lanes(below, 0.0))
        below = sums[-1].sum(axis=1)
    return np.concatenate(sums)


def by_lanes(values: FloatArray, filler: float) -> FloatArray:
    """Cut along the first axis into groups of `LANES`, the last one filled up."""
    short = -values.shape[0] % LANES
    filled = np.concatenate([values, np.full((short, *values.shape[1:]), filler)])
    return filled.reshape(filled.shape[0] // LANES, LANES, *values.shape[1:])


@inlined
def _spread(bits: int) -> int:
    """Put two zeros between the bits of a 16-bit number."""
    bits = (bits | (bits << 16)) & 0x0000FF0000FF
    bits = (bits | (bits << 8)) & 0x00F00F00F00F
    bits = (bits | (bits << 4)) & 0x0C30C30C30C3
    return (bits | (bits << 2)) & 0x249249249249


@compiled
def along_curve(xyz: FloatArray, order: IntArray) -> None:
    """Order points along a Morton curve through the cube around the Earth, in steps of some 200 m."""
    n = order.size
    scale = (1 << _CURVE_BITS) / (2.0 * SEMI_MAJOR_M + 2.0)
    keys, other, count = (
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
        np.empty(4096, dtype=np.int64),
    )
    for i in range(n):
        x = _spread(int((xyz[i, 0] + SEMI_MAJOR_M + 1.0) * scale))
        y = _spread(int((xyz[i, 1] + SEMI_MAJOR_M + 1.0) * scale))
        z = _spread(int((xyz[i, 2] + SEMI_MAJOR_M + 1.0) * scale))
        keys[i], order[i] = x << 2 | y << 1 | z, i
    for shift in range(0, 3 * _CURVE_BITS, 12):  # radix sort, 12 of the 48 bits at a time
        count[:] = 0
        for i in range(n):
            count[(keys[i] >> shift) & 4095] += 1
        before = 0
        for digit in range(4096):
            before, count[digit] = before + count[digit], before
        for i in range(n):
            digit = (keys[order[i]] >> shift) & 4095
            other[count[digit]] = order[i]
            count[digit] += 1
        order[:] = other


@compiled
def count_twins(lon: FloatArray, lat: FloatArray, twin: IntArray) -> None:
    """Count the points before each one, in curve order, that lie on the same spot; a few steps back will do.

    Among the k nearest there is no room for a point with k or more before it on its spot.
    """
    for i in range(lon.size):
        twin[i] = 0
        for j in range(i - 1, max(i - 1 - _LOOK_BACK, -1), -1):
            if lon[j] == lon[i] and lat[j] == lat[i]:
                twin[i] = twin[j] + 1
                break


@inlined
def gaps(boxes: FloatArray, b: int, x: float, y: float, z: float, gap2: FloatArray) -> None:
    """Squared chord to the nearest point of each box."""
    for j in range(LANES):
        dx, ex = boxes[b, 0, j] - x, x - boxes[b, 3, j]
        dy, ey = boxes[b, 1, j] - y, y - boxes[b, 4, j]
        dz, ez = boxes[b, 2, j] - z, z - boxes[b, 5, j]
        dx, dy, dz = max(dx, ex, 0.0), max(dy, ey, 0.0), max(dz, ez, 0.0)
        gap2[j] = dx * dx + dy * dy + dz * dz


@inlined
def span2(boxes: FloatArray, b: int, j: int, x: float, y: float, z: float) -> float:
    """Squared chord to the farthest corner of one box."""
    dx = max(x - boxes[b, 0, j], boxes[b, 3, j] - x)
    dy = max(y - boxes[b, 1, j], boxes[b, 4, j] - y)
    dz = max(z - boxes[b, 2, j], boxes[b, 5, j] - z)
    return float(dx * dx + dy * dy + dz * dz)


@inlined
def chords(points: FloatArray, b: int, x: float, y: float, z: float, chord2: FloatArray) -> None:
    """Squared chord to each point of a leaf."""
    for j in range(LANES):
        dx, dy, dz = points[b, 0, j] - x, points[b, 1, j] - y, points[b, 2, j] - z
        chord2[j] = dx * dx + dy * dy + dz * dz


@inlined
def chords_to(near: FloatArray, n: int, x: float, y: float, z: float, chord2: FloatArray) -> None:
    """Squared chord to each of n listed points."""
    for j in range(n):
        dx, dy, dz = near[0, j] - x, near[1, j] - y, near[2, j] - z
        chord2[j] = dx * dx + dy * dy + dz * dz


@compiled
def gather(xyz: FloatArray, members: IntArray, run: FloatArray) -> tuple[float, float, float, float]:
    """Copy a run of queries, and find its middle and radius."""
    n = members.size
    x, y, z, radius2 = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        q = members[i]
        run[0, i], run[1, i], run[2, i] = xyz[q, 0], xyz[q, 1], xyz[q, 2]
        x, y, z = x + run[0, i], y + run[1, i], z + run[2, i]
    x, y, z = x / n, y / n, z / n
    for i in range(n):
        dx, dy, dz = run[0, i] - x, run[1, i] - y, run[2, i] - z
        radius2 = max(radius2, dx * dx + dy * dy + dz * dz)
    return x, y, z, math.sqrt(radius2) + PAD_M


@compiled
def unpack(tree: Blocks, pool: IntArray, near: FloatArray) -> int:
    """Copy listed points side by side, and fill up to a whole number of blocks with points at infinity."""
    n = pool.size
    for j in range(n):
        b, lane = pool[j] // LANES, pool[j] % LANES
        near[0, j], near[1, j], near[2, j] = (
            tree.points[b, 0, lane],
            tree.points[b, 1, lane],
            tree.points[b, 2, lane],
        )
        near[3, j] = tree.weight[b, lane]
    whole = -(-n // LANES) * LANES
    near[:3, n:whole], near[3, n:whole] = np.inf, 0.0
    return whole
