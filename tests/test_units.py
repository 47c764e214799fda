import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopdir.errors import UnitError
from iopdir.units import METRES_PER_MILE, format_distance, parse_distance, parse_duration


@given(st.floats(0, 1e7))
def test_a_number_of_metres_is_itself(metres):
    assert parse_distance(metres) == metres


@given(st.integers(0, 10**6))
def test_miles_kilometres_and_metres_agree(miles):
    assert parse_distance(f"{miles} mi") == miles * METRES_PER_MILE
    assert parse_distance(f" {miles}km ") == miles * 1000
    assert parse_distance(f"{miles} M") == miles


@given(st.integers(0, 10**4))
def test_hours_are_sixty_minutes(hours):
    assert parse_duration(f"{hours} h") == parse_duration(f"{hours * 60} min") == parse_duration(hours * 60)


@pytest.mark.parametrize("text", ["", "30", "mi", "-3 mi", "30 parsecs", "1e3 m", "3 mi 2", "30 min"])
def test_a_distance_without_a_known_unit_is_refused(text):
    with pytest.raises(UnitError, match="write a number and a unit"):
        parse_distance(text)


@pytest.mark.parametrize("number", [-1.0, math.nan, math.inf])
def test_an_impossible_amount_is_refused(number):
    with pytest.raises(UnitError, match="finite amount"):
        parse_distance(number)


@given(st.integers(0, 99))
def test_whole_miles_are_written_without_decimals(miles):
    assert format_distance(miles * METRES_PER_MILE) == f"{miles} mi"
