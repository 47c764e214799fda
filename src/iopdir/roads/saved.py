"""A network in one file: a bundle of arrays, which says what it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from iopdir.bundle import open_bundle, write_bundle
from iopdir.roads.network import IN, OUT, Network, Shapes
from iopdir.roads.search import Graph

__all__ = ["KIND", "open_network", "save_network"]

KIND: Final = "iopdir roads"
_VERSION: Final = 2
_LONGEST: Final = 1 << 24
"""Tenths of a second on one road, some 19 days: a search lays out a bucket for each."""

_COSTS: Final = ("took", "left", "total", "turn")
_KINDS: Final = {
    "start": np.int64, "lon": np.float64, "lat": np.float64, "doorstep": np.bool_, "turn": np.uint16,
}  # fmt: skip
_ARRAYS: Final[dict[str, type[Shapes | Graph]]] = {"shapes": Shapes, "graph": Graph}


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
    members = {
        f"{part}.{name}.npy": array
        for part, kind in _ARRAYS.items()
        for name, array in zip(kind._fields, getattr(network, part), strict=True)
    }
    write_bundle(path, members, kind=KIND, version=_VERSION, about={"counts": network.counts, **about})


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
        If the file is no saved network, is of another version, or is damaged: see `open_bundle`.
    """
    with open_bundle(path, kind=KIND, version=_VERSION, expected="roads written by Roads.save") as bundle:
        parts: dict[str, Any] = {
            part: kind(*(bundle.array(f"{part}.{name}.npy") for name in kind._fields))
            for part, kind in _ARRAYS.items()
        }
        counts = {str(name): int(count) for name, count in bundle.about.pop("counts").items()}
        network = Network(**parts, counts=counts)
        _check(network)
        return network, bundle.about


def _check(network: Network) -> None:
    """Make sure that arrays are what they must be and fit together, since loops over them check nothing."""
    shapes, graph = network.shapes, network.graph
    if not {"segments", "states"} <= network.counts.keys():
        raise ValueError("no counts of segments and states")
    for name, array in (*shapes._asdict().items(), *graph._asdict().items()):
        if array.dtype != _KINDS.get(name, np.int32):
            raise ValueError(f"{name} of {array.dtype}")
        if name in _COSTS and not -1 <= array.min(initial=0) <= array.max(initial=0) <= _LONGEST:
            raise ValueError(f"{name} beyond {_LONGEST:,} tenths of a second")
    for start in (shapes.start, graph.start):
        if start.ndim != 1 or not start.size or start[0] != 0 or (np.diff(start) < 0).any():
            raise ValueError("starts that do not rise from 0")
    chains, segments = shapes.start.size - 1, int(shapes.start[-1])
    states, turns = graph.took.size, int(graph.start[-1])
    fits = (
        shapes.lon.size == shapes.lat.size == segments + chains
        and shapes.took.shape == shapes.left.shape == (2, segments)
        and shapes.total.shape == (2, chains)
        and shapes.state.shape == (2, 2, chains)
        and shapes.doorstep.size == chains
        and (np.abs(shapes.lon) <= 180).all()
        and (np.abs(shapes.lat) <= 90).all()
        and (np.diff(shapes.start) > 0).all()
        and ((shapes.state[:, OUT] < 0) == (shapes.state[:, IN] < 0)).all()
        and shapes.again.ndim == 2
        and shapes.again.shape[0] == 2
        and (np.diff(shapes.again[0]) >= 0).all()
        and graph.took.ndim == graph.before.ndim == graph.turn.ndim == shapes.lon.ndim == shapes.lat.ndim == 1
        and shapes.doorstep.ndim == 1
        and 0 <= shapes.again.min(initial=0) <= shapes.again.max(initial=0) < max(states, 1)
        and graph.start.size == states + 1
        and graph.before.size == graph.turn.size == turns
        and -1 <= shapes.state.min(initial=0) <= shapes.state.max(initial=-1) < states
        and 0 <= graph.before.min(initial=0) <= graph.before.max(initial=0) < max(states, 1)
    )
    if not fits:
        raise ValueError("arrays that do not fit together")
