"""A "find care near me" page that any agency can hand on: one HTML file, works offline, sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from iopdir.eligibility.rules import Rules
from iopdir.geography.boundaries import counties, states
from iopdir.geography.demand import demand_points
from iopdir.geography.places import zip_points
from iopdir.report.document import Markup, assemble, asset, crisis_lines, fill, markup, write_page
from iopdir.vocabulary.crisis import CRISIS_LINES
from iopdir.vocabulary.taxonomy import LevelOfCare
from iopdir.vocabulary.words import AGE_GROUPS, LEVELS, MEDICATIONS, PAYMENTS, POPULATIONS, SERVICES, SETTINGS

if TYPE_CHECKING:
    import geopandas as gpd

    from iopdir.directory.directory import Directory

__all__ = ["write_finder"]

_POINT_STEPS: Final = 1_000_000
"""Steps a degree for listings and ZIP codes: a tenth of a metre, so that no distance is off by rounding."""

_CITY_STEPS: Final = 10_000
_OUTLINE_STEPS: Final = 500
"""Steps a degree for borders: some 200 m, less than a pixel on the page's map."""


def write_finder(directory: Directory, path: str | Path, *, title: str | None = None) -> Path:
    """Write a self-contained page on which a person finds care near a ZIP code, a city, or the device.

    The page has a search by level of care, payment, age group, medication, special population, setting, telehealth
    and distance, a list with phone links, a map, lists by state, and plain words on what intensive outpatient care is,
    with the crisis lines first. It works from a disk, forbids every request, keeps the location on the device, and
    shows text of the directory as text. Distances are geodesics on WGS84 (Vincenty 1975), well within 0.1 % of
    `pyproj.Geod`.

    Parameters
    ----------
    directory
        The listing; demo data is marked SYNTHETIC all over the page.
    path
        Where to write the HTML file; folders are made.
    title
        Heading of the page.

    Returns
    -------
    Path
        The file written.

    Examples
    --------
    >>> import iopdir as iop, tempfile
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> page = iop.write_finder(vermont, Path(tempfile.mkdtemp()) / "finder.html")
    >>> "988" in page.read_text(encoding="utf-8")
    True
    """
    frame = directory.table.reset_index()
    heading = title or "Find intensive outpatient care near you"
    names = states().set_index("state")["name"].to_dict()
    zips = zip_points()
    cities = _cities(zips)
    codes = sorted({*frame["state"], *cities["state"], *names} - {""})
    data = {
        "directory": _listings(frame, codes) | {"state_names": names},
        "zips": _zip_table(zips),
        "cities": _city_table(cities, codes),
        "outlines": _outlines(counties(), states()),
    }
    page = assemble(
        title=f"SYNTHETIC: {heading}" if directory.synthetic else heading,
        body=_body(directory, heading),
        style=asset("base.css") + asset("finder.css"),
        script=asset("geodesic.js") + asset("finder.js"),
        data=data,
        synthetic=directory.synthetic,
    )
    return write_page(path, page)


def _steps(values: ArrayLike, per_unit: int) -> list[int | None]:
    """Whole steps from each known value to the next; None where unknown, which moves nothing."""
    scaled = np.round(np.asarray(values, dtype=float) * per_unit)
    known = np.isfinite(scaled)
    moves = np.diff(scaled[known].astype(np.int64), prepend=0)
    steps: list[int | None] = [None] * len(scaled)
    for position, move in zip(np.flatnonzero(known).tolist(), moves.tolist(), strict=True):
        steps[position] = move
    return steps


def _positions(values: Sequence[str], known: Sequence[str]) -> list[int]:
    """Position of each value among the known ones, -1 where it is empty."""
    place = {value: position for position, value in enumerate(known)}
    return [place.get(value, -1) for value in values]


def _masks(column: pd.Series[Any], words: Iterable[str]) -> list[int]:
    """One bit for each word that a cell holds."""
    bit = {word: 1 << position for position, word in enumerate(words)}
    return [sum(bit[word] for word in cell) for cell in column]


def _listings(frame: pd.DataFrame, codes: Sequence[str]) -> dict[str, Any]:
    street = (frame["street1"] + ", " + frame["street2"]).str.strip(", ")
    cities = sorted(set(frame["city"]) - {""})
    spoken = frame["languages"].map("; ".join)
    languages = sorted(set(spoken) | {""})
    listed = _listed_in(frame)
    sources = sorted(set(listed))
    return {
        "states": codes,
        "cities": cities,
        "sources": sources,
        "languages": languages,
        "levels": list(LEVELS.values()),
        "payments": list(PAYMENTS.values()),
        "ages": list(AGE_GROUPS.values()),
        "services": list(SERVICES.values()),
        "medications": list(MEDICATIONS.values()),
        "settings": list(SETTINGS.values()),
        "populations": list(POPULATIONS.values()),
        "name": frame["name"].tolist(),
        "program": frame["program"].tolist(),
        "street": street.tolist(),
        "city": _positions(frame["city"].tolist(), cities),
        "state": _positions(frame["state"].tolist(), codes),
        "zip": frame["zip"].tolist(),
        "phone": frame["phone"].tolist(),
        "intake": frame["intake_phone"].tolist(),
        "website": frame["website"].tolist(),
        "lon": _steps(frame["lon"], _POINT_STEPS),
        "lat": _steps(frame["lat"], _POINT_STEPS),
        "rough": (frame["precision"] != "address").astype(int).tolist(),
        "level": _masks(frame["levels_of_care"], LEVELS),
        "payment": _masks(frame["payments"], PAYMENTS),
        "age": _masks(frame["age_groups"], AGE_GROUPS),
        "service": _masks(frame["services"], SERVICES),
        "medication": _masks(frame["medications"], MEDICATIONS),
        "setting": _masks(frame["settings"], SETTINGS),
        "population": _masks(frame["special_populations"], POPULATIONS),
        "telehealth": frame["telehealth"].astype(int).tolist(),
        "language": _positions(spoken.tolist(), languages),
        "source": _positions(listed, sources),
    }


