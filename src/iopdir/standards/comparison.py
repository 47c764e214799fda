"""Several standards side by side: which counties pass which, and how many people each is short of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack

import pandas as pd

from iopdir.datasets import pack_source
from iopdir.directory.directory import Directory
from iopdir.errors import UnknownNameError
from iopdir.geography.demand import weight_sources
from iopdir.geography.points import PointsLike
from iopdir.standards.judge import judge
from iopdir.standards.parse import parse_standard
from iopdir.standards.ruler import Ruler
from iopdir.standards.standard import Standard
from iopdir.standards.tabulate import Table
from iopdir.text import TEXT
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Facilities, Filters
from iopdir.travel.straight import Straight

__all__ = ["compare"]


def compare(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    standards: Sequence[str | Standard],
    share: float | None = None,
    population: str = "population",
    cost: CostLike = None,
    state: str | Iterable[str] | None = None,
    territories: bool = False,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """Judge every county by several standards, to see how much hangs on the choice.

    Parameters
    ----------
    demand
        Demand points with a column of people; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand,
        directory, cost and filters.
    directory
        Facilities; any of them counts.
    standards
        As for [`coverage_gaps`][iopdir.coverage_gaps], each with a name of its own.
    share
        Share of people that must be within, for standards that name none; without it those give no verdict.
    population
        Column of people.
    cost
        Network distances or times to use instead of straight lines. Standards of miles alone are measured in straight
        lines all the same if it is in minutes.
    state
        Only the people of this state, or of several.
    territories
        Keep Puerto Rico and the island areas beside the states.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    DataFrame
        One row a county, indexed by `county_fips`: `vintage, name, state, people`, then

        - `passes, fails`: by how many of the standards; where both are above 0 the verdict hangs on the choice
        - for each standard, under its short name or name, the verdict: ``"pass"``, ``"fail"``, ``"not_required"`` (it
          is another state's, or names no share) or ``"no_population"``; a verdict that the untested half, or a class of
          county that is not known, could change has a question mark: ``"pass?"``
        - `<name> share` and `<name> people_short`: share of people within, and how many more must be
        - `status`, as for [`coverage_gaps`][iopdir.coverage_gaps]

    Raises
    ------
    UnitError
        If a standard needs minutes and there are none.
    UnknownNameError
        If a standard, column, state or filter is not known.
    ValueError
        If two standards have one name, or none is given.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NC"), iop.demo_directory().select(level_of_care="iop")
    >>> table = iop.standards.compare(demand, iops, standards=["nc-iop", "cms-obh", "20 mi"], share=0.9)
    >>> table.loc["37183", ["name", "nc-iop", "cms-obh", "20 mi for 0.9 of people"]].tolist()
    ['Wake County', 'pass', 'pass?', 'pass']
    """
    rules = [_with_share(parse_standard(one), share) for one in standards]
    labels = [rule.label for rule in rules]
    if not labels or len(set(labels)) < len(labels):
        raise ValueError(f"give one standard or more, each with a name of its own, not {labels}")
    reach = bind(demand, directory, cost=cost, state=state, **filters)
    lines = reach if reach.unit == "m" else _straight(reach)
    chosen = any(value is not None for value in filters.values())
    whole = directory.table if chosen and isinstance(directory, Directory) else None
    homes = reach.homes(territories=territories)
    areas = homes.areas("county", reach.demand, reach.sites.table)
    rulers = {
        id(one): Ruler(one, [rule for rule in rules if _of(rule, reach, lines) is one], whole)
        for one in (reach, lines)
    }
    parts = {id(one): Table(one, homes, areas, population, "county", {}) for one in (reach, lines)}
    filled = []
    for rule in rules:
        one = id(_of(rule, reach, lines))
        filled.append(parts[one].fill(judge(homes, rulers[one], rule, (1.0, 1.0))))
    table = _side_by_side(filled, labels)
    packs = dict.fromkeys(pack for rule in rules for pack in rule.packs)
    about = reach.provenance(
        *weight_sources(reach.demand),
        *map(pack_source, packs),
        by="county",
        standard=[{**rule.about(), "label": rule.label} for rule in rules],
        population=population,
        share=share,
    )
    table.attrs["provenance"] = about.to_dict()
    return reach.warn(table)


def _with_share(rule: Standard, share: float | None) -> Standard:
    return rule if share is None or rule.has_share else rule.with_share(share)


def _of(rule: Standard, reach: Reach, lines: Reach) -> Reach:
    """Choose the reach that can test a standard: miles alone are measured in straight lines."""
    return lines if rule.has_distance and not rule.has_duration else reach


def _straight(reach: Reach) -> Reach:
    from dataclasses import replace

    return replace(reach, cost=Straight(), _homes={})


def _side_by_side(tables: Sequence[pd.DataFrame], labels: Sequence[str]) -> pd.DataFrame:
    first = tables[0]
    shown = first[["vintage", "name", "state", "people"]].copy()
    verdicts = pd.DataFrame({label: _verdict(one) for label, one in zip(labels, tables, strict=True)})
    for word in ("pass", "fail"):
        shown[f"{word}es" if word == "pass" else f"{word}s"] = (
            verdicts.apply(lambda column: column.str.rstrip("?")).eq(word).sum(axis=1)
        )
    for label, one in zip(labels, tables, strict=True):
        if {label, f"{label} share"} & set(shown):
            raise UnknownNameError("name for a standard that is no column already:", label)
        shown[label] = verdicts[label]
        shown[f"{label} share"] = one["share"]
        shown[f"{label} people_short"] = one["people_short"] if "people_short" in one else float("nan")
    reasons = first["status"].where(first["status"] != "not_required", "ok")
    shown["status"] = reasons
    return shown


def _verdict(table: pd.DataFrame) -> pd.Series[str]:
    if "verdict" not in table:
        return pd.Series("not_required", index=table.index, dtype=TEXT).where(
            table["people"] > 0, "no_population"
        )
    words: pd.Series[str] = table["verdict"]
    return words.where(table["settled"], words + "?")
