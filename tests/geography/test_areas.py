"""Joining county tables: only where codes mean the same areas."""

import pandas as pd
import pytest

import iopdir as iop


def table(vintage, **values):
    frame = pd.DataFrame({"vintage": vintage, **values}, index=pd.Index(values["code"], name="county_fips"))
    return frame.drop(columns="code")


def test_tables_of_one_year_are_joined_row_by_row():
    left = table(2023, code=["17031", "09110"], people=[5.0, 7.0])
    right = table(2023, code=["09110", "17031"], sites=[1, 2], people=[0.0, 0.0])
    joined = iop.geography.join_counties(left, right)
    expected = table(2023, code=["17031", "09110"], people=[5.0, 7.0], sites=[2, 1])
    pd.testing.assert_frame_equal(joined, expected)


def test_codes_that_both_years_share_may_be_joined():
    left, right = table(2023, code=["17031"], people=[5.0]), table(2020, code=["17031"], sites=[2])
    joined = iop.geography.join_counties(left, right)
    assert joined.loc["17031"].to_dict() == {"vintage": 2023, "people": 5.0, "sites": 2}


@pytest.mark.parametrize(("old", "new"), [(2020, 2023), (2023, 2020)])
def test_connecticut_old_and_new_are_not_joined_and_the_way_over_is_named(old, new):
    with pytest.raises(iop.errors.VintageError, match=rf"geography.crosswalk\({old}, {new}\)"):
        iop.geography.join_counties(iop.geography.county_list(new), iop.geography.county_list(old))


def test_counts_carried_over_by_the_crosswalk_join_and_keep_their_sum():
    counts = iop.geography.county_list(2020).assign(people=range(len(iop.geography.county_list(2020))))
    walk = iop.geography.crosswalk(2020, 2023)
    moved = counts["people"].reindex(walk["from_fips"]).to_numpy() * walk["weight"]
    carried = moved.groupby(walk["to_fips"].to_numpy()).sum().rename_axis("county_fips").to_frame("people")
    joined = iop.geography.join_counties(iop.geography.county_list(2023), carried.assign(vintage=2023))
    assert joined["people"].sum() == pytest.approx(counts["people"].sum())
    assert not joined["people"].isna().any()


@pytest.mark.parametrize("vintage", [None, [2020, 2023]])
def test_a_table_that_does_not_say_one_year_is_refused(vintage):
    odd = table(2023, code=["17031", "17043"], people=[5.0, 6.0])
    odd = odd.drop(columns="vintage") if vintage is None else odd.assign(vintage=vintage)
    with pytest.raises(iop.errors.VintageError, match="one year"):
        iop.geography.join_counties(iop.geography.county_list(2023), odd)


def test_tables_of_counties_say_where_they_come_from():
    lon, lat = [-87.65], [41.92]
    tables = {
        "counties": iop.geography.counties(2020),
        "county_list": iop.geography.county_list(),
        "crosswalk": iop.geography.crosswalk(2020, 2023),
        "county_weights": iop.geography.county_weights(iop.demand_points("zcta", state="VT")),
        "locate_counties": iop.geography.locate_counties(lon, lat),
        "county_types": iop.geography.county_types(),
    }
    named = {
        kind: {source["name"] for source in table.attrs["provenance"]["sources"]}
        for kind, table in tables.items()
    }
    assert all("counties" in names or "zcta_county" in names for names in named.values())
    assert {"connecticut_2020"} <= named["counties"] & named["crosswalk"]
    joined = iop.geography.join_counties(tables["county_list"], tables["county_types"])
    assert {s["name"] for s in joined.attrs["provenance"]["sources"]} == {"counties", "zcta", "zcta_county"}
