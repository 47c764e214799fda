"""A row is where its point and address agree, and says how it is known."""

import numpy as np
import pytest
from intake_rows import CHICAGO, SOURCE, one, raw
from pyproj import Geod

from iopdir.geography.places import zip_points
from iopdir.intake.pipeline import intake
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


@pytest.mark.parametrize(
    ("metres", "flagged"), [(99_999.6, []), (100_000.4, [Reason.COORDINATE_FAR_FROM_ZIP])]
)
def test_a_point_over_100_km_from_the_middle_of_its_zip_is_kept_and_flagged(metres, flagged):
    abilene = zip_points().loc["79601"]  # far from every border of Texas
    lon, lat, _ = Geod(ellps="WGS84").fwd(abilene["lon"], abilene["lat"], 90, metres)
    facility, issues = one(city="Abilene", state="TX", zip="79601", lat=repr(lat), lon=repr(lon))
    assert issues == flagged
    assert (facility["lon"], facility["lat"], facility["precision"]) == (lon, lat, "address")


POINTS = {  # latitude, longitude, state, all far from every outline; the second is near the ZIP in Chicago
    "Chicago": ("41.92", "-87.65", "IL"),
    "Gary": ("41.60", "-87.33", "IN"),
    "Springfield": ("39.80", "-89.65", "IL"),
    "Los Angeles": ("34.05", "-118.24", "CA"),
    "London": ("51.50", "-0.12", ""),
    "swapped": ("-87.65", "41.92", ""),
    "unsigned": ("41.92", "87.65", ""),
    "north of the pole": ("120", "-87.65", ""),
    "half": ("41.92", "", ""),
    "none": ("", "", ""),
}
ZIP_STATES = {"60614": "IL", "46320": "IN", "00000": "", "": ""}
JUDGED = {
    Reason.COORDINATE_SWAPPED, Reason.COORDINATE_SIGN, Reason.COORDINATE_ELSEWHERE, Reason.COORDINATE_MALFORMED,
    Reason.COORDINATE_FAR_FROM_ZIP, Reason.STATE_CONTRADICTION, Reason.STATE_UNKNOWN, Reason.ZIP_OF_OTHER_STATE,
    Reason.ZIP_UNPLACED,
}  # fmt: skip


def apart_m(lat, lon, zip5):
    if not ZIP_STATES[zip5]:
        return np.inf
    middle = zip_points().loc[zip5]
    return Geod(ellps="WGS84").inv(float(lon), float(lat), middle["lon"], middle["lat"])[2]


REPAIRS = {"swapped": Reason.COORDINATE_SWAPPED, "unsigned": Reason.COORDINATE_SIGN}


def contradictions(said, state, home):
    return {
        *([Reason.STATE_UNKNOWN] if said != state else []),
        *([Reason.ZIP_OF_OTHER_STATE] if home and state and home != state else []),
    }


def expected(said, zip5, place):
    """Judge one row in words: how it is placed, at which latitude, in which state, and what is said of it."""
    (lat, lon, inside), state, home = POINTS[place], "" if said == "ZZ" else said, ZIP_STATES[zip5]
    reasons = contradictions(said, state, home)
    if place in REPAIRS and ("IL" in (state, home) or zip5 == "46320"):  # Hammond is 37 km from Chicago
        reasons.add(REPAIRS[place])
        lat, lon, inside = POINTS["Chicago"]
    near = inside and apart_m(lat, lon, zip5) <= 50_000
    if inside and (inside in (state, home) or near or not (state or home)):
        if state and inside != state:
            reasons.add(Reason.STATE_CONTRADICTION)
        if home and apart_m(lat, lon, zip5) > 100_000:
            reasons.add(Reason.COORDINATE_FAR_FROM_ZIP)
        return "address", float(lat), state or inside, reasons
    if lat:
        reasons.add(Reason.COORDINATE_ELSEWHERE if lon else Reason.COORDINATE_MALFORMED)
    if home:
        return "zip_centroid", zip_points().loc[zip5, "lat"], state or home, reasons
    return "unknown", None, state, reasons | {Reason.ZIP_UNPLACED}


