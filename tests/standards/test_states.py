"""Standards of states, on counties worked out by hand: how many, within either or both, by class, share and count."""

import csv
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import iopdir as iop
from iopdir.errors import LoadError, UnitError, UnknownNameError
from iopdir.standards import ByCountyType, ByDensity, ByName, ByPopulation, Count, Limit
from iopdir.standards.chances import chance_of
from iopdir.units import METRES_PER_MILE

MILE = METRES_PER_MILE
WAKE, HYDE = "37183", "37095"  # 1,356 and 8 people a square mile
GEOD = Geod(ellps="WGS84")


def town(fips, people, *, miles=0.0, lat=35.8):
    """A demand point so many miles east of the meridian 78.6° W, in the county of that code."""
    lon, there, _ = GEOD.fwd(-78.6, lat, 90, miles * MILE)
    state = iop.geography.county_list(2023).loc[fips, "state"]
    return {
        "lon": lon,
        "lat": there,
        "population": float(people),
        "county_fips": fips,
        "vintage": 2023,
        "state": state,
    }


def towns(*rows):
    return pd.DataFrame(rows, index=[f"t{n}" for n in range(len(rows))])


def clinics(*miles, lat=35.8):
    rows = [GEOD.fwd(-78.6, lat, 90, far * MILE)[:2] for far in miles]
    return pd.DataFrame(rows, columns=["lon", "lat"], index=[f"c{n}" for n in range(len(rows))])


def minutes(*triples):
    return iop.CostMatrix.from_frame(
        pd.DataFrame(triples, columns=["origin", "destination", "cost"]), unit="min"
    )


# --- how many, by density ---


def test_north_carolina_wants_two_within_thirty_miles_in_town_and_forty_five_in_the_country():
    homes = towns(town(WAKE, 94), town(WAKE, 6, miles=60), town(HYDE, 100, miles=60))
    gaps = iop.coverage_gaps(homes, clinics(29, 29.5), standard=iop.standards.state("NC", care="iop"))
    wake, hyde = gaps.loc[WAKE], gaps.loc[HYDE]
    assert wake[["county_type", "covered", "gap", "required_share"]].tolist() == ["urban", 94, 6, 0.95]
    assert (wake["verdict"], wake["people_short"]) == ("fail", pytest.approx(1.0))
    assert hyde[["county_type", "covered", "verdict", "people_short"]].tolist() == ["rural", 100, "pass", 0]
    one = iop.coverage_gaps(homes, clinics(29), standard="nc-iop").loc[[WAKE, HYDE]]
    assert one["covered"].tolist() == [0, 0]
    far = iop.coverage_gaps(homes, clinics(29, 30.1), standard="nc-iop").loc[WAKE]
    assert far["covered"] == 0
    assert far["needed_m"] == pytest.approx(31 * MILE, rel=1e-6)


def test_half_a_standard_says_so_and_what_it_could_still_change():
    homes, sites = towns(town(WAKE, 100), town(HYDE, 100, miles=400)), clinics(1, 2)
    either = iop.coverage_gaps(homes, sites, standard=iop.standards.state("NC")).loc[[WAKE, HYDE]]
    assert either["tested"].tolist() == ["distance only"] * 2
    assert either[["verdict", "settled"]].to_numpy().tolist() == [["pass", True], ["fail", False]]
    both = iop.coverage_gaps(homes, sites, standard="cms-obh").loc[[WAKE, HYDE]]
    assert both[["verdict", "settled"]].to_numpy().tolist() == [["pass", False], ["fail", True]]
    plain = iop.coverage_gaps(homes, sites, standard=iop.standards.parse_standard("5 mi").with_share(0.5))
    assert plain["settled"].all()


