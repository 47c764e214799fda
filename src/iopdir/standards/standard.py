"""Access standards: within so many miles or minutes, for so large a share of people, and who says so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from types import MappingProxyType
from typing import Any, Final, Literal

from iopdir.errors import UnitError
from iopdir.standards.classes import BY_COUNTY_TYPE, CountyClasses
from iopdir.units import format_distance

__all__ = ["GIVEN", "Count", "Limit", "Standard"]

GIVEN: Final = "given by the user"
"""Source of a standard that is a bare distance or time."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Limit:
    """How far is near enough; where both are given, the standard says whether both must hold or either will do.

    Parameters
    ----------
    distance_m
        Metres, inclusive.
    duration_min
        Minutes, inclusive.
    share
        Share of people, 0 to 1, that must be within; None where the standard does not say.
    """

    distance_m: float | None = None
    duration_min: float | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if self.distance_m is None and self.duration_min is None:
            raise ValueError("a limit needs a distance, a duration, or both")
        for amount in (self.distance_m, self.duration_min):
            if amount is not None and not 0 <= amount < math.inf:
                raise UnitError(f"{amount} is not a finite amount of zero or more")
        check_share(self.share)

    @property
    def both(self) -> bool:
        """Whether it limits distance and time."""
        return self.distance_m is not None and self.duration_min is not None

    def words(self, combine: str = "and") -> str:
        """Say it, for people."""
        parts = [] if self.distance_m is None else [format_distance(self.distance_m)]
        parts += [] if self.duration_min is None else [f"{self.duration_min:g} min"]
        text = f" {combine} ".join(parts)
        return text if self.share is None else f"{text} for {self.share:.4g} of people"

    def __str__(self) -> str:
        return self.words()

    def __repr__(self) -> str:
        return f"<Limit: {self}>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """A standard by count: so many facilities in the county, or so large a share of all that are there.

    Either will do. At least one facility is wanted even where there is none to take a share of.

    Parameters
    ----------
    facilities
        Least number in the county.
    share
        Share of all facilities of the county that will do as well; known only where the selection is made from a whole
        listing, by filters. None where there is no such rule.

    Raises
    ------
    ValueError
        If the number is below 1, or the share is not above 0 and at most 1.

    Examples
    --------
    >>> str(Count(facilities=2, share=0.5))
    'at least 2 in the county, or 0.5 of those there are'
    """

    facilities: int
    share: float | None = None

    def __post_init__(self) -> None:
        if self.facilities < 1:
            raise ValueError(f"a standard by count wants at least 1 facility, not {self.facilities}")
        check_share(self.share)

    def __str__(self) -> str:
        text = f"at least {self.facilities} in the county"
        return text if self.share is None else f"{text}, or {self.share:.4g} of those there are"


def check_share(share: float | None) -> None:
    """Refuse a share that is none."""
    if share is not None and not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, not {share}")


@dataclass(frozen=True, kw_only=True, repr=False)
class Standard:
    """A published or made-up rule of access.

    Parameters
    ----------
    name
        What it is called in tables.
    limits
        One limit for everywhere under the key ``None``, or one for each class of counties: for each `CountyType`,
        unless `classes` says otherwise. A state's rule may leave out county types that it does not name.
    source
        Who says so.
    retrieved
        The day somebody looked.
    confidence
        ``"S"`` seen in a primary text, ``"2°"`` only in a transcription, ``"M"`` from memory, ``"user"``.
    combine
        ``"and"``: one facility must be within the distance and within the time; ``"or"``: within either.
    min_providers
        How many facilities must be within.
    classes
        How the rule sorts counties: [`ByDensity`][iopdir.standards.ByDensity],
        [`ByPopulation`][iopdir.standards.ByPopulation], [`ByName`][iopdir.standards.ByName]. Left out with classes that
        are no county types, nobody knows which county is of which: then the strictest limit decides, and the column
        `settled` says where another class would change the verdict.
    state
        Postal abbreviation, if it holds for the counties of one state only.
    telehealth_share
        Share of people that must be within where care by telehealth is offered too; None where there is no such credit.
    count
        A standard by count, instead of limits.
    key
        The short name that the command line takes.
    note
        What to beware of.

    Raises
    ------
    ValueError
        If there is neither one limit for everywhere nor one for each class, a count comes with limits, or name or
        source is blank.

    Examples
    --------
    >>> import iopdir as iop
    >>> rule = iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH
    >>> rule.limits["Rural"].duration_min, rule.limits["Rural"].share
    (60, 0.85)
    >>> iop.standards.VA_MENTAL_HEALTH
    <Standard: VA community care, mental health: everywhere 30 min (38 CFR 17.4040, M)>

    Two facilities within 30 minutes or 30 miles in towns, 45 in the country:

    >>> limits = {"urban": iop.standards.Limit(distance_m=48_280, duration_min=30, share=0.95),
    ...           "rural": iop.standards.Limit(distance_m=72_420, duration_min=45, share=0.95)}
    >>> rule = iop.Standard(name="Ours", limits=limits, source="our contract", combine="or", min_providers=2,
    ...                     classes=iop.standards.ByDensity({"urban": 250, "rural": 0}))
    >>> rule.describe("urban")
    '2 facilities within 30 mi or 30 min for 0.95 of people'
    """

    name: str
    limits: Mapping[str | None, Limit]
    source: str
    retrieved: date | None = None
    confidence: str = "user"
    combine: Literal["and", "or"] = "and"
    min_providers: int = 1
    classes: CountyClasses | None = None
    state: str | None = None
    telehealth_share: float | None = None
    count: Count | None = None
    key: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not (self.name and self.source):
            raise ValueError("a standard needs a name and a source")
        if self.combine not in ("and", "or"):
            raise ValueError(f"{self.name}: combine must be 'and' or 'or', not {self.combine!r}")
        if self.min_providers < 1:
            raise ValueError(f"{self.name}: min_providers must be at least 1, not {self.min_providers}")
        check_share(self.telehealth_share)
        if self.count is not None:
            if self.limits:
                raise ValueError(f"{self.name}: a standard by count has no limits")
        else:
            self._check_limits()
        if len({limit.share is None for limit in self.limits.values()}) > 1:
            raise ValueError(
                f"{self.name}: say for every class which share of people must be within, or for none"
            )
        object.__setattr__(self, "limits", MappingProxyType(dict(self.limits)))

    def _check_limits(self) -> None:
        given = set(self.limits)
        if given == {None} and self.classes is None:
            return
        kinds = set(BY_COUNTY_TYPE.names)
        if self.classes is None and given and given <= kinds and (given == kinds or self.state):
            object.__setattr__(self, "classes", BY_COUNTY_TYPE)
        elif self.classes is not None:
            partly = self.classes == BY_COUNTY_TYPE and given and given <= kinds and self.state
            if given != set(self.classes.names) and not partly:
                raise ValueError(f"{self.name}: give one limit for each of {', '.join(self.classes.names)}")
        elif not given or None in given or given & kinds or not self.state:
            raise ValueError(f"{self.name}: give one limit for everywhere, or one for each county type")
        elif (
            len({(limit.distance_m is None, limit.duration_min is None) for limit in self.limits.values()})
            > 1
        ):
            raise ValueError(
                f"{self.name}: where classes are not known, every one must limit the same things"
            )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "limits": dict(self.limits)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({**state, "limits": MappingProxyType(state["limits"])})

    def about(self) -> dict[str, str]:
        """Say what it is and who says so, for provenance."""
        about = {"name": self.name, "source": self.source, "confidence": self.confidence}
        return about | {name: value for name in ("key", "state", "note") if (value := getattr(self, name))}

    @property
    def packs(self) -> tuple[str, ...]:
        """Names of the embedded packs that it is made from and judged with."""
        own = ("state_standards",) if self.state and self.key else ()
        return (*own, *(self.classes.packs if self.classes is not None else ()))

    def describe(self, kind: str | None = None) -> str:
        """Say what one class of counties must meet; of everywhere, if there are none.

        Parameters
        ----------
        kind
            Which class.

        Returns
        -------
        str
            Number of facilities where more than one, limits, and share of people.
        """
        if self.count is not None:
            return str(self.count)
        many = "" if self.min_providers == 1 else f"{self.min_providers} facilities within "
        return many + self.limits[kind].words(self.combine)

    def _lines(self) -> list[tuple[str, str]]:
        if self.count is not None:
            return [("every county", str(self.count))]
        return [(kind or "everywhere", self.describe(kind)) for kind in self.limits]

    def __repr__(self) -> str:
        limits = "; ".join(f"{kind} {words}" for kind, words in self._lines())
        return f"<Standard: {self.name}: {limits} ({self.source}, {self.confidence})>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{escape(kind)}</th><td>{words}</td></tr>" for kind, words in self._lines())
        source = escape(f"{self.source}, confidence {self.confidence}")
        return f"<table><caption>{escape(self.name)} ({source})</caption>{rows}</table>"

    @property
    def label(self) -> str:
        """The short name, or the name where it has none."""
        return self.key or self.name

    @property
    def strictest(self) -> Limit:
        """The least of each limit and the largest share: what holds where the county's class is not known."""
        return self._extreme(min, max)

    @property
    def laxest(self) -> Limit:
        """The largest of each limit and the least share."""
        return self._extreme(max, min)

    def _extreme(self, amount: Any, share: Any) -> Limit:  # noqa: ANN401 - min or max
        every = self.limits.values()
        return Limit(
            distance_m=amount((x.distance_m for x in every if x.distance_m is not None), default=None),
            duration_min=amount((x.duration_min for x in every if x.duration_min is not None), default=None),
            share=share((x.share for x in every if x.share is not None), default=None),
        )

    @property
    def by_county_type(self) -> bool:
        """Whether limits differ by class of county."""
        return bool(self.limits) and None not in self.limits

    @property
    def has_distance(self) -> bool:
        """Whether it limits the distance anywhere."""
        return any(limit.distance_m is not None for limit in self.limits.values())

    @property
    def has_duration(self) -> bool:
        """Whether it limits the time anywhere."""
        return any(limit.duration_min is not None for limit in self.limits.values())

    @property
    def has_share(self) -> bool:
        """Whether it says which share of people must be within, or wants a number of facilities of every county."""
        return self.count is not None or next(iter(self.limits.values())).share is not None

    def with_share(self, share: float, *, name: str | None = None) -> Standard:
        """Ask for another share of people, or for one where the standard names none.

        Parameters
        ----------
        share
            Share of people, 0 to 1, that must be within, in every class.
        name
            What to call it; the share is added to the name if left out.

        Returns
        -------
        Standard
            A new one.

        Raises
        ------
        ValueError
            If it is not above 0 and at most 1, or this is a standard by count.

        Examples
        --------
        >>> import iopdir as iop
        >>> iop.standards.parse_standard("30 mi").with_share(0.9)
        <Standard: 30 mi for 0.9 of people: everywhere 30 mi for 0.9 of people (given by the user, user)>
        """
        if self.count is not None:
            raise ValueError(
                f"{self.name}: a standard by count asks for facilities, not for a share of people"
            )
        limits = {kind: replace(limit, share=share) for kind, limit in self.limits.items()}
        called = f"{self.name} for {share:.4g} of people" if name is None else name
        key = f"{self.key} for {share:.4g}" if self.key else ""
        return replace(self, limits=limits, name=called, key=key)
