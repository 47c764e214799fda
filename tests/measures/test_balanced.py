"""Balanced and constrained measures: published examples, formulas written out as matrices, what they preserve."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.measures import balanced_fca, palma_ratio_by_income, spatial_availability


def problem(seed, zones=9, sites=5):
    """People, supply, and costs some of which are not listed."""
    rng = np.random.default_rng(seed)
    people = rng.integers(0, 500, zones).astype(float)
    supply = rng.integers(0, 9, sites).astype(float)
    minutes = rng.uniform(1, 40, (zones, sites))
    listed = rng.random((zones, sites)) < 0.7
    towns = pd.DataFrame({"population": people}, index=[f"t{i}" for i in range(zones)])
    clinics = pd.DataFrame({"beds": supply}, index=[f"c{j}" for j in range(sites)])
    rows = [(f"t{i}", f"c{j}", minutes[i, j]) for i, j in np.argwhere(listed)]
    cost = iop.CostMatrix.from_frame(
        pd.DataFrame(rows, columns=["origin", "destination", "cost"]), unit="min"
    )
    return towns, clinics, cost, people, supply, np.where(listed, minutes, np.inf)


def ratio(part, whole):
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0)


DECAYS = {
    "rings": iop.Decay.step(["10 min", "20 min", "30 min"], [1, 0.68, 0.22]),
    "exponential": iop.Decay.exponential("10 min"),
}


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), kind=st.sampled_from(sorted(DECAYS)))
def test_the_balanced_catchment_is_its_formula_and_counts_nobody_twice(seed, kind):
    towns, clinics, cost, people, supply, minutes = problem(seed)
    weight = DECAYS[kind].weigh(minutes)
    by_place = ratio(weight, weight.sum(axis=1, keepdims=True))
    by_site = ratio(weight, weight.sum(axis=0, keepdims=True))
    served = people @ by_place
    service = ratio(supply, served)
    found = balanced_fca(towns, clinics, cost=cost, decay=DECAYS[kind], capacity="beds")
    np.testing.assert_allclose(found, by_site @ service, rtol=1e-9, atol=1e-15)
    assert served.sum() == pytest.approx(people[weight.any(axis=1)].sum())
    assert found.sum() == pytest.approx(service.sum())


@settings(deadline=None)
@given(
    seed=st.integers(0, 10_000),
    kind=st.sampled_from(sorted(DECAYS)),
    alpha=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
)
def test_spatial_availability_is_its_formula_and_hands_out_what_there_is(seed, kind, alpha):
    towns, clinics, cost, people, supply, minutes = problem(seed)
    weight = DECAYS[kind].weigh(minutes)
    size = people**alpha
    by_people = size / size.sum()
    by_cost = ratio(weight, weight.sum(axis=0, keepdims=True))
    both = by_people[:, None] * by_cost
    share = ratio(both, both.sum(axis=0, keepdims=True))
    found = spatial_availability(towns, clinics, cost=cost, decay=DECAYS[kind], alpha=alpha, capacity="beds")
    np.testing.assert_allclose(found, share @ supply, rtol=1e-9, atol=1e-12)
    reached = both.sum(axis=0) > 0
    assert found.sum() == pytest.approx(supply[reached].sum())


@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_availability_a_person_is_the_enhanced_catchment(seed):
    towns, clinics, cost, people, *_ = problem(seed)
    each = spatial_availability(towns, clinics, cost=cost, capacity="beds")
    enhanced = iop.enhanced_two_step_fca(towns, clinics, cost=cost, capacity="beds")
    some = people > 0
    np.testing.assert_allclose(each[some] / people[some], enhanced[some], rtol=1e-12)


def test_the_papers_example_is_what_r_accessibility_prints():
    """tests/testthat/test-spatial_availability.R of ipeaGIT/accessibility, after Soukhov et al. 2023."""
    centers = pd.DataFrame({"population": [50_000, 150_000, 10_000]}, index=["A", "B", "C"])
    jobs = pd.DataFrame({"jobs": [100_000, 100_000, 10_000]}, index=["1", "2", "3"])
    minutes = [15.0, 30, 100, 30, 15, 100, 100, 100, 15]
    drive = pd.DataFrame({"origin": list("AAABBBCCC"), "destination": list("123123123"), "cost": minutes})
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    found = spatial_availability(
        centers, jobs, cost=cost, decay=iop.Decay.exponential("10 min"), capacity="jobs"
    )
    assert found.round().tolist() == [66833, 133203, 9963]
    assert found.sum() == pytest.approx(210_000)


def test_in_straight_lines_rings_and_a_reach_give_the_same():
    demand, iops = iop.demand_points("zcta", state="VT"), iop.demo_directory().select(level_of_care="iop")
    reach = iop.reach(demand, iops)
    matrix = iop.CostMatrix.from_geodesic(demand, iops, max_cost="30 mi")
    for measure in (balanced_fca, spatial_availability):
        rings = {"rings": ["10 mi", "20 mi", "30 mi"], "weights": [1, 0.68, 0.22]}
        np.testing.assert_allclose(measure(reach), measure(demand, iops, cost=matrix, **rings), rtol=1e-9)
        assert measure(reach).attrs["provenance"]["synthetic"]
        assert measure(reach).index.equals(demand.index)
        far = measure(pd.DataFrame({"lon": [-150.0], "lat": [25.0], "population": [9.0]}), iops)
        assert far.tolist() == [0.0]


@pytest.mark.parametrize("alpha", [-1.0, np.inf, np.nan])
def test_an_alpha_that_is_none_is_refused(alpha):
    towns, clinics, cost, *_ = problem(1)
    with pytest.raises(ValueError, match="alpha"):
        spatial_availability(towns, clinics, cost=cost, alpha=alpha)


# --- Palma by income ---


def by_hand(value, income, people):
    """Everybody for himself, percentiles as R's quantile type 7."""
    each, earned = np.repeat(value, people), np.repeat(income, people)
    poor, rich = np.quantile(earned, [0.4, 0.9])
    low, high = each[earned <= poor], each[earned > rich]
    if not (low.size and high.size):
        return np.nan
    return high.mean() / low.mean() if low.mean() > 0 else np.inf if high.mean() > 0 else np.nan


