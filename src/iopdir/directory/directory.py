"""A directory: an immutable, validated collection of facilities from one dated source."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pandas as pd

from iopdir.errors import LoadError, UnknownNameError
from iopdir.geography.boundaries import states
from iopdir.intake.pipeline import COLUMNS, Quality
from iopdir.provenance import Provenance, Source
from iopdir.schema.facility import Address, Facility, Location, RowProvenance
from iopdir.vocabulary.taxonomy import AgeGroup, LevelOfCare, Payment, Service

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Directory"]

_METADATA_KEY: Final = b"iopdir.directory"
T = TypeVar("T", bound=StrEnum)


class Directory:
    """An immutable, validated collection of facilities from one dated source.

    Made by the readers (`read_national_directory`, `read_findtreatment`, `read_facilities`,
    `read_directory`) and by `select`; iterate over it for [`Facility`][iopdir.Facility] objects, or take
    `to_geodataframe()` for the table.

    Parameters
    ----------
    frame
        The clean table of the row pipeline, indexed by `facility_id`.
    quality
        The account of the intake.
    provenance
        Where the rows came from.

    Examples
    --------
    >>> import iopdir as iop
    >>> directory = iop.demo_directory()
    >>> directory
    SYNTHETIC Directory of 16,056 facilities (SYNTHETIC demo_directory)
    >>> iops = directory.select(level_of_care="iop", payment="medicaid", state="VT")
    >>> facility = next(iter(iops))
    >>> facility.name.startswith("SYNTHETIC"), facility.address.state
    (True, 'VT')
    >>> facility.facility_id in iops, iops[facility.facility_id] == facility
    (True, True)
    """

    def __init__(self, frame: pd.DataFrame, *, quality: Quality, provenance: Provenance) -> None:
        self._frame = frame
        self._quality = quality
        self._provenance = provenance

    @property
    def quality(self) -> Quality:
        """The account of the file this directory was read from, also after a `select`."""
        return self._quality

    @property
    def provenance(self) -> Provenance:
        """Sources and the selections made since."""
        return self._provenance

    @property
    def synthetic(self) -> bool:
        """Whether the facilities are made up."""
        return self._provenance.synthetic

    def __len__(self) -> int:
        return len(self._frame)

    def __contains__(self, facility_id: object) -> bool:
        return facility_id in self._frame.index

    def __iter__(self) -> Iterator[Facility]:
        source = self._provenance.sources[0]
        for row in self._frame.reset_index().to_dict("records"):
            yield _facility(row, source)

    def __getitem__(self, facility_id: str) -> Facility:
        if facility_id not in self._frame.index:
            raise UnknownNameError("facility", facility_id)
        row = self._frame.loc[[facility_id]].reset_index().to_dict("records")[0]
        return _facility(row, self._provenance.sources[0])

    def __repr__(self) -> str:
        names = ", ".join(source.name for source in self._provenance.sources)
        mark = "SYNTHETIC " if self.synthetic else ""
        return f"{mark}Directory of {len(self):,} facilities ({mark}{names})"

    def select(
        self,
        *,
        level_of_care: str | Iterable[str] | None = None,
        payment: str | Iterable[str] | None = None,
        state: str | Iterable[str] | None = None,
        age_group: str | Iterable[str] | None = None,
        services: str | Iterable[str] | None = None,
        county: str | Iterable[str] | None = None,
        language: str | Iterable[str] | None = None,
    ) -> Directory:
        """Keep the facilities that state all that is asked for.

        Each argument takes one value or several; several mean *any of these*. Arguments add up: *all of
        them*. A facility that does not state a thing is not kept, which is not the same as not having it.

        Parameters
        ----------
        level_of_care, payment, age_group, services
            Values of `LevelOfCare`, `Payment`, `AgeGroup`, `Service`, or their text.
        state
            Postal abbreviations.
        county
            Five-digit county codes.
        language
            As listed, e.g. ``"spanish"``.

        Returns
        -------
        Directory
            A new directory; this one is unchanged.

        Raises
        ------
        UnknownNameError
            If a value is not one of those that exist.

        Examples
        --------
        >>> import iopdir as iop
        >>> iop.demo_directory().select(level_of_care="iop", state=["VT", "NH"]).by_state()["iop"].to_dict()
        {'NH': 31, 'VT': 14}
        """
        keep = pd.Series(data=True, index=self._frame.index)
        asked: dict[str, list[str]] = {}
        for name, column, values, known in (
            ("level_of_care", "levels_of_care", level_of_care, LevelOfCare),
            ("payment", "payments", payment, Payment),
            ("age_group", "age_groups", age_group, AgeGroup),
            ("services", "services", services, Service),
        ):
            if values is not None:
                asked[name] = [str(_member(known, value)) for value in _several(values)]
                keep &= _states_any(self._frame[column], asked[name], " ")
        if language is not None:
            asked["language"] = [
                _known("language", value.lower(), self._languages) for value in _several(language)
            ]
            keep &= _states_any(self._frame["languages"], asked["language"], "; ")
        if state is not None:
            known_states = {*states()["state"], *self._frame["state"]} - {""}
            asked["state"] = [_known("state", value.upper(), known_states) for value in _several(state)]
            keep &= self._frame["state"].isin(asked["state"])
        if county is not None:
            asked["county"] = [_fips(value) for value in _several(county)]
            keep &= self._frame["county_fips"].isin(asked["county"])
        history = [*self._provenance.parameters.get("select", []), asked]
        parameters = {**self._provenance.parameters, "select": history}
        provenance = Provenance.of(self._provenance.sources, **parameters)
        return Directory(self._frame.loc[keep], quality=self._quality, provenance=provenance)

    @cached_property
    def _languages(self) -> set[str]:
        return {language for text in self._frame["languages"].unique() for language in text.split("; ")} - {
            ""
        }

    def by_state(self) -> pd.DataFrame:
        """Count facilities by state and level of care.

        Returns
        -------
        DataFrame
            Indexed by `state`: `facilities`, one column for each level of care, and `iop_medicaid`, the
            facilities that state both intensive outpatient care and Medicaid.

        Examples
        --------
        >>> import iopdir as iop
        >>> int(iop.demo_directory().by_state()["iop"].sum())
        7236
        """
        frame = self._frame
        table = pd.DataFrame({"facilities": 1}, index=frame.index)
        for level in LevelOfCare:
            table[level.value] = _states_any(frame["levels_of_care"], [level.value], " ").astype("int64")
        medicaid = _states_any(frame["payments"], [Payment.MEDICAID.value], " ")
        table["iop_medicaid"] = table["iop"] * medicaid
        table = table.groupby(frame["state"]).sum()
        table.attrs["provenance"] = self._provenance.to_dict()
        return table

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """Give the table as points on WGS84.

        Returns
        -------
        GeoDataFrame
            EPSG:4326, sorted and indexed by `facility_id`, a fresh copy. `geometry` is None and `lon`, `lat`
            NaN where `precision` is ``"unknown"``. Columns of several values are text, joined by space
            (`languages` and `unmapped` by ``"; "`` and ``" | "``).
        """
        import geopandas as gpd

        frame = self._frame.copy()
        points = gpd.points_from_xy(frame["lon"], frame["lat"], crs="EPSG:4326")
        points[frame["lon"].isna().to_numpy()] = None
        result = gpd.GeoDataFrame(frame, geometry=points)
        result.attrs["provenance"] = self._provenance.to_dict()
        return result

    def to_parquet(self, path: str | Path) -> None:
        """Save the facilities with their quality account and provenance; `read_parquet` brings all back."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        quality = asdict(self._quality) | {"issues": self._quality.issues.to_dict("list")}
        about = {"quality": quality, "provenance": self._provenance.to_dict()}
        table = pa.Table.from_pandas(self._frame)
        metadata = {**table.schema.metadata, _METADATA_KEY: json.dumps(about, sort_keys=True).encode()}
        pq.write_table(
            table.replace_schema_metadata(metadata), path, compression="zstd", compression_level=15
        )

    @classmethod
    def read_parquet(cls, path: str | Path, *, source: Source | None = None) -> Directory:
        """Read a directory saved by `to_parquet`.

        Parameters
        ----------
        path
            The file.
        source
            What to cite instead of the sources saved with it.

        Raises
        ------
        LoadError
            If the file is not one.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        expected = "a directory saved by Directory.to_parquet"
        try:
            table = pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise LoadError(path, expected=expected, found=f"an unreadable file ({error})") from error
        text = (table.schema.metadata or {}).get(_METADATA_KEY)
        if text is None:
            raise LoadError(path, expected=expected, found="a Parquet file of another kind")
        about = json.loads(text)
        frame = table.to_pandas()
        missing = [column for column in COLUMNS if column not in frame]
        if missing:
            raise LoadError(
                path, expected=expected, found=f"one of another version, without {', '.join(missing)}"
            )
        quality = Quality(**about["quality"] | {"issues": pd.DataFrame(about["quality"]["issues"])})
        provenance = Provenance.of([source]) if source else _provenance(about["provenance"])
        return cls(frame[list(COLUMNS)], quality=quality, provenance=provenance)


def _provenance(plain: Mapping[str, Any]) -> Provenance:
    def source(about: dict[str, Any]) -> Source:
        day = about["retrieved"]
        return Source(**about | {"retrieved": date.fromisoformat(day) if day else None})

    return Provenance(
        sources=tuple(source(about) for about in plain["sources"]),
        parameters=plain["parameters"],
        package=plain["package"],
    )


def _several(values: str | Iterable[str]) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def _member(kind: type[T], value: str) -> T:
    try:
        return kind(value)
    except ValueError:
        raise UnknownNameError(kind.__name__, str(value), [member.value for member in kind]) from None


def _known(kind: str, value: str, known: set[str]) -> str:
    if value not in known:
        raise UnknownNameError(kind, value, known)
    return value


def _fips(value: str) -> str:
    if not re.fullmatch(r"\d{5}", value):
        raise UnknownNameError("county code (five digits as text)", value)
    return value


def _states_any(column: pd.Series[str], values: list[str], separator: str) -> pd.Series[bool]:
    wanted = set(values)
    table = {text: not wanted.isdisjoint(text.split(separator)) for text in column.unique()}
    return column.map(table).astype(bool)


def _facility(row: Mapping[Hashable, Any], source: Source) -> Facility:
    def text(name: str) -> str | None:
        return str(row[name]) or None

    def many(name: str, separator: str = " ") -> tuple[str, ...]:
        return tuple(part for part in str(row[name]).split(separator) if part)

    known = row["precision"] != "unknown"
    return Facility.model_validate(
        {
            "facility_id": row["facility_id"],
            "name": row["name"],
            "program": text("program"),
            "address": Address(
                **{name: text(name) for name in ("street1", "street2", "city", "state", "zip")}
            ),
            "location": Location.model_validate(
                {
                    "lon": row["lon"] if known else None,
                    "lat": row["lat"] if known else None,
                    "precision": row["precision"],
                    "source": source.name
                    if row["precision"] == "address"
                    else "ZIP centroid"
                    if known
                    else "",
                }
            ),
            "phone": text("phone"),
            "intake_phone": text("intake_phone"),
            "website": text("website"),
            "county_fips": text("county_fips"),
            "county_match": row["county_match"],
            "vintage": row["vintage"] or None,
            "codes": many("codes"),
            "unmapped": many("unmapped", " | "),
            "levels_of_care": tuple(LevelOfCare(value) for value in many("levels_of_care")),
            "payments": tuple(Payment(value) for value in many("payments")),
            "age_groups": tuple(AgeGroup(value) for value in many("age_groups")),
            "services": tuple(Service(value) for value in many("services")),
            "languages": many("languages", "; "),
            "provenance": RowProvenance.model_validate(
                {
                    "source": source.name,
                    "edition": str(row["edition"]) or source.edition,
                    "sha256": source.sha256,
                    "row": row["source_row"],
                    "retrieved": source.retrieved,
                }
            ),
        }
    )
