"""From answers to a lean with reasons: safety first, unknown never counts as no, a clinician decides."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from iopdir.eligibility.rules import ANSWERS, RED_FLAGS, Rules
from iopdir.vocabulary.taxonomy import AgeGroup, Payment

__all__ = ["DISCLAIMER", "Assessment", "Change", "Lean", "Profile", "Reason", "assess"]

DISCLAIMER: Final = (
    "This is not a diagnosis, and not medical or coverage advice. A clinician decides with you. "
    "Call a program to confirm what it offers. In crisis call or text 988; in an emergency call 911; "
    "for treatment referral, free, day and night: 1-800-662-4357."
)
"""Stands under every assessment."""

MOST_CHANGES: Final = 2
"""Up to so many answers, beside a no to each open safety question, are searched for what would change the lean."""


class Lean(StrEnum):
    """Where the answers lean. Never a decision, never a level of any clinical rule set.

    The first four grow in intensity; `talk_first` stands for answers that leave several of them open.
    """

    LOWER = "consider_lower_intensity"
    IOP = "consider_iop"
    HIGHER = "consider_higher_intensity"
    URGENT = "urgent_help"
    TALK = "talk_first"


_ORDER: Final = (Lean.LOWER, Lean.IOP, Lean.HIGHER, Lean.URGENT)


class Profile(BaseModel):
    """A person's situation, as far as they care to say. Nothing identifying is asked; leaving out is fine.

    Every question may stay unanswered: None, or the word ``"unknown"``, means *unknown* and never counts as no.

    Attributes
    ----------
    withdrawal_risk
        Might stopping be dangerous: daily alcohol, benzodiazepines or opioids, or bad withdrawal before?
    suicidality
        Thoughts of suicide or self-harm?
    recent_overdose
        An overdose in the last weeks?
    pregnancy
        Pregnant, or perhaps?
    acute_medical
        A medical problem that needs care now?
    acute_psychiatric
        A mental health crisis now?
    support
        People who help: strong, some, none.
    home_stable
        A steady place to live?
    home_safe
        Safe there, and nobody who makes it hard not to use?
    physically_stable
        Body well enough for care by day?
    mentally_stable
        Mental health steady enough for care by day?
    use_intensity
        How much: low, moderate, high.
    use_length
        How long: short, medium, long.
    previous_treatment
        In treatment before? Asked since the document mentions it; it does not count.
    can_attend
        Time to come several times a week?
    can_travel
        A way to get there?
    payment
        How treatment would be paid; only used to find places.
    age_group
        Only used to find places.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.Profile(home_stable=True).suicidality is None
    True
    >>> iop.Profile(suicidality="unknown") == iop.Profile()
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    withdrawal_risk: bool | None = None
    suicidality: bool | None = None
    recent_overdose: bool | None = None
    pregnancy: bool | None = None
    acute_medical: bool | None = None
    acute_psychiatric: bool | None = None
    support: Literal["strong", "some", "none"] | None = None
    home_stable: bool | None = None
    home_safe: bool | None = None
    physically_stable: bool | None = None
    mentally_stable: bool | None = None
    use_intensity: Literal["low", "moderate", "high"] | None = None
    use_length: Literal["short", "medium", "long"] | None = None
    previous_treatment: bool | None = None
    can_attend: bool | None = None
    can_travel: bool | None = None
    payment: Payment | None = None
    age_group: AgeGroup | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _unknown_is_a_value(cls, answer: object) -> object:
        return None if answer == "unknown" else answer


class Reason(BaseModel):
    """One reason, with the rule and the source it rests on.

    Attributes
    ----------
    rule
        Id of the rule, or of the question where it was not answered.
    direction
        For or against intensive outpatient care, neutral, or unknown.
    sentence
        In plain words.
    source
        Where from.
    confidence
        ``S``, ``2°``, ``M`` or ``NF``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    direction: Literal["for", "against", "neutral", "unknown", "urgent"]
    sentence: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    confidence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A smallest set of answers that would change the lean.

    Parameters
    ----------
    answers
        Question -> answer.
    lean
        What it would lean to then.
    """

    answers: dict[str, str]
    lean: Lean


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What the answers lean to, why, and what would change it.

    Parameters
    ----------
    lean
        Where they lean.
    possible
        Every lean that unanswered questions leave open; just one unless the lean is `talk_first`.
    urgent
        What to do now, first of all; empty unless there is danger.
    reasons
        Each with its rule and source; in danger those of the safety questions only.
    would_change
        The smallest sets of answers that would change the lean: one yes to a safety question, or up to two other
        answers together with a no to each safety question that is still open. Empty in danger.
    disclaimer
        Always the same.
    """

    lean: Lean
    possible: tuple[Lean, ...]
    urgent: tuple[str, ...]
    reasons: tuple[Reason, ...]
    would_change: tuple[Change, ...]
    disclaimer: str = DISCLAIMER

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain values, for JSON; safety first."""
        plain = asdict(self)
        plain["reasons"] = [reason.model_dump() for reason in self.reasons]
        order = ("urgent", "lean", "possible", "reasons", "would_change", "disclaimer")
        return {name: plain[name] for name in order}


