"""A standard applied to a reach: who is within it, surely, possibly, and if listings are active."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from iopdir.geography.areas import Residence
from iopdir.progress import during
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.standards.chances import chance_of
from iopdir.standards.ruler import Ruler
from iopdir.standards.standard import Count, Limit, Standard
from iopdir.travel.cost import BoolArray

__all__ = ["Judged", "find_only", "judge", "limits_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A standard applied to every (demand point, county), shape (pairs,).

    Parameters
    ----------
    rule
        The standard.
    limit
        Which limit holds, -1 where the standard asks for nothing.
    tested, half
        For each limit, what of it is tested, in words, and whether that is only half of it.
    sites_within, least
        How many sites are within, and how many must be.
    placed
        Who surely and possibly has enough; None where it does not depend on where sites are drawn.
    estimated
        Who has enough if drives are slow, and if they are quick; None where costs are no estimates.
    listing_low, listing_high
        Probability that enough of them are active, if few and if many listings are.
    nearest, last
        Cost of the nearest site, and of the last one that is needed.
    single
        Whether one amount decides; not where two limits are tested.
    required
        Share of people that must be within, 0 where the standard does not say.
    laxly, laxly_required
        Who would be within the laxest limit, and the share that goes with it; None where classes are known.
    """

    rule: Standard
    limit: IntArray
    tested: list[str]
    half: BoolArray
    sites_within: FloatArray
    least: FloatArray
    placed: tuple[BoolArray, BoolArray] | None
    listing_low: FloatArray
    listing_high: FloatArray
    nearest: FloatArray
    last: FloatArray
    single: bool
    required: FloatArray
    estimated: tuple[BoolArray, BoolArray] | None = None
    laxly: BoolArray | None = None
    laxly_required: float = 0.0

    @property
    def applies(self) -> BoolArray:
        """Whom the standard is about."""
        return self.limit >= 0

    @property
    def inside(self) -> BoolArray:
        """Who is within the standard."""
        return self.applies & (self.sites_within >= self.least)


@during("Counting who is near enough")
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
    if rule.count is not None:
        return _judge_count(homes, ruler, rule, rule.count, active)
    limits, which = limits_of(homes, rule)
    within, sides, known = np.zeros(homes.point.size), np.zeros((2, homes.point.size), dtype=bool), True
    estimated = np.zeros_like(sides)
    for number, limit in enumerate(limits):
        mine = np.flatnonzero(which == number)
        if mine.size:
            point = homes.point[mine]
            within[mine] = ruler.count(rule, limit, point)
            for side, bound in zip(estimated, ruler.bounds or (), strict=False):
                side[mine] = bound.count(rule, limit, point) >= rule.min_providers
            placed = ruler.placed(rule, limit, point)
            known &= placed is not None
            if placed is not None:
                sides[:, mine] = placed
    quick, slow = estimated
    wants = np.where(which < 0, np.inf, float(rule.min_providers))
    laxly = None
    if rule.by_county_type and rule.classes is None:
        laxly = (which >= 0) & (ruler.count(rule, rule.laxest, homes.point) >= wants)
    return Judged(
        rule=rule,
        limit=which,
        tested=[ruler.tested(rule, limit) for limit in limits],
        half=np.array([ruler.tested(rule, limit).endswith(" only") for limit in limits]),
        sites_within=within,
        least=wants,
        placed=(sides[0], sides[1]) if known and ruler.knows_placement else None,
        listing_low=chance_of(within, wants, active[0]),
        listing_high=chance_of(within, wants, active[1]),
        nearest=ruler.nearest()[homes.point],
        last=ruler.nearest(rule.min_providers)[homes.point],
        estimated=None if ruler.bounds is None else (slow, quick),
        single=all(ruler.single(rule, limit) for limit in limits),
        required=np.append([limit.share or 0.0 for limit in limits], 0.0)[which],
        laxly=laxly,
        laxly_required=rule.laxest.share or 0.0,
    )


