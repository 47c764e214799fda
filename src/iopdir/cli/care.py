"""The command that asks a few questions and says what the answers lean to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iopdir.cli.options import CostOption, DirectoryFile, open_cost, open_listing
from iopdir.cli.printing import Format, out, print_frame, print_json, records
from iopdir.limits import MAX_TOML_BYTES, read_whole, readable
from iopdir.vocabulary.crisis import IN_CRISIS

if TYPE_CHECKING:
    from iopdir.eligibility.interview import Question

__all__ = ["eligibility"]


def eligibility(
    answers: Annotated[
        Path | None, typer.Option("--json", help="Read answers as JSON from a file, or - for standard input.")
    ] = None,
    near_place: Annotated[str | None, typer.Option("--near", help="Also list places near here.")] = None,
    max_cost: Annotated[
        str, typer.Option("--max-cost", help="No farther than this, e.g. '30 mi', or '20 min' with --cost.")
    ] = "30 mi",
    cost: CostOption = None,
    directory: DirectoryFile = None,
) -> None:
    """Ask a few questions and say what the answers lean to, with reasons. Nothing is kept or sent."""
    from pydantic import ValidationError

    from iopdir.eligibility.assessment import assess
    from iopdir.eligibility.interview import INTRODUCTION, questions, render
    from iopdir.eligibility.matching import match
    from iopdir.eligibility.profile import Profile

    if answers is None:
        out.print(IN_CRISIS)
        for line in INTRODUCTION:
            out.print(line)
        safety = [question for question in questions() if question.urgent]
        given = {question.field: _ask(question) for question in safety}
        if "yes" not in given.values():  # in danger nothing else is asked
            given |= {question.field: _ask(question) for question in questions() if not question.urgent}
        text = json.dumps(given)
    else:
        text = sys.stdin.read(MAX_TOML_BYTES) if str(answers) == "-" else _read(answers)
    try:
        profile = Profile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{'.'.join(map(str, first['loc'])) or 'answers'}: {first['msg']}") from None
    assessment = assess(profile)
    places = None
    if near_place:
        listing, way = open_listing(directory), open_cost(cost)
        places = match(profile, listing, near=near_place, max_cost=max_cost, cost=way)
    if answers is not None:
        body = assessment.to_dict()
        print_json(body if places is None else body | {"places": records(places)})
        return
    out.print()
    out.print(render(assessment), highlight=False)
    if places is not None and len(places):
        print_frame(places[["kind", "name", "phone", "reason"]], Format.TABLE, heading="Places to call")


def _read(path: Path) -> str:
    data = read_whole(path, expected=(expected := "answers as JSON"), most=MAX_TOML_BYTES)
    with readable(path, expected=expected, kind="none that can be read"):
        return data.decode("utf-8")


def _ask(question: Question) -> str | None:
    out.print(f"\n{question.text}")
    for answer, meaning in question.answers.items():
        out.print(f"  {answer}{': ' if meaning else ''}{meaning}", highlight=False)
    while True:
        said = typer.prompt(
            "", default="", show_default=False, hide_input=question.private, prompt_suffix="> "
        )
        answer = said.strip().lower()
        if not answer:
            return None
        matching = [choice for choice in question.answers if choice.startswith(answer)]
        if len(matching) == 1:
            return matching[0]
        out.print(f"Please write one of: {', '.join(question.answers)}. Or leave it empty.")
