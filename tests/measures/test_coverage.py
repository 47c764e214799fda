"""Coverage: equal to measuring every pair, adding up over counties, states and nation, and sure within its range."""

from functools import partial

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, box

import iopdir as iop
from iopdir.standards.chances import chance_of
from iopdir.travel.displacement import displacement_m
from iopdir.units import METRES_PER_MILE

GEOD = Geod(ellps="WGS84")
COUNTS = ["people", "covered", "gap", "facilities"]


@pytest.fixture(scope="module")
def everybody():
    return iop.demand_points("zcta")


@pytest.fixture(scope="module")
def iops():
    return iop.demo_directory().select(level_of_care="iop")


def ways(homes, places):
    """Every geodesic, shape (homes, places)."""
    lon, lat = (
        np.meshgrid(homes["lon"], places["lon"], indexing="ij"),
        np.meshgrid(homes["lat"], places["lat"], indexing="ij"),
    )
    return GEOD.inv(lon[0], lat[0], lon[1], lat[1])[2]


# --- equal to brute force ---


def test_counties_equal_every_pair_and_every_weight(iops):
    iops = iops.select(state=["VT", "NH", "ME"])
    homes = iop.demand_points("zcta", state=["VT", "NH"])
    metres = ways(homes, iops.to_geodataframe())
    weights = iop.geography.county_weights(homes)
    point = homes.index.get_indexer(weights["demand_id"])
    people = homes["population"].to_numpy()[point] * weights["weight"].to_numpy()
    inside = (metres <= 20 * METRES_PER_MILE).any(axis=1)[point]
    expected = pd.DataFrame(
        {"county_fips": weights["county_fips"], "people": people, "covered": people * inside}
    )
    expected = expected.groupby("county_fips")[["people", "covered"]].sum()
    gaps = iop.coverage_gaps(homes, iops, standard="20 mi")
    found = gaps.loc[expected.index, ["people", "covered"]]
    pd.testing.assert_frame_equal(found, expected, check_index_type=False, rtol=1e-12)
    assert gaps.loc[~gaps.index.isin(expected.index), "people"].eq(0).all()
    np.testing.assert_allclose(gaps["gap"], gaps["people"] - gaps["covered"], atol=1e-9)
    nearest = metres.min(axis=1)[point]
    for fips in expected.index[:8]:
        mine = (weights["county_fips"] == fips).to_numpy()
        order = np.argsort(nearest[mine])
        half = np.searchsorted(np.cumsum(people[mine][order]), people[mine].sum() / 2 * (1 - 1e-12))
        assert gaps.loc[fips, "nearest_m"] == pytest.approx(nearest[mine][order][half], rel=1e-12)


@settings(deadline=None)
@given(
    seed=st.integers(0, 10_000),
    limit=st.floats(1_000, 80_000),
)
def test_any_points_and_places_give_what_every_pair_gives(seed, limit):
    rng = np.random.default_rng(seed)
    homes = pd.DataFrame(
        {
            "lon": rng.uniform(-88.5, -87.8, 20),
            "lat": rng.uniform(41.5, 42.2, 20),
            "population": rng.integers(0, 99, 20).astype(float),
            "county_fips": "17031",
            "vintage": 2023,
        }
    )
    places = pd.DataFrame({"lon": rng.uniform(-88.5, -87.8, 5), "lat": rng.uniform(41.5, 42.2, 5)})
    inside = (ways(homes, places) <= limit).any(axis=1)
    row = iop.coverage_gaps(homes, places, by="nation", standard=f"{limit} m").iloc[0]
    assert row["people"] == homes["population"].sum()
    assert row["covered"] == homes["population"][inside].sum()


# --- it adds up, and nothing is blank ---


