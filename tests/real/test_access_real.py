"""Access on the real listing and a real network matrix: the national figures, their sums, and PySAL's answers."""

import warnings

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import iopdir as iop

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from access import Access, weights

pytestmark = pytest.mark.real
INPLACE = "ignore:The inplace keyword in DataFrame:DeprecationWarning"


@pytest.fixture(scope="module")
def iops(real_data):
    directory = iop.read_directory(real_data / "National_Directory_SA_Facilities_2022.xlsx")
    return directory.select(level_of_care="iop")


@pytest.fixture(scope="module")
def everybody():
    return iop.demand_points("zcta")


# --- the listing of 2022, IOP, ZIP centroids, embedded ZIP areas ---


@pytest.mark.parametrize(("standard", "share", "within"), [("30 mi", 0.969, 0.002), ("10 mi", 0.790, 0.004)])
def test_national_shares(everybody, iops, standard, share, within):
    nation = iop.coverage_gaps(everybody, iops, by="nation", standard=standard)
    assert nation.index.tolist() == ["50 states and DC"]
    assert nation["share"].iloc[0] == pytest.approx(share, abs=within)


@pytest.mark.parametrize(
    ("active", "low"), [({}, 0.928), ({"listing_active": iop.measures.LISTING_STRESS}, 0.818)]
)
def test_expected_shares_if_listings_are_stale(everybody, iops, active, low):
    nation = iop.coverage_gaps(everybody, iops, by="nation", standard="30 mi", **active)
    assert nation["listing_low"].iloc[0] == pytest.approx(low, abs=0.0005)


@pytest.mark.parametrize("standard", ["30 mi", "cms-obh"])
def test_counties_states_and_nation_add_up(everybody, iops, standard):
    county, state, nation = (
        iop.coverage_gaps(everybody, iops, by=by, standard=standard) for by in ("county", "state", "nation")
    )
    assert len(county) == 3144
    assert set(county["status"]) == {"ok"}
    assert county.index.str.fullmatch(r"\d{5}").all()
    for column in ("people", "covered", "gap"):
        assert county[column].sum() == pytest.approx(nation[column].iloc[0], rel=1e-12)
        by_state = county.groupby("state")[column].sum()
        pd.testing.assert_series_equal(by_state, state[column], check_names=False, check_index_type=False)
    assert (county["placement_low"] <= county["share"] + 1e-12).all()
    assert (county["share"] <= county["placement_high"] + 1e-12).all()


def test_alaska_and_hawaii_are_measured_in_their_own_place(everybody, iops):
    """Every nearest distance of both states against all geodesics, among them those across the antimeridian."""
    homes = everybody[everybody["state"].isin(["AK", "HI"])]
    places = iops.to_geodataframe().query("lon == lon")
    near = iop.measures.nearest_cost(homes, iops)
    geod = Geod(ellps="WGS84")
    for home in homes.itertuples():
        metres = geod.inv(
            np.full(len(places), home.lon), np.full(len(places), home.lat), places["lon"], places["lat"]
        )[2]
        assert near.loc[home.Index, "distance_m"] == pytest.approx(metres.min(), abs=1e-6)


def test_a_national_floating_catchment_gives_out_what_is_reached(everybody, iops):
    access = iop.enhanced_two_step_fca(
        demand=everybody, directory=iops, rings=["10 mi", "20 mi", "30 mi"], weights=[1, 0.68, 0.22]
    )
    assert access.index.equals(everybody.index)
    placed = int(iops.to_geodataframe()["lon"].notna().sum())
    given = access @ everybody["population"]
    assert placed - 5 <= given <= placed + 1e-6  # all but a few sites have somebody within 30 miles
    nearest = iop.measures.nearest_cost(everybody, iops)["distance_m"]
    assert ((access > 0) == (nearest <= 30 * 1609.344)).all()


# --- 2020 county codes ---


