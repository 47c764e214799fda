"""A reach: parts answer like the whole, edits like a reach made anew; and points come in any form."""

import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.geography.points import read_points, state_codes
from iopdir.provenance import Provenance
from iopdir.spatial.blocks import PackedTree

STEP = iop.Decay.step(["5 km", "12 km"], [1, 0.3])


@pytest.fixture(scope="module")
def demo():
    return iop.demo_directory()


@pytest.fixture
def trees(monkeypatch):
    """Count the trees that are packed."""
    built, pack = [], PackedTree.__init__

    def count(tree, lon, lat, weights=None):
        built.append(len(lon))
        pack(tree, lon, lat, weights)

    monkeypatch.setattr(PackedTree, "__init__", count)
    return built


def scattered(seed, n=30, m=12):
    rng = np.random.default_rng(seed)
    homes = pd.DataFrame(
        {
            "lon": rng.uniform(-88.5, -87.8, n),
            "lat": rng.uniform(41.5, 42.2, n),
            "population": rng.integers(1, 99, n).astype(float),
            "county_fips": "17031",
            "vintage": 2023,
        },
        index=[f"h{i}" for i in range(n)],
    )
    places = pd.DataFrame(
        {
            "lon": rng.uniform(-88.5, -87.8, m),
            "lat": rng.uniform(41.5, 42.2, m),
            "beds": rng.uniform(0, 9, m),
        },
        index=[f"c{j:02}" for j in range(m)],
    )
    return homes, places


def kinds(homes, places):
    return {"straight": None, "matrix": iop.CostMatrix.from_geodesic(homes, places, max_cost="20 km")}


# --- parts ---


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 9999), cut=st.integers(1, 29), kind=st.sampled_from(["straight", "matrix"]))
def test_parts_put_together_are_the_whole_bit_for_bit(seed, cut, kind):
    homes, places = scattered(seed)
    whole = iop.reach(homes, places, cost=kinds(homes, places)[kind], capacity="beds")
    mask = np.arange(len(homes)) < cut
    ratios = iop.measures.people_to_capacity(whole, decay=STEP)
    parts = [whole.part(mask), whole.part(homes.index[cut:])]
    pd.testing.assert_frame_equal(
        pd.concat([part.nearest(3) for part in parts], ignore_index=True), whole.nearest(3), check_exact=True
    )
    pd.testing.assert_frame_equal(
        pd.concat([part.within("9 km") for part in parts], ignore_index=True),
        whole.within("9 km"),
        check_exact=True,
    )
    counts = pd.concat([iop.measures.cumulative_opportunities(part, max_cost="9 km") for part in parts])
    pd.testing.assert_series_equal(
        counts, iop.measures.cumulative_opportunities(whole, max_cost="9 km"), check_exact=True
    )
    second = pd.concat([iop.measures.gravity(part, decay=STEP, capacity=ratios) for part in parts])
    pd.testing.assert_series_equal(
        second, iop.enhanced_two_step_fca(whole, decay=STEP), check_exact=True, check_names=False
    )


def test_a_part_of_the_nation_is_answered_like_the_nation(demo):
    whole = iop.reach(iop.demand_points("zcta"), demo, level_of_care="iop")
    ratios = iop.measures.people_to_capacity(whole)
    decay = iop.Decay.step(["10 mi", "20 mi", "30 mi"], [1, 0.68, 0.22])
    every, near = iop.enhanced_two_step_fca(whole), whole.nearest()
    for cut in (slice(0, 40), slice(12_000, 15_000), slice(33_000, None)):
        part = pickle.loads(pickle.dumps(whole.part(cut)))  # noqa: S301 - our own
        again = iop.measures.gravity(part, decay=decay, capacity=ratios)
        pd.testing.assert_series_equal(again, every.iloc[cut], check_exact=True, check_names=False)
        pd.testing.assert_frame_equal(part.nearest(), near.iloc[cut].reset_index(drop=True), check_exact=True)


