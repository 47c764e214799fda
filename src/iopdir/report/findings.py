"""What a report says, before it is put into words: gaps, totals, other distances, single points of failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.geography.areas import TERRITORIES
from iopdir.geography.boundaries import states
from iopdir.geography.places import state_code
from iopdir.measures.coverage import coverage_gaps, single_points_of_failure
from iopdir.scenarios.siting import site
from iopdir.standards.parse import parse_standard
from iopdir.standards.standard import Standard
from iopdir.travel.binding import reach
from iopdir.vocabulary.taxonomy import AgeGroup, LevelOfCare, Payment
from iopdir.vocabulary.words import LEVELS

if TYPE_CHECKING:
    import geopandas as gpd

    from iopdir.directory.directory import Directory
    from iopdir.scenarios.plan import Plan
    from iopdir.travel.reach import Reach

__all__ = ["NEW_SITES", "RING_MILES", "Findings", "collect"]

RING_MILES: Final = (5, 10, 15, 20, 30, 45, 60)
"""Distances that a report compares, miles; a choice of this package."""

NEW_SITES: Final = 10
_DRAWS: Final = 20
_SECONDS: Final = 30.0
"""How many sites a report proposes, how often their stability is tried, how long it looks; choices of this package."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """All that a report says.

    Parameters
    ----------
    level, payment, age_group
        Which facilities count.
    rule
        The standard.
    state, place
        Postal abbreviation (None for the nation) and name of the area.
    directory, selection
        The whole listing, and the facilities that count.
    gaps
        By county, from `coverage_gaps`.
    total
        The same columns for the whole area.
    rings
        Miles, share of people within, people outside.
    lonely
        Facilities that are the only one within the standard for some people, most people first.
    plan
        The ten sites that would newly reach most people; None for a standard by which one facility is not enough.
    published
        Date on the page.
    others
        Other standards, each with its table by county.
    """

    level: LevelOfCare | None
    payment: Payment | None
    age_group: AgeGroup | None
    rule: Standard
    state: str | None
    place: str
    directory: Directory
    selection: Directory
    gaps: pd.DataFrame
    total: pd.Series[Any]
    rings: Sequence[tuple[int, float, float]]
    lonely: pd.DataFrame
    plan: Plan | None
    published: date
    others: Sequence[tuple[Standard, pd.DataFrame]] = ()

    @property
    def care(self) -> str:
        """What the facilities that count offer, in words."""
        return LEVELS[self.level] if self.level else "treatment of any kind"


_Choice = TypeVar("_Choice", LevelOfCare, Payment, AgeGroup)


def _value(kind: type[_Choice], text: str, name: str) -> _Choice:
    try:
        return kind(text)
    except ValueError:
        raise UnknownNameError(name, text, [member.value for member in kind]) from None


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
) -> Findings:
    """Measure everything once.

    Raises
    ------
    UnknownNameError
        If there is no such level of care, payment, age group, standard or state, or nobody lives in it.
    UnitError
        If the standard has no distance.
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
    code, place = _area(state or rule.state)
    whole = reach(demand, selection)
    fragile = single_points_of_failure(whole, state=code, standard=rule, top=None)
    islands = code in TERRITORIES
    gaps, *compared = (
        _within(coverage_gaps(whole, standard=one, territories=islands), code) for one in (rule, *others)
    )
    totals = coverage_gaps(
        whole,
        by="state" if code else "nation",
        standard=[rule, *(f"{miles} mi" for miles in RING_MILES)],
        territories=islands,
    )
    rows = totals.loc[[code]] if code else totals
    return Findings(
        level=level,
        payment=paid,
        age_group=ages,
        rule=rule,
        state=code,
        place=place,
        directory=directory,
        selection=selection,
        gaps=gaps,
        total=rows.iloc[0],
        rings=[
            (miles, float(row["share"]), float(row["gap"]))
            for miles, (_, row) in zip(RING_MILES, rows.iloc[1:].iterrows(), strict=True)
        ],
        lonely=fragile,
        plan=_plan(whole, rule, code, territories=islands),
        published=published,
        others=list(zip(others, compared, strict=True)),
    )


def _plan(whole: Reach, rule: Standard, code: str | None, *, territories: bool) -> Plan | None:
    if rule.count is not None or rule.min_providers > 1:
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


def _within(gaps: pd.DataFrame, code: str | None) -> pd.DataFrame:
    kept = gaps[gaps.index != ""] if code is None else gaps[gaps["state"] == code]
    kept.attrs = gaps.attrs
    return kept


def _area(state: str | None) -> tuple[str | None, str]:
    if state is None:
        return None, "the United States"
    code = state_code(state)
    return code, str(states().set_index("state").loc[code, "name"])
