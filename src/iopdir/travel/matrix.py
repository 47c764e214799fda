"""What it takes to get from a demand point to a facility: a long table with one unit."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Final, Literal, Unpack, cast, get_args

import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import LoadError, UnitError, UnknownNameError
from iopdir.geography.points import coordinates
from iopdir.provenance import Provenance, Source, file_sha256, sources_of
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.nearest import Filters
from iopdir.travel.sites import sites
from iopdir.units import parse_distance, parse_duration

__all__ = ["CostMatrix", "Unit", "check_unit", "parse_cost", "read_limit"]

Unit = Literal["m", "min"]
"""Metres or minutes."""

_COLUMNS: Final = ["origin", "destination", "cost"]
_METADATA_KEY: Final = b"iopdir.cost"


def parse_cost(limit: str | float) -> tuple[float, Unit]:
    """Read a limit of distance or time.

    Parameters
    ----------
    limit
        Text with a unit of length or time, or a number of metres.

    Returns
    -------
    tuple[float, Unit]
        Metres and ``"m"``, or minutes and ``"min"``.

    Raises
    ------
    UnitError
        If it is neither.

    Examples
    --------
    >>> parse_cost("30 mi"), parse_cost("0.5 h")
    ((48280.32, 'm'), (30.0, 'min'))
    """
    try:
        return parse_distance(limit), "m"
    except UnitError:
        if not isinstance(limit, str):
            raise
    try:
        return parse_duration(limit), "min"
    except UnitError:
        raise UnitError(
            f"cannot read {limit!r}: write a number and a unit, such as '30 mi' or '20 min'"
        ) from None


def read_limit(limit: str | float | None, cost: CostMatrix | None, what: str) -> tuple[Unit, float]:
    """Read a limit in the unit of the costs: metres in straight lines, else the matrix's.

    Parameters
    ----------
    limit
        As for `parse_cost`; None for no limit.
    cost
        A matrix, or None for straight lines.
    what
        What to call it in an error.

    Returns
    -------
    tuple[Unit, float]
        The unit, and the amount, `inf` for none.

    Raises
    ------
    UnitError
        If it is in another unit, or cannot be read.

    Examples
    --------
    >>> read_limit("30 mi", None, "the limit"), read_limit(None, None, "the limit")
    (('m', 48280.32), ('m', inf))
    """
    amount, given = (math.inf, None) if limit is None else parse_cost(limit)
    unit: Unit = "m" if cost is None else cost.unit
    if given is not None:
        check_unit(given, cost, what)
    return unit, amount


def check_unit(unit: Unit, cost: CostMatrix | None, what: str) -> None:
    """Make sure that a limit is in the unit of the costs.

    Raises
    ------
    UnitError
        If it is not.
    """
    if cost is None and unit != "m":
        raise UnitError(f"{what} is in minutes: give cost=, a CostMatrix in min")
    if cost is not None and unit != cost.unit:
        raise UnitError(f"{what} is in {unit} and the cost matrix in {cost.unit}: they do not mix")


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
        frame: pd.DataFrame,
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
            One row a pair.
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
            If a cost is missing, infinite or negative, or a pair comes twice; the message names pairs.
        """
        if unit not in get_args(Unit):
            raise UnitError(f"unit must be 'm' or 'min', not {unit!r}: convert the costs first")
        for name in (origin, destination, cost):
            if name not in frame:
                raise UnknownNameError("column", name, map(str, frame.columns))
        table = frame[[origin, destination, cost]].set_axis(_COLUMNS, axis=1).reset_index(drop=True)
        table["cost"] = pd.to_numeric(table["cost"], errors="coerce").astype("float64")
        _refuse(table, ~((table["cost"] >= 0) & (table["cost"] < np.inf)), "a cost that is no amount")
        _refuse(table, table.duplicated(["origin", "destination"]), "a second cost")
        cited = [source] if source else sources_of(frame)
        return cls(table, cast("Unit", unit), Provenance.of(cited, unit=unit))

    @classmethod
    def from_geodesic(
        cls,
        demand: pd.DataFrame,
        directory: Directory | pd.DataFrame,
        *,
        max_distance: str | float = "30 mi",
        **filters: Unpack[Filters],
    ) -> CostMatrix:
        """Measure every pair within a distance over the WGS84 ellipsoid.

        Parameters
        ----------
        demand
            Demand points; the index is the id.
        directory
            Facilities.
        max_distance
            Pairs beyond this are left out, inclusive.
        **filters
            As for [`Directory.select`][iopdir.Directory.select].

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
        >>> demand = iop.demand_points("zcta", states="VT")
        >>> cost = iop.CostMatrix.from_geodesic(demand, iop.demo_directory(), max_distance="10 mi")
        >>> bool(cost.to_frame()["cost"].max() <= 16093.44)
        True
        """
        from iopdir.spatial.pairs import within_batch

        limit_m = parse_distance(max_distance)
        supply = sites(directory, **filters)
        origin, destination, metres = within_batch(supply.tree(), *coordinates(demand), limit_m)
        table = pd.DataFrame(
            {
                "origin": demand.index.take(origin),
                "destination": supply.table.index.take(destination),
                "cost": metres,
            }
        )
        about = Provenance.of(
            [*sources_of(demand), *supply.sources], **supply.about(), unit="m", max_distance_m=limit_m
        )
        return cls(table, "m", about)

    def to_frame(self) -> pd.DataFrame:
        """Give the pairs as a fresh table: `origin, destination, cost`."""
        frame = self._frame.copy()
        frame.attrs["provenance"] = self._provenance.to_dict()
        return frame

    def select(self, demand: pd.DataFrame, directory: Directory | pd.DataFrame) -> CostMatrix:
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
        places = sites(directory, located=False)
        keep = self._frame["origin"].isin(demand.index) & self._frame["destination"].isin(places.known)
        return CostMatrix(self._frame[keep].reset_index(drop=True), self._unit, self._provenance)

    def positions(
        self, origins: pd.Index[Any], destinations: pd.Index[Any], known: pd.Index[Any] | None = None
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Translate ids to positions.

        Parameters
        ----------
        origins, destinations
            Ids that positions count in.
        known
            Destinations that may be left out without a word, such as those a filter dropped.

        Returns
        -------
        tuple[IntArray, IntArray, FloatArray]
            Positions in `origins`, positions in `destinations`, cost: one entry a pair.

        Raises
        ------
        UnknownNameError
            If a pair has an id that is in neither; `select` makes a matrix of the pairs that fit.
        ValueError
            If an id stands twice in `origins` or `destinations`.
        """
        ends = []
        for kind, ids, extra in (("origin", origins, None), ("destination", destinations, known)):
            if not ids.is_unique:
                twice = ids[ids.duplicated()][0]
                raise ValueError(f"{kind} {twice!r} stands twice: ids must be unique to look up a cost")
            codes, uniques = pd.factorize(self._frame[kind])
            where = ids.get_indexer(pd.Index(uniques))
            lost = pd.Index(uniques)[where < 0]
            lost = lost if extra is None else lost.difference(extra)
            if len(lost):
                raise UnknownNameError(
                    f"{kind} for {len(lost)} ids of the cost matrix (CostMatrix.select drops them), such as",
                    str(lost[0]),
                    map(str, ids),
                )
            ends.append(where[codes])
        keep = ends[1] >= 0
        return ends[0][keep], ends[1][keep], self._frame["cost"].to_numpy()[keep]

    def to_parquet(self, path: str | Path) -> None:
        """Save with unit and provenance; `read_parquet` brings all back."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = {"unit": self._unit, "provenance": self._provenance.to_dict()}
        table = pa.Table.from_pandas(self._frame, preserve_index=False)
        about_bytes = json.dumps(about, sort_keys=True, default=str).encode()
        pq.write_table(
            table.replace_schema_metadata({**table.schema.metadata, _METADATA_KEY: about_bytes}),
            path,
            compression="zstd",
        )

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
            frame.attrs["provenance"] = about["provenance"]
            return cls.from_frame(frame, unit=said)
        cited = Source(name=Path(path).name, sha256=file_sha256(path))
        return cls.from_frame(frame, unit=said, source=cited)


def _refuse(table: pd.DataFrame, bad: pd.Series[bool], what: str) -> None:
    if bad.any():
        shown = ", ".join(
            f"{row.origin} to {row.destination} ({row.cost})" for row in table[bad].head(5).itertuples()
        )
        raise ValueError(f"{int(bad.sum())} of {len(table)} pairs have {what}: {shown}")
