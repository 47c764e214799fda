"""Standards of states for their Medicaid plans: a data pack, each with its source and how sure we are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from iopdir.datasets import open_pack, pack_source
from iopdir.errors import UnknownNameError
from iopdir.geography.places import state_code
from iopdir.provenance import Provenance
from iopdir.standards.classes import BY_COUNTY_TYPE, ByDensity, ByName, ByPopulation, CountyClasses
from iopdir.standards.standard import Count, Limit, Standard
from iopdir.units import METRES_PER_MILE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CARE", "find_state_standard", "state", "state_keys", "state_standards"]

CARE: Final[Mapping[str, str]] = {
    "iop": "intensive outpatient care",
    "php": "partial hospitalization",
    "outpatient": "outpatient care",
    "otp": "opioid treatment programs",
}
"""Kinds of care that state standards are asked for by, and what they are."""

_PACK: Final = "state_standards"
_OPEN: Final = {
    "CA": "its tier for small counties is not settled in the sources at hand, so it is left out until it is"
}
"""State -> why it has no standard here though it sets one."""


def state_standards() -> pd.DataFrame:
    """List what is known of the standards of states, line by line.

    Returns
    -------
    DataFrame
        One row for each class of counties of each standard, indexed by `key`, the short name: `state, payer, care,
        county_class, class_rule, minutes, miles, combine, min_providers, share, telehealth_share, min_facilities,
        share_of_facilities, source, edition, confidence, note`. NaN where the standard does not say; `confidence` as
        for [`Standard`][iopdir.Standard].

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.standards.state_standards().loc["nc-iop", ["county_class", "miles", "confidence"]].values.tolist()
    [['urban', 30.0, '2°'], ['rural', 45.0, '2°']]
    """
    table = _lines().copy().drop(columns=["care_keys", "class_kind", "class_value"])
    table.attrs["provenance"] = Provenance.of([pack_source(_PACK)]).to_dict()
    return table


def state(
    code: str,
    *,
    care: str = "iop",
    classes: CountyClasses | None = None,
    telehealth: bool = False,
) -> Standard:
    """Give the standard that a state sets for its Medicaid plans.

    Parameters
    ----------
    code
        Postal abbreviation or name, in any case.
    care
        ``"iop"``, ``"php"``, ``"outpatient"`` or ``"otp"``. Where a state names no standard for intensive outpatient
        care, the one for outpatient SUD or behavioral care holds for it too, and its name says so.
    classes
        How the state sorts its counties, where that is not known here (see `class_rule` of
        [`state_standards`][iopdir.standards.state_standards]).
    telehealth
        Take the lower share that the state asks for where care by telehealth is offered too.

    Returns
    -------
    Standard
        It holds for the counties of that state; all others are ``"not_required"``.

    Raises
    ------
    UnknownNameError
        If there is no such state or care, none is known for it, or the state sets none by time, distance or count.
    ValueError
        If the state gives no credit for telehealth, or its classes do not fit.

    Examples
    --------
    >>> import iopdir as iop
    >>> rule = iop.standards.state("NC", care="iop")
    >>> rule.describe("rural"), rule.confidence
    ('2 facilities within 45 mi or 45 min for 0.95 of people', '2°')
    >>> iop.standards.state("CA")
    Traceback (most recent call last):
    iopdir.errors.UnknownNameError: no standard (its tier for small counties is not settled in the sources at hand, so
    it is left out until it is) for the state 'CA'
    """
    postal = state_code(code)
    if care not in CARE:
        raise UnknownNameError("care with a standard of its own", care, CARE)
    if postal in _OPEN:
        raise _unknown(postal, _OPEN[postal])
    lines = _lines()
    mine = lines[lines["state"] == postal]
    if mine.empty:
        known = ", ".join(sorted({*lines["state"]}))
        raise _unknown(
            postal, f"known are those of {known}; see how to add one in docs/explanation/standards.md"
        )
    keys = _keys_for(mine, care)
    if not keys:
        cares = sorted({word for words in mine["care_keys"] for word in words.split()})
        other = f"only for {', '.join(cares)}" if cares else mine["note"].iloc[0]
        raise _unknown(postal, f"it sets none for {CARE[care]} that is known here; {other}")
    rule = _standard(keys[0], mine.loc[[keys[0]]], classes)
    if rule is None:
        raise _unknown(postal, f"it sets none by time, distance or count ({mine['source'].iloc[0]})")
    if not telehealth:
        return rule
    if rule.telehealth_share is None:
        raise ValueError(f"{rule.name}: no credit for telehealth is known")
    return rule.with_share(rule.telehealth_share, name=f"{rule.name}, with telehealth")


def find_state_standard(key: str) -> Standard | None:
    """Find a state's standard by its short name, such as ``"nc-iop"``; None if it is no such name."""
    found = re.fullmatch(r"([a-z]{2})-([a-z]+)", key.lower())
    if not found or found[2] not in CARE:
        return None
    return state(found[1], care=found[2])


