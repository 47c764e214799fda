"""Several standards side by side: each column is the table of that standard alone."""

import pandas as pd
import pytest

import iopdir as iop

RULES = ["nc-iop", "cms-obh", "10 mi"]


@pytest.fixture(scope="module")
def homes():
    return iop.demand_points("zcta", state=["NC", "VA"])


@pytest.fixture(scope="module")
def iops():
    return iop.demo_directory().select(level_of_care="iop")


def test_each_standard_says_what_it_says_alone(homes, iops):
    table = iop.standards.compare(homes, iops, standards=RULES, share=0.9)
    tenth = "10 mi for 0.9 of people"
    singles = {
        "nc-iop": "nc-iop",
        "cms-obh": "cms-obh",
        tenth: iop.standards.parse_standard("10 mi").with_share(0.9),
    }
    for label, rule in singles.items():
        alone = iop.coverage_gaps(homes, iops, standard=rule)
        pd.testing.assert_series_equal(table[label].str.rstrip("?"), alone["verdict"], check_names=False)
        assert (table[label].str.endswith("?") == ~alone["settled"]).all()
        pd.testing.assert_series_equal(table[f"{label} share"], alone["share"], check_names=False)
        pd.testing.assert_series_equal(
            table[f"{label} people_short"], alone["people_short"], check_names=False
        )
    words = table[list(singles)].apply(lambda column: column.str.rstrip("?"))
    assert (table["passes"] == (words == "pass").sum(axis=1)).all()
    assert (table["fails"] == (words == "fail").sum(axis=1)).all()
    assert set(table.loc[table["state"] == "VA", "nc-iop"]) == {"not_required"}
    assert set(table["status"]) == {"ok"}
    cited = table.attrs["provenance"]["parameters"]["standard"]
    assert [one["label"] for one in cited] == list(singles)
    assert table.attrs["provenance"]["synthetic"]


def test_without_a_share_a_distance_gives_no_verdict(homes, iops):
    table = iop.standards.compare(homes, iops, standards=["10 mi", "cms-obh"])
    assert set(table["10 mi"]) == {"not_required"}
    assert table["10 mi people_short"].isna().all()


def test_miles_are_straight_lines_beside_minutes():
    towns = pd.DataFrame(
        {"lon": -78.6, "lat": [35.8, 36.2], "population": 9.0, "county_fips": "37183", "vintage": 2023},
        index=["a", "b"],
    )
    clinic = pd.DataFrame({"lon": [-78.6], "lat": [35.8]}, index=["c"])
    drive = pd.DataFrame({"origin": ["a", "b"], "destination": "c", "cost": [50.0, 5.0]})
    cost = iop.CostMatrix.from_frame(drive, unit="min")
    rules = ["10 mi", "20 min"]
    table = iop.standards.compare(towns, clinic, standards=rules, share=0.5, cost=cost)
    wake = table.loc["37183"]
    assert wake[[f"{rule} for 0.5 of people share" for rule in rules]].tolist() == [0.5, 0.5]
    assert wake["passes"] == 2


def test_with_estimated_minutes_every_verdict_is_settled(homes, iops):
    rules = ["nc-iop", "cms-obh", "10 mi", "30 min"]
    table = iop.standards.compare(homes, iops, standards=rules, share=0.9, cost="drive-estimate")
    labels = ["nc-iop", "cms-obh", "10 mi for 0.9 of people", "30 min for 0.9 of people"]
    assert not table[labels].apply(lambda column: column.str.endswith("?")).any(axis=None)
    lines = iop.standards.compare(homes, iops, standards=["10 mi"], share=0.9)
    assert table[labels[2]].tolist() == lines[labels[2]].tolist()


@pytest.mark.parametrize(
    ("standards", "why"),
    [([], "one standard or more"), (["10 mi", "10 mi"], "name of its own"), (["people"], "standard")],
)
def test_what_cannot_be_compared_is_refused(homes, iops, standards, why):
    with pytest.raises((ValueError, iop.errors.UnknownNameError), match=why):
        iop.standards.compare(homes, iops, standards=standards)


def test_a_state_standard_beside_others_in_a_long_table_leaves_nothing_blank(homes, iops):
    table = iop.coverage_gaps(homes, iops, standard=["nc-iop", "az-outpatient", "30 mi"])
    words = [
        "verdict",
        "verdict_with_telehealth",
        "settled",
        "people_not_required",
        "county_type",
        "tested",
        "status",
    ]
    assert not table[words].isna().any(axis=None)
    assert table["settled"].dtype == bool
    assert table["people_not_required"].dtype == float
    assert set(table.loc[table["standard"] == "30 mi", "verdict"]) == {"not_required"}
