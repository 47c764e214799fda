"""One directory out of several: each value with the listing it is from, and what they disagree on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import KindError, UnknownNameError
from iopdir.intake.identity import fold
from iopdir.intake.quality import MERGE_COLUMNS, Quality, told_of
from iopdir.linking.kinds import Kind
from iopdir.linking.link import link
from iopdir.provenance import Provenance
from iopdir.schema.columns import COLUMNS, SEPARATOR
from iopdir.schema.frames import INDEX
from iopdir.text import TEXT

__all__ = ["Combined", "combine"]

_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "program"),
    "address": ("street1", "street2", "city", "state", "zip"),
    "point": (
        "lon", "lat", "precision", "location_source", "reference_id", "replaced_m", "county_fips", "vintage",
        "county_match",
    ),
    "phone": ("phone",),
    "intake_phone": ("intake_phone",),
    "website": ("website",),
    "facility_type": ("facility_type",),
    "statements": (
        "codes", "unmapped", "levels_of_care", "settings", "payments", "age_groups", "services", "medications",
        "special_populations", "telehealth",
    ),
    "languages": ("languages",),
}  # fmt: skip
"""Columns whose values come from one listing together: a suite of one and a ZIP of another make no address."""

_COMPARED: Final = ("name", "program", "street1", "street2", "city", "zip", "phone", "intake_phone", "website",
    "levels_of_care", "payments", "services")  # fmt: skip
_RANK: Final = {"address": 0, "zip_centroid": 1, "unknown": 2}


@dataclass(frozen=True, eq=False, kw_only=True)
class Combined:
    """One directory out of several, from [`combine`][iopdir.combine].

    Parameters
    ----------
    directory
        The facilities; `source` names the listing that gives the id and the name, the column `listed_in` all that
        have it.
    sources
        Which listing each value is from: indexed like the directory, a column for each group of values that belong
        together (`name`, `address`, `point`, `phone`, ``statements`` ...), blank where none has it.
    conflicts
        Values that differ in more than spelling: `facility_id, column, kept, kept_from, other, other_from`.
    links
        How they were linked: the tables of [`link`][iopdir.link], one for each listing after the first.
    """

    directory: Directory
    sources: pd.DataFrame
    conflicts: pd.DataFrame
    links: tuple[pd.DataFrame, ...]

    def __repr__(self) -> str:
        return f"Combined: {self.directory!r}, {len(self.conflicts):,} conflicts"


def combine(
    directories: Iterable[Directory], *, prefer: Sequence[str] | Mapping[str, str] | None = None
) -> Combined:
    """Make one directory out of several listings of the same facilities.

    Parameters
    ----------
    directories
        Two or more, the most trusted first.
    prefer
        Names of listings (of their first source), the most trusted first, in the place of that order; or a mapping
        from a group of values (a column of `Combined.sources`) to the listing that decides it: ``{"phone":
        "locator.json"}``.

    Returns
    -------
    Combined
        The directory, the source of each value, and the conflicts. Every row of every listing is in it once:
        ``len(directory)`` is the sum of their rows less the pairs that were linked.

    Raises
    ------
    UnknownNameError
        If `prefer` names a listing or a group that is not there.
    ValueError
        If there are fewer than two listings, or two of one name.

    Notes
    -----
    A blank gives way to a value, and the middle of a ZIP to the point of an address, whoever is preferred;
    otherwise the preferred listing decides. A facility that moved between two listings has address and point of the
    preferred one. Only rows that were linked are joined: a split or merged one stays by itself.

    Examples
    --------
    >>> import iopdir as iop
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> table = vermont.to_geodataframe().assign(source="SYNTHETIC second list", phone="802-555-0100")
    >>> both = iop.combine([vermont, iop.Directory.from_frame(table)], prefer={"phone": "SYNTHETIC second list"})
    >>> len(both.directory), set(both.sources["phone"]), set(both.conflicts["column"])
    (52, {'SYNTHETIC second list'}, {'phone'})
    """
    parts = list(directories)
    if len(parts) < 2:
        raise ValueError("nothing to combine: give at least two directories")
    for part in parts:
        KindError.unless(Directory, directories=part)
    names = [_name(part) for part in parts]
    if len(set(names)) < len(names):
        raise ValueError(
            f"two listings are of one source ({', '.join(names)}): link editions by iop.diff instead"
        )
    order, first = _order(names, prefer)
    parts = [parts[at] for at in order]
    start = _Stage.of(parts[0], names[order[0]])
    stage = reduce(
        lambda so_far, part: so_far.join(*part, first),
        zip(parts[1:], [names[at] for at in order[1:]], strict=True),
        start,
    )
    quality = Quality.combine(part.quality for part in parts)
    merges = pd.concat([quality.merges, *stage.merges], ignore_index=True)
    joined = len(merges) - len(quality.merges)
    table = stage.table.sort_index()
    quality = replace(
        quality,
        accepted=quality.accepted - joined,
        merged=quality.merged + joined,
        merges=merges,
        **told_of(table),
    )
    about = Provenance.of(
        [source for part in parts for source in part.provenance.sources],
        combined=[names[at] for at in order],
        prefer=dict(first) if first else [names[at] for at in order],
    )
    conflicts = pd.concat(stage.conflicts, ignore_index=True)
    sources = stage.sources.loc[table.index]
    for result in (conflicts, sources):
        result.attrs["provenance"] = about.to_dict()
    directory = Directory(table, quality=quality, provenance=about)
    return Combined(directory=directory, sources=sources, conflicts=conflicts, links=tuple(stage.links))


def _name(directory: Directory) -> str:
    return next((source.name for source in directory.provenance.sources), "listing")


def _order(
    names: list[str], prefer: Sequence[str] | Mapping[str, str] | None
) -> tuple[list[int], Mapping[str, str]]:
    """Order of the listings, and who comes first in a group of values."""
    asked = list(prefer.values()) if isinstance(prefer, Mapping) else list(prefer or ())
    for name in asked:
        if name not in names:
            raise UnknownNameError("listing", name, names)
    if isinstance(prefer, Mapping):
        for group in prefer:
            if group not in _GROUPS:
                raise UnknownNameError("group of values", group, _GROUPS)
        return list(range(len(names))), prefer
    first = [names.index(name) for name in dict.fromkeys(asked)]
    return first + [at for at in range(len(names)) if at not in first], {}


@dataclass(frozen=True, eq=False)
class _Stage:
    """What is combined so far."""

    table: pd.DataFrame
    sources: pd.DataFrame
    conflicts: list[pd.DataFrame]
    merges: list[pd.DataFrame]
    links: list[pd.DataFrame]

    @classmethod
    def of(cls, part: Directory, name: str) -> _Stage:
        table = part.table.assign(listed_in=name)
        return cls(table, _all_from(table, name), [], [], [])

    def join(self, part: Directory, name: str, first: Mapping[str, str]) -> _Stage:
        """Add one more listing."""
        links = link(self.table, part.table)
        pairs = links.dropna(subset=["a_id", "b_id"])
        new = part.table.drop(index=pd.Index(pairs["b_id"])).assign(listed_in=name)
        new.index = pd.Index(
            np.where(new.index.isin(self.table.index), new.index + "-" + fold(name), new.index),
            dtype=TEXT,
            name=INDEX,
        )
        ours, theirs = self.table.copy(), part.table.loc[pairs["b_id"]].set_axis(pd.Index(pairs["a_id"]))
        sources = self.sources.copy()
        moved = (pairs["kind"] == Kind.MOVED).to_numpy()
        replaced = {
            group: _takes(group, ours.loc[theirs.index], theirs, moved, eager=first.get(group) == name)
            for group in _GROUPS
        }
        conflicts = _conflicts(ours, theirs, sources, replaced, name)
        for group, takes in replaced.items():
            ids = theirs.index[takes]
            for column in _GROUPS[group]:
                ours.loc[ids, column] = theirs.loc[ids, column]
            sources.loc[ids, group] = name
        ours.loc[theirs.index, "listed_in"] += SEPARATOR + name
        ours.loc[theirs.index, "synthetic"] |= theirs["synthetic"]
        table = pd.concat([ours, new]) if len(new) else ours
        for column in table.columns.difference(list(COLUMNS)):
            if not pd.api.types.is_numeric_dtype(table[column]):
                table[column] = table[column].where(table[column].notna(), "")
        return _Stage(
            table.rename_axis(INDEX),
            pd.concat([sources, _all_from(new, name)]) if len(new) else sources,
            [*self.conflicts, conflicts],
            [*self.merges, _merges(pairs, theirs, name)],
            [*self.links, links],
        )


def _all_from(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {group: np.where(_given(table, group), name, "") for group in _GROUPS}, index=table.index
    )


def _given(table: pd.DataFrame, group: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mark the rows that have anything in a group."""
    column = {"address": "street1", "statements": "codes"}.get(group, group)
    if group == "point":
        return (table["precision"] != "unknown").to_numpy()
    if column != "codes":
        return (table[column].map(len) > 0).to_numpy()
    listed = table[[name for name in _GROUPS[group] if COLUMNS[name].many]]
    some: np.ndarray[Any, np.dtype[np.bool_]] = listed.map(len).any(axis=1).to_numpy() | table[
        "telehealth"
    ].to_numpy(bool)
    return some


