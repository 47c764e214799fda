"""The facility table, derived from its records: every column with its type, its meaning, and where its value lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from iopdir.schema.facility import Facility, Named

__all__ = ["COLUMNS", "SEPARATOR", "Column", "facility_from_row", "row_of_facility"]

SEPARATOR: Final = "; "
"""Between the values of a list where a format has no lists: Excel, CSV, GeoPackage."""

Kind = Literal["text", "number", "whole", "flag", "day"]
_KINDS: Final[dict[type, Kind]] = {
    str: "text",
    float: "number",
    int: "whole",
    bool: "flag",
    date: "day",
}
_BLANKS: Final[dict[Kind, object]] = {
    "text": "",
    "number": float("nan"),
    "whole": 0,
    "flag": False,
    "day": "",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of the facility table.

    Parameters
    ----------
    name
        What it is called in every frame and file.
    kind
        ``"text"``, ``"number"``, ``"whole"`` (an integer), ``"flag"`` or ``"day"`` (written as ISO text).
    many
        Whether a cell is a list.
    required
        Whether every row has a value.
    values
        The only values there are, if they are few.
    meaning
        In words.
    path
        Where the value lies in a [`Facility`][iopdir.Facility].

    Examples
    --------
    >>> import iopdir as iop
    >>> levels = iop.schema.COLUMNS["levels_of_care"]
    >>> levels.kind, levels.many, levels.values[:2]
    ('text', True, ('outpatient', 'iop'))
    """

    name: str
    kind: Kind
    many: bool
    required: bool
    values: tuple[str, ...]
    meaning: str
    path: tuple[str, ...]

    @property
    def blank(self) -> object:
        """What stands in a cell without a value: ``""``, NaN, 0, False or an empty list."""
        return () if self.many else _BLANKS[self.kind]


def _columns(record: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[Column]:
    for name, field in record.model_fields.items():
        kind, values, many = _type(field.annotation)
        if issubclass(kind, BaseModel):
            yield from _columns(kind, (*path, name))
            continue
        yield Column(
            name=next((mark.column for mark in field.metadata if isinstance(mark, Named)), name),
            kind=_KINDS[kind],
            many=many,
            required=field.is_required(),
            values=values,
            meaning=" ".join((field.description or "").split()),
            path=(*path, name),
        )


def _type(annotation: Any) -> tuple[type, tuple[str, ...], bool]:  # noqa: ANN401 - as `typing` writes types
    """Plain type of a field, the values of a choice, and whether it is a tuple of them."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Annotated, Union, UnionType):
        return _type(next(part for part in parts if part is not type(None)))
    if origin is tuple:
        return *_type(parts[0])[:2], True
    if origin is Literal:
        return str, parts, False
    if issubclass(annotation, StrEnum):
        return str, tuple(str(value) for value in annotation), False
    return annotation, (), False


COLUMNS: Final[Mapping[str, Column]] = {column.name: column for column in _columns(Facility)}
"""The columns by name, in order; `facility_id` is the index of a frame."""


def row_of_facility(facility: Facility) -> dict[str, Any]:
    """Write a facility as a row of the table, blanks where it says nothing.

    Examples
    --------
    >>> import iopdir as iop
    >>> facility = next(iter(iop.demo_directory()))
    >>> row = row_of_facility(facility)
    >>> row["precision"], row["synthetic"], facility_from_row(row) == facility
    ('address', True, True)
    """
    row = {}
    for column in COLUMNS.values():
        value: Any = facility
        for name in column.path:
            value = getattr(value, name)
        if value is None:
            value = column.blank
        elif column.kind == "day":
            value = value.isoformat()
        elif column.many:
            value = tuple(map(str, value))
        row[column.name] = value
    return row


def facility_from_row(row: Mapping[str, Any]) -> Facility:
    """Read a facility from a row of the table.

    Raises
    ------
    ValidationError
        If a value is not what the table declares.
    """
    nested: dict[str, Any] = {column.path[0]: {} for column in COLUMNS.values() if len(column.path) > 1}
    for column in COLUMNS.values():
        value = row[column.name]
        if column.many:
            value = tuple(value)
        elif column.kind == "number":
            value = None if value != value else float(value)
        elif column.kind == "flag":
            value = bool(value)
        elif column.kind == "whole":
            value = int(value) or (0 if column.required else None)
        elif column.kind == "day":
            value = date.fromisoformat(value) if value else None
        elif value == "" and not column.required:
            continue
        (nested if len(column.path) == 1 else nested[column.path[0]])[column.path[-1]] = value
    return Facility.model_validate(nested, strict=False)
