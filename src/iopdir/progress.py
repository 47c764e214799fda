"""How far long work has come: said by whoever does it, shown only to who asked for it and looks at a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from threading import Lock, Timer
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

__all__ = ["during", "each", "show_progress"]

_T = TypeVar("_T")

PATIENCE_S: Final = 1.0
"""Work that is done within this is not spoken of; a choice of this package."""

_OFTEN_S: Final = 0.1
"""A bar is moved on no more often than this."""


@contextmanager
def show_progress() -> Iterator[None]:
    """Show how far long work is, with the time it has taken.

    That is on standard error in a terminal, or in a notebook that has ipywidgets. Nothing is shown without asking, nor
    of what takes less than a second, nor where standard error is a file or a pipe. Bars vanish when the work is done,
    and no result depends on them. The commands show progress by themselves.

    Examples
    --------
    >>> import iopdir as iop
    >>> with iop.show_progress():
    ...     found = iop.nearest("60614", iop.demo_directory(), k=5)
    >>> len(found)
    5
    """
    bars = _Bars.where_seen() if _WATCHED.get() is None else None
    if bars is None:
        yield
        return
    token = _WATCHED.set(bars)
    try:
        yield
    finally:
        _WATCHED.reset(token)
        bars.close()


@contextmanager
def during(what: str) -> Iterator[Callable[[int, int], None]]:
    """Say that something is being done, as a block or as a decorator.

    Parameters
    ----------
    what
        In words, e.g. ``"Writing the page"``.

    Yields
    ------
    Callable
        To be told, where somebody knows, how much is done and of how much.

    Examples
    --------
    >>> with during("Counting") as said:
    ...     said(1, 2)
    """
    bars = _WATCHED.get()
    if bars is None:
        yield _nobody
        return
    with bars.task(what) as said:
        yield said


def each(items: Iterable[_T], what: str, total: int | None = None) -> Iterator[_T]:
    """Go through the pieces of some work, and say how many are done.

    Parameters
    ----------
    items
        The pieces.
    what
        What is being done, in words.
    total
        How many there are, if they cannot say it themselves; None if nobody knows.

    Returns
    -------
    Iterator
        Of the same pieces.

    Examples
    --------
    >>> list(each("abc", "Spelling"))
    ['a', 'b', 'c']
    """
    if _WATCHED.get() is None:
        return iter(items)
    return _count(items, what, len(items) if total is None and isinstance(items, Sized) else total)


def _count(items: Iterable[_T], what: str, total: int | None) -> Iterator[_T]:
    with during(what) as said:
        last = time.monotonic()
        for done, item in enumerate(items, 1):
            yield item
            if total is not None and (now := time.monotonic()) - last > _OFTEN_S:
                said(done, total)
                last = now


def _nobody(done: int, total: int) -> None:
    """Tell nobody."""


class _Bars:
    """Bars on a terminal, each from its second second on."""

    def __init__(self, console: Console) -> None:
        from rich.progress import (
            BarColumn,
            Progress,
            SpinnerColumn,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
        )  # fmt: skip

        words = TextColumn("{task.description}", markup=False)
        columns = SpinnerColumn(), words, BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
        self._shown = Progress(*columns, console=console, transient=True, redirect_stdout=False)
        self._lock, self._closed = Lock(), False

    @classmethod
    def where_seen(cls) -> _Bars | None:
        """Make them where somebody can see them; `FORCE_COLOR` makes no terminal of a pipe."""
        from rich.console import Console

        console = Console(stderr=True)
        if console.is_jupyter:  # where bars are widgets
            return cls(console) if find_spec("ipywidgets") else None
        return cls(console) if console.is_interactive and console.file.isatty() else None

    @contextmanager
    def task(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """Have a bar as long as something lasts."""
        said = "".join(letter for letter in what if letter.isprintable())
        task = self._shown.add_task(said, total=None, visible=False)
        timer = Timer(PATIENCE_S, self._show, [task])
        timer.daemon = True
        timer.start()
        try:
            yield lambda done, total: self._shown.update(task, completed=done, total=total)
        finally:
            timer.cancel()
            with self._lock:
                self._shown.remove_task(task)
                if not any(one.visible for one in self._shown.tasks):
                    self._shown.stop()

    def _show(self, task: TaskID) -> None:
        with self._lock:
            if task in self._shown.task_ids and not self._closed:
                self._shown.update(task, visible=True)
                self._shown.start()

    def close(self) -> None:
        """Leave the terminal as it was, even if some work was left half done."""
        with self._lock:
            self._closed = True
            self._shown.stop()


_WATCHED: Final[ContextVar[_Bars | None]] = ContextVar("_WATCHED", default=None)
"""Whoever watches; a thread that is started is not watched, so that only the one that waits for it speaks."""
