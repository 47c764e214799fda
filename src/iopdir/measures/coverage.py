"""Who is within a standard and who is not, by county, state and nation, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.datasets import pack_source
from iopdir.directory.directory import Directory
from iopdir.errors import UnitError
from iopdir.geography.areas import Areas, By, Residence, find_residence
from iopdir.geography.classes import CountyType, county_types
from iopdir.measures.uncertainty import (
    LISTING_ACTIVE,
    Reach,
    check_probabilities,
    count_reach,
    share_with_one,
)
from iopdir.provenance import Provenance, sources_of
from iopdir.spatial.geodesy import FloatArray, IntArray, geodesic_m
from iopdir.standards.standard import Limit, Standard, parse_standard
from iopdir.travel.matrix import CostMatrix, check_unit
from iopdir.travel.nearest import Filters
from iopdir.travel.sites import Sites, people, sites

__all__ = ["coverage_gaps", "single_points_of_failure"]

BoolArray = NDArray[np.bool_]


def coverage_gaps(
    demand: pd.DataFrame,
    directory: Directory | pd.DataFrame,
    *,
    by: By = "county",
    standard: str | Standard | Sequence[str | Standard] = "30 mi",
    groups: Sequence[str] | None = None,
    measures: Mapping[str, Callable[..., pd.Series[Any]]] | None = None,
    cost: CostMatrix | None = None,
    listing_active: float | tuple[float, float] = LISTING_ACTIVE,
    territories: bool = False,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """Count the people within a standard, and those outside: the gap.

    Parameters
    ----------
    demand
        Demand points with a column `population` (or those named in `groups`); the index is the id.
    directory
        Facilities; any of them counts, so select first, or by the filters below.
    by
        ``"county"``, ``"state"`` or ``"nation"``.
    standard
        A distance (``"30 mi"``), a time (``"20 min"``, which needs `cost`), a short name (``"cms-obh"``), a
        TOML file, a [`Standard`][iopdir.Standard], or several of these.
    groups
        Columns of `demand` that count people: ``["adults", "poverty"]``. `population` if not given.
    measures
        Measures to average over the people of each area, by the name of their column:
        ``{"e2sfca": iop.enhanced_two_step_fca}``. They are called with the demand, the facilities, `cost` and the
        filters; `functools.partial` gives them more.
    cost
        Network distances or times to use instead of straight lines.
    listing_active
        Probability, or lowest and highest, that a listing stands for care one can get.
    territories
        Keep Puerto Rico and the island areas beside the states. By default all three levels leave them out
        where the demand has states too, so that counties, states and nation add up to the same people.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select]: `level_of_care`, `payment`,
        `age_group`, `language` ...

    Returns
    -------
    DataFrame
        One row an area, indexed by `county_fips` (with `vintage, name, state`), `state` (with `name`) or
        `nation`. Every county of the states in the demand has a row. With several standards or groups a long
        table, one row for each area, `standard` and `group`.

        - `people, covered, gap`: counts, from weights, not rounded; `share` is covered / people, 0 to 1
        - `placement_low, placement_high`: the share if every site known only by its ZIP were moved away from
          everybody, or nearer to everybody (straight-line standards only)
        - `listing_low, listing_high`: the expected share if a listing is active with the lowest or the highest
          probability of `listing_active`
        - `people_moe, share_moe`: margins of error, if the demand has a column such as `population_moe`
        - `nearest_m`: people-weighted median distance to the nearest facility; `facilities`: inside the area
        - one column for each of `measures`: the people-weighted mean; `inf` where somebody bears an infinite cost
        - `tested`: which halves of the standard were tested
        - for a standard that requires a share: `county_type`, `required_share`, `verdict` (``"pass"``,
          ``"fail"``), `people_short` (how many more must be covered to pass) and, by county, `needed_m` (the
          distance that would cover enough); by state and nation `counties_failing`
        - `status`: ``"ok"``, ``"no_population"``, ``"no_facility"`` (none in the whole directory), or
          ``"no_county_match"`` for a last row with a blank code, there only if people lie in no known county

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If a standard needs minutes and there are none, or units do not fit.
    UnknownNameError
        If a standard, column or filter is not known.
    VintageError
        If county codes are not of one known vintage.
    ValueError
        If a count of people is negative or missing, an id stands twice, or a measure takes the name of a column.

    Notes
    -----
    A limit includes its edge. Distances are geodesics on WGS84. A demand point counts wholly or not at all; its
    people are shared out to counties by [`county_weights`][iopdir.geography.county_weights]. The CMS rule is tested
    county by county: a state passes if all its counties do.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", states="NV"), iop.demo_directory().select(level_of_care="iop")
    >>> gaps = iop.coverage_gaps(demand, iops, standard="30 mi")
    >>> gaps.loc["32031", ["name", "state", "tested", "status"]].tolist()
    ['Washoe County', 'NV', 'distance', 'ok']

    For several standards and groups at once:

    >>> table = iop.coverage_gaps(demand, iops, by="nation", standard=["10 mi", "30 mi"], groups=["poverty", "adults"])
    >>> table[["standard", "group"]].to_dict("split")["data"]
    [['10 mi', 'poverty'], ['10 mi', 'adults'], ['30 mi', 'poverty'], ['30 mi', 'adults']]

    With a catchment measure beside it, for Medicaid only:

    >>> both = iop.coverage_gaps(demand, iops, measures={"2sfca": iop.measures.two_step_fca}, payment="medicaid")
    >>> bool((both.loc[both["share"] == 1, "2sfca"] > 0).all())
    True
    """
    rules = [
        parse_standard(one) for one in ([standard] if isinstance(standard, str | Standard) else standard)
    ]
    counted = ["population"] if groups is None else list(groups)
    probabilities = check_probabilities(listing_active)
    supply = sites(directory, **filters)
    homes = find_residence(demand, territories=territories)
    ruler = _Ruler.lay(homes, supply, demand, cost, rules)
    areas = homes.areas(by, supply.table)
    measured = {
        name: measure(demand, directory, cost=cost, **filters).to_numpy(dtype=np.float64)
        for name, measure in (measures or {}).items()
    }
    parts = []
    for rule in rules:
        judged = _judge(homes, ruler, rule, probabilities)
        for column in counted:
            table = _tabulate(
                homes, areas, judged, demand, column, measured, by=by, nowhere=supply.table.empty
            )
            if groups is not None or len(rules) > 1:
                table.insert(len(areas.labels.columns), "standard", rule.name)
                table.insert(len(areas.labels.columns) + 1, "group", column)
            parts.append(table)
    result = _interleave(parts)
    packs = ["zcta_county"] if demand.index.name == "zcta" and "county_fips" not in demand else []
    packs += ["zcta", "zcta_county", "counties"] if any(rule.by_county_type for rule in rules) else []
    sources = [*sources_of(demand), *supply.sources, *map(pack_source, packs)]
    result.attrs["provenance"] = Provenance.of(
        [*sources, *(cost.provenance.sources if cost else ())],
        **supply.about(),
        by=by,
        standard=[{"name": r.name, "source": r.source, "confidence": r.confidence} for r in rules],
        groups=counted,
        measures=sorted(measured),
        listing_active=list(probabilities),
        territories=territories,
        people_left_out={name: float(homes.left_out @ people(demand, name)) for name in counted},
    ).to_dict()
    return result


def _interleave(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the rows of each area together; all parts have the same areas."""
    if len(parts) == 1:
        return parts[0]
    order = np.tile(np.arange(len(parts[0])), len(parts))
    result = pd.concat(parts).iloc[np.argsort(order, kind="stable")]
    for name, nothing in (("verdict", "not_required"), ("county_type", "")):
        if name in result:
            result[name] = result[name].fillna(nothing)
    return result[[name for name in result if name != "status"] + ["status"]]


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Measures which demand points are within a limit: over the ground, or by a cost matrix."""

    nearest_m: FloatArray
    reach: dict[float, Reach]
    pairs: tuple[IntArray, FloatArray, FloatArray] | None  # point, cost, metres over the ground
    unit: str

    @classmethod
    def lay(
        cls,
        homes: Residence,
        supply: Sites,
        demand: pd.DataFrame,
        cost: CostMatrix | None,
        rules: Sequence[Standard],
    ) -> _Ruler:
        from iopdir.spatial.knn import nearest_batch

        for rule in rules:
            if rule.has_duration and not rule.has_distance:
                check_unit("min", cost, rule.name)
            if rule.has_distance and not rule.has_duration:
                check_unit("m", cost, rule.name)
        tree = supply.tree()
        nearest_m = nearest_batch(tree, homes.lon, homes.lat)[1][:, 0]
        if cost is None:
            limits = {limit.distance_m for rule in rules for limit in rule.limits.values()}
            reach = count_reach(supply, homes.lon, homes.lat, [x for x in limits if x is not None])
            return cls(nearest_m, reach, None, "m")
        origin, site, amount = cost.positions(demand.index, supply.table.index, supply.known)
        ground = (
            amount
            if cost.unit == "m"
            else geodesic_m(homes.lon[origin], homes.lat[origin], tree.lon[site], tree.lat[site])
        )
        return cls(nearest_m, {}, (origin, amount, ground), cost.unit)

    def count(self, limit: Limit) -> Reach:
        """How many sites are within a limit of each demand point, as far as it can be tested."""
        if self.pairs is None:
            return self.reach[float(limit.distance_m or 0.0)]
        origin, amount, ground = self.pairs
        inside = np.ones(origin.size, dtype=bool)
        if limit.distance_m is not None:
            inside &= ground <= limit.distance_m
        if limit.duration_min is not None and self.unit == "min":
            inside &= amount <= limit.duration_min
        sites_within = np.bincount(origin[inside], minlength=self.nearest_m.size).astype(float)
        return Reach(sites_within, sites_within, sites_within)

    def tested(self, rule: Standard) -> str:
        """Say which halves of a standard that tests."""
        if not rule.has_duration:
            return "distance"
        if not rule.has_distance:
            return "time"
        return "distance and time" if self.unit == "min" else "distance only"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A standard applied to every (demand point, county): shares of its people, shape (pairs,)."""

    rule: Standard
    tested: str
    straight: bool
    sites_within: FloatArray
    drawn: BoolArray
    surely: BoolArray
    possibly: BoolArray
    listing_low: FloatArray
    listing_high: FloatArray
    nearest_m: FloatArray
    required: FloatArray


