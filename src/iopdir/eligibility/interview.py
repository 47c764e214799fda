"""The questions in plain words, and an assessment in short lines that read well aloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from iopdir.eligibility.assess import Assessment, Lean
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
_HEADINGS: Final = {
    "for": "Speaks for it",
    "against": "Speaks for more or less care",
    "unknown": "Still open",
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
        Safety first, then the lean, the reasons, what would change it, and the disclaimer.

    Examples
    --------
    >>> import iopdir as iop
    >>> from iopdir.eligibility.interview import render
    >>> render(iop.assess(iop.Profile(suicidality=True))).splitlines()[0]
    'Please get help now.'
    """
    lines = [_LEANS[assessment.lean], *(f"- {message}" for message in assessment.urgent)]
    if assessment.lean is not Lean.URGENT:
        for direction, heading in _HEADINGS.items():
            reasons = [reason for reason in assessment.reasons if reason.direction == direction]
            if reasons:
                lines += ["", f"{heading}:"]
                lines += [f"- {_line(reason.rule, reason.sentence, direction)}" for reason in reasons]
    lines += ["", assessment.disclaimer]
    return "\n".join(lines)


def _line(rule: str, sentence: str, direction: str) -> str:
    return _TEXT[rule] if direction == "unknown" else sentence
