"""Who needs care and where it is given: demand points with people, sites with capacity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, TypedDict, Unpack

import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import UnknownNameError
from iopdir.geography.points import PointsLike, read_points
from iopdir.provenance import Source, sources_of
from iopdir.spatial.geodesy import FloatArray, destination
from iopdir.spatial.live import DynamicIndex
from iopdir.travel.displacement import displacement_m

if TYPE_CHECKING:
    from iopdir.spatial.blocks import PackedTree

__all__ = ["Capacity", "Facilities", "Filters", "Points", "Sites", "narrow", "people", "sites"]

Facilities: TypeAlias = "Directory | PointsLike"
"""A directory, or any frame of places, as `read_points` reads it; the index is the facility's id."""

Capacity: TypeAlias = "str | pd.Series[Any] | None"
"""Name of a column, a series by facility id, or None for 1 a facility."""


class Filters(TypedDict, total=False):
    """What a facility must state, each a value or several of which any will do; `state=` means people, not these.

    They are the arguments of [`Directory.select`][iopdir.Directory.select], where the last two are called `state` and
    `county`.
    """

    level_of_care: str | Iterable[str]
    payment: str | Iterable[str]
    age_group: str | Iterable[str]
    services: str | Iterable[str]
    medication: str | Iterable[str]
    special_population: str | Iterable[str]
    setting: str | Iterable[str]
    telehealth: bool
    codes: str | Iterable[str]
    language: str | Iterable[str]
    facility_state: str | Iterable[str]
    facility_county: str | Iterable[str]


_SELECT: Final = {name: name.removeprefix("facility_") for name in Filters.__annotations__}
"""Filter -> argument of `Directory.select`."""


def narrow(directory: Directory, filters: Filters) -> Directory:
    """Keep the facilities that state all that is asked for.

    Parameters
    ----------
    directory
        Facilities.
    filters
        Name -> value or values; None asks for nothing.

    Returns
    -------
    Directory
        A new directory, or the same one if nothing is asked for.

    Raises
    ------
    UnknownNameError
        If a filter or a value is not known.

    Examples
    --------
    >>> import iopdir as iop
    >>> narrow(iop.demo_directory(), {"level_of_care": "iop", "facility_state": "VT"})
    SYNTHETIC Directory of 14 facilities (SYNTHETIC demo_directory)
    """
    for name in filters:
        if name not in _SELECT:
            raise UnknownNameError("filter of facilities", name, _SELECT)
    asked: dict[str, Any] = {_SELECT[name]: value for name, value in filters.items() if value is not None}
    return directory.select(**asked) if asked else directory


def people(demand: pd.DataFrame, column: str = "population") -> FloatArray:
    """Read how many people each demand point stands for.

    Parameters
    ----------
    demand
        Demand points.
    column
        Which count.

    Returns
    -------
    FloatArray
        Shape (n,).

    Raises
    ------
    UnknownNameError
        If there is no such column.
    ValueError
        If a count is negative, missing or infinite.

    Examples
    --------
    >>> people(pd.DataFrame({"population": [10, 20]}))
    array([10., 20.])
    """
    if column not in demand:
        raise UnknownNameError("column of people", column, map(str, demand.columns))
    return _amounts(demand[column], f"column {column!r}")


