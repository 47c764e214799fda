"""The file of a saved index: an archive of a table and of what is needed to trust it."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Final

from iopdir.atomic import replacing
from iopdir.errors import LoadError

__all__ = ["read_index_file", "write_index_file"]

_VERSION: Final = 1
_KIND: Final = "iopdir facility index"
_ABOUT, _BODY = "about.json", "facilities.parquet"
_DAMAGED: Final = (OSError, KeyError, ValueError, EOFError, NotImplementedError, RuntimeError, struct.error)


def write_index_file(path: str | Path, content: str, data: bytes) -> None:
    """Write a table with its kind, version and checksum; an existing file is replaced as a whole, or not at all.

    Parameters
    ----------
    path
        Where to.
    content
        What the table is.
    data
        The table as bytes.
    """
    about = {
        "kind": _KIND,
        "version": _VERSION,
        "content": content,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    with replacing(path) as draft, zipfile.ZipFile(draft, "w") as archive:
        archive.writestr(_ABOUT, json.dumps(about))
        archive.writestr(_BODY, data)


def read_index_file(path: str | Path) -> tuple[str, bytes]:
    """Read what `write_index_file` wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    tuple[str, bytes]
        What the table is, and the table.

    Raises
    ------
    LoadError
        If the file is not an index, is of another version, or is damaged.
    """
    expected = "an index written by FacilityIndex.save"
    try:
        with zipfile.ZipFile(path) as archive:
            about, data = json.loads(archive.read(_ABOUT)), archive.read(_BODY)
    except (*_DAMAGED, zipfile.BadZipFile, zlib.error) as error:
        raise LoadError(path, expected=expected, found=f"an unreadable file ({error})") from error
    if not isinstance(about, dict) or about.get("kind") != _KIND:
        raise LoadError(path, expected=expected, found="an archive of another kind")
    if about.get("version") != _VERSION:
        raise LoadError(path, expected=f"index version {_VERSION}", found=f"version {about.get('version')!r}")
    digest = hashlib.sha256(data).hexdigest()
    if digest != about.get("sha256"):
        raise LoadError(path, expected=f"sha256 {about.get('sha256')}", found=f"sha256 {digest}: damaged")
    return str(about.get("content")), data
