"""Read OpenTimes: minutes between census places of one kind, a state a file, for demand points and facilities."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from iopdir.errors import LoadError
from iopdir.limits import MAX_MATRIX_BYTES, check_size, readable, too_large
from iopdir.parquet import check_words
from iopdir.progress import each
from iopdir.provenance import Source, file_sha256
from iopdir.spatial.knn import nearest_batch
from iopdir.text import TEXT, numbers
from iopdir.travel.cost import Pairs
from iopdir.travel.estimate import DriveEstimate, EstimatedWays
from iopdir.travel.pace import read_pace
from iopdir.travel.sites import Points, Sites
from iopdir.travel.straight import StraightWays

__all__ = ["minutes_between"]

_COLUMNS: Final = ["origin_id", "destination_id", "duration_sec"]
_EXPECTED: Final = (
    "OpenTimes files, .../mode=car/year=2024/geography=tract/state=17/*.parquet, with origin_id, destination_id and"
    " duration_sec"
)


def minutes_between(
    folder: str | Path, people: Points, sites: Sites, places: Points, limit_min: float, chosen: dict[str, str]
) -> tuple[Pairs, list[Source], dict[str, Any]]:
    """Read the minutes between demand points and facilities.

    Parameters
    ----------
    folder
        Where the files lie, in the folders that OpenTimes gives them, at any depth.
    people
        Demand points; their id is the code of their place.
    sites
        Facilities; each stands in the place whose center is nearest.
    places
        Centers, by code.
    limit_min
        Pairs beyond are left out.
    chosen
        Parts of the path that must be so: `mode`, `geography`, `year`, `version`.

    Returns
    -------
    tuple[Pairs, list[Source], dict[str, Any]]
        Pairs by demand point and site, the files, and what is to be said about it.

    Raises
    ------
    LoadError
        If there are no such files, files of several years or versions, a damaged one, or none for a state where demand
        points lie.
    ValueError
        If a code stands twice.
    """
    for ids in (people.ids, places.ids):
        if not ids.is_unique:
            raise ValueError(f"place {ids[ids.duplicated()][0]!r} stands twice")
    codes = people.ids.astype(TEXT)
    home = (
        nearest_batch(places.tree, sites.lon, sites.lat)[0][:, 0] if len(places) else np.full(len(sites), -1)
    )
    of_site = places.ids.astype(TEXT).take(home)
    files = _files(Path(folder), sorted({code[:2] for code in codes}), chosen)
    table = pd.concat(
        [_read(path, codes, of_site) for path in each(files, "Reading OpenTimes")], ignore_index=True
    )
    known = table["origin"].unique()
    table = table[table["origin"] != table["destination"]].drop_duplicates(["origin", "destination"])
    both = table.merge(
        pd.DataFrame({"destination": of_site, "site": np.arange(len(sites))}), on="destination"
    )
    origin, site = codes.get_indexer(pd.Index(both["origin"])), both["site"].to_numpy(dtype=np.int64)
    minutes = both["minutes"].to_numpy(dtype=np.float64)
    own = codes.get_indexer(of_site)
    here = np.flatnonzero(own >= 0)
    same = EstimatedWays(StraightWays(people, sites), read_pace()).minutes(own[here], here)
    origin, site = np.append(origin, own[here]), np.append(site, here)
    minutes = np.append(minutes, same)
    near = np.flatnonzero(minutes <= limit_min)
    near = near[np.lexsort((site[near], origin[near]))]
    cited = [Source(name=f"OpenTimes {path.name}", sha256=file_sha256(path), licence="MIT") for path in files]
    about = {
        **chosen,
        "max_cost_min": None if limit_min == np.inf else limit_min,
        "estimated_within_one_place": int((same <= limit_min).sum()),
        "demand_points_in_no_file": int(len(codes) - codes.isin(known).sum()),
    }
    sources = [*cited, *DriveEstimate().sources]
    return (origin[near], site[near], minutes[near]), sources, about


def _files(folder: Path, states: list[str], chosen: dict[str, str]) -> list[Path]:
    every = {path: _parts(path) for path in sorted(folder.rglob("*.parquet"))}
    fitting = {
        path: parts
        for path, parts in every.items()
        if all(parts.get(name) == value for name, value in chosen.items())
    }
    if not fitting:
        words = " ".join(f"{name}={value}" for name, value in chosen.items())
        raise LoadError(
            folder, expected=f"{_EXPECTED}, of {words}", found=f"{len(every)} other Parquet files"
        )
    for name in ("version", "year", "mode", "geography"):
        several = sorted({parts.get(name, "?") for parts in fitting.values()})
        if len(several) > 1:
            raise LoadError(
                folder, expected=f"files of one {name}: give {name}=", found=" and ".join(several)
            )
    missing = [state for state in states if state not in {parts.get("state") for parts in fitting.values()}]
    if missing:
        there = sorted({parts.get("state", "?") for parts in fitting.values()})
        raise LoadError(folder, expected=f"files of state={missing[0]}", found=f"those of {', '.join(there)}")
    return [path for path, parts in fitting.items() if parts["state"] in states]


def _parts(path: Path) -> dict[str, str]:
    """Read the folders called name=value."""
    return dict(part.split("=", 1) for part in path.parts if "=" in part)


def _read(path: Path, origins: pd.Index[str], destinations: Iterable[str]) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    check_size(path, expected=_EXPECTED, most=MAX_MATRIX_BYTES)
    check_words(path, expected=_EXPECTED, most=MAX_MATRIX_BYTES)
    places = sorted(set(destinations))
    most = len(origins) * len(places)
    with readable(path, expected=_EXPECTED, kind="an unreadable file"):
        schema = pq.read_schema(path)
        missing = [name for name in _COLUMNS if name not in schema.names]
        if missing:
            raise LoadError(path, expected=_EXPECTED, found=f"a table without {', '.join(missing)}")
        wanted = pc.field("origin_id").isin(origins.tolist())
        wanted &= pc.field("destination_id").isin(places)
        scan = ds.dataset(path, format="parquet").scanner(columns=_COLUMNS, filter=wanted)
        parts, rows = [], 0
        for part in scan.to_batches():
            rows += part.num_rows
            if rows > most:
                raise too_large(path, _EXPECTED, f"{rows:,} times between these places", most)
            parts.append(part)
        frame = pa.Table.from_batches(parts, scan.projected_schema).to_pandas(ignore_metadata=True)
        seconds = numbers(frame["duration_sec"])
    bad = np.flatnonzero(~((seconds >= 0) & (seconds < np.inf)))
    if bad.size:
        row = frame.iloc[bad[0]]
        found = f"{row['duration_sec']!r} from {row['origin_id']} to {row['destination_id']}"
        raise LoadError(path, expected="seconds of 0 or more in duration_sec", found=found)
    return pd.DataFrame(
        {
            "origin": frame["origin_id"].astype(TEXT),
            "destination": frame["destination_id"].astype(TEXT),
            "minutes": seconds / 60,
        }
    )