def test_minutes_or_miles_are_tested_on_each_facility_with_minutes_at_hand():
    homes = towns(town(WAKE, 10), town(WAKE, 20), town(WAKE, 40), town(WAKE, 80))
    sites = clinics(20, 40, 200)
    cost = minutes(("t0", "c1", 25), ("t1", "c2", 29), ("t2", "c0", 10), ("t3", "c1", 31), ("t3", "c2", 30))
    row = iop.coverage_gaps(homes, sites, standard="nc-iop", cost=cost).loc[WAKE]
    # c0 is within 30 miles of all: t0 has c0 and c1, t1 c0 and c2, t2 only c0 (twice near), t3 c0 and c2
    assert row[["covered", "tested", "settled"]].tolist() == [110.0, "distance or time", True]
    every = iop.Standard(
        name="and", source="a test", limits={None: Limit(distance_m=30 * MILE, duration_min=30, share=0.5)}
    )
    assert iop.coverage_gaps(homes, sites, standard=every, cost=cost).loc[WAKE, "covered"] == 40.0


def test_estimated_minutes_test_the_other_half_and_settle_every_verdict():
    homes = iop.demand_points("zcta", state=["NC", "AZ", "MI"])
    iops = iop.demo_directory().select(level_of_care="php")
    for rule in (iop.standards.state("NC"), iop.standards.state("AZ"), iop.standards.state("MI", care="otp")):
        state = rule.state
        half = iop.coverage_gaps(homes, iops, standard=rule, state=state)
        whole = iop.coverage_gaps(homes, iops, standard=rule, state=state, cost="drive-estimate")
        assert whole["settled"].all()
        assert not whole["tested"].str.contains("only").any()
        more = whole["covered"] >= half["covered"] - 1e-9
        less = whole["covered"] <= half["covered"] + 1e-9
        assert (more if rule.combine == "or" else less).all()
        held = half["settled"]
        assert (half.loc[held, "verdict"] == whole.loc[held, "verdict"]).all()


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), combine=st.sampled_from(["and", "or"]), many=st.integers(1, 3))
def test_any_combination_equals_counting_every_pair(seed, combine, many):
    rng = np.random.default_rng(seed)
    homes = towns(*(town(WAKE, rng.integers(1, 99), miles=rng.uniform(0, 40)) for _ in range(12)))
    homes.loc["t1", ["lon", "lat"]] = homes.loc["t0", ["lon", "lat"]].to_numpy()
    sites = clinics(*rng.uniform(0, 40, 6))
    sites.loc["c5", ["lon", "lat"]] = np.nan
    drive = rng.uniform(0, 60, (12, 6)).round()
    listed = rng.random((12, 6)) < 0.7
    cost = minutes(*((f"t{i}", f"c{j}", drive[i, j]) for i, j in np.argwhere(listed)))
    metres = np.array(
        [[GEOD.inv(h.lon, h.lat, s.lon, s.lat)[2] for s in sites.itertuples()] for h in homes.itertuples()]
    )
    near, quick = metres <= 15 * MILE, (drive <= 30) & listed
    enough = ((near & quick) if combine == "and" else (near | quick)).sum(axis=1) >= many
    rule = iop.Standard(
        name="any",
        source="a test",
        limits={None: Limit(distance_m=15 * MILE, duration_min=30, share=0.9)},
        combine=combine,
        min_providers=many,
    )
    row = iop.coverage_gaps(homes, sites, standard=rule, cost=cost).loc[WAKE]
    assert row["covered"] == homes["population"][enough].sum()
    lonely = iop.single_points_of_failure(homes, sites, standard=rule, cost=cost, top=None)
    within = (near & quick) if combine == "and" else (near | quick)
    just = within.sum(axis=1) == many
    depending = homes["population"].to_numpy() @ (within & just[:, None])
    expected = {f"c{j}": float(n) for j, n in enumerate(depending) if n > 0}
    assert lonely["people_depending"].to_dict() == expected