def assess(profile: Profile, *, rules: Rules | None = None) -> Assessment:
    """Say what somebody's answers lean to, with a reason for each.

    First the safety questions: any yes means `urgent_help`, whatever else is said. Then the rules add up, and an
    unanswered question counts as every answer it could have: where these lead to different leans, the lean is
    `talk_first`. So not knowing never reassures.

    Parameters
    ----------
    profile
        The answers.
    rules
        Another table of rules than the package's own.

    Returns
    -------
    Assessment
        Nothing of it is kept, written or sent.

    Examples
    --------
    Nothing is known yet, so everything is open:

    >>> import iopdir as iop
    >>> iop.assess(iop.Profile()).lean.value
    'talk_first'

    Danger goes first:

    >>> result = iop.assess(iop.Profile(suicidality=True, home_stable=True))
    >>> result.lean.value, result.urgent[0].endswith("call 911.")
    ('urgent_help', True)
    """
    rules = rules or Rules.default()
    answers = _answers(profile)
    possible = _possible(answers, rules)
    return Assessment(
        lean=_settle(possible),
        possible=possible,
        urgent=_urgent(answers, rules),
        reasons=_reasons(answers, rules),
        would_change=_would_change(answers, rules),
    )


Answers = dict[str, str | None]


def _answers(profile: Profile) -> Answers:
    words = {True: "yes", False: "no"}
    given = {name: getattr(profile, name) for name in (*RED_FLAGS, *ANSWERS)}
    return {name: words.get(answer, answer) for name, answer in given.items()}


def _possible(answers: Answers, rules: Rules) -> tuple[Lean, ...]:
    """Leans that the unanswered questions leave open, from the least to the most intensive."""
    if any(answers[name] == "yes" for name in RED_FLAGS):
        return (Lean.URGENT,)
    safe = all(answers[name] == "no" for name in RED_FLAGS)
    return _between(_spans(answers, rules), rules, safe=safe)


Spans = dict[str, tuple[float, float]]


def _spans(answers: Answers, rules: Rules) -> Spans:
    """Least and greatest weight that each question can have."""
    spans = {}
    for name in ANSWERS:
        answer = answers[name]
        weights = rules.weights(name) if answer is None else (rules.of(name, answer).weight,)
        spans[name] = (min(weights), max(weights))
    return spans


def _between(spans: Spans, rules: Rules, *, safe: bool) -> tuple[Lean, ...]:
    """Leans from the least sum to the greatest, and urgent help where a safety question is open."""
    least, most = (_of_sum(sum(span[end] for span in spans.values()), rules) for end in (0, 1))
    leans = _ORDER[_ORDER.index(least) : _ORDER.index(most) + 1]
    return leans if safe else (*leans, Lean.URGENT)


def _of_sum(total: float, rules: Rules) -> Lean:
    return Lean.LOWER if total <= rules.lower else Lean.HIGHER if total >= rules.higher else Lean.IOP


def _settle(possible: tuple[Lean, ...]) -> Lean:
    return possible[0] if len(possible) == 1 else Lean.TALK


def _urgent(answers: Answers, rules: Rules) -> tuple[str, ...]:
    danger = [rule for rule in rules.urgent if answers[rule.field] == "yes"]
    return tuple(f"{rule.sentence} {rule.action}" for rule in danger)


def _reasons(answers: Answers, rules: Rules) -> tuple[Reason, ...]:
    reasons = []
    for danger in rules.urgent:
        answer = answers[danger.field]
        if answer == "yes":
            reasons.append(_reason(danger.id, "urgent", danger.sentence, danger.source, danger.flag))
        elif answer is None:
            sentence = "Not answered. This comes first: please ask a clinician, or answer it."
            reasons.append(_reason(danger.id, "unknown", sentence, danger.source, danger.flag))
    if any(reason.direction == "urgent" for reason in reasons):
        return tuple(reasons)
    for name in ANSWERS:
        answer = answers[name]
        if answer is None:
            rule = rules.of(name, ANSWERS[name][-1])
            reasons.append(_reason(name, "unknown", "Not answered. It may matter.", rule.source, rule.flag))
        else:
            rule = rules.of(name, answer)
            reasons.append(_reason(rule.id, rule.direction, rule.sentence, rule.source, rule.flag))
    return tuple(reasons)


def _reason(rule: str, direction: str, sentence: str, source: str, flag: str) -> Reason:
    fields = {
        "rule": rule,
        "direction": direction,
        "sentence": sentence,
        "source": source,
        "confidence": flag,
    }
    return Reason.model_validate(fields)


def _would_change(answers: Answers, rules: Rules) -> tuple[Change, ...]:
    """Search for the smallest sets of answers that lead to another settled lean.

    One yes to a safety question is enough for urgent help, and any other settled lean needs a no to each of them.
    So only sets of the remaining answers are searched: none, one, then two. A set counts only if no smaller one
    does the same. In danger nothing is searched: no answer should be traded against it.
    """
    if any(answers[name] == "yes" for name in RED_FLAGS):
        return ()
    now = _settle(_possible(answers, rules))
    found = [Change(answers={name: "yes"}, lean=Lean.URGENT) for name in RED_FLAGS]
    safe: dict[str, str] = {name: "no" for name in RED_FLAGS if answers[name] is None}
    spans = _spans(answers, rules)
    weight = {(rule.field, rule.answer): rule.weight for rule in rules.rules}
    for size in range(MOST_CHANGES + 1):
        for names in combinations(ANSWERS, size):
            for values in product(*(ANSWERS[name] for name in names)):
                chosen = dict(zip(names, values, strict=True))
                given = safe | chosen
                if any(answers[name] == value for name, value in given.items()):
                    continue
                if any(change.answers.items() <= given.items() for change in found):
                    continue
                changed = {name: (weight[name, value], weight[name, value]) for name, value in chosen.items()}
                lean = _settle(_between(spans | changed, rules, safe=True))
                if lean not in {now, Lean.TALK}:
                    found.append(Change(answers=given, lean=lean))
    return tuple(found)
