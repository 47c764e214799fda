"""From a person to places: listed facilities within reach that fit, each with the reason why it is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Unpack, cast

import pandas as pd

from iopdir.eligibility.assessment import Lean, Profile, assess
from iopdir.eligibility.rules import Rules
from iopdir.geography.points import PointsLike
from iopdir.travel.cost import Cost
from iopdir.travel.nearest import nearest
from iopdir.travel.sites import Filters, narrow
from iopdir.travel.tables import cost_column
from iopdir.units import format_distance
from iopdir.vocabulary.taxonomy import LevelOfCare

if TYPE_CHECKING:
    from iopdir.directory.directory import Directory

__all__ = ["match"]

_LEVELS: Final = {
    Lean.LOWER: (LevelOfCare.OUTPATIENT,),
    Lean.IOP: (LevelOfCare.IOP,),
    Lean.HIGHER: (LevelOfCare.PHP, LevelOfCare.RESIDENTIAL, LevelOfCare.INPATIENT),
}
"""Levels of care that belong to a lean. Where answers are open, those of every lean that they leave possible."""

CALL: Final = "Call to confirm: listings go out of date."


def match(
    profile: Profile,
    directory: Directory,
    *,
    near: PointsLike,
    max_cost: str | float = "30 mi",
    k: int = 10,
    rules: Rules | None = None,
    cost: Cost | None = None,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """List facilities within reach that fit what a person says.

    The nearest come first; nothing paid or otherwise ranks them. A facility that does not state a payment or an
    age group is not listed for it, which is not the same as not offering it.

    Parameters
    ----------
    profile
        The answers: they decide the levels of care (those of every lean that open answers leave possible), the
        payment and the age group looked for.
    directory
        Where to look.
    near
        A place, as for [`nearest`][iopdir.nearest]: ``"60614"``, ``"Chicago, IL"``, a [`Place`][iopdir.Place]. It is
        used and forgotten.
    max_cost
        How far, e.g. ``"30 mi"``, or metres; minutes where the costs are.
    k
        How many at most.
    rules
        Another table of rules than the package's own.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
    **filters
        What facilities must state besides, as for [`reach`][iopdir.reach]: `language`, `services` ...

    Returns
    -------
    DataFrame
        `rank, facility_id, name, phone, distance_m` (or `duration_min`), `status, reason, note`; one row that says
        why (`status`) where nothing fits. In danger (`urgent_help`) it is empty: `attrs["message"]` says what to do
        instead.

    Raises
    ------
    UnknownNameError
        If the place or a filter is not known.
    UnitError
        If `max_cost` cannot be read, or is in another unit than the costs.

    Examples
    --------
    >>> import iopdir as iop
    >>> found = iop.match(iop.Profile(payment="medicaid"), iop.demo_directory(), near="60614", k=3)
    >>> found["reason"].iloc[0].startswith("0.")
    True
    """
    assessment = assess(profile, rules=rules)
    way = cost_column("m" if cost is None else cost.unit)
    columns = ["rank", "facility_id", "name", "phone", way, "status", "reason", "note"]
    if assessment.lean is Lean.URGENT:
        table = pd.DataFrame(columns=columns)
        table.attrs["message"] = " ".join(assessment.urgent)
        return table
    levels = tuple(level for lean in assessment.possible for level in _LEVELS.get(lean, ()))
    chosen = directory.select(level_of_care=levels)
    if profile.payment is not None:
        chosen = chosen.select(payment=profile.payment)
    if profile.age_group is not None:
        chosen = chosen.select(age_group=profile.age_group)
    chosen = narrow(chosen, filters)
    found = nearest(near, chosen, k=k, max_cost=max_cost, cost=cost)
    details = chosen.table[["phone", "levels_of_care", "precision"]]
    rows = found.join(details, on="facility_id")
    rows["reason"] = [_reason(profile, levels, row) for row in rows.to_dict("records")]
    rows["note"] = CALL
    table = rows[columns].copy()
    table.attrs = found.attrs | {"message": assessment.disclaimer}
    return table


def _how_far(row: dict[object, object]) -> str:
    if "duration_min" in row:
        return f"{float(str(row['duration_min'])):.0f} min away"
    about = "" if row["precision"] == "address" else "about "
    return f"{about}{format_distance(float(str(row['distance_m'])))} away in a straight line"


def _reason(profile: Profile, levels: tuple[LevelOfCare, ...], row: dict[object, object]) -> str:
    if row["status"] != "ok":
        return "No listed facility that fits is within this limit. Try farther, or call 1-800-662-4357."
    stated = cast("tuple[str, ...]", row["levels_of_care"])
    parts = [_how_far(row)]
    parts.append("states " + ", ".join(level.value for level in levels if level.value in stated))
    if profile.payment is not None:
        parts.append(f"states that it takes {profile.payment.value.replace('_', ' ')}")
    if profile.age_group is not None:
        parts.append(f"states that it accepts {profile.age_group.value.replace('_', ' ')}")
    return "; ".join(parts)
