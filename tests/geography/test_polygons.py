"""Areas of one's own: nobody is lost, nobody counts twice, every area has a name."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import iopdir as iop
from iopdir.geography.polygons import locate_polygons, read_polygons


def halves(**columns):
    shapes = [shapely.box(-74, 42, -72.6, 46), shapely.box(-72.6, 42, -71, 46)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def test_counties_as_polygons_give_the_counties():
    """Where points decide, the outlines of the counties are areas like any other."""
    homes = iop.demand_points("zcta", state="NV").rename_axis("place")
    iops = iop.demo_directory().select(level_of_care="iop")
    outlines = iop.geography.counties()
    outlines = outlines[outlines["state"] == "NV"]
    mine = iop.coverage_gaps(homes, iops, by=outlines, standard="10 mi")
    theirs = iop.coverage_gaps(homes, iops, standard="10 mi").loc[outlines.index]
    shared = ["people", "covered", "share", "placement_low", "nearest_m"]
    pd.testing.assert_frame_equal(mine.loc[outlines.index, shared], theirs[shared], rtol=1e-12)
    assert (mine["people"] > 0).all()
    assert mine.index.name == "county_fips"
    assert mine["name"].tolist() == [*outlines["name"], "no area"]  # a few lie in outlines of California


def test_nobody_is_lost_and_facilities_are_counted_where_they_are():
    homes, directory = iop.demand_points("zcta", state=["VT", "PR"]), iop.demo_directory()
    area = halves(GEOID=["w", "e"], NAME=["West", "East"]).iloc[:1].reset_index(drop=True)
    gaps = iop.coverage_gaps(homes, directory, by=area)
    assert gaps.index.tolist() == ["w", ""]
    assert gaps["name"].tolist() == ["West", "no area"]
    assert gaps["status"].tolist() == ["ok", "no_area_match"]
    assert gaps["people"].sum() == pytest.approx(homes["population"].sum())
    points = directory.to_geodataframe().dropna(subset=["lon"])
    box = points["lon"].between(-74, -72.6) & points["lat"].between(42, 46)
    assert gaps.loc["w", "facilities"] == box.sum() > 0
    strict = iop.coverage_gaps(homes, directory, by=area, standard="cms-obh")
    assert "counties_failing" in strict
    assert gaps.attrs["provenance"]["parameters"]["by"] == "1 areas"


@pytest.mark.parametrize(
    ("areas", "options", "ids"),
    [
        (halves(id=[7, 8]), {}, ["7", "8"]),
        (halves(GeoID=["a", "b"]), {}, ["a", "b"]),
        (halves(region=["a", "b"]), {"area_id": "region"}, ["a", "b"]),
        (halves().set_index(pd.Index(["a", "b"], name="district")), {}, ["a", "b"]),
        (halves(), {}, ["0", "1"]),
        (halves(id=["a", "b"]).to_crs(3857), {}, ["a", "b"]),
    ],
    ids=["id", "geoid", "named", "index", "counted", "projected"],
)
def test_ids_are_found(areas, options, ids):
    assert read_polygons(areas, **options).index.tolist() == ids
    found = locate_polygons(
        read_polygons(areas, **options), np.array([-73.0, np.nan]), np.array([44.0, 44.0])
    )
    assert found.tolist() == [0, -1]


def with_shapes(*shapes):
    return gpd.GeoDataFrame({"id": ["a", "b"][: len(shapes)]}, geometry=list(shapes), crs=4326)


BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("areas", "options", "error", "message"),
    [
        (halves(id=["a", None]), {}, ValueError, "1 areas have no id, the first in row 1"),
        (halves(id=["a", " "]), {}, ValueError, "no id"),
        (halves(id=["a", "a"]), {}, ValueError, "area 'a' stands twice"),
        (halves(), {"area_id": "district"}, iop.errors.UnknownNameError, "no column 'district'"),
        (with_shapes(shapely.Point(0, 0)), {}, ValueError, "area 'a' is no valid polygon but POINT"),
        (with_shapes(BOW), {}, ValueError, "no valid polygon"),
        (with_shapes(shapely.Polygon()), {}, ValueError, "no valid polygon"),
        (with_shapes(shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)), {}, ValueError, "'a' and 'b'"),
        (with_shapes(shapely.box(0, 0, 3, 3), shapely.box(1, 1, 2, 2)), {}, ValueError, "overlap"),
        (with_shapes(), {}, ValueError, "no areas"),
        (pd.DataFrame({"id": ["a"]}), {}, TypeError, "GeoDataFrame, not DataFrame"),
    ],
)
def test_bad_areas_are_explained(areas, options, error, message):
    with pytest.raises(error, match=message):
        iop.coverage_gaps(iop.demand_points("zcta", state="VT"), iop.demo_directory(), by=areas, **options)


def test_an_area_id_needs_polygons():
    with pytest.raises(ValueError, match="area_id names a column of polygons"):
        iop.coverage_gaps(iop.demand_points("zcta", state="VT"), iop.demo_directory(), area_id="x")


def test_slivers_between_neighbours_are_no_overlap():
    touching = with_shapes(shapely.box(0, 0, 2, 2), shapely.box(1.99999, 0, 4, 2))
    assert len(read_polygons(touching)) == 2
