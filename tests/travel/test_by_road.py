"""A cost by road answers as a matrix of its own pairs does, in every measure, and says who is off the roads."""

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import CoordinateError, UnitError

sys.path.insert(0, str(Path(__file__).parent))
from towns import scatter, town

from iopdir.roads.profile import car


class ByHand:
    """Every state by itself: turns relaxed until nothing changes, points tied to states one by one."""

    def __init__(self, roads):
        self.shapes, self.graph = roads._network.shapes, roads._network.graph
        n = self.graph.took.size
        self.table = np.full((n, n), np.inf)  # from the end of one state to the end of another
        np.fill_diagonal(self.table, 0)
        for state in range(n):
            for i in range(self.graph.start[state], self.graph.start[state + 1]):
                before, cost = self.graph.before[i], int(self.graph.turn[i]) + int(self.graph.took[state])
                self.table[before, state] = min(self.table[before, state], cost)
        for middle in range(n):
            self.table = np.minimum(self.table, self.table[:, [middle]] + self.table[middle])

    def drive(self, here, there, i, j):
        """Tenths of a second from one anchored point to another."""
        if here.chain[i] < 0 or there.chain[j] < 0:
            return np.inf
        best = np.inf
        for side in (0, 1):
            begin = self.shapes.state[side, 0, here.chain[i]]
            if begin < 0:
                continue
            if here.chain[i] == there.chain[j] and here.gone[side, i] <= there.gone[side, j]:
                best = min(best, there.gone[side, j] - here.gone[side, i])
            for other in (0, 1):
                for layer in (0, 1):
                    end = self.shapes.state[other, layer, there.chain[j]]
                    if end < 0:
                        continue
                    for one in (end, *self.shapes.again[1][self.shapes.again[0] == end]):
                        for k in range(self.graph.start[one], self.graph.start[one + 1]):
                            way = here.left[side, i] + self.table[begin, self.graph.before[k]]
                            best = min(best, way + self.graph.turn[k] + there.gone[other, j])
        return best + here.walk[i] + there.walk[j]


@pytest.mark.parametrize("seed", range(8))
def test_every_pair_is_what_one_finds_by_hand(seed):
    roads, people, places = town(seed), scatter(seed, 25, "p"), scatter(seed + 99, 12, "f")
    hand = ByHand(roads)
    here, there = (
        roads.anchor(frame["lon"].to_numpy(), frame["lat"].to_numpy()) for frame in (people, places)
    )
    table = iop.CostMatrix.from_roads(roads, people, places, max_cost=None).to_frame()
    ours = table.set_index(["origin", "destination"])["cost"]
    for i, person in enumerate(people.index):
        for j, place in enumerate(places.index):
            theirs = hand.drive(here, there, i, j)
            assert ours.get((person, place), np.inf) * 600 == pytest.approx(theirs), (person, place)


@pytest.fixture(scope="module", params=range(3))
def case(request):
    roads, people, places = (
        town(request.param),
        scatter(request.param, 80, "p"),
        scatter(request.param + 9, 40, "f"),
    )
    return roads, people, places, iop.CostMatrix.from_roads(roads, people, places, max_cost=None)


@pytest.mark.parametrize("k", [1, 3, 40, 60])
@pytest.mark.parametrize("limit", [None, "2 min"])
def test_the_nearest_are_those_of_the_pairs(case, k, limit):
    roads, people, places, matrix = case
    ours, theirs = (iop.nearest(people, places, cost=cost, k=k, max_cost=limit) for cost in (roads, matrix))
    pd.testing.assert_frame_equal(ours, theirs.assign(status=ours["status"]))
    assert set(ours["status"]) <= {"ok", "beyond_cap", "no_road"}


