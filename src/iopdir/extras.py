"""Libraries that not every use needs: which extra brings each, and the one error when it is not there."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final, NoReturn

from iopdir.errors import MissingExtraError

__all__ = ["EXTRAS", "require", "stand_in"]

EXTRAS: Final = {
    "fetch": ("httpx",),
    "linking": ("rapidfuzz",),
    "report": ("altair", "vl_convert"),
    "roads": ("osmium",),
    "siting": ("highspy",),
}
"""Name of each extra, and the modules that come with it."""


def require(extra: str) -> None:
    """Make sure that an extra is installed, before anything long begins.

    Raises
    ------
    MissingExtraError
        If a library of it cannot be imported.

    Examples
    --------
    >>> require("siting")
    """
    for library in EXTRAS[extra]:
        try:
            import_module(library)
        except ImportError as error:
            raise MissingExtraError(extra, library) from error


def stand_in(error: ModuleNotFoundError) -> Callable[..., NoReturn]:
    """Give a function to stand for one whose module asks for an extra that is not there: the call says so.

    Raises
    ------
    ModuleNotFoundError
        The error itself, if what is missing belongs to no extra.
    """
    found = [
        (extra, library) for extra, known in EXTRAS.items() for library in known if library == error.name
    ]
    if not found:
        raise error

    def missing(*_: object, **__: object) -> NoReturn:
        raise MissingExtraError(*found[0]) from error

    return missing
