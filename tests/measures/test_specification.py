"""Every choice at once: cells are the measures themselves, shares are exact by hand, chance is chance."""

import numpy as np
import pandas as pd
import pytest

import iopdir as iop
from iopdir.errors import UnitError, UnknownNameError
from iopdir.measures import decay_within
from iopdir.measures.choices import MEASURES, score
from iopdir.measures.curve import SpecificationCurve, judge_areas, variance_shares
from iopdir.measures.permutation import find_blocks, reorder, same_sign
from iopdir.spatial.geodesy import geodesic_m
from iopdir.travel.displacement import displacement_m
from iopdir.travel.sites import sites


def land(seed=0, n=60, m=12):
    """Towns with people and a group of them, and clinics, on a patch of Earth."""
    rng = np.random.default_rng(seed)
    towns = pd.DataFrame(
        {
            "lon": rng.uniform(-90, -89, n),
            "lat": rng.uniform(40, 41, n),
            "population": rng.integers(1, 900, n).astype(float),
        },
        index=[f"t{i:02}" for i in range(n)],
    )
    towns["poverty"] = np.floor(towns["population"] * rng.uniform(0, 0.5, n))
    clinics = pd.DataFrame(
        {
            "lon": rng.uniform(-90, -89, m),
            "lat": rng.uniform(40, 41, m),
            "beds": rng.integers(1, 9, m).astype(float),
            "precision": ["address", "zip_centroid"] * (m // 2),
        },
        index=[f"c{j:02}" for j in range(m)],
    )
    return towns, clinics


TOWNS, CLINICS = land()


def lowest_share(access, towns, group="poverty"):
    """Sort the people one value at a time, and split the value where the fifth ends."""
    wanted, taken, of_group = towns["population"].sum() / 5, 0.0, 0.0
    for value in sorted(set(access)):
        here = towns[access == value]
        count = here["population"].sum()
        part = min(1.0, max(0.0, (wanted - taken) / count))
        of_group += part * here[group].sum()
        taken += count
    return of_group / towns[group].sum()


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_cell_is_the_measure_asked_directly(name):
    curve = iop.specification_curve(
        TOWNS, CLINICS, measures=[name], thresholds=["20 mi", "35 mi"], decays=["step", "gaussian"],
        capacity=[None, "beds"], placement=["as listed", "addresses only"], by=None,
    )  # fmt: skip
    kind = MEASURES[name]
    for position, row in curve.table.iterrows():
        clinics = CLINICS if row["placement"] == "as listed" else CLINICS[CLINICS["precision"] == "address"]
        extra = {"capacity": "beds"} if row["capacity"] == "beds" else {}
        if kind.decays:
            extra["decay"] = decay_within(row["decay"], row["threshold"])
        else:
            extra["max_cost"] = row["threshold"]
        direct = getattr(iop.measures, name)(TOWNS, clinics, **extra)
        value = (direct["distance_m"] if name == "nearest_cost" else direct).to_numpy()
        access = np.where(np.isfinite(value), -value, -np.inf) if kind.burden else value
        same = score(access, TOWNS["population"].to_numpy())["share of people in the lowest fifth"]
        assert (curve.scores[position] == same).all()
        assert row["outcome"] == pytest.approx(lowest_share(access, TOWNS), abs=1e-12)
    assert len(curve) == 4 * (2 if kind.decays else 1) * (2 if kind.capacity else 1)


def test_the_table_names_every_choice_and_its_order_of_asking_does_not_matter():
    both = iop.specification_curve(TOWNS, {"a": CLINICS, "b": CLINICS.iloc[:5]}, by=None, thresholds="30 mi")
    alone = iop.specification_curve(TOWNS, CLINICS.iloc[:5], by=None, thresholds=["30 mi"])
    assert not both.table.duplicated(["directory", "threshold", "measure", "decay"]).any()
    assert both.table.query("directory == 'b'")["outcome"].tolist() == alone.table["outcome"].tolist()
    assert set(both.table.query("measure == 'two_step_fca'")["decay"]) == {"-"}


def test_fewer_listings_stand_at_a_lower_chance_and_the_seed_says_which():
    def ask(seed):
        return iop.specification_curve(
            TOWNS, CLINICS, measures=["cumulative_opportunities"], thresholds=["60 mi"],
            listing_active=[0.0, 0.5, 0.9, 1.0], outcome="share of people with none", by=None, seed=seed,
        )  # fmt: skip

    nobody, *_, everybody = ask(1).table["outcome"]
    assert nobody == 1
    assert (np.diff(ask(1).table["outcome"]) <= 0).all()
    assert everybody == 0
    pd.testing.assert_frame_equal(ask(1).table, ask(1).table)


ZIPS = CLINICS.assign(zip="61701")  # half of them stand in its middle


def test_at_random_a_site_known_by_its_zip_is_anywhere_in_its_room_and_others_stay():
    many = pd.concat([ZIPS] * 500, ignore_index=True)
    room = displacement_m(many)
    moved = sites(many).scatter(np.random.default_rng(4))
    off = geodesic_m(many["lon"].to_numpy(), many["lat"].to_numpy(), moved.lon, moved.lat)
    assert (off[room == 0] == 0).all()
    part = off[room > 0] / room[room > 0]
    assert part.max() <= 1 + 1e-9
    assert (part <= 0.5).mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / part.size))
    east = (moved.lon - many["lon"])[room > 0] > 0
    assert east.mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / part.size))
    assert (moved.table["lon"].to_numpy() == moved.lon).all()


