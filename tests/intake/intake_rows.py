"""SYNTHETIC rows as a loader hands them over."""

import pandas as pd

from iopdir.intake.pipeline import intake
from iopdir.provenance import Source

SOURCE = Source(name="SYNTHETIC rows")
CHICAGO = {"lat": "41.92", "lon": "-87.65"}


def raw(*rows: dict[str, str]) -> pd.DataFrame:
    base = {
        "name": "SYNTHETIC Clinic",
        "street1": "1 Example St",
        "city": "Chicago",
        "state": "IL",
        "zip": "60614",
    }
    table = pd.DataFrame([base | row for row in rows], index=pd.RangeIndex(2, len(rows) + 2)).fillna("")
    for name in ("codes", "unmapped"):
        if name in table:
            table[name] = [tuple(cell) for cell in table[name]]
    return table


def one(**fields: str):
    clean, quality = intake(raw(fields), source=SOURCE)
    assert len(clean) == 1
    return clean.iloc[0], list(quality.issues["reason"])
