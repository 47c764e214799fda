"""A row is where its point and address agree, and says how it is known."""

import numpy as np
import pytest
from intake_rows import CHICAGO, one
from pyproj import Geod

from iopdir.geography.places import zip_points
from iopdir.intake.quality import Reason


def test_a_row_without_coordinates_is_put_at_the_middle_of_its_zip_and_says_so():
    facility, issues = one()
    assert facility["precision"] == "zip_centroid"
    assert (facility["lon"], facility["lat"]) == tuple(zip_points().loc["60614", ["lon", "lat"]])
    assert issues == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"lat": "-87.65", "lon": "41.92"}, Reason.COORDINATE_SWAPPED),
        ({"lat": "41.92", "lon": "87.65"}, Reason.COORDINATE_SIGN),
    ],
)
def test_swapped_and_unsigned_coordinates_are_put_right(fields, reason):
    facility, issues = one(**fields)
    assert issues == [reason]
    assert (facility["lat"], facility["lon"], facility["precision"]) == (41.92, -87.65, "address")


@pytest.mark.parametrize(
    ("lat", "lon", "reason"),
    [
        ("0", "0.0", Reason.COORDINATE_ZERO),
        ("51.5", "-0.12", Reason.COORDINATE_ELSEWHERE),  # London
        ("34.05", "-118.24", Reason.COORDINATE_ELSEWHERE),  # Los Angeles, with an address in Illinois
        ("north", "west", Reason.COORDINATE_MALFORMED),
        ("nan", "nan", Reason.COORDINATE_MALFORMED),
        ("1e6", "2e6", Reason.COORDINATE_MALFORMED),
    ],
)
def test_impossible_coordinates_fall_back_to_the_zip_with_the_reason(lat, lon, reason):
    facility, issues = one(lat=lat, lon=lon)
    assert issues == [reason]
    assert facility["precision"] == "zip_centroid"


def test_a_point_just_over_the_state_line_is_believed_and_flagged():
    facility, issues = one(city="East St Louis", zip="62201", lat="38.628", lon="-90.20")  # St Louis side
    assert issues == [Reason.STATE_CONTRADICTION]
    assert facility["precision"] == "address"
    assert facility["county_fips"] == "29510"


def test_a_county_that_contradicts_the_point_is_flagged():
    facility, issues = one(**CHICAGO, county="Lake")
    assert issues == [Reason.COUNTY_CONTRADICTION]
    assert facility["county_fips"] == "17031"


def test_a_zip_without_a_point_leaves_the_facility_unplaced_and_says_so():
    facility, issues = one(zip="00000", state="")
    assert facility["precision"] == "unknown"
    assert np.isnan(facility["lon"])
    assert Reason.ZIP_UNPLACED in issues


@pytest.mark.parametrize(
    ("county", "same"), [("Baltimore city", False), ("Baltimore County", True), ("BALTIMORE", True)]
)
def test_a_city_is_not_the_county_of_its_name(county, same):
    point = {"lat": "39.40", "lon": "-76.60", "city": "Towson", "state": "MD", "zip": "21204"}
    facility, issues = one(**point, county=county)
    assert facility["county_fips"] == "24005"
    assert issues == ([] if same else [Reason.COUNTY_CONTRADICTION])


def test_a_zip_of_another_state_is_flagged():
    _, issues = one(zip="02138")
    assert Reason.ZIP_OF_OTHER_STATE in issues


@pytest.mark.parametrize("state", ["FM", "MH", "PW"])
def test_points_of_states_in_free_association_lie_in_the_pacific(state):
    rest = {"street1": "1 Example St", "city": "", "state": state, "zip": ""}
    far, issues = one(**rest, lat="41.92", lon="-87.65")
    assert (far["precision"], Reason.COORDINATE_ELSEWHERE in issues) == ("unknown", True)
    near, issues = one(**rest, lat="7.1", lon="158.2")
    assert (near["precision"], Reason.COORDINATE_ELSEWHERE in issues) == ("address", False)


def test_a_point_just_outside_the_outline_of_its_state_is_kept_and_flagged():
    fields = {"city": "", "state": "IL", "zip": ""}
    facility, issues = one(**fields, lat="41.90", lon="-87.55")  # some kilometres out on the lake
    assert (facility["precision"], facility["lon"]) == ("address", -87.55)
    assert set(issues) & {Reason.COORDINATE_NEAR_STATE, Reason.COUNTY_NEAREST}


@pytest.mark.parametrize(("km", "flagged"), [(99.9, []), (100.1, [Reason.COORDINATE_FAR_FROM_ZIP])])
def test_a_point_over_100_km_from_the_middle_of_its_zip_is_kept_and_flagged(km, flagged):
    abilene = zip_points().loc["79601"]  # far from every border of Texas
    lon, lat, _ = Geod(ellps="WGS84").fwd(abilene["lon"], abilene["lat"], 90, km * 1000)
    facility, issues = one(city="Abilene", state="TX", zip="79601", lat=repr(lat), lon=repr(lon))
    assert issues == flagged
    assert (facility["lon"], facility["lat"], facility["precision"]) == (lon, lat, "address")
