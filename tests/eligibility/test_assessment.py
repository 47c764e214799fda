"""The laws: danger first, unknown never reassures, worse never leans to less, order is nothing, sources always."""

import itertools
import json
import logging
import os
import re
import sys
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import iopdir as iop
from iopdir.eligibility.assessment import DISCLAIMER, Lean
from iopdir.eligibility.interview import questions, render
from iopdir.eligibility.rules import ANSWERS, RED_FLAGS, Rules

ORDER = [Lean.LOWER, Lean.IOP, Lean.HIGHER, Lean.URGENT]
WORDS = {"yes": True, "no": False}
SAFE = dict.fromkeys(RED_FLAGS, False)
FORBIDDEN = re.compile(r"\b(ineligible|addicts?|abusers?|clean|dirty|asam)\b", re.IGNORECASE)


def profile(answers: dict[str, str | bool | None]) -> iop.Profile:
    return iop.Profile(
        **{
            name: WORDS.get(value, value) if isinstance(value, str) else value
            for name, value in answers.items()
        }
    )


red_flags = st.fixed_dictionaries({name: st.sampled_from([None, "yes", "no"]) for name in RED_FLAGS})
answers = st.fixed_dictionaries({name: st.sampled_from([None, *values]) for name, values in ANSWERS.items()})


def words_of(result: iop.eligibility.Assessment) -> str:
    return json.dumps(result.to_dict(), ensure_ascii=False, default=str) + render(result)


@settings(max_examples=50, deadline=None)
@given(answers, red_flags, st.sampled_from(RED_FLAGS))
def test_any_red_flag_means_urgent_help_whatever_else_holds(others, flags, danger):
    result = iop.assess(profile(others | flags | {danger: "yes"}))
    assert result.lean is Lean.URGENT
    assert result.possible == (Lean.URGENT,)
    assert len(result.urgent) == sum(value == "yes" for value in (flags | {danger: "yes"}).values())
    assert all(re.search(r"988|911|1-800-662-4357", message) for message in result.urgent)
    assert {reason.direction for reason in result.reasons} <= {"urgent", "unknown"}
    assert {reason.rule for reason in result.reasons} <= set(RED_FLAGS)
    assert result.would_change == ()
    assert render(result).startswith("Please get help now.")


@settings(max_examples=50, deadline=None)
@given(answers, red_flags, st.sampled_from(RED_FLAGS))
def test_an_unknown_red_flag_never_reassures(others, flags, unknown):
    flags = {name: "no" if value == "yes" else value for name, value in flags.items()} | {unknown: None}
    result = iop.assess(profile(others | flags))
    assert result.lean is Lean.TALK
    assert result.possible[-1] is Lean.URGENT


def test_nothing_said_leaves_everything_open():
    result = iop.assess(iop.Profile())
    assert result.possible == tuple(ORDER)
    assert all(reason.direction == "unknown" for reason in result.reasons)
    assert len(result.reasons) == len(RED_FLAGS) + len(ANSWERS)


def test_over_the_whole_grid_worse_answers_never_lean_to_less():
    """Every combination of answers, each made worse by one step in each question that counts."""
    counting = [name for name in ANSWERS if len(set(Rules.default().weights(name))) > 1]
    lean = {
        combination: ORDER.index(
            iop.assess(
                profile(
                    SAFE
                    | dict.fromkeys(ANSWERS)
                    | _rest(counting)
                    | dict(zip(counting, combination, strict=True))
                )
            ).lean
        )
        for combination in itertools.product(*(ANSWERS[name] for name in counting))
    }
    assert set(lean.values()) == {0, 1, 2}
    for combination, level in lean.items():
        for position, name in enumerate(counting):
            step = ANSWERS[name].index(combination[position]) + 1
            if step < len(ANSWERS[name]):
                worse = (*combination[:position], ANSWERS[name][step], *combination[position + 1 :])
                assert lean[worse] >= level, (combination, worse)


def _rest(counting: list[str]) -> dict[str, str]:
    return {name: values[0] for name, values in ANSWERS.items() if name not in counting}


@settings(max_examples=100, deadline=None)
@given(answers, red_flags, st.sampled_from(sorted(ANSWERS)))
def test_worse_answers_never_open_less_nor_close_more_intensive_leans(others, flags, name):
    values = ANSWERS[name]
    for better, worse in itertools.pairwise(values):
        first = iop.assess(profile(others | flags | {name: better})).possible
        second = iop.assess(profile(others | flags | {name: worse})).possible
        assert ORDER.index(second[0]) >= ORDER.index(first[0])
        assert ORDER.index(second[-1]) >= ORDER.index(first[-1])


