"""The runner tells a changed output, a warning and an error from a notebook that says the same again."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

RUNNER = Path(__file__).resolve().parents[2] / "notebooks" / "run.py"

PARTING = "ERROR:tornado.general", "Assertion failed: pfd.revents & POLLIN (src/signaler.cpp"
"""What tornado and ZeroMQ may say of a kernel that is told to stop."""


def write(path, source):
    cell = nbformat.v4.new_code_cell(source, id="nb-00-00")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


@pytest.fixture
def run(tmp_path):
    """Run a copy of the runner beside the notebooks of a test, in a process of its own."""
    runner = shutil.copy(RUNNER, tmp_path)

    def run(*words, **variables):
        env = {
            k: v for k, v in os.environ.items() if k not in {"IOPDIR_DIRECTORY", "IOPDIR_REAL_DATA"}
        } | variables
        done = subprocess.run(
            [sys.executable, runner, *words], capture_output=True, text=True, env=env, check=False
        )
        if not done.stderr.startswith(PARTING):
            assert done.stderr == ""
        return done.returncode, done.stdout

    return run


def test_update_writes_outputs_that_a_second_run_finds_the_same(run, tmp_path):
    path = write(tmp_path / "01_sum.ipynb", "print(1 + 1)")
    assert run("--update")[1].startswith("wrote   01_sum.ipynb")
    written = path.read_text()
    assert '"2\\n"' in written
    assert "iopub" not in written
    code, said = run()
    assert (code, said[:20]) == (0, "same    01_sum.ipynb")
    assert path.read_text() == written


def test_a_changed_output_an_error_and_a_warning_each_fail_and_are_shown(run, tmp_path):
    changed = write(tmp_path / "01_changed.ipynb", "print('committed words')")
    run("--update")
    changed.write_text(changed.read_text().replace('"committed words\\n"', '"other words\\n"'))
    before = changed.read_text()
    write(tmp_path / "02_error.ipynb", "1 / 0")
    write(tmp_path / "03_warns.ipynb", "import warnings; warnings.warn('mind this')")
    code, said = run()
    first, second, third = said.split("CHANGED ")[1].split("FAILED  ")
    assert first.startswith("01_changed.ipynb")
    assert '-      "other words\\n"' in first
    assert '+      "committed words\\n"' in first
    assert second.startswith("02_error.ipynb")
    assert "ZeroDivisionError" in second
    assert "\x1b" not in second
    assert third.startswith("03_warns.ipynb")
    assert "warning in nb-00-00" in third
    assert "mind this" in third
    assert third.endswith("0 passed, 3 failed\n")
    assert code == 3
    assert changed.read_text() == before


def test_on_a_real_listing_it_runs_without_comparing_or_writing(run, tmp_path):
    path = write(tmp_path / "05_real.ipynb", "import os; print(os.environ['IOPDIR_DIRECTORY'])")
    before = path.read_text()
    code, said = run("--update", IOPDIR_DIRECTORY="listing.parquet")
    assert (code, said[:21]) == (0, "ran     05_real.ipynb")
    assert path.read_text() == before


def test_a_name_that_fits_no_notebook_fails(run, tmp_path):
    write(tmp_path / "01_only.ipynb", "1")
    assert run("02") == (1, "no such notebook\n")


def test_a_long_difference_is_cut_and_says_so():
    runner = runpy.run_path(str(RUNNER))
    lines = runner["difference"]("\n".join(["a" * 300] * 500), "\n".join(["b" * 300] * 500)).splitlines()
    assert [len(line) for line in lines[:5]] == [13, 7, 19, 200, 200]
    assert lines[-1] == f"... and {1003 - runner['SHOWN_LINES']} lines more"
    assert len(lines) == runner["SHOWN_LINES"] + 1


def test_what_reads_real_files_is_kept_without_them_and_compared_with_them(run, tmp_path):
    path = write(tmp_path / "01_real.ipynb", 'import os\nprint(os.environ["IOPDIR_REAL_DATA"])')
    before = path.read_text()
    assert run("--update", IOPDIR_REAL_DATA="here")[1].startswith("wrote   01_real.ipynb")
    assert path.read_text() != before
    assert run(IOPDIR_REAL_DATA="elsewhere")[0] == 1
    code, said = run()
    assert (code, said.splitlines()[0]) == (
        0,
        "kept    01_real.ipynb: IOPDIR_REAL_DATA names no folder of real files",
    )


def test_what_can_do_without_real_files_is_run_on_made_up_ones_and_neither_compared_nor_written(
    run, tmp_path
):
    path = write(
        tmp_path / "01_either.ipynb", 'import os\nprint(os.environ.get("IOPDIR_REAL_DATA", "SYNTHETIC"))'
    )
    assert run("--update", IOPDIR_REAL_DATA="here")[1].startswith("wrote   01_either.ipynb")
    before = path.read_text()
    assert "here" in before
    code, said = run("--update")
    assert (code, said[:23]) == (0, "ran     01_either.ipynb")
    assert path.read_text() == before
    assert run(IOPDIR_REAL_DATA="elsewhere")[0] == 1
