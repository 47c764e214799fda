"""Which rows are joined: a blank equals nothing, points lie near, and no site is wider than a kilometre.

The order of the rows decides nothing. Time grows with the number of rows: points are looked up in cells of space, never
compared all with all.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise, product
from operator import add
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.intake.quality import Ledger, Reason
from iopdir.spatial.geodesy import geodesic_m, to_xyz
from iopdir.text import TEXT

__all__ = ["APART_M", "NEAR_M", "SITE", "join_rows"]

NEAR_M: Final = 100.0
"""Rows of one name this near to each other are one site; a choice of this package."""

APART_M: Final = 1_000.0
"""Rows farther apart are never one site, whatever their addresses say; likewise."""

SITE: Final = ("name", "program", "street1", "street2")

_CUBE_M: Final = 57.0
_AHEAD: Final = [step for step in product(range(-2, 3), repeat=3) if step > (0, 0, 0)]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class _Sets:
    """Sets that grow together."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def top(self, one: int) -> int:
        parent = self._parent
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.top(one), self.top(other)))
        self._parent[second] = first


def join_rows(rows: pd.DataFrame, keys: pd.DataFrame, lon: Floats, lat: Floats, ledger: Ledger) -> Ints:
    """Find the first row of each row's site.

    Parameters
    ----------
    rows
        With `zip` and `state`.
    keys
        Names, street, suite and city as they are compared.
    lon, lat
        Points that the listing states, NaN where it states none.
    ledger
        Takes one line for each part of a site that lies too far from the rest.

    Returns
    -------
    NDArray
        Position of a row for each row; its own if it is the first.
    """
    sets = _Sets(len(rows))
    table = keys.assign(zip=rows["zip"], state=rows["state"])
    for place in (["zip"], ["city", "state"]):
        seen: dict[tuple[str, ...], int] = {}
        said = table[[*SITE, *place]]
        again = np.flatnonzero(said.duplicated(keep=False))  # most sites stand once
        for position, parts in zip(again.tolist(), said.iloc[again].itertuples(index=False), strict=True):
            if parts[2] and all(parts[4:]):
                sets.join(seen.setdefault(parts, position), position)
    name = keys.groupby(["name", "program"], sort=False).ngroup().to_numpy().astype(np.int64)
    placed = np.flatnonzero(np.isfinite(lon)).astype(np.int64)
    xyz = np.full((len(rows), 3), np.nan)
    xyz[placed] = to_xyz(lon[placed], lat[placed])
    _join_near(sets, name, xyz, placed)
    site = np.array([sets.top(position) for position in range(len(rows))], dtype=np.int64)
    return _part_wide(site, lon, lat, xyz, rows.index, ledger)


# --- near ----------------------------------------------------------------------------------------------------


def _join_near(sets: _Sets, name: Ints, xyz: Floats, placed: Ints) -> None:
    """Join rows with equal names whose points lie within `NEAR_M`.

    Space is cut into cubes so small that all in one of them are near; only neighbouring cubes are compared, and of
    those only what is not joined already.
    """
    placed = placed[(np.bincount(name)[name] > 1)[placed]]  # most names stand once
    cells: dict[tuple[int, ...], list[int]] = defaultdict(list)
    cubes = np.floor(xyz[placed] / _CUBE_M).astype(np.int64)
    for position, label, cube in zip(placed.tolist(), name[placed].tolist(), cubes.tolist(), strict=True):
        cells[label, *cube].append(position)
    for members in cells.values():
        for one in members[1:]:
            sets.join(members[0], one)
    for (label, x, y, z), members in cells.items():
        for dx, dy, dz in _AHEAD:
            others = cells.get((label, x + dx, y + dy, z + dz))
            if others is None or sets.top(members[0]) == sets.top(others[0]):
                continue
            if _any_near(xyz[members], xyz[others]):
                sets.join(members[0], others[0])


def _any_near(one: Floats, other: Floats) -> bool:
    step = max(1, 1_000_000 // len(other))
    return any(
        bool((((part[:, None] - other) ** 2).sum(axis=2) <= NEAR_M**2).any())
        for part in (one[at : at + step] for at in range(0, len(one), step))
    )


# --- apart ---------------------------------------------------------------------------------------------------


def _part_wide(
    site: Ints, lon: Floats, lat: Floats, xyz: Floats, index: pd.Index[int], ledger: Ledger
) -> Ints:
    """Part sites that are wider than `APART_M`; rows without a point stay with the southernmost part."""
    order = np.lexsort((lon, lat, site))  # by site, then from the south; rows without a point come last
    ends = [*np.flatnonzero(np.diff(site[order], prepend=-1)).tolist(), order.size]
    parted = site.copy()
    apart: list[tuple[int, int, int, int]] = []
    for begin, end in pairwise(ends):
        members = order[begin:end]
        placed = members[np.isfinite(lon[members])]
        if not placed.size or _width(xyz[placed]) <= APART_M:
            continue
        parts = _parts(placed.tolist(), xyz[placed].tolist())
        parts[0] += members[placed.size :].tolist()
        for part in parts:
            parted[part] = min(part)
        apart += [(part[0], parts[0][0], min(part), min(parts[0])) for part in parts[1:]]
    if apart:
        one, other, row, from_row = np.array(apart).T
        far_m = geodesic_m(lon[one], lat[one], lon[other], lat[other])
        texts = [f"{m:,.0f} m from row {first}" for m, first in zip(far_m, index[from_row], strict=True)]
        ledger.note(Reason.SAME_SITE_FAR_APART, "lat, lon", pd.Series(texts, index=index[row], dtype=TEXT))
    return parted


def _width(xyz: Floats) -> float:
    return float(np.sqrt((np.ptp(xyz, axis=0) ** 2).sum()))


def _parts(positions: list[int], points: list[list[float]]) -> list[list[int]]:
    """Put each point to the first part that it leaves narrow enough; parts are looked up by the place they began."""
    parts: list[list[int]] = []
    boxes: list[list[tuple[float, float]]] = []
    begun: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for position, point in zip(positions, points, strict=True):
        cube = [int(value // APART_M) for value in point]
        around = sorted(
            number
            for step in product((-1, 0, 1), repeat=3)
            for number in begun.get(tuple(map(add, cube, step)), ())
        )
        for number in around:
            box = [(min(low, v), max(high, v)) for (low, high), v in zip(boxes[number], point, strict=True)]
            if sum((high - low) ** 2 for low, high in box) <= APART_M**2:
                parts[number].append(position)
                boxes[number] = box
                break
        else:
            begun[tuple(cube)].append(len(parts))
            parts.append([position])
            boxes.append([(value, value) for value in point])
    return parts
