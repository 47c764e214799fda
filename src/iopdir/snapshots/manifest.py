"""What a snapshot is: where its bytes came from, when, and their checksums."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from iopdir.errors import LoadError
from iopdir.limits import MAX_MANIFEST_BYTES, read_whole

__all__ = [
    "MANIFEST",
    "RAW",
    "SUMS",
    "TABLE",
    "VERSION",
    "Manifest",
    "Part",
    "Request",
    "as_time",
    "time_text",
]

VERSION: Final = 1
"""Version of the format; a store of a later one is refused, not guessed at."""

MANIFEST: Final = "manifest.json"
TABLE: Final = "listing.parquet"
SUMS: Final = "SHA256SUMS"
RAW: Final = "raw"

_KIND: Final = "iopdir snapshot"
_PLACE: Final = re.compile(r"raw/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_EXPECTED: Final = "the manifest of a snapshot"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked for.

    Parameters
    ----------
    source
        Name of the source, which is also the name of its folder.
    url
        Address that was asked, without parameters.
    parameters
        What was asked of it.
    """

    source: str
    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Tell it from other requests in a few letters."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One file of a snapshot.

    Parameters
    ----------
    path
        Below the folder of the snapshot, with ``/``.
    sha256, bytes
        Checksum and length.
    url
        Address that gave it; blank for a file that was made here.
    received
        When its last byte came, ISO 8601 in UTC.
    content_type, etag, last_modified
        As the server said.
    """

    path: str
    sha256: str
    bytes: int
    url: str = ""
    received: str = ""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a snapshot is.

    Parameters
    ----------
    source, url, parameters
        What was asked for, and where.
    taken, finished
        When the first byte was asked for and the last one came, ISO 8601 in UTC.
    sha256
        Checksum of all bytes received, one file after another: what ``cat raw/* | sha256sum`` gives.
    rows
        `in`, `accepted`, `merged`, `rejected`; the last three add up to the first.
    notes
        What limits the listing or makes it doubtful, in sentences; mostly empty.
    raw
        The files as received, in their order.
    table
        The Parquet file made of them.
    package
        Name and version of the software.
    """

    source: str
    url: str
    parameters: Mapping[str, str]
    taken: str
    finished: str
    sha256: str
    rows: Mapping[str, int]
    notes: tuple[str, ...]
    raw: tuple[Part, ...]
    table: Part
    package: str

    @property
    def name(self) -> str:
        """Name of the snapshot's folder: the second it was taken, and a digest of what was asked and what came."""
        digest = hashlib.sha256(f"{self.request.key} {self.sha256}".encode()).hexdigest()
        return f"{self.taken.replace(':', '')}-{digest[:8]}"

    @property
    def request(self) -> Request:
        """What was asked for."""
        return Request(source=self.source, url=self.url, parameters=self.parameters)

    def to_json(self) -> str:
        """Write as JSON, always the same way."""
        about = {"kind": _KIND, "version": VERSION, **asdict(self)}
        return json.dumps(about, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def sums(self) -> str:
        """Write the checksums of every file as ``sha256sum --check`` reads them."""
        own = hashlib.sha256(self.to_json().encode()).hexdigest()
        lines = [f"{part.sha256}  {part.path}\n" for part in (*self.raw, self.table)]
        return "".join([*lines, f"{own}  {MANIFEST}\n"])

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder, and check that it is whole.

        Raises
        ------
        LoadError
            If there is none, it is damaged, or of a later version.
        """
        path = folder / MANIFEST
        if not path.exists():
            raise LoadError(folder, expected="a whole snapshot", found=f"one without {MANIFEST}")
        text = read_whole(path, expected=_EXPECTED, most=MAX_MANIFEST_BYTES)
        about = _object(path, text)
        try:
            manifest = cls(
                **about
                | {
                    "notes": tuple(map(str, about["notes"])),
                    "raw": tuple(Part(**part) for part in about["raw"]),
                    "table": Part(**about["table"]),
                }
            )
            json.dumps(about, ensure_ascii=False).encode()  # fails for half a letter
            whole = manifest.to_json().encode() == text
            _check(manifest)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise LoadError(path, expected=_EXPECTED, found=f"a damaged one ({error})") from error
        if not whole:
            raise LoadError(path, expected=_EXPECTED, found="a damaged one: it is not as it was written")
        return manifest


def _check(manifest: Manifest) -> None:
    """Refuse what no writer of manifests writes."""
    as_time(manifest.taken)
    rows = manifest.rows
    if rows["in"] != rows["accepted"] + rows["merged"] + rows["rejected"]:
        raise ValueError(f"{rows['in']} rows in, but {dict(rows)}")
    for part, place in (*((part, _PLACE) for part in manifest.raw), (manifest.table, re.compile(TABLE))):
        if not place.fullmatch(part.path):
            raise ValueError(f"a file {part.path!r} outside the snapshot")
    for sha256 in (manifest.sha256, manifest.table.sha256, *(part.sha256 for part in manifest.raw)):
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r}, which is no sha256")


def _object(path: Path, text: bytes) -> dict[str, Any]:
    """Read JSON that says of what kind and version it is; give what it says besides."""
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LoadError(path, expected=_EXPECTED, found=f"a damaged one ({error})") from error
    if not isinstance(about, dict) or about.pop("kind", None) != _KIND:
        raise LoadError(path, expected=_EXPECTED, found="JSON of another kind")
    version = about.pop("version", None)
    if version != VERSION:
        later = isinstance(version, int) and version > VERSION
        found = f"version {version!r}{', from a newer iopdir' if later else ''}"
        raise LoadError(path, expected=f"{_EXPECTED}, version {VERSION}", found=found)
    return about


def time_text(when: datetime) -> str:
    """Write a moment, to the second, in UTC.

    Examples
    --------
    >>> time_text(datetime(2026, 11, 24, 20, 15, 30, tzinfo=UTC))
    '2026-11-24T20:15:30Z'
    """
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_time(text: str) -> datetime:
    """Read what `time_text` wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
