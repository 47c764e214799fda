"""How much less a facility counts the farther it is: by hand, on both sides of every edge."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.datasets import open_pack
from iopdir.errors import UnitError
from iopdir.travel.by_road import _NEVER, _whole
from iopdir.travel.displacement import displacement_m
from iopdir.travel.off import Off

E = np.e


@pytest.mark.parametrize(
    ("decay", "costs", "weights"),
    [
        (iop.Decay.step(["10 min", "20 min"], [1, 0.5]), [0, 10, 10.1, 20, 20.1], [1, 1, 0.5, 0.5, 0]),
        (iop.Decay.gaussian("10 min"), [0, 10, 20, 1e9], [1, E**-0.5, E**-2, 0]),
        (iop.Decay.gaussian("10 min", limit="20 min"), [20, 20.1], [E**-2, 0]),
        (iop.Decay.exponential("10 min"), [0, 10, 30], [1, 1 / E, E**-3]),
        (iop.Decay.exponential("10 min", limit="0.5 h"), [30, 30.1], [E**-3, 0]),
        (iop.Decay.power("10 min"), [0, 10, 20, 40], [1, 1, 1 / 2, 1 / 4]),
        (
            iop.Decay.power("10 min", 3, least="20 min", limit="30 min"),
            [0, 20, 30, 31],
            [1 / 8, 1 / 8, 1 / 27, 0],
        ),
    ],
)
def test_weights_are_those_of_the_formula_and_limits_belong_to_them(decay, costs, weights):
    assert decay.weigh(costs) == pytest.approx(np.array(weights), abs=1e-12)
    assert decay.unit == "min"


def test_a_decay_is_cut_at_the_nearer_limit_and_keeps_its_weights():
    step = iop.Decay.step(["10 mi", "20 mi", "30 mi"], [1, 0.5, 0.2])
    for at, edges, weights in (
        ("25 mi", [10, 20, 25], (1, 0.5, 0.2)), ("20 mi", [10, 20], (1, 0.5)), ("5 mi", [5], (1,)),
        ("40 mi", [10, 20, 30], (1, 0.5, 0.2)),
    ):  # fmt: skip
        cut = step.within(at)
        assert cut.edges == tuple(edge * 1609.344 for edge in edges)
        assert (cut.weights, cut.limit) == (weights, cut.edges[-1])
    smooth = iop.Decay.gaussian("9 mi", limit="20 mi")
    assert smooth.within("30 mi") == smooth
    assert smooth.within("10 mi") == iop.Decay.gaussian("9 mi", limit="10 mi")
    with pytest.raises(UnitError, match="do not mix"):
        smooth.within("10 min")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: iop.Decay.step([], []), lambda: iop.Decay.step(["9 mi"], [1, 2]),
        lambda: iop.Decay.step(["9 mi", "9 mi"], [1, 1]), lambda: iop.Decay.step(["9 mi"], [-0.1]),
        lambda: iop.Decay.step(["9 mi"], [np.inf]), lambda: iop.Decay.gaussian("0 mi"),
        lambda: iop.Decay.exponential(0), lambda: iop.Decay.power("9 mi", 0), lambda: iop.Decay.power("9 mi", np.inf),
        lambda: iop.Decay.power("9 mi", least="0 mi"), lambda: iop.Decay.gaussian("9 mi", limit="9 min"),
    ],
)  # fmt: skip
def test_what_does_not_fall_is_refused(wrong):
    with pytest.raises(ValueError, match=r"weight|outward|positive|mix"):
        wrong()
    assert iop.Decay.step([1], [0]).weigh([0.5]).tolist() == [0]
    assert iop.Decay.power(0.5, 0.5).weigh([2]) == pytest.approx([0.5])


@given(st.floats(0, 1e6) | st.integers(0, 10**6).map(lambda tenths: tenths / 600))
def test_a_limit_in_tenths_of_a_second_holds_just_what_the_limit_in_minutes_holds(minutes):
    whole = _whole(minutes)
    assert whole / 600 <= minutes < (whole + 1) / 600


def test_no_limit_is_three_years():
    assert [_whole(limit) for limit in (np.inf, 1e7, 1e9 / 600, 0)] == [_NEVER] * 3 + [0]
    with pytest.raises(UnitError):
        _whole(-0.001)


def test_a_site_known_by_its_zip_is_within_one_and_a_half_radii_of_its_land():
    zips = ["60614", "00000", "60614"]
    places = pd.DataFrame({"zip": zips, "precision": ["zip_centroid", "zip_centroid", "address"]})
    land = open_pack("zcta").set_index("zcta").loc["60614", "land_area_m2"]
    off = displacement_m(places)
    assert np.pi * off[0] ** 2 == pytest.approx(2.25 * land)
    assert off[1:].tolist() == [15_500, 0]
    assert displacement_m(places[["zip"]]).tolist() == [0, 0, 0]


def test_who_is_off_the_roads_is_a_share_and_one_in_a_hundred_is_no_warning():
    people, walk = np.array([True] + [False] * 99), np.array([np.nan, *np.arange(99.0)])
    off = Off(people=people, sites=np.array([True, False]), walk_m=walk)
    assert off.about(np.ones(100)) == {
        "demand_points": 1, "people_share": 0.01, "facilities": 1, "facilities_share": 0.5, "walk_m_median": 49.0,
        "walk_m_longest": 98.0,
    }  # fmt: skip
    assert [words.split(" have")[0] for words in off.warnings(np.ones(100))] == ["50.0% of facilities"]
    assert len(off.warnings(np.r_[2.0, np.ones(99)])) == 2
    nobody = Off(people=np.array([True]), sites=np.zeros(0, dtype=bool), walk_m=np.array([np.nan]))
    assert nobody.about(np.zeros(1)) == {
        "demand_points": 1, "people_share": 0.0, "facilities": 0, "facilities_share": 0.0, "walk_m_median": None,
        "walk_m_longest": None,
    }  # fmt: skip
    assert nobody.warnings(np.zeros(1)) == []
