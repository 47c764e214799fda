"""The questions in plain words, and an assessment in short lines that read well aloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from iopdir.eligibility.assessment import Assessment, Lean, Reason
from iopdir.eligibility.rules import ANSWERS, RED_FLAGS

__all__ = ["Question", "questions", "render"]


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
        What can be answered; leaving it out is always fine.
    urgent
        Whether a yes means help now.
    """

    field: str
    text: str
    answers: tuple[str, ...]
    urgent: bool


_TEXT: Final = {
    "withdrawal_risk": "Could stopping be dangerous: daily alcohol, benzodiazepines or opioids?",
    "suicidality": "Do you have thoughts of ending your life or hurting yourself?",
    "recent_overdose": "Have you had an overdose in the last weeks?",
    "pregnancy": "Are you pregnant, or could you be?",
    "acute_medical": "Do you have a medical problem that needs care now?",
    "acute_psychiatric": "Are you in a mental health crisis now?",
    "support": "Do you have people who help you?",
    "home_stable": "Do you have a steady place to live?",
    "home_safe": "Is it safe there, with nobody who makes it hard not to use?",
    "physically_stable": "Is your body well enough to go to a program by day?",
    "mentally_stable": "Is your mental health steady enough for that?",
    "use_intensity": "How much do you use?",
    "use_length": "For how long have you used?",
    "previous_treatment": "Have you been in treatment before? (It does not count against you.)",
    "can_attend": "Could you come several times a week?",
    "can_travel": "Can you get there?",
}

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
_NOUNS: Final = {
    "support": "people who help",
    "home_stable": "a steady place to live",
    "home_safe": "a safe home",
    "physically_stable": "body well enough",
    "mentally_stable": "mental health steady enough",
    "use_intensity": "how much you use",
    "use_length": "how long you have used",
    "previous_treatment": "treatment before",
    "can_attend": "time to come",
    "can_travel": "a way to get there",
}
_FLAGS: Final = {
    "S": "read at the source",
    "2°": "second hand",
    "M": "from memory",
    "NF": "no study found",
}
_HEADINGS: Final = {
    "unknown": "Still open",
    "for": "Speaks for an intensive outpatient program",
    "against": "Speaks for more or less care",
    "neutral": "Does not count",
}


def questions() -> tuple[Question, ...]:
    """Give the questions, safety first.

    Returns
    -------
    tuple[Question, ...]
        One for each field of the profile that counts.

    Examples
    --------
    >>> from iopdir.eligibility.interview import questions
    >>> questions()[0].urgent
    True
    """
    return tuple(
        Question(
            field=field,
            text=_TEXT[field],
            answers=ANSWERS.get(field, ("no", "yes")),
            urgent=field in RED_FLAGS,
        )
        for field in (*RED_FLAGS, *ANSWERS)
    )


def render(assessment: Assessment) -> str:
    """Write an assessment in short lines.

    Parameters
    ----------
    assessment
        From `assess`.

    Returns
    -------
    str
        What to do now, the reasons, what would change it, where it is from, and the disclaimer.

    Examples
    --------
    >>> import iopdir as iop
    >>> from iopdir.eligibility.interview import render
    >>> render(iop.assess(iop.Profile(suicidality=True))).splitlines()[0]
    'Please get help now.'
    """
    lines = [_LEANS[assessment.lean]]
    shown = assessment.reasons
    if assessment.lean is Lean.URGENT:
        shown = tuple(reason for reason in shown if reason.direction == "urgent")
        for message in assessment.urgent:
            lines += ["", *_sentences(message)]
    else:
        for direction, heading in _HEADINGS.items():
            reasons = [reason for reason in shown if reason.direction == direction]
            if reasons:
                lines += ["", f"{heading}:", *(f"- {_line(reason)}" for reason in reasons)]
        lines += ["", "What would change this:", *_changes(assessment)]
    sources = dict.fromkeys(f"- {reason.source} ({_FLAGS[reason.confidence]})." for reason in shown)
    lines += ["", "Where this is from:", *sources, "", *_sentences(assessment.disclaimer)]
    return "\n".join(lines)


def _sentences(text: str) -> list[str]:
    return text.replace(". ", ".\n").splitlines()


def _line(reason: Reason) -> str:
    return _TEXT[reason.rule] if reason.direction == "unknown" else reason.sentence


def _changes(assessment: Assessment) -> list[str]:
    """For each lean, the sets with the fewest answers; the safety questions as one."""
    lines = ["- Any yes to a safety question: get help now."]
    others = [change for change in assessment.would_change if change.lean is not Lean.URGENT]
    for lean in dict.fromkeys(change.lean for change in others):
        sets = [change.answers for change in others if change.lean is lean]
        fewest = min(len(answers) for answers in sets)
        lines.append(f"- {_SHORT[lean]}, if:")
        lines += [f"  - {_said(answers)}" for answers in sets if len(answers) == fewest]
    return lines


def _said(answers: dict[str, str]) -> str:
    safe = ["every safety question is no"] if answers.keys() & set(RED_FLAGS) else []
    others = [f"{_NOUNS[field]}: {answer}" for field, answer in answers.items() if field in _NOUNS]
    return ", and ".join([*safe, *others])
