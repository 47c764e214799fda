"""From answers to a lean with reasons: safety first, unknown never counts as no, a clinician decides."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from html import escape
from itertools import combinations, product
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from iopdir.eligibility.profile import Profile
from iopdir.eligibility.rules import ANSWERS, QUESTIONS, SAFETY, Fit, Flag, Place, Rule, Rules
from iopdir.vocabulary.crisis import IN_CRISIS

__all__ = ["DISCLAIMER", "Assessment", "Change", "Lean", "Reason", "assess"]

DISCLAIMER: Final = (
    "This is not a diagnosis, and not medical or coverage advice. A clinician decides with you. "
    f"Call a program to confirm what it offers. {IN_CRISIS}"
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


class Reason(BaseModel):
    """One reason, with the rule and the source it rests on.

    Attributes
    ----------
    rule
        Id of the rule, or of the question where it was not answered.
    direction
        Danger, for or against intensive outpatient care, neutral, practical, or unknown.
    sentence
        In plain words.
    action
        What to do, to tell or to ask; may be empty.
    source
        Where from.
    confidence
        ``S``, ``2°``, ``M`` or ``NF``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    direction: Literal["urgent", "unknown", "practical", "for", "against", "neutral"]
    sentence: Annotated[str, Field(min_length=1)]
    action: str = ""
    source: Annotated[str, Field(min_length=1)]
    confidence: Flag


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
        What to do now, the most urgent first; empty unless there is danger.
    reasons
        Each with its rule and source, and what to do about it; in danger those of the safety questions only.
    ask
        What to ask when one calls a program; empty in danger.
    places
        Kinds of place that the reasons lead to, beside the levels of care of the leans. In danger empty, unless each
        danger leads to places: where it does not, help comes first.
    fits
        What places made for somebody with these answers state besides; empty in danger.
    would_change
        The smallest sets of answers that would change the lean: one yes to a safety question, or up to two other
        answers together with an answer to each safety question that is still open. Empty in danger.
    disclaimer
        Always the same.
    """

    lean: Lean
    possible: tuple[Lean, ...]
    urgent: tuple[str, ...]
    reasons: tuple[Reason, ...]
    ask: tuple[str, ...]
    places: tuple[Place, ...]
    fits: tuple[Fit, ...]
    would_change: tuple[Change, ...]
    disclaimer: str = DISCLAIMER

    def _repr_html_(self) -> str:
        """Show what to do now first, then where the answers lean and why."""
        urgent = "".join(f"<p><b>{escape(advice)}</b></p>" for advice in self.urgent)
        reasons = "".join(
            f"<li>{escape(f'{reason.sentence} {reason.action}'.strip())}</li>" for reason in self.reasons
        )
        lean = self.lean.value.replace("_", " ").capitalize()
        return f"{urgent}<p>{lean}.</p><ul>{reasons}</ul><p>{escape(self.disclaimer)}</p>"

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain values, for JSON; safety first."""
        plain = asdict(self)
        plain["reasons"] = [reason.model_dump() for reason in self.reasons]
        plain["fits"] = [fit.model_dump(mode="json", exclude_none=True) for fit in self.fits]
        order = (
            "urgent",
            "lean",
            "possible",
            "reasons",
            "ask",
            "places",
            "fits",
            "would_change",
            "disclaimer",
        )
        return {name: plain[name] for name in order}


def assess(profile: Profile, *, rules: Rules | None = None) -> Assessment:
    """Say what somebody's answers lean to, with a reason for each.

    First the safety questions, all of them: any danger means `urgent_help`, whatever else is said. A risk that is
    looked after leads to care: what to tell, what to ask, and which places. Then the rules add up, and an unanswered
    question counts as every answer it could have: where these lead to different leans, the lean is `talk_first`. So
    not knowing never reassures.

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

    Danger goes first, with every piece of advice that applies:

    >>> result = iop.assess(iop.Profile(suicidality=True, pregnancy=True, home_stable=True))
    >>> result.lean.value, len(result.urgent), "988" in result.urgent[0]
    ('urgent_help', 2, True)

    A risk that somebody looks after leads to places:

    >>> iop.assess(iop.Profile(pregnancy="managed", medication="methadone")).places
    ('perinatal', 'hospital', 'opioid_treatment')
    """
    rules = rules or Rules.default()
    answers = _answers(profile)
    danger = _in_danger(answers)
    told = [name for name in QUESTIONS if name in SAFETY or not danger]
    applied = [rule for rule in rules.rules if rule.field in told and answers[rule.field] == rule.answer]
    possible = _possible(answers, rules)
    dead_end = any(rule.direction == "urgent" and not rule.places for rule in applied)
    return Assessment(
        lean=_settle(possible),
        possible=possible,
        urgent=tuple(f"{rule.sentence} {rule.action}" for rule in applied if rule.direction == "urgent"),
        reasons=(*_open(answers, told, rules), *map(_reason, applied)),
        ask=() if danger else tuple(ask.sentence for ask in rules.asks),
        places=() if dead_end else tuple(dict.fromkeys(place for rule in applied for place in rule.places)),
        fits=() if danger else tuple(rule.fit for rule in applied if rule.fit),
        would_change=() if danger else _would_change(answers, rules),
    )


