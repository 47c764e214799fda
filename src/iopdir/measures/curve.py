"""What came of every choice at once: what each choice decides, whose verdict flips, whether a difference is robust."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from iopdir.measures.permutation import (
    Blocks,
    PermutationTest,
    differences,
    find_blocks,
    reorder,
    same_sign,
    shuffled_people,
)
from iopdir.progress import each
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.text import texts
from iopdir.travel.cost import BoolArray
from iopdir.travel.sites import people

__all__ = [
    "CHOICES",
    "NOT_USED",
    "SpecificationCurve",
    "equity_report",
    "variance_shares",
]

CHOICES: Final = (
    "directory", "vintage", "cost", "placement", "listing_active", "threshold", "capacity", "measure", "decay",
)  # fmt: skip
"""Columns of the table that say what was chosen."""

NOT_USED: Final = "-"
"""Where a measure does not know a choice."""

_AT_ONCE: Final = 64
"""Permutations weighed in one product."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SpecificationCurve:
    """Every choice at once, made by [`specification_curve`][iopdir.specification_curve].

    Parameters
    ----------
    table
        A row a specification: the choices, `outcome`, and `difference` between group and reference.
    scores
        What each demand point scores under each specification, shape (specifications, n), 0 to 1.
    demands
        Demand points by vintage; one index for all.
    group, reference, population
        Columns of people.
    areas
        Rows of areas with `people`, `specifications`, `share_lowest`, `flips` and `never_flips`; empty if none were
        asked for.
    """

    table: pd.DataFrame
    scores: FloatArray
    demands: Mapping[str, pd.DataFrame]
    group: str
    reference: str
    population: str
    areas: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __len__(self) -> int:
        return len(self.table)

    def offers(self) -> dict[str, list[str]]:
        """Name the choices that had several offers, and these, in the order given."""
        found = {
            name: [str(offer) for offer in self.table[name].unique() if offer != NOT_USED] for name in CHOICES
        }
        return {name: offers for name, offers in found.items() if len(offers) > 1}

    def variance_shares(self) -> pd.DataFrame:
        """Say how much of the variance of the outcome each choice decides.

        Returns
        -------
        DataFrame
            Indexed by `choice`, the largest first: `levels` and `share`. The last row, ``"together"``, is what only
            combinations of choices decide; all shares add up to 1 (NaN if the outcome never varies).

        Notes
        -----
        The gain in R² when a choice enters a linear model of the outcome, averaged over all orders of entry
        (Lindeman, Merenda & Gold 1980, flag M). In a balanced design it is the sum of squares between its levels.
        """
        table = variance_shares(self.table[list(self.offers())], self.table["outcome"].to_numpy())
        table.attrs = dict(self.table.attrs)
        return table

    def test(
        self,
        group: str | None = None,
        reference: str | None = None,
        *,
        permutations: int = 999,
        seed: int = 0,
        blocks: Blocks | None = None,
    ) -> PermutationTest:
        """Test whether the groups differ in any specification, by shuffling who lives where.

        The null is joint: the shares of the groups are shuffled over the demand points where somebody lives, and each
        shuffle is weighed under every specification.

        Parameters
        ----------
        group, reference
            Columns of people; those of the curve if not given.
        permutations
            How many shuffles.
        seed
            Of the shuffles.
        blocks
            ``"county"`` or ``"state"`` to shuffle these as wholes, inside each of which neighbours stay neighbours;
            None for single demand points.

        Returns
        -------
        PermutationTest
            Medians, signs and their p.

        Raises
        ------
        UnknownNameError
            If a column, or the kind of blocks, is not known.
        ValueError
            If there are no permutations, or a group has nobody.

        Notes
        -----
        Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4:1208-1214. Single points are taken as exchangeable:
        where neighbours resemble each other p is too small. With blocks only these are: the points stand block by
        block in the order of their ids, blocks are put in a new order, and the row of shares is laid over the places
        anew. Likeness across their borders is still not counted.
        """
        if permutations < 1:
            raise ValueError(f"permutations must be at least 1, not {permutations}")
        columns = (group or self.group, reference or self.reference)
        seen = self._differences(columns)[:, 0]
        rng, (live, starts) = np.random.default_rng(seed), self._blocks(blocks)
        medians, signs = [], []
        for start in each(range(0, permutations, _AT_ONCE), "Shuffling"):
            count = min(_AT_ONCE, permutations - start)
            orders = np.column_stack([reorder(live, starts, rng) for _ in range(count)])
            shuffled = self._differences(columns, (live, orders))
            medians.append(np.median(shuffled, axis=0))
            signs.append(same_sign(shuffled))
        median, sign = float(np.median(seen)), float(same_sign(seen[:, None])[0])
        slack = 1e-12  # sums in another order
        beyond = np.abs(np.concatenate(medians)) >= abs(median) - slack
        agree = np.concatenate(signs) >= sign - slack
        return PermutationTest(
            median=median,
            p_median=(1 + int(beyond.sum())) / (1 + permutations),
            same_sign=sign,
            p_same_sign=(1 + int(agree.sum())) / (1 + permutations),
            permutations=permutations,
            seed=seed,
            blocks=blocks,
        )

    def differences(self, group: str, reference: str | None = None) -> pd.Series[Any]:
        """Give the difference in the mean score of two groups under each specification.

        Raises
        ------
        UnknownNameError
            If a column is not known.
        ValueError
            If a group has nobody.
        """
        found = self._differences((group, reference or self.reference))[:, 0]
        series = pd.Series(found, index=self.table.index, name="difference")
        series.attrs = dict(self.table.attrs)
        return series

    def _blocks(self, kind: Blocks | None) -> tuple[IntArray, IntArray]:
        """Give the points where somebody lives, block by block, and where each block starts."""
        counts = [people(demand, self.population) for demand in self.demands.values()]
        live = np.flatnonzero(np.all(np.array(counts) > 0, axis=0))
        return find_blocks(next(iter(self.demands.values())), live, kind)

    def _differences(self, columns: tuple[str, str], shuffle: tuple[Any, Any] | None = None) -> FloatArray:
        """Compare two groups, as they live or shuffled; shape (specifications, shuffles)."""
        width = 1 if shuffle is None else shuffle[1].shape[1]
        result = np.empty((len(self), width))
        for vintage, demand in self.demands.items():
            rows = (self.table["vintage"] == vintage).to_numpy()
            result[rows] = differences(
                self.scores if rows.all() else self.scores[rows],
                [
                    shuffled_people(people(demand, name), people(demand, self.population), shuffle)
                    for name in columns
                ],
            )
        return result

    def __repr__(self) -> str:
        mark = "SYNTHETIC " if self.table.attrs["provenance"]["synthetic"] else ""
        return (
            f"{mark}SpecificationCurve of {len(self):,} specifications, {self.group} against {self.reference}"
        )


