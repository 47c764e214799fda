"""How large a file may be, so that a small one cannot fill the memory; and what other libraries cannot read."""

from __future__ import annotations

import csv
import gzip
import io
import re
import stat
import tomllib
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from iopdir.errors import IopdirError, LoadError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MAX_BYTES",
    "MAX_CELLS",
    "MAX_CHUNKS",
    "MAX_COLUMNS",
    "MAX_INFLATED_BYTES",
    "MAX_MANIFEST_BYTES",
    "MAX_MATRIX_BYTES",
    "MAX_MATRIX_CELLS",
    "MAX_MEMBERS",
    "MAX_POPULATION_BYTES",
    "MAX_TEXT_CELLS",
    "MAX_TOML_BYTES",
    "check_file",
    "check_names",
    "check_nesting",
    "check_size",
    "check_width",
    "csv_table",
    "parse_toml",
    "read_head",
    "read_toml",
    "read_unpacked",
    "read_whole",
    "readable",
    "toml_text",
    "too_large",
]

MAX_BYTES: Final = 100_000_000
"""Of a file as it lies there: fifty times the National Directory. Text takes some ten times as much when it is read."""

MAX_INFLATED_BYTES: Final = 200_000_000
"""Of what a packed file unpacks to, and of the text of a workbook's cells: the National Directory has 12 million."""

MAX_POPULATION_BYTES: Final = 600_000_000
"""Of the text of a population file, unpacked: 8 million census blocks of the nation take some 400 million."""

MAX_MATRIX_BYTES: Final = 4_000_000_000
"""Of the text of a cost matrix, unpacked: some 100 million pairs."""

MAX_CELLS: Final = 5_000_000
"""Rows times columns, empty ones counted, since a table is laid out with them: 100,000 facilities with 50 columns."""

MAX_TEXT_CELLS: Final = 10_000_000
"""Rows times columns of a listing in text or JSON, likewise: 40,000 facilities with 250 columns."""

MAX_COLUMNS: Final = 100_000
"""Of a table in text or JSON: each takes a tenth of a millisecond, and 8 million never end."""

MAX_MATRIX_CELLS: Final = 300_000_000
"""Rows times columns of a cost matrix in Parquet: 100 million pairs."""

MAX_MEMBERS: Final = 1_000
"""Files in a workbook: some twenty are usual."""

MAX_CHUNKS: Final = 100_000
"""Row groups times columns of a Parquet file: each costs time however little is in it."""

MAX_TOML_BYTES: Final = 1_000_000
"""Of rules, standards and profiles in TOML: some ten thousand are usual."""

MAX_MANIFEST_BYTES: Final = 10_000_000
"""Of what a store of snapshots says of its files: some thousand bytes are usual."""

_LINE: Final = re.compile(r"line (\d+)")
_PART: Final = 1 << 20


def check_file(path: str | Path, *, expected: str) -> int:
    """Give the bytes of a file as it lies there; a pipe and a device have none and may never end.

    Raises
    ------
    LoadError
        If it is no file, or its path is not in UTF-8.

    Examples
    --------
    >>> check_file("/", expected="a listing")
    Traceback (most recent call last):
    iopdir.errors.LoadError: /: expected a listing, found a folder
    """
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        found = "a path that is not in UTF-8, as few libraries read it: rename it"
        raise LoadError(path, expected=expected, found=found) from error
    try:
        about = Path(path).stat()
    except (OSError, ValueError) as error:
        found = f"none that can be opened ({getattr(error, 'strerror', None) or error})"
        raise LoadError(path, expected=expected, found=found) from error
    if not stat.S_ISREG(about.st_mode):
        found = "a folder" if stat.S_ISDIR(about.st_mode) else "a pipe or a device, no file"
        raise LoadError(path, expected=expected, found=found)
    return about.st_size


def check_size(path: str | Path, *, expected: str, most: int = MAX_BYTES) -> None:
    """Refuse what is no file, and a file that is too large: to be a listing if nothing else is said.

    Raises
    ------
    LoadError
        If it is.
    """
    size = check_file(path, expected=expected)
    if size > most:
        raise too_large(path, expected, f"{size:,} bytes", most)


def read_head(path: str | Path, size: int, *, expected: str) -> bytes:
    """Read the first bytes of a file, by which its kind is known.

    Raises
    ------
    LoadError
        If it is no file, or cannot be opened.
    """
    check_file(path, expected=expected)
    with readable(path, expected=expected, kind="none that can be opened"), Path(path).open("rb") as stream:
        return stream.read(size)


def read_whole(path: str | Path, *, expected: str, most: int = MAX_BYTES) -> bytes:
    """Read all bytes of a file.

    Raises
    ------
    LoadError
        If it is no file, is too large, or cannot be read.
    """
    check_size(path, expected=expected, most=most)
    with readable(path, expected=expected, kind="none that can be read"):
        return Path(path).read_bytes()


def too_large(path: str | Path, expected: str, found: str, most: int) -> LoadError:
    """Say that a file has more of something than a listing could have."""
    return LoadError(path, expected=expected, found=f"{found}, more than the {most:,} that are read")


