"""Workbooks, looked at before they are opened: a few kilobytes can declare a sheet that fills the memory."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from string import ascii_letters, digits
from typing import Final

import numpy as np
from numpy.typing import NDArray

from iopdir.errors import LoadError, UnknownNameError
from iopdir.limits import (
    MAX_CELLS,
    MAX_INFLATED_BYTES,
    MAX_MEMBERS,
    check_size,
    readable,
    too_large,
)

__all__ = ["read_sheets"]

Places = NDArray[np.int64]

_OF_OTHER_KINDS: Final = {"content.xml", "xl/workbook.bin"}
_REFERENCE: Final = 32
_LETTERS, _DIGITS, _NAMES = (
    np.isin(np.arange(256), list(marks.encode()))
    for marks in (ascii_letters, digits, ascii_letters + digits + "_:.-")
)
_PLACE: Final = rb"""r\s*=\s*["']([A-Za-z]*)(?:0(?=\d))*(\d*)"""
_TAG: Final = re.compile(rb"<(?:[^\s<>/]+:)?(row|c)(?=[\s/>])(?:[^<>]*?\s" + _PLACE + rb")?")
_ANY_PLACE: Final = re.compile(rb"(?<![\w:.-])" + _PLACE)
_PREFIXED: Final = re.compile(rb"<[^\s<>/]+:(?:c|row)[\s/>]")
_CLEAN: Final = re.compile(rb"""[^<>]*<(?:\?xml\s)?[^<>"'!?]*(?:(?:"[^"<>]*"|'[^'<>]*')[^<>"'!]*)*>""")
_VALUE: Final = re.compile(rb"<(?:[^\s<>/]+:)?([cv])(?=[\s/>])([^<>]*)>\s*(?:\+?0*(\d{1,9})\s*(?=<))?")
_IS_SHARED: Final = re.compile(rb"""\bt\s*=\s*["']s["']""")
_ITEM: Final = re.compile(rb"<(?:\w+:)?si[\s>]")


def read_sheets(
    path: str | Path, *, expected: str, sheet: str | None = None
) -> Iterator[tuple[str, Sequence[Sequence[object]]]]:
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
            cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
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
        sheets, lengths, uses = list[zipfile.ZipInfo](), list[int](), 0
        for member in members:
            data = archive.read(member)
            cells, area = _cells(data)
            if area > MAX_CELLS:
                raise too_large(path, expected, f"a sheet of {area:,} cells", MAX_CELLS)
            if cells:
                sheets, uses = [*sheets, member], uses + cells
            if _ITEM.search(data):
                listed = [len(item) for item in _ITEM.split(data)[1:]]
                lengths = list(map(max, zip_longest(lengths, listed, fillvalue=0)))
        at_most = uses * max(lengths, default=0)
        if at_most > MAX_INFLATED_BYTES:
            text = sum(_shared(archive.read(member), lengths) for member in sheets)
            if text > MAX_INFLATED_BYTES:
                raise too_large(
                    path, expected, f"cells with {text:,} bytes of shared text", MAX_INFLATED_BYTES
                )


def _shared(data: bytes, lengths: list[int]) -> int:
    """Add up the bytes of shared text that the cells of a sheet take, the longest where that is not plain to see."""
    if not _is_clean(data):
        return len(_TAG.findall(data)) * max(lengths)
    uses, shared = Counter[bytes](), False
    for kind, said, place in _VALUE.findall(data):
        if kind == b"v" and shared:
            uses[place] += 1
        shared = kind == b"c" and bool(_IS_SHARED.search(said))
    return sum(
        times * (lengths[int(place)] if place else max(lengths))
        for place, times in uses.items()
        if not place or int(place) < len(lengths)
    )


def _cells(data: bytes) -> tuple[int, int]:
    """Count the cells of a sheet, and those of the rectangle that it spans from its corner."""
    plain = None if _PREFIXED.search(data) else _plain(data)
    if plain is not None:
        return plain
    named = sum(any(tag.groups()[1:]) for tag in _TAG.finditer(data))
    clear = _is_clean(data) and named == len(_ANY_PLACE.findall(data))
    return _in_order(data) if clear else _at_most(data)


def _is_clean(data: bytes) -> bool:
    """Whether every mark of a tag is one: none in quotes, in text, in a comment."""
    end = 0
    while tag := _CLEAN.match(data, end):
        end = tag.end()
    return data.find(b"<", end) == data.find(b">", end) == -1


def _plain(data: bytes) -> tuple[int, int] | None:
    """Do it at once where every row and cell says first of all where it is, as they nearly always do."""
    byte = np.frombuffer(data + bytes(_REFERENCE), np.uint8)
    tag = np.flatnonzero(byte[:-_REFERENCE] == ord("<")) + 1
    ends = np.zeros(256, dtype=bool)
    ends[list(b" \t\r\n/>")] = True
    row, cell = (_behind(byte, tag, name, ends) for name in (b"row", b"c"))
    at = np.concatenate([row, cell])
    named = np.flatnonzero(byte[:-_REFERENCE] == ord("r"))
    named = named[ends[byte[named + 1]] | (byte[named + 1] == ord("="))]
    if (~_NAMES[byte[named - 1]]).sum() != at.size:  # a place stands where none was looked for
        return None
    if not all(bool((byte[at + step] == mark).all()) for step, mark in enumerate(b' r="')):
        return None
    at += 4
    found = []
    for kinds, first, base in ((_LETTERS, ord("A") - 1, 26), (_DIGITS, ord("0"), 10)):
        number = np.zeros(at.size, dtype=np.int64)
        for _ in range(9):
            more = kinds[byte[at]]
            if not more.any():
                break
            digit = (byte[at] & 0xDF if base == 26 else byte[at]).astype(np.int64) - first
            number, at = np.where(more, number * base + digit, number), at + more
        found.append(int(number[row.size :].max(initial=0)))  # a row without cells takes no room
    return (cell.size, found[0] * found[1]) if (byte[at] == ord('"')).all() else None


def _behind(byte: NDArray[np.uint8], tag: Places, name: bytes, ends: NDArray[np.bool_]) -> Places:
    """Find where the name of each tag that is called so has come to its end."""
    for letter in name:
        tag = tag[byte[tag] == letter] + 1
    return tag[ends[byte[tag]]]


def _in_order(data: bytes) -> tuple[int, int]:
    """Do it one by one; a cell without a reference follows the last."""
    cells = row = column = rows = columns = 0
    for tag in _TAG.finditer(data):
        kind, letters, number = tag.groups(b"")
        if kind == b"row":
            row, column = _row(number) if number else row + 1, 0
            continue
        row = _row(number) if number else max(row, 1)
        column = _column(letters) or column + 1
        cells, rows, columns = cells + 1, max(rows, row), max(columns, column)
        if rows * columns > MAX_CELLS:
            break
    return cells, rows * columns


def _at_most(data: bytes) -> tuple[int, int]:
    """Do it where tags may hide in quotes and comments: every place that is named, and room for what names none."""
    tags = [tag[1] for tag in _TAG.finditer(data)]
    places = {place.groups() for place in _ANY_PLACE.finditer(data)}
    cells = tags.count(b"c")
    rows = max((_row(number) for _, number in places), default=0) + len(tags) - cells
    return cells, max(rows, 1) * (max((_column(letters) for letters, _ in places), default=0) + cells)


def _row(digits: bytes) -> int:
    return int(digits[:18] or 0)


@cache
def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:9].upper():
        number = number * 26 + letter - 64
    return number