def test_a_part_names_the_id_it_does_not_know():
    homes, places = scattered(0)
    with pytest.raises(iop.errors.UnknownNameError, match="no demand point 'h99'; did you mean"):
        iop.reach(homes, places).part(["h1", "h99"])


# --- edits ---


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 9999), kind=st.sampled_from(["straight", "matrix"]))
def test_closing_and_opening_is_the_reach_made_anew(seed, kind):
    homes, places = scattered(seed)
    cost = kinds(homes, places)[kind]
    whole = iop.reach(homes, places, cost=cost, capacity="beds")
    closed = whole.close(["c03", "c07"])
    left = places.drop(["c03", "c07"])
    anew = iop.reach(homes, left, cost=cost and cost.select(homes, left), capacity="beds")
    pd.testing.assert_frame_equal(closed.nearest(2), anew.nearest(2))
    pd.testing.assert_series_equal(iop.measures.two_step_fca(closed), iop.measures.two_step_fca(anew))
    again = closed.open(places.loc[["c07", "c03"]], capacity="beds")
    pd.testing.assert_frame_equal(again.nearest(2), whole.nearest(2))
    pd.testing.assert_series_equal(iop.measures.two_step_fca(again), iop.measures.two_step_fca(whole))


def test_edits_keep_the_tree_of_the_people_and_are_stated(trees):
    homes, places = scattered(1)
    whole = iop.reach(homes, places)
    iop.measures.two_step_fca(whole)
    assert sorted(trees) == [12, 30]
    shut = whole.close("c00")
    iop.measures.two_step_fca(shut)
    assert trees[2:] == [11]
    assert shut.provenance().parameters["edits"] == [{"closed": 1}]
    with pytest.raises(iop.errors.UnknownNameError, match="no facility within this reach 'c00'"):
        shut.close("c00")
    with pytest.raises(ValueError, match="'c01' is open already"):
        shut.open(places.loc[["c01"]])


# --- trees, pickles, words ---


def test_one_table_builds_each_tree_once(demo, trees):
    homes = iop.demand_points("zcta")
    reach = iop.reach(homes, demo, level_of_care="iop")
    measures = {"a": iop.enhanced_two_step_fca, "b": iop.measures.two_step_fca}
    iop.coverage_gaps(reach, standard=["10 mi", "30 mi", "cms-obh"], measures=measures)
    assert len(trees) <= 5
    before = len(trees)
    iop.coverage_gaps(reach, by="state", standard="20 mi")
    iop.single_points_of_failure(reach)
    iop.nearest(reach)
    assert len(trees) == before


def test_a_reach_survives_a_pickle(demo):
    reach = iop.reach(iop.demand_points("zcta", state="VT"), demo, level_of_care="iop")
    expected = iop.coverage_gaps(reach)
    again = pickle.loads(pickle.dumps(reach))  # noqa: S301 - our own
    pd.testing.assert_frame_equal(iop.coverage_gaps(again), expected)
    assert repr(again) == repr(reach)


def test_it_says_what_it_is(demo):
    homes, places = scattered(0)
    assert repr(iop.reach(homes, places)) == "Reach of 30 demand points to 12 facilities by straight lines, m"
    text = iop.reach(homes, demo)._repr_html_()
    assert "SYNTHETIC" in text
    assert "16,0" in text


def test_what_a_reach_has_may_not_be_given_again(demo):
    reach = iop.reach("05602", demo)
    for given_again in ({"directory": demo}, {"level_of_care": "iop"}, {"cost": reach.cost}):
        with pytest.raises(ValueError, match=f"a reach has its {next(iter(given_again))} already"):
            iop.nearest(reach, **given_again)
    with pytest.raises(ValueError, match="give facilities"):
        iop.nearest("05602")


