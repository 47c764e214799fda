"""Siting: equal to trying every plan, below its bound, deaf to the order of rows; what exists is never moved."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_instances import LIMIT_M, costs, instance, newly, plans

import iopdir as iop
from iopdir.text import texts

SEEDS = st.integers(0, 10_000)
RULE = f"{LIMIT_M} m"
few = settings(deadline=None, max_examples=8)


def ask(homes, places, candidates, **options):
    return iop.site(homes, places, candidates=candidates, **{"standard": RULE, **options})


def both(homes, places, candidates, **options):
    return [ask(homes, places, candidates, method=method, **options) for method in ("greedy", "optimal")]


# --- equal to every plan ---


@few
@given(seed=SEEDS, n=st.integers(0, 4))
def test_coverage_is_the_best_of_all_plans_and_greedy_stands_between_nothing_and_its_bound(seed, n):
    homes, places, candidates = instance(seed)
    best = max(newly(homes, places, candidates, chosen) for chosen in plans(candidates, n))
    greedy, optimal = both(homes, places, candidates, n=n)
    assert optimal.gain == best == optimal.bound
    assert greedy.gain <= best <= greedy.bound * (1 + 1e-9)
    for plan in (greedy, optimal):
        positions = candidates.index.get_indexer(plan.sites.index)
        assert newly(homes, places, candidates, positions) == plan.gain == plan.sites["people"].sum()
        assert len(plan) <= n
    for k in range(len(greedy.curve)):
        most = max(newly(homes, places, candidates, chosen) for chosen in plans(candidates, k))
        assert greedy.curve["people"][k] <= most <= greedy.curve["bound"][k] * (1 + 1e-9)


@few
@given(seed=SEEDS, share=st.sampled_from([1.0, 0.9, 0.6]))
def test_the_fewest_sites_that_reach_everybody_or_a_share(seed, share):
    homes, places, candidates = instance(seed)
    already = float(homes["population"][(costs(homes, places) <= LIMIT_M).any(axis=1)].sum())
    needed = share * homes["population"].sum() - already - 1e-9
    enough = [
        len(chosen)
        for chosen in plans(candidates, len(candidates))
        if newly(homes, places, candidates, chosen) >= needed
    ]
    greedy, optimal = both(homes, places, candidates, objective="all", share=share)
    if not enough:
        assert greedy.status == optimal.status == "infeasible"
        alone = (np.hstack([costs(homes, p) for p in (places, candidates)]) > LIMIT_M).all(axis=1)
        lost = homes.index[alone & (homes["population"] > 0)]
        assert set(greedy.unreachable.index) == set(lost)
        return
    assert optimal.value == min(enough) == optimal.bound == len(optimal)
    assert greedy.bound <= min(enough) <= greedy.value
    assert optimal.gain >= needed


@few
@given(seed=SEEDS, n=st.integers(1, 3), open_now=st.sampled_from([0, 3]))
def test_the_least_mean_and_the_least_worst_cost(seed, n, open_now):
    homes, places, candidates = instance(seed, places=open_now)
    everything = np.hstack([costs(homes, places), costs(homes, candidates)])
    weight = homes["population"].to_numpy()

    def pays(chosen):
        return everything[:, [*range(open_now), *(open_now + c for c in chosen)]].min(axis=1)

    sets = list(combinations(range(len(candidates)), n))
    mean = min((weight @ pays(chosen)) / weight.sum() for chosen in sets)
    worst = min(pays(chosen)[weight > 0].max() for chosen in sets)
    greedy, optimal = both(homes, places, candidates, objective="mean_cost", n=n)
    assert optimal.value == pytest.approx(mean, rel=1e-9)
    assert greedy.bound * (1 - 1e-9) <= mean <= greedy.value * (1 + 1e-9)
    greedy, optimal = both(homes, places, candidates, objective="worst_cost", n=n)
    assert optimal.value == pytest.approx(worst, rel=1e-12)
    assert optimal.bound == optimal.value
    assert greedy.bound * (1 - 1e-9) <= worst <= greedy.value * (1 + 1e-9)


@few
@given(seed=SEEDS, n=st.integers(1, 3), by=st.sampled_from(["county", "groups"]))
def test_equity_raises_the_least_share_first_then_the_sum(seed, n, by):
    homes, places, candidates = instance(seed)
    already = (costs(homes, places) <= LIMIT_M).any(axis=1)
    near = costs(homes, candidates) <= LIMIT_M

    def judge(chosen):
        inside = already | near[:, list(chosen)].any(axis=1)
        if by == "county":
            table = homes.assign(within=homes["population"] * inside).groupby("county_fips")
            sums = table[["within", "population"]].sum()
            sums = sums[sums["population"] > 0]
            shares = (sums["within"] / sums["population"]).to_numpy()
        else:
            shares = np.array(
                [
                    (homes[c] * inside).sum() / homes[c].sum()
                    for c in ("population", "poor")
                    if homes[c].sum() > 0
                ]
            )
        return round(float(shares.min()), 9), newly(homes, places, candidates, chosen)

    best = max(judge(chosen) for chosen in plans(candidates, n))
    options = {} if by == "county" else {"groups": ["population", "poor"]}
    greedy, optimal = both(homes, places, candidates, objective="equity", n=n, **options)
    assert (round(optimal.value, 9), optimal.gain) == best
    assert greedy.value <= best[0] + 1e-9 <= greedy.bound + 1e-8


@few
@given(seed=SEEDS)
def test_the_fewest_sites_with_which_every_county_passes(seed):
    homes, places, candidates = instance(seed)
    rule = iop.Standard(
        name="ours",
        limits={None: iop.standards.Limit(distance_m=LIMIT_M, share=0.7)},
        source="a test",
    )

    already = (costs(homes, places) <= LIMIT_M).any(axis=1)
    near = costs(homes, candidates) <= LIMIT_M

    def passes(chosen):
        inside = already | near[:, list(chosen)].any(axis=1)
        table = homes.assign(within=homes["population"] * inside).groupby("county_fips")
        sums = table[["within", "population"]].sum()
        return bool((sums["within"] >= 0.7 * sums["population"] - 1e-9).all())

    enough = [len(chosen) for chosen in plans(candidates, 4) if passes(chosen)]
    greedy, optimal = both(homes, places, candidates, objective="standard", standard=rule)
    if enough:
        assert optimal.value == min(enough)
        assert greedy.bound <= min(enough) <= greedy.value
        failing = iop.coverage_gaps(homes, optimal.to_directory(), standard=rule)["verdict"] == "fail"
        assert not failing.any()
    else:
        assert optimal.status == "infeasible" or optimal.value > 4


@few
@given(seed=SEEDS, budget=st.floats(0, 12))
def test_a_budget_buys_the_best_it_can(seed, budget):
    homes, places, candidates = instance(seed)
    price = pd.Series(
        np.random.default_rng(seed).integers(1, 6, len(candidates)).astype(float), candidates.index
    )
    best = max(
        newly(homes, places, candidates, chosen)
        for chosen in plans(candidates, len(candidates))
        if price.iloc[list(chosen)].sum() <= budget
    )
    greedy, optimal = both(homes, places, candidates, price=price, budget=budget)
    assert optimal.gain == best
    assert greedy.gain <= best <= greedy.bound * (1 + 1e-9)
    for plan in (greedy, optimal):
        assert price[plan.sites.index].sum() <= budget
    cheapest = ask(homes, places, candidates, objective="all", price=price)
    if cheapest.status == "optimal":
        whole = newly(homes, places, candidates, range(len(candidates)))
        assert cheapest.value == min(
            price.iloc[list(chosen)].sum()
            for chosen in plans(candidates, len(candidates))
            if newly(homes, places, candidates, chosen) == whole
        )


@few
@given(seed=SEEDS, n=st.integers(1, 3))
def test_a_site_takes_no_more_people_than_it_can(seed, n):
    from scipy.optimize import linprog

    homes, places, candidates = instance(seed, candidates=5)
    room = pd.Series(
        np.random.default_rng(seed).integers(5, 80, len(candidates)).astype(float), candidates.index
    )
    outside = ~(costs(homes, places) <= LIMIT_M).any(axis=1)
    near = (costs(homes, candidates) <= LIMIT_M) & outside[:, None]

    def flow(chosen):
        pairs = [(h, c) for h in range(len(homes)) for c in chosen if near[h, c]]
        if not pairs:
            return 0.0
        rows = [[float(h == one) for h, _ in pairs] for one in range(len(homes))]
        rows += [[float(c == one) for _, c in pairs] for one in chosen]
        limits = [*homes["population"], *room.iloc[list(chosen)]]
        return -linprog(-np.ones(len(pairs)), A_ub=rows, b_ub=limits).fun

    best = max(flow(chosen) for chosen in combinations(range(len(candidates)), n))
    greedy, optimal = both(homes, places, candidates, n=n, capacity=room)
    assert optimal.gain == pytest.approx(best, abs=1e-6)
    assert greedy.gain <= best + 1e-6
    assert best <= greedy.bound + 1e-6
    assert (optimal.sites["people"].to_numpy() <= room[optimal.sites.index].to_numpy() + 1e-6).all()


# --- laws ---


@few
@given(seed=SEEDS)
def test_more_sites_never_reach_fewer(seed):
    homes, places, candidates = instance(seed)
    for method in ("greedy", "optimal"):
        gains = [ask(homes, places, candidates, n=n, method=method).gain for n in range(6)]
        assert gains == sorted(gains)


@few
@given(seed=SEEDS, objective=st.sampled_from(["coverage", "mean_cost", "worst_cost", "equity"]))
def test_the_order_of_rows_changes_nothing(seed, objective):
    homes, places, candidates = instance(seed)
    rng = np.random.default_rng(seed)
    mixed = [table.iloc[rng.permutation(len(table))] for table in (homes, places, candidates)]
    for method in ("greedy", "optimal"):
        one, two = (
            ask(*each, n=3, objective=objective, method=method)
            for each in ((homes, places, candidates), mixed)
        )
        assert one.sites.index.tolist() == two.sites.index.tolist()
        assert (one.gain, one.value, one.bound) == (two.gain, two.value, two.bound)


def test_names_of_rows_do_not_decide_between_equals():
    homes, places, candidates = instance(3)
    plain = [table.reset_index(drop=True) for table in (homes, places, candidates)]
    turned = [table.iloc[::-1].reset_index(drop=True) for table in (homes, places, candidates)]
    one, two = (ask(*each, n=4, method="greedy") for each in (plain, turned))
    assert one.sites["lon"].tolist() == two.sites["lon"].tolist()
    assert one.gain == two.gain


@pytest.mark.parametrize("method", ["greedy", "optimal"])
def test_what_exists_stays_where_it_is(method):
    homes, places, candidates = instance(5)
    plan = ask(homes, places, candidates, n=3, method=method)
    after = plan.to_directory()
    pd.testing.assert_frame_equal(after.loc[places.index, ["lon", "lat"]], texts(places))
    assert len(after) == len(places) + len(plan)
    assert (costs(homes, after) <= LIMIT_M).any(axis=1) @ homes["population"] == (
        plan.gain + (costs(homes, places) <= LIMIT_M).any(axis=1) @ homes["population"]
    )


def test_a_candidate_that_is_open_already_is_no_candidate():
    homes, places, candidates = instance(5)
    plan = ask(homes, places, pd.concat([places, candidates]), n=20, method="greedy")
    assert not set(plan.sites.index) & set(places.index)
    assert plan.sites.attrs["provenance"]["parameters"]["candidates_left_out"] == len(places)


def test_without_any_gain_nothing_opens():
    homes, _, candidates = instance(5)
    plan = ask(homes, homes, candidates, n=3, draws=2)
    assert (len(plan), plan.gain, plan.bound) == (0, 0.0, 0.0)
    assert len(plan.to_directory()) == len(homes)


def test_a_time_limit_gives_the_best_found_with_its_bound():
    homes, places, candidates = instance(11, people=60, candidates=30)
    plan = ask(homes, places, candidates, n=8, seconds=1e-3)
    full = ask(homes, places, candidates, n=8)
    assert plan.gain <= full.gain <= plan.bound * (1 + 1e-9)
    assert plan.status in {"time_limit", "optimal"}


# --- directories ---


@pytest.fixture(scope="module")
def iops():
    return iop.demo_directory().select(level_of_care="iop", payment="medicaid")


@pytest.fixture(scope="module")
def nevada():
    return iop.demand_points("zcta", state="NV")


def test_a_new_program_states_what_the_others_were_selected_for(nevada, iops):
    plan = iop.site(nevada, iops, n=2)
    after = plan.to_directory()
    assert isinstance(after, iop.Directory)
    again = after.select(level_of_care="iop", payment="medicaid")
    assert len(again) == len(iops) + 2
    new = again.table.loc[plan.sites["facility_id"]]
    assert new["source"].eq("planned with iopdir").all()
    assert new["state"].eq("NV").all()
    assert new["county_fips"].str.startswith("32").all()
    assert len(list(after)) == len(after)
    covered = [iop.coverage_gaps(nevada, each, by="nation")["covered"].iloc[0] for each in (iops, again)]
    assert covered[1] - covered[0] == pytest.approx(plan.gain)
    assert plan.table.loc["difference", "covered"] == pytest.approx(plan.gain)


def test_which_outpatient_clinics_should_add_it(nevada, iops):
    directory = iop.demo_directory()
    outpatient = directory.select(level_of_care="outpatient", state="NV")
    plan = iop.site(nevada, iops, n=3, standard="10 mi", candidates=outpatient)
    assert set(plan.sites.index) <= set(outpatient.table.index) - set(iops.table.index)
    after = plan.to_directory().table.loc[plan.sites["facility_id"]]
    assert after["name"].tolist() == outpatient.table.loc[plan.sites.index, "name"].tolist()
    assert all({"outpatient", "iop"} <= set(levels) for levels in after["levels_of_care"])


def test_within_takes_people_and_candidates_of_a_state_and_facilities_anywhere(iops):
    demand = iop.demand_points("zcta", state=["NV", "UT"])
    plan = iop.site(demand, iops, n=3, within="nv", standard="20 mi")
    same = iop.site(iop.demand_points("zcta", state="NV"), iops, n=3, standard="20 mi")
    assert plan.sites.index.tolist() == same.sites.index.tolist()
    assert plan.gain == same.gain
    assert set(plan.sites["state"]) == {"NV"}


def test_filters_and_a_reach_ask_the_same(nevada):
    directory = iop.demo_directory()
    one = iop.site(nevada, directory, n=2, level_of_care="iop", standard="20 mi")
    two = iop.site(iop.reach(nevada, directory, level_of_care="iop"), n=2, standard="20 mi")
    assert (one.gain, one.sites.index.tolist()) == (two.gain, two.sites.index.tolist())
    assert len(one.to_directory()) == len(two.to_directory())


def test_estimated_minutes_go_as_miles_do(nevada, iops):
    plan = iop.site(nevada, iops, n=2, standard="30 min", cost="drive-estimate")
    gaps = [
        iop.coverage_gaps(nevada, each, by="nation", standard="30 min", cost="drive-estimate")[
            "covered"
        ].iloc[0]
        for each in (iops, plan.to_directory())
    ]
    assert plan.status == "optimal"
    assert plan.gain == pytest.approx(gaps[1] - gaps[0]) == plan.table.loc["difference", "covered"]


def test_a_matrix_of_minutes_needs_no_points():
    homes = pd.DataFrame({"population": [5.0, 7.0, 9.0], "state": "NV"}, index=["a", "b", "c"])
    open_now, could = (pd.DataFrame({"name": names}, index=names) for names in (["X"], ["Y", "Z"]))
    pairs = [("a", "X", 5), ("b", "Y", 5), ("b", "Z", 9), ("c", "Z", 20), ("c", "X", 90)]
    frame = pd.DataFrame(pairs, columns=["origin", "destination", "cost"])
    matrix = iop.CostMatrix.from_frame(frame, unit="min")
    plan = iop.site(homes, open_now, n=1, standard="20 min", candidates=could, cost=matrix)
    assert plan.sites.index.tolist() == ["Z"]
    assert plan.gain == 16.0
    mean = iop.site(homes, open_now, n=1, objective="mean_cost", candidates=could, cost=matrix)
    assert mean.value == pytest.approx((5 * 5 + 7 * 9 + 9 * 20) / 21)


def test_stability_is_a_share_and_the_same_for_the_same_seed(nevada, iops):
    plan = iop.site(nevada, iops, n=4, standard="20 mi", draws=5, seed=2)
    again = iop.site(nevada, iops, n=4, standard="20 mi").with_stability(5, seed=2)
    pd.testing.assert_series_equal(plan.sites["stability"], again.sites["stability"])
    assert plan.sites["stability"].between(0, 1).all()
    assert (plan.sites["stand_in"] >= plan.sites["stability"]).all()
    assert plan.sites.attrs["provenance"]["parameters"]["draws"] == 5


def test_tables_say_where_they_come_from(nevada, iops):
    plan = iop.site(nevada, iops, n=2)
    for table in (plan.sites, plan.curve, plan.unreachable, plan.table):
        assert table.attrs["provenance"]["synthetic"]
    assert repr(plan).startswith("SYNTHETIC Plan of 2 sites")


# --- refused ---


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({}, ValueError, "how many"),
        ({"n": -1}, ValueError, "0 or more"),
        ({"n": 1, "objective": "best"}, iop.errors.UnknownNameError, "objective"),
        ({"n": 1, "method": "magic"}, iop.errors.UnknownNameError, "method"),
        ({"n": 1, "standard": "20 min"}, iop.errors.UnitError, "min"),
        ({"n": 1, "population": "cats"}, iop.errors.UnknownNameError, "cats"),
        ({"n": 1, "budget": 3.0}, ValueError, "price"),
        ({"n": 1, "price": "cats", "budget": 3.0}, iop.errors.UnknownNameError, "price of a candidate"),
        ({"n": 1, "objective": "worst_cost", "price": "lon", "budget": 1}, ValueError, "no prices"),
        ({"n": 1, "objective": "equity", "capacity": "lat"}, ValueError, "no capacities"),
        ({"objective": "all", "share": 1.5}, ValueError, "share"),
        ({"objective": "all", "budget": 1.0}, ValueError, "a budget goes with"),
        ({"price": "lat", "budget": -1.0}, ValueError, "0 or more"),
        ({"n": 1, "price": "lat"}, ValueError, "a price needs a budget"),
        ({"n": 1, "seconds": 0}, ValueError, "seconds"),
        ({"n": 1, "draws": -2}, ValueError, "draws"),
        ({"n": 1, "within": "TX"}, iop.errors.UnknownNameError, "TX"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_refused(options, error, words):
    homes, places, candidates = instance(1)
    with pytest.raises(error, match=words):
        ask(homes, places, candidates, **options)


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        ("mean_cost", "counts nobody: there is no mean cost"),
        ("equity", "nobody in any group"),
        ("worst_cost", None),
    ],
)
def test_where_nobody_is_there_is_nothing_to_compare(objective, words):
    homes, places, candidates = instance(1)
    homes["population"] = 0.0
    if words is None:
        assert ask(homes, places, candidates, n=1, objective=objective).value == 0
        return
    with pytest.raises(ValueError, match=words):
        ask(homes, places, candidates, n=1, objective=objective)


@few
@given(seed=SEEDS, n=st.integers(0, 3), dense=st.sampled_from([0.2, 0.4, 0.6]))
@example(seed=124, n=2, dense=0.6)  # who has a site pays more today than any candidate would cost anybody
def test_the_worst_cost_is_infinite_only_where_no_plan_reaches_everybody(seed, n, dense):
    """Most pairs have no way at all, as in a matrix that was cut off."""
    rng = np.random.default_rng(seed)
    minutes = np.where(rng.random((6, 7)) < dense, rng.integers(1, 60, (6, 7)), np.inf)
    homes = pd.DataFrame({"population": rng.integers(0, 9, 6).astype(float)}, index=[*"abcdef"])
    names = [*"pqrstuv"]
    pairs = pd.DataFrame(minutes, homes.index, names).stack().rename_axis(["origin", "destination"])
    pairs = pairs[np.isfinite(pairs)].rename("minutes").reset_index()
    places, candidates = pd.DataFrame(index=names[:2]), pd.DataFrame(index=names[2:])
    somebody = homes["population"].to_numpy() > 0
    if pairs.empty or not somebody.any():
        return
    cost = iop.CostMatrix.from_frame(pairs, unit="min", cost="minutes")
    worst = min(
        minutes[:, [0, 1, *(2 + one for one in chosen)]].min(axis=1)[somebody].max()
        for chosen in combinations(range(5), n)
    )
    lost = homes.index[somebody & np.isinf(minutes).all(axis=1)]
    asked = {"n": n, "candidates": candidates, "objective": "worst_cost", "standard": "20 min", "cost": cost}
    greedy, optimal = (iop.site(homes, places, method=method, **asked) for method in ("greedy", "optimal"))
    assert optimal.value == worst
    assert (optimal.status == "infeasible") == np.isinf(worst)
    assert greedy.value >= worst >= greedy.bound
    assert greedy.status == "greedy" or (greedy.status == "infeasible" and np.isinf(worst))
    for plan in (greedy, optimal):
        if plan.status == "infeasible":
            assert set(plan.unreachable.index) == set(lost)
        assert plan.gap == pytest.approx(0.0 if plan.bound == plan.value else plan.gap)
        assert 0 <= plan.gap <= 1


@pytest.mark.parametrize("objective", ["coverage", "mean_cost", "worst_cost", "all"])
def test_a_plan_says_what_it_is_for_and_how_far_from_the_best(objective):
    homes, places, candidates = instance(1)
    plan = ask(homes, places, candidates, n=2, objective=objective)
    assert repr(plan).startswith(f"Plan of {len(plan)} sites")
    assert plan.status in repr(plan)
    assert (objective in repr(plan)) == (objective != "coverage")
    assert plan.gap == 0.0


def test_a_standard_that_asks_for_two_facilities_is_refused():
    homes, places, candidates = instance(1)
    rule = iop.Standard(
        name="two",
        limits={None: iop.standards.Limit(distance_m=LIMIT_M)},
        source="a test",
        min_providers=2,
    )
    with pytest.raises(ValueError, match="one facility is enough"):
        ask(homes, places, candidates, n=1, standard=rule)