Answers = dict[str, str | None]


def _answers(profile: Profile) -> Answers:
    words = {True: "yes", False: "no"}
    given = {name: getattr(profile, name) for name in QUESTIONS}
    return {name: words.get(answer, answer) for name, answer in given.items()}


def _in_danger(answers: Answers) -> bool:
    return any(answers[name] == "yes" for name in SAFETY)


def _possible(answers: Answers, rules: Rules) -> tuple[Lean, ...]:
    """Leans that the unanswered questions leave open, from the least to the most intensive."""
    if _in_danger(answers):
        return (Lean.URGENT,)
    settled = _between(_spans(answers, rules), rules)
    return settled if None not in (answers[name] for name in SAFETY) else (*settled, Lean.URGENT)


Spans = dict[str, tuple[float, float]]


def _spans(answers: Answers, rules: Rules) -> Spans:
    """Least and greatest weight that each question can have, danger aside."""
    spans = {}
    for name in SAFETY | ANSWERS:
        answer = answers[name]
        weights = rules.weights(name).values() if answer is None else (rules.weight(name, answer),)
        spans[name] = (min(weights), max(weights))
    return spans


def _between(spans: Spans, rules: Rules) -> tuple[Lean, ...]:
    """Leans from the least sum to the greatest."""
    least, most = (_of_sum(sum(span[end] for span in spans.values()), rules) for end in (0, 1))
    return _ORDER[_ORDER.index(least) : _ORDER.index(most) + 1]


def _of_sum(total: float, rules: Rules) -> Lean:
    lower, higher = rules.thresholds.lower, rules.thresholds.higher
    return Lean.LOWER if total <= lower else Lean.HIGHER if total >= higher else Lean.IOP


def _settle(possible: tuple[Lean, ...]) -> Lean:
    return possible[0] if len(possible) == 1 else Lean.TALK


def _reason(rule: Rule) -> Reason:
    return Reason(
        rule=rule.id,
        direction=rule.direction,
        sentence=rule.sentence,
        action=rule.action,
        source=rule.source,
        confidence=rule.flag,
    )


def _open(answers: Answers, told: list[str], rules: Rules) -> list[Reason]:
    """List the questions without an answer that the lean waits for, each with the source of its hardest answer."""
    reasons = []
    for name in told:
        hardest = rules.of(name, QUESTIONS[name][-1])
        waited_for = name in SAFETY or any(rules.weights(name).values())
        if answers[name] is not None or not waited_for or hardest is None:
            continue
        sentence = "Not answered. It may matter."
        if name in SAFETY:
            sentence = "Not answered. This comes first: please ask a clinician, or answer it."
        about = {"source": hardest.source, "confidence": hardest.flag}
        reasons.append(
            Reason.model_validate({"rule": name, "direction": "unknown", "sentence": sentence} | about)
        )
    return reasons


def _would_change(answers: Answers, rules: Rules) -> tuple[Change, ...]:
    """Search for the smallest sets of answers that lead to another settled lean.

    One yes to a safety question is enough for urgent help, and any other settled lean needs an answer to each that is
    open: no, unless another one is searched. What was said about safety is not traded against anything. A set counts
    only if no smaller one does the same.
    """
    now = _settle(_possible(answers, rules))
    found = [Change(answers={name: "yes"}, lean=Lean.URGENT) for name in SAFETY]
    safe: dict[str, str] = {name: "no" for name in SAFETY if answers[name] is None}
    spans = _spans(answers, rules) | dict.fromkeys(safe, (0.0, 0.0))
    choices = {name: weights for name in ANSWERS if any((weights := rules.weights(name)).values())}
    choices |= {name: {a: weight for a, weight in rules.weights(name).items() if weight} for name in safe}
    for size in range(MOST_CHANGES + 1):
        for names in combinations(choices, size):
            for values in product(*(choices[name] for name in names)):
                chosen = dict(zip(names, values, strict=True))
                given = safe | chosen
                if any(answers[name] == value for name, value in given.items()):
                    continue
                if any(change.answers.items() <= given.items() for change in found):
                    continue
                changed = {n: (weight := choices[n][value], weight) for n, value in chosen.items()}
                lean = _settle(_between(spans | changed, rules))
                if lean not in {now, Lean.TALK}:
                    found.append(Change(answers=given, lean=lean))
    return tuple(found)
