"""Plain words for what the tables hold: statuses, repairs, shares, distances; for codes see `vocabulary.words`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from iopdir.intake.quality import Reason
from iopdir.standards.standard import Standard
from iopdir.units import METRES_PER_MILE, format_distance

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "REASONS",
    "STATUSES",
    "careful_text",
    "carries",
    "cost_text",
    "miles_text",
    "people_text",
    "placement_text",
    "range_text",
    "share_text",
    "way_text",
    "within_text",
]

STATUSES: Final[Mapping[str, str]] = {
    "ok": "",
    "beyond_cap": "none within reach",
    "no_facility": "no facility listed",
    "bad_coordinate": "place unknown",
    "no_population": "nobody lives here",
    "no_county_match": "no county matched",
    "no_area_match": "in none of the areas",
    "not_required": "the standard is another state's",
    "listing_abroad": "the listing lies in no state of the country",
    "listing_unplaced": "most of the listing has no known point",
}
REASONS: Final[Mapping[Reason, str]] = {
    Reason.MALFORMED_ROW: "row of another shape than the rest",
    Reason.SHORT_ROW: "row that ends before its header does",
    Reason.NO_NAME: "no name",
    Reason.NO_PLACE: "nothing that says where it is",
    Reason.DUPLICATE: "the same site listed twice",
    Reason.SAME_SITE_FAR_APART: "one name and address, but points more than a kilometer apart",
    Reason.SAME_ID: "another row that nothing tells apart",
    Reason.ZIP_OF_OTHER_STATE: "ZIP code of another state than the row says",
    Reason.COORDINATE_NEAR_STATE: "point just outside the generalized outline of its state",
    Reason.COUNTY_CORRECTED: "county that did not follow its point",
    Reason.ZIP_LOST_ZEROS: "ZIP code that had lost its leading zeros",
    Reason.ZIP_MALFORMED: "ZIP code that is none",
    Reason.ZIP_UNPLACED: "ZIP code whose place is not known",
    Reason.STATE_UNKNOWN: "state that is none",
    Reason.STATE_CONTRADICTION: "state and point that contradict each other",
    Reason.PHONE_MALFORMED: "phone number that is none",
    Reason.WEBSITE_MALFORMED: "web address that is none",
    Reason.COORDINATE_MALFORMED: "coordinate that is no number",
    Reason.COORDINATE_ZERO: "coordinate of zero",
    Reason.COORDINATE_SWAPPED: "latitude and longitude swapped",
    Reason.COORDINATE_SIGN: "coordinate with the wrong sign",
    Reason.COORDINATE_ELSEWHERE: "point outside the country",
    Reason.COORDINATE_FAR_FROM_ZIP: "point far from its ZIP code",
    Reason.COUNTY_CONTRADICTION: "county that is not the one of the point",
    Reason.COUNTY_OF_OTHER_VINTAGE: "county of other boundaries",
    Reason.COUNTY_NEAREST: "point in no county, given to the nearest",
    Reason.NO_COUNTY_MATCH: "no county found",
    Reason.UNKNOWN_CODE: "service code that no edition has",
    Reason.NOT_SUBSTANCE_USE: "not listed for substance use",
}


def share_text(share: float) -> str:
    """Write a share for reading; a gap is never rounded away.

    Examples
    --------
    >>> share_text(0.969), share_text(1.0), share_text(0.99996), share_text(0.00001)
    ('96.9%', '100%', 'over 99.9%', 'under 0.1%')
    >>> share_text(float("nan"))
    'not known'
    """
    if not math.isfinite(share):
        return "not known"
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    if share >= 0.9995:
        return "over 99.9%"
    return "under 0.1%" if share < 0.0005 else f"{share:.1%}"


_WIDEST: Final = 1 / 3
"""Width of a placement range beyond which the share within it is not printed; a choice of this package."""


def carries(row: Mapping[str, Any] | pd.Series[Any]) -> bool:
    """Say whether the placement of the facilities is exact enough for a single share.

    Examples
    --------
    >>> carries({"placement_low": 0.33, "placement_high": 0.82}), carries({"share": 0.6})
    (False, True)
    """
    return bool(row.get("placement_high", 0.0) - row.get("placement_low", 0.0) <= _WIDEST)


def careful_text(row: Mapping[str, Any] | pd.Series[Any]) -> str:
    """Write a share for reading, or only its range where the placement of facilities carries no more.

    Examples
    --------
    >>> careful_text({"share": 0.6, "placement_low": 0.33, "placement_high": 0.82})
    'somewhere between 33.0% and 82.0%'
    """
    if carries(row):
        return share_text(row["share"])
    return f"somewhere between {share_text(row['placement_low'])} and {share_text(row['placement_high'])}"


_TOLD_FROM: Final = 0.05
"""Width of a placement range from which it stands beside the share; a choice of this package."""


def placement_text(row: Mapping[str, Any] | pd.Series[Any]) -> str:
    """Say how much a share hangs on where in their ZIP codes facilities stand; nothing where it hardly does.

    Examples
    --------
    >>> placement_text({"placement_low": 0.674, "placement_high": 0.954})
    'Where in their ZIP codes facilities stand is not known: by that it is 67.4% to 95.4%.'
    >>> placement_text({"placement_low": 0.99, "placement_high": 1.0}), placement_text({"share": 0.5})
    ('', '')
    """
    if row.get("placement_high", 0.0) - row.get("placement_low", 0.0) < _TOLD_FROM:
        return ""
    return f"Where in their ZIP codes facilities stand is not known: by that it is {range_text(row, 'placement')}."


def people_text(people: float) -> str:
    """Write a number of people the way a sentence wants it.

    Examples
    --------
    >>> people_text(10_412_345), people_text(45_678), people_text(0.4)
    ('10.4 million', '45,678', 'fewer than 1')
    """
    if not math.isfinite(people):
        return "not known"
    if people >= 999_950:
        return f"{people / 1e6:,.1f} million"
    return "fewer than 1" if 0 < people < 0.5 else f"{people:,.0f}"


def way_text(row: Mapping[str, Any] | pd.Series[Any], name: str) -> str:
    """Write how far it is for reading: miles or minutes, whichever a row has; with "~" where most ZIP codes stand in.

    A row whose `by_zip` is half or more leads mostly to facilities that are known only by their ZIP code; no way at all
    is then the same ZIP.

    Parameters
    ----------
    row
        Of a table of coverage or of the nearest.
    name
        The column without its unit: `nearest` or `distance` (`duration` with minutes).

    Examples
    --------
    >>> way_text({"nearest_m": 16_093.44}, "nearest"), way_text({"nearest_min": 12.4}, "nearest")
    ('10 miles', '12 min')
    >>> [way_text({"nearest_m": metres, "by_zip": 0.9}, "nearest") for metres in (16_093.44, 0.0)]
    ['~10 miles', 'same ZIP']
    """
    unit, words = ("m", miles_text) if f"{name}_m" in row else ("min", _minutes_text)
    way = float(row[f"{name}_{unit}"])
    text = words(way)
    if row.get("by_zip", 0.0) < 0.5 or text == "none":
        return text
    return "same ZIP" if way == 0 else f"~{text}"


def _minutes_text(minutes: float) -> str:
    if not math.isfinite(minutes):
        return "none"
    return "under 1 min" if minutes < 0.5 else f"{minutes:,.0f} min"


def range_text(row: Mapping[str, Any] | pd.Series[Any], name: str) -> str:
    """Write a range of shares.

    Examples
    --------
    >>> range_text({"estimate_low": 0.5, "estimate_high": 0.612}, "estimate")
    '50.0% to 61.2%'
    """
    return f"{share_text(row[f'{name}_low'])} to {share_text(row[f'{name}_high'])}"


_MATRIX: Final = re.compile(r"CostMatrix of ([\d,]+) pairs, .*, (m|min)")
"""How a matrix calls itself."""


def cost_text(parameters: Mapping[str, Any]) -> str:
    """Say what a way was measured by, from the parameters of a table.

    Examples
    --------
    >>> cost_text({"cost": "straight lines"}), cost_text({"cost": "drive estimate"})
    ('Straight-line distance, not driving time.', 'Minutes by car, estimated from distance and the people around.')
    >>> cost_text({"cost": "CostMatrix of 9 pairs, 3 origins x 3 destinations, min"})
    'Minutes as a matrix of 9 pairs says.'
    """
    cost = str(parameters.get("cost", "straight lines"))
    if found := _MATRIX.fullmatch(cost):
        return f"{'Minutes' if found[2] == 'min' else 'Distance'} as a matrix of {found[1]} pairs says."
    known = {
        "straight lines": "Straight-line distance, not driving time.",
        "drive estimate": "Minutes by car, estimated from distance and the people around.",
    }
    return known.get(cost, f"Measured by: {cost}.")


def miles_text(distance_m: float) -> str:
    """Write metres as miles for reading.

    Examples
    --------
    >>> miles_text(1609.344 * 12.34), miles_text(500), miles_text(0), miles_text(float("inf"))
    ('12 miles', '0.3 miles', 'under 0.1 miles', 'none')
    """
    miles = distance_m / METRES_PER_MILE
    if not math.isfinite(miles):
        return "none"
    if miles < 0.05:
        return "under 0.1 miles"
    return f"{miles:,.0f} miles" if miles >= 9.95 else f"{miles:.1f} miles"


def within_text(rule: Standard) -> str:
    """Write a standard the way a sentence wants it; one with a name of its own is named elsewhere on the page.

    Examples
    --------
    >>> from iopdir.standards.parse import parse_standard
    >>> [within_text(parse_standard(text)) for text in ("30 mi", "1 mi", "20 min")]
    ['within 30 miles', 'within 1 mile', 'within 20 minutes']
    >>> within_text(parse_standard("cms-obh"))
    'within the standard'
    """
    if rule.source != "given by the user":
        return "within the standard"
    (limit,) = rule.limits.values()
    if limit.distance_m is None:
        return f"within {limit.duration_min:g} minutes"
    text = format_distance(limit.distance_m).removesuffix(" mi")
    return f"within {text} {'mile' if text == '1' else 'miles'}"