def test_a_cell_at_random_is_the_measure_of_sites_so_placed():
    def ask(seed):
        return iop.specification_curve(
            TOWNS, ZIPS, measures=["two_step_fca", "nearest_cost"], thresholds="20 mi", by=None, seed=seed,
            placement=["as listed", "at random"], listing_active=[0.6, 1.0],
        )  # fmt: skip

    curve, (lon, lat) = ask(3), (ZIPS["lon"].to_numpy(), ZIPS["lat"].to_numpy())
    placed = ZIPS.assign(**sites(ZIPS).scatter(np.random.default_rng((3, 1))).table[["lon", "lat"]])
    assert ((placed["lon"] != lon) | (placed["lat"] != lat)).sum() == len(ZIPS) / 2
    drawn = np.random.default_rng(3).random(len(ZIPS)) < 0.6
    for position, row in curve.table.iterrows():
        clinics = (ZIPS if row["placement"] == "as listed" else placed)[drawn | (row["listing_active"] == 1)]
        found = getattr(iop.measures, row["measure"])(TOWNS, clinics, max_cost="20 mi")
        access = MEASURES[row["measure"]].access(found)
        same = score(access, TOWNS["population"].to_numpy())["share of people in the lowest fifth"]
        assert (curve.scores[position] == same).all()
    pd.testing.assert_frame_equal(curve.table, ask(3).table)
    assert curve.table["outcome"].tolist() != ask(4).table["outcome"].tolist()


def test_sites_that_a_matrix_lists_are_not_put_at_random():
    drive = pd.DataFrame({"origin": "t00", "destination": ZIPS.index, "cost": 5.0})
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    with pytest.raises(ValueError, match="cannot be put at random"):
        iop.specification_curve(TOWNS, ZIPS, cost=cost, placement="at random", by=None)
    with pytest.raises(UnknownNameError, match="zip"):
        iop.specification_curve(TOWNS, CLINICS, placement="at random", by=None)


