"""The long table of nearest facilities: every origin has a row, and every row says what it is."""

import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import iopdir as iop
from iopdir.text import texts
from iopdir.travel import straight as module

GEOD = Geod(ellps="WGS84")
COLUMNS = ["origin", "rank", "facility_id", "name", "distance_m", "bearing_deg", "status"]


@pytest.fixture(scope="module")
def directory():
    return iop.demo_directory().select(state=["VT", "NH", "ME"])


@pytest.fixture(scope="module")
def homes():
    return iop.demand_points("zcta", state=["VT", "NH"]).head(60)


def brute_force(homes, directory, k, cap=np.inf):
    table = directory.to_geodataframe().dropna(subset=["lon"])
    rows = []
    for home, lon, lat in zip(homes.index, homes["lon"], homes["lat"], strict=True):
        n = len(table)
        bearing, _, distance = GEOD.inv(np.full(n, lon), np.full(n, lat), table["lon"], table["lat"])
        best = np.lexsort((table.index, distance))[:k]
        rows += [
            (home, rank, table.index[i], table["name"].iloc[i], distance[i], bearing[i] % 360, "ok")
            for rank, i in enumerate(best, 1)
            if distance[i] <= cap
        ]
    return texts(pd.DataFrame(rows, columns=COLUMNS))


def test_the_table_equals_measuring_every_pair(homes, directory):
    found = iop.nearest(homes, directory, k=4, max_cost="15 mi")
    expected = brute_force(homes, directory, 4, 15 * 1609.344)
    pd.testing.assert_frame_equal(found[found["status"] == "ok"].reset_index(drop=True), expected, rtol=1e-12)
    assert list(found["origin"].unique()) == list(homes.index)
    alone = found[found["status"] == "beyond_cap"]
    assert set(alone["origin"]) == set(homes.index) - set(expected["origin"])
    assert alone[["facility_id", "name", "distance_m", "bearing_deg"]].isna().all(axis=None)
    assert (alone["rank"] == 1).all()


def test_few_and_many_origins_get_the_same_rows(directory, monkeypatch):
    homes = iop.demand_points("zcta", state=["VT", "NH", "ME"])
    assert len(homes) > module.SMALL
    bulk = iop.nearest(homes, directory, k=3, max_cost="20 mi")
    monkeypatch.setattr(module, "SMALL", len(homes))
    pd.testing.assert_frame_equal(bulk, iop.nearest(homes, directory, k=3, max_cost="20 mi"), rtol=1e-12)


def test_a_place_in_words_is_an_origin(directory):
    found = iop.nearest("43.66, -70.26", directory, k=2)
    assert found["origin"].tolist() == ["43.66, -70.26"] * 2
    expected = brute_force(
        pd.DataFrame({"lon": [-70.26], "lat": [43.66]}, index=["43.66, -70.26"]), directory, 2
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)
    with pytest.raises(iop.errors.UnknownNameError, match="00000"):
        iop.nearest("00000", directory)


def test_points_in_any_projection_are_origins(homes, directory):
    projected = homes.to_crs(5070)[["geometry"]]
    found = iop.nearest(projected, directory)
    expected = iop.nearest(homes, directory)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-6)


