"""A program: how often, how long and with which services, and what level of care that makes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from iopdir.models.facility import Facility
from iopdir.taxonomy import LevelOfCare, Service

__all__ = ["BOUNDS", "SESSION_HOURS_OF_DAY_TREATMENT", "Ages", "Bound", "Classification", "Program"]

Ages = Literal["adults", "adolescents"]
"""The two groups that the bounds differ for."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Amount = Positive | tuple[Positive, Positive]
"""A number, or the lowest and the highest."""

HOURS_IN_A_WEEK: Final = 168


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """The fewest hours that make a level of care, and who says so.

    Parameters
    ----------
    level
        Level of care from this bound on, inclusive.
    ages
        Whom it holds for.
    min_hours
        Hours, in a week or in a session.
    per
        ``"week"`` or ``"session"``.
    source
        Who set it.
    flag
        How sure the reading is: S seen in a primary text, 2° in a transcription, M from memory, NF not found.
    """

    level: LevelOfCare
    ages: tuple[Ages, ...]
    min_hours: float
    per: Literal["week", "session"]
    source: str
    flag: Literal["S", "2°", "M", "NF"]

    def __str__(self) -> str:
        return f"{_LABELS[self.level]}: {self.min_hours:g} hours a {self.per} or more ({self.source}, {self.flag})"


BOUNDS: Final = (
    Bound(
        level=LevelOfCare.IOP,
        ages=("adults",),
        min_hours=9,
        per="week",
        source="SAMHSA Advisory 2021 (from TIP 47)",
        flag="S",
    ),
    Bound(
        level=LevelOfCare.IOP,
        ages=("adolescents",),
        min_hours=6,
        per="week",
        source="SAMHSA Advisory 2021 (from TIP 47)",
        flag="S",
    ),
    Bound(
        level=LevelOfCare.PHP,
        ages=("adults", "adolescents"),
        min_hours=20,
        per="week",
        source="Medicare, partial hospitalization",
        flag="S",
    ),
)
"""Fewest hours a week. Medicare states one number for partial hospitalization and none apart for adolescents."""

SESSION_HOURS_OF_DAY_TREATMENT: Final = Bound(
    level=LevelOfCare.PHP,
    ages=("adults", "adolescents"),
    min_hours=3,
    per="session",
    source="N-SUMHSS, day treatment or partial hospitalization",
    flag="S",
)
"""A survey counts by the length of a session, so sessions this long are in both words."""

