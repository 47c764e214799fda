"""Bytes to raw text rows with line numbers, and clear words where a file is not what it should be."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.errors import LoadError, UnknownNameError

__all__ = ["DEFECT", "file_kind", "read_csv_rows", "read_json", "read_xlsx_sheets", "rows_to_frame"]

DEFECT: Final = "defect"
"""Raw column that says why a row cannot be read at all; blank for nearly all."""

_SIGNATURES: Final = (
    (b"PK\x03\x04", "an XLSX workbook"),
    (b"\xd0\xcf\x11\xe0", "an old XLS workbook"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"%PDF", "a PDF"),
)


def file_kind(path: str | Path) -> str:
    """Say in words what a file is, by its first bytes.

    Returns
    -------
    str
        ``"an empty file"``, ``"an XLSX workbook"``, ``"an old XLS workbook"``, ``"a Parquet file"``,
        ``"a gzip file"``, ``"a PDF"``, ``"an HTML page"``, ``"JSON"`` or ``"text"``.

    Raises
    ------
    LoadError
        If there is no such file.
    """
    path = Path(path)
    if path.is_dir():
        raise LoadError(path, expected="a file", found="a folder")
    try:
        with path.open("rb") as stream:
            head = stream.read(2048)
    except OSError as error:
        raise LoadError(
            path, expected="a file", found=f"none that can be opened ({error.strerror})"
        ) from error
    if not head.strip():
        return "an empty file"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "JSON" if start.startswith((b"{", b"[")) else "text"


def require_kind(path: str | Path, kind: str, *, expected: str) -> None:
    """Raise `LoadError` unless the file is of that kind."""
    found = file_kind(path)
    if found != kind:
        raise LoadError(path, expected=expected, found=found)


def read_text(path: str | Path, *, expected: str, encoding: str = "utf-8") -> str:
    """Read a text file; name the first byte that is not of its encoding."""
    data = Path(path).read_bytes()
    try:
        return data.decode("utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x}, which is not {encoding} (say encoding=..., perhaps 'cp1252')"
        raise LoadError(path, expected=expected, found=byte, line=line) from error
    except LookupError:
        raise UnknownNameError("text encoding", encoding) from None


def read_csv_rows(path: str | Path, *, expected: str, encoding: str = "utf-8") -> pd.DataFrame:
    """Read a CSV file as text.

    Returns
    -------
    DataFrame
        Text, blank where the file is blank; the index `row` is the 1-based line on which a record begins;
        the column `defect` says what is wrong with a record that has too many fields.

    Raises
    ------
    LoadError
        If the file is empty, binary, an HTML page, not of its encoding, or no CSV.
    """
    require_kind(path, "text", expected=expected)
    text = read_text(path, expected=expected, encoding=encoding)
    if "\0" in text:
        raise LoadError(
            path, expected=expected, found="a binary file", line=text[: text.index("\0")].count("\n") + 1
        )
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    records: list[tuple[int, Sequence[str]]] = []
    line = 0
    try:
        for record in reader:
            if record:
                records.append((line + 1, record))
            line = reader.line_num
    except csv.Error as error:
        raise LoadError(
            path, expected=expected, found=f"broken CSV ({error})", line=reader.line_num
        ) from error
    return rows_to_frame(path, records[0][1], records[1:], expected=expected)


def rows_to_frame(
    path: str | Path, header: Sequence[str], records: Iterable[tuple[int, Sequence[str]]], *, expected: str
) -> pd.DataFrame:
    """Lay numbered records under a header; a record with too many fields is marked, not cut."""
    names = [name.strip() for name in header]
    repeated = {name for name in names if names.count(name) > 1 and name}
    if repeated:
        raise LoadError(path, expected=expected, found=f"the column {min(repeated)!r} twice", line=1)
    width = len(names)
    rows, index, defects = [], [], []
    for line, record in records:
        extra = len(record) - width
        rows.append([*record[:width], *[""] * -extra])
        index.append(line)
        defects.append(
            f"{len(record)} fields where the header has {width}" if extra > 0 and any(record[width:]) else ""
        )
    frame = pd.DataFrame(rows, columns=names, index=pd.Index(index, name="row", dtype="int64"), dtype="str")
    frame = frame.loc[:, [bool(name) for name in names]]
    frame[DEFECT] = pd.Series(defects, index=frame.index, dtype="str")
    return frame


def read_xlsx_sheets(path: str | Path, *, expected: str) -> dict[str, Callable[[], list[list[str]]]]:
    """Open a workbook: sheet name -> a function that reads its cells as text.

    Raises
    ------
    LoadError
        If the file is not a whole XLSX workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    require_kind(path, "an XLSX workbook", expected=expected)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
    except (CalamineError, OSError, ValueError) as error:
        raise LoadError(path, expected=expected, found=f"a damaged workbook ({error})") from error

    def reader(name: str) -> Callable[[], list[list[str]]]:
        def read() -> list[list[str]]:
            try:
                cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            except (CalamineError, OSError, ValueError) as error:
                raise LoadError(
                    path, expected=expected, found=f"a damaged sheet {name!r} ({error})"
                ) from error
            return [[_cell(value) for value in row] for row in cells]

        return read

    return {name: reader(name) for name in names}


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def read_json(path: str | Path, *, expected: str) -> object:
    """Read JSON, naming the line where it breaks."""
    require_kind(path, "JSON", expected=expected)
    text = read_text(path, expected=expected)
    try:
        content: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise LoadError(
            path, expected=expected, found=f"broken JSON ({error.msg})", line=error.lineno
        ) from error
    return content
