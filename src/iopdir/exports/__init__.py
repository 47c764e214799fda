"""What other systems read: HSDS, FHIR, and every table people already use."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.exports.fhir import write_fhir as write_fhir
    from iopdir.exports.hsds import write_hsds as write_hsds
    from iopdir.exports.hsds_read import read_hsds as read_hsds
    from iopdir.exports.tables import to_arrow as to_arrow
    from iopdir.exports.tables import write_table as write_table

_HOME = {
    "read_hsds": "hsds_read",
    "to_arrow": "tables",
    "write_fhir": "fhir",
    "write_hsds": "hsds",
    "write_table": "tables",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
