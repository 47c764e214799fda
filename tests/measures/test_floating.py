"""Catchment measures: equal to PySAL `access` on one matrix, and to every pair in straight lines."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.geography.points import coordinates

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from access import Access, weights

INPLACE = "ignore:The inplace keyword in DataFrame:DeprecationWarning"
RINGS = {10: 1.0, 20: 0.68, 30: 0.22}
STEPS = {"rings": ["10 min", "20 min", "30 min"], "weights": list(RINGS.values())}
FLOATING = [iop.measures.two_step_fca, iop.enhanced_two_step_fca, iop.measures.three_step_fca]


def towns_and_clinics(seed, n=40, m=9, share=0.6):
    """People, clinics and a matrix with gaps, in whole numbers so that RAAM moves whole people."""
    rng = np.random.default_rng(seed)
    towns = pd.DataFrame({"population": rng.integers(100, 5000, n)}, index=[f"t{i:02}" for i in range(n)])
    clinics = pd.DataFrame({"doctors": rng.integers(1, 9, m)}, index=[f"c{j}" for j in range(m)])
    full = pd.MultiIndex.from_product([towns.index, clinics.index], names=["origin", "destination"])
    drive = pd.DataFrame({"cost": rng.uniform(1, 45, len(full))}, index=full).reset_index()
    return towns, clinics, drive[rng.random(len(drive)) < share]


def pysal(towns, clinics, drive, neighbours=None):
    return Access(
        demand_df=towns.rename_axis("home").reset_index(),
        demand_index="home",
        demand_value="population",
        supply_df=clinics.rename_axis("clinic").reset_index(),
        supply_index="clinic",
        supply_value=["doctors"],
        cost_df=drive.copy(),
        cost_origin="origin",
        cost_dest="destination",
        cost_name="cost",
        neighbor_cost_df=neighbours,
        neighbor_cost_origin="origin",
        neighbor_cost_dest="destination",
        neighbor_cost_name="cost",
    )


def same(ours, theirs, rtol=1e-9):
    theirs = theirs.iloc[:, 0] if isinstance(theirs, pd.DataFrame) else theirs
    expected = theirs.reindex(ours.index).fillna(0.0).astype(float)
    assert expected.max() > 0
    pd.testing.assert_series_equal(
        ours, expected, rtol=rtol, atol=0, check_names=False, check_index_type=False
    )


@pytest.mark.filterwarnings(INPLACE)
@pytest.mark.parametrize("seed", range(4))
class TestAgainstPySal:
    def test_two_step(self, seed):
        towns, clinics, drive = towns_and_clinics(seed)
        cost = iop.CostMatrix.from_frame(drive, unit="min")
        ours = iop.measures.two_step_fca(towns, clinics, max_cost="25 min", cost=cost, capacity="doctors")
        same(ours, pysal(towns, clinics, drive).two_stage_fca(max_cost=25))

    def test_enhanced_in_steps(self, seed):
        towns, clinics, drive = towns_and_clinics(seed)
        cost = iop.CostMatrix.from_frame(drive, unit="min")
        ours = iop.enhanced_two_step_fca(towns, clinics, cost=cost, capacity="doctors", **STEPS)
        same(ours, pysal(towns, clinics, drive).enhanced_two_stage_fca(weight_fn=weights.step_fn(RINGS)))

    @pytest.mark.parametrize(
        ("decay", "weight"),
        [
            (iop.Decay.gaussian("12 min"), weights.gaussian(12)),
            (iop.Decay.exponential("9 min"), lambda cost: np.exp(-cost / 9)),
            (iop.Decay.power("10 min", 1.5, least="4 min"), weights.gravity(10, -1.5, 4)),
        ],
        ids=["gaussian", "exponential", "power"],
    )
    def test_enhanced_smoothly(self, seed, decay, weight):
        towns, clinics, drive = towns_and_clinics(seed)
        cost = iop.CostMatrix.from_frame(drive, unit="min")
        ours = iop.enhanced_two_step_fca(towns, clinics, decay=decay, cost=cost, capacity="doctors")
        same(ours, pysal(towns, clinics, drive).enhanced_two_stage_fca(weight_fn=weight))

    def test_three_step(self, seed):
        towns, clinics, drive = towns_and_clinics(seed)
        cost = iop.CostMatrix.from_frame(drive, unit="min")
        ours = iop.measures.three_step_fca(towns, clinics, cost=cost, capacity="doctors")
        steps = {10: 0.962, 20: 0.704, 30: 0.377, 60: 0.042}
        same(ours, pysal(towns, clinics, drive).three_stage_fca(weight_fn=weights.step_fn(steps)))

    def test_gravity_and_opportunities(self, seed):
        towns, clinics, drive = towns_and_clinics(seed)
        cost, theirs = iop.CostMatrix.from_frame(drive, unit="min"), pysal(towns, clinics, drive)
        ours = iop.measures.gravity(
            towns, clinics, decay=iop.Decay.gaussian("12 min"), cost=cost, capacity="doctors"
        )
        same(ours, theirs.weighted_catchment(weight_fn=weights.gaussian(12)))
        ours = iop.measures.cumulative_opportunities(
            towns, clinics, max_cost="20 min", cost=cost, capacity="doctors"
        )
        same(ours, theirs.weighted_catchment(max_cost=20))

    @pytest.mark.filterwarnings("ignore:some tracts may be unaccounted for:UserWarning")
    def test_provider_to_population(self, seed):
        towns, clinics, drive = towns_and_clinics(seed)
        rng = np.random.default_rng(seed)
        both = pd.MultiIndex.from_product([towns.index, towns.index], names=["origin", "destination"])
        apart = pd.DataFrame({"cost": rng.uniform(0, 45, len(both))}, index=both).reset_index()
        apart.loc[apart["origin"] == apart["destination"], "cost"] = 0.0
        ours = iop.measures.provider_to_population(
            towns,
            clinics,
            max_cost="20 min",
            cost=iop.CostMatrix.from_frame(drive, unit="min"),
            neighbours=iop.CostMatrix.from_frame(apart, unit="min"),
            capacity="doctors",
        )
        same(ours, pysal(towns, clinics, drive, apart).fca_ratio(max_cost=20))

    def test_raam(self, seed):
        towns, clinics, drive = towns_and_clinics(seed)
        drive = drive[drive["origin"].map(drive["origin"].value_counts()) > 0]
        cost = iop.CostMatrix.from_frame(drive, unit="min")
        ours = iop.measures.raam(towns, clinics, cost=cost, capacity="doctors", tau="60 min")
        reached = drive["origin"].unique()
        assert ours.drop(reached).isna().all()
        same(ours[reached], pysal(towns, clinics, drive).raam(tau=60))


HOSPITALS = {
    "gridlock": (40, 40, 80),
    "fast inward": (20, 40, 80),
    "fast outward": (40, 20, 80),
    "fast both ways": (20, 20, 40),
}
"""Minutes to town 3, from it, and between towns 1 and 2: the worked example of PySAL `access`."""


@pytest.mark.filterwarnings(INPLACE)
@pytest.mark.parametrize("scene", HOSPITALS)
def test_the_three_hospital_example(scene):
    inward, outward, across = HOSPITALS[scene]
    towns = pd.DataFrame({"population": [100, 50, 10]}, index=["1", "2", "3"])
    clinics = pd.DataFrame({"doctors": [15, 20, 100]}, index=["1", "2", "3"])
    rows = [("1", "1", 1), ("2", "2", 1), ("3", "3", 1), ("1", "3", inward), ("2", "3", inward)]
    rows += [("3", "1", outward), ("3", "2", outward), ("1", "2", across), ("2", "1", across)]
    drive = pd.DataFrame(rows, columns=["origin", "destination", "cost"])
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    decay, theirs = iop.Decay.power("1 min"), pysal(towns, clinics, drive)
    given_how = {"cost": cost, "capacity": "doctors"}
    ours = iop.enhanced_two_step_fca(towns, clinics, decay=decay.within("61 min"), **given_how)
    same(ours, theirs.two_stage_fca(weight_fn=weights.gravity(1, -1), max_cost=61))
    ours = iop.measures.three_step_fca(towns, clinics, decay=decay, max_cost="61 min", **given_how)
    same(ours, theirs.three_stage_fca(weight_fn=weights.gravity(1, -1), max_cost=61))


# --- straight lines ---


def scattered(seed, n=60, m=15):
    rng = np.random.default_rng(seed)
    box = {"lon": rng.uniform(-88.5, -87.5, n), "lat": rng.uniform(41.5, 42.2, n)}
    people = rng.integers(0, 900, n).astype(float)
    clinics = {
        "lon": rng.uniform(-88.5, -87.5, m),
        "lat": rng.uniform(41.5, 42.2, m),
        "beds": rng.uniform(1, 9, m),
    }
    homes = pd.DataFrame({**box, "population": people}, index=[f"h{i}" for i in range(n)])
    return homes, pd.DataFrame(clinics, index=[f"c{j}" for j in range(m)])


@pytest.mark.parametrize(
    "measure", [*FLOATING, iop.measures.modified_two_step_fca, iop.measures.gravity], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("decay", ["step", "gaussian", "exponential", "power"])
def test_straight_lines_equal_their_own_matrix(measure, decay):
    """Rings without pairs, and pairs within a limit, give what a matrix of all geodesics gives."""
    homes, clinics = scattered(3)
    matrix = iop.CostMatrix.from_geodesic(homes, clinics, max_cost="200 mi")
    assert len(matrix) == len(homes) * len(clinics)
    how = {
        "step": iop.Decay.step(["5 km", "12 km", "25 km"], [1, 0.5, 0.7]),
        "gaussian": iop.Decay.gaussian("9 km", limit="25 km"),
        "exponential": iop.Decay.exponential("9 km", limit="25 km"),
        "power": iop.Decay.power("9 km", 2, least="1 km", limit="25 km"),
    }[decay]
    given_how = {"decay": how}
    if measure is iop.measures.two_step_fca:
        given_how = {"max_cost": "25 km"}
    straight = measure(homes, clinics, capacity="beds", **given_how)
    by_pairs = measure(homes, clinics, capacity="beds", cost=matrix, **given_how)
    assert straight.max() > 0
    pd.testing.assert_series_equal(straight, by_pairs, rtol=1e-12, atol=1e-15)


def test_ratio_and_opportunities_count_the_pairs():
    homes, clinics = scattered(5)
    ways = iop.CostMatrix.from_geodesic(homes, clinics, max_cost="200 mi").to_frame()
    near = ways[ways["cost"] <= 12_000].groupby("origin").size().reindex(homes.index).fillna(0.0)
    ours = iop.measures.cumulative_opportunities(homes, clinics, max_cost="12 km")
    pd.testing.assert_series_equal(ours, near, check_names=False, check_index_type=False)
    apart = iop.CostMatrix.from_geodesic(homes, homes, max_cost="200 mi").to_frame()
    apart = apart[apart["cost"] <= 12_000]
    wanting = homes["population"].reindex(apart["destination"]).groupby(apart["origin"].to_numpy()).sum()
    ratio = iop.measures.provider_to_population(homes, clinics, max_cost="12 km")
    pd.testing.assert_series_equal(
        ratio, near / wanting.reindex(homes.index), rtol=1e-12, check_names=False, check_index_type=False
    )


def test_nearest_cost_agrees_over_lines_and_matrix_and_says_why_not():
    homes, clinics = scattered(7)
    matrix = iop.CostMatrix.from_geodesic(homes, clinics, max_cost="200 mi")
    straight = iop.measures.nearest_cost(homes, clinics, max_cost="8 km")
    by_pairs = iop.measures.nearest_cost(homes, clinics, max_cost="8 km", cost=matrix)
    pd.testing.assert_frame_equal(straight, by_pairs, rtol=1e-12, check_dtype=False)
    assert set(straight["status"]) == {"ok", "beyond_cap"}
    assert (straight["distance_m"].isna() == (straight["status"] == "beyond_cap")).all()
    nothing = iop.measures.nearest_cost(homes, clinics.head(0))
    assert (nothing["status"] == "no_facility").all()


# --- laws ---


@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_floating_catchments_give_out_exactly_what_is_reached(seed):
    homes, clinics = scattered(seed, n=25, m=6)
    matrix = iop.CostMatrix.from_geodesic(
        homes[homes["population"] > 0], clinics, max_cost="12 km"
    ).to_frame()
    reached = clinics.loc[matrix["destination"].unique(), "beds"].sum()
    for measure in FLOATING:
        how = (
            {"max_cost": "12 km"}
            if measure is iop.measures.two_step_fca
            else {"rings": ["6 km", "12 km"], "weights": [1, 0.4]}
        )
        given_out = measure(homes, clinics, capacity="beds", **how) @ homes["population"]
        assert given_out == pytest.approx(reached, rel=1e-9, abs=1e-12)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.1, 10))
def test_measures_scale_with_supply_and_shrink_with_people(seed, factor):
    homes, clinics = scattered(seed, n=15, m=5)
    more = clinics.assign(beds=clinics["beds"] * factor)
    crowded = homes.assign(population=homes["population"] * factor)
    for measure in (*FLOATING, iop.measures.modified_two_step_fca):
        base = measure(homes, clinics, capacity="beds")
        np.testing.assert_allclose(measure(homes, more, capacity="beds"), base * factor, rtol=1e-9)
        np.testing.assert_allclose(measure(crowded, clinics, capacity="beds"), base / factor, rtol=1e-9)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000))
def test_one_ring_of_weight_one_is_the_two_step_method(seed):
    homes, clinics = scattered(seed, n=15, m=5)
    plain = iop.measures.two_step_fca(homes, clinics, max_cost="12 km")
    for measure in (iop.enhanced_two_step_fca, iop.measures.modified_two_step_fca):
        ringed = measure(homes, clinics, rings=["12 km"], weights=[1])
        np.testing.assert_array_equal(ringed, plain)


def test_an_edge_belongs_to_its_ring():
    home = pd.DataFrame({"lon": [0.0], "lat": [0.0], "population": [10.0]})
    clinic = pd.DataFrame({"lon": [0.1], "lat": [0.0]})
    metres = float(iop.measures.nearest_cost(home, clinic)["distance_m"].iloc[0])
    assert iop.measures.two_step_fca(home, clinic, max_cost=metres).tolist() == [0.1]
    assert iop.measures.two_step_fca(home, clinic, max_cost=np.nextafter(metres, 0)).tolist() == [0.0]


# --- RAAM ---


def test_raam_spreads_people_evenly_where_travel_costs_nothing():
    towns, clinics, drive = towns_and_clinics(11, share=1.0)
    cost = iop.CostMatrix.from_frame(drive.assign(cost=0.0), unit="min")
    burden = iop.measures.raam(towns, clinics, cost=cost, capacity="doctors", max_cycles=1000)
    np.testing.assert_allclose(burden, 1.0, rtol=0.01)


def test_raam_in_straight_lines_equals_its_own_matrix():
    homes, clinics = scattered(13)
    matrix = iop.CostMatrix.from_geodesic(homes, clinics, max_cost="30 mi")
    straight = iop.measures.raam(homes, clinics, tau="20 km", capacity="beds")
    by_pairs = iop.measures.raam(homes, clinics, tau="20 km", capacity="beds", cost=matrix)
    pd.testing.assert_series_equal(straight, by_pairs, rtol=1e-9)


def test_raam_says_what_the_first_to_come_would_bear():
    """A place where nobody lives has the burden of one with very few people."""
    towns, clinics, drive = towns_and_clinics(17, share=1.0)
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    empty = towns.assign(population=towns["population"].where(towns.index != "t00", 0))
    burden = iop.measures.raam(empty, clinics, cost=cost, capacity="doctors", rho=1000.0)
    assert 0 < burden["t00"] < np.inf
    assert np.isfinite(burden).all()


# --- what comes back, and what is refused ---


def test_results_keep_the_index_and_say_what_they_were_made_from():
    demand = iop.demand_points("zcta", state="VT").sample(frac=1, random_state=1)
    directory = iop.demo_directory()
    for measure in (
        *FLOATING,
        iop.measures.modified_two_step_fca,
        iop.measures.gravity,
        iop.measures.raam,
        iop.measures.cumulative_opportunities,
    ):
        series = measure(demand=demand, directory=directory, level_of_care="iop", payment="medicaid")
        pd.testing.assert_index_equal(series.index, demand.index)
        assert series.name == measure.__name__
        far = iop.measures.nearest_cost(
            demand, directory, level_of_care="iop", payment="medicaid", max_cost="30 mi"
        )
        unreached = measure is iop.measures.raam and (far["status"] != "ok")
        assert (series.isna() == unreached).all()
        about = series.attrs["provenance"]
        assert {"select", "facilities", "facilities_without_point"} <= set(about["parameters"])
        assert any(source["synthetic"] for source in about["sources"])
        selected = directory.select(level_of_care="iop", payment="medicaid")
        pd.testing.assert_series_equal(series, measure(demand, selected))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"rings": ["10 mi"], "weights": [1, 2]}, ValueError),
        ({"rings": ["10 mi"]}, ValueError),
        ({"rings": ["20 mi", "10 mi"], "weights": [1, 0.5]}, ValueError),
        ({"rings": ["10 mi", "20 mi"], "weights": [1, -1]}, ValueError),
        ({"rings": ["10 mi", "20 min"], "weights": [1, 0.5]}, iop.errors.UnitError),
        ({"rings": ["10 min"], "weights": [1]}, iop.errors.UnitError),
        ({"decay": iop.Decay.gaussian("10 mi")}, iop.errors.UnitError),
        (
            {"decay": iop.Decay.gaussian("10 mi", limit="30 mi"), "rings": ["9 mi"], "weights": [1]},
            ValueError,
        ),
        ({"population": "nobody"}, iop.errors.UnknownNameError),
        ({"capacity": "beds_2"}, iop.errors.UnknownNameError),
        ({"capacity": pd.Series({"c0": 1.0})}, iop.errors.UnknownNameError),
        ({"cost": "matrix"}, iop.errors.UnitError),
    ],
)
def test_what_cannot_be_meant_is_refused(options, error):
    homes, clinics = scattered(1)
    if options.get("cost") == "matrix":
        matrix = iop.CostMatrix.from_geodesic(homes, clinics)
        options = {"cost": matrix, "rings": ["10 min"], "weights": [1]}
    with pytest.raises(error):
        iop.enhanced_two_step_fca(homes, clinics, **options)


@pytest.mark.parametrize("population", [-1.0, np.nan, np.inf])
def test_impossible_people_are_refused(population):
    homes, clinics = scattered(1)
    homes.iloc[3, homes.columns.get_loc("population")] = population
    with pytest.raises(ValueError, match="'h3'"):
        iop.measures.two_step_fca(homes, clinics)


@pytest.mark.parametrize("lat", [np.nan, 91.0])
def test_impossible_places_are_refused(lat):
    homes, clinics = scattered(1)
    homes.iloc[3, homes.columns.get_loc("lat")] = lat
    with pytest.raises(iop.errors.CoordinateError):
        iop.measures.two_step_fca(homes, clinics)


def test_facilities_without_a_point_are_counted():
    homes, clinics = scattered(1)
    clinics.iloc[2, clinics.columns.get_loc("lon")] = np.nan
    series = iop.measures.two_step_fca(homes, clinics)
    assert series.attrs["provenance"]["parameters"]["facilities_without_point"] == 1
    pd.testing.assert_series_equal(series, iop.measures.two_step_fca(homes, clinics.drop("c2")))


def test_coordinates_come_from_points_too():
    demand = iop.demand_points("zcta", state="VT")
    lon, lat = coordinates(demand.drop(columns=["lon", "lat"]))
    np.testing.assert_array_equal(lon, demand["lon"])
    np.testing.assert_array_equal(lat, demand["lat"])


WRITTEN = {
    "cumulative_opportunities": lambda word: {"max_cost": f"30 {word}"},
    "provider_to_population": lambda word: {"max_cost": f"30 {word}"},
    "two_step_fca": lambda word: {"max_cost": f"30 {word}"},
    "gravity": lambda word: {"decay": iop.Decay.power(f"1 {word}", limit=f"30 {word}")},
    "enhanced_two_step_fca": lambda word: {
        "rings": [f"{edge} {word}" for edge in (10, 20, 30)], "weights": [1.0, 0.68, 0.22],
    },
    "three_step_fca": lambda word: {
        "rings": [f"{edge} {word}" for edge in (10, 20, 30, 60)], "weights": [0.962, 0.704, 0.377, 0.042],
    },
    "raam": lambda word: {
        "max_cost": f"30 {word}", "tau": {"mi": "30 mi", "min": "60 min"}[word], "max_cycles": 150,
        "initial_step": 0.2, "min_step": 0.005, "half_life": 50,
    },
}  # fmt: skip
"""What each measure takes where nothing is given, in miles and in minutes."""


@pytest.mark.parametrize(("cost", "word"), [(None, "mi"), ("drive-estimate", "min")])
@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_left_out_is_what_is_written_here(name, cost, word):
    demand, places = iop.demand_points("zcta", state="NJ"), iop.demo_directory().select(level_of_care="iop")
    measure, written = getattr(iop.measures, name), WRITTEN[name](word)
    left_out = measure(demand, places, cost=cost)
    pd.testing.assert_series_equal(left_out, measure(demand, places, cost=cost, **written))
    if "rings" in written:  # so dense a state that every mile matters
        other = written | {"rings": [f"11 {word}", *written["rings"][1:]]}
        assert (measure(demand, places, cost=cost, **other) != left_out).any()


def test_rational_people_go_any_way_that_a_matrix_lists():
    towns, clinics, drive = towns_and_clinics(23, share=1.0)
    cost = iop.CostMatrix.from_frame(drive.assign(cost=drive["cost"] * 100), unit="min")
    left_out = iop.measures.raam(towns, clinics, cost=cost)
    assert left_out.notna().all()
    pd.testing.assert_series_equal(left_out, iop.measures.raam(towns, clinics, cost=cost, tau="60 min"))
    crowding = towns["population"].sum() / len(clinics)
    pd.testing.assert_series_equal(left_out, iop.measures.raam(towns, clinics, cost=cost, rho=crowding))


def test_rational_people_who_may_not_move_stay_at_the_nearest():
    towns, clinics, drive = towns_and_clinics(29)
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    burden = iop.measures.raam(
        towns, clinics, cost=cost, capacity="doctors", initial_step=1e-9, min_step=1e-9
    )
    near = drive.loc[drive.groupby("origin")["cost"].idxmin()].set_index("origin")
    people = towns["population"].reindex(near.index)
    crowd = people.groupby(near["destination"]).sum() / clinics["doctors"]
    average = towns["population"].sum() / clinics["doctors"].sum()
    expected = crowd[near["destination"]].to_numpy() / average + near["cost"] / 60
    pd.testing.assert_series_equal(burden[near.index], expected, check_names=False, check_index_type=False)


@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])
def test_only_shares_of_capacity_matter_to_rational_people(factor):
    towns, clinics, drive = towns_and_clinics(31)
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    burden = iop.measures.raam(towns, clinics, cost=cost, capacity="doctors")
    scaled = iop.measures.raam(towns, clinics * factor, cost=cost, capacity="doctors")
    pd.testing.assert_series_equal(scaled, burden)


@pytest.mark.parametrize(
    "wrong",
    [{"tau": 0}, {"max_cycles": 0}, {"initial_step": 0}, {"min_step": 0}, {"half_life": 0}, {"rho": 0}, {"rho": -1}],
)  # fmt: skip
def test_steps_that_lead_nowhere_are_refused(wrong):
    homes, clinics = scattered(1)
    with pytest.raises(ValueError, match="must be positive"):
        iop.measures.raam(homes, clinics, **wrong)


def test_rational_people_go_nowhere_where_nothing_is_offered():
    homes, clinics = scattered(2)
    closed = clinics.assign(beds=clinics["beds"].where(clinics.index != "c3", 0.0))
    burden = iop.measures.raam(homes, closed, capacity="beds")
    pd.testing.assert_series_equal(burden, iop.measures.raam(homes, closed.drop("c3"), capacity="beds"))
    with pytest.raises(ValueError, match="rho must be positive"):
        iop.measures.raam(homes.assign(population=0.0), clinics)
