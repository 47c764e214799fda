"""The part of a report that says what became of the facilities of an earlier listing."""

from __future__ import annotations

from collections.abc import Iterable

from iopdir.changes.differences import Diff
from iopdir.report.document import Markup, asset, fill
from iopdir.report.sections import make_table

__all__ = ["in_sentences", "what_changed"]


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
        text=" ".join([text, *in_sentences(changes.warnings)]),
        content=make_table("What changed since the earlier listing, by state", columns, rows),
    )


def in_sentences(warnings: Iterable[str]) -> list[str]:
    """Write each warning as a sentence.

    Examples
    --------
    >>> in_sentences(["the survey changed"])
    ['The survey changed.']
    """
    return [f"{words[:1].upper()}{words[1:]}." for words in warnings]
