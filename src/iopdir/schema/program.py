"""A program of care: how often, how long, how many weeks, and what that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from iopdir.errors import UnknownNameError
from iopdir.vocabulary.taxonomy import LevelOfCare, Service

if TYPE_CHECKING:
    from iopdir.schema.facility import Facility

__all__ = ["BOUNDS", "Bound", "Classification", "Intensity", "Program"]

Hours = Annotated[float, Field(gt=0, le=24, allow_inf_nan=False)]
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
        ``S`` seen in a primary text, ``M`` from memory.
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
        Bound(intensity=Intensity.DAY_TREATMENT, hours_per_week=20.0, source=_MEDICARE, confidence="S"),
    ),
    "adolescents": (
        Bound(intensity=Intensity.INTENSIVE_OUTPATIENT, hours_per_week=6.0, source=_ADVISORY, confidence="S"),
        Bound(intensity=Intensity.DAY_TREATMENT, hours_per_week=20.0, source=_MEDICARE, confidence="S"),
    ),
}
"""Least hours a week by age group, each with its source; both inclusive."""

LONG_SESSION_HOURS: Final = 3.0
"""N-SUMHSS calls sessions of this length or more day treatment or partial hospitalization (SAMHSA, S)."""


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
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sessions_per_week: Annotated[float, Field(gt=0, le=21, allow_inf_nan=False)] | None = None
    hours_per_session: Hours | tuple[Hours, Hours] | None = None
    weeks: Annotated[float, Field(gt=0, le=520, allow_inf_nan=False)] | None = None
    services: frozenset[Service] = frozenset()

    @field_validator("hours_per_session")
    @classmethod
    def _least_first(cls, hours: Span | None) -> Span | None:
        if isinstance(hours, tuple) and hours[0] > hours[1]:
            raise ValueError("write the least hours of a session first")
        return hours

    @property
    def hours_per_week(self) -> Span | None:
        """Hours a week: a number, the least and the most, or None where not known."""
        if self.sessions_per_week is None or self.hours_per_session is None:
            return None
        if isinstance(self.hours_per_session, tuple):
            least, most = self.hours_per_session
            return (self.sessions_per_week * least, self.sessions_per_week * most)
        return self.sessions_per_week * self.hours_per_session

    @property
    def total_hours(self) -> Span | None:
        """Hours of the whole program: a number, the least and the most, or None where not known."""
        hours = self.hours_per_week
        if hours is None or self.weeks is None:
            return None
        if isinstance(hours, tuple):
            return (hours[0] * self.weeks, hours[1] * self.weeks)
        return hours * self.weeks

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
        least, most = hours if isinstance(hours, tuple) else (hours, hours)
        return Classification(
            lowest=_intensity(least, bounds),
            highest=_intensity(most, bounds),
            hours_per_week=(least, most),
            age_group=age_group,
            bounds=bounds,
            notes=self._notes(least, most),
        )

    def _notes(self, least: float, most: float) -> tuple[str, ...]:
        notes = []
        longest = (
            self.hours_per_session[1] if isinstance(self.hours_per_session, tuple) else self.hours_per_session
        )
        if longest is not None and longest >= LONG_SESSION_HOURS:
            notes.append(
                "Sessions of 3 hours or more can also be listed as day treatment"
                " or partial hospitalization (N-SUMHSS, S)."
            )
        if least != most:
            notes.append("The hours are a range: ask which holds.")
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


def _intensity(hours: float, bounds: tuple[Bound, ...]) -> Intensity:
    reached = [bound.intensity for bound in bounds if hours >= bound.hours_per_week]
    return reached[-1] if reached else Intensity.REGULAR_OUTPATIENT
