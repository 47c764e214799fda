import pytest

import iopdir as iop
from iopdir.errors import UnknownNameError
from iopdir.evidence.claims import Verdict

TABLE = iop.claims()
FLAGS = {"S", "2°", "M", "NF"}


def test_every_claim_has_a_source_a_flag_and_a_verdict():
    assert len(TABLE) >= 14
    assert TABLE["claim"].is_unique
    for column in ("claim", "about", "value", "definition", "source", "finding"):
        assert (TABLE[column].str.len() > 2).all() or column == "value", column
    assert set(TABLE["confidence"]) <= FLAGS
    assert set(TABLE["verdict"]) <= {verdict.value for verdict in Verdict}
    assert set(TABLE["by"]) == {"computation", "source"}


def test_no_verdict_but_unverifiable_stands_on_nothing():
    bare = TABLE[TABLE["confidence"] == "NF"]
    assert set(bare["verdict"]) <= {"unverifiable", "not_supported"}
    reproduced = TABLE[TABLE["verdict"] == "reproduced"]
    assert (reproduced["by"] == "computation").all()


@pytest.mark.parametrize("name", list(TABLE["claim"]))
def test_a_verdict_by_computation_shows_its_numbers(name):
    one = iop.claim(name)
    result = one.reproduce()
    assert bool(result.numbers) == (one.by == "computation") or name == "session_hours_3_5"
    assert "{" not in result.finding


def test_exponential_growth_is_not_supported_by_the_stated_test():
    result = iop.claim("exponential_growth").reproduce()
    assert result.verdict is Verdict.NOT_SUPPORTED
    assert result.numbers["first"] == 6089
    assert result.numbers["last"] == 7243
    assert result.numbers["rate"] == pytest.approx(0.0195, abs=0.0002)


def test_medicaid_is_counted_again():
    numbers = iop.claim("medicaid_usable").reproduce().numbers
    assert (numbers["medicaid"], numbers["iop"]) == (5268, 7243)


def test_an_unknown_claim_suggests_its_neighbours():
    with pytest.raises(UnknownNameError, match="did you mean exponential_growth"):
        iop.claim("exponential_grow")


def test_the_table_carries_its_provenance():
    names = [source["name"] for source in TABLE.attrs["provenance"]["sources"]]
    assert names == ["nssats_series", "nssats_2020_by_state"]
