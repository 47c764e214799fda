import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

import iopdir as iop
from iopdir.errors import UnitError, UnknownNameError
from iopdir.report.charts import lorenz_curve

positive = st.floats(0.01, 1e6)


@given(st.lists(st.tuples(st.floats(0, 1e6), positive), min_size=1, max_size=40))
def test_a_lorenz_curve_runs_from_nothing_to_all_below_the_diagonal_and_bends_up(pairs):
    values, weights = np.array(pairs).T
    curve = lorenz_curve(values, weights)
    assert curve[0].tolist() == [0, 0]
    assert curve[-1] == pytest.approx([1, 1])
    assert (curve[:, 1] <= curve[:, 0] + 1e-9).all()
    assert (np.diff(curve, axis=0) >= -1e-12).all()


@given(positive, st.lists(positive, min_size=2, max_size=20))
def test_equal_access_lies_on_the_diagonal(value, weights):
    curve = lorenz_curve(np.full(len(weights), value), np.array(weights))
    assert curve[:, 1] == pytest.approx(curve[:, 0])


def test_the_gini_in_the_legend_is_that_of_the_library():
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"people": rng.integers(1, 1000, 50), "e2sfca": rng.lognormal(size=50)})
    table.loc[7] = [0, np.nan]  # where nobody lives nothing need be known
    spec = iop.report.lorenz_chart(table).to_dict()
    curve = pd.DataFrame(spec["datasets"]["curves"])
    expected = 1 - 2 * np.trapezoid(curve["access"], curve["people"])
    assert {row["measure"] for row in spec["datasets"]["curves"]} == {f"e2sfca (Gini {expected:.2f})"}


def test_lorenz_needs_people_and_a_measure():
    with pytest.raises(UnknownNameError, match="persons"):
        iop.report.lorenz_chart(pd.DataFrame({"people": [1], "x": [2]}), weights="persons")
    with pytest.raises(UnknownNameError, match="a measure"):
        iop.report.lorenz_chart(pd.DataFrame({"people": [1], "name": ["x"]}))
    with pytest.raises(ValueError, match="1 demand points is negative, missing or infinite"):
        iop.report.lorenz_chart(pd.DataFrame({"people": [1, 2], "x": [2, np.nan]}))


def test_rank_one_is_the_best_access_and_the_biggest_movers_are_named():
    table = pd.DataFrame(
        {"a": [5.0, 4, 3, 2, 1], "b": [5.0, 4, 3, 1, 2], "c": [1.0, 4, 3, 2, 5]}, index=list("VWXYZ")
    )
    spec = iop.report.rank_change_chart(table, highlight=2).to_dict()
    movers = spec["datasets"]["movers"]
    assert {row["place"] for row in movers} == {"V", "Z"}
    assert [(row["place"], row["rank"]) for row in movers if row["measure"] == "a"] == [("V", 1), ("Z", 5)]
    assert {row["place"] for row in spec["datasets"]["rest"]} == {"W", "X", "Y"}


def test_places_without_every_measure_are_left_out_and_ties_share_a_rank():
    table = pd.DataFrame({"a": [1.0, 1.0, np.nan], "b": [2.0, 1.0, 3.0]}, index=list("XYZ"))
    rows = iop.report.rank_change_chart(table, highlight=0).to_dict()["datasets"]["rest"]
    assert [(row["place"], row["measure"], row["rank"]) for row in rows] == [
        ("X", "a", 1.5), ("Y", "a", 1.5), ("X", "b", 1.0), ("Y", "b", 2.0),
    ]  # fmt: skip


def test_one_measure_has_nothing_to_change_with():
    with pytest.raises(UnknownNameError, match="second measure"):
        iop.report.rank_change_chart(pd.DataFrame({"a": [1, 2]}))


def test_a_ring_profile_counts_the_people_of_each_group_within_each_distance():
    demand = iop.demand_points("zcta", state="NH")
    iops = iop.demo_directory().select(level_of_care="iop", state=["NH", "VT"])
    chart = iop.report.ring_profile_chart(demand, iops, groups=["population", "poverty"], max_cost="20 mi")
    rows = pd.DataFrame(chart.to_dict()["datasets"]["rings"]).set_index(["group", "miles"])["share"]
    sites = iops.to_geodataframe()
    a, b = (np.repeat(demand[name].to_numpy()[:, None], len(sites), axis=1) for name in ("lon", "lat"))
    c, d = (np.repeat(sites[name].to_numpy()[None, :], len(demand), axis=0) for name in ("lon", "lat"))
    best = Geod(ellps="WGS84").inv(a, b, c, d)[2].min(axis=1)
    for group in ("population", "poverty"):
        assert rows[group].index.tolist() == np.arange(0, 20.1, 0.5).tolist()
        for miles in (0.0, 3.5, 10.0, 20.0):
            people = demand[group].to_numpy(float)
            assert rows[group, miles] == pytest.approx(
                people[best <= miles * 1609.344].sum() / people.sum(), abs=1e-5
            )


