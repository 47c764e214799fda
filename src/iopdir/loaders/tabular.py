"""Any other listing: CSV, Parquet, GeoJSON or a GeoDataFrame, with a column mapping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import LoadError, UnknownNameError
from iopdir.loaders.files import DEFECT, file_kind, read_csv_rows, read_json
from iopdir.loaders.listing import build_directory, read_codes

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["read_facilities"]

_ALSO_CALLED: Final = {
    "name1": ("name", "facility_name", "facility", "provider_name"),
    "name2": ("program", "program_name"),
    "street1": ("address1", "address", "street", "street_address"),
    "street2": ("address2", "suite"),
    "city": (),
    "state": ("state_abbr", "stateabbr"),
    "zip": ("zip_code", "zipcode", "postal", "postal_code", "zip5"),
    "county": ("county_name",),
    "phone": ("contact", "telephone", "phone_number"),
    "intake": ("intake1", "intake_phone"),
    "website": ("url", "web"),
    "latitude": ("lat", "y"),
    "longitude": ("lon", "lng", "long", "x"),
    "facility_type": ("type_facility", "typefacility"),
    "codes": ("keys", "service_code_info", "service_codes"),
}
_EXPECTED: Final = "a table of facilities"


def read_facilities(
    source: str | Path | pd.DataFrame | gpd.GeoDataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    edition: str = "2022",
    encoding: str = "utf-8",
    name: str = "",
    retrieved: date | None = None,
) -> Directory:
    """Read any table of facilities.

    Parameters
    ----------
    source
        Path of a CSV, Parquet or GeoJSON file, or a (Geo)DataFrame. A geometry column in any CRS is brought
        to WGS84; shapes other than points count by a point inside them.
    columns
        Our name -> the table's name, for columns that do not go by a usual one. Ours are `name1`, `name2`,
        `street1`, `street2`, `city`, `state`, `zip`, `county`, `phone`, `intake`, `website`, `latitude`,
        `longitude`, `facility_type` and `codes`.
    edition
        Edition of the service codes in `codes`.
    encoding
        Of a CSV file.
    name
        What to call a table that comes without a file.
    retrieved
        Day the table was obtained.

    Returns
    -------
    Directory
        Without a `codes` column no facility states a level of care.

    Raises
    ------
    LoadError
        If the file cannot be read, or has no name column, or nothing to place a facility by.
    UnknownNameError
        If `columns` names a column that is not there, ours or theirs.

    Examples
    --------
    >>> import iopdir as iop, pandas as pd
    >>> table = pd.DataFrame({"Clinic": ["SYNTHETIC One"], "ZIP": ["60614"], "keys": ["SA OP OIT"]})
    >>> directory = iop.read_facilities(table, columns={"name1": "Clinic"}, name="SYNTHETIC table")
    >>> facility, = directory
    >>> facility.location.precision, facility.levels_of_care[1].value
    ('zip_centroid', 'iop')
    """
    path: str | Path | None = None
    if isinstance(source, (str, Path)):
        path, table = source, _table(source, encoding)
    else:
        table = _from_frame(source)
    rows = _rename(table, dict(columns or {}), path or name or "the table")
    if "codes" in rows:
        rows = rows.drop(columns="codes").join(read_codes(rows["codes"], edition=edition))
    return build_directory(
        rows, path=path, name=name or "table", edition=edition if "codes" in rows else "", retrieved=retrieved
    )


def _table(path: str | Path, encoding: str) -> pd.DataFrame:
    kind = file_kind(path)
    if kind == "text":
        return read_csv_rows(path, expected=_EXPECTED, encoding=encoding)
    if kind == "JSON":
        content = read_json(path, expected="GeoJSON")
        if not (isinstance(content, dict) and content.get("type") == "FeatureCollection"):
            raise LoadError(path, expected="a GeoJSON FeatureCollection", found="JSON of another kind")
        import geopandas as gpd

        return _from_frame(gpd.GeoDataFrame.from_features(content["features"], crs="EPSG:4326"))
    if kind == "a Parquet file":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            schema = pq.read_schema(path)
            if b"geo" in (schema.metadata or {}):
                import geopandas as gpd

                return _from_frame(gpd.read_parquet(path))
            return _from_frame(pd.read_parquet(path))
        except (pa.ArrowException, OSError, ValueError) as error:
            raise LoadError(path, expected=_EXPECTED, found=f"a damaged Parquet file ({error})") from error
    raise LoadError(path, expected="a CSV, Parquet or GeoJSON file", found=kind)


def _from_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a frame to text, its geometry to latitude and longitude, its rows to numbers from 1."""
    frame = frame.copy()
    geometry = getattr(frame, "geometry", None)
    if geometry is not None and hasattr(geometry, "to_crs"):
        points = geometry.to_crs("EPSG:4326") if geometry.crs is not None else geometry
        points = points.where(points.geom_type == "Point", points.representative_point())
        name = geometry.name
        frame = pd.DataFrame(frame.drop(columns=name))
        frame["longitude"], frame["latitude"] = points.x, points.y
    text = frame.astype("object").where(frame.notna(), "").astype("str")
    text.index = pd.RangeIndex(1, len(text) + 1, name="row")
    text.columns = text.columns.astype("str")
    return text


def _rename(table: pd.DataFrame, columns: dict[str, str], where: str | Path) -> pd.DataFrame:
    for ours, theirs in columns.items():
        if ours not in _ALSO_CALLED:
            raise UnknownNameError("facility column", ours, _ALSO_CALLED)
        if theirs not in table:
            raise UnknownNameError(f"column of {where}", theirs, table.columns)
    folded = {name.lower().strip().replace(" ", "_"): name for name in reversed(list(table.columns))}
    for ours, others in _ALSO_CALLED.items():
        usual = [folded[name] for name in (ours, *others) if name in folded]
        if usual and ours not in columns and usual[0] not in columns.values():
            columns[ours] = usual[0]
    found = ", ".join(map(repr, list(table.columns)[:8]))
    if "name1" not in columns:
        raise LoadError(
            where, expected=f"{_EXPECTED} with a name column (or columns={{'name1': ...}})", found=found
        )
    if "zip" not in columns and not {"latitude", "longitude"} <= columns.keys():
        raise LoadError(where, expected=f"{_EXPECTED} with a ZIP, or latitude and longitude", found=found)
    rows = pd.DataFrame({ours: table[theirs] for ours, theirs in columns.items()})
    if DEFECT in table:
        rows[DEFECT] = table[DEFECT]
    return rows
