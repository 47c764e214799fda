"""A store of snapshots: a folder of plain files that only ever grows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iopdir.atomic import make_folder, replacing
from iopdir.directory.directory import Directory
from iopdir.errors import LoadError, UnknownNameError
from iopdir.limits import MAX_MANIFEST_BYTES, read_whole, readable
from iopdir.progress import each
from iopdir.snapshots.draft import Draft, draft_of
from iopdir.snapshots.manifest import MANIFEST, VERSION, Manifest, Request
from iopdir.snapshots.snapshot import Snapshot

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SnapshotStore", "stored"]

MARK: Final = "iopdir-store.json"
_KIND: Final = "iopdir snapshot store"
_MARK_TEXT: Final = json.dumps({"kind": _KIND, "version": VERSION}) + "\n"
_EXPECTED: Final = "a snapshot store"
_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-f]{8}")
_FIRST: Final = ("findtreatment", "directory", "otp")
"""Sources in the order in which a store answers if none is named: address coordinates and levels of care come first."""


class SnapshotStore:
    """Listings as they were on the days on which they were fetched.

    A folder of plain files, which git, DVC or a bucket can keep: `SOURCE/TIME-CHECKSUM/`, see
    [`Snapshot`][iopdir.snapshots.Snapshot]. A snapshot appears whole or not at all and is never changed; any number of
    processes may write at once.

    Parameters
    ----------
    path
        The folder. It need not exist yet.

    Raises
    ------
    LoadError
        If something else is there, or a store of a later version.

    Examples
    --------
    ```python
    iop.fetch_findtreatment("listings/", state="IL")
    store = iop.SnapshotStore("listings/")
    store.list()  # source, snapshot, taken, rows ...
    store.latest("findtreatment")  # a Directory
    store.open("2026-11-24")  # as it was that day
    store.verify()  # every byte looked at: an empty table
    ```
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if (self.path / MARK).exists():
            _check_mark(self.path / MARK)
        elif self.path.exists() and (not self.path.is_dir() or _visible(self.path)):
            found = f"a folder without {MARK}" if self.path.is_dir() else "a file"
            raise LoadError(self.path, expected=_EXPECTED, found=found)

    def __repr__(self) -> str:
        counts = {source: len(_folders(self.path, source)) for source in _sources(self.path)}
        held = ", ".join(f"{number} of {source}" for source, number in counts.items())
        return f"SnapshotStore({str(self.path)!r}): {held or 'empty'}"

    def _repr_html_(self) -> str:
        shown = self.list()[["source", "snapshot", "accepted", "notes", "status"]].tail(10)
        return f"<p>{escape(repr(self))}</p>{shown.to_html(escape=True)}"

    def snapshots(self, source: str | None = None) -> tuple[Snapshot, ...]:
        """Give the snapshots, the oldest first.

        Parameters
        ----------
        source
            Only of this source.

        Returns
        -------
        tuple[Snapshot, ...]
            Their manifests are read, their files are not.

        Raises
        ------
        LoadError
            If one is damaged or half-written; `list` shows the others.
        """
        sources = _sources(self.path) if source is None else [self._known(source)]
        found = [Snapshot.at(folder) for one in sources for folder in _folders(self.path, one)]
        return tuple(sorted(found, key=lambda snapshot: (snapshot.name, snapshot.source)))

    def list(self) -> pd.DataFrame:
        """List what is there, damaged ones too.

        Returns
        -------
        DataFrame
            `source, snapshot, taken, accepted, merged, rejected, url, sha256, notes, status`, the oldest first;
            `status` is ``"ok"``, or says what is wrong with the manifest.
        """
        import pandas as pd

        from iopdir.text import TEXT

        rows: list[dict[str, object]] = []
        for folder in _all_folders(self.path):
            try:
                manifest = Snapshot.at(folder).manifest
            except LoadError as error:
                rows.append({"source": folder.parent.name, "snapshot": folder.name, "status": str(error)})
                continue
            row: dict[str, object] = {
                name: getattr(manifest, name) for name in ("source", "taken", "url", "sha256")
            }
            row |= {name: manifest.rows[name] for name in ("accepted", "merged", "rejected")}
            rows.append(row | {"snapshot": manifest.name, "notes": "; ".join(manifest.notes), "status": "ok"})
        columns = ["source", "snapshot", "taken", "accepted", "merged", "rejected", "url", "sha256", "notes"]
        table = pd.DataFrame(rows, columns=[*columns, "status"])
        whole = dict.fromkeys(("accepted", "merged", "rejected"), "Int64")
        table = table.astype(whole | {name: TEXT for name in table if name not in whole})
        table = table.fillna(dict.fromkeys(["taken", "url", "sha256", "notes"], ""))
        return table.sort_values(["snapshot", "source"], ignore_index=True)

    def latest(self, source: str | None = None) -> Directory:
        """Open the newest snapshot.

        Parameters
        ----------
        source
            Of which source, e.g. ``"findtreatment"``; of the locator if there is one, else of the yearly directory,
            else of the opioid treatment programs.

        Returns
        -------
        Directory
            See [`Snapshot.open`][iopdir.snapshots.Snapshot].

        Raises
        ------
        LoadError
            If the newest is damaged.
        UnknownNameError
            If there is none.
        """
        return self.newest(source).open()

    def newest(self, source: str | None = None) -> Snapshot:
        """Find the newest snapshot, as `latest` does.

        Raises
        ------
        LoadError
            If the newest is damaged.
        UnknownNameError
            If there is none.
        """
        return Snapshot.at(_folders(self.path, self._choose(source))[-1])

    def open(self, when: str | date, source: str | None = None) -> Directory:
        """Open the snapshot of a day.

        Parameters
        ----------
        when
            A day in UTC, e.g. ``"2026-11-24"``, whose last snapshot is meant; or the name of a snapshot.
        source
            Of which source; chosen as by `latest` if not given, but by the snapshot's name if that is given.

        Returns
        -------
        Directory
            See [`Snapshot.open`][iopdir.snapshots.Snapshot].

        Raises
        ------
        LoadError
            If it is damaged.
        UnknownNameError
            If there is none of that day or name.
        """
        if isinstance(when, datetime):
            when = when.date()
        text = str(when)
        named = bool(_NAME.fullmatch(text))
        sources = _sources(self.path) if named and source is None else [self._choose(source)]
        folders = [folder for one in sources for folder in _folders(self.path, one)]
        chosen = [folder for folder in folders if text in (folder.name, folder.name[:10])]
        if not chosen:
            known = {folder.name if named else folder.name[:10] for folder in folders}
            raise UnknownNameError(f"snapshot in {self.path}, by day or by name,", text, known)
        return Snapshot.at(chosen[-1]).open()

    def verify(self) -> pd.DataFrame:
        """Look at every byte of every snapshot.

        Returns
        -------
        DataFrame
            One row a file that is not as it was written: `source, snapshot, file, expected, found`. Empty if all is
            well.
        """
        import pandas as pd

        from iopdir.text import TEXT

        rows = []
        for folder in each(list(_all_folders(self.path)), "Looking at every byte"):
            try:
                problems: Iterable[tuple[str, str, str]] = list(Snapshot.at(folder).problems())
            except LoadError as error:
                problems = [(MANIFEST, error.expected, error.found)]
            rows += [(folder.parent.name, folder.name, *problem) for problem in problems]
        mark = self.path / MARK
        if (
            mark.exists()
            and read_whole(mark, expected=_EXPECTED, most=MAX_MANIFEST_BYTES) != _MARK_TEXT.encode()
        ):
            rows.append(("", "", MARK, _MARK_TEXT.strip(), "something else"))
        return pd.DataFrame(rows, columns=["source", "snapshot", "file", "expected", "found"], dtype=TEXT)

    # --- writing -------------------------------------------------------------------------------------------

    @contextmanager
    def draft(self, request: Request, *, now: datetime) -> Iterator[Draft]:
        """Begin a snapshot, or go on with one that was broken off within a day.

        Parameters
        ----------
        request
            What is asked for.
        now
            The time.

        Yields
        ------
        Draft
            To be filled and finished; nobody else has it. What is left unfinished can be gone on with.

        Raises
        ------
        WriteError
            If the store cannot be written.
        """
        if not _SOURCE.fullmatch(request.source):
            raise UnknownNameError("name for a source (small letters, digits, - and _)", request.source)
        make_folder(self.path)
        if not (self.path / MARK).exists():
            with replacing(self.path / MARK) as beside:
                beside.write_text(_MARK_TEXT, encoding="utf-8")
        with draft_of(self.path, request, now=now) as draft:
            yield draft

    def same(self, request: Request) -> Snapshot | None:
        """Find the newest whole snapshot of the same request; None if there is none."""
        for folder in reversed(_folders(self.path, request.source)):
            try:
                manifest = Manifest.read(folder)
            except LoadError:
                continue
            if manifest.request == request:
                return Snapshot.at(folder)
        return None

    def _known(self, source: str) -> str:
        sources = _sources(self.path)
        if source not in sources:
            raise UnknownNameError(f"source in {self.path}", source, sources)
        return source

    def _choose(self, source: str | None) -> str:
        if source is not None:
            return self._known(source)
        for one in _sources(self.path):
            return one
        raise UnknownNameError(f"snapshot in {self.path}: fetch one first, it has no", "latest")


