"""The tree of errors. Catch `IopdirError` for all of them, or the built-in each child also is.

```text
IopdirError
├── LoadError            (ValueError)    the file cannot be read at all
├── FetchError           (LoadError)     a source on the network does not give what it should
├── CoordinateError      (ValueError)    a latitude or longitude is missing or impossible
├── UnitError            (ValueError)    a quantity without a unit, with the wrong one, or mixed
├── VintageError         (ValueError)    county codes of two years meet
├── WriteError           (OSError)       a file cannot be written
├── KindError            (TypeError)     an argument is of another kind, such as a path instead of a directory
├── MissingExtraError    (ImportError)   a library is not installed that only some uses need
└── UnknownNameError     (LookupError)   no pack, claim, place, column or id of that name
```

A bad *row* is not an error: it is a line in [`Directory.quality`][iopdir.Directory].
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Final

__all__ = [
    "CoordinateError",
    "FetchError",
    "IopdirError",
    "KindError",
    "LoadError",
    "MissingExtraError",
    "UnitError",
    "UnknownNameError",
    "VintageError",
    "WriteError",
]


_LONGEST: Final = 1_000
"""Letters of what a file said that an error repeats."""


class IopdirError(Exception):
    """Base of everything iopdir raises on purpose."""


class LoadError(IopdirError, ValueError):
    """A file cannot be read at all.

    Parameters
    ----------
    path
        The file.
    expected
        What its reader looked for.
    found
        What was there instead.
    line
        1-based line or row where it went wrong, if there is one.
    """

    def __init__(self, path: str | Path, *, expected: str, found: str, line: int | None = None) -> None:
        self.path, self.line = Path(path), line
        self.expected, self.found = map(_printable, (expected, found))
        where = _printable(str(self.path)) + ("" if line is None else f", line {line}")
        super().__init__(f"{where}: expected {self.expected}, found {self.found}")

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), expected=self.expected, found=self.found, line=self.line), (self.path,)


class FetchError(LoadError):
    """A source on the network does not give what it should.

    What has come is kept, and the next fetch goes on from there.

    Parameters
    ----------
    url
        The address.
    expected
        What was asked for.
    found
        What came instead.
    """

    def __init__(self, url: str, *, expected: str, found: str) -> None:
        super().__init__(url, expected=expected, found=found)
        self.url = url
        self.args = (f"{url}: expected {self.expected}, found {self.found}",)

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), expected=self.expected, found=self.found), (self.url,)


class CoordinateError(IopdirError, ValueError):
    """A latitude or longitude is NaN or outside -90..90, -180..180.

    Parameters
    ----------
    message
        What is wrong.
    rows
        0-based positions of the bad points, if they came as an array.
    """

    def __init__(self, message: str, *, rows: Iterable[int] = ()) -> None:
        self.rows = tuple(rows)
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), rows=self.rows), self.args


class UnitError(IopdirError, ValueError):
    """A quantity has no unit, an unknown one, or one that does not fit."""


class VintageError(IopdirError, ValueError):
    """County codes of two vintages meet; the message names the crosswalk to use."""


class WriteError(IopdirError, OSError):
    """A file cannot be written; what was there before is still there.

    Parameters
    ----------
    path
        The file.
    found
        What stands in the way.
    """

    def __init__(self, path: str | Path, found: str) -> None:
        self.path, self.found = Path(path), found
        super().__init__(f"{_printable(str(path))}: cannot be written: {found}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.path, self.found)


class KindError(IopdirError, TypeError):
    """An argument is of another kind: a directory where demand points should be, a path instead of a directory.

    Parameters
    ----------
    argument
        Its name.
    expected
        What it should be.
    found
        What was given.
    """

    def __init__(self, argument: str, *, expected: str, found: str) -> None:
        self.argument, self.expected, self.found = argument, expected, found
        super().__init__(f"{argument}: expected {expected}, found {found}")

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), expected=self.expected, found=self.found), (self.argument,)

    @classmethod
    def unless(cls, kind: type, **given: object) -> None:
        """Refuse arguments that are not of a kind.

        Raises
        ------
        KindError
            If one is not.

        Examples
        --------
        >>> KindError.unless(Path, path="report.html")
        Traceback (most recent call last):
        iopdir.errors.KindError: path: expected a Path, found a str
        """
        for name, value in given.items():
            if not isinstance(value, kind):
                raise cls(name, expected=f"a {kind.__name__}", found=f"a {type(value).__name__}")


class MissingExtraError(IopdirError, ImportError):
    """A library is not installed that only some uses need.

    Parameters
    ----------
    extra
        The extra of this package that brings it.
    library
        The module that cannot be imported.
    """

    def __init__(self, extra: str, library: str) -> None:
        self.extra, self.library = extra, library
        super().__init__(f'{library} is not installed, which this needs: pip install "iopdir[{extra}]"')

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.extra, self.library)


class UnknownNameError(IopdirError, LookupError):
    """Nothing is known by that name.

    Parameters
    ----------
    kind
        What was looked for, e.g. ``"data pack"``.
    name
        The name as given.
    known
        The names there are; close ones are suggested.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str] = ()) -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        near = get_close_matches(name, self.known, n=3)
        if near:
            hint = f"; did you mean {' or '.join(near)}?"
        elif 0 < len(self.known) <= 20:
            hint = f"; known: {', '.join(self.known)}"
        else:
            hint = ""
        super().__init__(f"no {kind} {name!r}{hint}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.kind, self.name, self.known)


def _printable(words: str) -> str:
    """Cut what a file says, and show half letters, which nobody could print or write down, by their numbers."""
    cut = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}..."
    return cut.encode(errors="backslashreplace").decode()