def test_people_of_other_years_stand_beside_each_other():
    later = TOWNS.assign(poverty=TOWNS["poverty"].to_numpy()[::-1])
    later["poverty"] = np.minimum(later["poverty"], later["population"])
    curve = iop.specification_curve(
        TOWNS, CLINICS, vintage={"then": TOWNS, "now": later}, outcome="gap between groups", by=None
    )
    for name, demand in {"then": TOWNS, "now": later}.items():
        alone = iop.specification_curve(demand, CLINICS, outcome="gap between groups", by=None)
        found = curve.table.loc[curve.table["vintage"] == name, "outcome"].to_numpy()
        np.testing.assert_allclose(found, alone.table["outcome"], atol=1e-14)
    with pytest.raises(ValueError, match="other demand points"):
        iop.specification_curve(TOWNS, CLINICS, vintage={"then": TOWNS, "now": TOWNS.iloc[1:]}, by=None)


def test_shares_of_variance_in_a_balanced_design_are_sums_of_squares():
    a, b, c = (part.ravel() for part in np.meshgrid([0, 1, 2], [0, 1], [0, 1, 2, 3], indexing="ij"))
    design = pd.DataFrame({"a": a, "b": b, "c": c, "still": 0})
    outcome = np.array([0.0, 1, 5])[a] + np.array([0.0, 3])[b] + a * b
    total = ((outcome - outcome.mean()) ** 2).sum()
    found = variance_shares(design, outcome)["share"]
    for name in "abc":
        means = pd.Series(outcome).groupby(design[name]).transform("mean")
        assert found[name] == pytest.approx(((means - outcome.mean()) ** 2).sum() / total, abs=1e-12)
    assert found.sum() == pytest.approx(1)
    assert found["together"] > 0.01
    assert found["c"] == pytest.approx(0, abs=1e-12)
    assert "still" not in found
    assert variance_shares(design, np.ones(24))["share"].isna().all()


def made(scores, population, group):
    table = pd.DataFrame({"vintage": "v", "outcome": 0.0}, index=range(len(scores)))
    table.attrs["provenance"] = {"synthetic": False}
    demand = pd.DataFrame({"population": population, "poverty": group})
    return SpecificationCurve(
        table=table, scores=scores, demands={"v": demand}, group="poverty", reference="population",
        population="population",
    )  # fmt: skip


def test_under_the_null_p_is_uniform():
    rng, found = np.random.default_rng(5), []
    for trial in range(200):
        access = rng.random(40)
        scores = np.array([access, access + rng.normal(0, 0.2, 40), rng.random(40)])
        population = rng.integers(50, 60, 40).astype(float)
        curve = made(scores, population, population * rng.random(40))
        found.append(curve.test(permutations=99, seed=trial).p_median)
    edges = np.arange(0.1, 1, 0.1)
    below = np.searchsorted(np.sort(found), edges + 1e-9, side="right") / len(found)
    assert np.abs(below - edges).max() < 1.63 / np.sqrt(len(found))  # Kolmogorov's limit at 1 %


def counties(rng, n=24, each=12):
    """Points in counties, in a mixed order; group and access are alike within each, and blind to each other."""
    fips = rng.permutation(np.repeat(iop.geography.county_list(2023).index[:n], each))
    _, county = np.unique(fips, return_inverse=True)
    population = rng.integers(50, 60, n * each).astype(float)
    group, access = (rng.random(n)[county] + 0.1 * rng.random(n * each) for _ in range(2))
    curve = made(np.array([access, access**2]), population, population * group)
    return made_at(curve, fips)


def made_at(curve, fips):
    demand = curve.demands["v"].assign(county_fips=fips, vintage=2023, lon=-87.0, lat=33.0)
    vars(curve)["demands"] = {"v": demand}
    return curve


