"""A "find care near me" page that any agency can hand on: one HTML file, works offline, sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from iopdir.directory.directory import Directory
from iopdir.errors import KindError
from iopdir.report.credits import credit
from iopdir.report.document import Markup, assemble, asset, fill, markup, write_page
from iopdir.report.finder_data import finder_data
from iopdir.report.languages import finder_words
from iopdir.vocabulary.crisis import CRISIS_LINES
from iopdir.vocabulary.taxonomy import LevelOfCare

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SCRIPTS", "write_finder"]

SCRIPTS: Final = (
    "geodesic.js",
    *(f"finder/{noun}.js" for noun in (
        "tables", "words", "places", "minutes", "search", "layers", "map", "marks", "listing", "shortlist", "link",
        "page",
    )),
)  # fmt: skip
"""In the order in which they stand in the page, all in one block."""

_STYLES: Final = ("base.css", "finder/finder.css", "finder/map.css", "finder/print.css")
_ASKED: Final = ("level", "payment", "age", "medication", "population", "setting")


def write_finder(
    directory: Directory, path: str | Path, *, title: str | None = None, lang: str = "en"
) -> Path:
    """Write a self-contained page on which a person finds care near a place they name, or near the device.

    The page takes a ZIP code, city, county or state, and asks for level of care, payment, age group, medication,
    special population, language, setting, telehealth and distance. It answers with a list (phone and directions by
    the person's own click, minutes by car as an estimate with its range), a map that moves, lists by state and a short
    list to print, with the crisis lines first. It works from a disk, forbids every request, stores nothing, and shows
    text of the directory as text. Distances are geodesics on WGS84 (Vincenty 1975), well within 0.1 % of `pyproj.Geod`.

    Parameters
    ----------
    directory
        The listing; demo data is marked SYNTHETIC all over the page.
    path
        Where to write the HTML file; folders are made.
    title
        Heading of the page.
    lang
        ``"en"``, or ``"es"`` for a page in Spanish, which says that it is a translation.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    UnknownNameError
        If there is no such language.

    Examples
    --------
    >>> import iopdir as iop, tempfile
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> page = iop.write_finder(vermont, Path(tempfile.mkdtemp()) / "finder.html")
    >>> "988" in page.read_text(encoding="utf-8")
    True
    """
    KindError.unless(Directory, directory=directory)
    words = finder_words(lang)
    frame = directory.table.reset_index()
    heading = title or words["page"]["title"]
    page = assemble(
        title=f"SYNTHETIC: {heading}" if directory.synthetic else heading,
        body=_body(directory, heading, words),
        style="".join(map(asset, _STYLES)),
        script='"use strict";\n{\n' + "".join(map(asset, SCRIPTS)) + "}\n",
        data={
            **finder_data(frame, _listed_in(frame)),
            "speech": {"lang": lang} | {name: table for name, table in words.items() if name != "page"},
        },
        synthetic=directory.synthetic,
        lang=lang,
    )
    return write_page(path, page)


def _listed_in(frame: pd.DataFrame) -> list[str]:
    """Source and date of each listing, as the public knows them."""
    about = ["source", "edition", "retrieved", "synthetic"]
    rows = list(frame[about].itertuples(index=False, name=None))
    names = {
        row: ", ".join(filter(None, (credit(dict(zip(("name", *about[1:]), row, strict=True))), row[2])))
        for row in set(rows)
    }
    return [names[row] for row in rows]


def _options(table: Mapping[str, str], chosen: str = "") -> Markup:
    template = '<option value="{{value}}"{{chosen}}>{{name}}</option>'
    return markup(
        template,
        (
            {"value": key, "name": name, "chosen": Markup(" selected") if key == chosen else ""}
            for key, name in table.items()
        ),
    )


def _crisis_tiles(words: Mapping[str, Mapping[str, str]]) -> Markup:
    """Give the lines as large links, the line for a crisis first, to call and to write to."""
    page, tiles = words["page"], []
    for name, line in sorted(CRISIS_LINES.items(), key=lambda item: item[0] != "crisis"):
        about = {"purpose": words["crisis"][name], "number": line.number}
        tiles.append(about | {"id": f"call-{name}", "link": line.link, "action": page["call"], "kind": name})
        if line.text:
            body = f"?body={page['text_body']}" if page["text_body"] else ""
            text = {"id": f"text-{name}", "link": line.text + body, "action": page["text"], "purpose": ""}
            tiles.append(about | text | {"kind": name})
    return markup(asset("finder/crisis.html"), tiles)


def _body(directory: Directory, heading: str, words: Mapping[str, Mapping[str, str]]) -> Markup:
    page: dict[str, Any] = dict(words["page"])
    banner, note = (asset(f"finder/{name}.html") for name in ("banner", "translation"))
    return fill(
        asset("finder/finder.html"),
        **page
        | {"kicker": page["synthetic_kicker"] if directory.synthetic else page["kicker"]}
        | {f"{name}_options": _options(words[name]) for name in _ASKED[1:]},
        banner=fill(banner, **page) if directory.synthetic else Markup(),
        translated=fill(note, **page) if page["translation"] else Markup(),
        heading=heading,
        crisis_lines=_crisis_tiles(words),
        crisis_link=CRISIS_LINES["crisis"].link,
        crisis_number=CRISIS_LINES["crisis"].number,
        level_options=_options(words["level"], LevelOfCare.IOP),
        asks=markup("<li>{{words}}</li>", ({"words": ask} for ask in words["ask"].values())),
        number=f"{len(directory):,}",
        sources="; ".join(dict.fromkeys(_listed_in(directory.table.reset_index()))),
        package=directory.provenance.package,
    )
