"""What names and streets are taken for."""

import pytest

from iopdir.linking.spelling import digits_of, first_domain, read_street, read_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Center for Behavioral Hlth Phoenix Inc", "CENTRE FOR BEHAV. HEALTH PHOENIX"),
        ("Saint Mary's Hospital", "St Marys Hosp"),
        ("Alcohol & Drug Treatment Program", "Alcohol and Drug Trt Prog"),
        ("The Clinic", "Clinic, LLC"),
    ],
    ids=range(4),
)
def test_names_that_are_spelled_two_ways(one, other):
    assert read_words(one) == read_words(other)


def test_a_name_of_filler_alone_is_not_blank():
    assert read_words("The Inc") == ("inc", "the")
    assert read_words("") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("3423-A Melrose Road",), ("3423 Melrose Rd", "Suite A")),
        (("12-14 Weston Street",), ("12 Weston St.",)),
        (("2175-7 North University Drive",), ("2175 N. University Dr",)),
        (("37-18 34th Street",), ("3718 34th Street",)),
        (("I 050 North Garey Avenue",), ("1050 N Garey Ave",)),
        (("100 First Street #4",), ("100 1st St", "Suite 4")),
        (("5 Main Street, 2nd Floor",), ("5 MAIN ST", "2nd floor")),
        (("", "9 Oak Avenue"), ("9 Oak Ave",)),
        (("", "", "", "9 Oak Avenue"), ("9 Oak Ave",)),
    ],
    ids=range(9),
)
def test_streets_that_are_written_two_ways(one, other):
    assert read_street(*one) == read_street(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("12 Weston Street",), ("14 Weston Street",)),
        (("5 North Street",), ("5 South Street",)),
        (("201 First Street",), ("201 Second Street",)),
        (("5 Main St", "Suite 1"), ("5 Main St", "Suite 2")),
        (("100 I Street NW",), ("1001 Street NW Road",)),
    ],
    ids=range(5),
)
def test_streets_that_differ(one, other):
    assert read_street(*one) != read_street(*other)


def test_a_street_of_numbers_only_keeps_its_name():
    street = read_street("1st Street")
    assert (street.number, street.name, street.line) == ("", "1st", "1st st")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("(205)941-1799", "2059411799"),
        ("205-941-1799 x12", "2059411799"),
        ("1 205 941 1799", "2059411799"),
        ("941-1799", ""),
    ],
    ids=range(4),
)  # fmt: skip
def test_phones(text, digits):
    assert digits_of(text) == digits


def test_domains():
    assert first_domain("HTTP://www.Clinic.example.com:80/x") == "example.com"
    assert first_domain("") == first_domain("http://localhost") == ""
