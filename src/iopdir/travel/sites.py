"""Who needs care and where it is given, as arrays: demand points with people, sites with capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import UnknownNameError
from iopdir.geography.points import coordinates
from iopdir.provenance import Source, sources_of
from iopdir.spatial.geodesy import FloatArray
from iopdir.travel.nearest import Filters

if TYPE_CHECKING:
    from iopdir.spatial.blocks import PackedTree

__all__ = ["Sites", "people", "place_tree", "sites"]


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Sites:
    """Facilities that have a point, in the order of their ids.

    Parameters
    ----------
    table
        Their rows, indexed by `facility_id`.
    capacity
        What each offers, shape (m,); 1 each unless capacities were given.
    known
        Ids of the whole directory, before any filter.
    unplaced
        How many facilities were left out because nobody knows where they are.
    sources
        Where the rows come from.
    selected
        The selections that made the directory.
    """

    table: pd.DataFrame
    capacity: FloatArray
    known: pd.Index[Any]
    unplaced: int
    sources: tuple[Source, ...]
    selected: dict[str, Any]

    def tree(self) -> PackedTree:
        """Pack the sites for bulk search."""
        return place_tree(self.table)

    def about(self) -> dict[str, Any]:
        """State what was counted, for provenance."""
        return {**self.selected, "facilities": len(self.table), "facilities_without_point": self.unplaced}


def sites(
    directory: Directory | pd.DataFrame,
    *,
    capacity: str | pd.Series[Any] | None = None,
    located: bool = True,
    **filters: Unpack[Filters],
) -> Sites:
    """Read facilities as sites.

    Parameters
    ----------
    directory
        A directory, or any frame of places indexed by id.
    capacity
        Name of a column, or a series indexed by facility id; 1 a facility if not given.
    located
        Whether sites need a point; not where a cost matrix says how far they are.
    **filters
        As for [`Directory.select`][iopdir.Directory.select].

    Returns
    -------
    Sites
        Those that have a point.

    Raises
    ------
    UnknownNameError
        If the column, a filter or a facility of `capacity` is not known.
    ValueError
        If a capacity is negative or missing, or filters come with a plain frame.

    Examples
    --------
    >>> import iopdir as iop
    >>> supply = sites(iop.demo_directory(), level_of_care="iop", state="VT")
    >>> supply.table["state"].unique().tolist(), supply.capacity[:2]
    (['VT'], array([1., 1.]))
    """
    if isinstance(directory, Directory):
        known = directory.table.index
        chosen = directory.select(**filters) if filters else directory
        table: pd.DataFrame = chosen.table
        sources, selected = chosen.provenance.sources, dict(chosen.provenance.parameters)
    else:
        if filters:
            raise ValueError(f"only a Directory can be filtered by {', '.join(filters)}, not a plain frame")
        table, known, sources, selected = directory, directory.index, sources_of(directory), {}
    placed = np.ones(len(table), dtype=bool)
    if located:
        lon, lat = coordinates(table)
        placed = ~(np.isnan(lon) | np.isnan(lat))
        table = table.assign(lon=lon, lat=lat)[placed]
    return Sites(
        table=table,
        capacity=_capacity(table, capacity),
        known=known,
        unplaced=int((~placed).sum()),
        sources=tuple(sources),
        selected=selected,
    )


def _capacity(table: pd.DataFrame, capacity: str | pd.Series[Any] | None) -> FloatArray:
    if capacity is None:
        return np.ones(len(table))
    if isinstance(capacity, str):
        if capacity not in table:
            raise UnknownNameError("column of capacity", capacity, map(str, table.columns))
        return _amounts(table[capacity], f"column {capacity!r}")
    missing = table.index.difference(capacity.index)
    if len(missing):
        raise UnknownNameError("capacity for facility", str(missing[0]), map(str, capacity.index))
    return _amounts(capacity.reindex(table.index), "capacity")


def place_tree(points: pd.DataFrame) -> PackedTree:
    """Pack points for bulk search."""
    from iopdir.spatial.blocks import PackedTree

    return PackedTree(*coordinates(points))
