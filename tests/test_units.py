import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopdir.errors import UnitError
from iopdir.units import METRES_PER_MILE, format_distance, parse_distance, parse_duration


@given(st.integers(0, 10**6))
def test_miles_kilometres_and_metres_agree(miles):
    assert parse_distance(f"{miles} mi") == miles * METRES_PER_MILE
    assert parse_distance(f" {miles}km ") == miles * 1000
    assert parse_distance(f"{miles} M") == miles


@given(st.integers(0, 10**4))
def test_hours_are_sixty_minutes(hours):
    assert parse_duration(f"{hours} h") == parse_duration(f"{hours * 60} min") == parse_duration(hours * 60)


@pytest.mark.parametrize(
    ("words", "metres"),
    [
        ("m metre metres meter meters", 250.0),
        ("km kilometre kilometres kilometer kilometers", 250_000.0),
        ("mi mile miles", 402_336.0),
    ],
)
def test_every_word_for_a_unit_of_length_is_read(words, metres):
    for word in words.split():
        for text in (word, word.upper()):
            assert parse_distance(f"250 {text}") == metres


@pytest.mark.parametrize(
    ("words", "minutes"), [("s sec", 1.5), ("min mins minute minutes", 90.0), ("h hr hour hours", 5400.0)]
)
def test_every_word_for_a_unit_of_time_is_read(words, minutes):
    for word in words.split():
        for text in (word, word.upper()):
            assert parse_duration(f"90 {text}") == minutes


@pytest.mark.parametrize(("metres", "text"), [
    (0, "0 mi"), (99.5 * 1609.344, "99.5 mi"), (99.99 * 1609.344, "99.99 mi"), (100.25 * 1609.344, "100 mi"),
    (1_000_000, "621 mi"), (2_000_000, "1,243 mi"),
])  # fmt: skip
def test_distances_are_written_with_decimals_below_a_hundred_miles_only(metres, text):
    assert format_distance(metres) == text


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
