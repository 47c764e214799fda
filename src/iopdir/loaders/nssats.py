"""N-SSATS, the survey of treatment facilities: totals from its public use file, never its records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.errors import LoadError
from iopdir.limits import csv_table, read_unpacked
from iopdir.provenance import Provenance, Source, file_sha256
from iopdir.text import TEXT, numbers

__all__ = ["SurveyTotals", "read_nssats"]

_EXPECTED: Final = "an N-SSATS public use file (STATE, CTYPE1, CTYPE2 ...)"
_VARIABLES: Final = {
    "outpatient": "CTYPE1",
    "regular_outpatient": "CTYPE3",
    "iop": "CTYPE2",
    "day_treatment": "CTYPEOP",
    "medicaid": "REVCHK5",
    "private_insurance": "REVCHK2",
}
"""Our name -> variable of the 2020 file; 1 means yes (SAMHSA, N-SSATS 2020 codebook)."""
_NO_RECORDS: Final = (
    "survey records are not given out: SAMHSA's terms forbid tying them to named facilities; use by_state()"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyTotals:
    """Totals of one survey year. Its records are not kept, and cannot be had from here.

    SAMHSA's terms forbid finding out which facility a record belongs to; so there is no row to join names to.

    Parameters
    ----------
    table
        Totals by state.
    provenance
        The file.
    """

    table: pd.DataFrame
    provenance: Provenance

    def by_state(self) -> pd.DataFrame:
        """Give the totals of each state.

        Returns
        -------
        DataFrame
            Indexed by `state` (``ZZ`` for other jurisdictions): `facilities, outpatient, regular_outpatient,
            iop, day_treatment, medicaid, private_insurance, iop_medicaid, iop_private_insurance`.
        """
        table = self.table.copy()
        table.attrs["provenance"] = self.provenance.to_dict()
        return table

    @property
    def totals(self) -> pd.Series[int]:
        """Totals of all states and jurisdictions."""
        return self.table.sum().astype("int64").rename("total")

    def __iter__(self) -> None:
        raise TypeError(_NO_RECORDS)

    def __getitem__(self, record: object) -> None:
        raise TypeError(_NO_RECORDS)


def read_nssats(path: str | Path, *, iop_variable: str = "CTYPE2") -> SurveyTotals:
    r"""Read the totals of an N-SSATS (or N-SUMHSS) public use file.

    Parameters
    ----------
    path
        The file as CSV, plain or ``.gz``.
    iop_variable
        Variable that says whether a facility offers intensive outpatient treatment; its name changes between
        surveys.

    Returns
    -------
    SurveyTotals
        Totals by state.

    Raises
    ------
    LoadError
        If the file is not one, or is too large to be one when unpacked.

    Notes
    -----
    Source of the variables: SAMHSA, N-SSATS 2020 codebook. A facility that skipped a question counts as *no*
    in it, as SAMHSA's own tables do.

    Examples
    --------
    >>> import iopdir as iop, pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "SYNTHETIC.csv"
    >>> _ = path.write_text("STATE,CTYPE1,CTYPE2,CTYPE3,CTYPEOP,REVCHK2,REVCHK5\nVT,1,1,1,0,1,1\nVT,1,0,1,,1,1\n")
    >>> iop.read_nssats(path).by_state().loc["VT", ["facilities", "iop", "iop_medicaid"]].tolist()
    [2, 1, 1]
    >>> folder.cleanup()
    """
    variables = _VARIABLES | {"iop": iop_variable}
    survey = _read(path)
    missing = [name for name in ("STATE", *variables.values()) if name not in survey]
    if missing:
        raise LoadError(path, expected=_EXPECTED, found=f"a table without {', '.join(missing)}", line=1)
    table = pd.DataFrame({"facilities": 1}, index=survey.index)
    for name, variable in variables.items():
        table[name] = (numbers(survey[variable]) == 1).astype("int64")
    for payment in ("medicaid", "private_insurance"):
        table[f"iop_{payment}"] = table["iop"] * table[payment]
    totals = table.groupby(survey["STATE"].rename("state").astype(TEXT)).sum()
    source = Source(
        name=Path(path).name, sha256=file_sha256(path), licence="US Government work (public domain)"
    )
    return SurveyTotals(table=totals, provenance=Provenance.of([source], iop_variable=iop_variable))


def _read(path: str | Path) -> pd.DataFrame:
    data = read_unpacked(path, expected=_EXPECTED)
    return csv_table(path, data, expected=_EXPECTED, dtype=TEXT, keep_default_na=False)
