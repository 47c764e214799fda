"""Which facilities count, in words: the care they give, and what else they state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import EnumType
from typing import Any, Final

from iopdir.vocabulary.taxonomy import (
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
)
from iopdir.vocabulary.words import words_for

__all__ = ["care_text", "choice_text"]

_STATED: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "payment": ("takes", Payment),
    "age_group": ("treats", AgeGroup),
    "medication": ("offers", Medication),
    "services": ("offers", Service),
    "special_population": ("has a program for", SpecialPopulation),
    "setting": ("is of the setting", Setting),
    "language": ("offers care in", str.title),
    "codes": ("has the code", str),
}
"""Filter -> its verb, and what its values are."""


def _steps(parameters: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for step in (*parameters.get("select", []), parameters.get("filters", {})):
        for name, value in step.items():
            yield name, list(value) if isinstance(value, list | tuple) else [value]


def care_text(parameters: Mapping[str, Any]) -> str:
    """Say which care the facilities of a table give, from the selections in its provenance.

    Examples
    --------
    >>> care_text({"select": [{"level_of_care": ["iop"]}]}), care_text({})
    ('intensive outpatient care', 'treatment of any kind')
    """
    levels = [value for name, value in _steps(parameters) if name == "level_of_care"]
    if not levels:
        return "treatment of any kind"
    return " or ".join(words_for(LevelOfCare(level)) for level in levels[-1])


def choice_text(parameters: Mapping[str, Any]) -> str:
    """Say what else they must state; nothing if nothing.

    Examples
    --------
    >>> choice_text({"select": [{"payment": ["medicaid"], "telehealth": True}]})
    ' that states it takes Medicaid and that states it offers telehealth'
    """
    parts = []
    for name, values in _steps(parameters):
        if name == "telehealth":
            parts.append(f" that states it {'offers' if values[0] else 'does not offer'} telehealth")
        elif name in _STATED:
            verb, kind = _STATED[name]
            words = [
                words_for(kind(value)) if isinstance(kind, EnumType) else kind(value) for value in values
            ]
            parts.append(f" that states it {verb} {' or '.join(words)}")
    return " and".join(parts)