def _listed_in(frame: pd.DataFrame) -> list[str]:
    """Source and date of each listing, in words."""
    table: dict[tuple[str, str, str, bool], str] = {}
    for about in frame[["source", "edition", "retrieved", "synthetic"]].itertuples(index=False, name=None):
        if about not in table:
            name, edition, retrieved, synthetic = about
            mark = "SYNTHETIC " if synthetic and "SYNTHETIC" not in name else ""
            day = f", retrieved {date.fromisoformat(retrieved):%d %B %Y}" if retrieved else ""
            table[about] = f"{mark}{name}, edition {edition or 'no date given'}{day}"
    return [
        table[about]
        for about in frame[["source", "edition", "retrieved", "synthetic"]].itertuples(index=False, name=None)
    ]


def _zip_table(zips: pd.DataFrame) -> dict[str, Any]:
    ordered = zips.sort_index()
    return {
        "zip": _steps(ordered.index.astype(int), 1),
        "lon": _steps(ordered["lon"], _POINT_STEPS),
        "lat": _steps(ordered["lat"], _POINT_STEPS),
    }


def _cities(zips: pd.DataFrame) -> pd.DataFrame:
    """One row a post office name and state: the people-weighted middle of its ZIPs, as `find_place` has it."""
    people = demand_points("zcta")["population"].reindex(zips.index).fillna(0.0)
    table = zips.assign(population=people)[(zips["city"] != "") & (zips["state"] != "")]
    total = table.groupby(["city", "state"])["population"].transform("sum")
    table["weight"] = table["population"].where(total > 0, 1.0)
    for name in ("lon", "lat"):
        table[name] *= table["weight"]
    cities = table.groupby(["city", "state"])[["lon", "lat", "weight", "population"]].sum()
    for name in ("lon", "lat"):
        cities[name] /= cities["weight"]
    return cities.reset_index()


def _city_table(cities: pd.DataFrame, codes: Sequence[str]) -> dict[str, Any]:
    """Cities, those with most people first: the page takes the first that matches."""
    ordered = cities.sort_values(["population", "city", "state"], ascending=[False, True, True])
    return {
        "name": ordered["city"].tolist(),
        "state": _positions(ordered["state"].tolist(), codes),
        "lon": _steps(ordered["lon"], _CITY_STEPS),
        "lat": _steps(ordered["lat"], _CITY_STEPS),
    }


def _outlines(county: gpd.GeoDataFrame, state: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "scale": _OUTLINE_STEPS,
        "counties": _rings(county.geometry),
        "states": _rings(state.geometry),
    }


def _rings(shapes: gpd.GeoSeries) -> list[list[int]]:
    """Outer rings as steps east and north, alternating; rings that shrink to a line are left out."""
    import shapely

    rings = []
    for ring in shapely.get_exterior_ring(shapely.get_parts(shapes.to_numpy())):
        points = np.round(shapely.get_coordinates(ring) * _OUTLINE_STEPS).astype(np.int64)
        moved: NDArray[np.bool_] = np.any(np.diff(points, axis=0, prepend=points[:1] + 1) != 0, axis=1)
        points = points[moved][:-1]
        if len(points) > 2:
            rings.append(np.diff(points, axis=0, prepend=0).ravel().tolist())
    return rings


def _options(names: Iterable[str], chosen: int | None = None) -> Markup:
    template = '<option value="{{value}}"{{chosen}}>{{name}}</option>'
    return markup(
        template,
        (
            {"value": bit, "name": name, "chosen": Markup(" selected") if bit == chosen else ""}
            for bit, name in enumerate(names)
        ),
    )


def _body(directory: Directory, heading: str) -> Markup:
    banner = fill(asset("banner.html"), what="Every place on this page") if directory.synthetic else Markup()
    names = list(LEVELS)
    about = fill(
        asset("finder_about.html"),
        number=f"{len(directory):,}",
        sources="; ".join(str(source) for source in directory.provenance.sources),
        package=directory.provenance.package,
    )
    return fill(
        asset("finder.html"),
        banner=banner,
        kicker="SYNTHETIC demonstration" if directory.synthetic else "Treatment directory",
        heading=heading,
        crisis_lines=crisis_lines(),
        crisis_link=CRISIS_LINES["crisis"].link,
        crisis_number=CRISIS_LINES["crisis"].number,
        levels=Markup(
            _options(LEVELS.values(), names.index(LevelOfCare.IOP)) + '<option value="">any kind</option>'
        ),
        payments=_options(PAYMENTS.values()),
        ages=_options(AGE_GROUPS.values()),
        medications=_options(MEDICATIONS.values()),
        settings=_options(SETTINGS.values()),
        populations=_options(POPULATIONS.values()),
        asks=markup("<li>{{sentence}}</li>", ({"sentence": ask.sentence} for ask in Rules.default().asks)),
        about=about,
    )
