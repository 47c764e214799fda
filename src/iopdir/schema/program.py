"""A program of care: how often, how long, how many weeks, and what that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from iopdir.errors import UnknownNameError
from iopdir.vocabulary.taxonomy import LevelOfCare, Service

if TYPE_CHECKING:
    from iopdir.schema.facility import Facility

__all__ = ["BOUNDS", "Bound", "Classification", "Intensity", "Program"]

Hours = Annotated[float, Field(gt=0, le=24, allow_inf_nan=False)]
Sessions = Annotated[float, Field(gt=0, le=21, allow_inf_nan=False)]
Span = float | tuple[float, float]


class Intensity(StrEnum):
    """What the hours of a program make it."""

    REGULAR_OUTPATIENT = "regular outpatient"
    INTENSIVE_OUTPATIENT = "intensive outpatient"
    DAY_TREATMENT = "day treatment or partial hospitalization"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """A published bound between two intensities.

    Parameters
    ----------
    intensity
        What begins at the bound.
    hours_per_week
        Least hours a week.
    source
        Who sets it.
    confidence
        ``S`` seen in a primary text, ``2°`` second hand, ``M`` from memory.
    """

    intensity: Intensity
    hours_per_week: float
    source: str
    confidence: str


_ADVISORY: Final = "SAMHSA Advisory 2021 on intensive outpatient treatment, after TIP 47"
_MEDICARE: Final = "Medicare's condition for partial hospitalization"
BOUNDS: Final[dict[str, tuple[Bound, ...]]] = {
    "adults": (
        Bound(intensity=Intensity.INTENSIVE_OUTPATIENT, hours_per_week=9.0, source=_ADVISORY, confidence="S"),
        Bound(intensity=Intensity.DAY_TREATMENT, hours_per_week=20.0, source=_MEDICARE, confidence="2°"),
    ),
    "adolescents": (
        Bound(intensity=Intensity.INTENSIVE_OUTPATIENT, hours_per_week=6.0, source=_ADVISORY, confidence="S"),
        Bound(intensity=Intensity.DAY_TREATMENT, hours_per_week=20.0, source=_MEDICARE, confidence="2°"),
    ),
}
"""Least hours a week by age group, each with its source; both inclusive."""

LONG_SESSION_HOURS: Final = 3.0
"""N-SUMHSS calls sessions of this length or more day treatment or partial hospitalization (SAMHSA, S)."""

TEDS_DAYS, TEDS_HOURS_A_DAY = 3, 2.0
"""Least days a week and hours a day of intensive outpatient care in SAMHSA's Treatment Episode Data Set (2°): less than
the Advisory's nine hours a week."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Classification:
    """What a program is called, and by which bounds.

    Parameters
    ----------
    lowest, highest
        Intensity at the fewest and at the most hours; the same where the hours are one number.
    hours_per_week
        Fewest and most hours a week; None where they are not known.
    age_group
        Whose bounds were used.
    bounds
        The bounds, with their sources.
    notes
        What else to know, in sentences.
    """

    lowest: Intensity
    highest: Intensity
    hours_per_week: tuple[float, float] | None
    age_group: str
    bounds: tuple[Bound, ...]
    notes: tuple[str, ...]

    @property
    def intensity(self) -> Intensity:
        """The one intensity, or `UNKNOWN` where the range of hours spans two."""
        return self.lowest if self.lowest is self.highest else Intensity.UNKNOWN

    def __str__(self) -> str:
        if self.lowest is self.highest:
            return self.lowest.value
        return f"{self.lowest.value} to {self.highest.value}"


