"""How often a site stays in the plan when others may stand elsewhere in their ZIP and limits are a little off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from iopdir.progress import each
from iopdir.scenarios.instance import Instance
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.standards.standard import Standard
from iopdir.travel.cost import BoolArray

if TYPE_CHECKING:
    from iopdir.scenarios.question import Question

__all__ = ["stays"]

_OFF: Final = (0.9, 1.1)
"""What the limits are multiplied by; a choice of this package."""


def stays(question: Question, chosen: pd.Index[Any], draws: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Give the share of draws in which each chosen candidate is chosen again, or others that do its work.

    Parameters
    ----------
    question
        What was asked.
    chosen
        Ids of the candidates that the plan has, in its order.
    draws
        How many.
    seed
        Of the draws.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        This very candidate; it, or others that reach at least half of those whom it newly reaches: shape (chosen,).

    Raises
    ------
    ValueError
        If there is not even one draw.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    rng = np.random.default_rng(seed)
    cover = question.cover(question.problem())
    own = _own_rows(cover, question.candidates.ids.get_indexer(chosen))
    again, near = np.zeros(len(chosen)), np.zeros(len(chosen))
    for _ in each(range(draws), "Drawing places anew"):
        places = question.reach.sites.scatter(rng) if question.reach.cost.located else question.reach.sites
        other = replace(
            question,
            reach=replace(question.reach, sites=places),
            rule=_scaled(question.rule, float(rng.uniform(*_OFF))),
            method="greedy",
        )
        problem = other.problem()
        found = other.answer(problem, other.cover(problem))
        same = chosen.isin(question.candidates.ids[found.sites])
        reached = _reached(cover, found.sites)
        weight = np.where(reached, cover.weight, 0.0)
        again += same
        near += same | np.array(
            [2 * weight[rows].sum() >= cover.weight[rows].sum() > 0 for rows in own], dtype=bool
        )
    return again / draws, near / draws


def _reached(cover: Instance, sites: IntArray) -> BoolArray:
    """Mark the rows that some candidates reach."""
    pairs = np.isin(cover.candidate, sites)[cover.site]
    return np.bincount(cover.row[pairs], minlength=cover.rows) > 0


def _own_rows(cover: Instance, sites: IntArray) -> list[IntArray]:
    """List the rows that each site, after those before it, newly reaches."""
    seen, own = np.zeros(cover.rows, dtype=bool), []
    for site in sites:
        reached = _reached(cover, np.array([site]))
        own.append(np.flatnonzero(reached & ~seen))
        seen |= reached
    return own


def _scaled(rule: Standard, factor: float) -> Standard:
    limits = {
        kind: replace(
            limit,
            distance_m=None if limit.distance_m is None else limit.distance_m * factor,
            duration_min=None if limit.duration_min is None else limit.duration_min * factor,
        )
        for kind, limit in rule.limits.items()
    }
    return replace(rule, limits=limits)