def test_a_state_means_people_and_areas(demo):
    nation, iops = iop.demand_points("zcta"), demo.select(level_of_care="iop")
    pd.testing.assert_frame_equal(
        iop.coverage_gaps(nation, iops, state="ca"),
        iop.coverage_gaps(nation[nation["state"] == "CA"], iops),
    )
    some = iop.nearest(nation, iops, state=["vt", "New Hampshire"])
    assert set(some["origin"]) == set(nation.index[nation["state"].isin(["VT", "NH"])])
    bare = nation.loc[nation["state"] == "VT", ["lon", "lat", "population"]].rename_axis("place")
    assert (
        260 < len(iop.reach(bare, iops, state="VT").people) <= len(bare)
    )  # some lie in outlines across the river
    with pytest.raises(iop.errors.UnknownNameError, match="no state 'XX'"):
        iop.coverage_gaps(nation, iops, state="XX")
    with pytest.raises(iop.errors.UnknownNameError, match="state among the demand points 'AL'"):
        iop.coverage_gaps(nation[nation["state"] == "VT"], iops, state="AL")
    assert state_codes(["il", "IL", "Illinois"]) == ["IL"]


def test_a_filter_called_state_is_refused_with_the_name_it_has(demo):
    with pytest.raises(iop.errors.UnknownNameError, match="facility_state"):
        iop.nearest("05602", demo, groups={"a": {"state": "VT"}})


# --- points however they come ---


def test_all_kinds_of_points_say_the_same(demo):
    zips = ["05602", "60614"]
    frame = read_points(zips)
    points = gpd.GeoDataFrame(
        {"population": [1.0, 2.0]},
        geometry=gpd.points_from_xy(frame["lon"], frame["lat"]),
        index=zips,
        crs=4326,
    )
    plain = pd.DataFrame(frame[["lon", "lat"]])
    expected = iop.nearest(plain, demo, k=2)
    arrow = pa.table({"id": zips, "lon": plain["lon"].to_numpy(), "lat": plain["lat"].to_numpy()})
    for given_points in (
        zips,
        tuple(zips),
        pd.Series(zips),
        pd.Index(zips),
        pd.Series(zips, index=zips),
        points,
        points.to_crs(3857),
        points.geometry,
        points.assign(lon=plain["lon"], lat=plain["lat"]),
        arrow,
    ):
        pd.testing.assert_frame_equal(iop.nearest(given_points, demo, k=2), expected, rtol=1e-9)
    pd.testing.assert_frame_equal(iop.nearest(arrow, demo, k=2), expected, check_exact=True)
    one = iop.Place(lat=float(plain["lat"].iloc[0]), lon=float(plain["lon"].iloc[0]), label="05602")
    for alone in ("05602", one, [one], shapely.Point(one.lon, one.lat)):
        found = iop.nearest(alone, demo, k=2).drop(columns="origin")
        pd.testing.assert_frame_equal(found, expected[:2].drop(columns="origin"), check_exact=True)


def test_polars_is_read_like_pandas(demo):
    pl = pytest.importorskip("polars")
    homes = pd.DataFrame(iop.demand_points("zcta", state="VT").drop(columns="geometry"))
    frame = pl.from_pandas(homes.reset_index())
    pd.testing.assert_frame_equal(
        iop.coverage_gaps(frame, demo), iop.coverage_gaps(homes, demo), check_exact=True
    )


def test_facilities_may_be_any_frame():
    homes, places = scattered(2)
    points = gpd.GeoDataFrame(
        places[["beds"]], geometry=gpd.points_from_xy(places["lon"], places["lat"]), crs=4326
    )
    expected = iop.enhanced_two_step_fca(homes, places, capacity="beds")
    arrow = pa.Table.from_pandas(places.rename_axis("facility_id").reset_index())
    for given_places in (points, arrow):
        found = iop.enhanced_two_step_fca(homes, given_places, capacity="beds")
        pd.testing.assert_series_equal(found, expected, check_exact=True)


