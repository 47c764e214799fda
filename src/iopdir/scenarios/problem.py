"""What is asked: who is to be reached, by which candidates, within what; and who is within it already."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from iopdir.geography.areas import TERRITORIES
from iopdir.geography.demand import in_states
from iopdir.scenarios.instance import Instance
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.standards.judge import limits_of
from iopdir.standards.ruler import Ruler
from iopdir.standards.standard import Limit, Standard
from iopdir.travel.cost import BoolArray, Pairs
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Facilities, Sites, sites

__all__ = ["Entries", "Problem", "meet", "read_candidates"]

_MOST_PAIRS: Final = 40_000_000
"""Of a list without any limit, so that memory stays below 2 GB."""


def read_candidates(
    reach: Reach, candidates: Facilities | None, within: list[str] | None
) -> tuple[Sites, BoolArray]:
    """Read where a site may open, west to east: the demand points, unless other places are given.

    Returns
    -------
    tuple[Sites, BoolArray]
        The candidates, and of those given which ones are kept: not those that are open already, or lie elsewhere.
    """
    given = reach.demand if candidates is None else candidates
    places = sites(given, located=reach.cost.located)
    table = places.table
    keep = np.ones(len(table), dtype=bool)
    if candidates is not None:
        keep = ~_is_there(table, reach)
        if within is not None and len(table):
            keep &= in_states(table, within)
    rows = np.flatnonzero(keep)
    names = _ranks(table.index[rows])
    order = rows[np.lexsort((names, table["lat"].to_numpy()[rows], table["lon"].to_numpy()[rows]))]
    known = places.known.union(reach.sites.known, sort=False)
    return replace(places.edit(table.index[order]), known=known), keep


def _is_there(table: pd.DataFrame, reach: Reach) -> BoolArray:
    """Mark the places that are open already: the same id, and the same point where points count."""
    at = reach.sites.ids.get_indexer(table.index)
    same = at >= 0
    if reach.cost.located and same.any():
        for name in ("lon", "lat"):
            same &= reach.sites.table[name].to_numpy()[at] == table[name].to_numpy()
    return same


def _ranks(ids: pd.Index[Any]) -> IntArray:
    """Rank ids, as text where they do not compare."""
    plain = ids.inferred_type in ("integer", "string", "floating")
    names = ids if plain else ids.map(str)
    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[names.argsort()] = np.arange(len(ids))
    return ranks


def meet(reach: Reach, others: pd.Index[Any]) -> Reach:
    """Let a cost that goes by ids know of facilities that are not there yet."""
    if reach.cost.located:
        return reach
    known = reach.sites.known.union(others, sort=False)
    return replace(reach, sites=replace(reach.sites, known=known))


@dataclass(frozen=True, kw_only=True, eq=False)
class Entries:
    """People by demand point and, where it matters, county, shape (entries,); in an order that rows do not change.

    Parameters
    ----------
    point
        Position of the demand point.
    weight
        People.
    county
        Position of the county in its list; -1 where not known, or where it does not matter.
    kind
        Which limit of the standard holds.
    home
        Position in the residence of the reach; empty where counties do not matter.
    """

    point: IntArray
    weight: FloatArray
    county: IntArray
    kind: IntArray
    home: IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """A reach, a standard, people and candidates.

    Parameters
    ----------
    reach
        People and the sites that stay.
    rule
        What it means to be reached.
    candidates
        Where sites may open, in order.
    population
        Column of people.
    territories
        Whether Puerto Rico and the island areas count beside the states.
    """

    reach: Reach
    rule: Standard
    candidates: Sites
    population: str
    territories: bool

    @cached_property
    def rank(self) -> IntArray:
        """Place of each demand point from west to east, whatever the order of the rows."""
        ends = self.reach.people
        rank = np.empty(len(ends), dtype=np.int64)
        rank[np.lexsort((_ranks(ends.ids), ends.lat, ends.lon))] = np.arange(len(ends))
        return rank

    def people(self, column: str | None = None) -> FloatArray:
        """Count those of each demand point who are to be reached."""
        return self.reach.count_people(column or self.population) * (1.0 - self._left_out)

    @cached_property
    def _left_out(self) -> FloatArray:
        """Share of people who live in territories, where the demand has states too and they do not count."""
        demand, nobody = self.reach.demand, np.zeros(len(self.reach.people))
        if self.territories:
            return nobody
        if "state" in demand:
            away = demand["state"].isin(TERRITORIES).to_numpy()
            return np.where(away & (not away.all()), 1.0, 0.0)
        unknown = "county_fips" not in demand and bool(np.isnan(self.reach.people.lon).any())
        return nobody if unknown else self.reach.homes().left_out

    @cached_property
    def ruler(self) -> Ruler:
        """Who is within the standard of the sites that stay."""
        return Ruler(self.reach, [self.rule])

    def entries(self, column: str | None = None, *, by_county: bool = False) -> Entries:
        """Share people out as the standard, or a question about counties, needs it; whom it is not about count 0."""
        if not (by_county or self._by_home):
            order = np.argsort(self.rank)
            nothing = np.zeros(order.size, dtype=np.int64)
            return Entries(
                point=order,
                weight=self.people(column)[order],
                county=nothing - 1,
                kind=nothing,
                home=nothing[:0],
            )
        homes = self.reach.homes(territories=self.territories)
        _, kind = limits_of(homes, self.rule)
        order = np.lexsort((homes.county, self.rank[homes.point]))
        point = homes.point[order]
        weight = (homes.weight * (kind >= 0))[order] * self.reach.count_people(column or self.population)[
            point
        ]
        return Entries(point=point, weight=weight, county=homes.county[order], kind=kind[order], home=order)

    def reached(self, entries: Entries) -> BoolArray:
        """Say who is within the standard already."""
        out = np.zeros(entries.point.size, dtype=bool)
        for kind, limit in enumerate(self.limits):
            mine = np.flatnonzero(entries.kind == kind)
            if mine.size:
                out[mine] = self.ruler.count(self.rule, limit, entries.point[mine]) > 0
        return out

    @property
    def _by_home(self) -> bool:
        """Whether it matters to the standard where people live."""
        return self.rule.by_county_type or self.rule.state is not None

    @cached_property
    def limits(self) -> list[Limit]:
        """The limits of the standard, by `Entries.kind`."""
        if not self._by_home:
            return list(self.rule.limits.values())
        return limits_of(self.reach.homes(territories=self.territories), self.rule)[0]

    def to_reach(
        self, entries: Entries, reached: BoolArray, group: IntArray | None = None
    ) -> tuple[Instance, IntArray]:
        """List which candidates would reach whom of those who are not reached yet, and the entries that none would."""
        rows, columns = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        todo = ~reached & (entries.weight > 0)
        ruler = Ruler(replace(self.reach, sites=self.candidates), [self.rule])
        for kind, limit in enumerate(self.limits):
            mine = np.flatnonzero(todo & (entries.kind == kind))
            if mine.size:
                row, site = ruler.within(self.rule, limit, entries.point[mine])
                rows.append(mine[row])
                columns.append(site)
        groups = np.zeros(entries.point.size, dtype=np.int64) if group is None else group
        row = np.concatenate(rows)
        todo[row] = False
        return Instance.of(entries.weight, groups, row, np.concatenate(columns)), np.flatnonzero(todo)

    def ways_from(self, points: IntArray) -> Reach:
        """Bind some demand points, in the order of their positions, to the candidates."""
        mask = np.zeros(len(self.reach.people), dtype=bool)
        mask[points] = True
        return replace(self.reach.part(mask), sites=self.candidates)

    def pairs(self, points: IntArray, limit: float) -> Pairs:
        """List the pairs of some demand points and the candidates within a cost, or all there are."""
        part = self.ways_from(points)
        where = np.sort(points)
        if math.isfinite(limit):
            origin, site, amount = part.ways.pairs(limit)
            return where[origin], site, amount
        if points.size * len(self.candidates) > _MOST_PAIRS:
            raise ValueError(
                f"{points.size:,} demand points and {len(self.candidates):,} candidates are too many to list every "
                "pair, as this objective needs where some people have no site at all: give fewer candidates"
            )
        index, amount, _ = part.ways.nearest(max(len(self.candidates), 1), math.inf)
        row, rank = np.nonzero(index >= 0)
        return where[row], index[row, rank], amount[row, rank]
