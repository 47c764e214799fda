"""From points to the nearest road: the segment, not the node, and the walk to it."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iopdir.roads.network import Shapes
from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.spatial.threads import in_threads

__all__ = ["Grid", "Snapped", "lay_grid", "snap"]

CELL: Final = 0.0025
"""Degrees of a cell of the grid that segments are found by, some 280 m from south to north."""

_M_PER_DEGREE: Final = 111_132.0
_EQUATOR_M_PER_DEGREE: Final = 111_320.0


class Grid(NamedTuple):
    """Segments by the cell that they cross: ``segment[start[i]:start[i + 1]]`` cross the cell ``cell[i]``."""

    cell: IntArray  # rising
    start: IntArray
    segment: NDArray[np.int32]
    chain: NDArray[np.int32]  # of each segment of the network


class Snapped(NamedTuple):
    """The nearest place on a road for each point, all of shape (n,).

    `segment` and `chain` are -1 where no road is within the limit; `share` of the segment lies before the place; the
    walk is in metres.
    """

    chain: IntArray
    segment: IntArray
    share: FloatArray
    walk: FloatArray


def lay_grid(shapes: Shapes) -> Grid:
    """Sort segments into cells.

    Parameters
    ----------
    shapes
        Roads; those where no way may begin are left out.

    Returns
    -------
    Grid
        Each segment in every cell that it crosses.
    """
    size = np.diff(shapes.start)
    chain = np.repeat(np.arange(size.size, dtype=np.int32), size)
    counted = _cells(shapes, chain, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))
    cells, segments = np.empty(counted, dtype=np.int64), np.empty(counted, dtype=np.int32)
    _cells(shapes, chain, cells, segments)
    order = np.argsort(cells, kind="stable")
    cell, first = np.unique(cells[order], return_index=True)
    return Grid(cell, np.append(first, counted), segments[order], chain)


@compiled
def _cells(shapes: Shapes, chain: NDArray[np.int32], cells: IntArray, segments: NDArray[np.int32]) -> int:
    """List the cells of each segment, row by row; only count them if there is no room."""
    found = 0
    for i in range(chain.size):
        if not shapes.doorstep[chain[i]]:
            continue
        a = i + chain[i]
        x1, y1, x2, y2 = shapes.lon[a], shapes.lat[a], shapes.lon[a + 1], shapes.lat[a + 1]
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        for row in range(_cell(y1), _cell(y2) + 1):
            low, high = max(y1, row * CELL), min(y2, (row + 1) * CELL)
            slope = (x2 - x1) / (y2 - y1) if y2 > y1 else 0.0
            left = x1 + (low - y1) * slope if y2 > y1 else x1
            right = x1 + (high - y1) * slope if y2 > y1 else x2
            if left > right:
                left, right = right, left
            for column in range(_cell(left - 1e-9), _cell(right + 1e-9) + 1):
                if cells.size:
                    cells[found], segments[found] = _key(row, column), i
                found += 1
    return found


@compiled
def _cell(degrees: float) -> int:
    return math.floor(degrees / CELL)


@compiled
def _key(row: int, column: int) -> int:
    return (row + (1 << 20)) * (1 << 21) + column + (1 << 20)


def snap(grid: Grid, shapes: Shapes, lon: FloatArray, lat: FloatArray, limit_m: float) -> Snapped:
    """Find the nearest road of each point.

    Parameters
    ----------
    grid, shapes
        Roads.
    lon, lat
        Degrees, shape (n,); a point that is not on Earth has no road.
    limit_m
        How far to look, inclusive.

    Returns
    -------
    Snapped
        Nearest in the plane that touches the Earth at the point; of equally near segments the first.
    """
    n = lon.size
    found = Snapped(
        np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64), np.zeros(n), np.full(n, np.nan)
    )

    def work(part: slice) -> None:
        _snap(grid, shapes, lon, lat, limit_m, part.start, part.stop, *found)

    in_threads(work, n, what="Finding the nearest roads")
    return found


@compiled
def _snap(
    grid: Grid,
    shapes: Shapes,
    lon: FloatArray,
    lat: FloatArray,
    limit_m: float,
    begin: int,
    end: int,
    chain: IntArray,
    segment: IntArray,
    share: FloatArray,
    walk: FloatArray,
) -> None:
    for point in range(begin, end):
        x, y = lon[point], lat[point]
        if not (abs(x) <= 180 and abs(y) <= 90):
            continue
        east = _EQUATOR_M_PER_DEGREE * math.cos(math.radians(y))
        # a degree of longitude is shortest at the far edge of what is searched
        narrow = _EQUATOR_M_PER_DEGREE * math.cos(math.radians(min(89.9, abs(y) + limit_m / 110_000.0)))
        step = CELL * min(narrow, _M_PER_DEGREE)
        row, column, nearest, ring = _cell(y), _cell(x), math.inf, 0
        while (ring - 1) * step <= min(nearest, limit_m):
            for r in range(row - ring, row + ring + 1):
                stride = 1 if abs(r - row) == ring else max(2 * ring, 1)
                for c in range(column - ring, column + ring + 1, stride):
                    key = _key(r, c)
                    slot = np.searchsorted(grid.cell, key)
                    if slot == grid.cell.size or grid.cell[slot] != key:
                        continue
                    for i in range(grid.start[slot], grid.start[slot + 1]):
                        one = grid.segment[i]
                        a = one + grid.chain[one]
                        px, py = (shapes.lon[a] - x) * east, (shapes.lat[a] - y) * _M_PER_DEGREE
                        dx, dy = (
                            (shapes.lon[a + 1] - x) * east - px,
                            (shapes.lat[a + 1] - y) * _M_PER_DEGREE - py,
                        )
                        square = dx * dx + dy * dy
                        part = 0.0 if square == 0.0 else min(max(-(px * dx + py * dy) / square, 0.0), 1.0)
                        away = math.hypot(px + part * dx, py + part * dy)
                        if away <= limit_m and (away < nearest or (away == nearest and one < segment[point])):
                            nearest = away
                            chain[point], segment[point] = grid.chain[one], one
                            share[point], walk[point] = part, away
            ring += 1
