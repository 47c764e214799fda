import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopdir.datasets import open_pack
from iopdir.errors import UnknownNameError
from iopdir.vocabulary import taxonomy
from iopdir.vocabulary.taxonomy import AgeGroup, LevelOfCare, Payment, Service

TABLE = open_pack("service_codes")


@pytest.mark.parametrize(
    ("edition", "iop", "cash", "military"),
    [("2017", "OIT", "SF", "MI"), ("2022", "OIT", "SF", "MI"), ("2025", "iop", "cash", "tricare")],
)
def test_each_edition_has_its_own_code_for_one_meaning(edition, iop, cash, military):
    codes = [taxonomy.canonical_code(code, edition=edition) for code in (iop, cash, military)]
    assert codes == ["OIT", "SF", "MI"]
    assert taxonomy.levels_of_care(codes) == (LevelOfCare.IOP,)
    assert taxonomy.payments(codes) == (Payment.CASH, Payment.MILITARY)


def test_mi_is_no_longer_military_insurance_in_2025():
    assert taxonomy.payments(["MI"]) == (Payment.MILITARY,)
    code = taxonomy.canonical_code("mi", edition="2025")
    assert code is not None
    assert taxonomy.payments([code]) == ()


@pytest.mark.parametrize("code", ["OIT", "SF"])
def test_codes_replaced_in_2025_are_unknown_there(code):
    assert taxonomy.canonical_code(code, edition="2025") is None


def test_an_unknown_edition_is_refused():
    with pytest.raises(UnknownNameError, match="no edition of the service codes '1999'"):
        taxonomy.canonical_code("OIT", edition="1999")


def test_an_unknown_code_cannot_be_described():
    with pytest.raises(UnknownNameError, match="no service code 'QQQ'"):
        taxonomy.describe_code("QQQ")


def test_every_code_of_every_edition_is_known_and_described():
    for edition in taxonomy.EDITIONS:
        rows = TABLE[TABLE["edition"] == edition]
        assert len(rows) > 190
        for code, canonical in zip(rows["code"], rows["canonical"], strict=True):
            assert taxonomy.canonical_code(code, edition=edition) == canonical
            assert taxonomy.describe_code(canonical).code == canonical


def test_the_2022_list_has_225_codes_all_their_own_canon():
    rows = TABLE[TABLE["edition"] == "2022"]
    assert len(rows) == 225
    assert (rows["code"] == rows["canonical"]).all()


@given(st.sampled_from([label for label in TABLE["label"] if label]), st.booleans())
def test_labels_are_read_whatever_their_case_and_spacing(label, upper):
    loud = label.upper() if upper else label.lower()
    assert (
        taxonomy.code_for_label(loud.replace(" ", "  ") + " ") == taxonomy.code_for_label(label) is not None
    )


@given(st.lists(st.sampled_from(sorted(set(TABLE["canonical"])))))
def test_what_codes_mean_does_not_depend_on_order_or_repetition(codes):
    for read in (taxonomy.levels_of_care, taxonomy.payments, taxonomy.age_groups, taxonomy.services):
        assert read(codes) == read(list(reversed(codes)) + codes)


def test_every_meaning_can_be_stated_by_some_code_of_2022():
    codes = list(TABLE.loc[TABLE["edition"] == "2022", "code"])
    assert set(taxonomy.levels_of_care(codes)) == set(LevelOfCare)
    assert set(taxonomy.payments(codes)) == set(Payment)
    assert set(taxonomy.age_groups(codes)) == set(AgeGroup)
    assert set(taxonomy.services(codes)) == set(Service)


def test_every_row_of_the_code_table_says_where_it_is_from_and_how_sure_it_is():
    assert (TABLE["source"] != "").all()
    assert (TABLE["confidence"] != "").all()
