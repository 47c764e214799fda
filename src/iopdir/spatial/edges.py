"""What sums within radii have in common: chords decide for certain, and the pairs they leave in doubt are measured."""

from __future__ import annotations

from typing import Final

import numpy as np

from iopdir.spatial.blocks import LANES, RUN, Blocks, PackedTree
from iopdir.spatial.compiled import compiled, inlined
from iopdir.spatial.geodesy import (
    PAD_M,
    FloatArray,
    IntArray,
    chord_never_above,
    chord_surely_within,
    geodesic_m,
)

__all__ = ["POOL", "add_edges", "chord_limits", "list_edge", "next_width"]

POOL: Final = 1024
"""Points that are compared with a run at once."""

_WALK: Final = 60


def chord_limits(radii_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Chords up to which a pair is sure to be within each radius, and beyond which it is sure not to be.

    Parameters
    ----------
    radii_m
        Metres over the ground; negative for nothing, or infinite.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Metres, same shape; minus infinity where nothing is within.

    Examples
    --------
    >>> inside, outside = chord_limits(np.array([-1.0, 0.0, np.inf]))
    >>> inside.tolist(), outside.tolist()
    ([-inf, -1e-06, inf], [-inf, 1e-06, 12756274.000001])
    """
    some = radii_m >= 0
    radii = np.where(some, radii_m, 0.0)
    inside, outside = chord_surely_within(radii) - PAD_M, chord_never_above(radii) + PAD_M
    return np.where(some, inside, -np.inf), np.where(some, outside, -np.inf)


def add_edges(
    tree: PackedTree,
    lon: FloatArray,
    lat: FloatArray,
    edges: IntArray,
    radii_m: FloatArray,
    sums: FloatArray,
) -> None:
    """Measure the pairs in doubt and add the weights of those within.

    Parameters
    ----------
    tree
        Points to add up.
    lon, lat
        Query points, degrees, shape (n,).
    edges
        Shape (3, e): query, position in the tree, and column of each pair in doubt.
    radii_m
        Radius in question, metres, shape (e,).
    sums
        What to add to, shape (n, r).
    """
    query, target, column = edges
    keep = geodesic_m(lon[query], lat[query], tree.lon[target], tree.lat[target]) <= radii_m
    np.add.at(sums, (query[keep], column[keep]), tree.weights[target[keep]])


@inlined
def next_width(width: int, walked: int, compared: int) -> int:
    """Choose how many queries go together next: fewer where comparing costs more than walking."""
    if compared > 2 * _WALK * walked:
        return max(1, width // 2)
    return min(2 * width, RUN) if 2 * compared < _WALK * walked else width


@compiled
def list_edge(edges: IntArray, listed: int, tree: Blocks, query: int, slot: int, column: int) -> IntArray:
    """Write one pair in doubt at the end of the list, which may move to where there is room."""
    if listed == edges.shape[1]:
        larger = np.empty((3, 2 * listed), dtype=np.int64)
        larger[:, :listed] = edges
        edges = larger
    edges[0, listed], edges[2, listed] = query, column
    edges[1, listed] = tree.position[slot // LANES, slot % LANES]
    return edges
