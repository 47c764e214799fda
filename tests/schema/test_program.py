import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import iopdir as iop
from iopdir.errors import UnknownNameError
from iopdir.schema.program import BOUNDS, Intensity, Program

ORDER = [Intensity.REGULAR_OUTPATIENT, Intensity.INTENSIVE_OUTPATIENT, Intensity.DAY_TREATMENT]
sessions = st.integers(1, 14).map(float)
hours = st.floats(0.25, 12)


@pytest.mark.parametrize(
    ("per_week", "per_session", "age_group", "called"),
    [
        (3, 3, "adults", "intensive outpatient"),
        (3, 2, "adults", "regular outpatient"),
        (3, 2, "adolescents", "intensive outpatient"),
        (2, 2.9, "adolescents", "regular outpatient"),
        (5, 4, "adults", "day treatment or partial hospitalization"),
        (5, 3.99, "adults", "intensive outpatient"),
        (3, (3, 5), "adults", "intensive outpatient"),
        (3, (2, 3), "adults", "regular outpatient to intensive outpatient"),
        (5, (3, 5), "adults", "intensive outpatient to day treatment or partial hospitalization"),
    ],
)
def test_hours_a_week_decide_and_bounds_are_inclusive(per_week, per_session, age_group, called):
    program = Program(sessions_per_week=per_week, hours_per_session=per_session)
    result = program.classify(age_group=age_group)
    assert str(result) == called
    assert result.bounds == BOUNDS[age_group]


@given(sessions, hours, sessions, hours)
def test_more_hours_never_make_a_program_less_intensive(n1, h1, n2, h2):
    first, second = (Program(sessions_per_week=n, hours_per_session=h) for n, h in ((n1, h1), (n2, h2)))
    if first.hours_per_week <= second.hours_per_week:
        assert ORDER.index(first.classify().intensity) <= ORDER.index(second.classify().intensity)


@given(sessions, hours)
def test_adolescents_need_no_more_hours_than_adults(n, h):
    program = Program(sessions_per_week=n, hours_per_session=h)
    young, grown = program.classify(age_group="adolescents"), program.classify(age_group="adults")
    assert ORDER.index(young.intensity) >= ORDER.index(grown.intensity)


@given(sessions, hours, st.floats(0, 5), st.floats(1, 52))
def test_a_range_holds_every_program_within_it(n, least, extra, weeks):
    most = min(least + extra, 24.0)
    span = Program(sessions_per_week=n, hours_per_session=(least, most), weeks=weeks)
    low, high = (Program(sessions_per_week=n, hours_per_session=h, weeks=weeks) for h in (least, most))
    assert span.hours_per_week == (low.hours_per_week, high.hours_per_week)
    assert span.total_hours == pytest.approx((low.total_hours, high.total_hours))
    result = span.classify()
    assert (result.lowest, result.highest) == (low.classify().intensity, high.classify().intensity)
    assert (result.intensity is Intensity.UNKNOWN) == (result.lowest is not result.highest)


def test_long_sessions_are_said_to_overlap_day_treatment():
    long, short = (Program(sessions_per_week=3, hours_per_session=h).classify().notes for h in (3, 2.9))
    assert any("day treatment" in note for note in long)
    assert not any("day treatment" in note for note in short)


@pytest.mark.parametrize(
    ("per_week", "per_session", "meets", "said"),
    [
        (3, 2, True, True), (3, (2, 3), True, True), (3, 3, True, False), (3, 1.9, False, False),
        (2, 4, False, False), (4, (1, 3), False, False), (None, 3, None, False),
    ],
)  # fmt: skip
def test_two_hours_on_three_days_meet_the_definition_of_teds_beside_the_bound(
    per_week, per_session, meets, said
):
    program = Program(sessions_per_week=per_week, hours_per_session=per_session)
    assert program.meets_teds is meets
    assert any("2°" in note for note in program.classify().notes) == said


@given(st.lists(sessions, min_size=1, max_size=30), hours)
def test_a_schedule_has_the_hours_of_its_weeks(schedule, h):
    program = Program(schedule=schedule, hours_per_session=h)
    weeks = [Program(sessions_per_week=n, hours_per_session=h, weeks=1) for n in schedule]
    assert program.total_hours == pytest.approx(sum(week.total_hours for week in weeks))
    steepest = Program(sessions_per_week=schedule[0], hours_per_session=h, weeks=len(schedule))
    if max(schedule) == schedule[0]:
        assert program.total_hours <= steepest.total_hours * (1 + 1e-12)
    result = program.classify()
    called = {ORDER.index(week.classify().intensity) for week in weeks}
    assert (ORDER.index(result.lowest), ORDER.index(result.highest)) == (min(called), max(called))
    assert any("week to week" in note for note in result.notes) == (len(set(schedule)) > 1)


def test_a_level_schedule_is_the_same_program():
    level = Program(schedule=(3,) * 12, hours_per_session=(2, 3))
    plain = Program(sessions_per_week=3, weeks=12, hours_per_session=(2, 3))
    assert level.total_hours == plain.total_hours == (72, 108)
    assert level.classify() == plain.classify()


def test_what_is_not_known_stays_unknown():
    assert Program(schedule=(3, 2)).total_hours is None
    assert Program().hours_per_week is None
    assert Program(sessions_per_week=3).total_hours is None
    result = Program(hours_per_session=3).classify()
    assert result.intensity is Intensity.UNKNOWN
    assert result.notes


@pytest.mark.parametrize(
    "bad",
    [
        {"sessions_per_week": 0}, {"sessions_per_week": -1}, {"sessions_per_week": float("nan")},
        {"hours_per_session": 25}, {"hours_per_session": (5, 3)}, {"weeks": 0}, {"minutes": 3},
        {"schedule": (3, 0)}, {"schedule": (3, 2), "weeks": 2}, {"schedule": (3, 2), "sessions_per_week": 3},
    ],
)  # fmt: skip
def test_impossible_programs_are_refused(bad):
    with pytest.raises(ValidationError):
        Program(**bad)


def test_an_age_group_without_bounds_is_refused():
    with pytest.raises(
        UnknownNameError, match="no age group with bounds 'teens'; known: adolescents, adults"
    ):
        Program(sessions_per_week=3, hours_per_session=3).classify(age_group="teens")


def test_every_bound_has_a_source_and_a_flag():
    for bounds in BOUNDS.values():
        assert [bound.hours_per_week for bound in bounds] == sorted(bound.hours_per_week for bound in bounds)
        assert all(bound.source and bound.confidence in {"S", "2°", "M"} for bound in bounds)


def test_a_listing_tells_services_and_never_hours():
    directory = iop.demo_directory()
    facility = next(iter(directory.select(level_of_care="iop", services="aftercare", state="VT")))
    program = Program.from_facility(facility)
    assert program is not None
    assert program.services == frozenset(facility.services)
    assert program.hours_per_week is None
    other = next(f for f in directory.select(state="VT") if "iop" not in f.levels_of_care)
    assert Program.from_facility(other) is None
