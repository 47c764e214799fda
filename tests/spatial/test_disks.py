"""Disks around the points of a tree, and radii of each query's own, give what measuring every pair gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from iopdir.errors import CoordinateError
from iopdir.spatial.blocks import PackedTree
from iopdir.spatial.disks import disk_sums
from iopdir.spatial.rings import ring_sums

law = settings(deadline=None)  # the first example may compile

degrees = st.tuples(
    st.floats(-180, 180) | st.integers(-180, 180).map(float) | st.sampled_from([-180.0, 179.9999]),
    st.floats(-90, 90) | st.integers(-90, 90).map(float) | st.sampled_from([-90.0, 89.9999, 90.0]),
)
places = st.lists(degrees, min_size=1, max_size=40).map(np.array)
seeds = st.integers(0, 2**32 - 1)


def radii_around(rng, distances, r):
    """r radii for each row of distances: nothing, a spot, just one of the distances, just less, and anything."""
    n, m = distances.shape
    one = np.take_along_axis(distances, rng.integers(0, m, (n, r)), axis=1)
    kinds = [
        rng.choice([-1.0, -np.inf, -5e7, 0.0], (n, r)),
        one,
        np.nextafter(one, -1),
        rng.lognormal(10, 4, (n, r)),
        rng.choice([1.99e7, 2.1e7, np.inf], (n, r)),
    ]
    return np.choose(rng.integers(0, len(kinds), (n, r)), kinds)


def test_disk_sums_equal_measuring_every_pair(here, there, distances):
    rng = np.random.default_rng(3)
    weights, radii = rng.integers(0, 1000, 150).astype(float), radii_around(rng, distances.T, 6)
    sums = disk_sums(PackedTree(*there, weights), *here, radii)
    np.testing.assert_array_equal(sums, (distances[:, :, None] <= radii).transpose(0, 2, 1) @ weights)
    np.testing.assert_array_equal(disk_sums(PackedTree(*there), *here, radii, weights), sums)


def test_rings_of_each_its_own_equal_measuring_every_pair(here, there, distances):
    rng = np.random.default_rng(3)
    weights, radii = rng.integers(0, 1000, 150).astype(float), radii_around(rng, distances, 6)
    sums = ring_sums(PackedTree(*there, weights), *here, radii)
    np.testing.assert_array_equal(
        sums, (distances[:, :, None] <= radii[:, None]).transpose(0, 2, 1) @ weights
    )


@law
@given(here=places, there=places, seed=seeds, r=st.integers(1, 4))
def test_disks_and_rings_are_the_same_pairs_seen_from_either_end(measured, here, there, seed, r):
    rng, distances = np.random.default_rng(seed), measured(*here.T, *there.T)
    radii, weights = radii_around(rng, distances.T, r), rng.integers(0, 1000, len(there)).astype(float)
    within = distances[:, :, None] <= radii
    np.testing.assert_array_equal(
        disk_sums(PackedTree(*there.T, weights), *here.T, radii), (within * weights[:, None]).sum(axis=1)
    )
    np.testing.assert_array_equal(ring_sums(PackedTree(*here.T), *there.T, radii), within.sum(axis=0))


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
def test_many_queries_and_points_in_threads_equal_measuring_every_pair_with_proj(spread):
    rng = np.random.default_rng(5)
    here = rng.uniform(-100, -80, 5000), rng.uniform(35, 50, 5000)
    there = np.round(rng.uniform(-100, -80, 400), 1), np.round(rng.uniform(35, 50, 400), 1)
    radii = rng.lognormal(11, spread, (400, 3)) - [0, 50_000, -1e6]
    ends = [np.repeat(end, 400) for end in here] + [np.tile(end, 5000) for end in there]
    distances = np.reshape(Geod(ellps="WGS84").inv(*ends)[2], (5000, 400))
    weights = rng.integers(0, 9, 400).astype(float)
    expected = np.column_stack([(distances <= column) @ weights for column in radii.T])
    np.testing.assert_array_equal(disk_sums(PackedTree(*there, weights), *here, radii), expected)
    own = rng.lognormal(11, spread, (5000, 3)) - [0, 50_000, -1e6]
    np.testing.assert_array_equal(
        ring_sums(PackedTree(*there), *here, own), (distances[:, :, None] <= own[:, None]).sum(axis=1)
    )


def test_one_row_for_all_equals_the_same_row_for_each(here, there, distances):
    radii = np.array([3e6, 0.0, distances[3, 5], np.inf])
    for n in (1, 40):
        tree, asked = PackedTree(*there), tuple(part[:n] for part in here)
        rows = np.tile(radii, (n, 1))
        np.testing.assert_array_equal(ring_sums(tree, *asked, rows), ring_sums(tree, *asked, radii))
    disks = disk_sums(PackedTree(*there), *here, np.tile(radii, (150, 1)))
    np.testing.assert_array_equal(disks, ring_sums(PackedTree(*there), *here, radii))


def test_no_points_no_queries_and_no_radii_give_empty_sums():
    nothing, tree = PackedTree([], []), PackedTree([0.0], [0.0])
    assert disk_sums(nothing, [0.0], [0.0], np.empty((0, 2))).tolist() == [[0, 0]]
    assert disk_sums(tree, [], [], [[1.0, 2.0]]).shape == (0, 2)
    assert disk_sums(tree, [0.0], [0.0], np.empty((1, 0))).shape == (1, 0)
    assert ring_sums(nothing, [0.0], [0.0], [[1.0, 2.0]]).tolist() == [[0, 0]]
    assert ring_sums(tree, [], [], np.empty((0, 2))).shape == (0, 2)
    assert ring_sums(tree, [0.0], [0.0], np.empty((1, 0))).shape == (1, 0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda tree: disk_sums(tree, [0.0], [95.0], [[1.0]]), CoordinateError, "row 0 has"),
        (lambda tree: disk_sums(tree, [0.0], [0.0], [1.0]), ValueError, r"shape \(1, r\), one row a point"),
        (lambda tree: disk_sums(tree, [0.0], [0.0], [[1.0]] * 2), ValueError, r"found shape \(2, 1\)"),
        (lambda tree: disk_sums(tree, [0.0], [0.0], [[np.nan]]), ValueError, "radii_m must be distances"),
        (lambda tree: disk_sums(tree, [0.0], [0.0], [[1.0]], [1, 2]), ValueError, "one weight for each of 1"),
        (
            lambda tree: ring_sums(tree, [0.0], [0.0], [[1.0]] * 2),
            ValueError,
            r"\(1, r\), found shape \(2, 1\)",
        ),
        (lambda tree: ring_sums(tree, [0.0], [0.0], [[np.nan]]), ValueError, "radii_m must be distances"),
        (lambda tree: ring_sums(tree, [0.0], [0.0], [[[1.0]]]), ValueError, "radii_m must be distances"),
    ],
)
def test_a_wrong_argument_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call(PackedTree([0.0], [0.0]))