def test_blocks_are_counties_or_states_and_are_moved_as_wholes():
    rng = np.random.default_rng(8)
    demand = counties(rng).demands["v"].assign(state="AL")
    live = np.sort(rng.choice(len(demand), 200, replace=False))
    order, starts = find_blocks(demand, live, "county")
    assert sorted(order) == live.tolist()
    parts = np.split(order, starts[1:])
    fips = demand["county_fips"].to_numpy()
    assert [set(fips[part]) for part in parts] == [{one} for one in np.unique(fips[live])]
    assert all((np.diff(part) > 0).all() for part in parts)
    mixed = reorder(order, starts, rng)
    assert mixed.tolist() != order.tolist()
    where = {tuple(part): [i for i in range(200) if mixed[i] == part[0]] for part in parts}
    assert all(tuple(mixed[at : at + len(part)]) == part for part, [at] in where.items())
    assert find_blocks(demand, live, "state")[1].tolist() == [0]
    same, each = find_blocks(demand, live, None)
    assert (same.tolist(), each.tolist()) == (live.tolist(), list(range(200)))
    with pytest.raises(UnknownNameError, match="kind of blocks"):
        find_blocks(demand, live, "village")


def test_where_neighbours_are_alike_single_points_find_what_is_not_there_and_counties_do_not():
    found = {"county": [], None: []}
    for trial in range(120):
        curve = counties(np.random.default_rng(trial))
        for blocks, rejected in found.items():
            rejected.append(curve.test(permutations=39, seed=trial, blocks=blocks).p_median <= 0.05)
    assert np.mean(found[None]) > 0.3
    assert np.mean(found["county"]) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)
    report = iop.measures.equity_report(counties(np.random.default_rng(0)), permutations=39, blocks="county")
    assert (
        report["p_median"].item()
        == counties(np.random.default_rng(0)).test(permutations=39, blocks="county").p_median
    )


def test_a_difference_that_is_there_is_found_and_called_robust():
    rng = np.random.default_rng(2)
    access = rng.random(80)
    population = np.full(80, 100.0)
    curve = made(np.array([access, access**2, np.sqrt(access)]), population, population * access)
    test = curve.test(permutations=199, seed=3)
    assert test.median > 0
    assert test.p_median == 1 / 200
    assert test == curve.test(permutations=199, seed=3)
    assert test.same_sign == 1
    report = iop.measures.equity_report(curve, permutations=199)
    assert report["finding"].tolist() == ["robust"]
    assert report[["lowest", "highest"]].to_numpy().tolist() == [
        [curve.differences("poverty").min(), curve.differences("poverty").max()]
    ]
    split = made(np.array([access, 1 - access]), population, population * access)
    assert iop.measures.equity_report(split, permutations=199)["finding"].tolist() == ["not robust"]
    twice = iop.measures.equity_report(curve, ["poverty"] * 11, permutations=199)  # 11 / 200 is above 5 %
    assert set(twice["finding"]) == {"not robust"}


def test_nothing_is_said_of_people_where_rows_were_made_up():
    demand = iop.demand_points("zcta", state="VT")
    curve = iop.specification_curve(
        demand, iop.demo_directory(), measures=["two_step_fca", "nearest_cost"], thresholds=["10 mi", "30 mi"]
    )
    report = iop.measures.equity_report(curve, permutations=9)
    assert report["finding"].tolist() == ["SYNTHETIC: says nothing about people"]
    assert report.attrs["provenance"]["synthetic"]
    assert curve.table.attrs["provenance"]["synthetic"]
    assert len(curve.areas) == 14
    assert (curve.areas["flips"] <= 0.5).all()
    assert ((curve.areas["flips"] == 0) == curve.areas["never_flips"]).all()
    assert curve.areas["people"].sum() == pytest.approx(demand["population"].sum())


def test_costs_take_the_thresholds_of_their_unit():
    curve = iop.specification_curve(
        TOWNS,
        CLINICS,
        measures="nearest_cost",
        cost=[None, "drive-estimate"],
        thresholds=["20 mi", "30 min"],
        by=None,
    )
    assert curve.table[["cost", "threshold"]].to_numpy().tolist() == [
        ["straight lines", "20 mi"],
        ["drive-estimate", "30 min"],
    ]
    with pytest.raises(UnitError, match="no threshold is in min"):
        iop.specification_curve(TOWNS, CLINICS, cost="drive-estimate", thresholds="20 mi", by=None)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"measures": "nearest"}, UnknownNameError, "measure"),
        ({"outcome": "mean"}, UnknownNameError, "outcome"),
        ({"placement": "guessed"}, UnknownNameError, "placement"),
        ({"decays": "linear"}, UnknownNameError, "decay"),
        ({"group": "rich"}, UnknownNameError, "rich"),
        ({"capacity": ["rooms"]}, UnknownNameError, "rooms"),
        ({"listing_active": 1.5}, ValueError, "listing_active"),
        ({"listing_active": []}, ValueError, "every choice"),
        ({"thresholds": "far"}, UnitError, "far"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)  # fmt: skip
