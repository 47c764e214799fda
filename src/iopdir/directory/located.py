"""Points taken over from another listing, where both describe one place."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.geography.boundaries import locate_counties
from iopdir.geography.places import zip_points
from iopdir.intake.placing import TRUSTED_DISTANCE_M
from iopdir.intake.quality import Ledger, Reason
from iopdir.linking.kinds import Kind
from iopdir.linking.link import link
from iopdir.linking.spelling import read_street
from iopdir.spatial.geodesy import geodesic_m
from iopdir.text import TEXT

__all__ = ["take_points"]

_AT_ONE_PLACE: Final = [Kind.UNCHANGED, Kind.CORRECTED, Kind.RENAMED]


def take_points(
    table: pd.DataFrame, reference: pd.DataFrame, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place facilities without a point of their own where the reference has them.

    Parameters
    ----------
    table
        A facility table.
    reference
        Another, some of whose points are addresses.
    where
        What to call the listing in the issues.

    Returns
    -------
    tuple[DataFrame, DataFrame]
        The table with points, counties and how they came about; and the issues.
    """
    ledger = Ledger(where)
    stated = reference[reference["precision"] == "address"]
    todo = table[table["precision"] != "address"]
    of = _partners(table, reference).reindex(todo.index)
    of = of.where(of.isin(stated.index)).fillna(_at_address(todo, stated)).dropna()
    todo, given = todo.loc[of.index], stated.loc[pd.Index(of)]
    replaced = _from_zip_m(todo["zip"], given)
    far = replaced > TRUSTED_DISTANCE_M
    text = pd.Series(replaced[far]).map("{:,.0f} m from the middle of the ZIP".format)
    ledger.note(Reason.COORDINATE_FAR_FROM_ZIP, "lat, lon", text.set_axis(todo["source_row"][far]))
    todo, given, replaced = todo[~far], given[~far], replaced[~far]
    taken = pd.DataFrame(
        {
            "lon": given["lon"].to_numpy(),
            "lat": given["lat"].to_numpy(),
            "precision": "address",
            "location_source": given["location_source"].to_numpy(),
            "reference_id": given.index.to_numpy(),
            "replaced_m": np.where(todo["precision"] == "zip_centroid", replaced, np.nan),
        },
        index=todo.index,
    )
    _follow(taken, todo, ledger)
    result = table.copy()
    for name in taken:
        result.loc[taken.index, name] = taken[name]
    return result, ledger.table()


def _from_zip_m(zips: pd.Series[str], points: pd.DataFrame) -> NDArray[np.float64]:
    """Distance of each point from the middle of a ZIP, NaN where that is not known."""
    centre = zip_points()[["lon", "lat"]].reindex(zips).to_numpy("float64")
    lonlat = points[["lon", "lat"]].to_numpy("float64")
    metres = np.full(len(points), np.nan)
    known = np.isfinite(centre[:, 0])
    metres[known] = geodesic_m(*lonlat[known].T, *centre[known].T)
    return metres


def _partners(table: pd.DataFrame, reference: pd.DataFrame) -> pd.Series[str]:
    """Give the facility of the reference that is at each one's place, as far as they are linked."""
    links = link(table, reference).dropna(subset="a_id").set_index("a_id")
    of = links["b_id"].where(links["kind"].isin(_AT_ONE_PLACE))
    return of.fillna(links["other_id"].where(links["kind"] == Kind.MERGED))


def _at_address(table: pd.DataFrame, stated: pd.DataFrame) -> pd.Series[str]:
    """Give the first facility of the reference at the same number, street and ZIP."""
    first = pd.Series(stated.index, index=_addresses(stated)).sort_values()
    first = first[(first.index != "") & ~first.index.duplicated()]
    return pd.Series(first.reindex(_addresses(table)).to_numpy(), index=table.index, dtype=TEXT)


def _addresses(table: pd.DataFrame) -> list[str]:
    lines = [read_street(*streets) for streets in zip(table["street1"], table["street2"], strict=True)]
    return [
        f"{line.line} {zip5}" if line.number >= 0 and line.name and zip5 else ""
        for line, zip5 in zip(lines, table["zip"], strict=True)
    ]


def _follow(taken: pd.DataFrame, before: pd.DataFrame, ledger: Ledger) -> None:
    """Let counties follow their points."""
    if taken.empty:
        return
    found = locate_counties(taken["lon"].to_numpy(), taken["lat"].to_numpy()).set_axis(taken.index)
    other = before["county_fips"] != found["county_fips"]
    text = (before["county_fips"] + " is " + found["county_fips"])[other]
    ledger.note(Reason.COUNTY_CORRECTED, "county_fips", text.set_axis(before["source_row"][other]))
    for name in ("county_fips", "county_match", "vintage"):
        taken[name] = found[name]
