"""What changed between two listings: sites, what they state, and whom that brought nearer or farther."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Unpack

import numpy as np
import pandas as pd

from iopdir.changes.access import access_change
from iopdir.changes.stated import silent_columns, stated_changes
from iopdir.directory.directory import Directory
from iopdir.errors import KindError
from iopdir.geography.areas import By
from iopdir.geography.points import PointsLike
from iopdir.linking.kinds import Kind
from iopdir.linking.link import link
from iopdir.provenance import Provenance
from iopdir.standards.standard import Standard
from iopdir.text import TEXT
from iopdir.travel.cost import CostLike
from iopdir.travel.sites import Filters

__all__ = ["NEW_SURVEY", "Diff", "diff"]

NEW_SURVEY: Final = 2022
"""First edition of the National Directory that rests on N-SUMHSS (survey of 2021); those up to 2021 rest on
N-SSATS, the last of them of 2020. Counts of the two surveys are not to be joined. Flag S: see
`evidence.iop_series`."""

BREAK: Final = (
    "the survey behind the listing changed between these two (N-SSATS up to 2020, N-SUMHSS from 2021): who is listed"
    " and how care is asked for changed with it; openings and closures across it are no trend"
)
_YEAR: Final = re.compile(r"(?<!\d)((?:19[89]|20\d)\d)(?:\d{4})?(?!\d)")
UNKNOWN_YEARS: Final = (
    "the years of the two listings are not known: give years=(2020, 2022) to have the survey checked"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Diff:
    """What changed between two listings, from [`diff`][iopdir.diff].

    Parameters
    ----------
    a, b
        The earlier listing and the later.
    links
        As [`link`][iopdir.link] gives them.
    sites
        One row a row of `links`, in its order, with `name, city, state, county_fips` (of the later listing where it
        has the facility), `name_before`, `county_before`; and `kind, score, review, evidence, a_id, b_id, other_id,
        distance_m`.
    stated
        Every value that a linked facility states in one listing only: `a_id, b_id, name, state, county_fips, column,
        value`, `change` (``"gained"``, ``"lost"``) and `convention`, whether nobody in the other listing states it.
    silent
        Columns that one of the listings never states, so that they cannot be compared.
    years
        Of the two listings, None where not known.
    survey_changed
        Whether the survey behind them changed; None where a year is not known.
    warnings
        What keeps this comparison from being a trend, in sentences; mostly empty.
    """

    a: Directory
    b: Directory
    links: pd.DataFrame
    sites: pd.DataFrame
    stated: pd.DataFrame
    silent: tuple[str, ...]
    years: tuple[int | None, int | None]
    survey_changed: bool | None
    warnings: tuple[str, ...]

    def counts(self) -> pd.Series[int]:
        """Count sites by kind, every kind."""
        counted = self.sites["kind"].value_counts()
        return counted.reindex(pd.Index([kind.value for kind in Kind], dtype=TEXT), fill_value=0).rename(
            "sites"
        )

    def by(self, area: str = "state") -> pd.DataFrame:
        """Count sites by kind and area.

        Parameters
        ----------
        area
            ``"state"`` or ``"county_fips"``: of the later listing where it has the facility, else of the earlier.

        Returns
        -------
        DataFrame
            Indexed by the area: `before` and `after` (sites listed), one column a kind, and `closed_share`, of
            those listed before; NaN where none was.

        Examples
        --------
        >>> import iopdir as iop
        >>> vermont = iop.demo_directory().select(state="VT")
        >>> iop.diff(vermont, vermont).by()[["before", "after", "closed"]].loc["VT"].tolist()
        [52, 52, 0]
        """
        counted = pd.crosstab(self.sites[area], self.sites["kind"])
        table = counted.reindex(columns=[kind.value for kind in Kind], fill_value=0).rename_axis(columns=None)
        lone_a, lone_b = ([Kind.CLOSED, Kind.MERGED], [Kind.OPENED, Kind.SPLIT])
        table.insert(0, "before", table.drop(columns=lone_b).sum(axis=1))
        table.insert(1, "after", table.drop(columns=["before", *lone_a]).sum(axis=1))
        with np.errstate(invalid="ignore"):
            table["closed_share"] = table["closed"].to_numpy() / table["before"].where(table["before"] > 0)
        table.attrs = dict(self.sites.attrs)
        return table

    def access(
        self,
        demand: PointsLike,
        *,
        by: By = "county",
        standard: str | Standard = "30 mi",
        population: str = "population",
        cost: CostLike = None,
        state: str | Iterable[str] | None = None,
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Say what the changes did to the share of people within a standard.

        Three listings are measured: the earlier, the later, and the earlier with nothing but its sites changed:
        those that closed are gone, those that opened are there, those that moved stand at their new place, while
        everybody else states and stands what and where the earlier listing says. The first step is what sites did,
        the second what listings did: another coding, another survey, other points.

        Parameters
        ----------
        demand, by, standard, population, cost, state, **filters
            As for [`coverage_gaps`][iopdir.coverage_gaps].

        Returns
        -------
        DataFrame
            Indexed by area with its labels: `people`; `share_before`, `share_sites`, `share_after`; `change` and
            its two parts `by_sites` and `by_listing`; `gap_before`, `gap_after`; `survey_changed`; `status` of the
            later.

        Raises
        ------
        ValueError
            If a filter asks for what one of the listings never states.

        Examples
        --------
        >>> import iopdir as iop
        >>> vermont, people = iop.demo_directory().select(state="VT"), iop.demand_points("zcta", state="VT")
        >>> changed = iop.diff(vermont, vermont.remove(vermont.table.index[:20])).access(people, by="state")
        >>> bool(changed.loc["VT", "by_sites"] <= 0), changed.loc["VT", "by_listing"].item()
        (True, 0.0)
        """
        table = access_change(
            self.a, self.b, self.sites, demand,
            by=by, standard=standard, population=population, cost=cost, state=state, **filters,
        )  # fmt: skip
        table.insert(len(table.columns) - 1, "survey_changed", self.survey_changed)
        return table

    def _head(self) -> str:
        kinds = [f"{number:,} {kind}" for kind, number in self.counts().items() if number]
        mark = "SYNTHETIC " if self.a.synthetic or self.b.synthetic else ""
        return (
            f"{mark}Diff of {len(self.a):,} and {len(self.b):,} facilities: {', '.join(kinds) or 'nothing'}"
        )

    def __repr__(self) -> str:
        return "\n  ".join([self._head(), *(f"WARNING: {words}" for words in self.warnings)])

    def _repr_html_(self) -> str:
        warnings = "".join(f"<p><b>{escape(words)}</b></p>" for words in self.warnings)
        changed = self.sites[self.sites["kind"] != Kind.UNCHANGED]
        shown = changed[["kind", "name", "city", "state", "evidence"]].head(10)
        return f"<p>{escape(self._head())}</p>{warnings}{shown.to_html(escape=True)}"


