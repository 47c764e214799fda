"""What opened and closed between two listings: a chart by state."""

from __future__ import annotations

import altair as alt

from iopdir.changes.differences import Diff
from iopdir.report.changed import in_sentences
from iopdir.report.figure import Figure, Tables, figure, is_synthetic, source_text, titled

__all__ = ["turnover_chart"]


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
        ["Sites in one listing only, without splits and mergers.", *in_sentences(changes.warnings)]
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
