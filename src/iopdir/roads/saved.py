"""A network in one file: a bundle of arrays, which says what it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from iopdir.bundle import open_bundle, write_bundle
from iopdir.roads.network import Network, Shapes
from iopdir.roads.search import Graph

__all__ = ["KIND", "open_network", "save_network"]

KIND: Final = "iopdir roads"
_VERSION: Final = 2
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
        network = Network(**parts, counts=bundle.about.pop("counts"))
        _check(network)
        return network, bundle.about


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
        and shapes.again.shape[:1] == (2,)
        and 0 <= shapes.again.min(initial=0) <= shapes.again.max(initial=0) < max(states, 1)
        and graph.start.size == states + 1
        and graph.before.size == graph.turn.size == turns
        and -1 <= shapes.state.min(initial=0) <= shapes.state.max(initial=-1) < states
        and 0 <= graph.before.min(initial=0) <= graph.before.max(initial=0) < max(states, 1)
    )
    if not fits:
        raise ValueError("arrays that do not fit together")
