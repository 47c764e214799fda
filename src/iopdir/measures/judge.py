"""A standard applied to a reach: who is within it, surely, possibly, and if listings are active."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from iopdir.geography.areas import Residence
from iopdir.geography.classes import county_types
from iopdir.measures.uncertainty import share_with_one
from iopdir.spatial.geodesy import FloatArray, IntArray, geodesic_m
from iopdir.standards.standard import Limit, Standard
from iopdir.travel.cost import BoolArray, check_unit
from iopdir.travel.reach import Reach

__all__ = ["Judged", "Ruler", "find_only", "judge"]


class Ruler:
    """Measures who is within the limits of some standards, all at once.

    A limit of one amount is a sum within it. Where a distance stands beside a time, and costs are in minutes, both must
    hold for the same facility: then the pairs within the time are listed and measured over the ground.

    Parameters
    ----------
    reach
        Who can get where.
    rules
        Standards.

    Raises
    ------
    UnitError
        If a standard needs another unit than the reach has.
    """

    def __init__(self, reach: Reach, rules: Sequence[Standard]) -> None:
        self._reach = reach
        for rule in rules:
            if rule.has_distance != rule.has_duration:
                check_unit("m" if rule.has_distance else "min", reach.unit, rule.name)
            elif reach.unit == "m" and not rule.has_distance:
                check_unit("min", "m", rule.name)
        limits = [limit for rule in rules for limit in (*rule.limits.values(), rule.strictest)]
        self._limits = np.unique([self.amount(limit) for limit in limits if not self.both(limit)])

    def both(self, limit: Limit) -> bool:
        """Whether both halves of a limit are tested."""
        return self._reach.unit == "min" and limit.distance_m is not None

    def amount(self, limit: Limit) -> float:
        """Give the one amount of a limit that is tested."""
        amount = limit.distance_m if self._reach.unit == "m" else limit.duration_min
        return 0.0 if amount is None else float(amount)

    @cached_property
    def nearest(self) -> FloatArray:
        """Cost of the nearest site of each demand point, `inf` where there is none, shape (n,)."""
        cost = self._reach.ways.nearest(1, np.inf)[1]
        return cost[:, 0] if cost.shape[1] else np.full(len(cost), np.inf)

    @cached_property
    def _counts(self) -> FloatArray:
        return self._reach.ways.at_people(np.ones(len(self._reach.sites)), self._limits)

    @cached_property
    def _placed(self) -> tuple[BoolArray, BoolArray] | None:
        return self._reach.ways.placed(self._limits)

    def count(self, limit: Limit) -> FloatArray:
        """How many sites are within a limit of each demand point."""
        if self.both(limit):
            return self._sum_both(limit, np.ones(len(self._reach.sites)))
        return self._counts[:, self._column(limit)]

    def _column(self, limit: Limit) -> int:
        return int(np.searchsorted(self._limits, self.amount(limit)))

    def only(self, limit: Limit) -> FloatArray:
        """Find the site within a limit of each demand point, where there is just one: the sum of their positions."""
        positions = np.arange(len(self._reach.sites), dtype=np.float64)
        if self.both(limit):
            return self._sum_both(limit, positions)
        return self._reach.ways.at_people(positions, np.array([self.amount(limit)]))[:, 0]

    def placed(self, limit: Limit) -> tuple[BoolArray, BoolArray] | None:
        """Say who surely and possibly has a site within a limit; None where it does not hang on where one is drawn."""
        if self.both(limit) or self._placed is None:
            return None
        column = self._column(limit)
        return self._placed[0][:, column], self._placed[1][:, column]

    def _sum_both(self, limit: Limit, values: FloatArray) -> FloatArray:
        reach = self._reach
        origin, site, _ = reach.ways.pairs(float(limit.duration_min or 0.0))
        ends = (
            reach.people.lon[origin],
            reach.people.lat[origin],
            reach.sites.lon[site],
            reach.sites.lat[site],
        )
        known = np.flatnonzero(~np.isnan(np.array(ends)).any(axis=0))
        near = known[geodesic_m(*(end[known] for end in ends)) <= float(limit.distance_m or 0.0)]
        return np.bincount(origin[near], values[site[near]], minlength=len(reach.people)).astype(float)

    def tested(self, rule: Standard) -> str:
        """Say which halves of a standard are tested."""
        if not rule.has_duration:
            return "distance"
        if not rule.has_distance:
            return "time"
        return "distance and time" if self._reach.unit == "min" else "distance only"


@dataclass(frozen=True, slots=True)
class Judged:
    """A standard applied to every (demand point, county), shape (pairs,).

    Parameters
    ----------
    rule
        The standard.
    tested
        Which halves of it.
    sites_within
        How many sites are within.
    placed
        Who surely and possibly has one; None where it does not depend on where sites are drawn.
    listing_low, listing_high
        Probability that one of them is active, if few and if many listings are.
    nearest
        Cost of the nearest site.
    single
        Whether one amount decides; not where two limits are tested.
    required
        Share of people that must be within, 0 where the standard does not say.
    """

    rule: Standard
    tested: str
    sites_within: FloatArray
    placed: tuple[BoolArray, BoolArray] | None
    listing_low: FloatArray
    listing_high: FloatArray
    nearest: FloatArray
    single: bool
    required: FloatArray

    @property
    def inside(self) -> BoolArray:
        """Who is within the standard."""
        return self.sites_within > 0


def judge(homes: Residence, ruler: Ruler, rule: Standard, active: tuple[float, float]) -> Judged:
    """Apply a standard to every (demand point, county).

    Parameters
    ----------
    homes
        Where people live.
    ruler
        Who is within which limit.
    rule
        The standard.
    active
        Lowest and highest probability that a listing is active.

    Returns
    -------
    Judged
        Who is within.
    """
    limits, kind = _limits(homes, rule)
    within = np.zeros(homes.point.size)
    sides = np.zeros((2, homes.point.size), dtype=bool)
    for number, limit in enumerate(limits):
        mine = np.flatnonzero(kind == number)
        if mine.size:
            point = homes.point[mine]
            within[mine] = ruler.count(limit)[point]
            placed = ruler.placed(limit)
            if placed is not None:
                sides[:, mine] = placed[0][point], placed[1][point]
    known = ruler.placed(limits[0]) is not None
    return Judged(
        rule,
        ruler.tested(rule),
        within,
        (sides[0], sides[1]) if known else None,
        share_with_one(within, active[0]),
        share_with_one(within, active[1]),
        ruler.nearest[homes.point],
        not ruler.both(limits[0]),
        np.array([limit.share or 0.0 for limit in limits])[kind],
    )


def _limits(homes: Residence, rule: Standard) -> tuple[list[Limit], IntArray]:
    """List the limits of a standard, the strictest last, and which of them holds for each (demand point, county).

    People in no known county are not given the benefit of the doubt.
    """
    if not rule.by_county_type:
        return list(rule.limits.values()), np.zeros(homes.point.size, dtype=np.int64)
    types = pd.Index(map(str, rule.limits)).get_indexer(pd.Index(county_types(homes.vintage)["county_type"]))
    return [*rule.limits.values(), rule.strictest], np.append(types, len(rule.limits))[homes.county]


def find_only(homes: Residence, ruler: Ruler, rule: Standard) -> tuple[IntArray, IntArray, FloatArray]:
    """Find those who have just one site within a standard.

    Parameters
    ----------
    homes, ruler, rule
        As for `judge`.

    Returns
    -------
    tuple[IntArray, IntArray, FloatArray]
        Position of the (demand point, county), position of the site, and the cost of the nearest site.
    """
    found, sites = [], []
    limits, kind = _limits(homes, rule)
    for number, limit in enumerate(limits):
        mine = np.flatnonzero(kind == number)
        if mine.size:
            mine = mine[ruler.count(limit)[homes.point[mine]] == 1]
            found.append(mine)
            sites.append(ruler.only(limit)[homes.point[mine]])
    only = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    order = np.argsort(only)
    site = np.concatenate(sites)[order] if sites else np.zeros(0)
    return only[order], site.astype(np.int64), ruler.nearest[homes.point[only[order]]]
