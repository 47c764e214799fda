"""A figure for papers: layered charts with title, caption and source line that save as one offline HTML file."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Final, Literal, cast

import altair as alt

from iopdir.atomic import replacing
from iopdir.extras import require
from iopdir.report.credits import credits_of
from iopdir.report.document import assemble_chart, write_page

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MUTED", "Figure", "Tables", "figure", "is_synthetic", "source_text", "titled"]

_INK: Final = "#1d282d"
MUTED: Final = "#566268"
"""The colour of what stands back: axis labels, notes, guides."""


class Figure(alt.LayerChart):
    """An Altair layered chart whose HTML needs no network and shows text of the data as text.

    All of Altair applies; `save` to `.svg`, `.png`, `.pdf` or `.json` is Altair's own. Only HTML differs:
    the libraries and the data are embedded safely and the page forbids every request. A notebook shows a picture (SVG),
    in which nothing can run; save it as HTML for one that answers to the mouse.
    """

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, str]:
        picture = io.StringIO()
        self.save(picture, "svg")
        return {"image/svg+xml": picture.getvalue(), "text/plain": self._name()}

    def _name(self) -> str:
        return str(self.title["text"] if isinstance(self.title, Mapping) else getattr(self.title, "text", ""))

    def to_html(self, *_: object, **__: object) -> str:
        """Write the chart as a complete HTML page that opens offline."""
        return assemble_chart(title=self._name(), spec=self.to_dict(validate=False))

    def save(
        self,
        fp: str | Path | IO[Any],
        format: Literal["html", "json", "pdf", "png", "svg"] | None = None,  # noqa: A002 - Altair's name
        *args: Any,  # noqa: ANN401 - Altair's options
        **kwargs: Any,  # noqa: ANN401 - Altair's options
    ) -> None:
        """Write to a file, as a whole, or to a stream; `format` or the suffix says how, and HTML is self-contained."""
        named = format or (Path(fp).suffix[1:] if isinstance(fp, str | Path) else "")
        if named.lower() == "html":
            page = self.to_html()
            if isinstance(fp, str | Path):
                write_page(fp, page)
            else:
                fp.write(page)
        elif isinstance(fp, str | Path):
            with replacing(fp, suffix=Path(fp).suffix) as draft:
                super().save(draft, format, *args, **kwargs)
        else:
            super().save(fp, format, *args, **kwargs)


class Tables:
    """Data of a figure, named. Altair copies and checks plain lists at every step; this it passes on as is."""

    _schema: ClassVar[dict[str, Any]] = {}

    def __init__(self, **tables: object) -> None:
        self._tables = tables

    def to_dict(self, *_: object, **__: object) -> dict[str, Any]:
        """Give the tables by name."""
        return self._tables


def figure(
    layers: Sequence[Any],
    *,
    tables: Tables,
    title: str,
    caption: str,
    source: str,
    width: int,
    height: int,
    gap: int = 52,
) -> Figure:
    """Lay charts over one another, with title above, source below, and the house style.

    The layers name their data (`alt.NamedData`), `tables` holds it.
    """
    require("report")  # Altair is there, but what writes pictures and pages may not be
    lines = textwrap.wrap(source, max(40, width // 6))
    note = (
        alt.Chart(alt.InlineData([{}]))
        .mark_text(align="left", baseline="top", fontSize=11, color=MUTED, lineHeight=14, lineBreak="\n")
        .encode(x=alt.value(0), y=alt.value(height + gap), text=alt.value("\n".join(lines)))
    )
    config = alt.Config(
        background="#ffffff",
        padding=16,
        font="system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif",
        title=alt.TitleConfig(
            anchor="start", frame="group", fontSize=18, color=_INK, subtitleColor=MUTED, subtitleFontSize=13,
            subtitleLineHeight=18, subtitlePadding=6, offset=14,
        ),
        axis=alt.AxisConfig(
            labelColor=MUTED, titleColor=_INK, titleFontWeight="normal", labelFontSize=12, titleFontSize=13,
            gridColor="#e8e5dd", domainColor="#a9a59a", tickColor="#a9a59a", titlePadding=10,
        ),
        legend=alt.LegendConfig(labelColor=_INK, titleColor=_INK, labelFontSize=12, titleFontSize=12),
        view=alt.ViewConfig(stroke=None),
    )  # fmt: skip
    return Figure(
        layer=[*layers, note],
        datasets=cast("Mapping[str, Any]", tables),
        width=width,
        height=height,
        description=f"{title}. {caption}",
        title=alt.TitleParams(text=title, subtitle=textwrap.wrap(caption, max(40, width // 7))),
        config=config,
    )


def is_synthetic(table: pd.DataFrame | pd.Series[Any]) -> bool:
    """Whether a table says that made-up rows went into it."""
    return bool(table.attrs.get("provenance", {}).get("synthetic", False))


def source_text(table: pd.DataFrame | pd.Series[Any]) -> str:
    """Write the source line of a table from its provenance."""
    about = table.attrs.get("provenance")
    if not about:
        return "Source: not stated."
    return f"Source: {credits_of(about) or 'not stated'}. Made with {about['package']}."


def titled(title: str, *, synthetic: bool) -> str:
    """Put SYNTHETIC before a title where made-up rows went in."""
    return f"SYNTHETIC: {title}" if synthetic else title