@pytest.mark.parametrize(
    "measure",
    [
        lambda reach: iop.enhanced_two_step_fca(
            reach, rings=["1 min", "2 min", "3 min"], weights=[1, 0.6, 0.2]
        ),
        lambda reach: iop.measures.two_step_fca(reach, max_cost="2.5 min"),
        lambda reach: iop.measures.three_step_fca(reach, rings=["1 min", "2 min"], weights=[1, 0.5]),
        lambda reach: iop.measures.gravity(reach, decay=iop.Decay.gaussian("1 min", limit="2 min")),
        lambda reach: iop.measures.cumulative_opportunities(reach, max_cost="2 min"),
        lambda reach: iop.measures.nearest_cost(reach)["duration_min"],
        lambda reach: iop.measures.raam(reach, tau="5 min"),
        lambda reach: reach.within("2 min").set_index(["origin", "facility_id"])["duration_min"],
    ],
    ids=["e2sfca", "2sfca", "3sfca", "gravity", "cumulative", "nearest_cost", "raam", "within"],
)
def test_every_measure_is_that_of_the_pairs(case, measure):
    roads, people, places, matrix = case
    ours, theirs = (
        measure(iop.reach(people, places, cost=cost, capacity="beds")) for cost in (roads, matrix)
    )
    np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), rtol=1e-12)
    assert ours.index.equals(theirs.index)


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 79), st.sampled_from(["2 min", "4 min"]))
def test_parts_put_together_are_the_whole_bit_for_bit(cut, limit):
    roads, people, places = town(1), scatter(1, 80, "p"), scatter(10, 40, "f")
    reach = iop.reach(people, places, cost=roads, capacity="beds")
    parts = [reach.part(slice(None, cut)), reach.part(slice(cut, None))]
    for ask in (
        lambda one: one.nearest(k=2),
        lambda one: one.within(limit),
        lambda one: pd.DataFrame(one.ways.at_people(places["beds"].to_numpy() / 7, np.array([1.0, 3.0]))),
    ):
        pd.testing.assert_frame_equal(pd.concat([ask(part) for part in parts], ignore_index=True), ask(reach))


def test_sums_do_not_depend_on_threads(case, monkeypatch):
    roads, people, places, _ = case
    values, limits = places["beds"].to_numpy() / 7, np.array([1.0, 2.0, 5.0])
    first = iop.reach(people, places, cost=roads).ways.at_people(values, limits)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    alone = iop.reach(people, places, cost=roads).ways.at_people(values, limits)
    np.testing.assert_array_equal(first, alone)


def test_gaps_in_minutes_and_both_halves_of_a_rule(case):
    roads, people, places, matrix = case
    people = people.assign(county_fips="32031", vintage=2020, population=people["population"] + 1)
    for rule in ("2 min", "cms-obh"):
        ours, theirs = (
            iop.coverage_gaps(people, places, by="nation", standard=rule, cost=cost)
            for cost in (roads, matrix)
        )
        pd.testing.assert_frame_equal(ours, theirs)
    assert ours["tested"].item() == "distance and time"


def counted(people, places):
    people = people.assign(county_fips="32031", vintage=2020, population=people["population"] + 1, state="NV")
    return people, places.assign(name=places.index)


def test_what_if_on_roads_is_what_asking_anew_says(case):
    roads, people, places, _ = case
    people, places = counted(people, places)
    before, new, gone = places.iloc[:6], places.iloc[6:9], places.index[:3]
    options = {"standard": "1.5 min", "by": "county", "cost": roads}
    asked = iop.what_if(people, before, close=gone, open=new, **options)
    for found, facilities in ((asked.before, before), (asked.after, pd.concat([before.drop(gone), new]))):
        pd.testing.assert_frame_equal(found, iop.coverage_gaps(people, facilities, **options), rtol=1e-12)
    assert asked.gained > 0
    assert asked.lost > 0
    reach = iop.reach(people, before, cost=roads)
    again = iop.what_if(reach, close=gone, open=new, standard="1.5 min", by="county")
    pd.testing.assert_frame_equal(again.people, asked.people)


@pytest.mark.parametrize("n", [1, 2])
def test_the_best_sites_on_roads_are_the_best_of_all_choices(case, n):
    roads, people, places, _ = case
    people, places = counted(people, places)
    before, could = places.iloc[:2], places.iloc[2:14]
    matrix = iop.CostMatrix.from_roads(roads, people, places.iloc[:14], max_cost=None)
    minutes = matrix.to_frame().pivot_table(index="origin", columns="destination", values="cost")
    minutes = minutes.reindex(people.index)

    def covered(*chosen):
        within = (minutes[[*before.index, *chosen]] <= 1).any(axis=1)
        return people.loc[within, "population"].sum()

    best = max(covered(*chosen) for chosen in combinations(could.index, n))
    plan = iop.site(people, before, n=n, standard="1 min", candidates=could, cost=roads)
    assert plan.status == "optimal"
    assert plan.gain == pytest.approx(best - covered()) == covered(*plan.sites.index) - covered()
    assert plan.gain > 0
    mean, other = (
        iop.site(people, before, n=n, objective="mean_cost", candidates=could, cost=cost)
        for cost in (roads, matrix)
    )
    assert mean.value == pytest.approx(other.value)


