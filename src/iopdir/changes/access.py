"""What changed sites, and what changed listings, did to the share of people within a standard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Unpack

import numpy as np
import pandas as pd

from iopdir.changes.stated import COMPARED
from iopdir.directory.directory import Directory
from iopdir.geography.areas import By
from iopdir.geography.points import PointsLike
from iopdir.linking.kinds import Kind
from iopdir.measures.coverage import coverage_gaps
from iopdir.provenance import Provenance, sources_of
from iopdir.schema.frames import INDEX
from iopdir.standards.standard import Standard
from iopdir.text import TEXT
from iopdir.travel.cost import CostLike
from iopdir.travel.sites import Filters, narrow

__all__ = ["access_change"]

_PLACE: Final = [
    "street1", "street2", "city", "state", "zip", "lon", "lat", "precision", "location_source", "reference_id",
    "replaced_m", "county_fips", "vintage", "county_match",
]  # fmt: skip
_COLUMN: Final = {
    "level_of_care": "levels_of_care", "payment": "payments", "medication": "medications", "setting": "settings",
    "age_group": "age_groups", "special_population": "special_populations", "language": "languages",
}  # fmt: skip


def access_change(
    a: Directory,
    b: Directory,
    sites: pd.DataFrame,
    demand: PointsLike,
    *,
    by: By,
    standard: str | Standard,
    population: str,
    cost: CostLike,
    state: str | Iterable[str] | None,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """Measure coverage before, with nothing but sites changed, and after; see `Diff.access`."""
    _refuse_silence(a, b, filters)
    parts = [narrow(part, filters) for part in (a, _sites_only(a, b, sites), b)]
    before, between, after = (
        coverage_gaps(demand, part, by=by, standard=standard, population=population, cost=cost, state=state)
        for part in parts
    )
    labels = [name for name in ("vintage", "name", "state") if name in after]
    table = after[[*labels, "people"]].copy()
    for name, part in (("before", before), ("sites", between), ("after", after)):
        table[f"share_{name}"] = part["share"].reindex(table.index)
    table["change"] = table["share_after"] - table["share_before"]
    table["by_sites"] = table["share_sites"] - table["share_before"]
    table["by_listing"] = table["share_after"] - table["share_sites"]
    table["gap_before"], table["gap_after"] = before["gap"].reindex(table.index), after["gap"]
    table["status"] = after["status"]
    about = Provenance.from_dict(after.attrs["provenance"])
    table.attrs["provenance"] = Provenance.of(
        [*sources_of(before), *about.sources], **about.parameters
    ).to_dict()
    return table


def _refuse_silence(a: Directory, b: Directory, filters: Mapping[str, object]) -> None:
    """Refuse a comparison in which one side never says what is asked for."""
    for name, asked in filters.items():
        column = _COLUMN.get(name, name)
        if asked is None or column not in COMPARED:
            continue
        for part, called in ((a, "earlier"), (b, "later")):
            cells = part.table[column]
            if not (cells.any() if cells.dtype == bool else cells.map(len).any()):
                raise ValueError(
                    f"the {called} listing states no {column} at all: compare without {name}={asked!r}"
                )


def _sites_only(a: Directory, b: Directory, sites: pd.DataFrame) -> Directory:
    """Give the earlier listing with its sites changed, and nothing else."""
    gone = sites.loc[sites["kind"] == Kind.CLOSED, "a_id"]
    moved = sites[sites["kind"] == Kind.MOVED]
    table = a.table.copy()
    for name in _PLACE:
        table.loc[moved["a_id"], name] = b.table.loc[moved["b_id"], name].to_numpy()
    new = b.table.loc[sites.loc[sites["kind"] == Kind.OPENED, "b_id"]]
    ids = np.where(new.index.isin(table.index), "new " + new.index, new.index)
    new.index = pd.Index(ids, dtype=TEXT, name=INDEX)
    left = table.drop(index=pd.Index(gone))
    both = pd.concat([part for part in (left, new) if len(part)] or [left])
    about = Provenance.of([*a.provenance.sources, *b.provenance.sources])
    return Directory(both.sort_index(), quality=b.quality, provenance=about)
