"""What a row's codes mean is what each of them means, whatever rows stand beside it."""

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iopdir.intake.codes import _KINDS, _Words, read_meanings
from iopdir.intake.quality import Ledger, Reason
from iopdir.vocabulary.codes import languages
from iopdir.vocabulary.taxonomy import stated

WORDS = ["SA", "DT", "OP", "OIT", "MD", "SS", "TELE", "OTP", "BU", "VET", "SP", "AH", "F19", "N13", "Q"]
cells = st.lists(st.lists(st.sampled_from(WORDS), max_size=4).map(tuple), max_size=6)


@given(cells)
@example([("OIT",), ("SP",), (), ("SA",)])
@example([(), ("OIT", "MD"), ("SP", "F19", "SP")])
@example([])
def test_a_row_means_what_its_words_mean_alone(rows):
    said = _Words(rows)
    for kind in _KINDS.values():
        meant = [{one for word in row for one in stated(kind, (word,))} for row in rows]
        assert said.meanings(kind) == [tuple(one.value for one in kind if one in all_) for all_ in meant]
    assert said.languages() == [tuple(one for word in row for one in languages((word,))) for row in rows]
    assert said.any_of({"SA", "TELE"}).tolist() == [not {"SA", "TELE"}.isdisjoint(row) for row in rows]


@pytest.mark.parametrize("treats", ["SA", "DT"])
def test_mental_health_care_alone_states_no_level_and_one_word_of_substance_use_is_enough(treats):
    rows = pd.DataFrame(
        {
            "facility_type": ["MH", "mh", "SA", "MH"],
            "codes": [("OIT",), ("OIT", treats), ("OIT",), (treats,)],
        },
        index=[2, 3, 4, 5],
    )
    ledger = Ledger("SYNTHETIC")
    read_meanings(rows, ledger)
    assert [("iop" in levels) for levels in rows["levels_of_care"]] == [False, True, True, False]
    assert ledger.table()[["row", "reason"]].values.tolist() == [[2, Reason.NOT_SUBSTANCE_USE]]