def test_equally_near_facilities_come_in_the_order_of_their_ids():
    roads, people, places = town(0), scatter(0, 30, "p"), scatter(1, 1, "f")
    twins = pd.concat([places.set_axis([name]) for name in ("c", "a", "b")])
    found = iop.nearest(people, twins, cost=roads, k=3)
    assert found.groupby("origin")["facility_id"].apply("".join).isin(["abc", "cab"]).all()
    assert found.groupby("origin")["facility_id"].apply("".join).nunique() == 1


def test_who_is_off_the_roads_is_said_and_counted_and_above_one_in_a_hundred_warned_of():
    roads, people, places = town(0), scatter(0, 10, "p"), scatter(1, 4, "f")
    people["population"] = 10.0
    away = people.copy()
    away.loc["p3", ["lon", "lat"]] = [5.0, 5.0]
    away.loc["p4", "lat"] = np.nan
    found = iop.nearest(away, places, cost=roads).set_index("origin")
    assert found.loc[["p3", "p4"], "status"].tolist() == ["no_road", "bad_coordinate"]
    least = iop.measures.nearest_cost(away.drop("p4"), places, cost=roads)
    assert least.loc["p3", "status"] == "no_road"
    gaps = iop.measures.cumulative_opportunities(away.drop("p4"), places, cost=roads, max_cost="90 min")
    assert gaps["p3"] == 0
    told = gaps.attrs["off_network"]
    assert (told["demand_points"], told["people_share"], told["facilities"]) == (1, pytest.approx(1 / 9), 0)
    assert told["walk_m_longest"] <= car().walk.limit_m
    assert gaps.attrs["warnings"] == [
        "11.1% of people have no road near them: does the road extract cover them?"
    ]
    assert "warnings" not in iop.nearest(people, places, cost=roads).attrs


def test_a_walk_is_counted_at_its_speed():
    roads = town(0)
    shapes = roads._network.shapes
    people = pd.DataFrame(
        {"lon": [shapes.lon.max() + 400.0 / 78_846.0], "lat": [shapes.lat[shapes.lon.argmax()]]}
    )
    anchors = roads.anchor(*people.to_numpy().T)
    assert anchors.walk[0] / 10 == pytest.approx(anchors.walk_m[0] / (5 / 3.6), abs=0.1)
    assert 0 < anchors.walk_m[0] < 401


def test_demand_that_is_not_on_earth_is_refused_as_on_straight_lines():
    people = pd.DataFrame({"lon": [np.nan], "lat": [45.0], "population": [1.0]})
    with pytest.raises(CoordinateError, match="row 0"):
        iop.enhanced_two_step_fca(people, scatter(1, 3, "f"), cost=town(0), rings=["1 min"], weights=[1])


@pytest.mark.parametrize("limit", ["3 mi", "fast", -1.0])
def test_a_limit_that_is_no_time_is_refused(limit):
    with pytest.raises(UnitError):
        iop.CostMatrix.from_roads(town(0), scatter(0, 3, "p"), scatter(1, 3, "f"), max_cost=limit)


def test_nowhere_to_go():
    found = iop.nearest(scatter(0, 3, "p"), scatter(1, 3, "f").iloc[:0], cost=town(0))
    assert found["status"].tolist() == ["no_facility"] * 3


def test_the_sources_are_the_extract_and_the_profile():
    found = iop.nearest(scatter(0, 3, "p"), scatter(1, 3, "f"), cost=town(0))
    names = [source["name"] for source in found.attrs["provenance"]["sources"]]
    assert names == ["town", "profile car"]
    assert found.attrs["provenance"]["synthetic"]
