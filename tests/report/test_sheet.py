import geopandas as gpd
import numpy as np
import pytest
import shapely

import iopdir as iop
from iopdir.errors import UnknownNameError
from iopdir.report.sheet import STEPS_PER_PIXEL, nation_sheet, state_sheet, svg_path, topology

ALL = ("AK", "HI", "PR", "VI", "GU", "MP", "AS")


@pytest.fixture(scope="module")
def counties():
    return iop.geography.counties()


def test_every_county_lies_inside_the_sheet_and_none_shrinks_to_nothing(counties):
    sheet = nation_sheet(counties["state"].unique())
    drawn = sheet.draw(counties.geometry)
    assert list(drawn.index) == list(counties.index)
    west, north, east, south = drawn.total_bounds / STEPS_PER_PIXEL
    assert (west, north) >= (0, 0)
    assert (east, south) <= (sheet.width, sheet.height)
    assert all(svg_path(shape) for shape in drawn)


def test_panels_do_not_overlap(counties):
    sheet = nation_sheet(counties["state"].unique())
    groups = (
        counties["state"]
        .map(dict.fromkeys(ALL) | {s: s for s in ALL})
        .fillna("48")
        .replace({"VI": "PR", "MP": "GU"})
    )
    boxes = [shapely.box(*part.total_bounds) for _, part in sheet.draw(counties.geometry).groupby(groups)]
    assert len(boxes) == 6
    islands = boxes[1:]
    assert not any(a.intersects(b) for i, a in enumerate(islands) for b in islands[i + 1 :])


def test_neighbours_keep_their_common_border(counties):
    drawn = nation_sheet(["CO"]).draw(counties.loc[["08031", "08005", "08001", "08059"]].geometry)
    assert drawn.union_all().area == pytest.approx(drawn.area.sum(), rel=0.02)
    assert set(shapely.get_coordinates(drawn.loc["08031"]).astype(int).ravel().tolist())


@pytest.mark.parametrize("state", ["AK", "HI", "TN", "NJ", "DC", "GU", "MP", "AS", "PR", "VI"])
def test_a_state_alone_fills_its_sheet_upright(counties, state):
    shapes = counties.query("state == @state").geometry
    sheet = state_sheet(shapes.union_all())
    west, north, east, south = sheet.draw(shapes).total_bounds / STEPS_PER_PIXEL
    assert min(west, north, sheet.width - east, sheet.height - south) >= 7.5
    assert sheet.width - (east - west) < 17 or sheet.height - (south - north) < 17
    middle = shapes.union_all().representative_point()
    (x, y), (x_north, y_north) = sheet.place([middle.x, middle.x], [middle.y, middle.y + 0.05])
    assert y_north < y
    assert abs(x_north - x) < 0.15 * (y - y_north) or state == "AK", "north is up"


def test_points_that_no_panel_shows_have_no_pixel():
    pixels = nation_sheet(["IL"]).place([-66.1, 2.35, np.nan, -87.65], [18.4, 48.85, 41.0, 41.92])
    assert np.isnan(pixels[:3]).all()
    assert np.isfinite(pixels[3]).all()


def test_an_empty_outline_is_refused():
    with pytest.raises(UnknownNameError, match="outline"):
        state_sheet(shapely.Polygon())


def test_a_path_and_a_topology_draw_the_same_rings():
    shape = shapely.MultiPolygon(
        [
            (((0, 0), (100, 0), (100, 100), (0, 100)), [((10, 10), (10, 20), (20, 20))]),
            (((200, 0), (210, 0), (210, 10)), []),
        ]
    )
    assert svg_path(shape) == "M0 0l100 0 0 100 -100 0zM10 10l0 10 10 0zM200 0l10 0 0 10z"
    packed = topology(gpd.GeoSeries([shape]), [{"name": "x"}])
    arcs = [np.cumsum(arc, axis=0).tolist() for arc in packed["arcs"]]
    assert arcs[1] == [[10, 10], [10, 20], [20, 20], [10, 10]]
    (geometry,) = packed["objects"]["shapes"]["geometries"]
    assert geometry["arcs"] == [[[0], [1]], [[2]]]
    assert geometry["properties"] == {"name": "x"}
