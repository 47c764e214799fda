import gzip

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import CoordinateError, LoadError, UnknownNameError, VintageError
from iopdir.geography.counties import NEAREST_COUNTY_M, states
from iopdir.spatial.geodesy import geodesic_m

COUNTIES = iop.counties()
HEADER = "STATEFP,COUNTYFP,TRACTCE,POPULATION,LATITUDE,LONGITUDE"


# --- counties ------------------------------------------------------------------------------------------------


def test_the_counties_of_2023_are_all_there_and_valid():
    assert COUNTIES.is_valid.all()
    assert not COUNTIES.is_empty.any()
    fifty = COUNTIES[COUNTIES.index < "57"]
    assert len(fifty) == 3144
    assert (COUNTIES["state"] == "CT").sum() == 9
    assert COUNTIES.loc["51610", "land_area_m2"] == pytest.approx(5.3e6, rel=0.05)  # two square miles
    assert {"02063", "02066"} <= set(COUNTIES.index)
    assert (COUNTIES["land_area_m2"] > 0).all()


def test_the_lists_of_2020_and_2023_differ_in_connecticut_only():
    then, now = iop.county_list(2020), iop.county_list(2023)
    assert {code[:2] for code in set(then.index) ^ set(now.index)} == {"09"}
    assert (then.index < "57").sum() == 3143
    with pytest.raises(VintageError, match="no county codes of 1990"):
        iop.county_list(1990)
    with pytest.raises(VintageError, match="county_changes"):
        iop.locate_counties(np.array([0.0]), np.array([0.0]), vintage=2010)


def test_every_state_has_a_postal_code_of_its_own():
    table = states()
    assert table["state"].is_unique
    assert len(table) == 56


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-125, -66), st.floats(24.5, 49.5)), min_size=1, max_size=20))
def test_counties_are_those_whose_outline_holds_the_point(points):
    lon, lat = (np.array(values) for values in zip(*points, strict=True))
    found = iop.locate_counties(lon, lat)
    for x, y, code, match in zip(lon, lat, found["county_fips"], found["county_match"], strict=True):
        holders = sorted(COUNTIES.index[COUNTIES.intersects(shapely.Point(x, y))])
        if holders:
            assert (code, match) == (holders[0], "within")
        else:
            assert match in {"nearest", "none"}
            assert (code == "") == (match == "none")


def test_a_point_off_the_coast_gets_the_nearest_county_up_to_ten_kilometres():
    """Step out to sea from a beach in steps and compare with a dense walk along every outline nearby."""
    lat, start = 28.4, -80.55  # Cape Canaveral
    lon = start + np.arange(1, 30) * 0.01
    found = iop.locate_counties(lon, np.full_like(lon, lat))
    near = COUNTIES.cx[-82:-79, 27:30]
    shore = {
        code: shapely.get_coordinates(shapely.segmentize(shape, 0.001))
        for code, shape in near.geometry.items()
    }
    for x, code, match in zip(lon, found["county_fips"], found["county_match"], strict=True):
        if match == "within":
            continue
        distance = {
            c: geodesic_m(np.full(len(xy), x), np.full(len(xy), lat), xy[:, 0], xy[:, 1]).min()
            for c, xy in shore.items()
        }
        best = min(distance, key=distance.__getitem__)
        if distance[best] < NEAREST_COUNTY_M - 100:
            assert (code, match) == (best, "nearest")
        elif distance[best] > NEAREST_COUNTY_M + 100:
            assert (code, match) == ("", "none")
    assert set(found["county_match"]) >= {"nearest", "none"}


def test_coordinates_that_are_none_are_refused_by_row():
    with pytest.raises(CoordinateError) as caught:
        iop.locate_counties(np.array([0.0, np.nan, 0.0]), np.array([0.0, 0.0, 91.0]))
    assert caught.value.rows == (1, 2)


# --- places --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["60614", " 60614 ", "60614-1234"])
def test_a_zip_is_found(text):
    place = iop.find_place(text)
    assert (place.kind, place.label) == ("zip", "Chicago, IL 60614")


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_pair_is_latitude_first(lat, lon):
    place = iop.find_place(f"{lat:.6f},{lon:.6f}")
    assert (place.lat, place.lon) == (float(f"{lat:.6f}"), float(f"{lon:.6f}"))


def test_a_city_is_found_whatever_its_spelling():
    places = [iop.find_place(text) for text in ("St. Louis, MO", "saint louis,mo", "SAINT  LOUIS, mo.")]
    assert len({(place.lon, place.lat) for place in places}) == 1
    assert places[0].lat == pytest.approx(38.63, abs=0.05)
    assert places[0].lon == pytest.approx(-90.25, abs=0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("00000", "no ZIP '00000'"),
        ("Chcago, IL", "did you mean Chicago"),
        ("Chicago, XX", "no state 'XX'"),
        ("Chicago", "write a ZIP, 'lat,lon' or 'City, ST'"),
        ("", "no place"),
    ],
)
def test_an_unknown_place_says_what_to_write(text, message):
    with pytest.raises(UnknownNameError, match=message):
        iop.find_place(text)