@given(seed=st.integers(0, 10_000))
def test_palma_by_income_equals_everybody_counted_for_himself(seed):
    rng = np.random.default_rng(seed)
    people, income = rng.integers(0, 30, 12), rng.integers(10, 20, 12).astype(float)
    value = rng.integers(0, 4, 12).astype(float)
    if people.sum() == 0:
        return
    towns = pd.DataFrame({"population": people, "income": income}, index=list("abcdefghijkl"))
    found = palma_ratio_by_income(pd.Series(value, index=towns.index), towns)
    assert found == pytest.approx(by_hand(value, income, people), nan_ok=True)


@given(seed=st.integers(0, 10_000))
def test_palma_by_income_of_a_handful_equals_each_counted_for_himself(seed):
    rng = np.random.default_rng(seed)
    people, income, value = rng.integers(0, 2, 4), rng.permutation(4) * 1.0, rng.integers(0, 4, 4) * 1.0
    towns = pd.DataFrame({"population": people, "income": income}, index=list("abcd"))
    found = palma_ratio_by_income(pd.Series(value, index=towns.index), towns)
    assert found == pytest.approx(by_hand(value, income, people) if people.any() else np.nan, nan_ok=True)


def test_palma_by_income_of_equal_access_is_one_and_nobody_rich_is_nothing():
    towns = pd.DataFrame({"population": [50, 40, 10], "income": [20, 40, 90]}, index=["a", "b", "c"])
    same = pd.Series(2.0, index=towns.index)
    assert palma_ratio_by_income(same, towns) == 1.0
    assert np.isnan(palma_ratio_by_income(same, towns.assign(income=20)))
    assert palma_ratio_by_income(same.where(towns.index == "c", 0.0), towns) == np.inf
    assert np.isnan(palma_ratio_by_income(same * 0, towns))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"income": [20, np.nan, 90]}, ValueError),
        ({"population": [1, -1, 2]}, ValueError),
    ],
    ids=["income", "people"],
)
def test_palma_by_income_refuses_what_it_cannot_rank(change, error):
    towns = pd.DataFrame({"population": [50, 40, 10], "income": [20, 40, 90]}, index=["a", "b", "c"]).assign(
        **change
    )
    with pytest.raises(error):
        palma_ratio_by_income(pd.Series(1.0, index=towns.index), towns)


def test_palma_by_income_names_the_column_that_is_missing():
    towns = pd.DataFrame({"population": [50, 40], "income": [20, 40]}, index=["a", "b"])
    with pytest.raises(iop.errors.UnknownNameError, match="column of income"):
        palma_ratio_by_income(pd.Series(1.0, index=towns.index), towns, income="wage")
