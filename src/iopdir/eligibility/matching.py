"""From a person to places: listed facilities within reach that fit, each with the reason why it is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

import pandas as pd

from iopdir.eligibility.assessment import Lean, assess
from iopdir.eligibility.profile import Profile
from iopdir.eligibility.rules import Fit, Rules
from iopdir.geography.points import PointsLike
from iopdir.text import texts
from iopdir.travel.cost import CostLike
from iopdir.travel.nearest import nearest
from iopdir.travel.open_cost import read_cost
from iopdir.travel.sites import Filters, narrow
from iopdir.travel.tables import cost_column
from iopdir.units import format_distance
from iopdir.vocabulary.crisis import CRISIS_LINES
from iopdir.vocabulary.taxonomy import LevelOfCare, Medication

if TYPE_CHECKING:
    from iopdir.directory.directory import Directory

__all__ = ["match"]

_LEVELS: Final = {
    Lean.LOWER: (LevelOfCare.OUTPATIENT,),
    Lean.IOP: (LevelOfCare.IOP,),
    Lean.HIGHER: (LevelOfCare.PHP, LevelOfCare.RESIDENTIAL, LevelOfCare.INPATIENT),
}
"""Levels of care that belong to a lean. Where answers are open, those of every lean that they leave possible."""

_BY_DAY: Final = {LevelOfCare.OUTPATIENT, LevelOfCare.IOP, LevelOfCare.PHP}
"""Levels of care that telehealth can stand in for."""

_PLACES: Final = {
    "withdrawal_management": ("withdrawal management", "DT OD RD HID"),
    "opioid_treatment": ("an opioid treatment program", "OTP SOTP"),
    "buprenorphine": ("buprenorphine", "BU BUM BMW UB"),
    "perinatal": ("a program for pregnancy and after birth", "PW"),
    "hospital": ("a hospital", "HI HIT HID GH"),
    "telehealth": ("telehealth", "TELE"),
}
"""Kind of place -> what to call it, and the canonical service codes any of which states it."""

_STATED: Final = ["phone", "levels_of_care", "medications", "special_populations", "precision", "codes"]

CALL: Final = "Call to confirm: listings go out of date."
FARTHER: Final = 3
"""So many places beyond the distance are listed where none is within it; a choice of this package."""


def match(
    profile: Profile,
    directory: Directory,
    *,
    near: PointsLike,
    max_cost: str | float = "30 mi",
    k: int = 10,
    rules: Rules | None = None,
    cost: CostLike = None,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """List facilities within reach that fit what a person says.

    First the places that a risk leads to; then care of the levels that the answers leave possible, beginning with what
    states to be made for somebody like that (`fitting_care`: a program for adolescents, for people whom a court sends,
    with the medication that the person takes ...) as far as such places are within reach; where it is hard to come, or
    nothing is within reach, also telehealth at any distance, and the nearest beyond. Within a kind the nearest come
    first; nothing paid or otherwise ranks them. A facility that does not state a payment or an age group is not listed
    for it, which is not the same as not offering it.

    Parameters
    ----------
    profile
        The answers: they decide the kinds of place, the levels of care (those of every lean that open answers leave
        possible), the payment and the age group looked for, and what is looked for first.
    directory
        Where to look.
    near
        A place, as for [`nearest`][iopdir.nearest]: ``"60614"``, ``"Chicago, IL"``, a [`Place`][iopdir.Place]. It is
        used and forgotten.
    max_cost
        How far, e.g. ``"30 mi"``, or metres; minutes where the costs are.
    k
        How many of each kind at most.
    rules
        Another table of rules than the package's own.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
    **filters
        What facilities must state besides, as for [`reach`][iopdir.reach]: `language`, `special_population` ...

    Returns
    -------
    DataFrame
        `kind, rank, facility_id, name, phone, distance_m` (or `duration_min`), `status, reason, note`; a kind of
        which nothing is within reach has one row that says so (`status`), and so has each wish that no place of the
        right level of care within reach states. In danger (`urgent_help`) there are places only if each danger leads
        to some; `attrs["message"]` says what to do first.

    Raises
    ------
    UnknownNameError
        If the place or a filter is not known.
    UnitError
        If `max_cost` cannot be read, or is in another unit than the costs.

    Examples
    --------
    >>> import iopdir as iop
    >>> person = iop.Profile(pregnancy="managed", payment="medicaid")
    >>> found = iop.match(person, iop.demo_directory(), near="60614", k=3)
    >>> found["kind"].unique().tolist()
    ['perinatal', 'hospital', 'fitting_care', 'care']
    """
    assessment = assess(profile, rules=rules)
    levels = tuple(level for lean in assessment.possible for level in _LEVELS.get(lean, ()))
    fit = narrow(directory, filters).select(payment=profile.payment, age_group=profile.age_group)
    care = fit.select(level_of_care=levels)
    listed: set[str] = set()

    def part(
        kind: str, places: Directory, k: int = k, cap: str | float | None = max_cost, missing: str = ""
    ) -> pd.DataFrame:
        """Find the k nearest that no part before lists."""
        found = nearest(near, places, k=k + len(listed), max_cost=cap, cost=cost)
        rows = found[~found["facility_id"].isin(listed)].head(k)
        listed.update(rows["facility_id"].dropna())
        return rows.join(fit.table[_STATED], on="facility_id").assign(kind=kind, missing=missing)

    parts = [
        part(kind, _stating(fit, kind), missing=_PLACES[kind][0])
        for kind in assessment.places
        if kind != "telehealth"
    ]
    if levels:
        reached = _within(near, care, max_cost, cost)
        if reached:
            fitting, unmet = _made_for(
                assessment.fits, care, lambda places: _within(near, places, max_cost, cost)
            )
            if fitting is not care:
                parts.append(part("fitting_care", fitting))
            parts += [part("fitting_care", _fitting(care, one), missing=one.words) for one in unmet]
        parts.append(part("care", care, missing="care of a level that fits"))
        if "telehealth" in assessment.places or not reached:
            by_day = care.select(level_of_care=_BY_DAY.intersection(levels))
            parts.append(part("telehealth", _stating(by_day, "telehealth"), cap=None))
        if not reached:
            parts.append(part("farther", care, min(k, FARTHER), None))
    message = " ".join((*assessment.urgent, assessment.disclaimer))
    way = cost_column(read_cost(cost).unit)
    columns = ["kind", "rank", "facility_id", "name", "phone", way, "status", "reason", "note"]
    if not parts:
        table = pd.DataFrame(columns=columns)
        table.attrs["message"] = message
        return table
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["facility_id"].notna() | (rows["missing"] != "")]
    rows["rank"] = rows.groupby("kind", sort=False).cumcount() + 1
    wanted = (*levels, *assessment.places)
    rows["reason"] = [
        _reason(profile, wanted, assessment.fits, row)
        for row in cast("list[dict[str, Any]]", rows.to_dict("records"))
    ]
    rows["note"] = CALL
    table = texts(rows[columns].reset_index(drop=True))
    table.attrs = parts[-1].attrs | {"message": message}
    return table


def _within(near: PointsLike, places: Directory, max_cost: str | float, cost: CostLike) -> bool:
    """Say whether any of these places is within reach."""
    return bool(nearest(near, places, max_cost=max_cost, cost=cost)["facility_id"].notna().any())


def _made_for(
    fits: Iterable[Fit], care: Directory, within: Callable[[Directory], bool]
) -> tuple[Directory, list[Fit]]:
    """Narrow care by one wish after the other; those that would leave nothing within reach are left to themselves."""
    unmet = []
    for one in fits:
        narrower = _fitting(care, one)
        if within(narrower):
            care = narrower
        else:
            unmet.append(one)
    return care, unmet


def _stating(directory: Directory, kind: str) -> Directory:
    """Keep the facilities whose codes state a kind of place."""
    return directory.select(codes=_PLACES[kind][1].split())


def _how_far(row: dict[str, Any]) -> str:
    if "duration_min" in row:
        return f"{row['duration_min']:.0f} min away"
    about = "" if row["precision"] == "address" else "about "
    return f"{about}{format_distance(row['distance_m'])} away in a straight line"


def _fitting(care: Directory, one: Fit) -> Directory:
    return care.select(medication=one.medication, special_population=one.special_population)


def _states(row: dict[str, Any], one: Fit) -> bool:
    asked = {"medications": one.medication, "special_populations": one.special_population}
    return all(not wanted or not set(wanted).isdisjoint(row[name]) for name, wanted in asked.items())


def _reason(profile: Profile, wanted: Iterable[str], fits: Iterable[Fit], row: dict[str, Any]) -> str:
    if pd.isna(row["facility_id"]):
        return (
            f"No listed place that states {row['missing']} is within this distance. Try farther, ask about sessions "
            f"by phone or video, or call {CRISIS_LINES['helpline'].number}."
        )
    levels, codes = row["levels_of_care"], set(row["codes"])
    parts = [_how_far(row)]
    stated = [str(one) for one in wanted if one in levels]
    stated += [
        _PLACES[one][0] for one in wanted if one in _PLACES and not codes.isdisjoint(_PLACES[one][1].split())
    ]
    stated += [one.words for one in fits if _states(row, one)]
    parts.append("states " + ", ".join(dict.fromkeys(stated)))
    if row["kind"] == "telehealth":
        parts[-1] += "; ask whether you may join from where you live"
    if profile.medication not in {None, "none"} and Medication.NOT_USED in row["medications"]:
        parts.append(
            "states that it uses no medication for opioid use disorder: ask if you may stay on yours"
        )
    if profile.payment is not None:
        parts.append(f"states that it takes {profile.payment.value.replace('_', ' ')}")
    if profile.age_group is not None:
        parts.append(f"states that it accepts {profile.age_group.value.replace('_', ' ')}")
    return "; ".join(parts)