@pytest.mark.parametrize("standard", ["30 mi", "cms-obh"])
def test_counties_states_and_nation_add_up(everybody, iops, standard):
    tables = {
        by: iop.coverage_gaps(everybody, iops, by=by, standard=standard)
        for by in ("county", "state", "nation")
    }
    whole = tables["nation"].iloc[0]
    for by in ("county", "state"):
        np.testing.assert_allclose(
            tables[by][COUNTS].sum().astype(float), whole[COUNTS].astype(float), rtol=1e-9
        )
    by_state = tables["county"].groupby("state")[COUNTS].sum()
    pd.testing.assert_frame_equal(by_state, tables["state"][COUNTS], rtol=1e-9, check_index_type=False)
    assert whole["people"] == pytest.approx(everybody.loc[everybody["state"] != "PR", "population"].sum())
    left_out = tables["nation"].attrs["provenance"]["parameters"]["people_left_out"]["population"]
    assert whole["people"] + left_out == pytest.approx(everybody["population"].sum())


def test_every_county_has_a_row_with_a_value_or_a_reason(everybody, iops):
    gaps = iop.coverage_gaps(everybody, iops)
    assert len(gaps) == 3144
    assert gaps.index.is_unique
    assert gaps.index.str.fullmatch(r"\d{5}").all()
    assert (gaps["vintage"] == 2023).all()
    assert set(gaps["status"]) <= {"ok", "no_population"}
    assert not gaps[gaps["status"] == "ok"].isna().any(axis=None)
    assert gaps["share"].between(0, 1).all()
    assert {"02013", "15009", "51610", "09110"} <= set(gaps.index)


def test_territories_come_on_request_and_are_the_rest(everybody, iops):
    states = iop.coverage_gaps(everybody, iops, by="state")
    wide = iop.coverage_gaps(everybody, iops, by="state", territories=True)
    assert "PR" not in states.index
    pd.testing.assert_frame_equal(wide.drop("PR"), states)
    alone = iop.coverage_gaps(everybody[everybody["state"] == "PR"], iops, by="county")
    assert set(alone["state"]) == {"PR"}
    assert alone["people"].sum() == pytest.approx(wide.loc["PR", "people"])


def test_people_in_no_known_county_are_a_row_of_their_own(iops):
    homes = iop.demand_points("zcta", state="HI")
    afloat = pd.DataFrame(
        {"lon": [-150.0], "lat": [25.0], "population": [7.0], "state": ["HI"]},
        index=pd.Index(["boat"], name="id"),
    )
    both = pd.concat([pd.DataFrame(homes).rename_axis("id")[["lon", "lat", "population", "state"]], afloat])
    gaps = iop.coverage_gaps(both, iops)
    assert gaps.loc["", ["people", "status"]].tolist() == [7.0, "no_county_match"]
    assert gaps["people"].sum() == pytest.approx(both["population"].sum())
    nation = iop.coverage_gaps(both, iops, by="nation")
    assert nation["people"].iloc[0] == pytest.approx(both["population"].sum())


def test_without_any_facility_everybody_is_outside(iops):
    gaps = iop.coverage_gaps(
        iop.demand_points("zcta", state="VT"), iops.select(state="PR", payment="tribal", county="72001")
    )
    assert set(gaps["status"]) == {"no_facility"}
    assert (gaps["covered"] == 0).all()
    assert (gaps["gap"] == gaps["people"]).all()
    assert gaps["nearest_m"].isna().all()


def test_an_empty_county_says_so(iops):
    homes = iop.demand_points("zcta", state="VT")
    homes["population"] = homes["population"].where(homes["population"] < 0, 0.0)
    gaps = iop.coverage_gaps(homes, iops)
    assert set(gaps["status"]) == {"no_population"}
    assert gaps[["share", "nearest_m"]].isna().all(axis=None)


# --- several at once, filters, measures ---


def test_several_standards_and_groups_are_the_single_tables_one_under_another(iops):
    homes = iop.demand_points("zcta", state="NV")
    table = iop.coverage_gaps(homes, iops, standard=["10 mi", "cms-obh"], groups=["adults", "no_vehicle"])
    assert len(table) == 17 * 4
    for standard, name in (
        ("10 mi", "10 mi"),
        ("cms-obh", iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH.name),
    ):
        for group in ("adults", "no_vehicle"):
            part = table[(table["standard"] == name) & (table["group"] == group)]
            alone = iop.coverage_gaps(homes, iops, standard=standard, groups=group)
            shared = [column for column in alone if column in part and column != "verdict"]
            pd.testing.assert_frame_equal(part[shared], alone[shared], check_dtype=False)


