"""A facility table with its account and its sources: how it comes out of frames and files, and goes into them."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import pandas as pd

from iopdir.directory.corrections import put_right
from iopdir.directory.saved import account_of, load, save
from iopdir.errors import UnknownNameError
from iopdir.intake.quality import Quality
from iopdir.lazy import named
from iopdir.provenance import Provenance, Source
from iopdir.schema.columns import SEPARATOR
from iopdir.schema.frames import as_lists, to_arrow
from iopdir.text import texts

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["FacilityTable", "records_of"]

_SOURCE: dict[str, str] = {
    "name": "source", "edition": "edition", "sha256": "sha256", "licence": "licence", "retrieved": "retrieved",
    "synthetic": "synthetic",
}  # fmt: skip


class FacilityTable:
    """What a [`Directory`][iopdir.Directory] is made of.

    Parameters
    ----------
    frame
        The clean table of the row pipeline, indexed by `facility_id`.
    quality
        The account of the intake.
    provenance
        Where the rows came from.
    """

    def __init__(self, frame: pd.DataFrame, *, quality: Quality, provenance: Provenance) -> None:
        self._frame = texts(frame)
        self._quality = quality
        self._given = provenance

    @property
    def table(self) -> pd.DataFrame:
        """The table itself, lists as tuples: for reading only, since nothing copies it."""
        return self._frame

    @property
    def quality(self) -> Quality:
        """The account of the files this directory was read from, also after a `select`."""
        return self._quality

    @cached_property
    def provenance(self) -> Provenance:
        """Sources of the rows, and the selections made since."""
        rows = self._frame[list(_SOURCE.values())].drop_duplicates()
        sources = [
            Source(**row | {"retrieved": date.fromisoformat(row["retrieved"]) if row["retrieved"] else None})
            for row in records_of(rows.set_axis(list(_SOURCE), axis=1))
        ]
        cited = set(self._frame["location_source"])
        if "listed_in" in self._frame:  # of `combine`
            cited.update(*(cell.split(SEPARATOR) for cell in self._frame["listed_in"].unique()))
        cited -= {source.name for source in sources}
        sources += [source for source in self._given.sources if source.name in cited]
        return Provenance.of(sources or self._given.sources, **self._given.parameters)

    @property
    def synthetic(self) -> bool:
        """Whether any facility is made up."""
        return self.provenance.synthetic

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """Give the table as points on WGS84.

        Returns
        -------
        GeoDataFrame
            EPSG:4326, sorted and indexed by `facility_id`, a fresh copy. `geometry` is None and `lon`, `lat`
            NaN where `precision` is ``"unknown"``; cells of several values are lists. `from_frame` makes the same
            directory of it again.

        Examples
        --------
        >>> import iopdir as iop
        >>> table = iop.demo_directory().select(state="VT", level_of_care="iop").to_geodataframe()
        >>> table["levels_of_care"].map(lambda levels: "iop" in levels).all()
        np.True_
        """
        import geopandas as gpd

        frame = as_lists(self._frame)
        points = gpd.points_from_xy(frame["lon"], frame["lat"], crs="EPSG:4326")
        points[frame["lon"].isna().to_numpy()] = None
        result = gpd.GeoDataFrame(frame, geometry=points)
        result.attrs["provenance"] = self.provenance.to_dict()
        return result

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, name: str = "table") -> Self:
        """Make a directory of a facility table, such as `to_geodataframe` gives, perhaps after a correction.

        Nothing is merged, withheld or moved: ids, precision and levels of care stay as they stand. Only what a
        correction leaves behind is put right and noted: a blank point is taken from the ZIP, and a county follows
        its point.

        Parameters
        ----------
        frame
            With the columns of [`COLUMNS`][iopdir.schema.COLUMNS]; `facility_id` may be the index. Lists may be
            text joined by ``"; "``. Other columns are kept.
        name
            The source of rows that name none.

        Returns
        -------
        Directory
            With an account of its own.

        Raises
        ------
        LoadError
            If a column that every facility has is missing, or a row says what cannot be; the first are named.

        Examples
        --------
        >>> import iopdir as iop
        >>> vermont = iop.demo_directory().select(state="VT")
        >>> again = iop.Directory.from_frame(vermont.to_geodataframe())
        >>> again.table.equals(vermont.table), again.synthetic
        (True, True)
        """
        table, issues = put_right(frame, name)
        about = Provenance.from_dict(frame.attrs.get("provenance", {}))
        quality = account_of(table, issues)
        return cls(table.sort_index(), quality=quality, provenance=about)

    def to_parquet(self, path: str | Path) -> None:
        """Save the facilities with their quality account and provenance; `read_parquet` brings all back.

        Parameters
        ----------
        path
            Where to; an existing file is replaced as a whole, or not at all.
        """
        save(path, self._frame, self._quality, self.provenance)

    @classmethod
    def read_parquet(
        cls, path: str | Path, *, source: Source | None = None, retrieved: date | None = None
    ) -> Self:
        """Read a directory saved by `to_parquet`.

        Parameters
        ----------
        path
            The file.
        source
            What every row is to cite instead of what was saved with it.
        retrieved
            Day the file was obtained, where another is not saved.

        Returns
        -------
        Directory
            As it was saved.

        Raises
        ------
        LoadError
            If the file is not one, or says what cannot be.
        """
        table, quality, about = load(path)
        if source is not None:
            for field, column in _SOURCE.items():
                table[column] = getattr(source, field)
            table["retrieved"] = source.retrieved.isoformat() if source.retrieved else ""
        if retrieved is not None:
            table["retrieved"] = retrieved.isoformat()
        return cls(table, quality=quality, provenance=about)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the table to whatever reads Arrow: `polars.DataFrame(directory)`, `pyarrow.table(directory)`."""
        return to_arrow(self._frame).__arrow_c_stream__(requested_schema)

    def to_excel(self, path: str | Path) -> None:
        """Write a workbook of four sheets: `table, notes, sources, method`; `read_facilities` reads it back.

        Parameters
        ----------
        path
            Where to, ``.xlsx``. No cell is ever a formula.

        Raises
        ------
        UnknownNameError
            If the ending is another.
        """
        self._write(path, ".xlsx")

    def to_file(self, path: str | Path) -> None:
        """Write a GeoPackage or GeoJSON file, lists as text joined by ``"; "``; `read_facilities` reads it back.

        Parameters
        ----------
        path
            Where to, ``.gpkg`` or ``.geojson``.

        Raises
        ------
        UnknownNameError
            If the ending is another.
        """
        self._write(path, ".gpkg", ".geojson")

    def _write(self, path: str | Path, *endings: str) -> None:
        """Hand the directory to what writes every table."""
        ending = Path(path).suffix.lower()
        if ending not in endings:
            raise UnknownNameError("file of this kind with the ending", ending, endings)
        named("exports.write_table")(self, path)


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows as dictionaries."""
    return cast("list[dict[str, Any]]", frame.to_dict("records"))
