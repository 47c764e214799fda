"""What if sites opened, closed or changed what they offer: before, after, and who gains and who loses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Unpack

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.geography.areas import By
from iopdir.geography.points import PointsLike
from iopdir.measures.coverage import coverage_gaps
from iopdir.measures.uncertainty import LISTING_ACTIVE, check_probabilities
from iopdir.scenarios.edited import Edited, remembering
from iopdir.scenarios.opening import Closing, Opening, closing, opening
from iopdir.scenarios.problem import meet
from iopdir.spatial.geodesy import FloatArray
from iopdir.standards.judge import Judged, judge
from iopdir.standards.parse import parse_standard
from iopdir.standards.ruler import Ruler
from iopdir.standards.standard import Standard
from iopdir.text import TEXT
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Capacity, Facilities, Filters

__all__ = ["WhatIf", "what_if"]

_WORDS: Final = (
    "vintage",
    "name",
    "state",
    "standard",
    "group",
    "tested",
    "county_type",
    "required_share",
    "verdict",
    "status",
)
_ALIKE: Final = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WhatIf:
    """A scenario beside what is. Made by [`what_if`][iopdir.what_if].

    Parameters
    ----------
    before, after
        Tables of [`coverage_gaps`][iopdir.coverage_gaps], row for row the same areas.
    difference
        After less before: the columns that name a row, then every number; where a standard gives verdicts,
        `verdict_before` and `verdict_after`.
    people
        One row a demand point, and standard, for which anything changes, most people first: `people, within_before,
        within_after` (how many of them), `nearest_before, nearest_after` (in the unit of the costs) and `change`:
        ``"gains"`` or ``"loses"`` (who is within), else ``"nearer"`` or ``"farther"``.
    reach
        The reach after, to ask more of.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    difference: pd.DataFrame
    people: pd.DataFrame
    reach: Reach

    @property
    def gained(self) -> float:
        """People who are within the first standard after and were not before."""
        return self._moved(1.0)

    @property
    def lost(self) -> float:
        """People who were within the first standard before and are not after."""
        return self._moved(-1.0)

    def _moved(self, sign: float) -> float:
        table = self.people
        if "standard" in table:
            table = table[table["standard"] == self.people.attrs["standards"][0]]
        moved = sign * (table["within_after"] - table["within_before"])
        return float(moved[moved > 0].sum())

    def __repr__(self) -> str:
        mark = "SYNTHETIC " if self.reach.provenance().synthetic else ""
        return f"{mark}WhatIf: {self.gained:,.0f} people newly within, {self.lost:,.0f} no longer"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.difference.head(10).to_html(escape=True)}"


def what_if(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    open: Opening | None = None,  # noqa: A002 - the plain word for it
    close: Closing | None = None,
    capacity: Mapping[Any, float] | pd.Series[Any] | None = None,
    standard: str | Standard | Sequence[str | Standard] = "30 mi",
    by: By = "county",
    population: str = "population",
    groups: Sequence[str] | None = None,
    measures: Mapping[str, Callable[[Reach], pd.Series[Any]]] | None = None,
    cost: CostLike = None,
    offers: Capacity = None,
    listing_active: float | tuple[float, float] = LISTING_ACTIVE,
    state: str | Iterable[str] | None = None,
    territories: bool = False,
    area_id: str | None = None,
    **filters: Unpack[Filters],
) -> WhatIf:
    """Ask what opening, closing or changing facilities would do, to whom.

    Parameters
    ----------
    demand, directory
        As for [`coverage_gaps`][iopdir.coverage_gaps]; or a [`Reach`][iopdir.reach] instead of both, cost and filters.
    open
        New sites: ``"79903"`` or ``"one at ZIP 79903"``, a list of places, points, a frame with `lon` and `lat`, a
        directory or a [`Facility`][iopdir.Facility] of one, or a [`Plan`][iopdir.site]. An id that is taken is
        changed; what the facilities were selected for, a place opened among them states too.
    close
        Sites that go: an id, several, filters (``{"facility_county": "48141", "payment": "medicaid"}``), a directory
        or frame of them, or a function that marks rows of the facility table. Closing comes first, so that a site may
        close here and open there under its own id.
    capacity
        What sites offer from now on, by id, those opened included; 1 for one that opens if not given.
    standard, by, population, groups, measures, listing_active, territories, area_id
        As for [`coverage_gaps`][iopdir.coverage_gaps].
    cost, state, **filters
        As for [`reach`][iopdir.reach]. A matrix must list the sites that open.
    offers
        Capacity before, as `capacity` of [`reach`][iopdir.reach].

    Returns
    -------
    WhatIf
        `before`, `after` and `difference` by area, standard and group, and `people` who gain or lose.

    Raises
    ------
    UnknownNameError
        If a site to close, a place to open, a standard, column, state or filter is not known.
    CoordinateError
        If nobody knows where a site that opens is.
    UnitError, VintageError, ValueError
        As for [`coverage_gaps`][iopdir.coverage_gaps].

    Notes
    -----
    Only demand points near a site that opens or closes are measured anew; the answer is that of measuring all.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NV"), iop.demo_directory().select(level_of_care="iop")
    >>> opened = iop.what_if(demand, iops, open="one at ZIP 89045", by="state", standard="30 mi")
    >>> bool(opened.gained > 0), opened.lost
    (True, 0.0)

    Closing a site and opening it again changes nothing:

    >>> first = iops.table.index[0]
    >>> again = iop.what_if(demand, iops, close=first, open=iops[first], by="state")
    >>> len(again.people), float(again.difference["covered"].abs().max())
    (0, 0.0)
    """
    before = bind(demand, directory, cost=cost, capacity=offers, state=state, **filters)
    gone = closing(before, close) if close is not None else before.sites.ids[:0]
    left = before.close(gone) if len(gone) else before
    rows = None if open is None else opening(left, open)
    if rows is not None:
        before = meet(before, rows.index)
        left = before.close(gone) if len(gone) else before
    after = left if rows is None else left.open(rows)
    if capacity is not None:
        after = _offering(after, capacity)
    before = remembering(before)
    positions = (
        before.sites.ids.get_indexer(gone),
        after.sites.ids.get_indexer(after.sites.ids[:0] if rows is None else rows.index),
    )
    if after.sites is not before.sites:
        vars(after)["ways"] = Edited(before, after, *positions)
    options: dict[str, Any] = {
        "by": by, "standard": standard, "population": population, "groups": groups, "measures": measures,
        "listing_active": listing_active, "territories": territories, "area_id": area_id,
    }  # fmt: skip
    tables = [coverage_gaps(reach, **options) for reach in (before, after)]
    rules = [
        parse_standard(one) for one in ([standard] if isinstance(standard, str | Standard) else standard)
    ]
    moved = _people(
        before, after, rules, population, check_probabilities(listing_active), territories=territories
    )
    about = dict(tables[1].attrs["provenance"]["parameters"])
    moved = after.sign(moved, **about)
    moved.attrs["standards"] = [rule.name for rule in rules]
    return WhatIf(
        before=tables[0], after=tables[1], difference=_difference(*tables), people=moved, reach=after
    )