def test_filters_reach_the_gaps_and_every_measure(iops):
    homes = iop.demand_points("zcta", state="NV")
    measures = {
        "e2sfca": iop.enhanced_two_step_fca,
        "near": partial(iop.measures.two_step_fca, max_cost="10 mi"),
    }
    by_filter = iop.coverage_gaps(homes, iops, measures=measures, payment="medicaid")
    selected = iop.coverage_gaps(homes, iops.select(payment="medicaid"), measures=measures)
    pd.testing.assert_frame_equal(by_filter, selected)
    near = iop.measures.two_step_fca(homes, iops, max_cost="10 mi", payment="medicaid")
    nation = iop.coverage_gaps(homes, iops, by="nation", measures=measures, payment="medicaid")
    expected = (near @ homes["population"]) / homes["population"].sum()
    assert nation["near"].iloc[0] == pytest.approx(expected, rel=1e-9)


def test_a_measure_may_not_take_the_name_of_a_column(iops):
    with pytest.raises(ValueError, match="'people'"):
        iop.coverage_gaps(
            iop.demand_points("zcta", state="VT"), iops, measures={"people": iop.measures.two_step_fca}
        )


# --- standards ---


def test_cms_tests_each_county_by_its_type_and_says_what_it_would_take(iops):
    homes = iop.demand_points("zcta", state=["NV", "CO"])
    gaps = iop.coverage_gaps(homes, iops, standard="cms-obh")
    rule = iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH
    assert (gaps["tested"] == "distance only").all()
    assert len(set(gaps["county_type"])) >= 4
    plain_tables = {
        kind: iop.coverage_gaps(homes, iops, standard=f"{limit.distance_m} m")
        for kind, limit in rule.limits.items()
    }
    for fips, row in gaps.iterrows():
        limit = rule.limits[row["county_type"]]
        plain = plain_tables[row["county_type"]].loc[fips]
        assert row["share"] == pytest.approx(plain["share"])
        assert row["required_share"] == pytest.approx(limit.share)
        assert row["verdict"] == ("pass" if row["share"] >= limit.share - 1e-12 else "fail")
        short = max(limit.share * row["people"] - row["covered"], 0)
        assert row["people_short"] == pytest.approx(short, abs=1e-6)
        assert (row["needed_m"] <= limit.distance_m) == (row["verdict"] == "pass")
    state = iop.coverage_gaps(homes, iops, by="state", standard="cms-obh")
    failing = gaps[gaps["verdict"] == "fail"].groupby("state").size().reindex(state.index).fillna(0)
    assert state["counties_failing"].tolist() == failing.tolist()
    assert ((state["verdict"] == "fail") == (state["counties_failing"] > 0)).all()


def test_with_minutes_both_halves_are_tested_on_the_same_facility():
    homes = pd.DataFrame(
        {
            "lon": -87.65,
            "lat": 41.92,
            "population": [10.0, 20.0, 40.0],
            "county_fips": "17031",
            "vintage": 2023,
        },
        index=["both", "halves", "slow"],
    )
    near, far = {"lon": -87.66, "lat": 41.92}, {"lon": -88.5, "lat": 41.92}
    places = pd.DataFrame([near, far], index=["near", "far"])
    drive = pd.DataFrame(
        [("both", "near", 5), ("halves", "near", 90), ("halves", "far", 15), ("slow", "near", 90)],
        columns=["origin", "destination", "cost"],
    )
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    row = iop.coverage_gaps(homes, places, standard="cms-obh", cost=cost).loc["17031"]
    assert row[["covered", "tested", "county_type"]].tolist() == [10.0, "distance and time", "Large Metro"]
    timed = iop.coverage_gaps(homes, places, standard="20 min", cost=cost).loc["17031"]
    assert timed[["covered", "tested"]].tolist() == [30.0, "time"]


def test_minutes_without_a_matrix_of_minutes_are_refused(iops):
    homes = iop.demand_points("zcta", state="VT")
    with pytest.raises(iop.errors.UnitError, match="give cost=, such as a CostMatrix in min"):
        iop.coverage_gaps(homes, iops, standard="20 min")
    metres = iop.CostMatrix.from_geodesic(homes, iops)
    with pytest.raises(iop.errors.UnitError, match="mix"):
        iop.coverage_gaps(homes, iops, standard="20 min", cost=metres)


