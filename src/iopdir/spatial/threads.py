"""Work on slices of arrays on every core this process may use."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import current_thread
from typing import Any, Final

from iopdir.progress import each

__all__ = ["in_threads"]

_CHUNK: Final = 25_000
_SERIAL: Final = 2_000
_NAME: Final = "iopdir-spatial"


def in_threads(
    work: Callable[[slice], Any],
    n: int,
    *,
    chunk: int = _CHUNK,
    serial: int = _SERIAL,
    what: str = "Measuring distances",
) -> None:
    """Run `work` over slices of 0..n, on every core this process may use.

    Parameters
    ----------
    work
        Called once for each slice; must release the interpreter lock to gain anything.
    n
        Number of items.
    chunk
        Items a slice.
    serial
        Fewer items than this are not worth a thread.
    what
        What is being done, in words, for who watches.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    nested = current_thread().name.startswith(_NAME)
    chunk = min(chunk, -(-n // cores)) or 1
    parts = [slice(start, min(start + chunk, n)) for start in range(0, n, chunk)]
    if nested or cores == 1 or n < serial:
        for part in each(parts, what):
            work(part)
        return
    with ThreadPoolExecutor(cores, _NAME) as pool:
        for _ in each(pool.map(work, parts), what, len(parts)):
            pass
