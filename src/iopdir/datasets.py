"""The embedded data packs: list them, open them, cite them.

A pack is a folder `datasets/<name>/` with a Frictionless `datapackage.json` (source, licence, vintage, fields
with units, sha256) and one Parquet file; in the wheel the folders lie under `iopdir/packs/`.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from iopdir.errors import LoadError, UnknownNameError
from iopdir.provenance import Source, file_sha256

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["list_packs", "open_pack", "pack_path", "pack_source", "verify_pack"]

_ROOT: Final = next(
    folder
    for folder in (Path(__file__).parent / "packs", Path(__file__).parents[2] / "datasets")
    if folder.is_dir() or folder.name == "datasets"
)


@cache
def _describe(name: str) -> dict[str, Any]:
    path = _ROOT / name / "datapackage.json"
    if not path.is_file():
        raise UnknownNameError("data pack", name, _names())
    description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return description


def _names() -> list[str]:
    return sorted(path.parent.name for path in _ROOT.glob("*/datapackage.json"))


def list_packs() -> pd.DataFrame:
    """List the embedded packs.

    Returns
    -------
    DataFrame
        Indexed by `name`: `title, vintage, rows, bytes, licence, sha256, synthetic`.

    Examples
    --------
    >>> from iopdir import datasets
    >>> datasets.list_packs().loc["zcta", "vintage"]
    'ACS 2018-22'
    """
    import pandas as pd

    from iopdir.text import texts

    rows = []
    for name in _names():
        about = _describe(name)
        resource = about["resources"][0]
        rows.append(
            {
                "name": name,
                "title": about["title"],
                "vintage": about["vintage"],
                "rows": resource["rows"],
                "bytes": resource["bytes"],
                "licence": ", ".join(licence["name"] for licence in about["licenses"]),
                "sha256": resource["hash"].removeprefix("sha256:"),
                "synthetic": about["synthetic"],
            }
        )
    return texts(pd.DataFrame(rows).set_index("name"))


def pack_path(name: str) -> Path:
    """Path of a pack's Parquet file.

    Parameters
    ----------
    name
        Name of the pack, as `list_packs` has it.

    Returns
    -------
    Path
        In the checkout or in the installed package.

    Raises
    ------
    UnknownNameError
        If there is no such pack.

    Examples
    --------
    >>> from iopdir import datasets
    >>> datasets.pack_path("zcta").name
    'zcta.parquet'
    """
    return _ROOT / name / str(_describe(name)["resources"][0]["path"])


def pack_source(name: str) -> Source:
    """State a pack as a source, for provenance.

    Parameters
    ----------
    name
        Name of the pack, as `list_packs` has it.

    Returns
    -------
    Source
        With edition, checksum and licence.

    Raises
    ------
    UnknownNameError
        If there is no such pack.

    Examples
    --------
    >>> from iopdir import datasets
    >>> datasets.pack_source("zcta").edition
    'ACS 2018-22'
    """
    about = _describe(name)
    return Source(
        name=name,
        edition=about["vintage"],
        sha256=about["resources"][0]["hash"].removeprefix("sha256:"),
        retrieved=date.fromisoformat(about["retrieved"]),
        licence=", ".join(licence["name"] for licence in about["licenses"]),
        synthetic=about["synthetic"],
    )


def open_pack(name: str) -> pd.DataFrame:
    """Open a pack as a table.

    Parameters
    ----------
    name
        Name of the pack, as `list_packs` has it.

    Returns
    -------
    DataFrame
        A GeoDataFrame (EPSG:4326) where the pack has shapes. Codes are text. Its fields and their units stand
        in the pack's `datapackage.json`.

    Raises
    ------
    UnknownNameError
        If there is no such pack.

    Examples
    --------
    >>> from iopdir import datasets
    >>> int(datasets.open_pack("zcta")["population"].sum())
    334365877
    """
    from iopdir.text import texts

    fields = _describe(name)["resources"][0]["schema"]["fields"]
    if any(field["type"] == "geojson" for field in fields):
        import geopandas as gpd

        shapes: pd.DataFrame = texts(gpd.read_parquet(pack_path(name)))
        return shapes
    import pandas as pd

    return texts(pd.read_parquet(pack_path(name)))


def verify_pack(name: str) -> None:
    """Check that a pack's file is the one its description names.

    Parameters
    ----------
    name
        Name of the pack, as `list_packs` has it.

    Raises
    ------
    LoadError
        If its checksum differs.
    UnknownNameError
        If there is no such pack.

    Examples
    --------
    >>> from iopdir import datasets
    >>> datasets.verify_pack("zcta")
    """
    path, expected = pack_path(name), pack_source(name).sha256
    found = file_sha256(path)
    if found != expected:
        raise LoadError(path, expected=f"sha256 {expected}", found=f"sha256 {found}")