def test_what_cannot_be_chosen_is_refused(wrong, error, words):
    with pytest.raises(error, match=words):
        iop.specification_curve(TOWNS, CLINICS, by=None, **wrong)


def test_a_group_of_nobody_and_no_permutations_are_refused():
    with pytest.raises(ValueError, match="nobody"):
        iop.specification_curve(TOWNS.assign(poverty=0.0), CLINICS, by=None, measures="two_step_fca")
    curve = iop.specification_curve(TOWNS, CLINICS, by=None, measures="two_step_fca")
    with pytest.raises(ValueError, match="at least 1"):
        curve.test(permutations=0)


def test_the_gap_is_the_chance_to_have_more_than_anybody_met():
    curve = iop.specification_curve(
        TOWNS, CLINICS, measures="cumulative_opportunities", thresholds=["20 mi", "40 mi"], by=None,
        outcome="gap between groups", reference="population",
    )  # fmt: skip
    people, poor = (TOWNS[name].to_numpy() for name in ("population", "poverty"))
    for row in curve.table.itertuples():
        access = iop.measures.cumulative_opportunities(TOWNS, CLINICS, max_cost=row.threshold).to_numpy()
        beats = (access[:, None] > access) + 0.5 * (access[:, None] == access)
        place = beats @ people / people.sum()
        assert people @ place / people.sum() == pytest.approx(0.5)
        assert row.outcome == pytest.approx(poor @ place / poor.sum() - 0.5, abs=1e-12)
        assert row.difference == row.outcome


def test_a_county_is_among_the_lowest_if_half_of_its_people_are():
    demand = iop.demand_points("zcta", state="VT")
    curve = iop.specification_curve(
        demand, iop.demo_directory(), measures=["two_step_fca", "nearest_cost"], thresholds=["10 mi", "30 mi"]
    )
    homes = iop.reach(demand, iop.demo_directory()).homes()
    codes = iop.geography.county_list(homes.vintage).index
    for fips, row in curve.areas.iterrows():
        here = codes[homes.county] == fips
        count = demand["population"].to_numpy()[homes.point[here]] * homes.weight[here]
        lowest = [(scores[homes.point[here]] @ count) / count.sum() >= 0.5 for scores in curve.scores]
        assert row["share_lowest"] == np.mean(lowest)
        assert row["flips"] == min(row["share_lowest"], 1 - row["share_lowest"])
    assert curve.areas["share_lowest"].between(0.01, 0.99).any()


@pytest.mark.parametrize(("cost", "word"), [(None, "mi"), ("drive-estimate", "min")])
def test_thresholds_left_out_are_15_30_and_45(cost, word):
    curve = iop.specification_curve(TOWNS, CLINICS, measures="two_step_fca", cost=cost, by=None)
    assert curve.table["threshold"].tolist() == [f"{edge} {word}" for edge in (15, 30, 45)]
    assert curve.offers() == {"threshold": curve.table["threshold"].tolist()}


