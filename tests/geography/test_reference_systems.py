"""Points and shapes in any reference system of the Earth are read; those of a floor plan are refused in words."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import iopdir as iop
from iopdir.errors import CoordinateError, LoadError

FLOOR_PLAN = 'LOCAL_CS["SYNTHETIC floor plan",UNIT["metre",1]]'
ROWS = {"name": ["SYNTHETIC"], "state": ["VT"], "zip": ["05602"]}


def points(crs):
    return gpd.GeoDataFrame(ROWS, geometry=[shapely.Point(-72.58, 44.26)], crs=4326).set_crs(
        crs, allow_override=True
    )


def square(crs):
    return gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(-73, 44, -72, 45)], crs=crs)


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_a_file_in_a_system_of_its_own_is_refused_with_its_path(tmp_path, ending):
    path = tmp_path / f"SYNTHETIC.{ending}"
    drawn = points(FLOOR_PLAN)
    drawn.to_parquet(path) if ending == "parquet" else drawn.to_file(path, driver="GPKG")
    with pytest.raises(LoadError, match="cannot be turned into longitude and latitude") as caught:
        iop.read_directory(path)
    assert caught.value.path == path


def test_frames_in_a_system_of_their_own_are_refused():
    homes = pd.DataFrame({"lon": [-72.5], "lat": [44.5], "population": [7]}, index=["home"])
    listing = iop.demo_directory()
    with pytest.raises(LoadError, match="SYNTHETIC floor plan"):
        iop.read_facilities(points(FLOOR_PLAN), name="SYNTHETIC")
    with pytest.raises(CoordinateError, match="SYNTHETIC floor plan"):
        iop.nearest(points(FLOOR_PLAN), listing)
    with pytest.raises(CoordinateError, match="SYNTHETIC floor plan"):
        iop.coverage_gaps(homes, listing, by=square(FLOOR_PLAN))
    drawn = iop.coverage_gaps(homes, listing, by=square(4326), geometry=True)
    with pytest.raises(CoordinateError, match="SYNTHETIC floor plan"):
        iop.report.coverage_map(drawn.set_crs(FLOOR_PLAN, allow_override=True))


@pytest.mark.parametrize("crs", [4326, 4269, 3857, 5070, "OGC:CRS84"])
def test_systems_of_the_earth_give_the_same_place(crs):
    moved = points(4326).to_crs(crs)
    table = iop.read_facilities(moved, name="SYNTHETIC").table
    assert table[["lon", "lat"]].to_numpy()[0] == pytest.approx([-72.58, 44.26], abs=1e-5)