# --- how sure ---


def test_ranges_hold_the_drawn_share_between_them(everybody, iops):
    gaps = iop.coverage_gaps(everybody, iops, standard="10 mi")
    sure = gaps[gaps["status"] == "ok"]
    assert (sure["placement_low"] <= sure["share"]).all()
    assert (sure["share"] <= sure["placement_high"]).all()
    assert (sure["listing_low"] <= sure["listing_high"]).all()
    assert (sure["listing_high"] <= sure["share"] + 1e-12).all()


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), active=st.floats(0, 1))
def test_expected_coverage_equals_the_sum_over_all_that_may_be_open(seed, active):
    """The closed form against every subset of five listings, weighed by its probability."""
    rng = np.random.default_rng(seed)
    homes = pd.DataFrame(
        {
            "lon": rng.uniform(-88.5, -87.8, 6),
            "lat": rng.uniform(41.5, 42.2, 6),
            "population": rng.integers(1, 99, 6).astype(float),
            "county_fips": "17031",
            "vintage": 2023,
        }
    )
    places = pd.DataFrame({"lon": rng.uniform(-88.5, -87.8, 5), "lat": rng.uniform(41.5, 42.2, 5)})
    inside = ways(homes, places) <= 30_000
    expected = 0.0
    for subset in range(32):
        is_open = np.array([bool(subset >> place & 1) for place in range(5)])
        chance = active ** is_open.sum() * (1 - active) ** (5 - is_open.sum())
        expected += chance * homes["population"][(inside & is_open).any(axis=1)].sum()
    row = iop.coverage_gaps(homes, places, by="nation", standard="30 km", listing_active=active).iloc[0]
    assert row["listing_low"] * row["people"] == pytest.approx(expected, abs=1e-9)


def test_no_placement_of_sites_within_their_displacement_leaves_the_range():
    """Sites moved by up to their displacement, in many ways: coverage stays between low and high."""
    homes = iop.demand_points("zcta", state="CT")
    rows = iop.demo_directory().select(state="CT", level_of_care="iop").to_geodataframe()
    places = pd.DataFrame(rows[["lon", "lat", "zip"]]).assign(precision="zip_centroid")
    row = iop.coverage_gaps(homes, places, by="nation", standard="5 mi").iloc[0]
    assert row["placement_low"] < row["share"] < row["placement_high"]
    off, rng = displacement_m(places), np.random.default_rng(2)
    for way in (0.3, 0.8, 1.0):
        lon, lat, _ = GEOD.fwd(places["lon"], places["lat"], rng.uniform(0, 360, len(off)), off * way)
        moved = iop.coverage_gaps(
            homes, places.assign(lon=lon, lat=lat, precision="address"), by="nation", standard="5 mi"
        )
        assert row["placement_low"] <= moved["share"].iloc[0] <= row["placement_high"]


def test_sites_placed_by_address_have_no_range_of_placement():
    homes = iop.demand_points("zcta", state="VT")
    places = pd.DataFrame({"lon": [-72.58], "lat": [44.26], "precision": ["address"], "zip": ["05602"]})
    row = iop.coverage_gaps(homes, places, by="nation").iloc[0]
    assert row["placement_low"] == row["share"] == row["placement_high"]


def test_margins_of_error_follow_the_census_rule(iops):
    homes = iop.demand_points("zcta", state="VT")
    homes["population_moe"] = 40.0
    row = iop.coverage_gaps(homes, iops, by="nation", standard="10 mi").iloc[0]
    inside = iop.measures.nearest_cost(homes, iops)["distance_m"] <= 10 * METRES_PER_MILE
    assert row["people_moe"] == pytest.approx(40 * np.sqrt(len(homes)))
    share, part2, whole2 = row["share"], 1600 * inside.sum(), 1600 * len(homes)
    inner = part2 - share**2 * whole2
    inner = inner if inner >= 0 else part2 + share**2 * whole2
    assert row["share_moe"] == pytest.approx(np.sqrt(inner) / row["people"])


