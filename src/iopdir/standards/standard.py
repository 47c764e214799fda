"""Access standards: within so many miles or minutes, for so large a share of people, and who says so."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from iopdir.errors import LoadError, UnitError, UnknownNameError
from iopdir.geography.classes import CountyType
from iopdir.units import METRES_PER_MILE, format_distance, parse_distance, parse_duration

__all__ = [
    "CMS_OUTPATIENT_BEHAVIORAL_HEALTH",
    "STANDARDS",
    "VA_MENTAL_HEALTH",
    "Limit",
    "Standard",
    "parse_standard",
    "read_standard",
]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Limit:
    """How far is near enough; where both are given, both must hold for the same facility.

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
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, not {self.share}")

    def __str__(self) -> str:
        parts = [] if self.distance_m is None else [format_distance(self.distance_m)]
        parts += [] if self.duration_min is None else [f"{self.duration_min:g} min"]
        text = " and ".join(parts)
        return text if self.share is None else f"{text} for {self.share:.4g} of people"

    def __repr__(self) -> str:
        return f"<Limit: {self}>"


@dataclass(frozen=True, kw_only=True, repr=False)
class Standard:
    """A published or made-up rule of access.

    Parameters
    ----------
    name
        What it is called in tables.
    limits
        One limit for everywhere under the key ``None``, or one for each `CountyType`.
    source
        Who says so.
    retrieved
        The day somebody looked.
    confidence
        ``"S"`` seen in a primary text, ``"2°"`` only in a transcription, ``"M"`` from memory, ``"user"``.

    Raises
    ------
    ValueError
        If there is neither one limit for everywhere nor one for each county type, or name or source is blank.

    Examples
    --------
    >>> import iopdir as iop
    >>> rule = iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH
    >>> rule.limits["Rural"].duration_min, rule.limits["Rural"].share
    (60, 0.85)
    >>> iop.standards.VA_MENTAL_HEALTH
    <Standard: VA community care, mental health: everywhere 30 min (38 CFR 17.4040, M)>
    """

    name: str
    limits: Mapping[CountyType | None, Limit]
    source: str
    retrieved: date | None = None
    confidence: str = "user"

    def __post_init__(self) -> None:
        if not (self.name and self.source):
            raise ValueError("a standard needs a name and a source")
        if set(self.limits) not in ({None}, set(CountyType)):
            raise ValueError(f"{self.name}: give one limit for everywhere, or one for each county type")
        if (
            len(
                {
                    (x.distance_m is None, x.duration_min is None, x.share is None)
                    for x in self.limits.values()
                }
            )
            > 1
        ):
            raise ValueError(f"{self.name}: every county type must limit the same things")
        object.__setattr__(self, "limits", MappingProxyType(dict(self.limits)))

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "limits": dict(self.limits)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({**state, "limits": MappingProxyType(state["limits"])})

    def __repr__(self) -> str:
        limits = "; ".join(f"{kind or 'everywhere'} {limit}" for kind, limit in self.limits.items())
        return f"<Standard: {self.name}: {limits} ({self.source}, {self.confidence})>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{kind or 'everywhere'}</th><td>{limit}</td></tr>" for kind, limit in self.limits.items()
        )
        source = escape(f"{self.source}, confidence {self.confidence}")
        return f"<table><caption>{escape(self.name)} ({source})</caption>{rows}</table>"

    @property
    def strictest(self) -> Limit:
        """The least of each limit and the largest share: what holds where the county type is not known."""
        every = self.limits.values()
        return Limit(
            distance_m=min((x.distance_m for x in every if x.distance_m is not None), default=None),
            duration_min=min((x.duration_min for x in every if x.duration_min is not None), default=None),
            share=max((x.share for x in every if x.share is not None), default=None),
        )

    @property
    def by_county_type(self) -> bool:
        """Whether limits differ by county type."""
        return None not in self.limits

    @property
    def has_distance(self) -> bool:
        """Whether it limits the distance."""
        return next(iter(self.limits.values())).distance_m is not None

    @property
    def has_duration(self) -> bool:
        """Whether it limits the time."""
        return next(iter(self.limits.values())).duration_min is not None

    @property
    def has_share(self) -> bool:
        """Whether it says which share of people must be within."""
        return next(iter(self.limits.values())).share is not None


GIVEN: Final = "given by the user"
"""Source of a standard that is a bare distance or time."""

_CMS_SHARE: Final = {CountyType.LARGE_METRO: 0.90, CountyType.METRO: 0.90}

CMS_OUTPATIENT_BEHAVIORAL_HEALTH: Final = Standard(
    name="CMS Medicare Advantage, outpatient behavioral health",
    limits={
        kind: Limit(
            distance_m=miles * METRES_PER_MILE, duration_min=minutes, share=_CMS_SHARE.get(kind, 0.85)
        )
        for kind, minutes, miles in (
            (CountyType.LARGE_METRO, 20, 10),
            (CountyType.METRO, 40, 25),
            (CountyType.MICRO, 55, 40),
            (CountyType.RURAL, 60, 50),
            (CountyType.CEAC, 110, 100),
        )
    },
    source="42 CFR 422.116(d), facility specialty Outpatient Behavioral Health",
    retrieved=date(2026, 11, 23),
    confidence="2°",
)
"""What Medicare Advantage networks must meet: minutes and miles by county type, 90 % or 85 % of people."""

