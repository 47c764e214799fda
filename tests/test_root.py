"""The front door: light, complete, and the same in its three lists."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import iopdir

ROOMS = (
    "",
    *(
        f".{name}"
        for name, home in iopdir._HOME.items()
        if name == home and hasattr(getattr(iopdir, name), "_HOME")
    ),
)
"""The root and every namespace that loads its names on first use."""


def typed_imports(package: ModuleType) -> dict[str, str]:
    tree = ast.parse(Path(package.__file__ or "").read_text())
    block = next(
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    found = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.asname == alias.name, f"{alias.name} is not re-exported"
            found[alias.name] = (node.module or "").removeprefix(package.__name__).lstrip(".")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_what_loads_is_what_the_type_checker_sees(room):
    package = import_module(f"iopdir{room}")
    imports = typed_imports(package)
    assert package.__all__ == sorted(package._HOME) == sorted(imports)
    for name, home in package._HOME.items():
        assert imports[name] in {home, home.rpartition(".")[0]}, name
        module = import_module(f"{package.__name__}.{home}")
        assert getattr(package, name) is getattr(module, name, module)


def test_the_front_door_is_small_and_each_name_has_one_meaning():
    assert len(iopdir.__all__) <= 64
    for room in ROOMS[1:]:
        package = import_module(f"iopdir{room}")
        modules = {path.stem for path in Path(package.__file__ or "").parent.glob("*.py")}
        assert not modules & set(package._HOME), "a module would hide the name once it is imported"
        for name in set(package._HOME) & set(iopdir._HOME):
            assert getattr(package, name) is getattr(iopdir, name)


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


def test_an_argument_of_another_kind_is_named(tmp_path):
    from iopdir.errors import KindError

    iop = iopdir
    d, z, page = (
        iop.demo_directory().select(state="VT"),
        iop.demand_points("zcta", state="VT"),
        tmp_path / "x",
    )
    for function in (iop.reach, iop.coverage_gaps, iop.nearest):
        for wrong in ((d, z), (None, d), (7, d), (page, d), (z, 7), (z, page), (z, iop.reach(z, d))):
            with pytest.raises(KindError, match=r"^(demand|points): expected .*, found an? \w+"):
                function(*wrong)
    for function in (iop.write_finder, iop.write_hsds, iop.write_fhir):
        for wrong in (z, None, 7, page):
            with pytest.raises(KindError, match=r"^directory: expected a Directory, found a "):
                function(wrong, page)
    gaps = iop.coverage_gaps(z, d)
    for call in (
        lambda wrong: iop.write_report(wrong, z, page),
        lambda wrong: iop.FacilityIndex(wrong or z),
        lambda wrong: iop.coverage_map(wrong, d),
        lambda wrong: iop.coverage_map(gaps, wrong or z),
        lambda wrong: iop.diff(wrong, d),
        lambda wrong: iop.link(wrong, d),
        lambda wrong: iop.combine([wrong, d]),
        lambda wrong: iop.exports.write_table(wrong, tmp_path / "x.csv"),
    ):
        for wrong in (None, 7, page):
            with pytest.raises(KindError, match="expected a"):
                call(wrong)
    assert not list(tmp_path.iterdir())


def test_every_error_is_an_iopdir_error_and_a_built_in():
    from iopdir import errors

    drawn = {line.split()[1] for line in (errors.__doc__ or "").splitlines() if line.startswith(("├", "└"))}
    classes = {name for name in errors.__all__ if name != "IopdirError"}
    assert drawn == classes
    for name in classes:
        kind = getattr(errors, name)
        assert issubclass(kind, errors.IopdirError)
        assert issubclass(kind, (ValueError, LookupError, OSError, ImportError, TypeError))
