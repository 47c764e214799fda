"""Readers on small SYNTHETIC files: what loads, and what fails with which words."""

import gzip
import json
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import LoadError, UnknownNameError
from iopdir.loaders.files import read_rows
from iopdir.loaders.listing import read_codes, split_codes

HEADER = [
    "name1",
    "name2",
    "street1",
    "street2",
    "city",
    "state",
    "zip",
    "phone",
    "intake1",
    "service_code_info",
]
ROWS = [
    [
        "SYNTHETIC One",
        "",
        "1 Example St",
        "",
        "Chicago",
        "IL",
        "60614",
        "312-555-0101",
        "",
        "SA * OP OIT * MD * QQ",
    ],
    [
        "SYNTHETIC Two",
        "Youth",
        "2 Example St",
        "",
        "Boston",
        "MA",
        "02108",
        "",
        "617-555-0102",
        "SA * OP ORT",
    ],
    [
        "SYNTHETIC One",
        "",
        "1 Example St",
        "",
        "Chicago",
        "IL",
        "60614",
        "312-555-0101",
        "",
        "SA * OP OIT * MD",
    ],
    ["", "", "9 Nowhere", "", "", "", "", "", "", ""],
]


OOXML = "openxmlformats-package.relationships"


def write_xlsx(path, sheets):
    """Write the smallest workbook that a spreadsheet program would accept, all cells as inline text."""
    from xml.sax.saxutils import escape

    def sheet(rows):
        body = "".join(
            "<row>"
            + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row)
            + "</row>"
            for row in rows
        )
        return (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<sheetData>{body}</sheetData></worksheet>"
        )

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    names = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, start=1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{relation}/worksheet" Target="worksheets/s{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Default Extension="rels" ContentType="application/vnd.{OOXML}+xml"/></Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="b" Type="{relation}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>{names}</sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{links}</Relationships>',
        )
        for n, rows in enumerate(sheets.values(), start=1):
            book.writestr(f"xl/worksheets/s{n}.xml", sheet(rows))
    return path


def write_csv(path, rows, encoding="utf-8"):
    pd.DataFrame(rows[1:], columns=rows[0]).to_csv(path, index=False, encoding=encoding)
    return path


@pytest.fixture
def workbook(tmp_path):
    return write_xlsx(
        tmp_path / "directory.xlsx", {"Facilities List": [HEADER, *ROWS], "Service Code Reference": [["x"]]}
    )


@pytest.fixture
def sheet_as_csv(tmp_path):
    return write_csv(tmp_path / "directory.csv", [HEADER, *ROWS], encoding="utf-8-sig")


# --- National Directory --------------------------------------------------------------------------------------


def test_the_workbook_and_its_csv_give_the_same_facilities(workbook, sheet_as_csv):
    first, second = (
        iop.read_directory(workbook),
        iop.read_directory(sheet_as_csv),
    )
    of_file = ["source", "sha256"]
    pd.testing.assert_frame_equal(first.table.drop(columns=of_file), second.table.drop(columns=of_file))
    quality = first.quality
    assert (quality.rows_in, quality.accepted, quality.merged, quality.rejected) == (4, 2, 1, 1)
    assert quality.unknown_codes == {"QQ": 1}
    assert {facility.provenance.row for facility in first} == {2, 3}
    assert {facility.provenance.sha256 for facility in first} == {first.provenance.sources[0].sha256}


def test_codes_of_the_directory_become_words(workbook):
    listing = iop.read_directory(workbook)
    chicago = next(facility for facility in listing if facility.address.city == "Chicago")
    assert [level.value for level in chicago.levels_of_care] == ["iop"]
    assert [payment.value for payment in chicago.payments] == ["medicaid"]
    assert chicago.unmapped == ("QQ",)
    assert chicago.location.precision == "zip_centroid"


def test_a_workbook_with_other_sheets_names_them(tmp_path):
    path = write_xlsx(tmp_path / "other.xlsx", {"Budget": [["a"]], "Staff": [["b"]]})
    with pytest.raises(LoadError, match="no such row in 'Budget', 'Staff'"):
        iop.read_directory(path)


def test_a_missing_column_is_named(tmp_path):
    path = write_csv(tmp_path / "x.csv", [HEADER[:-1], *(row[:-1] for row in ROWS)])
    quality = iop.read_directory(path).quality
    assert quality.missing == ("lat", "lon", "codes")
    assert dict(quality.columns.itertuples(index=False))["intake1"] == "intake_phone"


def test_an_unknown_edition_is_refused(workbook):
    with pytest.raises(UnknownNameError, match="edition"):
        iop.read_directory(workbook, edition="1950")


# --- files that are not what they should be ------------------------------------------------------------------

