"""The packed tree agrees with measuring every pair."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from iopdir.errors import CoordinateError
from iopdir.spatial.packed import PackedTree, nearest_batch, ring_sums, within_batch

GEOD = Geod(ellps="WGS84")
PLACES = {
    "globe": lambda rng, n: (rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))),
    "town": lambda rng, n: (-87.6 + rng.normal(0, 0.05, n), 41.9 + rng.normal(0, 0.05, n)),
    "antimeridian": lambda rng, n: ((360 + rng.normal(0, 1, n)) % 360 - 180, rng.normal(0, 1, n)),
    "poles": lambda rng, n: (
        rng.uniform(-180, 180, n),
        rng.choice([-1, 1], n) * (90 - rng.exponential(0.1, n)),
    ),
    "one spot": lambda rng, n: (np.full(n, 10.0), np.full(n, 10.0)),
    "grid": lambda rng, n: (rng.integers(-3, 4, n) / 10, rng.integers(-3, 4, n) / 10),
    "antipode of the town": lambda rng, n: (92.4 + rng.normal(0, 1, n), -41.9 + rng.normal(0, 1, n)),
}


def all_distances(lon, lat, tree_lon, tree_lat):
    shape = (len(lon), len(tree_lon))
    pairs = [np.broadcast_to(a, shape).ravel() for a in (lon[:, None], lat[:, None], tree_lon, tree_lat)]
    return np.reshape(GEOD.inv(*pairs)[2], shape)


def rank(distances, k):
    order = np.lexsort((np.broadcast_to(np.arange(distances.shape[1]), distances.shape), distances))[:, :k]
    return order, np.take_along_axis(distances, order, axis=1)


@pytest.mark.parametrize("there", PLACES)
@pytest.mark.parametrize("here", PLACES)
@pytest.mark.parametrize("k", [1, 5, 50])
def test_nearest_equals_measuring_every_pair(here, there, k):
    rng = np.random.default_rng(20)
    lon, lat = PLACES[here](rng, 150)
    tree_lon, tree_lat = PLACES[there](rng, 300)
    truth, length = rank(all_distances(lon, lat, tree_lon, tree_lat), k)
    index, distance = nearest_batch(PackedTree(tree_lon, tree_lat), lon, lat, k)
    np.testing.assert_array_equal(index, truth)
    np.testing.assert_array_equal(distance, length)


@pytest.mark.parametrize("there", PLACES)
@pytest.mark.parametrize("here", PLACES)
def test_within_and_ring_sums_equal_measuring_every_pair(here, there):
    rng = np.random.default_rng(20)
    lon, lat = PLACES[here](rng, 150)
    tree_lon, tree_lat = PLACES[there](rng, 300)
    weights = rng.integers(0, 1000, 300).astype(float)
    distances = all_distances(lon, lat, tree_lon, tree_lat)
    radii = [0.0, distances[7, 11], 20e3, 2e6, distances[3, 5], 15e6, 19.95e6, np.inf]
    tree = PackedTree(tree_lon, tree_lat, weights)
    sums = ring_sums(tree, lon, lat, radii)
    for ring, radius in enumerate(radii):
        np.testing.assert_array_equal(sums[:, ring], (distances <= radius) @ weights, err_msg=str(radius))
        origin, target, length = within_batch(tree, lon, lat, radius)
        rows, columns = np.nonzero(distances <= radius)
        order = np.lexsort((columns, distances[rows, columns], rows))
        np.testing.assert_array_equal(origin, rows[order])
        np.testing.assert_array_equal(target, columns[order])
        np.testing.assert_array_equal(length, distances[rows, columns][order])
