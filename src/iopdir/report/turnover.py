"""What opened and closed between two listings: a chart by state, and a part of a report."""

from __future__ import annotations

import altair as alt

from iopdir.changes.differences import Diff
from iopdir.report.document import Markup, asset, fill
from iopdir.report.figure import Figure, Tables, figure, is_synthetic, source_text, titled
from iopdir.report.sections import make_table

__all__ = ["turnover_chart", "what_changed"]


def turnover_chart(changes: Diff, *, title: str = "Openings and closures by state") -> Figure:
    """Draw how many facilities opened and closed in each state between two listings.

    Parameters
    ----------
    changes
        From [`diff`][iopdir.diff].
    title
        Of the figure; SYNTHETIC is put before it where the provenance says so.

    Returns
    -------
    Figure
        Bars to the right for openings, to the left for closures. Where the survey changed between the listings, or
        it is not known whether it did, the caption says so.

    Examples
    --------
    >>> import iopdir as iop
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> later = vermont.remove(vermont.table.index[:3])
    >>> turnover_chart(iop.diff(vermont, later, years=(2018, 2019))).to_dict()["title"]["text"]
    'SYNTHETIC: Openings and closures by state'
    """
    counted = changes.by("state").query("state != ''").reset_index()
    rows = [
        {"state": row["state"], "what": what, "sites": sign * int(row[what])}
        for _, row in counted.iterrows()
        for what, sign in (("opened", 1), ("closed", -1))
    ]
    bars = (
        alt.Chart(alt.NamedData("rows"))
        .mark_bar()
        .encode(
            y=alt.Y("state:N", title=None),
            x=alt.X(
                "sites:Q",
                title="closed (left) and opened (right)",
                axis=alt.Axis(labelExpr="abs(datum.value)"),
            ),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=["opened", "closed"], range=["#0a5f66", "#c2570c"]),
            ),
            tooltip=["state:N", "what:N", alt.Tooltip("sites:Q", format="d")],
        )
    )
    caption = " ".join(
        [
            "Sites in one listing only, without splits and mergers.",
            *_warnings(changes),
        ]
    )
    return figure(
        [bars],
        tables=Tables(rows=rows),
        title=titled(title, synthetic=is_synthetic(changes.sites)),
        caption=caption,
        source=source_text(changes.sites),
        width=460,
        height=max(60, 14 * len(counted)),
    )


def _warnings(changes: Diff) -> list[str]:
    return [f"{words[:1].upper()}{words[1:]}." for words in changes.warnings]


def what_changed(changes: Diff) -> Markup:
    """Say in a report what became of the facilities of an earlier listing."""
    counts = changes.counts()
    text = (
        f"The earlier listing has {len(changes.a):,} facilities, this one {len(changes.b):,}."
        f" {counts['opened']:,} are new, {counts['closed']:,} are no longer listed, {counts['moved']:,} stand at"
        f" another address and {counts['renamed']:,} have another name."
        " To be no longer listed is not always to be closed."
    )
    table = changes.by("state")
    rows = [
        (
            state,
            *(f"{row[name]:,.0f}" for name in ("before", "after", "opened", "closed", "moved", "renamed")),
        )
        for state, row in table.iterrows()
        if state != ""
    ]
    columns = ("State", "#Listed before", "#Listed now", "#Opened", "#Closed", "#Moved", "#Renamed")
    return fill(
        asset("section.html"),
        id="changes",
        heading="What changed since the earlier listing",
        text=" ".join([text, *_warnings(changes)]),
        content=make_table("What changed since the earlier listing, by state", columns, rows),
    )
