"""A facility: one treatment site at one address, as one dated listing describes it.

The records below declare the facility table: a field with its type and the words under it is a column of every
frame and file; see [`COLUMNS`][iopdir.schema.COLUMNS].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from iopdir.vocabulary.taxonomy import (
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
    deciding_codes,
)

__all__ = ["Address", "CountyMatch", "Facility", "Location", "Named", "Precision", "RowProvenance"]

Text = Annotated[str, Field(min_length=1)]
Fips = Annotated[str, Field(pattern=r"^\d{5}$")]
Precision = Literal["address", "zip_centroid", "unknown"]
CountyMatch = Literal["within", "nearest", "zip", "none"]


@dataclass(frozen=True, slots=True)
class Named:
    """What the column of a field is called where it has not the field's own name."""

    column: str


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Address(_Record):
    """Where mail and people go.

    Examples
    --------
    >>> Address(street1="1 Example Street", city="Springfield", state="IL", zip="62701").zip
    '62701'
    """

    street1: Text | None = None
    """Street."""
    street2: Text | None = None
    """Suite or building."""
    city: Text | None = None
    """Post office name."""
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """Postal abbreviation, e.g. ``"IL"``; also territories."""
    zip: Annotated[str, Field(pattern=r"^\d{5}$")] | None = None
    """Five digits as text, leading zeros kept."""


class Location(_Record):
    """A point on WGS84 (EPSG:4326) and how exactly it is known.

    Examples
    --------
    >>> Location(lon=-87.65, lat=41.92, precision="address", source="listing").lat
    41.92
    """

    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    """Degrees; missing exactly when `precision` is ``"unknown"``."""
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    """Degrees, likewise."""
    precision: Precision
    """``"address"`` as a listing gives it, ``"zip_centroid"`` the middle of the ZIP, ``"unknown"``."""
    source: Annotated[str, Named("location_source")] = ""
    """Who says where the point is."""
    reference_id: Text | None = None
    """Facility of another listing that the point was taken over from, see `Directory.locate_from`."""
    replaced_m: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Metres from the middle of the ZIP that stood here before; missing where nothing was replaced."""

    @model_validator(mode="after")
    def _point_or_unknown(self) -> Location:
        if (self.lon is None) != (self.lat is None) or (self.lon is None) != (self.precision == "unknown"):
            raise ValueError("lon and lat are given together, unless precision is 'unknown'")
        return self


class RowProvenance(_Record):
    """The row of the file that a facility was read from."""

    source: str
    """File or pack name."""
    edition: str = ""
    """Edition of the listing."""
    sha256: str = ""
    """Checksum of the file."""
    licence: str = ""
    """Licence or terms of the listing, if known."""
    retrieved: date | None = None
    """Day the file was obtained, if known."""
    row: Annotated[int, Field(ge=0), Named("source_row")]
    """1-based row or record in the file, the header counted."""
    synthetic: bool = False
    """Whether the facility is made up."""


class Facility(_Record):
    """One treatment site at one address, immutable.

    An empty tuple means *not stated*, never *no*; `telehealth` false likewise.
    """

    facility_id: Text
    """Stable across files and formats: a digest of names and place."""
    name: Text
    """First name line of the listing."""
    program: Text | None = None
    """Second name line."""
    address: Address
    location: Location
    phone: Text | None = None
    """US number as ``"312-555-0100 x7"``."""
    intake_phone: Text | None = None
    """Number for new patients, likewise."""
    website: Text | None = None
    """With its scheme."""
    county_fips: Fips | None = None
    """County the point lies in."""
    vintage: int | None = None
    """Year of the county's boundaries."""
    county_match: CountyMatch = "none"
    """``"within"`` the county, ``"nearest"`` county within 10 km, ``"zip"`` the county most of the ZIP's homes are in
    (no point known), or ``"none"``."""
    facility_type: Text | None = None
    """Kind of facility in the listing's own letters, e.g. ``"SA"`` or ``"MH"``."""
    codes: tuple[str, ...] = ()
    """Canonical SAMHSA codes, see [`describe_code`][iopdir.vocabulary.describe_code]."""
    unmapped: tuple[str, ...] = ()
    """Codes or labels that no edition has, kept as they came."""
    levels_of_care: tuple[LevelOfCare, ...] = ()
    """What the codes state; see [`deciding_codes`][iopdir.vocabulary.deciding_codes]."""
    settings: tuple[Setting, ...] = ()
    """What kind of place it is."""
    payments: tuple[Payment, ...] = ()
    """Who pays, or how paying is made easier."""
    age_groups: tuple[AgeGroup, ...] = ()
    """Whom it accepts."""
    services: tuple[Service, ...] = ()
    """Which of the document's six services."""
    medications: tuple[Medication, ...] = ()
    """Used here, and what holds for people who are on one."""
    special_populations: tuple[SpecialPopulation, ...] = ()
    """Whom a program or group is made for."""
    telehealth: bool = False
    """Whether telehealth is stated."""
    languages: tuple[str, ...] = ()
    """In the publisher's words, lower case."""
    provenance: RowProvenance

    def codes_for(self, meaning: StrEnum) -> tuple[str, ...]:
        """Say which of its codes decide a meaning; none where none does.

        Examples
        --------
        >>> import iopdir as iop
        >>> facility = next(iter(iop.demo_directory().select(medication="buprenorphine")))
        >>> "BU" in facility.codes_for(iop.vocabulary.Medication.BUPRENORPHINE)
        True
        """
        deciding = deciding_codes(meaning)
        return tuple(code for code in self.codes if code in deciding)
