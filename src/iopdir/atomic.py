"""Files that are old or new, and never half."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from iopdir.errors import WriteError

__all__ = ["make_folder", "replacing", "sync_folder"]


@contextmanager
def replacing(path: str | Path, *, suffix: str = "") -> Iterator[Path]:
    """Write a file beside its place, then put it there in one step.

    Parameters
    ----------
    path
        Where the file is to be. A regular file there is replaced as a whole, or not at all; a symbolic link is
        replaced, not followed.
    suffix
        Ending of the draft, where a writer wants one.

    Yields
    ------
    Path
        The draft to write. It is gone afterwards, whatever happens.

    Raises
    ------
    WriteError
        If the place is a folder or a device, its path is not in UTF-8, or it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> place = Path(folder.name) / "note.txt"
    >>> with replacing(place) as draft:
    ...     _ = draft.write_text("whole")
    >>> place.read_text(), len(list(place.parent.iterdir()))
    ('whole', 1)
    >>> folder.cleanup()
    """
    target = Path(path)
    if target.exists() and not target.is_symlink() and not target.is_file():
        raise WriteError(target, "a folder is there" if target.is_dir() else "it is no regular file")
    try:
        str(target).encode()
    except UnicodeEncodeError as error:
        raise WriteError(target, "its path is not in UTF-8, as few libraries write it") from error
    draft = target.with_name(f".{target.name[:40]}.{secrets.token_hex(8)}{suffix or '.part'}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except (OSError, ValueError) as error:
        raise WriteError(target, getattr(error, "strerror", None) or str(error)) from error
    try:
        yield draft
        with draft.open("rb+") as stream:
            os.fsync(stream.fileno())
        draft.replace(target)
    except OSError as error:
        raise WriteError(target, error.strerror or str(error)) from error
    finally:
        draft.unlink(missing_ok=True)


def make_folder(path: str | Path) -> Path:
    """Make a folder, and those above it, unless it is there.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    WriteError
        If something else is in the way, or it cannot be made.

    Examples
    --------
    >>> make_folder(__file__)
    Traceback (most recent call last):
    iopdir.errors.WriteError: ...: cannot be written: File exists
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise WriteError(folder, getattr(error, "strerror", None) or str(error)) from error
    return folder


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    if os.name == "nt":  # pragma: no cover - folders cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