def _amounts(values: pd.Series[Any], what: str) -> FloatArray:
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero(~((numbers >= 0) & (numbers < np.inf)))
    if bad.size:
        first = f"{values.index[bad[0]]!r} has {numbers[bad[0]]}"
        raise ValueError(f"{what} must be finite and not negative in every row; {bad.size} are not: {first}")
    return numbers


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Points with an id, packed once, when a bulk search first asks.

    Parameters
    ----------
    ids
        Shape (n,).
    lon, lat
        Degrees, shape (n,); NaN where nobody knows.
    known
        Ids that a cost may have without a word though they are not here: those a filter or a cut left out.
    """

    ids: pd.Index[Any]
    lon: FloatArray
    lat: FloatArray
    known: pd.Index[Any]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Points:
        """Take the ids and columns `lon` and `lat` of a frame."""
        return Points(
            ids=table.index, lon=table["lon"].to_numpy(), lat=table["lat"].to_numpy(), known=table.index
        )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def tree(self) -> PackedTree:
        """For bulk search."""
        from iopdir.spatial.blocks import PackedTree

        return PackedTree(self.lon, self.lat)

    @cached_property
    def live(self) -> DynamicIndex:
        """For a few questions, without waiting for a compiler."""
        return DynamicIndex(self.lon, self.lat)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "live"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Sites(Points):
    """Facilities, in the order of their ids.

    Parameters
    ----------
    table
        Their rows, indexed by `facility_id`.
    capacity
        What each offers, shape (m,); 1 each unless capacities were given.
    offered
        Which capacity that is, for provenance.
    unplaced
        How many facilities were left out because nobody knows where they are.
    sources
        Where the rows come from.
    selected
        The selections that made the directory.
    doubt, warnings
        What makes the listing doubtful as a whole, see [`Quality`][iopdir.Quality].
    """

    table: pd.DataFrame
    capacity: FloatArray
    offered: str
    unplaced: int
    sources: tuple[Source, ...]
    selected: dict[str, Any]
    doubt: str = ""
    warnings: tuple[str, ...] = ()

    @classmethod
    def at(cls, table: pd.DataFrame) -> Sites:
        """Take demand points for places to go, each of which offers 1."""
        return sites(table, located=False)

    @cached_property
    def off_m(self) -> FloatArray:
        """How far each may be from where it is drawn, metres, shape (m,)."""
        return displacement_m(self.table)

    def scatter(self, rng: np.random.Generator) -> Self:
        """Put each that is known only by its ZIP somewhere in its room, every spot as likely; the others stay."""
        off = self.off_m * np.sqrt(rng.random(len(self)))
        azimuth = rng.uniform(0.0, 360.0, len(self))
        lon, lat = destination(self.lon, self.lat, azimuth, off)
        lon, lat = np.where(off > 0, lon, self.lon), np.where(off > 0, lat, self.lat)
        return replace(self, lon=lon, lat=lat, table=self.table.assign(lon=lon, lat=lat))

    def labels(self) -> pd.DataFrame:
        """Say what each is called and where it is, as far as its table has that: a plain frame by id."""
        shown = ("name", "city", "state", "county_fips", "vintage")
        return pd.DataFrame(self.table[[name for name in shown if name in self.table]])

    def about(self) -> dict[str, Any]:
        """State what was counted, for provenance."""
        return {**self.selected, "facilities": len(self), "facilities_without_point": self.unplaced}

    def with_capacity(self, capacity: Capacity) -> Self:
        """Let them offer something else; the trees stay."""
        amounts, offered = _capacity(self.table, capacity)
        other = replace(self, capacity=amounts, offered=offered)
        vars(other).update(
            {name: vars(self)[name] for name in ("tree", "live", "off_m") if name in vars(self)}
        )
        return other

    def edit(self, keep: pd.Index[Any], new: Sites | None = None) -> Sites:
        """Keep some of them, and put others beside them."""
        table, rows = self.table, self.ids.get_indexer(keep)
        amounts, known = self.capacity[rows], self.known
        table = table.iloc[rows]
        if new is not None:
            in_order = self.ids.is_monotonic_increasing
            table = pd.concat([pd.DataFrame(part) for part in (table, new.table)])
            amounts, known = np.append(amounts, new.capacity), known.union(new.known, sort=False)
            order = np.argsort(table.index, kind="stable") if in_order else np.arange(len(table))
            table, amounts = table.iloc[order], amounts[order]
        return Sites(
            ids=table.index,
            lon=table["lon"].to_numpy(),
            lat=table["lat"].to_numpy(),
            known=known,
            table=table,
            capacity=amounts,
            offered=self.offered,
            unplaced=self.unplaced + (new.unplaced if new else 0),
            sources=(*self.sources, *(new.sources if new else ())),
            selected=self.selected,
            doubt=self.doubt,
            warnings=self.warnings,
        )


def sites(
    facilities: Facilities,
    *,
    capacity: Capacity = None,
    located: bool = True,
    **filters: Unpack[Filters],
) -> Sites:
    """Read facilities as sites.

    Parameters
    ----------
    facilities
        A directory, or any frame of places indexed by id.
    capacity
        Name of a column, or a series indexed by facility id; 1 a facility if not given.
    located
        Whether sites need a point; not where a cost matrix says how far they are.
    **filters
        What facilities must state, as for [`Directory.select`][iopdir.Directory.select]; where they are is called
        `facility_state` and `facility_county`.

    Returns
    -------
    Sites
        Those that have a point, if they need one.

    Raises
    ------
    UnknownNameError
        If the column, a filter or a facility of `capacity` is not known.
    ValueError
        If a capacity is negative or missing, an id stands twice, or filters come with a plain frame.

    Examples
    --------
    >>> import iopdir as iop
    >>> supply = sites(iop.demo_directory(), level_of_care="iop", facility_state="vt")
    >>> supply.table["state"].unique().tolist(), supply.capacity[:2]
    (['VT'], array([1., 1.]))
    """
    if isinstance(facilities, Directory):
        chosen = narrow(facilities, filters)
        table, known = chosen.table, facilities.table.index
        doubt, warnings = facilities.quality.doubt, facilities.quality.warnings
        sources, selected = chosen.provenance.sources, dict(chosen.provenance.parameters)
    else:
        asked = [name for name, value in filters.items() if value is not None]
        if asked:
            raise ValueError(f"only a Directory can be filtered by {', '.join(asked)}, not a plain frame")
        table = read_points(facilities, located=located)
        known, sources, selected, doubt, warnings = table.index, sources_of(table), {}, "", ()
    if not known.is_unique:
        raise ValueError(f"facility {known[known.duplicated()][0]!r} stands twice")
    placed = ~(table["lon"].isna() | table["lat"].isna()).to_numpy() | (not located)
    table = table if placed.all() else table[placed]
    amounts, offered = _capacity(table, capacity)
    return Sites(
        ids=table.index,
        lon=table["lon"].to_numpy(dtype=np.float64),
        lat=table["lat"].to_numpy(dtype=np.float64),
        known=known,
        table=table,
        capacity=amounts,
        offered=offered,
        unplaced=int((~placed).sum()),
        sources=tuple(sources),
        selected=selected,
        doubt=doubt,
        warnings=warnings,
    )


def _capacity(table: pd.DataFrame, capacity: Capacity) -> tuple[FloatArray, str]:
    if capacity is None:
        return np.ones(len(table)), "1 a facility"
    if isinstance(capacity, str):
        if capacity not in table:
            raise UnknownNameError("column of capacity", capacity, map(str, table.columns))
        return _amounts(table[capacity], f"column {capacity!r}"), capacity
    missing = table.index.difference(capacity.index)
    if len(missing):
        raise UnknownNameError("capacity for facility", str(missing[0]), map(str, capacity.index))
    return _amounts(capacity.reindex(table.index), "capacity"), "a series" if capacity.name is None else str(
        capacity.name
    )
