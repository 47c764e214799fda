import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import integrate

import iopdir as iop
from iopdir.evidence.retention import NINETY_DAYS, WEEKS_PER_MONTH

shares = st.floats(0.05, 0.6)
points = st.tuples(st.floats(0.5, 2), shares, st.floats(1.2, 4), st.floats(0.05, 0.35)).map(
    lambda p: ((p[0], p[1]), (p[0] * p[2], p[1] + p[3]))
)


@given(points)
def test_curves_pass_through_their_points_and_never_rise(given_points):
    times = [time for time, _ in given_points]
    for model in (iop.evidence.weibull_hazard(given_points), iop.evidence.piecewise_hazard(given_points)):
        assert model.attending(times) == pytest.approx([1 - lost for _, lost in given_points])
        curve = model.attending(np.linspace(0, 12, 500))
        assert curve[0] == 1
        assert (np.diff(curve) <= 1e-12).all()
        assert (curve >= 0).all()


@given(shares, st.floats(0.5, 6))
def test_a_constant_hazard_is_a_weibull_of_shape_one(dropout, months):
    flat = iop.evidence.constant_hazard(dropout=dropout, months=months)
    twice = 1 - (1 - dropout) ** 2
    curve = iop.evidence.weibull_hazard(((months, dropout), (2 * months, twice)))
    assert curve.parameters["shape"] == pytest.approx(1)
    assert curve.attending([0.1, 1.0, 5.0]) == pytest.approx(flat.attending([0.1, 1.0, 5.0]))


@given(points, st.floats(1, 12))
@example(((0.5, 0.5), (0.609375, 0.84375)), 1.203125)
def test_expected_weeks_are_the_area_under_the_curve(given_points, months):
    for model in (
        iop.evidence.constant_hazard(),
        iop.evidence.weibull_hazard(given_points),
        iop.evidence.piecewise_hazard(given_points),
    ):
        edges = [time for time, _ in given_points if time < months]
        area, _ = integrate.quad(
            lambda t, m=model: float(m.attending(t)), 0, months, points=edges or None, limit=200
        )
        assert model.expected_weeks(months) == pytest.approx(area * WEEKS_PER_MONTH, rel=1e-7)


def test_the_quoted_figures_need_a_falling_hazard_or_the_words_or_more():
    assert 1 - float(iop.evidence.constant_hazard().attending(3.0)) == pytest.approx(1 - 0.7**3)
    weibull = iop.evidence.weibull_hazard()
    assert weibull.parameters["shape"] == pytest.approx(math.log(math.log(0.5) / math.log(0.7)) / math.log(3))
    first, second = iop.evidence.piecewise_hazard().parameters.values()
    assert second < first / 2


def test_the_table_shows_what_or_more_is_worth():
    fewer = iop.evidence.retention_models(by_three_months=0.65)
    usual = iop.evidence.retention_models()
    assert usual.loc["constant hazard"].equals(fewer.loc["constant hazard"])
    for model in ("Weibull", "piecewise hazard"):
        assert fewer.loc[model, "at_3_months"] == pytest.approx(0.35)
        assert fewer.loc[model, "expected_weeks"] < usual.loc[model, "expected_weeks"]
    assert abs(NINETY_DAYS - 2.957) < 0.001
    assert (usual["at_90_days"] >= usual["at_3_months"]).all()


def test_a_simulated_cohort_follows_its_model_and_its_seed():
    model = iop.evidence.weibull_hazard()
    weeks = iop.evidence.simulate_cohort(model, people=200_000, seed=7)
    assert weeks.equals(iop.evidence.simulate_cohort(model, people=200_000, seed=7))
    assert not weeks.equals(iop.evidence.simulate_cohort(model, people=200_000, seed=8))
    assert weeks.mean() == pytest.approx(model.expected_weeks(3.0), rel=0.01)
    for month in (0.5, 1.0, 2.0):
        assert (weeks > month * WEEKS_PER_MONTH).mean() == pytest.approx(
            float(model.attending(month)), abs=0.005
        )
    assert weeks.max() == pytest.approx(3 * WEEKS_PER_MONTH)


@pytest.mark.parametrize(
    "bad", [((1, 0.5), (3, 0.3)), ((3, 0.3), (1, 0.5)), ((1, 0.3), (3, 1.0)), ((0, 0.3), (3, 0.5))]
)
def test_points_that_do_not_grow_are_refused(bad):
    with pytest.raises(ValueError, match="months and shares must grow"):
        iop.evidence.weibull_hazard(bad)
    with pytest.raises(ValueError, match="months and shares must grow"):
        iop.evidence.piecewise_hazard(bad)


def test_impossible_requests_are_refused():
    with pytest.raises(ValueError, match="give two points"):
        iop.evidence.weibull_hazard(((1, 0.3),))
    with pytest.raises(ValueError, match="0 or more"):
        iop.evidence.weibull_hazard().attending([-1.0])
    with pytest.raises(ValueError, match="0 or more"):
        iop.evidence.weibull_hazard().attending([math.nan])
    with pytest.raises(ValueError, match="at least one person"):
        iop.evidence.simulate_cohort(iop.evidence.constant_hazard(), people=0, seed=1)


def test_a_schedule_is_received_week_by_week():
    curve = iop.evidence.weibull_hazard()
    level = iop.Program(schedule=(3,) * 12, hours_per_session=3)
    plain = iop.Program(sessions_per_week=3, hours_per_session=3, weeks=12)
    assert curve.expected_hours(level) == pytest.approx(curve.expected_hours(plain))
    assert curve.expected_hours(plain) == pytest.approx(9 * curve.expected_weeks(12 / WEEKS_PER_MONTH))
    falling, rising = ((3,) * 6 + (1,) * 6, (1,) * 6 + (3,) * 6)
    early, late = (
        curve.expected_hours(iop.Program(schedule=schedule, hours_per_session=3))
        for schedule in (falling, rising)
    )
    assert early > late
    assert early + late == pytest.approx(12 * curve.expected_weeks(12 / WEEKS_PER_MONTH))


def test_stays_of_2004_are_those_of_the_published_tables():
    table = iop.evidence.teds_2004()
    assert table.loc["intensive_outpatient"].tolist() == [41, 50, 0.556]
    assert table.loc["regular_outpatient"].tolist() == [69, 104, 0.481]


def test_tables_say_what_they_were_made_from_and_a_cohort_that_it_is_made_up():
    about = iop.Provenance.from_dict(iop.evidence.retention_models(by_three_months=0.6).attrs["provenance"])
    assert about.parameters["by_three_months"] == 0.6
    assert about.sources
    cohort = iop.evidence.simulate_cohort(iop.evidence.constant_hazard(), people=3, seed=5)
    about = iop.Provenance.from_dict(cohort.attrs["provenance"])
    assert about.synthetic
    assert (about.parameters["model"], about.parameters["seed"]) == ("constant hazard", 5)