@settings(max_examples=50, deadline=None)
@given(answers, red_flags)
def test_an_open_safety_question_adds_urgent_help_and_nothing_else(others, flags):
    flags = {name: None if value == "yes" else value for name, value in flags.items()} | {"pregnancy": None}
    settled = assess_possible(others | SAFE)
    assert assess_possible(others | flags) == (*settled, Lean.URGENT)


def assess_possible(given_answers: dict[str, str | bool | None]) -> tuple[Lean, ...]:
    return iop.assess(profile(given_answers)).possible


@settings(max_examples=40, deadline=None)
@given(answers, red_flags)
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


@given(answers, red_flags, st.randoms())
def test_the_order_of_answers_is_nothing(others, flags, random):
    items = list((others | flags).items())
    random.shuffle(items)
    assert iop.assess(profile(dict(items))) == iop.assess(profile(others | flags))


@settings(max_examples=60, deadline=None)
@given(answers, red_flags)
def test_every_reason_has_a_source_and_no_forbidden_word_is_said(others, flags):
    result = iop.assess(profile(others | flags))
    assert all(reason.source and reason.confidence in {"S", "2°", "M", "NF"} for reason in result.reasons)
    assert result.disclaimer == DISCLAIMER
    assert not FORBIDDEN.search(words_of(result))


def test_the_rules_and_questions_say_no_forbidden_word():
    rules = Rules.default()
    said = " ".join(
        [*(rule.sentence for rule in rules.rules), *(f"{r.sentence} {r.action}" for r in rules.urgent)]
    )
    said += " ".join(question.text for question in questions())
    files = (resources.files("iopdir.eligibility") / name for name in ("rules.toml", "instruments.toml"))
    assert not any(FORBIDDEN.search(file.read_text(encoding="utf-8")) for file in files)
    assert not FORBIDDEN.search(said)
    assert max(len(sentence.split()) for sentence in re.split(r"[.?!]\s", said)) <= 22


def test_a_previous_attempt_weighs_nothing():
    base = SAFE | {name: values[0] for name, values in ANSWERS.items()}
    first, again = (iop.assess(profile(base | {"previous_treatment": value})) for value in ("no", "yes"))
    assert first.lean is again.lean
    assert Rules.default().weights("previous_treatment") == (0.0, 0.0)


@settings(max_examples=15, deadline=None)
@given(answers, red_flags)
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
    rules = Rules.default()
    for unknown in ((), ("pregnancy",), ("pregnancy", "home_safe"), ("use_intensity", "support")):
        base = SAFE | {name: values[0] for name, values in ANSWERS.items()} | {"use_length": "medium"}
        base |= dict.fromkeys(unknown)
        result = iop.assess(profile(base))
        told = {frozenset(change.answers.items()) for change in result.would_change}
        safe = {name: "no" for name in RED_FLAGS if base[name] is None}
        leading = {frozenset({(name, "yes")}) for name in RED_FLAGS}
        for names in (
            *itertools.combinations(ANSWERS, 0),
            *((n,) for n in ANSWERS),
            *itertools.combinations(ANSWERS, 2),
        ):
            for values in itertools.product(*(ANSWERS[name] for name in names)):
                changed = safe | dict(zip(names, values, strict=True))
                words = {name: "no" if base[name] is False else base[name] for name in changed}
                words = {name: {True: "yes"}.get(value, value) for name, value in words.items()}
                if any(words[name] == value for name, value in changed.items()):
                    continue
                if iop.assess(profile(base | changed), rules=rules).lean not in {result.lean, Lean.TALK}:
                    leading.add(frozenset(changed.items()))
        assert told == {one for one in leading if not any(other < one for other in leading)}


def test_a_settled_assessment_says_what_would_change_it_and_where_it_is_from():
    told = render(
        iop.assess(profile(SAFE | dict.fromkeys(ANSWERS) | {"pregnancy": None, "physically_stable": "no"}))
    )
    open_first = told.index("Still open:"), told.index("Speaks for more or less care:")
    assert open_first == tuple(sorted(open_first))
    assert "- More care may be needed, if:\n  - every safety question is no\n" in told
    assert "(read at the source)." in told
    assert max(len(line.split()) for line in told.splitlines()) <= 24


def test_every_field_of_the_profile_is_asked_or_only_finds_places():
    asked = [question.field for question in questions()]
    assert asked[: len(RED_FLAGS)] == list(RED_FLAGS)
    assert set(asked) | {"payment", "age_group"} == set(iop.Profile.model_fields)


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
