"""Which facilities a live index holds, by the handle of each in its points; what changes, and what a filter leaves."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from iopdir.directory.directory import Directory
from iopdir.errors import CoordinateError, UnknownNameError
from iopdir.schema.facility import Facility
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.spatial.live import DynamicIndex
from iopdir.travel.cost import Answer
from iopdir.travel.nearest import plain
from iopdir.travel.sites import Filters, Points, narrow
from iopdir.travel.straight import SMALL, bearings, find_nearest

__all__ = ["Roster"]


class Roster:
    """Points with an id each, of a directory or of none, that come and go.

    Parameters
    ----------
    ids
        Shape (n,), each once, of one kind.
    names
        What they are called, None for plain points.
    lon, lat
        Degrees, EPSG:4326, shape (n,).
    directory
        Whose facilities they are.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If there is not one id a point, or one id twice.
    """

    def __init__(
        self,
        ids: Iterable[Hashable],
        names: Iterable[str | None],
        lon: ArrayLike,
        lat: ArrayLike,
        directory: Directory | None = None,
    ) -> None:
        self.points = DynamicIndex(lon, lat)
        self.ids: list[Any] = list(ids)
        self.names: list[str | None] = list(names)
        self.directory = directory
        self._handle = {facility_id: handle for handle, facility_id in enumerate(self.ids)}
        if not len(self._handle) == len(self.ids) == len(self.points):
            raise ValueError(
                f"expected one id for each of {len(self.points)} points, found {len(self.ids)} ids, "
                f"{len(self._handle)} of them different"
            )
        self._inserted: dict[Hashable, Facility] = {}
        self._forget()

    def _forget(self) -> None:
        """Drop what insertions and removals make stale."""
        self._rank: IntArray | None = None
        self._accepted: dict[str, NDArray[np.bool_]] = {}

    def __len__(self) -> int:
        return len(self._handle)

    def __contains__(self, facility_id: object) -> bool:
        return facility_id in self._handle

    def insert(self, facility: Facility) -> None:
        """Add a facility with a known point and a new id; CoordinateError or ValueError otherwise."""
        if facility.facility_id in self:
            raise ValueError(f"facility {facility.facility_id} is in the index already: remove it first")
        lon, lat = facility.location.lon, facility.location.lat
        if lon is None or lat is None:
            raise CoordinateError(f"facility {facility.facility_id} has no known point")
        self._handle[facility.facility_id] = self.points.insert(lon, lat)
        self.ids.append(facility.facility_id)
        self.names.append(facility.name)
        self._inserted[facility.facility_id] = facility
        self._forget()

    def remove(self, facility_id: Hashable) -> None:
        """Take a facility out; UnknownNameError if it is not in."""
        if facility_id not in self:
            raise UnknownNameError("facility in the index", str(facility_id))
        self.points.remove(self._handle.pop(facility_id))
        self._inserted.pop(facility_id, None)
        self._forget()

    def order(self) -> IntArray:
        """Place of each handle's id among all ids, which decides between equally near facilities."""
        if self._rank is None:
            self._rank = np.empty(len(self.ids), dtype=np.int64)
            self._rank[sorted(range(len(self.ids)), key=self.ids.__getitem__)] = np.arange(len(self.ids))
        return self._rank

    def matching(self, filters: Filters) -> NDArray[np.bool_] | None:
        """Mark the handles that a selection leaves; remembered until something is inserted or removed."""
        asked = plain({"": filters})[""]
        if not asked:
            return None
        if self.directory is None:
            raise UnknownNameError("attribute of plain points", min(asked))
        key = json.dumps(asked, sort_keys=True)
        if key not in self._accepted:
            chosen = narrow(self.current(), filters).table.index
            mask = np.zeros(len(self.ids), dtype=np.bool_)
            mask[[self._handle[facility_id] for facility_id in chosen if facility_id in self._handle]] = True
            self._accepted[key] = mask
        return self._accepted[key]

    def current(self) -> Directory:
        """Give the directory with what was inserted, without what was removed or replaced."""
        base = cast("Directory", self.directory)
        placed = base.table.index[base.table["lon"].notna()]
        gone = {*placed} - self._handle.keys() | {one for one in self._inserted if one in base}
        if not (gone or self._inserted):
            return base
        return base.remove(sorted(map(str, gone))).add(self._inserted.values())

    def nearest(
        self, lon: FloatArray, lat: FloatArray, k: int, limit_m: float, accept: NDArray[np.bool_] | None
    ) -> Answer:
        """Give handles, metres and bearings of the k nearest; many origins are asked in bulk, with the same answer."""
        live, k = self.points, min(k, max(len(self), 1))
        if lon.size <= SMALL:
            index, metres = live.nearest(
                lon, lat, k, max_distance_m=limit_m, accept=accept, rank=self.order()
            )
            return index, metres, bearings(lon, lat, live.lon, live.lat, index)
        order = np.argsort(self.order(), kind="stable")
        members = order[(live.alive if accept is None else accept)[order]]
        ids = pd.RangeIndex(len(members))
        there = Points(ids=ids, lon=live.lon[members], lat=live.lat[members], known=ids)
        index, metres, bearing = find_nearest(lon, lat, there, k, limit_m, few=False)
        return np.where(index < 0, -1, members[index]), metres, bearing
