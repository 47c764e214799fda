"""How long listings last: the share that closes in a year, counted in editions of one listing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.linking.kinds import Kind
from iopdir.linking.link import link
from iopdir.linking.sides import Listing, facility_table
from iopdir.provenance import Provenance, sources_of
from iopdir.schema.columns import COLUMNS
from iopdir.text import texts

__all__ = ["METHADONE_CLOSING", "still_listed", "survival"]

METHADONE_CLOSING: Final = (0.057, 0.114)
"""Lowest and highest yearly share of methadone programs that left the national directory from one edition to the next.

Flag S, computed: six steps between the editions of 1998, 2000, 2003, 2005, 2006, 2007 and 2008, linked with phones
(746 to 1,057 programs at risk); over all ten years 8.5 % a year (95 % interval 8.0 to 9.1). It fits methadone
programs of those years and nothing else, and the edition of 2000 is a scan, whose misread letters count as
closures."""

_Z: Final = 1.959964
"""Of a two-sided 95 % interval of the normal distribution."""


def survival(editions: Mapping[int, Listing], *, by: str | None = None) -> pd.DataFrame:
    """Estimate from editions of one listing which share of facilities closes in a year.

    Parameters
    ----------
    editions
        Year -> directory or facility table, two or more.
    by
        A column of the facility table to tell apart by, such as ``"state"`` or ``"facility_type"``. Of a column of
        several values (``"levels_of_care"``) a facility counts under each.

    Returns
    -------
    DataFrame
        One row for each group and step from one edition to the next, indexed by the group (if any) and `year`, that
        of the later edition:

        - `years` since the edition before, `at_risk` (listed there), `closed` until here, `doubtful` (of these: those
          which something in the later edition resembles)
        - `survival`: Kaplan-Meier estimate of the share still listed of those listed in the first edition, with
          `survival_low`, `survival_high`
        - `closing`: the yearly share that closed in this step; `closing_to_date`, `closing_low`, `closing_high`:
          the same over all steps so far, with its interval

    Raises
    ------
    ValueError
        If there are fewer than two editions.
    UnknownNameError
        If there is no such column.

    Notes
    -----
    E. L. Kaplan & P. Meier, *Nonparametric estimation from incomplete observations*, 1958, doi:10.2307/2281868: the
    product of 1 - d/n over the steps. Variance by M. Greenwood, *The natural duration of cancer*, 1926; 95 %
    intervals on the scale log(-log S), which stays between 0 and 1 (J. D. Kalbfleisch & R. L. Prentice, *The
    statistical analysis of failure time data*, 1980). Facilities that open later enter then. A step of *t* years in
    which a share *q* closed has a yearly share of 1 - (1 - q)^(1/t).

    `closed` is what [`link`][iopdir.link] did not find again: a facility that left the listing, or changed name,
    address and phone at once, counts as closed. Over a change of the survey nothing of this is a rate; see `diff`.

    Examples
    --------
    >>> import iopdir as iop
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> later = vermont.remove(vermont.table.index[:5])
    >>> table = iop.changes.survival({2018: vermont, 2020: later})
    >>> table[["years", "at_risk", "closed"]].to_dict("records")
    [{'years': 2, 'at_risk': 52, 'closed': 5}]
    >>> round(float(table["closing"].iloc[0]), 4)
    0.0493
    """
    years = sorted(editions)
    if len(years) < 2:
        raise ValueError(f"give two editions or more, not {len(years)}")
    tables = {year: facility_table(editions[year], str(year)) for year in years}
    if by is not None and by not in COLUMNS:
        raise UnknownNameError("column of the facility table", by, COLUMNS)
    steps = pd.concat([_step(tables[one], tables[other], one, other, by) for one, other in pairwise(years)])
    keys = ["group", "year"]
    steps = steps.groupby(keys, sort=True)[["years", "at_risk", "closed", "doubtful"]].agg(
        {"years": "first", "at_risk": "sum", "closed": "sum", "doubtful": "sum"}
    )
    parts = [_estimate(part) for _, part in steps.groupby(level="group", sort=True)]
    result = pd.concat(parts).rename_axis(index={"group": by or "group"})
    result = result.droplevel(0) if by is None else result
    sources = [source for year in years for source in _sources(editions[year], tables[year])]
    result.attrs["provenance"] = Provenance.of(sources, years=years, by=by).to_dict()
    return result


def _sources(listing: Listing, table: pd.DataFrame) -> tuple[Any, ...]:
    about = getattr(listing, "provenance", None)
    return about.sources if isinstance(about, Provenance) else sources_of(table)


def _step(a: pd.DataFrame, b: pd.DataFrame, one: int, other: int, by: str | None) -> pd.DataFrame:
    """Say of each facility of an edition whether the next one has it, under each of its groups."""
    links = link(a, b).dropna(subset="a_id").set_index("a_id")
    closed = links["kind"] == Kind.CLOSED
    table = pd.DataFrame({"closed": closed, "doubtful": closed & links["review"]}).astype("int64")
    table = table.assign(year=other, years=other - one, at_risk=1)
    table["group"] = "all" if by is None else a[by].reindex(table.index)
    return texts(table.explode("group").dropna(subset="group"))


def _estimate(part: pd.DataFrame) -> pd.DataFrame:
    """Kaplan-Meier with Greenwood's variance, for the steps of one group."""
    n, d = (part[name].to_numpy(np.float64) for name in ("at_risk", "closed"))
    span = part["years"].to_numpy(np.float64)
    share = 1 - d / n
    survival = np.cumprod(share)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(d / (n * (n - d)))) / -np.log(survival)
        low, high = (survival ** np.exp(sign * _Z * spread) for sign in (1, -1))
    flat = (survival <= 0) | (survival >= 1)  # all or nothing closed: the scale has no interval there
    low, high = np.where(flat, np.nan, low), np.where(flat, np.nan, high)
    since = np.cumsum(span)
    return part.assign(
        survival=survival,
        survival_low=low,
        survival_high=high,
        closing=1 - share ** (1 / span),
        closing_to_date=1 - survival ** (1 / since),
        closing_low=1 - high ** (1 / since),
        closing_high=1 - low ** (1 / since),
    )


def still_listed(age_years: float, closing: tuple[float, float] = METHADONE_CLOSING) -> tuple[float, float]:
    """Give the least and most probable share of a listing's facilities that are still there, for `listing_active`.

    Parameters
    ----------
    age_years
        How old the listing is.
    closing
        Lowest and highest yearly share that closes, as [`survival`][iopdir.changes.survival] measures it.

    Returns
    -------
    tuple[float, float]
        For `listing_active=` of [`coverage_gaps`][iopdir.coverage_gaps].

    Raises
    ------
    ValueError
        If the age is negative, or the shares are no rising pair between 0 and 1.

    Notes
    -----
    The default is measured on **methadone programs of 1998 to 2008**, the one kind of listing whose editions were
    there to be linked, and fits no other: for intensive outpatient care nobody has measured it, and
    `measures.LISTING_ACTIVE` stays the default of the package. Being listed is not being open: of listed numbers
    that were called, 50 to 92 % were right.

    Examples
    --------
    >>> low, high = still_listed(2, (0.05, 0.10))
    >>> round(low, 4), round(high, 4)
    (0.81, 0.9025)
    """
    low, high = closing
    if not (age_years >= 0 and 0 <= low <= high <= 1):
        raise ValueError(
            f"give an age of 0 or more and a rising pair of shares, not {age_years} and {closing}"
        )
    return (1 - high) ** age_years, (1 - low) ** age_years
