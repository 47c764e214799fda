"""What changed between two listings, several made one, and how long listings last."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.changes.combined import Combined as Combined
    from iopdir.changes.combined import combine as combine
    from iopdir.changes.differences import Diff as Diff
    from iopdir.changes.differences import diff as diff
    from iopdir.changes.lasting import METHADONE_CLOSING as METHADONE_CLOSING
    from iopdir.changes.lasting import still_listed as still_listed
    from iopdir.changes.lasting import survival as survival

_HOME = {
    "Combined": "combined",
    "Diff": "differences",
    "METHADONE_CLOSING": "lasting",
    "combine": "combined",
    "diff": "differences",
    "still_listed": "lasting",
    "survival": "lasting",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