def test_tracts_of_2020_keep_the_counties_of_connecticut(real_data, iops):
    tracts = iop.read_popcenters(real_data / "popcenters_tract_2020.csv.gz")
    gaps = iop.coverage_gaps(tracts[tracts["state"] == "CT"], iops, standard="cms-obh")
    assert gaps.index.tolist() == [f"090{number:02}" for number in range(1, 16, 2)]
    assert set(gaps["vintage"]) == {2020}
    assert gaps["people"].sum() == 3_605_944  # Census 2020
    assert gaps.loc["09001", "county_type"] == "Large Metro"  # 957,419 people on 625 square miles of land
    with pytest.raises(iop.errors.VintageError, match=r"geography.crosswalk\(2023, 2020\)"):
        iop.geography.join_counties(gaps, iop.geography.county_list(2023))


# --- the San Francisco network, 205 tracts x 16 stores ---


@pytest.fixture(scope="module")
def san_francisco(real_data):
    ways = pd.read_csv(
        real_data / "SF_network_distance_candidateStore_16_censusTract_205_new.csv",
        dtype={"DestinationName": str},
    )
    tracts = ways.groupby("DestinationName")["demand"].first().rename("population").to_frame()
    stores = pd.DataFrame({"size": np.arange(1, 17)}, index=sorted(ways["name"].unique()))
    ways = ways.rename(columns={"DestinationName": "origin", "name": "destination", "distance": "cost"})
    return tracts, stores, ways[["origin", "destination", "cost"]]


@pytest.fixture
def pysal(san_francisco):
    tracts, stores, ways = san_francisco
    return Access(
        demand_df=tracts.rename_axis("tract").reset_index(),
        demand_index="tract",
        demand_value="population",
        supply_df=stores.rename_axis("store").reset_index(),
        supply_index="store",
        supply_value=["size"],
        cost_df=ways.copy(),
        cost_origin="origin",
        cost_dest="destination",
        cost_name="cost",
    )


def same(ours, theirs):
    expected = theirs.iloc[:, 0].reindex(ours.index).fillna(0.0).astype(float)
    assert expected.max() > 0
    pd.testing.assert_series_equal(
        ours, expected, rtol=1e-9, atol=0, check_names=False, check_index_type=False
    )


@pytest.mark.filterwarnings(INPLACE)
def test_the_san_francisco_network_gives_what_pysal_gives(san_francisco, pysal):
    tracts, stores, ways = san_francisco
    given = {"cost": iop.CostMatrix.from_frame(ways, unit="m"), "capacity": "size"}
    assert len(given["cost"]) == 205 * 16
    steps = {3000: 1.0, 6000: 0.68, 9000: 0.22}
    rings = {"rings": list(steps), "weights": list(steps.values())}
    same(
        iop.measures.two_step_fca(tracts, stores, max_cost="6 km", **given),
        pysal.two_stage_fca(max_cost=6000),
    )
    theirs = pysal.enhanced_two_stage_fca(weight_fn=weights.step_fn(steps))
    same(iop.enhanced_two_step_fca(tracts, stores, **rings, **given), theirs)
    theirs = pysal.enhanced_two_stage_fca(name="bell", weight_fn=weights.gaussian(4000))
    decay = iop.Decay.gaussian("4 km")
    same(iop.enhanced_two_step_fca(tracts, stores, decay=decay, **given), theirs)
    theirs = pysal.three_stage_fca(weight_fn=weights.step_fn(steps))
    same(iop.measures.three_step_fca(tracts, stores, **rings, **given), theirs)
    theirs = pysal.weighted_catchment(weight_fn=weights.gaussian(4000))
    same(iop.measures.gravity(tracts, stores, decay=decay, **given), theirs)


@pytest.mark.filterwarnings(INPLACE)
def test_rational_agents_of_san_francisco_agree_with_pysal(san_francisco, pysal):
    tracts, stores, ways = san_francisco
    cost = iop.CostMatrix.from_frame(ways, unit="m")
    same(iop.measures.raam(tracts, stores, cost=cost, capacity="size", tau="10 km"), pysal.raam(tau=10_000))
