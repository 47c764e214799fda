"""Execute every notebook in a fresh kernel; fail on an error, a warning, or an output unlike the committed one.

`python notebooks/run.py` checks, `python notebooks/run.py --update` rewrites; names choose some of them.
"""

from __future__ import annotations

import difflib
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).parent
AT_ONCE = 2
LONGEST_SECONDS = 300


def execute(path: Path) -> tuple[Path, nbformat.NotebookNode | None, str, float]:
    """Run one notebook; give it back with its outputs, or say what went wrong."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [tidy(cell) for cell in notebook.cells]
    start = time.monotonic()
    client = NotebookClient(
        notebook,
        timeout=LONGEST_SECONDS,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # kernels on loopback need no remark
        resources={"metadata": {"path": str(HERE)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        return path, None, str(error), time.monotonic() - start
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                return path, None, f"warning in {cell['id']}:\n{output.text}", time.monotonic() - start
    return path, notebook, "", time.monotonic() - start


def tidy(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop what a run leaves behind, so that only what the cell says remains."""
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    cell.metadata = nbformat.NotebookNode()
    return cell


def as_text(notebook: nbformat.NotebookNode) -> str:
    """Write a notebook as it is committed."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    text: str = nbformat.writes(notebook, indent=1, ensure_ascii=False)
    return text + "\n"


def main() -> int:
    """Execute, compare or rewrite; give the number of notebooks that failed."""
    words = sys.argv[1:]
    update = "--update" in words
    chosen = [word for word in words if not word.startswith("-")]
    paths = [
        p
        for p in sorted(HERE.glob("[0-9]*.ipynb"))
        if not chosen or any(p.name.startswith(c) for c in chosen)
    ]
    os.environ["PYTHONHASHSEED"] = "0"
    failed = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for path, notebook, problem, seconds in pool.map(execute, paths):
            if notebook is None:
                failed += 1
                print(f"FAILED {path.name} ({seconds:.0f} s)\n{problem}")
                continue
            new, old = as_text(notebook), path.read_text(encoding="utf-8")
            if new == old:
                print(f"same   {path.name} ({seconds:.0f} s)")
            elif update:
                path.write_text(new, encoding="utf-8")
                print(f"wrote  {path.name} ({seconds:.0f} s)")
            else:
                failed += 1
                print(f"CHANGED {path.name} ({seconds:.0f} s)")
                lines = difflib.unified_diff(
                    old.splitlines(), new.splitlines(), "committed", "now", lineterm="", n=1
                )
                print("\n".join(line[:200] for line in list(lines)[:60]))
    print(f"{len(paths) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
