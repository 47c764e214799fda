"""Names that load on first use, so that importing the package costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from sys import modules

__all__ = ["names_of"]


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
        `__getattr__` and `__dir__`.
    """

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = import_module(f"{package}.{homes[name]}")
        value = getattr(home, name, home)
        setattr(modules[package], name, value)
        return value

    return get, lambda: sorted(homes)
