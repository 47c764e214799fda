"""Costs by name, and from files of any kind: a matrix, saved roads, an extract of OpenStreetMap."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from iopdir.errors import LoadError, UnknownNameError
from iopdir.limits import read_head
from iopdir.travel.cost import Cost, CostLike
from iopdir.travel.estimate import DriveEstimate
from iopdir.travel.straight import Straight

__all__ = ["COSTS", "open_cost", "read_cost"]

COSTS: Final = {"drive-estimate": DriveEstimate}
"""Costs that need no data of one's own, by name."""


def read_cost(cost: CostLike) -> Cost:
    """Read a cost however it is given.

    Parameters
    ----------
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, ``"drive-estimate"``, or None for straight lines.

    Returns
    -------
    Cost
        That cost.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> read_cost("drive-estimate"), read_cost(None)
    (drive estimate, straight lines)
    """
    if cost is None:
        return Straight()
    if isinstance(cost, str):
        if cost.lower() not in COSTS:
            raise UnknownNameError("cost", cost, COSTS)
        return COSTS[cost.lower()]()
    return cost


def open_cost(name: str | Path) -> Cost:
    """Open a cost by name or from a file, whose kind its content tells.

    Parameters
    ----------
    name
        ``"drive-estimate"``, or a file: a matrix (Parquet, or CSV with a header), roads that `Roads.save` wrote, or an
        extract of OpenStreetMap (PBF).

    Returns
    -------
    Cost
        Takes the place of `cost=` anywhere.

    Raises
    ------
    UnknownNameError
        If there is no cost and no file of that name.
    LoadError
        If the file is none of these, or damaged.
    UnitError
        If a matrix does not say its unit.

    Examples
    --------
    >>> open_cost("drive-estimate")
    drive estimate
    """
    path = Path(name)
    if str(name).lower() in COSTS:
        return COSTS[str(name).lower()]()
    if not path.exists():
        raise UnknownNameError("cost or file", str(name), COSTS)
    head = read_head(path, 64, expected="a file of costs")
    if b"OSMHeader" in head:
        from iopdir.travel.by_road import Roads

        return Roads.read_pbf(path)
    if zipfile.is_zipfile(path):
        from iopdir.travel.by_road import Roads

        return Roads.open(path)
    if path.suffix.lower() == ".pbf":
        raise LoadError(path, expected="an extract of OpenStreetMap in PBF", found="another file")
    from iopdir.travel.matrix import CostMatrix

    return CostMatrix.read_parquet(path)
