"""What if: equal to asking everything anew; closing and opening again changes nothing; every way of saying it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_instances import LIMIT_M, instance

import iopdir as iop
from iopdir.scenarios.opening import fresh_ids

RULE = f"{LIMIT_M} m"
COVERED = ["people", "covered", "gap", "share"]


@pytest.fixture(scope="module")
def iops():
    return iop.demo_directory().select(level_of_care="iop")


@pytest.fixture(scope="module")
def nevada():
    return iop.demand_points("zcta", state="NV")


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000), closed=st.integers(0, 4), opened=st.integers(0, 3))
def test_it_is_what_a_full_recomputation_says(seed, closed, opened):
    homes, places, candidates = instance(seed)
    gone, new = places.index[:closed], candidates.iloc[:opened]
    after = pd.concat([places.drop(gone), new])
    options = {"standard": [RULE, "12 mi"], "groups": ["population", "poor"], "by": "county"}
    if len(after):
        options["measures"] = {"2sfca": lambda reach: iop.measures.two_step_fca(reach, max_cost=RULE)}
    asked = iop.what_if(homes, places, close=gone, open=new if opened else None, **options)
    for found, facilities in ((asked.before, places), (asked.after, after)):
        expected = iop.coverage_gaps(homes, facilities, **options)
        pd.testing.assert_frame_equal(found, expected, rtol=1e-12)
    np.testing.assert_allclose(
        asked.difference["covered"], asked.after["covered"] - asked.before["covered"], rtol=1e-12
    )
    moved = asked.people[asked.people["standard"] == asked.before["standard"].iloc[0]]
    total = (moved["within_after"] - moved["within_before"]).sum()
    first = asked.difference[(asked.difference["standard"] == asked.before["standard"].iloc[0])]
    assert total == pytest.approx(first.loc[first["group"] == "population", "covered"].sum(), abs=1e-6)
    assert asked.gained - asked.lost == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize("standard", ["20 mi", "cms-obh"])
def test_it_is_so_for_a_listing_with_sites_known_by_their_zip(nevada, iops, standard):
    rough = iops.table.copy()
    rough.loc[rough.index[::2], "precision"] = "address"
    gone = rough.index[rough["state"] == "NV"][:3]
    options = {"standard": standard, "by": "county", "measures": {"e2sfca": iop.enhanced_two_step_fca}}
    asked = iop.what_if(nevada, iops, close=gone, open=["89045", "one at ZIP 89301"], **options)
    expected = iop.coverage_gaps(asked.reach.demand, asked.reach.sites.table, **options)
    names = [name for name in expected if name != "status"]
    pd.testing.assert_frame_equal(asked.after[names], expected[names], rtol=1e-9)
    assert set(asked.people["change"]) <= {"gains", "loses", "nearer", "farther"}
    assert asked.people["people"].gt(0).all()


def test_closing_and_opening_again_changes_nothing(nevada, iops):
    gone = iops.table.index[iops.table["state"] == "NV"][:4]
    asked = iop.what_if(nevada, iops, close=gone, open=iops.table.loc[gone])
    assert asked.people.empty
    pd.testing.assert_frame_equal(asked.before, asked.after)


def test_one_facility_may_open_out_of_another_directory(nevada, iops):
    other = iop.demo_directory().select(level_of_care="outpatient", state="NV")
    row = next(one for one in other if one.facility_id not in iops)
    for said in (row, other.table.loc[row.facility_id], other.table.loc[[row.facility_id]]):
        asked = iop.what_if(nevada, iops, open=said, by="state")
        assert len(asked.reach.sites) == len(iops) + 1
        assert asked.lost == 0


@pytest.mark.parametrize(
    "close",
    [
        {"facility_state": "NV", "payment": "medicaid"},
        lambda table: (table["state"] == "NV") & table["payments"].map(lambda cell: "medicaid" in cell),
    ],
    ids=["filters", "function"],
)
def test_sites_close_by_what_they_state(nevada, iops, close):
    expected = iops.select(state="NV", payment="medicaid")
    one, two = (iop.what_if(nevada, iops, close=said, by="state") for said in (close, expected))
    assert len(two.reach.sites) == len(iops) - len(expected)
    pd.testing.assert_frame_equal(one.after, two.after)


def test_capacity_alone_changes_measures_and_nobody_is_nearer(nevada, iops):
    first = iops.table.index[iops.table["state"] == "NV"][0]
    measures = {"2sfca": iop.measures.two_step_fca}
    asked = iop.what_if(nevada, iops, capacity={first: 5.0}, by="state", measures=measures)
    assert asked.people.empty
    assert asked.difference["2sfca"].iloc[0] > 0
    assert asked.difference["covered"].eq(0).all()


def test_a_plan_opens_as_a_whole(nevada, iops):
    plan = iop.site(nevada, iops, n=3, standard="20 mi")
    asked = iop.what_if(nevada, iops, open=plan, standard="20 mi", by="nation")
    assert asked.gained == pytest.approx(plan.gain)


def test_a_directory_opens_as_a_whole(nevada, iops):
    other = iop.demo_directory().select(level_of_care="outpatient", state="NV")
    new = other.remove([one for one in other.table.index if one in iops])
    asked = iop.what_if(nevada, iops, open=new, by="state")
    rows = iop.what_if(nevada, iops, open=new.table, by="state")
    assert len(asked.reach.sites) == len(iops) + len(new)
    pd.testing.assert_frame_equal(asked.after, rows.after)


@pytest.mark.parametrize(
    ("kinds", "left"), [("clinic", ["f1", "f3"]), (["clinic", "office"], ["f3"]), ([], None)]
)
def test_sites_of_a_frame_close_by_its_own_columns(kinds, left):
    homes, places, _ = instance(3)
    places["kind"] = ["clinic", "office", "clinic", "other"]
    asked = iop.what_if(homes, places, close={"kind": kinds}, standard=RULE)
    assert asked.reach.sites.ids.tolist() == (left or [*places.index])
    with pytest.raises(iop.errors.UnknownNameError, match=r"column of facilities.*color"):
        iop.what_if(homes, places, close={"color": "red"}, standard=RULE)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(-3, 9), unique=True, min_size=1),
    st.lists(st.integers(-3, 9) | st.sampled_from("abc"), unique=True),
)
def test_sites_that_open_get_ids_nobody_has(taken, given_ids):
    taken, ids = pd.Index(taken), pd.Index(given_ids)
    fresh = fresh_ids(ids, taken)
    assert len(fresh) == len(ids)
    assert fresh.is_unique
    assert not fresh.isin(taken).any()
    if ids.inferred_type == "integer":
        kept = ~ids.isin(taken)
        assert fresh[kept].tolist() == ids[kept].tolist()


def test_an_id_that_is_taken_is_changed():
    homes, places, candidates = instance(2)
    asked = iop.what_if(homes, places, open=candidates.set_axis([*places.index[:2], *"vwxyz"]), standard=RULE)
    assert len(asked.reach.sites) == len(places) + len(candidates)
    assert "new-f0" in asked.reach.sites.ids


def test_every_site_may_close_and_the_first_may_open(nevada, iops):
    here = iops.select(state="NV")
    asked = iop.what_if(nevada, here, close=here, by="nation")
    assert asked.after["covered"].iloc[0] == 0
    assert asked.lost == pytest.approx(asked.before["covered"].iloc[0])
    empty = iop.what_if(nevada, here.remove(here.table.index), open="89045", by="nation")
    assert empty.gained > 0
    assert empty.gained == pytest.approx(empty.after["covered"].iloc[0])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"close": "nobody"}, iop.errors.UnknownNameError, "nobody"),
        ({"close": {"color": "red"}}, iop.errors.UnknownNameError, "color"),
        ({"open": "00000"}, iop.errors.UnknownNameError, "00000"),
        (
            {"open": pd.DataFrame({"lon": [np.nan], "lat": [1.0]}, index=["x"])},
            iop.errors.CoordinateError,
            "x",
        ),
        ({"capacity": {"nobody": 3}}, iop.errors.UnknownNameError, "nobody"),
    ],
    ids=["close", "filter", "zip", "point", "capacity"],
)
def test_what_is_not_known_is_refused(nevada, iops, options, error, words):
    with pytest.raises(error, match=words):
        iop.what_if(nevada, iops, **options)


# --- closing each in turn ---


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_closing_each_in_turn_is_closing_each_alone(seed):
    homes, places, _ = instance(seed)
    table = iop.scenarios.closures(homes, places, standard=RULE)
    assert set(table.index) == set(places.index)
    for name in places.index:
        asked = iop.what_if(homes, places, close=name, standard=RULE, by="nation")
        assert table.loc[name, "people_losing"] == pytest.approx(asked.lost)
        lose = asked.people[asked.people["change"] == "loses"]
        if lose["people"].sum() > 0:
            farther = lose["nearest_after_m"] - lose["nearest_before_m"]
            mean = (farther * lose["people"]).sum() / lose["people"].sum()
            assert table.loc[name, "added_m"] == pytest.approx(mean)
        else:
            assert np.isnan(table.loc[name, "added_m"])


def test_the_fragile_ones_are_the_single_points_of_failure(nevada, iops):
    table = iop.scenarios.closures(nevada, iops, standard="cms-obh")
    single = iop.single_points_of_failure(nevada, iops, standard="cms-obh", top=None)
    found = table.loc[single.index, "people_losing"]
    pd.testing.assert_series_equal(found, single["people_depending"], check_names=False)
    assert table["people_losing"].drop(single.index).eq(0).all()
    assert table.attrs["provenance"]["synthetic"]
