"""Every row that is not kept as it came is a line of the account."""

import json

import pandas as pd
import pytest
from intake_rows import SOURCE, raw

from iopdir.intake.pipeline import intake
from iopdir.intake.quality import Ledger, Quality, Reason, told_of


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


def account(**fields):
    base = {"rows_in": 3, "accepted": 1, "merged": 1, "rejected": 1, "iop_rows": 2, "unknown_codes": {"Q": 1}}
    base |= {"geocoded_by": {"address": 1, "zip_centroid": 0}}
    return Quality(**base | {"issues": told(2, Reason.NO_NAME)} | fields)


def told(row, reason):
    ledger = Ledger("SYNTHETIC")
    ledger.note(reason, "name", pd.Series(["<b>"], index=[row]))
    return ledger.table()


def test_accounts_put_together_add_up_and_say_everything_once():
    first = account(missing=("codes",), warnings=("far",))
    second = account(
        rows_in=10, unknown_codes={"Q": 2, "R": 1}, geocoded_by={"address": 0, "zip_centroid": 4},
        issues=told(7, Reason.NO_PLACE), missing=("phone", "codes"), warnings=("far", "odd"), doubt="listing_unplaced",
    )  # fmt: skip
    both = Quality.combine([first, second])
    assert (both.rows_in, both.accepted, both.merged, both.rejected, both.iop_rows) == (13, 2, 2, 2, 4)
    assert both.unknown_codes == {"Q": 3, "R": 1}
    assert both.geocoded_by == {"address": 1, "zip_centroid": 4}
    assert both.issues["row"].to_dict() == {0: 2, 1: 7}
    assert (both.missing, both.warnings, both.doubt) == (
        ("codes", "phone"),
        ("far", "odd"),
        "listing_unplaced",
    )
    assert Quality.combine([first]).doubt == ""
    for one in (first, both):
        again = Quality.from_dict(json.loads(json.dumps(one.to_dict())))
        assert again.to_dict() == one.to_dict()


def test_an_account_reads_as_lines_and_leaves_out_what_there_is_nothing_to_say_of():
    columns = pd.DataFrame({"column": ["a", "b", "c"], "read_as": ["name", "extra", "extra"]})
    quality = account(rows_in=1234, columns=columns, missing=("zip", "codes"), warnings=("<i>far</i>",))
    assert repr(quality).split("\n  ") == [
        "Quality: 1,234 rows in = 1 accepted + 1 merged + 1 rejected",
        "WARNING: <i>far</i>",
        "placed by: 1 address",
        "issues: 1 no_name",
        "extra columns: b, c",
        "no column for: zip, codes",
    ]
    assert "<i>" not in quality._repr_html_()
    nothing = account(issues=Ledger("SYNTHETIC").table(), geocoded_by={})
    assert repr(nothing).split("\n  ")[1:] == ["placed by: nothing", "issues: none"]


def placed(*precision, fips="17031", codes=("SA",), unmapped=()):
    return pd.DataFrame(
        {"precision": precision, "county_fips": fips, "codes": [codes] * len(precision),
         "unmapped": [unmapped] * len(precision)}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("table", "doubt", "words"),
    [
        (placed("address", "unknown"), "", []),
        (placed("zip_centroid", "unknown", "unknown"), "listing_unplaced", ["only 1 of 3 facilities have a point"]),
        (placed("address", fips=""), "listing_abroad", ["another country"]),
        (placed("unknown", fips=""), "listing_abroad", ["another country"]),
        (placed(), "", []),
        (placed("address", codes=("SA",) * 19, unmapped=("Q",)), "", []),  # one in twenty
        (placed("address", codes=("SA",) * 18, unmapped=("Q",)), "", ["1 of 19 service codes"]),
    ],
)  # fmt: skip
def test_what_makes_a_listing_doubtful_as_a_whole_is_said(table, doubt, words):
    told = told_of(table)
    assert told["doubt"] == doubt
    assert len(told["warnings"]) == len(words)
    assert all(word in warning for word, warning in zip(words, told["warnings"], strict=True))


def test_issues_stand_in_the_order_of_the_file_and_say_what_was_done():
    ledger = Ledger("SYNTHETIC")
    ledger.note(Reason.PHONE_MALFORMED, "phone", pd.Series(["x", "y"], index=[9, 2]))
    ledger.note(Reason.DUPLICATE, "facility_id", pd.Series(["z"], index=[9]))
    ledger.note(Reason.ZIP_LOST_ZEROS, "zip", pd.Series([1201], index=[2]))
    ledger.note(Reason.NO_NAME, "name", pd.Series([], dtype="str"))
    assert ledger.table()[["row", "field", "value", "action"]].values.tolist() == [
        [2, "phone", "y", "flagged"],
        [2, "zip", "1201", "repaired"],
        [9, "facility_id", "z", "merged"],
        [9, "phone", "x", "flagged"],
    ]
