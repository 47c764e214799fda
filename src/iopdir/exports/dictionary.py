"""What the columns of our tables mean, for the sheet of notes and the file beside a CSV."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from iopdir.schema.columns import COLUMNS

__all__ = ["PEOPLE", "data_dictionary"]

PEOPLE: Final = ("people", "covered", "gap", "people_moe", "people_short", "people_depending")
"""Columns that count people."""

_MEANINGS: Final = {
    "county_fips": ("text", "County, five digits; blank for people in no known county."),
    "state": ("text", "Postal abbreviation."),
    "nation": ("text", "The states counted together."),
    "vintage": ("year", "Year of the county codes."),
    "name": ("text", "Name of the area or facility."),
    "standard": ("text", "The standard that was applied."),
    "group": ("text", "Column of the demand points that counts these people."),
    "people": ("people", "People who live in the area."),
    "covered": ("people", "Of them, those within the standard."),
    "gap": ("people", "Of them, those outside the standard."),
    "share": ("0 to 1", "covered / people."),
    "placement_low": ("0 to 1", "Share if sites known only by their ZIP lay farther from everybody."),
    "placement_high": ("0 to 1", "Share if they lay nearer to everybody."),
    "listing_low": ("0 to 1", "Expected share if few of the listings are active."),
    "listing_high": ("0 to 1", "Expected share if most of the listings are active."),
    "people_moe": ("people", "Margin of error of people."),
    "share_moe": ("0 to 1", "Margin of error of share."),
    "nearest_m": ("metres", "Distance to the nearest facility, median over people."),
    "nearest_min": ("minutes", "Time to the nearest facility, median over people."),
    "facilities": ("count", "Facilities inside the area."),
    "tested": ("text", "Which halves of the standard were tested."),
    "county_type": ("text", "Class of the county in the standard."),
    "required_share": ("0 to 1", "Share that the standard requires."),
    "settled": ("text", "Whether what is not known could change the verdict."),
    "verdict": ("text", "Whether the area passes."),
    "people_short": ("people", "How many more people must be covered to pass."),
    "counties_failing": ("count", "Counties of the area that fail."),
    "needed_m": ("metres", "Limit that would cover enough people."),
    "needed_min": ("minutes", "Limit that would cover enough people."),
    "status": ("text", "Why a value is what it is."),
    "origin": ("text", "Demand point."),
    "rank": ("count", "1 for the nearest."),
    "distance_m": ("metres", "Geodesic on WGS84."),
    "duration_min": ("minutes", "Time of the way."),
    "bearing_deg": ("degrees", "Direction from the origin, clockwise from north."),
    "people_depending": ("people", "People who have only this facility."),
    "farthest_m": ("metres", "How far the farthest of them has to go."),
    "farthest_min": ("minutes", "How long the farthest of them has to go."),
    "geometry": ("EPSG:4326", "Outline or point."),
}


def data_dictionary(names: Iterable[str], *, facilities: bool = False) -> pd.DataFrame:
    """Say what columns mean.

    Parameters
    ----------
    names
        The columns.
    facilities
        Whether they are those of the facility table.

    Returns
    -------
    DataFrame
        `column, unit, meaning`; the last two are blank for a column that came from elsewhere.

    Examples
    --------
    >>> data_dictionary(["gap", "beds"])["meaning"].tolist()
    ['Of them, those outside the standard.', '']
    """
    rows = []
    for name in names:
        declared = COLUMNS.get(name)
        if facilities and declared is not None:
            unit = f"list of {declared.kind}" if declared.many else declared.kind
            rows.append((name, unit, declared.meaning.replace("`", "")))
        else:
            rows.append((name, *_MEANINGS.get(name, ("", ""))))
    return pd.DataFrame(rows, columns=["column", "unit", "meaning"])