def _takes(
    group: str,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    moved: np.ndarray[Any, np.dtype[np.bool_]],
    *,
    eager: bool,
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mark the pairs in which a group comes from the listing that is added."""
    has, had = _given(theirs, group), _given(ours, group)
    takes = has & (eager | ~had)
    if group == "point":
        ranks = [part["precision"].map(_RANK).to_numpy() for part in (theirs, ours)]
        takes = has & ((ranks[0] < ranks[1]) | (eager & (ranks[0] == ranks[1])))
        takes &= ~moved
    elif group == "address":
        takes &= ~moved
    return np.asarray(takes, dtype=bool)


def _conflicts(
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    sources: pd.DataFrame,
    replaced: Mapping[str, np.ndarray[Any, np.dtype[np.bool_]]],
    name: str,
) -> pd.DataFrame:
    group_of = {column: group for group, columns in _GROUPS.items() for column in columns}
    rows = []
    for column in _COMPARED:
        group, many = group_of[column], COLUMNS[column].many
        takes = replaced[group]
        cells = zip(ours.loc[theirs.index, column], theirs[column], strict=True)
        for at, (mine, other) in enumerate(cells):
            same = set(mine) == set(other) if many else fold(mine) == fold(other)
            if same or not len(mine) or not len(other):
                continue
            one, two = (SEPARATOR.join(value) if many else value for value in (mine, other))
            earlier = sources[group].at[theirs.index[at]]
            told = (two, name, one, earlier) if takes[at] else (one, earlier, two, name)
            rows.append((theirs.index[at], column, *told))
    return pd.DataFrame(
        rows, columns=["facility_id", "column", "kept", "kept_from", "other", "other_from"], dtype=TEXT
    )


def _merges(pairs: pd.DataFrame, theirs: pd.DataFrame, name: str) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "file": name,
            "row": theirs["source_row"].to_numpy(),
            "into_row": 0,
            "facility_id": pairs["a_id"].to_numpy(),
            "evidence": ("linked to another listing: " + pairs["evidence"]).to_numpy(),
            "distance_m": pairs["distance_m"].to_numpy(),
        }
    )
    return table[list(MERGE_COLUMNS)]
