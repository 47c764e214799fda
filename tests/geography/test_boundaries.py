import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import CoordinateError, VintageError
from iopdir.geography.boundaries import NEAREST_COUNTY_M, states
from iopdir.spatial.geodesy import geodesic_m

COUNTIES = iop.geography.counties()


def test_the_counties_of_2023_are_all_there_and_valid():
    assert COUNTIES.is_valid.all()
    assert not COUNTIES.is_empty.any()
    fifty = COUNTIES[COUNTIES.index < "57"]
    assert len(fifty) == 3144
    assert (COUNTIES["state"] == "CT").sum() == 9
    assert COUNTIES.loc["51610", "land_area_m2"] == pytest.approx(5.3e6, rel=0.05)  # two square miles
    assert {"02063", "02066"} <= set(COUNTIES.index)
    assert (COUNTIES["land_area_m2"] > 0).all()


def test_the_lists_of_2020_and_2023_differ_in_connecticut_only():
    then, now = iop.geography.county_list(2020), iop.geography.county_list(2023)
    assert {code[:2] for code in set(then.index) ^ set(now.index)} == {"09"}
    assert (then.index < "57").sum() == 3143
    with pytest.raises(VintageError, match="no county codes of 1990"):
        iop.geography.county_list(1990)
    with pytest.raises(VintageError, match="county_changes"):
        iop.geography.locate_counties(np.array([0.0]), np.array([0.0]), vintage=2010)


def test_every_state_has_a_postal_code_of_its_own():
    table = states()
    assert table["state"].is_unique
    assert len(table) == 56


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-125, -66), st.floats(24.5, 49.5)), min_size=1, max_size=20))
def test_counties_are_those_whose_outline_holds_the_point(points):
    lon, lat = (np.array(values) for values in zip(*points, strict=True))
    found = iop.geography.locate_counties(lon, lat)
    for x, y, code, match in zip(lon, lat, found["county_fips"], found["county_match"], strict=True):
        holders = sorted(COUNTIES.index[COUNTIES.intersects(shapely.Point(x, y))])
        if holders:
            assert (code, match) == (holders[0], "within")
        else:
            assert match in {"nearest", "none"}
            assert (code == "") == (match == "none")


def test_a_point_off_the_coast_gets_the_nearest_county_up_to_ten_kilometres():
    """Step out to sea from a beach in steps and compare with a dense walk along every outline nearby."""
    lat, start = 28.4, -80.55  # Cape Canaveral
    lon = start + np.arange(1, 30) * 0.01
    found = iop.geography.locate_counties(lon, np.full_like(lon, lat))
    near = COUNTIES.cx[-82:-79, 27:30]
    shore = {
        code: shapely.get_coordinates(shapely.segmentize(shape, 0.001))
        for code, shape in near.geometry.items()
    }
    for x, code, match in zip(lon, found["county_fips"], found["county_match"], strict=True):
        if match == "within":
            continue
        distance = {
            c: geodesic_m(np.full(len(xy), x), np.full(len(xy), lat), xy[:, 0], xy[:, 1]).min()
            for c, xy in shore.items()
        }
        best = min(distance, key=distance.__getitem__)
        if distance[best] < NEAREST_COUNTY_M - 100:
            assert (code, match) == (best, "nearest")
        elif distance[best] > NEAREST_COUNTY_M + 100:
            assert (code, match) == ("", "none")
    assert set(found["county_match"]) >= {"nearest", "none"}


def test_coordinates_that_are_none_are_refused_by_row():
    with pytest.raises(CoordinateError) as caught:
        iop.geography.locate_counties(np.array([0.0, np.nan, 0.0]), np.array([0.0, 0.0, 91.0]))
    assert caught.value.rows == (1, 2)


# --- vintages ------------------------------------------------------------------------------------------------


def test_the_counties_of_2020_are_those_of_2023_with_connecticut_in_eight_old_ones():
    then = iop.geography.counties(2020)
    assert isinstance(then, gpd.GeoDataFrame)
    assert then.is_valid.all()
    assert then.index.is_monotonic_increasing
    assert set(then["vintage"]) == {2020}
    assert list(then.index[then["state"] == "CT"]) == [f"09{code:03d}" for code in range(1, 16, 2)]
    old, new = (table[table["state"] == "CT"].to_crs(5070).union_all() for table in (then, COUNTIES))
    assert old.symmetric_difference(new).area < 0.02 * new.area  # the same state, generalised twice


def test_land_area_is_the_stated_one_but_for_counties_that_are_newer():
    newer = COUNTIES[COUNTIES["land_area_source"] == "outline"]
    assert set(newer.index) == {"02063", "02066", *(f"09{code}" for code in range(110, 200, 10))}
    assert (iop.geography.counties(2020).query("state == 'CT'")["land_area_source"] == "census_2019").all()
    assert COUNTIES.loc["36061", "land_area_m2"] == pytest.approx(
        58.7e6, rel=0.01
    )  # Manhattan, rivers left out
    alaska = COUNTIES.loc["02063", "land_area_m2"] + COUNTIES.loc["02066", "land_area_m2"]
    assert alaska == pytest.approx(88.7e9, rel=0.05)  # Valdez-Cordova before the split


def test_a_point_in_connecticut_has_two_codes():
    hartford = {"lon": np.array([-72.6734]), "lat": np.array([41.7658])}
    found = {year: iop.geography.locate_counties(**hartford, vintage=year) for year in (2020, 2023)}
    assert [found[year]["county_fips"].item() for year in found] == ["09003", "09110"]
    assert [found[year]["vintage"].item() for year in found] == [2020, 2023]


@pytest.mark.parametrize("years", [(2020, 2023), (2023, 2020), (2020, 2020), (2023, 2023)])
def test_a_crosswalk_keeps_everybody_and_knows_every_county(years):
    table = iop.geography.crosswalk(*years)
    assert set(table["from_fips"]) == set(iop.geography.county_list(years[0]).index)
    assert set(table["to_fips"]) == set(iop.geography.county_list(years[1]).index)
    assert not table.duplicated(["from_fips", "to_fips"]).any()
    assert table.groupby("from_fips")["weight"].sum().to_numpy() == pytest.approx(1.0)
    assert (table["weight"] > 0).all()
    elsewhere = table[~table["from_fips"].str.startswith("09")]
    assert (elsewhere["from_fips"] == elsewhere["to_fips"]).all()
    assert (set(table["from_vintage"]), set(table["to_vintage"])) == ({years[0]}, {years[1]})


def test_a_crosswalk_of_unknown_years_names_those_known():
    with pytest.raises(VintageError, match="no county codes of 2010, only of 2020 and 2023"):
        iop.geography.crosswalk(2010, 2023)
