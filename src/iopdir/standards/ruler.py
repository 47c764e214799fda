"""Measures who is within limits: minutes by the cost of the reach, miles by that cost or by straight lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from iopdir.geography.areas import site_counties
from iopdir.spatial.geodesy import FloatArray, IntArray, geodesic_m
from iopdir.standards.standard import Limit, Standard
from iopdir.travel.cost import BoolArray, Ways, check_unit
from iopdir.travel.reach import Reach
from iopdir.travel.straight import StraightWays

if TYPE_CHECKING:
    import pandas as pd

    from iopdir.spatial.blocks import PackedTree

__all__ = ["Ruler"]

_NONE: Final = np.zeros(0, dtype=np.int64)
_AT_ONCE: Final = 4000
"""Demand points whose pairs are listed together, to bound memory."""


class Ruler:
    """Measures who is within the limits of some standards, all at once.

    A limit of one amount, in the unit of the reach, is a sum within it. With costs in minutes a distance is a straight
    line, beside a time both must hold for the same facility, or either: where minutes are estimated from the distance,
    that is a sum too; otherwise pairs are listed.

    Parameters
    ----------
    reach
        Who can get where.
    rules
        Standards.
    listing
        All facilities that those of the reach were chosen from, for standards by count; None where nobody knows.
    ways
        Other ways than those of the reach, such as the quick ones of an estimate.

    Raises
    ------
    UnitError
        If a standard needs another unit than the reach has.
    """

    def __init__(
        self,
        reach: Reach,
        rules: Sequence[Standard],
        listing: pd.DataFrame | None = None,
        ways: Ways | None = None,
    ) -> None:
        self._reach, self._rules, self._listing, self._ways = reach, rules, listing, ways or reach.ways
        timed = any(rule.has_duration for rule in rules)  # then miles beside them are meant as such
        for rule in rules:
            if reach.unit == "m" and any(limit.distance_m is None for limit in rule.limits.values()):
                check_unit("min", "m", rule.name)
            if reach.unit == "min" and rule.count is None and not (rule.has_duration or timed):
                check_unit("m", "min", rule.name)
        self._limits = np.unique(
            [
                self.amount(limit)
                for rule in rules
                if rule.count is None
                for limit in (*rule.limits.values(), rule.strictest, rule.laxest)
                if self.single(rule, limit)
            ]
        )
        self._near: dict[int, FloatArray] = {}

    def single(self, rule: Standard, limit: Limit) -> bool:
        """Whether one amount decides, in the unit of the reach."""
        if self._reach.unit == "m":
            return True
        return limit.distance_m is None or (limit.both and rule.combine == "or" and not self._anywhere)

    @cached_property
    def _anywhere(self) -> bool:
        """Whether anybody knows where any facility and any demand point are."""
        return all(
            bool((~np.isnan(ends.lon + ends.lat)).any()) for ends in (self._reach.people, self._reach.sites)
        )

    def tested(self, rule: Standard, limit: Limit) -> str:
        """Say what of a limit is tested."""
        if not limit.both:
            return "time" if limit.distance_m is None else "distance"
        if self._reach.unit == "m":
            return "distance only"
        return "time only" if self.single(rule, limit) else f"distance {rule.combine} time"

    def amount(self, limit: Limit) -> float:
        """Give the one amount of a limit that is tested."""
        amount = limit.distance_m if self._reach.unit == "m" else limit.duration_min
        return 0.0 if amount is None else float(amount)

    def nearest(self, k: int = 1) -> FloatArray:
        """Cost of the k-th nearest site of each demand point, `inf` where there are not so many, shape (n,)."""
        if k not in self._near:
            cost = self._ways.nearest(k, np.inf)[1]
            self._near[k] = cost[:, k - 1] if cost.shape[1] >= k else np.full(len(cost), np.inf)
        return self._near[k]

    @cached_property
    def _counts(self) -> FloatArray:
        return self._ways.at_people(np.ones(len(self._reach.sites)), self._limits)

    @cached_property
    def _placed(self) -> tuple[BoolArray, BoolArray] | None:
        return self._ways.placed(self._limits)

    @property
    def knows_placement(self) -> bool:
        """Whether it hangs on where in its ZIP a site is drawn."""
        if self._reach.unit == "min":
            return self._ways.radii(0.0) is not None
        return bool(self._limits.size) and self._placed is not None

    def count(self, rule: Standard, limit: Limit, at: IntArray) -> FloatArray:
        """How many sites are within a limit of some demand points, by their positions."""
        if self.single(rule, limit):
            counts: FloatArray = self._counts[at, self._column(limit)]
            return counts
        radii = self._radii(rule, limit)
        if radii is None:
            return self._count(self.within(rule, limit, at)[0], at.size)
        asked = np.full((radii.size, 1), -1.0)
        asked[at, 0] = radii[at]
        lines, each = StraightWays(self._reach.people, self._reach.sites), np.ones(len(self._reach.sites))
        near: FloatArray = lines.at_people(each, asked)[at, 0]
        return near

    def _radii(self, rule: Standard, limit: Limit) -> FloatArray | None:
        """How far over the ground is near enough for each demand point, if minutes follow from that alone."""
        metres, minutes = limit.distance_m or 0.0, self._ways.radii(limit.duration_min or 0.0)
        if minutes is None or limit.duration_min is None:
            return None
        return np.minimum(minutes, metres) if rule.combine == "and" else np.maximum(minutes, metres)

    @cached_property
    def bounds(self) -> tuple[Ruler, Ruler] | None:
        """The same if drives are quick as one in ten, and slow as one in ten; None where no cost is an estimate."""
        if self._ways.bounds is None:
            return None
        quick, slow = (Ruler(self._reach, self._rules, self._listing, ways) for ways in self._ways.bounds)
        return quick, slow

    @staticmethod
    def _count(rows: IntArray, size: int) -> FloatArray:
        return np.bincount(rows, minlength=size).astype(np.float64)

    def _column(self, limit: Limit) -> int:
        return int(np.searchsorted(self._limits, self.amount(limit)))

    def placed(self, rule: Standard, limit: Limit, at: IntArray) -> tuple[BoolArray, BoolArray] | None:
        """Say who surely and possibly has enough sites within a limit; None where it does not hang on placement."""
        if self._reach.unit == "min":
            return self._placed_by_metres(rule, limit, at)
        if not (self.single(rule, limit) and self._placed is not None):
            return None
        if rule.min_providers == 1:
            column = self._column(limit)
            return self._placed[0][at, column], self._placed[1][at, column]
        off, far = self._reach.sites.off_m, self.amount(limit)
        row, site, metres = self._pairs(at, far + float(off.max(initial=0.0)))
        surely = self._count(row[metres + off[site] <= far], at.size) >= rule.min_providers
        return surely, self._count(row[metres <= far + off[site]], at.size) >= rule.min_providers

    def _placed_by_metres(
        self, rule: Standard, limit: Limit, at: IntArray
    ) -> tuple[BoolArray, BoolArray] | None:
        """Say so where minutes follow from metres: a demand point then has a limit over the ground of its own."""
        from iopdir.spatial.pairs import within_batch

        people, (tree, there), off = self._reach.people, self._tree, self._reach.sites.off_m
        if limit.duration_min is None:
            radii: FloatArray | None = np.full(len(people), limit.distance_m)
        else:
            radii = self._radii(rule, limit) if limit.both else self._ways.radii(limit.duration_min)
        if radii is None:
            return None
        few = np.unique(at)
        few = few[~np.isnan(people.lon[few] + people.lat[few])]
        counts = np.zeros((2, len(people)))
        for some in np.array_split(few, 1 + few.size // _AT_ONCE) if there.size else ():
            far = radii[some]
            row, site, metres = within_batch(
                tree, people.lon[some], people.lat[some], far + off.max(initial=0.0)
            )
            for count, room in zip(counts, (off, -off), strict=True):
                count[some] = self._count(row[metres + room[there[site]] <= far[row]], some.size)
        surely, possibly = counts[:, at] >= rule.min_providers
        return surely, possibly

    def within(self, rule: Standard, limit: Limit, at: IntArray) -> tuple[IntArray, IntArray]:
        """List the sites within a limit of some demand points: rows of `at`, and positions of sites."""
        if self.single(rule, limit):
            return self._pairs(at, self.amount(limit))[:2]
        if limit.duration_min is None:
            return self._lines(at, float(limit.distance_m or 0.0))
        row, site, _ = self._pairs(at, limit.duration_min)
        if rule.combine == "or":
            m = len(self._reach.sites)
            near, there = self._lines(at, float(limit.distance_m or 0.0))
            either = np.union1d(row * m + site, near * m + there)
            return either // m, either % m
        people, sites = self._reach.people, self._reach.sites
        ends = people.lon[at[row]], people.lat[at[row]], sites.lon[site], sites.lat[site]
        known = np.flatnonzero(~np.isnan(np.array(ends)).any(axis=0))
        near = known[geodesic_m(*(end[known] for end in ends)) <= float(limit.distance_m or 0.0)]
        return row[near], site[near]

    def _pairs(self, at: IntArray, limit: float) -> tuple[IntArray, IntArray, FloatArray]:
        """List the pairs within an amount of some demand points, which may stand in `at` several times."""
        few, place = np.unique(at, return_inverse=True)
        mask = np.zeros(len(self._reach.people), dtype=bool)
        mask[few] = True
        origin, site, amount = self._reach.part(mask).ways.pairs(limit)
        rows, pair = _spread(origin, place, few.size)
        return rows, site[pair], amount[pair]

    def _lines(self, at: IntArray, metres: float) -> tuple[IntArray, IntArray]:
        """List the pairs within a straight line; who or what has no point is in none."""
        from iopdir.spatial.pairs import within_batch

        people, (tree, there) = self._reach.people, self._tree
        few, place = np.unique(at, return_inverse=True)
        here = np.flatnonzero(~np.isnan(people.lon[few] + people.lat[few]))
        if not (here.size and there.size):
            return _NONE, _NONE
        origin, site, _ = within_batch(tree, people.lon[few[here]], people.lat[few[here]], metres)
        rows, pair = _spread(here[origin], place, few.size)
        return rows, there[site[pair]]

    @cached_property
    def _tree(self) -> tuple[PackedTree, IntArray]:
        from iopdir.spatial.blocks import PackedTree

        sites = self._reach.sites
        there = np.flatnonzero(~np.isnan(sites.lon + sites.lat))
        return PackedTree(sites.lon[there], sites.lat[there]), there

    def counties(self, vintage: int) -> tuple[IntArray, IntArray | None]:
        """Find the county of each site, and of each of the whole listing: positions in `county_list`, or -1."""
        mine = site_counties(self._reach.sites.table, vintage)
        return mine, None if self._listing is None else site_counties(self._listing, vintage)


def _spread(origin: IntArray, place: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Repeat pairs for every row that stands for the same demand point: rows, and positions of pairs."""
    if place.size == size and (place == np.arange(size)).all():
        return origin, np.arange(origin.size)
    order = np.argsort(place, kind="stable")
    times = np.bincount(place, minlength=size)
    first = np.cumsum(times) - times
    many = times[origin]
    pair = np.repeat(np.arange(origin.size), many)
    step = np.arange(pair.size) - np.repeat(np.cumsum(many) - many, many)
    return order[first[origin[pair]] + step], pair
