"""A GeoPackage is a database: it is looked at before it is opened, since it can compute rows and share pages."""

import sqlite3
from contextlib import closing

import geopandas as gpd
import pytest

import iopdir as iop
from iopdir.errors import LoadError, UnknownNameError
from iopdir.loaders import geopackages

LISTED = gpd.GeoDataFrame(
    {"name": [f"SYNTHETIC {number}" for number in range(300)], "state": "VT", "zip": "05602", "codes": "SA"},
    geometry=gpd.points_from_xy([-72.5] * 300, [44.2] * 300),
    crs="EPSG:4326",
)

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS fid FROM n"


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "SYNTHETIC.gpkg"
    LISTED.to_file(place, driver="GPKG", engine="pyogrio", layer="places")
    return place


def change(path, *statements):
    with closing(sqlite3.connect(path)) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')  # they call functions that only GDAL has
        for statement in statements:
            base.execute(statement.replace("ENDLESS", ENDLESS))
        base.commit()


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (
            (
                'ALTER TABLE "places" RENAME TO "kept"',
                'CREATE VIEW "places" AS ENDLESS',
            ),
            r"with a view or virtual table \(places\)",
        ),
        (
            ("DROP TABLE gpkg_extensions", "CREATE VIEW gpkg_extensions AS ENDLESS"),
            r"with a view or virtual table \(gpkg_extensions\)",
        ),
        (("CREATE VIRTUAL TABLE words USING fts5(word)",), r"with a view or virtual table \(words\)"),
        (('CREATE VIRTUAL TABLE "x USING rtree(" USING fts5(word)',), r"virtual table \(x USING rtree\(\)"),
        (
            ('ALTER TABLE "places" ADD COLUMN wide TEXT AS (hex(zeroblob(100000000)))',),
            r"with a computed column \(places.wide\)",
        ),
        (
            (f"ALTER TABLE \"places\" ADD COLUMN wide TEXT DEFAULT '{'x' * 700_000}'",),
            r"210,0\d\d,\d\d\d bytes of defaults in places",
        ),
    ],
    ids=["view", "view of the system", "virtual", "virtual, named like an index", "computed", "defaults"],
)
def test_what_is_computed_is_refused_before_it_is(path, statements, words):
    change(path, *statements)
    assert path.stat().st_size < 2_000_000
    with pytest.raises(LoadError, match=words):
        iop.read_directory(path)


def test_pages_that_count_twice_are_refused(path):
    with closing(sqlite3.connect(path)) as base:
        (size,) = base.execute("PRAGMA page_size").fetchone()
        (root,) = base.execute("SELECT rootpage FROM sqlite_master WHERE name = 'places'").fetchone()
    data = bytearray(path.read_bytes())
    page = (root - 1) * size
    assert data[page] == 5, "an inner page, with pages below"
    first = page + int.from_bytes(data[page + 12 : page + 14], "big")
    data[page + 8 : page + 12] = data[first : first + 4]  # the last page below is the first one
    path.write_bytes(data)
    with pytest.raises(LoadError, match="damaged GeoPackage"):
        iop.read_directory(path)


def test_too_many_cells_are_refused(path, monkeypatch):
    monkeypatch.setattr(geopackages, "MAX_CELLS", 1_799)
    with pytest.raises(LoadError, match=r"1,800 cells in places, more than the 1,799 that are read"):
        iop.read_directory(path)
    monkeypatch.setattr(geopackages, "MAX_CELLS", 1_800)
    assert iop.read_directory(path).quality.rows_in == 300


@pytest.mark.parametrize("name", ["treatment centers", 'the "best" ones', "São Paulo"])
def test_a_layer_of_any_name_is_read(tmp_path, name):
    path = tmp_path / "SYNTHETIC.gpkg"
    LISTED.to_file(path, driver="GPKG", engine="pyogrio", layer=name)
    assert iop.read_directory(path).quality.rows_in == 300
    assert iop.read_directory(path, sheet=name).quality.rows_in == 300


def test_of_several_layers_the_first_that_is_a_listing_is_read_or_the_one_that_is_named(tmp_path):
    path = tmp_path / "SYNTHETIC.gpkg"
    layers = {"lines": LISTED[["geometry"]], "places": LISTED, "others": LISTED.head(2)}
    for name, layer in layers.items():
        layer.to_file(path, driver="GPKG", engine="pyogrio", layer=name)
    assert iop.read_directory(path).quality.rows_in == 300
    assert iop.read_directory(path, sheet="others").quality.rows_in == 2
    with pytest.raises(UnknownNameError, match=r"layer in SYNTHETIC\.gpkg"):
        iop.read_directory(path, sheet="other")


def test_a_file_without_layers_is_refused(path):
    change(path, "DELETE FROM gpkg_contents", "DELETE FROM gpkg_geometry_columns", 'DROP TABLE "places"')
    with pytest.raises(LoadError, match="damaged GeoPackage"):
        iop.read_directory(path)