def test_an_origin_off_the_earth_says_so_and_spoils_nothing(homes, directory):
    spoilt = homes[["lon", "lat"]].copy()
    spoilt.iloc[3, 0], spoilt.iloc[5, 1] = np.nan, 95.0
    found, clean = iop.nearest(spoilt, directory), iop.nearest(homes, directory)
    bad = found["origin"].isin(homes.index[[3, 5]])
    assert found.loc[bad, "status"].tolist() == ["bad_coordinate"] * 2
    assert found.loc[bad, ["facility_id", "name", "distance_m", "bearing_deg"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(found[~bad], clean[~bad])


def test_nowhere_to_go_is_told_from_too_far(homes, directory):
    nobody = directory.select(state="VT", county="23005")
    assert len(nobody) == 0
    assert set(iop.nearest(homes, nobody)["status"]) == {"no_facility"}
    assert set(iop.nearest(homes, directory, max_cost=0)["status"]) == {"beyond_cap"}


def test_no_origins_give_an_empty_table(homes, directory):
    empty = iop.nearest(homes.head(0), directory)
    assert list(empty.columns) == COLUMNS
    assert len(empty) == 0


def test_facilities_without_a_point_are_counted_and_never_found(homes, directory):
    table = pd.DataFrame(directory.to_geodataframe().drop(columns="geometry"))
    lost = table["state"] == "VT"
    table.loc[lost, ["lon", "lat"]] = np.nan
    partly = iop.Directory(table, quality=directory.quality, provenance=directory.provenance)
    found = iop.nearest(homes, partly)
    assert found.attrs["unplaced_facilities"] == lost.sum() > 0
    assert not found["facility_id"].isin(table.index[lost]).any()
    pd.testing.assert_frame_equal(found, iop.nearest(homes, directory.select(state=["NH", "ME"])))


def test_groups_are_answers_of_their_own(homes, directory):
    kinds = {
        "any": {},
        "iop": {"level_of_care": "iop"},
        "none": {"facility_state": "VT", "facility_county": "23005"},
    }
    found = iop.nearest(homes, directory, k=2, groups=kinds)
    assert list(found.columns) == [COLUMNS[0], "group", *COLUMNS[1:]]
    for group, filters in kinds.items():
        part = found[found["group"] == group].drop(columns="group").reset_index(drop=True)
        pd.testing.assert_frame_equal(part, iop.nearest(homes, directory, k=2, **filters))
    assert found["origin"].tolist() == sorted(found["origin"], key=list(homes.index).index)
    first = found[found["origin"] == homes.index[0]]
    assert first["group"].tolist() == ["any", "any", "iop", "iop", "none"]


def test_a_group_for_each_value_of_an_argument(homes, directory):
    found = iop.nearest(homes, directory, groups="level_of_care")
    stated = set(directory.to_geodataframe()["levels_of_care"].explode().dropna())
    assert set(found["group"]) == stated
    part = found[found["group"] == "iop"].drop(columns="group").reset_index(drop=True)
    pd.testing.assert_frame_equal(part, iop.nearest(homes, directory.select(level_of_care="iop")))


def test_provenance_names_both_sides_and_the_options(homes, directory):
    attrs = iop.nearest(
        homes, directory, k=2, max_cost="30 mi", groups={"a": {"facility_state": ["VT"]}}
    ).attrs
    names = [source["name"] for source in attrs["provenance"]["sources"]]
    assert any("demo_directory" in name for name in names)
    assert "zcta" in names
    parameters = attrs["provenance"]["parameters"]
    assert parameters["k"] == 2
    assert parameters["max_cost_m"] == 48280.32
    assert parameters["groups"] == {"a": {"facility_state": ["VT"]}}
    assert attrs["provenance"]["synthetic"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"k": 0}, ValueError, "k must be at least 1, not 0"),
        ({"max_cost": "30"}, iop.errors.UnitError, "write a number and a unit"),
        ({"max_cost": -1}, iop.errors.UnitError, "not a finite amount"),
        ({"groups": {}}, ValueError, "groups is empty"),
        (
            {"groups": "level"},
            iop.errors.UnknownNameError,
            "no filter of facilities 'level'; known: age_group, ",
        ),
        ({"groups": {"x": {"level_of_care": "spa"}}}, iop.errors.UnknownNameError, "spa"),
    ],
)
def test_a_wrong_option_is_explained(homes, directory, options, error, message):
    with pytest.raises(error, match=message):
        iop.nearest(homes, directory, **options)


def test_a_frame_without_points_is_explained(directory):
    with pytest.raises(iop.errors.UnknownNameError, match="no column 'lon'; did you mean long"):
        iop.nearest(pd.DataFrame({"long": [0], "lat": [0]}), directory)
    with pytest.raises(iop.errors.UnknownNameError, match="no column 'lon'"):
        iop.nearest(gpd.GeoDataFrame({"x": [1]}), directory)


def test_nothing_to_group_by_is_explained(homes, directory):
    with pytest.raises(ValueError, match="states no level_of_care"):
        iop.nearest(homes, directory.select(state="VT", county="23005"), groups="level_of_care")


def test_a_small_question_never_loads_numba():
    code = (
        "import sys, iopdir as iop; d = iop.demo_directory(); iop.nearest('05602', d);"
        "iop.FacilityIndex(d).nearest(lat=44, lon=-72); sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
