import gzip

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import LoadError, UnknownNameError, VintageError

HEADER = "STATEFP,COUNTYFP,TRACTCE,POPULATION,LATITUDE,LONGITUDE"


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
    points = iop.demand_points("zcta", state=["VT", "NH"])
    assert set(points["state"]) == {"VT", "NH"}
    with pytest.raises(UnknownNameError, match="no state 'XX'"):
        iop.demand_points("zcta", state="XX")
    with pytest.raises(UnknownNameError, match="no kind of demand points 'parish'"):
        iop.demand_points("parish")


def test_weights_of_a_point_add_up_to_one_and_lose_nobody():
    points = iop.demand_points("zcta")
    weights = iop.geography.county_weights(points)
    sums = weights.groupby("demand_id")["weight"].sum()
    assert set(sums.index) == set(points.index)
    assert sums.sub(1).abs().max() < 1e-9
    people = weights["demand_id"].map(points["population"]) * weights["weight"]
    assert people.sum() == pytest.approx(334_365_877)
    assert set(weights["vintage"]) == {2023}


def test_zip_areas_that_hud_does_not_know_count_where_their_point_lies():
    points = iop.demand_points("zcta")
    known = iop.datasets.open_pack("zcta_county")
    strangers = points[~points.index.isin(known["zip"])]
    assert (len(strangers), strangers["population"].sum()) == (70, 28_640)
    weights = iop.geography.county_weights(points).set_index("demand_id").loc[strangers.index]
    located = iop.geography.locate_counties(strangers["lon"].to_numpy(), strangers["lat"].to_numpy())
    assert weights["county_fips"].tolist() == located["county_fips"].tolist()
    without_homes = set(known.loc[known["basis"] == "all addresses", "zip"])
    assert len(without_homes) == 3_593
    assert points.loc[points.index.isin(without_homes), "population"].sum() == 740_848


def test_points_with_a_county_keep_it_and_points_without_are_located():
    points = pd.DataFrame(
        {"lon": [-87.65], "lat": [41.92], "population": [1.0]}, index=pd.Index(["x"], name="id")
    )
    assert iop.geography.county_weights(points)[["demand_id", "county_fips", "vintage"]].values.tolist() == [
        ["x", "17031", 2023]
    ]
    coded = points.assign(county_fips="09001", vintage=2020)
    assert iop.geography.county_weights(coded)[["county_fips", "vintage", "weight"]].values.tolist() == [
        ["09001", 2020, 1.0]
    ]
    with pytest.raises(VintageError, match="needs a column vintage"):
        iop.geography.county_weights(points.assign(county_fips="09001"))


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


def test_a_row_longer_than_the_header_is_refused_and_shifts_nothing(tmp_path):
    path = tmp_path / "a.txt"
    line = "01,001,020100,1775,+32.476823,-086.486599"
    path.write_text(f"{HEADER},\n{line},\n")
    assert iop.read_popcenters(path).index.tolist() == ["01001020100"]
    for more in ("", "7"):
        path.write_text(f"{HEADER}\n{line},{more}\n")
        with pytest.raises(LoadError, match="broken CSV"):
            iop.read_popcenters(path)


codes = st.tuples(st.integers(1, 78), st.integers(1, 999), st.integers(1, 999_999), st.integers(0, 9))
places = st.tuples(st.integers(0, 10**6), st.floats(-90, 90), st.floats(-180, 180))


@given(
    rows=st.dictionaries(codes, places, min_size=1, max_size=8),
    padded=st.booleans(),
    lower=st.booleans(),
    bom=st.booleans(),
    plus=st.booleans(),
    packed=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_however_a_block_group_file_is_written_it_says_the_same(
    tmp_path_factory, rows, padded, lower, bom, plus, packed, newline
):
    def line(code, place):
        parts = (
            f"{part:0{width}d}" if padded else str(part)
            for part, width in zip(code, (2, 3, 6, 1), strict=True)
        )
        sign = "+" if plus else ""
        lat, lon = (f"{value:{sign}.6f}" for value in place[1:])
        return ",".join([*parts, str(place[0]), lat, lon])

    header = "STATEFP,COUNTYFP,TRACTCE,BLKGRPCE,POPULATION,LATITUDE,LONGITUDE"
    text = newline.join([header.lower() if lower else header, *(line(*row) for row in rows.items()), ""])
    data = text.encode("utf-8-sig" if bom else "utf-8")
    path = tmp_path_factory.mktemp("popcenters") / "CenPop2020_Mean_BG.txt"
    path.write_bytes(gzip.compress(data) if packed else data)

    points = iop.read_popcenters(path)
    assert points.index.tolist() == [f"{a:02d}{b:03d}{c:06d}{d}" for a, b, c, d in rows]
    assert points["county_fips"].tolist() == [f"{a:02d}{b:03d}" for a, b, _, _ in rows]
    assert points["population"].tolist() == [people for people, _, _ in rows.values()]
    assert points["lat"].tolist() == [float(f"{lat:.6f}") for _, lat, _ in rows.values()]
    assert points["lon"].tolist() == [float(f"{lon:.6f}") for _, _, lon in rows.values()]
    assert points.crs.to_epsg() == 4326
    assert points.attrs["provenance"]["sources"][0]["name"] == path.name


@pytest.mark.parametrize(
    ("text", "found", "line"),
    [
        ("", "an empty file", None),
        ("<html>blocked</html>", "an HTML page", None),
        ("a,b\n1,2\n", "a table without STATEFP", 1),
        (f"{HEADER}\n", "a header without rows", 1),
        (f"{HEADER}\n01,001,0201000,1,32,-86\n", "'0201000'", 2),
        (f"{HEADER}\n01,001,020100,1,32,-86,9,9\n1,2,3,4,5,6,7,8,9,9,9\n", "broken CSV", None),
        (f"{HEADER}\n01,001,020100,many,32,-86\n", "'many'", 2),
        (f"{HEADER}\n01,001,020100,1,32,-86\n01,001,020200,1,95,-86\n", "95.0", 3),
        (f"{HEADER}\n01,001,020100,1,32,-186\n", "-186.0", 2),
        (f"{HEADER}\n01,001,020100,-1,32,-86\n", "-1.0", 2),
        (f"{HEADER}\n01,001,020100,1,,-86\n", "''", 2),
        (f"{HEADER}\nXX,001,020100,1,32,-86\n", "'XX'", 2),
        (f"{HEADER},latitude\n01,001,020100,1,32,-86,5\n", "the column 'LATITUDE' twice", 1),
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
    with pytest.raises(LoadError, match="none that can be opened"):
        iop.read_popcenters(tmp_path / "absent")


def test_a_bad_line_is_named_as_an_editor_counts_it(tmp_path):
    path = tmp_path / "CenPop.txt"
    path.write_text(
        "\nSTATEFP,COUNTYFP,POPULATION,LATITUDE,LONGITUDE\n\n17,031,10,+41.8,-87.7\n\n17,043,x,41.8,-88\n"
    )
    with pytest.raises(iop.LoadError, match="line 6: expected a number in POPULATION, found 'x'"):
        iop.read_popcenters(path)


def test_a_small_file_that_unpacks_to_thousands_of_millions_is_refused(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(
        gzip.compress(f"{HEADER}\n".encode()) + 1_000 * gzip.compress(b"1,1,1,1,1,1,1,1\n" * 1_000_000)
    )
    with pytest.raises(LoadError, match="bytes or more, more than the 600,000,000 that are read"):
        iop.read_popcenters(path)
