"""The command that asks a few questions and says what the answers lean to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from iopdir.cli.options import DirectoryFile, open_listing
from iopdir.cli.printing import Format, out, print_frame, print_json, records
from iopdir.errors import LoadError
from iopdir.vocabulary.crisis import IN_CRISIS

__all__ = ["eligibility"]


def eligibility(
    answers: Annotated[
        Path | None, typer.Option("--json", help="Read answers as JSON from a file, or - for standard input.")
    ] = None,
    near_place: Annotated[str | None, typer.Option("--near", help="Also list places near here.")] = None,
    directory: DirectoryFile = None,
) -> None:
    """Ask a few questions and say what the answers lean to, with reasons. Nothing is kept or sent."""
    from pydantic import ValidationError

    from iopdir.eligibility.assessment import Profile, assess
    from iopdir.eligibility.interview import questions, render
    from iopdir.eligibility.matching import match

    if answers is None:
        out.print(IN_CRISIS)
        out.print("Leave a line empty if you do not know or would rather not say.")
        given: dict[str, str | None] = {}
        for question in questions():
            given[question.field] = _ask(question.text, question.answers)
            if question.urgent and given[question.field] == "yes":
                break  # danger goes first: nothing else is asked
        text = json.dumps(given)
    else:
        text = sys.stdin.read() if str(answers) == "-" else _read(answers)
    try:
        profile = Profile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{'.'.join(map(str, first['loc'])) or 'answers'}: {first['msg']}") from None
    assessment = assess(profile)
    places = match(profile, open_listing(directory), near=near_place) if near_place else None
    if answers is not None:
        body = assessment.to_dict()
        print_json(body if places is None else body | {"places": records(places)})
        return
    out.print()
    out.print(render(assessment), highlight=False)
    if places is not None and len(places):
        print_frame(places[["name", "phone", "reason"]], Format.TABLE, heading="Places to call")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(path, expected="answers as JSON", found=f"none that can be read ({error})") from error


def _ask(text: str, choices: tuple[str, ...]) -> str | None:
    while True:
        answer = (
            typer.prompt(f"{text} ({' / '.join(choices)})", default="", show_default=False).strip().lower()
        )
        if not answer:
            return None
        matching = [choice for choice in choices if choice.startswith(answer)]
        if len(matching) == 1:
            return matching[0]
        out.print(f"Please write one of: {', '.join(choices)}. Or leave it empty.")
