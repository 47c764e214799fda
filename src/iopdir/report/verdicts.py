"""What came of a standard, in words and figures: how many counties fail, how many people short, who needs least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iopdir.standards.standard import GIVEN
from iopdir.units import format_distance

if TYPE_CHECKING:
    import pandas as pd

    from iopdir.standards.standard import Standard

__all__ = ["Outcome", "outcome", "outcome_text", "standard_text"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a standard.

    Parameters
    ----------
    counties
        How many it is about, and where people live.
    failing
        How many fail; None where it names no share of people, and so nobody passes or fails.
    outside
        In how many somebody is outside.
    people_short
        How many people must come within in all.
    least
        Row of the failing county that needs least to pass; None if there is none.
    unsettled
        How many verdicts the untested half, or a class that is not known, could still change.
    """

    counties: int
    failing: int | None
    outside: int
    people_short: float
    least: pd.Series[Any] | None
    unsettled: int


def outcome(gaps: pd.DataFrame) -> Outcome:
    """Draw up what came of a standard.

    Parameters
    ----------
    gaps
        From `coverage_gaps` by county, for one standard.

    Returns
    -------
    Outcome
        Figures.
    """
    asked = gaps[~gaps["status"].isin(["not_required", "no_population"]) & (gaps["people"] > 0)]
    outside = int((asked["gap"] >= 0.5).sum())
    if "verdict" not in gaps:
        return Outcome(len(asked), None, outside, 0.0, None, 0)
    asked = asked[asked["verdict"].isin(["pass", "fail"])]
    failing = asked[asked["verdict"] == "fail"]
    order = [name for name in ("facilities_short", "people_short") if name in failing]
    least = failing.sort_values(order, kind="stable").iloc[0] if len(failing) else None
    short = float(failing["people_short"].sum())
    return Outcome(len(asked), len(failing), outside, short, least, int((~asked["settled"]).sum()))


def outcome_text(gaps: pd.DataFrame, rule: Standard) -> str:
    """Say how many counties fail, how many people are short in all, which county needs least, and what is open.

    Parameters
    ----------
    gaps
        From `coverage_gaps` by county, for this standard.
    rule
        The standard.

    Returns
    -------
    str
        Sentences.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NC"), iop.demo_directory().select(level_of_care="php")
    >>> rule = iop.standards.state("NC", care="php")
    >>> outcome_text(iop.coverage_gaps(demand, iops, standard=rule), rule).partition(";")[0]
    '2 of 100 counties fail'
    """
    found = outcome(gaps)
    if not found.counties:
        where = f" The standard holds in {rule.state} only." if rule.state else ""
        return f"No county here is judged.{where}"
    if found.failing is None:
        return (
            f"The standard names no share of people, so no county passes or fails; in {found.outside:,} of "
            f"{found.counties:,} somebody is outside.{_open_text(gaps, rule)}"
        )
    words = f"{found.failing:,} of {found.counties:,} counties fail"
    if found.least is not None:
        words += f"; {_number(found.people_short)} people are short in all. {_least_text(found.least)}"
    changes = f" {found.unsettled:,} of these verdicts could still change." if found.unsettled else ""
    return f"{words}.{_open_text(gaps, rule)}{changes}"


def _number(people: float) -> str:
    return "fewer than 1" if 0 < people < 0.5 else f"{people:,.0f}"


def _least_text(row: pd.Series[Any]) -> str:
    """Say what the county that needs least needs."""
    name = f"{row['name']}, {row['state']}, needs least to pass:"
    if "facilities_short" in row:
        more = int(row["facilities_short"])
        return f"{name} {more:,} more {'facility' if more == 1 else 'facilities'}"
    people = _number(row["people_short"])
    words = f"{name} {people} more {'person' if people == '1' else 'people'} within"
    if "needed_m" in row and row["needed_m"] == row["needed_m"]:
        words += f", or a limit of {format_distance(row['needed_m'])}"
    elif "needed_min" in row and row["needed_min"] == row["needed_min"]:
        words += f", or a limit of {row['needed_min']:.1f} min"
    return words


def _open_text(gaps: pd.DataFrame, rule: Standard) -> str:
    """Say what was not tested or is not known, and which way that could turn a verdict."""
    words = []
    half = {word for cell in gaps["tested"] for word in cell.split("; ") if word.endswith(" only")}
    if half:
        other = {"distance only": "time", "time only": "distance", "count only": "share of all facilities"}
        (tested,) = half
        passes = rule.combine == "or" or rule.count is not None
        if "verdict" in gaps and not outcome(gaps).unsettled:
            return f" Tested: {tested}, which settles it."
        turn = "that fails may still pass" if passes else "that passes may still fail"
        words.append(f" Tested: {tested}; a county {turn} by {other[tested]}.")
    if rule.by_county_type and rule.classes is None:
        words.append(" Which county is of which class is not known, so the strictest limit holds for all.")
    return "".join(words)


def standard_text(rule: Standard) -> str:
    """Say who says so and how sure we are; nothing of a bare distance.

    Examples
    --------
    >>> import iopdir as iop
    >>> standard_text(iop.standards.VA_MENTAL_HEALTH)
    'Standard: VA community care, mental health (38 CFR 17.4040; seen: M)'
    """
    if rule.source == GIVEN:
        return ""
    note = f"; {rule.note}" if rule.note else ""
    return f"Standard: {rule.name} ({rule.source}; seen: {rule.confidence}{note})"
