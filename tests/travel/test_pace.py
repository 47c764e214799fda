"""The pace of the drive estimate: more metres are more minutes, limits there and back, people around."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopdir.datasets import open_pack
from iopdir.spatial.geodesy import geodesic_m
from iopdir.travel.pace import AROUND_M, Pace, people_around, read_pace

MILE = 1609.344
crowds = st.floats(0, 2e7)


@given(people=crowds, metres=st.lists(st.floats(0, 1e6), min_size=2, max_size=9))
def test_more_metres_are_more_minutes_and_none_are_none(people, metres):
    metres = np.unique([0.0, *metres])
    for pace in (read_pace().quick, read_pace(), read_pace().slow):
        minutes = pace.minutes(np.array([people]), metres[None])[0]
        assert minutes[0] == 0
        apart = np.diff(metres) > 1e-6
        assert (np.diff(minutes)[apart] > 0).all()


@given(people=st.lists(crowds, min_size=1, max_size=5), limit=st.floats(0, 600))
def test_a_limit_in_metres_takes_just_the_limit_in_minutes(people, limit):
    people, pace = np.array(people), read_pace()
    metres = pace.metres(people, np.array([limit]))
    np.testing.assert_allclose(pace.minutes(people, metres)[:, 0], limit, rtol=1e-12, atol=1e-12)


@given(people=crowds, metres=st.floats(0, 1e6))
def test_quick_drives_are_no_slower_and_slow_ones_no_quicker(people, metres):
    here, way = np.array([people]), np.array([[metres]])
    quick, middle, slow = (
        p.minutes(here, way)[0, 0] for p in (read_pace().quick, read_pace(), read_pace().slow)
    )
    assert quick <= middle <= slow


@pytest.mark.parametrize("people", [0.0, 3e3, 1e5, 1e7])
def test_speeds_are_those_of_a_car(people):
    """At a walk's length faster than walking; at 300 miles as fast as on a long drive."""
    miles = np.array([[0.25, 1.0, 10.0, 50.0, 300.0]])
    minutes = read_pace().minutes(np.array([people]), miles * MILE)
    speed = miles / minutes * 60
    assert (np.diff(speed) > 0).all()
    assert 6 < speed[0, 0] < 20
    assert 35 < speed[0, -1] < 60


def test_nowhere_is_no_minutes_away():
    pace, here = read_pace(), np.array([1e5])
    assert pace.minutes(here, np.array([[np.inf]]))[0, 0] == np.inf
    assert pace.metres(here, np.array([np.inf]))[0, 0] == np.inf


def test_both_ways_of_counting_the_people_around_give_the_same():
    towns = open_pack("zcta").iloc[::997]
    lon, lat = towns["lon"].to_numpy() + 0.01, towns["lat"].to_numpy()
    everybody = open_pack("zcta")
    size = len(everybody)
    ends = everybody["lon"].to_numpy(), everybody["lat"].to_numpy()
    truth = [
        everybody["population"][geodesic_m(np.full(size, x), np.full(size, y), *ends) <= AROUND_M].sum()
        for x, y in zip(lon, lat, strict=True)
    ]
    assert people_around(lon, lat).tolist() == truth
    assert people_around(lon, lat, few=True).tolist() == truth


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start_m": np.array([10.0, 800.0])}, "grow from 0"),
        ({"start_m": np.array([0.0, 0.0])}, "grow from 0"),
        ({"minutes_per_km": np.array([3.0, 0.0])}, "positive"),
        ({"by_tenfold": np.array([0.0, -1.0])}, "positive"),
        ({"slow_ratio": np.array([1.0, -1.0])}, "positive"),
    ],
    ids=["starts later", "stands still", "no pace", "no pace in a city", "no pace of slow drives"],
)
def test_a_pace_that_cannot_be_is_refused(change, words):
    parts = {
        "start_m": np.array([0.0, 800.0]),
        "minutes_per_km": np.array([3.0, 1.0]),
        "by_tenfold": np.zeros(2),
        "quick_ratio": np.ones(2),
        "slow_ratio": np.ones(2),
    }
    with pytest.raises(ValueError, match=words):
        Pace(**(parts | change))


def test_the_minutes_of_the_cases_that_the_finder_page_is_held_to_as_well():
    cases = pd.read_csv(Path(__file__).with_name("drive_cases.csv"))
    lon, lat, to_lon, to_lat = (
        cases[name].to_numpy("float64") for name in ("lon", "lat", "to_lon", "to_lat")
    )
    people = people_around(lon, lat, few=True)
    assert people.tolist() == cases["people"].tolist()
    metres = geodesic_m(lon, lat, to_lon, to_lat)[:, None]
    pace = read_pace()
    minutes = np.hstack([p.minutes(people, metres) for p in (pace.quick, pace, pace.slow)])
    np.testing.assert_allclose(minutes, cases[["low", "minutes", "high"]], rtol=0, atol=1e-4)


def test_the_parameters_of_a_pace_are_a_row_a_ring():
    frame = read_pace().to_frame()
    again = Pace(**{name: frame[name].to_numpy() for name in frame})
    pd.testing.assert_frame_equal(again.to_frame(), frame)
    assert frame["start_m"].iloc[0] == 0
    assert frame["start_m"].is_monotonic_increasing
