"""The row pipeline: every row is accounted for, every repair is written down."""

from datetime import date

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_rows import CHICAGO, SOURCE, one, raw

from iopdir.intake.fields import INPUTS
from iopdir.intake.pipeline import intake
from iopdir.intake.quality import Reason
from iopdir.provenance import Source
from iopdir.schema.columns import COLUMNS


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


def test_a_mental_health_listing_states_no_level_of_care_here():
    facility, issues = one(facility_type="MH", codes=("OP", "OIT"))
    assert facility["levels_of_care"] == ()
    assert issues == [Reason.NOT_SUBSTANCE_USE]
    both, issues = one(facility_type="MH", codes=("SA", "OP", "OIT"))
    assert both["levels_of_care"] == ("iop",)
    assert issues == []


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


def test_codes_become_medications_populations_settings_and_telehealth():
    facility, issues = one(codes=("SA", "OP", "OD", "BU", "MOA", "VET", "TELE"))
    assert facility["levels_of_care"] == ("withdrawal_management",)
    assert facility["settings"] == ("outpatient",)
    assert facility["medications"] == ("buprenorphine", "prescribed_elsewhere")
    assert facility["special_populations"] == ("veterans",)
    assert facility["telehealth"]
    assert not one(codes=("SA",))[0]["telehealth"]
    assert issues == []


def test_each_row_says_where_it_comes_from_and_whether_it_is_made_up():
    source = Source(name="list.csv", edition="2022", sha256="ab", licence="L", retrieved=date(2026, 1, 2))
    rows = raw(
        {"name": "Clinic", "codes": ("SA", "OIT")},
        {"codes": ("OIT", "SA")},
        {"name": "Other", "codes": ("SA",)},
    )
    clean, quality = intake(rows, source=source, prefix="X")
    told = clean.set_index("name")[
        ["source", "edition", "sha256", "licence", "retrieved", "source_row", "synthetic"]
    ]
    assert told.loc["Clinic"].tolist() == ["list.csv", "2022", "ab", "L", "2026-01-02", 2, False]
    assert told.loc["SYNTHETIC Clinic", ["source_row", "synthetic"]].tolist() == [3, True]
    assert clean.index.str.startswith("X-").all()
    assert quality.iop_rows == 2
    bare, _ = intake(raw({"name": "Clinic"}), source=Source(name="list.csv"))
    assert bare[["retrieved", "synthetic"]].values.tolist() == [["", False]]
    assert intake(raw({"name": "Clinic"}), source=Source(name="x", synthetic=True))[0]["synthetic"].all()


def test_a_short_row_is_flagged_unless_it_is_broken_too():
    rows = raw(
        {"short": "2 fields"}, {"name": "SYNTHETIC B", "short": "2 fields", "defect": "torn"}, {"name": ""}
    )
    _, quality = intake(rows, source=SOURCE)
    assert quality.issues[["row", "reason", "action"]].values.tolist() == [
        [2, "short_row", "flagged"],
        [3, "malformed_row", "rejected"],
        [4, "no_name", "rejected"],
    ]
    assert (quality.rows_in, quality.accepted, quality.rejected) == (3, 1, 2)
