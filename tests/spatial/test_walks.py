"""Pruning prunes: the blocks visited stay few, which no answer would tell."""

import numpy as np
import pytest

from iopdir.spatial import disks as disk_walks
from iopdir.spatial import knn
from iopdir.spatial import rings as ring_walks
from iopdir.spatial.blocks import PackedTree, in_curve_order
from iopdir.spatial.disks import _limits, sum_disks
from iopdir.spatial.edges import chord_limits
from iopdir.spatial.geodesy import (
    MAX_CHORD_M,
    MAX_GEODESIC_M,
    chord_never_above,
    stretched_never_above,
    to_xyz,
)
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


# --- the walks as Python runs them ---


@pytest.fixture
def compared(monkeypatch):
    """Walk without a compiler, and note each block that is compared with a place."""
    seen = []

    def noted(compare):
        def note(*given):
            seen.append(1)
            return compare(*given)

        return note

    for module, names in (
        (knn, ("gaps", "chords")),
        (ring_walks, ("gaps", "chords")),
        (disk_walks, ("gaps", "_take")),
    ):
        for name, loop in list(vars(module).items()):
            plain = getattr(loop, "py_func", None)
            if plain:
                monkeypatch.setattr(module, name, noted(plain) if name in names else plain)
    return seen


@pytest.mark.parametrize(
    ("n", "k", "cap"), [(30, 1, 1), (900, 1, 1), (900, 10, 1), (5, 7, 1), (900, 3, 0.1), (900, 3, 0.02)]
)
def test_the_nearest_are_found_by_the_blocks_that_are_counted(compared, n, k, cap):
    tree = PackedTree(*globe(3, n))
    xyz, order = in_curve_order(*globe(4, 70))
    index, unsure = np.full((70, k), -1), np.zeros(70, dtype=bool)
    assert knn.find_nearest(tree.blocks, xyz, order, cap * MAX_CHORD_M, index, unsure) == len(compared)
    chord = np.linalg.norm(xyz[:, None] - to_xyz(tree.lon, tree.lat), axis=2)
    nearest, smallest = np.argsort(chord, axis=1)[:, :k], np.sort(chord, axis=1)
    sure = smallest[:, :k] <= cap * MAX_CHORD_M
    np.testing.assert_array_equal(index[:, : min(k, n)][sure], nearest[sure])
    doubt = [smallest[q, k] <= knn._reach(smallest[q, k - 1]) if k < n else False for q in range(70)]
    np.testing.assert_array_equal(unsure[sure.all(axis=1)], np.array(doubt)[sure.all(axis=1)])


def test_as_many_as_are_equally_near_are_compared(compared):
    around = np.arange(-180, 180, 0.5)
    tree = PackedTree(around, np.full(720, 60.0))
    xyz, order = in_curve_order(np.array([0.0, 10.0, -170.0]), np.array([90.0, 90.0, 89.9999999]))
    index, unsure = np.full((3, 2), -1), np.zeros(3, dtype=bool)
    assert knn.find_nearest(tree.blocks, xyz, order, MAX_CHORD_M, index, unsure) == len(compared)
    assert unsure.all()
    chord = np.linalg.norm(xyz[:, None] - to_xyz(tree.lon, tree.lat), axis=2)
    np.testing.assert_allclose(np.take_along_axis(chord, index, axis=1), np.sort(chord)[:, :2], atol=1e-6)
    assert (index[:, 0] != index[:, 1]).all()


@pytest.mark.parametrize("part", [0.01, 0.1, 0.5])
def test_sums_are_found_by_the_blocks_that_are_counted(compared, part):
    lon, lat = globe(3, 900)
    tree, radius = PackedTree(lon, lat), part * MAX_GEODESIC_M
    xyz, order = in_curve_order(*globe(4, 70))
    chord = np.linalg.norm(xyz[:, None] - to_xyz(lon, lat), axis=2)
    inside, outside = chord_limits(np.array([radius / 2, radius]))
    for walk, given in (
        (ring_walks.sum_rings, (inside[None], outside[None], np.zeros((70, 2)))),
        (disk_walks.sum_disks, (np.zeros((70, 2)),)),
    ):
        before = len(compared)
        limits = [_limits(tree, np.tile([radius / 2, radius], (900, 1)))] if len(given) == 1 else []
        visited, edges = walk(tree.blocks, *limits, xyz, order, *given)
        assert visited == len(compared) - before
        sums = np.cumsum(given[-1], axis=1) if len(given) == 3 else given[-1]
        np.testing.assert_array_equal(sums, (chord[:, :, None] <= inside).sum(axis=1))
        for ring in (0, 1):
            doubt = np.argwhere((chord > inside[ring]) & (chord <= outside[ring]))
            assert sorted(edges[:2, edges[2] == ring].T.tolist()) == doubt.tolist()


@pytest.mark.parametrize("points", [1, 20, 300])
def test_pairs_visit_the_blocks_that_lie_within_reach_and_no_other(points):
    tree = PackedTree(*globe(3, 900))
    xyz, order = in_curve_order(*globe(4, N))
    chord, (low, high) = (
        float(chord_never_above(radius_of(tree, points))),
        np.split(tree.blocks.boxes, 2, axis=1),
    )
    gap = np.maximum(np.maximum(low[None] - xyz[:, None, :, None], xyz[:, None, :, None] - high[None]), 0)
    near = (gap**2).sum(axis=2) <= chord**2
    assert pairs(tree, xyz, order, radius_of(tree, points)) == N + near.sum()


@pytest.mark.parametrize(
    ("width", "found", "then"),
    [(8, -1, 4), (1, -1, 1), (8, 32, 16), (8, 33, 8), (32, 0, 32), (20, 0, 32), (3, -1, 1)],
)
def test_runs_are_halved_where_there_is_no_room_and_grow_where_there_is_plenty(width, found, then):
    assert knn._next_width.py_func(width, found, 64) == then
