"""What it takes to get from a demand point to a facility: a long table with one unit."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack, cast, get_args

import numpy as np
import pandas as pd

from iopdir.atomic import replacing
from iopdir.errors import LoadError, UnitError, UnknownNameError
from iopdir.geography.points import PointsLike, read_points, to_pandas
from iopdir.provenance import Provenance, Source, file_sha256, sources_of
from iopdir.spatial.geodesy import IntArray
from iopdir.travel.cost import Cost, Unit, read_limit
from iopdir.travel.listed import MatrixWays
from iopdir.travel.sites import Facilities, Filters, Points, Sites, sites
from iopdir.travel.straight import Straight
from iopdir.units import parse_distance

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from iopdir.travel.by_road import Roads

__all__ = ["CostMatrix"]

_COLUMNS: Final = ["origin", "destination", "cost"]
_METADATA_KEY: Final = b"iopdir.cost"


class CostMatrix:
    """Distances or times between demand points and facilities, checked once; immutable.

    Made by `from_frame` (a network or transit matrix of your own), `from_geodesic` (over the ground), or
    `read_parquet`. A pair that is not listed is out of reach. Straight-line measures never need a matrix: they
    run on the points themselves.

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

    def __init__(self, frame: pd.DataFrame, unit: Unit, provenance: Provenance) -> None:
        self._frame = frame
        self._unit = unit
        self._provenance = provenance

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
            One row a pair, pandas or any kind that narwhals knows.
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
        if unit not in get_args(Unit):
            raise UnitError(f"unit must be 'm' or 'min', not {unit!r}: convert the costs first")
        for name in (origin, destination, cost):
            if name not in frame:
                raise UnknownNameError("column", name, map(str, frame.columns))
        table = frame[[origin, destination, cost]].set_axis(_COLUMNS, axis=1)
        table["cost"] = pd.to_numeric(table["cost"], errors="coerce").astype("float64")
        for end in ("origin", "destination"):
            _refuse(table, table[end].isna(), f"no {end}")
        _refuse(table, ~((table["cost"] >= 0) & (table["cost"] < np.inf)), "a cost that is no amount")
        _refuse(table, table.duplicated(["origin", "destination"]), "a second cost")
        table = table.reset_index(drop=True)
        cited = [source] if source else sources_of(frame)
        return cls(table, cast("Unit", unit), Provenance.of(cited, unit=unit))

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
        origin, destination, amount = ways.pairs(limit)
        table = pd.DataFrame(
            {"origin": ends.ids.take(origin), "destination": supply.ids.take(destination), "cost": amount}
        )
        about: dict[str, Any] = {
            "unit": kind.unit,
            f"max_cost_{kind.unit}": None if limit == np.inf else limit,
        }
        if ways.off is not None:
            about["off_network"] = ways.off.about(np.ones(len(ends)))
        sources = [*sources_of(homes), *supply.sources, *kind.sources]
        return cls(table, kind.unit, Provenance.of(sources, **supply.about(), **about))

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
        """Save with unit and provenance, as a whole or not at all; `read_parquet` brings all back."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = {"unit": self._unit, "provenance": self._provenance.to_dict()}
        table = pa.Table.from_pandas(self._frame, preserve_index=False)
        about_bytes = json.dumps(about, sort_keys=True, default=str).encode()
        table = table.replace_schema_metadata({**table.schema.metadata, _METADATA_KEY: about_bytes})
        with replacing(path) as draft:
            pq.write_table(table, draft, compression="zstd")

    @classmethod
    def read_parquet(cls, path: str | Path, *, unit: str | None = None) -> CostMatrix:
        """Read a matrix: one saved by `to_parquet`, or any Parquet file with `origin, destination, cost`.

        Parameters
        ----------
        path
            The file.
        unit
            ``"m"`` or ``"min"``; must be given if the file does not say it.

        Returns
        -------
        CostMatrix
            Checked like any other.

        Raises
        ------
        LoadError
            If it is not such a file.
        UnitError
            If no unit is known, or the one given contradicts the file's.
        ValueError
            If a pair is bad, as in `from_frame`.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        expected = "a Parquet file with origin, destination and cost"
        try:
            table = pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise LoadError(path, expected=expected, found=f"an unreadable file ({error})") from error
        missing = [name for name in _COLUMNS if name not in table.column_names]
        if missing:
            raise LoadError(path, expected=expected, found=f"a table without {', '.join(missing)}")
        text = (table.schema.metadata or {}).get(_METADATA_KEY)
        about = json.loads(text) if text else {}
        said = about.get("unit", unit)
        if said is None:
            raise UnitError(f"{Path(path).name} does not say its unit: give unit='m' or unit='min'")
        if unit not in (None, said):
            raise UnitError(f"{Path(path).name} is in {said}, not {unit}")
        frame = table.to_pandas()
        if about:
            checked = cls.from_frame(frame, unit=said)
            return cls(checked._frame, checked.unit, Provenance.from_dict(about["provenance"]))
        cited = Source(name=Path(path).name, sha256=file_sha256(path))
        return cls.from_frame(frame, unit=said, source=cited)


def _refuse(table: pd.DataFrame, bad: pd.Series[bool], what: str) -> None:
    if bad.any():
        shown = ", ".join(
            f"{row.origin} to {row.destination} ({row.cost}) in row {row.Index}"
            for row in table[bad].head(5).itertuples()
        )
        raise ValueError(f"{int(bad.sum())} of {len(table)} pairs have {what}: {shown}")
