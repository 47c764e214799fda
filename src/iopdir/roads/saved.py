"""A network in one file: an archive of arrays, which says what it was made from."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from iopdir.atomic import replacing
from iopdir.errors import LoadError
from iopdir.roads.network import Network, Shapes
from iopdir.roads.search import Graph

__all__ = ["KIND", "open_network", "save_network"]

KIND: Final = "iopdir roads"
_VERSION: Final = 2
_ABOUT: Final = "about.json"
_ARRAYS: Final[dict[str, type[Shapes | Graph]]] = {"shapes": Shapes, "graph": Graph}
_DAMAGED: Final = (
    OSError, KeyError, ValueError, TypeError, EOFError, NotImplementedError, RuntimeError, struct.error, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip


def save_network(path: str | Path, network: Network, about: dict[str, Any]) -> None:
    """Write a network; an existing file is replaced as a whole, or not at all.

    Parameters
    ----------
    path
        Where to.
    network
        Roads.
    about
        What else must come back, as plain values.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    head = {"kind": KIND, "version": _VERSION, "counts": network.counts, **about}
    with replacing(path) as draft, zipfile.ZipFile(draft, "w") as archive:
        archive.writestr(_ABOUT, json.dumps(head))
        for part, kind in _ARRAYS.items():
            for name, array in zip(kind._fields, getattr(network, part), strict=True):
                with archive.open(f"{part}.{name}.npy", "w", force_zip64=True) as stream:
                    np.lib.format.write_array(stream, array, allow_pickle=False)


def open_network(path: str | Path) -> tuple[Network, dict[str, Any]]:
    """Read what `save_network` wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    tuple[Network, dict]
        Roads, and what was written besides.

    Raises
    ------
    LoadError
        If the file is no saved network, is of another version, or is damaged; every array has a checksum.
    """
    expected = "roads written by Roads.save"
    try:
        with zipfile.ZipFile(path) as archive:
            about = _head(archive, path)
            parts: dict[str, Any] = {
                part: kind(*(_array(archive, f"{part}.{name}.npy") for name in kind._fields))
                for part, kind in _ARRAYS.items()
            }
        network = Network(**parts, counts=about.pop("counts"))
        _check(network)
    except _DAMAGED as error:
        if isinstance(error, LoadError):
            raise
        raise LoadError(path, expected=expected, found=f"an unreadable file ({error})") from error
    return network, about


def _head(archive: zipfile.ZipFile, path: str | Path) -> dict[str, Any]:
    """Read what the file says of itself."""
    about = json.loads(archive.read(_ABOUT))
    if not isinstance(about, dict) or about.pop("kind", None) != KIND:
        raise LoadError(path, expected="roads written by Roads.save", found="an archive of another kind")
    version = about.pop("version", None)
    if version != _VERSION:
        raise LoadError(path, expected=f"roads of version {_VERSION}", found=f"version {version!r}")
    return about


def _array(archive: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401  # arrays of several kinds
    return np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)


def _check(network: Network) -> None:
    """Make sure that arrays fit together, since loops over them check nothing."""
    shapes, graph = network.shapes, network.graph
    chains, segments = shapes.start.size - 1, int(shapes.start[-1])
    states, turns = graph.took.size, int(graph.start[-1])
    fits = (
        shapes.lon.size == shapes.lat.size == segments + chains
        and shapes.took.shape == shapes.left.shape == (2, segments)
        and shapes.total.shape == (2, chains)
        and shapes.state.shape == (2, 2, chains)
        and shapes.doorstep.size == chains
        and graph.start.size == states + 1
        and graph.before.size == graph.turn.size == turns
        and -1 <= shapes.state.min(initial=0) <= shapes.state.max(initial=-1) < states
        and 0 <= graph.before.min(initial=0) <= graph.before.max(initial=0) < max(states, 1)
    )
    if not fits:
        raise ValueError("arrays that do not fit together")
