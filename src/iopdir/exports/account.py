"""What an export could say of a directory, and what it left out because no listing says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.schema.columns import COLUMNS
from iopdir.text import texts

__all__ = ["Mapped", "account_for", "stated_in"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapped:
    """Where a column of the facility table goes in a standard.

    Parameters
    ----------
    column
        Of the facility table; empty for what no listing says.
    element
        Its place in the standard.
    how
        In words, and what becomes of a value that does not fit.
    """

    column: str
    element: str
    how: str


def stated_in(table: pd.DataFrame, column: str) -> int:
    """Count the facilities that state something in a column."""
    if column == "facility_id":
        return len(table)
    values, declared = table[column], COLUMNS[column]
    if declared.many:
        return int(values.map(len).gt(0).sum())
    if declared.kind == "number":
        return int(values.notna().sum())
    return int((values != declared.blank).sum())


def account_for(
    directory: Directory, mapping: Iterable[Mapped], written: Mapping[str, int], **parameters: object
) -> pd.DataFrame:
    """Count what was written against what the directory states.

    Parameters
    ----------
    directory
        What was exported.
    mapping
        Where each column goes.
    written
        Facilities by element.
    **parameters
        For provenance.

    Returns
    -------
    DataFrame
        One row for each of `mapping`: `element`, `column` (blank where no listing says it), `stated` (facilities that
        say it), `written` (facilities in whose record it stands there), `left_out` (all others), `how`.
    """
    rows = []
    for one in mapping:
        stated = stated_in(directory.table, one.column) if one.column else 0
        done = min(stated, written.get(one.element, 0))
        rows.append((one.element, one.column, stated, done, len(directory) - done, one.how))
    table = texts(pd.DataFrame(rows, columns=["element", "column", "stated", "written", "left_out", "how"]))
    about = directory.provenance.to_dict()
    about["parameters"] = {**about["parameters"], **parameters}
    table.attrs["provenance"] = about
    return table
