"""The part of a report that says where new facilities would do most."""

from __future__ import annotations

from iopdir.geography.boundaries import county_list
from iopdir.report.document import Markup, asset, fill
from iopdir.report.findings import NEW_SITES, Findings
from iopdir.report.sections import make_table
from iopdir.report.words import people_text, within_text
from iopdir.scenarios.plan import Plan

__all__ = ["ten_more"]


def ten_more(found: Findings) -> Markup:
    """Say where ten new facilities would newly reach most people, how many, and how sure each place is."""
    plan = found.plan
    if plan is None or len(plan) == 0:
        return Markup()
    share = 100 * plan.gain / float(found.total["people"]) if found.total["people"] else 0.0
    text = (
        f"{found.mark}{len(plan)} new facilities, the existing ones staying where they are, would newly bring "
        f"{people_text(plan.gain)} people ({share:.1f} in 100) {within_text(found.rule)}. {_proof(plan)} A place "
        "here is the middle of an area where people live: it says nothing of buildings, staff, licenses or money. "
        "“Holds” is how often the place, or others that do at least half of its work, is chosen again when facilities "
        "known only by their ZIP code stand elsewhere in it and the limit is up to a tenth shorter or longer."
    )
    columns = ("#Order", "At", "County", "#People newly within", "#In all", "#Holds")
    names = county_list()[["name", "state"]]
    rows = []
    for (place, row), fips in zip(plan.sites.iterrows(), plan.new_sites["county_fips"], strict=True):
        county = "{}, {}".format(*names.loc[fips]) if fips in names.index else "not known"
        people, whole = (f"{row[name]:,.0f}" for name in ("people", "cumulative"))
        rows.append((row["order"], place, county, people, whole, f"{row['stand_in']:.0%}"))
    return fill(
        asset("section.html"),
        id="ten-more",
        heading=f"If {'ten' if len(plan) == NEW_SITES else len(plan)} more opened",
        text=text,
        content=make_table("New facilities that would reach most people", columns, rows),
    )


def _proof(plan: Plan) -> str:
    if plan.status == "optimal":
        return "It is proven that no other choice of as many places reaches more."
    return f"No choice of as many places reaches more than {people_text(plan.bound)}."
