"""The laws: danger first, unknown never reassures, worse never leans to less, order is nothing, sources always."""

import itertools
import json
import logging
import os
import re
import sys
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import iopdir as iop
from iopdir.eligibility.assessment import DISCLAIMER, Lean
from iopdir.eligibility.interview import INTRODUCTION, questions, render
from iopdir.eligibility.rules import ANSWERS, PATHS, QUESTIONS, SAFETY, Rules
from iopdir.vocabulary.crisis import CRISIS_LINES

ORDER = [Lean.LOWER, Lean.IOP, Lean.HIGHER, Lean.URGENT]
SAFE = dict.fromkeys(SAFETY, "no")
ORDINARY = SAFE | {
    "support": "some", "home_stable": "yes", "home_supportive": "yes", "physically_stable": "yes",
    "mentally_stable": "yes", "use_intensity": "moderate", "use_length": "medium",
}  # fmt: skip
NUMBERS = [line.number for line in CRISIS_LINES.values()]
WORDS = {"yes": True, "no": False}
FORBIDDEN = re.compile(r"\b(ineligible|asam)\b", re.IGNORECASE)


def profile(answers: dict[str, str | bool | None]) -> iop.Profile:
    return iop.Profile(
        **{
            name: WORDS.get(value, value) if isinstance(value, str) else value
            for name, value in answers.items()
        }
    )


def some_of(questions: dict[str, tuple[str, ...]]) -> st.SearchStrategy[dict[str, str | None]]:
    return st.fixed_dictionaries(
        {name: st.sampled_from([None, *values]) for name, values in questions.items()}
    )


safety, answers, paths = some_of(SAFETY), some_of(ANSWERS), some_of(PATHS)


def without_danger(flags: dict[str, str | None]) -> dict[str, str | None]:
    return {name: "no" if value == "yes" else value for name, value in flags.items()}


def words_of(result: iop.eligibility.Assessment) -> str:
    return json.dumps(result.to_dict(), ensure_ascii=False, default=str) + render(result)


@settings(max_examples=50, deadline=None)
@given(answers, safety, paths, st.sampled_from(sorted(SAFETY)))
def test_any_danger_means_urgent_help_whatever_else_holds(others, flags, ways, danger):
    flags |= {danger: "yes"}
    result = iop.assess(profile(others | flags | ways))
    assert result.lean is Lean.URGENT
    assert result.possible == (Lean.URGENT,)
    assert len(result.urgent) == sum(value == "yes" for value in flags.values())
    assert all(re.search("|".join(NUMBERS), message) for message in result.urgent)
    managed = {f"{name}_{value}" for name, value in flags.items() if value in {"managed", "unmanaged"}}
    assert {
        reason.rule for reason in result.reasons if reason.direction not in {"urgent", "unknown"}
    } == managed
    assert {reason.rule for reason in result.reasons} <= set(SAFETY) | managed
    assert (result.ask, result.would_change) == ((), ())
    assert render(result).startswith("Please get help now.")


def test_every_danger_is_told_the_most_urgent_first():
    every = iop.assess(profile(dict.fromkeys(SAFETY, "yes"))).urgent
    assert len(every) == len(SAFETY)
    assert "988" in every[0]
    for first, second in itertools.combinations(SAFETY, 2):
        both = iop.assess(profile({first: "yes", second: "yes"})).urgent
        assert both == tuple(one for one in every if one in both)
    assert "pregnancy" in every[-1]


@settings(max_examples=50, deadline=None)
@given(answers, safety, st.sampled_from(sorted(SAFETY)))
def test_an_unknown_danger_never_reassures(others, flags, unknown):
    result = iop.assess(profile(others | without_danger(flags) | {unknown: None}))
    assert result.lean is Lean.TALK
    assert result.possible[-1] is Lean.URGENT


@pytest.mark.parametrize("managed", ["pregnancy", "withdrawal_risk", "recent_overdose"])
def test_a_risk_that_is_looked_after_is_no_danger_and_leads_to_places(managed):
    plain = assess_possible(ORDINARY)
    result = iop.assess(profile(ORDINARY | {managed: "managed"}))
    assert result.possible == plain == (Lean.IOP,)
    assert result.places
    told = next(reason for reason in result.reasons if reason.rule == f"{managed}_managed")
    assert told.direction == "practical"
    assert told.action.startswith("Tell the program")


