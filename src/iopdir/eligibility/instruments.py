"""Screening instruments scored from answers alone: no item wording, ranges checked, bands with their source."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from iopdir.errors import UnknownNameError

__all__ = ["InstrumentScore", "score_instrument"]


@dataclass(frozen=True, kw_only=True, slots=True)
class InstrumentScore:
    """A score, and what its source makes of it. Screening is not a diagnosis.

    Parameters
    ----------
    instrument
        Name.
    total, most
        The score, and the highest there is.
    bands
        What the source calls a score like this; several where it depends on something that was not said.
    source, flag
        Where the bands are from, and how sure.
    rights
        Whose the instrument is.
    """

    instrument: str
    total: int
    most: int
    bands: tuple[str, ...]
    source: str
    flag: str
    rights: str


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = files("iopdir.eligibility").joinpath("instruments.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def score_instrument(
    name: str, answers: Sequence[int | bool], *, group: str | None = None
) -> InstrumentScore:
    """Score a screening instrument.

    Parameters
    ----------
    name
        ``"AUDIT"``, ``"AUDIT-C"``, ``"DAST-10"``, ``"SDS"`` or ``"DSM-5"`` (number of criteria met).
    answers
        One number an item, in the instrument's order: AUDIT and AUDIT-C 0 to 4, SDS 0 to 3, DAST-10 and DSM-5
        yes (1 or True) or no (0 or False). DAST-10's third item, which counts when the answer is no, is turned
        round here: give the answers as they were given.
    group
        Where cut-offs differ: ``"women"`` or ``"men"`` for AUDIT-C, a substance for SDS. Nothing is assumed: left
        out, every cut-off is told.

    Returns
    -------
    InstrumentScore
        Total, bands and their source. Nothing is kept.

    Raises
    ------
    UnknownNameError
        If there is no such instrument or group.
    ValueError
        If the number of answers is wrong, or one is out of range.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.eligibility.score_instrument("DAST-10", [1, 0, 1, 1, 0, 0, 0, 0, 0, 0]).total
    2
    >>> iop.eligibility.score_instrument("AUDIT-C", [1, 1, 1]).bands
    ('at or above the cut-off of 3 for women', 'below the cut-off of 4 for men')
    """
    if name not in _table():
        raise UnknownNameError("instrument", name, _table())
    rule = _table()[name]
    total = sum(_points(name, rule, answers))
    return InstrumentScore(
        instrument=name,
        total=total,
        most=rule["items"] * rule["highest"],
        bands=_bands(name, rule, total, group),
        source=rule["source"],
        flag=rule["flag"],
        rights=rule["rights"],
    )


def _points(name: str, rule: dict[str, Any], answers: Sequence[int | bool]) -> list[int]:
    if len(answers) != rule["items"]:
        raise ValueError(f"{name} has {rule['items']} items, not {len(answers)}")
    points = []
    for item, answer in enumerate(answers, start=1):
        if answer not in range(rule["lowest"], rule["highest"] + 1):
            raise ValueError(
                f"{name} item {item}: {answer!r} is not between {rule['lowest']} and {rule['highest']}"
            )
        points.append(rule["highest"] - int(answer) if item in rule.get("reversed", ()) else int(answer))
    return points


def _bands(name: str, rule: dict[str, Any], total: int, group: str | None) -> tuple[str, ...]:
    cutoffs: dict[str, Any] = rule.get("cutoffs", {}) | rule.get("ranges", {})
    if group is not None and group not in cutoffs:
        raise UnknownNameError(f"group of {name}", group, cutoffs)
    if cutoffs:
        return tuple(_against(total, cutoffs[key], key) for key in cutoffs if group in {None, key})
    return tuple(label for least, label in rule["bands"] if total >= least)[-1:]


def _against(total: int, cutoff: int | list[int], group: str) -> str:
    least, most = (cutoff, cutoff) if isinstance(cutoff, int) else cutoff
    words = f"the cut-off of {least}" if least == most else f"cut-offs of {least} to {most}"
    if least <= total < most:
        return f"among the {words} for {group}"
    return f"{'at or above' if total >= most else 'below'} {words} for {group}"
