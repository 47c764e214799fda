"""Cost matrices: checked once, one unit, the same after a round trip."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import iopdir as iop
from iopdir.travel.cost import check_unit, parse_cost, read_limit

WAYS = pd.DataFrame({"origin": ["a", "a", "b"], "destination": ["X", "Y", "Y"], "cost": [5.0, 9.0, 20.0]})


def test_pairs_come_out_as_they_went_in():
    frame = WAYS.rename(columns={"origin": "tract", "destination": "clinic", "cost": "minutes"})
    cost = iop.CostMatrix.from_frame(frame, origin="tract", destination="clinic", cost="minutes", unit="min")
    pd.testing.assert_frame_equal(cost.to_frame(), WAYS)
    assert (len(cost), cost.unit) == (3, "min")
    assert repr(cost) == "CostMatrix of 3 pairs, 2 origins x 2 destinations, min"


def test_nobody_can_change_it_from_outside():
    frame = WAYS.copy()
    cost = iop.CostMatrix.from_frame(frame, unit="m")
    frame["cost"] = -1.0
    table = cost.to_frame()
    table["cost"] = -2.0
    pd.testing.assert_frame_equal(cost.to_frame(), WAYS)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"origin": "b", "destination": "X", "cost": -1.0}, r"1 of 4 pairs .* no amount: b to X \(-1.0\)"),
        ({"origin": "b", "destination": "X", "cost": np.nan}, r"b to X \(nan\)"),
        ({"origin": "b", "destination": "X", "cost": np.inf}, r"b to X \(inf\)"),
        ({"origin": "b", "destination": "X", "cost": "far"}, r"b to X \(nan\)"),
        (
            {"origin": "a", "destination": "X", "cost": 6.0},
            r"1 of 4 pairs have a second cost: a to X \(6.0\)",
        ),
    ],
    ids=["negative", "missing", "infinite", "text", "twice"],
)
def test_bad_pairs_are_named(row, message):
    frame = pd.concat([WAYS.astype({"cost": object}), pd.DataFrame([row])])
    with pytest.raises(ValueError, match=message):
        iop.CostMatrix.from_frame(frame, unit="min")


@pytest.mark.parametrize("unit", ["km", "minutes", "", "M"])
def test_only_metres_and_minutes_are_units(unit):
    with pytest.raises(iop.errors.UnitError, match="'m' or 'min'"):
        iop.CostMatrix.from_frame(WAYS, unit=unit)


def test_a_missing_column_is_named():
    with pytest.raises(iop.errors.UnknownNameError, match="seconds"):
        iop.CostMatrix.from_frame(WAYS, unit="min", cost="seconds")


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 1000), limit=st.floats(0, 80_000))
def test_geodesic_pairs_are_all_pairs_within_the_distance(seed, limit):
    rng = np.random.default_rng(seed)
    homes = pd.DataFrame({"lon": rng.uniform(-90, -89, 7), "lat": rng.uniform(40, 41, 7)})
    places = pd.DataFrame({"lon": rng.uniform(-90, -89, 5), "lat": rng.uniform(40, 41, 5)})
    found = iop.CostMatrix.from_geodesic(homes, places, max_cost=limit).to_frame()
    geod = Geod(ellps="WGS84")
    expected = {
        (i, j): metres
        for i, home in homes.iterrows()
        for j, place in places.iterrows()
        if (metres := geod.inv(home["lon"], home["lat"], place["lon"], place["lat"])[2]) <= limit
    }
    assert found.set_index(["origin", "destination"])["cost"].to_dict() == pytest.approx(
        expected, rel=1e-12, abs=1e-8
    )


def test_select_keeps_the_pairs_that_fit():
    homes, clinics = pd.DataFrame(index=["a", "z"]), pd.DataFrame(index=["Y"])
    cost = iop.CostMatrix.from_frame(WAYS, unit="min").select(homes, clinics)
    assert cost.to_frame().to_numpy().tolist() == [["a", "Y", 9.0]]


def test_unknown_ids_are_named_and_the_remedy_too():
    homes = pd.DataFrame({"population": [1, 1]}, index=["a", "b"])
    cost = iop.CostMatrix.from_frame(WAYS, unit="min")
    with pytest.raises(iop.errors.UnknownNameError, match=r"origin for 1 ids .*CostMatrix.select.*'b'"):
        iop.measures.two_step_fca(homes.head(1), pd.DataFrame(index=["X", "Y"]), cost=cost)
    with pytest.raises(iop.errors.UnknownNameError, match=r"destination for 1 ids .*'Y'"):
        iop.measures.two_step_fca(homes, pd.DataFrame(index=["X"]), cost=cost)


def test_what_a_filter_drops_is_dropped_from_the_matrix_too():
    directory = iop.demo_directory().select(state="VT")
    homes = iop.demand_points("zcta", state="VT")
    cost = iop.CostMatrix.from_geodesic(homes, directory, max_cost="40 mi")
    filtered = iop.measures.cumulative_opportunities(
        homes, directory, max_cost="40 mi", cost=cost, level_of_care="iop"
    )
    straight = iop.measures.cumulative_opportunities(homes, directory, max_cost="40 mi", level_of_care="iop")
    pd.testing.assert_series_equal(filtered, straight)
    assert straight.max() > 0


def test_an_id_may_not_stand_twice():
    homes = pd.DataFrame({"population": [1, 1, 1]}, index=["a", "b", "b"])
    cost = iop.CostMatrix.from_frame(WAYS, unit="min")
    with pytest.raises(ValueError, match="'b' stands twice"):
        iop.measures.two_step_fca(homes, pd.DataFrame(index=["X", "Y"]), cost=cost)


# --- Parquet ---


def test_a_round_trip_changes_nothing(tmp_path):
    frame = WAYS.copy()
    source = iop.Source(name="drive times", edition="2026", sha256="ab")
    cost = iop.CostMatrix.from_frame(frame, unit="min", source=source)
    cost.to_parquet(tmp_path / "cost.parquet")
    again = iop.CostMatrix.read_parquet(tmp_path / "cost.parquet")
    pd.testing.assert_frame_equal(again.to_frame(), WAYS)
    assert (again.unit, again.provenance.sources) == ("min", (source,))


def test_a_strange_parquet_file_needs_its_unit_said(tmp_path):
    path = tmp_path / "plain.parquet"
    WAYS.to_parquet(path)
    with pytest.raises(iop.errors.UnitError, match=r"plain.parquet does not say its unit"):
        iop.CostMatrix.read_parquet(path)
    cost = iop.CostMatrix.read_parquet(path, unit="m")
    assert (cost.unit, cost.provenance.sources[0].name) == ("m", "plain.parquet")
    cost.to_parquet(path)
    with pytest.raises(iop.errors.UnitError, match="is in m, not min"):
        iop.CostMatrix.read_parquet(path, unit="min")


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "broken CSV"), (b"origin,cost", "without destination"), (None, "without cost")],
)
def test_a_file_that_is_no_matrix_is_explained(tmp_path, content, found):
    path = tmp_path / "broken.parquet"
    if content is None:
        WAYS.drop(columns="cost").to_parquet(path)
    else:
        path.write_bytes(content)
    with pytest.raises(iop.LoadError, match=found):
        iop.CostMatrix.read_parquet(path, unit="m")


# --- units ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30 mi", (48_280.32, "m")), ("1 km", (1000.0, "m")), (250, (250.0, "m")), ("0.5 h", (30.0, "min"))],
)
def test_limits_are_distances_or_times(text, expected):
    assert parse_cost(text) == expected


@pytest.mark.parametrize("text", ["30", "30 furlongs", "", -1, float("nan")])
def test_a_limit_without_a_unit_is_refused(text):
    with pytest.raises(iop.errors.UnitError):
        parse_cost(text)


def test_units_do_not_mix():
    with pytest.raises(iop.errors.UnitError, match="the limit is in m and the costs in min"):
        read_limit("30 mi", "min", "the limit")
    with pytest.raises(iop.errors.UnitError, match="give cost="):
        check_unit("min", "m", "the limit")
    assert (read_limit(None, "min"), read_limit(20, "min")) == (np.inf, 20.0)


@pytest.mark.parametrize("end", ["origin", "destination"])
def test_a_missing_id_is_refused_by_row(end):
    frame = WAYS.copy()
    frame.loc[1, end] = None
    with pytest.raises(ValueError, match=rf"1 of 3 pairs have no {end}: .* in row 1"):
        iop.CostMatrix.from_frame(frame, unit="min")


def test_a_saved_matrix_keeps_all_of_its_provenance(tmp_path):
    homes = iop.demand_points("zcta", state="VT")
    cost = iop.CostMatrix.from_geodesic(homes, iop.demo_directory(), level_of_care="iop", max_cost="10 mi")
    cost.to_parquet(tmp_path / "cost.parquet")
    again = iop.CostMatrix.read_parquet(tmp_path / "cost.parquet")
    assert again.provenance.to_dict() == cost.provenance.to_dict()
    assert again.provenance.parameters["max_cost_m"] == 16_093.44


def test_the_nearest_by_minutes_are_a_table_too():
    homes = pd.DataFrame({"lon": 0.0, "lat": [0.0, 1.0]}, index=["a", "b"])
    clinics = pd.DataFrame({"lon": [0.0, np.nan], "lat": [1.0, np.nan]}, index=["X", "Y"])
    cost = iop.CostMatrix.from_frame(WAYS, unit="min")
    found = iop.nearest(homes, clinics, k=2, cost=cost)
    ways = WAYS.sort_values(["origin", "cost"])
    assert found["facility_id"].tolist() == ways["destination"].tolist()
    assert found["duration_min"].tolist() == ways["cost"].tolist()
    assert found["bearing_deg"].round(3).dropna().tolist() == [0.0]
    capped = iop.nearest(homes, clinics, cost=cost, max_cost="1 min")
    assert capped["status"].tolist() == ["beyond_cap"] * 2
    assert capped["duration_min"].isna().all()