@pytest.mark.parametrize("nobody", ["withdrawal_risk", "recent_overdose"])
def test_a_risk_that_nobody_looks_after_leans_to_more_care_however_mild_the_use(nobody):
    mild = ORDINARY | {"use_intensity": "low", "use_length": "short", "support": "strong"}
    result = iop.assess(profile(mild | {nobody: "unmanaged"}))
    assert result.lean is Lean.HIGHER
    assert "withdrawal_management" in result.places


def test_naloxone_is_told_wherever_overdose_or_opioids_come_up():
    rules = Rules.default()
    for rule in rules.rules:
        opioids = (
            rule.field in {"recent_overdose", "withdrawal_risk"}
            or "opioid" in f"{rule.sentence} {rule.action}"
        )
        if opioids or rule.answer in {"buprenorphine", "methadone"}:
            assert "naloxone" in rule.action, rule.id
    assert any("naloxone" in ask.sentence for ask in rules.asks)


def test_the_words_for_somebody_watched_say_no_more_than_everybody_sees():
    shown = "\n".join(
        render(iop.assess(profile(ORDINARY | {"harmed": answer} | more)))
        for answer in ("yes", None)
        for more in ({}, {"suicidality": "yes"})
    )
    assert CRISIS_LINES["home"].number in shown
    assert CRISIS_LINES["home"].number in DISCLAIMER
    assert not re.search(r"violen|abus|partner|hurt(?!ing yourself)|threat|afraid|harmed", shown)
    question = next(one for one in questions() if one.private)
    assert question.field == "harmed"
    assert "To leave fast" in " ".join(INTRODUCTION)


def test_what_is_only_practical_moves_no_lean_and_offers_telehealth():
    plain = iop.assess(profile(ORDINARY))
    for name, values in PATHS.items():
        for value in values:
            result = iop.assess(profile(ORDINARY | {name: value}))
            assert (result.possible, result.would_change) == (plain.possible, plain.would_change)
    for barrier in ("can_attend", "can_travel"):
        result = iop.assess(profile(ORDINARY | {barrier: "no"}))
        assert result.places == ("telehealth",)
        assert [reason.direction for reason in result.reasons if reason.rule == f"{barrier}_no"] == [
            "practical"
        ]


@pytest.mark.parametrize(
    ("support", "home"), [*itertools.product(ANSWERS["support"], ANSWERS["home_supportive"])]
)
def test_years_long_and_intense_use_leans_to_more_however_good_the_support(support, home):
    given = ORDINARY | {"support": support, "home_supportive": home}
    assert assess_possible(given | {"use_intensity": "high", "use_length": "long"}) == (Lean.HIGHER,)


@pytest.mark.parametrize("length", ["short", "medium"])
def test_mild_use_of_up_to_two_years_reaches_less_care(length):
    assert assess_possible(ORDINARY | {"use_intensity": "low", "use_length": length}) == (Lean.LOWER,)


def test_nothing_said_leaves_everything_open():
    result = iop.assess(iop.Profile())
    assert result.possible == tuple(ORDER)
    assert all(reason.direction == "unknown" for reason in result.reasons)
    weighed = [name for name in ANSWERS if any(Rules.default().weights(name).values())]
    assert [reason.rule for reason in result.reasons] == [*SAFETY, *weighed]


def test_over_the_whole_grid_worse_answers_never_lean_to_less():
    """Every combination of answers, each made worse by one step in each question that counts."""
    rules = Rules.default()
    counting = [name for name in QUESTIONS if len(set(rules.weights(name).values())) > 1]
    values_of = {name: tuple(rules.weights(name)) for name in counting}
    lean = {
        combination: ORDER.index(
            iop.assess(profile(ORDINARY | dict(zip(counting, combination, strict=True)))).lean
        )
        for combination in itertools.product(*values_of.values())
    }
    assert set(lean.values()) == {0, 1, 2}
    for combination, level in lean.items():
        for position, name in enumerate(counting):
            step = values_of[name].index(combination[position]) + 1
            if step < len(values_of[name]):
                worse = (*combination[:position], values_of[name][step], *combination[position + 1 :])
                assert lean[worse] >= level, (combination, worse)