def _judge(homes: Residence, ruler: _Ruler, rule: Standard, active: tuple[float, float]) -> _Judged:
    keys = list(rule.limits)
    kind = _kinds(homes, keys)
    counts = np.zeros((3, homes.point.size))
    for number, key in enumerate(keys):
        reach = ruler.count(rule.limits[key])
        mine = kind == number
        point = homes.point[mine]
        counts[:, mine] = reach.drawn[point], reach.surely[point], reach.possibly[point]
    shares = [limit.share or 0.0 for limit in rule.limits.values()]
    return _Judged(
        rule,
        ruler.tested(rule),
        ruler.pairs is None,
        counts[0],
        counts[0] > 0,
        counts[1] > 0,
        counts[2] > 0,
        share_with_one(counts[0], active[0]),
        share_with_one(counts[0], active[1]),
        ruler.nearest_m[homes.point],
        np.array(shares)[kind],
    )


def _kinds(homes: Residence, keys: Sequence[CountyType | None]) -> IntArray:
    """Position in `keys` of the county type of each (demand point, county); the first where it is not known.

    The first type has the strictest limit: people in no known county are not given the benefit of the doubt.
    """
    if None in keys:
        return np.zeros(homes.point.size, dtype=np.int64)
    types = county_types(homes.vintage)["county_type"].reindex(homes.county)
    return np.maximum(pd.Index(map(str, keys)).get_indexer(pd.Index(types)), 0)


