import pytest

import iopdir as iop
from iopdir.errors import UnknownNameError
from iopdir.evidence.registry import _COUNTED, Verdict

TABLE = iop.claims()
FLAGS = {"S", "2°", "M", "NF"}


def test_every_claim_has_a_source_a_flag_and_a_verdict():
    assert len(TABLE) >= 31
    assert TABLE["claim"].is_unique
    for column in ("claim", "about", "value", "definition", "source", "finding"):
        assert (TABLE[column].str.len() > 2).all() or column == "value", column
    assert set(TABLE["confidence"]) <= FLAGS
    assert set(TABLE["verdict"]) <= {verdict.value for verdict in Verdict}
    assert set(TABLE["by"]) == {"computation", "source", "search"}


def test_no_verdict_but_unverifiable_stands_on_nothing():
    bare = TABLE[TABLE["confidence"] == "NF"]
    assert set(bare["verdict"]) <= {"unverifiable", "not_supported"}
    searched = TABLE[TABLE["by"] == "search"]
    assert searched["source"].str.startswith("No ").all()
    assert (searched["confidence"] == "NF").all()
    assert not TABLE.loc[TABLE["by"] == "source", "source"].str.startswith("No ").any()


@pytest.mark.parametrize("name", list(TABLE["claim"]))
def test_a_verdict_by_computation_shows_its_numbers(name):
    one = iop.evidence.claim(name)
    result = one.reproduce()
    assert bool(result.numbers) == (one.by == "computation")
    assert "{" not in result.finding


def test_exponential_growth_is_not_supported_by_the_stated_test():
    result = iop.evidence.claim("exponential_growth").reproduce()
    assert result.verdict is Verdict.NOT_SUPPORTED
    assert result.numbers["first"] == 6089
    assert result.numbers["last"] == 7243
    assert result.numbers["rate"] == pytest.approx(0.0195, abs=0.0002)


@pytest.mark.parametrize(("name", "hours"), [("session_hours_2_3", (2, 3)), ("session_hours_3_5", (3, 5))])
def test_the_verdict_on_sessions_is_that_of_the_program(name, hours):
    result = iop.evidence.claim(name).reproduce()
    called = iop.Program(sessions_per_week=3, hours_per_session=hours).classify()
    assert (result.verdict is Verdict.CONSISTENT) == ("intensive outpatient" in str(called))
    assert str(called) in result.finding


def test_regular_outpatient_care_did_not_last_half_as_long():
    stays = iop.evidence.teds_2004()["median_days"]
    assert stays["regular_outpatient"] / stays["intensive_outpatient"] == pytest.approx(1.68, abs=0.01)
    result = iop.evidence.claim("regular_outpatient_half_as_long").reproduce()
    assert result.verdict is Verdict.CONTRADICTED
    assert "69 days against 41" in result.finding


def test_medicaid_is_counted_again():
    numbers = iop.evidence.claim("medicaid_usable").reproduce().numbers
    assert (numbers["medicaid"], numbers["iop"]) == (5268, 7243)


def survey_file(tmp_path, rows):
    path = tmp_path / "SYNTHETIC.csv"
    path.write_text("STATE,CTYPE1,CTYPE2,CTYPE3,CTYPEOP,REVCHK2,REVCHK5\n" + rows)
    return iop.read_nssats(path)


def test_a_given_survey_file_is_counted_in_place_of_the_embedded_totals(tmp_path):
    survey = survey_file(tmp_path, "VT,1,1,1,0,1,1\n" * 21 + "VT,1,1,1,0,0,0\n" * 7)
    assert (
        iop.evidence.claim("employer_insurance")
        .reproduce(survey)
        .finding.startswith("21 of 28 facilities, 75.0%")
    )
    medicaid = iop.evidence.claim("medicaid_usable").reproduce(survey)
    assert medicaid.numbers["highest_state"] == medicaid.numbers["lowest_state"] == "VT"
    assert medicaid.verdict is Verdict.CONSISTENT


def test_a_survey_in_which_the_test_fails_changes_the_verdict(tmp_path):
    survey = survey_file(tmp_path, "VT,1,1,1,0,0,0\n" * 21)
    for name in _COUNTED:
        assert iop.evidence.claim(name).verdict is not Verdict.NOT_SUPPORTED
        assert iop.evidence.claim(name).reproduce(survey).verdict is Verdict.NOT_SUPPORTED


def test_a_claim_that_no_survey_counts_refuses_one(tmp_path):
    survey = survey_file(tmp_path, "VT,1,1,1,0,1,1\n")
    with pytest.raises(ValueError, match="not counted in a survey file; these are: employer_insurance"):
        iop.evidence.claim("need_22_5_million").reproduce(survey)


def test_an_unknown_claim_suggests_its_neighbours():
    with pytest.raises(UnknownNameError, match="did you mean exponential_growth"):
        iop.evidence.claim("exponential_grow")


def test_the_table_carries_its_provenance():
    names = [source["name"] for source in TABLE.attrs["provenance"]["sources"]]
    assert names == ["nssats_series", "nssats_2020_by_state"]
