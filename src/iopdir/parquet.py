"""Parquet, looked at before it is unpacked: a few kilobytes can stand for more than there is memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from iopdir.limits import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_CHUNKS,
    MAX_INFLATED_BYTES,
    MAX_MATRIX_BYTES,
    MAX_MATRIX_CELLS,
    check_size,
    readable,
    too_large,
)  # fmt: skip

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_parquet", "check_words"]


def check_parquet(path: str | Path, *, expected: str, matrix: bool = False) -> dict[bytes, bytes]:
    """Look at the footer of a Parquet file before its columns are unpacked.

    Parameters
    ----------
    path
        The file.
    expected
        What it should be, for errors.
    matrix
        Whether it is of pairs, which may be many, rather than of facilities.

    Returns
    -------
    dict
        Its metadata.

    Raises
    ------
    LoadError
        If it is damaged, or unpacks to more than is read.
    """
    import pyarrow.parquet as pq

    most_cells, most_bytes = (
        (MAX_MATRIX_CELLS, MAX_MATRIX_BYTES) if matrix else (MAX_CELLS, MAX_INFLATED_BYTES)
    )
    check_size(path, expected=expected, most=most_bytes if matrix else MAX_BYTES)
    with readable(path, expected=expected, kind="a damaged Parquet file"):
        with pq.ParquetFile(path) as file:
            footer, schema = file.metadata, file.schema_arrow
        chunks = footer.num_row_groups * footer.num_columns
        cells = footer.num_rows * footer.num_columns
        if chunks > MAX_CHUNKS:
            raise too_large(path, expected, f"{chunks:,} column chunks", MAX_CHUNKS)
        if cells > most_cells:
            raise too_large(path, expected, f"{cells:,} cells", most_cells)
        size = sum(footer.row_group(number).total_byte_size for number in range(footer.num_row_groups))
        if size > most_bytes:
            raise too_large(path, expected, f"{size:,} bytes unpacked", most_bytes)
    check_words(path, expected=expected, most=most_bytes)
    found: dict[bytes, bytes] = schema.metadata or {}
    return found


def check_words(path: str | Path, *, expected: str, most: int) -> None:
    """Count the bytes of all text of a Parquet file, part by part, while each word is still stored once.

    Raises
    ------
    LoadError
        If there are too many, or the file is damaged.
    """
    import pyarrow.parquet as pq

    total = 0
    with readable(path, expected=expected, kind="a damaged Parquet file"):
        footer = pq.read_metadata(path)
        leaves = [footer.schema.column(number) for number in range(footer.num_columns)]
        words = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
        with pq.ParquetFile(path, read_dictionary=words) as file:
            for number in range(file.num_row_groups if words else 0):
                total += _text_bytes(file.read_row_group(number, columns=words))
                if total > most:
                    raise too_large(path, expected, f"{total:,} bytes of text", most)


def _text_bytes(table: pa.Table) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    total = 0
    for column in table.columns:
        for part in column.chunks:
            while pa.types.is_list(part.type):
                part = part.flatten()  # noqa: PLW2901 - down to the words
            if pa.types.is_dictionary(part.type) and len(part.dictionary):
                length = pc.binary_length(part.dictionary.cast(pa.large_binary()))
                total += pc.sum(length.take(part.indices)).as_py() or 0
    return total