def _judge_count(
    homes: Residence, ruler: Ruler, rule: Standard, count: Count, active: tuple[float, float]
) -> Judged:
    """Count the sites of each county: whoever lives in a county that has enough is within."""
    mine, every = (None if some is None else _tally(homes, some) for some in ruler.counties(homes.vintage))
    within = np.zeros(homes.point.size) if mine is None else mine
    least = np.full(homes.point.size, float(count.facilities))
    half = count.share is not None and every is None
    if count.share is not None and every is not None:
        part = np.ceil(count.share * every * (1 - 1e-12))
        least = np.minimum(least, np.maximum(part, 1.0))
    applies = np.full(homes.point.size, rule.state is None) | (homes.state == rule.state)
    least = np.where(applies, least, np.inf)
    nearest = ruler.nearest()[homes.point]
    return Judged(
        rule=rule,
        limit=np.where(applies, 0, -1),
        tested=["count only" if half else "count"],
        half=np.array([half]),
        sites_within=within,
        least=least,
        placed=None,
        listing_low=chance_of(within, least, active[0]),
        listing_high=chance_of(within, least, active[1]),
        nearest=nearest,
        last=nearest,
        single=False,
        required=applies.astype(float),
    )


def _tally(homes: Residence, counties: IntArray) -> FloatArray:
    """Count sites of the county of each (demand point, county); none where it is not known."""
    size = 1 + max(int(some.max(initial=0)) for some in (homes.county, counties))
    counts = np.bincount(counties[counties >= 0], minlength=size)
    return np.append(counts, 0)[homes.county].astype(np.float64)


def limits_of(homes: Residence, rule: Standard) -> tuple[list[Limit], IntArray]:
    """List the limits of a standard, the strictest last, and which of them holds for each (demand point, county).

    None holds (-1) in other states than the standard's, and in classes that it does not name. People in no known
    county are not given the benefit of the doubt.
    """
    every = list(rule.limits.values())
    if not rule.by_county_type:
        which = np.zeros(homes.point.size, dtype=np.int64)
    else:
        every.append(rule.strictest)
        which = np.full(homes.point.size, len(rule.limits))
        if rule.classes is not None:
            names = pd.Index([str(kind) for kind in rule.limits])
            of_county = names.get_indexer(pd.Index(rule.classes.sort(homes.vintage)))
            which = np.append(of_county, len(rule.limits))[homes.county]
    if rule.state is not None:
        which = np.where(homes.state == rule.state, which, -1)
    return every, which


def find_only(homes: Residence, ruler: Ruler, rule: Standard) -> tuple[IntArray, IntArray, FloatArray]:
    """Find those who have just as many sites within a standard as it asks for, and so depend on each of them.

    Parameters
    ----------
    homes, ruler, rule
        As for `judge`.

    Returns
    -------
    tuple[IntArray, IntArray, FloatArray]
        Position of the (demand point, county), position of the site, and the cost of the nearest site.
    """
    if rule.count is not None:
        return _find_counted(homes, ruler, judge(homes, ruler, rule, (1.0, 1.0)))
    found, sites = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    limits, which = limits_of(homes, rule)
    for number, limit in enumerate(limits):
        mine = np.flatnonzero(which == number)
        if mine.size:
            mine = mine[ruler.count(rule, limit, homes.point[mine]) == rule.min_providers]
            row, site = ruler.within(rule, limit, homes.point[mine])
            found.append(mine[row])
            sites.append(site)
    only = np.concatenate(found)
    order = np.argsort(only, kind="stable")
    return only[order], np.concatenate(sites)[order], ruler.nearest()[homes.point[only[order]]]


def _find_counted(homes: Residence, ruler: Ruler, judged: Judged) -> tuple[IntArray, IntArray, FloatArray]:
    """Find those in whose county every facility is needed, and those facilities."""
    county = ruler.counties(homes.vintage)[0]
    order = np.argsort(county, kind="stable")
    row = np.flatnonzero(judged.applies & (judged.sites_within == judged.least))
    first, end = (np.searchsorted(county[order], homes.county[row], side=side) for side in ("left", "right"))
    row, step = np.repeat(row, end - first), np.arange((end - first).sum())
    step -= np.repeat(np.cumsum(end - first) - (end - first), end - first)
    return row, order[np.repeat(first, end - first) + step], judged.nearest[row]
