import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopdir.intake.pipeline import Reason
from iopdir.report.words import REASONS, miles_text, people_text, share_text
from iopdir.vocabulary.taxonomy import (
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
)
from iopdir.vocabulary.words import AGE_GROUPS, LEVELS, MEDICATIONS, PAYMENTS, POPULATIONS, SERVICES, SETTINGS


def test_every_value_of_the_taxonomy_has_a_word():
    assert set(LEVELS) == set(LevelOfCare)
    assert set(PAYMENTS) == set(Payment)
    assert set(AGE_GROUPS) == set(AgeGroup)
    assert set(SERVICES) == set(Service)
    assert set(MEDICATIONS) == set(Medication)
    assert set(POPULATIONS) == set(SpecialPopulation)
    assert set(SETTINGS) == set(Setting)
    assert set(REASONS) == set(Reason)


@given(st.floats(0, 1))
def test_a_share_reads_as_all_or_none_only_when_it_is(share):
    assert (share_text(share) == "100%") == (share == 1)
    assert (share_text(share) == "0%") == (share == 0)


@given(st.floats(0, 1))
def test_a_share_is_read_to_a_tenth_of_a_percent(share):
    text = share_text(share)
    if text.startswith(("over", "under")):
        assert min(share, 1 - share) < 0.0005
    else:
        assert float(text.rstrip("%")) == pytest.approx(100 * share, abs=0.0501)


@pytest.mark.parametrize(("people", "text"), [
    (0, "0"), (0.3, "fewer than 1"), (0.5, "0"), (999, "999"), (12_345.6, "12,346"), (999_949, "999,949"),
    (999_950, "1.0 million"), (331_093_495, "331.1 million"), (math.nan, "not known"),
])  # fmt: skip
def test_people_read_as_a_sentence_wants_them(people, text):
    assert people_text(people) == text


@pytest.mark.parametrize(("metres", "text"), [
    (0, "under 0.1 miles"), (81, "0.1 miles"), (1609.344, "1.0 miles"), (16_000, "9.9 miles"), (16_093.44, "10 miles"),
    (3_000_000, "1,864 miles"), (math.inf, "none"), (math.nan, "none"),
])  # fmt: skip
def test_metres_read_as_miles(metres, text):
    assert miles_text(metres) == text
