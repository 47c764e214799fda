"""What a finder page carries: listings, places people name, and a map, as columns of small whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from iopdir.datasets import open_pack
from iopdir.geography.boundaries import counties, states
from iopdir.geography.demand import demand_points
from iopdir.geography.places import NICKNAMES, zip_counties, zip_points
from iopdir.progress import during
from iopdir.report.languages import MEANINGS
from iopdir.travel.pace import read_pace

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

__all__ = ["finder_data"]

_POINT_STEPS: Final = 1_000_000
"""Steps a degree for listings and ZIP codes: a tenth of a metre, so that no distance is off by rounding."""

_PLACE_STEPS: Final = 10_000
_OUTLINE_STEPS: Final = 500
"""Steps a degree for borders and water: some 200 m, about a pixel on the page's map."""

_SIZES: Final = (500_000, 100_000, 20_000)
"""People of a city from which on its name is written larger; a choice of this package."""

_COLUMNS: Final = {
    "level": "levels_of_care",
    "payment": "payments",
    "age": "age_groups",
    "service": "services",
    "medication": "medications",
    "setting": "settings",
    "population": "special_populations",
}


@during("Writing the page")
def finder_data(frame: pd.DataFrame, listed_in: Sequence[str]) -> dict[str, Any]:
    """Give everything a finder page knows.

    Parameters
    ----------
    frame
        Facilities, one row each, as `Directory.table` has them.
    listed_in
        Source and date of each row, in words.

    Returns
    -------
    dict
        Name -> what the scripts read under it.
    """
    names = states().set_index("state")["name"].to_dict()
    zips = zip_points().sort_index()
    zips["people"] = demand_points("zcta")["population"].reindex(zips.index).fillna(0.0)
    cities = _cities(zips)
    codes = sorted({*frame["state"], *zips["state"], *names} - {""})
    return {
        "directory": _listings(frame, codes, listed_in) | {"state_names": names, "nicknames": NICKNAMES},
        "zips": {
            "zip": _steps(zips.index.astype(int), 1),
            "people": zips["people"].astype(int).tolist(),
            "city": cities.index.get_indexer(pd.MultiIndex.from_frame(zips[["city", "state"]])).tolist(),
            **_points(zips, _POINT_STEPS),
        },
        "cities": {
            "name": cities.index.get_level_values("city").tolist(),
            "state": _positions(cities.index.get_level_values("state"), codes),
            "larger": [int((cities >= size).sum()) for size in _SIZES],
        },
        "counties": _counties(zips, codes),
        "outlines": _outlines(),
        "pace": {name: column.tolist() for name, column in read_pace().to_frame().items()},
    }


def _steps(values: ArrayLike, per_unit: int) -> list[int | None]:
    """Whole steps from each known value to the next; None where unknown, which moves nothing."""
    scaled = np.round(np.asarray(values, dtype=float) * per_unit)
    known = np.isfinite(scaled)
    moves = np.diff(scaled[known].astype(np.int64), prepend=0)
    steps: list[int | None] = [None] * len(scaled)
    for position, move in zip(np.flatnonzero(known).tolist(), moves.tolist(), strict=True):
        steps[position] = move
    return steps


def _points(frame: pd.DataFrame, per_degree: int) -> dict[str, list[int | None]]:
    return {name: _steps(frame[name], per_degree) for name in ("lon", "lat")}


def _positions(values: Iterable[str], known: Sequence[str]) -> list[int]:
    """Position of each value among the known ones, -1 where it is empty."""
    place = {value: position for position, value in enumerate(known)}
    return [place.get(value, -1) for value in values]


def _masks(column: pd.Series[Any], words: Iterable[str]) -> list[int]:
    """One bit for each word that a cell holds."""
    bit = {word: 1 << position for position, word in enumerate(words)}
    return [sum(bit[word] for word in cell) for cell in column]


