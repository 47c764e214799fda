"""Any table we return, in the files people already use: workbook, map layers, GeoParquet, CSV, Arrow."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from iopdir.atomic import replacing
from iopdir.directory.directory import Directory
from iopdir.errors import KindError, UnknownNameError
from iopdir.exports.dictionary import PEOPLE, data_dictionary
from iopdir.progress import during
from iopdir.schema.columns import SEPARATOR
from iopdir.text import TEXT

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["csv_text", "to_arrow", "write_table"]

_FORMULA: Final = re.compile(r"^[=+\-@\t\r]")
_DRIVERS: Final = {".gpkg": "GPKG", ".geojson": "GeoJSON"}
_ENDINGS: Final = (".xlsx", ".csv", *_DRIVERS, ".parquet", ".arrow")


def write_table(
    table: pd.DataFrame | Directory, path: str | Path, *, round_people: int | None = None
) -> Path:
    """Write a table in the form that the ending names.

    Parameters
    ----------
    table
        Any table that this package returns, or a directory. For a map, one with geometry.
    path
        ``.xlsx``: a workbook of four sheets, `table, notes, sources, method`. ``.csv``: with a data dictionary beside
        it, `NAME.dictionary.csv`. ``.gpkg`` and ``.geojson``: a map layer. ``.parquet``: GeoParquet 1.1 with the box of
        each shape where there is geometry. ``.arrow``: an Arrow stream.
    round_people
        Round counts of people to multiples of this, 1 for whole people; `gap` stays `people` less `covered`. Not at
        all if not given.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    UnknownNameError
        If the ending is another, or a map is asked of a table without geometry.
    ValueError
        If `round_people` is below 1.
    WriteError
        If the file cannot be written.

    Examples
    --------
    >>> import iopdir as iop, tempfile
    >>> demand, iops = iop.demand_points("zcta", state="VT"), iop.demo_directory().select(level_of_care="iop")
    >>> gaps = iop.coverage_gaps(demand, iops)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = iop.exports.write_table(gaps, f"{folder}/gaps.csv", round_people=1)
    ...     sorted(one.name for one in path.parent.iterdir())
    ['gaps.csv', 'gaps.dictionary.csv']
    """
    place, ending = Path(path), Path(path).suffix.lower()
    if ending not in _ENDINGS:
        raise UnknownNameError("table format with the ending", ending, _ENDINGS)
    facilities = isinstance(table, Directory)
    frame: Any = table.to_geodataframe() if isinstance(table, Directory) else table
    KindError.unless(pd.DataFrame, table=frame)
    about = frame.attrs.get("provenance", {})
    drawn = hasattr(frame, "to_crs")
    if ending in _DRIVERS and not drawn:
        raise UnknownNameError("column", "geometry", map(str, frame.columns))
    frame = _rounded(frame, round_people)
    frame = frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()
    frame.attrs["provenance"] = about
    if ending == ".parquet":
        more = {"schema_version": "1.1.0", "write_covering_bbox": True} if drawn else {}
        with replacing(place) as draft:
            frame.to_parquet(draft, index=False, compression="zstd", **more)
    elif ending == ".arrow":
        _write_stream(to_arrow(frame), place)
    elif ending in _DRIVERS:
        layer: Any = _joined(frame)
        with replacing(place, suffix=ending) as draft:
            called = "facilities" if facilities else "table"
            layer.to_file(draft, driver=_DRIVERS[ending], engine="pyogrio", layer=called)
    else:
        plain = _joined(pd.DataFrame(frame.drop(columns=frame.geometry.name) if drawn else frame))
        notes = data_dictionary(map(str, plain), facilities=facilities)
        if ending == ".csv":
            for name, part in ((place, plain), (place.with_suffix(".dictionary.csv"), notes)):
                with replacing(name) as draft:
                    draft.write_text(csv_text(part), encoding="utf-8")
        else:
            sheets = {"table": plain, "notes": notes, **_account(about)}
            _write_book(sheets, place)
    return place


def to_arrow(table: pd.DataFrame) -> pa.Table:
    """Give a table as Arrow, its index as a column, shapes as GeoArrow, provenance in the metadata of the schema.

    Parameters
    ----------
    table
        Any table of this package.

    Returns
    -------
    pyarrow.Table
        For Polars, DuckDB, R and others.

    Examples
    --------
    >>> import iopdir as iop
    >>> arrow = to_arrow(iop.demo_directory().by_state())
    >>> arrow.column_names[:2], b"iopdir.provenance" in arrow.schema.metadata
    (['state', 'facilities'], True)
    """
    import pyarrow as pa

    frame: Any = table if isinstance(table.index, pd.RangeIndex) else table.reset_index()
    if hasattr(frame, "to_crs"):
        arrow = pa.table(frame.to_arrow(index=False))
    else:
        arrow = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    about = json.dumps(table.attrs.get("provenance", {}), default=str)
    return arrow.replace_schema_metadata({b"iopdir.provenance": about.encode()})


def csv_text(frame: pd.DataFrame, *, round_people: int | None = None) -> str:
    r"""Write a table as CSV: lists joined, no cell or name that a spreadsheet would run; people as for `write_table`.

    Examples
    --------
    >>> csv_text(pd.DataFrame({"name": ["=1+1"], "codes": [["SA", "OP"]]}))
    "name,codes\n'=1+1,SA; OP\n"
    """
    table = _rounded(frame, round_people).copy()
    for name in table:
        if table[name].dtype.kind not in "iufb":
            cells = [_cell(value) for value in table[name]]
            table[name] = pd.Series(cells, index=table.index, dtype="object")
    text: str = table.set_axis(list(map(_cell, table)), axis=1).to_csv(index=False, lineterminator="\n")
    return text


def _cell(value: object) -> object:
    text = SEPARATOR.join(map(str, value)) if isinstance(value, list | tuple) else value
    if not isinstance(text, str):
        return text
    whole = text.replace("\r\n", "\n").replace(
        "\r", "\n"
    )  # which pandas does not quote: the row would be torn
    return f"'{whole}" if _FORMULA.match(text) else whole


def _joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Join the lists of a table for a format that has none."""
    lists = [
        name
        for name in frame
        if frame[name].dtype == object and frame[name].map(lambda cell: isinstance(cell, list | tuple)).any()
    ]
    return frame.assign(**{str(name): frame[name].map(SEPARATOR.join).astype(TEXT) for name in lists})


