"""What it takes to get from a demand point to a facility: a long table with one unit."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.geography.points import PointsLike, read_points, to_pandas
from iopdir.limits import readable
from iopdir.provenance import Provenance, Source, sources_of
from iopdir.spatial.geodesy import IntArray
from iopdir.travel.cost import Cost, Unit, read_limit
from iopdir.travel.listed import MatrixWays
from iopdir.travel.matrix_table import EXPECTED, check_table, read_matrix, write_matrix
from iopdir.travel.outside import FromOutside
from iopdir.travel.sites import Facilities, Filters, Points, Sites, sites
from iopdir.travel.straight import Straight
from iopdir.units import parse_distance

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from iopdir.travel.by_road import Roads

__all__ = ["CostMatrix"]


class CostMatrix(FromOutside):
    """Distances or times between demand points and facilities, checked once; immutable.

    Made by `from_frame` (a network or transit matrix of your own, or r5py's), `from_osrm` and `from_valhalla` (a server
    that you run), `from_opentimes` (files), `from_roads`, `from_geodesic` (over the ground), or `read_parquet`. A pair
    that is not listed is out of reach. Straight-line measures never need a matrix: they run on the points themselves.

    Examples
    --------
    >>> import iopdir as iop
    >>> drive = pd.DataFrame({"tract": ["a", "b"], "clinic": ["X", "X"], "minutes": [12.0, 35.0]})
    >>> cost = iop.CostMatrix.from_frame(
    ...     drive, origin="tract", destination="clinic", cost="minutes", unit="min"
    ... )
    >>> cost
    CostMatrix of 2 pairs, 2 origins x 1 destinations, min
    """

    @property
    def unit(self) -> Unit:
        """``"m"`` or ``"min"``."""
        return self._unit

    @property
    def provenance(self) -> Provenance:
        """Where the costs come from."""
        return self._provenance

    @property
    def located(self) -> bool:
        """Whether points are needed: no, ids are enough."""
        return False

    @property
    def sources(self) -> tuple[Source, ...]:
        """What the costs were made from."""
        return self._provenance.sources

    def __len__(self) -> int:
        return len(self._frame)

    def __repr__(self) -> str:
        ends = [self._frame[name].nunique() for name in ("origin", "destination")]
        return (
            f"CostMatrix of {len(self):,} pairs, {ends[0]:,} origins x {ends[1]:,} destinations, {self.unit}"
        )

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame | IntoDataFrame,
        *,
        unit: str,
        origin: str = "origin",
        destination: str = "destination",
        cost: str = "cost",
        source: Source | None = None,
    ) -> CostMatrix:
        """Check a long table of costs.

        Parameters
        ----------
        frame
            One row a pair, pandas or any kind that narwhals knows. A `TravelTimeMatrix` of r5py is taken as it is: its
            pairs without a travel time are out of reach, and left out.
        unit
            ``"m"`` or ``"min"``; nobody else can know it.
        origin, destination, cost
            Names of the columns: ids of demand points, ids of facilities, and the cost between them.
        source
            What to cite.

        Returns
        -------
        CostMatrix
            The same pairs.

        Raises
        ------
        UnitError
            If the unit is neither.
        UnknownNameError
            If a column is missing.
        ValueError
            If an id or a cost is missing, a cost infinite or negative, or a pair comes twice; the message names
            pairs and rows.
        """
        frame = to_pandas(frame)
        table, nowhere = check_table(frame, unit, origin=origin, destination=destination, cost=cost)
        about: dict[str, Any] = {"unit": unit} | ({"pairs_out_of_reach": nowhere} if nowhere else {})
        cited = [source] if source else sources_of(frame)
        return cls(table, cast("Unit", unit), Provenance.of(cited, **about))

    @classmethod
    def from_roads(
        cls,
        roads: Roads,
        origins: PointsLike,
        destinations: Facilities,
        *,
        max_cost: str | float | None = "120 min",
        **filters: Unpack[Filters],
    ) -> CostMatrix:
        """Drive from every origin to every destination within a time.

        Parameters
        ----------
        roads
            A road network.
        origins
            Demand points, or any frame of `lon` and `lat`; the index is the id.
        destinations
            Facilities, or any frame of `lon` and `lat`; the index is the id.
        max_cost
            Pairs beyond this are left out, inclusive: ``"120 min"``, or minutes; None for no limit.
        **filters
            As for [`iop.reach`][iopdir.reach].

        Returns
        -------
        CostMatrix
            In minutes. `provenance` says who is off the network, whose pairs are missing.

        Raises
        ------
        CoordinateError
            If an origin is not on Earth.
        UnitError
            If the time cannot be read.

        Examples
        --------
        >>> import iopdir as iop
        >>> roads = iop.Roads.read_pbf("baltimore.osm.pbf")  # doctest: +SKIP
        >>> iop.CostMatrix.from_roads(roads, tracts, clinics, max_cost="60 min").to_frame()  # doctest: +SKIP
        """
        return cls._measured(roads, origins, destinations, read_limit(max_cost, "min"), filters)

    @classmethod
    def from_geodesic(
        cls,
        demand: PointsLike,
        directory: Facilities,
        *,
        max_cost: str | float = "30 mi",
        **filters: Unpack[Filters],
    ) -> CostMatrix:
        """Measure every pair within a distance over the WGS84 ellipsoid.

        Parameters
        ----------
        demand
            Demand points; the index is the id.
        directory
            Facilities.
        max_cost
            Pairs beyond this are left out, inclusive.
        **filters
            As for [`iop.reach`][iopdir.reach].

        Returns
        -------
        CostMatrix
            In metres.

        Raises
        ------
        CoordinateError
            If a demand point is not on Earth.
        UnitError
            If the distance cannot be read.

        Examples
        --------
        >>> import iopdir as iop
        >>> demand = iop.demand_points("zcta", state="VT")
        >>> cost = iop.CostMatrix.from_geodesic(demand, iop.demo_directory(), max_cost="10 mi")
        >>> bool(cost.to_frame()["cost"].max() <= 16093.44)
        True
        """
        return cls._measured(Straight(), demand, directory, parse_distance(max_cost), filters)

    @classmethod
    def _measured(
        cls, kind: Cost, origins: PointsLike, destinations: Facilities, limit: float, filters: Filters
    ) -> CostMatrix:
        """List what another cost says within a limit."""
        homes, supply = read_points(origins), sites(destinations, **filters)
        ends = Points.of(homes)
        ways = kind.bind(ends, supply)
        about: dict[str, Any] = {f"max_cost_{kind.unit}": None if limit == np.inf else limit}
        if ways.off is not None:
            about["off_network"] = ways.off.about(np.ones(len(ends)))
        return cls._listed(homes, ends, supply, ways.pairs(limit), kind.sources, kind.unit, **about)

    def to_frame(self) -> pd.DataFrame:
        """Give the pairs as a fresh table: `origin, destination, cost`."""
        frame = self._frame.copy()
        frame.attrs["provenance"] = self._provenance.to_dict()
        return frame

    def select(self, demand: PointsLike, directory: Facilities) -> CostMatrix:
        """Keep the pairs between these demand points and these facilities.

        Parameters
        ----------
        demand
            Demand points; the index is the id.
        directory
            Facilities.

        Returns
        -------
        CostMatrix
            A smaller one.
        """
        homes, places = read_points(demand, located=False), sites(directory, located=False)
        keep = self._frame["origin"].isin(homes.index) & self._frame["destination"].isin(places.known)
        return CostMatrix(self._frame[keep].reset_index(drop=True), self._unit, self._provenance)

    def bind(self, people: Points, sites: Sites) -> MatrixWays:
        """Tie demand points to sites by their ids.

        Parameters
        ----------
        people, sites
            Both ends. Ids that a filter or a cut left out are dropped from the matrix too.

        Returns
        -------
        MatrixWays
            The pairs between them.

        Raises
        ------
        UnknownNameError
            If a pair has an id that neither end ever had; `select` makes a matrix of the pairs that fit.
        ValueError
            If an id of the demand points stands twice.
        """
        origin, site = self._find("origin", people), self._find("destination", sites)
        rows = np.flatnonzero((origin >= 0) & (site >= 0))
        amount = self._frame["cost"].to_numpy()
        rows = rows[np.lexsort((site[rows], amount[rows], origin[rows]))]
        return MatrixWays(people, sites, origin[rows], site[rows], amount[rows])

    @cached_property
    def _ends(self) -> dict[str, tuple[IntArray, pd.Index[Any]]]:
        """For each end of the pairs, a number for its id, and the ids: looked up once, however often it is bound."""
        found = {}
        for kind in ("origin", "destination"):
            codes, ids = pd.factorize(self._frame[kind])
            found[kind] = codes.astype(np.int64), pd.Index(ids)
        return found

    def _find(self, kind: str, points: Points) -> IntArray:
        """Positions among some points of one end of each pair, -1 where it was left out."""
        if not points.ids.is_unique:
            twice = points.ids[points.ids.duplicated()][0]
            raise ValueError(f"{kind} {twice!r} stands twice: ids must be unique to look up a cost")
        codes, ids = self._ends[kind]
        where = points.ids.get_indexer(ids)
        lost = ids[where < 0].difference(points.known)
        if len(lost):
            raise UnknownNameError(
                f"{kind} for {len(lost)} ids of the cost matrix (CostMatrix.select drops them), such as",
                str(lost[0]),
                map(str, points.known),
            )
        return where[codes]

    def to_parquet(self, path: str | Path) -> None:
        """Save with unit and provenance; `read_parquet` brings all back.

        Raises
        ------
        WriteError
            If it cannot be written.
        """
        write_matrix(path, self._frame, self._unit, self._provenance)

    @classmethod
    def read_parquet(cls, path: str | Path, *, unit: str | None = None) -> CostMatrix:
        """Read a matrix: one saved by `to_parquet`, or any file with `origin, destination, cost`.

        Parameters
        ----------
        path
            A Parquet file, or CSV with a header. The costs may be called `duration_min` or `distance_m`, which tells
            their unit; a table of r5py is read as it is.
        unit
            ``"m"`` or ``"min"``; must be given if the file does not say it.

        Returns
        -------
        CostMatrix
            Checked like any other.

        Raises
        ------
        LoadError
            If it is not such a file, or a pair is bad, as in `from_frame`.
        UnitError
            If no unit is known, or the one given contradicts the file's.
        """
        with readable(path, expected=EXPECTED, kind="one that cannot be used"):
            frame, said, cost, provenance = read_matrix(path, unit)
            return cls(cls.from_frame(frame, unit=said, cost=cost)._frame, said, provenance)
