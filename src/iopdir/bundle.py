"""Members and what they say of themselves in one file: sizes are looked at before anything is read; all is hashed.

A bundle is a ZIP archive whose members lie there as they are. Nothing is packed, so it cannot unpack to more than
it is.
"""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from iopdir.atomic import replacing
from iopdir.errors import LoadError
from iopdir.limits import check_file

__all__ = ["Bundle", "open_bundle", "write_bundle"]

_ABOUT: Final = "about.json"
_MOST_SAID: Final = 1_000_000
"""Bytes of what a bundle says of itself: some thousand are usual."""

_MOST_MEMBERS: Final = 100
_CHUNK: Final = 1 << 20


class _Hashed:
    """A stream whose bytes are hashed as they pass; bytes of an array are passed on as they lie in memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.sum = stream, hashlib.sha256()

    def write(self, data: bytes | memoryview) -> int:
        for begin in range(0, len(data), _CHUNK):
            part = data[begin : begin + _CHUNK]
            self.sum.update(part)
            self.stream.write(part)
        return len(data)

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.sum.update(data)
        return data

    def readinto(self, room: memoryview) -> None:
        for begin in range(0, len(room), _CHUNK):
            part = self.read(min(_CHUNK, len(room) - begin))
            room[begin : begin + len(part)] = part


def write_bundle(
    path: str | Path,
    members: Mapping[str, bytes | NDArray[Any]],
    *,
    kind: str,
    version: int,
    about: Mapping[str, Any],
) -> None:
    """Write members to one file; an existing file is replaced as a whole, or not at all.

    Parameters
    ----------
    path
        Where to.
    members
        Bytes, and arrays of numbers, by name.
    kind, version
        What the bundle is.
    about
        What else must come back, as plain values.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    sums = {}
    with replacing(path) as draft, zipfile.ZipFile(draft, "w") as archive:
        for name, member in members.items():
            with archive.open(name, "w", force_zip64=True) as stream:
                hashed = _Hashed(stream)
                if isinstance(member, bytes):
                    hashed.write(member)
                else:
                    array = np.asarray(member, order="C")
                    np.lib.format.write_array_header_2_0(
                        hashed, np.lib.format.header_data_from_array_1_0(array)
                    )
                    hashed.write(array.reshape(-1).view(np.uint8).data)
            sums[name] = hashed.sum.hexdigest()
        archive.writestr(_ABOUT, json.dumps({"kind": kind, "version": version, "sha256": sums, **about}))


class Bundle:
    """A bundle that is open.

    Parameters
    ----------
    path, archive
        Its file.
    about
        What it says besides.
    sums
        The hash of each member, by name.
    """

    def __init__(
        self, path: str | Path, archive: zipfile.ZipFile, about: dict[str, Any], sums: dict[str, str]
    ) -> None:
        self.path, self.about, self._archive, self._sums = path, about, archive, sums

    def read(self, name: str) -> bytes:
        """Read a member of bytes."""
        with self._member(name) as (stream, _):
            return stream.read()

    def array(self, name: str) -> NDArray[Any]:
        """Read an array; its header must promise as many bytes as there are."""
        with self._member(name) as (stream, size):
            np.lib.format.read_magic(stream)
            shape, turned, dtype = np.lib.format.read_array_header_2_0(stream)
            there, told = size - stream.stream.tell(), math.prod(shape) * dtype.itemsize
            if dtype.kind not in "biuf" or turned or told != there:
                raise ValueError(f"{name} is no array of numbers, or of {there:,} bytes")
            array = np.empty(shape, dtype)
            stream.readinto(array.reshape(-1).view(np.uint8).data)
            return array

    @contextmanager
    def _member(self, name: str) -> Iterator[tuple[_Hashed, int]]:
        told = self._sums[name]
        with self._archive.open(name) as stream:
            hashed = _Hashed(stream)
            yield hashed, self._archive.getinfo(name).file_size
        found = hashed.sum.hexdigest()
        if found != told:
            raise LoadError(self.path, expected=f"sha256 {told} of {name}", found=f"sha256 {found}: damaged")


@contextmanager
def open_bundle(path: str | Path, *, kind: str, version: int, expected: str) -> Iterator[Bundle]:
    """Open what `write_bundle` wrote.

    Parameters
    ----------
    path
        The file.
    kind, version
        What it must be.
    expected
        The same in words, for errors.

    Yields
    ------
    Bundle
        Its members are read one by one.

    Raises
    ------
    LoadError
        If the file is none, is of another kind or version, holds members that are packed, overlap or are not said to be
        there, or is damaged; also if what is done with it inside fails.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "three"
    >>> write_bundle(path, {"numbers": np.arange(3)}, kind="numbers", version=1, about={"from": "here"})
    >>> with open_bundle(path, kind="numbers", version=1, expected="numbers") as bundle:
    ...     bundle.about, bundle.array("numbers")
    ({'from': 'here'}, array([0, 1, 2]))
    >>> folder.cleanup()
    """
    check_file(path, expected=expected)
    try:
        with zipfile.ZipFile(path) as archive:
            about = _head(archive)
            _check(path, about, kind, version, expected)
            yield Bundle(path, archive, about, _sums(archive, about, Path(path).stat().st_size))
    except LoadError as error:
        if error.path == Path(path):
            raise
        raise LoadError(path, expected=expected, found=f"a member that is none ({error.found})") from error
    except Exception as error:
        raise LoadError(path, expected=expected, found=f"an unreadable file ({error})") from error


def _head(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Read what the file says of itself."""
    member = archive.getinfo(_ABOUT)
    if member.compress_type != zipfile.ZIP_STORED or member.file_size > _MOST_SAID:
        raise ValueError(f"{_ABOUT} is packed, or too large")
    about = json.loads(archive.read(_ABOUT))
    return about if isinstance(about, dict) else {}


def _check(path: str | Path, about: dict[str, Any], kind: str, version: int, expected: str) -> None:
    """Take kind and version out of the head."""
    if about.pop("kind", None) != kind:
        raise LoadError(path, expected=expected, found="an archive of another kind")
    found = about.pop("version", None)
    if found != version:
        raise LoadError(path, expected=f"{kind} of version {version}", found=f"version {found!r}")


def _sums(archive: zipfile.ZipFile, about: dict[str, Any], size: int) -> dict[str, str]:
    """Take the hashes out of the head; there must be just these members, and no more in them than in the file."""
    sums, members = dict(about.pop("sha256")), archive.infolist()
    if len(members) > _MOST_MEMBERS or sorted({*sums, _ABOUT}) != sorted(one.filename for one in members):
        raise ValueError("other members than it says")
    if any(one.compress_type != zipfile.ZIP_STORED for one in members):
        raise ValueError("members that are packed")
    if sum(one.file_size for one in members) > size:
        raise ValueError("members larger than the file")
    return sums
