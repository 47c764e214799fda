"""What a report says, before it is put into words: gaps, totals, other distances, single points of failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.extras import require
from iopdir.geography.areas import TERRITORIES
from iopdir.geography.boundaries import states
from iopdir.geography.demand import in_states
from iopdir.geography.places import state_code
from iopdir.measures.coverage import coverage_gaps, single_points_of_failure
from iopdir.progress import during
from iopdir.report.care import care_text, choice_text
from iopdir.scenarios.siting import site
from iopdir.standards.parse import parse_standard
from iopdir.standards.standard import Standard
from iopdir.travel.binding import reach
from iopdir.vocabulary.taxonomy import AgeGroup, LevelOfCare, Payment

if TYPE_CHECKING:
    import geopandas as gpd

    from iopdir.directory.directory import Directory
    from iopdir.scenarios.plan import Plan
    from iopdir.travel.cost import CostLike
    from iopdir.travel.reach import Reach

__all__ = ["NEW_SITES", "RING_MILES", "RING_MINUTES", "Findings", "collect", "survey"]

RING_MILES: Final = (5, 10, 15, 20, 30, 45, 60)
RING_MINUTES: Final = (10, 15, 20, 30, 45, 60, 90)
"""Limits that a report compares; a choice of this package."""

NEW_SITES: Final = 10
_DRAWS: Final = 20
_SECONDS: Final = 30.0
"""How many sites a report proposes, how often their stability is tried, how long it looks; choices of this package."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """All that a report says.

    Parameters
    ----------
    rule
        The standard.
    state, place
        Postal abbreviation (None for the nation) and name of the area.
    directory, selection
        The whole listing, and the facilities that count.
    gaps
        By county, from `coverage_gaps`, with `by_zip`: the share of people whose nearest facility is known only by
        its ZIP code.
    islands
        The same for the island areas, on a report about the nation, whose figures leave them out.
    total
        The same columns for the whole area.
    rings
        One row a limit, by its words (`"30 mi"`), with the same columns.
    points
        Demand points with `lon, lat` and `way`, the cost of the nearest facility.
    lonely
        Facilities that are the only one within the standard for some people, most people first; None if not asked.
    plan
        The ten sites that would newly reach most people; None for a standard by which one facility is not enough.
    published
        Date on the page.
    others
        Other standards, each with its table by county.
    """

    rule: Standard
    state: str | None
    place: str
    directory: Directory
    selection: Directory
    gaps: pd.DataFrame
    islands: pd.DataFrame
    total: pd.Series[Any]
    rings: pd.DataFrame
    points: pd.DataFrame
    lonely: pd.DataFrame | None
    plan: Plan | None
    published: date
    others: Sequence[tuple[Standard, pd.DataFrame]] = ()

    @property
    def mark(self) -> str:
        """What goes before a sentence about people if the facilities are made up."""
        return "SYNTHETIC: " if self.directory.synthetic else ""

    @property
    def care(self) -> str:
        """What the facilities that count offer, in words."""
        return care_text(self.gaps.attrs["provenance"]["parameters"])

    @property
    def choice(self) -> str:
        """What else they state, in words."""
        return choice_text(self.gaps.attrs["provenance"]["parameters"])

    @property
    def minutes(self) -> bool:
        """Whether ways are measured in minutes, not in metres."""
        return "nearest_min" in self.gaps


_Choice = TypeVar("_Choice", LevelOfCare, Payment, AgeGroup)


def _value(kind: type[_Choice], text: str, name: str) -> _Choice:
    try:
        return kind(text)
    except ValueError:
        raise UnknownNameError(name, text, [member.value for member in kind]) from None


@during("Measuring")
def collect(
    demand: gpd.GeoDataFrame,
    directory: Directory,
    *,
    level_of_care: str | None,
    standard: str | Standard | Sequence[str | Standard],
    state: str | None,
    payment: str | None,
    age_group: str | None,
    published: date,
    cost: CostLike = None,
) -> Findings:
    """Measure everything once.

    Raises
    ------
    MissingExtraError
        If new sites are to be planned and the extra `siting` is not installed.
    UnknownNameError
        If there is no such level of care, payment, age group, standard or state, or nobody lives in it.
    UnitError
        If the standard has no limit in the unit of the cost.
    """
    level = _value(LevelOfCare, level_of_care, "level of care") if level_of_care else None
    if level and len(directory) and not any(map(len, directory.table["levels_of_care"])):
        raise UnknownNameError(
            "level of care in this listing, which states none: ask for none; not", level.value
        )
    paid = _value(Payment, payment, "payment") if payment else None
    ages = _value(AgeGroup, age_group, "age group") if age_group else None
    selection = directory.select(level_of_care=level, payment=paid, age_group=ages)
    rule, *others = map(parse_standard, [standard] if isinstance(standard, str | Standard) else standard)
    code = _area(state or rule.state)[0]
    if _one_is_enough(rule):
        require("siting")  # before anything long begins
    whole = reach(demand, selection, cost=cost)
    found = survey(whole, directory, selection, rule, code, published=published)
    islands = code in TERRITORIES
    limits = [f"{n} min" for n in RING_MINUTES] if found.minutes else [f"{n} mi" for n in RING_MILES]
    rings = coverage_gaps(whole, by="state" if code else "nation", standard=limits, territories=islands)
    compared = (coverage_gaps(whole, standard=one, territories=islands) for one in others)
    return replace(
        found,
        rings=(rings.loc[[code]] if code else rings).set_index("standard"),
        lonely=single_points_of_failure(whole, state=code, standard=rule, top=None),
        plan=_plan(whole, rule, code, territories=islands),
        others=[(one, _within(gaps, code)) for one, gaps in zip(others, compared, strict=True)],
    )


def survey(
    whole: Reach,
    directory: Directory,
    selection: Directory,
    rule: Standard,
    state: str | None,
    *,
    published: date,
) -> Findings:
    """Measure no more than who is within a standard and who is not.

    Parameters
    ----------
    whole
        People and facilities, on all sides of a border.
    directory, selection
        The whole listing, and the facilities that count.
    rule
        The standard.
    state
        Postal abbreviation, or None for the nation.
    published
        Date on the page.
    """
    code, place = _area(state)
    here = in_states(whole.demand, code) if code else slice(None)
    islands, measures = code in TERRITORIES, {"by_zip": _by_zip}
    everywhere = coverage_gaps(whole, standard=rule, measures=measures, territories=islands or code is None)
    totals = coverage_gaps(
        whole, by="state" if code else "nation", standard=rule, measures=measures, territories=islands
    )
    gaps = _within(everywhere, code)
    points = whole.demand[["lon", "lat"]].assign(way=whole.ways.nearest(1, np.inf)[1][:, 0])
    return Findings(
        rule=rule,
        state=code,
        place=place,
        directory=directory,
        selection=selection,
        gaps=gaps,
        islands=_beside(everywhere, gaps) if code is None else gaps[:0],
        total=(totals.loc[[code]] if code else totals).iloc[0],
        rings=pd.DataFrame(),
        points=pd.DataFrame(points[here]),
        lonely=None,
        plan=None,
        published=published,
    )


def _one_is_enough(rule: Standard) -> bool:
    return rule.count is None and rule.min_providers == 1


def _plan(whole: Reach, rule: Standard, code: str | None, *, territories: bool) -> Plan | None:
    if not _one_is_enough(rule):
        return None
    return site(
        whole,
        n=NEW_SITES,
        standard=rule,
        within=code,
        territories=territories,
        draws=_DRAWS,
        seconds=_SECONDS,
    )


def _by_zip(whole: Reach) -> pd.Series[Any]:
    """Say of each demand point whether its nearest facility is known only by its ZIP code: 1 or 0."""
    position = whole.ways.nearest(1, np.inf)[0][:, 0]
    known = whole.sites.table.get("precision")
    rough = np.zeros(len(whole.sites) + 1) if known is None else np.append(known == "zip_centroid", [False])
    return pd.Series(rough[position].astype(float), index=whole.people.ids)


def _within(gaps: pd.DataFrame, code: str | None) -> pd.DataFrame:
    if code is None:
        known = pd.Series(gaps.index != "", index=gaps.index)
        abroad = gaps["state"].isin(TERRITORIES)
        return _only(gaps, known & (~abroad | bool(abroad[known].all())))
    return _only(gaps, gaps["state"] == code)


def _beside(everywhere: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """Give the areas that a table leaves out, where anybody lives."""
    kept = everywhere.drop(gaps.index).drop("", errors="ignore").query("people > 0")
    kept.attrs = everywhere.attrs
    return kept


def _only(gaps: pd.DataFrame, chosen: pd.Series[Any]) -> pd.DataFrame:
    kept = gaps[chosen]
    kept.attrs = gaps.attrs
    return kept


def _area(state: str | None) -> tuple[str | None, str]:
    if state is None:
        return None, "the United States"
    code = state_code(state)
    return code, str(states().set_index("state").loc[code, "name"])
