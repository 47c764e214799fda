"""From raw rows of any listing to a directory: codes read by edition, then the one pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from sys import intern
from typing import Any, Final

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.intake.pipeline import intake
from iopdir.loaders.columns import Matching
from iopdir.provenance import Provenance, Source, file_sha256
from iopdir.vocabulary.codes import EDITIONS, canonical_code

__all__ = ["build_directory", "likeliest_edition", "read_codes", "source_of_file", "split_codes"]

_BETWEEN: Final = re.compile("[/,;|]")
_PREFERRED: Final = ("2022", *(edition for edition in reversed(EDITIONS) if edition != "2022"))


def split_codes(texts: pd.Series[str]) -> pd.Series[Any]:
    """Split service codes at spaces, ``*``, ``/``, ``,``, ``;`` and ``|`` into tuples."""
    words = cache(
        lambda group: tuple(map(intern, _BETWEEN.sub(" ", group).split()))
    )  # rows differ, groups recur
    cells = [tuple(chain.from_iterable(map(words, text.split("*")))) for text in texts]
    return pd.Series(cells, index=texts.index, dtype="object")


def likeliest_edition(codes: Iterable[str]) -> str:
    """Find the edition of the code list that knows most of these codes; what a column is called decides nothing.

    Examples
    --------
    >>> likeliest_edition(["iop", "cash", "tricare"]), likeliest_edition(["SA", "OIT"])
    ('2025', '2022')
    """
    words = set(codes)
    return max(
        _PREFERRED,
        key=lambda edition: sum(canonical_code(word, edition=edition) is not None for word in words),
    )


def read_codes(codes: pd.Series[Any], *, edition: str) -> pd.DataFrame:
    """Read service codes.

    Parameters
    ----------
    codes
        Tuples of codes of one edition.
    edition
        Edition of the codes.

    Returns
    -------
    DataFrame
        `codes`, canonical, and `unmapped`, what the edition lacks; tuples.

    Raises
    ------
    UnknownNameError
        If there is no such edition.
    """
    canonical_code("", edition=edition)  # an unknown edition is refused even where there is no row
    table = {word: canonical_code(word, edition=edition) for word in set(chain.from_iterable(codes))}
    if all(word == code for word, code in table.items()):  # nothing to translate
        known = [cell if len(set(cell)) == len(cell) else tuple(dict.fromkeys(cell)) for cell in codes]
        unknown: list[tuple[str, ...]] = [()] * len(known)
    else:
        known = [tuple(code for code in dict.fromkeys(map(table.get, cell)) if code) for cell in codes]
        unknown = [tuple(word for word in cell if table[word] is None) for cell in codes]
    return pd.DataFrame(
        {
            "codes": pd.Series(known, index=codes.index, dtype="object"),
            "unmapped": pd.Series(unknown, index=codes.index, dtype="object"),
        }
    )


def source_of_file(path: str | Path, *, edition: str = "", retrieved: date | None = None) -> Source:
    """State a file as a source: its name, and the checksum of its bytes."""
    return Source(name=Path(path).name, edition=edition, sha256=file_sha256(path), retrieved=retrieved)


def build_directory(
    raw: pd.DataFrame,
    matching: Matching,
    *,
    source: Source,
    codes: Iterable[str] = (),
    parameters: dict[str, object] | None = None,
) -> Directory:
    """Send raw rows through the pipeline and bind them to their source.

    Parameters
    ----------
    raw
        Columns as `intake` takes them, and extra ones.
    matching
        How the file's columns were understood; it goes into the account.
    source
        Every row names it.
    codes
        Columns of the file that are codes themselves.
    parameters
        For the provenance.
    """
    frame, quality = intake(raw, source=source)
    flags = list(codes)
    missing = tuple(name for name in matching.missing if not (flags and name == "codes"))
    quality = replace(quality, columns=matching.account(flags), missing=missing)
    return Directory(frame, quality=quality, provenance=Provenance.of([source], **parameters or {}))