@pytest.mark.parametrize("active", [-0.1, 1.1, (0.5, 0.2), np.nan])
def test_what_is_no_probability_is_refused(iops, active):
    with pytest.raises(ValueError, match="listing_active"):
        iop.coverage_gaps(iop.demand_points("zcta", state="VT"), iops, listing_active=active)


@settings(deadline=None)
@given(m=st.integers(0, 50), p=st.floats(0, 1))
def test_one_of_m_is_active_unless_all_are_gone(m, p):
    assert chance_of(np.array([float(m)]), 1, p)[0] == pytest.approx(1 - (1 - p) ** m, abs=1e-12)


# --- single points of failure ---


def test_closing_a_single_point_of_failure_loses_just_the_people_it_names(iops):
    homes = iop.demand_points("zcta", state=["NV", "UT"])
    sites = iops.select(state=["NV", "UT"])
    fragile = iop.single_points_of_failure(homes, sites, standard="20 mi", top=None)
    assert len(fragile) > 3
    assert fragile["people_depending"].is_monotonic_decreasing
    before = iop.coverage_gaps(homes, sites, by="nation", standard="20 mi")["covered"].iloc[0]
    table = pd.DataFrame(sites.to_geodataframe().drop(columns="geometry"))
    for facility in fragile.index[[0, 1, -1]]:
        after = iop.coverage_gaps(homes, table.drop(facility), by="nation", standard="20 mi")["covered"].iloc[
            0
        ]
        assert before - after == pytest.approx(fragile.loc[facility, "people_depending"])
    spared = table.index.difference(fragile.index)[:3]
    for facility in spared:
        after = iop.coverage_gaps(homes, table.drop(facility), by="nation", standard="20 mi")["covered"].iloc[
            0
        ]
        assert after == pytest.approx(before)


def test_single_points_of_failure_need_a_distance(iops):
    with pytest.raises(iop.errors.UnitError, match="20 min is in min"):
        iop.single_points_of_failure(iop.demand_points("zcta", state="VT"), iops, standard="20 min")


# --- what is refused ---


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"by": "town"}, iop.errors.UnknownNameError),
        ({"standard": "cms"}, iop.errors.UnknownNameError),
        ({"standard": "30 parsec"}, iop.errors.UnitError),
        ({"groups": ["martians"]}, iop.errors.UnknownNameError),
        ({"payment": "gold"}, iop.errors.UnknownNameError),
    ],
)
def test_unknown_names_are_refused(iops, options, error):
    with pytest.raises(error):
        iop.coverage_gaps(iop.demand_points("zcta", state="VT"), iops, **options)


def test_an_id_that_stands_twice_is_refused(iops):
    homes = iop.demand_points("zcta", state="VT")
    with pytest.raises(ValueError, match="stands twice"):
        iop.coverage_gaps(pd.concat([homes, homes.head(1)]), iops)


def test_counties_of_another_year_need_the_year_said(iops):
    homes = pd.DataFrame(
        {"lon": [-72.68], "lat": [41.76], "population": [9.0], "county_fips": ["09003"], "vintage": [2023]}
    )
    with pytest.raises(iop.errors.VintageError, match="no counties of 2023, such as 09003"):
        iop.coverage_gaps(homes, iops)
    old = iop.coverage_gaps(homes.assign(vintage=2020), iops)
    assert old.loc["09003", ["vintage", "people"]].tolist() == [2020, 9.0]
    with pytest.raises(iop.errors.VintageError):
        iop.coverage_gaps(homes.drop(columns="vintage"), iops)


# --- wrong answers of before ---


def test_a_site_without_a_point_counts_where_a_matrix_reaches_it():
    homes = pd.DataFrame({"population": [9.0], "county_fips": ["17031"], "vintage": [2023]}, index=["a"])
    drive = pd.DataFrame({"origin": ["a"], "destination": ["X"], "cost": [5.0]})
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    for places in (pd.DataFrame(index=["X"]), pd.DataFrame({"lon": [np.nan], "lat": [np.nan]}, index=["X"])):
        row = iop.coverage_gaps(homes, places, standard="20 min", cost=cost).loc["17031"]
        assert row[["share", "nearest_min", "status"]].tolist() == [1.0, 5.0, "ok"]
        assert iop.measures.cumulative_opportunities(homes, places, cost=cost).tolist() == [1.0]
        fragile = iop.single_points_of_failure(homes, places, standard="20 min", cost=cost)
        assert fragile.loc["X"].to_dict() == {"people_depending": 9.0, "farthest_min": 5.0}


