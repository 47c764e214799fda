"""Listings as they were on a day: dated, hashed, immutable, in plain files."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.snapshots.manifest import Manifest as Manifest
    from iopdir.snapshots.manifest import Part as Part
    from iopdir.snapshots.snapshot import Snapshot as Snapshot
    from iopdir.snapshots.store import SnapshotStore as SnapshotStore

_HOME = {
    "Manifest": "manifest",
    "Part": "manifest",
    "Snapshot": "snapshot",
    "SnapshotStore": "store",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
