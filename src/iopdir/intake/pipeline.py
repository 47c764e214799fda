"""The one row pipeline: raw rows in, clean facilities and an account of every change out.

Normalise, validate, place, merge, quarantine. Nothing is dropped in silence:
``rows_in == accepted + merged + rejected``, and every repair is a line in the quality table.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from iopdir.intake.codes import read_meanings
from iopdir.intake.fields import INPUTS, read_fields
from iopdir.intake.identity import merge_sites
from iopdir.intake.placing import place_rows
from iopdir.intake.quality import Ledger, Quality, Reason, told_of
from iopdir.progress import during
from iopdir.provenance import Source
from iopdir.schema.columns import COLUMNS
from iopdir.schema.frames import typed
from iopdir.text import TEXT
from iopdir.vocabulary.taxonomy import LevelOfCare

__all__ = ["intake"]


@during("Going through the rows")
def intake(raw: pd.DataFrame, *, source: Source, prefix: str = "F") -> tuple[pd.DataFrame, Quality]:
    """Turn raw rows into clean facilities.

    Parameters
    ----------
    raw
        Columns out of `INPUTS` (missing ones count as blank) and any others, which are kept; indexed by the row of
        the file.
    source
        The file; every row names it. Rows whose name starts with SYNTHETIC are made up, whatever the file says.
    prefix
        First part of the ids.

    Returns
    -------
    tuple[DataFrame, Quality]
        The facilities with the columns of `COLUMNS` and what the listing has besides, sorted and indexed by
        `facility_id`; and the account.
    """
    extra = [name for name in raw if name not in INPUTS]
    rows = pd.DataFrame({name: _given(raw, name) for name in INPUTS}, index=raw.index).join(raw[extra])
    ledger = Ledger(source.name)
    read_fields(rows, ledger)
    unmapped = rows["unmapped"].explode().dropna().astype(TEXT)
    ledger.note(Reason.UNKNOWN_CODE, "codes", unmapped)

    rows = _reject(rows, ledger)
    place_rows(rows, source.name, ledger)
    read_meanings(rows, ledger)
    iop_rows = sum(LevelOfCare.IOP in levels for levels in rows["levels_of_care"])
    rows, merges = merge_sites(rows, prefix=prefix, file=source.name, ledger=ledger)
    again = rows["facility_id"].isin(merges["facility_id"])
    joined = rows[again].copy()
    read_meanings(joined, Ledger(""))  # once more, since merging joined their codes
    rows = pd.concat([rows[~again], joined])
    _sign(rows, source)
    clean = typed(rows)[[*list(COLUMNS)[1:], *extra]].sort_index()

    quality = Quality(
        rows_in=len(raw),
        accepted=len(clean),
        merged=len(merges),
        rejected=len(raw) - len(clean) - len(merges),
        iop_rows=iop_rows,
        issues=ledger.table(),
        merges=merges,
        **told_of(clean),
    )
    return clean, quality


def _given(raw: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name in ("codes", "unmapped"):
        return raw[name] if name in raw else pd.Series([()] * len(raw), raw.index, dtype="object")
    if name not in raw:
        return pd.Series("", raw.index, dtype="object")
    return raw[name].astype("object").where(raw[name].notna(), "")


def _reject(rows: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    broken = rows["defect"] != ""
    nameless = ~broken & (rows["name"] == "")
    adrift = ~broken & ~nameless & (rows[["state", "zip", "lat"]] == "").all(axis=1)
    ledger.note(Reason.MALFORMED_ROW, "row", rows.loc[broken, "defect"])
    ledger.note(Reason.SHORT_ROW, "row", rows.loc[~broken & (rows["short"] != ""), "short"])
    ledger.note(Reason.NO_NAME, "name", rows.loc[nameless, "name"])
    ledger.note(Reason.NO_PLACE, "state, zip, lat", rows.loc[adrift, "name"])
    return rows.loc[~broken & ~nameless & ~adrift].copy()


def _sign(rows: pd.DataFrame, source: Source) -> None:
    """Write into each row where it comes from."""
    rows["source"], rows["edition"], rows["sha256"] = source.name, source.edition, source.sha256
    rows["licence"] = source.licence
    rows["retrieved"] = source.retrieved.isoformat() if source.retrieved else ""
    rows["source_row"] = rows.index.astype("int64")
    rows["synthetic"] = source.synthetic | rows["name"].str.startswith("SYNTHETIC")
