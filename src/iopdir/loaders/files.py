"""Bytes to rows with line numbers, and clear words where a file is not what it should be."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.errors import LoadError, UnknownNameError
from iopdir.limits import (
    MAX_TEXT_CELLS,
    check_names,
    check_nesting,
    check_width,
    read_head,
    read_whole,
    readable,
    too_large,
)
from iopdir.loaders.geopackages import read_layer
from iopdir.loaders.records import rows_of_frame, rows_of_records
from iopdir.loaders.rows import Rows, cell, refuse_half_letters
from iopdir.loaders.workbooks import read_sheets
from iopdir.parquet import check_parquet
from iopdir.progress import during
from iopdir.text import TEXT

__all__ = ["file_kind", "read_json", "read_rows"]

_SIGNATURES: Final = (
    (b"PK\x03\x04", "an XLSX workbook"),
    (b"\xd0\xcf\x11\xe0", "an old XLS workbook"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "a GeoPackage"),
    (b"\x1f\x8b", "a gzip file"),
    (b"%PDF", "a PDF"),
)
_DELIMITERS: Final = ",;\t|"
_PREAMBLE_ROWS: Final = 20


def file_kind(path: str | Path) -> str:
    """Say in words what a file is, by its first bytes.

    Returns
    -------
    str
        ``"an empty file"``, ``"an XLSX workbook"``, ``"an old XLS workbook"``, ``"a Parquet file"``,
        ``"a GeoPackage"``, ``"a gzip file"``, ``"a PDF"``, ``"an HTML page"``, ``"JSON"`` or ``"text"``.

    Raises
    ------
    LoadError
        If there is no such file.
    """
    head = read_head(path, 2048, expected="a file or a snapshot store")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        return "an empty file"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "JSON" if start.startswith((b"{", b"[")) else "text"


@during("Reading the file")
def read_rows(
    path: str | Path,
    *,
    expected: str,
    is_header: Callable[[Sequence[str]], bool],
    encoding: str = "utf-8",
    sheet: str | None = None,
) -> Rows:
    """Read a table from a file of any kind.

    Parameters
    ----------
    path
        CSV (comma, semicolon, tab or bar), XLSX, JSON (records, records under one key, one a line, or GeoJSON),
        Parquet or GeoPackage.
    expected
        What to call it in an error.
    is_header
        Says of a row of a workbook whether it names the columns; it may stand under a preamble.
    encoding
        Of a text file.
    sheet
        Of a workbook, or layer of a GeoPackage; the first with a header if not given.

    Returns
    -------
    Rows
        Its rows.

    Raises
    ------
    LoadError
        If it cannot be read.
    UnknownNameError
        If there is no such sheet or encoding.
    """
    kind = file_kind(path)
    if kind == "text":
        return _csv_rows(path, expected, encoding)
    if kind == "JSON":
        return rows_of_records(path, read_json(path, expected=expected, encoding=encoding), expected=expected)
    if kind == "an XLSX workbook":
        return _sheet_rows(path, expected, is_header, sheet)
    if kind == "a GeoPackage":
        frame = read_layer(path, expected=expected, is_header=is_header, layer=sheet)
        return rows_of_frame(frame, where=path, expected=expected)
    if kind == "a Parquet file":
        return _parquet_rows(path, expected)
    raise LoadError(path, expected=expected, found=kind)


# --- text --------------------------------------------------------------------------------------------------


def _text(path: str | Path, expected: str, encoding: str) -> str:
    """Read a text file; name the first byte that is not of its encoding."""
    data = read_whole(path, expected=expected)
    try:
        known = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise UnknownNameError("text encoding", encoding) from None
    try:
        with readable(path, expected=expected, kind=f"bytes that are not {encoding}"):
            text = str(data, "utf-8-sig" if known == "utf-8" else encoding)
    except LoadError as error:
        if not isinstance(error.__cause__, UnicodeDecodeError):
            raise
        start = error.__cause__.start
        line = data.count(b"\n", 0, start) + 1
        byte = f"byte 0x{data[start]:02x}, which is not {encoding} (say encoding=..., perhaps 'cp1252')"
        raise LoadError(path, expected=expected, found=byte, line=line) from error
    refuse_half_letters(text, path, expected=expected)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise LoadError(path, expected=expected, found="a binary file", line=line)
    return text


def _csv_rows(path: str | Path, expected: str, encoding: str) -> Rows:
    text = _text(path, expected, encoding)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    records: list[tuple[int, Sequence[str]]] = []
    line = fields = 0
    try:
        for record in reader:
            if record:
                records.append((line + 1, record))
                fields += max(len(record), len(records[0][1]))
                if fields > MAX_TEXT_CELLS:
                    raise too_large(path, expected, f"{fields:,} cells or more", MAX_TEXT_CELLS)
            line = reader.line_num
    except csv.Error as error:
        found = f"broken CSV ({error})"
        raise LoadError(path, expected=expected, found=found, line=reader.line_num) from error
    if not records:
        raise LoadError(path, expected=expected, found="an empty file")
    check_width(path, len(records[0][1]), expected=expected)
    return _under_header(path, records[0][1], records[1:], expected=expected)


def _under_header(
    path: str | Path, header: Sequence[str], records: Iterable[tuple[int, Sequence[str]]], *, expected: str
) -> Rows:
    """Lay numbered records under a header; one with too many fields or too few is marked, not cut or filled unsaid."""
    names = [name.strip() or f"column {number}" for number, name in enumerate(header, start=1)]
    check_names(path, names, expected=expected)
    width = len(names)
    rows, index, defects, short = [], [], [], []
    for line, record in records:
        extra = len(record) - width
        counts = f"{len(record)} fields where the header has {width}" if extra else ""
        rows.append([*record[:width], *[""] * -extra] if extra else record)
        index.append(line)
        defects.append(counts if extra > 0 and any(record[width:]) else "")
        short.append(counts if extra < 0 else "")
    labels = pd.Index(index, name="row", dtype="int64")
    table = pd.DataFrame(rows, columns=names, index=labels, dtype="object")
    nameless = [name for name, given in zip(names, header, strict=True) if not given.strip()]
    table = table.drop(columns=[name for name in nameless if (table[name] == "").all()])
    marks = (pd.Series(given, index=labels, dtype=TEXT) for given in (defects, short))
    return Rows(table=table, defects=next(marks), short=next(marks))


# --- workbooks ---------------------------------------------------------------------------------------------


def _sheet_rows(
    path: str | Path, expected: str, is_header: Callable[[Sequence[str]], bool], sheet: str | None
) -> Rows:
    names = []
    for name, cells in read_sheets(path, expected=expected, sheet=sheet):
        names.append(name)
        for number, row in enumerate(cells[:_PREAMBLE_ROWS]):
            header = [cell(value) for value in row]
            if is_header(header):
                records = (
                    (line, [value if type(value) is str else cell(value) for value in record])
                    for line, record in enumerate(cells[number + 1 :], start=number + 2)
                    if any(record) or any(value not in ("", None) for value in record)
                )
                return _under_header(path, header, records, expected=expected)
    raise LoadError(
        path,
        expected=f"{expected}, its columns named in one of the first {_PREAMBLE_ROWS} rows of a sheet",
        found=f"no such row in {', '.join(map(repr, names[:20])) or 'a workbook without sheets'}",
    )


# --- JSON and frames -----------------------------------------------------------------------------------------


def read_json(path: str | Path, *, expected: str, encoding: str = "utf-8") -> object:
    """Read JSON, or one JSON record a line; name the line where it breaks.

    Raises
    ------
    LoadError
        If it is neither.
    """
    text = _text(path, expected, encoding)
    check_nesting(path, text, expected=expected)
    content = _json(path, text, expected)
    if "\\u" in text:
        refuse_half_letters(json.dumps(content, ensure_ascii=False), path, expected=expected)
    return content


def _json(path: str | Path, text: str, expected: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data" or error.lineno < 2:
            raise _broken(path, expected, error, error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise _broken(path, expected, error, None) from error
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise _broken(path, expected, error, number) from error
    return records


def _broken(path: str | Path, expected: str, error: Exception, line: int | None) -> LoadError:
    words = error.msg if isinstance(error, json.JSONDecodeError) else str(error) or type(error).__name__
    return LoadError(path, expected=expected, found=f"broken JSON ({words[:200]})", line=line)


def _parquet_rows(path: str | Path, expected: str) -> Rows:
    import geopandas as gpd

    about = check_parquet(path, expected=expected)
    with readable(path, expected=expected, kind="a damaged Parquet file"):
        frame: pd.DataFrame = gpd.read_parquet(path) if b"geo" in about else pd.read_parquet(path)
    return rows_of_frame(frame, where=path, expected=expected)