def variance_shares(choices: pd.DataFrame, outcome: FloatArray) -> pd.DataFrame:
    """Share the variance of an outcome out among choices; see `SpecificationCurve.variance_shares`.

    Examples
    --------
    >>> design = pd.DataFrame({"a": [0, 0, 1, 1], "b": [0, 1, 0, 1]})
    >>> variance_shares(design, np.array([0.0, 1.0, 3.0, 4.0]))["share"].round(6).to_dict()
    {'a': 0.9, 'b': 0.1, 'together': 0.0}
    """
    names = [str(name) for name in choices if choices[name].nunique() > 1]
    dummies = {name: pd.get_dummies(choices[name]).to_numpy(dtype=float) for name in names}
    centred = outcome - outcome.mean()
    total = float(centred @ centred)
    ones = np.ones((len(outcome), 1))

    def explained(chosen: Iterable[str]) -> float:
        design = np.hstack([ones, *(dummies[name] for name in chosen)])
        rest = centred - design @ np.linalg.lstsq(design, centred, rcond=None)[0]
        return 1.0 - float(rest @ rest) / total

    varies = total > 1e-24 * max(1.0, float(outcome @ outcome))
    parts = [frozenset(part) for size in range(len(names) + 1) for part in combinations(names, size)]
    fit = {part: explained(sorted(part)) if varies else float("nan") for part in parts}
    shares = {}
    for name in names:
        without = [part for part in parts if name not in part]
        ways = [math.factorial(len(part)) * math.factorial(len(names) - len(part) - 1) for part in without]
        gain = [fit[part | {name}] - fit[part] for part in without]
        shares[name] = sum(way * more for way, more in zip(ways, gain, strict=True)) / math.factorial(
            len(names)
        )
    found = pd.Series(shares, dtype=float).sort_values(ascending=False, kind="stable")
    found["together"] = 1.0 - fit[frozenset(names)]
    levels = [choices[name].nunique() if name in names else 0 for name in found.index]
    return texts(pd.DataFrame({"levels": levels, "share": found}).rename_axis("choice"))


