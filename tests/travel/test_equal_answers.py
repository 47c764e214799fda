"""Threads, forks, processes, pickles and copies give the answers of the one process that asks for itself."""

import copy
import math
import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir import errors
from iopdir.travel.straight import exact_parts

sys.path.insert(0, str(Path(__file__).parent))
from towns import scatter, town

ENDS = scatter(1, 60, "p"), scatter(2, 25, "f")

PLACES = [
    {"lat": lat, "lon": lon} for lat, lon in ((41.92, -87.65), (44.48, -73.21), (61.2, -149.9), (40.7, -74.0))
]


def questions(index, straight, matrix, drive):
    """What is asked of an index, and of reaches in straight lines, by a matrix and by road."""
    yield from (partial(index.nearest, **place, k=3, level_of_care="iop") for place in PLACES)
    yield from (partial(index.within, **place, max_cost="40 mi") for place in PLACES)
    for reach, limit in ((straight, "30 mi"), (matrix, "30 mi"), (drive, "3 min")):
        yield partial(iop.nearest, reach, k=2)
        yield partial(reach.within, limit)
        yield partial(iop.enhanced_two_step_fca, reach, rings=[limit], weights=[1])
    yield from (partial(iop.coverage_gaps, reach, by="county") for reach in (straight, matrix))
    yield matrix.cost.to_frame
    yield partial(made_of_roads, drive)


def made_of_roads(drive):
    return iop.CostMatrix.from_roads(drive.cost, *ENDS, max_cost=None).to_frame()


def answer(question):
    return question().drop(columns="geometry", errors="ignore")


def answers(*asked):
    """Ask all at once, twice, from four threads."""
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(answer, [*questions(*asked), *questions(*asked)]))
    same(found[: len(found) // 2], found[len(found) // 2 :])
    return found[: len(found) // 2]


def pickled(one):
    return pickle.loads(pickle.dumps(one))  # noqa: S301 - our own


def same(one, other):
    for ours, theirs in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(ours), pd.DataFrame(theirs), check_exact=True)


@pytest.fixture(scope="module")
def asked():
    directory = iop.demo_directory()
    demand, iops = iop.demand_points("zcta", state="VT"), directory.select(level_of_care="iop")
    cost = iop.CostMatrix.from_geodesic(demand, iops, max_cost="40 mi")
    reaches = [iop.reach(demand, iops), iop.reach(demand, iops, cost=cost), iop.reach(*ENDS, cost=town(1))]
    return iop.FacilityIndex(directory), *reaches


@pytest.fixture(scope="module")
def alone(asked):
    return [answer(question) for question in questions(*asked)]


def test_threads_answer_like_one(asked, alone):
    same(answers(*asked), alone)


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled], ids=["deep", "pickle"])
def test_threads_on_a_copy_answer_like_one(asked, alone, copied):
    same(answers(*copied(asked)), alone)


def test_forks_answer_like_one_with_threads_before_and_after(asked, alone):
    same(answers(*asked), alone)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for found in pool.starmap(answers, [asked] * 4):
            same(found, alone)


ELSEWHERE = """
import pickle, sys
import iopdir as iop
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, sys.argv[2])
from test_equal_answers import answers
with open(sys.argv[1], "rb") as file:
    asked = pickle.load(file)
with open(sys.argv[1], "wb") as file:
    pickle.dump(answers(*asked), file)
"""


def test_another_process_answers_like_one(asked, alone, tmp_path):
    path = tmp_path / "asked.pickle"
    path.write_bytes(pickle.dumps(asked))
    command = [sys.executable, "-c", ELSEWHERE, path, Path(__file__).parent]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    same(pickle.loads(path.read_bytes()), alone)  # noqa: S301 - our own


RAISED = [
    errors.LoadError("a.csv", expected="a listing", found="nothing", line=3),
    errors.KindError("directory", expected="a Directory", found="a str"),
    errors.MissingExtraError("roads", "osmium"),
    errors.FetchError("https://example.org", expected="a page", found="none"),
    errors.CoordinateError("off the Earth", rows=[1, 2]),
    errors.UnitError("no unit"),
    errors.VintageError("two years"),
    errors.WriteError("a.csv", "a folder"),
    errors.UnknownNameError("pack", "zctas", ["zcta"]),
]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_from_another_process_as_it_is(error):
    again = pickled(error)
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))
    assert {type(one) for one in RAISED} == {getattr(errors, name) for name in errors.__all__} - {
        errors.IopdirError
    }


def read(path):
    return len(iop.read_directory(path))


def test_a_bad_file_in_a_pool_is_an_error_and_no_hang(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("no,listing\n1,2\n")
    with (
        multiprocessing.get_context("fork").Pool(1) as pool,
        pytest.raises(errors.LoadError, match="name column"),
    ):
        pool.apply_async(read, (path,)).get(timeout=120)


amounts = st.just(0.0) | st.floats(1e-9, 1e9) | st.floats(5e-324, 1e-290)


@given(st.lists(amounts, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_values_come_apart_into_parts_whose_sums_do_not_hang_on_the_order(values, chance):
    values = np.array(values)
    parts = exact_parts(values)
    assert len(parts) <= 2
    for part in parts:
        shuffled = part.tolist()
        chance.shuffle(shuffled)
        assert sum(shuffled) == math.fsum(part)
    left = np.abs(sum(parts) - values).max()
    assert left <= values.sum() * 2.0**-90
    whole = np.floor(values)
    assert len(exact_parts(whole)) == 1  # counts of people need no second
    np.testing.assert_array_equal(exact_parts(whole)[0], whole)
