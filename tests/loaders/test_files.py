"""From bytes to rows: which line a row begins on, what is kept of it, and where exactly a file breaks."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import iopdir as iop
from iopdir.errors import LoadError, UnknownNameError
from iopdir.loaders.columns import looks_like_header
from iopdir.loaders.files import read_rows
from iopdir.loaders.listing import likeliest_edition, read_codes
from iopdir.loaders.pages import listing_of_pages
from iopdir.loaders.records import rows_of_frame, rows_of_records


def rows_of(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_rows(path, expected="a table", is_header=looks_like_header)


# --- text ---


def test_fields_beyond_the_header_are_a_defect_only_if_they_say_something(tmp_path):
    rows = rows_of(tmp_path / "x.csv", "\n\r\nname;zip\nA;1;\nB;2;;x\n\nC\nD;4\n")
    assert rows.table.reset_index().values.tolist() == [
        [4, "A", "1"], [5, "B", "2"], [7, "C", ""], [8, "D", "4"],
    ]  # fmt: skip
    assert rows.defects.tolist() == ["", "4 fields where the header has 2", "", ""]
    assert rows.short.tolist() == ["", "", "1 fields where the header has 2", ""]
    assert rows.names == ["name", "zip"]


def test_a_column_without_a_name_is_kept_if_it_holds_anything(tmp_path):
    rows = rows_of(tmp_path / "x.csv", "name,, ,zip\nA,,x,1\nB,,,2\n")
    assert rows.table.to_dict("list") == {"name": ["A", "B"], "column 3": ["x", ""], "zip": ["1", "2"]}


@pytest.mark.parametrize(
    ("data", "line", "found"),
    [
        (b"name,zip\nA,1\nab\0c,2\n", 3, "a binary file"),
        (b"\0name,zip\n", 1, "a binary file"),
        (b"name,zip\nA,1\nB,2\nCl\xednica,3\n", 4, "byte 0xed"),
        (b"\xedname,zip\n", 1, "byte 0xed"),
        (b'name,zip\nA,1\n"B,2\n', 3, "broken CSV"),
        (b"name,zip,name\nA,1,2\n", 1, "the column 'name' twice"),
        (b'{"name": "A"} x', 1, "broken JSON"),
        (b'{"name": "A"}\n\n{"name": "B"}\n{"name":\n', 4, "broken JSON"),
        (b'[{"name": "A"},\n{"name" "B"}]', 2, "broken JSON"),
    ],
)
def test_where_a_file_breaks_is_told(tmp_path, data, line, found):
    with pytest.raises(LoadError) as caught:
        rows_of(tmp_path / "x", data)
    assert caught.value.line == line
    assert found in caught.value.found


# --- workbooks ---


def sheet(path, *rows):
    pd.DataFrame(rows).to_excel(path, header=False, index=False, engine="xlsxwriter")
    return path


@pytest.mark.parametrize("above", [0, 19])
def test_a_header_stands_in_one_of_the_first_20_rows(tmp_path, above):
    preamble = [["Listing", "", ""]] * above
    path = sheet(
        tmp_path / "x.xlsx", *preamble, ["name", "zip", "beds"], ["A", 60614, 0.5], ["", "", ""], ["B", "", 7]
    )
    rows = read_rows(path, expected="a table", is_header=looks_like_header)
    assert rows.table.reset_index().values.tolist() == [
        [above + 2, "A", "60614", "0.5"],
        [above + 4, "B", "", "7"],
    ]
    with pytest.raises(LoadError, match="one of the first 20 rows of a sheet"):
        read_rows(
            sheet(path, *[["", ""]] * 20, ["name", "zip"]), expected="a table", is_header=looks_like_header
        )


def test_a_row_of_nothing_but_a_zero_is_a_row(tmp_path):
    path = sheet(tmp_path / "x.xlsx", ["name", "zip", "beds"], ["A", "1", 1], ["", "", 0], ["B", "2", 2])
    rows = read_rows(path, expected="a table", is_header=looks_like_header)
    assert rows.table["beds"].to_dict() == {2: "1", 3: "0", 4: "2"}


@pytest.mark.parametrize(
    ("cells", "is_one"),
    [
        (["Facility Name", "ZIP"], True), (["name", "lat", "lon"], True), (["name", "city", "state"], True),
        (["name", "lat"], False), (["name", "city"], False), (["name", "state", "lon"], False), (["zip"], False),
        (["lat", "lon"], False), (["", "  "], False), (["Program Name", "Postal Code"], True),
    ],
)  # fmt: skip
def test_a_header_names_a_facility_and_says_where_it_is(cells, is_one):
    assert looks_like_header(cells) is is_one


# --- JSON and frames ---


def test_json_is_records_a_list_under_one_key_or_one_a_line(tmp_path):
    records = [{"name": "A", "zip": "1"}, {"name": "B", "zip": "2"}]
    texts = [json.dumps(records), json.dumps({"of": "today", "none": [], "rows": records})]
    texts += ["\n".join(map(json.dumps, records)), "\n\n".join(map(json.dumps, records)) + "\n"]
    for text in texts:
        assert rows_of(tmp_path / "x", text).table.to_dict("list") == {"name": ["A", "B"], "zip": ["1", "2"]}
        assert rows_of(tmp_path / "x", text).table.index.tolist() == [1, 2]
    assert rows_of(tmp_path / "x", json.dumps(records[0])).table["name"].tolist() == ["A"]
    for several in ({"a": records, "b": records}, {"a": {"b": 1}}, {}):
        with pytest.raises(LoadError, match="records under one key, found"):
            rows_of(tmp_path / "x", json.dumps(several))


def test_records_are_laid_out_flat_one_level_deep():
    record = {
        "name": "A", "at": {"city": "Lee", "geo": {"lat": 1.0}, "tags": ["x", 2]}, "days": ["Mo", "Tu"],
        "rooms": [{"beds": 3}], "open": True, "size": 2.0, "fax": None,
    }  # fmt: skip
    rows = rows_of_records("x", [record, 7], expected="a table")
    assert rows.table.loc[1].to_dict() == {
        "name": "A", "at_city": "Lee", "at_geo": '{"lat": 1.0}', "at_tags": "x; 2", "days": "Mo; Tu",
        "rooms": '[{"beds": 3}]', "open": "True", "size": "2", "fax": "",
    }  # fmt: skip
    assert set(rows.table.loc[2]) == {""}
    assert rows.defects.tolist() == ["", "no record but a int"]


def feature(geometry, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties or None}


def test_features_have_points_or_none_and_the_first_that_has_another_shape_is_named():
    point = {"type": "Point", "coordinates": [-87.6, 41.9]}
    empty = {"type": "Point", "coordinates": []}
    content = {
        "type": "FeatureCollection",
        "features": [feature(point, name="A"), feature(None), feature(empty)],
    }
    rows = rows_of_records("x", content, expected="a table")
    assert rows.table.index.tolist() == [1, 2, 3]
    assert rows.table["name"].tolist() == ["A", "", ""]
    np.testing.assert_array_equal(rows.lon, [-87.6, np.nan, np.nan])
    np.testing.assert_array_equal(rows.lat, [41.9, np.nan, np.nan])
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    for wrong, found in (
        (line, "1 shapes that are no points, such as a LineString"),
        ({"type": "?"}, "a geometry"),
    ):
        content["features"] = [feature(point), feature(wrong)]
        with pytest.raises(LoadError, match=found) as caught:
            rows_of_records("x", content, expected="a table")
        assert caught.value.line == 2
    for wrong in (None, [feature(point), 7]):
        with pytest.raises(LoadError, match="a list of features"):
            rows_of_records("x", content | {"features": wrong}, expected="a table")


def test_a_frame_is_brought_to_text():
    frame = pd.DataFrame(
        {"name ": ["A", None], "beds": [7.0, np.nan], "half": [0.5, 1.0], "many": [("a", 1), np.array(["b"])],
         "open": pd.array([True, pd.NA])},
        index=pd.Index(["f1", "f2"], name="id"),
    )  # fmt: skip
    rows = rows_of_frame(frame, where="table", expected="a table")
    assert rows.table.to_dict("list") == {
        "id": ["f1", "f2"], "name": ["A", ""], "beds": ["7", ""], "half": ["0.5", "1"], "many": ["a; 1", "b"],
        "open": ["True", ""],
    }  # fmt: skip
    assert rows.table.index.tolist() == [1, 2]
    assert (rows.lon, rows.lat, rows.short) == (None, None, None)
    unnamed = rows_of_frame(frame.rename_axis(None), where="table", expected="a table")
    assert "id" not in unnamed.table
    with pytest.raises(LoadError, match="the column 'beds' twice"):
        rows_of_frame(frame.rename(columns={"half": " beds"}), where="table", expected="a table")


def test_a_geometry_places_and_columns_called_x_and_y_do_not():
    points = [shapely.Point(-87.65, 41.92), None]
    frame = gpd.GeoDataFrame(
        {"name": ["SYNTHETIC A", "SYNTHETIC B"], "x": [3, 4], "zip": "60614"}, geometry=points
    )
    listing = iop.read_facilities(frame, name="SYNTHETIC")
    assert dict(listing.quality.columns.itertuples(index=False)) == {
        "name": "name",
        "x": "extra",
        "zip": "zip",
    }
    assert listing.quality.missing == ("street1", "city", "state", "phone", "codes")
    assert listing.table.set_index("name")["precision"].to_dict() == {
        "SYNTHETIC A": "address",
        "SYNTHETIC B": "zip_centroid",
    }


# --- columns and codes ---


def test_a_column_is_read_as_one_thing_only():
    frame = pd.DataFrame(
        {"name": ["SYNTHETIC"], "Zip": "60614", "ZIP ": "60615", "lat": 41.92, "lon": -87.65}
    )
    listing = iop.read_facilities(frame)
    assert dict(listing.quality.columns.itertuples(index=False))["Zip"] == "zip"
    assert listing.quality.columns.set_index("column")["read_as"].tolist()[2] == "extra"
    county = iop.read_facilities(frame[["name", "Zip", "lat", "lon"]], columns={"Zip": "county"})
    assert dict(county.quality.columns.itertuples(index=False))["Zip"] == "county"
    assert "zip" in county.quality.missing
    two = pd.DataFrame({"program": ["Youth"], "agency": ["SYNTHETIC"], "zip": ["60614"]})
    assert iop.read_facilities(two).table.iloc[0][["name", "program"]].tolist() == ["SYNTHETIC", "Youth"]
    with pytest.raises(UnknownNameError, match=r"write theirs -> ours"):
        iop.read_facilities(two, columns={"city": "agency"})
    with pytest.raises(UnknownNameError) as caught:
        iop.read_facilities(two, columns={"town": "city"})
    assert "theirs -> ours" not in str(caught.value)


def test_codes_stand_once_in_a_row_and_an_unknown_edition_is_refused_without_rows():
    codes = pd.Series([("SA", "OIT", "SA"), ("OIT",), ()])
    read = read_codes(codes, edition="2022")
    assert read["codes"].tolist() == [("SA", "OIT"), ("OIT",), ()]
    assert read["unmapped"].tolist() == [(), (), ()]
    read = read_codes(pd.Series([("sa", "QQ", "SA"), ()]), edition="2022")
    assert read["codes"].tolist() == [("SA",), ()]
    assert read["unmapped"].tolist() == [("QQ",), ()]
    with pytest.raises(UnknownNameError, match="edition"):
        read_codes(codes[:0], edition="1950")
    assert likeliest_edition([]) == "2022"


@pytest.mark.parametrize(
    ("about", "partial"),
    [
        ({"totalPages": 1, "recordCount": 1}, None),
        ({"totalPages": 1}, None),
        ({"totalPages": "?", "recordCount": None}, None),
        ({"totalPages": 2, "recordCount": 1}, "page 1 of 2; 1 of 1 records"),
        ({"totalPages": 1, "recordCount": 2}, "page 1 of 1; 1 of 2 records"),
        ({"totalPages": "?", "recordCount": 2}, "page 1 of ?; 1 of 2 records"),
    ],
)
def test_a_locator_that_has_more_than_it_gave_says_so(tmp_path, about, partial):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(about | {"rows": [{"name1": "SYNTHETIC", "zip": "60614"}]}))
    assert iop.read_directory(path).provenance.parameters.get("partial") == partial
    path.write_text(json.dumps([{"name1": "SYNTHETIC", "zip": "60614", "services": []}]))
    assert "partial" not in iop.read_directory(path).provenance.parameters


def test_whoever_names_columns_has_a_plain_table(tmp_path):
    path = tmp_path / "x.json"
    place = {
        "name1": "SYNTHETIC",
        "city": "Chicago",
        "state": "IL",
        "zip": "60614",
        "latitude": "",
        "longitude": "",
    }
    path.write_text(json.dumps([place | {"services": []}]))
    assert iop.read_directory(path).provenance.sources[0].edition == "labels"
    plain = iop.read_directory(path, columns={"name1": "program", "services": "name"})
    assert plain.quality.rejected == 1
    flags = pd.DataFrame([place | {"type_facility": "SA", "sa": "1", "iop": "1"}])
    otp = pd.DataFrame(
        [
            place
            | {"program name": "SYNTHETIC P", "certification": "C", "first full certification date": "2020"}
        ]
    )
    for table, kind in ((flags, "iop"), (otp, "certification")):
        table.to_csv(tmp_path / "x.csv", index=False)
        listing = iop.read_directory(tmp_path / "x.csv")
        assert listing.table["codes"].tolist() != [()]
        said = dict(iop.read_directory(tmp_path / "x.csv", columns={"name1": "name"}).quality.columns.values)
        assert said[kind] == "extra"
    flags.drop(columns=["zip", "latitude"]).to_csv(tmp_path / "y.csv", index=False)
    with pytest.raises(LoadError, match="a table without the columns latitude, zip"):
        iop.loaders.read_findtreatment(tmp_path / "y.csv")


@pytest.mark.parametrize(
    ("services", "unmapped"),
    [
        (None, ()),
        ("x", ()),
        ([None, {"f3": 7}, {"f2": "x"}], ()),
        ([{"f3": "New  thing; ; Medicaid;"}], ("New thing",)),
    ],
)
def test_services_of_another_shape_say_nothing(tmp_path, services, unmapped):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"name1": "SYNTHETIC", "zip": "60614", "services": services}]))
    assert iop.read_directory(path).table["unmapped"].tolist() == [unmapped]


def test_a_record_that_a_later_page_repeats_is_merged_whatever_its_place_in_the_answer(tmp_path):
    place = {"city": "Chicago", "state": "IL", "zip": "60614", "latitude": "41.92", "longitude": "-87.65"}
    first, second, nameless = (
        place | {"name1": name, "street1": name, "services": []}
        for name in ("SYNTHETIC A", "SYNTHETIC B", "")
    )
    pages = [
        [first | {"_irow": 1, "miles": 0.5}, nameless | {"_irow": 2}],
        [
            dict(reversed(first.items())) | {"_irow": 3, "miles": 0.6},
            second | {"_irow": 1, "miles": 0.5},
            nameless,
        ],
    ]
    paths = [tmp_path / f"{number}.json" for number in range(2)]
    for path, rows in zip(paths, pages, strict=True):
        path.write_text(json.dumps({"totalPages": 2, "rows": rows}))
    listing = listing_of_pages(paths, source=iop.Source(name="pages"))
    quality = listing.quality
    assert sorted(listing.table["name"]) == ["SYNTHETIC A", "SYNTHETIC B"]
    assert (quality.rows_in, quality.accepted, quality.merged, quality.rejected) == (5, 2, 1, 2)
    evidence = "the record of page 1 again on page 2"
    assert quality.merges[["row", "into_row", "evidence"]].values.tolist() == [[3, 1, evidence]]
    assert listing.provenance.parameters["repeated"] == 2
    assert quality.issues.loc[quality.issues["reason"] == "no_name", "row"].tolist() == [2, 5]
    assert "repeated" not in listing_of_pages(paths[:1], source=iop.Source(name="page")).provenance.parameters
    paths[1].write_text(json.dumps({"rows": [{"name1": "A"}]}))
    with pytest.raises(LoadError, match=r"with city, state, zip, latitude, longitude"):
        listing_of_pages(paths, source=iop.Source(name="pages"))


def test_a_message_does_not_list_a_thousand_columns(tmp_path):
    path, columns = tmp_path / "x.csv", [f"c{number}" for number in range(1_000)]
    for given in (columns, ["name", *columns]):
        path.write_text(",".join(given) + "\n")
        with pytest.raises(LoadError) as caught:
            iop.read_directory(path)
        assert caught.value.found == ", ".join(map(repr, given[:8]))
    path.write_text(json.dumps({"rows": [dict.fromkeys(columns, "")]}))
    with pytest.raises(LoadError) as caught:
        listing_of_pages([path], source=iop.Source(name="page"))
    assert caught.value.found == "records of other columns: " + ", ".join(map(repr, columns[:30]))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"resourceType": "Bundle"}, "FHIR \\(Bundle\\)"),
        ([{"resourceType": "Location"}], "FHIR \\(Location\\)"),
        ([{"organization_identifiers": [], "name": "SYNTHETIC"}], "HSDS"),
        ({"name": "human_services_data", "resources": [{}]}, "HSDS"),
    ],
)
def test_standards_are_told_from_listings(tmp_path, content, found):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content))
    with pytest.raises(LoadError, match=found):
        iop.read_directory(path)
    path.write_text("[]")
    with pytest.raises(LoadError, match="found an empty list"):
        iop.read_directory(path)
