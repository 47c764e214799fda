"""The account of an intake: every row's fate, every value that was repaired or doubted, and what was understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from itertools import chain
from typing import Any, Final

import pandas as pd

from iopdir.text import TEXT, texts

__all__ = ["ISSUE_COLUMNS", "MERGE_COLUMNS", "Ledger", "Quality", "Reason", "told_of"]

ISSUE_COLUMNS: Final = ("file", "row", "field", "value", "reason", "action")
MERGE_COLUMNS: Final = ("file", "row", "into_row", "facility_id", "evidence", "distance_m")

FEW_PLACED: Final = 0.5
"""A listing in which a smaller share of facilities has a point carries a warning; a choice of this package."""

MANY_UNKNOWN: Final = 0.05
"""So does one in which a larger share of codes is in no edition; likewise."""


class Reason(StrEnum):
    """Why a row was rejected, merged, repaired or flagged."""

    MALFORMED_ROW = "malformed_row"
    SHORT_ROW = "short_row"
    NO_NAME = "no_name"
    NO_PLACE = "no_place"
    DUPLICATE = "duplicate"
    SAME_SITE_FAR_APART = "same_site_far_apart"
    SAME_ID = "same_id"
    ZIP_LOST_ZEROS = "zip_lost_zeros"
    ZIP_MALFORMED = "zip_malformed"
    ZIP_UNPLACED = "zip_unplaced"
    ZIP_OF_OTHER_STATE = "zip_of_other_state"
    STATE_UNKNOWN = "state_unknown"
    STATE_CONTRADICTION = "state_contradiction"
    PHONE_MALFORMED = "phone_malformed"
    WEBSITE_MALFORMED = "website_malformed"
    COORDINATE_MALFORMED = "coordinate_malformed"
    COORDINATE_ZERO = "coordinate_zero"
    COORDINATE_SWAPPED = "coordinate_swapped"
    COORDINATE_SIGN = "coordinate_sign"
    COORDINATE_ELSEWHERE = "coordinate_elsewhere"
    COORDINATE_NEAR_STATE = "coordinate_near_state"
    COORDINATE_FAR_FROM_ZIP = "coordinate_far_from_zip"
    COUNTY_CONTRADICTION = "county_contradiction"
    COUNTY_OF_OTHER_VINTAGE = "county_of_other_vintage"
    COUNTY_NEAREST = "county_nearest"
    COUNTY_CORRECTED = "county_corrected"
    NO_COUNTY_MATCH = "no_county_match"
    UNKNOWN_CODE = "unknown_code"
    NOT_SUBSTANCE_USE = "not_substance_use"


_REJECTING: Final = {Reason.MALFORMED_ROW, Reason.NO_NAME, Reason.NO_PLACE}
_REPAIRING: Final = {
    Reason.ZIP_LOST_ZEROS, Reason.COORDINATE_SWAPPED, Reason.COORDINATE_SIGN, Reason.COORDINATE_ZERO,
    Reason.COORDINATE_MALFORMED, Reason.COORDINATE_ELSEWHERE, Reason.COUNTY_CORRECTED,
}  # fmt: skip


def _no_rows(columns: Iterable[str]) -> pd.DataFrame:
    kinds = {"row": "int64", "into_row": "int64", "distance_m": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, TEXT)) for name in columns})


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """The account of one intake.

    Parameters
    ----------
    rows_in, accepted, merged, rejected
        Rows of the file, and what became of them; the last three add up to the first.
    iop_rows
        Rows that state intensive outpatient care for substance use, before merging.
    issues
        Every rejected, merged, repaired or flagged value: `file, row, field, value, reason, action`.
    merges
        Every row that was merged: `file, row, into_row, facility_id, evidence`, and `distance_m` between their
        points, NaN where one has none of its own.
    columns
        Every column of the file, and what it was read as: `column, read_as`, which is a column of the facility
        table, ``"extra"`` (kept under its own name) or ``"ignored"``.
    missing
        Columns that a listing usually has and this one has not.
    geocoded_by
        Facilities by precision of their point: ``address``, ``zip_centroid``, ``unknown``.
    unknown_codes
        Codes or labels that no edition has, with the number of rows that carry them.
    doubt
        ``"listing_abroad"`` or ``"listing_unplaced"`` where distances from this listing mean little; it stands in the
        `status` of every table in the place of ``"ok"`` and ``"no_facility"``. Mostly empty.
    warnings
        What makes answers from this listing doubtful as a whole, in sentences; mostly empty.
    """

    rows_in: int
    accepted: int
    merged: int
    rejected: int
    iop_rows: int
    issues: pd.DataFrame
    geocoded_by: Mapping[str, int]
    unknown_codes: Mapping[str, int]
    merges: pd.DataFrame = field(default_factory=lambda: _no_rows(MERGE_COLUMNS))
    columns: pd.DataFrame = field(default_factory=lambda: _no_rows(("column", "read_as")))
    missing: tuple[str, ...] = ()
    doubt: str = ""
    warnings: tuple[str, ...] = ()

    def counts(self) -> pd.Series[int]:
        """Issues by reason, the most frequent first."""
        return self.issues["reason"].value_counts()

    @classmethod
    def combine(cls, accounts: Iterable[Quality]) -> Quality:
        """Add several accounts up, as when directories are concatenated."""
        parts = list(accounts)

        def together(name: str) -> Any:  # noqa: ANN401 - as many types as fields
            values = [getattr(part, name) for part in parts]
            if isinstance(values[0], str):
                return next(filter(None, values), "")
            if isinstance(values[0], int):
                return sum(values)
            if isinstance(values[0], pd.DataFrame):
                return pd.concat(values, ignore_index=True)
            if isinstance(values[0], tuple):
                return tuple(dict.fromkeys(chain.from_iterable(values)))
            return dict(sum(map(Counter, values), Counter[str]()))

        return cls(**{name: together(name) for name in cls.__slots__})

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain values that JSON can carry."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: value.to_dict("list") if isinstance(value, pd.DataFrame) else value
            for name, value in plain.items()
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Quality:
        """Read what `to_dict` wrote."""
        tables = {"issues": ISSUE_COLUMNS, "merges": MERGE_COLUMNS, "columns": ("column", "read_as")}
        values = dict(plain)
        for name, columns in tables.items():
            empty = _no_rows(columns)
            values[name] = pd.DataFrame(plain[name], columns=list(columns)).astype(dict(empty.dtypes))
        for name in ("missing", "warnings"):
            values[name] = tuple(plain[name])
        return cls(**values)

    def __repr__(self) -> str:
        return "\n  ".join(self._lines())

    def _lines(self) -> list[str]:
        placed = ", ".join(f"{number:,} {how}" for how, number in self.geocoded_by.items() if number)
        found = ", ".join(f"{number:,} {reason}" for reason, number in self.counts().items())
        sums = f"{self.accepted:,} accepted + {self.merged:,} merged + {self.rejected:,} rejected"
        lines = [
            f"Quality: {self.rows_in:,} rows in = {sums}",
            *(f"WARNING: {warning}" for warning in self.warnings),
            f"placed by: {placed or 'nothing'}",
            f"issues: {found or 'none'}",
        ]
        unread = {
            how: self.columns.loc[self.columns["read_as"] == how, "column"] for how in ("extra", "ignored")
        }
        lines += [f"{how} columns: {', '.join(names)}" for how, names in unread.items() if len(names)]
        return lines + ([f"no column for: {', '.join(self.missing)}"] if self.missing else [])

    def _repr_html_(self) -> str:
        first, *others = (escape(line) for line in self._lines())
        return f"<p><b>{first}</b></p><ul>{''.join(f'<li>{line}</li>' for line in others)}</ul>"


def told_of(table: pd.DataFrame) -> dict[str, Any]:
    """Say of a facility table how it is placed, which codes nobody knows, and what makes it doubtful as a whole.

    Parameters
    ----------
    table
        With `precision`, `county_fips`, `codes` and `unmapped`.

    Returns
    -------
    dict
        `geocoded_by`, `unknown_codes`, `doubt` and `warnings` of a `Quality`.
    """
    precision = Counter(table["precision"].tolist())
    placed = len(table) - precision["unknown"]
    unknown = Counter(code for cell in table["unmapped"] for code in cell)
    codes = int(table["codes"].map(len).sum()) + unknown.total()
    doubt, warnings = "", []
    if len(table) and not (table["county_fips"] != "").any():
        doubt = "listing_abroad"
        warnings.append(
            "no facility lies in the United States: is this another country, or are columns mixed up?"
        )
    elif placed < FEW_PLACED * len(table):
        doubt = "listing_unplaced"
        warnings.append(
            f"only {placed:,} of {len(table):,} facilities have a point: distances and shares leave the others out"
        )
    if unknown.total() > MANY_UNKNOWN * codes:
        warnings.append(
            f"{unknown.total():,} of {codes:,} service codes are in no known edition: levels of care may be missing"
        )
    return {
        "geocoded_by": {how: precision[how] for how in ("address", "zip_centroid", "unknown")},
        "unknown_codes": dict(unknown.most_common()),
        "doubt": doubt,
        "warnings": tuple(warnings),
    }


class Ledger:
    """Collects issues as columns, cheap to append to and read once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._parts: list[pd.DataFrame] = []

    def note(self, reason: Reason, field: str, values: pd.Series[Any]) -> None:
        """Note one line for each value; the index of `values` is the row of the file."""
        if values.empty:
            return
        action = (
            "rejected" if reason in _REJECTING
            else "merged" if reason is Reason.DUPLICATE
            else "repaired" if reason in _REPAIRING
            else "flagged"
        )  # fmt: skip
        columns = (
            self._file,
            values.index.astype("int64"),
            field,
            values.astype(TEXT).to_numpy(),
            reason.value,
            action,
        )
        self._parts.append(pd.DataFrame(dict(zip(ISSUE_COLUMNS, columns, strict=True))))

    def table(self) -> pd.DataFrame:
        """Give the issues in the order of the file."""
        if not self._parts:
            return _no_rows(ISSUE_COLUMNS)
        table = texts(pd.concat(self._parts, ignore_index=True))
        return table.sort_values(["row", "field"], kind="stable", ignore_index=True)
