"""A directory: an immutable, validated collection of facilities from one dated source, or several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape

import pandas as pd

from iopdir.directory.select import chosen, states_any
from iopdir.directory.table import FacilityTable, records_of
from iopdir.errors import UnknownNameError
from iopdir.intake.quality import Quality, told_of
from iopdir.provenance import Provenance
from iopdir.schema.columns import COLUMNS, facility_from_row, row_of_facility
from iopdir.schema.facility import Facility
from iopdir.schema.frames import INDEX, as_text, typed
from iopdir.vocabulary.taxonomy import LevelOfCare, Payment

__all__ = ["Directory"]


class Directory(FacilityTable):
    """An immutable, validated collection of facilities.

    Made by the readers (`read_directory`, `read_facilities`), by `from_frame` and `concat`, and by `select`, `add`
    and `remove`; iterate over it for [`Facility`][iopdir.Facility] objects, or take `to_geodataframe()` for the
    table, whose columns are those of [`COLUMNS`][iopdir.schema.COLUMNS]. Each row says where it comes from and
    whether it is made up, so that a directory of several sources stays true.

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

    def __len__(self) -> int:
        return len(self._frame)

    def __contains__(self, facility_id: object) -> bool:
        return facility_id in self._frame.index

    def __iter__(self) -> Iterator[Facility]:
        return map(facility_from_row, records_of(self._frame.reset_index()))

    def __getitem__(self, facility_id: str) -> Facility:
        if facility_id not in self._frame.index:
            raise UnknownNameError("facility", facility_id)
        return facility_from_row(records_of(self._frame.loc[[facility_id]].reset_index())[0])

    def facility(self, facility_id: str) -> Facility:
        """Give one facility; the same as ``directory[facility_id]``.

        Raises
        ------
        UnknownNameError
            If the directory has none of that id.
        """
        return self[facility_id]

    def __repr__(self) -> str:
        names = ", ".join(_names(self))
        mark = "SYNTHETIC " if self.synthetic else ""
        return f"{mark}Directory of {len(self):,} facilities ({mark}{names})"

    def _repr_html_(self) -> str:
        shown = as_text(self._frame.head(5))[["name", "city", "state", "precision", "levels_of_care"]]
        warnings = "".join(f"<p><b>{escape(words)}</b></p>" for words in self._quality.warnings)
        return f"<p>{escape(repr(self))}</p>{warnings}{shown.to_html(escape=True)}"

    def _with(self, frame: pd.DataFrame, quality: Quality | None = None, **parameters: object) -> Directory:
        about = Provenance.of(self.provenance.sources, **self._given.parameters, **parameters)
        return Directory(frame, quality=quality or self._quality, provenance=about)

    def select(
        self,
        *,
        level_of_care: str | Iterable[str] | None = None,
        payment: str | Iterable[str] | None = None,
        state: str | Iterable[str] | None = None,
        age_group: str | Iterable[str] | None = None,
        services: str | Iterable[str] | None = None,
        medication: str | Iterable[str] | None = None,
        special_population: str | Iterable[str] | None = None,
        setting: str | Iterable[str] | None = None,
        telehealth: bool | None = None,
        codes: str | Iterable[str] | None = None,
        county: str | Iterable[str] | None = None,
        language: str | Iterable[str] | None = None,
    ) -> Directory:
        """Keep the facilities that state all that is asked for.

        Each argument takes one value or several; several mean *any of these*. Arguments add up: *all of
        them*. A facility that does not state a thing is not kept, which is not the same as not having it.

        Parameters
        ----------
        level_of_care, payment, age_group, services, medication, special_population, setting
            Values of `LevelOfCare`, `Payment`, `AgeGroup`, `Service`, `Medication`, `SpecialPopulation`, `Setting`, or
            their text; [`deciding_codes`][iopdir.vocabulary.deciding_codes] says what each rests on.
        telehealth
            True for those that state telehealth, False for those that do not.
        codes
            Canonical SAMHSA codes, for what has no word here, e.g. ``"CCC"`` (child care).
        state
            Postal abbreviations of where the facility is, in any case.
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
            If a value is not one of those that exist, or the listing has no column for what is asked: nobody
            knows then, and no facility would be kept.

        Examples
        --------
        >>> import iopdir as iop
        >>> iop.demo_directory().select(level_of_care="iop", state=["VT", "NH"]).by_state()["iop"].to_dict()
        {'NH': 31, 'VT': 14}
        """
        filters = {
            "level_of_care": level_of_care, "payment": payment, "age_group": age_group, "services": services,
            "medication": medication, "special_population": special_population, "setting": setting,
            "telehealth": telehealth, "codes": codes, "language": language, "state": state, "county": county,
        }  # fmt: skip
        silent = "codes" in self._quality.missing
        keep, asked = chosen(self._frame, filters, silent=silent)
        parameters = dict(self._given.parameters)
        history = [*parameters.pop("select", []), asked]
        about = Provenance.of(self.provenance.sources, **parameters, select=history)
        return Directory(self._frame.loc[keep], quality=self._quality, provenance=about)

    def add(self, facilities: Facility | Iterable[Facility]) -> Directory:
        """Give a new directory with more facilities.

        Parameters
        ----------
        facilities
            One, or several; their ids must be new.

        Returns
        -------
        Directory
            Sorted by id; the account of quality stays that of the files.

        Raises
        ------
        ValueError
            If an id is there already, or stands twice.

        Examples
        --------
        >>> import iopdir as iop
        >>> vermont = iop.demo_directory().select(state="VT")
        >>> first = next(iter(vermont))
        >>> moved = first.model_copy(update={"facility_id": "SYN-new"})
        >>> len(vermont.remove(first.facility_id).add(moved)) == len(vermont)
        True
        """
        new = [facilities] if isinstance(facilities, Facility) else list(facilities)
        rows = typed(pd.DataFrame([row_of_facility(one) for one in new], columns=list(COLUMNS)))
        return self._with(_joined([self._frame, rows]))

    def remove(self, facility_ids: str | Iterable[str]) -> Directory:
        """Give a new directory without some facilities.

        Parameters
        ----------
        facility_ids
            One id, or several.

        Returns
        -------
        Directory
            What is left.

        Raises
        ------
        UnknownNameError
            If the directory has none of that id.

        Examples
        --------
        >>> import iopdir as iop
        >>> directory = iop.demo_directory()
        >>> len(directory) - len(directory.remove(directory.table.index[:3]))
        3
        """
        gone = [facility_ids] if isinstance(facility_ids, str) else list(facility_ids)
        for one in gone:
            if one not in self:
                raise UnknownNameError("facility", str(one))
        return self._with(self._frame.drop(index=gone))

    @classmethod
    def concat(cls, directories: Iterable[Directory]) -> Directory:
        """Put directories together; each row keeps its source, and made-up rows stay marked.

        Parameters
        ----------
        directories
            One or more, with no facility in common.

        Returns
        -------
        Directory
            Sorted by id; the accounts of quality are added up.

        Raises
        ------
        ValueError
            If there is none, or an id stands in two of them.

        Examples
        --------
        >>> import iopdir as iop
        >>> demo = iop.demo_directory()
        >>> len(iop.Directory.concat([demo.select(state="VT"), demo.select(state="NH")]))
        161
        """
        parts = list(directories)
        if not parts:
            raise ValueError("nothing to put together: give at least one directory")
        sources = [source for part in parts for source in part.provenance.sources]
        history = [dict(part.provenance.parameters) for part in parts]
        about = Provenance.of(sources, **({"parts": history} if any(history) else {}))
        quality = Quality.combine(part.quality for part in parts)
        return cls(_joined([part.table for part in parts]), quality=quality, provenance=about)

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
            table[level.value] = states_any(frame["levels_of_care"], [level.value]).astype("int64")
        table["iop_medicaid"] = table["iop"] * states_any(frame["payments"], [Payment.MEDICAID.value])
        table = table.groupby(frame["state"]).sum()
        table.attrs["provenance"] = self.provenance.to_dict()
        return table

    def locate_from(self, reference: Directory) -> Directory:
        """Take points of addresses over from another listing.

        Asked for are facilities that are placed by their ZIP or not at all. The two listings are linked, see
        [`link`][iopdir.link]. A facility takes the point of the one it is linked to if both are at one place, or that
        of one at the very same address; its county follows. A point more than 50 km from the middle of the ZIP is not
        taken but noted in `quality`.

        Parameters
        ----------
        reference
            A listing with points, such as a geocoded one of another year.

        Returns
        -------
        Directory
            The same facilities. Where a point was taken over, `precision` is ``"address"``, `location_source` names the
            source of the point, `reference_id` the facility of `reference`, and `replaced_m` says how far it lies from
            the middle of the ZIP that it replaces.

        Notes
        -----
        The point is as good as the reference's own geocoding; nothing is geocoded here.

        Examples
        --------
        >>> import iopdir as iop
        >>> vermont = iop.demo_directory().select(state="VT")
        >>> table = vermont.to_geodataframe().drop(columns="geometry")
        >>> by_zip = iop.Directory.from_frame(table.assign(lon=None, lat=None, precision="unknown"))
        >>> by_zip.table["precision"].unique().tolist()
        ['zip_centroid']
        >>> located = by_zip.locate_from(vermont)
        >>> located.table["precision"].unique().tolist(), bool((located.table["lon"] == vermont.table["lon"]).all())
        (['address'], True)
        """
        from iopdir.directory.located import take_points

        table, issues = take_points(self._frame, reference.table, ", ".join(_names(self)))
        issues = pd.concat([self._quality.issues, issues], ignore_index=True)
        quality = replace(self._quality, issues=issues, **told_of(table))
        about = Provenance.of(
            [*self.provenance.sources, *reference.provenance.sources],
            **self._given.parameters,
            located_from=_names(reference),
        )
        return Directory(table, quality=quality, provenance=about)


def _names(directory: Directory) -> list[str]:
    return list(dict.fromkeys(source.name for source in directory.provenance.sources))


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat([part for part in tables if len(part)] or tables[:1]).rename_axis(INDEX)
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise ValueError(
            f"facility {twice[0]} is there already ({len(twice)} ids are): remove one of them first"
        )
    missing = [name for name in table if name not in COLUMNS]
    for name in missing:
        if table[name].dtype == object or table[name].dtype == "str":
            table[name] = table[name].where(table[name].notna(), "")
    return table.sort_index()