def test_where_a_row_is_follows_from_its_point_its_state_and_its_zip_whatever_stands_beside_it():
    cases = [
        (said, zip5, place)
        for said in ("IL", "IN", "ZZ", "")
        for zip5 in ZIP_STATES
        for place in POINTS
        if said in ("IL", "IN") or zip5 or POINTS[place][0]  # else there is no place at all
    ]
    rows = [
        {
            "name": f"SYNTHETIC {said or 'blank'} {zip5 or 'blank'} {place}",
            "city": "",
            "state": said,
            "zip": zip5,
        }
        | dict(zip(("lat", "lon"), POINTS[place], strict=False))
        for said, zip5, place in cases
    ]
    clean, quality = intake(raw(*rows), source=SOURCE)
    assert len(clean) == len(cases)
    clean = clean.set_index("name")
    told = quality.issues.groupby("row")["reason"].agg(set)
    for number, (row, case) in enumerate(zip(rows, cases, strict=True), start=2):
        precision, lat, state, reasons = expected(*case)
        found = clean.loc[row["name"]]
        assert (found["precision"], found["state"]) == (precision, state), case
        assert (None if np.isnan(found["lat"]) else found["lat"]) == lat, case
        assert told.get(number, set()) & JUDGED == reasons, case


@pytest.mark.parametrize(
    ("lat", "lon", "reason"),
    [
        ("0", "-87.65", Reason.COORDINATE_ELSEWHERE),
        ("41.92", "0", Reason.COORDINATE_ELSEWHERE),
        ("0.0000000001", "-0.0000000001", Reason.COORDINATE_ZERO),
        ("52.0", "180", Reason.COORDINATE_ELSEWHERE),
        ("180", "52.0", Reason.COORDINATE_ELSEWHERE),
        ("90.5", "-87.65", Reason.COORDINATE_ELSEWHERE),
        ("-87.65", "90.5", Reason.COORDINATE_ELSEWHERE),
        ("0.5", "-0.5", Reason.COORDINATE_ELSEWHERE),
        ("41.92", "-180.5", Reason.COORDINATE_MALFORMED),
        ("-180.5", "-87.65", Reason.COORDINATE_MALFORMED),
        ("", "-87.65", Reason.COORDINATE_MALFORMED),
    ],
)
def test_what_is_wrong_with_a_point_is_told_apart(lat, lon, reason):
    facility, issues = one(lat=lat, lon=lon)
    assert (facility["precision"], issues) == ("zip_centroid", [reason])


@pytest.mark.parametrize(("edge", "inside"), [(129.99, False), (130.0, True), (175.0, True), (175.01, False)])
def test_the_pacific_ends_where_it_is_written_to_end(edge, inside):
    place = {"street1": "1 Example St", "city": "", "state": "FM", "zip": ""}
    assert (one(**place, lat="7", lon=str(edge))[0]["precision"] == "address") is inside
    for lat, north in (("0", True), ("-0.01", False), ("16", True), ("16.01", False)):
        assert (one(**place, lat=lat, lon="150")[0]["precision"] == "address") is north


def test_a_zip_without_a_point_still_has_a_county():
    facility, issues = one(city="", state="IN", zip="46320", lat="", lon="")
    assert (facility["county_fips"], facility["county_match"]) == ("18089", "within")
    unplaced, issues = one(city="", state="DC", zip="56998")  # an agency of its own
    assert (unplaced["precision"], unplaced["county_fips"], unplaced["county_match"], unplaced["vintage"]) == (
        "unknown", "11001", "zip", 2023,
    )  # fmt: skip
    assert Reason.NO_COUNTY_MATCH not in issues
    nowhere, issues = one(city="", state="DC", zip="00000")
    assert (nowhere["county_fips"], nowhere["county_match"], nowhere["vintage"]) == ("", "none", 0)
    assert Reason.NO_COUNTY_MATCH in issues


def test_a_county_that_is_no_more_is_of_another_vintage():
    hartford = {"lat": "41.76", "lon": "-72.69", "city": "Hartford", "state": "CT", "zip": "06103"}
    facility, issues = one(**hartford, county="Hartford")
    assert facility["county_fips"] == "09110"
    assert issues == [Reason.COUNTY_OF_OTHER_VINTAGE]
    assert one(**hartford, county="Capitol")[1] == []
    assert one(**hartford, county="Western Connecticut")[1] == [Reason.COUNTY_CONTRADICTION]
    assert one(**hartford | {"lat": "0", "lon": "0"}, county="Fairfield")[1] == [Reason.COORDINATE_ZERO]


@pytest.mark.parametrize(("metres", "believed"), [(49_999.6, True), (50_000.4, False)])
def test_a_point_in_another_state_is_believed_up_to_50_km_from_the_middle_of_its_zip(metres, believed):
    east = zip_points().loc["62201"]  # East St. Louis; to the west lies Missouri
    lon, lat, _ = Geod(ellps="WGS84").fwd(east["lon"], east["lat"], 270, metres)
    facility, issues = one(city="East St. Louis", state="IL", zip="62201", lat=repr(lat), lon=repr(lon))
    assert issues == [Reason.STATE_CONTRADICTION if believed else Reason.COORDINATE_ELSEWHERE]
    assert (facility["lon"], facility["precision"]) == (
        (lon, "address") if believed else (east["lon"], "zip_centroid")
    )
