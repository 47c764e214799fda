"""Minutes by car without a road network: estimated from straight lines and the people around, and saying so."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from iopdir.datasets import pack_source
from iopdir.errors import UnitError
from iopdir.provenance import Source
from iopdir.spatial.geodesy import FloatArray, IntArray, geodesic_m
from iopdir.travel.cost import Answer, Pairs, Unit
from iopdir.travel.pace import Pace, people_around, read_pace
from iopdir.travel.sites import Points, Sites
from iopdir.travel.straight import SMALL, StraightWays

__all__ = ["DriveEstimate", "EstimatedWays"]


class DriveEstimate:
    """The cost of driving, in minutes, estimated: `cost="drive-estimate"`.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.reach("60614", iop.demo_directory(), cost="drive-estimate").cost
    drive estimate
    """

    unit: Unit = "min"
    located = True

    @property
    def sources(self) -> tuple[Source, ...]:
        """The fitted parameters, and the people around."""
        return pack_source("drive_estimate"), pack_source("zcta")

    def __repr__(self) -> str:
        return "drive estimate"

    def bind(self, people: Points, sites: Sites) -> EstimatedWays:
        """Tie demand points to sites; nothing is computed yet."""
        return EstimatedWays(StraightWays(people, sites), read_pace())


@dataclass(frozen=True, eq=False)
class EstimatedWays:
    """Straight lines, in estimated minutes: a limit in minutes is a limit in metres of each demand point.

    Parameters
    ----------
    lines
        Geodesics between demand points and sites.
    pace
        How minutes come from metres.
    """

    lines: StraightWays
    pace: Pace

    @cached_property
    def _around(self) -> FloatArray:
        """People within 10 miles of each demand point."""
        people = self.lines.people
        return people_around(people.lon, people.lat, few=len(people.known) <= SMALL)

    @cached_property
    def bounds(self) -> tuple[EstimatedWays, EstimatedWays]:
        """The same ways at the 10th and the 90th percentile of drives."""
        quick, slow = (replace(self, pace=pace) for pace in (self.pace.quick, self.pace.slow))
        for other in (quick, slow):
            vars(other)["_around"] = self._around
        return quick, slow

    def radii(self, limit: float) -> FloatArray:
        """Turn a limit into metres over the ground from each demand point."""
        return self._metres(np.array([limit]))[:, 0]

    def _metres(self, limits: FloatArray) -> FloatArray:
        return self.pace.metres(self._around, limits)

    def minutes(self, origin: IntArray, site: IntArray) -> FloatArray:
        """Estimate the minutes of some pairs, by their positions."""
        here, there = self.lines.people, self.lines.sites
        metres = geodesic_m(here.lon[origin], here.lat[origin], there.lon[site], there.lat[site])
        return self.pace.minutes(self._around[origin], metres[:, None])[:, 0]

    def nearest(self, k: int, limit: float) -> Answer:
        """Give the k sites of each demand point that are the fewest minutes away, which are the nearest."""
        index, metres, bearing = self.lines.nearest(k, self.radii(limit))
        return index, self.pace.minutes(self._around, metres), bearing

    def at_people(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of sites within limits of each demand point."""
        return self.lines.at_people(values, self._metres(limits))

    def at_sites(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of demand points that have each site within limits."""
        return self.lines.at_sites(values, self._metres(limits))

    def pairs(self, limit: float) -> Pairs:
        """List the pairs within a limit.

        Raises
        ------
        UnitError
            If there is no limit.
        """
        if math.isinf(limit):
            raise UnitError("estimated minutes need a limit, such as limit='30 min'")
        origin, site, metres = self.lines.pairs(self.radii(limit))
        return origin, site, self.pace.minutes(self._around[origin], metres[:, None])[:, 0]

    @property
    def off(self) -> None:
        """Nobody: a line may begin anywhere."""

    def placed(self, limits: FloatArray) -> None:
        """Left to whoever has limits in metres, `radii`; how rough the estimate itself is, `bounds` say."""
