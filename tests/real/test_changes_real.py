"""What changed between the real editions of the methadone directory, and how long programs last. Totals only."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import iopdir as iop
from iopdir.changes import METHADONE_CLOSING, still_listed, survival

pytestmark = pytest.mark.real

YEARS = (1998, 2000, 2003, 2005, 2006, 2007, 2008)
PAIRS = ["unchanged", "corrected", "renamed", "moved"]


@pytest.fixture(scope="module")
def editions(real_data):
    return {year: iop.read_directory(real_data / "otp_editions" / f"meth-{year}.csv") for year in YEARS}


@pytest.fixture(scope="module")
def changes(editions):
    return {b: iop.diff(editions[a], editions[b], years=(a, b)) for a, b in pairwise(YEARS)}


@pytest.fixture(scope="module")
def lasting(editions):
    return survival(editions)


@pytest.mark.parametrize("year", YEARS[1:])
def test_every_program_of_both_editions_is_counted_once(editions, changes, year):
    found, before, after = changes[year], editions[YEARS[YEARS.index(year) - 1]], editions[year]
    counted = found.counts()
    pairs = counted[PAIRS].sum()
    assert len(before) == pairs + counted["closed"] + counted["merged"]
    assert len(after) == pairs + counted["opened"] + counted["split"]
    assert sorted(found.sites["a_id"].dropna()) == list(before.table.index)
    assert sorted(found.sites["b_id"].dropna()) == list(after.table.index)
    assert (found.survey_changed, found.warnings) == (False, ())


@pytest.mark.parametrize("year", YEARS[1:])
def test_states_add_up_to_the_nation(changes, year):
    found = changes[year]
    table, counted = found.by(), found.counts()
    assert table[list(counted.index)].sum().to_dict() == counted.to_dict()
    assert (table["before"].sum(), table["after"].sum()) == (len(found.a), len(found.b))
    assert table["closed_share"].dropna().between(0, 1).all()


@pytest.mark.parametrize(
    ("year", "opened", "closed", "moved"),
    [(2000, 367, 83, 49), (2003, 217, 322, 66), (2005, 104, 110, 52),
     (2006, 72, 76, 18), (2007, 102, 72, 22), (2008, 122, 102, 21)],
    ids=str,
)  # fmt: skip
def test_openings_closures_and_moves_stay_what_notebook_15_shows(changes, year, opened, closed, moved):
    """Another rule of linking may shift them a little; by more than 5 % and 5 it is another result."""
    counted = changes[year].counts()
    for kind, number in {"opened": opened, "closed": closed, "moved": moved}.items():
        assert counted[kind] == pytest.approx(number, rel=0.05, abs=5), kind


def test_a_mirrored_diff_swaps_openings_and_closures(editions, changes):
    back = iop.diff(editions[2008], editions[2007], years=(2008, 2007)).counts()
    swapped = {"opened": "closed", "closed": "opened", "split": "merged", "merged": "split"}
    assert back.rename(swapped).to_dict() == changes[2008].counts().to_dict()


def test_what_programs_state_is_lost_and_gained_only_by_linked_ones(changes):
    for found in changes.values():
        linked = found.sites.dropna(subset=["a_id", "b_id"])
        assert set(found.stated["a_id"]) <= set(linked["a_id"])
        assert set(found.stated["change"]) == {"gained", "lost"}
        assert not set(found.silent) & set(found.stated["column"])


def test_access_parts_into_what_sites_and_what_listings_did(real_data, changes):
    tracts = iop.read_popcenters(real_data / "popcenters_tract_2020.csv.gz")
    table = changes[2008].access(tracts, by="state", standard="3 mi", state=["FL", "GA", "NY"])
    assert table.index.tolist() == ["FL", "GA", "NY"]
    parts = table["by_sites"] + table["by_listing"]
    assert table["change"].tolist() == pytest.approx(parts.tolist(), abs=1e-12)
    assert table["share_before"].between(0.1, 0.6).all()
    assert (table["by_listing"].abs() < 0.003).all(), "sites alone explain nearly all of it"
    assert table["by_sites"].gt(0).tolist() == [True, True, False], "New York lost 24 programs and won 8"
    assert not table["survey_changed"].any()


def test_at_risk_and_closed_are_the_totals_of_the_editions(editions, changes, lasting):
    assert lasting.index.tolist() == list(YEARS[1:])
    assert lasting["years"].tolist() == [2, 3, 2, 1, 1, 1]
    assert lasting["at_risk"].tolist() == [len(editions[year]) for year in YEARS[:-1]]
    assert lasting["closed"].tolist() == [changes[year].counts()["closed"] for year in YEARS[1:]]
    doubted = [changes[year].sites.query("kind == 'closed'")["review"].sum() for year in YEARS[1:]]
    assert lasting["doubtful"].tolist() == doubted
    product = (1 - lasting["closed"] / lasting["at_risk"]).cumprod()
    assert np.allclose(lasting["survival"], product)
    assert (lasting["survival_low"] < product).all()
    assert (product < lasting["survival_high"]).all()


def test_states_account_for_every_closure(editions, lasting):
    by_state = survival({year: editions[year] for year in (2006, 2007, 2008)}, by="state")
    summed = by_state.groupby("year")[["at_risk", "closed", "doubtful"]].sum()
    assert summed.equals(lasting.loc[[2007, 2008], ["at_risk", "closed", "doubtful"]])


def test_the_range_offered_for_listings_is_the_one_measured(lasting):
    measured = lasting["closing"].agg(["min", "max"]).tolist()
    assert measured == pytest.approx(list(METHADONE_CLOSING), abs=1e-3)
    last = lasting.iloc[-1]
    shown = last[["closing_to_date", "closing_low", "closing_high"]].tolist()
    assert shown == pytest.approx([0.085, 0.080, 0.091], abs=1e-3)
    low, high = still_listed(10)
    assert low < last["survival"] < high


def test_hiding_phones_adds_closures_and_no_more_than_a_tenth(editions, lasting):
    """Without phones a few are not found again: the rate leans on linking more than on chance."""
    hidden = {year: item.table.assign(phone="", intake_phone="") for year, item in editions.items()}
    blind = survival(hidden)
    assert (blind["closed"] >= lasting["closed"]).all()
    assert 1 < blind["closing_to_date"].iloc[-1] / lasting["closing_to_date"].iloc[-1] < 1.1
    assert pd.Series(blind["at_risk"]).equals(lasting["at_risk"])
