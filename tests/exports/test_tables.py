"""Tables in the files people use: the same values, no formula, and maps that DuckDB opens with no network."""

import csv
import importlib.util
import zipfile
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from geopandas.testing import assert_geodataframe_equal

import iopdir as iop
from iopdir.errors import UnknownNameError
from iopdir.exports.dictionary import data_dictionary
from iopdir.exports.tables import to_arrow, write_table
from iopdir.schema.columns import COLUMNS
from iopdir.text import texts


@pytest.fixture(scope="module")
def gaps():
    iops = iop.demo_directory().select(level_of_care="iop")
    return iop.coverage_gaps(
        iop.demand_points("zcta", state=["VT", "NH"]), iops, standard="10 mi", geometry=True
    )


def spatial():
    """DuckDB with its spatial extension, from the wheel: no network."""
    found = importlib.util.find_spec("duckdb_extension_spatial")
    if found is None or found.origin is None:
        pytest.skip("duckdb-extension-spatial is not installed")
    (extension,) = Path(found.origin).parent.rglob("spatial.duckdb_extension")
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'")
    return connection


def test_duckdb_opens_geoparquet_with_boxes(gaps, vermont, tmp_path):
    write_table(gaps, tmp_path / "gaps.parquet")
    write_table(vermont, tmp_path / "v.parquet")
    connection = spatial()
    counties = connection.read_parquet(str(tmp_path / "gaps.parquet"))
    inside = "ST_Contains(geometry, ST_Point(-72.58, 44.26))"
    boxed = "bbox.xmin <= -72.58 and bbox.xmax >= -72.58 and bbox.ymin <= 44.26 and bbox.ymax >= 44.26"
    assert counties.filter(f"{inside} and {boxed}").select("county_fips").fetchall() == [("50023",)]
    facilities = connection.read_parquet(str(tmp_path / "v.parquet")).order("facility_id")
    rows = facilities.project("facility_id, ST_X(geometry), ST_Y(geometry)").fetchall()
    table = vermont.table.sort_index()
    assert rows == list(zip(table.index, table["lon"], table["lat"], strict=True))


def test_geopandas_reads_the_same_from_every_map(gaps, tmp_path):
    for ending in ("parquet", "gpkg", "geojson"):
        write_table(gaps, tmp_path / f"gaps.{ending}")
        read = gpd.read_parquet if ending == "parquet" else gpd.read_file
        again = read(tmp_path / f"gaps.{ending}")
        again = texts(again.set_index("county_fips")[list(gaps)])
        assert_geodataframe_equal(again, gaps, check_dtype=False, check_less_precise=True, check_like=False)


def test_a_workbook_has_table_notes_sources_and_method_and_no_formula(gaps, tmp_path):
    table = gaps.assign(name="=1+1")
    write_table(table, tmp_path / "gaps.xlsx")
    book = {name: pd.read_excel(tmp_path / "gaps.xlsx", sheet_name=name, engine="calamine", dtype={"county_fips": str})
            for name in ("table", "notes", "sources", "method")}  # fmt: skip
    assert book["table"]["county_fips"].tolist() == gaps.index.tolist()
    assert set(book["table"]["name"]) == {"=1+1"}
    np.testing.assert_allclose(book["table"]["people"], gaps["people"], rtol=1e-15)
    assert book["notes"]["column"].tolist() == list(book["table"])
    assert book["sources"].set_index("name").loc["demo_directory", "synthetic"].all()
    assert {"package", "standard", "by"} <= set(book["method"]["parameter"])


@pytest.mark.parametrize("to", [1, 100])
def test_people_are_rounded_and_still_add_up(gaps, tmp_path, to):
    write_table(gaps, tmp_path / "gaps.csv", round_people=to)
    table = pd.read_csv(tmp_path / "gaps.csv", dtype={"county_fips": str}).set_index("county_fips")
    assert table["people"].dtype == "int64"
    assert (table[["people", "covered", "gap"]] % to == 0).all(axis=None)
    assert (table["people"] - table["covered"] == table["gap"]).all()
    assert ((table["people"] - gaps["people"]).abs() <= to / 2).all()
    words = pd.read_csv(tmp_path / "gaps.dictionary.csv")
    assert words["column"].tolist() == ["county_fips", *table.columns]
    assert words["meaning"].notna().all()