def test_every_limit_needed_is_known_even_where_all_must_be_within(everybody, iops):
    everyone = iop.Standard(
        name="all", limits={None: iop.standards.Limit(distance_m=48_280.32, share=1.0)}, source="a test"
    )
    gaps = iop.coverage_gaps(everybody, iops, standard=everyone)
    inhabited = gaps[gaps["people"] > 0]
    assert inhabited["needed_m"].notna().all()
    assert ((inhabited["needed_m"] <= 48_280.32) == (inhabited["verdict"] == "pass")).all()


@pytest.mark.parametrize("turned", [False, True])
def test_people_in_no_county_get_the_strictest_limit_whatever_the_order(turned):
    rule = iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH
    items = list(rule.limits.items())
    rule = iop.Standard(name="turned", limits=dict(items[::-1] if turned else items), source="a test")
    afloat = pd.DataFrame(
        {"lon": [-150.0], "lat": [25.0], "population": [7.0], "state": "HI"}, index=["boat"]
    )
    buoy = pd.DataFrame({"lon": [-150.0], "lat": [25.3]}, index=["33 km off"])
    row = iop.coverage_gaps(afloat, buoy, standard=rule).loc[""]
    assert row[["people", "covered", "required_share"]].tolist() == [7.0, 0.0, 0.9]


def test_placement_ranges_are_those_of_every_pair():
    """Each site moved away, or nearer, by its own displacement."""
    homes = iop.demand_points("zcta", state=["NV", "CT"])
    rows = iop.demo_directory().select(state=["NV", "CT", "CA"], level_of_care="iop").to_geodataframe()
    places = pd.DataFrame(rows[["lon", "lat", "zip"]]).assign(precision="zip_centroid")
    places.iloc[::3, places.columns.get_loc("precision")] = "address"
    off, metres = displacement_m(places), ways(homes, places)
    assert off.max() > 40_000
    for miles in (2, 10, 30):
        limit = miles * METRES_PER_MILE
        row = iop.coverage_gaps(homes, places, by="nation", standard=f"{miles} mi").iloc[0]
        for side, moved in (("placement_low", metres + off), ("placement_high", metres - off)):
            share = homes["population"] @ (moved <= limit).any(axis=1) / homes["population"].sum()
            assert row[side] == pytest.approx(share, rel=1e-12)


def test_both_halves_without_a_point_cannot_hold():
    homes = pd.DataFrame({"population": [9.0], "county_fips": ["17031"], "vintage": [2023]}, index=["a"])
    drive = pd.DataFrame({"origin": ["a"], "destination": ["X"], "cost": [5.0]})
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    row = iop.coverage_gaps(homes, pd.DataFrame(index=["X"]), standard="cms-obh", cost=cost).loc["17031"]
    assert row[["covered", "tested"]].tolist() == [0.0, "distance and time"]
    assert "needed_min" not in row


# --- outlines ---


@pytest.mark.parametrize("by", ["county", "state", "nation"])
def test_outlines_come_beside_the_same_rows(everybody, iops, by):
    plain = iop.coverage_gaps(everybody, iops, by=by, standard=["10 mi", "30 mi"])
    drawn = iop.coverage_gaps(everybody, iops, by=by, standard=["10 mi", "30 mi"], geometry=True)
    pd.testing.assert_frame_equal(pd.DataFrame(drawn.drop(columns="geometry")), plain, check_exact=True)
    assert drawn.crs == 4326
    assert drawn.geometry.is_valid.all()
    chicago = drawn[drawn.contains(Point(-87.65, 41.92))]
    where = {"county": "17031", "state": "IL", "nation": "50 states and DC"}[by]
    assert chicago.index.unique().tolist() == [where]
    packs = {source["name"] for source in drawn.attrs["provenance"]["sources"]}
    assert {"county": "counties"}.get(by, "states") in packs


