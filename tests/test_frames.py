"""Whoever hands a frame over finds it as it was, and whoever gets one may write into it: on every pandas."""

import io
import re
from copy import deepcopy
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.text import EXACTLY, TEXT, numbers, texts

VERMONT = iop.demo_directory().select(state="VT", level_of_care="iop")
MEASURES = (
    "balanced_fca", "cumulative_opportunities", "enhanced_two_step_fca", "gravity", "modified_two_step_fca",
    "nearest_cost", "people_to_capacity", "provider_to_population", "raam", "spatial_availability",
    "three_step_fca", "two_step_fca",
)  # fmt: skip


@pytest.fixture(scope="module")
def frames():
    """Everything that a user may hand over."""
    demand = iop.demand_points("zcta", state="VT").iloc[::7]
    demand = pd.DataFrame(demand.drop(columns="geometry")).assign(poverty=demand["population"] * 0.1)
    sites = VERMONT.to_geodataframe()
    pairs = iop.CostMatrix.from_geodesic(demand, sites, max_cost="20 mi").to_frame()
    gaps = iop.coverage_gaps(demand, sites, geometry=True)
    west = shapely.box(-74, 42, -72.7, 46)
    return {
        "demand": demand.assign(lon=demand["lon"].round(2)),
        "sites": sites.assign(capacity=np.arange(1.0, len(sites) + 1)),
        "table": sites.drop(columns="geometry"),
        "plain": pd.DataFrame({"lon": sites["lon"], "lat": sites["lat"], "beds": 4.0}),
        "new": pd.DataFrame(
            {"lon": [-72.9, -72.1], "lat": [43.9, 44.7]}, index=["SYNTHETIC a", "SYNTHETIC b"]
        ),
        "areas": gpd.GeoDataFrame({"name": ["west"], "geometry": [west]}, index=["w"], crs="EPSG:4326"),
        "pairs": pairs.rename(columns={"origin": "from"}),
        "capacity": pd.Series({sites.index[0]: 9.0}),
        "gaps": gaps,
        "score": iop.measures.gravity(demand, sites),
        "counted": gaps.reset_index()[["county_fips", "vintage", "people"]],
        "rows": pd.DataFrame(
            {"name1": ["SYNTHETIC A", None], "zip": ["05401", "5401"], "state": ["VT", "vt"]}
        ),
    }


def ask(name):
    return lambda given: getattr(iop.measures, name)(given["demand"], given["sites"], capacity="capacity")


