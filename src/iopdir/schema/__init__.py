"""The typed records: a facility, a program, and the table they make."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.schema.columns import COLUMNS as COLUMNS
    from iopdir.schema.columns import Column as Column
    from iopdir.schema.facility import Address as Address
    from iopdir.schema.facility import Facility as Facility
    from iopdir.schema.facility import Location as Location
    from iopdir.schema.facility import RowProvenance as RowProvenance
    from iopdir.schema.program import Classification as Classification
    from iopdir.schema.program import Intensity as Intensity
    from iopdir.schema.program import Program as Program

_HOME = {
    "Address": "facility",
    "COLUMNS": "columns",
    "Classification": "program",
    "Column": "columns",
    "Facility": "facility",
    "Intensity": "program",
    "Location": "facility",
    "Program": "program",
    "RowProvenance": "facility",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
