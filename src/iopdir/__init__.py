"""From any public listing of treatment facilities to who cannot reach intensive outpatient care."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iopdir.errors import CoordinateError as CoordinateError
    from iopdir.errors import IopdirError as IopdirError
    from iopdir.errors import LoadError as LoadError
    from iopdir.errors import UnitError as UnitError
    from iopdir.errors import UnknownNameError as UnknownNameError
    from iopdir.errors import VintageError as VintageError
    from iopdir.provenance import Provenance as Provenance
    from iopdir.provenance import Source as Source

_HOME = {
    "CoordinateError": "errors",
    "IopdirError": "errors",
    "LoadError": "errors",
    "Provenance": "provenance",
    "Source": "provenance",
    "UnitError": "errors",
    "UnknownNameError": "errors",
    "VintageError": "errors",
}
"""Public name -> the module that defines it; loaded on first use."""

__all__ = [
    "CoordinateError",
    "IopdirError",
    "LoadError",
    "Provenance",
    "Source",
    "UnitError",
    "UnknownNameError",
    "VintageError",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'iopdir' has no attribute {name!r}")
        home = import_module(f"iopdir.{_HOME[name]}")
        value = home if _HOME[name].rpartition(".")[2] == name else getattr(home, name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOME})
