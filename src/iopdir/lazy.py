"""Names that load on first use, so that importing the package costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from sys import modules

from iopdir.extras import stand_in

__all__ = ["named", "names_of"]


def names_of(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Make `__getattr__` and `__dir__` of a package that loads its names on first use.

    Parameters
    ----------
    package
        Its `__name__`.
    homes
        Public name -> module below the package that defines it; a name that its module does not define is the
        module itself.

    Returns
    -------
    tuple
        `__getattr__` and `__dir__`. A name whose module needs an extra that is not installed says so when called.
    """

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            home = import_module(f"{package}.{homes[name]}")
        except ModuleNotFoundError as error:
            return stand_in(error)
        value = getattr(home, name, home)
        setattr(modules[package], name, value)
        return value

    return get, lambda: sorted(homes)


def named(address: str) -> Callable[..., object]:
    """Load a public function by its address below the package, for a method that only hands its object on to it.

    So an object can offer to draw itself while the room it lives in knows nothing of drawing.

    Parameters
    ----------
    address
        Namespace and name, such as ``"report.plan_map"``.

    Returns
    -------
    Callable
        The function.

    Examples
    --------
    >>> named("geography.find_place")("60614").label
    'Chicago, IL 60614'
    """
    room, name = address.split(".")
    found: Callable[..., object] = getattr(import_module(f"iopdir.{room}"), name)
    return found