def test_points_alone_make_a_table_of_coverage(demo):
    homes = iop.demand_points("zcta", state="VT")
    alone = homes.drop(columns=["lon", "lat"])
    pd.testing.assert_frame_equal(iop.coverage_gaps(alone, demo), iop.coverage_gaps(homes, demo))


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        ((41.9, -87.6), iop.errors.CoordinateError, r"iop.Place\(lat=41.9, lon=-87.6\)"),
        ([41.9, -87.6], iop.errors.CoordinateError, "which is the latitude"),
        (["60614", "00000"], iop.errors.UnknownNameError, "no ZIP '00000'"),
        (["60614", 7], TypeError, "found a int among them"),
        (7, TypeError, "found a int"),
        (shapely.box(0, 0, 1, 1), TypeError, "found a Polygon"),
        (gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]), iop.errors.UnknownNameError, "other shapes"),
    ],
)
def test_what_is_no_point_is_explained(demo, points, error, message):
    with pytest.raises(error, match=message):
        iop.nearest(points, demo)


def test_columns_and_geometry_may_not_contradict_each_other(demo):
    homes = iop.demand_points("zcta", state="VT")
    moved = homes.assign(lon=homes["lon"] + 1)
    with pytest.raises(
        iop.errors.CoordinateError, match="lon, lat and geometry of 265 rows are different places"
    ):
        iop.nearest(moved, demo)
    homes.loc[homes.index[:3], ["lon", "lat"]] = np.nan
    pd.testing.assert_frame_equal(
        iop.nearest(homes, demo), iop.nearest(iop.demand_points("zcta", state="VT"), demo)
    )


def test_a_place_needs_no_more_than_its_point():
    place = iop.Place(lat=44.26, lon=-72.58)
    assert (place.label, place.kind, place.source) == ("44.26, -72.58", "point", "as given")
    with pytest.raises(iop.errors.CoordinateError, match="latitude comes first"):
        iop.Place(lat=-97.0, lon=41.0)


def test_a_facility_may_not_stand_twice():
    homes, places = scattered(3)
    with pytest.raises(ValueError, match="facility 'c00' stands twice"):
        iop.reach(homes, pd.concat([places, places.head(1)]))


def test_a_listing_of_another_country_is_doubted_in_every_table():
    rows = [{"name": f"SYNTHETIC {n}", "lat": 23.0 + n / 100, "lon": 90.4, "beds": n} for n in range(1, 6)]
    abroad, demand = iop.read_facilities(pd.DataFrame(rows)), iop.demand_points("zcta", state="VT")
    assert abroad.quality.doubt == "listing_abroad"
    tables = [
        iop.coverage_gaps(demand, abroad, by="state"),
        iop.nearest(demand, abroad),
        iop.measures.nearest_cost(demand, abroad),
    ]
    for table in tables:
        assert set(table["status"]) == {"listing_abroad"}
        assert "no facility lies in the United States" in table.attrs["warnings"][0]
    assert iop.enhanced_two_step_fca(demand, abroad, capacity="beds").attrs["warnings"]
    near = iop.nearest(demand, iop.demo_directory())
    assert set(near["status"]) == {"ok"}
    assert "warnings" not in near.attrs


def test_a_listing_mostly_without_points_is_doubted_too():
    table = pd.DataFrame(
        {"name": [f"SYNTHETIC {n}" for n in range(3)], "zip": ["05602", "00000", "00000"], "state": "VT"}
    )
    gaps = iop.coverage_gaps(iop.demand_points("zcta", state="VT"), iop.read_facilities(table), by="state")
    assert gaps["status"].tolist() == ["listing_unplaced"]


def test_a_reach_is_cut_by_ids_marks_or_a_slice_and_one_id_may_stand_alone():
    homes, places = scattered(4)
    whole = iop.reach(homes, places)
    ids = ["h3", "h7"]
    for cut in (ids, homes.index.isin(ids), [one in ids for one in homes.index], pd.Index(ids)):
        assert whole.part(cut).people.ids.tolist() == ids
    assert whole.part("h3").people.ids.tolist() == ["h3"]
    assert whole.part(slice(3, 5)).people.ids.tolist() == ["h3", "h4"]
    assert whole.close("c05").sites.ids.tolist() == [one for one in places.index if one != "c05"]
    for cut in (["h3", True], [True, False]):
        with pytest.raises(iop.errors.UnknownNameError, match="no demand point"):
            whole.part(cut)