def test_every_offer_goes_by_its_own_name():
    matrix = iop.CostMatrix.from_geodesic(TOWNS, CLINICS, max_cost="200 mi")
    drive = iop.CostMatrix.from_frame(
        matrix.to_frame().assign(cost=lambda pairs: pairs["cost"] / 1000), unit="min"
    )
    how = {
        "measures": ("gravity",),
        "by": None,
        "capacity": CLINICS["beds"],
        "decays": iop.Decay.gaussian("9 min"),
    }
    row = iop.specification_curve(TOWNS, CLINICS, cost=drive, thresholds="30 min", **how).table.iloc[0]
    assert row[["directory", "vintage", "cost", "placement", "listing_active"]].tolist() == [
        "listing", "as given", repr(drive), "as listed", 1.0,
    ]  # fmt: skip
    assert row[["threshold", "capacity", "decay"]].tolist() == [
        "30 min",
        "beds",
        str(iop.Decay.gaussian("9 min")),
    ]
    named = iop.specification_curve(
        TOWNS, {"a": CLINICS}, measures=["gravity"], by=None, thresholds=30_000.0,
        decays={"slow": iop.Decay.gaussian("9 mi")}, capacity={"rooms": "beds", "one": None}, cost={"lines": None},
    )  # fmt: skip
    told = named.table[["directory", "cost", "threshold", "capacity", "decay"]].values.tolist()
    assert told == [["a", "lines", "30000.0", offer, "slow"] for offer in ("rooms", "one")]
    unnamed = iop.specification_curve(
        TOWNS, CLINICS, measures="gravity", by=None, capacity=CLINICS["beds"].rename(None)
    )
    assert set(unnamed.table["capacity"]) == {"a series"}


def test_a_capacity_that_a_measure_does_not_know_is_asked_once():
    curve = iop.specification_curve(
        TOWNS,
        CLINICS,
        measures=["nearest_cost", "two_step_fca"],
        by=None,
        thresholds="20 mi",
        capacity=[None, "beds"],
    )
    assert curve.table[["measure", "capacity"]].values.tolist() == [
        ["nearest_cost", "-"], ["two_step_fca", "1 each"], ["two_step_fca", "beds"],
    ]  # fmt: skip
    alone = iop.measures.two_step_fca(TOWNS, CLINICS, max_cost="20 mi", capacity="beds")
    assert curve.table["outcome"][2] == pytest.approx(lowest_share(alone.to_numpy(), TOWNS), abs=1e-12)


@pytest.mark.parametrize("word", ["mi", "min"])
@pytest.mark.parametrize("name", ["gaussian", "exponential", "power", "step"])
def test_a_decay_of_a_name_is_a_part_of_its_threshold(name, word):
    expected = {
        "step": iop.Decay.step([f"10 {word}", f"20 {word}", f"30 {word}"], [1.0, 0.68, 0.22]),
        "gaussian": iop.Decay.gaussian(f"10 {word}", limit=f"30 {word}"),
        "exponential": iop.Decay.exponential(f"10 {word}", limit=f"30 {word}"),
        "power": iop.Decay.power(f"1 {word}", limit=f"30 {word}"),
    }[name]
    found = decay_within(name, f"30 {word}")
    assert (found.kind, found.unit, found.weights) == (expected.kind, expected.unit, expected.weights)
    amounts = [
        [*decay.edges, decay.scale, decay.exponent, decay.least, decay.limit] for decay in (found, expected)
    ]
    assert amounts[0] == pytest.approx(amounts[1])


@pytest.mark.parametrize(
    ("access", "count", "lowest", "place", "none"),
    [
        ([1, 2, 3, 3], [0, 2, 8, 0], [1, 1, 0, 0], [0, 0.1, 0.6, 0.6], [0, 0, 0, 0]),
        ([1, 2, 3], [2, 0, 8], [1, 0, 0], [0.1, 0.2, 0.6], [0, 0, 0]),
        ([0, -np.inf, 5], [4, 1, 5], [0.25, 1, 0], [0.3, 0.05, 0.75], [1, 1, 0]),
        ([7, 7], [3, 1], [0.2, 0.2], [0.5, 0.5], [0, 0]),
        ([1, 2, 3], [1, 0, 9], [1, 1, 1 / 9], [0.05, 0.1, 0.55], [0, 0, 0]),
    ],
)
def test_scores_place_people_among_all_people_and_empty_places_where_they_would_be(
    access, count, lowest, place, none
):
    found = score(np.array(access, dtype=float), np.array(count, dtype=float))
    assert found["share of people in the lowest fifth"] == pytest.approx(lowest)
    assert found["gap between groups"] == pytest.approx(place)
    assert found["share of people with none"].tolist() == none
    with pytest.raises(ValueError, match="nobody lives"):
        score(np.array(access, dtype=float), np.zeros(len(count)))


