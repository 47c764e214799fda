"""Counties, places and demand points held against the Census files. Totals only."""

import pandas as pd
import pytest

import iopdir as iop
from iopdir.geography.places import zip_counties, zip_points

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def tracts(real_data):
    return iop.read_popcenters(real_data / "popcenters_tract_2020.csv.gz")


@pytest.fixture(scope="module")
def counties(real_data):
    return iop.read_popcenters(real_data / "popcenters_county_2020.csv.gz")


def test_every_county_of_2020_has_its_people_and_no_other(counties):
    ours = iop.geography.county_list(2020)
    islands = set(ours.index) - set(counties.index)
    assert set(counties.index) <= set(ours.index)
    assert {code[:2] for code in islands} == {
        "60",
        "66",
        "69",
        "78",
    }  # the file has no island areas but Puerto Rico


def test_tracts_add_up_to_counties(tracts, counties):
    assert len(tracts) == 85_395
    pd.testing.assert_series_equal(
        tracts.groupby("county_fips")["population"].sum(), counties["population"], check_names=False
    )


def test_tract_centers_lie_in_the_outlines_of_their_counties(tracts):
    """The outlines are generalised, and a center of population can lie outside its own tract."""
    found = iop.geography.locate_counties(tracts["lon"].to_numpy(), tracts["lat"].to_numpy(), vintage=2020)
    same = pd.Series(found["county_fips"].to_numpy() == tracts["county_fips"].to_numpy(), tracts.index)
    assert same.mean() > 0.995
    assert tracts.loc[same, "population"].sum() / tracts["population"].sum() > 0.997
    lost = (found["county_match"] == "none").to_numpy()
    assert tracts.loc[lost, "population"].sum() < 2_000  # on the water, two with people: between islands


def test_the_crosswalk_carries_connecticut_over_within_a_percent_of_what_zip_areas_say(counties):
    table = iop.geography.crosswalk(2020, 2023)
    people = table["from_fips"].map(counties["population"]) * table["weight"]
    census = people.groupby(table["to_fips"]).sum()
    assert census.sum() == pytest.approx(334_735_155)
    demand = iop.demand_points("zcta", state="CT")
    weights = iop.geography.county_weights(demand)
    ours = (
        (weights["demand_id"].map(demand["population"]) * weights["weight"])
        .groupby(weights["county_fips"])
        .sum()
    )
    ratio = (ours / census)[lambda shares: shares.index.str.startswith("09")]
    assert len(ratio) == 9
    assert ratio.between(0.975, 1.015).all()


def test_nearly_every_listing_of_the_national_directory_can_be_placed_by_zip(real_data):
    listing = pd.read_excel(
        real_data / "National_Directory_SA_Facilities_2022.xlsx",
        dtype=str,
        engine="calamine",
        usecols=["zip"],
    )
    zips = listing["zip"].str[:5]
    assert zips.isin(zip_points().index).sum() == 12_174  # the other two are in Palau and Micronesia
    assert zips.isin(zip_counties().index).sum() >= 12_150
