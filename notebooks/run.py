"""Execute every notebook in a fresh kernel; fail on an error, a warning, or an output unlike the committed one.

`python notebooks/run.py` checks, `python notebooks/run.py --update` rewrites; names choose some of them. With a
listing named by `IOPDIR_DIRECTORY` outputs differ by intent: notebooks are executed, not compared, never rewritten.
Where `IOPDIR_REAL_DATA` names no folder, notebooks that need its files are left as they are; those that can do without
(`environ.get`, or `open_listing`) are executed on the SYNTHETIC directory, not compared, never rewritten.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

FORMAT: Any = nbformat  # its functions carry no types
HERE = Path(__file__).parent
AT_ONCE = 2
LONGEST_SECONDS = 300
SHOWN_LINES = 60
REAL = "IOPDIR_REAL_DATA"
NEEDS_REAL = f'environ[\\"{REAL}\\"]'  # as a notebook's JSON has it


def execute(path: Path) -> tuple[str, str]:
    """Run one notebook; give its new text and what went wrong, one of them empty."""
    notebook = FORMAT.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=LONGEST_SECONDS,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # kernels on loopback need no remark
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        return "", re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                return "", f"warning in {cell['id']}:\n{output.text}"
    return as_text(notebook), ""


def as_text(notebook: Any) -> str:  # noqa: ANN401 - a NotebookNode, which carries no types
    """Write a notebook as it is committed."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = FORMAT.from_dict({"kernelspec": kernel, "language_info": {"name": "python"}})
    text: str = FORMAT.writes(notebook, indent=1, ensure_ascii=False)
    return text + "\n"


def difference(old: str, new: str) -> str:
    """Show what changed, shortened to be read."""
    lines = list(
        difflib.unified_diff(old.splitlines(), new.splitlines(), "committed", "now", lineterm="", n=1)
    )
    rest = len(lines) - SHOWN_LINES
    more = [f"... and {rest} lines more"] if rest > 0 else []
    return "\n".join([line[:200] for line in lines[:SHOWN_LINES]] + more)


def judge(path: Path, *, update: bool, compare: bool) -> tuple[bool, str]:
    """Execute a notebook; say whether it passes, and the report on it."""
    start, old = time.monotonic(), path.read_text(encoding="utf-8")
    if NEEDS_REAL in old and REAL not in os.environ:
        return True, f"kept    {path.name}: {REAL} names no folder of real files"
    new, problem = execute(path)
    name = f"{path.name} ({time.monotonic() - start:.0f} s)"
    if problem:
        return False, f"FAILED  {name}\n{problem}"
    if (not compare and NEEDS_REAL not in old) or (REAL in old and REAL not in os.environ):
        return True, f"ran     {name}"
    if new == old:
        return True, f"same    {name}"
    if update:
        path.write_text(new, encoding="utf-8")
        return True, f"wrote   {name}"
    return False, f"CHANGED {name}\n{difference(old, new)}"


def main(words: list[str]) -> int:
    """Execute, compare or rewrite the notebooks beside this file; give the number that failed."""
    chosen = tuple(word for word in words if not word.startswith("-")) or ("",)
    paths = [path for path in sorted(HERE.glob("[0-9]*.ipynb")) if path.name.startswith(chosen)]
    if not paths:
        print("no such notebook")
        return 1
    os.environ["PYTHONHASHSEED"] = "0"
    compare = "IOPDIR_DIRECTORY" not in os.environ
    passed = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for good, report in pool.map(
            lambda path: judge(path, update="--update" in words, compare=compare), paths
        ):
            passed += good
            print(report, flush=True)
    print(f"{passed} passed, {len(paths) - passed} failed")
    return len(paths) - passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