def state_keys() -> list[str]:
    """List the short names of the standards of states."""
    lines = _lines()
    return sorted(set(lines.index[lines[["minutes", "miles", "min_facilities"]].notna().any(axis=1)]))


@cache
def _lines() -> pd.DataFrame:
    return open_pack(_PACK).set_index("key")


def _keys_for(lines: pd.DataFrame, care: str) -> list[str]:
    """Find the standards that name a care; for intensive outpatient care those for outpatient care will do."""
    for wanted in (care, "outpatient") if care == "iop" else (care,):
        keys = [key for key, words in lines["care_keys"].items() if wanted in words.split()]
        if keys:
            return list(dict.fromkeys(map(str, keys)))
    return []


def _unknown(postal: str, why: str) -> UnknownNameError:
    return UnknownNameError(f"standard ({why}) for the state", postal)


def _standard(key: str, lines: pd.DataFrame, classes: CountyClasses | None) -> Standard | None:
    """Put the lines of one standard together; None if it sets neither time, distance nor count."""
    first = lines.iloc[0]
    count = None
    if first["min_facilities"] == first["min_facilities"]:
        count = Count(facilities=int(first["min_facilities"]), share=_maybe(first["share_of_facilities"]))
    elif lines[["minutes", "miles"]].isna().all(axis=None):
        return None
    limits: dict[str | None, Limit] = {} if count else {
        str(line["county_class"]) or None: _limit(line) for _, line in lines.iterrows()
    }  # fmt: skip
    return Standard(
        name=f"{first['state']} {first['payer']}, {first['care']}",
        limits=limits,
        source=f"{first['source']}{', ' + first['edition'] if first['edition'] else ''}",
        retrieved=pack_source(_PACK).retrieved or date.min,
        confidence=str(first["confidence"]),
        combine="or" if first["combine"] == "or" else "and",
        min_providers=1 if count else int(first["min_providers"]),
        classes=_classes(lines) if classes is None else classes,
        state=str(first["state"]),
        telehealth_share=_maybe(first["telehealth_share"]),
        count=count,
        key=key,
        note="; ".join(dict.fromkeys(note for note in lines["note"] if note)),
    )


def _limit(line: pd.Series[Any]) -> Limit:
    miles = _maybe(line["miles"])
    return Limit(
        distance_m=None if miles is None else miles * METRES_PER_MILE,
        duration_min=_maybe(line["minutes"]),
        share=_maybe(line["share"]),
    )


def _maybe(value: float) -> float | None:
    return None if value != value else float(value)


def _classes(lines: pd.DataFrame) -> CountyClasses | None:
    kind = str(lines["class_kind"].iloc[0])
    values = dict(zip(lines["county_class"].map(str), lines["class_value"].map(str), strict=True))
    if kind == "county_type":
        return BY_COUNTY_TYPE
    if kind in ("density", "population"):
        least = {name: float(value) for name, value in values.items()}
        return ByDensity(least) if kind == "density" else ByPopulation(least)
    if kind == "named":
        named = {name: value.split() for name, value in values.items() if value}
        return ByName(named, next((name for name, value in values.items() if not value), ""))
    return None