CALLS = {
    **{name: ask(name) for name in MEASURES if name != "nearest_cost"},
    "nearest_cost": lambda f: iop.measures.nearest_cost(f["demand"], f["sites"]),
    "nearest": lambda f: iop.nearest(f["demand"], f["plain"], k=2),
    "nearest, live": lambda f: iop.FacilityIndex.from_lonlat(
        f["plain"]["lon"], f["plain"]["lat"], ids=f["plain"].index
    ).nearest_many(f["demand"], k=2),
    "nearest, kept": lambda f: iop.nearest(f["demand"], VERMONT),
    "reach": lambda f: iop.reach(f["demand"], f["sites"], capacity="capacity").within("20 mi"),
    "parts of a reach": lambda f: iop.reach(f["demand"], f["sites"]).part(slice(0, 9)).nearest(k=1),
    "gaps": lambda f: iop.coverage_gaps(f["demand"], f["sites"], groups="poverty"),
    "gaps of areas": lambda f: iop.coverage_gaps(f["demand"], f["sites"], by=f["areas"]),
    "gaps of states": lambda f: iop.coverage_gaps(
        f["demand"], VERMONT, by="state", standard=["10 mi", "20 mi"]
    ),
    "compare": lambda f: iop.standards.compare(f["demand"], f["sites"], standards=["10 mi", "20 mi"]),
    "closures": lambda f: iop.scenarios.closures(f["demand"], f["sites"]),
    "single points": lambda f: iop.single_points_of_failure(f["demand"], f["sites"]),
    "what if": lambda f: (
        iop.what_if(
            f["demand"], f["sites"], open=f["new"], close=f["sites"].index[:2].tolist(), groups=["poverty"]
        ).people
    ),
    "what if, offering": lambda f: iop.what_if(f["demand"], f["plain"], capacity=f["capacity"]).after,
    "site": lambda f: iop.site(f["demand"], f["plain"], n=1, candidates=f["new"], standard="10 mi").new_sites,
    "specification curve": lambda f: (
        iop.specification_curve(
            f["demand"], f["sites"], measures=["gravity"], thresholds="20 mi", decays="gaussian"
        ).table
    ),
    "equity": lambda f: iop.measures.equity(f["score"], f["demand"], groups=["population", "poverty"]),
    "gini": lambda f: iop.measures.gini(f["score"], f["demand"]),
    "theil": lambda f: iop.measures.theil(f["score"], f["demand"]),
    "concentration index": lambda f: iop.measures.concentration_index(
        f["score"], f["demand"], rank_by="poverty"
    ),
    "matrix": lambda f: iop.CostMatrix.from_frame(f["pairs"], unit="m", origin="from").to_frame(),
    "from a matrix": lambda f: iop.nearest(
        f["demand"], f["sites"], cost=iop.CostMatrix.from_frame(f["pairs"], unit="m", origin="from")
    ),
    "directory": lambda f: iop.Directory.from_frame(f["table"]).by_state(),
    "drawn directory": lambda f: iop.Directory.from_frame(f["sites"]).to_geodataframe(),
    "read": lambda f: iop.read_facilities(f["rows"]).quality.issues,
    "read again": lambda f: iop.read_facilities(f["table"]).to_geodataframe(),
    "located": lambda f: iop.Directory.from_frame(f["table"]).locate_from(VERMONT).to_geodataframe(),
    "link": lambda f: iop.link(f["table"], f["sites"]),
    "diff": lambda f: iop.diff(VERMONT, iop.Directory.from_frame(f["table"].iloc[3:])).sites,
    "survival": lambda f: iop.changes.survival({2020: f["table"], 2021: f["table"].iloc[3:]}),
    "combine": lambda f: iop.combine(
        [VERMONT, iop.Directory.from_frame(f["table"].assign(source="SYNTHETIC other", phone="802-555-0100"))]
    ).directory.to_geodataframe(),
    "match": lambda f: iop.match(
        iop.eligibility.Profile(payment="medicaid"), VERMONT, near=f["demand"].iloc[:2]
    ),
    "weights": lambda f: iop.geography.county_weights(f["demand"]),
    "join counties": lambda f: iop.geography.join_counties(f["counted"], f["counted"]),
    "to arrow": lambda f: iop.exports.to_arrow(f["gaps"]).num_rows,
    "map": lambda f: iop.coverage_map(f["gaps"], VERMONT),
    "maps": lambda f: iop.report.maps_beside({"one": f["gaps"], "other": f["gaps"]}),
}
"""What is asked of frames."""

TABLES = {
    "counties": iop.geography.counties,
    "county list": lambda: iop.geography.county_list(2020),
    "county types": iop.geography.county_types,
    "crosswalk": lambda: iop.geography.crosswalk(2020, 2023),
    "states": iop.geography.states,
    "state standards": iop.standards.state_standards,
    "demand points": lambda: iop.demand_points("zcta", state="VT"),
    "pack": lambda: iop.datasets.open_pack("zip_points"),
    "packs": iop.datasets.list_packs,
    "claims": iop.claims,
    "growth": iop.evidence.growth_by_care,
    "growth models": iop.evidence.growth_models,
    "stays": iop.evidence.teds_2004,
    "retention": iop.evidence.retention_models,
    "directory": lambda: iop.demo_directory().select(state="VT").to_geodataframe(),
}
"""What is there without any."""


def assert_same(found, expected):
    if isinstance(found, pd.Series):
        pd.testing.assert_series_equal(found, expected)
    elif isinstance(found, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))
    assert type(found) is type(expected)
    assert getattr(found, "attrs", None) == getattr(expected, "attrs", None)


