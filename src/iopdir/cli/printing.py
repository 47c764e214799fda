"""How answers are printed: tables for people, JSON and CSV for programs; nothing of a listing can act on a terminal."""

from __future__ import annotations

import json
import re
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from iopdir.directory.directory import Directory

__all__ = [
    "CALL", "Format", "as_options", "err", "out", "plain", "print_csv", "print_frame", "print_json", "records",
    "show", "source_line", "source_of", "title",
]  # fmt: skip

out: Final = Console()
err: Final = Console(stderr=True)
CALL: Final = "Call to confirm: listings go out of date."

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Format(StrEnum):
    """How a command prints its answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def plain(value: object) -> str:
    """Write a value for a terminal: no escape sequence, no line break, no markup."""
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return escape(_CONTROLS.sub("", text.replace("\n", " ")))


_PYTHON: Final = (
    (r"columns=\{'Their name': 'name'\}", "--columns name='Their name'"),
    (r"years=\((\d+), (\d+)\)", r"--years \1 \2"),
    (r"cost=, such as a CostMatrix in min", "--cost drive-estimate, or --cost and a file of minutes"),
    (r"\blevel_of_care=(\.\.\.)?", "--level "),
    (r"(?<!-columns )\b([a-z]\w*)=(\.\.\.)?", lambda found: f"--{found[1].replace('_', '-')} "),
)


def as_options(message: str) -> str:
    """Say with the options of the commands what an error says with the keywords of Python.

    Examples
    --------
    >>> as_options("not utf-8 (say encoding=..., perhaps 'cp1252')")
    "not utf-8 (say --encoding, perhaps 'cp1252')"
    """
    for pattern, words in _PYTHON:
        message = re.sub(pattern, words, message)
    return message.replace(" ,", ",")


def title(text: str, listing: Directory) -> str:
    """Head a table; made-up listings say so."""
    return plain(f"SYNTHETIC {text}" if listing.synthetic else text)


def source_line(listing: Directory) -> str:
    """Name the listing's sources and this package."""
    sources = "; ".join(str(source) for source in listing.provenance.sources)
    return f"Source: {plain(sources)}. {listing.provenance.package}"


def source_of(table: pd.DataFrame) -> dict[str, Any]:
    """Give the provenance of a table, for JSON."""
    return {"provenance": table.attrs.get("provenance", {})}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into plain values that JSON can carry."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return rows


def print_json(body: object) -> None:
    """Print JSON to standard output."""
    _write(json.dumps(body, ensure_ascii=False, indent=2, default=str) + "\n")


def print_csv(frame: pd.DataFrame) -> None:
    """Print CSV to standard output: lists joined, people whole, and no cell a spreadsheet would run."""
    from iopdir.exports.tables import csv_text

    _write(csv_text(frame, round_people=1))


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def print_frame(frame: pd.DataFrame, output: Format, *, heading: str) -> None:
    """Print a table in the format asked for."""
    if output is Format.JSON:
        print_json({"rows": records(frame), **source_of(frame)})
    elif output is Format.CSV:
        print_csv(frame)
    else:
        table = Table()
        for name in frame.columns:
            table.add_column(
                str(name).replace("_", " "), justify="right" if frame[name].dtype.kind in "iuf" else "left"
            )
        for row in frame.itertuples(index=False):
            table.add_row(*(f"{v:,}" if isinstance(v, int) else plain(v) for v in row))
        show(heading, table)


def show(heading: str, table: Table) -> None:
    """Print a table under its heading, which may be wider."""
    out.print(heading, style="italic", highlight=False)
    out.print(table)