def test_edits_add_up_in_what_a_reach_says_of_itself():
    homes, places = scattered(5)
    more = pd.DataFrame(
        {"lon": [-88.0, np.nan], "lat": [41.8, np.nan], "beds": [2.0, 3.0]}, index=["b1", "b2"]
    )
    more.attrs["provenance"] = Provenance.of([iop.Source(name="more")]).to_dict()
    whole = iop.reach(homes, places.assign(lon=places["lon"].where(places.index != "c01")), capacity="beds")
    changed = whole.close(["c00"]).open(more, capacity="beds")
    assert changed.sites.ids.tolist() == ["b1", *places.index[2:]]
    assert changed.sites.capacity.tolist() == [2.0, *places["beds"].iloc[2:]]
    assert changed.sites.unplaced == 2
    assert changed.provenance().parameters["edits"] == [{"closed": 1}, {"opened": 1}]
    assert {source.name for source in changed.provenance().sources} >= {"more"}
    assert (whole.sites.unplaced, len(whole.sites)) == (1, 11)
    turned = iop.reach(homes, places[::-1]).close("c00").open(places.loc[["c00"]])
    assert turned.sites.ids.tolist() == [*places.index[:0:-1], "c00"]  # in no order before, at the end now


def test_another_capacity_keeps_the_trees_and_has_its_name():
    homes, places = scattered(6)
    whole = iop.reach(homes, places)
    iop.measures.two_step_fca(whole)
    whole.nearest()
    offers = pd.Series(2.0, places.index)
    for capacity, name in (
        ("beds", "beds"),
        (offers, "a series"),
        (offers.rename("rooms"), "rooms"),
        (None, "1 a facility"),
    ):
        other = whole.with_capacity(capacity)
        assert other.sites.offered == name
        assert other.sites.tree is whole.sites.tree
        assert other.sites.live is whole.sites.live
    with pytest.raises(iop.errors.UnknownNameError, match="capacity for facility 'c03'"):
        whole.with_capacity(offers.drop("c03"))
    with pytest.raises(ValueError, match=r"1 are not: 'c02' has -1.0"):
        whole.with_capacity(offers.where(places.index != "c02", -1.0))


def test_a_limit_is_stated_in_its_unit_or_none_is():
    homes, places = scattered(7)
    straight = iop.reach(homes, places)
    assert straight.nearest().attrs["provenance"]["parameters"]["max_cost_m"] is None
    assert straight.nearest(max_cost="1 km").attrs["provenance"]["parameters"]["max_cost_m"] == 1000
    assert straight.within("1 km").attrs["provenance"]["parameters"]["max_cost_m"] == 1000
    drive = iop.reach(homes, places, cost="drive-estimate")
    assert drive.within("0.5 h").attrs["provenance"]["parameters"]["max_cost_min"] == 30
    assert straight.nearest()["rank"].tolist() == [1] * len(homes)
    with pytest.raises(ValueError, match="k must be at least 1"):
        straight.nearest(0)


def test_a_state_cuts_a_reach_that_is_there_already(demo):
    whole = iop.reach(iop.demand_points("zcta", state=["VT", "NH"]), demo, level_of_care="iop")
    part = iop.measures.two_step_fca(whole, state="vt")
    pd.testing.assert_series_equal(part, iop.measures.two_step_fca(whole.part(whole.demand["state"] == "VT")))
    assert part.attrs["provenance"]["parameters"]["state"] == ["VT"]
    assert len(whole.people) > len(part)


def test_a_plain_frame_has_nothing_to_choose_by(demo):
    homes, places = scattered(8)
    with pytest.raises(ValueError, match="only a Directory can be filtered by level_of_care"):
        iop.reach(homes, places, level_of_care="iop")
    assert len(iop.reach(homes, places, level_of_care=None).sites) == len(places)
    with pytest.raises(TypeError, match="groups are chosen from a directory"):
        iop.nearest(homes, places, groups="payment")


def test_a_limit_over_the_ground_is_the_limit_itself_in_straight_lines():
    homes, places = scattered(9)
    assert iop.reach(homes, places).ways.radii(250.0).tolist() == [250.0] * len(homes)
