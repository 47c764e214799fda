"""A small file cannot fill the memory: it is looked at before it is opened, and refused in words."""

import io
import json
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import LoadError, UnknownNameError
from iopdir.limits import MAX_CELLS, readable
from iopdir.loaders import workbooks

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'


def workbook(path, *, sheet=None, shared=None, more=()):
    good = io.BytesIO()
    pd.DataFrame({"name": ["SYNTHETIC"], "zip": ["60614"]}).to_excel(good, index=False, engine="xlsxwriter")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if sheet is not None and "sheet1" in name:
                data = f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
            if shared is not None and "sharedStrings" in name:
                data = f'<sst xmlns="{MAIN}">{shared}</sst>'
            new.writestr(name, data)
        for name in more:
            new.writestr(name, b"")
    return path


def cell(place):
    row = "".join(filter(str.isdigit, place))
    return f'{HEAD}<row r="{row}"><c r="{place}"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"sheet": cell("XFD1048576")}, "a sheet of 17,179,869,184 cells"),
        ({"sheet": cell("ZZ300000")}, "a sheet of 210,600,000 cells"),
        ({"sheet": "<row/>" * 1_000_000 + "<row>" + "<c/>" * 9 + "</row>"}, "a sheet of"),
        ({"sheet": HEAD + " " * 201_000_000}, "bytes unpacked"),
        ({"more": [f"x{number}" for number in range(1_001)]}, "files, more than the 1,000"),
        ({"more": ["content.xml"]}, "a ZIP archive that is no XLSX workbook"),
        (
            {
                "sheet": '<row><c t="s"><v>0</v></c></row>' * 10_000,
                "shared": f"<si><t>{'x' * 30_000}</t></si>",
            },
            "bytes of shared text",
        ),
    ],
)
def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path, parts, found):
    path = workbook(tmp_path / "x.xlsx", **parts)
    assert path.stat().st_size < 400_000
    with pytest.raises(LoadError) as caught:
        iop.read_directory(path)
    assert caught.value.path == path
    assert found in caught.value.found


def test_a_workbook_within_the_limits_is_read(tmp_path):
    assert len(iop.read_directory(workbook(tmp_path / "x.xlsx"))) == 1
    wide = cell("E90000")
    shared = "<si><t>name</t></si><si><t>zip</t></si>"
    assert iop.read_directory(workbook(tmp_path / "y.xlsx", sheet=wide, shared=shared)).quality.rows_in == 1


def once(word, times):
    return pa.DictionaryArray.from_arrays(pa.nulls(times, pa.int8()).fill_null(0), [word])


@pytest.mark.parametrize(
    ("columns", "groups", "found"),
    [
        ({"name": once("SYNTHETIC", 3_000_000), "zip": once("60614", 3_000_000)}, None, "6,000,000 cells"),
        ({"name": once("x" * 100_000, 3_000), "zip": once("60614", 3_000)}, None, "bytes of text"),
        (dict.fromkeys(["name", *map(str, range(999))], ["SYNTHETIC"] * 101), 1, "101,000 column chunks"),
    ],
)
def test_a_parquet_file_that_would_fill_the_memory_is_refused(tmp_path, columns, groups, found):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=groups)
    with pytest.raises(LoadError) as caught:
        iop.read_directory(path)
    assert found in caught.value.found


