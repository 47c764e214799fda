"""Single values are brought to one form, or flagged."""

import pytest
from intake_rows import CHICAGO, one

from iopdir.intake.quality import Reason


@pytest.mark.parametrize(
    ("given_zip", "read", "issues"),
    [
        ("1201", "01201", [Reason.ZIP_LOST_ZEROS]),
        ("601", "00601", [Reason.ZIP_LOST_ZEROS]),
        ("60614-1234", "60614", []),
        ("606141234", "60614", []),
        ("60614.0", "60614", []),
        ("6061x", "", [Reason.ZIP_MALFORMED]),
    ],
)
def test_zips_are_read_as_text(given_zip, read, issues):
    state = {"01201": "MA", "00601": "PR"}.get(read, "IL")
    point = {} if state != "IL" else CHICAGO
    facility, found = one(zip=given_zip, state=state, **point)
    assert facility["zip"] == read
    assert found == issues


@pytest.mark.parametrize(("state", "read"), [("illinois", "IL"), ("il", "IL"), (" Ill ", "IL"), ("", "IL")])
def test_states_are_read_or_taken_from_the_point(state, read):
    facility, _ = one(state=state, **CHICAGO)
    assert facility["state"] == read


@pytest.mark.parametrize(
    ("phone", "read"),
    [
        ("312-555-0123 x107", "312-555-0123 x107"),
        ("1 (312) 555.0123", "312-555-0123"),
        ("888-PARNEXT", "888-727-6398"),
        ("call us", ""),
        ("+44 20 7946 0958", ""),
    ],
)
def test_phones_are_us_numbers_or_flagged(phone, read):
    facility, issues = one(phone=phone)
    assert facility["phone"] == read
    assert issues == ([] if read else [Reason.PHONE_MALFORMED])


@pytest.mark.parametrize(
    ("website", "read"),
    [
        ("HTTPS://Example.ORG/Path", "https://example.org/Path"),
        ("www.example.org", "http://www.example.org"),
        ("javascript:alert(1)", ""),
        ("javascript://example.org/%0aalert(1)", ""),
        ("data:text/html,x", ""),
        ("not a site", ""),
        ("http://[", ""),
    ],
)
def test_websites_are_http_or_flagged(website, read):
    facility, issues = one(website=website)
    assert facility["website"] == read
    assert issues == ([] if read else [Reason.WEBSITE_MALFORMED])


@pytest.mark.parametrize("state", ["Washington DC", "D.C.", "washington, d.c.", "District of Columbia", "DC"])
def test_the_capital_goes_by_many_names(state):
    facility, issues = one(state=state, city="Washington", zip="20001")
    assert (facility["state"], issues) == ("DC", [])


@pytest.mark.parametrize("phone", ["3125550100.0", "３１２-５５５-０１００", "3125550100"])
def test_phones_survive_spreadsheets_and_full_width_digits(phone):
    facility, issues = one(phone=phone)
    assert (facility["phone"], issues) == ("312-555-0100", [])


def test_full_width_digits_are_digits_in_zips_and_points():
    facility, issues = one(zip="６０６１４", lat="４１.９２", lon="-８７.６５")
    assert (facility["zip"], facility["lat"], issues) == ("60614", 41.92, [])
