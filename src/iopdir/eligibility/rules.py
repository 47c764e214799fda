"""The rules as data: what one answer to one question means, and which answers go past all scoring."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from iopdir.errors import LoadError

__all__ = ["ANSWERS", "RED_FLAGS", "Rule", "Rules", "UrgentRule"]

ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "support": ("strong", "some", "none"),
    "home_stable": ("yes", "no"),
    "home_safe": ("yes", "no"),
    "physically_stable": ("yes", "no"),
    "mentally_stable": ("yes", "no"),
    "use_intensity": ("low", "moderate", "high"),
    "use_length": ("short", "medium", "long"),
    "previous_treatment": ("no", "yes"),
    "can_attend": ("yes", "no"),
    "can_travel": ("yes", "no"),
}
"""Questions and their answers, from the easiest situation to the hardest: the order that "worse" means."""

RED_FLAGS: Final = (
    "withdrawal_risk",
    "suicidality",
    "recent_overdose",
    "pregnancy",
    "acute_medical",
    "acute_psychiatric",
)
"""Questions whose yes goes past all scoring."""

_FLAGS: Final = {"S", "2°", "M", "NF"}
_THRESHOLDS: Final = {"lower", "higher", "source", "flag"}
_EXPECTED: Final = "a table of rules"


@dataclass(frozen=True, kw_only=True, slots=True)
class UrgentRule:
    """What a red flag means: a sentence, and what to do now.

    Parameters
    ----------
    id, field
        Name of the rule, and the question whose yes sets it off.
    sentence, action
        What to say, and what to do.
    source, flag
        Where from, and how sure.
    """

    id: str
    field: str
    sentence: str
    action: str
    source: str
    flag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What one answer to one question means.

    Parameters
    ----------
    id, field, answer
        Name of the rule, question and answer.
    direction
        For or against intensive outpatient care, or neutral.
    weight
        Toward more intensive care if positive, toward less if negative.
    sentence
        What to say.
    source, flag
        Where from, and how sure.
    """

    id: str
    field: str
    answer: str
    direction: Literal["for", "against", "neutral"]
    weight: float
    sentence: str
    source: str
    flag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """A validated table of rules.

    Parameters
    ----------
    rules, urgent
        One rule for each answer to each question; one for each red flag.
    lower, higher
        Sums at which the lean changes, both inclusive.

    Examples
    --------
    >>> import iopdir as iop
    >>> rules = iop.eligibility.Rules.default()
    >>> rules.of("previous_treatment", "yes").weight
    0.0
    """

    rules: tuple[Rule, ...]
    urgent: tuple[UrgentRule, ...]
    lower: float
    higher: float

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
            If the file is no TOML; if a rule has an unknown field, answer, direction or flag, or no source; if an
            answer has two rules or none; if a worse answer would count for less; if a neutral rule has a weight; or if
            a red flag has no rule.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise LoadError(path, expected=_EXPECTED, found=f"none that can be read ({error})") from error
        return _parse(text, path)

    def of(self, field: str, answer: str) -> Rule:
        """Look up the rule for an answer."""
        return next(rule for rule in self.rules if rule.field == field and rule.answer == answer)

    def weights(self, field: str) -> tuple[float, ...]:
        """Weights of the answers to a question, from the easiest to the hardest."""
        return tuple(self.of(field, answer).weight for answer in ANSWERS[field])


@cache
def _default() -> Rules:
    source = files("iopdir.eligibility").joinpath("rules.toml")
    return _parse(source.read_text(encoding="utf-8"), "rules.toml")