def test_with_two_wanted_the_ranges_are_those_of_every_pair():
    homes = iop.demand_points("zcta", state="NC")
    rows = iop.demo_directory().select(state=["NC", "VA", "SC"], level_of_care="iop").to_geodataframe()
    places = pd.DataFrame(rows[["lon", "lat", "zip"]]).assign(precision="zip_centroid")
    from iopdir.travel.displacement import displacement_m

    off = displacement_m(places)
    lon, lat = (
        np.meshgrid(homes["lon"], places["lon"], indexing="ij"),
        np.meshgrid(homes["lat"], places["lat"], indexing="ij"),
    )
    metres = GEOD.inv(lon[0], lat[0], lon[1], lat[1])[2]
    rule = iop.Standard(
        name="two", limits={None: Limit(distance_m=5 * MILE)}, source="a test", min_providers=2
    )
    row = iop.coverage_gaps(homes, places, by="nation", standard=rule).iloc[0]
    for name, moved in (("share", metres), ("placement_low", metres + off), ("placement_high", metres - off)):
        share = homes["population"] @ ((moved <= 5 * MILE).sum(axis=1) >= 2) / homes["population"].sum()
        assert row[name] == pytest.approx(share, rel=1e-12)
    assert row["placement_low"] < row["share"] < row["placement_high"]


@pytest.mark.parametrize("least", [1, 2, 3, 5])
def test_the_chance_of_enough_active_listings_is_the_binomial_tail(least):
    from math import comb

    for many in range(7):
        for p in (0.0, 0.3, 0.92, 1.0):
            tail = sum(comb(many, k) * p**k * (1 - p) ** (many - k) for k in range(least, many + 1))
            assert chance_of(np.array([float(many)]), least, p)[0] == pytest.approx(tail, abs=1e-12)


# --- whom it is about ---


def test_other_states_are_not_required_and_rows_still_add_up():
    homes = towns(town(WAKE, 100), town("51800", 50, miles=90))
    table = iop.coverage_gaps(homes, clinics(1, 2), standard="nc-iop")
    suffolk = table.loc["51800"]
    assert suffolk[["people", "covered", "gap", "people_not_required"]].tolist() == [50, 0, 0, 50]
    assert suffolk[["verdict", "status", "tested", "county_type"]].tolist() == ["not_required"] * 2 + [
        "nothing",
        "",
    ]
    assert np.isnan(suffolk[["share", "required_share", "needed_m"]].astype(float)).all()
    nation = iop.coverage_gaps(homes, clinics(1, 2), by="nation", standard="nc-iop").iloc[0]
    assert nation[["people", "covered", "gap", "people_not_required", "share"]].tolist() == [
        150,
        100,
        0,
        50,
        1.0,
    ]
    assert (nation["verdict"], nation["counties_failing"]) == ("pass", 0)
    sums = table["covered"] + table["gap"] + table["people_not_required"]
    np.testing.assert_array_equal(sums, table["people"])


def test_people_in_no_county_of_the_state_get_its_strictest_limit_others_none():
    homes = pd.DataFrame(
        {"lon": -70.0, "lat": 30.0, "population": [7.0, 9.0], "state": ["NC", "VA"]}, index=["boat", "raft"]
    )
    buoys = pd.DataFrame({"lon": [-70.0, -70.0], "lat": [30.5, 30.5]}, index=["a", "b"])  # 34 miles off
    row = iop.coverage_gaps(homes, buoys, standard="nc-iop").loc[""]
    assert row[["covered", "gap", "people_not_required", "status"]].tolist() == [0, 7, 9, "no_county_match"]


# --- named counties, county types, classes that are not known ---


def test_arizona_asks_more_of_two_counties_and_less_of_all_with_telehealth():
    homes = towns(
        town("04013", 85),
        town("04013", 15, miles=100),
        town("04001", 89, miles=59),
        town("04001", 11, miles=100),
    )
    gaps = iop.coverage_gaps(homes, clinics(0), standard=iop.standards.state("AZ")).loc[["04013", "04001"]]
    assert gaps["county_type"].tolist() == ["Maricopa and Pima", "other counties"]
    assert gaps["share"].tolist() == [0.85, 0.89]
    assert gaps["verdict"].tolist() == ["fail", "fail"]
    assert gaps["people_short"].tolist() == pytest.approx([5, 1])
    assert gaps["verdict_with_telehealth"].tolist() == ["pass", "pass"]
    assert gaps[["tested", "settled"]].to_numpy().tolist() == [["distance only", False], ["distance", True]]
    lower = iop.coverage_gaps(homes, clinics(0), standard=iop.standards.state("AZ", telehealth=True))
    assert lower.loc[["04013", "04001"], "verdict"].tolist() == ["pass", "pass"]
    cost = minutes(("t1", "c0", 15), ("t2", "c0", 1), ("t3", "c0", 1))
    timed = iop.coverage_gaps(homes, clinics(0), standard=iop.standards.state("AZ"), cost=cost)
    assert timed.loc[["04013", "04001"], "covered"].tolist() == [100, 89]
    assert timed.loc[["04013", "04001"], "tested"].tolist() == ["distance or time", "distance"]
    nation = iop.coverage_gaps(homes, clinics(0), standard=iop.standards.state("AZ"), by="nation", cost=cost)
    assert nation["tested"].item() == "distance; distance or time"


