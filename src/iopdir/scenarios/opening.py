"""What opens and what closes, however it is said: words, points, rows of a listing, ids, filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final, Protocol, TypeAlias, cast

import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.directory.select import chosen
from iopdir.errors import CoordinateError, UnknownNameError
from iopdir.geography.boundaries import states
from iopdir.geography.points import PointsLike, read_points
from iopdir.schema.columns import row_of_facility
from iopdir.schema.facility import Facility
from iopdir.schema.frames import is_ours
from iopdir.text import TEXT
from iopdir.travel.nearest import GROUPABLE
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Filters

__all__ = ["Closing", "Opening", "closing", "fresh_ids", "opening", "planned", "to_listing"]


class Opens(Protocol):
    """A plan: it has rows of new sites."""

    @property
    def new_sites(self) -> pd.DataFrame:
        """Rows as `Reach.open` takes them."""


Opening: TypeAlias = "PointsLike | Directory | Facility | Opens"
"""Words (``"79903"``, ``"one at ZIP 79903"``), points, a frame, a directory or a facility of one, a plan."""

Closing: TypeAlias = (
    "str | Iterable[Hashable] | Mapping[str, Any] | Directory | Callable[[pd.DataFrame], Iterable[bool]]"
)
"""An id or several, filters by name, the facilities of a directory, or a function of the table that marks rows."""

_SPOKEN: Final = re.compile(r"^\s*one\s+(?:at|in)\s+(?:ZIP\s+)?", re.IGNORECASE)
_SOURCE: Final = "planned with iopdir"


def opening(reach: Reach, given: Opening) -> pd.DataFrame:
    """Read what opens as rows with ids that nobody has yet.

    Parameters
    ----------
    reach
        Beside which facilities.
    given
        What opens.

    Returns
    -------
    DataFrame
        Rows to hand to `Reach.open`; columns as in the reach's own facilities, if these are of a directory.

    Raises
    ------
    CoordinateError
        If a place has no point, and the costs need one.
    UnknownNameError
        If a place is not known.
    """
    if hasattr(given, "new_sites"):
        return cast("pd.DataFrame", given.new_sites)
    table = _table(given, located=reach.cost.located)
    if reach.cost.located:
        off = ~((table["lon"].abs() <= 180) & (table["lat"].abs() <= 90)).to_numpy()
        if off.any():
            raise CoordinateError(
                f"{table.index[off][0]!r} cannot open: nobody knows where it is", rows=np.flatnonzero(off)
            )
    return planned(reach, table)


def _table(given: Any, *, located: bool) -> pd.DataFrame:  # noqa: ANN401 - all that may open
    if isinstance(given, Directory):
        return given.table
    if isinstance(given, Facility):
        return pd.DataFrame([row_of_facility(given)]).set_index("facility_id")
    if isinstance(given, pd.Series) and {"lon", "lat"} <= set(given.index):
        return given.to_frame().T
    if isinstance(given, str):
        given = _SPOKEN.sub("", given)
    elif isinstance(given, list | tuple):
        given = [_SPOKEN.sub("", one) if isinstance(one, str) else one for one in given]
    return read_points(given, located=located)


def planned(reach: Reach, table: pd.DataFrame) -> pd.DataFrame:
    """Give places to open the columns of the facilities there are, and ids of their own.

    What the facilities were selected for, new ones state too: among those that state intensive outpatient care a new
    one does as well.
    """
    table = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    table.attrs = {}
    labels = table.index
    table = table.astype({"lon": "float64", "lat": "float64"})
    if reach.cost.located:
        table.index = fresh_ids(labels, reach.sites.ids)
    if not is_ours({*reach.sites.table, "facility_id"}):
        return table
    mark = "SYNTHETIC planned site" if reach.provenance().synthetic else "Planned site"
    blank = pd.Series([f"{mark} {label}" for label in labels], index=table.index)
    named = (
        table["name"].astype("object") if "name" in table else pd.Series(pd.NA, table.index, dtype="object")
    )
    table["name"] = named.where(named.notna() & (named != ""), blank)
    if not is_ours({*table, "facility_id"}):
        keep = [name for name in ("name", "lon", "lat", "zip", "city", "website") if name in table]
        table = table[keep].assign(
            precision="address", county_match="none", location_source=_SOURCE, source=_SOURCE
        )
    for filters in reach.sites.selected.get("select", []):
        for name, values in filters.items():
            _state(table, name, values)
    table.index = table.index.map(str).rename("facility_id")
    rows = Directory.from_frame(table, name=_SOURCE).table.loc[table.index].copy()
    postal = rows["county_fips"].str[:2].map(states()["state"]).fillna("")
    rows["state"] = rows["state"].where(rows["state"] != "", postal)
    rows.attrs = {}
    return rows


def _state(table: pd.DataFrame, name: str, values: Any) -> None:  # noqa: ANN401 - a flag or words
    if name == "telehealth":
        table[name] = bool(values)
    elif name == "codes" or (name in GROUPABLE and name not in ("facility_state", "facility_county")):
        column = GROUPABLE.get(name, name)
        have = table[column] if column in table else pd.Series([()] * len(table), index=table.index)
        cells = [tuple(dict.fromkeys([*cell, *values])) for cell in have]
        table[column] = pd.Series(cells, index=table.index, dtype="object")


def fresh_ids(ids: pd.Index[Any], taken: pd.Index[Any]) -> pd.Index[Any]:
    """Keep ids that are free; give others one that is, of the kind there is.

    Examples
    --------
    >>> fresh_ids(pd.Index(["a", "79903"]), pd.Index(["a", "b"])).tolist()
    ['new-a', '79903']
    >>> fresh_ids(pd.Index([0, 7]), pd.Index([0, 1])).tolist()
    [8, 7]
    """
    if ids.is_unique and taken.inferred_type == "integer" and ids.inferred_type == "integer":
        top = max([*taken, *ids], default=-1)
        spare = iter(range(top + 1, top + 1 + len(ids)))
        return pd.Index([next(spare) if one in taken else one for one in ids])
    if len(taken) and taken.inferred_type == "integer":
        top = int(taken.max())
        return pd.Index(range(top + 1, top + 1 + len(ids)))
    used, out = set(taken.map(str)), list[str]()
    for one in map(str, ids):
        name, turn = one, 1
        while name in used:
            name, turn = (f"new-{one}" if turn == 1 else f"new-{one}-{turn}"), turn + 1
        used.add(name)
        out.append(name)
    return pd.Index(out, dtype=TEXT)


def closing(reach: Reach, given: Closing) -> pd.Index[Any]:
    """Read what closes as ids.

    Parameters
    ----------
    reach
        Among which facilities.
    given
        What closes.

    Returns
    -------
    Index
        Ids, each once.

    Raises
    ------
    UnknownNameError
        If an id, a filter or a column is not known.
    """
    table = reach.sites.table
    if isinstance(given, Directory | pd.DataFrame):
        ids = (given.table if isinstance(given, Directory) else given).index
    elif isinstance(given, Mapping):
        ids = _filtered(reach, given)
    elif callable(given):
        ids = table.index[np.asarray(given(table), dtype=bool)]
    else:
        ids = pd.Index([given] if isinstance(given, str) else list(given))
    lost = ids[~ids.isin(table.index)]
    if len(lost):
        raise UnknownNameError("facility within this reach", str(lost[0]), map(str, table.index))
    return ids[~ids.duplicated()]


def _filtered(reach: Reach, filters: Mapping[str, Any]) -> pd.Index[Any]:
    table = reach.sites.table
    if is_ours({*table, "facility_id"}):
        for name in filters:
            if name not in Filters.__annotations__:
                raise UnknownNameError("filter of facilities", name, Filters.__annotations__)
        keep, _ = chosen(table, {name.removeprefix("facility_"): one for name, one in filters.items()})
        return table.index[keep]
    keep = np.ones(len(table), dtype=bool)
    for name, values in filters.items():
        if name not in table:
            raise UnknownNameError("column of facilities", name, map(str, table.columns))
        wanted = [values] if isinstance(values, str) or not isinstance(values, Iterable) else list(values)
        keep &= table[name].isin(wanted).to_numpy()
    return table.index[keep]


def to_listing(existing: Directory | pd.DataFrame, new: pd.DataFrame) -> Directory | pd.DataFrame:
    """Put new facilities beside those there are: a directory stays one, and so does a frame."""
    if isinstance(existing, pd.DataFrame):
        if is_ours({*existing, "facility_id"}):
            existing = Directory.from_frame(existing)
        else:
            joined = pd.concat([pd.DataFrame(part) for part in (existing, new) if len(part)] or [existing])
            joined.attrs = existing.attrs
            return joined
    return Directory.concat([existing, Directory.from_frame(new, name=_SOURCE)]) if len(new) else existing
