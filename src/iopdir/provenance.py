"""Where a table came from: sources with checksums, vintages, parameters, package version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Provenance", "Source", "file_sha256", "merge_sources", "package_version", "sources_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One input: a file or an embedded data pack.

    Parameters
    ----------
    name
        File name or pack name; never a path of somebody's machine.
    edition
        Edition, vintage or survey year as the publisher calls it.
    sha256
        Checksum of the bytes read, hexadecimal.
    retrieved
        Day the bytes were obtained, if known.
    licence
        Licence or terms, if known.
    synthetic
        Whether the rows are made up.
    """

    name: str
    edition: str = ""
    sha256: str = ""
    retrieved: date | None = None
    licence: str = ""
    synthetic: bool = False

    def __str__(self) -> str:
        parts = [self.name, self.edition and f"edition {self.edition}"]
        parts.append(self.sha256 and f"sha256 {self.sha256[:12]}")
        text = ", ".join(part for part in parts if part)
        return f"SYNTHETIC {text}" if self.synthetic and not text.startswith("SYNTHETIC") else text


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """What a table was made from, and how.

    Parameters
    ----------
    sources
        Every input, each once.
    parameters
        The options that shaped the table, as plain values.
    package
        Name and version of the software.
    """

    sources: tuple[Source, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    package: str = ""

    @property
    def synthetic(self) -> bool:
        """Whether any input is made up."""
        return any(source.synthetic for source in self.sources)

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain values that JSON and `DataFrame.attrs` can carry."""
        plain = asdict(self)
        for source in plain["sources"]:
            source["retrieved"] = source["retrieved"].isoformat() if source["retrieved"] else None
        return plain | {"sources": list(plain["sources"]), "synthetic": self.synthetic}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Provenance:
        """Read what `to_dict` wrote; nothing gives an empty one.

        Raises
        ------
        ValueError, TypeError, KeyError
            If it is something else.
        """
        return cls(
            sources=tuple(map(_source, plain.get("sources", ()))),
            parameters=dict(plain.get("parameters", {})),
            package=str(plain.get("package", "")),
        )

    @classmethod
    def of(cls, sources: Iterable[Source], **parameters: object) -> Provenance:
        """State sources and parameters; the package version is filled in.

        Examples
        --------
        >>> p = Provenance.of([Source(name="zcta", edition="ACS 2018-22")], standard="30 mi")
        >>> p.sources[0].name, dict(p.parameters)
        ('zcta', {'standard': '30 mi'})
        """
        return cls(sources=merge_sources(sources), parameters=parameters, package=package_version())


def _source(about: Mapping[str, Any]) -> Source:
    day = about["retrieved"]
    told = Source(**{**about, "retrieved": date.fromisoformat(day) if day else None})
    if not all(isinstance(one, str) for one in (told.name, told.edition, told.sha256, told.licence)):
        raise ValueError("a source whose name, edition, sha256 or licence is no text")
    if not isinstance(told.synthetic, bool):
        raise TypeError("a source that is neither synthetic nor not")
    return told


def merge_sources(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Keep each source once, in order of first appearance."""
    return tuple(dict.fromkeys(sources))


def sources_of(frame: pd.DataFrame | pd.Series[Any]) -> tuple[Source, ...]:
    """Read the sources back from the provenance that a table carries; none if it carries none."""
    return Provenance.from_dict(frame.attrs.get("provenance", {})).sources


@cache
def package_version() -> str:
    """Name and version of this package, e.g. ``"iopdir 0.2.0"``."""
    try:
        return f"iopdir {version('iopdir')}"
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "iopdir (not installed)"


def file_sha256(path: str | Path) -> str:
    """Checksum of a file's bytes, hexadecimal."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
