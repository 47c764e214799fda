"""Access standards: within so many miles or minutes, for so large a share of people, and who says so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from iopdir.errors import LoadError, UnitError, UnknownNameError
from iopdir.provenance import Provenance
from iopdir.spatial.geodesy import IntArray
from iopdir.units import METRES_PER_MILE, format_distance, parse_distance, parse_duration

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CMS_OUTPATIENT_BEHAVIORAL_HEALTH",
    "STANDARDS",
    "VA_MENTAL_HEALTH",
    "CountyType",
    "Limit",
    "Standard",
    "classify_counties",
    "county_types",
    "parse_standard",
    "read_standard",
]

SQUARE_METRES_PER_SQUARE_MILE: Final = METRES_PER_MILE**2
"""Exact, from the international mile."""


class CountyType(StrEnum):
    """How CMS classes counties by population and density, 42 CFR 422.116(c), densest first."""

    LARGE_METRO = "Large Metro"
    METRO = "Metro"
    MICRO = "Micro"
    RURAL = "Rural"
    CEAC = "CEAC"
    """County with extreme access considerations: fewer than 10 people per square mile."""


_BAND_PEOPLE: Final = np.array([0, 10_000, 50_000, 200_000, 500_000, 1_000_000])
_TYPES: Final = (
    CountyType.CEAC,
    CountyType.RURAL,
    CountyType.MICRO,
    CountyType.METRO,
    CountyType.LARGE_METRO,
)
_INF: Final = np.inf
_LEAST_DENSITY: Final = np.array(
    [  # people per square mile from which on a county is CEAC, Rural, Micro, Metro, Large Metro
        [0, 10, _INF, _INF, 5000],
        [0, 10, 50, 1000, 5000],
        [0, _INF, 10, 100, 5000],
        [0, _INF, _INF, 10, 5000],
        [0, _INF, _INF, 10, 1500],
        [0, _INF, _INF, 10, 1000],
    ]
)
"""A row for each band of population, 42 CFR 422.116(c)(1); flag 2° (transcription) and M (memory)."""


def classify_counties(people: ArrayLike, land_area_m2: ArrayLike) -> list[CountyType]:
    """Give each county its CMS type.

    The rule prints bands such as "10-999.9" and "50,000-199,999". They are read without gaps: a density
    of 999.95 is below 1,000, and people are rounded to whole ones first.

    Parameters
    ----------
    people
        Residents, shape (n,).
    land_area_m2
        Square metres, shape (n,).

    Returns
    -------
    list[CountyType]
        One a county.

    Raises
    ------
    ValueError
        If an area is not positive or a population negative or missing.

    Notes
    -----
    42 CFR 422.116(c)(1): flag 2° (a third party's transcription) and M (memory).

    Examples
    --------
    100,000 people in 1,000 and in 10,001 square miles:

    >>> areas = np.array([1000, 10_001]) * SQUARE_METRES_PER_SQUARE_MILE
    >>> [kind.value for kind in classify_counties([100_000, 100_000], areas)]
    ['Metro', 'CEAC']
    """
    whole, area = np.rint(np.asarray(people, dtype=float)), np.asarray(land_area_m2, dtype=float)
    if not ((whole >= 0).all() and (area > 0).all()):
        raise ValueError("people must be 0 or more and areas above 0 in every county")
    density = whole / (area / SQUARE_METRES_PER_SQUARE_MILE)
    band = np.searchsorted(_BAND_PEOPLE, whole, side="right") - 1
    reached = density[:, None] >= _LEAST_DENSITY[band]
    top: IntArray = len(_TYPES) - 1 - reached[:, ::-1].argmax(axis=1)
    return [_TYPES[index] for index in top]


def county_types(vintage: int = 2023) -> pd.DataFrame:
    """Class the counties by the CMS rule.

    Parameters
    ----------
    vintage
        Year of the county codes, 2020 or 2023.

    Returns
    -------
    DataFrame
        Indexed by `county_fips`: `vintage, people, land_area_m2, people_per_mi2, county_type`.

    Raises
    ------
    VintageError
        If the codes of that year are not known.

    Notes
    -----
    People are those of the embedded ZIP areas (ACS 2018-22, shared out to counties by HUD 12/2025), land areas
    those of the Census Bureau. CMS publishes a list of its own each year, from other estimates: a county near an
    edge may be of another type there.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.standards.county_types()["county_type"].loc[["17031", "02290"]].tolist()
    ['Large Metro', 'CEAC']
    """
    return _county_types(vintage).copy()


@cache
def _county_types(vintage: int) -> pd.DataFrame:
    import pandas as pd

    from iopdir.datasets import pack_source
    from iopdir.geography.counties import county_list, crosswalk
    from iopdir.geography.demand import county_weights, demand_points

    table, demand = county_list(vintage), demand_points("zcta")
    weights = county_weights(demand)
    homes = weights["weight"].to_numpy() * demand["population"].reindex(weights["demand_id"]).to_numpy()
    people = pd.Series(homes).groupby(weights["county_fips"].to_numpy("str")).sum()
    if vintage != 2023:
        change = crosswalk(2023, vintage)
        moved = change["weight"] * people.reindex(change["from_fips"]).fillna(0.0).to_numpy()
        people = moved.groupby(change["to_fips"].to_numpy("str")).sum()
    table["people"] = people.reindex(table.index).fillna(0.0)
    table["people_per_mi2"] = table["people"] / (table["land_area_m2"] / SQUARE_METRES_PER_SQUARE_MILE)
    kinds = classify_counties(table["people"], table["land_area_m2"])
    table["county_type"] = [kind.value for kind in kinds]
    packs = [pack_source(name) for name in ("zcta", "zcta_county", "counties")]
    table.attrs["provenance"] = Provenance.of(packs, rule="42 CFR 422.116(c)(1)", vintage=vintage).to_dict()
    return table[["vintage", "people", "land_area_m2", "people_per_mi2", "county_type"]]


@dataclass(frozen=True, kw_only=True, slots=True)
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
            if amount is not None and not 0 <= amount < np.inf:
                raise UnitError(f"{amount} is not a finite amount of zero or more")
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, not {self.share}")


@dataclass(frozen=True, kw_only=True)
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
    return Standard(name=name, limits={None: limit}, source="given by the user")


def _limit(text: str) -> Limit:
    from iopdir.access.cost import parse_cost

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