VA_MENTAL_HEALTH: Final = Standard(
    name="VA community care, mental health",
    limits={None: Limit(duration_min=30)},
    source="38 CFR 17.4040",
    retrieved=date(2026, 11, 23),
    confidence="M",
)
"""30 minutes' average drive, beyond which a veteran may use community care; it names no share of people."""

STANDARDS: Final[Mapping[str, Standard]] = MappingProxyType(
    {"cms-obh": CMS_OUTPATIENT_BEHAVIORAL_HEALTH, "va-mental-health": VA_MENTAL_HEALTH}
)
"""Standards by the short name that the command line takes."""


def parse_standard(standard: str | Path | Standard) -> Standard:
    """Read a standard however it is given.

    Parameters
    ----------
    standard
        A distance (``"30 mi"``), a time (``"20 min"``), a short name (``"cms-obh"``), the path of a TOML file,
        or a standard.

    Returns
    -------
    Standard
        That standard.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    UnitError
        If it starts with a number but is no quantity.
    LoadError
        If it is a file that cannot be read.

    Examples
    --------
    >>> parse_standard("30 mi").limits[None].distance_m
    48280.32
    >>> parse_standard("cms-obh").confidence
    '2°'
    """
    if isinstance(standard, Standard):
        return standard
    text = str(standard).strip()
    if text.lower() in STANDARDS:
        return STANDARDS[text.lower()]
    if text.lower().endswith(".toml"):
        return read_standard(text)
    if not text[:1].isdigit() and text[:1] != ".":
        raise UnknownNameError("standard", text, STANDARDS)
    limit = _limit(text)
    if limit.distance_m is not None:
        name = format_distance(limit.distance_m)
        name = name if name == text else f"{text} ({name})"
    else:
        name = f"{limit.duration_min:g} min"
    return Standard(name=name, limits={None: limit}, source=GIVEN)


def _limit(text: str) -> Limit:
    from iopdir.travel.cost import parse_cost

    amount, unit = parse_cost(text)
    return Limit(distance_m=amount) if unit == "m" else Limit(duration_min=amount)


class _TomlLimit(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    distance: str | None = None
    duration: str | None = None
    share: float | None = Field(default=None, gt=0, le=1)

    def to_limit(self) -> Limit:
        return Limit(
            distance_m=None if self.distance is None else parse_distance(self.distance),
            duration_min=None if self.duration is None else parse_duration(self.duration),
            share=self.share,
        )


class _TomlStandard(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
    retrieved: date | None = None
    confidence: str = "user"
    limit: _TomlLimit | None = None
    limits: dict[str, _TomlLimit] = Field(default_factory=dict)

    def to_standard(self) -> Standard:
        kinds = {_key(kind): kind for kind in CountyType}
        given: dict[str, _TomlLimit] = self.limits or ({} if self.limit is None else {"": self.limit})
        if bool(self.limits) == (self.limit is not None) or set(given) not in ({""}, set(kinds)):
            raise ValueError(f"neither just [limit] nor just [limits.X] with X in {', '.join(kinds)}")
        return Standard(
            name=self.name,
            limits={kinds.get(key): limit.to_limit() for key, limit in given.items()},
            source=self.source,
            retrieved=self.retrieved,
            confidence=self.confidence,
        )


def _key(kind: CountyType) -> str:
    return kind.value.lower().replace(" ", "_")


def read_standard(path: str | Path) -> Standard:
    r"""Read a standard of your own from TOML.

    Parameters
    ----------
    path
        A file with `name`, `source`, and either a table `[limit]` with `distance`, `duration` and `share`, or
        five tables `[limits.large_metro]`, `metro`, `micro`, `rural` and `ceac`.

    Returns
    -------
    Standard
        What it says.

    Raises
    ------
    LoadError
        If the file is missing, not TOML, or says something else.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "state.toml"
    >>> _ = path.write_text('name = "Ours"\nsource = "our contract"\n[limit]\ndistance = "25 mi"\nshare = 0.9')
    >>> read_standard(path).limits[None].share
    0.9
    >>> folder.cleanup()
    """
    expected = "a standard in TOML: name, source, and [limit] or five [limits.*]"
    try:
        content: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LoadError(path, expected=expected, found=f"none that can be read ({error})") from error
    try:
        return _TomlStandard.model_validate(content).to_standard()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise LoadError(path, expected=expected, found=f"{where}: {first['msg']}") from error
    except ValueError as error:
        raise LoadError(path, expected=expected, found=str(error)) from error
