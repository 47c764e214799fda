"""Pruning prunes: the blocks visited stay few, which no answer would tell."""

import numpy as np
import pytest

from iopdir.spatial.blocks import PackedTree, in_curve_order
from iopdir.spatial.disks import _limits, sum_disks
from iopdir.spatial.edges import chord_limits
from iopdir.spatial.geodesy import MAX_CHORD_M, chord_never_above, stretched_never_above
from iopdir.spatial.knn import find_nearest
from iopdir.spatial.pairs import count_within
from iopdir.spatial.rings import sum_rings

N = 3000
EARTH_M2 = 5.1e14


def globe(seed, n):
    rng = np.random.default_rng(seed)
    return rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


@pytest.fixture(params=[1_000, 10_000, 100_000], scope="module")
def tree(request):
    return PackedTree(*globe(1, request.param))


@pytest.fixture(scope="module")
def asked():
    """Query points in geocentric metres, and their order along the curve."""
    return in_curve_order(*globe(2, N))


def nearest(tree, xyz, order, k):
    index, unsure = np.full((N, k), -1), np.zeros(N, dtype=bool)
    return find_nearest(tree.blocks, xyz, order, MAX_CHORD_M, index, unsure)


def rings(tree, xyz, order, radius):
    inside, outside = chord_limits(np.array([[radius / 2, radius]]))
    return sum_rings(tree.blocks, xyz, order, inside, outside, np.zeros((N, 2)))[0]


def disks(tree, xyz, order, radius):
    limits = _limits(tree, np.tile([radius / 2, radius], (len(tree), 1)))
    return sum_disks(tree.blocks, limits, xyz, order, np.zeros((N, 2)))[0]


def pairs(tree, xyz, order, radius):
    chord2, stretched2 = (
        np.full(order.size, limit(radius) ** 2) for limit in (chord_never_above, stretched_never_above)
    )
    return count_within(tree.blocks, xyz[order], chord2, stretched2, len(tree), np.zeros(N, dtype=np.int64))


def alone(walk, tree, asked, what):
    """Blocks a query that is asked by itself."""
    xyz, order = asked
    return np.mean([walk(tree, xyz, order[i : i + 1], what) for i in range(0, N, 20)])


def radius_of(tree, points):
    """Radius around a place that holds so many points on average."""
    return np.sqrt(points * EARTH_M2 / len(tree) / np.pi)


@pytest.mark.parametrize(("k", "least", "more"), [(1, -29.0, 6.6), (10, -38.0, 9.5)])
def test_the_way_to_the_nearest_grows_with_the_logarithm(tree, asked, k, least, more):
    assert alone(nearest, tree, asked, k) <= least + more * np.log(len(tree))


@pytest.mark.parametrize("walk", [rings, disks, pairs])
def test_the_way_to_a_few_points_grows_with_the_logarithm(walk, tree, asked):
    assert alone(walk, tree, asked, radius_of(tree, 20)) <= 2 + 2.2 * np.log(len(tree))


@pytest.mark.parametrize("walk", [rings, disks])
def test_stored_sums_save_the_way_to_most_points(walk, tree, asked):
    radius = radius_of(tree, 1000)
    assert alone(walk, tree, asked, radius) <= 0.72 * alone(pairs, tree, asked, radius)


@pytest.mark.parametrize(
    ("walk", "what", "most"),
    [
        (nearest, 1, 9),
        (nearest, 10, 13),
        (rings, 20, 2.2),
        (disks, 20, 4),
        (rings, 1000, 9),
        (disks, 1000, 17),
    ],
)
def test_neighbours_share_their_way(walk, what, most, asked):
    tree = PackedTree(*globe(1, 1000))
    assert walk(tree, *asked, what if walk is nearest else radius_of(tree, what)) <= most * N
