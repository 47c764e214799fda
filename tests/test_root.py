"""The front door: light, complete, and the same in its three lists."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import iopdir

SOURCE = Path(iopdir.__file__)


def typed_imports() -> dict[str, str]:
    tree = ast.parse(SOURCE.read_text())
    block = next(
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    found = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.asname == alias.name, f"{alias.name} is not re-exported"
            found[alias.name] = (node.module or "").removeprefix("iopdir").lstrip(".")
    return found


def test_the_three_lists_of_public_names_agree():
    imports = typed_imports()
    assert sorted(iopdir.__all__) == sorted(iopdir._HOME) == sorted(imports)
    for name, home in iopdir._HOME.items():
        assert imports[name] in {home, home.rpartition(".")[0]}, name


def test_every_public_name_is_the_one_its_module_defines():
    for name, home in iopdir._HOME.items():
        module = import_module(f"iopdir.{home}")
        assert getattr(iopdir, name) is getattr(module, name, module)


def test_names_are_listed_for_completion():
    assert set(iopdir.__all__) <= set(dir(iopdir))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        iopdir.nope  # noqa: B018


def test_import_loads_nothing_heavy():
    heavy = ["geopandas", "pandas", "numpy", "numba", "altair", "pydantic", "pyarrow", "shapely"]
    code = f"import sys, iopdir; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_error_is_an_iopdir_error_and_a_built_in():
    from iopdir import errors

    drawn = {line.split()[1] for line in (errors.__doc__ or "").splitlines() if line.startswith(("├", "└"))}
    classes = {name for name in errors.__all__ if name != "IopdirError"}
    assert drawn == classes
    for name in classes:
        kind = getattr(errors, name)
        assert issubclass(kind, errors.IopdirError)
        assert issubclass(kind, (ValueError, LookupError))