def test_outlines_of_ones_own_areas_and_of_nowhere(iops):
    areas = geopandas.GeoDataFrame(geometry=[box(-73.5, 42, -72, 46)], index=["west"], crs=4326)
    drawn = iop.coverage_gaps(iop.demand_points("zcta", state="VT"), iops, by=areas, geometry=True)
    assert drawn.index.tolist() == ["west", ""]
    assert drawn.geometry.iloc[0].equals(areas.geometry.iloc[0])
    assert drawn.geometry.iloc[1] is None
    drawn.explore(column="share")


def test_what_a_standard_does_not_ask_says_so_beside_others_that_do(iops):
    homes = iop.demand_points("zcta", state="VT")
    both = iop.coverage_gaps(homes, iops, standard=["10 mi", "cms-obh"])
    alone = iop.coverage_gaps(homes, iops, standard="10 mi")
    assert list(both.columns[:5]) == [*alone.columns[:3], "standard", "group"]
    assert both.columns[-1] == "status"
    rows = both[both["standard"] == "10 mi"]
    said = {"county_type": "", "verdict": "not_required", "settled": True}
    assert {name: set(rows[name]) for name in said} == {name: {value} for name, value in said.items()}
    assert rows[["required_share", "people_short", "needed_m"]].isna().all(axis=None)
    asked = both[both["standard"] != "10 mi"]
    assert set(asked["verdict"]) <= {"pass", "fail", "not_required"}
    assert (asked["county_type"] != "").any()
    assert both["county_type"].dtype == "str"


def test_twenty_single_points_are_listed_unless_more_are_asked_for(everybody, iops):
    every = iop.single_points_of_failure(everybody, iops, standard="10 mi", top=None)
    assert len(every) > 21
    assert (every["people_depending"] > 0).all()
    for table, top in ((iop.single_points_of_failure(everybody, iops, standard="10 mi"), 20), (every, 10**6)):
        pd.testing.assert_frame_equal(table, every.head(top))
    wide = iop.single_points_of_failure(everybody, iops, standard="10 mi", top=None, territories=True)
    assert set(every["state"]) < set(wide["state"]) == {*every["state"], "PR"}


def test_a_table_says_by_what_and_of_whom_it_was_made(iops):
    areas = geopandas.GeoDataFrame(geometry=[box(-73.5, 42, -72, 46)], index=["west"], crs=4326)
    homes = iop.demand_points("zcta", state="VT")
    for by, said in (("state", "state"), (areas, "1 areas")):
        about = iop.coverage_gaps(homes, iops, by=by, groups=["adults", "poverty"]).attrs["provenance"][
            "parameters"
        ]
        assert (about["by"], about["groups"], about["listing_active"]) == (
            said,
            ["adults", "poverty"],
            [0.5, 0.92],
        )


@pytest.mark.parametrize("chance", [0, 0.5, 1, (0.0, 1.0), (0.3, 0.3)])
def test_chances_may_be_one_or_a_rising_pair_with_both_ends(iops, chance):
    row = iop.coverage_gaps(
        iop.demand_points("zcta", state="VT"), iops, by="nation", listing_active=chance
    ).iloc[0]
    low, high = chance if isinstance(chance, tuple) else (chance, chance)
    assert (row["listing_low"] == 0) == (low == 0)
    assert (row["listing_high"] == row["share"]) == (high == 1)


def test_rows_name_their_standard_and_group_where_either_was_asked_for():
    demand, iops = iop.demand_points("zcta", state="VT"), iop.demo_directory().select(level_of_care="iop")
    ask = partial(iop.coverage_gaps, demand, iops, by="state")
    plain = ask(standard="30 mi")
    assert {"standard", "group"}.isdisjoint(plain.columns)
    for asked, said in (
        ({"standard": "30 mi", "groups": "population"}, [["30 mi", "population"]]),
        ({"standard": ["30 mi"], "groups": ["population"]}, [["30 mi", "population"]]),
        ({"standard": ["30 mi", "10 mi"]}, [["30 mi", "population"], ["10 mi", "population"]]),
    ):
        table = ask(**asked)
        assert table[["standard", "group"]].values.tolist() == said
        rest = table.drop(columns=["standard", "group"])
        pd.testing.assert_frame_equal(rest.iloc[:1], plain, check_dtype=False)