def test_ohio_names_no_share_so_nothing_fails_or_passes():
    rule = iop.standards.state("OH")
    assert rule.limits["Micro"] == Limit(distance_m=35 * MILE, duration_min=50)
    gaps = iop.coverage_gaps(iop.demand_points("zcta", state="OH"), iop.demo_directory(), standard=rule)
    assert "verdict" not in gaps
    assert set(gaps["county_type"]) == {"Large Metro", "Metro", "Micro", "Rural"}
    judged = iop.coverage_gaps(
        iop.demand_points("zcta", state="OH"), iop.demo_directory(), standard=rule.with_share(0.9)
    )
    assert set(judged["verdict"]) <= {"pass", "fail"}


def test_michigan_asks_by_county_type():
    rule = iop.standards.state("MI", care="otp")
    assert {str(kind): limit.share for kind, limit in rule.limits.items()} == {
        "Large Metro": 0.9, "Metro": 0.9, "Micro": 0.85, "Rural": 0.85, "CEAC": 0.85,
    }  # fmt: skip
    assert rule.limits["CEAC"].distance_m == 105 * MILE
    with pytest.raises(UnknownNameError, match="only for otp"):
        iop.standards.state("MI", care="iop")


def test_where_nobody_knows_the_class_the_strictest_decides_and_says_where_another_would():
    rule = iop.standards.state("TX")
    homes = towns(town("48001", 100), town("48003", 100, miles=1), town("48005", 100, miles=2))
    cost = minutes(*((f"t{n}", f"c{m}", far) for n, far in enumerate([44, 60, 95]) for m in (0, 1)))
    gaps = iop.coverage_gaps(homes, clinics(0, 0), standard=rule, cost=cost).loc[["48001", "48003", "48005"]]
    assert gaps[["verdict", "settled"]].to_numpy().tolist() == [
        ["pass", True],
        ["fail", False],
        ["fail", True],
    ]
    assert gaps["county_type"].eq("").all()
    known = iop.standards.state("TX", classes=ByPopulation({"metro": 200_000, "micro": 50_000, "rural": 0}))
    named = iop.coverage_gaps(homes, clinics(0, 0), standard=known, cost=cost).loc[
        ["48001", "48003", "48005"]
    ]
    assert named["county_type"].tolist() == ["micro", "rural", "micro"]
    assert named["verdict"].tolist() == ["pass", "pass", "fail"]
    with pytest.raises(UnitError, match="give cost="):
        iop.coverage_gaps(homes, clinics(0, 0), standard=rule)


# --- by count ---


def test_new_york_counts_the_clinics_of_a_county():
    homes = towns(town("36001", 10), town("36003", 20), town("36005", 30))
    sites = clinics(0, 1, 2).assign(county_fips=["36001", "36001", "36003"], vintage=2023, state="NY")
    gaps = iop.coverage_gaps(homes, sites, standard=iop.standards.state("NY", care="outpatient"))
    gaps = gaps.loc[["36001", "36003", "36005"]]
    assert gaps["verdict"].tolist() == ["pass", "fail", "fail"]
    assert gaps["facilities_short"].tolist() == [0, 1, 2]
    assert gaps["people_short"].tolist() == [0, 20, 30]
    assert gaps["tested"].eq("count only").all()
    assert gaps["settled"].tolist() == [True, False, False]
    assert gaps["listing_low"].tolist() == [0.25, 0, 0]
    lonely = iop.single_points_of_failure(homes, sites, standard="ny-outpatient", top=None)
    assert lonely["people_depending"].to_dict() == {"c0": 10.0, "c1": 10.0}


