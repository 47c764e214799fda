"""What names and streets are taken for."""

import pytest

from iopdir.linking.spelling import digits_of, first_domain, is_address, read_street, read_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Center for Behavioral Hlth Phoenix Inc", "CENTRE FOR BEHAV. HEALTH PHOENIX"),
        ("Saint Mary's Hospital", "St Marys Hosp"),
        ("Alcohol & Drug Treatment Program", "Alcohol and Drug Trt Prog"),
        ("The Clinic", "Clinic, LLC"),
        ("Unit III", "Unit 3"),
    ],
    ids=range(5),
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
        (("37-18 34th Street",), ("3718 34th Street",)),
        (("I 050 North Garey Avenue",), ("1050 N Garey Ave",)),
        (("100 First Street #4",), ("100 1st St", "Suite 4")),
        (("5 Main Street, 2nd Floor",), ("5 MAIN ST", "2nd floor")),
        (("", "9 Oak Avenue"), ("9 Oak Ave",)),
        (("", "", "", "9 Oak Avenue"), ("9 Oak Ave",)),
        (("2274", "", "3180 Center Street NE", "Health Department"), ("3180 Center Street NE", "2274")),
        (("Room 241", "1101 West College Avenue"), ("1101 West College Avenue", "Room 241")),
        (("Geary Street Unit", "1040 Geary Street"), ("1040 Geary St", "Geary Street Unit")),
        (("307 Rear Laird Street",), ("307 Laird Street", "Rear")),
        (("5 Main Street", "9 Oak Avenue"), ("5 MAIN STREET", "9 OAK AVENUE")),
        (("260 East 16 I st Street",), ("260 E 161st St",)),
        (("40 I East l 25th Street",), ("401 East 125th Street",)),
    ],
    ids=range(14),
)
def test_streets_that_are_written_two_ways(one, other):
    assert read_street(*one) == read_street(*other)


@pytest.mark.parametrize(
    ("street", "numbers"),
    [
        ("12-14 Weston Street", (12, 14)), ("2175-7 North University Drive", (2175, 2177)),
        ("588 AND 590 Elm", (588, 590)),
        ("37-18 34th Street", (3718, 3718)), ("9 Oak Avenue", (9, 9)), ("12-500 Oak Avenue", (12500, 12500)),
        ("462 1st Avenue and 27th Street", (462, 462)), ("Oak Avenue", (-1, -1)), ("", (-1, -1)),
    ],
    ids=range(9),
)  # fmt: skip
def test_a_range_of_house_numbers(street, numbers):
    read = read_street(street)
    assert (read.number, read.last) == numbers
    assert (read.line, read.suite) == (read_street(street.replace("-14", "").replace("-7", "")).line, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("50-B Cooper Square", True), ("9 Oak Ave Suite 4", True), ("1 Elm Street NE", True), ("12 Step Clinic", False),
     ("Elm Street", False), ("9 West", False), ("", False)],
    ids=range(7),
)  # fmt: skip
def test_what_is_an_address_and_nothing_else(text, expected):
    assert is_address(text) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("12 Weston Street",), ("14 Weston Street",)),
        (("5 North Street",), ("5 South Street",)),
        (("201 First Street",), ("201 Second Street",)),
        (("5 Main St", "Suite 1"), ("5 Main St", "Suite 2")),
        (("100 I Street NW",), ("1001 Street NW Road",)),
        (("100 West I Street",), ("100 West 1st Street",)),
    ],
    ids=range(6),
)
def test_streets_that_differ(one, other):
    assert read_street(*one) != read_street(*other)


def test_a_street_of_numbers_only_keeps_its_name():
    street = read_street("1st Street")
    assert (street.number, street.name, street.line) == (-1, "1st", "1st st")


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
