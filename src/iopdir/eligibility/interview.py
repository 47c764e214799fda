"""The questions in plain words, and an assessment in short lines that read well aloud."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from iopdir.eligibility.assessment import Assessment, Lean, Reason
from iopdir.eligibility.rules import QUESTIONS, SAFETY

__all__ = ["INTRODUCTION", "Question", "questions", "render"]

INTRODUCTION: Final = (
    "You may skip any question: leave it empty if you do not know or would rather not say.",
    "If more than one answer fits, choose the one farther down. If you ask for somebody else, answer for them.",
    "Nothing is kept or sent. If others may see this screen, you can stop and come back later.",
    "To leave fast, close this window.",
)
"""Told to everybody before the first question."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question.

    Parameters
    ----------
    field
        Field of [`Profile`][iopdir.Profile].
    text
        In plain words.
    answers
        What can be answered, with what it means where that needs words; leaving it out is always fine.
    noun
        What stands for the question where an answer would change the lean.
    urgent
        Whether a yes means help now.
    private
        Whether the answer must not be seen while it is given, nor the question be repeated.
    """

    field: str
    text: str
    answers: dict[str, str]
    noun: str = ""
    urgent: bool
    private: bool = False


_LEANS: Final = {
    Lean.URGENT: "Please get help now.",
    Lean.TALK: "Talk with a clinician first. Some answers are open, and they matter.",
    Lean.LOWER: "Fewer hours a week may be enough. Talk it over with a clinician.",
    Lean.IOP: "An intensive outpatient program may fit. Talk it over with a clinician.",
    Lean.HIGHER: "More care than an intensive outpatient program may be needed. Talk it over with a clinician.",
}
_SHORT: Final = {
    Lean.LOWER: "Fewer hours a week may be enough",
    Lean.IOP: "An intensive outpatient program may fit",
    Lean.HIGHER: "More care may be needed",
}
_FLAGS: Final = {
    "S": "read at the source",
    "2°": "second hand",
    "M": "from memory",
    "NF": "no study found",
}
_HEADINGS: Final = {
    "unknown": "Still open",
    "practical": "What to tell them, and what helps",
    "for": "Speaks for an intensive outpatient program",
    "against": "Speaks for more or less care",
    "neutral": "Does not count",
}


@cache
def questions() -> tuple[Question, ...]:
    """Give the questions, safety first.

    Returns
    -------
    tuple[Question, ...]
        One for each field of the profile, payment aside.

    Examples
    --------
    >>> from iopdir.eligibility.interview import questions
    >>> questions()[0].urgent
    True
    """
    table = tomllib.loads(files("iopdir.eligibility").joinpath("questions.toml").read_text(encoding="utf-8"))
    return tuple(Question(field=name, urgent=name in SAFETY, **table[name]) for name in QUESTIONS)


def render(assessment: Assessment) -> str:
    """Write an assessment in short lines.

    Parameters
    ----------
    assessment
        From `assess`.

    Returns
    -------
    str
        What to do now, the reasons with what helps, what to ask, what would change it, where it is from, and the
        disclaimer.

    Examples
    --------
    >>> import iopdir as iop
    >>> from iopdir.eligibility.interview import render
    >>> render(iop.assess(iop.Profile(suicidality=True))).splitlines()[0]
    'Please get help now.'
    """
    lines = [_LEANS[assessment.lean]]
    for message in assessment.urgent:
        lines += ["", *_sentences(message)]
    danger = bool(assessment.urgent)
    shown = [reason for reason in assessment.reasons if not (danger and reason.direction == "unknown")]
    for direction, heading in _HEADINGS.items():
        told = dict.fromkeys(_line(reason) for reason in shown if reason.direction == direction)
        if told:
            lines += ["", f"{heading}:", *(f"- {line}" for line in told)]
    if not danger:
        lines += ["", "What to ask when you call:", *(f"- {question}" for question in assessment.ask)]
        lines += ["", "What would change this:", *_changes(assessment)]
    sources = dict.fromkeys(f"- {reason.source} ({_FLAGS[reason.confidence]})." for reason in shown)
    lines += ["", "Where this is from:", *sources, "", *_sentences(assessment.disclaimer)]
    return "\n".join(lines)


def _sentences(text: str) -> list[str]:
    return text.replace(". ", ".\n").splitlines()


def _line(reason: Reason) -> str:
    if reason.direction != "unknown":
        return f"{reason.sentence} {reason.action}".strip()
    question = next(one for one in questions() if one.field == reason.rule)
    return "A question about safety." if question.private else question.text


def _changes(assessment: Assessment) -> list[str]:
    """For each lean, the sets with the fewest answers; the safety questions as one."""
    lines = ["- Any danger in a safety question: get help now."]
    others = [change for change in assessment.would_change if change.lean is not Lean.URGENT]
    for lean in dict.fromkeys(change.lean for change in others):
        sets = [change.answers for change in others if change.lean is lean]
        fewest = min(len(answers) for answers in sets)
        lines.append(f"- {_SHORT[lean]}, if:")
        lines += [f"  - {_said(answers)}" for answers in sets if len(answers) == fewest]
    return lines


def _said(answers: dict[str, str]) -> str:
    safe = ["every safety question is no"] if answers.keys() & set(SAFETY) else []
    others = [f"{one.noun}: {answers[one.field]}" for one in questions() if one.noun and one.field in answers]
    return ", and ".join([*safe, *others])
