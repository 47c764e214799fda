import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import UnknownNameError, VintageError
from iopdir.report.document import asset
from iopdir.report.shades import RAMP, classify, shades

ONE = pd.DataFrame({"share": [1.0], "gap": [0.0]})
SHARE, GAP = shades(ONE, "share"), shades(ONE, "gap")


@pytest.fixture(scope="module")
def iops():
    return iop.demo_directory().select(level_of_care="iop")


@pytest.fixture(scope="module")
def gaps(iops):
    return iop.coverage_gaps(iop.demand_points("zcta"), iops)


def shapes(chart, name="areas"):
    return chart.to_dict()["datasets"][name]["objects"]["shapes"]["geometries"]


def test_the_national_map_has_every_county_alaska_and_hawaii_and_says_synthetic(gaps, iops):
    chart = iop.coverage_map(gaps, iops)
    drawn = shapes(chart)
    assert len(drawn) == len(gaps) == 3144
    assert all(shape["arcs"] for shape in drawn)
    row = gaps.loc["02020"]
    assert drawn[list(gaps.index).index("02020")]["properties"] == {
        "area": "Anchorage Municipality, AK",
        "class": SHARE.names[classify(gaps).loc["02020"]],
        "within": f"{row['share']:.1%}"
        if row["share"] < 0.9995
        else "over 99.9%"
        if row["share"] < 1
        else "100%",
        "people": f"{row['people']:,.0f}",
        "outside": f"{row['gap']:,.0f}" if not 0 < row["gap"] < 0.5 else "fewer than 1",
        "nearest": f"{row['nearest_m'] / 1609.344:.1f} miles",
        "facilities": f"{row['facilities']:,}",
        "note": "-",
    }
    spec = chart.to_dict()
    assert spec["title"]["text"] == "SYNTHETIC: share of people within 30 mi of intensive outpatient care"
    assert "SYNTHETIC directory of facilities that do not exist" in json.dumps(spec["layer"][-1])
    placed = [(p["x"], p["y"]) for p in spec["datasets"]["points"]]
    outside = len(iops.select(state=["PR", "VI", "GU", "MP", "AS"]))
    assert len(placed) == len(iops) - outside, "a table without the islands makes a map without them"


def test_a_map_is_one_file_that_names_no_source_to_load(gaps, iops, tmp_path):
    path = tmp_path / "map.html"
    iop.coverage_map(gaps, iops).save(path)
    page = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 4e6
    own = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"<[^>]+(src|href)=(?!\"data:)", own)
    assert "default-src 'none'" in page


def test_a_part_of_the_rows_makes_a_map_of_that_part(gaps, iops):
    part = gaps[gaps["state"] == "NJ"]
    chart = iop.coverage_map(part, iops, value="gap")
    assert [shape["properties"]["area"] for shape in shapes(chart)] == [
        f"{name}, NJ" for name in part["name"]
    ]
    assert len(shapes(chart, "states")) == 1
    assert (
        chart.to_dict()["title"]["text"] == "SYNTHETIC: people not within 30 mi of intensive outpatient care"
    )


def test_states_can_be_mapped_too(iops):
    table = iop.coverage_gaps(iop.demand_points("zcta"), iops, by="state", standard="cms-obh")
    chart = iop.coverage_map(table)
    assert len(shapes(chart)) == 51
    assert shapes(chart)[0]["properties"]["area"] == "Alaska"
    assert (
        "the standard “CMS Medicare Advantage, outpatient behavioral health” for"
        in chart.to_dict()["title"]["text"]
    )


