"""A directory goes out in every format and comes back the same."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.directory.saved import METADATA_KEY
from iopdir.errors import LoadError, UnknownNameError
from iopdir.schema.columns import COLUMNS
from iopdir.schema.frames import as_text

odd = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
words = odd | st.sampled_from(
    ['say "no"', "a, b", "l'été", "=1+1", "007", "1.0", "NaN", "None", "[x]", "['x", "希望"]
)
rows = st.fixed_dictionaries(
    {
        "name": words.map("SYNTHETIC {}".format),
        "program": words,
        "street1": words,
        "city": words,
        "state": st.sampled_from(["IL", "VT", "FM"]),
        "zip": st.sampled_from(["", "60614", "05602", "96941"]),
        "lat": st.sampled_from(["", "41.92", "44.260000001", "0"]),
        "lon": st.sampled_from(["", "-87.65", "-72.58"]),
        "phone": st.sampled_from(["", "312-555-0100"]),
        "facility_type": st.sampled_from(["", "SA", "MH"]),
        "codes": st.sampled_from(["", "SA OP OIT MD", "OIT", "QQ [x] 'y"]),
        "note": words,
    }
)
columns = list(COLUMNS)[1:]
FIELDS = [
    "name",
    "program",
    "street1",
    "city",
    "state",
    "zip",
    "lat",
    "lon",
    "phone",
    "facility_type",
    "codes",
    "note",
]


def ways(directory, folder):
    """Out and in again, by every format."""
    table = directory.to_geodataframe()
    directory.to_parquet(folder / "a.parquet")
    yield "saved", iop.read_directory(folder / "a.parquet")
    yield "frame", iop.Directory.from_frame(table)
    yield "facilities", iop.read_facilities(table)
    table.to_parquet(folder / "b.parquet")
    yield "geoparquet", iop.read_directory(folder / "b.parquet")
    table.drop(columns="geometry").to_csv(folder / "a.csv")
    yield "csv of lists", iop.read_directory(folder / "a.csv")
    as_text(directory.table).to_csv(folder / "b.csv")
    yield "csv", iop.read_directory(folder / "b.csv")
    directory.to_excel(folder / "a.xlsx")
    yield "excel", iop.read_directory(folder / "a.xlsx")
    for ending in ("gpkg", "geojson")[
        : 2 if len(directory) else 1
    ]:  # GeoJSON without features has no columns
        directory.to_file(folder / f"a.{ending}")
        yield ending, iop.read_directory(folder / f"a.{ending}")


def said(values):
    """Texts, or numbers where all are: a file may write 1.0 as 1."""
    return [None if value != value else value for value in values]


PLAIN = dict.fromkeys(FIELDS, "") | {"name": "SYNTHETIC A", "state": "IL", "zip": "60614", "codes": "OIT"}


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@example(listed=[PLAIN | {"note": "1.0"}])
@example(listed=[PLAIN | {"note": "1.0"}, PLAIN | {"name": "SYNTHETIC B"}])
@example(listed=[PLAIN | {"note": "1.0"}, PLAIN | {"name": "SYNTHETIC B", "note": "007"}])
@given(listed=st.lists(rows, max_size=4))
def test_every_format_brings_the_same_directory_back(listed, tmp_path_factory):
    frame = pd.DataFrame(listed, columns=FIELDS, dtype="object")
    first = iop.read_facilities(frame, name="SYNTHETIC listing")
    for way, again in ways(first, tmp_path_factory.mktemp("ways")):
        pd.testing.assert_frame_equal(again.table[columns], first.table[columns], obj=way)
        assert said(again.table["note"]) == said(first.table["note"]), way
        assert (again.synthetic, len(again)) == (first.synthetic, len(first)), way


def test_an_extra_text_stays_a_text_and_a_number_a_number_where_the_file_tells_them_apart(tmp_path):
    table = small(["SYNTHETIC A", "SYNTHETIC B"], "SYNTHETIC").to_geodataframe()
    extra = {"text": ["1.0", "2"], "number": [1.0, 0.5], "flag": [True, False]}
    directory = iop.Directory.from_frame(table.assign(**extra))
    directory.to_geodataframe().to_parquet(tmp_path / "a.parquet")
    directory.to_file(tmp_path / "a.gpkg")
    for name in ("a.parquet", "a.gpkg"):
        again = iop.read_directory(tmp_path / name).table[list(extra)]
        pd.testing.assert_frame_equal(again, directory.table[list(extra)], obj=name, check_dtype=False)


def small(names, source):
    frame = pd.DataFrame({"name": names, "street1": "1 Example St", "zip": "60614", "codes": "OIT"})
    return iop.read_facilities(frame, name=source)


def test_directories_of_several_sources_come_back_with_each(tmp_path):
    both = iop.Directory.concat([small(["SYNTHETIC A"], "SYNTHETIC one"), small(["Plain B"], "two")])
    both = both.remove([]).add(next(iter(small(["Plain C"], "three"))))
    marks = {"SYNTHETIC A": ("SYNTHETIC one", True), "Plain B": ("two", False), "Plain C": ("three", False)}
    for way, again in ways(both, tmp_path):
        found = again.table.set_index("name")[["source", "synthetic"]].apply(tuple, axis=1).to_dict()
        assert found == marks, way


def test_a_listed_value_that_text_cannot_carry_is_refused():
    table = small(["SYNTHETIC A"], "SYNTHETIC").to_geodataframe()
    table["languages"] = [["spanish; french"]]
    with pytest.raises(LoadError, match=r"languages .*'spanish; french'.*which stands between them"):
        iop.Directory.from_frame(table)


def test_lists_of_mental_health_care_stay_withheld(tmp_path):
    frame = pd.DataFrame(
        {"name": ["SYNTHETIC A"], "zip": ["60614"], "codes": ["OP OIT"], "facility_type": ["MH"]}
    )
    for way, again in ways(iop.read_facilities(frame, name="SYNTHETIC"), tmp_path):
        assert again.table["levels_of_care"].tolist() == [()], way
        assert again.table["codes"].tolist() == [("OP", "OIT")], way


def saved_otherwise(path, change):
    small(["SYNTHETIC A", "SYNTHETIC B"], "SYNTHETIC").to_parquet(path)
    table = pq.read_table(path)
    about = json.loads(table.schema.metadata[METADATA_KEY])
    table = change(table, about) or table
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: json.dumps(about).encode()}), path)


def column(name, values):
    return lambda table, _: table.set_column(table.column_names.index(name), name, values)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda _, about: about.update(version=1), "version 1"),
        (lambda _, about: about.__delitem__("quality"), "cannot be read .'quality'"),
        (lambda _, about: about["quality"].update(rows_in=9), "does not add up"),
        (lambda table, _: table.drop_columns(["zip"]), "without zip"),
        (lambda table, _: pa.concat_tables([table, table]), "an id that no other row has"),
        (column("state", pa.array(["Vermont", "IL"])), "'Vermont'"),
        (column("lat", pa.array([95.0, 41.0])), "degrees on Earth"),
        (column("levels_of_care", pa.array([["spa"], []])), "spa"),
        (column("retrieved", pa.array(["yesterday", ""])), "a day such as"),
    ],
)
def test_a_saved_directory_that_says_what_cannot_be_is_refused(tmp_path, change, found):
    path = tmp_path / "x.parquet"
    saved_otherwise(path, lambda *_: None)
    assert len(iop.read_directory(path)) == 2
    saved_otherwise(path, change)
    with pytest.raises(LoadError, match=found) as caught:
        iop.read_directory(path)
    assert str(path) in str(caught.value)


def test_a_workbook_is_the_same_however_it_is_asked_for(tmp_path):
    vermont = iop.demo_directory().select(state="VT")
    vermont.to_excel(tmp_path / "a.xlsx")
    iop.exports.write_table(vermont, tmp_path / "b.xlsx")
    books = [
        pd.read_excel(tmp_path / name, sheet_name=None, engine="calamine") for name in ("a.xlsx", "b.xlsx")
    ]
    assert [list(book) for book in books] == [["table", "notes", "sources", "method"]] * 2
    for name, sheet in books[0].items():
        pd.testing.assert_frame_equal(sheet, books[1][name])
    for write in (vermont.to_excel, vermont.to_file):
        with pytest.raises(UnknownNameError, match=r"'\.csv'"):
            write(tmp_path / "a.csv")
    assert not (tmp_path / "a.csv").exists()
