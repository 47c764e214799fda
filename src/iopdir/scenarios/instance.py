"""Who is still to be reached and which candidate would reach them: a sparse instance, made small without loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from iopdir.scenarios.loops import find_dominated, turn
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.cost import BoolArray

__all__ = ["Instance"]

_SEED: Final = 15
"""Of the keys by which rows with the same candidates find each other; any number would do."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Instance:
    """People in rows, candidates in columns, and what each is worth to the other.

    Parameters
    ----------
    weight
        People of each row, above 0, shape (rows,).
    group
        Group of each row, rising, shape (rows,).
    start, site
        Candidates of each row, rising: those of row e stand from ``start[e]`` to ``start[e + 1]``.
    value
        What a candidate is worth to one person of a row, shape (pairs,): 1 where being reached is all that counts.
    candidate
        Position of each column among all candidates, rising, shape (columns,).
    """

    weight: FloatArray
    group: IntArray
    start: IntArray
    site: IntArray
    value: FloatArray
    candidate: IntArray

    @classmethod
    def of(
        cls,
        weight: FloatArray,
        group: IntArray,
        row: IntArray,
        site: IntArray,
        value: FloatArray | None = None,
    ) -> Instance:
        """Put pairs of a row and a candidate in order; rows without people or candidates, and what is then left, go.

        Parameters
        ----------
        weight, group
            Of every row.
        row, site, value
            Of every pair, each pair once.
        """
        keep = weight[row] > 0
        row, site = row[keep], site[keep]
        values = np.ones(row.size) if value is None else value[keep]
        order = np.lexsort((site, row, group[row]))
        row, site, values = row[order], site[order], values[order]
        fresh = np.ones(row.size, dtype=bool)
        fresh[1:] = row[1:] != row[:-1]
        rows = row[fresh]
        candidate, column = np.unique(site, return_inverse=True)
        return cls(
            weight=weight[rows],
            group=group[rows],
            start=np.append(np.flatnonzero(fresh), row.size),
            site=column.astype(np.int64),
            value=values,
            candidate=candidate,
        )

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.weight.size

    @property
    def columns(self) -> int:
        """How many candidates can change anything."""
        return self.candidate.size

    @cached_property
    def row(self) -> IntArray:
        """Row of each pair."""
        return np.repeat(np.arange(self.rows), np.diff(self.start))

    @cached_property
    def by_site(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Start of each candidate, then rows (rising) and values in that order."""
        begin, order = turn(self.site, self.columns)
        return begin, self.row[order], self.value[order]

    def worth(self) -> FloatArray:
        """Say what each candidate is worth alone, shape (columns,)."""
        pairs = self.weight[self.row] * self.value
        return np.bincount(self.site, pairs, minlength=self.columns).astype(np.float64)

    def merged(self) -> Instance:
        """Put rows of one group with the same candidates together; only where being reached is all that counts."""
        if not self.rows:
            return self
        keys = np.random.default_rng(_SEED).integers(0, 2**64, (2, self.columns), dtype=np.uint64)
        one, two = (np.add.reduceat(key[self.site], self.start[:-1]) for key in keys)
        order = np.lexsort((two, one, self.group))
        same = np.ones(self.rows, dtype=bool)
        for part in (self.group, one, two):
            same[1:] &= part[order][1:] == part[order][:-1]
        same[0] = False
        name = np.empty(self.rows, dtype=np.int64)
        name[order] = np.cumsum(~same) - 1
        _, first = np.unique(name, return_index=True)
        kept = np.sort(first)  # the first of each kind, in the order of the rows
        weight = np.bincount(name, self.weight).astype(np.float64)[name[kept]]
        pairs = np.isin(self.row, kept)
        sizes = np.diff(self.start)[kept]
        return replace(
            self,
            weight=weight,
            group=self.group[kept],
            start=np.append(0, np.cumsum(sizes)),
            site=self.site[pairs],
            value=self.value[pairs],
        )

    def undominated(self, price: FloatArray | None = None) -> Instance:
        """Drop candidates that reach nobody whom another one, no dearer, does not reach too; merge what is then alike.

        Of candidates that reach the same people the first one stays. Only where being reached is all that counts.
        """
        prices = np.ones(self.columns) if price is None else price[self.candidate]
        begin, row, _ = self.by_site
        lost = find_dominated(begin, row, self.start, self.site, prices)
        return self.only(~lost).merged() if lost.any() else self

    def only(self, keep: BoolArray) -> Instance:
        """Keep some candidates; rows that lose all of theirs go."""
        pairs = keep[self.site]
        left = np.bincount(self.row[pairs], minlength=self.rows)
        column = np.cumsum(keep) - 1
        return Instance(
            weight=self.weight[left > 0],
            group=self.group[left > 0],
            start=np.append(0, np.cumsum(left[left > 0])),
            site=column[self.site[pairs]],
            value=self.value[pairs],
            candidate=self.candidate[keep],
        )