def _tabulate(
    homes: Residence,
    areas: Areas,
    judged: _Judged,
    demand: pd.DataFrame,
    column: str,
    measured: Mapping[str, FloatArray],
    *,
    by: By,
    nowhere: bool,
) -> pd.DataFrame:
    rows, n = areas.of_people, len(areas.labels)
    count = homes.weight * people(demand, column)[homes.point]

    def total(share: FloatArray | BoolArray) -> FloatArray:
        return _sum_by(rows, count * share, n)

    table = areas.labels.copy()
    inhabited = total(np.ones(count.size))
    covered = total(judged.drawn)
    with np.errstate(invalid="ignore"):
        table["people"], table["covered"], table["gap"] = inhabited, covered, inhabited - covered
        table["share"] = covered / inhabited
        if judged.straight:
            table["placement_low"] = total(judged.surely) / inhabited
            table["placement_high"] = total(judged.possibly) / inhabited
        table["listing_low"] = total(judged.listing_low) / inhabited
        table["listing_high"] = total(judged.listing_high) / inhabited
        if f"{column}_moe" in demand:
            margin = people(demand, f"{column}_moe")
            whole2 = _squares_by(rows, homes, margin, homes.weight, n)
            part2 = _squares_by(rows, homes, margin, homes.weight * judged.drawn, n)
            table["people_moe"] = np.sqrt(whole2)
            table["share_moe"] = _share_margin(covered, inhabited, part2, whole2)
    table["nearest_m"] = _quantile(rows, judged.nearest_m, count, np.full(n, 0.5))
    for name, value in measured.items():
        if name in table:
            raise ValueError(f"a measure cannot be called {name!r}: the table has a column of that name")
        table[name] = _mean_by(rows, value[homes.point], count, inhabited)
    table["facilities"] = np.bincount(areas.of_sites[areas.of_sites >= 0], minlength=n)
    table["tested"] = judged.tested
    if judged.rule.by_county_type and by == "county":
        types = county_types(homes.vintage)["county_type"]
        table["county_type"] = types.reindex(table.index).fillna("")
    if judged.rule.has_share:
        _give_verdict(table, homes, areas, judged, count, by)
    reason = np.where(inhabited == 0, "no_population", "no_facility" if nowhere else "ok")
    blank = areas.labels.index == ""
    table["status"] = pd.array(np.where(blank, "no_county_match", reason), dtype="str")
    return table


