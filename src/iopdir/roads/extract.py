"""Read the roads of an OpenStreetMap extract: ways, their nodes, what stands on nodes, forbidden turns."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from iopdir.errors import LoadError
from iopdir.extras import require
from iopdir.limits import check_file, too_large
from iopdir.progress import each
from iopdir.roads.obstacles import NODE_KEYS, Stop, read_node
from iopdir.roads.profile import Profile
from iopdir.roads.tags import WAY_KEYS, Passage, read_way
from iopdir.spatial.geodesy import FloatArray, IntArray

if TYPE_CHECKING:
    import osmium

__all__ = ["Ban", "Detour", "Extract", "read_extract"]

_EXPECTED: Final = "an OpenStreetMap extract in PBF"
_RULES: Final = ("restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction")
_EXCEPT: Final = frozenset(("motorcar", "motor_vehicle", "vehicle"))
_MOST_POINTS: Final = 10_000_000
_POINTS_A_BYTE: Final = 100
"""Of ways in a packed file: real ones have 0.03, a regular grid 30, and what is made to fill the memory 1,000."""

_MOST_MEMBERS: Final = 100
"""Of a turn rule: three are usual, and every way from goes with every way to."""


class Ban(NamedTuple):
    """A turn at a node that a relation forbids, or the only one that it allows; by positions of ways and nodes."""

    origin: int
    via: int
    target: int
    only: bool


class Detour(NamedTuple):
    """A way over other ways that a relation forbids, or at whose end it allows one turn only; by positions.

    The first way of `ways` is where one comes from, the last where one goes; `corners` are the nodes between them.
    """

    ways: tuple[int, ...]
    corners: tuple[int, ...]
    only: bool


@dataclass(frozen=True, kw_only=True)
class Extract:
    """Roads as they are drawn.

    Parameters
    ----------
    lon, lat
        Degrees of each node, shape (nodes,), NaN where the extract does not have it.
    node, start
        Positions of the nodes of each way, one way after the other, and where each way starts, shape (ways + 1,).
    passages
        How each kind of way is passed.
    kind
        Which of these each way is, shape (ways,).
    stops
        What nodes cost, by position.
    bans
        Forbidden turns.
    detours
        Forbidden turns over other ways.
    counts
        How many things there were of which kind, and what could not be used.
    timestamp
        Of the data, as the file says it.
    """

    lon: FloatArray
    lat: FloatArray
    node: IntArray
    start: IntArray
    passages: list[Passage]
    kind: IntArray
    stops: dict[int, Stop]
    bans: list[Ban]
    detours: list[Detour] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    timestamp: str = ""


def read_extract(path: str | Path, profile: Profile) -> Extract:
    """Read all that a vehicle can use.

    Parameters
    ----------
    path
        PBF, from any provider.
    profile
        How the vehicle drives.

    Returns
    -------
    Extract
        Ways with at least one open direction.

    Raises
    ------
    LoadError
        If the file is missing, is no PBF, is cut off, or has no road.
    """
    require("roads")
    most = _MOST_POINTS + _POINTS_A_BYTE * check_file(path, expected=_EXPECTED)
    try:
        with Path(path).open("rb") as stream:
            head = stream.read(17)
        if head[4:6] != b"\x0a\x09" or head[6:15] != b"OSMHeader":
            raise LoadError(path, expected=_EXPECTED, found="another kind of file")
        return _read(path, profile, most)
    except (OSError, RuntimeError) as error:
        raise LoadError(path, expected=_EXPECTED, found=f"a file that cannot be read ({error})") from error


def _pass(path: str | Path, kinds: osmium.osm.osm_entity_bits, *filters: object) -> Iterable[Any]:
    import osmium

    stream = osmium.FileProcessor(osmium.io.File(str(path), "pbf"), kinds)
    for one in filters:
        stream = stream.with_filter(one)
    return stream


def _read(path: str | Path, profile: Profile, most: int) -> Extract:
    import osmium
    from osmium.filter import IdFilter, KeyFilter

    kinds = osmium.osm
    ways = _Ways(profile)
    tagged = _pass(path, kinds.WAY | kinds.RELATION, KeyFilter("highway", "route", *_RULES))
    for thing in each(tagged, "Reading roads"):
        if thing.is_way():
            ways.add(thing)
            if len(ways.refs) > most:
                raise too_large(path, _EXPECTED, f"{len(ways.refs):,} points on its ways or more", most)
        else:
            ways.add_rule(thing)
    if not ways.ids:
        raise LoadError(path, expected=f"roads that a {profile.name} can use", found="none")
    refs = np.frombuffer(ways.refs, dtype=np.int64)
    ids, node = np.unique(refs, return_inverse=True)
    lon, lat = (np.full(ids.size, np.nan) for _ in range(2))
    found, where = array("q"), array("d")
    for thing in each(_pass(path, kinds.NODE, IdFilter(ids.tolist())), "Reading where they lie", ids.size):
        found.append(thing.id)
        where.append(thing.lon)
        where.append(thing.lat)
    rows = np.searchsorted(ids, np.frombuffer(found, dtype=np.int64))
    lon[rows], lat[rows] = np.frombuffer(where).reshape(-1, 2).T
    if not rows.size:
        raise LoadError(path, expected="the nodes of its ways", found="none of them")
    stops = {}
    signs = _pass(path, kinds.NODE, KeyFilter(*NODE_KEYS, *profile.access.keys))
    for thing in each(signs, "Reading signals and barriers"):
        row = int(np.searchsorted(ids, thing.id))
        if row < ids.size and ids[row] == thing.id:
            stop = read_node(dict(thing.tags), profile)
            if stop is not None:
                stops[row] = stop
    start = np.frombuffer(ways.starts, dtype=np.int64)
    bans, detours = _resolve(ways, ids, node, start)
    ways.counts["nodes missing"] = int(np.isnan(lon).sum())
    return Extract(
        lon=lon,
        lat=lat,
        node=node.astype(np.int64),
        start=start,
        passages=ways.passages,
        kind=np.frombuffer(ways.kind, dtype=np.int64),
        stops=stops,
        bans=bans,
        detours=detours,
        counts={"ways": len(ways.ids), **ways.counts},
        timestamp=_timestamp(path),
    )


def _timestamp(path: str | Path) -> str:
    import osmium

    with osmium.io.Reader(osmium.io.File(str(path), "pbf"), osmium.osm.NOTHING) as reader:
        return str(reader.header().get("osmosis_replication_timestamp", ""))


class _Ways:
    """Ways and rules as they come."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.keys = WAY_KEYS.union(
            *({key, f"{key}:forward", f"{key}:backward"} for key in profile.access.keys)
        )
        self.refs, self.starts, self.kind = array("q"), array("q", [0]), array("q")
        self.ids: dict[int, int] = {}
        self.passages: list[Passage] = []
        self.known: dict[tuple[tuple[str, str], ...], int] = {}
        self.rules: list[tuple[str, list[tuple[str, str, int]]]] = []
        self.counts: Counter[str] = Counter()

    def add(self, way: osmium.osm.Way) -> None:
        """Take a way if it is open."""
        told = tuple((tag.k, tag.v) for tag in way.tags if tag.k in self.keys)
        kind = self.known.get(told)
        if kind is None:
            passage = read_way(dict(told), self.profile)
            kind = -1 if passage is None else len(self.passages)
            if passage is not None:
                self.passages.append(passage)
            self.known[told] = kind
        if kind < 0 or len(way.nodes) < 2:
            self.counts["ways closed"] += 1
            return
        self.ids[way.id] = len(self.ids)
        self.refs.extend([node.ref for node in way.nodes])
        self.starts.append(len(self.refs))
        self.kind.append(kind)

    def add_rule(self, relation: osmium.osm.Relation) -> None:
        """Take a rule of turning if it holds for this vehicle at all times."""
        tags = dict(relation.tags)
        if not tags.get("type", "").startswith("restriction"):
            return
        said = next((tags[key] for key in _RULES if key in tags), "")
        if _EXCEPT.intersection(part.strip() for part in tags.get("except", "").split(";")):
            return
        if len(relation.members) > _MOST_MEMBERS:
            self.counts["turn rules not understood"] += 1
            return
        self.rules.append((said, [(part.role, part.type, part.ref) for part in relation.members]))


