"""Compile loops with numba, whatever the state of the disk.

The result of a compilation is kept next to the source, or where `NUMBA_CACHE_DIR` says, so that later processes
read it. Where nothing can be written, or what is there cannot be read, every process compiles for itself. With
`NUMBA_DISABLE_JIT=1` the loops run as plain Python.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar, cast

from numba import njit

__all__ = ["compiled", "inlined", "vectorized"]

_F = TypeVar("_F", bound=Callable[..., object])


def compiled(function: _F, *, any_order: bool = False) -> _F:
    """Compile on first use, keep the result on disk, run without the interpreter lock.

    Parameters
    ----------
    function
        Loops over arrays and numbers.
    any_order
        Whether sums may be added in whatever order is fastest.

    Returns
    -------
    Callable
        What to call instead; it divides by zero as numpy does.

    Examples
    --------
    >>> compiled(lambda x: x + 1)(1)
    2
    """
    relaxed: set[str] = {"reassoc", "nsz"} if any_order else set()
    loops: Any = njit(nogil=True, error_model="numpy", fastmath=relaxed)(function)
    if hasattr(loops, "enable_caching"):  # not with NUMBA_DISABLE_JIT
        with suppress(RuntimeError):  # numba finds no folder it may write to
            loops.enable_caching()
            loops._cache = _Forgiving(loops._cache)
    return cast("_F", loops)


def inlined(function: _F) -> _F:
    """Compile as a part of whatever calls it.

    Parameters
    ----------
    function
        A few lines over arrays and numbers.

    Returns
    -------
    Callable
        What to call instead, from a compiled function.

    Examples
    --------
    >>> inlined(lambda x: x + 1)(1)
    2
    """
    return cast("_F", njit(nogil=True, error_model="numpy", inline="always")(function))


def vectorized(function: _F) -> _F:
    """Compile like `compiled`, and let sums be added in any order.

    Parameters
    ----------
    function
        Loops that add up.

    Returns
    -------
    Callable
        What to call instead.

    Examples
    --------
    >>> vectorized(lambda x: x + 1)(1)
    2
    """
    return compiled(function, any_order=True)


class _Disk(Protocol):
    """What numba keeps compilations with."""

    def load_overload(self, *key: object) -> object: ...
    def save_overload(self, *entry: object) -> None: ...
    def flush(self) -> None: ...


class _Forgiving:
    """Compilations on disk that never stand in the way: a damaged one is made anew, a full disk keeps none."""

    def __init__(self, disk: _Disk) -> None:
        self._disk = disk

    def __getattr__(self, name: str) -> object:
        return getattr(self._disk, name)

    def load_overload(self, *key: object) -> object:
        """Read a compilation; None if there is none that can be read."""
        found: object = None
        try:
            found = self._disk.load_overload(*key)
        except Exception:  # noqa: BLE001  # damaged bytes raise whatever they like
            with suppress(OSError):
                self._disk.flush()
        return found

    def save_overload(self, *entry: object) -> None:
        """Keep a compilation if there is room."""
        with suppress(OSError):
            self._disk.save_overload(*entry)
