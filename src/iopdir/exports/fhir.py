"""Directories as FHIR R4 in the shapes of DaVinci PDEX Plan-Net: NDJSON by resource type, or a transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd

from iopdir.atomic import make_folder, replacing
from iopdir.directory.directory import Directory
from iopdir.errors import KindError, UnknownNameError
from iopdir.exports.account import account_for
from iopdir.exports.fhir_mapping import FHIR_MAPPING, PLAN_NET, RESOURCES
from iopdir.exports.fhir_resources import resources_of
from iopdir.progress import each

__all__ = ["write_fhir"]

_ENDINGS: Final = (".ndjson", ".json", "no ending, for a folder")


def write_fhir(directory: Directory, path: str | Path, *, written: date | None = None) -> pd.DataFrame:
    """Write a directory as FHIR R4, in the shapes that payers must publish (DaVinci PDEX Plan-Net).

    Each facility is an Organization, a Location, a HealthcareService and their Provenance; ids are UUIDs made from the
    facility's id, so they stay the same. What a listing does not say is left out, never invented.

    Parameters
    ----------
    directory
        Facilities.
    path
        ``.ndjson``: one file, a resource a line. ``.json``: a Bundle of type transaction that puts each resource under
        its id. A folder, or a name without ending: a file of NDJSON for each type, as bulk data has them.
    written
        Day that Provenance calls recorded; now if not given.

    Returns
    -------
    DataFrame
        Where each column went, and how many facilities say nothing there: `element, column, stated, written, left_out,
        how`.

    Raises
    ------
    UnknownNameError
        If the ending is another.
    WriteError
        If a file cannot be written.

    Notes
    -----
    FHIR 4.0.1; profiles of `hl7.org/fhir/us/davinci-pdex-plan-net`, version 2.0.0-ballot. A point is written only where
    it is that of the address. [The mapping](../data/hsds-and-fhir.md) lists every column.

    Examples
    --------
    >>> import iopdir as iop, json, tempfile
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     account = iop.write_fhir(vermont, f"{folder}/vermont.ndjson")
    ...     lines = Path(f"{folder}/vermont.ndjson").read_text().splitlines()
    >>> len(lines) == 4 * len(vermont), json.loads(lines[0])["resourceType"]
    (True, 'Organization')
    >>> account.set_index("element").loc["HealthcareService.availableTime", "left_out"] == len(vermont)
    np.True_
    """
    KindError.unless(Directory, directory=directory)
    place = Path(path)
    ending = place.suffix.lower()
    folder = place.is_dir() or not ending
    if not folder and ending not in (".ndjson", ".json"):
        raise UnknownNameError("FHIR form with the ending", ending, _ENDINGS)
    moment = (
        written.isoformat() + "T00:00:00Z" if written else datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    counted: Counter[str] = Counter()
    resources = _resources(directory, moment, counted, within=ending == ".json" and not folder)
    if folder:
        make_folder(place)
        _write_by_type(place, resources)
    else:
        make_folder(place.parent)
        with replacing(place) as draft, draft.open("w", encoding="utf-8") as stream:
            stream.writelines(_bundle(resources) if ending == ".json" else map(_line, resources))
    return account_for(directory, FHIR_MAPPING, counted, standard=f"FHIR 4.0.1, {PLAN_NET}")


def _resources(
    directory: Directory, moment: str, counted: Counter[str], *, within: bool
) -> Iterator[dict[str, Any]]:
    for row in each(directory.table.reset_index().to_dict("records"), "Writing FHIR"):
        made = list(resources_of(cast("dict[str, Any]", row), moment, within=within))
        counted.update(_said(made))
        yield from made


def _line(resource: object) -> str:
    return json.dumps(resource, ensure_ascii=False) + "\n"


def _write_by_type(folder: Path, resources: Iterable[dict[str, Any]]) -> None:
    with ExitStack() as files:
        streams = {}
        for kind in RESOURCES:
            draft = files.enter_context(replacing(folder / f"{kind}.ndjson"))
            streams[kind] = files.enter_context(draft.open("w", encoding="utf-8"))
        for resource in resources:
            streams[resource["resourceType"]].write(_line(resource))


def _bundle(resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield '{"resourceType": "Bundle", "type": "transaction"'
    start = ', "entry": [\n'
    for resource in resources:
        where = f"{resource['resourceType']}/{resource['id']}"
        entry = {
            "fullUrl": f"urn:uuid:{resource['id']}",
            "resource": resource,
            "request": {"method": "PUT", "url": where},
        }
        yield start + json.dumps(entry, ensure_ascii=False)
        start = ",\n"
    yield "\n]}\n" if start == ",\n" else "}\n"


def _said(resources: Iterable[dict[str, Any]]) -> set[str]:
    """Name the elements of the mapping that a facility fills."""
    said: set[str] = set()
    for resource in resources:
        kind = resource["resourceType"]
        said.update(f"{kind}.{key}" for key in resource)
        said.update(f"{kind}.meta.{key}" for key in resource.get("meta", {}))
        said.update(f"{kind}.telecom.{one['system']}" for one in resource.get("telecom", ()))
        addresses = resource.get("address", [])
        for address in addresses if isinstance(addresses, list) else [addresses]:
            said.update(f"{kind}.address.{key}" for key in address)
            if kind == "Location" and len(address.get("line", ())) < 2:
                said.discard("Location.address.line")
        for one in resource.get("characteristic", ()):
            name = one["coding"][0]["system"].rpartition("#")[2] if "coding" in one else "codes"
            said.add(f"{kind}.characteristic.{name}")
        for one in resource.get("extension", ()):
            name = one["url"].rpartition("/")[2]
            if name == "delivery-method":
                code = one["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]
                name = f"deliverymethod.{code}"
            said.add(f"{kind}.extension.{name}")
        if kind == "Provenance" and "identifier" in resource["entity"][0]["what"]:
            said.add("Provenance.entity.identifier")
    return said
