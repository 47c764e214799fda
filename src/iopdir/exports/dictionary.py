"""What the columns of our tables mean, for the sheet of notes and the file beside a CSV."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from iopdir.schema.columns import COLUMNS
from iopdir.text import TEXT

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
    "estimate_low": ("0 to 1", "Share if every drive were as slow as the slowest tenth."),
    "estimate_high": ("0 to 1", "Share if every drive were as quick as the quickest tenth."),
    "people_not_required": ("people", "People of other states, of whom the standard asks nothing."),
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
    "duration_low_min": ("minutes", "Time of the way, were the drive one of the quickest tenth."),
    "duration_high_min": ("minutes", "Time of the way, were the drive one of the slowest tenth."),
    "bearing_deg": ("degrees", "Direction from the origin, clockwise from north."),
    "people_depending": ("people", "People who have only this facility."),
    "farthest_m": ("metres", "How far the farthest of them has to go."),
    "farthest_min": ("minutes", "How long the farthest of them has to go."),
    "zcta": ("text", "ZIP area of the Census."),
    "facility_id": ("text", "Facility, or the new site."),
    "city": ("text", "Town of the facility."),
    "lon": ("degrees", "Longitude, EPSG:4326."),
    "lat": ("degrees", "Latitude, EPSG:4326."),
    "within_before": ("people", "Within the standard before the change."),
    "within_after": ("people", "Within the standard after it."),
    "nearest_before_m": ("metres", "Distance to the nearest facility before the change."),
    "nearest_after_m": ("metres", "Distance to the nearest facility after it."),
    "change": ("text", "What the change does to these people."),
    "order": ("count", "1 for the site to open first."),
    "cumulative": ("people", "People newly within, of this site and those before it."),
    "stability": ("0 to 1", "How often this very place is chosen again when unsure things are drawn anew."),
    "stand_in": ("0 to 1", "How often it or others that do half of its work are."),
    "people_losing": ("people", "People no longer within if this facility closed."),
    "added_m": ("metres", "Longer way of those, on average."),
    "people_stranded": ("people", "Of them, those with no other facility at all."),
    "people_nearest": ("people", "People whose nearest facility this is."),
    "added_nearest_m": ("metres", "Longer way of those, on average."),
    "measure": ("text", "The measure."),
    "mean": ("of the measure", "Mean over people."),
    "median": ("of the measure", "Median over people."),
    "share_zero": ("0 to 1", "Share of people whose value is 0."),
    "gini": ("0 to 1", "Gini coefficient: 0 if all have the same."),
    "palma_ratio": ("ratio", "What the best-off tenth has, over what the worst-off two fifths have."),
    "theil": ("index", "Theil index: 0 if all have the same."),
    "passes": ("count", "Standards that the area passes."),
    "fails": ("count", "Standards that the area fails."),
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
    return pd.DataFrame(rows, columns=["column", "unit", "meaning"], dtype=TEXT)
