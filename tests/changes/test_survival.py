"""The share that closes: against the formula written out. Every facility here is SYNTHETIC."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from listings import IDS, VERMONT

import iopdir as iop
from iopdir.errors import UnknownNameError

survival, still_listed = iop.changes.survival, iop.changes.still_listed


def test_kaplan_meier_and_greenwood_by_hand():
    steps = {2010: VERMONT, 2012: VERMONT.remove(IDS[:8]), 2013: VERMONT.remove(IDS[:12])}
    table = survival(steps)
    lost = table["closed"].tolist()
    n1, n2 = len(IDS), len(IDS) - 8
    assert table["at_risk"].tolist() == [n1, n2]
    assert table["years"].tolist() == [2, 1]
    assert table.index.tolist() == [2012, 2013]
    s = (1 - lost[0] / n1) * (1 - lost[1] / n2)
    assert table["survival"].iloc[-1] == pytest.approx(s)
    variance = sum(d / (n * (n - d)) for d, n in zip(lost, (n1, n2), strict=True))
    width = 1.959964 * math.sqrt(variance) / -math.log(s)
    assert table["survival_low"].iloc[-1] == pytest.approx(s ** math.exp(width))
    assert table["survival_high"].iloc[-1] == pytest.approx(s ** math.exp(-width))
    assert table["closing_to_date"].iloc[-1] == pytest.approx(1 - s ** (1 / 3))
    last = table.iloc[-1]
    assert last["closing_low"] < last["closing_to_date"] < last["closing_high"]
    assert table["closing"].iloc[0] == pytest.approx(1 - (1 - lost[0] / n1) ** 0.5)


def test_by_state_and_by_level():
    later = VERMONT.remove(IDS[:9])
    by_state = survival({2018: VERMONT, 2019: later}, by="state")
    whole = survival({2018: VERMONT, 2019: later})
    assert by_state.loc[("VT", 2019), "survival"] == whole["survival"].iloc[0]
    levels = survival({2018: VERMONT, 2019: later}, by="levels_of_care")
    assert levels.loc[("iop", 2019), "at_risk"] == len(VERMONT.select(level_of_care="iop"))
    assert levels.index.names == ["levels_of_care", "year"]


def test_where_nothing_or_all_closed_there_is_no_interval():
    table = survival({2018: VERMONT, 2019: VERMONT, 2020: VERMONT.remove(IDS)})
    assert table["survival"].tolist() == [1, 0]
    assert np.isnan(table[["closing_low", "closing_high", "survival_low"]].to_numpy()).all()
    assert table["closing"].tolist() == [0, 1]


def test_order_of_the_editions_does_not_matter():
    editions = {2019: VERMONT.remove(IDS[:5]), 2018: VERMONT}
    assert survival(editions)["closed"].sum() > 0
    assert survival(editions).attrs["provenance"]["parameters"]["years"] == [2018, 2019]


def test_bad_requests():
    with pytest.raises(ValueError, match="two editions"):
        survival({2018: VERMONT})
    with pytest.raises(UnknownNameError, match="county"):
        survival({2018: VERMONT, 2019: VERMONT}, by="county")


@given(st.floats(0, 20), st.floats(0, 20), st.floats(0, 1), st.floats(0, 1))
def test_older_listings_are_less_sure(age, more, one, other):
    closing = (min(one, other), max(one, other))
    young, old = still_listed(age, closing), still_listed(age + more, closing)
    for low, high in (young, old):
        assert 0 <= low <= high <= 1
    assert old[0] <= young[0] + 1e-12
    assert old[1] <= young[1] + 1e-12


@pytest.mark.parametrize(
    ("age", "closing"), [(-1, (0, 0.1)), (1, (0.2, 0.1)), (1, (0, 1.1)), (float("nan"), (0, 1))], ids=str
)
def test_impossible_ages_and_shares(age, closing):
    with pytest.raises(ValueError, match="rising pair"):
        still_listed(age, closing)


def test_it_fits_where_listing_active_is_asked_for():
    people = iop.demand_points("zcta", state="VT")
    active = still_listed(3)
    gaps = iop.coverage_gaps(people, VERMONT, by="state", listing_active=active)
    assert gaps["listing_low"].iloc[0] <= gaps["listing_high"].iloc[0] <= gaps["share"].iloc[0]