def test_a_ring_profile_refuses_unknown_groups_and_bare_numbers():
    demand, iops = iop.demand_points("zcta", state="VT"), iop.demo_directory().select(state="VT")
    with pytest.raises(UnknownNameError, match="did you mean population"):
        iop.report.ring_profile_chart(demand, iops, groups=["populatoin"])
    with pytest.raises(UnitError):
        iop.report.ring_profile_chart(demand, iops, max_cost="20")


def test_saving_needs_no_host_and_escapes_the_data(tmp_path):
    table = pd.DataFrame(
        {"a": [1.0, 2.0], "b": [2.0, 1.0]}, index=["</script><script>alert(1)</script>", "ok"]
    )
    chart = iop.report.rank_change_chart(table)
    chart.save(tmp_path / "chart.html")
    page = (tmp_path / "chart.html").read_text(encoding="utf-8")
    assert "</script><script>alert" not in page
    assert page.count("</script>") == 3
    assert "src=" not in page.split("<style>")[0]
    chart.save(str(tmp_path / "chart.svg"))
    assert "<svg" in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    chart.save(tmp_path / "chart.json")
    assert json.loads((tmp_path / "chart.json").read_text())["datasets"]["last"]


def test_charts_of_made_up_data_say_so_and_all_carry_their_source():
    table = pd.DataFrame({"people": [1, 2], "x": [1.0, 2.0]})
    source = iop.Source(name="demo", edition="2020", synthetic=True)
    table.attrs["provenance"] = iop.Provenance.of([source]).to_dict()
    for chart in (iop.report.lorenz_chart(table), iop.report.rank_change_chart(table)):
        spec = chart.to_dict()
        assert spec["title"]["text"].startswith("SYNTHETIC: ")
        assert spec["title"]["subtitle"]
        assert "Source: SYNTHETIC demo, edition 2020. Made with iopdir" in json.dumps(spec)


def test_a_specification_chart_marks_each_choice_of_each_specification_once():
    demand = iop.demand_points("zcta", state="VT")
    curve = iop.specification_curve(
        demand,
        iop.demo_directory(),
        measures=["two_step_fca", "nearest_cost"],
        thresholds=["10 mi", "30 mi"],
    )
    spec = iop.report.specification_chart(curve).to_dict()
    data = spec["datasets"]
    values = [row["outcome"] for row in data["rows"]]
    assert values == sorted(curve.table["outcome"])
    assert len(data["names"]) == 4
    ordered = curve.table.sort_values("outcome", kind="stable").reset_index(drop=True)
    column, offer = (
        {"Measure": "measure", "Limit": "threshold"},
        {"2SFCA": "two_step_fca", "nearest facility": "nearest_cost"},
    )
    marked = [
        (column[mark["choice"]], place, offer.get(mark["offer"], mark["offer"]))
        for mark in data["marks"]
        for place in range(round(mark["start"] + 0.4), round(mark["end"] - 0.4) + 1)
    ]
    assert sorted(marked) == sorted(
        (name, place, ordered.loc[place, name]) for name in column.values() for place in ordered.index
    )
    assert [row["text"] for row in data["heads"]] == ["Limit", "Measure"]
    assert "everybody 20.0%" in [row["text"] for row in data["guides"]]
    assert spec["title"]["text"].startswith("SYNTHETIC")
    assert curve.offers() == {"threshold": ["10 mi", "30 mi"], "measure": ["two_step_fca", "nearest_cost"]}


@pytest.mark.parametrize("outcome", ["gap between groups", "share of people with none"])
def test_a_specification_chart_of_one_specification_has_its_place_for_every_label(outcome):
    curve = iop.specification_curve(
        iop.demand_points("zcta", state="VT"), iop.demo_directory(), measures="nearest_cost",
        thresholds="30 mi", outcome=outcome, by=None,
    )  # fmt: skip
    data = iop.report.specification_chart(curve).to_dict()["datasets"]
    assert (len(data["rows"]), data["marks"], data["names"], data["heads"]) == (1, [], [], [])
    at = sorted(row["y"] for row in data["guides"])
    assert len(at) == (2 if outcome == "gap between groups" else 1)
    assert all(b - a >= 14 - 1e-9 for a, b in itertools.pairwise(at))