def test_every_column_we_make_has_a_meaning():
    demand, iops = iop.demand_points("zcta", state="VT"), iop.demo_directory().select(level_of_care="iop")
    reach = iop.reach(demand, iops)
    tables = [
        iop.coverage_gaps(reach, by=by, standard=["10 mi", "cms-obh"]) for by in ("county", "state", "nation")
    ]
    tables += [iop.single_points_of_failure(reach), reach.nearest(), reach.within("5 mi")]
    tables += [iop.scenarios.closures(reach), iop.what_if(reach, close=iops.table.index[0]).people]
    tables += [iop.site(reach, n=1, standard="10 mi", within="VT").sites]
    tables += [iop.measures.equity(iop.enhanced_two_step_fca(reach), demand)]
    drive = iop.reach(demand, iops, cost="drive-estimate")
    tables += [iop.coverage_gaps(drive, standard=["10 mi", "20 min"]), drive.nearest()]
    for table in tables:
        words = data_dictionary(map(str, table.reset_index().columns))
        missing = words.loc[words["meaning"] == "", "column"].tolist()
        assert not set(missing) - {"index"}, missing
    words = data_dictionary(COLUMNS, facilities=True)
    assert words["meaning"].str.len().gt(0).all()


def test_a_workbook_says_when_the_table_lost_where_it_came_from(gaps, tmp_path):
    """As `concat` and `join` of tables that differ do."""
    plain = gaps.drop(columns="geometry")
    for table, lost in ((plain, False), (pd.DataFrame(plain.to_dict("list")), True)):
        path = write_table(table, tmp_path / "gaps.xlsx")
        sources = pd.read_excel(path, sheet_name="sources", engine="calamine")
        assert sources["name"].str.contains("not known: the table came without").any() == lost


def test_arrow_and_polars_hold_the_table(gaps, vermont, tmp_path):
    write_table(gaps.drop(columns="geometry"), tmp_path / "gaps.arrow")
    again = pa.ipc.open_stream(tmp_path / "gaps.arrow").read_all()
    assert again.equals(to_arrow(pd.DataFrame(gaps.drop(columns="geometry"))))
    frame = pl.DataFrame(again)
    assert frame["people"].to_list() == gaps["people"].tolist()
    listed = pl.DataFrame(vermont)
    assert listed["facility_id"].to_list() == vermont.table.index.tolist()
    assert listed["codes"].to_list() == [list(cell) for cell in vermont.table["codes"]]
    assert iop.read_facilities(listed).table.equals(vermont.table)


def test_polars_arrow_and_duckdb_give_the_bits_of_pandas(vermont):
    homes = pd.DataFrame(iop.demand_points("zcta", state="VT").drop(columns="geometry", errors="ignore"))
    iops = vermont.select(level_of_care="iop")
    expected = iop.coverage_gaps(homes, iops, standard="10 mi")
    arrow = pa.Table.from_pandas(homes.reset_index(), preserve_index=False)
    for demand in (arrow, pl.from_arrow(arrow), duckdb.connect().from_arrow(arrow).arrow().read_all()):
        found = iop.coverage_gaps(demand, iops, standard="10 mi")
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_what_cannot_be_written_is_refused(gaps, tmp_path):
    with pytest.raises(UnknownNameError, match="table format"):
        write_table(gaps, tmp_path / "gaps.doc")
    with pytest.raises(UnknownNameError, match="no column 'geometry'"):
        write_table(pd.DataFrame(gaps.drop(columns="geometry")), tmp_path / "gaps.gpkg")
    with pytest.raises(ValueError, match="at least 1"):
        write_table(gaps, tmp_path / "gaps.csv", round_people=0)
    assert list(tmp_path.iterdir()) == []


def test_no_cell_of_a_file_begins_a_formula(tmp_path):
    names = ["=1+1", "@SUM(A1)", "+1|cmd", "-2+3", "\t=1+1", "\r=2"]
    table = pd.DataFrame({"name": [f"{name} SYNTHETIC" for name in names], "zip": "05401", "codes": "OIT"})
    directory = iop.read_facilities(table.assign(**{"=note": names}), name="=listing")
    iop.exports.write_table(directory, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert [cell for row in rows for cell in row if cell.lstrip()[:1] in ("=", "@", "+")] == []
    assert [len(row) for row in rows] == [len(rows[0])] * (1 + len(directory))
    directory.to_excel(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        sheets = [book.read(name) for name in book.namelist() if "worksheets" in name]
    assert sheets
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