def test_where_groups_are_alike_every_shuffle_is_as_far_and_one_is_enough():
    rng = np.random.default_rng(1)
    population = rng.integers(1, 99, 30).astype(float)
    curve = made(rng.random((3, 30)), population, population / 2)
    test = curve.test(permutations=1, seed=4)
    assert (test.median, test.p_median, test.p_same_sign) == (pytest.approx(0), 1.0, 1.0)
    test = curve.test()
    assert (test.permutations, test.seed, test.blocks, test.p_median) == (999, 0, None, 1.0)


def test_groups_can_be_named_for_a_test_and_agreement_is_counted():
    rng = np.random.default_rng(2)
    population, access = np.full(60, 100.0), rng.random(60)
    curve = made(np.array([access] * 19 + [1 - access]), population, population * access)
    curve.demands["v"]["poor"] = population * (1 - access)
    test, turned = (
        curve.test("poor", "poverty", permutations=99),
        curve.test("poverty", "poor", permutations=99),
    )
    assert turned.median == pytest.approx(-test.median)
    assert test.median < 0
    assert test.same_sign == turned.same_sign == 0.95
    assert test.p_median == 0.01
    assert test.p_same_sign == 1.0  # one specification is the reverse of the rest, however people live
    assert (curve.differences("poor", "poverty") == -curve.differences("poverty", "poor")).all()
    assert (curve.differences("poor") == curve.differences("poor", "population")).all()
    assert (curve.differences("poor") != curve.differences("poor", "poverty")).any()
    report = iop.measures.equity_report(curve, ["poor"] * 5, permutations=99)  # 5 / 100 is just 5 %
    assert set(report["finding"]) == {"robust"}
    assert set(iop.measures.equity_report(curve, ["poor"] * 6, permutations=99)["finding"]) == {"not robust"}
    assert iop.measures.equity_report(curve, permutations=99)["group"].tolist() == ["poverty"]
    short = made(np.array([access] * 18 + [1 - access]), population, population * access)
    assert iop.measures.equity_report(short, permutations=99)["finding"].tolist() == ["not robust"]


def test_an_area_flips_as_often_as_the_fewer_of_its_verdicts():
    labels = pd.DataFrame({"name": ["a", "b", "empty", "c"]}, index=list("abec"))
    verdicts = np.array([[1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 1], [1, 0, 0, 1]], dtype=bool)
    table = judge_areas(labels, np.array([1.0, 2.0, 0.0, 3.0]), verdicts)
    assert table[["share_lowest", "flips", "never_flips", "people"]].T.to_dict("list") == {
        "c": [0.4, 0.4, False, 3.0], "b": [0.2, 0.2, False, 2.0], "a": [1.0, 0.0, True, 1.0],
    }  # fmt: skip
    assert table.index.tolist() == ["c", "b", "a"]
    assert (table["specifications"] == 5).all()


def test_a_curve_says_what_it_is_and_how_many_levels_decide():
    rng = np.random.default_rng(3)
    curve = made(rng.random((2, 9)), np.ones(9), np.ones(9))
    assert repr(curve) == "SpecificationCurve of 2 specifications, poverty against population"
    curve.table.attrs["provenance"] = {"synthetic": True}
    assert repr(curve).startswith("SYNTHETIC ")
    design = pd.DataFrame({"a": [0, 0, 1, 1, 2, 2], "b": [0, 1, 0, 1, 0, 1]})
    found = variance_shares(design, np.array([0.0, 2.0, 0.1, 2.1, 0.2, 2.2]))
    assert found["levels"].to_dict() == {"b": 2, "a": 3, "together": 0}
    assert found.index.tolist() == ["b", "a", "together"]
    rounding = np.array([0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3, 0.3])
    assert variance_shares(design, rounding)["share"].isna().all()
    assert variance_shares(design, np.array([0, 1e-6, 0, 1e-6, 0, 1e-6]))["share"]["b"] == pytest.approx(1)


