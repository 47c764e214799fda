"""Write the pages that are made from something else: the reference from the code, notebooks as Markdown.

Run before the site is built (`make docs` does). Plain Markdown comes out, which any generator can read.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

import iopdir
from iopdir import datasets
from iopdir.cli.app import app
from iopdir.exports.account import Mapped
from iopdir.exports.fhir_mapping import FHIR_MAPPING
from iopdir.exports.hsds_mapping import HSDS_MAPPING
from iopdir.schema.columns import COLUMNS, SEPARATOR
from iopdir.standards.parse import parse_standard
from iopdir.standards.states import state_standards as state_standards_table

DOCS = Path(__file__).parent
ROOT = DOCS.parent


def reference() -> None:
    """Write one page a namespace, every name on it; one for what stands at the root alone; and the index."""
    rooms = {name: import_module(f"iopdir.{name}") for name, home in iopdir._HOME.items() if name == home}
    listed = {room: [n for n in module.__all__ if n != room] for room, module in rooms.items()}
    everywhere = {name for names in listed.values() for name in names}
    alone = [name for name in iopdir.__all__ if name not in everywhere and name not in rooms]
    pages: dict[str, str | bytes] = {
        "iopdir.md": _page("The front door", (), alone, "iopdir"),
        "commands.md": _commands(),
    }
    lines = [
        "# Reference",
        "",
        "Every name, with `import iopdir as iop`. The command line has [a page of its own](commands.md).",
    ]
    lines += ["", "## Namespaces", ""]
    named = {name: getattr(iopdir, name) for name in alone}
    for room, module in rooms.items():
        words = (module.__doc__ or "").strip().split("\n\n")
        title = " ".join(words[0].split()).rstrip(".")
        pages[f"{room}.md"] = _page(title, words[1:], listed[room], f"iopdir.{room}")
        lines.append(f"- [`iop.{room}`]({room}.md): {title[:1].lower()}{title[1:]}")
        named |= {
            name if name in iopdir._HOME else f"{room}.{name}": getattr(module, name) for name in listed[room]
        }
    lines += ["", "## Names", "", "| name | what it is |", "| --- | --- |"]
    for name, value in sorted(named.items(), key=lambda item: item[0].rpartition(".")[2].lower()):
        first = (inspect.getdoc(value) or "").split("\n\n")[0] if callable(value) else "a constant"
        said = " ".join(first.split()).replace("``", "`").replace("|", "\\|")
        lines.append(f"| [`iop.{name}`][iopdir.{name}] | {said} |")
    pages["index.md"] = "\n".join(lines) + "\n"
    _lay_down(DOCS / "reference", pages)


def _commands() -> str:
    """Write up the commands from their own help."""
    root = typer.main.get_command(app)
    waiting = [root]
    for command in waiting:
        command.short_help = command.help  # else the list of commands cuts it short
        waiting += getattr(command, "commands", {}).values()
    return get_docs_for_click(obj=root, ctx=typer.Context(root), name="iopdir", title="Commands")


def _page(title: str, words: Sequence[str], names: list[str], room: str) -> str:
    """Put every name of a room on a page, by the shortest address that it has."""
    body = [f"# {title}", "", *[w if "```" in w else " ".join(w.split()) for w in words], ""]
    for name in names:
        body += [f"::: {'iopdir' if name in iopdir._HOME else room}.{name}", ""]
    return "\n".join(body)


def _lay_down(folder: Path, pages: dict[str, str | bytes]) -> None:
    """Write the pages of a folder and remove those of an earlier run; no page is ever missing in between."""
    folder.mkdir(exist_ok=True)
    for name, content in pages.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for path in folder.iterdir():
        if path.name not in pages:
            path.unlink()


def notebooks() -> None:
    """Turn each notebook into a page, its figures beside it."""
    from nbconvert import MarkdownExporter

    folder = DOCS / "notebooks"
    pages: dict[str, str | bytes] = {}
    lines = [
        "# Notebooks",
        "",
        "One question each, executed; the last cell asserts the numbers of the first paragraph.",
        "",
    ]
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        text, resources = MarkdownExporter().from_filename(str(path))
        for name, data in resources["outputs"].items():
            pages[f"{path.stem}_{name}"] = data
            text = text.replace(f"]({name})", f"]({path.stem}_{name})")
        text = re.sub(r"<style scoped>.*?</style>", "", text, flags=re.DOTALL)
        text = text.replace(".ipynb)", ".md)").replace('<table border="1" class="dataframe">', "<table>")
        pages[f"{path.stem}.md"] = text
        first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
        title = "".join(first).splitlines()[0].lstrip("# ")
        lines.append(f"- [{title}]({path.stem}.md)")
    pages["index.md"] = "\n".join(lines) + "\n"
    _lay_down(folder, pages)


def packs() -> None:
    """Write up the data packs: sources, licence, checksum, fields with units."""
    folder = DOCS / "data"
    folder.mkdir(exist_ok=True)
    lines = ["# Data packs", "", "What is embedded, where it comes from and what to beware of.", ""]
    for name in datasets.list_packs().index:
        about = json.loads((datasets.pack_path(name).parent / "datapackage.json").read_text(encoding="utf-8"))
        resource = about["resources"][0]
        lines += [f"## {name}", "", f"**{about['title']}.** {about['description']}", ""]
        lines += [f"Vintage {about['vintage']}; {resource['rows']:,} rows; {resource['bytes']:,} bytes;"]
        lines += [
            f"licence {', '.join(part['name'] for part in about['licenses'])}; retrieved {about['retrieved']}."
        ]
        lines += [f"`{resource['hash']}`", "", "Sources:", ""]
        lines += [
            f"- {source['title']}: {source['what']} ({source['licence']})" for source in about["sources"]
        ]
        lines += ["", "| field | unit | what it is |", "| --- | --- | --- |"]
        lines += [
            f"| `{f['name']}` | {f['unit']} | {f['description']} |" for f in resource["schema"]["fields"]
        ]
        lines += [""]
    (folder / "packs.md").write_text("\n".join(lines), encoding="utf-8")


def state_standards() -> None:
    """Write up the standards of states from their pack, and what is not known of them."""
    table = state_standards_table()
    head = (DOCS / "assets" / "state-standards-head.md").read_text(encoding="utf-8")
    lines = [*head.splitlines(), ""]
    lines += [
        "| short name | whose plans | care | counties | limit | seen | source |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for key, line in table.iterrows():
        rule = None if line["state"] == "IL" else parse_standard(str(key))
        kind = line["county_class"] or "all"
        words = "none by time or distance" if rule is None else rule.describe(line["county_class"] or None)
        named = "" if rule is None else f"`{key}`"
        edition = f", {line['edition']}" if line["edition"] else ""
        lines.append(
            f"| {named} | {line['state']} {line['payer']} | {line['care']} | {kind} | {words} | {line['confidence']} | "
            f"{line['source']}{edition} |"
        )
    lines += ["", "## What to beware of, and what is not known", ""]
    for key, some in table.groupby(level=0):
        rules = dict.fromkeys(rule for rule in some["class_rule"] if rule)
        notes = dict.fromkeys(part for note in some["note"] for part in note.split("; ") if part)
        silent = some["share"].isna().all() and some["miles"].notna().any()
        missing = ["which share of people must be within"] if silent else []
        said = [
            *(f"counties: {rule}" for rule in rules),
            *notes,
            *(f"not known: {what}" for what in missing),
        ]
        if (share := some["telehealth_share"].iloc[0]) == share:
            said.append(f"{share:.0%} where care by telehealth is offered too")
        lines.append(f"- `{key}`: {'; '.join(said)}.")
    (DOCS / "data" / "state-standards.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def facility_table() -> None:
    """Write up the facility table from its declaration."""
    lines = [
        "# The facility table",
        "",
        "What `Directory.to_geodataframe` gives and every format carries: Parquet and GeoDataFrames hold lists as",
        f"lists, Excel, CSV, GeoPackage and GeoJSON as text joined by `{SEPARATOR.strip()}`. Blank means *not stated*.",
        "Columns that a listing has besides are kept behind these.",
        "",
        "| column | type | list | always | meaning |",
        "| --- | --- | --- | --- | --- |",
    ]
    for column in COLUMNS.values():
        many, always = ("yes" if said else "" for said in (column.many, column.required))
        choice = f" One of {', '.join(f'`{value}`' for value in column.values)}." if column.values else ""
        meaning = f"{column.meaning}{choice}".replace("|", "\\|").replace("``", "`")
        lines.append(f"| `{column.name}` | {column.kind} | {many} | {always} | {meaning} |")
    (DOCS / "data" / "facility-table.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def handing_over() -> None:
    """Write up where each column goes in the standards, from the declared mappings."""
    lines = [
        "# HSDS and FHIR",
        "",
        "Where each column of [the facility table](facility-table.md) goes when a directory is handed over, as the",
        "code declares it. Both writers return this table with the number of facilities that say each thing, and leave",
        "out what no listing says. How to do it: [Hand a directory over](../how-to/hand-over.md).",
    ]
    lines += _mapping("HSDS 3.0", HSDS_MAPPING) + _mapping("FHIR R4, Plan-Net", FHIR_MAPPING)
    (DOCS / "data" / "hsds-and-fhir.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _mapping(title: str, entries: Sequence[Mapped]) -> list[str]:
    lines = ["", f"## {title}", "", "| column | goes to | how |", "| --- | --- | --- |"]
    for one in entries:
        column, element = (f"`{name}`" if name else "" for name in (one.column, one.element))
        lines.append(f"| {column or 'in no listing'} | {element or 'nothing'} | {one.how} |")
    return lines


def changelog() -> None:
    """Show the changelog as a page."""
    (DOCS / "changelog.md").write_text((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    reference()
    notebooks()
    packs()
    state_standards()
    facility_table()
    handing_over()
    changelog()
