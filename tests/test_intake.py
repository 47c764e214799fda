"""The row pipeline: every row is accounted for, every repair is written down."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iopdir.geography.places import zip_points
from iopdir.intake.fields import INPUTS
from iopdir.intake.pipeline import intake
from iopdir.intake.quality import Reason
from iopdir.provenance import Source
from iopdir.schema.columns import COLUMNS

SOURCE = Source(name="SYNTHETIC rows")
CHICAGO = {"lat": "41.92", "lon": "-87.65"}


def raw(*rows: dict[str, str]) -> pd.DataFrame:
    base = {
        "name": "SYNTHETIC Clinic",
        "street1": "1 Example St",
        "city": "Chicago",
        "state": "IL",
        "zip": "60614",
    }
    table = pd.DataFrame([base | row for row in rows], index=pd.RangeIndex(2, len(rows) + 2)).fillna("")
    for name in ("codes", "unmapped"):
        if name in table:
            table[name] = [tuple(cell) for cell in table[name]]
    return table


def one(**fields: str):
    clean, quality = intake(raw(fields), source=SOURCE)
    assert len(clean) == 1
    return clean.iloc[0], list(quality.issues["reason"])


def test_a_good_row_passes_without_remark():
    facility, issues = one(
        **CHICAGO,
        codes=("SA", "OP", "OIT", "MD"),
        phone="(312) 555-0123",
        website="example.org",
        county="Cook",
    )
    assert issues == []
    assert facility["lat"] == 41.92
    assert facility["precision"] == "address"
    assert (facility["county_fips"], facility["county_match"], facility["vintage"]) == (
        "17031",
        "within",
        2023,
    )
    assert facility["levels_of_care"] == ("iop",)
    assert facility["payments"] == ("medicaid",)
    assert facility["phone"] == "312-555-0123"
    assert facility["website"] == "http://example.org"


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


@pytest.mark.parametrize(
    ("given_zip", "read", "issues"),
    [
        ("1201", "01201", [Reason.ZIP_LOST_ZEROS]),
        ("601", "00601", [Reason.ZIP_LOST_ZEROS]),
        ("60614-1234", "60614", []),
        ("606141234", "60614", []),
        ("60614.0", "60614", []),
        ("6061x", "", [Reason.ZIP_MALFORMED]),
    ],
)
def test_zips_are_read_as_text(given_zip, read, issues):
    state = {"01201": "MA", "00601": "PR"}.get(read, "IL")
    point = {} if state != "IL" else CHICAGO
    facility, found = one(zip=given_zip, state=state, **point)
    assert facility["zip"] == read
    assert found == issues


@pytest.mark.parametrize(("state", "read"), [("illinois", "IL"), ("il", "IL"), (" Ill ", "IL"), ("", "IL")])
def test_states_are_read_or_taken_from_the_point(state, read):
    facility, _ = one(state=state, **CHICAGO)
    assert facility["state"] == read


@pytest.mark.parametrize(
    ("phone", "read"),
    [
        ("312-555-0123 x107", "312-555-0123 x107"),
        ("1 (312) 555.0123", "312-555-0123"),
        ("888-PARNEXT", "888-727-6398"),
        ("call us", ""),
        ("+44 20 7946 0958", ""),
    ],
)
def test_phones_are_us_numbers_or_flagged(phone, read):
    facility, issues = one(phone=phone)
    assert facility["phone"] == read
    assert issues == ([] if read else [Reason.PHONE_MALFORMED])


@pytest.mark.parametrize(
    ("website", "read"),
    [
        ("HTTPS://Example.ORG/Path", "https://example.org/Path"),
        ("www.example.org", "http://www.example.org"),
        ("javascript:alert(1)", ""),
        ("javascript://example.org/%0aalert(1)", ""),
        ("data:text/html,x", ""),
        ("not a site", ""),
        ("http://[", ""),
    ],
)
def test_websites_are_http_or_flagged(website, read):
    facility, issues = one(website=website)
    assert facility["website"] == read
    assert issues == ([] if read else [Reason.WEBSITE_MALFORMED])


def test_repeats_are_merged_blanks_filled_and_codes_joined():
    rows = raw(
        {"codes": ("SA", "OP")},
        {"name": "synthetic  CLINIC", "codes": ("SA", "OIT"), "phone": "312-555-0101"},
    )
    clean, quality = intake(rows, source=SOURCE)
    assert len(clean) == 1
    assert clean.iloc[0]["codes"] == ("SA", "OP", "OIT")
    assert clean.iloc[0]["phone"] == "312-555-0101"
    assert (quality.accepted, quality.merged, quality.rejected) == (1, 1, 0)
    assert quality.issues[["row", "reason", "action"]].values.tolist() == [[3, "duplicate", "merged"]]


def test_another_suite_or_program_at_the_address_is_another_facility():
    rows = raw({}, {"street2": "Suite 2"}, {"program": "Adolescent program"})
    clean, quality = intake(rows, source=SOURCE)
    assert (len(clean), quality.merged) == (3, 0)


def test_rows_without_a_name_or_a_place_are_rejected_with_row_and_reason():
    rows = raw(
        {},
        {"name": "", "phone": "312-555-0101"},
        {"name": "SYNTHETIC B", "state": "", "zip": ""},
        {"defect": "9 fields"},
    )
    clean, quality = intake(rows, source=SOURCE)
    assert len(clean) == 1
    rejected = quality.issues[quality.issues["action"] == "rejected"]
    assert rejected[["row", "reason"]].values.tolist() == [
        [3, "no_name"],
        [4, "no_place"],
        [5, "malformed_row"],
    ]
    assert quality.rejected == 3


def test_unknown_codes_are_kept_and_counted():
    clean, quality = intake(
        raw({"unmapped": ("XYZ", "New thing")}, {"name": "SYNTHETIC B", "unmapped": ("XYZ",)}), source=SOURCE
    )
    assert sorted(clean["unmapped"]) == [("XYZ",), ("XYZ", "New thing")]
    assert quality.unknown_codes == {"XYZ": 2, "New thing": 1}


def test_codes_become_medications_populations_settings_and_telehealth():
    facility, issues = one(codes=("SA", "OP", "OD", "BU", "MOA", "VET", "TELE"))
    assert facility["levels_of_care"] == ("withdrawal_management",)
    assert facility["settings"] == ("outpatient",)
    assert facility["medications"] == ("buprenorphine", "prescribed_elsewhere")
    assert facility["special_populations"] == ("veterans",)
    assert facility["telehealth"]
    assert not one(codes=("SA",))[0]["telehealth"]
    assert issues == []


def test_a_mental_health_listing_states_no_level_of_care_here():
    facility, issues = one(facility_type="MH", codes=("OP", "OIT"))
    assert facility["levels_of_care"] == ()
    assert issues == [Reason.NOT_SUBSTANCE_USE]
    both, issues = one(facility_type="MH", codes=("SA", "OP", "OIT"))
    assert both["levels_of_care"] == ("iop",)
    assert issues == []


def test_a_zip_without_a_point_leaves_the_facility_unplaced_and_says_so():
    facility, issues = one(zip="00000", state="")
    assert facility["precision"] == "unknown"
    assert np.isnan(facility["lon"])
    assert Reason.ZIP_UNPLACED in issues


def test_no_rows_give_an_empty_table_with_all_columns():
    clean, quality = intake(pd.DataFrame(columns=list(INPUTS), dtype="object"), source=SOURCE)
    assert [clean.index.name, *clean.columns] == list(COLUMNS)
    assert (quality.rows_in, quality.accepted) == (0, 0)
    assert list(quality.issues.columns) == ["file", "row", "field", "value", "reason", "action"]


text = st.one_of(st.just(""), st.text(max_size=12))
messy = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["", "SYNTHETIC A", "synthetic a", "SYNTHETIC B"]),
        "street1": st.sampled_from(["", "1 X St"]),
        "state": st.sampled_from(["", "IL", "Puerto Rico", "ZZ", "MA"]),
        "zip": st.sampled_from(["", "60614", "1201", "99999", "x"]),
        "lat": st.sampled_from(["", "41.92", "-87.65", "0", "nan", "95", "-91"]),
        "lon": st.sampled_from(["", "-87.65", "41.92", "0", "inf", "200"]),
        "phone": text,
        "website": text,
        "county": text,
        "unmapped": st.sampled_from([(), ("Q",), ("Q", "R")]),
        "defect": st.sampled_from(["", "", "", "broken"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(messy, max_size=8))
def test_rows_in_are_accepted_merged_or_rejected_whatever_comes(rows):
    table = pd.DataFrame(rows, dtype="object")
    clean, quality = intake(table, source=SOURCE)
    assert quality.rows_in == len(rows) == quality.accepted + quality.merged + quality.rejected
    assert quality.accepted == len(clean) == sum(quality.geocoded_by.values())
    assert quality.rejected == (quality.issues["action"] == "rejected").sum()
    assert clean.index.is_unique
    assert clean.index.is_monotonic_increasing
    placed = clean["precision"] != "unknown"
    assert clean.loc[placed, ["lon", "lat"]].notna().all(axis=None)
    assert clean.loc[~placed, ["lon", "lat"]].isna().all(axis=None)
