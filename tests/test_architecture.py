"""The picture of the house in the docs is the contract that import-linter holds."""

import ast
import re
import sys
import tomllib
from pathlib import Path

from iopdir.extras import EXTRAS

ROOT = Path(__file__).parents[1]


def test_the_picture_shows_the_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    picture = re.search(r"```text\n(.*?)```", (ROOT / "docs" / "architecture.md").read_text(), re.DOTALL)
    assert picture is not None
    drawn = [re.split(r"\s{2,}", line)[0] for line in picture[1].splitlines()]
    assert drawn == layers


def test_every_file_of_the_house_has_a_room():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    rooms = {room for layer in layers for room in layer.split(" | ")}
    house = ROOT / "src" / "iopdir"
    found = {path.stem for path in house.glob("*.py")} | {
        path.parent.name for path in house.glob("*/__init__.py")
    }
    assert found - {"__init__"} == rooms


def test_the_house_imports_only_what_it_installs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    given = [
        *project["dependencies"],
        *(one for extra in EXTRAS for one in project["optional-dependencies"][extra]),
    ]
    called = {"phonenumberslite": "phonenumbers", "vl_convert_python": "vl_convert"}
    names = [re.split(r"[<>=;\[ ]", one)[0].replace("-", "_").lower() for one in given]
    allowed = {called.get(name, name) for name in names} | set(sys.stdlib_module_names) | {"iopdir"}
    found = set()
    for path in (ROOT / "src" / "iopdir").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").split(".")[0])
    assert found <= allowed
