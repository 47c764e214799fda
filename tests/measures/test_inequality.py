"""Inequality: equal to PySAL `inequality` with equal weights, and to people counted one by one."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from inequality.gini import Gini
    from inequality.theil import Theil

values = st.lists(st.floats(0.01, 1000), min_size=2, max_size=30)
places = st.lists(
    st.tuples(st.floats(0, 100).map(lambda amount: round(amount, 3)), st.integers(1, 12)),
    min_size=2,
    max_size=20,
)


def town(amounts, people=None):
    ids = [f"p{i}" for i in range(len(amounts))]
    demand = pd.DataFrame({"population": 1 if people is None else people}, index=ids)
    return pd.Series(amounts, index=ids, dtype=float, name="access"), demand


@settings(deadline=None)
@given(values)
def test_with_one_person_a_place_they_equal_pysal(amounts):
    series, demand = town(amounts)
    array = np.array(amounts)
    assert iop.measures.gini(series, demand) == pytest.approx(Gini(array).g, abs=1e-9)
    assert iop.measures.theil(series, demand) == pytest.approx(float(Theil(array).T), abs=1e-6)


@settings(deadline=None)
@given(places)
def test_people_in_one_place_count_like_people_one_by_one(pairs):
    """Weights are nothing but repetition, for every index, the split of the Palma tenth included."""
    amounts, people = map(list, zip(*pairs, strict=True))
    series, demand = town(amounts, people)
    single, apart = town(np.repeat(amounts, people))
    if sum(amounts) == 0:
        assert np.isnan(iop.measures.gini(series, demand))
        return
    for index in (iop.measures.gini, iop.measures.theil, iop.measures.palma_ratio):
        assert index(series, demand) == pytest.approx(index(single, apart), rel=1e-9, abs=1e-9)
    rank = pd.Series(np.arange(len(amounts)) % 3, index=series.index)
    ranks = pd.Series(np.repeat(rank.to_numpy(), people), index=single.index)
    whole = iop.measures.concentration_index(series, demand, rank_by=rank)
    assert whole == pytest.approx(iop.measures.concentration_index(single, apart, rank_by=ranks), abs=1e-9)


@settings(deadline=None)
@given(places, st.floats(0.1, 50))
def test_the_scale_of_a_measure_does_not_matter(pairs, factor):
    amounts, people = map(list, zip(*pairs, strict=True))
    series, demand = town(np.array(amounts) + 0.01, people)
    for index in (iop.measures.gini, iop.measures.theil, iop.measures.palma_ratio):
        assert index(series * factor, demand) == pytest.approx(index(series, demand), rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(places)
def test_ranked_by_itself_concentration_is_gini(pairs):
    amounts, people = map(list, zip(*pairs, strict=True))
    series, demand = town(np.array(amounts) + 0.01, people)
    found = iop.measures.concentration_index(series, demand, rank_by=series)
    assert found == pytest.approx(iop.measures.gini(series, demand), abs=1e-9)
    assert iop.measures.concentration_index(series, demand, rank_by=-series) == pytest.approx(
        -found, abs=1e-9
    )


def test_equal_access_is_equal():
    series, demand = town([3.0, 3.0, 3.0], [5, 1, 70])
    assert iop.measures.gini(series, demand) == pytest.approx(0, abs=1e-12)
    assert iop.measures.theil(series, demand) == pytest.approx(0, abs=1e-12)
    assert iop.measures.palma_ratio(series, demand) == pytest.approx(0.25)
    rank = pd.Series([1.0, 2.0, 3.0], index=series.index)
    assert iop.measures.concentration_index(series, demand, rank_by=rank) == pytest.approx(0, abs=1e-12)


def test_places_where_nobody_lives_do_not_count():
    series, demand = town([1.0, 2.0, np.inf], [4, 6, 0])
    expected = iop.measures.gini(*town([1.0, 2.0], [4, 6]))
    assert iop.measures.gini(series, demand) == pytest.approx(expected)


def test_the_worst_served_may_have_nothing():
    series, demand = town([0.0, 5.0], [50, 50])
    assert iop.measures.palma_ratio(series, demand) == np.inf


def test_where_nobody_has_anything_there_is_nothing_to_share():
    series, demand = town([0.0, 0.0], [5, 5])
    assert all(
        np.isnan(index(series, demand))
        for index in (iop.measures.gini, iop.measures.theil, iop.measures.palma_ratio)
    )
    assert np.isnan(iop.measures.concentration_index(series, demand, rank_by="population"))


@pytest.mark.parametrize("amount", [-1.0, np.nan, np.inf])
@pytest.mark.parametrize("index", [iop.measures.gini, iop.measures.theil, iop.measures.palma_ratio])
def test_what_cannot_be_shared_is_refused(index, amount):
    series, demand = town([1.0, amount])
    with pytest.raises(ValueError, match=r"1 demand points .* 'p1'"):
        index(series, demand)


def test_unknown_names_are_refused():
    series, demand = town([1.0, 2.0])
    with pytest.raises(iop.errors.UnknownNameError, match="p1"):
        iop.measures.gini(series.head(1), demand)
    with pytest.raises(iop.errors.UnknownNameError, match="populaton"):
        iop.measures.theil(series, demand, population="populaton")
    with pytest.raises(iop.errors.UnknownNameError, match="income"):
        iop.measures.concentration_index(series, demand, rank_by="income")


def test_the_table_holds_each_index_for_each_measure_and_group():
    demand = iop.demand_points("zcta", state="VT")
    iops = iop.demo_directory().select(level_of_care="iop")
    measures = {
        "2sfca": iop.measures.two_step_fca(demand, iops),
        "count": iop.measures.cumulative_opportunities(demand, iops),
    }
    rank = demand["poverty"] / demand["population"].where(demand["population"] > 0)
    table = iop.measures.equity(measures, demand, groups=["population", "poverty"], rank_by=rank)
    assert table[["measure", "group"]].to_numpy().tolist() == [
        ["2sfca", "population"], ["2sfca", "poverty"], ["count", "population"], ["count", "poverty"],
    ]  # fmt: skip
    for row in table.itertuples():
        series, options = measures[row.measure], {"population": row.group}
        people = demand[row.group]
        assert row.people == people.sum()
        assert row.mean == pytest.approx((series * people).sum() / people.sum())
        assert row.share_zero == pytest.approx(people[series == 0].sum() / people.sum())
        assert row.gini == iop.measures.gini(series, demand, **options)
        assert row.palma_ratio == iop.measures.palma_ratio(series, demand, **options)
        assert row.theil == iop.measures.theil(series, demand, **options)
        assert row.concentration_index == iop.measures.concentration_index(
            series, demand, rank_by=rank, **options
        )
    assert table.attrs["provenance"]["sources"][0]["name"] == "zcta"


@pytest.mark.parametrize("seed", range(40))
def test_splitting_a_demand_point_changes_no_index_by_a_single_bit(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    amounts = rng.choice([0.0, 2.727, 1 / 3, rng.random()], n)
    people = rng.integers(2, 9, n).astype(float)
    if seed % 2:  # of few digits, so that a quarter can be taken off exactly, and of all sizes
        people = np.float32(10 ** rng.uniform(-4, 4, n)).astype(float)
    series, demand = town(amounts, people)
    rank = pd.Series(rng.integers(0, 3, n), index=series.index)
    cut = rng.integers(n)
    order = rng.permutation(n + 1)
    part = people[cut] / 4
    more = np.append(people, part)
    more[cut] -= part
    split, apart = town(np.append(amounts, amounts[cut])[order], more[order])
    ranks = pd.Series(np.append(rank, rank.iloc[cut])[order], index=split.index)
    for index in (iop.measures.gini, iop.measures.theil, iop.measures.palma_ratio):
        np.testing.assert_array_equal(index(series, demand), index(split, apart))
    np.testing.assert_array_equal(
        iop.measures.concentration_index(series, demand, rank_by=rank),
        iop.measures.concentration_index(split, apart, rank_by=ranks),
    )


def test_the_worst_served_two_fifths_end_where_they_end():
    series, demand = town([2.727, 2.727, 0.0], [3, 6, 6])
    assert iop.measures.palma_ratio(series, demand) == np.inf
    assert iop.measures.palma_ratio(*town(np.repeat([2.727, 0.0], [9, 6]))) == np.inf


@pytest.mark.parametrize(
    ("people", "median"),
    [([1, 1, 1], 2.0), ([5, 1, 1], 1.0), ([1, 1, 5], 3.0), ([2, 3, 1], 2.0), ([0, 0, 0], None)],
)
def test_the_median_is_of_people_not_of_places(people, median):
    demand = pd.DataFrame({"population": people}, index=["a", "b", "c"])
    row = iop.measures.equity(pd.Series([1.0, 2.0, 3.0], demand.index), demand).iloc[0]
    assert row["median"] == median if median else np.isnan(row["median"])


def test_one_place_is_its_own_mean_and_nobody_has_none():
    row = iop.measures.equity(pd.Series([3.0], ["a"]), pd.DataFrame({"population": [7]}, ["a"])).iloc[0]
    assert row[["people", "mean", "median", "share_zero", "gini", "theil"]].tolist() == [7, 3, 3, 0, 0, 0]
    nobody = iop.measures.equity(pd.Series([3.0], ["a"]), pd.DataFrame({"population": [0]}, ["a"])).iloc[0]
    assert nobody["people"] == 0
    assert nobody.drop(["measure", "group", "people"]).isna().all()


@settings(deadline=None)
@given(places)
def test_a_row_of_the_table_describes_people_one_by_one(pairs):
    amounts, people = map(list, zip(*pairs, strict=True))
    row = iop.measures.equity(*town(amounts, people)).iloc[0]
    each = np.sort(np.repeat(amounts, people))
    assert (row["measure"], row["group"], row["people"]) == ("access", "population", each.size)
    assert row["mean"] == pytest.approx(each.mean(), rel=1e-12)
    assert (
        row["median"] == each[(each.size - 1) // 2]
    )  # of an even number, the lower of the two in the middle
    assert row["share_zero"] == pytest.approx((each == 0).mean(), rel=1e-12)
