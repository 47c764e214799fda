"""Single values are brought to one form, or flagged."""

import pytest
from intake_rows import CHICAGO, SOURCE, one, raw

from iopdir.intake.pipeline import intake
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


@pytest.mark.parametrize(
    ("phone", "spare", "read"),
    [
        ("312-555-0100 Intake: 312-555-0101", "", ("312-555-0100", "312-555-0101")),
        ("312-555-0100 Intakes: 312-555-0101", "312-555-0102", ("312-555-0100", "312-555-0102")),
        ("312-555-0100", "312-555-0102", ("312-555-0100", "312-555-0102")),
        ("Intake: 312-555-0101", "", ("", "312-555-0101")),
    ],
)
def test_a_field_with_two_numbers_is_taken_apart(phone, spare, read):
    rows = raw({"phone": phone, "intake_phone": spare}, {"name": "SYNTHETIC B", "phone": ""})
    clean, quality = intake(rows, source=SOURCE)
    facility = clean[clean["name"] == "SYNTHETIC Clinic"].iloc[0]
    assert (facility["phone"], facility["intake_phone"]) == read
    assert quality.issues.empty


@pytest.mark.parametrize(
    ("phone", "read"),
    [
        ("3125550123 ext. 7", "312-555-0123 x7"),
        ("+1 (312) 555-0123 extension 44", "312-555-0123 x44"),
        ("1-800-FLOWERS", "800-356-9377"),
        ("555-0123", ""),
        ("312-555-01234567", ""),
        ("+52 55 5555 0123", ""),
    ],
)
def test_extensions_are_kept_and_numbers_of_another_length_or_country_are_flagged(phone, read):
    facility, issues = one(phone=phone)
    assert (facility["phone"], issues) == (read, [] if read else [Reason.PHONE_MALFORMED])


@pytest.mark.parametrize(
    ("website", "read"),
    [
        ("example.org:8080/x", "http://example.org:8080/x"),
        ("example.org/?u=http://other.org", "http://example.org/?u=http://other.org"),
        ("ftp://example.org", ""),
        ("mailto:a@example.org", ""),
        ("http://example", ""),
        ("http://example.org/two words", ""),
        ("https://-example.org", ""),
    ],
)
def test_a_website_is_a_host_with_a_name(website, read):
    facility, issues = one(website=website)
    assert (facility["website"], issues) == (read, [] if read else [Reason.WEBSITE_MALFORMED])


@pytest.mark.parametrize(
    ("given_zip", "read", "issues"),
    [
        ("01201", "01201", []), ("01201-0000", "01201", []), ("012010000", "01201", []), ("1201.00", "01201", ["lost"]),
        ("12", "", ["bad"]), ("123456", "", ["bad"]), ("1201-12", "", ["bad"]), ("", "", []),
    ],
)  # fmt: skip
def test_a_zip_has_five_digits_or_lost_its_zeros(given_zip, read, issues):
    facility, found = one(zip=given_zip, state="MA", lat="42.45", lon="-73.25", city="Pittsfield")
    assert facility["zip"] == read
    assert found == [{"lost": Reason.ZIP_LOST_ZEROS, "bad": Reason.ZIP_MALFORMED}[issue] for issue in issues]


def test_a_state_is_known_by_its_code_or_its_name_or_it_is_flagged():
    for state, code in (("Puerto Rico", "PR"), ("FM", "FM"), ("N.Y.", "NY"), ("new   york", "NY")):
        facility, issues = one(state=state, zip="", city="", street1="1 Example St")
        assert facility["state"] == code
        assert Reason.STATE_UNKNOWN not in issues
    facility, issues = one(state="Ontario", **CHICAGO)
    assert (facility["state"], issues) == ("IL", [Reason.STATE_UNKNOWN])


def test_space_does_not_count_and_other_text_stays_as_it_is():
    facility, issues = one(
        name="  SYNTHETIC \t Ｃｌｉｎｉｃ ", street2="Ste\u00a05", city=" Chicago", beds=" 7 "
    )
    assert facility[["name", "street2", "city"]].tolist() == ["SYNTHETIC Ｃｌｉｎｉｃ", "Ste 5", "Chicago"]
    assert (facility["beds"], issues) == (" 7 ", [])