def test_statuses_are_explained_in_the_legend(gaps):
    part = gaps[gaps["state"] == "HI"].copy()
    part.loc["15005", ["people", "covered", "gap", "share"]] = [0.0, 0.0, 0.0, np.nan]
    part.loc["15005", "status"] = "no_population"
    part.attrs = gaps.attrs
    spec = iop.coverage_map(part).to_dict()
    domain = spec["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert domain == [*SHARE.names, "nobody lives here"]
    notes = {shape["properties"]["class"] for shape in shapes(iop.coverage_map(part))}
    assert "nobody lives here" in notes


def test_people_in_no_known_county_are_left_off_the_map(gaps):
    blank = gaps.iloc[[0]].rename(index={gaps.index[0]: ""})
    blank["status"] = "no_county_match"
    table = pd.concat([gaps[gaps["state"] == "DE"], blank])
    table.index.name = "county_fips"
    assert len(shapes(iop.coverage_map(table))) == 3


def test_what_cannot_be_mapped_is_refused(gaps, iops):
    demand = iop.demand_points("zcta", state="VT")
    with pytest.raises(UnknownNameError, match="value to map"):
        iop.coverage_map(gaps, value="people")
    with pytest.raises(UnknownNameError, match="map of areas"):
        iop.coverage_map(iop.coverage_gaps(demand, iops, by="nation"))
    with pytest.raises(UnknownNameError, match="choose one"):
        iop.coverage_map(iop.coverage_gaps(demand, iops, standard=["10 mi", "30 mi"]))
    with pytest.raises(VintageError):
        iop.coverage_map(gaps.assign(vintage=1999))
    with pytest.raises(UnknownNameError, match="outline"):
        iop.coverage_map(gaps.iloc[[0]].rename(index={gaps.index[0]: "99999"}))


def test_any_measure_colours_a_map_with_a_legend_in_words_and_units(iops):
    demand = iop.demand_points("zcta", state="NH")
    table = iop.coverage_gaps(demand, iops, measures={"e2sfca": iop.enhanced_two_step_fca}, cost="drive-estimate",
                              standard="30 min")  # fmt: skip
    for value, column, title, best in (
        ("minutes", "nearest_min", ["Minutes to the nearest", "facility (median)"], "under 10 min"),
        ("e2sfca", "e2sfca", ["e2sfca: facilities per", "100,000 people"], None),
        ("estimate_low", "estimate_low", ["People within, were every", "drive slow"], "99.5% or more"),
    ):
        spec = iop.coverage_map(table, value=value).to_dict()
        color = spec["layer"][0]["encoding"]["color"]
        assert " ".join(color["title"]) == " ".join(title)
        found = shades(table, value)
        assert color["scale"]["domain"] == list(found.names)
        assert best in (None, found.names[0])
        drawn = [shape["properties"]["class"] for shape in shapes(iop.coverage_map(table, value=value))]
        assert drawn == [found.names[order] for order in found.classify(table[column])]


def test_areas_of_ones_own_are_drawn_by_the_outlines_they_carry(iops):
    halves = gpd.GeoDataFrame(
        {"name": ["West", "East"]},
        geometry=[shapely.box(-73.5, 42.7, -72.7, 45.1), shapely.box(-72.7, 42.7, -71.4, 45.1)],
        index=["w", "e"], crs=4326,
    )  # fmt: skip
    demand = iop.demand_points("zcta", state="VT")
    table = iop.coverage_gaps(demand, iops, by=halves, standard="10 mi", geometry=True)
    drawn = shapes(iop.coverage_map(table, iops))
    found = shades(table, "share")
    assert [(one["properties"]["area"], one["properties"]["class"]) for one in drawn] == [
        (name, found.names[order])
        for name, order in zip(["West", "East"], found.classify(table["share"]), strict=True)
    ]
    with pytest.raises(UnknownNameError, match="geometry=True"):
        iop.coverage_map(iop.coverage_gaps(demand, iops, by=halves, standard="10 mi"))


def test_maps_beside_one_another_share_their_classes_and_say_which_is_which(iops):
    demand = iop.demand_points("zcta", state="NH")
    tables = {
        "all": iop.coverage_gaps(demand, iops),
        "Medicaid": iop.coverage_gaps(demand, iops.select(payment="medicaid")),
    }
    chart = iop.report.maps_beside(tables, value="nearest_m")
    rows = [shape["properties"] for shape in shapes(chart)]
    assert [row["map"] for row in rows] == ["all"] * 10 + ["Medicaid"] * 10
    found = shades(tables["all"], "nearest_m")
    expected = [found.names[order] for t in tables.values() for order in found.classify(t["nearest_m"])]
    assert [row["class"] for row in rows] == expected
    heads = [row["text"] for row in chart.to_dict()["datasets"]["heads"]]
    assert heads[::2] == ["all", "Medicaid"]
    assert chart.to_dict()["title"]["text"].startswith("SYNTHETIC: Miles to the nearest facility")
    title = iop.report.maps_beside(tables).to_dict()["title"]["text"]
    assert title == "SYNTHETIC: People within (30 mi): all, Medicaid"
    with pytest.raises(UnknownNameError, match="same areas"):
        iop.report.maps_beside({"all": tables["all"], "part": tables["all"].iloc[:3]})


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_a_measure_falls_into_the_class_whose_name_holds_it_and_more_is_better(values):
    table = pd.DataFrame({"opportunity_x": values, "mean_cost": values})
    rising, falling = shades(table, "opportunity_x"), shades(table, "mean_cost")
    for found, sign in ((rising, -1), (falling, 1)):
        orders = found.classify(values)
        assert ((orders >= 0) & (orders < len(found.names))).all()
        assert len(found.names) == len(found.edges) + 1 == len(set(found.names)) == len(found.colours)
        ranked = np.argsort(values, kind="stable")
        assert (sign * np.diff(orders[ranked]) >= 0).all()


@given(st.floats(0, 1))
def test_a_share_falls_into_the_class_that_holds_it(share):
    (number,) = classify(pd.DataFrame({"share": [share]}))
    bounds = [0.0, *SHARE.edges, np.inf]
    assert bounds[5 - number] <= share < bounds[6 - number]


@given(st.floats(0, 1e7))
def test_a_gap_falls_into_the_class_that_holds_it(people):
    (number,) = classify(pd.DataFrame({"gap": [people]}), "gap")
    bounds = [0.0, *GAP.edges, np.inf]
    assert bounds[number] <= people < bounds[number + 1]


MACHADO_2009 = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""Severity 1 matrices of Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, linear RGB; flag M."""


def ramps():
    """The ramp of figures, and of screens in light, in dark, and on paper."""
    found = [RAMP]
    for part in asset("base.css").split(":root")[1:4]:
        colours = dict(re.findall(r"--c(\d): (#\w{6})", part))
        found.append(tuple(colours[str(i)] for i in range(6)))
    return found


@pytest.mark.parametrize("colours", ramps())
@pytest.mark.parametrize("vision", ["full", "grey", *MACHADO_2009])
def test_classes_grow_steadily_darker_or_lighter_for_every_kind_of_colour_vision(colours, vision):
    light = []
    for colour in colours:
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        seen = np.clip(np.array(MACHADO_2009[vision]) @ linear, 0, 1) if vision in MACHADO_2009 else linear
        light.append(116 * float(seen @ [0.2126, 0.7152, 0.0722]) ** (1 / 3) - 16)
    steps = np.diff(light)
    assert (np.sign(steps) == np.sign(steps[0])).all()
    assert np.abs(steps).min() > 5, "neighbouring classes differ by more than 5 in CIE lightness"


def test_screen_and_figure_share_one_ramp():
    assert ramps()[1] == RAMP