def test_longitude_first_is_found_out_where_it_can_be():
    with pytest.raises(CoordinateError, match="latitude comes first"):
        iop.find_place("-97.65, 41.92")


# --- demand points -------------------------------------------------------------------------------------------


def test_demand_points_are_places_with_people():
    points = iop.demand_points("zcta")
    assert isinstance(points, gpd.GeoDataFrame)
    assert points.index.name == "zcta"
    assert points.index.is_unique
    assert points["population"].sum() == 334_365_877
    for group in ("adults", "older_adults", "poverty", "white", "black", "hispanic", "asian"):
        assert (points[group] <= points["population"]).all(), group
    assert (points["no_vehicle"] <= points["households"]).all()
    assert points["population"].sum() > points["adults"].sum() > 0.75 * points["population"].sum()
    assert points.attrs["provenance"]["sources"][0]["name"] == "zcta"


def test_demand_points_of_some_states():
    points = iop.demand_points("zcta", states=["VT", "NH"])
    assert set(points["state"]) == {"VT", "NH"}
    with pytest.raises(UnknownNameError, match="no state 'XX'"):
        iop.demand_points("zcta", states="XX")
    with pytest.raises(UnknownNameError, match="no kind of demand points 'parish'"):
        iop.demand_points("parish")


def test_weights_of_a_point_add_up_to_one_and_lose_nobody():
    points = iop.demand_points("zcta")
    weights = iop.county_weights(points)
    sums = weights.groupby("demand_id")["weight"].sum()
    assert set(sums.index) == set(points.index)
    assert sums.sub(1).abs().max() < 1e-9
    people = weights["demand_id"].map(points["population"]) * weights["weight"]
    assert people.sum() == pytest.approx(334_365_877)
    assert set(weights["vintage"]) == {2023}


def test_points_with_a_county_keep_it_and_points_without_are_located():
    points = pd.DataFrame(
        {"lon": [-87.65], "lat": [41.92], "population": [1.0]}, index=pd.Index(["x"], name="id")
    )
    assert iop.county_weights(points)[["demand_id", "county_fips", "vintage"]].values.tolist() == [
        ["x", "17031", 2023]
    ]
    coded = points.assign(county_fips="09001", vintage=2020)
    assert iop.county_weights(coded)[["county_fips", "vintage", "weight"]].values.tolist() == [
        ["09001", 2020, 1.0]
    ]
    with pytest.raises(VintageError, match="needs a column vintage"):
        iop.county_weights(points.assign(county_fips="09001"))


# --- centers of population -----------------------------------------------------------------------------------


def test_a_census_file_is_read_with_bom_plus_signs_and_gzip(tmp_path):
    text = f"{HEADER}\n01,001,020100,1775,+32.476823,-086.486599\n9,1,1,5,+41,-073\n"
    plain, packed = tmp_path / "a.txt", tmp_path / "a.txt.gz"
    plain.write_bytes(b"\xef\xbb\xbf" + text.encode())
    packed.write_bytes(gzip.compress(text.lower().encode()))
    for path in (plain, packed):
        points = iop.read_popcenters(path)
        assert list(points.index) == ["01001020100", "09001000001"]
        assert points["county_fips"].tolist() == ["01001", "09001"]
        assert points["lat"].tolist() == [32.476823, 41.0]
        assert points["state"].tolist() == ["AL", "CT"]


@pytest.mark.parametrize(
    ("text", "found", "line"),
    [
        ("", "an empty file", None),
        ("<html>blocked</html>", "an HTML page", None),
        ("a,b\n1,2\n", "a table without STATEFP", 1),
        (f"{HEADER}\n01,001,020100,many,32,-86\n", "'many'", 2),
        (f"{HEADER}\n01,001,020100,1,32,-86\n01,001,020200,1,95,-86\n", "95.0", 3),
        (f"{HEADER}\n01,001,020100,1,32,-186\n", "-186.0", 2),
        (f"{HEADER}\n01,001,020100,-1,32,-86\n", "-1.0", 2),
        (f"{HEADER}\n01,001,020100,1,,-86\n", "''", 2),
        (f"{HEADER}\nXX,001,020100,1,32,-86\n", "'XX'", 2),
        (f"{HEADER}\n01,001,020100,1,32,-86\n01,001,020100,1,32,-86\n", "'01001020100'", 3),
    ],
)
def test_a_file_that_is_not_one_or_a_bad_line_is_named(tmp_path, text, found, line):
    path = tmp_path / "x.txt"
    path.write_text(text)
    with pytest.raises(LoadError) as caught:
        iop.read_popcenters(path)
    assert found in caught.value.found
    assert caught.value.line == line


def test_a_truncated_archive_and_a_missing_file_are_load_errors(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(HEADER.encode() * 99)[:40])
    with pytest.raises(LoadError, match="none that can be read"):
        iop.read_popcenters(path)
    with pytest.raises(LoadError, match="none that can be read"):
        iop.read_popcenters(tmp_path / "absent")
