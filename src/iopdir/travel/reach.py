"""Who can get to what, at what cost: demand points, facilities and a cost, bound once and asked many times."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.geography.areas import Residence, find_residence
from iopdir.provenance import Provenance, Source, sources_of
from iopdir.spatial.geodesy import FloatArray
from iopdir.travel.cost import BoolArray, Cost, Unit, Ways, read_limit
from iopdir.travel.decay import Decay
from iopdir.travel.links import Links
from iopdir.travel.sites import Capacity, Facilities, Points, Sites, people, sites
from iopdir.travel.tables import cost_column, long_frame

__all__ = ["Reach"]

Table = TypeVar("Table", "pd.DataFrame", "pd.Series[Any]")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Reach:
    """Demand points, facilities and a cost, bound once: ask it, cut it, open and close facilities.

    Made by [`iop.reach`][iopdir.reach]. Every measure takes one in the place of demand, facilities, cost and filters;
    its trees are built when first needed and kept. It is immutable, and it pickles.

    Parameters
    ----------
    demand
        Demand points, with `lon` and `lat`; the index is the id.
    people
        The same as points.
    sites
        Facilities.
    cost
        Straight lines, a matrix, or another kind.
    about
        Parameters for provenance.

    Examples
    --------
    >>> import iopdir as iop
    >>> reach = iop.reach(iop.demand_points("zcta"), iop.demo_directory(), state="VT", level_of_care="iop")
    >>> reach
    SYNTHETIC Reach of 265 demand points to 7,236 facilities by straight lines, m
    >>> gaps, access = iop.coverage_gaps(reach, standard="15 mi"), iop.enhanced_two_step_fca(reach)
    >>> first = reach.nearest().loc[0, "facility_id"]
    >>> reach.close(first)
    SYNTHETIC Reach of 265 demand points to 7,235 facilities by straight lines, m
    """

    demand: pd.DataFrame
    people: Points
    sites: Sites
    cost: Cost
    about: dict[str, Any] = field(default_factory=dict)
    _homes: dict[bool, Residence] = field(default_factory=dict)

    @property
    def unit(self) -> Unit:
        """``"m"`` or ``"min"``."""
        return self.cost.unit

    @cached_property
    def ways(self) -> Ways:
        """The ways between demand points and facilities, by position."""
        return self.cost.bind(self.people, self.sites)

    def nearest(self, k: int = 1, *, max_cost: str | float | None = None) -> pd.DataFrame:
        """List the facilities nearest to every demand point.

        Parameters
        ----------
        k
            How many for each.
        max_cost
            Nothing beyond this, inclusive.

        Returns
        -------
        DataFrame
            As for [`iop.nearest`][iopdir.nearest].

        Raises
        ------
        UnitError
            If `max_cost` cannot be read, or is in another unit.
        ValueError
            If `k` is below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        limit = read_limit(max_cost, self.unit)
        good = (np.abs(self.people.lon) <= 180) & (np.abs(self.people.lat) <= 90)
        good |= not self.cost.located
        asked = self if good.all() else self.part(good)
        (index, amount, bearing), off = asked.ways.nearest(k, limit), asked.ways.off
        bounds = [
            np.where(index >= 0, ways.nearest(k, math.inf)[1], np.inf) for ways in asked.ways.bounds or ()
        ]
        table = long_frame(
            self.people.ids,
            good,
            (index, amount, bearing),
            self.sites.ids,
            self.sites.table.get("name"),
            unit=self.unit,
            bounds=bounds,
            off=None if off is None else off.people,
        )
        table.attrs["unplaced_facilities"] = self.sites.unplaced
        return asked.sign(table, k=k, **{f"max_cost_{self.unit}": None if math.isinf(limit) else limit})

    def within(self, max_cost: str | float) -> pd.DataFrame:
        """List every pair of a demand point and a facility within a limit.

        Parameters
        ----------
        max_cost
            How far, inclusive.

        Returns
        -------
        DataFrame
            `origin, facility_id`, and `distance_m` or `duration_min`: in the order of the demand points, the nearest
            facility first.

        Raises
        ------
        CoordinateError
            If a demand point is not on Earth.
        UnitError
            If the limit cannot be read, or is in another unit.

        Examples
        --------
        >>> import iopdir as iop
        >>> clinics = pd.DataFrame({"lon": [0.2, 0.1, 9.0], "lat": 0.0}, index=["far", "near", "away"])
        >>> iop.reach(iop.Place(lat=0.0, lon=0.0, label="town"), clinics).within("30 km").round(1)
          origin facility_id  distance_m
        0   town        near     11131.9
        1   town         far     22263.9
        """
        limit = read_limit(max_cost, self.unit)
        origin, site, amount = self.ways.pairs(limit)
        table = pd.DataFrame(
            {
                "origin": self.people.ids.take(origin),
                "facility_id": self.sites.ids.take(site),
                cost_column(self.unit): amount,
            }
        )
        return self.sign(table, **{f"max_cost_{self.unit}": limit})

    def part(self, origins: slice | BoolArray | Iterable[Hashable]) -> Reach:
        """Cut out some demand points; the facilities stay whole, with their trees.

        What is asked of the parts, put together, is what is asked of the whole, bit for bit: the nearest, counts of
        coverage, sums at the demand points. Sums at the facilities (how many people come) need everybody:
        [`people_to_capacity`][iopdir.measures.people_to_capacity].

        Parameters
        ----------
        origins
            A slice of positions, a mask of shape (n,), or ids.

        Returns
        -------
        Reach
            Of those, in their order in the whole if cut by slice or mask, else in the order given.

        Raises
        ------
        UnknownNameError
            If there is no demand point of that id.
        """
        if not isinstance(origins, slice):
            given = pd.Index([origins] if isinstance(origins, str) else list(origins))
            if given.dtype == bool and len(given) == len(self.people):
                origins = given.to_numpy()
            else:
                rows = self.people.ids.get_indexer(given)
                if (rows < 0).any():
                    raise UnknownNameError("demand point", str(given[rows < 0][0]), map(str, self.people.ids))
                origins = rows
        demand = self.demand.iloc[origins]
        demand.attrs = self.demand.attrs
        ends = replace(Points.of(demand), known=self.people.known)
        return replace(self, demand=demand, people=ends, _homes={})

    def close(self, facilities: str | Iterable[Hashable]) -> Reach:
        """Take facilities away; demand points keep their tree.

        Parameters
        ----------
        facilities
            An id, or several.

        Returns
        -------
        Reach
            A new one; this one is unchanged.

        Raises
        ------
        UnknownNameError
            If there is no facility of that id.
        """
        ids = pd.Index([facilities] if isinstance(facilities, str) else list(facilities))
        lost = ids[~ids.isin(self.sites.ids)]
        if len(lost):
            raise UnknownNameError("facility within this reach", str(lost[0]), map(str, self.sites.ids))
        kept = self.sites.ids[~self.sites.ids.isin(ids)]
        return self._edited(self.sites.edit(kept), closed=len(ids))

    def open(self, facilities: Facilities, *, capacity: Capacity = None) -> Reach:
        """Put facilities beside those there are; demand points keep their tree.

        Parameters
        ----------
        facilities
            A directory, or any frame of places; the index is the id. A matrix reaches those that it lists.
        capacity
            What they offer: a column, or a series by id; 1 each if not given.

        Returns
        -------
        Reach
            A new one; this one is unchanged.

        Raises
        ------
        ValueError
            If an id is there already, or a capacity is negative or missing.
        UnknownNameError
            If the column of capacity is not known.

        Examples
        --------
        >>> import iopdir as iop
        >>> home = iop.find_place("Montpelier, VT")
        >>> reach = iop.reach(home, iop.demo_directory(), facility_state="VT")
        >>> new = pd.DataFrame({"lon": home.lon, "lat": home.lat, "name": "Ours"}, index=["-new"])
        >>> reach.open(new).nearest()["name"].item()
        'Ours'
        """
        new = sites(facilities, capacity=capacity, located=self.cost.located)
        twice = new.ids.intersection(self.sites.ids)
        if len(twice):
            raise ValueError(f"facility {twice[0]!r} is open already")
        return self._edited(self.sites.edit(self.sites.ids, new), opened=len(new))

    def _edited(self, places: Sites, **change: int) -> Reach:
        edits = [*self.about.get("edits", []), change]
        return replace(self, sites=places, about={**self.about, "edits": edits})

    def with_capacity(self, capacity: Capacity) -> Reach:
        """Let the facilities offer something else; all trees stay.

        Parameters
        ----------
        capacity
            Column of the facilities, or a series by facility id; 1 each if None.

        Returns
        -------
        Reach
            A new one; this one is unchanged.

        Raises
        ------
        UnknownNameError
            If the column or a facility is not known.
        ValueError
            If a capacity is negative or missing.
        """
        return replace(self, sites=self.sites.with_capacity(capacity))

    def links(self, decay: Decay) -> Links:
        """Weigh the ways by a decay, for sums at facilities and at demand points."""
        return Links(self.ways, decay, len(self.people), len(self.sites))

    def count_people(self, column: str = "population") -> FloatArray:
        """Read how many people each demand point stands for, shape (n,)."""
        return people(self.demand, column)

    def homes(self, *, territories: bool = False) -> Residence:
        """Find the county and state of all people, once."""
        if territories not in self._homes:
            self._homes[territories] = find_residence(self.demand, territories=territories)
        return self._homes[territories]

    def sign(self, table: Table, **parameters: object) -> Table:
        """Write into a table what it was made from, and what makes the listing doubtful as a whole."""
        table.attrs["provenance"] = self.provenance(**parameters).to_dict()
        return self.warn(table)

    def warn(self, table: Table) -> Table:
        """Let a doubtful listing stand in the status of a table, its warnings and who is off the roads beside it."""
        warnings, off = list(self.sites.warnings), self.ways.off
        if off is not None:
            weight = self.count_people() if "population" in self.demand else np.ones(len(self.people))
            table.attrs["off_network"] = off.about(weight)
            warnings += off.warnings(weight)
        if warnings:
            table.attrs["warnings"] = warnings
        if self.sites.doubt and table.ndim == 2 and "status" in table:
            table["status"] = table["status"].replace(["ok", "no_facility"], self.sites.doubt)
        return table

    def provenance(self, *more: Source, **parameters: object) -> Provenance:
        """State sources, and more of them, and parameters."""
        sources = [*sources_of(self.demand), *self.sites.sources, *more, *self.cost.sources]
        return Provenance.of(
            sources, **{**self.sites.about(), "cost": repr(self.cost), **self.about, **parameters}
        )

    def __repr__(self) -> str:
        mark = "SYNTHETIC " if self.provenance().synthetic else ""
        return (
            f"{mark}Reach of {len(self.people):,} demand points to {len(self.sites):,} facilities"
            f" by {self.cost!r}, {self.unit}"
        )

    def _repr_html_(self) -> str:
        rows = {
            "demand points": f"{len(self.people):,}",
            "facilities": f"{len(self.sites):,}",
            "facilities left out, without a point": f"{self.sites.unplaced:,}",
            "cost": f"{self.cost!r}, {self.unit}",
            "capacity": self.sites.offered,
            "sources": "; ".join(map(str, self.provenance().sources)),
        }
        cells = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in rows.items())
        return f"<table><caption>Reach</caption>{cells}</table>"
