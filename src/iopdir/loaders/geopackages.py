"""GeoPackages, looked at before they are opened: a database of some kilobytes can compute rows without end."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iopdir.errors import LoadError, UnknownNameError
from iopdir.limits import MAX_BYTES, MAX_CELLS, MAX_INFLATED_BYTES, check_size, readable, too_large

if TYPE_CHECKING:
    import sqlite3

    import pandas as pd

__all__ = ["read_layer"]

_INDEX: Final = re.compile(
    r"""\s*CREATE\s+VIRTUAL\s+TABLE\s+(?:\w+|"(?:[^"]|"")*")\s+USING\s+rtree\b""", re.IGNORECASE
)
_VIRTUAL: Final = re.compile(r"\s*CREATE\s+VIRTUAL\b", re.IGNORECASE)
_STORED: Final = 1
"""Of `hidden` of a column: what is above is computed."""


def read_layer(
    path: str | Path,
    *,
    expected: str,
    is_header: Callable[[Sequence[str]], bool],
    layer: str | None = None,
) -> pd.DataFrame:
    """Read a layer of a GeoPackage.

    Parameters
    ----------
    path
        The file.
    expected
        What to call it in an error.
    is_header
        Says of the names of columns whether they are those of a listing.
    layer
        Which; the first with such names, else the first, if not given.

    Returns
    -------
    DataFrame
        Its rows; with geometry where it has some.

    Raises
    ------
    LoadError
        If the file is damaged, computes what it holds, or holds more than is read.
    UnknownNameError
        If there is no such layer.
    """
    import geopandas as gpd

    check_size(path, expected=expected)
    with readable(path, expected=expected, kind="a damaged GeoPackage"):
        _check(path, expected)
        names = gpd.list_layers(path)["name"].tolist()
    if layer is not None and layer not in names:
        raise UnknownNameError(f"layer in {Path(path).name}", layer, names)
    with readable(path, expected=expected, kind="a damaged GeoPackage"):
        fitting = (name for name in names if is_header(list(gpd.read_file(path, layer=name, rows=0))))
        chosen = layer if layer is not None else names[0] if len(names) == 1 else next(fitting, names[0])
        frame: pd.DataFrame = gpd.read_file(path, engine="pyogrio", layer=chosen)
    return frame


def _check(path: str | Path, expected: str) -> None:
    """Refuse what is computed and what lies there once and counts many times; add up what there is."""
    import sqlite3

    where = f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(where, uri=True)) as base:
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_BYTES)
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA ignore_check_constraints = ON")
        schema = base.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        computed = [name for kind, name, sql in schema if kind == "view" or _is_virtual(sql)]
        if computed:
            found = f"a GeoPackage with a view or virtual table ({computed[0]}): save the layer by itself"
            raise LoadError(path, expected=expected, found=found)
        for kind, name, sql in schema:
            if kind == "table" and not _INDEX.match(sql or ""):
                _check_table(base, path, name, expected)


def _is_virtual(sql: str | None) -> bool:
    return bool(_VIRTUAL.match(sql or "")) and not _INDEX.match(sql or "")


def _check_table(base: sqlite3.Connection, path: str | Path, name: str, expected: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    columns = base.execute(f"PRAGMA table_xinfo({quoted})").fetchall()
    if computed := [column for _, column, *_, hidden in columns if hidden > _STORED]:
        found = f"a GeoPackage with a computed column ({name}.{computed[0]})"
        raise LoadError(path, expected=expected, found=found)
    (said,) = base.execute(f"PRAGMA quick_check({quoted})").fetchone()
    if said != "ok":
        raise ValueError(said)
    (rows,) = base.execute(f"SELECT count(*) FROM {quoted}").fetchone()  # noqa: S608 - a name of the file, quoted
    if rows * len(columns) > MAX_CELLS:
        raise too_large(path, expected, f"{rows * len(columns):,} cells in {name}", MAX_CELLS)
    filled = rows * sum(len(default or "") for *_, default, _, _ in columns)  # where a row ends early
    if filled > MAX_INFLATED_BYTES:
        raise too_large(path, expected, f"{filled:,} bytes of defaults in {name}", MAX_INFLATED_BYTES)
