"""Every row that is not kept as it came is a line of the account."""

from intake_rows import SOURCE, raw

from iopdir.intake.pipeline import intake


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