class Program(BaseModel):
    """A program of care.

    Attributes
    ----------
    sessions_per_week
        How often.
    hours_per_session
        How long a session is: hours, or the least and the most.
    weeks
        How long the program lasts.
    schedule
        Sessions in each week, where they change with progress; in place of `sessions_per_week` and `weeks`.
    services
        Which of the document's six services it has.

    Examples
    --------
    The document's own numbers: three sessions of three hours qualify, three of two do not.

    >>> import iopdir as iop
    >>> str(iop.Program(sessions_per_week=3, hours_per_session=3).classify())
    'intensive outpatient'
    >>> str(iop.Program(sessions_per_week=3, hours_per_session=2).classify())
    'regular outpatient'
    >>> iop.Program(sessions_per_week=3, hours_per_session=3, weeks=12).total_hours
    108.0

    One that tapers has fewer hours than its first weeks promise:

    >>> tapering = iop.Program(schedule=(3,) * 6 + (2,) * 3 + (1,) * 3, hours_per_session=3)
    >>> tapering.total_hours, str(tapering.classify())
    (81.0, 'regular outpatient to intensive outpatient')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sessions_per_week: Sessions | None = None
    hours_per_session: Hours | tuple[Hours, Hours] | None = None
    weeks: Annotated[float, Field(gt=0, le=520, allow_inf_nan=False)] | None = None
    schedule: Annotated[tuple[Sessions, ...], Field(max_length=520)] = ()
    services: frozenset[Service] = frozenset()

    @field_validator("hours_per_session")
    @classmethod
    def _least_first(cls, hours: Span | None) -> Span | None:
        if isinstance(hours, tuple) and hours[0] > hours[1]:
            raise ValueError("write the least hours of a session first")
        return hours

    @model_validator(mode="after")
    def _one_way_to_say_how_often(self) -> Program:
        if self.schedule and (self.sessions_per_week is not None or self.weeks is not None):
            raise ValueError("a schedule stands in place of sessions_per_week and weeks")
        return self

    @property
    def hours_per_week(self) -> Span | None:
        """Hours a week: a number, the least and the most, or None where not known."""
        often = self._often
        return _times(self.hours_per_session, often[0], often[-1]) if often else None

    @property
    def total_hours(self) -> Span | None:
        """Hours of the whole program: a number, the least and the most, or None where not known."""
        if self.schedule:
            sessions = sum(self.schedule)
        elif self.sessions_per_week is None or self.weeks is None:
            return None
        else:
            sessions = self.sessions_per_week * self.weeks
        return _times(self.hours_per_session, sessions, sessions)

    @property
    def meets_teds(self) -> bool | None:
        """Whether TEDS would call every week of it intensive outpatient, a session a day; None where not known."""
        if not self._often or self.hours_per_session is None:
            return None
        return self._often[0] >= TEDS_DAYS and _ends(self.hours_per_session)[0] >= TEDS_HOURS_A_DAY

    @property
    def _often(self) -> tuple[float, ...]:
        """Sessions a week, fewest first; empty where not known."""
        return tuple(sorted(self.schedule)) or (
            () if self.sessions_per_week is None else (self.sessions_per_week,)
        )

    def classify(self, *, age_group: Literal["adults", "adolescents"] = "adults") -> Classification:
        """Say what the hours make it: regular outpatient, intensive outpatient, or day treatment.

        Parameters
        ----------
        age_group
            ``"adults"`` or ``"adolescents"``: the bound for intensive outpatient care is 9 or 6 hours a week.

        Returns
        -------
        Classification
            With the bounds used and their sources.

        Raises
        ------
        UnknownNameError
            If there are no bounds for that age group.
        """
        if age_group not in BOUNDS:
            raise UnknownNameError("age group with bounds", age_group, BOUNDS)
        bounds = BOUNDS[age_group]
        hours = self.hours_per_week
        if hours is None:
            return Classification(
                lowest=Intensity.UNKNOWN,
                highest=Intensity.UNKNOWN,
                hours_per_week=None,
                age_group=age_group,
                bounds=bounds,
                notes=("Sessions a week and hours a session are needed.",),
            )
        least, most = _ends(hours)
        lowest = _intensity(least, bounds)
        return Classification(
            lowest=lowest,
            highest=_intensity(most, bounds),
            hours_per_week=(least, most),
            age_group=age_group,
            bounds=bounds,
            notes=self._notes(lowest),
        )

    def _notes(self, lowest: Intensity) -> tuple[str, ...]:
        notes = []
        shortest, longest = _ends(self.hours_per_session or 0.0)
        if lowest is Intensity.REGULAR_OUTPATIENT and self.meets_teds:
            notes.append(
                "Two hours a day on three days a week are intensive outpatient care by the definition of SAMHSA's"
                " Treatment Episode Data Set (2°)."
            )
        if longest >= LONG_SESSION_HOURS:
            notes.append(
                "Sessions of 3 hours or more can also be listed as day treatment"
                " or partial hospitalization (N-SUMHSS, S)."
            )
        if shortest != longest:
            notes.append("The hours are a range: ask which holds.")
        if len(set(self.schedule)) > 1:
            notes.append("The hours change from week to week: ask when, and what decides it.")
        return tuple(notes)

    @classmethod
    def from_facility(cls, facility: Facility) -> Program | None:
        """Say what a listing tells of its intensive outpatient program: its services.

        A listing never tells hours or weeks, so they stay unknown.

        Parameters
        ----------
        facility
            One of a directory.

        Returns
        -------
        Program | None
            None where the listing does not state intensive outpatient care.
        """
        if LevelOfCare.IOP not in facility.levels_of_care:
            return None
        return cls(services=frozenset(facility.services))


def _ends(hours: Span) -> tuple[float, float]:
    return hours if isinstance(hours, tuple) else (hours, hours)


def _times(hours: Span | None, least: float, most: float) -> Span | None:
    """Multiply hours; a range if they or the factors are one."""
    if hours is None:
        return None
    low, high = _ends(hours)
    return (low * least, high * most) if isinstance(hours, tuple) or least != most else low * least


def _intensity(hours: float, bounds: tuple[Bound, ...]) -> Intensity:
    reached = [bound.intensity for bound in bounds if hours >= bound.hours_per_week]
    return reached[-1] if reached else Intensity.REGULAR_OUTPATIENT
