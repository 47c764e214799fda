"""The recipes of docs/how-to/engines.md run as they stand and give the answer of one process."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

import iopdir as iop
from iopdir.text import texts

pytestmark = pytest.mark.engine

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "engines.md"


def recipe(title: str) -> str:
    """The code that both share, that of one section, and how to add up."""
    before, *sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    mapped, added = (
        next(section for section in sections if section.startswith(name)) for name in (title, "Add up once")
    )
    return "\n".join(re.findall(r"```python\n(.*?)```", before + mapped + added, flags=re.DOTALL))


def run(title: str, folder: Path) -> list[pd.DataFrame]:
    """Run in a process of its own, as a user would; sockets are open there."""
    script, names = folder / "recipe.py", ("joined", "gaps")
    saved = "\n".join(f"{name}.to_parquet({str(folder / name)!r})" for name in names)
    body = "\n".join("    " + line for line in f"{recipe(title)}\n{saved}".splitlines())
    script.write_text(f"if __name__ == '__main__':\n{body}\n", encoding="utf-8")
    subprocess.run([sys.executable, str(script)], check=True, capture_output=True, timeout=300)
    return [pd.read_parquet(folder / name) for name in names]


@pytest.mark.parametrize(
    ("title", "module", "program"), [("Dask", "dask.dataframe", None), ("Spark", "pyspark", "java")]
)
def test_the_recipe_equals_one_process(title, module, program, tmp_path):
    if find_spec(module.partition(".")[0]) is None:
        pytest.skip(f"{module} is not installed (group engines)")
    if program and shutil.which(program) is None:
        pytest.skip(f"there is no {program}")
    joined, gaps = run(title, tmp_path)
    homes = iop.demand_points("zcta", state=["VT", "NH"])
    whole = iop.reach(homes, iop.demo_directory(), level_of_care="iop")
    expected = whole.nearest().assign(access=iop.enhanced_two_step_fca(whole).to_numpy())
    pd.testing.assert_frame_equal(texts(joined), expected, check_exact=True)
    measures = {"e2sfca": iop.enhanced_two_step_fca}
    by_county = iop.coverage_gaps(whole, standard="30 mi", measures=measures)
    by_county = by_county.drop(columns=["placement_low", "placement_high"])
    assert by_county["share"].between(0, 1, inclusive="neither").any()
    pd.testing.assert_frame_equal(texts(gaps), by_county, check_exact=True)
