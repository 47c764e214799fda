"""A live index of facilities: ask, insert, remove, save, without waiting."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from iopdir.bundle import open_bundle, write_bundle
from iopdir.directory.directory import Directory
from iopdir.errors import KindError
from iopdir.geography.points import PointsLike, read_points
from iopdir.parquet import check_parquet
from iopdir.provenance import Provenance
from iopdir.schema.facility import Facility
from iopdir.spatial.geodesy import check_lonlat, inverse
from iopdir.text import TEXT
from iopdir.travel.cost import Answer, read_limit
from iopdir.travel.nearest import plain
from iopdir.travel.roster import Roster
from iopdir.travel.sites import Filters
from iopdir.travel.tables import long_frame

__all__ = ["FacilityIndex"]

_KIND, _VERSION, _BODY = "iopdir facility index", 2, "facilities.parquet"

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
        KindError.unless(Directory, directory=directory)
        table = directory.table
        placed = table[table["lon"].notna()]
        self.unplaced = len(table) - len(placed)
        self._roster = Roster(placed.index, placed["name"], placed["lon"], placed["lat"], directory)
        self._lock = RLock()

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
        index, names = cls.__new__(cls), list(ids)
        index.unplaced, index._lock = 0, RLock()
        index._roster = Roster(names, [None] * len(names), lon, lat)
        return index

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=RLock())

    def __len__(self) -> int:
        return len(self._roster)

    def __contains__(self, facility_id: object) -> bool:
        return facility_id in self._roster

    def __repr__(self) -> str:
        directory = self._roster.directory
        kind = "points" if directory is None else "facilities"
        mark = "SYNTHETIC " if directory is not None and directory.synthetic else ""
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
        cap, accept = read_limit(max_cost, "m"), self._roster.matching(filters)
        answer = self._roster.nearest(*check_lonlat(lon, lat), k, cap, accept)
        frame = self._table(pd.RangeIndex(1), answer, accept).drop(columns="origin")
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
        found, metres = self._roster.points.within(lon, lat, radius)
        accept = self._roster.matching(filters)
        if accept is not None:
            found, metres = found[accept[found]], metres[accept[found]]
        order = np.lexsort((self._roster.order()[found], metres))
        found, metres = found[order], metres[order]
        there = self._roster.points.lon[found], self._roster.points.lat[found]
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
        cap, accept = read_limit(max_cost, "m"), self._roster.matching(filters)
        answer = self._roster.nearest(lon, lat, k, cap, accept)
        frame = self._table(homes.index, answer, accept)
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
        self._roster.insert(facility)

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
        self._roster.remove(facility_id)

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
            roster = self._roster
            if roster.directory is None:
                alive = np.flatnonzero(roster.points.alive)
                ids = [roster.ids[handle] for handle in alive]
                table = {"facility_id": ids, "lon": roster.points.lon[alive], "lat": roster.points.lat[alive]}
                pd.DataFrame(table).to_parquet(body)
            else:
                roster.current().to_parquet(body)
            content = "points" if roster.directory is None else "directory"
            members = {_BODY: body.read_bytes()}
            write_bundle(path, members, kind=_KIND, version=_VERSION, about={"content": content})

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
        expected = "an index written by FacilityIndex.save"
        with (
            open_bundle(path, kind=_KIND, version=_VERSION, expected=expected) as bundle,
            TemporaryDirectory() as folder,
        ):
            body = Path(folder) / "body"
            body.write_bytes(bundle.read(_BODY))
            if bundle.about["content"] != "points":
                return cls(Directory.read_parquet(body))
            check_parquet(body, expected=expected)
            table = pd.read_parquet(body)
            return cls.from_lonlat(table["lon"], table["lat"], ids=table["facility_id"])

    def _table(self, labels: pd.Index[Any], answer: Answer, accept: NDArray[np.bool_] | None) -> pd.DataFrame:
        """Write an answer in handles as rows."""
        handles, place = np.unique(answer[0], return_inverse=True)
        known = int((handles < 0).sum())  # the first of the sorted handles may be -1, nothing found
        ids = [self._roster.ids[handle] for handle in handles[known:]]
        dtype = TEXT if all(isinstance(facility_id, str) for facility_id in ids) else None
        return long_frame(
            labels,
            np.ones(len(labels), dtype=np.bool_),
            (place.reshape(answer[0].shape) - known, *answer[1:]),
            pd.Index(ids, dtype=dtype),
            pd.Series([self._roster.names[handle] for handle in handles[known:]], dtype=TEXT),
            nowhere=not (self._roster.points.alive if accept is None else accept).any(),
        )

    def _signed(self, frame: pd.DataFrame, filters: Filters, **parameters: object) -> pd.DataFrame:
        """Add where the answer comes from."""
        about = Provenance() if self._roster.directory is None else self._roster.current().provenance
        asked = {**about.parameters, **parameters, **plain({"": filters})[""]}
        frame.attrs["provenance"] = Provenance.of(about.sources, **asked).to_dict()
        frame.attrs["unplaced_facilities"] = self.unplaced
        return frame
