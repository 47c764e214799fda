"""Minutes by car on the roads of an OpenStreetMap extract."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from iopdir.errors import LoadError, UnitError
from iopdir.provenance import Provenance, Source, file_sha256
from iopdir.spatial.geodesy import FloatArray, check_lonlat
from iopdir.travel.cost import Answer, Pairs, Unit
from iopdir.travel.off import Off
from iopdir.travel.sites import Points, Sites
from iopdir.travel.straight import bearings, exact_parts

if TYPE_CHECKING:
    import shapely

    from iopdir.roads.anchors import Anchors
    from iopdir.roads.between import Between
    from iopdir.roads.network import Network
    from iopdir.roads.profile import Profile
    from iopdir.roads.snapping import Grid

__all__ = ["RoadWays", "Roads"]

ROAD_WIDTH_M: Final = 150.0
"""So far to both sides of a road its land is taken to be reached; a choice of this package."""

_PER_MINUTE: Final = 600
"""Tenths of a second."""

_NEVER: Final = 10**9
"""Tenths of a second, three years: no limit."""


class Roads:
    """A road network, as the cost of driving from people to facilities, in minutes; immutable, and it pickles.

    Made by `read_pbf` from an extract of OpenStreetMap, or by `open` from what `save` wrote. Give it as `cost=` to
    anything that takes one.

    Every direction of a road between two junctions is a state, and every turn has its cost, so turning left, waiting at
    signals and turning around are counted, and forbidden turns are not taken. A way begins at the nearest road of a
    point, at the place on it that is nearest; the walk there is counted. What is measured is the way *to* the
    facility: one-way streets make the way back another one.

    Examples
    --------
    >>> import iopdir as iop
    >>> roads = iop.Roads.read_pbf("baltimore.osm.pbf")  # doctest: +SKIP
    >>> iop.nearest("21231", iop.demo_directory(), cost=roads, k=3)  # doctest: +SKIP
    """

    unit: Unit = "min"
    located = True

    def __init__(self, network: Network, profile: Profile, source: Source) -> None:
        self._network, self._profile, self._source = network, profile, source

    @classmethod
    def read_pbf(cls, path: str | Path, *, profile: str | Path | None = None) -> Self:
        """Read the roads of an extract.

        Parameters
        ----------
        path
            OpenStreetMap data in PBF, from any provider. Ways into the area from beyond its edge are missing: cut it
            with a margin as wide as the longest drive that matters.
        profile
            A TOML file that says how one drives; the car of this package if not given.

        Returns
        -------
        Roads
            The largest part of the network in which every road leads to every other one.

        Raises
        ------
        LoadError
            If the file is missing, is no PBF, is cut off, or has no road; or if the profile is wrong, with its line.
        """
        from iopdir.roads.extract import read_extract
        from iopdir.roads.network import build
        from iopdir.roads.profile import car, read_profile

        drive = car() if profile is None else read_profile(profile)
        extract = read_extract(path, drive)
        network = build(extract, drive)
        if not network.graph.took.size:
            raise LoadError(path, expected="roads that lead to each other", found="none")
        source = Source(
            name=Path(path).name,
            edition=extract.timestamp,
            sha256=file_sha256(path),
            licence="ODbL-1.0, © OpenStreetMap contributors",
        )
        return cls(network, drive, source)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open roads that were saved.

        Parameters
        ----------
        path
            A file written by `save`.

        Returns
        -------
        Roads
            The same roads, with the same source and the same profile.

        Raises
        ------
        LoadError
            If the file is something else, is of another version, or is damaged.
        """
        from iopdir.roads.profile import parse_profile
        from iopdir.roads.saved import open_network

        network, about = open_network(path)
        try:
            told = Provenance.from_dict({"sources": [about["source"]]}).sources[0]
            return cls(network, parse_profile(str(about["profile"]), path), told)
        except (KeyError, TypeError, ValueError) as error:
            raise LoadError(
                path, expected="roads written by Roads.save", found=f"a wrong head ({error})"
            ) from error

    def save(self, path: str | Path) -> None:
        """Save as one file, which `open` reads in seconds.

        Parameters
        ----------
        path
            Where to; a file there is replaced as a whole, or not at all.

        Raises
        ------
        WriteError
            If it cannot be written.
        """
        from iopdir.roads.saved import save_network

        source = asdict(self._source)
        save_network(path, self._network, {"source": source, "profile": self._profile.text})

    @property
    def sources(self) -> tuple[Source, ...]:
        """The extract, and the profile."""
        text = self._profile.text.encode()
        return self._source, Source(
            name=f"profile {self._profile.name}", sha256=hashlib.sha256(text).hexdigest()
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many ways, segments and turns there are, and what of the extract could not be used."""
        return dict(self._network.counts)

    def __repr__(self) -> str:
        counts = self._network.counts
        return (
            f"{self._profile.name} on roads of {self._source.name}, {counts['segments']:,} segments between"
            f" {counts['states']:,} states"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_grid"}

    @cached_property
    def _grid(self) -> Grid:
        from iopdir.roads.snapping import lay_grid

        return lay_grid(self._network.shapes)

    def anchor(self, lon: FloatArray, lat: FloatArray) -> Anchors:
        """Find the nearest road of each point, and how far along it that is.

        Parameters
        ----------
        lon, lat
            Degrees, shape (n,).

        Returns
        -------
        Anchors
            In the order of the points; one that is not on Earth has no road.
        """
        from iopdir.roads.anchors import anchor
        from iopdir.roads.snapping import snap

        walk = self._profile.walk
        snapped = snap(self._grid, self._network.shapes, lon, lat, walk.limit_m)
        return anchor(snapped, self._network.shapes, walk)

    def bind(self, people: Points, sites: Sites) -> RoadWays:
        """Tie demand points to facilities; nothing is searched yet."""
        from iopdir.roads.between import Between

        homes, places = self.anchor(people.lon, people.lat), self.anchor(sites.lon, sites.lat)
        return RoadWays(people, sites, Between(self._network, homes, places))

    def area(self, lon: float, lat: float, limit: float) -> shapely.Geometry:
        """Draw what lies along the roads from which one gets to a point within a limit."""
        from iopdir.roads.reached import pieces
        from iopdir.spatial.outlines import along

        check_lonlat(lon, lat)
        if math.isinf(limit):
            raise UnitError("an area needs a limit, such as '30 min'")
        place = self.anchor(np.array([lon]), np.array([lat]))
        return along(pieces(self._network, place, _whole(limit)), ROAD_WIDTH_M)


@dataclass(frozen=True, eq=False)
class RoadWays:
    """Ways by road between demand points and facilities.

    Parameters
    ----------
    people, sites
        Both ends.
    between
        The same on the network.
    """

    people: Points
    sites: Sites
    between: Between

    def nearest(self, k: int, limit: float) -> Answer:
        """Give the k nearest facilities of each demand point, by one sweep of the network."""
        self._check()
        place, cost = self.between.nearest(min(k, max(len(self.sites), 1)), _whole(limit))
        index = place.astype(np.int64)
        minutes = np.where(index >= 0, cost / _PER_MINUTE, np.inf)
        here, there = self.people, self.sites
        return index, minutes, bearings(here.lon, here.lat, there.lon, there.lat, index)

    def at_people(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of facilities within limits of each demand point."""
        return self._sums(values, limits, at_people=True)

    def at_sites(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of demand points within limits of each facility."""
        return self._sums(values, limits, at_people=False)

    def _sums(self, values: FloatArray, limits: FloatArray, *, at_people: bool) -> FloatArray:
        self._check()
        size = len(self.people if at_people else self.sites)
        sums = np.zeros((size, limits.size))
        if limits.size:
            whole = np.array([_whole(limit) for limit in limits])
            for part in exact_parts(values):
                sums += self.between.sums(part, whole, at_people=at_people)
        return sums

    def pairs(self, limit: float) -> Pairs:
        """List the pairs within a limit."""
        self._check()
        found = self.between.pairs(_whole(limit))
        order = np.lexsort((found.place, found.cost, found.who))
        origin, site = found.who[order].astype(np.int64), found.place[order].astype(np.int64)
        return origin, site, found.cost[order] / _PER_MINUTE

    def _check(self) -> None:
        """Make sure that every demand point is on Earth, as straight lines do."""
        check_lonlat(self.people.lon, self.people.lat)

    def placed(self, limits: FloatArray) -> None:
        """Nobody: no bound on minutes follows from how far off a facility may be drawn."""

    def radii(self, limit: float) -> None:
        """Nobody knows how far over the ground a limit reaches."""

    @property
    def bounds(self) -> None:
        """None: these are no estimates."""

    @property
    def off(self) -> Off:
        """Who, and which facilities, have no road within the limit of the walk."""
        ends = self.between.people, self.between.places
        return Off(people=ends[0].chain < 0, sites=ends[1].chain < 0, walk_m=ends[0].walk_m)


def _whole(minutes: float) -> int:
    """Turn a limit in minutes into tenths of a second: what is within one is within the other."""
    if minutes < 0:
        raise UnitError(f"{minutes} is not a finite amount of zero or more")
    if math.isinf(minutes) or minutes * _PER_MINUTE >= _NEVER:
        return _NEVER
    whole = int(minutes * _PER_MINUTE) + 1
    while whole / _PER_MINUTE > minutes:
        whole -= 1
    return whole