def read_unpacked(path: str | Path, *, expected: str, most: int = MAX_INFLATED_BYTES) -> bytes:
    """Read a file, plain or gzip, part by part, and stop where it is too large.

    Parameters
    ----------
    path
        The file.
    expected
        What it should be, for errors.
    most
        Bytes that it may have when it is unpacked.

    Raises
    ------
    LoadError
        If it is no file, cannot be read, is damaged, or has more.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "small.gz"
    >>> path.write_bytes(gzip.compress(bytes(1_000_000)))
    1003
    >>> len(read_unpacked(path, expected="zeros", most=1_000_000))
    1000000
    >>> try:
    ...     read_unpacked(path, expected="zeros", most=999_999)
    ... except LoadError as error:
    ...     error.found
    '1,000,000 bytes or more, more than the 999,999 that are read'
    >>> folder.cleanup()
    """
    check_file(path, expected=expected)
    data = io.BytesIO()
    try:
        with Path(path).open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            stream = gzip.GzipFile(fileobj=file) if packed else file
            while part := stream.read(min(_PART, most + 1 - data.tell())):
                data.write(part)
    except (OSError, EOFError, zlib.error) as error:
        raise LoadError(path, expected=expected, found=f"none that can be read ({error})") from error
    if data.tell() > most:
        raise too_large(path, expected, f"{data.tell():,} bytes or more", most)
    return data.getvalue()


def read_toml(path: str | Path, *, expected: str) -> dict[str, Any]:
    """Read TOML from a file.

    Raises
    ------
    LoadError
        If it cannot be read, is too large, is no TOML, or nests too deep.
    """
    return parse_toml(toml_text(path, expected=expected), path, expected=expected)


def toml_text(path: str | Path, *, expected: str) -> str:
    """Read the text of a TOML file, without going through it.

    Raises
    ------
    LoadError
        If it cannot be read, is too large, or is not in UTF-8.
    """
    data = read_unpacked(path, expected=expected, most=MAX_TOML_BYTES)
    with readable(path, expected=expected, kind="none that can be read"):
        return data.decode("utf-8-sig")


def parse_toml(text: str, path: str | Path, *, expected: str) -> dict[str, Any]:
    r"""Read the text of a file as TOML.

    Raises
    ------
    LoadError
        If it is none, with its line.

    Examples
    --------
    >>> parse_toml("a = 1\nb = =\n", "SYNTHETIC.toml", expected="a table")
    Traceback (most recent call last):
    iopdir.errors.LoadError: SYNTHETIC.toml, line 2: expected a table, found broken TOML (Invalid value ...
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = _LINE.search(str(error))
        found = f"broken TOML ({error})"
        raise LoadError(path, expected=expected, found=found, line=int(line[1]) if line else None) from error


@contextmanager
def readable(path: str | Path, *, expected: str, kind: str) -> Iterator[None]:
    """Turn whatever another library raises over a file into a `LoadError`, a panic of compiled code too.

    Raises
    ------
    LoadError
        If anything is raised that is not ours.

    Examples
    --------
    >>> with readable("SYNTHETIC.parquet", expected="a table", kind="a damaged Parquet file"):
    ...     raise OSError("cut short")
    Traceback (most recent call last):
    iopdir.errors.LoadError: SYNTHETIC.parquet: expected a table, found a damaged Parquet file (cut short)
    """
    try:
        yield
    except IopdirError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        words = " ".join(str(error).split())[:200] or type(error).__name__
        raise LoadError(path, expected=expected, found=f"{kind} ({words})") from error


def csv_table(path: str | Path, data: str | bytes, *, expected: str, **options: Any) -> pd.DataFrame:  # noqa: ANN401
    r"""Let pandas read CSV only if it has no more columns than are read, and no row is longer than the header.

    Otherwise pandas drops what is too much, or takes the first cells for a name of the row.

    Parameters
    ----------
    path
        Where it comes from, for errors.
    data
        All of it; bytes are UTF-8.
    expected
        What it should be, for errors.
    **options
        For `pandas.read_csv`.

    Raises
    ------
    LoadError
        If it is not so.

    Examples
    --------
    >>> csv_table("SYNTHETIC.csv", "a,b\n1,2,3", expected="two columns")
    Traceback (most recent call last):
    iopdir.errors.LoadError: SYNTHETIC.csv: expected two columns, found broken CSV (Length of header or names ...
    """
    import pandas as pd

    with readable(path, expected=expected, kind="broken CSV"), warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        packed = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        rows = csv.reader(io.TextIOWrapper(io.BytesIO(packed), "utf-8-sig", errors="replace", newline=""))
        header = next((row for row in rows if len(row) > 1 or "".join(row).strip()), [])
        check_width(path, len(header), expected=expected)
        table: pd.DataFrame = pd.read_csv(
            io.BytesIO(packed), index_col=False, encoding="utf-8-sig", **options
        )
        return table


def check_nesting(path: str | Path, text: str, *, expected: str, most: int = MAX_CELLS) -> None:
    """Refuse JSON of more lists and objects than are read: each takes thirty times the room of its two brackets.

    Raises
    ------
    LoadError
        If it has.
    """
    opened = text.count("{") + text.count("[")
    if opened > most:
        raise too_large(path, expected, f"{opened:,} lists and objects", most)


def check_names(path: str | Path, names: Iterable[str], *, expected: str) -> None:
    """Refuse a header in which a column stands twice: which of both is meant, nobody knows.

    Raises
    ------
    LoadError
        If one does.

    Examples
    --------
    >>> check_names("SYNTHETIC.csv", ["name", "zip", "name"], expected="a listing")
    Traceback (most recent call last):
    iopdir.errors.LoadError: SYNTHETIC.csv, line 1: expected a listing, found the column 'name' twice
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise LoadError(path, expected=expected, found=f"the column {name!r} twice", line=1)
        seen.add(name)


def check_width(path: str | Path, columns: int, *, expected: str, rows: int = 1) -> None:
    """Refuse a table of text with more columns, or more cells, than are read.

    Raises
    ------
    LoadError
        If it has.
    """
    if columns > MAX_COLUMNS:
        raise too_large(path, expected, f"{columns:,} columns", MAX_COLUMNS)
    if columns * rows > MAX_TEXT_CELLS:
        raise too_large(path, expected, f"{columns * rows:,} cells", MAX_TEXT_CELLS)
