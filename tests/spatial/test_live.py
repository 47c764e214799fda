"""The live index agrees with measuring every pair while points come and go."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iopdir.errors import CoordinateError
from iopdir.spatial.live import DynamicIndex

law = settings(deadline=None)  # other work shares the machine


@pytest.mark.parametrize("k", [1, 5, 200])
def test_nearest_equals_measuring_every_pair(here, there, distances, truth, k):
    handle, distance = DynamicIndex(*there).nearest(*here, k)
    expected, length = truth(distances, k)
    np.testing.assert_array_equal(handle, expected)
    np.testing.assert_array_equal(distance, length)


def test_only_accepted_points_count_however_rare(here, there, distances, truth):
    accept = np.arange(150) % 50 == 7
    handle, distance = DynamicIndex(*there).nearest(*here, 2, accept=accept)
    expected, length = truth(np.where(accept, distances, np.inf), 2)
    np.testing.assert_array_equal(handle, expected)
    np.testing.assert_array_equal(distance, length)


def test_within_is_inclusive_and_by_distance(here, there, distances):
    index = DynamicIndex(*there)
    for row in range(0, 40, 8):
        radius = distances[row, 11]
        handle, distance = index.within(here[0][row], here[1][row], radius)
        found = np.flatnonzero(distances[row] <= radius)
        found = found[np.lexsort((found, distances[row, found]))]
        np.testing.assert_array_equal(handle, found)
        np.testing.assert_array_equal(distance, distances[row, found])


points = st.lists(st.tuples(st.integers(-180, 180), st.integers(-90, 90)), min_size=1, max_size=30)


@law
@given(first=points, then=points, here=points)
def test_insert_then_remove_leaves_the_answers(first, then, here):
    index, asked = DynamicIndex(*zip(*first, strict=True)), tuple(np.transpose(here))
    before = index.nearest(*asked, 5)
    handles = [index.insert(lon, lat) for lon, lat in then]
    assert len(index) == len(first) + len(then)
    for handle in handles:
        index.remove(handle)
    assert len(index) == len(first)
    np.testing.assert_array_equal(index.nearest(*asked, 5), before)


@law
@given(first=points, then=points, here=points)
def test_inserting_one_by_one_equals_loading_at_once(first, then, here):
    grown, asked = DynamicIndex(*zip(*first, strict=True)), tuple(np.transpose(here))
    for lon, lat in then:
        grown.insert(lon, lat)
    whole = DynamicIndex(*zip(*first, *then, strict=True))
    np.testing.assert_array_equal(grown.nearest(*asked, 5), whole.nearest(*asked, 5))


def test_equally_near_points_go_by_rank():
    index = DynamicIndex([1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    assert index.nearest([0.0], [0.0], 2)[0].tolist() == [[0, 1]]
    assert index.nearest([0.0], [0.0], 2, rank=np.array([2, 1, 0]))[0].tolist() == [[2, 1]]


def unpickle(index):
    return pickle.loads(pickle.dumps(index))  # noqa: S301  # our own


@pytest.mark.parametrize("again_of", [unpickle, copy.deepcopy, copy.copy])
@law
@given(first=points, then=points, here=points, data=st.data())
def test_a_copy_answers_alike_and_lives_on_its_own(again_of, first, then, here, data):
    index, asked = DynamicIndex(*zip(*first, strict=True)), tuple(np.transpose(here))
    for handle in data.draw(st.sets(st.integers(0, len(first) - 1))):
        index.remove(handle)
    before = index.nearest(*asked, 5)
    again = again_of(index)
    assert len(again) == len(index)
    np.testing.assert_array_equal(again.nearest(*asked, 5), before)
    for lon, lat in then:
        assert again.insert(lon, lat) == again.lon.size - 1
    for handle in np.flatnonzero(again.alive)[: len(again) // 2].tolist():
        again.remove(handle)
    np.testing.assert_array_equal(index.nearest(*asked, 5), before)


CROWD = """
import sys
from threading import Barrier, Thread
import numpy as np
from iopdir.spatial.live import DynamicIndex

sys.setswitchinterval(1e-5)
rng = np.random.default_rng(1)
there, here = rng.uniform(-60, 60, (2, 3000)), rng.uniform(-60, 60, (2, 20))
index, wrong, start = DynamicIndex(*there), [], Barrier(8)
near, distance = index.nearest(*here, 3)
within = index.within(0.0, 0.0, 2e6)[0].tolist()

def ask():
    start.wait()
    for _ in range(60):
        found = index.nearest(*here, 3)
        if not (np.array_equal(found[0], near) and np.array_equal(found[1], distance)):
            wrong.append("nearest")
        if index.within(0.0, 0.0, 2e6)[0].tolist() != within:
            wrong.append("within")

def change():  # on the other side of the Earth
    start.wait()
    for _ in range(300):
        index.remove(index.insert(170.0, 80.0))

def work(task):
    try:
        task()
    except Exception as error:
        wrong.append(repr(error))

threads = [Thread(target=work, args=(task,)) for task in [ask] * 6 + [change] * 2]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not wrong, wrong[:5]
assert len(index) == 3000 and index.lon.size == 3600, (len(index), index.lon.size)
"""


def test_threads_may_ask_and_change_at_once():
    done = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr)


def test_points_that_came_after_the_caller_looked_do_not_count():
    index = DynamicIndex([1.0, 2.0], [0.0, 0.0])
    accept, rank = np.array([True, False]), np.array([5, 6])
    assert index.insert(1.0, 0.0) == 2
    assert index.nearest([0.0], [0.0], 2, accept=accept)[0].tolist() == [[0, -1]]
    assert index.nearest([0.0], [0.0], 2, rank=rank)[0].tolist() == [[0, 2]]


def test_an_empty_index_can_grow():
    index = DynamicIndex([], [])
    assert index.nearest([0.0], [0.0], 2)[0].tolist() == [[-1, -1]]
    assert index.within(0.0, 0.0, 1e6)[0].tolist() == []
    assert index.insert(1.0, 1.0) == 0
    assert index.nearest([0.0], [0.0], 2)[0].tolist() == [[0, -1]]
    index.remove(0)
    assert index.nearest([0.0], [0.0], 2)[0].tolist() == [[-1, -1]]


@pytest.mark.parametrize("bad", [np.nan, 90.5])
def test_a_point_off_the_earth_is_refused(bad):
    index = DynamicIndex([0.0], [0.0])
    for call in (
        lambda: DynamicIndex([0.0], [bad]),
        lambda: index.insert(0.0, bad),
        lambda: index.nearest([0.0], [bad]),
        lambda: index.within(0.0, bad, 1),
    ):
        with pytest.raises(CoordinateError, match="row 0 has"):
            call()
    assert len(index) == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda index: index.nearest([0.0], [0.0], 0), ValueError, "k must be at least 1"),
        (
            lambda index: index.nearest([0.0], [0.0], max_distance_m=-1),
            ValueError,
            "max_distance_m must be 0",
        ),
        (lambda index: index.within(0.0, 0.0, np.nan), ValueError, "radius_m must be 0 or more"),
        (lambda index: index.remove(1), IndexError, "no point has handle 1"),
        (lambda index: index.remove(-1), IndexError, "no point has handle -1"),
    ],
)
def test_a_wrong_argument_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call(DynamicIndex([0.0], [0.0]))
