"""What has geometry draws itself, with the methods GeoPandas users know."""

import matplotlib as mpl
import pytest

import iopdir as iop


def drawn(what):
    """One of the tables with geometry that we return."""
    directory = iop.demo_directory().select(state="VT", level_of_care="iop")
    homes = iop.demand_points("zcta", state="VT")
    if what == "directory":
        return directory.to_geodataframe()
    if what == "demand points":
        return homes
    if what == "counties":
        return iop.geography.counties().query("state == 'VT'")
    if what == "catchment":
        return iop.catchment_area(directory, ["10 mi"])
    rows = {"by": what} if what in ("county", "state", "nation") else {"standard": ["10 mi", "cms-obh"]}
    return iop.coverage_gaps(homes, directory, geometry=True, **rows)


TABLES = ("directory", "demand points", "counties", "catchment", "county", "state", "nation", "two standards")


@pytest.mark.parametrize("what", TABLES)
def test_what_has_geometry_explores_and_plots(what):
    mpl.use("Agg")
    table = drawn(what)
    page = table.explore().get_root().render()
    assert "leaflet" in page
    if what == "directory":
        assert all(name in page for name in table["name"])
        assert page.count('"Feature"') == table.geometry.notna().sum()
    axes = table.plot(column="share" if "share" in table else None)
    assert len(axes.collections) > 0
    mpl.pyplot.close("all")
