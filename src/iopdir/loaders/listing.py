"""From raw rows of any listing to a directory: codes read by edition, then the one pipeline."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.intake.pipeline import intake
from iopdir.provenance import Provenance, Source, file_sha256
from iopdir.vocabulary.taxonomy import canonical_code

__all__ = ["build_directory", "read_codes"]

_SEPARATORS: Final = re.compile(r"[\s*/,;|]+")


def read_codes(texts: pd.Series[str], *, edition: str) -> pd.DataFrame:
    """Read service codes.

    Parameters
    ----------
    texts
        Codes of one edition, separated by spaces, ``*``, ``/``, ``,``, ``;`` or ``|``.
    edition
        Edition of the codes.

    Returns
    -------
    DataFrame
        `codes`, canonical and joined by space; `unmapped`, what the edition lacks, joined by ``" | "``.

    Raises
    ------
    UnknownNameError
        If there is no such edition.
    """
    canonical = partial(canonical_code, edition=edition)
    canonical("")  # an unknown edition is refused even where there is no row

    tokens = {text: [token for token in _SEPARATORS.split(text) if token] for text in texts.unique()}
    table = {token: canonical(token) for token in {token for some in tokens.values() for token in some}}
    codes = {
        text: " ".join(dict.fromkeys(table[t] or "" for t in some if table[t]))
        for text, some in tokens.items()
    }
    unmapped = {text: " | ".join(t for t in some if table[t] is None) for text, some in tokens.items()}
    return pd.DataFrame(
        {"codes": texts.map(codes), "unmapped": texts.map(unmapped)}, index=texts.index, dtype="str"
    )


def build_directory(
    raw: pd.DataFrame,
    *,
    path: str | Path | None = None,
    name: str = "",
    edition: str = "",
    retrieved: date | None = None,
    parameters: dict[str, object] | None = None,
) -> Directory:
    """Send raw rows through the pipeline and bind them to their file (or, without one, to a name)."""
    source = Source(
        name=Path(path).name if path is not None else name,
        edition=edition,
        sha256=file_sha256(path) if path is not None else "",
        retrieved=retrieved,
    )
    frame, quality = intake(raw, source=source, edition=edition)
    return Directory(frame, quality=quality, provenance=Provenance.of([source], **parameters or {}))
