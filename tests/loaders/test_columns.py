"""Columns are found by the names people use, and every one is accounted for."""

import pandas as pd
import pytest

import iopdir as iop
from iopdir.errors import LoadError

NAMES = {
    "name": ["Name1", "Facility Name", "Program Name", "CLINIC", "provider_name"],
    "street1": ["Street.Address", "address_line1", "facility_address", "Address 1"],
    "zip": ["postal_code", "ZIP_Code", "Zip5"],
    "lat": ["Lat", "y", "LATITUDE"],
    "lon": ["lng", "x", "Longitude"],
    "phone": ["Contact", "Telephone"],
}
ROW = {
    "name": "SYNTHETIC One", "street1": "1 Example St", "zip": "60614", "lat": "41.92", "lon": "-87.65",
    "phone": "312-555-0100",
}  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs"), [(ours, name) for ours, names in NAMES.items() for name in names]
)
def test_a_usual_name_is_recognised(ours, theirs):
    frame = pd.DataFrame([{theirs if name == ours else name: value for name, value in ROW.items()}])
    directory = iop.read_facilities(frame)
    assert dict(directory.quality.columns.itertuples(index=False))[theirs] == ours
    plain = iop.read_facilities(pd.DataFrame([ROW]))
    pd.testing.assert_frame_equal(directory.table, plain.table)


def test_every_column_is_read_kept_or_ignored():
    frame = pd.DataFrame([ROW | {"beds": "7", "levels_of_care": "iop", "codes": "OIT", "defect": "x"}])
    directory = iop.read_facilities(frame)
    said = dict(directory.quality.columns.itertuples(index=False))
    assert said == {name: name for name in ROW} | {
        "beds": "extra", "levels_of_care": "ignored", "codes": "codes", "defect": "ignored",
    }  # fmt: skip
    assert directory.quality.missing == ("city", "state")
    assert directory.table["beds"].tolist() == [7]


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
def test_any_delimiter_is_found(tmp_path, mark):
    path = tmp_path / "x.csv"
    path.write_text(mark.join(ROW) + "\n" + mark.join(ROW.values()) + "\n")
    of_file = ["source", "location_source", "sha256", "source_row"]
    expected = iop.read_facilities(pd.DataFrame([ROW])).table
    pd.testing.assert_frame_equal(
        iop.read_directory(path).table.drop(columns=of_file), expected.drop(columns=of_file)
    )


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85"])
def test_no_mark_but_a_line_end_tears_a_row(tmp_path, mark):
    path = tmp_path / "x.csv"
    path.write_text(f"name,zip\nSYNTHETIC{mark}One,60614\n", encoding="utf-8", newline="")
    (facility,) = iop.read_directory(path)
    assert (facility.name, facility.address.zip) == ("SYNTHETIC One", "60614")


def test_the_codes_decide_the_edition_whatever_their_column_is_called():
    for codes, edition in (("iop cash tricare", "2025"), ("SA OIT MD", "2022")):
        directory = iop.read_facilities(pd.DataFrame([ROW | {"Keys": codes}]))
        assert directory.provenance.sources[0].edition == edition


@pytest.mark.parametrize(("unknown", "warned"), [(1, False), (2, True)])
def test_more_than_one_code_in_twenty_unknown_is_a_warning(unknown, warned):
    codes = ["OIT"] * (20 - unknown) + ["QQQ"] * unknown
    frame = pd.DataFrame([ROW | {"name": f"SYNTHETIC {n}", "codes": code} for n, code in enumerate(codes)])
    warnings = iop.read_facilities(frame).quality.warnings
    assert [words.split(" are ")[1] for words in warnings] == (
        ["in no known edition: levels of care may be missing"] if warned else []
    )


def test_a_listing_of_another_country_is_read_with_a_warning():
    frame = pd.DataFrame(
        {"name": [f"SYNTHETIC {n}" for n in range(3)], "lat": 23.7, "lon": [90.1, 90.4, 91.2]}
    )
    quality = iop.read_facilities(frame).quality
    assert quality.rows_in == quality.accepted == 3
    assert [words.split(":")[0] for words in quality.warnings] == ["no facility lies in the United States"]


def test_fewer_than_half_with_a_point_is_a_warning():
    rows = [ROW | {"name": "SYNTHETIC A"}] + [
        {"name": f"SYNTHETIC {n}", "zip": "00000", "state": "IL"} for n in range(2)
    ]
    quality = iop.read_facilities(pd.DataFrame(rows).fillna("")).quality
    assert [words.split(" have")[0] for words in quality.warnings] == ["only 1 of 3 facilities"]
    assert iop.read_facilities(pd.DataFrame(rows[:2]).fillna("")).quality.warnings == ()


def test_arrow_frames_load_and_polars_ones_where_it_is_installed():
    import pyarrow as pa

    expected = iop.read_facilities(pd.DataFrame([ROW])).table
    pd.testing.assert_frame_equal(
        iop.read_facilities(pa.table({k: [v] for k, v in ROW.items()})).table, expected
    )
    polars = pytest.importorskip("polars")
    pd.testing.assert_frame_equal(iop.read_facilities(polars.DataFrame([ROW])).table, expected)


@pytest.mark.parametrize("bad", [7, [ROW], None])
def test_what_is_no_frame_is_refused(bad):
    with pytest.raises(LoadError, match="a frame of facilities"):
        iop.read_facilities(bad)


@pytest.mark.parametrize(
    ("cells", "read", "kind"),
    [
        (["7", "0", "-3"], [7, 0, -3], "int64"),
        (["7", "0.5", "3"], [7.0, 0.5, 3.0], "float64"),
        (["7", "", "3"], [7.0, None, 3.0], "float64"),
        (["7", "007", "3"], ["7", "007", "3"], "str"),
        (["", "", ""], ["", "", ""], "str"),
    ],
)
def test_an_extra_column_is_numbers_only_if_all_it_holds_are(cells, read, kind):
    rows = [ROW | {"name": f"SYNTHETIC {number}", "beds": cell} for number, cell in enumerate(cells)]
    beds = (
        iop.read_facilities(pd.DataFrame(rows), name="SYNTHETIC").table.set_index("name")["beds"].sort_index()
    )
    assert beds.dtype == kind
    assert [None if value != value else value for value in beds] == read