def spoil(answer):
    """Write over every cell of an answer, in place."""
    parts = [answer] if isinstance(answer, pd.Series) else [answer[name] for name in answer]
    for place, part in enumerate(parts):
        if part.dtype.kind in "biuf":
            value = part.dtype.type(1)
        elif part.dtype == TEXT:
            value = "spoilt"
        else:
            continue
        if isinstance(answer, pd.Series):
            answer.iloc[:] = value
        else:
            answer.iloc[:, place] = value
    answer.attrs.clear()


@pytest.mark.parametrize("name", CALLS)
def test_frames_stay_as_they_were(name, frames):
    given = deepcopy(frames)

    def assert_untouched():
        for one, frame in given.items():
            assert_same(frame, frames[one])
        assert_same(VERMONT.to_geodataframe(), kept)

    kept = VERMONT.to_geodataframe()
    answer = CALLS[name](given)
    assert_untouched()
    if isinstance(answer, pd.DataFrame | pd.Series):
        first = answer.copy()
        spoil(answer)
        assert_untouched()
        assert_same(CALLS[name](given), first)


def test_a_reach_stays_as_it_was(frames):
    reach = iop.reach(frames["demand"], frames["plain"], capacity="beds")
    iop.what_if(reach, capacity=frames["capacity"])
    assert (reach.sites.capacity == 4.0).all()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_its_readers_own(name):
    table = TABLES[name]()
    first = table.copy()
    spoil(table)
    assert_same(TABLES[name](), first)


@pytest.mark.parametrize("name", CALLS | TABLES)
def test_words_have_one_type(name, frames):
    """pandas 2 makes Python objects of words, pandas 3 text: what leaves the package is text on both."""
    answer = TABLES[name]() if name in TABLES else CALLS[name](deepcopy(frames))
    if isinstance(answer, pd.DataFrame):
        typed = texts(answer)
        assert dict(answer.dtypes) == dict(typed.dtypes)
        assert answer.index.dtype == typed.index.dtype


def test_words_alone_become_text():
    table = pd.DataFrame(
        {"a": ["x", None], "b": [1, 2], "c": [("x",), ()], "d": ["x", 1], "e": [None, None]}, dtype=object
    )
    found = texts(table.set_axis(["i", "j"]))
    assert [dtype == TEXT for dtype in found.dtypes] == [True, False, False, False, False]
    assert found.index.dtype == TEXT
    assert found["a"].isna().tolist() == [False, True]
    assert table["a"].dtype.kind == "O"


@given(st.lists(st.floats(), min_size=1))
def test_numbers_in_text_are_read_to_the_last_bit(values):
    cells = [repr(value) for value in values]
    for kind in (TEXT, "object"):
        np.testing.assert_array_equal(numbers(pd.Series(cells, dtype=kind)), values)
    np.testing.assert_array_equal(numbers(pd.Series(values, dtype="float64")), values)
    table = pd.read_csv(io.StringIO("\n".join(["cost", *cells])), **EXACTLY)
    np.testing.assert_array_equal(table["cost"], values)


@pytest.mark.parametrize("cell", ["", "x", "1_000", "1,000", "٣", "0x10", None, pd.NA, float("nan"), ("1",)])
def test_what_is_no_number_is_none(cell):
    cells = np.empty(2, dtype=object)
    cells[:] = ["1.5", cell]
    np.testing.assert_array_equal(numbers(pd.Series(cells, dtype="object")), [1.5, np.nan])


def test_no_column_is_of_a_type_that_means_two_things():
    """`"str"` is Python objects to pandas 2, and `to_numeric` reads less exactly there."""
    source = Path(iop.__file__).parent
    for path in source.rglob("*.py"):
        if path.name != "text.py":
            found = re.findall(r"""(?:dtype=|astype\()(?:"str"|str)\b|to_numeric""", path.read_text())
            assert not found, f"{path.relative_to(source)}: {found}"