def _listings(frame: pd.DataFrame, codes: Sequence[str], listed_in: Sequence[str]) -> dict[str, Any]:
    street = (frame["street1"] + ", " + frame["street2"]).str.strip(", ")
    cities = sorted(set(frame["city"]) - {""})
    spoken = frame["languages"].map("; ".join)
    together = sorted(set(spoken) | {""})
    sources = sorted(set(listed_in))
    return {
        "states": codes,
        "cities": cities,
        "sources": sources,
        "languages": [[name for name in names.split("; ") if name] for names in together],
        "name": frame["name"].tolist(),
        "program": frame["program"].tolist(),
        "street": street.tolist(),
        "city": _positions(frame["city"], cities),
        "state": _positions(frame["state"], codes),
        "zip": frame["zip"].tolist(),
        "phone": frame["phone"].tolist(),
        "intake": frame["intake_phone"].tolist(),
        "website": frame["website"].tolist(),
        **_points(frame, _POINT_STEPS),
        "rough": (frame["precision"] != "address").astype(int).tolist(),
        **{table: _masks(frame[column], MEANINGS[table]) for table, column in _COLUMNS.items()},
        "telehealth": frame["telehealth"].astype(int).tolist(),
        "language": _positions(spoken, together),
        "source": _positions(listed_in, sources),
    }


def _cities(zips: pd.DataFrame) -> pd.Series[float]:
    """People by post office name and state, most first; a city is the middle of its ZIPs, as `find_place` has it."""
    people = zips.groupby(["city", "state"])["people"].sum().sort_index()
    ordered: pd.Series[float] = people.sort_values(ascending=False, kind="stable")
    return ordered


def _counties(zips: pd.DataFrame, codes: Sequence[str]) -> dict[str, Any]:
    """Counties, most people first: where their people live, and where their names stand on a map."""
    table = counties()
    inside = table.geometry.representative_point()
    homes = zips.assign(county_fips=zip_counties()["county_fips"].reindex(zips.index))
    parts = homes[["lon", "lat"]].mul(homes["people"], axis=0).assign(people=homes["people"])
    sums = parts.groupby(homes["county_fips"]).sum().reindex(table.index, fill_value=0.0)
    lived = sums["people"] > 0
    named = table[["name", "state"]].assign(
        people=sums["people"],
        lon=inside.x.mask(lived, sums["lon"] / sums["people"].where(lived)),
        lat=inside.y.mask(lived, sums["lat"] / sums["people"].where(lived)),
        x=inside.x,
        y=inside.y,
    )
    named = named.sort_values(["people", "name", "state"], ascending=[False, True, True])
    return {
        "name": named["name"].tolist(),
        "state": _positions(named["state"], codes),
        "label_lon": _steps(named["x"], _OUTLINE_STEPS),
        "label_lat": _steps(named["y"], _OUTLINE_STEPS),
    } | _points(named, _PLACE_STEPS)


def _outlines() -> dict[str, Any]:
    import shapely

    water = open_pack("water")
    rivers = water[water["kind"] == "river"].explode("geometry")
    areas = {
        kind: shapely.get_rings(water.geometry[water["kind"] == kind].to_numpy())
        for kind in ("lake", "abroad")
    }
    lines = [_corners(line) for line in rivers.geometry]
    return {
        "scale": _OUTLINE_STEPS,
        "counties": _rings(counties().geometry),
        "states": _rings(states().geometry),
        "lakes": [steps for ring in areas["lake"] if (steps := _ring(ring))],
        "abroad": [steps for ring in areas["abroad"] if (steps := _ring(ring))],
        "rivers": [_moves(line) for line in lines],
        "river_names": rivers["name"].tolist(),
    }


def _rings(shapes: gpd.GeoSeries) -> list[list[int]]:
    """Outer rings, those that shrink to a line left out: what lies in a hole is another shape."""
    import shapely

    outer = shapely.get_exterior_ring(shapely.get_parts(shapes.to_numpy()))
    return [steps for ring in outer if (steps := _ring(ring))]


def _ring(shape: shapely.Geometry) -> list[int]:
    points = _corners(shape)[:-1]
    return _moves(points) if len(points) > 2 else []


def _corners(shape: shapely.Geometry) -> NDArray[np.int64]:
    """Corners in whole steps, none twice in a row."""
    import shapely

    points = np.round(shapely.get_coordinates(shape) * _OUTLINE_STEPS).astype(np.int64)
    moved = np.any(np.diff(points, axis=0, prepend=points[:1] + 1) != 0, axis=1)
    kept: NDArray[np.int64] = points[moved]
    return kept


def _moves(points: NDArray[np.int64]) -> list[int]:
    """Give the steps east and north from each corner to the next, alternating."""
    moves: list[int] = np.diff(points, axis=0, prepend=0).ravel().tolist()
    return moves