def test_a_file_too_large_for_text_is_refused_by_its_size(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as stream:
        stream.write(b"name,zip\n")
        stream.truncate(100_000_001)
    with pytest.raises(LoadError, match="100,000,001 bytes, more than"):
        iop.read_directory(path)


def test_a_panic_is_an_error_and_an_interruption_is_not():
    panic = type("PanicException", (BaseException,), {})
    with (
        pytest.raises(LoadError, match="found a bad file \\(oh\\)"),
        readable("x", expected="it", kind="a bad file"),
    ):
        raise panic("oh")
    with pytest.raises(KeyboardInterrupt), readable("x", expected="it", kind="a bad file"):
        raise KeyboardInterrupt


@pytest.mark.parametrize("encoding", ["punycode", "base64", "undefined", "utf-32"])
def test_an_encoding_that_does_not_fit_is_a_load_error(tmp_path, encoding):
    path = tmp_path / "x.csv"
    path.write_text("name,zip\nSYNTHETIC,60614\n")
    with pytest.raises(LoadError):
        iop.read_directory(path, encoding=encoding)


@pytest.mark.parametrize("encoding", ["", "\0", "klingon"])
def test_an_encoding_that_does_not_exist_is_named(tmp_path, encoding):
    path = tmp_path / "x.csv"
    path.write_text("name,zip\nSYNTHETIC,60614\n")
    with pytest.raises(UnknownNameError, match="text encoding"):
        iop.read_directory(path, encoding=encoding)


def test_half_a_letter_is_refused_in_every_way_in(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('[{"name": "SYNTHETIC \\ud800", "zip": "60614"}]')
    with pytest.raises(LoadError, match="half a letter"):
        iop.read_directory(path)
    with pytest.raises(LoadError, match=r"half a letter.*after 'SYNTHETIC '"):
        iop.read_facilities(
            pd.DataFrame({"name": pd.Series(["SYNTHETIC \ud800"], dtype=object), "zip": ["60614"]})
        )
    path.write_text('[{"name": "SYNTHETIC \\ud83c\\udfe5", "zip": "60614"}]')
    assert next(iter(iop.read_directory(path))).name == "SYNTHETIC \U0001f3e5"


references = st.tuples(st.text("abAZz", min_size=1, max_size=4), st.integers(0, 10**11)).map(
    lambda place: f"{place[0]}{place[1]}"
)
tags = st.one_of(
    references.map('<c r="{}">'.format), references.map('<c s="1" r="{}"/>'.format),
    references.map("<c r='{}'>".format), references.map('<x:c r="{}"/>'.format),
    st.integers(0, 10**11).map('<row r="{}">'.format),
    st.sampled_from(["<row>", "<c/>", "<col>", "<rows>", "</c>", "t"]),
)  # fmt: skip


@settings(max_examples=300)
@given(parts=st.lists(tags, max_size=6) | st.lists(references.map('<c r="{}">'.format), max_size=6))
def test_cells_counted_at_once_are_those_counted_one_by_one(parts):
    data = "".join(parts).encode()
    cells, area = workbooks._in_order(data)
    found = workbooks._cells(data)
    assert found == (cells, area) or (area > MAX_CELLS < found[1])


@pytest.mark.parametrize(
    ("data", "cells", "area"),
    [
        (b"", 0, 0),
        (b"<c/>", 1, 1),
        (b'<row r="1"><c r="A1"/></row><row r="1048576"/>', 1, 1),
        (b"<row><c/><c/><c/></row><row><c/></row>", 4, 6),
        (b'<row r="5"><c/><c/></row><row/><row><c/></row>', 3, 14),
        (b'<c r="B2"/><c/>', 2, 6),
        (b'<row><c r="AA3"/></row><row><c/></row>', 2, 108),
        (b'<row r="2"><c r="C2"><v>1</v></c><c r="E2"/></row>', 2, 10),
        (b'<x:row><x:c r="a1"/><x:c/></x:row>', 2, 2),
        (b'<row><c s="1"/></row><cols><col min="9"/></cols><sheetFormatPr/>', 1, 1),
    ],
)
def test_a_cell_without_a_place_follows_the_last(data, cells, area):
    assert workbooks._in_order(data) == workbooks._cells(data) == (cells, area)


HIDDEN = {
    "twice": '<row r="1"><c r="A1" r="XFD1048576"/></row>',
    "after a mark in quotes": '<row r="1"><c r="A1"/><c s=">" r="XFD1048576"/></row>',
    "twice, with room": '<row r="1"><c r="A1" r ="XFD1048576"/></row>',
    "with room": '<row r="1"><c r="A1"/><c r = "XFD1048576"/></row>',
    "without room": '<row r="1"><c r="A1"/><c s="1"r="XFD1048576"/></row>',
    "an odd prefix": '<row r="1"><c r="A1"/><a-b:c xmlns:a-b="x" r="XFD1048576"></a-b:c></row>',
    "endless letters": f'<row r="1"><c r="A1"/><c r="{"H" * 56}2"/></row>',
    "endless digits": f'<row r="1"><c r="A1"/><c r="B{"0" * 20}1048576"/><c r="XFD1"/></row>',
    "a row after a mark": '<row r="1"><c r="XFD1"/></row><row s=">" r="1048576"><c/></row>',
    "a row that a comment takes back": '<row r="1"><c r="XFD1"/></row><row r="1048576"><!-- <row r="1"> --><c/></row>',
    "a row that a quote takes back": """<row r="1"><c r="XFD1"/></row>
        <row r="1048576"><x a='>' b='<row r="1"'/><c/></row>""",
    "between comments": """<row r="1"><c r="A1"/><!-- <c ' --><c r="XFD1048576"/><!-- ' --></row>""",
}


@pytest.mark.parametrize("sheet", HIDDEN.values(), ids=HIDDEN)
def test_no_place_of_a_cell_hides_from_the_measuring(tmp_path, sheet):
    """Calamine sees each of these, and takes room for every cell up to it: more than there is, and the process ends."""
    path = workbook(tmp_path / "x.xlsx", sheet=sheet)
    with pytest.raises(LoadError, match="a sheet of"):
        iop.read_directory(path)


@pytest.mark.parametrize("sheet", [
    '<row r="1"><c s="1" r="A1" t="s"><v>0</v></c><c r = "B1" t="s"><v>1</v></c></row>',
    '<!-- made by hand --><row r="1"><c r="A1" t="s"><v>0</v></c><c t="s"><v>1</v></c></row>',
    '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><inputCells r="A1"/>',
])  # fmt: skip
def test_an_odd_sheet_within_the_limits_is_read(tmp_path, sheet):
    rows = "".join(f'<row r="{row}"><c r="B{row}"><v>60614</v></c></row>' for row in range(2, 9))
    shared = "<si><t>name</t></si><si><t>zip</t></si>"
    read = iop.read_directory(workbook(tmp_path / "x.xlsx", sheet=sheet + rows, shared=shared))
    assert read.quality.rows_in == 7


@pytest.mark.parametrize("value", ["0", "+0", " 0", "00", "&#48;"])
@pytest.mark.parametrize("kind", ['t="s"', "t = 's'"])
@pytest.mark.parametrize("between", ["", "<f>A1</f>", "\n"])
def test_no_use_of_shared_text_hides_from_the_measuring(value, kind, between):
    assert workbooks._shared(f"<c {kind}>{between}<v>{value}</v></c>".encode() * 3, [70]) == 210
    assert workbooks._shared(f"<!-- --><c {kind}><x:v>{value}</x:v></c>".encode(), [70]) == 70


@pytest.mark.parametrize(
    ("name", "number"), [(b"", 0), (b"A", 1), (b"z", 26), (b"AA", 27), (b"ZZ", 702), (b"XFD", 16_384)]
)
def test_columns_are_counted_in_letters(name, number):
    assert workbooks._column(name) == number


def test_shared_text_counts_as_often_as_it_is_used_and_no_place_beyond_the_list_does():
    data = (
        b'<c t="s"><v>0</v></c><c t="s"><v>2</v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c><c><v>1</v></c>'
    )
    assert workbooks._shared(data, [5, 70, 100]) == 205


def test_limits_are_what_is_still_read(tmp_path, monkeypatch):
    path = workbook(tmp_path / "x.xlsx", sheet=HEAD, shared="<si><t>name</t></si><si><t>zip</t></si>")
    with zipfile.ZipFile(path) as archive:
        size, members = sum(one.file_size for one in archive.infolist()), len(archive.infolist())
    for name, most, found in (
        ("MAX_MEMBERS", members, "files"), ("MAX_INFLATED_BYTES", size, "bytes unpacked"), ("MAX_CELLS", 2, "cells"),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(workbooks, name, most)
            workbooks._check(path, "it")
            patch.setattr(workbooks, name, most - 1)
            with pytest.raises(LoadError, match=found):
                workbooks._check(path, "it")


def test_cells_that_say_where_they_are_are_counted_at_once_and_others_are_not():
    assert workbooks._plain(b'<row r="2"><c r="C2"><v>1</v></c></row>') == (1, 6)
    for other in (b"<c/>", b'<c s="1" r="A1"/>', b'<c r="A1234567890"/>', b'<c r="A1B"/>'):
        assert workbooks._plain(other) is None


@pytest.mark.parametrize(
    ("data", "cells", "area"),
    [
        (b"", 0, 0), (b"<c/>", 1, 1), (b"<row/>", 0, 0), (b"<row><c/><c/></row>", 2, 2),
        (b'<c r="B3"/><c/>', 2, 3 * 4), (b'<row r="5"/><c r="B3"/>', 1, 6 * 3), (b'<row><c r="B"/></row>', 1, 1 * 3),
        (b'<!-- <row r="9"> --><row><c r="C1"/></row>', 1, 11 * 4),
    ],
)  # fmt: skip
def test_where_tags_may_hide_there_is_room_for_every_place_and_every_tag(data, cells, area):
    assert workbooks._at_most(data) == (cells, area)
    assert workbooks._in_order(data)[1] <= area


def test_counting_ends_only_where_there_is_too_much(monkeypatch):
    rows = [b"<row><c/><c/><c/></row>"] * 3
    monkeypatch.setattr(workbooks, "MAX_CELLS", 6)
    assert workbooks._in_order(b"".join(rows[:2])) == (6, 6)
    assert workbooks._in_order(b"".join(rows))[1] > 6
    assert workbooks._in_order(b"".join(rows) + b"<row/>" * 9) == (7, 9)


def test_shared_text_is_read_up_to_the_limit(tmp_path, monkeypatch):
    item = f"<t>{'x' * 5_000}</t></si>"
    sheet = '<row r="1">' + "".join(f'<c r="{column}1" t="s"><v>0</v></c>' for column in "ABCDE") + "</row>"
    path = workbook(tmp_path / "x.xlsx", sheet=sheet, shared=f"<si>{item}")
    text = 5 * (len(item) + len("</sst>"))
    with zipfile.ZipFile(path) as archive:
        assert sum(one.file_size for one in archive.infolist()) < text
    monkeypatch.setattr(workbooks, "MAX_INFLATED_BYTES", text)
    workbooks._check(path, "it")
    monkeypatch.setattr(workbooks, "MAX_INFLATED_BYTES", text - 1)
    with pytest.raises(LoadError, match="bytes of shared text"):
        workbooks._check(path, "it")
    numbers = sheet.replace(' t="s"', "", 4)  # counted where it is at most too much
    workbooks._check(workbook(tmp_path / "y.xlsx", sheet=numbers, shared=f"<si>{item}"), "it")


def test_half_a_letter_is_refused_in_an_encoding_that_can_write_it(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"name,zip\nSYNTHETIC \\ud800,60614\n")
    with pytest.raises(LoadError, match="half a letter"):
        iop.read_directory(path, encoding="raw_unicode_escape")


@pytest.mark.parametrize(
    ("read", "before"),
    [
        (iop.read_directory, "\n"),
        (iop.read_nssats, "\n \n"),
        (iop.read_popcenters, "\n"),
        (iop.CostMatrix.read_parquet, "\n \n"),
    ],
)
def test_a_header_without_end_is_refused_before_its_columns_are_made(tmp_path, read, before):
    path = tmp_path / "SYNTHETIC.csv"
    path.write_text(before + "name" + "," * 100_000 + "\nSYNTHETIC\n")
    with pytest.raises(LoadError, match="100,001 columns, more than the 100,000 that are read"):
        read(path)


def test_records_that_share_no_key_are_refused_before_they_are_laid_out(tmp_path):
    path = tmp_path / "SYNTHETIC.json"
    records = [{f"key {number}": 1} for number in range(4_000)]
    for content in (
        records,
        {"type": "FeatureCollection", "features": [{"properties": one} for one in records]},
    ):
        path.write_text(json.dumps(content))
        with pytest.raises(LoadError, match="16,000,000 cells, more than the 10,000,000 that are read"):
            iop.read_directory(path)


@pytest.mark.parametrize(
    ("text", "limit", "most", "words"),
    [
        ("name,state\n" + "a,b\n" * 9, "MAX_TEXT_CELLS", 19, "20 cells or more"),
        ("name,state\n" + "a\n" * 9, "MAX_TEXT_CELLS", 19, "20 cells or more"),
        ("name,state\n" + "a" + "," * 30, "MAX_TEXT_CELLS", 19, "33 cells or more"),
    ],
    ids=["many rows", "short rows", "a long row"],
)
def test_text_of_too_many_parts_is_refused(tmp_path, monkeypatch, text, limit, most, words):
    path = tmp_path / "SYNTHETIC.txt"
    path.write_text(text)
    monkeypatch.setattr(f"iopdir.loaders.files.{limit}", most)
    with pytest.raises(LoadError, match=f"{words}, more than the {most} that are read"):
        iop.read_directory(path)
    monkeypatch.setattr(f"iopdir.loaders.files.{limit}", 100)
    with pytest.raises(LoadError, match=r"with a (?:ZIP|name)"):
        iop.read_directory(path)


@pytest.mark.parametrize(("read", "most"), [(iop.read_directory, "5,000,000"), (iop.read_hsds, "10,000,000")])
def test_brackets_without_end_are_refused_before_they_are_objects(tmp_path, read, most):
    path = tmp_path / "SYNTHETIC.json"
    path.write_text("[" + "{}," * int(most.replace(",", "")) + "{}]")
    with pytest.raises(LoadError, match=rf"0,002 lists and objects, more than the {most} that are read"):
        read(path)
