"""Estimated minutes: on the trees what measuring every pair says, in every measure, with a range."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import UnitError, UnknownNameError
from iopdir.spatial.geodesy import geodesic_m
from iopdir.travel.displacement import displacement_m
from iopdir.travel.pace import people_around, read_pace

RINGS = ["5 min", "12 min", "25 min"]


def scattered(seed, n=40, m=15):
    rng = np.random.default_rng(seed)
    homes = pd.DataFrame(
        {
            "lon": rng.uniform(-88.9, -87.7, n),
            "lat": rng.uniform(41.4, 42.2, n),
            "population": rng.integers(1, 99, n).astype(float),
            "county_fips": "17031",
            "vintage": 2023,
        },
        index=[f"h{i}" for i in range(n)],
    )
    places = pd.DataFrame(
        {
            "lon": rng.uniform(-88.9, -87.7, m),
            "lat": rng.uniform(41.4, 42.2, m),
            "beds": rng.uniform(0, 9, m),
        },
        index=[f"c{j:02}" for j in range(m)],
    )
    return homes, places


def every_pair(homes, places):
    """Minutes and metres of every pair, shape (n, m), one by one."""
    ends = np.meshgrid(np.arange(len(homes)), np.arange(len(places)), indexing="ij")
    lon, lat = homes["lon"].to_numpy(), homes["lat"].to_numpy()
    to = places["lon"].to_numpy(), places["lat"].to_numpy()
    metres = geodesic_m(*(e.ravel() for e in (lon[ends[0]], lat[ends[0]], to[0][ends[1]], to[1][ends[1]])))
    metres = metres.reshape(ends[0].shape)
    around = people_around(lon, lat, few=True)
    return [
        pace.minutes(around, metres) for pace in (read_pace().quick, read_pace(), read_pace().slow)
    ], metres


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 999), k=st.integers(1, 4), limit=st.floats(1, 60))
def test_the_trees_say_what_measuring_every_pair_says(seed, k, limit):
    homes, places = scattered(seed)
    (quick, minutes, slow), metres = every_pair(homes, places)
    reach = iop.reach(homes, places, cost="drive-estimate", capacity="beds")
    table = reach.nearest(k)
    best = np.argsort(metres, axis=1, kind="stable")[:, :k]
    assert table["facility_id"].tolist() == [f"c{j:02}" for j in best.ravel()]
    for name, truth in (("duration_low_min", quick), ("duration_min", minutes), ("duration_high_min", slow)):
        np.testing.assert_array_equal(table[name], np.take_along_axis(truth, best, axis=1).ravel())
    near, ways, beds = minutes <= limit, reach.ways, places["beds"].to_numpy()
    people = homes["population"].to_numpy()
    np.testing.assert_allclose(ways.at_people(beds, np.array([limit]))[:, 0], near @ beds)
    np.testing.assert_array_equal(ways.at_sites(people, np.array([limit]))[:, 0], near.T @ people)
    np.testing.assert_array_equal(metres <= ways.radii(limit)[:, None], near)
    origin, site, amount = ways.pairs(limit)
    assert sorted(zip(origin, site, strict=True)) == list(zip(*np.nonzero(near), strict=True))
    np.testing.assert_array_equal(amount, minutes[origin, site])


def test_measures_take_minutes_without_a_matrix_and_equal_those_with_one():
    homes, places = scattered(7)
    (_, minutes, _), _ = every_pair(homes, places)
    pairs = pd.DataFrame(
        {
            "origin": np.repeat(homes.index, len(places)),
            "destination": np.tile(places.index, len(homes)),
            "cost": minutes.ravel(),
        }
    )
    matrix = iop.CostMatrix.from_frame(pairs, unit="min")
    for measure, options in (
        (iop.enhanced_two_step_fca, {"rings": RINGS, "weights": [1, 0.68, 0.22]}),
        (iop.enhanced_two_step_fca, {"decay": iop.Decay.gaussian("10 min", limit="30 min")}),
        (iop.measures.three_step_fca, {}),
        (iop.measures.gravity, {}),
        (iop.measures.cumulative_opportunities, {"max_cost": "20 min"}),
    ):
        estimated, listed = (
            measure(homes, places, cost=cost, **options) for cost in ("drive-estimate", matrix)
        )
        pd.testing.assert_series_equal(estimated, listed, rtol=1e-12)
    assert iop.measures.provider_to_population(homes, places, cost="drive-estimate").gt(0).any()


@pytest.mark.parametrize("standard", ["20 min", "cms-obh"])
def test_coverage_carries_the_range_of_the_estimate(standard):
    homes, places = scattered(3, m=4)
    gaps = iop.coverage_gaps(homes, places, standard=standard, by="nation", cost="drive-estimate").iloc[0]
    metro = iop.standards.parse_standard(standard).limits
    limit = next(iter(metro.values()))
    paces, metres = every_pair(homes, places)
    people = homes["population"].to_numpy()
    shares = [
        people[((minutes <= limit.duration_min) & (metres <= (limit.distance_m or np.inf))).any(axis=1)].sum()
        / people.sum()
        for minutes in paces
    ]
    assert [gaps[name] for name in ("estimate_high", "share", "estimate_low")] == pytest.approx(shares)
    assert gaps["estimate_low"] < gaps["estimate_high"]
    assert gaps["tested"] == ("time" if standard == "20 min" else "distance and time")
    assert "estimate_low" not in iop.coverage_gaps(homes, places, standard="10 mi", by="nation")


@pytest.mark.parametrize("combine", ["and", "or"])
@pytest.mark.parametrize("least", [1, 2])
def test_coverage_carries_the_range_of_placement_for_every_pair(combine, least):
    """Each site moved away, or nearer, by its own displacement; miles beside minutes are straight lines."""
    homes, places = scattered(5, m=8)
    places = places.assign(zip="60614", precision=["zip_centroid", "address"] * 4)
    off, metres = displacement_m(places), every_pair(homes, places)[1]
    people, pace = homes["population"].to_numpy(), read_pace()
    around = people_around(homes["lon"].to_numpy(), homes["lat"].to_numpy(), few=True)
    miles = iop.standards.Limit(distance_m=9000.0)
    time = iop.standards.Limit(duration_min=14.0)
    both = iop.standards.Limit(distance_m=9000.0, duration_min=14.0)
    rules = [
        iop.Standard(name=name, limits={None: limit}, source="a test", min_providers=least, combine=combine)
        for name, limit in (("miles", miles), ("time", time), ("both", both))
    ]
    gaps = iop.coverage_gaps(homes, places, standard=rules, by="nation", cost="drive-estimate")
    gaps = gaps.set_index("standard")
    for side, room in (("placement_low", off), ("share", 0 * off), ("placement_high", -off)):
        moved = np.maximum(metres + room, 0.0)
        near, quick = moved <= 9000.0, pace.minutes(around, moved) <= 14.0
        joined = near & quick if combine == "and" else near | quick
        for name, within in (("miles", near), ("time", quick), ("both", joined)):
            share = people @ (within.sum(axis=1) >= least) / people.sum()
            assert gaps.loc[name, side] == pytest.approx(share), (name, side)
    assert (gaps["placement_low"] < gaps["placement_high"]).all()
    assert gaps["tested"].tolist() == ["distance", "time", f"distance {combine} time"]


def test_miles_alone_are_refused_where_the_costs_are_minutes():
    homes, places = scattered(5)
    with pytest.raises(UnitError, match="do not mix"):
        iop.coverage_gaps(homes, places, standard=["9 mi", "5 mi"], cost="drive-estimate")


def test_the_only_facility_within_minutes_is_found():
    homes, places = scattered(5)
    (_, minutes, _), _ = every_pair(homes, places)
    near = minutes <= 20
    alone = near.sum(axis=1) == 1
    depending = pd.Series(near[alone].T @ homes["population"].to_numpy()[alone], index=places.index)
    table = iop.single_points_of_failure(homes, places, standard="20 min", cost="drive-estimate", top=None)
    assert table["people_depending"].to_dict() == depending[depending > 0].to_dict()
    assert "farthest_min" in table


def test_parts_answer_like_the_whole_and_a_reach_survives_a_pickle():
    demand, directory = iop.demand_points("zcta", state=["VT", "NH"]), iop.demo_directory()
    whole = iop.reach(demand, directory, cost="drive-estimate", level_of_care="iop")
    cuts = [whole.part(slice(0, 99)), whole.part(slice(99, None))]
    together = pd.concat([cut.nearest(2) for cut in cuts], ignore_index=True)
    pd.testing.assert_frame_equal(together, whole.nearest(2))
    again = pickle.loads(pickle.dumps(whole))  # noqa: S301 - our own
    pd.testing.assert_frame_equal(again.nearest(), whole.nearest())


def test_a_few_places_are_answered_like_many():
    demand, directory = iop.demand_points("zcta", state=["ME", "NH", "VT"]), iop.demo_directory()
    many = iop.nearest(demand, directory, cost="drive-estimate", k=2)
    few = iop.nearest(demand.head(9), directory, cost="drive-estimate", k=2)
    pd.testing.assert_frame_equal(few, many.head(18))


def test_a_place_that_is_none_has_a_row_and_a_far_one_too():
    homes = pd.DataFrame({"lon": [np.nan, -87.6, -100.0], "lat": [41.9, 41.9, 41.9]}, index=["x", "y", "z"])
    clinic = pd.DataFrame({"lon": [-87.61], "lat": [41.9]}, index=["c"])
    table = iop.nearest(homes, clinic, cost="drive-estimate", max_cost="30 min")
    assert table["status"].tolist() == ["bad_coordinate", "ok", "beyond_cap"]
    assert table["duration_low_min"].notna().tolist() == [False, True, False]


def test_every_table_says_that_it_is_an_estimate():
    found = iop.nearest("60614", iop.demo_directory(), cost="drive-estimate")
    about = found.attrs["provenance"]
    assert about["parameters"]["cost"] == "drive estimate"
    assert {"drive_estimate", "zcta"} <= {source["name"] for source in about["sources"]}


def test_what_is_no_cost_is_refused():
    with pytest.raises(UnknownNameError, match="no cost 'drive'"):
        iop.nearest("60614", iop.demo_directory(), cost="drive")
    with pytest.raises(UnitError, match="min"):
        iop.nearest("60614", iop.demo_directory(), cost="drive-estimate", max_cost="30 mi")
    reach = iop.reach("60614", iop.demo_directory(), cost="drive-estimate")
    with pytest.raises(UnitError, match="need a limit"):
        reach.ways.pairs(np.inf)