def diff(a: Directory, b: Directory, *, years: tuple[int, int] | None = None) -> Diff:
    """Compare two listings of the same facilities.

    Parameters
    ----------
    a, b
        The earlier and the later, whole: select afterwards, in `Diff.access`.
    years
        The years of the two editions, if the names of their sources do not say it. From the edition of 2021 to that of
        2022 the survey behind the National Directory changed, which no comparison across it may draw as a trend.

    Returns
    -------
    Diff
        Tables of sites and of what they state; `by()` counts, `access()` measures.

    Examples
    --------
    >>> import iopdir as iop
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> found = iop.diff(vermont, vermont.remove(vermont.table.index[:2]), years=(2018, 2019))
    >>> found
    SYNTHETIC Diff of 52 and 50 facilities: 50 unchanged, 2 closed
    >>> iop.diff(vermont, vermont, years=(2020, 2022)).survey_changed
    True
    """
    KindError.unless(Directory, a=a, b=b)
    links = link(a, b)
    sites = _sites(links, a.table, b.table)
    pairs = links.dropna(subset=["a_id", "b_id"])
    stated = stated_changes(pairs, a.table, b.table)
    places = b.table[["name", "state", "county_fips"]].loc[stated["b_id"]].reset_index(drop=True)
    for at, name in enumerate(places):
        stated.insert(2 + at, str(name), places[name])
    known = years or (_year(a), _year(b))
    changed = None if None in known else _before(known[0]) != _before(known[1])
    warnings = [BREAK] if changed else [UNKNOWN_YEARS] if changed is None else []
    about = Provenance.of(
        [*a.provenance.sources, *b.provenance.sources], years=list(known), survey_changed=changed
    )
    for table in (links, sites, stated):
        table.attrs["provenance"] = about.to_dict()
    return Diff(
        a=a, b=b, links=links, sites=sites, stated=stated, silent=silent_columns(a.table, b.table),
        years=known, survey_changed=changed, warnings=tuple(warnings),
    )  # fmt: skip


def _year(directory: Directory) -> int | None:
    """Year of the listing, if its sources name one; the edition of a row is that of its codes, which says less."""
    names = " ".join(directory.table["source"].unique())
    years = set(_YEAR.findall(names))
    return int(years.pop()) if len(years) == 1 else None


def _before(year: int | None) -> bool:
    return year is not None and year < NEW_SURVEY


def _sites(links: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    def of(table: pd.DataFrame, ids: pd.Series[Any], name: str) -> pd.Series[Any]:
        return table[name].reindex(ids).set_axis(links.index)

    table = links[["kind"]].copy()
    for name in ("name", "city", "state", "county_fips"):
        table[name] = of(b, links["b_id"], name).fillna(of(a, links["a_id"], name))
    table["name_before"] = of(a, links["a_id"], "name").fillna("")
    table["county_before"] = of(a, links["a_id"], "county_fips").fillna("")
    shown = ["score", "review", "evidence", "a_id", "b_id", "other_id", "distance_m"]
    return table.join(links[shown])