POLYGON = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "SYNTHETIC"},
                "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
            }
        ],
    }
).encode()
BROKEN = {
    "empty": (b"", "an empty file"),
    "blank": (b"  \n \n", "an empty file"),
    "html": (b"<!DOCTYPE html><html>Too many requests</html>", "an HTML page"),
    "html_bom": (b"\xef\xbb\xbf\n<HTML>", "an HTML page"),
    "pdf": (b"%PDF-1.7 ...", "a PDF"),
    "gzip": (gzip.compress(b"a,b"), "a gzip file"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old XLS workbook"),
    "truncated_xlsx": (b"PK\x03\x04" + b"\0" * 60, "a damaged workbook"),
    "truncated_parquet": (b"PAR1" + b"\0" * 60, "a damaged Parquet file"),
    "broken_json": (b'{"rows": [\n{"name1": ', "broken JSON"),
    "other_json": (b'{"hits": []}', "the keys 'hits'"),
    "json_of_other_records": (b'[{"id": 1}]', "'id'"),
    "bom_only": (b"\xef\xbb\xbf", "an empty file"),
    "json_of_numbers": (b"[1, 2]", "a list"),
    "deep_json": (b"[" * 100_000, "broken JSON"),
    "long_number": (b"[" + b"1" * 5000 + b"]", "broken JSON"),
    "polygons": (POLYGON, "1 shapes that are no points, such as a Polygon"),
    "latin1": ("name,zip\nCl\u00ednica,60614".encode("latin-1"), "byte 0xed, which is not utf-8"),
    "binary": (b"name,zip\nab\0c,60614", "a binary file"),
    "other_csv": (b"a,b\n1,2\n", "'a', 'b'"),
    "no_place": (b"name,colour\nSYNTHETIC,red\n", "'name', 'colour'"),
    "twice": (b"name,zip,zip\nSYNTHETIC,1,2\n", "the column 'zip' twice"),
    "open_quote": (b'name,zip\n"SYNTHETIC,60614\n', "broken CSV"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_is_no_listing_fails_with_path_and_what_was_found(tmp_path, case):
    data, found = BROKEN[case]
    path = tmp_path / f"{case}.dat"
    path.write_bytes(data)
    with pytest.raises(LoadError) as caught:
        iop.read_directory(path)
    assert str(path) in str(caught.value)
    assert found in caught.value.found
    assert caught.value.expected


def test_a_damaged_workbook_cut_in_half_fails_as_a_load_error(tmp_path, workbook):
    half = tmp_path / "half.xlsx"
    half.write_bytes(workbook.read_bytes()[: workbook.stat().st_size // 2])
    with pytest.raises(LoadError, match="damaged workbook"):
        iop.read_directory(half)


def test_a_missing_file_and_a_folder_are_load_errors(tmp_path):
    with pytest.raises(LoadError, match="none that can be opened"):
        iop.read_directory(tmp_path / "absent.csv")
    with pytest.raises(LoadError, match="found a folder"):
        iop.read_directory(tmp_path)


def test_line_numbers_count_lines_not_records(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text('name,zip\n"SYNTHETIC\nOne",60614\n\nSYNTHETIC Two,60614,extra\n')
    rows = read_rows(path, expected="a table", is_header=bool)
    assert list(rows.table.index) == [2, 5]
    assert list(rows.defects) == ["", "3 fields where the header has 2"]
    quality = iop.read_facilities(path).quality
    assert quality.issues[["row", "reason"]].values.tolist() == [[5, "malformed_row"]]


def test_a_row_that_ends_early_is_read_and_flagged(tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("name,city,state,zip,phone\nA,Chicago,IL,60614,312-555-0101\nB,Chicago,IL\n,Chicago\n")
    quality = iop.read_directory(path).quality
    assert quality.accepted == 2
    found = quality.issues[["row", "value", "reason", "action"]].values.tolist()
    assert [3, "3 fields where the header has 5", "short_row", "flagged"] in found
    assert [4, "2 fields where the header has 5", "short_row", "flagged"] in found
    assert not any(row == 2 for row, *_ in found)


def test_another_encoding_can_be_named(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes("name,zip\nSYNTHETIC Cl\u00ednica,60614".encode("cp1252"))
    (facility,) = iop.read_facilities(path, encoding="cp1252")
    assert facility.name == "SYNTHETIC Cl\u00ednica"
    with pytest.raises(UnknownNameError, match="text encoding"):
        iop.read_facilities(path, encoding="klingon")


# --- FindTreatment -------------------------------------------------------------------------------------------

LABELS = [
    {"f1": "Type of Care", "f2": "TC", "f3": "Substance use treatment"},
    {"f1": "Service Settings", "f2": "SET", "f3": "Outpatient; Intensive Outpatient treatment"},
    {"f1": "Payment", "f2": "PAY", "f3": "Medicaid; Military insurance (e.g., TRICARE); Something new"},
    {"f1": "Blank", "f2": "X", "f3": None},
]


def record(**fields):
    base = {
        "name1": "SYNTHETIC One",
        "name2": "",
        "street1": "1 Example St",
        "street2": None,
        "city": "Chicago",
    }
    base |= {
        "state": "IL",
        "zip": "60614",
        "phone": "312-555-0101",
        "latitude": "41.92",
        "longitude": "-87.65",
    }
    return base | {"services": LABELS} | fields


@pytest.mark.parametrize("key", ["typeFacility", "type_facility"])
@pytest.mark.parametrize("envelope", [True, False])
def test_locator_json_is_read_with_both_spellings_and_without_envelope(tmp_path, key, envelope):
    rows = [record(**{key: "SA"}), record(name1="SYNTHETIC Two", services=None, **{key: "MH"})]
    path = tmp_path / "rows.json"
    path.write_text(
        json.dumps({"page": 1, "totalPages": 1, "recordCount": 2, "rows": rows} if envelope else rows)
    )
    first = next(
        facility for facility in iop.loaders.read_findtreatment(path) if facility.name == "SYNTHETIC One"
    )
    assert [level.value for level in first.levels_of_care] == ["iop"]
    assert [payment.value for payment in first.payments] == ["medicaid", "military"]
    assert first.unmapped == ("Something new",)
    assert first.location.precision == "address"


def test_a_page_of_many_says_it_is_partial(tmp_path):
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"page": 2, "totalPages": 765, "recordCount": 22949, "rows": [record()]}))
    listing = iop.loaders.read_findtreatment(path)
    assert listing.provenance.parameters["partial"] == "page 2 of 765; 1 of 22949 records"


def test_a_record_that_is_no_object_is_rejected_with_its_number(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([record(services=None), 7]))
    quality = iop.loaders.read_findtreatment(path).quality
    assert quality.issues[["row", "reason", "value"]].values.tolist() == [
        [2, "malformed_row", "no facility record but a int"]
    ]


EXPORT = ["name1", "name2", "street1", "street2", "city", "state", "zip", "phone", "latitude", "longitude"]
EXPORT_ROW = [
    "SYNTHETIC One",
    "",
    "1 Example St",
    "",
    "Chicago",
    "IL",
    "60614",
    "312-555-0101",
    "41.92",
    "-87.65",
]


def test_the_2025_export_is_read_with_its_own_meanings(tmp_path):
    header = [*EXPORT, "type_facility", "sa", "op", "iop", "cash", "tricare", "mi", "zzz"]
    path = write_csv(tmp_path / "x.csv", [header, [*EXPORT_ROW, "SA", "1", "1", "1", "1", "", "1", "1"]])
    (facility,) = iop.loaders.read_findtreatment(path)
    assert [level.value for level in facility.levels_of_care] == ["iop"]
    assert [payment.value for payment in facility.payments] == ["cash"]
    assert facility.unmapped == ("zzz",)
    assert facility.provenance.edition == "2025"


def test_an_older_export_reads_mi_as_military_insurance(tmp_path):
    header = [*EXPORT, "type_facility", "sa", "oit", "mi"]
    path = write_csv(tmp_path / "x.csv", [header, [*EXPORT_ROW, "SA", "1", "1", "1"]])
    (facility,) = iop.loaders.read_findtreatment(path)
    assert [payment.value for payment in facility.payments] == ["military"]


def test_an_xlsx_export_is_found_under_its_preamble(tmp_path):
    header = [*EXPORT, "type_facility", "sa", "iop"]
    rows = [["Facility listing"], ["made for", "nobody"], [""], header, [*EXPORT_ROW, "SA", "1", "1"]]
    path = write_xlsx(tmp_path / "export.xlsx", {"Sheet1": rows})
    (facility,) = iop.read_directory(path)
    assert "iop" in [level.value for level in facility.levels_of_care]
    assert facility.provenance.row == 5


# --- any table -----------------------------------------------------------------------------------------------


def test_a_table_is_read_alike_from_every_kind_of_file_and_frame(tmp_path):
    frame = pd.DataFrame(
        {
            "name": ["SYNTHETIC One"],
            "address": ["1 Example St"],
            "zipcode": ["60614"],
            "state": ["IL"],
            "keys": ["SA/OIT"],
        }
    )
    points = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([-87.65], [41.92]), crs="EPSG:4326")
    with_numbers = frame.assign(lat=41.92, lon=-87.65)
    with_numbers.to_csv(tmp_path / "a.csv", index=False)
    with_numbers.to_parquet(tmp_path / "a.parquet")
    points.to_crs("EPSG:5070").to_parquet(tmp_path / "b.parquet")
    points.to_file(tmp_path / "a.geojson", driver="GeoJSON")
    points.to_file(tmp_path / "a.gpkg", driver="GPKG")
    records = with_numbers.to_dict("records")
    for name, content in (("list", records), ("key", {"updated": "2022", "clinics": records})):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "a.ndjson").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    write_xlsx(
        tmp_path / "a.xlsx",
        {"Notes": [["a"]], "Sites": [list(with_numbers), *with_numbers.astype("str").to_numpy()]},
    )
    names = "a.csv|a.parquet|b.parquet|a.geojson|a.gpkg|list.json|key.json|a.ndjson|a.xlsx"
    listings = [iop.read_directory(tmp_path / name) for name in names.split("|")]
    listings += [iop.read_directory(tmp_path / "a.xlsx", sheet="Sites")]
    with pytest.raises(iop.errors.UnknownNameError, match="'Site'"):
        iop.read_directory(tmp_path / "a.xlsx", sheet="Site")
    listings += [iop.read_facilities(with_numbers), iop.read_facilities(points)]
    ids = {facility.facility_id for listing in listings for facility in listing}
    assert len(ids) == 1
    for listing in listings:
        (facility,) = listing
        assert facility.location.lat == pytest.approx(41.92, abs=1e-9)
        assert facility.location.precision == "address"
        assert [level.value for level in facility.levels_of_care] == ["iop"]


def test_columns_can_be_named_and_wrong_names_are_refused(tmp_path):
    path = write_csv(tmp_path / "x.csv", [["Clinic", "Post"], ["SYNTHETIC One", "60614"]])
    (facility,) = iop.read_facilities(path, columns={"Clinic": "name", "Post": "zip"})
    assert facility.name == "SYNTHETIC One"
    with pytest.raises(UnknownNameError, match="no facility column 'title'"):
        iop.read_facilities(path, columns={"Clinic": "title"})
    with pytest.raises(UnknownNameError, match="'Klinic'; did you mean Clinic"):
        iop.read_facilities(path, columns={"Klinic": "name"})


def test_a_numeric_zip_column_gets_its_zeros_back():
    frame = pd.DataFrame({"name": ["SYNTHETIC One"], "zip": [2108.0], "state": ["MA"]})
    listing = iop.read_facilities(frame, name="SYNTHETIC frame")
    (facility,) = listing
    assert facility.address.zip == "02108"
    assert list(listing.quality.issues["reason"]) == ["zip_lost_zeros"]


@given(
    st.lists(st.sampled_from(["OIT", "oit", "MD", "ZZZ", "SA"])),
    st.sampled_from([" ", " * ", "/", ",", "; "]),
)
def test_codes_are_read_alike_with_any_separator(codes, separator):
    read = read_codes(split_codes(pd.Series([separator.join(codes)])), edition="2022").iloc[0]
    assert set(read["codes"]) == {code.upper() for code in codes} - {"ZZZ"}
    assert read["unmapped"] == ("ZZZ",) * codes.count("ZZZ")


def test_a_feature_without_a_geometry_keeps_the_point_of_its_properties(tmp_path):
    path = tmp_path / "a.geojson"
    place = {"name": "A", "city": "Chicago", "state": "IL", "zip": "60614"}
    point = {"type": "Point", "coordinates": [-87.6, 41.9]}
    parts = [
        (None, place | {"lat": 41.92, "lon": -87.65}),
        (point, place | {"name": "B"}),
        (None, place | {"name": "C"}),
    ]
    features = [{"type": "Feature", "geometry": where, "properties": what} for where, what in parts]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found = iop.read_directory(path).to_geodataframe().set_index("name")
    assert found.loc["A", ["lon", "lat"]].tolist() == [-87.65, 41.92]
    assert found.loc["B", ["lon", "lat"]].tolist() == [-87.6, 41.9]
    assert found["precision"].to_dict() == {"A": "address", "B": "address", "C": "zip_centroid"}


@pytest.mark.parametrize("index", [["name"], ["state", "name"], ["zip", None]])
def test_columns_that_a_parquet_file_keeps_as_its_index_are_columns(tmp_path, index):
    frame = pd.DataFrame({"name": ["SYNTHETIC"], "state": ["IL"], "zip": ["60614"], "None": [3]})
    frame = frame.set_index([name or "None" for name in index]).rename_axis(index)
    frame.to_parquet(tmp_path / "a.parquet")
    table = iop.read_directory(tmp_path / "a.parquet").table
    assert table[["name", "state", "zip"]].to_numpy().tolist() == [["SYNTHETIC", "IL", "60614"]]
