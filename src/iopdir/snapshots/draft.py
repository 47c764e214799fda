"""A snapshot under way: parts come one by one, and the whole appears in one step."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from iopdir.atomic import replacing, sync_folder
from iopdir.directory.directory import Directory
from iopdir.errors import WriteError
from iopdir.provenance import Provenance, file_sha256, package_version
from iopdir.snapshots.manifest import MANIFEST, RAW, SUMS, TABLE, Manifest, Part, Request, as_time, time_text
from iopdir.snapshots.snapshot import Snapshot, joint_sha256

__all__ = ["Draft", "draft_of"]

MAX_AGE: Final = timedelta(days=1)
"""An older draft is begun anew: its parts are of another day than those to come."""

DRAFTS: Final = ".drafts"
_LOG: Final = "draft.json"
_BODY: Final = "snapshot"


class Draft:
    """A snapshot under way, in `.drafts/` of its store. Made by [`SnapshotStore.draft`][iopdir.SnapshotStore].

    Parameters
    ----------
    store
        Folder of the store.
    folder
        Folder of the draft, which is this process's alone.
    request
        What is asked for.
    now
        The time; an earlier one stands in a draft that is gone on with.

    Attributes
    ----------
    parts
        Files that have come and are whole, by name.
    taken
        When the first was asked for.
    """

    def __init__(self, store: Path, folder: Path, request: Request, now: datetime) -> None:
        self._store, self._folder, self._request = store, folder, request
        self.taken, self.parts = time_text(now), dict[str, Part]()
        self._recall(now)

    @property
    def _body(self) -> Path:
        return self._folder / _BODY

    def _recall(self, now: datetime) -> None:
        """Take over what an earlier process has left whole; remove what it has not."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            log = json.loads((self._folder / _LOG).read_bytes())
            parts = {part["path"].removeprefix(f"{RAW}/"): Part(**part) for part in log["parts"]}
            whole = {name: part for name, part in parts.items() if self._is_whole(part)}
            if whole and timedelta() <= now - as_time(log["taken"]) < MAX_AGE:
                self.taken, self.parts = log["taken"], whole
        for path in [*self._body.glob("*"), *(self._body / RAW).glob("*")]:
            if path.is_file() and path.name not in self.parts:
                path.unlink()
        (self._body / RAW).mkdir(parents=True, exist_ok=True)

    def _is_whole(self, part: Part) -> bool:
        path = self._body / part.path
        return path.is_file() and file_sha256(path) == part.sha256

    def path_of(self, name: str) -> Path:
        """Give the place of a part."""
        return self._body / RAW / name

    def keep(self, name: str, data: bytes, *, now: datetime, about: Mapping[str, str]) -> None:
        """Keep a part that has come whole.

        Parameters
        ----------
        name
            File name: letters, digits, ``-``, ``_`` and ``.``.
        data
            Bytes as received.
        now
            The time.
        about
            `url`, `content_type`, `etag`, `last_modified`.
        """
        with replacing(self.path_of(name)) as beside:
            beside.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        self.parts[name] = Part(
            path=f"{RAW}/{name}", sha256=digest, bytes=len(data), received=time_text(now), **about
        )
        self._note()

    def forget(self, name: str) -> None:
        """Remove a part that belongs no more."""
        del self.parts[name]
        self._note()
        self.path_of(name).unlink()

    def _note(self) -> None:
        log = {"taken": self.taken, "parts": [asdict(part) for part in self.parts.values()]}
        with replacing(self._folder / _LOG) as beside:
            beside.write_text(json.dumps(log, sort_keys=True), encoding="utf-8")

    def sha256(self) -> str:
        """Give the checksum of all bytes received, in the order of their names."""
        return joint_sha256(self.path_of(name) for name in sorted(self.parts))

    def drop(self) -> None:
        """Give the draft up, and remove it."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def set_aside(self) -> Path:
        """Keep what came out of the way, where the next fetch does not go on with it.

        Returns
        -------
        Path
            Folder of the bytes received.
        """
        for number in count():
            aside = self._folder.with_name(f"refused-{self.taken.replace(':', '')}-{number}")
            with suppress(OSError):
                self._folder.rename(aside)
                break
        return aside / _BODY / RAW

    def finish(self, directory: Directory, *, notes: Iterable[str] = ()) -> Snapshot:
        """Put the whole in its place, in one step.

        Parameters
        ----------
        directory
            The facilities made of the parts.
        notes
            What limits the listing or makes it doubtful, in sentences; they become warnings of the directory.

        Returns
        -------
        Snapshot
            The new one.

        Raises
        ------
        WriteError
            If it cannot be written.
        """
        raw = tuple(self.parts[name] for name in sorted(self.parts))
        manifest = Manifest(
            source=self._request.source,
            url=self._request.url,
            parameters=dict(self._request.parameters),
            taken=self.taken,
            finished=max((part.received for part in raw), default=self.taken),
            sha256=self.sha256(),
            rows=_rows(directory),
            notes=tuple(notes),
            raw=raw,
            table=Part(path=TABLE, sha256="0" * 64, bytes=0),
            package=package_version(),
        )
        table = self._body / TABLE
        _signed(directory, manifest).to_parquet(table)
        made = Part(path=TABLE, sha256=file_sha256(table), bytes=table.stat().st_size)
        manifest = replace(manifest, table=made)
        for name, text in ((MANIFEST, manifest.to_json()), (SUMS, manifest.sums())):
            with replacing(self._body / name) as beside:
                beside.write_text(text, encoding="utf-8", newline="\n")
        return Snapshot.at(self._move(manifest))

    def _move(self, manifest: Manifest) -> Path:
        place = self._store / manifest.source / manifest.name
        try:
            place.parent.mkdir(exist_ok=True)
            for folder in (self._body / RAW, self._body):
                sync_folder(folder)
            if not place.exists():  # else another process has fetched the same bytes in the same second
                with suppress(FileExistsError):
                    self._body.rename(place)
            sync_folder(place.parent)
        except OSError as error:
            raise WriteError(place, error.strerror or str(error)) from error
        self.drop()
        return place


def _rows(directory: Directory) -> dict[str, int]:
    quality = directory.quality
    rows = {"accepted": quality.accepted, "merged": quality.merged, "rejected": quality.rejected}
    return {"in": quality.rows_in} | rows


def _signed(directory: Directory, manifest: Manifest) -> Directory:
    """Write into the directory itself from which snapshot it is, and what limits it."""
    about = {
        "source": manifest.source,
        "snapshot": manifest.name,
        "url": manifest.url,
        "asked": dict(manifest.parameters),
        "taken": manifest.taken,
        "sha256": manifest.sha256,
    }
    quality = replace(directory.quality, warnings=(*directory.quality.warnings, *manifest.notes))
    parameters = {**directory.provenance.parameters, "snapshot": about}
    provenance = Provenance.of(directory.provenance.sources, **parameters)
    return Directory(directory.table, quality=quality, provenance=provenance)


# --- one process a draft -------------------------------------------------------------------------------------


@contextmanager
def draft_of(store: Path, request: Request, *, now: datetime) -> Iterator[Draft]:
    """Take a draft of this request that nobody works at, or a new one.

    A draft is locked while a process has it, and a process that is killed leaves its lock to nobody. Where folders
    cannot be locked, each process has drafts of its own, and none is gone on with.
    """
    own = f"{os.getpid()}-" if sys.platform == "win32" else ""
    lock, numbers = None, count()
    while lock is None:
        folder = store / DRAFTS / f"{request.source}-{request.key}-{own}{next(numbers)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = _lock(folder)
        except OSError as error:
            raise WriteError(folder, error.strerror or str(error)) from error
    try:
        yield Draft(store, folder, request, now)
    finally:
        if lock >= 0:
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock a folder for this process; None if another has it, or has finished and removed it at this very moment."""
    if sys.platform == "win32":  # pragma: no cover
        return -1
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.stat().st_ino == os.fstat(handle).st_ino:
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(handle)
    return None
