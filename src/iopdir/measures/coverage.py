"""Who is within a standard and who is not, by county, state, nation or area of one's own, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Unpack

import numpy as np
import pandas as pd

from iopdir.datasets import pack_source
from iopdir.directory.directory import Directory
from iopdir.geography.areas import By
from iopdir.geography.demand import weight_sources
from iopdir.geography.outlines import outline_sources, with_outlines
from iopdir.geography.points import PointsLike
from iopdir.measures.uncertainty import LISTING_ACTIVE, check_probabilities
from iopdir.provenance import sources_of
from iopdir.standards.judge import find_only, judge
from iopdir.standards.parse import parse_standard
from iopdir.standards.ruler import Ruler
from iopdir.standards.standard import Standard
from iopdir.standards.tabulate import Table
from iopdir.text import TEXT, texts
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Facilities, Filters

__all__ = ["coverage_gaps", "single_points_of_failure"]

_NOT_ASKED: Final[Mapping[str, Any]] = {
    "verdict": "not_required",
    "verdict_with_telehealth": "not_required",
    "settled": True,
    "people_not_required": 0.0,
    "county_type": "",
}
"""What stands in a column, of several standards, of one that does not have it."""


def coverage_gaps(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    by: By = "county",
    standard: str | Standard | Sequence[str | Standard] = "30 mi",
    population: str = "population",
    groups: str | Sequence[str] | None = None,
    measures: Mapping[str, Callable[[Reach], pd.Series[Any]]] | None = None,
    cost: CostLike = None,
    listing_active: float | tuple[float, float] = LISTING_ACTIVE,
    state: str | Iterable[str] | None = None,
    territories: bool = False,
    area_id: str | None = None,
    geometry: bool = False,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """Count the people within a standard, and those outside: the gap.

    Parameters
    ----------
    demand
        Demand points with a column of people; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand,
        directory, cost and filters.
    directory
        Facilities; any of them counts, so select first, or by the filters below.
    by
        ``"county"``, ``"state"`` or ``"nation"``; or a GeoDataFrame of polygons that do not overlap, such as
        legislative districts, indexed by id. Its column `name` is kept.
    standard
        A distance (``"30 mi"``), a time (``"20 min"``, which needs `cost`), a short name (``"cms-obh"``,
        ``"nc-iop"``), a TOML file, a [`Standard`][iopdir.Standard], or several of these.
    population
        Column of people.
    groups
        One or several such columns instead: ``["adults", "poverty"]``.
    measures
        Measures to average over the people of each area, by the name of their column:
        ``{"e2sfca": iop.enhanced_two_step_fca}``. They are called with the reach; `functools.partial` gives them more.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines; ``"drive-estimate"`` for
        minutes by car without any file.
    listing_active
        Probability, or lowest and highest, that a listing stands for care one can get.
    state
        Only the people of this state, or of several, in any case; facilities anywhere.
    territories
        Keep Puerto Rico and the island areas beside the states. By default counties, states and nation leave them out
        where the demand has states too, so that all three add up to the same people; polygons keep everybody.
    area_id
        Column of the polygons' id, if it is not their index, `geoid` or `id`.
    geometry
        Give a GeoDataFrame (EPSG:4326) with the outline of each area, ready for `.explore()` and `.plot()`.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach]: `level_of_care`, `payment`, `medication`
        ...

    Returns
    -------
    DataFrame
        One row an area, indexed by `county_fips` (with `vintage, name, state`), `state` (with `name`),
        `nation`, or the id of the polygons. Every county of the states in the demand, and every polygon, has a row.
        With several standards or groups a long table, one row for each area, `standard` and `group`.

        - `people, covered, gap`: counts, from weights, not rounded; `share` is covered / people, 0 to 1
        - `placement_low, placement_high`: the share if every site known only by its ZIP were moved away from
          everybody, or nearer to everybody (straight lines and `cost="drive-estimate"`)
        - `estimate_low, estimate_high`: the share if every drive were as slow as one in ten, or as quick as one in ten
          (`cost="drive-estimate"` only)
        - `listing_low, listing_high`: the expected share if a listing is active with the lowest or the highest
          probability of `listing_active`
        - `people_moe, share_moe`: margins of error, if the demand has a column such as `population_moe`
        - `nearest_m` (or `nearest_min`): people-weighted median cost of the nearest facility; `facilities`: inside
          the area
        - one column for each of `measures`: the people-weighted mean
        - `tested`: which halves of the standard were tested: ``"distance"``, ``"distance only"`` (of two),
          ``"distance or time"`` ...
        - for a standard that requires a share: `county_type`, `required_share`, `verdict` (``"pass"``, ``"fail"``,
          ``"not_required"``), `settled` (whether neither the half that was not tested nor a class of county that nobody
          knows could change it), `people_short` (how many more must be covered to pass) and, by county, `needed_m` or
          `needed_min` (the limit that would cover enough); by other areas `counties_failing`
        - for a state's standard `people_not_required`: people of other states, who are neither covered nor in the gap;
          for one by count `facilities_short`, for one with credit for telehealth `verdict_with_telehealth`
        - `status`: ``"ok"``, ``"no_population"``, ``"not_required"`` (the standard is another state's),
          ``"no_facility"`` (none in the whole directory),
          ``"listing_abroad"`` or ``"listing_unplaced"`` for these two from a doubtful listing, or
          ``"no_county_match"`` (``"no_area_match"``) for a last row with a blank code, there only if people lie in no
          known county (in none of the polygons)

        Where nothing is found a value is NaN: the median of those whom no facility reaches, the mean of a measure
        that somebody has no value of.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If a standard needs minutes and there are none, or units do not fit.
    UnknownNameError
        If a standard, column, state or filter is not known.
    VintageError
        If county codes are not of one known vintage.
    TypeError
        If areas are neither a word nor a GeoDataFrame.
    ValueError
        If a count of people is negative or missing, an id stands twice, polygons overlap or lack ids, a measure takes
        the name of a column, or a directory, a cost or filters come with a reach.

    Notes
    -----
    A limit includes its edge. Distances are geodesics on WGS84. A demand point counts wholly or not at all; its
    people are shared out to counties by [`county_weights`][iopdir.geography.county_weights], and lie in the polygon
    of their point. The CMS rule is tested county by county: a state passes if all its counties do. With costs in
    minutes miles are a straight line.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NV"), iop.demo_directory().select(level_of_care="iop")
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

    In minutes by car, estimated, with the range of the estimate:

    >>> drive = iop.coverage_gaps(demand, iops, by="state", standard="20 min", cost="drive-estimate")
    >>> bool((drive["estimate_low"] <= drive["share"]).all() and (drive["share"] <= drive["estimate_high"]).all())
    True

    By areas of one's own:

    >>> import geopandas as gpd, shapely
    >>> shapes = [shapely.box(-121, 35, -117, 43), shapely.box(-117, 35, -114, 43)]
    >>> halves = gpd.GeoDataFrame(geometry=shapes, index=["west", "east"], crs=4326)
    >>> iop.coverage_gaps(demand, iops, by=halves)["status"].to_dict()
    {'west': 'ok', 'east': 'ok'}

    With outlines, to draw them:

    >>> drawn = iop.coverage_gaps(demand, iops, geometry=True)
    >>> type(drawn).__name__, drawn.crs.to_epsg(), drawn.geometry.notna().all()
    ('GeoDataFrame', 4326, np.True_)
    """
    rules = [
        parse_standard(one) for one in ([standard] if isinstance(standard, str | Standard) else standard)
    ]
    asked = population if groups is None else groups
    counted = [asked] if isinstance(asked, str) else list(asked)
    probabilities = check_probabilities(listing_active)
    reach = bind(demand, directory, cost=cost, state=state, **filters)
    chosen = any(value is not None for value in filters.values())
    whole = directory.table if chosen and isinstance(directory, Directory) else None
    ruler = Ruler(reach, rules, whole)
    homes = reach.homes(territories=territories or not isinstance(by, str))
    areas = homes.areas(by, reach.demand, reach.sites.table, area_id=area_id)
    measured = {name: measure(reach).to_numpy(dtype=np.float64) for name, measure in (measures or {}).items()}
    judgements = [judge(homes, ruler, rule, probabilities) for rule in rules]
    parts = [Table(reach, homes, areas, column, by, measured) for column in counted]
    tables = []
    for judged in judgements:
        for column, part in zip(counted, parts, strict=True):
            tables.append(part.fill(judged))
            if groups is not None or len(rules) > 1:
                tables[-1].insert(len(areas.labels.columns), "standard", judged.rule.name)
                tables[-1].insert(len(areas.labels.columns) + 1, "group", column)
    drawn = outline_sources(by, homes.vintage) if geometry else ()
    about = reach.provenance(
        *weight_sources(reach.demand),
        *map(pack_source, dict.fromkeys(pack for rule in rules for pack in rule.packs)),
        *([] if isinstance(by, str) else sources_of(by)),
        *drawn,
        by=by if isinstance(by, str) else f"{len(by)} areas",
        standard=[rule.about() for rule in rules],
        groups=counted,
        measures=sorted(measured),
        listing_active=list(probabilities),
        territories=territories,
        people_left_out={name: float(homes.left_out @ reach.count_people(name)) for name in counted},
    )
    result = texts(_interleave(tables))
    if geometry:
        result = with_outlines(result, by, homes, area_id=area_id)
    result.attrs["provenance"] = about.to_dict()
    return reach.warn(result)


def _interleave(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the rows of each area together; all parts have the same areas."""
    if len(parts) == 1:
        return parts[0]
    order = np.concatenate([np.arange(len(part)) for part in parts])
    result = pd.concat(parts).iloc[np.argsort(order, kind="stable")]
    for name, nothing in _NOT_ASKED.items():
        if name in result and result[name].isna().any():
            kind = TEXT if isinstance(nothing, str) else type(nothing)
            result[name] = result[name].where(result[name].notna(), nothing).astype(kind)
    return result[[name for name in result if name != "status"] + ["status"]]


def single_points_of_failure(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    standard: str | Standard = "30 mi",
    population: str = "population",
    top: int | None = 20,
    cost: CostLike = None,
    state: str | Iterable[str] | None = None,
    territories: bool = False,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """List the facilities whose loss leaves most people outside a standard: those who have only this one.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    standard
        One that the costs can test: a distance in straight lines, a time with minutes.
    population
        Column of people.
    top
        How many facilities to list; None for all that anybody depends on.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
    state
        Only the people of this state, or of several.
    territories
        Keep Puerto Rico and the island areas where they come together with states.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    DataFrame
        Indexed by `facility_id`, most people first: `name, city, state, county_fips` as far as the directory has
        them, `people_depending`, and `farthest_m` (or `farthest_min`), how far the farthest of them has to go now.

    Raises
    ------
    UnitError
        If the standard and the costs are in different units.
    CoordinateError
        If a demand point is not on Earth.
    UnknownNameError
        If a standard, column, state or filter is not known.

    Notes
    -----
    Two programs at one address count as two: if the whole site closes, more people lose their only one. With both
    halves of a standard in minutes it is the site that meets both, which need not be the nearest.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NV"), iop.demo_directory().select(level_of_care="iop")
    >>> fragile = iop.single_points_of_failure(demand, iops, top=3)
    >>> bool(fragile["people_depending"].is_monotonic_decreasing), fragile.index.name
    (True, 'facility_id')
    """
    rule = parse_standard(standard)
    reach = bind(demand, directory, cost=cost, state=state, **filters)
    ruler, homes = Ruler(reach, [rule]), reach.homes(territories=territories)
    only, site, amount = find_only(homes, ruler, rule)
    count = homes.weight[only] * reach.count_people(population)[homes.point[only]]
    depending = np.bincount(site, count, minlength=len(reach.sites))
    farthest = np.zeros(len(reach.sites))
    np.maximum.at(farthest, site, amount)
    table = reach.sites.labels().assign(**{"people_depending": depending, f"farthest_{reach.unit}": farthest})
    table = table[table["people_depending"] > 0]
    table = table.sort_values("people_depending", ascending=False, kind="stable").head(top or len(table))
    return reach.sign(table, standard=rule.name, population=population)
