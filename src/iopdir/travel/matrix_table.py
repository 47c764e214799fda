"""The long table of a cost matrix: checked, read from a file, written to one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, cast, get_args

import numpy as np
import pandas as pd

from iopdir.atomic import replacing
from iopdir.errors import LoadError, UnitError, UnknownNameError
from iopdir.limits import MAX_MATRIX_BYTES, csv_table, read_head, read_unpacked
from iopdir.parquet import check_parquet
from iopdir.provenance import Provenance, Source, file_sha256
from iopdir.text import EXACTLY, TEXT, numbers
from iopdir.travel.cost import Unit

__all__ = ["EXPECTED", "check_table", "read_matrix", "write_matrix"]

_COLUMNS: Final = ["origin", "destination", "cost"]
_R5PY: Final = {"origin": "from_id", "destination": "to_id", "cost": "travel_time"}
_TELLING: Final[dict[str, Unit]] = {"duration_min": "min", "distance_m": "m", "travel_time": "min"}
"""Columns of cost whose name tells the unit; the last is r5py's."""

_METADATA_KEY: Final = b"iopdir.cost"
EXPECTED: Final = "a Parquet or CSV file with origin, destination and cost (or duration_min, or distance_m)"


def check_table(
    frame: pd.DataFrame, unit: str, *, origin: str, destination: str, cost: str
) -> tuple[pd.DataFrame, int]:
    """Check a long table of costs.

    Parameters
    ----------
    frame
        One row a pair. Where it has the columns of an r5py `TravelTimeMatrix`, `from_id, to_id, travel_time`, instead
        of the default names, those are taken.
    unit
        ``"m"`` or ``"min"``.
    origin, destination, cost
        Names of its columns.

    Returns
    -------
    tuple[DataFrame, int]
        `origin, destination, cost`, and how many pairs r5py says are out of reach (no travel time).

    Raises
    ------
    UnitError, UnknownNameError, ValueError
        As for `CostMatrix.from_frame`.
    """
    if unit not in get_args(Unit):
        raise UnitError(f"unit must be 'm' or 'min', not {unit!r}: convert the costs first")
    names = {"origin": origin, "destination": destination, "cost": cost}
    if _is_r5py(frame):
        names |= {end: own for end, own in _R5PY.items() if names[end] == end and end not in frame}
    for name in names.values():
        if name not in frame:
            raise UnknownNameError("column", name, map(str, frame.columns))
    table = frame[[*names.values()]].set_axis(_COLUMNS, axis=1)
    nowhere = 0
    if _is_r5py(frame) and names["origin"] == _R5PY["origin"]:
        away = table["cost"].isna()
        table, nowhere = table[~away], int(away.sum())
    table = table.assign(cost=numbers(table["cost"]))
    for end in ("origin", "destination"):
        _refuse(table, table[end].isna(), f"no {end}")
    _refuse(table, ~((table["cost"] >= 0) & (table["cost"] < np.inf)), "a cost that is no amount")
    _refuse(table, table.duplicated(["origin", "destination"]), "a second cost")
    return table.reset_index(drop=True), nowhere


def _is_r5py(frame: pd.DataFrame) -> bool:
    return {_R5PY["origin"], _R5PY["destination"]} <= set(frame.columns)


def _refuse(table: pd.DataFrame, bad: pd.Series[bool], what: str) -> None:
    if bad.any():
        shown = ", ".join(
            f"{row.origin} to {row.destination} ({row.cost}) in row {row.Index}"
            for row in table[bad].head(5).itertuples()
        )
        raise ValueError(f"{int(bad.sum())} of {len(table)} pairs have {what}: {shown}")


def write_matrix(path: str | Path, table: pd.DataFrame, unit: Unit, provenance: Provenance) -> None:
    """Write a table as Parquet, with unit and provenance."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    about = {"unit": unit, "provenance": provenance.to_dict()}
    sheet = pa.Table.from_pandas(table, preserve_index=False)
    metadata = {
        **sheet.schema.metadata,
        _METADATA_KEY: json.dumps(about, sort_keys=True, default=str).encode(),
    }
    with replacing(path) as draft:
        pq.write_table(sheet.replace_schema_metadata(metadata), draft, compression="zstd")


def read_matrix(path: str | Path, unit: str | None) -> tuple[pd.DataFrame, Unit, str, Provenance]:
    """Read a table of costs.

    Parameters
    ----------
    path
        Parquet, or CSV with a header.
    unit
        Of the costs, where the file does not tell.

    Returns
    -------
    tuple[DataFrame, Unit, str, Provenance]
        The rows as they are, the unit, the column of costs, and where they come from.

    Raises
    ------
    LoadError
        If it is no such file.
    UnitError
        If no unit is known, or the one given contradicts the file's.
    """
    frame, about = _read_parquet(path) if _is_parquet(path) else (_read_csv(path), {})
    telling = [name for name in _TELLING if name in frame]
    cost = "cost" if "cost" in frame or not telling else telling[0]
    missing = [name for name in (*_COLUMNS[:2], cost) if name not in frame]
    if missing and not (_is_r5py(frame) and cost in frame):
        raise LoadError(path, expected=EXPECTED, found=f"a table without {', '.join(missing)}")
    said = about.get("unit", _TELLING.get(cost, unit))
    if said is None:
        raise UnitError(f"{Path(path).name} does not say its unit: give unit='m' or unit='min'")
    if unit not in (None, said):
        raise UnitError(f"{Path(path).name} is in {said}, not {unit}")
    if about:
        return frame, said, cost, Provenance.from_dict(about["provenance"])
    cited = Source(name=Path(path).name, sha256=file_sha256(path))
    return frame, cast("Unit", said), cost, Provenance.of([cited], unit=said)


def _is_parquet(path: str | Path) -> bool:
    return read_head(path, 4, expected=EXPECTED) == b"PAR1"


def _read_parquet(path: str | Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    import pyarrow.parquet as pq

    text = check_parquet(path, expected=EXPECTED, matrix=True).get(_METADATA_KEY)
    frame: pd.DataFrame = pq.read_table(path).to_pandas(ignore_metadata=True)
    return frame, json.loads(text) if text else {}


def _read_csv(path: str | Path) -> pd.DataFrame:
    ends = dict.fromkeys((*_COLUMNS[:2], _R5PY["origin"], _R5PY["destination"]), TEXT)
    data = read_unpacked(path, expected=EXPECTED, most=MAX_MATRIX_BYTES)
    return csv_table(path, data, expected=EXPECTED, dtype=ends, **EXACTLY)
