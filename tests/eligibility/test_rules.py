import re
from importlib.resources import files

import pytest

import iopdir as iop
from iopdir.eligibility.rules import SAFETY
from iopdir.errors import LoadError

TEXT = files("iopdir.eligibility").joinpath("rules.toml").read_text(encoding="utf-8")


def write(tmp_path, text):
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packages_own_rules_can_be_loaded_as_anybody_s(tmp_path):
    assert iop.eligibility.Rules.load(write(tmp_path, TEXT)) == iop.eligibility.Rules.default()


def test_a_clinician_s_change_takes_effect(tmp_path):
    stricter = iop.eligibility.Rules.load(write(tmp_path, TEXT.replace("higher = 3", "higher = 1")))
    person = iop.Profile(
        **dict.fromkeys(SAFETY, False), support="none", home_stable=True, home_supportive=True, physically_stable=True,
        mentally_stable=True, use_intensity="moderate", use_length="medium",
    )  # fmt: skip
    assert iop.assess(person).lean.value == "consider_iop"
    assert iop.assess(person, rules=stricter).lean.value == "consider_higher_intensity"


SOME = 'id = "support_some"\nfield = "support"\nanswer = "some"'
STRONG = 'answer = "strong"\ndirection = "for"'
FIRST_SOURCE = re.search(r'source = "Source document, criterion of a support system[^"]*"', TEXT)[0]
CHANGES = {
    "thresholds the wrong way": ("lower = -2", "lower = 9", "9.0 and 3.0"),
    "a threshold that is no number": ("lower = -2", 'lower = "low"', "'low'"),
    "an unknown question": ('field = "support"', 'field = "wealth"', "wealth = strong"),
    "an unknown answer": ('answer = "strong"', 'answer = "huge"', "support = huge"),
    "an unknown direction": ('direction = "for"', 'direction = "sideways"', "sideways"),
    "an unknown flag": ('flag = "S"', 'flag = "X"', "'X'"),
    "an unknown place": ('places = ["telehealth"]', 'places = ["spa"]', "'spa'"),
    "an unknown population": ('"veterans"', '"pilots"', "'pilots'"),
    "a fit to nothing": ('special_population = ["veterans"]', "special_population = []", "nothing asked for"),
    "an unknown number": ("call {helpline}", "call {neighbour}", "stand for numbers"),
    "a missing source": (FIRST_SOURCE, 'source = " "', "' '"),
    "a field too many": ('id = "support_strong"', 'id = "support_strong"\ncolour = "red"', "colour"),
    "a weight that falls": (STRONG, STRONG + "\nweight = 3", "[3.0, 0.0, 1.0]"),
    "a neutral rule with a weight": ('direction = "neutral"', 'direction = "neutral"\nweight = 1', "1.0"),
    "a practical rule with a weight": ('direction = "practical"', 'direction = "practical"\nweight = 1', "1.0"),
    "a danger that is none": ('direction = "urgent"', 'direction = "practical"', "urgent is a yes"),
    "a danger out of nothing": ('direction = "neutral"', 'direction = "urgent"', "urgent is a yes"),
    "a danger with nothing to do": (re.search(r'action = "Call or text.*"', TEXT)[0], 'action = ""', "nothing to do"),
    "a threshold too many": ("lower = -2", "lower = -2\nmiddle = 0", "middle"),
    "thresholds without a source": ('source = "Choice of this package"', 'source = ""', "''"),
    "a weight that is no number": ("weight = 6", "weight = nan", "nan"),
    "a path told twice": ('answer = "seniors"', 'answer = "children"', "2 rules for age_group = children"),
    "one answer twice": (SOME, SOME.replace('"some"', '"strong"'), "2"),
    "one id twice": ('id = "support_some"', 'id = "support_strong"', "support_strong twice"),
    "a danger without a rule": ('field = "pregnancy"', 'field = "suicidality"', "suicidality"),
}  # fmt: skip
BROKEN = {case: (TEXT.replace(old, new, 1), found) for case, (old, new, found) in CHANGES.items()} | {
    "not toml": ("[[rule", "broken TOML"),
    "too deep": (f"rule = {'[' * 9999}", "broken TOML"),
    "too many digits": (f"rule = {'9' * 9999}", "broken TOML"),
    "a rule that is no table": (
        "rule = 3\n" + TEXT[: TEXT.index("[[rule]]")],
        "rule",
    ),
    "another table": ("[other]\nx = 1\n", "other"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_table_with_a_mistake_is_refused_with_the_place(tmp_path, case):
    text, found = BROKEN[case]
    assert text != TEXT
    with pytest.raises(LoadError) as caught:
        iop.eligibility.Rules.load(write(tmp_path, text))
    assert found in caught.value.found


def test_a_missing_file_is_a_load_error(tmp_path):
    with pytest.raises(LoadError, match="none that can be opened"):
        iop.eligibility.Rules.load(tmp_path / "absent.toml")