def _offering(reach: Reach, capacity: Mapping[Any, float] | pd.Series[Any]) -> Reach:
    """Change what some sites offer."""
    offered = pd.Series(reach.sites.capacity, index=reach.sites.ids, name="capacity", copy=True)
    for name, amount in dict(capacity).items():
        if name not in offered.index:
            raise UnknownNameError("facility within this reach", str(name), map(str, offered.index))
        offered[name] = float(amount)
    return reach.with_capacity(offered)


def _difference(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Take one table from the other, row by row."""
    columns: dict[str, Any] = {}
    for name in after:
        if name == "verdict":
            columns["verdict_before"], columns["verdict_after"] = before[name], after[name]
        elif name in _WORDS or after[name].dtype.kind not in "iuf":
            columns[str(name)] = after[name]
        else:
            columns[str(name)] = after[name].to_numpy() - before[name].to_numpy()
    table = pd.DataFrame(columns, index=after.index)
    table.attrs = after.attrs
    return table


def _people(
    before: Reach,
    after: Reach,
    rules: Sequence[Standard],
    population: str,
    active: tuple[float, float],
    *,
    territories: bool,
) -> pd.DataFrame:
    """List the demand points for which anything changes."""
    homes = before.homes(territories=territories)
    count = before.count_people(population)
    everybody = count * np.bincount(homes.point, homes.weight, minlength=count.size)
    rulers = [Ruler(reach, rules) for reach in (before, after)]
    unit = before.unit

    def within(judged: Judged) -> FloatArray:
        share = np.bincount(homes.point, homes.weight * judged.inside, minlength=count.size)
        return np.asarray(count * share, dtype=np.float64)

    near = [ruler.nearest() for ruler in rulers]
    parts = []
    for rule in rules:
        inside = [within(judge(homes, ruler, rule, active)) for ruler in rulers]
        more = inside[1] - inside[0]
        changed = (np.abs(more) > _ALIKE) | ((near[0] != near[1]) & (everybody > 0))
        words = np.select(
            [more > _ALIKE, more < -_ALIKE, near[1] < near[0]], ["gains", "loses", "nearer"], "farther"
        )
        table = pd.DataFrame(
            {
                "standard": pd.array([rule.name] * count.size, dtype=TEXT),
                "people": everybody,
                "within_before": inside[0],
                "within_after": inside[1],
                f"nearest_before_{unit}": np.where(np.isinf(near[0]), np.nan, near[0]),
                f"nearest_after_{unit}": np.where(np.isinf(near[1]), np.nan, near[1]),
                "change": pd.array(words, dtype=TEXT),
            },
            index=before.people.ids,
        )[changed]
        parts.append(table.sort_values("people", ascending=False, kind="stable"))
    found: pd.DataFrame = pd.concat(parts)
    return found if len(rules) > 1 else found.drop(columns="standard")
