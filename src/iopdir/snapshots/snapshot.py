"""One snapshot: a folder with the bytes as received, the facilities made of them, and a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from iopdir.directory.directory import Directory
from iopdir.errors import LoadError
from iopdir.limits import MAX_MANIFEST_BYTES
from iopdir.provenance import file_sha256
from iopdir.snapshots.manifest import MANIFEST, RAW, SUMS, Manifest, Part, as_time

__all__ = ["Snapshot", "joint_sha256"]

_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A listing as it was on a day.

    Parameters
    ----------
    path
        Its folder: `raw/`, the bytes as received; `listing.parquet`, the facilities made of them; `manifest.json`;
        and `SHA256SUMS`, which ``sha256sum --check`` reads.
    manifest
        What it is.

    Examples
    --------
    ```python
    snapshot = iop.fetch_findtreatment("listings/", state="IL")
    snapshot.taken, snapshot.manifest.rows["accepted"]
    directory = snapshot.open()
    ```
    """

    path: Path
    manifest: Manifest

    @classmethod
    def at(cls, folder: Path) -> Snapshot:
        """Find the snapshot of a folder.

        Raises
        ------
        LoadError
            If there is none, its manifest is damaged, or it is of a later version.
        """
        manifest = Manifest.read(folder)
        if (manifest.source, manifest.name) != (folder.parent.name, folder.name):
            expected = f"the snapshot that its folder names, {folder.parent.name}/{folder.name}"
            raise LoadError(
                folder / MANIFEST,
                expected=expected,
                found=f"{manifest.source}/{manifest.name}: was it moved?",
            )
        return cls(folder, manifest)

    @property
    def source(self) -> str:
        """Name of the source."""
        return self.manifest.source

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.manifest.name

    @property
    def taken(self) -> datetime:
        """When it was taken, in UTC."""
        return as_time(self.manifest.taken)

    def path_of(self, name: str) -> Path:
        """Give the place of a file as received."""
        return self.path / RAW / name

    def part(self, name: str) -> dict[str, str] | None:
        """Give what the server said of a file, if the file is still whole."""
        for part in self.manifest.raw:
            if part.path == f"{RAW}/{name}" and not any(_differences(self.path, [part])):
                return {"etag": part.etag, "last_modified": part.last_modified}
        return None

    def open(self) -> Directory:
        """Open the facilities.

        Returns
        -------
        Directory
            Its provenance names source, address, time and checksum under ``parameters["snapshot"]``.

        Raises
        ------
        LoadError
            If the file is not the one that the manifest names.
        """
        table = self.manifest.table
        for _, expected, found in _differences(self.path, [table]):
            raise LoadError(self.path / table.path, expected=expected, found=found)
        return Directory.read_parquet(self.path / table.path)

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """Look at every byte; list each file that is not as it was written: its path, what was expected, what found."""
        manifest = self.manifest
        parts = (*manifest.raw, manifest.table)
        yield from _differences(self.path, parts)
        yield from self._doubts(self.path / SUMS, manifest.sums().encode())
        found = {p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if not p.is_dir()}
        for name in sorted(found - {part.path for part in parts} - {SUMS, MANIFEST}):
            yield name, "no such file", "a file that no manifest names"
        raw = [self.path / part.path for part in manifest.raw]
        if all(path.is_file() for path in raw) and (joint := joint_sha256(raw)) != manifest.sha256:
            yield MANIFEST, f"sha256 {joint} of all bytes received", f"sha256 {manifest.sha256}"

    def _doubts(self, path: Path, sums: bytes) -> Iterator[tuple[str, str, str]]:
        """Compare the list of checksums with what it should be; where they differ over the manifest, doubt both."""
        found = b""
        if path.is_file():
            with path.open("rb") as stream:
                found = stream.read(MAX_MANIFEST_BYTES)
        if found != sums:
            yield SUMS, "the checksums of these files", "others" if found else "no file"
            said, own = (text.splitlines()[-1:] for text in (found, sums))
            if found and said != own:
                listed = said[0][:64].decode(errors="replace")
                yield MANIFEST, f"sha256 {listed}, as in {SUMS}", f"sha256 {own[0][:64].decode()}"


def _differences(folder: Path, parts: Iterable[Part]) -> Iterator[tuple[str, str, str]]:
    for part in parts:
        path = folder / part.path
        if not path.is_file():
            yield part.path, f"sha256 {part.sha256}", "no file"
        elif (found := file_sha256(path)) != part.sha256 or path.stat().st_size != part.bytes:
            yield part.path, f"sha256 {part.sha256}", f"sha256 {found}"


def joint_sha256(paths: Iterable[Path]) -> str:
    """Give the checksum of files, one after another."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()
