"""Standards of one's own, from TOML."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from iopdir.errors import LoadError, UnknownNameError
from iopdir.geography.classes import CountyType
from iopdir.geography.places import state_code
from iopdir.limits import read_toml
from iopdir.standards.classes import ByDensity, ByName, ByPopulation, CountyClasses
from iopdir.standards.standard import Count, Limit, Standard
from iopdir.units import parse_distance, parse_duration

__all__ = ["read_standard"]


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


class _TomlCount(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    facilities: int = Field(ge=1)
    share: float | None = Field(default=None, gt=0, le=1)


class _TomlClasses(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    density: dict[str, float] | None = None
    population: dict[str, float] | None = None
    counties: dict[str, list[str]] | None = None
    others: str = ""

    def to_classes(self) -> CountyClasses:
        if sum(way is not None for way in (self.density, self.population, self.counties)) != 1:
            raise ValueError("[classes] sorts by one of density, population and counties")
        if self.counties is not None:
            return ByName(self.counties, self.others)
        if self.others:
            raise ValueError("[classes] others goes with counties")
        return ByPopulation(self.population) if self.population is not None else ByDensity(self.density or {})


class _TomlStandard(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
    retrieved: date | None = None
    confidence: str = "user"
    combine: Literal["and", "or"] = "and"
    min_providers: int = Field(default=1, ge=1)
    state: str | None = None
    telehealth_share: float | None = Field(default=None, gt=0, le=1)
    note: str = ""
    classes: _TomlClasses | None = None
    count: _TomlCount | None = None
    limit: _TomlLimit | None = None
    limits: dict[str, _TomlLimit] = Field(default_factory=dict)

    def to_standard(self) -> Standard:
        kinds = {_key(kind): kind for kind in CountyType} if self.classes is None else {}
        if [bool(self.limits), self.limit is not None, self.count is not None].count(True) != 1:
            raise ValueError("neither just [limit] nor just [limits.X] nor just [count]")
        if (
            kinds
            and self.limits
            and (not set(self.limits) <= set(kinds) or (len(self.limits) < 5 and not self.state))
        ):
            raise ValueError(f"neither just [limit] nor just [limits.X] with X in {', '.join(kinds)}")
        limits: dict[str | None, Limit] = {
            kinds.get(name, name): limit.to_limit() for name, limit in self.limits.items()
        }
        return Standard(
            name=self.name,
            limits=limits if self.limit is None else {None: self.limit.to_limit()},
            source=self.source,
            retrieved=self.retrieved,
            confidence=self.confidence,
            combine=self.combine,
            min_providers=self.min_providers,
            classes=None if self.classes is None else self.classes.to_classes(),
            state=self.state and state_code(self.state),
            telehealth_share=self.telehealth_share,
            count=None
            if self.count is None
            else Count(facilities=self.count.facilities, share=self.count.share),
            note=self.note,
        )


def _key(kind: CountyType) -> str:
    return kind.value.lower().replace(" ", "_")


def read_standard(path: str | Path) -> Standard:
    r"""Read a standard of your own from TOML.

    Parameters
    ----------
    path
        A file with `name`, `source`, and one of: a table `[limit]` with `distance`, `duration` and `share`; five tables
        `[limits.large_metro]`, `metro`, `micro`, `rural` and `ceac`; a table `[limits.X]` for each class of a table
        `[classes.density]`, `[classes.population]` or `[classes.counties]`; a table `[count]` with `facilities` and
        `share`. Beside these `combine`, `min_providers`, `state`, `telehealth_share`, `confidence`, `retrieved` and
        `note`.

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
    expected = "a standard in TOML: name, source, and [limit], [count] or one [limits.*] for each class"
    content = read_toml(path, expected=expected)
    try:
        return _TomlStandard.model_validate(content).to_standard()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise LoadError(path, expected=expected, found=f"{where}: {first['msg']}") from error
    except (ValueError, UnknownNameError) as error:
        raise LoadError(path, expected=expected, found=str(error)) from error
