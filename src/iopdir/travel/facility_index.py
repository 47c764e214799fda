"""A live index of facilities: ask, insert, remove, save, without waiting."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Hashable, Iterable
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar, Unpack, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from iopdir.directory.directory import Directory
from iopdir.errors import CoordinateError, UnknownNameError
from iopdir.geography.points import PointsLike, read_points
from iopdir.provenance import Provenance
from iopdir.schema.facility import Facility
from iopdir.spatial.geodesy import IntArray, check_lonlat, inverse
from iopdir.spatial.live import DynamicIndex
from iopdir.travel.cost import Answer, read_limit
from iopdir.travel.index_file import read_index_file, write_index_file
from iopdir.travel.nearest import plain
from iopdir.travel.sites import Filters, Points, narrow
from iopdir.travel.straight import SMALL, bearings, find_nearest
from iopdir.travel.tables import long_frame

__all__ = ["FacilityIndex"]

P = ParamSpec("P")
R = TypeVar("R")


def _alone(method: Callable[Concatenate[FacilityIndex, P], R]) -> Callable[Concatenate[FacilityIndex, P], R]:
    """Let one thread at a time ask or change an index."""

    @wraps(method)
    def guarded(self: FacilityIndex, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return guarded


class FacilityIndex:
    """A live index of facilities, for questions one at a time; exact on the WGS84 ellipsoid.

    It starts in milliseconds, never waits for a compiler, and takes insertions and removals in between. Distances
    are geodesics in metres and inclusive limits; equally near facilities come in order of their id; facilities
    without a known point are not in it (`unplaced` counts them). For many origins at once
    [`nearest`][iopdir.nearest] is faster and gives the same answers.

    Parameters
    ----------
    directory
        The facilities. It is not changed.

    Attributes
    ----------
    unplaced
        Facilities of the directory that have no known point.

    Examples
    --------
    >>> import iopdir as iop
    >>> index = iop.FacilityIndex(iop.demo_directory().select(state="VT"))
    >>> found = index.nearest(lat=44.26, lon=-72.58, k=2, level_of_care="iop", max_cost="50 mi")
    >>> found[["rank", "status"]]
       rank status
    0     1     ok
    1     2     ok
    >>> bool(found["distance_m"].is_monotonic_increasing)
    True
    """

    def __init__(self, directory: Directory) -> None:
        table = directory.table
        placed = table[table["lon"].notna()]
        self._directory: Directory | None = directory
        self.unplaced = len(table) - len(placed)
        self._fill(placed.index, placed["name"], placed["lon"], placed["lat"])

    @classmethod
    def from_lonlat(cls, lon: ArrayLike, lat: ArrayLike, *, ids: Iterable[Hashable]) -> FacilityIndex:
        """Index plain points, which have an id and nothing to filter by.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4326, shape (n,).
        ids
            Shape (n,), each once, of one kind, so that they can be put in order.

        Returns
        -------
        FacilityIndex
            An index whose answers have no `name`.

        Raises
        ------
        CoordinateError
            If a coordinate is NaN or not on Earth.
        ValueError
            If there is not one id a point, or one id twice.

        Examples
        --------
        >>> index = FacilityIndex.from_lonlat([-87.6, -122.4], [41.9, 37.8], ids=["lake", "bay"])
        >>> index.nearest(lat=40, lon=-90).loc[0, ["facility_id", "status"]].to_list()
        ['lake', 'ok']
        """
        index = cls.__new__(cls)
        index._directory, index.unplaced = None, 0
        names = list(ids)
        index._fill(names, [None] * len(names), lon, lat)
        return index

    def _fill(
        self, ids: Iterable[Hashable], names: Iterable[str | None], lon: ArrayLike, lat: ArrayLike
    ) -> None:
        self._points = DynamicIndex(lon, lat)
        self._ids: list[Any] = list(ids)
        self._names: list[str | None] = list(names)
        self._handle = {facility_id: handle for handle, facility_id in enumerate(self._ids)}
        if not len(self._handle) == len(self._ids) == len(self._points):
            raise ValueError(
                f"expected one id for each of {len(self._points)} points, found {len(self._ids)} ids, "
                f"{len(self._handle)} of them different"
            )
        self._inserted: dict[Hashable, Facility] = {}
        self._lock = RLock()
        self._forget()

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=RLock())

    def _forget(self) -> None:
        """Drop what insertions and removals make stale."""
        self._rank: IntArray | None = None
        self._accepted: dict[str, NDArray[np.bool_]] = {}

    def __len__(self) -> int:
        return len(self._handle)

    def __contains__(self, facility_id: object) -> bool:
        return facility_id in self._handle

    def __repr__(self) -> str:
        kind = "points" if self._directory is None else "facilities"
        mark = "SYNTHETIC " if self._directory is not None and self._directory.synthetic else ""
        return f"{mark}FacilityIndex of {len(self):,} {kind}"

    @_alone
    def nearest(
        self,
        *,
        lat: float,
        lon: float,
        k: int = 1,
        max_cost: str | float | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Find the k nearest facilities that match.

        Parameters
        ----------
        lat, lon
            Where from, degrees, EPSG:4326.
        k
            How many.
        max_cost
            Nothing beyond this, inclusive: ``"30 mi"``, or metres.
        **filters
            What facilities must state, as for [`reach`][iopdir.reach]: `level_of_care`, `payment`,
            `medication` ... The search widens until k that match are
            certain.

        Returns
        -------
        DataFrame
            One row a facility, nearest first: `rank`, `facility_id`, `name`, `distance_m`, `bearing_deg`,
            `status`. Without any answer one row says why: ``"no_facility"`` (none matches at all) or
            ``"beyond_cap"``.

        Raises
        ------
        CoordinateError
            If a coordinate is NaN or not on Earth.
        UnknownNameError
            If a filter has a value that does not exist, or the index holds plain points.
        UnitError
            If the distance cannot be read.
        ValueError
            If `k` is below 1.
        """
        cap, accept = read_limit(max_cost, "m"), self._matching(filters)
        index, distance = self._points.nearest(
            lon, lat, min(k, max(len(self), 1)), max_distance_m=cap, accept=accept, rank=self._order()
        )
        bearing = bearings(*check_lonlat(lon, lat), self._points.lon, self._points.lat, index)
        frame = self._table(pd.RangeIndex(1), (index, distance, bearing), accept).drop(columns="origin")
        return self._signed(frame, filters, k=k, max_cost_m=None if math.isinf(cap) else cap)

    @_alone
    def within(
        self, *, lat: float, lon: float, max_cost: str | float, **filters: Unpack[Filters]
    ) -> pd.DataFrame:
        """List every facility that matches within a distance.

        Parameters
        ----------
        lat, lon
            Where from, degrees, EPSG:4326.
        max_cost
            How far, inclusive: ``"30 mi"``, or metres.
        **filters
            As for `nearest`.

        Returns
        -------
        DataFrame
            As for `nearest`; empty if there is none.

        Raises
        ------
        CoordinateError, UnknownNameError, UnitError
            As for `nearest`.

        Examples
        --------
        >>> index = FacilityIndex.from_lonlat([-87.6, -122.4], [41.9, 37.8], ids=["lake", "bay"])
        >>> index.within(lat=42, lon=-87.6, max_cost="7 mi")["facility_id"].to_list()
        ['lake']
        """
        radius = read_limit(max_cost, "m")
        found, metres = self._points.within(lon, lat, radius)
        accept = self._matching(filters)
        if accept is not None:
            found, metres = found[accept[found]], metres[accept[found]]
        order = np.lexsort((self._order()[found], metres))
        found, metres = found[order], metres[order]
        there = self._points.lon[found], self._points.lat[found]
        bearing = inverse(np.full(found.size, float(lon)), np.full(found.size, float(lat)), *there)[1]
        answer = np.append(found, -1)[None], np.append(metres, np.inf)[None], np.append(bearing, np.nan)[None]
        frame = self._table(pd.RangeIndex(1), answer, accept)
        frame = frame[frame["status"] == "ok"].drop(columns="origin")
        return self._signed(frame, filters, max_cost_m=radius)

    @_alone
    def nearest_many(
        self,
        points: PointsLike,
        *,
        k: int = 1,
        max_cost: str | float | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Find the k nearest facilities that match for many points at once.

        Parameters
        ----------
        points
            As for [`nearest`][iopdir.nearest].
        k, max_cost
            As for `nearest`.
        **filters
            As for `nearest`.

        Returns
        -------
        DataFrame
            As for the function [`nearest`][iopdir.nearest], with the column `origin`.

        Raises
        ------
        CoordinateError, UnknownNameError, UnitError, ValueError
            As for `nearest`; `rows` of the CoordinateError names all bad points.

        Examples
        --------
        >>> index = FacilityIndex.from_lonlat([-87.6, -122.4], [41.9, 37.8], ids=["lake", "bay"])
        >>> homes = pd.DataFrame({"lon": [-90.0, -120.0], "lat": [40.0, 40.0]}, index=["here", "there"])
        >>> index.nearest_many(homes)[["origin", "facility_id", "status"]]
          origin facility_id status
        0   here        lake     ok
        1  there         bay     ok
        """
        homes = read_points(points)
        lon, lat = check_lonlat(homes["lon"], homes["lat"])
        cap, accept = read_limit(max_cost, "m"), self._matching(filters)
        if lon.size > SMALL:
            order = np.argsort(self._order(), kind="stable")
            members = order[(self._points.alive if accept is None else accept)[order]]
            ids = pd.RangeIndex(len(members))
            there = Points(ids=ids, lon=self._points.lon[members], lat=self._points.lat[members], known=ids)
            index, distance, bearing = find_nearest(lon, lat, there, k, cap, few=False)
            index = np.where(index < 0, -1, members[index])
        else:
            index, distance = self._points.nearest(
                lon, lat, min(k, max(len(self), 1)), max_distance_m=cap, accept=accept, rank=self._order()
            )
            bearing = bearings(lon, lat, self._points.lon, self._points.lat, index)
        frame = self._table(homes.index, (index, distance, bearing), accept)
        return self._signed(frame, filters, k=k, max_cost_m=None if math.isinf(cap) else cap)

    @_alone
    def insert(self, facility: Facility) -> None:
        """Add a facility.

        Parameters
        ----------
        facility
            With a known point and an id that is not in the index.

        Raises
        ------
        CoordinateError
            If the facility has no known point.
        ValueError
            If its id is in the index already.
        """
        if facility.facility_id in self:
            raise ValueError(f"facility {facility.facility_id} is in the index already: remove it first")
        lon, lat = facility.location.lon, facility.location.lat
        if lon is None or lat is None:
            raise CoordinateError(f"facility {facility.facility_id} has no known point")
        self._handle[facility.facility_id] = self._points.insert(lon, lat)
        self._ids.append(facility.facility_id)
        self._names.append(facility.name)
        self._inserted[facility.facility_id] = facility
        self._forget()

    @_alone
    def remove(self, facility_id: Hashable) -> None:
        """Take a facility out.

        Parameters
        ----------
        facility_id
            Its id.

        Raises
        ------
        UnknownNameError
            If no facility of the index has that id.
        """
        if facility_id not in self:
            raise UnknownNameError("facility in the index", str(facility_id))
        self._points.remove(self._handle.pop(facility_id))
        self._inserted.pop(facility_id, None)
        self._forget()

    @_alone
    def save(self, path: str | Path) -> None:
        """Write the index to one file, with its version and a checksum.

        Parameters
        ----------
        path
            Where to; an existing file is replaced.
        """
        with TemporaryDirectory() as folder:
            body = Path(folder) / "body"
            if self._directory is None:
                alive = np.flatnonzero(self._points.alive)
                ids = [self._ids[handle] for handle in alive]
                table = {"facility_id": ids, "lon": self._points.lon[alive], "lat": self._points.lat[alive]}
                pd.DataFrame(table).to_parquet(body)
            else:
                self._current().to_parquet(body)
            write_index_file(path, "points" if self._directory is None else "directory", body.read_bytes())

    @classmethod
    def open(cls, path: str | Path) -> FacilityIndex:
        """Read an index that `save` wrote.

        Parameters
        ----------
        path
            The file.

        Returns
        -------
        FacilityIndex
            An index that answers as the saved one did.

        Raises
        ------
        LoadError
            If the file is not an index, is of another version, or is damaged.
        """
        content, data = read_index_file(path)
        if content == "points":
            table = pd.read_parquet(io.BytesIO(data))
            return cls.from_lonlat(table["lon"], table["lat"], ids=table["facility_id"])
        with TemporaryDirectory() as folder:
            body = Path(folder) / "body"
            body.write_bytes(data)
            return cls(Directory.read_parquet(body))

    def _order(self) -> IntArray:
        """Place of each handle's id among all ids, which decides between equally near facilities."""
        if self._rank is None:
            self._rank = np.empty(len(self._ids), dtype=np.int64)
            self._rank[sorted(range(len(self._ids)), key=self._ids.__getitem__)] = np.arange(len(self._ids))
        return self._rank

    def _matching(self, filters: Filters) -> NDArray[np.bool_] | None:
        """Mark the handles that a selection leaves; remembered until something is inserted or removed."""
        asked = plain({"": filters})[""]
        if not asked:
            return None
        if self._directory is None:
            raise UnknownNameError("attribute of plain points", min(asked))
        key = json.dumps(asked, sort_keys=True)
        if key not in self._accepted:
            chosen = narrow(self._current(), filters).table.index
            mask = np.zeros(len(self._ids), dtype=np.bool_)
            mask[[self._handle[facility_id] for facility_id in chosen if facility_id in self._handle]] = True
            self._accepted[key] = mask
        return self._accepted[key]

    def _current(self) -> Directory:
        """Give the directory with what was inserted, without what was removed or replaced."""
        base = cast("Directory", self._directory)
        placed = base.table.index[base.table["lon"].notna()]
        gone = {*placed} - self._handle.keys() | {one for one in self._inserted if one in base}
        if not (gone or self._inserted):
            return base
        return base.remove(sorted(map(str, gone))).add(self._inserted.values())

    def _table(self, labels: pd.Index[Any], answer: Answer, accept: NDArray[np.bool_] | None) -> pd.DataFrame:
        """Write an answer in handles as rows."""
        handles, place = np.unique(answer[0], return_inverse=True)
        known = int((handles < 0).sum())  # the first of the sorted handles may be -1, nothing found
        ids = [self._ids[handle] for handle in handles[known:]]
        dtype = "str" if all(isinstance(facility_id, str) for facility_id in ids) else None
        return long_frame(
            labels,
            np.ones(len(labels), dtype=np.bool_),
            (place.reshape(answer[0].shape) - known, *answer[1:]),
            pd.Index(ids, dtype=dtype),
            pd.Series([self._names[handle] for handle in handles[known:]], dtype="str"),
            nowhere=not (self._points.alive if accept is None else accept).any(),
        )

    def _signed(self, frame: pd.DataFrame, filters: Filters, **parameters: object) -> pd.DataFrame:
        """Add where the answer comes from."""
        about = Provenance() if self._directory is None else self._current().provenance
        asked = {**about.parameters, **parameters, **plain({"": filters})[""]}
        frame.attrs["provenance"] = Provenance.of(about.sources, **asked).to_dict()
        frame.attrs["unplaced_facilities"] = self.unplaced
        return frame