def test_half_of_the_clinics_counts_where_the_whole_listing_is_known():
    directory = iop.demo_directory().select(state="NY", level_of_care="outpatient")
    homes = iop.demand_points("zcta", state="NY")
    gaps = iop.coverage_gaps(homes, directory, standard="ny-outpatient", payment="medicaid")
    every = directory.table.groupby("county_fips").size().reindex(gaps.index).fillna(0)
    mine = (
        directory.select(payment="medicaid").table.groupby("county_fips").size().reindex(gaps.index).fillna(0)
    )
    expected = np.where((mine >= 2) | ((mine >= 1) & (mine >= every / 2)), "pass", "fail")
    assert gaps["verdict"].tolist() == expected.tolist()
    assert gaps["tested"].eq("count").all()
    assert gaps["settled"].all()


# --- the pack ---


def test_every_line_of_the_pack_is_that_of_the_fact_sheet(real_data):
    path = real_data.parent.parent / "facts" / "state_standards.csv"
    if not path.exists():
        pytest.skip("the fact sheet is not beside the real data")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = iop.standards.state_standards().reset_index()
    assert len(table) == len(rows)
    for (_, mine), row in zip(table.iterrows(), rows, strict=True):
        for name in ("minutes", "miles", "min_providers", "share"):
            value = "" if np.isnan(mine[name]) else mine[name]
            assert value == (float(row[name]) if row[name] else ""), row
        assert (mine["state"], mine["care"], mine["combine"]) == (row["state"], row["care"], row["combine"])
        assert (mine["source"], mine["edition"], mine["confidence"]) == (
            row["source"],
            row["date"],
            row["flag"],
        )
        assert row["note"] in mine["note"]


KEYS = ["az-outpatient", "fl-otp", "ga-outpatient", "mi-otp", "nc-iop", "nc-php", "ny-outpatient", "oh-outpatient",
        "tx-outpatient"]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_every_standard_of_a_state_is_read_by_its_short_name_and_pickles(key):
    rule = iop.standards.parse_standard(key.upper())
    assert rule.key == key
    assert rule.state == key[:2].upper()
    assert rule.source
    assert rule.confidence in {"S", "2°"}
    assert "state_standards" in rule.packs
    assert pickle.loads(pickle.dumps(rule)) == rule  # noqa: S301 - our own


def test_the_pack_has_no_other_standards():
    listed = set(iop.standards.state_standards().index)
    assert listed == {*KEYS, "il-outpatient"}


@pytest.mark.parametrize(
    ("code", "care", "why"),
    [
        ("CA", "iop", "small counties is not settled"),
        ("IL", "iop", "none by time, distance or count"),
        ("WY", "iop", "known are those of AZ"),
        ("ZZ", "iop", "state"),
        ("NC", "dental", "did you mean|known: iop"),
        ("NY", "otp", "only for outpatient"),
    ],
)
def test_what_is_not_known_is_refused_with_the_reason(code, care, why):
    with pytest.raises(UnknownNameError, match=why):
        iop.standards.state(code, care=care)


def test_a_state_without_credit_for_telehealth_says_so():
    with pytest.raises(ValueError, match="no credit"):
        iop.standards.state("NC", telehealth=True)


def test_flags_and_sources_stand_in_every_table():
    gaps = iop.coverage_gaps(iop.demand_points("zcta", state="NC"), iop.demo_directory(), standard="nc-iop")
    about = gaps.attrs["provenance"]
    assert about["parameters"]["standard"][0]["confidence"] == "2°"
    assert "Tailored Plan" in about["parameters"]["standard"][0]["source"]
    assert "state_standards" in {source["name"] for source in about["sources"]}


# --- classes ---


