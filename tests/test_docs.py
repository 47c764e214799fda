"""Readers of the reference are users too: every public name is explained, and shown at work."""

import doctest
import importlib.util
import inspect
import re
import subprocess
import sys
from enum import Enum
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

import iopdir

pytestmark = pytest.mark.xdist_group("site")

ROOT = Path(__file__).parents[1]
ROOMS = [name for name in iopdir.__all__ if inspect.ismodule(getattr(iopdir, name))]
NAMES = sorted(
    {name for name in iopdir.__all__ if name not in ROOMS}
    | {
        f"{room}.{name}"
        for room in ROOMS
        for name in getattr(iopdir, room).__all__
        if name not in iopdir.__all__
    }
)
"""The root's names, and those that a namespace alone has."""


def is_plain_type(value: object) -> bool:
    """Enums, errors and records: their docstring says what they hold; others show them at work."""
    return inspect.isclass(value) and issubclass(value, (Enum, Exception, BaseModel, tuple))


@pytest.mark.parametrize("name", [name for name in NAMES if callable(attrgetter(name)(iopdir))])
def test_every_public_name_is_explained_and_shown_at_work(name):
    value = attrgetter(name)(iopdir)
    doc = inspect.getdoc(value) or ""
    assert len(doc.splitlines()[0]) > 15, f"{name} has no docstring"
    if inspect.isfunction(value):
        parameters = [p for p in inspect.signature(value).parameters if p not in {"self", "cls"}]
        if parameters:
            described = {
                part.strip().lstrip("*")
                for line in doc.splitlines()
                if re.fullmatch(r"[\w*, ]+", line)
                for part in line.split(",")
            }
            missing = [p for p in parameters if p not in described]
            assert not missing, f"{name} does not explain {missing}"
        if inspect.signature(value).return_annotation not in {None, "None"}:
            assert "Returns\n" in doc or len(parameters) <= 1, f"{name} does not say what it returns"
    if inspect.isfunction(value) or (inspect.isclass(value) and not is_plain_type(value)):
        shown = doctest.DocTestParser().get_examples(doc) or "```python" in doc
        assert shown or is_dataclass_record(value), f"{name} has no example"


def is_dataclass_record(value: object) -> bool:
    return hasattr(value, "__dataclass_fields__")


@pytest.fixture(scope="module")
def generated() -> Path:
    subprocess.run([sys.executable, "docs/generate.py"], cwd=ROOT, check=True, capture_output=True)
    return ROOT / "docs" / "reference"


def test_every_public_name_is_on_a_reference_page(generated):
    shown = set()
    for page in generated.glob("*.md"):
        shown |= set(re.findall(r"^::: iopdir\.(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert shown == set(NAMES)


def test_nothing_committed_names_a_machine_or_a_registry_host():
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    lock = [name for name in files if name.endswith(".lock")]
    assert lock
    for name in lock:
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name


def laid_out(markdown: str) -> str:
    """A page as the site shows it."""
    spec = importlib.util.spec_from_file_location("shown", ROOT / "docs" / "shown.py")
    shown = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shown)
    page = SimpleNamespace(file=SimpleNamespace(src_uri="how-to/made-up.md"))
    return shown.on_page_markdown(markdown, page=page, config=None, files=[])


def test_a_page_shows_what_its_blocks_give():
    page = laid_out("```python\na = 2\n```\nthen\n```python\nprint('<b>')\na * 21\n```\n")
    assert page.count("```python") == 2
    assert "&lt;b&gt;" in page
    assert "<b>" not in page.replace("print('<b>')", "")
    assert ">42<" in page


def test_a_page_whose_code_fails_or_warns_cannot_be_built():
    with pytest.raises(ZeroDivisionError):
        laid_out("```python\n1 / 0\n```\n")
    with pytest.raises(DeprecationWarning):
        laid_out("```python\nimport warnings\nwarnings.warn('old', DeprecationWarning)\n```\n")
    with pytest.raises(RuntimeError, match="no such place"):
        laid_out('```console\niopdir near "no such place"\n```\n')


def test_a_page_says_which_blocks_are_not_run_and_which_are_files():
    skipped = "<!-- not run: needs a file of yours -->\n```python\n1 / 0\n```\n"
    assert laid_out(skipped) == "```python\n1 / 0\n```\n"
    given = "<!-- file: note.txt -->\n```text\nseen\n```\n"
    read = "```python\nfrom pathlib import Path\nPath('note.txt').read_text()\n```\n"
    assert ">seen<" in laid_out(given + read)


def test_the_words_of_the_command_line_in_the_docs_are_known():
    from iopdir.cli.app import app

    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    known |= {group.name for group in app.registered_groups}
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    used = {
        word
        for page in pages
        for word in re.findall(r"^(?:\.venv/bin/)?iopdir ([\w-]+)", page.read_text(), re.MULTILINE)
    }
    assert used
    assert used <= known