def equity_report(
    curve: SpecificationCurve,
    groups: Sequence[str] | None = None,
    *,
    permutations: int = 999,
    seed: int = 0,
    blocks: Blocks | None = None,
    level: float = 0.05,
) -> pd.DataFrame:
    """Say of several groups whether their difference from the reference is robust to the choices.

    Parameters
    ----------
    curve
        From [`specification_curve`][iopdir.specification_curve].
    groups
        Columns of people; the group of the curve if not given.
    permutations, seed, blocks
        As for the permutation test of the curve.
    level
        `p_median` must be at most this, by the number of groups tested (Bonferroni): `p_median * groups <= level`.

    Returns
    -------
    DataFrame
        A row a group: `group, reference, specifications, lowest, median, highest` (of the differences), `same_sign,
        p_median, p_same_sign` and `finding`: ``"robust"`` if 95 % of specifications agree in sign and
        `p_median` is small, ``"not robust"`` otherwise, and ``"SYNTHETIC: says nothing about people"`` where rows were
        made up.

    Raises
    ------
    UnknownNameError
        If a column is not known.
    ValueError
        If a group has nobody.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand = iop.demand_points("zcta", state="VT")
    >>> curve = iop.specification_curve(demand, iop.demo_directory(), measures=["two_step_fca"], group="poverty")
    >>> iop.measures.equity_report(curve, ["poverty", "older_adults"], permutations=19)["finding"].unique().tolist()
    ['SYNTHETIC: says nothing about people']
    """
    names = list(groups or [curve.group])
    synthetic = bool(curve.table.attrs["provenance"]["synthetic"])
    rows = []
    for name in names:
        seen, test = (
            curve.differences(name),
            curve.test(name, permutations=permutations, seed=seed, blocks=blocks),
        )
        small = test.p_median * len(names) <= level
        finding = "robust" if small and test.same_sign >= 0.95 else "not robust"
        rows.append(
            {
                "group": name,
                "reference": curve.reference,
                "specifications": len(curve),
                "lowest": seen.min(),
                "median": test.median,
                "highest": seen.max(),
                "same_sign": test.same_sign,
                "p_median": test.p_median,
                "p_same_sign": test.p_same_sign,
                "finding": "SYNTHETIC: says nothing about people" if synthetic else finding,
            }
        )
    table = texts(pd.DataFrame(rows))
    table.attrs = dict(curve.table.attrs)
    return table


def judge_areas(labels: pd.DataFrame, counts: FloatArray, verdicts: BoolArray) -> pd.DataFrame:
    """Count how often each area is among the lowest, shape (specifications, areas); none without people."""
    table = labels.assign(
        people=counts, specifications=len(verdicts), share_lowest=verdicts.mean(axis=0)
    ).loc[counts > 0]
    table["flips"] = np.minimum(table["share_lowest"], 1 - table["share_lowest"])
    table["never_flips"] = table["flips"] == 0
    return table.sort_values("flips", ascending=False, kind="stable")