def test_an_area_of_which_just_half_are_among_the_lowest_is_the_lowest():
    towns = pd.DataFrame(
        {"lon": -89.5 + np.arange(5) / 10, "lat": 40.5, "population": 100.0, "poverty": [5.0, 4, 3, 2, 1],
         "county_fips": ["17031", "17031", "17043", "17043", "17043"], "vintage": 2023},
        index=list("abcde"),
    )  # fmt: skip
    clinic = pd.DataFrame({"lon": [-89.0], "lat": [40.5]}, index=["X"])
    how = {"measures": "nearest_cost", "thresholds": "60 mi", "by": "county"}
    areas = iop.specification_curve(towns, clinic, **how).areas
    assert areas["share_lowest"].to_dict() == {"17031": 1.0, "17043": 0.0}  # one of two, none of three
    fewer = iop.specification_curve(towns.assign(population=[100.0, 101, 100, 100, 99]), clinic, **how).areas
    assert set(fewer["share_lowest"]) == {0.0}


def test_the_seed_left_out_is_0():
    def ask(**seed):
        return iop.specification_curve(
            TOWNS, CLINICS, measures="cumulative_opportunities", listing_active=0.5, by=None, **seed
        )

    assert ask().table["outcome"].tolist() == ask(seed=0).table["outcome"].tolist()
    assert ask().table["outcome"].tolist() != ask(seed=1).table["outcome"].tolist()


def test_places_of_one_person_are_shuffled_too():
    access = np.arange(60) / 60
    curve = made(np.array([access]), np.ones(60), (access > 0.5).astype(float))
    assert curve.test(permutations=99).p_median == 0.01


def test_a_difference_of_nothing_agrees_with_neither_side():
    found = np.array([[0.0, -1.0, 0.5], [1.0, -1.0, 0.5], [1.0, -0.5, 0.0], [-1.0, 0.0, 0.0]])
    assert same_sign(found).tolist() == [0.5, 0.75, 0.5]


def test_a_point_on_a_border_belongs_to_the_county_where_most_of_its_people_live():
    demand = iop.demand_points("zcta", state="VT")
    weights = iop.geography.county_weights(demand).sort_values("weight", ascending=False)
    most = weights.drop_duplicates("demand_id").set_index("demand_id")["county_fips"]
    assert weights["weight"].between(0.01, 0.99).any()
    order, starts = find_blocks(demand, np.arange(len(demand)), "county")
    parts = np.split(order, starts[1:])
    assert [set(most[demand.index[part]]) for part in parts] == [{fips} for fips in sorted(set(most))]


def test_where_nobody_lives_nobody_is_shuffled():
    population = np.array([0.0, 3.0, 0.0, 1.0, 2.0])
    curve = made(np.ones((1, 5)), population, population / 2)
    assert [part.tolist() for part in curve._blocks(None)] == [[1, 3, 4], [0, 1, 2]]


def test_the_people_who_compete_are_those_of_the_column_that_is_named():
    curve = iop.specification_curve(
        TOWNS, CLINICS, measures="two_step_fca", thresholds="20 mi", by=None, population="poverty",
        group="population", reference="poverty", outcome="gap between groups",
    )  # fmt: skip
    alone = iop.measures.two_step_fca(TOWNS, CLINICS, max_cost="20 mi", population="poverty").to_numpy()
    assert (curve.scores[0] == score(alone, TOWNS["poverty"].to_numpy())["gap between groups"]).all()