@settings(max_examples=100, deadline=None)
@given(answers, safety, st.sampled_from(sorted(SAFETY | ANSWERS)))
def test_worse_answers_never_open_less_nor_close_more_intensive_leans(others, flags, name):
    values = QUESTIONS[name]
    for better, worse in itertools.pairwise(values):
        first = iop.assess(profile(others | flags | {name: better})).possible
        second = iop.assess(profile(others | flags | {name: worse})).possible
        assert ORDER.index(second[0]) >= ORDER.index(first[0])
        assert ORDER.index(second[-1]) >= ORDER.index(first[-1])


@settings(max_examples=50, deadline=None)
@given(answers, safety, st.sampled_from(["suicidality", "harmed", "pregnancy"]))
def test_an_open_safety_question_adds_urgent_help_and_nothing_else(others, flags, unknown):
    flags = {name: value or "no" for name, value in without_danger(flags).items()}
    settled = assess_possible(others | flags | {unknown: "no"})
    assert assess_possible(others | flags | {unknown: None}) == (*settled, Lean.URGENT)


def assess_possible(given_answers: dict[str, str | bool | None]) -> tuple[Lean, ...]:
    return iop.assess(profile(given_answers)).possible


@settings(max_examples=40, deadline=None)
@given(answers, safety)
def test_an_unknown_answer_stands_for_all_it_could_be(others, flags):
    flags = {name: value or "no" for name, value in flags.items()}
    unknown = [name for name, value in others.items() if value is None][:3]
    filled = {name: value if value is not None else ANSWERS[name][0] for name, value in others.items()}
    some = iop.assess(profile(flags | filled | dict.fromkeys(unknown)))
    leans = {
        iop.assess(profile(flags | filled | dict(zip(unknown, combination, strict=True)))).lean
        for combination in itertools.product(*(ANSWERS[name] for name in unknown))
    }
    assert leans <= set(some.possible)
    assert {some.possible[0], some.possible[-1]} <= leans


@given(answers, safety, st.randoms())
def test_the_order_of_answers_is_nothing(others, flags, random):
    items = list((others | flags).items())
    random.shuffle(items)
    assert iop.assess(profile(dict(items))) == iop.assess(profile(others | flags))


@settings(max_examples=60, deadline=None)
@given(answers, safety)
def test_every_reason_has_a_source_and_no_forbidden_word_is_said(others, flags):
    result = iop.assess(profile(others | flags))
    assert all(reason.source and reason.confidence in {"S", "2°", "M", "NF"} for reason in result.reasons)
    assert result.disclaimer == DISCLAIMER
    assert not FORBIDDEN.search(words_of(result))


def test_a_previous_attempt_weighs_nothing():
    base = SAFE | {name: values[0] for name, values in ANSWERS.items()}
    first, again = (iop.assess(profile(base | {"previous_treatment": value})) for value in ("no", "yes"))
    assert first.lean is again.lean
    assert Rules.default().weights("previous_treatment") == {"no": 0.0, "yes": 0.0}


@settings(max_examples=15, deadline=None)
@given(answers, safety)
def test_the_smallest_changes_do_change_the_lean_and_no_part_of_them_does(others, flags):
    given_answers = others | flags
    result = iop.assess(profile(given_answers))
    for change in result.would_change[:40]:
        assert iop.assess(profile(given_answers | change.answers)).lean is change.lean
        assert change.lean not in {result.lean, Lean.TALK}
        for part in itertools.combinations(change.answers.items(), len(change.answers) - 1):
            lean = iop.assess(profile(given_answers | dict(part))).lean
            assert lean in {result.lean, Lean.TALK} or not part


