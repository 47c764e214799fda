"""What a pack is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from sources import Origin, PublicFile

from iopdir.directory.directory import Directory

HERE = Path(__file__).parent
RETRIEVED = "2026-11-24"
PEOPLE = "people"
FIPS = ("", "Five-digit Census county code, text")
YEAR = ("year", "Year of the county codes")
POSTAL = ("", "Postal abbreviation")


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A data pack: name, words, fields (unit and description each), sources, and the function that makes it."""

    name: str
    title: str
    description: str
    vintage: str
    fields: dict[str, tuple[str, str]]
    sources: tuple[Origin | PublicFile | dict[str, str], ...]
    licences: tuple[str, ...]
    build: Callable[[], pd.DataFrame | Directory] = field(repr=False)
    retrieved: str = RETRIEVED
    synthetic: bool = False


def read_kept(pack: str, name: str) -> pd.DataFrame:
    """Read a table that is kept by hand beside its pack; all text, blank where nothing is said."""
    return pd.read_csv(HERE / pack / name, dtype=str, keep_default_na=False)
