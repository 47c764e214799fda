"""Public listings over the network, politely, into a store of snapshots."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.fetch.client import Client as Client
    from iopdir.fetch.files import fetch_directory as fetch_directory
    from iopdir.fetch.files import fetch_otp as fetch_otp
    from iopdir.fetch.findtreatment import fetch_findtreatment as fetch_findtreatment

_HOME = {
    "Client": "client",
    "fetch_directory": "files",
    "fetch_findtreatment": "findtreatment",
    "fetch_otp": "files",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
