"""Every committed notebook is one question, its answer, and the check of its answer."""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("[0-9]*.ipynb"))
LISTING = "IOPDIR_DIRECTORY"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def text(cell):
    return "".join(cell["source"])


def code(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def words(notebook):
    return [text(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def outputs(notebook):
    return [output for cell in code(notebook) for output in cell["outputs"]]


def drawings(notebook):
    return [
        "".join(o["data"]["image/svg+xml"]) for o in outputs(notebook) if "image/svg+xml" in o.get("data", {})
    ]


def test_they_are_numbered_from_one():
    assert len(PATHS) >= 16
    assert [path.name[:3] for path in PATHS] == [f"{n:02}_" for n in range(1, len(PATHS) + 1)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
class TestNotebook:
    def test_asks_a_question_and_answers_it_at_once_with_a_number(self, path):
        title, answer = words(read(path))[0].split("\n\n")[:2]
        assert title.startswith("# ")
        assert title.endswith("?")
        assert answer.startswith("**")
        assert re.search(r"\d", answer)

    def test_ends_in_the_check_of_its_answer(self, path):
        cells = read(path)["cells"]
        assert cells[-1]["cell_type"] == "code"
        assert "assert " in text(cells[-1])
        assert not any("assert " in text(cell) for cell in cells[:-1])

    def test_goes_data_method_result_and_what_it_cannot_say(self, path):
        heads = [line for cell in words(read(path)) for line in cell.splitlines() if line.startswith("## ")]
        asked = ["## Data", "## Method", "## Result", "## What this cannot say"]
        assert heads == [*asked, "## Reproduce this"]

    def test_states_the_hash_of_all_that_went_in_and_how_to_run_it_again(self, path):
        notebook = read(path)
        assert f"python notebooks/run.py {path.name[:2]}`" in "".join(words(notebook))
        *_, box, _ = code(notebook)
        assert text(box).startswith("state_inputs(")
        lines = "".join("".join(output["text"]) for output in box["outputs"]).splitlines()
        assert lines
        assert all(re.fullmatch(r"[0-9a-f]{64}  \S.*", line) for line in lines)

    def test_keeps_each_cell_short(self, path):
        assert {
            c["id"]: len(text(c).splitlines()) for c in code(read(path)) if len(text(c).splitlines()) > 12
        } == {}

    def test_has_two_to_four_figures_each_with_a_caption_that_names_its_source(self, path):
        notebook = read(path)
        captions = [
            word for cell in words(notebook) for word in re.findall(r"Figure: .*?\*(?:\n|$)", cell, re.DOTALL)
        ]
        assert 2 <= len(drawings(notebook)) == len(captions) <= 4
        assert all(re.search(r"Source:\s", caption) for caption in captions)

    def test_says_synthetic_in_the_answer_and_on_each_figure_where_places_are_invented(self, path):
        notebook = read(path)
        invented = any(LISTING in text(cell) for cell in code(notebook))
        assert invented == (
            path.name[:2] == "05"
        )  # the others show what a run on the real listing gave, in totals
        assert ("SYNTHETIC" in words(notebook)[0]) == invented
        assert all(("SYNTHETIC" in drawing) == invented for drawing in drawings(notebook))
        if any("open_listing()" in text(cell) for cell in code(notebook)):
            assert "National Directory" in words(notebook)[0]
            assert "SYNTHETIC" in words(notebook)[1]

    def test_links_to_the_next(self, path):
        links = re.findall(r"\]\((\d\d_\w+\.ipynb)\)", "".join(words(read(path))))
        following = PATHS[PATHS.index(path) + 1 :][:1]
        assert links == [other.name for other in following]

    def test_carries_nothing_of_the_run_that_made_it(self, path):
        notebook = read(path)
        number = path.name[:2]
        assert [cell["id"] for cell in notebook["cells"]] == [
            f"nb-{number}-{n:02}" for n in range(len(notebook["cells"]))
        ]
        assert all(cell["metadata"] == {} for cell in notebook["cells"])
        assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
        assert notebook["metadata"]["language_info"] == {"name": "python"}
        assert [cell["execution_count"] for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
        assert not any("<dc:date>" in drawing for drawing in drawings(notebook))

    def test_was_executed_without_error_or_warning_and_stays_small(self, path):
        notebook = read(path)
        assert {o["output_type"] for o in outputs(notebook)} <= {"display_data", "execute_result", "stream"}
        assert all(o["name"] == "stdout" for o in outputs(notebook) if o["output_type"] == "stream")
        assert path.stat().st_size < 700_000

    def test_shows_no_row_of_a_real_listing(self, path):
        shown = "".join("".join(o.get("data", {}).get("text/plain", "")) for o in outputs(read(path)))
        assert path.name[:2] == "05" or not re.search(r"facility_id|\bstreet\b|\d{3}-\d{4}", shown)