def _sum_by(rows: IntArray, amounts: FloatArray, n: int) -> FloatArray:
    return np.bincount(rows, amounts, minlength=n).astype(np.float64)


def _squares_by(
    rows: IntArray, homes: Residence, margin: FloatArray, shares: FloatArray, n: int
) -> FloatArray:
    """Add up squared margins of each row: those of different demand points, not of the counties of one."""
    cell, where = np.unique(rows * homes.lon.size + homes.point, return_inverse=True)
    part = np.bincount(where, shares, minlength=cell.size) * margin[cell % homes.lon.size]
    return _sum_by(cell // homes.lon.size, part**2, n)


def _mean_by(rows: IntArray, values: FloatArray, weights: FloatArray, totals: FloatArray) -> FloatArray:
    """Mean of each row by weight; NaN without weight."""
    some = weights > 0
    sums = _sum_by(rows[some], values[some] * weights[some], totals.size)
    mean: FloatArray = np.divide(sums, totals, out=np.full(totals.size, np.nan), where=totals > 0)
    return mean


def _share_margin(part: FloatArray, whole: FloatArray, part2: FloatArray, whole2: FloatArray) -> FloatArray:
    """Margin of error of a share, as the Census Bureau derives it.

    *ACS General Handbook* (2020), chapter 8: MOE(p) = sqrt(MOE(x)^2 - p^2 MOE(y)^2) / y, and with a plus where the
    root would be negative. Flag M.
    """
    share = part / whole
    inside = part2 - share**2 * whole2
    margin: FloatArray = np.sqrt(np.where(inside >= 0, inside, part2 + share**2 * whole2)) / whole
    return margin


def _give_verdict(
    table: pd.DataFrame, homes: Residence, areas: Areas, judged: _Judged, count: FloatArray, by: By
) -> None:
    """Add columns that say whether each county passes, and by how much it fails if not."""
    rows, n = areas.of_people, len(table)
    _, county = np.unique(homes.county, return_inverse=True)
    cell, place = np.unique(rows * (county.max(initial=0) + 1) + county, return_inverse=True)
    needed = np.bincount(place, count * judged.required, minlength=cell.size)
    short = needed - np.bincount(place, count * judged.drawn, minlength=cell.size)
    short = np.where(short > 1e-9 * needed, short, 0.0)
    row = np.zeros(cell.size, dtype=np.int64)
    row[place] = rows
    failing = np.bincount(row, short > 0, minlength=n).astype(np.int64)
    with np.errstate(invalid="ignore"):
        required = np.bincount(rows, count * judged.required, minlength=n) / table["people"].to_numpy()
    table["required_share"] = required
    verdict = np.where(table["people"] == 0, "no_population", np.where(failing > 0, "fail", "pass"))
    table["verdict"] = pd.array(verdict, dtype="str")
    table["people_short"] = np.bincount(row, short, minlength=n)
    if by != "county":
        table["counties_failing"] = failing
    elif judged.straight:
        table["needed_m"] = _quantile(rows, judged.nearest_m, count, required)


def _quantile(rows: IntArray, values: FloatArray, weights: FloatArray, shares: FloatArray) -> FloatArray:
    """Least value of each row that at least a share of its weight does not exceed; NaN without weight."""
    out = np.full(shares.size, np.nan)
    real = np.flatnonzero(weights > 0)
    order = real[np.lexsort((values[real], rows[real]))]
    if not order.size:
        return out
    row, value, weight = rows[order], values[order], weights[order]
    first = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
    running = np.cumsum(weight)
    before = np.repeat(np.r_[0.0, running[first[1:] - 1]], np.diff(np.r_[first, row.size]))
    total = np.bincount(row, weight, minlength=shares.size)[row]
    enough = np.flatnonzero(running - before >= shares[row] * total * (1 - 1e-12))
    hit, where = np.unique(row[enough], return_index=True)
    out[hit] = value[enough[where]]
    return out


def single_points_of_failure(
    demand: pd.DataFrame,
    directory: Directory | pd.DataFrame,
    *,
    standard: str | Standard = "30 mi",
    group: str = "population",
    top: int | None = 20,
    territories: bool = False,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """List the facilities whose loss leaves most people outside a standard: those who have only this one.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    standard
        One with a distance; straight lines are measured.
    group
        Which people.
    top
        How many facilities to list; None for all that anybody depends on.
    territories
        Keep Puerto Rico and the island areas where they come together with states.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

    Returns
    -------
    DataFrame
        Indexed by `facility_id`, most people first: `name, city, state, county_fips` as far as the directory has
        them, `people_depending`, and `farthest_m`, how far the farthest of them has to go now.

    Raises
    ------
    UnitError
        If the standard has no distance.
    CoordinateError
        If a demand point is not on Earth.

    Notes
    -----
    Two programs at one address count as two: if the whole site closes, more people lose their only one.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", states="NV"), iop.demo_directory().select(level_of_care="iop")
    >>> fragile = iop.single_points_of_failure(demand, iops, top=3)
    >>> bool(fragile["people_depending"].is_monotonic_decreasing), fragile.index.name
    (True, 'facility_id')
    """
    from iopdir.spatial.knn import nearest_batch

    rule = parse_standard(standard)
    if not rule.has_distance:
        raise UnitError(f"{rule.name} has no distance: straight lines cannot test it")
    supply = sites(directory, **filters)
    homes = find_residence(demand, territories=territories)
    judged = _judge(homes, _Ruler.lay(homes, supply, demand, None, [rule]), rule, (1.0, 1.0))
    only = judged.sites_within == 1
    site = nearest_batch(supply.tree(), homes.lon, homes.lat)[0][homes.point[only], 0]
    count = homes.weight[only] * people(demand, group)[homes.point[only]]
    depending = np.bincount(site, count, minlength=len(supply.table))
    farthest = np.zeros(len(supply.table))
    np.maximum.at(farthest, site, judged.nearest_m[only])
    shown = [name for name in ("name", "city", "state", "county_fips", "vintage") if name in supply.table]
    table = pd.DataFrame(supply.table[shown]).assign(people_depending=depending, farthest_m=farthest)
    table = table[table["people_depending"] > 0]
    table = table.sort_values("people_depending", ascending=False, kind="stable").head(top or len(table))
    table.attrs["provenance"] = Provenance.of(
        [*sources_of(demand), *supply.sources],
        **supply.about(),
        standard=rule.name,
        group=group,
    ).to_dict()
    return table