def _parse(text: str, path: str | Path) -> Rules:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LoadError(path, expected=_EXPECTED, found=f"broken TOML ({error})") from error
    unknown = table.keys() - {"thresholds", "urgent", "rule"}
    if unknown or not {"thresholds", "urgent", "rule"} <= table.keys():
        raise LoadError(
            path, expected="tables thresholds, urgent and rule", found=f"{', '.join(table) or 'nothing'}"
        )
    thresholds = table["thresholds"]
    if not (isinstance(thresholds, dict) and thresholds.keys() == _THRESHOLDS):
        raise LoadError(
            path, expected=f"thresholds with {', '.join(sorted(_THRESHOLDS))}", found=repr(thresholds)
        )
    _words(path, thresholds, "thresholds", ("source", "flag"))
    lower, higher = (_number(path, thresholds, name) for name in ("lower", "higher"))
    if not lower < higher:
        raise LoadError(path, expected="thresholds with lower below higher", found=f"{lower} and {higher}")
    rules = tuple(Rule(**_row(path, row, Rule)) for row in _rows(path, table, "rule"))
    urgent = tuple(UrgentRule(**_row(path, row, UrgentRule)) for row in _rows(path, table, "urgent"))
    result = Rules(rules=rules, urgent=urgent, lower=lower, higher=higher)
    _check(path, result)
    return result


def _number(path: str | Path, row: dict[str, Any], name: str) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        raise LoadError(path, expected=f"a number for {name}", found=repr(value))
    return float(value)


def _rows(path: str | Path, table: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = table[name]
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise LoadError(path, expected=f"[[{name}]] tables", found=f"{name} = {str(rows)[:40]}")
    return rows


def _words(path: str | Path, row: dict[str, Any], name: str, keys: Iterable[str]) -> None:
    for key in keys:
        if not (isinstance(row[key], str) and row[key].strip()):
            raise LoadError(path, expected=f"words in {key} of {name}", found=repr(row[key]))
    if row["flag"] not in _FLAGS:
        raise LoadError(
            path, expected=f"flag of {name} among {', '.join(sorted(_FLAGS))}", found=repr(row["flag"])
        )


def _row(path: str | Path, row: dict[str, Any], kind: type[Rule | UrgentRule]) -> dict[str, Any]:
    name = row.get("id", "a rule without id")
    fields = set(kind.__dataclass_fields__)
    if row.keys() != fields:
        wrong = ", ".join(sorted(row.keys() ^ fields))
        raise LoadError(
            path,
            expected=f"{name} with the fields {', '.join(sorted(fields))}",
            found=f"a difference: {wrong}",
        )
    _words(path, row, name, sorted(fields - {"weight"}))
    return row | {"weight": _number(path, row, "weight")} if "weight" in fields else row


def _check_rule(path: str | Path, rule: Rule) -> None:
    if rule.answer not in ANSWERS.get(rule.field, ()):
        expected = f"a known question and answer in {rule.id}"
        raise LoadError(path, expected=expected, found=f"{rule.field} = {rule.answer}")
    if rule.direction not in {"for", "against", "neutral"}:
        raise LoadError(path, expected=f"for, against or neutral in {rule.id}", found=rule.direction)
    if rule.direction == "neutral" and rule.weight != 0:
        raise LoadError(path, expected=f"no weight in {rule.id}, which is neutral", found=str(rule.weight))


def _check(path: str | Path, rules: Rules) -> None:
    ids = [rule.id for rule in rules.rules] + [rule.id for rule in rules.urgent]
    twice = {name for name in ids if ids.count(name) > 1}
    if twice:
        raise LoadError(path, expected="one rule an id", found=f"{min(twice)} twice")
    for rule in rules.rules:
        _check_rule(path, rule)
    answered = [(rule.field, rule.answer) for rule in rules.rules]
    for field, answers in ANSWERS.items():
        for answer in answers:
            if answered.count((field, answer)) != 1:
                number = answered.count((field, answer))
                raise LoadError(
                    path, expected=f"one rule for {field} = {answer}", found=f"{number or 'none'}"
                )
        weights = rules.weights(field)
        if list(weights) != sorted(weights):
            raise LoadError(
                path, expected=f"weights of {field} that grow as answers get worse", found=str(weights)
            )
    flagged = [rule.field for rule in rules.urgent]
    if sorted(flagged) != sorted(RED_FLAGS):
        raise LoadError(
            path, expected=f"one urgent rule for each of {', '.join(RED_FLAGS)}", found=", ".join(flagged)
        )
