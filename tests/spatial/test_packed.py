"""The packed tree agrees with measuring every pair, to the last bit."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from iopdir.errors import CoordinateError
from iopdir.spatial import knn
from iopdir.spatial.blocks import PackedTree
from iopdir.spatial.geodesy import to_xyz
from iopdir.spatial.knn import nearest_batch
from iopdir.spatial.live import DynamicIndex
from iopdir.spatial.pairs import within_batch
from iopdir.spatial.rings import ring_sums

law = settings(deadline=None)  # the first example may compile

degrees = st.tuples(
    st.floats(-180, 180) | st.integers(-180, 180).map(float),
    st.floats(-90, 90) | st.integers(-90, 90).map(float),
)
places = st.lists(degrees, min_size=1, max_size=40).map(np.array)


@pytest.mark.parametrize("k", [1, 5, 50, 200])
def test_nearest_equals_measuring_every_pair(here, there, distances, truth, k):
    index, distance = nearest_batch(PackedTree(*there), *here, k)
    expected, length = truth(distances, k)
    np.testing.assert_array_equal(index, expected)
    np.testing.assert_array_equal(distance, length)


def test_a_cap_keeps_what_lies_on_it_and_nothing_beyond(here, there, distances, truth):
    cap = np.sort(distances, axis=None)[distances.size // 5]
    index, distance = nearest_batch(PackedTree(*there), *here, 7, max_distance_m=cap)
    expected, length = truth(np.where(distances <= cap, distances, np.inf), 7)
    np.testing.assert_array_equal(index, np.where(length < np.inf, expected, -1))
    np.testing.assert_array_equal(distance, length)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_longer_chord_may_be_the_shorter_way(k):
    """The meridian bends more than the equator: north has the shorter chord, east the shorter geodesic."""
    there = np.array([0.0, 1.2576666463793147, 0.0]), np.array([1.2661408705421031, 0.0, -1.2661410062051415])
    chord = np.linalg.norm(to_xyz(*there) - to_xyz(np.zeros(1), np.zeros(1)), axis=1)
    north, east, south = Geod(ellps="WGS84").inv(np.zeros(3), np.zeros(3), *there)[2]
    assert chord[0] < chord[1]
    assert east < north < south
    for cap, expected in (((north + east) / 2, [1]), (north, [1, 0]), (np.inf, [1, 0, 2])):
        for index in (
            nearest_batch(PackedTree(*there), [0.0], [0.0], k, max_distance_m=cap)[0],
            DynamicIndex(*there).nearest([0.0], [0.0], k, max_distance_m=cap)[0],
        ):
            assert index[0].tolist() == [*expected, -1, -1][:k]


def radii_for(distances):
    return [0.0, distances[7, 11], 20e3, 2e6, distances[3, 5], 15e6, 19.95e6, np.inf]


def test_ring_sums_equal_measuring_every_pair(here, there, distances):
    weights = np.random.default_rng(3).integers(0, 1000, 150).astype(float)
    radii = radii_for(distances)
    sums = ring_sums(PackedTree(*there, weights), *here, radii)
    np.testing.assert_array_equal(sums, np.column_stack([(distances <= r) @ weights for r in radii]))
    np.testing.assert_array_equal(ring_sums(PackedTree(*there), *here, radii, weights), sums)


def test_within_lists_every_pair_once_by_distance(here, there, distances):
    tree = PackedTree(*there)
    for radius in radii_for(distances):
        rows, columns = np.nonzero(distances <= radius)
        order = np.lexsort((columns, distances[rows, columns], rows))
        origin, destination, distance = within_batch(tree, *here, radius)
        np.testing.assert_array_equal(origin, rows[order])
        np.testing.assert_array_equal(destination, columns[order])
        np.testing.assert_array_equal(distance, distances[rows, columns][order])


@law
@given(here=places, there=places, k=st.integers(1, 50), cap=st.floats(0, 2.1e7) | st.just(np.inf))
def test_both_indexes_give_the_same_answer(here, there, k, cap):
    packed = nearest_batch(PackedTree(*there.T), *here.T, k, max_distance_m=cap)
    live = DynamicIndex(*there.T).nearest(*here.T, k, max_distance_m=cap)
    np.testing.assert_array_equal(packed[0], live[0])
    np.testing.assert_array_equal(packed[1], live[1])


@law
@given(here=places, there=places, more=places)
def test_the_nearest_never_moves_away_when_points_are_added(here, there, more):
    few = nearest_batch(PackedTree(*there.T), *here.T)[1]
    many = nearest_batch(PackedTree(*np.vstack([there, more]).T), *here.T)[1]
    assert (many <= few).all()


@law
@given(here=places, there=places, seed=st.integers(0, 99))
def test_shuffling_the_points_changes_nothing_but_their_positions(here, there, seed):
    shuffle, k = np.random.default_rng(seed).permutation(len(there)), len(there)
    index, distance = nearest_batch(PackedTree(*there.T), *here.T, k)
    moved, same = nearest_batch(PackedTree(*there[shuffle].T), *here.T, k)
    np.testing.assert_array_equal(distance, same)
    if (np.diff(distance) > 0).all():
        np.testing.assert_array_equal(index, shuffle[moved])


@law
@given(here=places, there=places)
def test_shuffling_the_queries_shuffles_the_answers(here, there):
    tree, turned = PackedTree(*there.T), here[::-1]
    index, distance = nearest_batch(tree, *here.T, 2)
    again, same = nearest_batch(tree, *turned.T, 2)
    np.testing.assert_array_equal(index, again[::-1])
    np.testing.assert_array_equal(distance, same[::-1])


def test_many_queries_in_threads_equal_the_live_index(truth):
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(-125, -67, 20_000), rng.uniform(25, 49, 20_000)
    there = np.round(rng.uniform(-125, -67, 3000), 1), np.round(rng.uniform(25, 49, 3000), 1)
    index, distance = nearest_batch(PackedTree(*there), lon, lat, 3)
    some = slice(None, None, 50)
    expected, length = DynamicIndex(*there).nearest(lon[some], lat[some], 3)
    np.testing.assert_array_equal(index[some], expected)
    np.testing.assert_array_equal(distance[some], length)
    alone, same = nearest_batch(PackedTree(*there), lon[some], lat[some], 3)
    np.testing.assert_array_equal(alone, expected)
    np.testing.assert_array_equal(same, length)


def test_thousands_on_a_few_spots_come_by_position():
    rng = np.random.default_rng(6)
    spots = rng.integers(0, 5, 4000)
    there = np.array([-90.0, -90.0, 10.0, 170.0, 0.0])[spots], np.array([40.0, 41.0, 0.0, -80.0, 90.0])[spots]
    lon, lat = rng.uniform(-180, 180, 60), rng.uniform(-90, 90, 60)
    nearest_spot = DynamicIndex(*there).nearest(lon, lat)[0][:, 0]
    for k in (1, 3, 50):
        index, distance = nearest_batch(PackedTree(*there), lon, lat, k)
        expected = [np.flatnonzero(spots == spots[one])[:k] for one in nearest_spot]
        np.testing.assert_array_equal(index, expected)
        assert (distance == distance[:, :1]).all()


def test_no_points_and_no_queries_give_empty_answers():
    nothing, tree = PackedTree([], []), PackedTree([0.0], [0.0])
    index, distance = nearest_batch(nothing, [0.0], [0.0], 2)
    assert index.tolist() == [[-1, -1]]
    assert distance.tolist() == [[np.inf, np.inf]]
    assert nearest_batch(tree, [], [], 2)[0].shape == (0, 2)
    assert [part.tolist() for part in within_batch(nothing, [0.0], [0.0], 10)] == [[], [], []]
    assert [part.tolist() for part in within_batch(tree, [], [], 10)] == [[], [], []]
    assert ring_sums(nothing, [0.0], [0.0], [1, 2]).tolist() == [[0, 0]]
    assert ring_sums(tree, [0.0], [0.0], []).shape == (1, 0)


def test_a_pickled_tree_answers_alike_and_compiles_nothing_anew():
    tree = PackedTree([1.0, 2.0], [1.0, 2.0], weights=[3.0, 4.0])
    nearest_batch(tree, [0.0], [0.0], 2)
    compiled = len(knn.find_nearest.signatures)
    buffers = []
    data = pickle.dumps(tree, protocol=5, buffer_callback=buffers.append)
    frozen = [bytes(buffer.raw()) for buffer in buffers]  # read-only, as engines hand them out
    for again in (pickle.loads(pickle.dumps(tree)), pickle.loads(data, buffers=frozen)):  # noqa: S301  # our own
        assert nearest_batch(again, [0.0], [0.0], 2)[0].tolist() == [[0, 1]]
        assert ring_sums(again, [0.0], [0.0], [1e6]).tolist() == [[7.0]]
        assert again.weights.tolist() == [3.0, 4.0]
    assert len(knn.find_nearest.signatures) == compiled


def test_read_only_arrays_will_do_and_compile_nothing_anew():
    lon, lat = np.array([1.0, 2.0]), np.array([1.0, 2.0])
    nearest_batch(PackedTree(lon, lat), lon, lat)
    compiled = len(knn.find_nearest.signatures)
    lon.flags.writeable = lat.flags.writeable = False
    assert nearest_batch(PackedTree(lon, lat), lon, lat)[0].tolist() == [[0], [1]]
    assert nearest_batch(PackedTree(lon, lat), lon, lat, 3)[0].tolist() == [[0, 1, -1], [1, 0, -1]]
    assert len(knn.find_nearest.signatures) == compiled


def test_the_tree_keeps_its_own_copy():
    lon = np.array([1.0, 2.0])
    tree = PackedTree(lon, [0.0, 0.0])
    lon[:] = 50
    assert nearest_batch(tree, [1.0], [0.0])[1].tolist() == [[0.0]]


def test_other_weights_leave_the_first_tree_as_it_was():
    tree = PackedTree([1.0, 2.0], [1.0, 2.0], weights=[3.0, 4.0])
    other = tree.with_weights([1.0, 1.0])
    assert (tree.weights.tolist(), other.weights.tolist()) == ([3, 4], [1, 1])
    assert ring_sums(tree, [0.0], [0.0], [1e6]).tolist() == [[7.0]]
    assert ring_sums(other, [0.0], [0.0], [1e6]).tolist() == [[2.0]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -91, 90.0001])
def test_a_point_off_the_earth_is_named(bad):
    tree = PackedTree([0.0], [0.0])
    for call in (
        lambda: PackedTree([0.0, 0.0], [0.0, bad]),
        lambda: nearest_batch(tree, [0.0, 0.0], [0.0, bad]),
        lambda: within_batch(tree, [0.0, 0.0], [0.0, bad], 1),
        lambda: ring_sums(tree, [0.0, 0.0], [0.0, bad], [1]),
    ):
        with pytest.raises(CoordinateError, match="row 1 has") as caught:
            call()
        assert caught.value.rows == (1,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda tree: nearest_batch(tree, [0.0], [0.0], 0), "k must be at least 1, not 0"),
        (
            lambda tree: nearest_batch(tree, [0.0], [0.0], max_distance_m=-1),
            "max_distance_m must be 0 or more",
        ),
        (
            lambda tree: nearest_batch(tree, [0.0], [0.0], max_distance_m=np.nan),
            "max_distance_m must be 0 or more",
        ),
        (lambda tree: within_batch(tree, [0.0], [0.0], -1), "radius_m must be 0 or more, not -1"),
        (lambda tree: ring_sums(tree, [0.0], [0.0], [1, np.nan]), "radii_m must be distances"),
        (lambda tree: ring_sums(tree, [0.0], [0.0], [1], [1, 2]), "one weight for each of 1 points"),
        (lambda tree: tree.with_weights([[1]]), "one weight for each of 1 points"),
    ],
)
def test_a_wrong_argument_is_explained(call, message):
    with pytest.raises(ValueError, match=message):
        call(PackedTree([0.0], [0.0]))
