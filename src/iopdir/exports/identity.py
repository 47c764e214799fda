"""Ids that stay the same however often a directory is handed over."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

__all__ = ["FACILITY_SYSTEM", "NAMESPACE", "stable_id"]

NAMESPACE: Final = UUID("4d78e8d2-3b09-468c-ab06-78681f92eb41")
"""Of every UUID made here; drawn once, for this package."""

FACILITY_SYSTEM: Final = f"urn:uuid:{NAMESPACE}"
"""URI under which a `facility_id` is an identifier."""


def stable_id(kind: str, of: str) -> str:
    """Make the UUID (version 5) of one thing of a facility.

    Parameters
    ----------
    kind
        E.g. ``"location"``.
    of
        Usually a `facility_id`.

    Returns
    -------
    str
        As text; the same for the same words on every machine.

    Examples
    --------
    >>> stable_id("organization", "SYN-1")
    'da17a622-400b-582e-b421-8823bd0998c0'
    """
    return str(uuid5(NAMESPACE, f"{kind}/{of}"))