# --- folders -------------------------------------------------------------------------------------------------


def _sources(store: Path) -> list[str]:
    """Name the sources that have a snapshot, those first that answer first."""
    if not store.is_dir():
        return []
    names = {one.name for one in store.iterdir() if _SOURCE.fullmatch(one.name) and _folders(store, one.name)}
    return [*(name for name in _FIRST if name in names), *sorted(names - {*_FIRST})]


def _folders(store: Path, source: str) -> list[Path]:
    """Give the folders of the snapshots of a source, the oldest first, since their names are times."""
    folder = store / source
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if one.is_dir() and _NAME.fullmatch(one.name))


def _all_folders(store: Path) -> list[Path]:
    return [folder for source in _sources(store) for folder in _folders(store, source)]


def stored(path: str | Path) -> Snapshot | None:
    """Find the snapshot that a folder means: of a store or a source in it the newest, of a snapshot that one.

    Raises
    ------
    LoadError
        If it is damaged, or of a later version.
    UnknownNameError
        If the store is empty.
    """
    folder = Path(path)
    if not folder.is_dir():
        return None
    if (folder / MARK).exists():
        return SnapshotStore(folder).newest()
    above = folder.resolve().parent
    if (above / MARK).exists():
        return SnapshotStore(above).newest(folder.resolve().name)
    return Snapshot.at(folder.resolve()) if (above.parent / MARK).exists() else None


def _visible(folder: Path) -> bool:
    return any(not one.name.startswith(".") for one in folder.iterdir())


def _check_mark(path: Path) -> None:
    text = read_whole(path, expected=_EXPECTED, most=MAX_MANIFEST_BYTES)
    with readable(path, expected=_EXPECTED, kind=f"a damaged {MARK}"):
        about = json.loads(text)
    if not isinstance(about, dict) or about.get("kind") != _KIND:
        raise LoadError(path, expected=_EXPECTED, found=f"a {MARK} of another kind")
    if about.get("version") != VERSION:
        version = about.get("version")
        later = isinstance(version, int) and version > VERSION
        found = f"version {version!r}{', from a newer iopdir' if later else ''}"
        raise LoadError(path, expected=f"{_EXPECTED} of version {VERSION}", found=found)
