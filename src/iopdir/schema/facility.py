"""A facility: one treatment site at one address, as one dated listing describes it."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from iopdir.vocabulary.taxonomy import AgeGroup, LevelOfCare, Payment, Service

__all__ = ["Address", "Facility", "Location", "RowProvenance", "facility_id"]

Text = Annotated[str, Field(min_length=1)]
Fips = Annotated[str, Field(pattern=r"^\d{5}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Address(_Record):
    """Where mail and people go.

    Attributes
    ----------
    street1
        Street.
    street2
        Suite or building.
    city
        Post office name.
    state
        Postal abbreviation, e.g. ``"IL"``; also territories.
    zip
        Five digits as text, leading zeros kept.

    Examples
    --------
    >>> Address(street1="1 Example Street", city="Springfield", state="IL", zip="62701").zip
    '62701'
    """

    street1: Text | None = None
    street2: Text | None = None
    city: Text | None = None
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    zip: Annotated[str, Field(pattern=r"^\d{5}$")] | None = None


class Location(_Record):
    """A point on WGS84 (EPSG:4326) and how exactly it is known.

    Attributes
    ----------
    lon
        Degrees; missing exactly when `precision` is ``"unknown"``.
    lat
        Degrees, likewise.
    precision
        ``"address"`` as the listing gives it, ``"zip_centroid"`` the middle of the ZIP, ``"unknown"``.
    source
        Who says so.

    Examples
    --------
    >>> Location(lon=-87.65, lat=41.92, precision="address", source="listing").lat
    41.92
    """

    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    precision: Literal["address", "zip_centroid", "unknown"]
    source: str = ""

    @model_validator(mode="after")
    def _point_or_unknown(self) -> Location:
        if (self.lon is None) != (self.lat is None) or (self.lon is None) != (self.precision == "unknown"):
            raise ValueError("lon and lat are given together, unless precision is 'unknown'")
        return self


class RowProvenance(_Record):
    """The row of the file that a facility was read from.

    Attributes
    ----------
    source
        File or pack name.
    edition
        Edition of the listing.
    sha256
        Checksum of the file.
    row
        1-based row or record in the file, the header counted.
    retrieved
        Day the file was obtained, if known.
    """

    source: str
    edition: str = ""
    sha256: str = ""
    row: Annotated[int, Field(ge=0)]
    retrieved: date | None = None


class Facility(_Record):
    """One treatment site at one address, immutable.

    Attributes
    ----------
    facility_id
        Stable across files and formats: a digest of names, street, suite and ZIP.
    name
        First name line of the listing.
    program
        Second name line.
    address
        Where mail and people go.
    location
        Its point, and how exactly that is known.
    phone
        US number as ``"312-555-0100 x7"``.
    intake_phone
        Number for new patients, likewise.
    website
        With its scheme.
    county_fips
        County the point lies in.
    vintage
        Year of the county's boundaries.
    county_match
        ``"within"`` the county, ``"nearest"`` county within 10 km, ``"zip"`` the county most of the ZIP's
        homes are in (no point known), or ``"none"``.
    codes
        Canonical SAMHSA codes, see [`describe_code`][iopdir.vocabulary.describe_code].
    unmapped
        Codes or labels that no edition has, kept as they came.
    levels_of_care
        What the codes state; here and below an empty tuple means *not stated*, never *no*.
    payments
        Who pays, or how paying is made easier.
    age_groups
        Whom it accepts.
    services
        Which of the document's six services.
    languages
        In the publisher's words, lower case.
    provenance
        Row and file.
    """

    facility_id: Text
    name: Text
    program: Text | None = None
    address: Address
    location: Location
    phone: Text | None = None
    intake_phone: Text | None = None
    website: Text | None = None
    county_fips: Fips | None = None
    county_match: Literal["within", "nearest", "zip", "none"] = "none"
    vintage: int | None = None
    codes: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    levels_of_care: tuple[LevelOfCare, ...] = ()
    payments: tuple[Payment, ...] = ()
    age_groups: tuple[AgeGroup, ...] = ()
    services: tuple[Service, ...] = ()
    languages: tuple[str, ...] = ()
    provenance: RowProvenance


_NOISE: Final = re.compile(r"[^0-9a-z]+")


def facility_id(
    name: str, program: str = "", street1: str = "", street2: str = "", zip5: str = "", *, prefix: str = "F"
) -> str:
    """Name a site by a digest of its names, street, suite and ZIP.

    Case, punctuation and spacing do not count, so the same site has the same id in every file; another
    suite or another program at the address is another site.

    Examples
    --------
    >>> facility_id("Example Clinic, Inc.", street1="1 Main St", zip5="62701")
    'F-5f1c48395bd8'
    >>> facility_id("EXAMPLE CLINIC INC", street1="1  Main St.", zip5="62701")
    'F-5f1c48395bd8'
    """
    key = "|".join(
        _NOISE.sub(" ", part.casefold()).strip() for part in (name, program, street1, street2, zip5)
    )
    return f"{prefix}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