def _rounded(frame: pd.DataFrame, to: int | None) -> pd.DataFrame:
    if to is None:
        return frame
    if to < 1:
        raise ValueError(f"round_people must be at least 1, not {to}")
    counts = [name for name in PEOPLE if name in frame]
    table = frame.assign(**{name: (frame[name] / to).round() * to for name in counts})
    whole = [name for name in counts if table[name].notna().all()]
    table = table.astype(dict.fromkeys(whole, "int64"))
    return (
        table.assign(gap=table["people"] - table["covered"])
        if {"people", "covered", "gap"} <= {*table}
        else table
    )


def _account(about: dict[str, Any]) -> dict[str, pd.DataFrame]:
    parameters = {"package": about.get("package", ""), **about.get("parameters", {})}
    method = [
        (name, json.dumps(value, ensure_ascii=False, default=str)) for name, value in parameters.items()
    ]
    lost = [{"name": "not known: the table came without its provenance (attrs)"}]
    return {
        "sources": pd.DataFrame(about.get("sources") or lost),
        "method": pd.DataFrame(method, columns=["parameter", "value"]),
    }


@during("Writing the workbook")
def _write_book(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write a workbook; text is text, never a formula or a link."""
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with (
        replacing(path, suffix=".xlsx") as draft,
        pd.ExcelWriter(draft, engine="xlsxwriter", engine_kwargs={"options": plain}) as book,
    ):
        for name, sheet in sheets.items():
            sheet.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))


def _write_stream(table: pa.Table, path: Path) -> None:
    import pyarrow as pa

    with (
        replacing(path) as draft,
        pa.OSFile(str(draft), "wb") as file,
        pa.ipc.new_stream(file, table.schema) as out,
    ):
        out.write_table(table)