def test_classes_sort_at_their_edges():
    types = iop.geography.county_types()
    edge = float(types.loc[WAKE, "people_per_mi2"])
    assert ByDensity({"in": edge, "out": 0}).sort(2023)[WAKE] == "in"
    assert ByDensity({"in": np.nextafter(edge, 1e9), "out": 0}).sort(2023)[WAKE] == "out"
    for vintage in (2020, 2023):
        for classes in (
            ByCountyType(),
            ByDensity({"a": 0}),
            ByName({"b": [WAKE]}, "c"),
            ByPopulation({"d": 0}),
        ):
            found = classes.sort(vintage)
            assert found.index.equals(iop.geography.county_list(vintage).index)
            assert set(found) <= set(classes.names)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: ByDensity({"a": 250}), "start at 0"),
        (lambda: ByDensity({"a": 0, "b": 0}), "start at 0"),
        (lambda: ByPopulation({}), "start at 0"),
        (lambda: ByName({"a": ["37183"], "b": ["37183"]}), "37183 stands in two"),
        (lambda: ByName({"a": ["3718"]}), "five digits"),
        (lambda: Count(facilities=0), "at least 1"),
        (lambda: Count(facilities=1, share=2), "share must"),
        (lambda: rule(min_providers=0), "min_providers"),
        (lambda: rule(combine="xor"), "combine"),
        (lambda: rule(count=Count(facilities=1)), "no limits"),
        (lambda: rule(limits={"urban": Limit(distance_m=1)}), "each county type"),
        (
            lambda: rule(limits={"urban": Limit(distance_m=1)}, classes=ByDensity({"urban": 9, "rural": 0})),
            "each of",
        ),
        (lambda: rule(limits={"Rural": Limit(distance_m=1)}), "each county type"),
        (lambda: iop.standards.state("NY", care="outpatient").with_share(0.5), "by count"),
    ],
    ids=[
        "no-zero",
        "two-zeros",
        "nothing",
        "twice",
        "digits",
        "none",
        "share",
        "providers",
        "combine",
        "limits",
        "unclassed",
        "half-classed",
        "half-typed",
        "count-share",
    ],
)
def test_impossible_rules_are_refused(make, why):
    with pytest.raises(ValueError, match=why):
        make()


def rule(**parts):
    return iop.Standard(**{"name": "a", "source": "b", "limits": {None: Limit(distance_m=1)}, **parts})


# --- of one's own ---

OWN = """
name = "Ours"
source = "our contract"
state = "north carolina"
combine = "or"
min_providers = 2
telehealth_share = 0.8
[classes.density]
urban = 250
rural = 0
[limits.urban]
distance = "30 mi"
duration = "30 min"
share = 0.95
[limits.rural]
distance = "45 mi"
duration = "45 min"
share = 0.95
"""


def test_a_standard_of_ones_own_can_say_all_that_a_state_says(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    mine, published = iop.standards.parse_standard(path), iop.standards.state("NC")
    assert mine.limits == published.limits
    assert mine.classes == published.classes
    assert (mine.combine, mine.min_providers, mine.state, mine.telehealth_share) == ("or", 2, "NC", 0.8)
    path.write_text('name = "n"\nsource = "s"\n[count]\nfacilities = 2\nshare = 0.5', encoding="utf-8")
    assert iop.standards.parse_standard(path).count == Count(facilities=2, share=0.5)
    path.write_text(
        'name = "n"\nsource = "s"\n[classes]\nothers = "rest"\n[classes.counties]\ntowns = ["37183"]\n'
        '[limits.towns]\ndistance = "5 mi"\n[limits.rest]\ndistance = "9 mi"',
        encoding="utf-8",
    )
    assert iop.standards.parse_standard(path).classes == ByName({"towns": ["37183"]}, "rest")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"or"', '"xor"', "combine"),
        ("providers = 2", "providers = 0", "min_providers"),
        ("north carolina", "atlantis", "atlantis"),
        ("urban = 250", "urban = 0", "start at 0"),
        ("[limits.rural]", "[limits.country]", "each of"),
        ("[classes.density]", "[classes.colour]", "classes.colour"),
        ("[classes.density]", "[classes.population]\nx = 0\n[classes.density]", "one of density"),
        ("[limits.urban]", "[count]\nfacilities = 2\n[limits.urban]", "neither"),
    ],
)
def test_a_file_that_says_it_wrongly_is_named(tmp_path, old, new, found):
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(LoadError, match=found):
        iop.standards.parse_standard(path)
