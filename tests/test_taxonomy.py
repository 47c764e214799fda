import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopdir.datasets import open_pack
from iopdir.errors import UnknownNameError
from iopdir.vocabulary import codes as listed
from iopdir.vocabulary.taxonomy import (
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
    deciding_codes,
    stated,
)

TABLE = open_pack("service_codes")
PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "listings.md"
KINDS = (LevelOfCare, Setting, Payment, AgeGroup, Service, Medication, SpecialPopulation)
MEANINGS = [meaning for kind in KINDS for meaning in kind]


@pytest.mark.parametrize(
    ("edition", "iop", "cash", "military"),
    [("2017", "OIT", "SF", "MI"), ("2022", "OIT", "SF", "MI"), ("2025", "iop", "cash", "tricare")],
)
def test_each_edition_has_its_own_code_for_one_meaning(edition, iop, cash, military):
    codes = [listed.canonical_code(code, edition=edition) for code in (iop, cash, military)]
    assert codes == ["OIT", "SF", "MI"]
    assert stated(LevelOfCare, codes) == (LevelOfCare.IOP,)
    assert stated(Payment, codes) == (Payment.CASH, Payment.MILITARY)


def test_mi_is_no_longer_military_insurance_in_2025():
    assert stated(Payment, ["MI"]) == (Payment.MILITARY,)
    code = listed.canonical_code("mi", edition="2025")
    assert code is not None
    assert stated(Payment, [code]) == ()


@pytest.mark.parametrize("code", ["OIT", "SF"])
def test_codes_replaced_in_2025_are_unknown_there(code):
    assert listed.canonical_code(code, edition="2025") is None


def test_an_unknown_edition_is_refused():
    with pytest.raises(UnknownNameError, match="no edition of the service codes '1999'"):
        listed.canonical_code("OIT", edition="1999")


def test_an_unknown_code_cannot_be_described():
    with pytest.raises(UnknownNameError, match="no service code 'QQQ'"):
        listed.describe_code("QQQ")


def test_every_code_of_every_edition_is_known_and_described():
    for edition in listed.EDITIONS:
        rows = TABLE[TABLE["edition"] == edition]
        assert len(rows) > 190
        for code, canonical in zip(rows["code"], rows["canonical"], strict=True):
            assert listed.canonical_code(code, edition=edition) == canonical
            assert listed.describe_code(canonical).code == canonical


def test_the_2022_list_has_225_codes_all_their_own_canon():
    rows = TABLE[TABLE["edition"] == "2022"]
    assert len(rows) == 225
    assert (rows["code"] == rows["canonical"]).all()


@given(st.sampled_from([label for label in TABLE["label"] if label]), st.booleans())
def test_labels_are_read_whatever_their_case_and_spacing(label, upper):
    loud = label.upper() if upper else label.lower()
    assert listed.code_for_label(loud.replace(" ", "  ") + " ") == listed.code_for_label(label) is not None


@given(st.sampled_from(KINDS), st.lists(st.sampled_from(sorted(set(TABLE["canonical"])))))
def test_what_codes_mean_does_not_depend_on_order_or_repetition(kind, codes):
    assert stated(kind, codes) == stated(kind, list(reversed(codes)) + codes)


@pytest.mark.parametrize("meaning", MEANINGS)
def test_each_deciding_code_alone_states_its_meaning_and_no_other_of_its_kind(meaning):
    codes = deciding_codes(meaning)
    assert codes
    assert all(stated(type(meaning), [code]) == (meaning,) for code in codes)


@pytest.mark.parametrize("edition", listed.EDITIONS)
def test_the_codes_that_decide_are_those_of_the_edition_that_are_read_so(edition):
    printed = TABLE.loc[TABLE["edition"] == edition, "code"]
    for meaning in MEANINGS:
        read = [
            code
            for code in printed
            if meaning in stated(type(meaning), [listed.canonical_code(code, edition=edition)])
        ]
        assert sorted(deciding_codes(meaning, edition=edition)) == sorted(read)


def test_the_page_on_listings_names_the_codes_that_decide():
    rows = re.findall(
        r"^\| `(\w+)` \| (`.+?`) \| (`.+?`) \| [\d,]+ \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [name for name, _, _ in rows] == list(LevelOfCare)
    for name, *printed in rows:
        for editions, codes in zip((("2017", "2022"), ("2025",)), printed, strict=True):
            for edition in editions:
                decided = deciding_codes(LevelOfCare(name), edition=edition)
                assert sorted(decided) == codes.strip("`").split("` `")


def test_an_umbrella_states_a_setting_but_no_level_of_care():
    for umbrella, setting in (
        ("OP", Setting.OUTPATIENT), ("RES", Setting.RESIDENTIAL), ("HI", Setting.HOSPITAL_INPATIENT),
    ):  # fmt: skip
        assert stated(LevelOfCare, [umbrella]) == ()
        assert stated(Setting, [umbrella]) == (setting,)
    for place in ("OD", "RD", "HID"):
        assert stated(LevelOfCare, [place]) == (LevelOfCare.WITHDRAWAL_MANAGEMENT,)


def test_medications_used_for_withdrawal_alone_or_denied_are_no_treatment_with_them():
    assert stated(Medication, ["DM", "DB", "ULC", "OTP", "PAIN"]) == ()
    assert stated(Medication, ["NMOA", "MOA"]) == (Medication.PRESCRIBED_ELSEWHERE, Medication.NOT_USED)


@pytest.mark.parametrize(
    ("edition", "missing"),
    [
        ("2017", {AgeGroup.SENIORS, SpecialPopulation.CO_OCCURRING_PAIN}),
        ("2022", set()),
        ("2025", {SpecialPopulation.LGBTQ, SpecialPopulation.CO_OCCURRING}),
    ],
)
def test_editions_differ_in_what_they_can_say(edition, missing):
    assert {meaning for meaning in MEANINGS if not deciding_codes(meaning, edition=edition)} == missing


def test_every_row_of_the_code_table_says_where_it_is_from_and_how_sure_it_is():
    assert (TABLE["source"] != "").all()
    assert (TABLE["confidence"] != "").all()
