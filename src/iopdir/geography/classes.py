"""What kind of county a county is: the classes of CMS, by people and density."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iopdir.datasets import pack_source
from iopdir.geography.boundaries import county_list, crosswalk
from iopdir.geography.demand import county_weights, demand_points
from iopdir.provenance import Provenance
from iopdir.units import METRES_PER_MILE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CountyType", "classify_counties", "county_types"]

SQUARE_METRES_PER_SQUARE_MILE: Final = METRES_PER_MILE**2
"""Exact, from the international mile."""


class CountyType(StrEnum):
    """How CMS classes counties by population and density, 42 CFR 422.116(c), densest first."""

    LARGE_METRO = "Large Metro"
    METRO = "Metro"
    MICRO = "Micro"
    RURAL = "Rural"
    CEAC = "CEAC"
    """County with extreme access considerations: fewer than 10 people per square mile."""


_BAND_PEOPLE: Final = np.array([0, 10_000, 50_000, 200_000, 500_000, 1_000_000])
_TYPES: Final = (
    CountyType.CEAC,
    CountyType.RURAL,
    CountyType.MICRO,
    CountyType.METRO,
    CountyType.LARGE_METRO,
)
_INF: Final = np.inf
_LEAST_DENSITY: Final = np.array(
    [  # people per square mile from which on a county is CEAC, Rural, Micro, Metro, Large Metro
        [0, 10, _INF, _INF, 5000],
        [0, 10, 50, 1000, 5000],
        [0, _INF, 10, 100, 5000],
        [0, _INF, _INF, 10, 5000],
        [0, _INF, _INF, 10, 1500],
        [0, _INF, _INF, 10, 1000],
    ]
)
"""A row for each band of population, 42 CFR 422.116(c)(1); flag 2° (transcription) and M (memory)."""


def classify_counties(people: ArrayLike, land_area_m2: ArrayLike) -> list[CountyType]:
    """Give each county its CMS type.

    The rule prints bands such as "10-999.9" and "50,000-199,999". They are read without gaps: a density
    of 999.95 is below 1,000, and people are rounded to whole ones first.

    Parameters
    ----------
    people
        Residents, shape (n,).
    land_area_m2
        Square metres, shape (n,).

    Returns
    -------
    list[CountyType]
        One a county.

    Raises
    ------
    ValueError
        If an area is not positive or a population negative or missing.

    Notes
    -----
    42 CFR 422.116(c)(1): flag 2° (a third party's transcription) and M (memory).

    Examples
    --------
    100,000 people in 1,000 and in 10,001 square miles:

    >>> areas = np.array([1000, 10_001]) * SQUARE_METRES_PER_SQUARE_MILE
    >>> [kind.value for kind in classify_counties([100_000, 100_000], areas)]
    ['Metro', 'CEAC']
    """
    whole, area = np.rint(np.asarray(people, dtype=float)), np.asarray(land_area_m2, dtype=float)
    if not ((whole >= 0).all() and (area > 0).all()):
        raise ValueError("people must be 0 or more and areas above 0 in every county")
    density = whole / (area / SQUARE_METRES_PER_SQUARE_MILE)
    band = np.searchsorted(_BAND_PEOPLE, whole, side="right") - 1
    reached = density[:, None] >= _LEAST_DENSITY[band]
    top: NDArray[np.int64] = len(_TYPES) - 1 - reached[:, ::-1].argmax(axis=1)
    return [_TYPES[index] for index in top]


def county_types(vintage: int = 2023) -> pd.DataFrame:
    """Class the counties by the CMS rule.

    Parameters
    ----------
    vintage
        Year of the county codes, 2020 or 2023.

    Returns
    -------
    DataFrame
        Indexed by `county_fips`: `vintage, people, land_area_m2, people_per_mi2, county_type`.

    Raises
    ------
    VintageError
        If the codes of that year are not known.

    Notes
    -----
    People are those of the embedded ZIP areas (ACS 2018-22, shared out to counties by HUD 12/2025), land areas
    those of the Census Bureau. CMS publishes a list of its own each year, from other estimates: a county near an
    edge may be of another type there.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.geography.county_types()["county_type"].loc[["17031", "02290"]].tolist()
    ['Large Metro', 'CEAC']
    """
    return _county_types(vintage).copy()


@cache
def _county_types(vintage: int) -> pd.DataFrame:
    import pandas as pd

    from iopdir.text import TEXT

    table, demand = county_list(vintage), demand_points("zcta")
    weights = county_weights(demand)
    homes = weights["weight"].to_numpy() * demand["population"].reindex(weights["demand_id"]).to_numpy()
    people = pd.Series(homes).groupby(weights["county_fips"].to_numpy("str")).sum()
    if vintage != 2023:
        change = crosswalk(2023, vintage)
        moved = change["weight"] * people.reindex(change["from_fips"]).fillna(0.0).to_numpy()
        people = moved.groupby(change["to_fips"].to_numpy("str")).sum()
    table["people"] = people.reindex(table.index).fillna(0.0)
    table["people_per_mi2"] = table["people"] / (table["land_area_m2"] / SQUARE_METRES_PER_SQUARE_MILE)
    kinds = classify_counties(table["people"], table["land_area_m2"])
    table["county_type"] = pd.array([kind.value for kind in kinds], dtype=TEXT)
    packs = [pack_source(name) for name in ("zcta", "zcta_county", "counties")]
    table.attrs["provenance"] = Provenance.of(packs, rule="42 CFR 422.116(c)(1)", vintage=vintage).to_dict()
    return table[["vintage", "people", "land_area_m2", "people_per_mi2", "county_type"]]
