"""From a person to places: listed facilities within reach that fit, each with the reason why it is listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.directory.select import states_any
from iopdir.eligibility.assessment import Lean, Profile, assess
from iopdir.eligibility.rules import Rules
from iopdir.travel.nearest import nearest
from iopdir.units import format_distance
from iopdir.vocabulary.crisis import CRISIS_LINES
from iopdir.vocabulary.taxonomy import LevelOfCare

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

CALL: Final = "Call to confirm: listings go out of date."
FARTHER: Final = 3
"""So many places beyond the distance are listed where none is within it; a choice of this package."""

_COLUMNS: Final = ["kind", "rank", "facility_id", "name", "phone", "distance_m", "status", "reason", "note"]


def match(
    profile: Profile,
    directory: Directory,
    *,
    near: str,
    max_distance: str | float = "30 mi",
    k: int = 10,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """List facilities within reach that fit what a person says.

    First the places that a risk leads to, then care of the levels that the answers leave possible; where it is hard to
    come, or nothing is within reach, also telehealth at any distance, and the nearest beyond. Within a kind the nearest
    come first; nothing paid or otherwise ranks them. A facility that does not state a payment or an age group is not
    listed for it, which is not the same as not offering it.

    Parameters
    ----------
    profile
        The answers: they decide the kinds of place, the levels of care (those of every lean that open answers leave
        possible), the payment and the age group looked for.
    directory
        Where to look.
    near
        A place: ``"60614"``, ``"41.92, -87.65"``, ``"Chicago, IL"``. It is used and forgotten.
    max_distance
        How far, e.g. ``"30 mi"``, or metres.
    k
        How many of each kind at most.
    rules
        Another table of rules than the package's own.

    Returns
    -------
    DataFrame
        `kind, rank, facility_id, name, phone, distance_m, status, reason, note`; a kind of which nothing is within
        reach has one row that says so (`status`). In danger (`urgent_help`) there are places only if each danger leads
        to some; `attrs["message"]` says what to do first.

    Raises
    ------
    UnknownNameError
        If the place is not known.

    Examples
    --------
    >>> import iopdir as iop
    >>> person = iop.Profile(pregnancy="managed", payment="medicaid")
    >>> found = iop.match(person, iop.demo_directory(), near="60614", k=3)
    >>> found["kind"].unique().tolist()
    ['perinatal', 'hospital', 'care']
    """
    assessment = assess(profile, rules=rules)
    levels = tuple(level for lean in assessment.possible for level in _LEVELS.get(lean, ()))
    fit = directory.select(payment=profile.payment, age_group=profile.age_group)
    care = fit.select(level_of_care=levels)

    def part(kind: str, places: Directory, k: int, cap: str | float | None) -> pd.DataFrame:
        found = nearest(near, places, k=k, max_distance=cap)
        rows = found.join(fit.table[["phone", "levels_of_care", "precision", "codes"]], on="facility_id")
        rows.insert(0, "kind", kind)
        return rows

    parts = [
        part(kind, _stating(fit, kind), k, max_distance) for kind in assessment.places if kind != "telehealth"
    ]
    if levels:
        parts.append(part("care", care, k, max_distance))
        reached = (parts[-1]["status"] == "ok").any()
        if "telehealth" in assessment.places or not reached:
            by_day = care.select(level_of_care=_BY_DAY.intersection(levels))
            parts.append(part("telehealth", _stating(by_day, "telehealth"), k, None))
        if not reached:
            parts.append(part("farther", care, FARTHER, None))
    message = " ".join((*assessment.urgent, assessment.disclaimer))
    if not parts:
        table = pd.DataFrame(columns=_COLUMNS)
        table.attrs["message"] = message
        return table
    rows = pd.concat(parts, ignore_index=True)
    listed = rows["status"] == "ok"
    rows = rows[
        listed & ~rows["facility_id"].duplicated() | ~listed & ~rows["kind"].isin(["telehealth", "farther"])
    ]
    rows["rank"] = rows.groupby("kind", sort=False).cumcount() + 1
    rows["reason"] = [_reason(profile, (*levels, *assessment.places), row) for row in rows.to_dict("records")]
    rows["note"] = CALL
    table = rows[_COLUMNS].reset_index(drop=True)
    table.attrs = parts[-1].attrs | {"message": message}
    return table


def _stating(directory: Directory, kind: str) -> Directory:
    """Keep the facilities whose codes state a kind of place."""
    stated = states_any(directory.table["codes"], _PLACES[kind][1].split())
    return Directory(directory.table[stated], quality=directory.quality, provenance=directory.provenance)


def _reason(profile: Profile, wanted: Iterable[str], row: dict[object, object]) -> str:
    if row["status"] != "ok":
        kind = _PLACES[str(row["kind"])][0] if row["kind"] in _PLACES else "care that fits"
        return (
            f"No listed place that states {kind} is within this distance. Try farther, ask about sessions by phone or "
            f"video, or call {CRISIS_LINES['helpline'].number}."
        )
    about = "" if row["precision"] == "address" else "about "
    levels, codes = cast("tuple[str, ...]", row["levels_of_care"]), set(cast("tuple[str, ...]", row["codes"]))
    parts = [f"{about}{format_distance(float(str(row['distance_m'])))} away in a straight line"]
    stated = [str(one) for one in wanted if one in levels]
    stated += [
        _PLACES[one][0] for one in wanted if one in _PLACES and not codes.isdisjoint(_PLACES[one][1].split())
    ]
    parts.append("states " + ", ".join(stated))
    if row["kind"] == "telehealth":
        parts[-1] += "; ask whether you may join from where you live"
    if profile.payment is not None:
        parts.append(f"states that it takes {profile.payment.value.replace('_', ' ')}")
    if profile.age_group is not None:
        parts.append(f"states that it accepts {profile.age_group.value.replace('_', ' ')}")
    return "; ".join(parts)
