"""A correction by hand: what it leaves behind is put right, or refused in words."""

import geopandas as gpd
import pandas as pd
import pytest

import iopdir as iop
from iopdir.errors import LoadError
from iopdir.geography.places import zip_points


@pytest.fixture
def table():
    frame = pd.DataFrame(
        {
            "name": ["SYNTHETIC A", "SYNTHETIC B"],
            "zip": ["60614", "05602"],
            "lat": ["41.92", ""],
            "lon": ["-87.65", ""],
        }
    )
    return pd.DataFrame(
        iop.read_facilities(frame, name="SYNTHETIC").to_geodataframe().drop(columns="geometry")
    )


def by_name(table, name):
    return table.index[table["name"] == name][0]


def test_a_moved_point_takes_its_county_along(table):
    one = by_name(table, "SYNTHETIC A")
    table.loc[one, ["lon", "lat"]] = [-72.58, 44.26]
    again = iop.Directory.from_frame(table)
    assert again[one].county_fips == "50023"
    assert again.quality.issues["value"].tolist() == ["17031 is 50023"]


def test_a_moved_middle_of_a_zip_must_say_what_it_is(table):
    other = by_name(table, "SYNTHETIC B")
    table.loc[other, ["lon", "lat"]] = [-72.60, 44.20]
    with pytest.raises(LoadError, match="precision 'address' where a point was corrected") as caught:
        iop.Directory.from_frame(table)
    assert other in caught.value.found
    table.loc[other, "precision"] = "address"
    assert iop.Directory.from_frame(table)[other].location.lat == 44.20


def test_a_changed_zip_with_a_blank_point_is_placed_anew(table):
    other = by_name(table, "SYNTHETIC B")
    table.loc[other, "zip"] = "60615"
    with pytest.raises(LoadError, match="a blank lon and lat where a ZIP was"):
        iop.Directory.from_frame(table)
    table.loc[other, ["lon", "lat"]] = float("nan")
    again = iop.Directory.from_frame(table)[other]
    assert (again.location.lon, again.location.lat) == tuple(zip_points().loc["60615", ["lon", "lat"]])
    assert (again.location.precision, again.county_fips) == ("zip_centroid", "17031")


def test_geometry_and_numbers_that_disagree_are_refused(table):
    points = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["lon"] + 1, table["lat"]), crs="EPSG:4326"
    )
    with pytest.raises(LoadError, match="geometry and lon, lat that agree"):
        iop.Directory.from_frame(points)
    with pytest.raises(LoadError, match="cannot be turned into longitude and latitude"):
        iop.Directory.from_frame(points.set_crs('LOCAL_CS["a floor",UNIT["metre",1]]', allow_override=True))
    assert (
        len(iop.Directory.from_frame(points.set_geometry(gpd.points_from_xy(table["lon"], table["lat"]))))
        == 2
    )


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("state", "Vermont", "state 'Vermont'.*a postal abbreviation"),
        ("zip", "5602", "zip '5602'.*five digits"),
        ("name", "", "a name"),
        ("precision", "roughly", "precision 'roughly'"),
        ("retrieved", "2026-02-30", "a day such as"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_row(table, column, value, found):
    table.loc[table.index[1], column] = value
    with pytest.raises(LoadError, match=found) as caught:
        iop.Directory.from_frame(table)
    assert caught.value.line == 2


def test_an_id_that_stands_twice_is_refused(table):
    with pytest.raises(LoadError, match="an id that no other row has"):
        iop.Directory.from_frame(pd.concat([table, table.iloc[:1]]))


def test_a_column_every_facility_has_cannot_be_left_out(table):
    with pytest.raises(LoadError, match="a table without precision"):
        iop.Directory.from_frame(table.drop(columns="precision"))


@pytest.mark.parametrize("damaged", [1e300, -1e300, float("inf"), float("nan"), "x", 2.0**63, None])
def test_a_number_that_no_row_has_gives_way_to_the_row_s_own(table, damaged):
    table["source_row"] = table["source_row"].astype("object")
    table.loc[by_name(table, "SYNTHETIC B"), "source_row"] = damaged
    back = iop.Directory.from_frame(table).table
    rows = {name: int(row) for name, row in zip(back["name"], back["source_row"], strict=True)}
    own = table["name"].tolist().index("SYNTHETIC B") + 1
    assert rows["SYNTHETIC B"] == own