_LABELS: Final = {
    LevelOfCare.OUTPATIENT: "regular outpatient",
    LevelOfCare.IOP: "intensive outpatient",
    LevelOfCare.PHP: "day treatment (partial hospitalization)",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Classification:
    """What a program's hours make it, with the bounds that decide.

    Parameters
    ----------
    level
        Level of care; None where the hours are not known, or where a range of hours spans two levels.
    levels
        Levels at the fewest and at the most hours; None where the hours are not known.
    hours_per_week
        Fewest and most hours a week; None where not known.
    ages
        Whom the bounds are for.
    overlaps_day_treatment
        Whether the longest sessions reach the length that the survey N-SUMHSS counts as day treatment or
        partial hospitalization; False also where the length is not known.
    bounds
        Every bound used, with its source and flag.
    """

    level: LevelOfCare | None
    levels: tuple[LevelOfCare, LevelOfCare] | None
    hours_per_week: tuple[float, float] | None
    ages: Ages
    overlaps_day_treatment: bool
    bounds: tuple[Bound, ...]

    @property
    def label(self) -> str:
        """The level in plain words."""
        if self.levels is None:
            return "not known: sessions a week and hours a session are both needed"
        return " to ".join(dict.fromkeys(_LABELS[level] for level in self.levels))

    def __str__(self) -> str:
        lines = [f"{self.label}, by the bounds for {self.ages}"]
        if self.hours_per_week is not None:
            lines[0] += (
                f": {' to '.join(dict.fromkeys(f'{hours:g}' for hours in self.hours_per_week))} hours a week"
            )
        if self.overlaps_day_treatment:
            lines.append(
                "Sessions of 3 hours or more are also day treatment or partial hospitalization in N-SUMHSS."
            )
        return "\n".join([*lines, *(f"- {bound}" for bound in self.bounds)])


class Program(BaseModel):
    """How often, how long and with which services a program treats people.

    Every amount is a number or a range ``(low, high)``; None means not known.

    Parameters
    ----------
    sessions_per_week
        Sessions in a week.
    hours_per_session
        Hours of one session.
    weeks
        How long the program runs.
    services
        Which of the six services it offers; empty means *not stated*.
    levels_of_care
        What the listing calls it, as far as it says.

    Examples
    --------
    Three sessions of three hours meet the nine hours a week, three of two hours do not:

    >>> Program(sessions_per_week=3, hours_per_session=3).classify().level
    <LevelOfCare.IOP: 'iop'>
    >>> Program(sessions_per_week=3, hours_per_session=2).classify().level
    <LevelOfCare.OUTPATIENT: 'outpatient'>

    Sessions of three to five hours are in the survey's words day treatment as well:

    >>> found = Program(sessions_per_week=3, hours_per_session=(3, 5)).classify()
    >>> found.level, found.hours_per_week, found.overlaps_day_treatment
    (<LevelOfCare.IOP: 'iop'>, (9.0, 15.0), True)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sessions_per_week: Amount | None = None
    hours_per_session: Amount | None = None
    weeks: Amount | None = None
    services: tuple[Service, ...] = ()
    levels_of_care: tuple[LevelOfCare, ...] = ()

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for name in ("sessions_per_week", "hours_per_session", "weeks"):
            low, high = _ends(getattr(self, name)) or (0.0, 0.0)
            if low > high:
                raise ValueError(f"{name}: the range ({low:g}, {high:g}) starts above its end")
        if (length := _ends(self.hours_per_session)) and length[1] > 24:
            raise ValueError(f"hours_per_session: {length[1]:g} hours do not fit in a day")
        if (total := _ends(self.hours_per_week)) and total[1] > HOURS_IN_A_WEEK:
            raise ValueError(f"{total[1]:g} hours do not fit in a week")
        return self

    @property
    def hours_per_week(self) -> float | tuple[float, float] | None:
        """Hours a week: a range where an amount is a range, None where one is not known.

        Examples
        --------
        >>> Program(sessions_per_week=3, hours_per_session=3).hours_per_week
        9.0
        >>> Program(sessions_per_week=3, hours_per_session=(2, 3)).hours_per_week
        (6.0, 9.0)
        """
        return _product(self.sessions_per_week, self.hours_per_session)

    @property
    def total_hours(self) -> float | tuple[float, float] | None:
        """Hours from the first week to the last, in the same form.

        Examples
        --------
        >>> Program(sessions_per_week=3, hours_per_session=3, weeks=(12, 16)).total_hours
        (108.0, 144.0)
        """
        return _product(self.hours_per_week, self.weeks)

    def classify(self, *, ages: Ages = "adults") -> Classification:
        """Say which level of care the hours make, and by which bounds.

        Parameters
        ----------
        ages
            ``"adults"`` (intensive from 9 hours a week) or ``"adolescents"`` (from 6).

        Returns
        -------
        Classification
            The level, at the fewest and the most hours; bounds are inclusive. It describes a schedule, not a
            licence and not what any payer covers.

        Raises
        ------
        ValueError
            If `ages` is another word.

        Notes
        -----
        9 and 6 hours a week: SAMHSA Advisory 2021, from TIP 47. 20 hours a week: Medicare, partial
        hospitalization. 3 hours a session: how the survey N-SUMHSS words day treatment, which overlaps.

        Examples
        --------
        >>> six_hours = Program(sessions_per_week=3, hours_per_session=2)
        >>> six_hours.classify(ages="adolescents").label
        'intensive outpatient'
        >>> Program(hours_per_session=3).classify().label
        'not known: sessions a week and hours a session are both needed'
        """
        weekly = tuple(bound for bound in BOUNDS if ages in bound.ages)
        if not weekly:
            raise ValueError(f"ages is 'adults' or 'adolescents', not {ages!r}")
        length, hours = _ends(self.hours_per_session), _ends(self.hours_per_week)
        overlaps = length is not None and length[1] >= SESSION_HOURS_OF_DAY_TREATMENT.min_hours
        levels = None if hours is None else (_level(hours[0], weekly), _level(hours[1], weekly))
        return Classification(
            level=levels[0] if levels is not None and levels[0] is levels[1] else None,
            levels=levels,
            hours_per_week=hours,
            ages=ages,
            overlaps_day_treatment=overlaps,
            bounds=(*weekly, SESSION_HOURS_OF_DAY_TREATMENT) if overlaps else weekly,
        )

    @classmethod
    def from_facility(cls, facility: Facility) -> Self:
        """Take from a listing what it states: services and level. Listings do not state hours.

        Examples
        --------
        >>> import iopdir as iop
        >>> listed = iop.demo_directory().select(level_of_care="iop", services="aftercare")
        >>> program = Program.from_facility(next(iter(listed)))
        >>> "iop" in program.levels_of_care, "aftercare" in program.services, program.hours_per_week
        (True, True, None)
        """
        return cls(services=facility.services, levels_of_care=facility.levels_of_care)


def _level(hours_per_week: float, bounds: tuple[Bound, ...]) -> LevelOfCare:
    """Take the highest level whose bound is reached; rounding of a product never costs a level."""
    level = LevelOfCare.OUTPATIENT
    for bound in sorted(bounds, key=lambda bound: bound.min_hours):
        if hours_per_week >= bound.min_hours or math.isclose(hours_per_week, bound.min_hours):
            level = bound.level
    return level


def _ends(amount: float | tuple[float, float] | None) -> tuple[float, float] | None:
    if amount is None:
        return None
    low, high = amount if isinstance(amount, tuple) else (amount, amount)
    return float(low), float(high)


def _product(
    first: float | tuple[float, float] | None, second: float | tuple[float, float] | None
) -> float | tuple[float, float] | None:
    a, b = _ends(first), _ends(second)
    if a is None or b is None:
        return None
    low, high = a[0] * b[0], a[1] * b[1]
    return (low, high) if isinstance(first, tuple) or isinstance(second, tuple) else low
