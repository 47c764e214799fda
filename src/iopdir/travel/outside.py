"""Matrices from what others measured: a routing server that somebody runs, files of OpenTimes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Self, Unpack

import numpy as np
import pandas as pd

from iopdir.geography.points import PointsLike, read_points
from iopdir.provenance import Provenance, Source, sources_of
from iopdir.travel.cost import Pairs, Unit, read_limit
from iopdir.travel.sites import Facilities, Filters, Points, Sites, sites

if TYPE_CHECKING:
    from iopdir.fetch.client import Client
    from iopdir.travel.servers import Protocol

__all__ = ["FromOutside"]


class FromOutside:
    """What makes a `CostMatrix` from the minutes of others."""

    def __init__(self, frame: pd.DataFrame, unit: Unit, provenance: Provenance) -> None:
        self._frame = frame
        self._unit = unit
        self._provenance = provenance

    @classmethod
    def from_osrm(
        cls,
        url: str,
        demand: PointsLike,
        directory: Facilities,
        *,
        max_cost: str | float | None = "120 min",
        profile: str = "driving",
        most: int = 100,
        resume: str | Path | None = None,
        client: Client | None = None,
        **filters: Unpack[Filters],
    ) -> Self:
        """Ask an OSRM server that you run: minutes from every demand point to every facility within a time.

        Parameters
        ----------
        url
            Of `osrm-routed`, such as ``"http://localhost:5000"``. Not the public demonstration server.
        demand
            Demand points; the index is the id.
        directory
            Facilities.
        max_cost
            Pairs beyond this are left out, inclusive; None for no limit. Pairs so far apart that no car could do it
            (160 km/h in a straight line) are not asked for.
        profile
            A word in the address; the server knows how it was prepared.
        most
            Places of one request, up to the server's `--max-table-size`; a larger one is faster.
        resume
            A file that keeps what has come: the same call goes on from there after a failure.
        client
            [Settings][iopdir.fetch.Client] of the network; no pause and three attempts by default.
        **filters
            As for [`iop.reach`][iopdir.reach].

        Returns
        -------
        CostMatrix
            In minutes.

        Raises
        ------
        FetchError
            If the server cannot be reached, refuses (its words are in the message), or speaks another language.
        LoadError
            If the file to resume from is of another question.
        CoordinateError
            If a demand point is not on Earth.
        UnitError
            If `max_cost` is no time.

        Examples
        --------
        >>> import iopdir as iop
        >>> cost = iop.CostMatrix.from_osrm("http://localhost:5000", tracts, iops)  # doctest: +SKIP
        """
        from iopdir.travel.servers import osrm

        ends = demand, directory, max_cost, resume, client
        return cls._asked(osrm(url, profile, most), *ends, filters)

    @classmethod
    def from_valhalla(
        cls,
        url: str,
        demand: PointsLike,
        directory: Facilities,
        *,
        max_cost: str | float | None = "120 min",
        costing: str = "auto",
        most: int = 50,
        resume: str | Path | None = None,
        client: Client | None = None,
        **filters: Unpack[Filters],
    ) -> Self:
        """Ask a Valhalla server that you run: minutes from every demand point to every facility within a time.

        Parameters
        ----------
        url
            Of `valhalla_service`, such as ``"http://localhost:8002"``.
        demand, directory, max_cost, resume, client, **filters
            As for `from_osrm`.
        costing
            ``"auto"`` for cars; `bicycle` or `pedestrian`.
        most
            Places of one request, up to the server's `max_matrix_locations`.

        Returns
        -------
        CostMatrix
            In minutes.

        Raises
        ------
        FetchError, LoadError, CoordinateError, UnitError
            As for `from_osrm`.

        Examples
        --------
        >>> import iopdir as iop
        >>> cost = iop.CostMatrix.from_valhalla("http://localhost:8002", tracts, iops)  # doctest: +SKIP
        """
        from iopdir.travel.servers import valhalla

        ends = demand, directory, max_cost, resume, client
        return cls._asked(valhalla(url, costing, most), *ends, filters)

    @classmethod
    def _asked(
        cls,
        protocol: Protocol,
        demand: PointsLike,
        directory: Facilities,
        max_cost: str | float | None,
        resume: str | Path | None,
        client: Client | None,
        filters: Filters,
    ) -> Self:
        from iopdir.travel.servers import ask

        limit, homes, supply = read_limit(max_cost, "min"), read_points(demand), sites(directory, **filters)
        ends = Points.of(homes)
        found = ask(protocol, ends, supply, limit, resume=resume, client=client)
        about = {"asked": protocol.about, "max_cost_min": None if limit == np.inf else limit}
        return cls._listed(homes, ends, supply, found, [protocol.source], "min", **about)

    @classmethod
    def from_opentimes(
        cls,
        folder: str | Path,
        demand: PointsLike,
        directory: Facilities,
        *,
        centers: pd.DataFrame | None = None,
        geography: str = "tract",
        mode: str = "car",
        year: int | str | None = None,
        version: str | None = None,
        max_cost: str | float | None = "120 min",
        **filters: Unpack[Filters],
    ) -> Self:
        """Read OpenTimes: minutes between census places, without traffic.

        Parameters
        ----------
        folder
            Where its Parquet files lie, in the folders that OpenTimes gives them
            (`mode=car/year=2024/geography=tract/state=17`), for the states of the demand.
        demand
            Demand points, indexed by the code of their place, such as those of
            [`read_popcenters`][iopdir.read_popcenters].
        directory
            Facilities; each stands in the place whose center is nearest to it.
        centers
            Places with `lon` and `lat`, indexed by code, to find those of facilities: of the neighbouring states too.
            The demand points, if not given.
        geography, mode, year, version
            Which files; year and version need not be given where there is one.
        max_cost
            Pairs beyond this are left out, inclusive; None for no limit.
        **filters
            As for [`iop.reach`][iopdir.reach].

        Returns
        -------
        CostMatrix
            In minutes. Within one place, where the files say 0, they are estimated as by ``"drive-estimate"``;
            `provenance` counts those pairs, and the demand points that no file knows.

        Raises
        ------
        LoadError
            If there are no such files, of several years, none for a state, or one is damaged.
        CoordinateError
            If a demand point is not on Earth.
        UnitError
            If `max_cost` is no time.
        ValueError
            If a code stands twice.
        """
        from iopdir.travel.opentimes import minutes_between

        limit, homes, supply = read_limit(max_cost, "min"), read_points(demand), sites(directory, **filters)
        ends, places = Points.of(homes), Points.of(homes if centers is None else read_points(centers))
        wanted = {"geography": geography, "mode": mode, "year": year, "version": version}
        chosen = {name: str(value) for name, value in wanted.items() if value is not None}
        found, files, about = minutes_between(folder, ends, supply, places, limit, chosen)
        return cls._listed(homes, ends, supply, found, files, "min", **about)

    @classmethod
    def _listed(
        cls,
        homes: pd.DataFrame,
        ends: Points,
        supply: Sites,
        found: Pairs,
        sources: Iterable[Source],
        unit: Unit,
        **about: object,
    ) -> Self:
        """List pairs that somebody measured, here or elsewhere."""
        origin, destination, amount = found
        table = pd.DataFrame(
            {"origin": ends.ids.take(origin), "destination": supply.ids.take(destination), "cost": amount}
        )
        cited = [*sources_of(homes), *supply.sources, *sources]
        return cls(table, unit, Provenance.of(cited, **supply.about(), unit=unit, **about))