def test_no_settled_lean_within_reach_is_left_out():
    """Brute force: every set of up to two answers, beside the open safety questions, against what is told."""
    for unknown in ((), ("pregnancy",), ("withdrawal_risk", "home_supportive"), ("use_intensity", "support")):
        base = SAFE | {name: values[0] for name, values in ANSWERS.items()} | {"use_length": "medium"}
        base |= dict.fromkeys(unknown)
        result = iop.assess(profile(base))
        told = {frozenset(change.answers.items()) for change in result.would_change}
        safe = {name: "no" for name in SAFETY if base[name] is None}
        choices = ANSWERS | {name: ("unmanaged",) for name in safe if "unmanaged" in SAFETY[name]}
        leading = {frozenset({(name, "yes")}) for name in SAFETY}
        for names in itertools.chain.from_iterable(
            itertools.combinations(choices, size) for size in range(3)
        ):
            for values in itertools.product(*(choices[name] for name in names)):
                changed = safe | dict(zip(names, values, strict=True))
                if any(base[name] == value for name, value in changed.items()):
                    continue
                if iop.assess(profile(base | changed)).lean not in {result.lean, Lean.TALK}:
                    leading.add(frozenset(changed.items()))
        assert told == {one for one in leading if not any(other < one for other in leading)}


def test_a_settled_assessment_says_what_would_change_it_and_where_it_is_from():
    told = render(
        iop.assess(profile(SAFE | dict.fromkeys(ANSWERS) | {"pregnancy": None, "physically_stable": "no"}))
    )
    headings = [
        "Still open:",
        "Speaks for more or less care:",
        "What to ask when you call:",
        "What would change",
    ]
    assert [told.index(heading) for heading in headings] == sorted(
        told.index(heading) for heading in headings
    )
    assert "- More care may be needed, if:\n  - every safety question is no\n" in told
    assert "(read at the source)." in told


def test_every_field_of_the_profile_is_asked_or_only_finds_places():
    asked = [question.field for question in questions()]
    assert asked[: len(SAFETY)] == list(SAFETY)
    assert {*asked, "payment"} == set(iop.Profile.model_fields)
    assert {one.field: tuple(one.answers) for one in questions()} == QUESTIONS


@pytest.mark.parametrize("name", iop.Profile.model_fields)
def test_unknown_is_a_value_of_every_question(name):
    assert iop.Profile(**{name: "unknown"}) == iop.Profile()


@pytest.mark.parametrize("bad", [{"support": "plenty"}, {"name": "Jane"}, {"suicidality": "perhaps"}])
def test_a_profile_takes_known_answers_only(bad):
    with pytest.raises(ValidationError):
        iop.Profile(**bad)


def test_assessing_and_matching_leave_no_trace(monkeypatch, tmp_path):
    """No file is opened for writing, no socket made, no log record sent: watched by Python's own audit hooks."""
    directory = iop.demo_directory().select(state="VT")
    person = iop.Profile(home_stable=True, payment="medicaid")
    iop.match(person, directory, near="05401")  # packs are read on first use
    iop.assess(person)
    seen: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if not watching:
            return
        # open(path, mode, flags): a stream has a mode, a bare descriptor only flags
        writes = any(letter in str(arguments[1] or "") for letter in "wax+") if event == "open" else False
        if event == "open" and (writes or int(str(arguments[2])) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            seen.append(f"open {arguments[0]}")
        if event.startswith(("socket.", "os.remove", "os.mkdir", "sqlite3.", "subprocess.")):
            seen.append(event)

    sys.addaudithook(watch)
    records: list[logging.LogRecord] = []
    monkeypatch.setattr(logging.Logger, "handle", lambda _logger, record: records.append(record))
    monkeypatch.chdir(tmp_path)
    result = iop.assess(person)
    iop.match(person, directory, near="05401")
    render(result)
    watching = False
    assert seen == []
    assert records == []
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_shows_what_to_do_now_before_anything_else():
    shown = iop.assess(profile({"suicidality": "yes"}))._repr_html_()
    assert shown.index("988") < shown.index("Urgent help") < shown.index(escape(DISCLAIMER))
    calm = iop.assess(profile({}))._repr_html_()
    assert calm.startswith("<p>Talk first.</p>")
    assert calm.count("<li>") == len(iop.assess(profile({})).reasons)
