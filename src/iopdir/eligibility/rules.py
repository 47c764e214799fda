"""The rules as data: what one answer to one question means, and which answers go past all scoring."""

from __future__ import annotations

import tomllib
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    model_validator,
)

from iopdir.errors import LoadError
from iopdir.limits import read_toml
from iopdir.vocabulary.crisis import CRISIS_LINES
from iopdir.vocabulary.taxonomy import Medication, SpecialPopulation

__all__ = [
    "ANSWERS", "PATHS", "QUESTIONS", "SAFETY", "Ask", "Fit", "Flag", "Place", "Rule", "Rules", "Thresholds"
]  # fmt: skip

SAFETY: Final[dict[str, tuple[str, ...]]] = {
    "suicidality": ("no", "yes"),
    "harmed": ("no", "yes"),
    "acute_medical": ("no", "yes"),
    "recent_overdose": ("no", "managed", "unmanaged", "yes"),
    "withdrawal_risk": ("no", "managed", "unmanaged", "yes"),
    "acute_psychiatric": ("no", "yes"),
    "pregnancy": ("no", "managed", "yes"),
}
"""Safety questions. A yes is danger and goes past all scoring; what stands before it leads to care."""

ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "support": ("strong", "some", "none"),
    "home_stable": ("yes", "no"),
    "home_supportive": ("yes", "no"),
    "physically_stable": ("yes", "no"),
    "mentally_stable": ("yes", "no"),
    "use_intensity": ("low", "moderate", "high"),
    "use_length": ("short", "medium", "long"),
    "previous_treatment": ("no", "yes"),
}
"""Questions that the lean rests on, from the easiest situation to the hardest: the order that "worse" means."""

PATHS: Final[dict[str, tuple[str, ...]]] = {
    "can_attend": ("yes", "no"),
    "can_travel": ("yes", "no"),
    "medication": ("none", "buprenorphine", "methadone", "other"),
    "age_group": ("adults", "young_adults", "children", "seniors"),
    "memory": ("no", "yes"),
    "court_ordered": ("no", "yes"),
    "veteran": ("no", "yes"),
    "asking_for": ("self", "child", "other"),
}
"""Questions that move no lean: what to arrange and whom to tell."""

QUESTIONS: Final = SAFETY | ANSWERS | PATHS
"""Question -> answers, in the order they are asked."""

Flag = Literal["S", "2°", "M", "NF"]
Place = Literal[
    "withdrawal_management", "opioid_treatment", "buprenorphine", "perinatal", "hospital", "telehealth"
]
"""Kinds of place that a rule can lead to."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _with_numbers(text: str) -> str:
    try:
        return text.format_map({name: line.number for name, line in CRISIS_LINES.items()})
    except (KeyError, ValueError, IndexError):
        raise ValueError(f"only {', '.join(CRISIS_LINES)} stand for numbers") from None


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Words
    flag: Flag


class Thresholds(_Row):
    """Sums at which the lean changes, both inclusive."""

    lower: FiniteFloat
    higher: FiniteFloat

    @model_validator(mode="after")
    def _lower_is_below(self) -> Self:
        if not self.lower < self.higher:
            raise ValueError(f"lower is not below higher: {self.lower} and {self.higher}")
        return self


class Ask(_Row):
    """Something to ask when one calls a program."""

    sentence: Words


class Fit(BaseModel):
    """What a facility states that is made for somebody with this answer; any of what is named will do.

    Attributes
    ----------
    words
        What to call it.
    medication, special_population
        As [`Directory.select`][iopdir.Directory.select] takes them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: Words
    medication: tuple[Medication, ...] | None = None
    special_population: tuple[SpecialPopulation, ...] | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.medication or self.special_population):
            raise ValueError(f"nothing asked for: {self.words}")
        return self


