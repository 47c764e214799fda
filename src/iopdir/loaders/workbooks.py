"""Workbooks, looked at before they are opened: a few kilobytes can declare a sheet that fills the memory."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from iopdir.errors import LoadError, UnknownNameError
from iopdir.schema.limits import (
    MAX_CELLS,
    MAX_INFLATED_BYTES,
    MAX_MEMBERS,
    check_size,
    readable,
    too_large,
)

__all__ = ["read_sheets"]

_OF_OTHER_KINDS: Final = {"content.xml", "xl/workbook.bin"}
_ANY: Final = re.compile(rb"<(?:\w+:)?(?:row|c)(?=[\s/>])")
_PLAIN: Final = re.compile(rb"<(?:\w+:)?(?:c r=\"([A-Za-z]{1,9})|row r=\")(\d{1,18})\"")
_TAG: Final = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])(?:[^<>]*?\sr=[\"']([A-Za-z]{0,9})(\d{1,18}))?")
_SHARED: Final = re.compile(rb"\bt=[\"']s[\"'][^<>]*>\s*<(?:\w+:)?v>(\d{1,9})<")
_ITEM: Final = re.compile(rb"<(?:\w+:)?si[\s>]")


def read_sheets(
    path: str | Path, *, expected: str, sheet: str | None = None
) -> Iterator[tuple[str, list[list[object]]]]:
    """Read the sheets of a workbook one after another, each when it is asked for.

    Parameters
    ----------
    path
        The workbook.
    expected
        What to call it in an error.
    sheet
        The only one to read.

    Yields
    ------
    tuple
        Name and cells, the first row at the top of the sheet.

    Raises
    ------
    LoadError
        If it is damaged, or unpacks to more than is read.
    UnknownNameError
        If there is no such sheet.
    """
    from python_calamine import CalamineWorkbook

    check_size(path, expected=expected)
    with readable(path, expected=expected, kind="a damaged workbook"):
        _check(path, expected)
        workbook = CalamineWorkbook.from_path(str(path))
        names = list(workbook.sheet_names)
    if sheet is not None and sheet not in names:
        raise UnknownNameError(f"sheet in {Path(path).name}", sheet, names)
    for name in names if sheet is None else [sheet]:
        with readable(path, expected=expected, kind=f"a damaged sheet {name!r}"):
            cells: list[list[object]] = [
                list(row) for row in workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
        yield name, cells


def _check(path: str | Path, expected: str) -> None:
    """Unpack every file of a workbook once; any of them may be a sheet, or hold the texts that cells share."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        names = {member.filename for member in members}
        if "xl/workbook.xml" not in names or names & _OF_OTHER_KINDS:
            raise LoadError(path, expected=expected, found="a ZIP archive that is no XLSX workbook")
        if len(members) > MAX_MEMBERS:
            raise too_large(path, expected, f"a workbook of {len(members):,} files", MAX_MEMBERS)
        size = sum(member.file_size for member in members)
        if size > MAX_INFLATED_BYTES:
            raise too_large(path, expected, f"a workbook of {size:,} bytes unpacked", MAX_INFLATED_BYTES)
        uses, lengths = Counter[bytes](), list[int]()
        for member in members:
            data = archive.read(member)
            area = _area(data)
            if area > MAX_CELLS:
                raise too_large(path, expected, f"a sheet of {area:,} cells", MAX_CELLS)
            if area:
                uses.update(_SHARED.findall(data))
            if _ITEM.search(data):
                lengths = max(lengths, [len(item) for item in _ITEM.split(data)[1:]], key=len)
    text = sum(lengths[int(place)] * times for place, times in uses.items() if int(place) < len(lengths))
    if text > MAX_INFLATED_BYTES:
        raise too_large(path, expected, f"cells with {text:,} bytes of shared text", MAX_INFLATED_BYTES)


def _area(data: bytes) -> int:
    """Give the cells of the rectangle that a sheet spans from its corner; cells without a reference follow the last."""
    plain = _PLAIN.findall(data)
    if len(plain) == len(_ANY.findall(data)):  # every row and cell says where it is, as they nearly always do
        letters_of, numbers_of = ({one[place] for one in plain} for place in (0, 1))
        return max(map(int, numbers_of), default=0) * max(map(_column, letters_of), default=0)
    row = column = rows = columns = 0
    places = {b"": 0}
    for tag in _TAG.finditer(data):
        kind, letters, number = tag.groups(b"")
        if kind == b"row":
            row, column = int(number or row + 1), 0
            continue
        if letters not in places:
            places[letters] = _column(letters)
        row, column = int(number or max(row, 1)), places[letters] or column + 1
        rows, columns = max(rows, row), max(columns, column)
        if rows * columns > MAX_CELLS:
            break
    return rows * columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