def _resolve(ways: _Ways, ids: IntArray, node: IntArray, start: IntArray) -> tuple[list[Ban], list[Detour]]:
    """Turn rules into positions; what cannot be applied is counted."""
    bans: list[Ban] = []
    detours: list[Detour] = []
    for said, members in ways.rules:
        parts: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
        for role, kind, ref in members:
            if role in parts:
                parts[role].append((kind, ref))
        at = [ref for kind, ref in parts["via"] if kind == "n"]
        over = [ref for kind, ref in parts["via"] if kind == "w"]
        along = [*parts["from"], *(("w", ref) for ref in over), *parts["to"]]
        ends = [ways.ids.get(ref) if kind == "w" else None for kind, ref in along]
        via = _position(ids, at[0]) if len(at) == 1 and not over else None
        only = said.startswith("only_")
        if not (
            said.startswith(("no_", "only_")) and parts["from"] and parts["to"] and (len(at) == 1 or over)
        ):
            ways.counts["turn rules not understood"] += 1
        elif None in ends or (via is None and not over):
            ways.counts["turn rules on closed or missing ways"] += 1
        elif via is None:
            middle = [ways.ids[ref] for ref in over]
            rows = [(ways.ids[a], *middle, ways.ids[b]) for _, a in parts["from"] for _, b in parts["to"]]
            found = [Detour(row, _corners(row, node, start), only) for row in rows]
            known = all(rule.corners for rule in found)
            ways.counts["turn rules over ways" if known else "turn rules not understood"] += 1
            detours += found if known else []
        else:
            ways.counts["turn rules"] += 1
            bans += [
                Ban(ways.ids[a], via, ways.ids[b], only) for _, a in parts["from"] for _, b in parts["to"]
            ]
    return bans, detours


def _corners(ways: tuple[int, ...], node: IntArray, start: IntArray) -> tuple[int, ...]:
    """Find the nodes where each way meets the next, no two in a row the same; nothing if they do not meet."""
    nodes = [dict.fromkeys(node[start[way] : start[way + 1]].tolist()) for way in ways]
    shared = [[one for one in a if one in b] for a, b in pairwise(nodes)]
    rows: dict[int, tuple[int, ...]] = {-1: ()}
    for corners in shared:
        before = {one: next((row for last, row in rows.items() if last != one), None) for one in corners}
        rows = {one: (*row, one) for one, row in before.items() if row is not None}
    return next(iter(rows.values()), ())


def _position(ids: IntArray, ref: int) -> int | None:
    row = int(np.searchsorted(ids, ref))
    return row if row < ids.size and ids[row] == ref else None