class Rule(_Row):
    """What one answer to one question means.

    Attributes
    ----------
    id, field, answer
        Name of the rule, question and answer.
    direction
        Danger, for or against intensive outpatient care, neutral; or practical: no reason for more or less care,
        but something to tell or to arrange.
    weight
        Toward more intensive care if positive, toward less if negative.
    sentence
        What to say.
    action
        What to do, to tell or to ask.
    places
        Kinds of place that `match` lists for it.
    fit
        What `match` looks for first among the places of the right level of care.
    source, flag
        Where from, and how sure.
    """

    id: Words
    field: Words
    answer: Words
    direction: Literal["urgent", "for", "against", "neutral", "practical"]
    weight: FiniteFloat = 0.0
    sentence: Words
    action: Annotated[str, AfterValidator(_with_numbers)] = ""
    places: tuple[Place, ...] = ()
    fit: Fit | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.answer not in QUESTIONS.get(self.field, ()):
            raise ValueError(f"no such question and answer: {self.field} = {self.answer}")
        if (self.direction == "urgent") != (self.field in SAFETY and self.answer == "yes"):
            raise ValueError(f"urgent is a yes to a safety question and nothing else, not {self.id}")
        if self.direction in {"urgent", "practical"} and not self.action:
            raise ValueError(f"nothing to do in {self.id}")
        if self.weight and self.direction not in {"for", "against"}:
            raise ValueError(f"{self.direction}, and still a weight of {self.weight} in {self.id}")
        return self


class Rules(BaseModel):
    """A validated table of rules.

    Attributes
    ----------
    thresholds
        Sums at which the lean changes.
    rules
        In the order they are told: one for each danger, for each risk that leads to care, for each answer that the
        lean rests on, and for what needs arranging.
    asks
        What to ask when one calls.

    Examples
    --------
    >>> import iopdir as iop
    >>> rules = iop.eligibility.Rules.default()
    >>> rules.weight("previous_treatment", "yes")
    0.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    thresholds: Thresholds
    rules: Annotated[tuple[Rule, ...], Field(alias="rule")]
    asks: Annotated[tuple[Ask, ...], Field(alias="ask")]

    @classmethod
    def default(cls) -> Rules:
        """Give the rules that come with the package."""
        return _default()

    @classmethod
    def load(cls, path: str | Path) -> Rules:
        """Read a table of rules from TOML, laid out as the package's own `rules.toml`.

        Parameters
        ----------
        path
            The file.

        Returns
        -------
        Rules
            Complete and free of contradictions.

        Raises
        ------
        LoadError
            If the file is no TOML; if a rule has an unknown field, answer, direction, place or flag, or no source; if
            an answer that needs a rule has none, or two; if a worse answer would count for less; if danger counts for
            anything but danger; or if what should weigh nothing has a weight.
        """
        return _parse(read_toml(path, expected="a table of rules"), path)

    @cached_property
    def _by_answer(self) -> dict[tuple[str, str], Rule]:
        return {(rule.field, rule.answer): rule for rule in self.rules}

    def of(self, field: str, answer: str | None) -> Rule | None:
        """Look up the rule for an answer; None where nothing is said about it."""
        return self._by_answer.get((field, answer or ""))

    def weight(self, field: str, answer: str) -> float:
        """Weight of an answer, 0 where no rule gives one."""
        rule = self.of(field, answer)
        return rule.weight if rule else 0.0

    def weights(self, field: str) -> dict[str, float]:
        """Weights of the answers to a question that are no danger, from the easiest to the hardest."""
        return {a: self.weight(field, a) for a in QUESTIONS[field] if not (field in SAFETY and a == "yes")}

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        ids = [rule.id for rule in self.rules]
        twice = {name for name in ids if ids.count(name) > 1}
        if twice:
            raise ValueError(f"{min(twice)} twice")
        answered = [(rule.field, rule.answer) for rule in self.rules]
        for field, answers in QUESTIONS.items():
            for answer in answers:
                needed = field in ANSWERS or (field in SAFETY and answer != "no")
                number = answered.count((field, answer))
                if number > 1 or number < needed:
                    raise ValueError(f"{number} rules for {field} = {answer}")
            weights = list(self.weights(field).values())
            if weights != sorted(weights):
                raise ValueError(f"weights of {field} fall as answers get worse: {weights}")
        return self


@cache
def _default() -> Rules:
    source = files("iopdir.eligibility").joinpath("rules.toml")
    return _parse(tomllib.loads(source.read_text(encoding="utf-8")), "rules.toml")


def _parse(content: dict[str, Any], path: str | Path) -> Rules:
    try:
        return Rules.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        given = f" ({where} = {first['input']!r:.60})" if where else ""
        raise LoadError(
            path, expected="rules that agree with each other", found=first["msg"] + given
        ) from error
